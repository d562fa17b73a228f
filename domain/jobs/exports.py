"""Exports: the state at one instant, as parts of gzipped CSV.

A worker reads members by id, each part in one snapshot, and writes each part with its last member:
after being killed it continues after its last part.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import sweeps
from domain.jobs import jobs
from domain.jobs.export_rows import SELECTS, Select
from domain.jobs.jobs import ExportKind, Failure, Job, JobStatus
from domain.kernel import dates, private_texts
from domain.kernel.cells import plain
from domain.kernel.database import is_outage, row, rows, snapshot, transact, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_day
from domain.kernel.refusals import ConcurrentRequest, Instant, InvalidInput
from domain.members import identity, looks
from domain.members.looks import Look
from domain.programmes import programmes
from domain.programmes.programmes import Programme

OPERATION = "startExport"
QUIET_SECONDS = 60
"""Seconds after its instant before an export is read: transactions of then have ended by now."""

MEMBERS_AT_ONCE = 500
PART_ROWS = 50_000
"""Rows after which a part ends, with the current batch of members."""

_NOBODY, _LAST = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class ExportSent:
    """A requested export, as of an instant (UTC) that is not in the future; None for now."""

    kind: ExportKind
    as_of: datetime | None = None

    def canonical(self) -> dict[str, Any]:
        return {"kind": self.kind, "as_of": self.as_of}


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of members through one, whether these are the last, and the members that they
    identify.
    """

    content: bytes
    rows: int
    through: UUID
    last: bool
    shown: tuple[UUID, ...] = ()


async def start(request: Request, programme: Programme, sent: ExportSent) -> Outcome:
    """Put an export in the queue; figures: `job_id`.

    Raises: InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def perform() -> Figures:
        as_of = sent.as_of or request.now
        if as_of > request.now:
            now = (Instant.of(request.now),)
            raise InvalidInput("in_future", Instant.of(as_of), now, path=("asOf",))
        check_day(dates.local_date(as_of, programme.versions[-1].policy.zone), ("asOf",))
        job_id = new_id()
        await programmes.lock(programme.id)
        await jobs.insert(request, {"id": job_id, "kind": sent.kind.job, "as_of": as_of})
        return {"job_id": str(job_id)}

    return await once(request, OPERATION, sent, perform)


async def next_of(programme: Programme, now: datetime) -> Job | None:
    """The export to make now: the running one, otherwise the first whose instant is long enough
    ago.
    """
    quiet = timedelta(seconds=QUIET_SECONDS)
    found = (job for job in await jobs.unfinished(programme.id) if job.exports is not None)
    return next((job for job in found if job.as_of is not None and job.as_of + quiet <= now), None)


async def step(programme: Programme, job: Job, now: datetime) -> None:
    """Make the next part of an export; after the last one, end it."""
    try:
        after = await _after(job)
        if after is None:
            # changes due by then are in the ledger from now on
            async for _ in sweeps.sweep(programme, now):
                pass
        part = await _read(job, after or _NOBODY)
        await transact(partial(_keep, job, after, part, now))
    except Exception as error:
        if not (is_outage(error) or isinstance(error, ConcurrentRequest)):
            await transact(partial(jobs.fail, job.id, Failure.INTERNAL, now))
        raise


async def _after(job: Job) -> UUID | None:
    """The last member of the last part; None before the first one."""
    found = await row(
        "SELECT through FROM export_part WHERE job_id = $1 ORDER BY number DESC LIMIT 1", job.id
    )
    return found["through"] if found else None


async def _read(job: Job, after: UUID) -> Part:
    kind, as_of = job.exports, job.as_of
    if kind is None or as_of is None:
        raise ValueError(f"job {job.id} is no export")
    select = SELECTS[kind]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(select.columns)
    sheet = _Sheet(select, writer)
    async with snapshot():
        through = await _write(job, sheet, as_of, after)
    content = gzip.compress(text.getvalue().encode(), mtime=0)
    return Part(content, sheet.count, through, through == _LAST, tuple(sheet.shown))


@dataclass(slots=True)
class _Sheet:
    """Rows of one kind as they are written, their number, and the members that they identify."""

    select: Select
    writer: Any
    count: int = 0
    shown: list[UUID] = field(default_factory=list)

    def add(self, found: Sequence[Mapping[str, Any]]) -> None:
        select = self.select
        for one in found:
            said = {**one, **{name: private_texts.shown(one[name]) for name in select.private}}
            self.writer.writerow(_cells(said[name] for name in select.columns))
        self.count += len(found)
        self.shown += [one["member_id"] for one in found if "member_id" in one]


async def _write(job: Job, sheet: _Sheet, as_of: datetime, after: UUID) -> UUID:
    """Write the rows; returns the last member."""
    select = sheet.select
    if not select.of_members:
        sheet.add(await rows(select.sql, job.programme_id, as_of))
        return _LAST
    joined_before = as_of + timedelta(microseconds=1)
    while sheet.count < PART_ROWS:
        ids = await identity.next_after(
            job.programme_id, after, MEMBERS_AT_ONCE, joined_before=joined_before
        )
        if ids:
            sheet.add(await rows(select.sql, ids, as_of))
            after = ids[-1]
        if len(ids) < MEMBERS_AT_ONCE:
            return _LAST
    return after


def _cells(values: Iterable[object]) -> list[str]:
    return ["" if value is None else _cell(value) for value in values]


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else plain(str(value))


async def _keep(job: Job, after: UUID | None, part: Part, now: datetime) -> None:
    """Write a part, unless another worker has made it meanwhile."""
    locked = await jobs.lock(job.id)
    if locked is None or locked.finished or await _after(job) != after:
        return
    await rows(
        "INSERT INTO export_part (job_id, number, content, sha256, through) "
        "SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4 FROM export_part WHERE job_id = $1 "
        "RETURNING number",
        job.id,
        part.content,
        hashlib.sha256(part.content).digest(),
        part.through,
    )
    look = Look(locked.created_by, str(job.id), now)
    await looks.record(look, dict.fromkeys(part.shown, looks.ALL))
    done = locked.done + part.rows
    began_at = locked.began_at or max(now, locked.created_at)
    total = done if part.last else None
    found = {"status": JobStatus.RUNNING, "began_at": began_at, "done": done, "total": total}
    await jobs.change(job.id, found)
    if part.last:
        await jobs.end(locked, JobStatus.DONE, now)


async def parts(job_id: UUID) -> list[int]:
    """The numbers of the existing parts."""
    found = await rows("SELECT number FROM export_part WHERE job_id = $1 ORDER BY number", job_id)
    return [one["number"] for one in found]


async def content(job_id: UUID, number: int) -> bytes | None:
    """The gzipped CSV of a part; None if it does not exist."""
    found = await row(
        "SELECT content FROM export_part WHERE job_id = $1 AND number = $2", job_id, number
    )
    return bytes(found["content"]) if found else None


async def shown(job: Job, number: int) -> list[UUID]:
    """The members that the rows of a part identify, as recorded when the rows were read."""
    found = await rows(
        "SELECT through FROM export_part WHERE job_id = $1 AND number = ANY($2::int[]) "
        "ORDER BY number",
        job.id,
        [number - 1, number],
    )
    after = found[0]["through"] if len(found) > 1 else _NOBODY
    return await looks.of_request(str(job.id), after, found[-1]["through"]) if found else []


async def delete(job_id: UUID) -> int:
    """Remove the parts of an export; returns how many."""
    return await update("DELETE FROM export_part WHERE job_id = $1", job_id)
