"""Rows of bookings of one line each: reported as a booking system would, at the present instant, or
replayed as history, each with the clock at its own instant.

The transactions are those of reporting and of replaying. Bookings recorded by a worker that was
killed are recognised by the keys of their rows, and history by the references.
"""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.bookings import batches, bookings
from domain.bookings.reports import BookingRequest, BookingSent
from domain.checkout.booking_lines import LineSent
from domain.history import together
from domain.history.history import PastBooking, PlayResult
from domain.jobs import checking, columns
from domain.jobs.columns import Columns, Row
from domain.jobs.work import Checked, Kind, KnownRow, Numbered, Result, Work, WrittenRow
from domain.kernel import idempotency, lookups
from domain.kernel.idempotency import Outcome
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import EventInFuture, InvalidInput, Refusal
from domain.members import identity
from domain.members.identity import MemberKey

ATTRIBUTES = "attributes."
COLUMNS = Columns(
    ("member", "reference", "booked_at", "product", "amount"),
    ("travel_from", "travel_to", "payment_method"),
    (ATTRIBUTES,),
    {"lines": "amount"},
    naming=("member",),
)


def read(work: Work, row: Row) -> tuple[str, PastBooking]:
    """The member's reference, and the booking. Raises: InvalidInput."""
    COLUMNS.check(row)
    zone: ZoneInfo = work.programme.as_of(work.judged_at).policy.zone
    booked_at: datetime = columns.instant(row, "booked_at", zone)
    line = LineSent(
        columns.text(row, "product"),
        columns.amount(row, "amount"),
        columns.maybe_day(row, "travel_from"),
        columns.maybe_day(row, "travel_to"),
        dict(columns.beginning_with(row, ATTRIBUTES)) or None,
    )
    method = columns.maybe_text(row, "payment_method")
    reference = columns.text(row, "reference")
    sent = BookingSent(reference, (line,), booked_at=booked_at, payment_method=method)
    return columns.text(row, "member"), PastBooking(0, booked_at, sent)


async def check(work: Work, rows: Numbered) -> Checked:
    """Check each row by the policy that will judge it, and whether its member exists."""

    def of(row: Row) -> MemberKey:
        member, past = read(work, row)
        judged_at = past.booked_at if work.job.history else work.judged_at
        if past.booked_at > work.judged_at:
            raise EventInFuture(past.booked_at, work.judged_at, path=("booked_at",))
        bookings.check(work.programme, past.sent, judged_at)
        return MemberKey(LookupScope.REFERENCE, member)

    members, refused = checking.each(rows, of)
    known = await identity.find_many(work.programme.id, members.values())
    return Checked(refused | checking.absent(members, known))


async def write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Raises: the exceptions of a database that is not reachable."""
    found = {number: read(work, row) for number, row in rows.items()}
    if work.job.history:
        return await _play(work, found)
    return await _report(work, found)


async def _report(work: Work, found: dict[int, tuple[str, PastBooking]]) -> dict[int, Result]:
    asked = {
        number: BookingRequest(
            replace(work.request, key=f"{work.name}:{number}"),
            MemberKey(LookupScope.REFERENCE, member),
            past.sent,
        )
        for number, (member, past) in found.items()
    }
    before = await idempotency.kept_of(
        work.request.caller, [one.request.key for one in asked.values()]
    )
    answers = await batches.earn(work.programme, list(asked.values()))
    return {
        number: _result(answer, own=one.request.key in before)
        for (number, one), answer in zip(asked.items(), answers, strict=True)
    }


def _result(answer: Outcome | Exception, *, own: bool) -> Result:
    if isinstance(answer, Outcome):
        return (
            KnownRow(answer.member_id)
            if answer.replayed and not own
            else WrittenRow(answer.member_id)
        )
    return answer if isinstance(answer, Refusal) else InvalidInput("row_failed")


async def _play(work: Work, found: dict[int, tuple[str, PastBooking]]) -> dict[int, Result]:
    by_member: dict[str, list[PastBooking]] = {}
    for number, (member, past) in found.items():
        booking = PastBooking(number, past.booked_at, past.sent)
        by_member.setdefault(member, []).append(booking)
    references = {(LookupScope.BOOKING, past.sent.reference) for _, past in found.values()}
    there = await lookups.find_many(work.programme.id, references)
    known = {value for _, value in there}
    played = await together.play(work.programme, by_member, work.now, enrol=False)
    results: dict[int, Result] = {}
    for member, result in played.items():
        refused = {}
        if isinstance(result, PlayResult):
            refused = {one.number: one.reason for one in result.refused}
        for past in by_member[member]:
            reference = past.sent.reference
            if not isinstance(result, PlayResult):
                refusal = result if isinstance(result, Refusal) else InvalidInput("row_failed")
                results[past.number] = refusal
            elif past.number in refused:
                results[past.number] = refused[past.number]
            else:
                results[past.number] = KnownRow() if reference in known else WrittenRow()
            known.add(reference)
    return results


KIND = Kind(COLUMNS, check, write)
