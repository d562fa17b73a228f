"""Pending points and their completion over HTTP."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.programmes import programmes
from tests.domain.bookings.test_completions import slow_document
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
LINES = [{"product": "flight", "amount": "300"}, {"product": "hotel", "amount": "200"}]
COMPLETED = """pointsMatured parked balance { pending available }
    booking { status pointsPending lines { number completedAt points } }"""
EARNED = "pointsAwarded balance { pending available } booking { status pointsPending }"


async def open_slow(then: str = "review") -> tuple[Stage, Client]:
    stage = await open_stage(slow_document(then))
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    return stage, await stage.partner()


async def book(partner: Client) -> Any:
    return await partner.book("B", *LINES, selection=EARNED)


async def test_points_wait_for_their_line() -> None:
    _, partner = await open_slow()
    booked = await book(partner)
    assert booked == {
        "pointsAwarded": 500,
        "balance": {"pending": 500, "available": 0},
        "booking": {"status": "PAID", "pointsPending": 500},
        "replayed": False,
    }
    first = await partner.done("completeBooking", COMPLETED, booking="B", lines=[2])
    assert (first["pointsMatured"], first["parked"]) == (200, False)
    assert first["balance"] == {"pending": 300, "available": 200}
    assert (first["booking"]["status"], first["booking"]["pointsPending"]) == ("PAID", 300)
    completed = [line["completedAt"] is not None for line in first["booking"]["lines"]]
    assert completed == [False, True]
    rest = await partner.done("completeBooking", COMPLETED, booking="B")
    assert rest["pointsMatured"] == 300
    assert (rest["booking"]["status"], rest["booking"]["pointsPending"]) == ("COMPLETED", 0)
    again = await partner.done("completeBooking", COMPLETED, booking="B")
    assert (again["pointsMatured"], again["balance"]) == (0, {"pending": 0, "available": 500})


@pytest.mark.parametrize("order", list(itertools.permutations(["booking", "complete", "refund"])))
async def test_every_order_comes_to_the_same(order: tuple[str, ...]) -> None:
    _, partner = await open_slow()
    for event in order:
        if event == "booking":
            await book(partner)
        elif event == "complete":
            await partner.done("completeBooking", COMPLETED, booking="B")
        else:
            part = [{"line": 1, "amount": "100"}]
            await partner.done("refundBooking", "parked", booking="B", reference="R", lines=part)
    found = await partner.read(
        """query($by: MemberBy!) { member(by: $by) {
            balance { pending available owed }
            bookings { edges { node { status pointsPending refunded { amount } } } }
        } }""",
        by=HIM,
    )
    assert found["member"]["balance"] == {"pending": 0, "available": 400, "owed": 0}
    [booking] = [edge["node"] for edge in found["member"]["bookings"]["edges"]]
    assert booking == {
        "status": "PARTLY_REFUNDED",
        "pointsPending": 0,
        "refunded": {"amount": "100.00"},
    }


async def test_maturing_is_shown_in_the_ledger() -> None:
    _, partner = await open_slow()
    await book(partner)
    await partner.done("completeBooking", COMPLETED, booking="B", lines=[1])
    found = await partner.read(
        """query($by: MemberBy!) { member(by: $by) { ledger { edges { node {
            kind from to points availableChange pendingChange availableAfter
            booking { reference } } } } } }""",
        by=HIM,
    )
    entries = [edge["node"] for edge in found["member"]["ledger"]["edges"]]
    assert entries[0] == {
        "kind": "MATURE",
        "from": "PENDING",
        "to": "AVAILABLE",
        "points": 0,
        "availableChange": 300,
        "pendingChange": -300,
        "availableAfter": 300,
        "booking": {"reference": "B"},
    }
    changes = [(e["kind"], e["points"], e["pendingChange"]) for e in entries[1:]]
    assert sorted(changes) == [("EARN", 200, 200), ("EARN", 300, 300)]


async def test_what_comes_first_is_parked() -> None:
    stage, partner = await open_slow()
    parked = await partner.done("completeBooking", COMPLETED, key="k", booking="B", lines=[1])
    assert parked == {
        "pointsMatured": 0,
        "parked": True,
        "balance": None,
        "booking": None,
        "replayed": False,
    }
    booked = await book(partner)
    assert booked["balance"] == {"pending": 200, "available": 300}
    again = await partner.done("completeBooking", COMPLETED, key="k", booking="B", lines=[1])
    assert again == {**parked, "replayed": True}
    before = await stage.everything()
    problem = await partner.refused("completeBooking", booking="B", lines=[3])
    assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["lines", "0"])
    assert await stage.everything() == before


async def test_no_stay_is_completed_before_it_begins() -> None:
    stage, partner = await open_slow()
    days = {"travelFrom": "2126-12-08", "travelTo": "2126-12-10"}
    stay = {"product": "hotel", "amount": "200", **days}
    await partner.book("B", stay)
    # one that came before its booking is refused as it is applied, and whoever reported it is told
    await partner.done("completeBooking", "parked", booking="C")
    await partner.book("C", stay)
    [told] = [
        payload
        for topic, payload in await make.events(programme_id=stage.programme.id)
        if topic == "fact.refused"
    ]
    assert (told["kind"], told["problem"]) == ("completion", "COMPLETION_TOO_EARLY")

    november = datetime(2126, 11, 26, 9, tzinfo=UTC)
    stage = Stage(await programmes.advance_clock(stage.programme, november - stage.now()))
    before = await stage.everything()
    for said, message in (
        ("en", "Line 1 begins on 2126-12-08; it cannot be completed on 2126-11-26."),
        ("zh-CN", "第 1 行于 2126-12-08 开始，不能在 2126-11-26 完成；"),
    ):
        refused = await partner.reading(said).refused("completeBooking", booking="B")
        assert refused["message"].startswith(message)
        assert (refused["code"], refused["path"]) == ("COMPLETION_TOO_EARLY", ["lines"])
    assert await stage.everything() == before
    await stage.staff().done("completeBooking", booking="C", reason="Moved to an earlier stay.")
    # it left a day early
    december = datetime(2126, 12, 9, 9, tzinfo=UTC)
    await programmes.advance_clock(stage.programme, december - stage.now())
    done = await partner.done("completeBooking", "pointsMatured", booking="B")
    assert done["pointsMatured"] == 200


QUOTED = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
    points availableOn expiresOn errors { code } } }"""


