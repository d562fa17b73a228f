"""Back-tests as they are asked for, played batch by batch, and cancelled."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import models
from domain.activities import reversals
from domain.backtests import backtests, runs
from domain.backtests.backtests import Backtest, BacktestStatus
from domain.backtests.tally import FIGURES_KEY, Dimension
from domain.kernel.refusals import InvalidInput, NotFound, Refusal
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.programmes.reader import to_document
from domain.programmes.refusals import PolicyInvalid
from domain.programmes.sources import OfVersion
from tests.support import backtested, travel
from tests.support import factories as make
from tests.support.backtested import figures, text_of

pytestmark = pytest.mark.usefixtures("database")

NOW = make.NOW + timedelta(days=30)


async def start(programme: Programme, text: str, **sent: Any) -> UUID:
    return await backtested.start(programme, NOW, text, **sent)


async def played(programme: Programme, backtest_id: UUID) -> Backtest:
    return await backtested.play(programme, backtest_id, NOW)


async def flights(programme: Programme) -> None:
    """Ten bookings that earn the bonus for flights, of which one loses it by a refund."""
    for number in range(5):
        member_id = await make.enrol(programme, reference=f"m{number}")
        for flight in range(2):
            reference = f"F-{number}-{flight}"
            await make.book(programme, member_id, ("flight", "2000"), reference=reference)
    await travel.refund(programme, "F-0-0", "R-1", (1, "100"))


async def test_the_text_in_force_changes_nothing_and_less_of_a_bonus_what_it_is_less() -> None:
    programme = await make.establish()
    await flights(programme)
    same = await played(programme, await start(programme, text_of(programme)))
    assert (same.status, same.members, same.played, same.assumed) == (BacktestStatus.DONE, 5, 5, 0)
    found = figures(same, programme)
    assert all(baseline == candidate for baseline, candidate in found.values()), found
    assert found["granted"] == (24_400, 24_400)
    assert found["drift"] == (0, 0)
    assert found["net_cash"] == (19_900, 19_900)
    assert Dimension.WON not in same.sums

    earning = to_document(programme.versions[-1].policy)["earning"]
    for rule in earning:
        if rule["code"] == "flight_over_2000":
            rule["points"] = 400
    less = await played(programme, await start(programme, text_of(programme, earning=earning)))
    found = figures(less, programme)
    assert found["granted"] == (24_400, 23_500)
    assert found["granted_worth"] == (244, 235)
    assert less.sums[Dimension.RULE]["flight_over_2000"] == [4500, 3600]
    assert less.sums[Dimension.PRODUCT]["flight"] == [24_400, 23_500]
    lost = less.sums[Dimension.LOST]
    assert sorted(lost.values()) == [[4400, 4300]] + [[5000, 4800]] * 4
    assert less.hash != same.hash
    again = await played(programme, await start(programme, text_of(programme)))
    assert again.hash == same.hash


async def test_only_what_occurred_in_the_period_is_judged_by_the_candidate() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW)
    for days in (0, 5, 10):
        now = make.NOW + timedelta(days=days)
        await make.book(programme, member_id, ("hotel", "100"), now=now)
    base = to_document(programme.versions[-1].policy)["earning"][0]
    text = text_of(programme, earning=[{**base, "points": "3"}])
    day = timedelta(days=1)
    period = {"from_": make.NOW + day, "until": make.NOW + 7 * day, "cutoff": NOW}
    found = await played(programme, await start(programme, text, **period))
    assert found.sums[FIGURES_KEY]["granted"] == [100, 300]
    assert found.sums[FIGURES_KEY]["outstanding"] == [300, 500]
    early = await played(
        programme, await start(programme, text, **period | {"cutoff": make.NOW + 6 * day})
    )
    assert early.sums[FIGURES_KEY]["outstanding"] == [200, 400]


async def test_tiers_rise_as_the_candidate_is_published_and_points_that_lack_are_unmet() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, reference="rising")
    await make.book(programme, member_id, ("hotel", "3500"))
    reward = await make.reward(programme, list_points=3500)
    await make.redeem(programme, member_id, reward, now=make.NOW + timedelta(days=20))
    tiers = to_document(programme.versions[-1].policy)["tiers"]
    tiers["levels"][1]["threshold"] = "3000"
    day = timedelta(days=1)
    later = {"from_": make.NOW + day}
    found = await played(
        programme, await start(programme, text_of(programme, tiers=tiers), **later)
    )
    assert found.sums[Dimension.TIER_MEMBERS] == {"silver": [1, 0], "gold": [0, 1]}
    half = to_document(programme.versions[-1].policy)["earning"][0] | {"points": "0.5"}
    found = await played(programme, await start(programme, text_of(programme, earning=[half])))
    assert found.sums[FIGURES_KEY]["unmet"] == [0, 3500]
    assert found.sums[FIGURES_KEY]["redeemed"] == [3500, 0]


async def test_an_activity_that_staff_reversed_is_taken_back_on_both_sides() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for number in range(3):
        await make.act(programme, member_id, "review", reference=f"review-{number}")
    [first, *_] = await models.Activity.filter(member_id=member_id).order_by("id")
    request = make.request(make.staff(programme), now=make.NOW + timedelta(days=1))
    await reversals.reverse(request, programme, (member_id, first.id), "copied")
    before = make.NOW + timedelta(hours=1)
    early = await played(programme, await start(programme, text_of(programme), cutoff=before))
    found = await played(programme, await start(programme, text_of(programme)))
    whole, less = 3 * first.points, 2 * first.points
    for one, points in ((early, whole), (found, less)):
        assert one.sums[FIGURES_KEY]["granted"] == [points, points]
        assert one.sums[FIGURES_KEY]["outstanding"] == [points, points]
        assert figures(one, programme)["drift"] == (0, 0)


async def test_example_21() -> None:
    """Flight bonus 500 to 400: ten earned it, one lost it by refund: 900 points less, 9.00."""
    programme = await make.establish()
    await flights(programme)
    same = figures(await played(programme, await start(programme, text_of(programme))), programme)
    assert all(candidate - baseline == 0 for baseline, candidate in same.values())
    earning = to_document(programme.versions[-1].policy)["earning"]
    for rule in earning:
        if rule["code"] == "flight_over_2000":
            rule["points"] = 400
    less = await played(programme, await start(programme, text_of(programme, earning=earning)))
    found = figures(less, programme)
    assert found["granted"][1] - found["granted"][0] == -900
    assert found["granted_worth"][1] - found["granted_worth"][0] == -9


async def test_those_of_long_ago_are_removed_as_one_begins() -> None:
    programme = await make.establish()
    text, made = text_of(programme), []
    for _ in range(3):
        made.append(await start(programme, text))
        await played(programme, made[-1])
    waiting = await start(programme, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backtests, "KEPT_MAX", 2)
        newest = await start(programme, text)
    found = [one.id for one in await backtests.page(programme.id, limit=9, after=None)]
    assert found == [newest, waiting, made[2]]


async def test_no_more_wait_than_may_when_two_are_started_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each keeps its transaction open until the other has found room, too, or has to wait."""
    programme = await make.establish()
    text = text_of(programme)
    for _ in range(backtests.WAITING_MAX - 1):
        await start(programme, text)
    both, room = asyncio.Barrier(2), backtests._make_room

    async def meet(of: Programme) -> None:
        await room(of)
        with contextlib.suppress(TimeoutError, asyncio.BrokenBarrierError):
            await asyncio.wait_for(both.wait(), 1)

    monkeypatch.setattr(backtests, "_make_room", meet)
    outcomes = await asyncio.gather(
        *(start(programme, text) for _ in range(2)), return_exceptions=True
    )
    refused = [one for one in outcomes if isinstance(one, InvalidInput)]
    assert [one.facts["reason"] for one in refused] == ["too_many_backtests"]
    assert await backtests.count(programme.id) == backtests.WAITING_MAX


