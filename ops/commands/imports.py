"""`import bookings`: a file of bookings, reported now or played as history.

Members are independent of one another: a few of them are worked on at once, the rows of
each in its own order. What is there already is recognised by its reference, so a second run
of the same file finishes what the first one left.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from tortoise.exceptions import IntegrityError, OperationalError

from domain.bookings import bookings
from domain.history import history
from domain.history.history import PastBooking, PlayResult, Rejection
from domain.kernel import canonical
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Refusal
from domain.members import enrolment, identity
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops import progress
from ops.commands import booking_files
from ops.commands.administration import administer, worded
from ops.commands.booking_files import BookingFile, RowRefused
from ops.console import console, counted, read_settings
from ops.progress import Advance

logger = logging.getLogger(__name__)

REPORTER = "import"
REFUSED_EXIT = 3
MEMBERS_AT_ONCE = 4

app = typer.Typer(name="import", help="Bring in what was recorded elsewhere.")


@dataclass(slots=True)
class Totals:
    """What became of a file's rows; `reasons` by row number."""

    recorded: int = 0
    known: int = 0
    points: int = 0
    enrolled: int = 0
    reasons: dict[int, str] = field(default_factory=dict)

    def add(self, played: PlayResult) -> None:
        self.recorded += played.recorded
        self.known += played.known
        self.points += played.points
        self.enrolled += played.enrolled
        for rejection in played.refused:
            why = rejection.reason
            self.reasons[rejection.number] = why if isinstance(why, str) else worded(why)

    def fail(self, past: Iterable[PastBooking], fault: Exception) -> None:
        """Refuse rows that nothing says a refusal about: a fault of the program's own."""
        why = f"This row could not be recorded ({type(fault).__name__}); the log says more."
        self.reasons.update((item.number, why) for item in past)


FAULTS = (IntegrityError, OperationalError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a row may set off that is nobody's refusal: it ends no import. A lost database does."""


@app.command(name="bookings")
def import_bookings(
    file: Annotated[Path, typer.Argument(help="CSV, plain or gzipped, with a header.")],
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
    enrol: Annotated[bool, typer.Option("--enrol", help="Make members that are missing.")] = False,
    as_history: Annotated[
        bool,
        typer.Option("--history", help="Play each row with the clock standing at its instant."),
    ] = False,
) -> None:
    """Import bookings; refused rows go to FILE.refused.csv, and the exit code is then 3."""
    read = booking_files.read(file)
    refused = file.with_name(f"{file.name}.refused.csv")
    totals = Totals()

    async def work() -> None:
        found = await programmes.get(programme)
        try:
            with progress.bar("importing", len(read.rows)) as advance:
                await run(found, read, totals, advance, enrol=enrol, as_history=as_history)
        finally:
            booking_files.write_refused(refused, read, totals.reasons)

    started = time.monotonic()
    administer(read_settings(), work, connections=MEMBERS_AT_ONCE)
    seconds = time.monotonic() - started
    console.print(
        f"{totals.recorded} recorded ({counted(totals.points, 'point')}), "
        f"{totals.known} already there, "
        f"{len(totals.reasons)} refused, {counted(totals.enrolled, 'member')} enrolled; "
        f"{seconds:.1f} s, {len(read.rows) / max(seconds, 0.001):.0f} rows/s"
    )
    if totals.reasons:
        console.print(f"refused rows and their reasons: {refused}")
        raise typer.Exit(REFUSED_EXIT)


async def run(
    programme: Programme,
    file: BookingFile,
    totals: Totals,
    advance: Advance,
    *,
    enrol: bool,
    as_history: bool,
) -> None:
    """Import every row, some members at once; `totals` says how far it came if it ends early."""
    waiting = iter(file.by_member().items())
    zone = programme.versions[-1].policy.zone

    stop = asyncio.Event()

    async def take() -> None:
        for reference, numbers in waiting:
            if stop.is_set():
                return
            past, unreadable = _read_rows(file, numbers, zone)
            totals.add(PlayResult(refused=tuple(unreadable)))
            try:
                if as_history:
                    now = programme.now(datetime.now(UTC))
                    totals.add(await history.play(programme, reference, past, now, enrol=enrol))
                else:
                    await _report(programme, reference, past, totals, enrol=enrol)
            except Refusal as error:
                totals.reasons.update((item.number, worded(error)) for item in past)
            except FAULTS as fault:
                logger.exception("cannot import the bookings of %s", reference)
                totals.fail(past, fault)
            advance(len(numbers))

    tasks = [asyncio.create_task(take()) for _ in range(MEMBERS_AT_ONCE)]
    try:
        await asyncio.shield(asyncio.gather(*tasks))
    finally:
        # whoever is interrupted, or alone in error, lets the others end the member they are at
        stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)


def _read_rows(
    file: BookingFile, numbers: Iterable[int], zone: ZoneInfo
) -> tuple[list[PastBooking], list[Rejection]]:
    past, refused = [], []
    for number in numbers:
        try:
            past.append(booking_files.to_past(file, number, zone))
        except RowRefused as error:
            refused.append(Rejection(number, str(error)))
    return past, refused


async def _report(
    programme: Programme,
    reference: str,
    past: Sequence[PastBooking],
    totals: Totals,
    *,
    enrol: bool,
) -> None:
    """Report one member's bookings as a booking system would, at the programme's now."""
    member = MemberKey(LookupScope.REFERENCE, reference)
    good = _check(programme, past, totals)
    try:
        if enrol and good and await identity.find(programme.id, member) is None:
            request = _request(programme, ["enrol", reference])
            await enrolment.enrol(request, programme, EnrolSent(reference=reference))
            totals.enrolled += 1
    except Refusal as error:
        totals.reasons.update((item.number, worded(error)) for item in good)
        return
    for item in good:
        try:
            request = _request(programme, [reference, item.sent])
            outcome = await bookings.earn(request, programme, member, item.sent)
        except Refusal as error:
            totals.reasons[item.number] = worded(error)
        except FAULTS as fault:
            logger.exception("cannot import booking %s", item.sent.reference)
            totals.fail([item], fault)
        else:
            totals.known += outcome.replayed
            totals.recorded += not outcome.replayed
            totals.points += 0 if outcome.replayed else outcome.figures["points_awarded"]


def _check(programme: Programme, past: Iterable[PastBooking], totals: Totals) -> list[PastBooking]:
    """What the policy accepts: a member is not enrolled for rows that are all refused."""
    now, good = programme.now(datetime.now(UTC)), []
    for item in past:
        try:
            bookings.check(programme, item.sent, now)
        except Refusal as error:
            totals.reasons[item.number] = worded(error)
        else:
            good.append(item)
    return good


def _request(programme: Programme, content: object) -> Request:
    """One content, one key: a row sent again is answered as it was, a changed one conflicts."""
    caller = Caller(CallerKind.STAFF, programme.id, programme.code, REPORTER)
    return Request(caller, canonical.sha256(content).hex(), programme.now(datetime.now(UTC)))
