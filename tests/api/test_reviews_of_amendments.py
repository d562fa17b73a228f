"""A booking that comes to earn more is asked what a booking is asked, and waits as one does."""

from datetime import timedelta
from typing import Any

import pytest

from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import Client, Stage
from tests.support.risks import BALANCE, decide, figures, open_guarded, rule, velocity, waiting

pytestmark = pytest.mark.usefixtures("database")

AMENDED = f"pointsAwarded pointsClawedBack underReview {BALANCE}"
LARGE = rule("large", "earn", "amount", "review", over=5000)


def hotel(amount: str) -> dict[str, Any]:
    return {"product": "hotel", "amount": amount}


async def amend(client: Client, booking: str, reference: str, amount: str) -> Any:
    return await client.done(
        "amendBooking", AMENDED, booking=booking, reference=reference, lines=[hotel(amount)]
    )


async def sound(stage: Stage) -> None:
    assert await make.faults(await stage.member_id("xiaoli")) == []


def points(available: int, pending: int) -> dict[str, int]:
    return {"available": available, "pending": pending, "held": 0, "owed": 0}


async def booked(*rules: dict[str, Any], amount: str = "100") -> tuple[Stage, Client]:
    stage = await open_guarded(*rules)
    partner = await stage.partner()
    await partner.done("enrolMember", reference="xiaoli")
    made = await partner.book("B-1", hotel(amount), selection=f"underReview {BALANCE}")
    assert made["underReview"] is False
    return stage, partner


async def test_what_is_booked_small_and_amended_large_waits_for_staff() -> None:
    stage, partner = await booked(LARGE)
    amended = await amend(partner, "B-1", "A-1", "60000")
    assert (amended["pointsAwarded"], amended["balance"]) == (59_900, points(100, 59_900))
    [one] = await waiting(stage.staff())
    assert [fact["__typename"] for fact in one["facts"]] == ["Booking"]
    assert [line["text"] for line in one["reasons"]] == ["Rule large"]
    assert [line["points"] for line in one["ifApproved"]] == [59_900]
    assert [line["points"] for line in one["ifRejected"]] == [60_000]
    # what comes meanwhile waits with it, and is not asked again
    amended = await amend(partner, "B-1", "A-2", "70000")
    assert amended["balance"] == points(100, 69_900)
    assert len(await waiting(stage.staff())) == 1
    await sound(stage)
    await decide(stage.staff(), one["id"], approve=True)
    found = await stage.member().read(f"{{ me {{ {BALANCE} }} }}")
    assert found["me"]["balance"] == points(70_000, 0)
    assert await figures(stage.staff()) == {"large": (1, 1, 0, "0.000000")}
    await sound(stage)


async def test_small_amendments_of_one_booking_add_up_and_what_was_let_through_does_not() -> None:
    stage, partner = await booked(LARGE)
    for number, (amount, pending) in enumerate((("3000", 0), ("5000", 0), ("5001", 1))):
        amended = await amend(partner, "B-1", f"A-{number}", amount)
        assert amended["balance"]["pending"] == pending, amount
    [one] = await waiting(stage.staff())
    await decide(stage.staff(), one["id"], approve=True)
    # staff have let through 5001
    for number, (amount, pending) in enumerate((("5002", 0), ("10001", 0), ("10002", 1))):
        amended = await amend(partner, "B-1", f"A-1{number}", amount)
        assert amended["balance"]["pending"] == pending, amount
    [two] = await waiting(stage.staff())
    assert two["id"] != one["id"]
    await decide(stage.staff(), two["id"], approve=True)
    await sound(stage)


async def test_staff_let_through_what_there_is_when_they_approve() -> None:
    stage, partner = await booked(LARGE, amount="100")
    assert (await amend(partner, "B-1", "A-1", "60000"))["underReview"] is True
    assert (await amend(partner, "B-1", "A-1", "60000"))["underReview"] is True
    await amend(partner, "B-1", "A-2", "200000")
    [one] = await waiting(stage.staff())
    await decide(stage.staff(), one["id"], approve=True)
    # of all that waited by then nobody is asked again
    assert (await amend(partner, "B-1", "A-3", "200001"))["underReview"] is False
    await amend(partner, "B-1", "A-4", "300000")
    lowered = [{"line": 1, "amount": "290000"}]
    await partner.done("refundBooking", booking="B-1", reference="R-1", lines=lowered)
    [two] = await waiting(stage.staff())
    await decide(stage.staff(), two["id"], approve=True)
    # 10 000 were left: what was refunded before was not let through
    assert (await amend(partner, "B-1", "A-5", "310000"))["underReview"] is True
    await sound(stage)