async def test_a_quote_says_when_points_can_be_spent() -> None:
    document = slow_document("review")
    bonus = next(rule for rule in document["earning"] if rule["kind"] == "bonus")
    bonus["available"] = "at_payment"
    stage = await open_stage(document)
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    partner = (await stage.partner()).reading("en")

    async def quoted(amount: str) -> Any:
        lines = [{"product": "flight", "amount": amount}]
        answer = await partner.read(QUOTED, input={"member": HIM, "lines": lines})
        return answer["quoteEarning"]

    waiting = await quoted("300")
    assert waiting["availableOn"].startswith("When what was booked is over")
    assert (waiting["points"], waiting["expiresOn"]) == (300, None)
    in_parts = await quoted("2000")
    assert in_parts["availableOn"].startswith("Part of them as soon as the booking is paid")
    assert (in_parts["points"], in_parts["errors"]) == (2500, [])
    assert in_parts["expiresOn"] is not None


async def test_a_quote_names_the_day_when_points_mature_by_themselves() -> None:
    stage = await open_stage(slow_document("mature"))
    partner = await stage.partner()
    flight = {"product": "flight", "amount": "300"}
    days = stage.programme.versions[0].policy.completion.overdue_days

    async def available(*lines: dict[str, str]) -> Any:
        answer = await partner.read(QUOTED, input={"lines": lines})
        return answer["quoteEarning"]["availableOn"]

    # the day after so many days from the last day of travel, of the line that waits longest
    booked, travelled = TODAY.date(), date(2126, 5, 1)
    later = {**flight, "travelFrom": "2126-04-20", "travelTo": str(travelled)}
    assert await available(flight) == str(booked + timedelta(days=days + 1))
    assert await available(flight, later) == str(travelled + timedelta(days=days + 1))


async def test_points_that_timed_out_are_shown_spendable_before_anything_is_written() -> None:
    stage, partner = await open_slow("mature")
    await book(partner)
    await programmes.advance_clock(stage.programme, timedelta(days=31))
    seen = await partner.read(
        """{ booking(reference: "B") { pointsPending status }
            member(by: {reference: "xiaoli"}) { balance { pending available } } }"""
    )
    assert seen["booking"] == {"pointsPending": 0, "status": "PAID"}
    assert seen["member"]["balance"] == {"pending": 0, "available": 500}


async def test_decimals_beyond_the_sixth_are_cut() -> None:
    _, partner = await open_slow()
    booked = await partner.book(
        "B", *LINES, selection="booking { bookedAt }", bookedAt="2126-03-15T02:00:00.1234567Z"
    )
    assert booked["booking"]["bookedAt"] == "2126-03-15T02:00:00.123456Z"
