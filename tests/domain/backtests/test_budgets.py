"""Budgets in back-tests: clipped over all members, in the order in which claims were recorded."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.backtests import backtests, claims, runs
from domain.backtests.backtests import Backtest, BacktestStatus
from domain.kernel.database import row
from domain.programmes.programmes import Programme
from domain.programmes.reader import to_document
from tests.support import backtested, travel
from tests.support import factories as make
from tests.support.backtested import text_of
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database")

NOW = make.NOW + timedelta(days=30)
BASE = make.rule("rate", "base", points=1)


def bonus(points: int, **budget: Any) -> dict[str, Any]:
    return make.rule(
        "bonus", "big", points=500, when={"min_amount": 1000}, budget={"points": points, **budget}
    )


async def crowd() -> Programme:
    """Four members who book in turn, in the order of their ids and against it; 500 of a budget of
    1800 each, the last one 300; one gives back what it got before the last one comes.
    """
    programme = await make.establish(make.variant(BASE, bonus(1800)))
    members = [await make.enrol(programme, reference=f"m{number}") for number in range(4)]
    for minutes, number in enumerate((3, 1, 0)):
        now = make.NOW + timedelta(minutes=minutes)
        reference = f"B-{number}"
        await make.book(programme, members[number], ("hotel", "1000"), reference=reference, now=now)
    later = make.NOW + timedelta(hours=1)
    await travel.refund(programme, "B-1", "R-1", (1, "100"), now=later)
    await make.book(programme, members[1], ("hotel", "2000"), reference="B-4", now=later)
    await make.book(programme, members[2], ("hotel", "1500"), reference="B-2", now=later)
    return programme


def halved(programme: Programme) -> str:
    rules = to_document(programme.versions[-1].policy)["earning"]
    return text_of(programme, earning=[rules[0], bonus(900)])


async def test_the_candidate_halves_a_budget() -> None:
    programme = await crowd()
    same = await backtested.compare(programme, NOW)
    figures = backtested.figures(same, programme)
    assert figures["drift"] == (0, 0)
    assert same.sums["RULE"]["big"] == [1800, 1800]
    assert same.sums["BUDGET_WEEK"] == {"big 2026-W11": [1800, 1800]}
    less = await backtested.compare(programme, NOW, halved(programme))
    # m3 gets 500 and m1 400, which it gives back and gets again; nothing is left for m0 and m2
    assert less.sums["RULE"]["big"] == [1800, 900]
    assert less.sums["LOST"] == {"m0": [1500, 1000], "m1": [3400, 3300], "m2": [1800, 1500]}
    assert less.sums["BUDGET_WEEK"] == {"big 2026-W11": [1800, 900]}
    assert less.omitted == []
    left = await row("SELECT count(*) AS count FROM backtest_claim WHERE backtest_id = $1", less.id)
    assert left == {"count": 0}


async def kept_on(programme: Programme, backtest: Backtest) -> Backtest:
    """Each step twice, by two who know the same: what one did the other does not do again."""
    while not backtest.finished:
        steps = (runs.step(programme, backtest, NOW) for _ in range(2))
        await asyncio.gather(*steps, return_exceptions=False)
        backtest = await backtests.get(programme.id, backtest.id)
    return backtest


async def test_one_that_is_killed_goes_on_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = await crowd()
    whole = await backtested.compare(programme, NOW, halved(programme))
    monkeypatch.setattr(runs, "BATCH", 1)
    monkeypatch.setattr(claims, "CLAIMS_MAX", 2)
    again = await backtested.compare(programme, NOW, halved(programme))
    assert again.hash == whole.hash
    started = await backtested.start(programme, NOW, halved(programme))
    seen = {(1, False)}
    backtest = await backtests.get(programme.id, started)
    while not backtest.finished:
        seen.add((backtest.round, backtest.clipping is not None))
        # whatever a killed run did not write is done again, and what it wrote is not
        await runs.step(programme, backtest, NOW)
        await runs.step(programme, backtest, NOW)
        backtest = await backtests.get(programme.id, started)
    assert seen == {(1, False), (1, True), (2, False), (2, True)}
    assert backtest.hash == whole.hash
    raced = await backtests.get(
        programme.id, await backtested.start(programme, NOW, halved(programme))
    )
    assert (await kept_on(programme, raced)).hash == whole.hash


@pytest.mark.parametrize("steps", [1, 3, 6, 9])
async def test_one_is_cancelled_in_each_of_its_phases(
    monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    programme = await crowd()
    monkeypatch.setattr(runs, "BATCH", 2)
    monkeypatch.setattr(claims, "CLAIMS_MAX", 3)
    started = await backtested.start(programme, NOW, halved(programme))
    for _ in range(steps):
        await runs.step(programme, await backtests.get(programme.id, started), NOW)
    before = await backtests.get(programme.id, started)
    assert before.status is BacktestStatus.RUNNING
    await backtests.cancel(make.request(make.staff(programme), now=NOW), programme, started)
    await runs.step(programme, before, NOW)
    found = await backtests.get(programme.id, started)
    assert replace(found, status=before.status, finished_at=None) == before
    assert (found.status, found.hash) == (BacktestStatus.CANCELLED, None)
    while await claims.forget(programme.id):
        pass
    left = await row("SELECT count(*) AS count FROM backtest_claim WHERE backtest_id = $1", started)
    assert left == {"count": 0}


async def test_what_a_budget_takes_changes_what_others_ask_for() -> None:
    """Points make tiers here. Without its budget m0 would be gold, and would take what is there for
    gold members from m1, which is one.
    """
    levels = [
        {"code": code, "name": make.WORDS, "threshold": least, "multiplier": 1}
        for code, least in (("silver", 0), ("gold", 1000))
    ]
    gold = {"points": 100, "when": {"tiers": ["gold"]}, "budget": {"points": 150}}
    spender = {"count": "paid", "every": 1000, "gives": {"points": 50}, "budget": {"points": 120}}
    document = make.variant(
        BASE | {"budget": {"points": 1800}},
        make.rule("bonus", "gold", **gold),
        tiers={"basis": "points", "window": "lifetime", "levels": levels},
        counts={"paid": {"of": "spend"}},
        grants=[grant("spender", "milestone", **spender)],
    )
    programme = await make.establish(document)
    members = [await make.enrol(programme, reference=f"m{number}") for number in range(2)]
    booked = [(1, "1000"), *[(0, "700")] * 4, *[(1, "700")] * 2]
    for hours, (number, amount) in enumerate(booked):
        now = make.NOW + timedelta(hours=hours)
        await make.book(programme, members[number], ("hotel", amount), now=now)
    found = await backtested.compare(programme, NOW)
    assert backtested.figures(found, programme)["drift"] == (0, 0)
    assert found.sums["RULE"] == {
        "base": [1800, 1800],
        "gold": [150, 150],
        "spender": [120, 120],
    }
    assert found.sums["TIER_MEMBERS"] == {"silver": [1, 1], "gold": [1, 1]}
    assert (found.omitted, found.round) == ([], 3)


async def test_budgets_that_do_not_come_to_rest_are_said_to_be_near(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programme = await crowd()
    monkeypatch.setattr(runs, "ROUNDS_MAX", 1)
    found = await backtested.compare(programme, NOW, halved(programme))
    assert (found.status, found.omitted) == (BacktestStatus.DONE, ["budgets"])


@pytest.mark.parametrize("cheap", ["base", "double"])
async def test_an_amendment_is_granted_no_more_than_was_taken_of_each_budget(cheap: str) -> None:
    """As live: 68 of 76 points, as one of the rules has no more than 30 to give."""
    rules = BASE, make.rule("rate_add", "double", add=1)
    budgeted = [
        {**one, "budget": {"points": 30 if one["code"] == cheap else 1000}} for one in rules
    ]
    programme = await make.establish(make.variant(*budgeted))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "20.00"))
    await travel.refund(programme, "B", "R1", (1, "1.97"))
    await travel.amend(programme, "B", "A", make.line_of("hotel", "40.00"))
    found = await backtested.compare(programme, NOW)
    said = backtested.figures(found, programme)
    assert (said["granted"], said["outstanding"], said["drift"]) == ((68, 68), (68, 68), (0, 0))
