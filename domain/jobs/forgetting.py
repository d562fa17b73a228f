"""Forgetting: rows of imports and parts of exports, which contain personal data, are removed some
time after their end.
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from domain.jobs import exports, jobs, receiving
from domain.kernel.database import row, transact

ROWS_DAYS, FILES_DAYS = 30, 7
"""Days after their end that rows of an import, and parts of an export, are kept."""


async def forget(programme_id: UUID, now: datetime) -> int:
    """Remove a batch of expired rows and parts; returns the numbers of rows, and of jobs that are
    done.
    """
    found = await row(
        "SELECT id, forgotten_at FROM job j WHERE programme_id = $1 AND finished_at IS NOT NULL "
        "AND CASE WHEN as_of IS NULL THEN finished_at < $2 OR uploaded_at IS NULL "
        "ELSE finished_at < $3 END AND (forgotten_at IS NULL "
        "OR EXISTS (SELECT FROM import_row r WHERE r.job_id = j.id)) ORDER BY finished_at LIMIT 1",
        programme_id,
        now - timedelta(days=ROWS_DAYS),
        now - timedelta(days=FILES_DAYS),
    )
    if found is None:
        return 0
    return await transact(partial(_forget, found["id"], found["forgotten_at"] or now))


async def _forget(job_id: UUID, at: datetime) -> int:
    """Remove a batch; from the first one on the job's rows are no longer proved."""
    await jobs.change(job_id, {"forgotten_at": at})
    return await receiving.delete(job_id) + await exports.delete(job_id) or 1
