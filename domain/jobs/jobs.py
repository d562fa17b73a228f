"""Jobs: putting them in the queue, reading, cancelling and ending them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import outbox, signs
from domain.kernel.database import Row, row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.outbox import Event, Topic
from domain.kernel.refusals import InvalidInput, NotFound
from domain.kernel.signs import Sign

WAITING_MAX = 20
"""How many jobs of a programme may wait or run at a time."""

_COUNTED = ("attempt", "points", "checked", "position", "done", "known", "refused")
"""Columns that start at zero."""


class JobStatus(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


class ImportKind(StrEnum):
    MEMBERS = "MEMBERS"
    BALANCES = "BALANCES"
    STANDINGS = "STANDINGS"
    BOOKINGS = "BOOKINGS"
    ACTIVITIES = "ACTIVITIES"
    CODES = "CODES"
    SEGMENT = "SEGMENT"

    @property
    def job(self) -> str:
        """The name of a job of this kind."""
        return f"{IMPORT}{self}"


class ExportKind(StrEnum):
    MEMBERS = "MEMBERS"
    LEDGER = "LEDGER"
    LOTS = "LOTS"
    REDEMPTIONS = "REDEMPTIONS"
    STATEMENTS = "STATEMENTS"

    @property
    def job(self) -> str:
        """The name of a job of this kind."""
        return f"{EXPORT}{self}"


IMPORT, EXPORT = "IMPORT_", "EXPORT_"


class OnDifference(StrEnum):
    """Handling of a row about an existing member with other values."""

    UPDATE = "UPDATE"
    REFUSE = "REFUSE"


class Failure(StrEnum):
    """Reasons why a job FAILED; nothing of it was written, unless stated."""

    NOT_UPLOADED = "NOT_UPLOADED"
    CONTROL_TOTALS = "CONTROL_TOTALS"
    ROWS_REFUSED = "ROWS_REFUSED"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Job:
    """A job as stored; the model describes its columns."""

    id: UUID
    programme_id: UUID
    kind: str
    status: JobStatus
    history: bool
    replaces: bool
    reward: str | None
    segment: str | None
    on_difference: str | None
    control_rows: int | None
    control_points: int | None
    as_of: datetime | None
    created_by: str
    created_at: datetime
    upload_until: datetime | None
    attempt: int
    uploaded_at: datetime | None
    sha256: bytes | None
    header: list[str] | None
    total: int | None
    points: int
    checked: int
    checked_at: datetime | None
    proposal_id: UUID | None
    approved_at: datetime | None
    approved_by: str | None
    began_at: datetime | None
    position: int
    done: int
    known: int
    refused: int
    failure: str | None
    finished_at: datetime | None
    forgotten_at: datetime | None

    @property
    def imports(self) -> ImportKind | None:
        """Kind of rows imported, if it is an import."""
        return ImportKind(self.kind.removeprefix(IMPORT)) if self.kind.startswith(IMPORT) else None

    @property
    def exports(self) -> ExportKind | None:
        """Kind of rows exported, if it is an export."""
        return ExportKind(self.kind.removeprefix(EXPORT)) if self.kind.startswith(EXPORT) else None

    @property
    def finished(self) -> bool:
        return self.status not in UNFINISHED

    def ends_at(self, now: datetime) -> datetime | None:
        """The instant of its end, or the estimated one at its present speed; None if unknown
        yet.
        """
        if self.finished_at is not None or self.began_at is None or self.total is None:
            return self.finished_at
        # each row is processed twice: to check it, and to write it
        passed = self.checked + self.position
        if passed == 0 or now <= self.began_at or self.status is not JobStatus.RUNNING:
            return None
        return now + (now - self.began_at) * (2 * self.total - passed) / passed


_SELECT = f"SELECT {', '.join(one.name for one in fields(Job))} FROM job"


def _job(found: Row) -> Job:
    header = found["header"] and orjson.loads(found["header"])
    return Job(**{**found, "status": JobStatus(found["status"]), "header": header})


async def insert(request: Request, terms: Mapping[str, Any]) -> None:
    """Put a job on these terms in the queue, in a transaction that locks the programme, so that
    waiting jobs can be counted.

    Raises: InvalidInput when too many wait.
    """
    programme_id = request.caller.programme_id
    found = await row(
        "SELECT count(*) AS count FROM job WHERE programme_id = $1 AND finished_at IS NULL",
        programme_id,
    )
    if found and found["count"] >= WAITING_MAX:
        raise InvalidInput("too_many_jobs", str(found["count"]), (str(WAITING_MAX),))
    values = {
        "programme_id": programme_id,
        "status": JobStatus.QUEUED,
        "history": False,
        "replaces": False,
        "created_by": request.caller.actor,
        "created_at": request.now,
        **dict.fromkeys(_COUNTED, 0),
        **terms,
    }
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await rows(
        f"INSERT INTO job ({', '.join(values)}) VALUES ({places}) RETURNING id", *values.values()
    )


async def find(programme_id: UUID, job_id: UUID) -> Job | None:
    found = await row(f"{_SELECT} WHERE programme_id = $1 AND id = $2", programme_id, job_id)
    return _job(found) if found else None


async def get(programme_id: UUID, job_id: UUID) -> Job:
    """Raises: NotFound."""
    found = await find(programme_id, job_id)
    if found is None:
        raise NotFound("job", str(job_id), path=("job",))
    return found


async def of_id(job_id: UUID) -> Job | None:
    """The job with this id, of any programme: for holders of an address that names it."""
    found = await row(f"{_SELECT} WHERE id = $1", job_id)
    return _job(found) if found else None


async def lock(job_id: UUID) -> Job | None:
    """The same, locked in the current transaction."""
    found = await row(f"{_SELECT} WHERE id = $1 FOR NO KEY UPDATE", job_id)
    return _job(found) if found else None


async def unfinished(programme_id: UUID) -> list[Job]:
    """Jobs that wait or run: running ones first, then in order."""
    found = await rows(
        f"{_SELECT} WHERE programme_id = $1 AND finished_at IS NULL "
        "ORDER BY status DESC, created_at, id",
        programme_id,
    )
    return [_job(one) for one in found]


async def cancel(request: Request, job_id: UUID) -> Outcome:
    """Stop a job that has not ended; figures: `job_id`. Rows written by it stay.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def perform() -> Figures:
        await get(request.caller.programme_id, job_id)
        job = await lock(job_id)
        if job is not None and not job.finished:
            await end(job, JobStatus.CANCELLED, request.now)
        return {"job_id": str(job_id)}

    return await once(request, "cancelJob", {"job": job_id}, perform)


