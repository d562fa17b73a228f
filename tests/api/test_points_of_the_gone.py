"""Points that come back to members whose membership has ended: they are forfeited at once."""

from typing import Any

import asyncpg
import pytest

import models
from domain.kernel.callers import Scope
from domain.kernel.database import rows
from domain.ledger.values import Balances
from domain.memberships import merges
from domain.partners import partners
from tests.domain.bookings.test_completions import slow_document
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.risks import open_guarded, rule, waiting
from tests.support.travel import balances

pytestmark = pytest.mark.usefixtures("database")

OLD, HIM = {"reference": "old"}, {"reference": "xiaoli"}
HOTEL = {"product": "hotel", "amount": "300"}
BACK = "redemption { status } pointsReinstated balance { available }"
NOTHING = {
    "redemption": {"status": "CANCELLED"},
    "pointsReinstated": 2000,
    "balance": {"available": 0},
    "replayed": False,
}


async def ordered(stage: Stage) -> tuple[Client, models.Reward, list[str]]:
    """An airline, what it gives for 2000 points, and two orders of it by a member who has 1000
    points besides.
    """
    airline = await stage.partner([Scope.FULFIL, Scope.REDEEM, Scope.READ], "airline")
    partner_id = await partners.find_id(stage.programme, "airline")
    await make.rich_member(stage.programme, 5000, now=TODAY, reference="xiaoli")
    miles = await make.reward(
        stage.programme, kind="PARTNER", list_points=2000, partner_id=partner_id
    )
    made = [
        await stage.member().done(
            "redeemReward", "redemption { id }", reward=miles.code, partnerAccount="CA-8001"
        )
        for _ in range(2)
    ]
    return airline, miles, [one["redemption"]["id"] for one in made]


async def end(stage: Stage, how: str, points: int) -> None:
    """End the membership of `xiaoli`, who gives up so many points by it."""
    if how == "closeMember":
        sent: dict[str, Any] = {"reason": "asked for it", "forfeit": points}
    else:
        sent = {"confirm": points}
    await stage.staff().done(how, member=HIM, **sent)


async def taken_afterwards(*member_ids: Any) -> list[tuple[str, int]]:
    """The entries by which nobody but time takes, in their order."""
    found = await rows(
        "SELECT kind, points FROM ledger_entry WHERE member_id = ANY($1::uuid[]) "
        "AND actor = 'system' AND reason = 'ended' ORDER BY recorded_at, sequence",
        list(member_ids),
    )
    return [(one["kind"], one["points"]) for one in found]


@pytest.mark.parametrize("how", ["closeMember", "eraseMember"])
async def test_points_of_an_order_that_was_open_are_forfeited_as_they_come_back(how: str) -> None:
    stage = await open_stage()
    airline, _, [first, second] = await ordered(stage)
    member_id = await stage.member_id()
    await end(stage, how, 1000)

    back = await airline.done("cancelRedemption", BACK, redemption=first, reason="no such account")
    assert back == NOTHING
    assert await taken_afterwards(member_id) == [("ADJUST", 2000)]
    assert await balances(member_id, TODAY) == Balances()
    settled = await airline.done(
        "fulfilRedemption", "redemption { status }", redemption=second, reference="AIR-1"
    )
    assert settled["redemption"] == {"status": "FULFILLED"}
    assert await make.faults(member_id) == []
    told = await make.payloads("points.adjusted", member_id=member_id)
    assert [one["points"] for one in told][-2:] == [-1000, -2000]


async def test_points_of_who_was_merged_end_with_whom_it_became() -> None:
    stage = await open_stage(slow_document())
    airline, _, [first, _] = await ordered(stage)
    partner, staff = await stage.partner(), stage.staff().reading("en")
    await partner.done("earnForBooking", member=HIM, reference="B", lines=[HOTEL, HOTEL])
    old = await stage.member_id()
    new = await make.rich_member(stage.programme, 7, now=TODAY, reference="new")
    await make.merge(stage.programme, old, new, now=TODAY)
    assert await balances(old, TODAY) == Balances(pending=600)

    sent: dict[str, Any] = {"member": HIM, "reason": "asked for it"}
    refused = await staff.refused("closeMember", **sent, forfeit=1007)
    assert refused["message"] == "The member would lose 1607 points, not 1007."
    await staff.done("closeMember", **sent, forfeit=1607)
    assert await balances(old, TODAY) == Balances()

    assert await partner.done("completeBooking", "pointsMatured", booking="B") == {
        "pointsMatured": 0,
        "replayed": False,
    }
    assert await airline.done("cancelRedemption", BACK, redemption=first) == NOTHING
    assert await taken_afterwards(old, new) == [("ADJUST", 2000)]
    assert [await balances(one, TODAY) for one in (old, new)] == [Balances()] * 2
    assert [one async for one in merges.due(stage.programme)] == []
    assert await make.faults(old, new) == []


