"""`import bookings`: a file of bookings, reported now or played as history.

Members are independent of one another: a few of them are processed at once, the rows of each in
order. Existing bookings are recognised by their references, so a second run of the same file
finishes what the first one left.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer
from tortoise.exceptions import IntegrityError, OperationalError

from domain.bookings import batches, bookings
from domain.bookings.reports import BookingRequest
from domain.history import together
from domain.history.history import PastBooking, PlayResult
from domain.jobs import booking_rows
from domain.kernel import canonical
from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.idempotency import Outcome, Request
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Refusal
from domain.members import identity, joining
from domain.members.identity import MemberKey
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops import progress, written
from ops.commands import booking_files
from ops.commands.administration import administer, worded
from ops.commands.booking_files import BookingFile, RowRefused
from ops.console import console, counted, read_settings
from ops.progress import Advance

logger = logging.getLogger(__name__)

REPORTER = "import"
REFUSED_EXIT = 3
LANES = 4
"""Members, or batches, that are processed at once, each on its own connection."""
LANE_MEMBERS = 50
"""Members of whom a batch reports one booking each: as many as one transaction records."""
PLAYED_MAX = 500
"""Bookings of several members that one transaction plays as history; of one, all."""

app = typer.Typer(name="import", help="Import bookings and codes recorded elsewhere.")


def _reason(refusal: Refusal, zone: tzinfo) -> str:
    """Why a row is not recorded, after the column that it is about, by the clocks of a zone."""
    refusal.path = (booking_rows.COLUMNS.of_field(refusal.path),) if refusal.path else ()
    return worded(refusal, zone)


@dataclass(slots=True)
class Totals:
    """Results of a file's rows; `reasons` by row number, with times of the `zone`."""

    zone: tzinfo = UTC
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
            self.reasons[rejection.number] = _reason(rejection.reason, self.zone)

    def fail(self, past: Iterable[PastBooking], fault: Exception) -> None:
        """Refuse rows that nothing says a refusal about: a fault of the program's own."""
        why = f"This row could not be recorded ({type(fault).__name__}); the log says more."
        self.reasons.update((item.number, why) for item in past)


FAULTS = (IntegrityError, OperationalError, ArithmeticError, LookupError, TypeError, ValueError)
"""Exceptions of a row that are no refusals: they do not end the import. A lost database does."""


@app.command(name="bookings")
def import_bookings(
    file: Annotated[Path, typer.Argument(help="CSV, plain or gzipped, with a header.")],
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
    enrol: Annotated[bool, typer.Option("--enrol", help="Enrol members that are missing.")] = False,
    as_history: Annotated[
        bool,
        typer.Option("--history", help="Record each row as if at its own instant."),
    ] = False,
) -> None:
    """Import bookings; refused rows go to FILE.refused.csv, and the exit code is then 3."""
    read = booking_files.read(file)
    refused = file.with_name(f"{file.name}.refused.csv")
    written.check(refused)
    totals = Totals()

    async def work() -> None:
        found = await programmes.get(programme)
        try:
            with progress.bar("importing", len(read.rows)) as advance:
                await run(found, read, totals, advance, enrol=enrol, as_history=as_history)
        finally:
            booking_files.write_refused(refused, read, totals.reasons)

    started = time.monotonic()
    administer(read_settings(), work, connections=LANES)
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


@dataclass(slots=True)
class Work:
    """An import under way: members whose rows wait, each with their numbers, and the results of the
    others.
    """

    programme: Programme
    file: BookingFile
    waiting: Iterator[tuple[str, list[int]]]
    totals: Totals
    advance: Advance
    enrol: bool
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def read(self, numbers: Iterable[int]) -> list[PastBooking]:
        """The rows that can be read; the others are refused."""
        past, zone = [], self.programme.versions[-1].policy.zone
        for number in numbers:
            try:
                past.append(booking_files.to_past(self.file, number, zone))
            except RowRefused as error:
                self.totals.reasons[number] = str(error)
        return past


async def run(
    programme: Programme,
    file: BookingFile,
    totals: Totals,
    advance: Advance,
    *,
    enrol: bool,
    as_history: bool,
) -> None:
    """Import every row, some members at once; `totals` has the results so far if it ends early."""
    totals.zone = programme.versions[-1].policy.zone
    work = Work(programme, file, iter(file.by_member().items()), totals, advance, enrol)
    take = _play if as_history else _report
    tasks = [asyncio.create_task(take(work)) for _ in range(LANES)]
    try:
        await asyncio.shield(asyncio.gather(*tasks))
    finally:
        # when one is interrupted or fails, the others finish their present members
        work.stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _play(work: Work) -> None:
    """Play members as history, some by one transaction."""
    while not work.stop.is_set():
        past: dict[str, list[PastBooking]] = {}
        while len(past) < LANE_MEMBERS and sum(map(len, past.values())) < PLAYED_MAX:
            reference, numbers = next(work.waiting, (None, []))
            if reference is None:
                break
            past[reference] = work.read(numbers)
            work.advance(len(numbers) - len(past[reference]))
        if not past:
            return
        now = work.programme.now(datetime.now(UTC))
        played = await together.play(work.programme, past, now, enrol=work.enrol)
        for reference, result in played.items():
            _add(work, reference, past[reference], result)


