"""Histories that are not played, or not as a whole: what is refused leaves the rest alone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.bookings.reports import BookingSent
from domain.books import books
from domain.books.refusals import DaySettled
from domain.checkout.booking_lines import LineSent
from domain.history.history import PastBooking
from domain.kernel.refusals import InvalidInput, ReferenceConflict
from tests.conftest import Database
from tests.support import factories as make
from tests.support.played import FIRST, past, play


@pytest.mark.usefixtures("database")
async def test_history_of_settled_days_is_refused() -> None:
    programme = await make.establish()
    bounds = [make.NOW - timedelta(days=days) for days in (9, 8, 7)]
    items = [past(number, at, "100") for number, at in enumerate(bounds)]
    await books.open_from(programme, (make.NOW - timedelta(days=7)).date(), make.NOW)
    before = await make.everything(programme)
    refused = await play(programme, "all", items[:2])
    assert (refused.recorded, refused.enrolled) == (0, 0)
    assert {rejection.number: type(rejection.reason) for rejection in refused.refused} == {
        0: DaySettled,
        1: DaySettled,
    }
    assert await make.everything(programme) == before
    some = await play(programme, "some", items)
    assert (some.recorded, some.enrolled, len(some.refused)) == (1, 1, 2)


@pytest.mark.parametrize("how", ["a live booking", "an activity's points"])
async def test_a_member_with_other_entries_is_left_alone(database: Database, how: str) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, reference="known")
    if how == "a live booking":
        await make.book(programme, member_id, ("hotel", "10"))
    else:
        await make.give(programme, member_id, 40)
    before = await make.everything(programme)
    played = await play(programme, "known", [past(1, FIRST, "10"), past(2, FIRST, "20")])
    said = "INVALID_INPUT reason='member_not_of_history'"
    assert [str(refusal.reason) for refusal in played.refused] == [said, said]
    assert played.recorded == 0
    assert await make.everything(programme) == before


async def test_nothing_is_written_before_what_already_happened(database: Database) -> None:
    programme = await make.establish()
    await play(programme, "late", [past(2, FIRST + timedelta(days=2), "10")])
    played = await play(
        programme,
        "late",
        [
            past(1, FIRST, "10"),
            past(2, FIRST + timedelta(days=2), "10"),
            past(3, FIRST + timedelta(days=2), "10"),
        ],
    )
    assert (played.known, played.recorded) == (1, 1)
    said = "INVALID_INPUT reason='before_what_is_recorded'"
    assert [(r.number, str(r.reason)) for r in played.refused] == [(1, said)]
    # its reference is free again
    other = await play(programme, "other", [past(1, FIRST, "10")])
    assert other.recorded == 1


async def test_refusals_leave_the_other_bookings_alone(database: Database) -> None:
    programme = await make.establish()
    await play(programme, "first", [past(1, FIRST, "10", reference="taken")])
    played = await play(
        programme,
        "second",
        [
            past(1, FIRST, "10", reference="taken"),
            past(2, FIRST, "10", product="yacht"),
            past(3, FIRST, "-1"),
            past(4, FIRST, "0.001"),
            past(5, FIRST, "10", payment_method="shells"),
            past(6, make.NOW + timedelta(seconds=1), "10"),
            past(7, FIRST, "10", reference=""),
            past(8, FIRST, "10"),
            past(9, FIRST, "10", reference="H8"),
            past(10, FIRST, "11", reference="H8"),
        ],
    )
    assert (played.recorded, played.known, played.points) == (1, 1, 10)
    reasons = {refusal.number: refusal.reason for refusal in played.refused}
    assert reasons.keys() == {1, 2, 3, 4, 5, 6, 7, 10}
    for number, taken in ((1, "taken"), (10, "H8")):
        conflict = reasons[number]
        assert isinstance(conflict, ReferenceConflict)
        assert (conflict.path, conflict.reference) == (("reference",), taken)
    unknown = reasons[2]
    assert isinstance(unknown, InvalidInput)
    assert unknown.path == ("lines", "0", "product")
    assert (unknown.reason, unknown.value) == ("unknown_product", "yacht")


async def test_a_repeated_row_goes_the_way_of_the_first(database: Database) -> None:
    programme = await make.establish()
    twice = [past(1, FIRST, "10", reference="X"), past(2, FIRST, "10", reference="X")]
    refused = await play(programme, "nobody", twice, enrol=False)
    assert {refusal.number for refusal in refused.refused} == {1, 2}
    played = await play(programme, "somebody", twice)
    assert (played.recorded, played.known, played.refused) == (1, 1, ())


async def test_a_member_does_not_join_by_refused_bookings(database: Database) -> None:
    programme = await make.establish()
    await play(programme, "first", [past(1, FIRST, "10")])
    before = await make.everything(programme)
    played = await play(programme, "second", [past(1, FIRST, "10"), past(2, FIRST, "-1")])
    assert (played.enrolled, {r.number for r in played.refused}) == (0, {1, 2})
    assert await make.everything(programme) == before


async def test_members_that_cannot_be_played(database: Database) -> None:
    programme = await make.establish()
    before = await make.everything(programme)
    missing = await play(programme, "nobody", [past(1, FIRST, "10")], enrol=False)
    assert [str(r.reason) for r in missing.refused] == ["NOT_FOUND what='member' value='nobody'"]
    nameless = await play(programme, "  ", [past(1, FIRST, "10")])
    assert [str(r.reason) for r in nameless.refused] == ["INVALID_INPUT reason='too_short'"]
    assert await make.everything(programme) == before

    await make.enrol(programme, reference="visitor", guest=True)
    guest = await play(programme, "visitor", [past(1, FIRST, "10")])
    assert (guest.recorded, guest.points) == (1, 0)


async def test_a_date_beyond_the_calendar_ends_no_import(database: Database) -> None:
    programme = await make.establish()
    at = make.NOW - timedelta(days=3)
    far = LineSent("hotel", Decimal(100), travel_to=date(9999, 12, 31))
    first = datetime(1, 1, 1, tzinfo=UTC)
    items = [
        past(1, at, "100"),
        PastBooking(2, at, BookingSent("H2", (far,), booked_at=at)),
        past(3, first, "100"),
        past(4, at, "100"),
    ]
    played = await play(programme, "far", items)
    assert played.recorded == 2
    reasons = {rejection.number: rejection.reason for rejection in played.refused}
    assert {number: getattr(reason, "path", None) for number, reason in reasons.items()} == {
        2: ("lines", "0", "travelTo"),
        3: ("bookedAt",),
    }
