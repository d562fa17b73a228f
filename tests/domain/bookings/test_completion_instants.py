"""Instants of completions: none before its booking, and none before what it completes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.bookings import completions, refunds
from domain.bookings.completions import CompletionSent
from domain.bookings.refusals import CompletionTooEarly
from domain.kernel.database import rows
from domain.kernel.refusals import InvalidInput
from domain.ledger.values import Balances
from tests.conftest import Database
from tests.domain.bookings.test_completions import DAY, LINES, open_slow
from tests.support import factories as make
from tests.support import private, travel
from tests.support.travel import balances, complete, refund


async def test_nothing_happens_to_a_booking_before_it_was_made(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *LINES, booked_at=make.NOW)
    later, before = make.NOW + DAY, make.NOW - timedelta(microseconds=1)
    async with make.refused(programme, InvalidInput, "completedAt"):
        await complete(programme, "B", now=later, at=before)
    async with make.refused(programme, InvalidInput, "refundedAt"):
        await refund(programme, "B", "R", now=later, refunded_at=before)
    async with make.refused(programme, InvalidInput, "refundedAt"):
        sent = travel.refunded("R", refunded_at=before)
        await refunds.preview(make.staff(programme), programme, "B", sent, later)
    async with make.refused(programme, InvalidInput, "amendedAt"):
        await travel.amend(programme, "B", "A", *LINES, now=later, at=before)
    await complete(programme, "B", 1, now=later, at=make.NOW)
    await travel.amend(programme, "B", "A", *LINES, now=later, at=make.NOW)
    await refund(programme, "B", "R", now=later, refunded_at=make.NOW)


async def test_a_completion_that_waited_is_not_before_its_booking(database: Database) -> None:
    """A booking that names no instant was made by then; one that names a later one was not."""
    programme = await open_slow()
    member_id = await make.enrol(programme)
    later = make.NOW + DAY
    await complete(programme, "B", now=make.NOW, at=make.NOW)
    await travel.pay(programme, member_id, "B", *LINES, now=later)
    assert await balances(member_id, later) == Balances(available=600)
    await complete(programme, "C", now=make.NOW, at=make.NOW)
    await travel.pay(programme, member_id, "C", *LINES, now=later, booked_at=later - DAY / 2)
    assert await balances(member_id, later) == Balances(available=600, pending=600)
    assert (await travel.topics(member_id))[-1] == "fact.refused"


async def test_a_completion_that_names_no_instant_waits_for_a_booking_dated_after_it(
    database: Database,
) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    later = make.NOW + DAY
    booked_at = later - DAY / 2
    await complete(programme, "B", now=make.NOW)
    await travel.pay(programme, member_id, "B", *LINES, now=later, booked_at=booked_at)
    assert await balances(member_id, later) == Balances(available=600)
    found = await rows(
        "SELECT DISTINCT completed_at FROM completion WHERE member_id = $1", member_id
    )
    assert [line["completed_at"] for line in found] == [booked_at]
    assert await make.faults(member_id) == []


async def test_what_travels_in_december_is_not_completed_in_november(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    november, begins = datetime(2026, 11, 26, tzinfo=UTC), date(2026, 12, 20)
    trip = replace(LINES[0], travel_from=begins, travel_to=date(2026, 12, 27))
    await travel.pay(programme, member_id, "B", trip, LINES[1], now=november)

    early = {"line": 1, "completed_on": november.date(), "travel_from": begins}
    async with make.refused(programme, CompletionTooEarly, "lines", **early):
        await complete(programme, "B", now=november)
    async with make.refused(programme, CompletionTooEarly, "lines", "1", line=1):
        await complete(programme, "B", 2, 1, now=november)
    # the day begins in Shanghai eight hours before it does in UTC
    evening = datetime(2026, 12, 19, 16, tzinfo=UTC)
    with pytest.raises(CompletionTooEarly):
        await complete(programme, "B", 1, now=evening - timedelta(microseconds=1))
    await complete(programme, "B", 1, now=evening)
    assert await balances(member_id, evening) == Balances(pending=200, available=300)


async def test_staff_complete_with_a_reason_what_has_not_begun(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    trip = replace(LINES[0], travel_from=(make.NOW + 30 * DAY).date())
    await travel.pay(programme, member_id, "B", trip)
    excused = CompletionSent(None, None, "flown on another ticket")
    for caller, sent in (
        (make.partner(programme), excused),
        (make.staff(programme), CompletionSent()),
    ):
        with pytest.raises(CompletionTooEarly):
            await completions.complete(make.request(caller), programme, "B", sent)
    await completions.complete(make.request(make.staff(programme)), programme, "B", excused)
    assert await balances(member_id) == Balances(available=300)
    [matured] = await rows(
        "SELECT reason FROM ledger_entry WHERE member_id = $1 AND kind = 'MATURE'", member_id
    )
    assert await private.text(member_id, matured["reason"]) == "flown on another ticket"
