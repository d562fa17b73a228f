"""The job queue: pgqueuer's tables in their own schema, and our queries on them.

The library makes and upgrades its tables; none of its SQL is copied here.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

import asyncpg
import pgqueuer
from pgqueuer.adapters.persistence import qb
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel, JobId
from pgqueuer.models import Job

from ops.errors import DatabaseError
from ops.postgres.connections import connection

QUEUE_SCHEMA = "pgqueuer"
"""The schema of the queue's tables, which pgqueuer makes and keeps up to date itself."""

LOG_DAYS = 7
FAILED_DAYS = 30
"""Days that the queue keeps its log of a job, and a job that failed finally."""

LISTED_MAX = 100
RETRIED_MAX = 1000
FORGOTTEN_MAX = 10_000
"""Most failed jobs that are listed, or queued again at once, and most rows that one statement
removes.
"""

VERSION = version("pgqueuer")

NAMES = DBSettings(
    prefix="",
    db_schema=QUEUE_SCHEMA,
    channel=Channel("milepost_jobs"),
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=qb.Durability.durable,
    widen_id=True,
)
"""All names are given, as the library would take missing ones from variables such as CHANNEL."""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that failed as often as it may, with its last failure."""

    id: int
    name: str
    failed_at: datetime
    error: str


def queries(opened: asyncpg.Connection) -> pgqueuer.Queries:
    """The library's statements on one connection, which nothing else may use meanwhile."""
    return pgqueuer.Queries(
        pgqueuer.AsyncpgDriver(opened),
        qb.QueryBuilderEnvironment(NAMES),
        qb.QueryQueueBuilder(NAMES),
        qb.QuerySchedulerBuilder(NAMES),
    )


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[pgqueuer.Queries]:
    """The queue by a connection of its own, its tables those of the installed library.

    Raises: DatabaseError
    """
    async with connection(url) as made:
        asked = queries(made)
        if (await asked.plan_upgrade()).statements:
            raise DatabaseError(
                f"the queue's tables are not those of pgqueuer {VERSION}: run "
                "`python -m ops migrate` as the database's owner"
            )
        yield asked


async def converge(owner: asyncpg.Connection) -> list[str]:
    """Upgrade the queue's tables to the installed library; returns its name if they changed.

    An interrupted run is finished by the next one.
    """
    done = await queries(owner).apply_upgrade()
    return [f"pgqueuer-{VERSION}"] if done.statements else []


async def put(asked: pgqueuer.Queries, name: str) -> bool:
    """Queue a job of this name; false if one waits or runs already."""
    made = await asked.enqueue(name, None, dedupe_key=name, on_conflict="skip")
    return made != [None]


async def failed(asked: pgqueuer.Queries) -> list[FailedJob]:
    """The jobs that failed for good, the latest first."""
    jobs = await asked.list_failed_jobs(LISTED_MAX)
    return [await _failed(asked, job) for job in jobs]


async def _failed(asked: pgqueuer.Queries, job: Job) -> FailedJob:
    logged = await asked.job_log_history(job.id, LISTED_MAX)
    said = [line.traceback.exception_message for line in logged if line.traceback]
    return FailedJob(job.id, job.entrypoint, job.updated, said[-1] if said else "not known")


async def retry(asked: pgqueuer.Queries, ids: Sequence[int] | None) -> list[int]:
    """Queue failed jobs again, all if none are named; returns the ids of those that had failed.

    If a job with the same name waits or runs already, that one does the work of both.
    """
    found = {int(job.id) for job in await asked.list_failed_jobs(RETRIED_MAX)}
    chosen = sorted(found if ids is None else found & set(ids))
    for job_id in chosen:
        try:
            await asked.requeue_jobs([JobId(job_id)])
        except asyncpg.UniqueViolationError:
            await asked.mark_job_as_cancelled([JobId(job_id)])
    return chosen


async def forget(asked: pgqueuer.Queries, now: datetime) -> int:
    """Remove a batch of old log rows and failed jobs; returns how many rows.

    The library has no statement for it by age.
    """
    names, log_before = NAMES.qualified, now - timedelta(days=LOG_DAYS)
    old = {
        names.queue_table: (
            "status = 'failed' AND updated < $1",
            now - timedelta(days=FAILED_DAYS),
        ),
        names.queue_table_log: (
            f"created < $1 AND NOT EXISTS (SELECT FROM {names.queue_table} q WHERE q.id = job_id)",
            log_before,
        ),
        names.statistics_table: ("created < $1", log_before),
    }
    removed = 0
    for table, (condition, before) in old.items():
        status = await asked.driver.execute(
            f"DELETE FROM {table} WHERE id IN "
            f"(SELECT id FROM {table} WHERE {condition} LIMIT {FORGOTTEN_MAX})",
            before,
        )
        removed += int(status.split()[-1])
    return removed