async def test_what_staff_approve_is_not_held_any_longer() -> None:
    held = rule("held", "earn", "amount", "hold", over=3000)
    huge = rule("huge", "earn", "amount", "review", over=20_000)
    stage, partner = await booked(held, huge)
    await amend(partner, "B-1", "A-1", "4000")
    await amend(partner, "B-1", "A-2", "30000")
    [one] = await waiting(stage.staff())
    assert [line["points"] for line in one["ifApproved"]] == [29_900]
    await decide(stage.staff(), one["id"], approve=True)
    found = await stage.member().read(f"{{ me {{ {BALANCE} }} }}")
    assert found["me"]["balance"] == points(30_000, 0)
    await sound(stage)


async def test_an_amendment_that_staff_reject_takes_all_of_its_booking() -> None:
    stage, partner = await booked(LARGE)
    await make.reward(stage.programme, code="bag", list_points=40)
    await stage.member().done("redeemReward", reward="bag")
    await amend(partner, "B-1", "A-1", "60000")
    [one] = await waiting(stage.staff())
    await decide(stage.staff(), one["id"], approve=False)
    found = await stage.member().read(f"{{ me {{ {BALANCE} }} }}")
    # 40 of its points were spent, and are owed as after a refund
    assert found["me"]["balance"] == {**points(0, 0), "owed": 40}
    assert (await amend(partner, "B-1", "A-2", "90000"))["pointsAwarded"] == 0
    again = await partner.done(
        "earnForBooking",
        "replayed underReview",
        member={"reference": "xiaoli"},
        reference="B-1",
        lines=[hotel("100")],
    )
    assert again == {**again, "replayed": True, "underReview": False}
    await sound(stage)


async def test_what_was_passed_on_by_a_merge_comes_back_for_a_rejection() -> None:
    stage, partner = await booked(LARGE)
    await amend(partner, "B-1", "A-1", "60000")
    await partner.done("enrolMember", reference="wang")
    ids = [await stage.member_id(one) for one in ("xiaoli", "wang")]
    asked = {"from": {"reference": "xiaoli"}, "into": {"reference": "wang"}, "reason": "twice"}
    proposed = await stage.staff("kim").do("mergeMembers", "proposal { id }", sent=asked)
    await stage.staff("lee").done("approveProposal", proposal=proposed["proposal"]["id"])
    balance = f"{{ me {{ {BALANCE} }} }}"
    assert (await stage.member("wang").read(balance))["me"]["balance"] == points(100, 0)
    [one] = await waiting(stage.staff())
    await decide(stage.staff(), one["id"], approve=False)
    assert (await stage.member("wang").read(balance))["me"]["balance"] == points(0, 0)
    assert await make.faults(*ids) == []


async def test_what_an_amendment_gives_is_held_and_what_was_there_before_is_not() -> None:
    held = rule("held", "earn", "amount", "hold", over=5000)
    stage, partner = await booked(held)
    amended = await amend(partner, "B-1", "A-1", "6000")
    assert amended["balance"] == points(100, 5900)
    await sound(stage)
    later = Stage(await programmes.advance_clock(stage.programme, timedelta(hours=72)))
    found = await later.member().read(f"{{ me {{ {BALANCE} }} }}")
    assert found["me"]["balance"] == points(6000, 0)
    partner = await later.partner()
    # what is paid back is no gain, and nobody asks
    lowered = await amend(partner, "B-1", "A-2", "5500")
    assert (lowered["pointsClawedBack"], lowered["balance"]) == (500, points(5500, 0))
    assert (await figures(later.staff()))["held"][0] == 1
    await sound(later)


async def test_points_of_amendments_count_in_what_the_last_hour_earned() -> None:
    points_an_hour = velocity("fast", "earn", "review", of="points", more_than=5000)
    stage, partner = await booked(points_an_hour)
    await amend(partner, "B-1", "A-1", "4000")
    made = await partner.book("B-2", hotel("1001"), selection="underReview")
    assert made["underReview"] is True
    stage, partner = await booked(points_an_hour)
    assert (await amend(partner, "B-1", "A-1", "5001"))["balance"] == points(100, 4901)
    await sound(stage)


async def test_points_of_amendments_count_by_the_key_that_reports_them() -> None:
    by_key = velocity("key", "earn", "review", of="points", by="key", more_than=5000)
    stage, partner = await booked(by_key)
    await amend(partner, "B-1", "A-1", "4000")
    made = await partner.book("B-2", hotel("1001"), selection="underReview")
    assert made["underReview"] is True
    await sound(stage)
