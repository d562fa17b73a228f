"""Facts that come before their booking wait for it, and are applied once when it comes."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

import models
from domain.bookings import booking_keys
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import ReferenceConflict
from domain.ledger.values import Balances
from domain.members.refusals import MemberSuspended
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import balances, complete, refund, taken

DAY = timedelta(days=1)
FLIGHT_2400 = make.line_of("flight", "2400")
SLOW = {"worth": {"points": 100, "money": 1}, "available": "on_completion"}


async def waiting(programme: Programme) -> list[tuple[str, str, str]]:
    """Kind, booking and reference of what waits, in the order that it came."""
    found = await rows(
        "SELECT kind, booking_reference, reference FROM parked_fact "
        "WHERE programme_id = $1 ORDER BY received_at, kind, reference",
        programme.id,
    )
    return [(fact["kind"], fact["booking_reference"], fact["reference"]) for fact in found]


async def refusals(programme: Programme) -> list[dict[str, Any]]:
    found = await rows(
        "SELECT payload FROM outbox_event WHERE programme_id = $1 AND topic = 'fact.refused'",
        programme.id,
    )
    return [orjson.loads(event["payload"]) for event in found]


async def test_what_waits_in_vain_is_removed(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await refund(programme, "never", "R", (1, "500"))
    await complete(programme, "never", 1, now=make.NOW + DAY)
    await refund(programme, "late", "L", (1, "500"), now=make.NOW + 2 * DAY)
    days = 365

    async def outlived(after: timedelta) -> list[str]:
        found = booking_keys.outlived(programme.id, days, make.NOW + after)
        return [reference async for reference in found]

    async def forget(reference: str, after: timedelta) -> int:
        return await booking_keys.forget_parked(programme.id, reference, days, make.NOW + after)

    assert await outlived(366 * DAY) == []
    soon = 366 * DAY + timedelta(seconds=1)
    assert await outlived(soon) == ["never"]
    assert await forget("never", soon) == 1
    assert [fact[0] for fact in await waiting(programme)] == ["completion", "refund"]
    # nothing of another reference, or of one that a booking has taken since
    assert await forget("late", soon) == 0
    await travel.pay(programme, member_id, "late", FLIGHT_2400, now=make.NOW + 3 * DAY)
    assert await forget("late", 900 * DAY) == 0
    assert await booking_keys.find(make.staff(programme), "late") is not None
    later = 368 * DAY
    assert await outlived(later) == ["never"]
    assert await forget("never", later) == 1
    assert await waiting(programme) == []
    expected = await rows("SELECT value FROM lookup WHERE member_id IS NULL AND value = 'never'")
    assert expected == []
    assert await forget("never", later) == 0


async def test_a_refund_before_its_booking_waits_for_it(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    outcome = await refund(programme, "B", "R", (1, "500"))
    assert outcome.figures["parked"]
    assert taken(outcome.figures) == (0, 0, 0, 0, 0)
    assert await waiting(programme) == [("refund", "B", "R")]
    # another booking does not touch it
    await travel.pay(programme, member_id, "A", FLIGHT_2400)
    assert await waiting(programme) == [("refund", "B", "R")]
    booked = await travel.pay(programme, member_id, "B", FLIGHT_2400, now=make.NOW + DAY)
    assert booked.figures["points_awarded"] == 2900
    assert await waiting(programme) == []
    assert await balances(member_id, make.NOW + DAY) == Balances(available=2900 + 1900)
    # asked again under another key, it is answered by what it came to
    again = await refund(programme, "B", "R", (1, "500.00"), now=make.NOW + 2 * DAY)
    assert (again.replayed, taken(again.figures)) == (True, (1000, 0, 0, 0, 50000))


@pytest.mark.parametrize("booked", [None, make.NOW - DAY, make.NOW + DAY])
async def test_a_refund_that_names_no_instant_was_made_when_it_came(
    database: Database, booked: datetime | None
) -> None:
    """Or with its booking, where that names a later instant."""
    programme = await make.establish()
    member_id, later = await make.enrol(programme), make.NOW + 200 * DAY
    await refund(programme, "B", "R", (1, "500"))
    await travel.pay(programme, member_id, "B", FLIGHT_2400, now=later, booked_at=booked)
    [made] = await rows(
        "SELECT refunded_at, recorded_at FROM refund WHERE member_id = $1", member_id
    )
    came = max(make.NOW, booked) if booked else make.NOW
    assert (made["refunded_at"], made["recorded_at"]) == (came, later)
    again = await refund(programme, "B", "R", (1, "500.00"), now=later + DAY)
    assert again.replayed


async def test_a_completion_before_payment_waits_for_it(database: Database) -> None:
    programme = await make.establish(make.shipped_document(points=SLOW))
    member_id = await make.enrol(programme)
    outcome = await complete(programme, "B")
    assert outcome.figures == {"parked": True, "points_matured": 0, "grants": []}
    assert await waiting(programme) == [("completion", "B", "all")]
    await travel.pay(programme, member_id, "B", FLIGHT_2400, now=make.NOW + DAY)
    assert await balances(member_id, make.NOW + DAY) == Balances(available=2900)
    assert [e[0] for e in await travel.entries(member_id)] == ["EARN", "MATURE"]


async def test_the_same_fact_waits_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    first = await refund(programme, "B", "R", (1, "500"))
    # however the amount is written
    again = await refund(programme, "B", "R", (1, "500.00"))
    assert (first.replayed, again.replayed) == (False, True)
    assert again.figures == first.figures
    for other in ([(1, "501")], [(2, "500")], []):
        async with make.refused(programme, ReferenceConflict, "reference", reference="R"):
            await refund(programme, "B", "R", *other)
    async with make.refused(programme, ReferenceConflict, "reference"):
        await refund(programme, "B", "R", (1, "500"), supplier_cancelled=True)
    assert await waiting(programme) == [("refund", "B", "R")]
    await travel.pay(programme, member_id, "B", FLIGHT_2400)
    assert await balances(member_id) == Balances(available=1900)


async def test_no_completion_is_lost_however_many_lines_it_names(database: Database) -> None:
    """A hundred line numbers are more text than a reference holds."""
    programme = await make.establish(make.shipped_document(points=SLOW))
    member_id = await make.enrol(programme)
    lines = [make.line_of("hotel", "1") for _ in range(100)]
    await complete(programme, "B", *range(1, 81))
    await complete(programme, "B", *range(1, 101))
    assert len(await waiting(programme)) == 2
    await travel.pay(programme, member_id, "B", *lines)
    assert await balances(member_id) == Balances(available=100)


async def test_what_the_booking_does_not_allow_does_not_hold_it_up(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await refund(programme, "B", "too much", (1, "2400.01"))
    await refund(programme, "B", "fine", (1, "500"), now=make.NOW + timedelta(seconds=1))
    await refund(programme, "B", "no line", (2, "1"), now=make.NOW + timedelta(seconds=2))
    booked = await travel.pay(programme, member_id, "B", FLIGHT_2400, now=make.NOW + DAY)
    assert booked.figures["points_awarded"] == 2900
    assert await balances(member_id, make.NOW + DAY) == Balances(available=1900)
    assert await waiting(programme) == []
    told = await refusals(programme)
    assert [(fact["reference"], fact["problem"]) for fact in told] == [
        ("too much", "REFUND_EXCEEDS_BOOKING"),
        ("no line", "INVALID_INPUT"),
    ]
    assert {(fact["booking_id"], fact["booking"], fact["kind"]) for fact in told} == {
        (booked.figures["booking_id"], "B", "refund")
    }
    # its reference is free again
    outcome = await refund(programme, "B", "too much", (1, "1900"), now=make.NOW + DAY)
    assert taken(outcome.figures) == (1900, 0, 0, 0, 190000)


async def test_a_booking_that_is_refused_leaves_everything_waiting(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await refund(programme, "B", "R", (1, "500"))
    await models.Member.filter(member_id=member_id).update(status="CLOSED")
    async with make.refused(programme, MemberSuspended, "member"):
        await travel.pay(programme, member_id, "B", FLIGHT_2400)
    await models.Member.filter(member_id=member_id).update(status="ENROLLED")
    await travel.pay(programme, member_id, "B", FLIGHT_2400)
    assert await balances(member_id) == Balances(available=1900)


async def test_a_refund_that_waits_gives_points_back_too(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    line = make.line_of("hotel", "100")
    redemption = await travel.hold(programme, member_id, 1000, line)
    await refund(programme, "B", "R")
    await travel.pay(programme, member_id, "B", line, redemption=redemption)
    assert await balances(member_id) == Balances(available=1000)
    assert [e[0] for e in await travel.entries(member_id)] == [
        "EARN",
        "HOLD",
        "CAPTURE",
        "EARN",
        "REINSTATE",
        "CLAW_BACK",
    ]


async def test_facts_wait_in_their_own_programme(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    member_id = await make.enrol(programme)
    await refund(other, "B", "R", (1, "500"))
    await travel.pay(programme, member_id, "B", FLIGHT_2400)
    assert await balances(member_id) == Balances(available=2900)
    assert await waiting(other) == [("refund", "B", "R")]


@pytest.mark.parametrize("order", ["refund first", "booking first"])
async def test_a_refund_and_its_booking_at_once(database: Database, order: str) -> None:
    """Parked once or applied, never both and never lost."""
    programme = await make.establish()
    for number in range(10):
        booking, member_id = f"B{number}", await make.enrol(programme)
        both = [
            refund(programme, booking, "R", (1, "500")),
            travel.pay(programme, member_id, booking, FLIGHT_2400),
        ]
        if order == "booking first":
            both.reverse()
        answers = await asyncio.gather(*both)
        back = answers[order == "booking first"]
        assert isinstance(back, Outcome)
        clawed = 0 if back.figures["parked"] else 1000
        assert taken(back.figures)[0] == clawed
        assert await balances(member_id) == Balances(available=1900)
        made = await rows("SELECT points_clawed_back FROM refund WHERE member_id = $1", member_id)
        assert made == [{"points_clawed_back": 1000}]
    assert await waiting(programme) == []


@pytest.mark.usefixtures("proved")
async def test_many_facts_and_their_booking_at_once(database: Database) -> None:
    programme = await make.establish(make.shipped_document(points=SLOW))
    member_id = await make.enrol(programme)
    for number in range(5):
        booking = f"B{number}"
        await asyncio.gather(
            refund(programme, booking, "R1", (1, "100")),
            complete(programme, booking),
            travel.pay(programme, member_id, booking, make.line_of("hotel", "500")),
            refund(programme, booking, "R2", (1, "100")),
            refund(programme, booking, "R2", (1, "100")),
        )
        assert await balances(member_id) == Balances(available=300 * (number + 1))
    assert await waiting(programme) == []
    assert await refusals(programme) == []
