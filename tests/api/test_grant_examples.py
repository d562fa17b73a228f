"""Examples of what programmes give by themselves, with what happens in every order that it can.

A budget that is nearly used, a coupon that is used, bookings that were imported, and a threshold
that is lowered.
"""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

import models
from domain.activities import waiting
from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.history import history
from domain.history.history import PastBooking
from domain.kernel.database import row, rows
from tests.domain.activities.test_tier_raises import raise_all
from tests.support import factories as make
from tests.support import tiered
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.granted import (
    GRANTS,
    available,
    faults,
    grant,
    member_of,
    open_granting,
    told,
)

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


def hotel(amount: str) -> dict[str, Any]:
    return {"product": "hotel", "amount": amount}


def trip(points: int) -> dict[str, Any]:
    """A mission of one booking, all of which together give 10 000 points."""
    step = {"code": "trip", "name": make.WORDS, "fact": "booking"}
    window = {"days": 30, "after": "joining"}
    terms = {"window": window, "steps": [step], "budget": {"points": 10_000}}
    return grant("trip", "mission", gives={"points": points}, **terms)


async def book(partner: Client, who: str, reference: str) -> list[tuple[str, str, int]]:
    sent: dict[str, Any] = {
        "member": {"reference": who},
        "reference": reference,
        "lines": [hotel("100")],
    }
    return told(await partner.done("earnForBooking", GRANTS, **sent))


@pytest.mark.parametrize("first", ["again", "another"])
async def test_a_budget_that_is_nearly_used_clips_and_gets_back_what_is_reversed(
    first: str,
) -> None:
    """Mission 500, budget 10 000, 9800 used: one member gets 200, the next 0; reversing the first
    returns 200, to whoever comes next: this member again, or another.
    """
    names = ("big-1", "big-2", "one", "next", "another")
    document = make.shipped_document(grants=[trip(4900)], earning=[])
    stage = await open_stage(document)
    partner = await stage.partner()
    for name in names:
        await make.enrol(stage.programme, now=TODAY, reference=name)

    async def used() -> int:
        found = await row(
            "SELECT used FROM rule_budget WHERE programme_id = $1", stage.programme.id
        )
        return 0 if found is None else int(found["used"])

    async def has(name: str) -> int:
        balance = await stage.member(name).read("{ me { balance { available } } }")
        points: int = balance["me"]["balance"]["available"]
        return points

    for name in names[:2]:
        await book(partner, name, name)
    await make.publish(stage.programme, {**document, "grants": [trip(500)]}, now=stage.now())
    assert await used() == 9800
    assert await book(partner, "one", "A") == [("trip", "RECORDED", 200)]
    assert await book(partner, "next", "B") == [("trip", "RECORDED", 0)]
    # what gave nothing has nothing to return
    await partner.done("refundBooking", booking="B", reference="R")
    assert await used() == 10_000
    lost = await partner.done("refundBooking", GRANTS, booking="A", reference="R")
    assert (told(lost), await used()) == ([("trip", "REVERSED", 200)], 9800)
    calls = {"again": ("one", "A2"), "another": ("another", "C")}
    for call in (first, *(calls.keys() - {first})):
        await book(partner, *calls[call])
    assert await used() == 10_000
    assert [await has("one"), await has("another")] == ([200, 0] if first == "again" else [0, 200])
    for name in names:
        assert await faults(await member_of(stage, name)) == []


async def test_many_at_once_are_given_no_more_than_the_budget_and_each_once() -> None:
    """Eight members at once, two bookings of each: of 10 000 points four get 2400, one the rest."""
    names = [f"m-{number}" for number in range(8)]
    stage = await open_stage(make.shipped_document(grants=[trip(2400)], earning=[]))
    partner = await stage.partner()
    for name in names:
        await make.enrol(stage.programme, now=TODAY, reference=name)
    calls = [book(partner, name, f"{letter}-{name}") for letter in "AB" for name in names]
    brought = [one for grants in await asyncio.gather(*calls) for one in grants]
    points = sorted(points for _, _, points in brought)
    assert points == [0, 0, 0, 400, 2400, 2400, 2400, 2400]
    for name in names:
        assert await faults(await member_of(stage, name)) == []