async def end(
    job: Job, status: JobStatus, now: datetime, *, failure: Failure | None = None
) -> None:
    """Write a job's end and its event, in the transaction that locked it."""
    at = max(now, job.created_at)
    ended = await row(
        "UPDATE job SET status = $2, failure = $3, finished_at = $4 "
        "WHERE id = $1 AND finished_at IS NULL RETURNING total, done, known, refused",
        job.id,
        status,
        failure,
        at,
    )
    if ended is None:
        return
    await signs.give(Sign.JOB, job.id)
    said = {
        "job": job.id,
        "kind": job.kind,
        "status": status,
        "total": ended["total"],
        "done": ended["done"] + ended["known"],
        "refused": ended["refused"],
    }
    told = Event(Topic.JOB_FINISHED, job.programme_id, said)
    await outbox.announce(job.programme_id, at, [told])


async def fail(job_id: UUID, failure: Failure, now: datetime) -> None:
    """End a job that cannot go on, in a transaction of the caller's."""
    locked = await lock(job_id)
    if locked is not None:
        await end(locked, JobStatus.FAILED, now, failure=failure)


async def change(job_id: UUID, values: Mapping[str, Any]) -> None:
    """Change columns of a job, in the transaction that locked it."""
    set_to = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, start=2))
    await update(f"UPDATE job SET {set_to} WHERE id = $1", job_id, *values.values())
    await signs.give(Sign.JOB, job_id)