async def test_a_booking_that_is_amended_brings_nothing_to_whom_is_gone() -> None:
    stage = await open_stage()
    partner = await stage.partner()
    for reference, booking in (("old", "B-1"), ("xiaoli", "B-2")):
        await partner.done("enrolMember", reference=reference)
        member = {"reference": reference}
        await partner.done("earnForBooking", member=member, reference=booking, lines=[HOTEL])
    old, new = [await stage.member_id(one) for one in ("old", "xiaoli")]
    await make.merge(stage.programme, old, new, now=stage.now())
    await end(stage, "closeMember", 600)
    for booking in ("B-1", "B-2"):
        amended = await partner.done(
            "amendBooking",
            "pointsAwarded member { standing { tier { code } } }",
            booking=booking,
            reference="A-1",
            lines=[{"product": "hotel", "amount": "60000"}],
        )
        assert amended["pointsAwarded"] == 0
        assert amended["member"]["standing"] == {"tier": {"code": "silver"}}
    assert await make.payloads("tier.changed", member_id=new) == []
    assert await make.faults(old, new) == []


async def test_reviews_of_who_was_merged_lapse_with_whom_it_became() -> None:
    stage = await open_guarded(rule("large", "earn", "amount", "review", over=1000))
    partner, staff = await stage.partner(), stage.staff()
    for reference in ("old", "xiaoli"):
        await partner.done("enrolMember", reference=reference)
    old, new = [await stage.member_id(one) for one in ("old", "xiaoli")]
    lines = [{"product": "hotel", "amount": "6000"}]
    await partner.done("earnForBooking", member=OLD, reference="B", lines=lines)
    [review] = await waiting(staff)
    await make.merge(stage.programme, old, new, now=stage.now())
    await end(stage, "closeMember", 6000)
    assert await waiting(staff) == []
    refused = await staff.refused(
        "decideReview", review=review["id"], approve=True, reason="is fine"
    )
    assert refused["code"] == "STATE_CONFLICT"
    assert [await balances(one, stage.now()) for one in (old, new)] == [Balances()] * 2
    assert await make.faults(old, new) == []


async def test_points_that_an_ended_membership_still_has_are_found_and_taken(
    owner_connection: asyncpg.Connection,
) -> None:
    """As they came to it before they were forfeited at once."""
    stage = await open_stage(slow_document())
    partner = await stage.partner()
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    member_id = await stage.member_id()
    await end(stage, "closeMember", 0)
    closed = await owner_connection.fetchval(
        "UPDATE account a SET closed_at = NULL FROM account b WHERE a.member_id = $1 "
        "AND b.member_id = $1 RETURNING b.closed_at",
        member_id,
    )
    status = "UPDATE member SET status = $2 WHERE member_id = $1"
    await owner_connection.execute(status, member_id, "ENROLLED")
    await partner.book("B", HOTEL)
    await make.give(stage.programme, member_id, 20, now=TODAY)
    await owner_connection.execute(status, member_id, "CLOSED")
    again = "UPDATE account SET closed_at = $2 WHERE member_id = $1"
    await owner_connection.execute(again, member_id, closed)

    faults = [one.partition(": ")[2] for one in await make.faults(member_id)]
    assert faults == [
        "pending is 300, should be 0, as the membership has ended",
        "available is 20, should be 0, as the membership has ended",
    ]
    assert [one async for one in merges.due(stage.programme)] == [member_id]
    await merges.follow(stage.programme, member_id, stage.now())
    assert [one async for one in merges.due(stage.programme)] == []
    assert await taken_afterwards(member_id) == [("CLAW_BACK", 300), ("ADJUST", 20)]
    assert await make.faults(member_id) == []