@pytest.mark.parametrize("imported", [12, 9])
async def test_imported_bookings_count_and_bring_nothing(imported: int) -> None:
    """`at: 10`, 12 bookings imported: nothing, nor at the 13th; a later fact that lifts the count
    to its number brings it, as the tenth after nine does.
    """
    tenth = grant("tenth", "milestone", count="trips", at=10, gives={"points": 500})
    stage = await open_stage(
        make.shipped_document(grants=[tenth], counts={"trips": {"of": "bookings"}}, earning=[])
    )
    instants = [stage.now() - timedelta(days=40 - number) for number in range(imported)]
    past = [
        PastBooking(
            number,
            at,
            BookingSent(
                f"{stage.programme.code}-{number}",
                (LineSent("hotel", Decimal(100)),),
                booked_at=at,
            ),
        )
        for number, at in enumerate(instants)
    ]
    played = await history.play(stage.programme, "xiaoli", past, stage.now(), enrol=True)
    assert (played.recorded, played.refused) == (imported, ())
    partner = await stage.partner()
    member_id = await member_of(stage)
    assert await available(partner) == 0
    brought = [] if imported >= 10 else [("tenth", "RECORDED", 500)]
    assert told(await partner.book("next", hotel("100"), selection=GRANTS)) == brought
    if imported >= 10:
        # of thirteen nine are left, and then ten
        for number in range(4):
            reference = {"booking": past[number].sent.reference, "reference": f"R-{number}"}
            lost = await stage.staff().done("refundBooking", GRANTS, **reference)
            assert lost["grants"] == []
        back = await partner.book("tenth", hotel("100"), selection=GRANTS)
        assert told(back) == [("tenth", "RECORDED", 500)]
    assert await available(partner) == 500
    assert await faults(member_id) == []


WELCOME = grant("gold_welcome", "tier_entry", tiers=["gold"], gives={"reward": "gold_coupon"})


async def coupon(stage: Stage, *codes: str) -> models.Reward:
    made = await make.reward(
        stage.programme, kind="COUPON", code="gold_coupon", list_points=0, pooled_codes=True
    )
    if codes:
        await make.pool(made, *codes)
    return made


async def states(stage: Stage) -> dict[str, str]:
    found = await rows(
        "SELECT code, status FROM coupon_code WHERE programme_id = $1", stage.programme.id
    )
    return {one["code"]: one["status"] for one in found}


async def test_a_coupon_that_was_used_is_kept_when_gold_is_lost_and_never_comes_again() -> None:
    stage, partner = await open_granting(WELCOME)
    await coupon(stage, "C-1", "C-2")
    member_id = await member_of(stage)
    risen = await partner.book("A", hotel("5200"), selection=GRANTS)
    assert told(risen) == [("gold_welcome", "RECORDED", 0)]
    await partner.done("useCoupon", "redemption { status }", code="C-1")
    # below 5000: silver, and the coupon is kept; gold again brings no second
    part: dict[str, Any] = {
        "lines": [{"line": 1, "amount": "300"}],
        "booking": "A",
        "reference": "R",
    }
    assert (await partner.done("refundBooking", GRANTS, **part))["grants"] == []
    assert (await tiered.holding(member_id)).tier == "silver"
    again = await partner.book("B", hotel("300"), selection=GRANTS)
    assert (again["grants"], (await tiered.holding(member_id)).tier) == ([], "gold")
    # nor do staff take it back
    [activity] = (
        await stage.staff().read(
            '{ member(by: {reference: "xiaoli"}) { activities { edges { node { id } } } } }'
        )
    )["member"]["activities"]["edges"]
    sent = {"activity": activity["node"]["id"], "reason": "spent below"}
    problem = await stage.staff().refused("reverseActivity", **sent)
    assert (problem["code"], problem["reason"]) == ("INVALID_INPUT", "already_used")
    assert await states(stage) == {"C-1": "USED", "C-2": "IMPORTED"}
    assert await faults(member_id) == []