async def test_it_goes_on_where_it_was_and_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = await make.establish()
    await flights(programme)
    whole = await played(programme, await start(programme, text_of(programme)))
    monkeypatch.setattr(runs, "BATCH", 2)
    first = await start(programme, text_of(programme))
    second = await start(programme, text_of(programme))
    queued = await backtests.get(programme.id, first)
    await runs.step(programme, queued, NOW)
    once = await backtests.get(programme.id, first)
    assert (once.status, once.played) == (BacktestStatus.RUNNING, 2)
    # what another played meanwhile is not added twice
    await runs.step(programme, queued, NOW)
    assert await backtests.get(programme.id, first) == once
    waiting = await runs.next_of(programme.id)
    assert waiting is not None
    assert waiting.id == first
    assert (await played(programme, first)).hash == whole.hash

    request = make.request(make.staff(programme), now=NOW)
    await backtests.cancel(request, programme, second)
    cancelled = await backtests.get(programme.id, second)
    assert (cancelled.status, cancelled.hash) == (BacktestStatus.CANCELLED, None)
    await runs.step(programme, replace(cancelled, status=BacktestStatus.QUEUED), NOW)
    assert await backtests.get(programme.id, second) == cancelled
    assert await runs.next_of(programme.id) is None
    other = await make.establish()
    with pytest.raises(NotFound):
        await backtests.cancel(make.request(make.staff(other), now=NOW), other, second)