def _add(
    work: Work, reference: str, past: Sequence[PastBooking], result: PlayResult | Exception
) -> None:
    if isinstance(result, PlayResult):
        work.totals.add(result)
    elif isinstance(result, Refusal):
        work.totals.reasons.update(
            (item.number, _reason(result, work.totals.zone)) for item in past
        )
    elif isinstance(result, FAULTS):
        logger.error("cannot import the bookings of %s", reference, exc_info=result)
        work.totals.fail(past, result)
    else:
        raise result
    work.advance(len(past))


async def _report(work: Work) -> None:
    """Report bookings as a booking system would, at the programme's now: those of several members
    by one batch, the rows of each one after the other.
    """
    lane: dict[str, deque[PastBooking]] = {}
    while not work.stop.is_set():
        await _fill(work, lane)
        if not lane:
            return
        await _report_batch(work, {name: rows.popleft() for name, rows in lane.items()})
        work.advance(len(lane))
        lane = {name: rows for name, rows in lane.items() if rows}


async def _fill(work: Work, lane: dict[str, deque[PastBooking]]) -> None:
    """Take members that wait, as long as there is room; those that are missing are enrolled."""
    taken: dict[str, list[PastBooking]] = {}
    while len(lane) + len(taken) < LANE_MEMBERS:
        reference, numbers = next(work.waiting, (None, []))
        if reference is None:
            break
        good = _check(work, work.read(numbers))
        work.advance(len(numbers) - len(good))
        if good:
            taken[reference] = good
    if work.enrol and taken:
        await _enrol(work, taken)
    lane |= {reference: deque(rows) for reference, rows in taken.items()}


async def _enrol(work: Work, taken: dict[str, list[PastBooking]]) -> None:
    """Enrol those of these members that are missing; those that cannot be enrolled are removed."""
    programme, totals = work.programme, work.totals
    named = {MemberKey(LookupScope.REFERENCE, reference): reference for reference in taken}
    known = await identity.find_many(programme.id, named)
    now = programme.now(datetime.now(UTC))
    requests = {
        named[key]: _request(programme, ["enrol", named[key]], now)
        for key in named
        if key not in known
    }
    for reference, answer in (await joining.enrol_all(requests, programme)).items():
        if isinstance(answer, Outcome):
            totals.enrolled += 1
        elif isinstance(answer, Refusal):
            rows = taken.pop(reference)
            totals.reasons.update((item.number, _reason(answer, totals.zone)) for item in rows)
            work.advance(len(rows))
        else:
            raise answer


async def _report_batch(work: Work, rows: Mapping[str, PastBooking]) -> None:
    """Report a booking of each of these members."""
    programme, totals = work.programme, work.totals
    now = programme.now(datetime.now(UTC))
    asked = [
        BookingRequest(
            _request(programme, [reference, item.sent], now),
            MemberKey(LookupScope.REFERENCE, reference),
            item.sent,
        )
        for reference, item in rows.items()
    ]
    answers = await batches.earn(programme, asked)
    for item, answer in zip(rows.values(), answers, strict=True):
        if isinstance(answer, Outcome):
            totals.known += answer.replayed
            totals.recorded += not answer.replayed
            totals.points += 0 if answer.replayed else answer.figures["points_awarded"]
        elif isinstance(answer, Refusal):
            totals.reasons[item.number] = _reason(answer, totals.zone)
        elif isinstance(answer, FAULTS):
            logger.error("cannot import booking %s", item.sent.reference, exc_info=answer)
            totals.fail([item], answer)
        else:
            raise answer


def _check(work: Work, past: Iterable[PastBooking]) -> list[PastBooking]:
    """The rows that the policy accepts: a member is not enrolled if all of its rows are refused."""
    now, good = work.programme.now(datetime.now(UTC)), []
    for item in past:
        try:
            bookings.check(work.programme, item.sent, now)
        except Refusal as error:
            work.totals.reasons[item.number] = _reason(error, work.totals.zone)
        else:
            good.append(item)
    return good


def _request(programme: Programme, content: object, now: datetime | None = None) -> Request:
    """One content, one key: a row sent again is answered as it was, a changed one conflicts."""
    caller = Caller(CallerKind.STAFF, programme.id, programme.code, REPORTER, roles=EVERY_ROLE)
    at = now or programme.now(datetime.now(UTC))
    return Request(caller, canonical.sha256(content).hex(), at, audited=False)