@pytest.mark.parametrize("codes_come", ["before", "between", "after"])
async def test_a_coupon_follows_gold_whenever_its_codes_come(codes_come: str) -> None:
    """Gold is had, lost and had again; codes come before all that, while it is lost, or at last."""
    stage, partner = await open_granting(WELCOME)
    made = await coupon(stage, *(("C-1", "C-2") if codes_come == "before" else ()))
    member_id = await member_of(stage)

    async def retried() -> int:
        now = stage.now() + HOUR
        due = [one async for one in waiting.candidates(stage.programme, now)]
        return sum([await waiting.give(stage.programme, one, now) for one in due])

    first = await partner.book("A", hotel("5000"), selection=GRANTS)
    known = "RECORDED" if codes_come == "before" else "WAITING"
    assert told(first) == [("gold_welcome", known, 0)]
    lost = await partner.done("refundBooking", GRANTS, booking="A", reference="R")
    assert told(lost) == [("gold_welcome", "REVERSED", 0)]
    if codes_come == "between":
        await make.pool(made, "C-1", "C-2")
    # what is lost is waited for no more
    assert await retried() == 0
    again = await partner.book("B", hotel("5000"), selection=GRANTS)
    known = "WAITING" if codes_come == "after" else "RECORDED"
    assert told(again) == [("gold_welcome", known, 0)]
    if codes_come == "after":
        await make.pool(made, "C-1", "C-2")
        assert await retried() == 1
    assert await retried() == 0
    issued = {"C-1": "ISSUED", "C-2": "IMPORTED"}
    assert await states(stage) == (
        {"C-1": "VOID", "C-2": "ISSUED"} if codes_come == "before" else issued
    )
    assert await faults(member_id) == []


@pytest.mark.parametrize("first", ["job", "booking", "refund"])
async def test_a_lower_threshold_welcomes_once_whatever_comes_first(first: str) -> None:
    """Version 2 lowers gold to 3000. A member with 3500 does nothing: gold by the job, for reason
    `policy`, with its welcome. A booking, or a refund to less than 3000, may come before the job.
    """
    document = make.shipped_document(grants=[WELCOME])
    stage = await open_stage(document)
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    await coupon(stage, "C-1", "C-2")
    partner, member_id = await stage.partner(), await member_of(stage)
    assert (await partner.book("A", hotel("3500"), selection=GRANTS))["grants"] == []
    document["tiers"]["levels"][1]["threshold"] = 3000
    programme = await make.publish(stage.programme, document, now=stage.now())

    given = []
    if first == "booking":
        given += (await partner.book("B", hotel("10"), selection=GRANTS))["grants"]
    elif first == "refund":
        part: dict[str, Any] = {
            "lines": [{"line": 1, "amount": "600"}],
            "booking": "A",
            "reference": "R",
        }
        given += (await partner.done("refundBooking", GRANTS, **part))["grants"]
    assert len(given) == (first == "booking")
    for _ in range(2):
        await raise_all(programme, stage.now())
    shown = await stage.member().read(
        "{ me { standing { tier { code } } activities(grants: true) { edges { node "
        "{ type status redemption { status points } } } } } }"
    )
    welcomed = {
        "node": {
            "type": "gold_welcome",
            "status": "RECORDED",
            "redemption": {"status": "FULFILLED", "points": 0},
        }
    }
    is_gold = first != "refund"
    assert shown["me"]["standing"]["tier"]["code"] == ("gold" if is_gold else "silver")
    assert shown["me"]["activities"]["edges"] == [welcomed] * is_gold
    reasons = {"job": ["policy"], "booking": ["qualified"], "refund": []}[first]
    assert [reason for reason, _, _ in await tiered.decisions(member_id)] == reasons
    # a later booking brings it to who was refunded, and no second to the others
    last = await partner.book("C", hotel("100"), selection=GRANTS)
    assert [one["type"] for one in last["grants"]] == ["gold_welcome"] * (not is_gold)
    assert sorted((await states(stage)).values()) == ["IMPORTED", "ISSUED"]
    assert await faults(member_id) == []