async def test_what_cannot_be_compared_is_refused() -> None:
    programme = await make.establish()
    text, day = text_of(programme), timedelta(days=1)
    with pytest.raises(PolicyInvalid):
        await start(programme, "programme: 7")
    wrong: list[tuple[str, dict[str, datetime]]] = [
        ("in_future", {"until": NOW + day}),
        ("in_future", {"cutoff": NOW + day}),
        ("date_range", {"from_": datetime.min.replace(tzinfo=UTC)}),
        ("not_after_from", {"from_": NOW}),
        ("not_after_from", {"cutoff": NOW - 365 * day}),
    ]
    for reason, sent in wrong:
        with pytest.raises(InvalidInput, match=reason):
            await start(programme, text, **sent)
    with pytest.raises(InvalidInput, match="fixed"):
        await start(programme, text_of(programme, currency="EUR"))
    with pytest.raises(NotFound):
        await start(programme, text, baseline=OfVersion(2))
    key = "k" * 16
    assert await start(programme, text, key=key) == await start(programme, text, key=key)
    assert await backtests.count(programme.id) == 1
    for _ in range(backtests.WAITING_MAX - 1):
        await start(programme, text)
    with pytest.raises(InvalidInput, match="too_many_backtests"):
        await start(programme, text)


async def test_a_single_version_can_be_the_baseline() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "100"))
    base = to_document(programme.versions[-1].policy)["earning"][0] | {"points": "2"}
    request = make.request(make.staff(programme), now=make.NOW)
    await programmes.publish(request, text_of(programme, earning=[base]))
    programme = await programmes.get(programme.code)
    found = await played(
        programme, await start(programme, text_of(programme), baseline=OfVersion(2))
    )
    assert found.sums[FIGURES_KEY]["granted"] == [200, 200]
    assert figures(found, programme)["drift"] == (100, 100)


async def test_a_document_that_was_never_published_can_be_the_baseline() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "100"))
    base = to_document(programme.versions[-1].policy)["earning"][0]
    tried, compared = [text_of(programme, earning=[base | {"points": n}]) for n in ("3", "2")]
    found = await played(programme, await start(programme, tried, baseline=compared))
    assert found.sums[FIGURES_KEY]["granted"] == [200, 300]
    assert found.baseline is None
    assert figures(found, programme)["drift"] == (100, 200)
    for wrong, at in (
        (text_of(programme, currency="EUR"), ("baseline", "document", "currency")),
        ("programme: none", ("baseline", "document")),
    ):
        with pytest.raises(Refusal) as refused:
            await start(programme, tried, baseline=wrong)
        assert refused.value.path == at


async def test_one_that_cannot_be_played_has_failed_and_the_next_is_played(
    owner_connection: Any,
) -> None:
    programme = await make.establish()
    await make.book(programme, await make.enrol(programme), ("hotel", "100"))
    broken, sound = [await start(programme, text_of(programme)) for _ in range(2)]
    await owner_connection.execute(
        "UPDATE backtest SET candidate = 'programme: none' WHERE id = $1", broken
    )

    first = await runs.next_of(programme.id)
    assert first is not None
    assert first.id == broken
    with pytest.raises(PolicyInvalid):
        await runs.step(programme, first, NOW)
    failed = await backtests.get(programme.id, broken)
    assert failed.status is BacktestStatus.FAILED
    assert failed.failure is not None
    assert failed.failure.startswith("PolicyInvalid: ")
    assert (await played(programme, sound)).status is BacktestStatus.DONE
