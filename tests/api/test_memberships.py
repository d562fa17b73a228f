"""Memberships that staff suspend, reinstate and end, over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from api.kit.relay import to_global_id
from domain.accounts import sweeps
from domain.kernel.database import rows, update
from domain.ledger.values import Balances
from tests.domain.bookings.test_completions import slow_document
from tests.support import factories as make
from tests.support import private
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.travel import balances

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
STATUS = "member { status }"
HOTEL = {"product": "hotel", "amount": "100"}
EARNED = "pointsAwarded booking { explanation { text } }"


async def open_shop(document: dict[str, Any] | None = None) -> tuple[Stage, Client, Client]:
    """A member with 500 points."""
    stage = await open_stage(document)
    await make.rich_member(stage.programme, 500, now=TODAY, reference="xiaoli")
    return stage, await stage.partner(), stage.staff().reading("en")


async def changes(stage: Stage) -> list[tuple[Any, ...]]:
    member_id = await stage.member_id()
    found = await rows(
        "SELECT from_status, to_status, points, reason, actor FROM member_change "
        "WHERE member_id = $1 ORDER BY number",
        member_id,
    )
    for change in found:
        change["reason"] = await private.text(member_id, change["reason"])
    return [tuple(change.values()) for change in found]


async def test_who_is_suspended_neither_earns_nor_spends() -> None:
    stage, partner, staff = await open_shop()
    reward = await make.reward(stage.programme, list_points=100, stock=9)
    member_id = await stage.member_id()
    held = await make.redeem(stage.programme, member_id, reward, hold=True, now=TODAY)
    hold = str(to_global_id("Redemption", held, member_id=member_id))
    await partner.book("before", HOTEL)
    for reason in ("looks stolen", "and again"):
        sent: dict[str, Any] = {"member": HIM, "reason": reason}
        if reason == "looks stolen":
            assert await staff.done("suspendMember", STATUS, **sent) == {
                "member": {"status": "SUSPENDED"},
                "replayed": False,
            }
        else:
            refused = await staff.refused("suspendMember", **sent)
            assert refused["message"] == (
                "The member is suspended; this is possible only when it is enrolled, a guest, "
                "or under review."
            )
    # facts are recorded and earn nothing, whoever tells of them and however
    why = "The member is suspended: this is recorded but earns nothing."
    booked = await partner.reading("en").book("B", HOTEL, selection=EARNED)
    assert (booked["pointsAwarded"], booked["booking"]["explanation"]) == (0, [{"text": why}])
    activity = await partner.reading("en").done(
        "earnForActivity",
        "pointsAwarded explanation { text }",
        member=HIM,
        type="review",
        reference="R",
    )
    assert (activity["pointsAwarded"], activity["explanation"]) == (0, [{"text": why}])
    for booking in ("before", "B"):
        amended = await partner.done(
            "amendBooking",
            "pointsAwarded",
            booking=booking,
            reference="A",
            lines=[{"product": "hotel", "amount": "900"}],
        )
        assert amended["pointsAwarded"] == 0
    # nothing is spent, what was held may come back
    spending: dict[str, Any] = {
        "redeemReward": {"member": HIM, "reward": reward.code},
        "redeemOnBooking": {"member": HIM, "lines": [HOTEL], "points": 100},
        "transferPoints": {"from": HIM, "to": {"reference": "nobody"}, "points": 1},
        "confirmRedemption": {
            "redemption": str(to_global_id("Redemption", held, member_id=member_id))
        },
    }
    for mutation, spent in spending.items():
        refused = await staff.refused(mutation, **spent)
        assert refused["code"] in ("MEMBER_SUSPENDED", "NOT_FOUND"), mutation
    await staff.done("cancelRedemption", redemption=hold)
    # less is still taken back
    lost = await partner.done("refundBooking", "pointsClawedBack", booking="before", reference="R")
    assert lost["pointsClawedBack"] == 100
    assert await balances(member_id, TODAY) == Balances(available=500)
    back = await staff.done("reinstateMember", STATUS, member=HIM, reason="it was not")
    assert back["member"] == {"status": "ENROLLED"}
    assert (await partner.book("after", HOTEL))["pointsAwarded"] == 100
    # what was recorded while it was suspended stays without points
    more = [{"product": "hotel", "amount": "950"}]
    sent = {"booking": "B", "reference": "A2", "lines": more}
    assert (await partner.done("amendBooking", "pointsAwarded", **sent))["pointsAwarded"] == 0
    refused = await staff.refused("reinstateMember", member=HIM, reason="it was not")
    assert refused["code"] == "STATE_CONFLICT"
    assert await changes(stage) == [
        ("ENROLLED", "SUSPENDED", 0, "looks stolen", "staff:kim"),
        ("SUSPENDED", "ENROLLED", 0, "it was not", "staff:kim"),
    ]
    told = await make.events("member.status_changed", member_id=member_id)
    assert [payload for _, payload in told] == [
        {"from": "ENROLLED", "to": "SUSPENDED"},
        {"from": "SUSPENDED", "to": "ENROLLED"},
    ]
    assert await make.faults(member_id) == []
    await update("UPDATE member SET status = 'SUSPENDED' WHERE member_id = $1", member_id)
    assert any("as its last change left it" in fault for fault in await make.faults(member_id))


async def test_a_guest_is_reinstated_as_a_guest() -> None:
    stage, _, staff = await open_shop()
    await make.enrol(stage.programme, reference="guest", guest=True, now=TODAY)
    for mutation in ("suspendMember", "reinstateMember"):
        done = await staff.done(mutation, STATUS, member={"reference": "guest"}, reason="by hand")
    assert done["member"] == {"status": "GUEST"}


async def test_points_of_who_is_suspended_mature_and_expire() -> None:
    stage, partner, staff = await open_shop(slow_document())
    await partner.book("B", HOTEL)
    await staff.done("suspendMember", member=HIM, reason="looks stolen")
    done = await partner.done("completeBooking", "pointsMatured", booking="B")
    assert done["pointsMatured"] == 100
    later = TODAY + timedelta(days=3 * 366)
    [swept] = [one async for one in sweeps.sweep(stage.programme, later)]
    assert (swept.entries, await balances(swept.member_id, later)) == (1, Balances())


async def test_a_membership_ends_with_a_hold_that_died_unrecorded() -> None:
    stage = await open_stage()
    before = TODAY - timedelta(days=9)
    member_id = await make.rich_member(stage.programme, 500, now=before, reference="xiaoli")
    reward = await make.reward(stage.programme, list_points=100, stock=9)
    await make.redeem(stage.programme, member_id, reward, hold=True, now=before)
    assert (await rows("SELECT held FROM account WHERE member_id = $1", member_id))[0][
        "held"
    ] == 100
    sent: dict[str, Any] = {"member": HIM, "reason": "asked for it", "forfeit": 500}
    closed = await stage.staff().done("closeMember", STATUS, **sent)
    assert closed["member"] == {"status": "CLOSED"}
    assert await make.faults(member_id) == []


async def test_a_membership_ends_with_its_points(
    owner_connection: asyncpg.Connection,
) -> None:
    stage, partner, staff = await open_shop(slow_document())
    member_id = await stage.member_id()
    await partner.book("B", {"product": "hotel", "amount": "130"})
    reward = await make.reward(stage.programme, list_points=100, stock=9)
    held = await make.redeem(stage.programme, member_id, reward, hold=True, now=TODAY)
    sent: dict[str, Any] = {"member": HIM, "reason": "asked for it"}

    problem = await staff.refused("closeMember", **sent, forfeit=530)
    assert (problem["code"], problem["message"]) == (
        "HOLDS_OPEN",
        "100 points are held; spend or release them first.",
    )
    await make.cancel(stage.programme, member_id, held, now=TODAY)
    problem = await staff.refused("closeMember", **sent, forfeit=500)
    assert (problem["code"], problem["path"], problem["message"]) == (
        "INVALID_INPUT",
        ["forfeit"],
        "The member would lose 630 points, not 500.",
    )
    closed = await staff.done(
        "closeMember",
        "member { status balance { available pending } }",
        key="close",
        **sent,
        forfeit=630,
    )
    assert closed["member"] == {"status": "CLOSED", "balance": {"available": 0, "pending": 0}}
    again = await staff.done("closeMember", STATUS, key="close", **sent, forfeit=630)
    assert again == {"member": {"status": "CLOSED"}, "replayed": True}
    kinds = await rows(
        "SELECT kind, from_bucket, points, reason FROM ledger_entry WHERE member_id = $1 "
        "ORDER BY sequence DESC LIMIT 2",
        member_id,
    )
    for entry in kinds:
        entry["reason"] = await private.text(member_id, entry["reason"])
    assert [tuple(entry.values()) for entry in kinds] == [
        ("ADJUST", "available", 500, "asked for it"),
        ("CLAW_BACK", "pending", 130, "asked for it"),
    ]
    assert await changes(stage) == [("ENROLLED", "CLOSED", 630, "asked for it", "staff:kim")]
    # nothing is done for it any more, and what was done before can still come undone
    him, gift = stage.member(), {"member": HIM, "reward": reward.code}
    for caller, mutation, refused_with in (
        (partner, "earnForBooking", {"member": HIM, "reference": "C", "lines": [HOTEL]}),
        (partner, "earnForActivity", {"member": HIM, "type": "review", "reference": "R"}),
        (partner, "redeemReward", gift),
        (him, "redeemReward", {"reward": reward.code}),
        (him, "updateMember", {"name": "Li Na"}),
        (him, "submitFeedback", {"text": "pity"}),
        (staff, "adjustPoints", {"member": HIM, "points": 5, "reason": "goodwill"}),
        (staff, "assignTier", {"member": HIM, "tier": "gold", "reason": "goodwill"}),
    ):
        problem = await caller.refused(mutation, **refused_with)
        assert (problem["code"], problem["path"]) == ("MEMBER_SUSPENDED", ["member"]), mutation
    for mutation in ("closeMember", "suspendMember", "reinstateMember"):
        more: dict[str, Any] = {"forfeit": 0} if mutation == "closeMember" else {}
        assert (await staff.refused(mutation, **sent, **more))["code"] == "STATE_CONFLICT"
    dear: dict[str, Any] = {
        "booking": "B",
        "reference": "A",
        "lines": [{"product": "hotel", "amount": "900"}],
    }
    assert (await partner.done("amendBooking", "pointsAwarded", **dear))["pointsAwarded"] == 0
    done = await partner.done("completeBooking", "pointsMatured", booking="B")
    assert done["pointsMatured"] == 0
    lost = await partner.done(
        "refundBooking", "pointsClawedBack pointsOwed pointsForgiven", booking="B", reference="R"
    )
    assert (lost["pointsOwed"], lost["pointsClawedBack"], lost["pointsForgiven"]) == (0, 0, 130)
    assert await balances(member_id, TODAY) == Balances()
    assert await make.faults(member_id) == []
    for table, change in (
        ("member_change", "points = 629"),
        ("member_change", "number = 2"),
        ("account", "closed_at = NULL"),
        ("member", "status = 'ENROLLED'"),
    ):
        altered = f"UPDATE {table} SET {change} WHERE member_id = $1"
        await owner_connection.execute(altered, member_id)
        assert await make.faults(member_id) != [], table


async def test_nobody_leaves_who_owes_points() -> None:
    stage, partner, staff = await open_shop()
    await partner.book("B", HOTEL)
    reward = await make.reward(stage.programme, list_points=600, stock=9)
    await make.redeem(stage.programme, await stage.member_id(), reward, now=TODAY)
    await partner.done("refundBooking", booking="B", reference="R")
    problem = await staff.refused("closeMember", member=HIM, reason="asked for it", forfeit=0)
    assert (problem["code"], problem["path"]) == ("ACCOUNT_IN_ARREARS", ["member"])


async def test_of_two_who_end_a_membership_at_once_one_does() -> None:
    stage, partner, staff = await open_shop()
    sent: dict[str, Any] = {"member": HIM, "reason": "asked for it", "forfeit": 500}
    ended = await asyncio.gather(*(staff.do("closeMember", STATUS, **sent) for _ in range(2)))
    codes = sorted(one["code"] for payload in ended for one in payload["errors"])
    assert codes == ["STATE_CONFLICT"]
    await make.enrol(stage.programme, reference="other", now=TODAY)
    him = {"reference": "other"}
    booked, suspended = await asyncio.gather(
        partner.done("earnForBooking", "pointsAwarded", member=him, reference="X", lines=[HOTEL]),
        staff.done("suspendMember", STATUS, member=him, reason="looks stolen"),
    )
    assert booked["pointsAwarded"] in (0, 100)
    assert suspended["member"] == {"status": "SUSPENDED"}
    assert await make.faults(await stage.member_id(), await stage.member_id("other")) == []
