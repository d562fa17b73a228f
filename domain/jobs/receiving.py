"""Receiving: the file of an import is stored row by row as it arrives, completely or not at all.

A new upload replaces an earlier one; the rows of that are removed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from uuid import UUID

import orjson

from domain.jobs import jobs
from domain.jobs.columns import Row
from domain.jobs.jobs import ImportKind, Job, JobStatus
from domain.kernel.database import rows, transact, update
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import StateConflict
from domain.members import identity
from domain.members.identity import MemberKey

BATCH_ROWS = 1000
"""How many rows one transaction stores, or removes at most."""


@dataclass(slots=True)
class Upload:
    """A file that is being sent: the number of the attempt, and the number of rows stored."""

    job_id: UUID
    kind: ImportKind
    attempt: int
    stored: int = 0


@dataclass(frozen=True, slots=True)
class FileSent:
    """A completely received file: its SHA-256 as sent, and the columns of its rows."""

    sha256: bytes
    header: tuple[str, ...]


async def begin(job_id: UUID, real_now: datetime) -> Upload | None:
    """Begin to receive the file of a job; None if it accepts none any more.

    Raises: StateConflict where it has its file, or has ended.
    """
    upload = await transact(partial(_begin, job_id, real_now))
    if upload is not None:
        await _remove(upload)
    return upload


async def _begin(job_id: UUID, real_now: datetime) -> Upload | None:
    job = await jobs.lock(job_id)
    if job is None or job.upload_until is None or job.upload_until <= real_now:
        return None
    kind = job.imports
    if kind is None:
        return None
    if job.uploaded_at is not None or job.finished:
        raise StateConflict("job", job.status, (JobStatus.QUEUED,), path=("job",))
    await jobs.change(job_id, {"attempt": job.attempt + 1})
    return Upload(job_id, kind, job.attempt + 1)


async def _open(upload: Upload) -> Job:
    """The job under its lock.

    Raises: StateConflict where another file replaces it, or it has ended.
    """
    job = await jobs.lock(upload.job_id)
    if job is None or job.attempt != upload.attempt or job.uploaded_at or job.finished:
        status = job.status if job is not None else JobStatus.CANCELLED
        raise StateConflict("job", status, (JobStatus.QUEUED,), path=("job",))
    return job


async def store(upload: Upload, arrived: Sequence[Row]) -> None:
    """Store the next rows, at most `BATCH_ROWS`.

    Raises: StateConflict.
    """

    async def work() -> None:
        job = await _open(upload)
        first = upload.stored + 1
        await rows(
            "INSERT INTO import_row (job_id, number, content, member_id) "
            "SELECT $1, w.number, w.content, w.member_id "
            "FROM unnest($2::bigint[], $3::text[], $4::uuid[]) AS w (number, content, member_id)",
            upload.job_id,
            list(range(first, first + len(arrived))),
            [orjson.dumps(row).decode() for row in arrived],
            await _named(job.programme_id, arrived) if _has_contacts(upload.kind) else [],
        )

    await transact(work)
    upload.stored += len(arrived)


_CONTACTS = {"email": LookupScope.EMAIL, "phone": LookupScope.PHONE}


def _has_contacts(kind: ImportKind) -> bool:
    return kind is ImportKind.MEMBERS


async def _named(programme_id: UUID, arrived: Sequence[Row]) -> list[UUID | None]:
    """The owner of the contact in each row, looked up now: a reference is permanent, but a contact
    may change before a person requests erasure.
    """
    keys = [
        [
            MemberKey(scope, said)
            for name, scope in _CONTACTS.items()
            if isinstance(said := row.get(name), str)
        ]
        for row in arrived
    ]
    known = await identity.find_many(programme_id, chain.from_iterable(keys))
    return [next((known[key] for key in of_row if key in known), None) for of_row in keys]


async def complete(upload: Upload, sent: FileSent, real_now: datetime) -> None:
    """Mark the file as complete: from now on it can be checked. Raises: StateConflict."""

    async def work() -> None:
        await _open(upload)
        found = {
            "uploaded_at": real_now,
            "sha256": sent.sha256,
            "header": orjson.dumps(sent.header).decode(),
            "total": upload.stored,
        }
        await jobs.change(upload.job_id, found)

    await transact(work)


async def abandon(upload: Upload) -> None:
    """Remove the rows of an interrupted file, unless another one replaces it."""
    with suppress(StateConflict):
        await _remove(upload)


async def _remove(upload: Upload) -> None:
    """Remove the rows of earlier attempts, and of this one. Ends early if another begins."""

    async def work() -> int:
        await _open(upload)
        return await delete(upload.job_id)

    while await transact(work):
        pass


async def delete(job_id: UUID) -> int:
    """Remove a batch of a job's rows; returns how many."""
    return await update(
        "DELETE FROM import_row WHERE job_id = $1 AND number IN "
        "(SELECT number FROM import_row WHERE job_id = $1 ORDER BY number LIMIT $2)",
        job_id,
        10 * BATCH_ROWS,
    )
