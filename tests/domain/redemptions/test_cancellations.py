"""Cancellations: points back in their own lots, stock and codes with them."""

from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest

from domain.kernel.callers import Caller
from domain.kernel.database import row, rows
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger import states
from domain.redemptions import cancellations
from domain.redemptions.refusals import CodeRevealed, RedemptionState
from tests.conftest import Database
from tests.support import factories as make
from tests.support import private, reading
from tests.support.redeemed import DAY, codes, season_now, stock


async def test_cancelling_gives_back_points_stock_and_tells(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    lounge = await make.reward(programme, stock=5)
    redemption_id = await make.redeem(programme, member_id, lounge, quantity=2)
    later = make.NOW + DAY
    outcome = await cancellations.cancel(
        make.request(make.staff(programme), now=later),
        programme,
        member_id,
        redemption_id,
        reason="not wanted",
    )
    assert outcome.figures["points_reinstated"] == 8000
    assert (await make.available(member_id, later), await stock(lounge)) == (9000, 5)
    made = await row(
        "SELECT status, cancelled_at, cancelled_by, cancel_reason FROM redemption "
        "WHERE member_id = $1",
        member_id,
    )
    assert made is not None
    assert await private.text(member_id, made.pop("cancel_reason")) == "not wanted"
    assert made == {
        "status": "CANCELLED",
        "cancelled_at": later,
        "cancelled_by": "staff:kim",
    }
    told = await rows(
        "SELECT payload FROM outbox_event WHERE member_id = $1 AND topic = 'redemption.cancelled'",
        member_id,
    )
    assert [orjson.loads(event["payload"]) for event in told] == [
        {"redemption_id": str(redemption_id), "points": 8000}
    ]


async def test_what_is_cancelled_cannot_be_cancelled_again(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    redemption_id = await make.redeem(programme, member_id, await make.reward(programme, stock=1))
    await make.cancel(programme, member_id, redemption_id)
    async with make.refused(programme, RedemptionState, "redemption", status="CANCELLED"):
        await make.cancel(programme, member_id, redemption_id)


async def test_a_member_cancels_its_own_service(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    redemption_id = await make.redeem(programme, member_id, await make.reward(programme))
    caller = make.member_caller(programme, "me", member_id)
    await make.cancel(programme, member_id, redemption_id, caller=caller)
    assert await make.available(member_id) == 9000


@pytest.mark.parametrize("pooled", [True, False])
async def test_a_member_may_not_cancel_a_coupon_whose_code_was_shown(
    database: Database, pooled: bool
) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    coupon = await make.reward(programme, kind="COUPON", pooled_codes=pooled, list_points=10)
    if pooled:
        await make.pool(coupon, "A")
    redemption_id = await make.redeem(programme, member_id, coupon)
    caller = make.member_caller(programme, "me", member_id)
    async with make.refused(programme, CodeRevealed, "redemption"):
        await make.cancel(programme, member_id, redemption_id, caller=caller)
    await make.cancel(programme, member_id, redemption_id, caller=make.partner(programme))
    assert await make.available(member_id) == 100
    assert list((await codes(coupon)).values()) == ["VOID"]


async def test_a_strange_redemption_is_not_there(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    member_id, neighbour = [await make.rich_member(programme, 9000) for _ in range(2)]
    redemption_id = await make.redeem(programme, member_id, await make.reward(programme))
    callers: list[tuple[Caller, UUID, UUID]] = [
        (make.member_caller(programme, "x", neighbour), member_id, redemption_id),
        (make.member_caller(programme, "x", neighbour), neighbour, redemption_id),
        (make.member_caller(programme, "x"), member_id, redemption_id),
        (make.partner(programme), neighbour, redemption_id),
        (make.partner(programme), member_id, UUID(int=0)),
    ]
    for caller, whose, which in callers:
        async with make.refused(programme, NotFound, "redemption", what="redemption"):
            await make.cancel(programme, whose, which, caller=caller)
    async with make.refused(programme, NotFound, "redemption"):
        await make.cancel(other, member_id, redemption_id, caller=make.staff(other))


async def test_a_reason_that_cannot_be_is_refused(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 9000)
    redemption_id = await make.redeem(programme, member_id, await make.reward(programme))
    for reason, why in (
        ("", "too_short"),
        ("x" * 1001, "too_long"),
        ("\x00", "control_characters"),
    ):
        async with make.refused(programme, InvalidInput, "reason", reason=why):
            await cancellations.cancel(
                make.request(make.staff(programme)), programme, member_id, redemption_id, reason
            )


async def test_reinstatement_goes_to_the_same_lots_with_their_own_expiry(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 40 * DAY)
    await make.give(programme, member_id, 100, now=make.NOW - 40 * DAY)
    await make.give(programme, member_id, 50, now=make.NOW - 20 * DAY)
    await make.give(programme, member_id, 70)
    before = (await states.live_state([member_id]))[member_id].lots
    reward = await make.reward(programme, list_points=120)
    redemption_id = await make.redeem(programme, member_id, reward)
    left = (await states.live_state([member_id]))[member_id].lots
    assert sorted((lot.points, lot.remaining) for lot in left) == [(50, 30), (70, 70)]
    await make.cancel(programme, member_id, redemption_id, now=make.NOW + DAY)
    after = (await states.live_state([member_id]))[member_id].lots
    assert sorted(after, key=lambda lot: lot.id) == sorted(before, key=lambda lot: lot.id)


async def test_points_that_come_back_expired_expire_at_once_in_two_visible_rows(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.give(programme, member_id, 100)
    await make.give(programme, member_id, 50, now=make.NOW + 30 * DAY)
    reward = await make.reward(programme, list_points=120)
    redemption_id = await make.redeem(programme, member_id, reward, now=make.NOW + 60 * DAY)
    gone = datetime(2027, 3, 15, 16, tzinfo=UTC)
    outcome = await make.cancel(programme, member_id, redemption_id, now=gone)
    assert outcome.figures["points_reinstated"] == 120
    entries = await reading.entries(member_id, limit=2)
    assert [(e.kind, e.points, e.available_after, e.effective_at) for e in entries] == [
        ("EXPIRE", 100, 50, gone),
        ("REINSTATE", 120, 150, gone),
    ]
    assert await make.available(member_id, gone) == 50


async def test_points_reinstated_are_not_earned_again(database: Database) -> None:
    """They count toward no tier, and no limit is refreshed by them."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "4500"))
    standing = await row(
        "SELECT sum(points) AS points FROM tier_credit WHERE member_id = $1", member_id
    )
    redemption_id = await make.redeem(programme, member_id, await make.reward(programme))
    await make.cancel(programme, member_id, redemption_id)
    assert standing == await row(
        "SELECT sum(points) AS points FROM tier_credit WHERE member_id = $1", member_id
    )
    assert await make.available(member_id) == 4500


async def test_the_price_of_the_time_comes_back(database: Database) -> None:
    programme = await make.establish(season_now())
    member_id = await make.rich_member(programme, 4000)
    redemption_id = await make.redeem(programme, member_id, await make.reward(programme))
    outcome = await make.cancel(programme, member_id, redemption_id, now=make.NOW + 30 * DAY)
    assert outcome.figures["points_reinstated"] == 2000
