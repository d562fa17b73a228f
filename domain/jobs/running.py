"""Running an import, a batch of rows at a time: all are checked, and then written.

Each transaction locks the job and writes its progress together with its work. So after a worker was
killed the job continues after its last batch, and a cancelled one stops between two.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial

from domain.jobs import (
    activity_rows,
    balance_rows,
    booking_rows,
    checking,
    code_rows,
    jobs,
    member_rows,
    results,
    segment_rows,
    standing_rows,
)
from domain.jobs.columns import Row
from domain.jobs.jobs import Failure, ImportKind, Job, JobStatus
from domain.jobs.results import Worded
from domain.jobs.work import Checked, Kind, Numbered, Result, Work
from domain.kernel.database import is_outage, transact
from domain.kernel.refusals import ConcurrentRequest, InvalidInput, Refusal
from domain.programmes.programmes import Programme
from domain.proposals import proposals
from domain.proposals.proposals import ProposalStatus

BATCH_ROWS = 1000
"""Rows that one transaction checks or writes."""

KINDS: Mapping[ImportKind, Kind] = {
    ImportKind.MEMBERS: member_rows.KIND,
    ImportKind.BALANCES: balance_rows.KIND,
    ImportKind.STANDINGS: standing_rows.KIND,
    ImportKind.BOOKINGS: booking_rows.KIND,
    ImportKind.ACTIVITIES: activity_rows.KIND,
    ImportKind.CODES: code_rows.KIND,
    ImportKind.SEGMENT: segment_rows.KIND,
}


async def next_of(programme: Programme, real_now: datetime, now: datetime) -> Job | None:
    """The import to run now: the running one, otherwise the first that has its file. One whose file
    has not arrived in time is FAILED.
    """
    for job in await jobs.unfinished(programme.id):
        if job.imports is None:
            continue
        if job.uploaded_at is not None and await _may_go_on(job, now):
            return job
        if job.uploaded_at is not None:
            continue
        if job.upload_until is not None and job.upload_until <= real_now:
            await transact(partial(_not_uploaded, job, now))
    return None


async def _may_go_on(job: Job, now: datetime) -> bool:
    """Whether the job may continue without waiting for an approval. One that can no longer be
    approved is CANCELLED.
    """
    if job.proposal_id is None or job.checked_at is None or job.approved_at is not None:
        return True
    proposal = await proposals.find(job.programme_id, job.proposal_id)
    if proposal is None or proposal.status(now) is not ProposalStatus.OPEN:
        await transact(partial(_rejected, job, now))
    return False


async def _rejected(job: Job, now: datetime) -> None:
    locked = await jobs.lock(job.id)
    if locked is not None and locked.approved_at is None:
        await jobs.end(locked, JobStatus.CANCELLED, now)


async def _not_uploaded(job: Job, now: datetime) -> None:
    locked = await jobs.lock(job.id)
    if locked is not None and locked.uploaded_at is None:
        await jobs.end(locked, JobStatus.FAILED, now, failure=Failure.NOT_UPLOADED)


async def step(programme: Programme, job: Job, now: datetime, worded: Worded) -> None:
    """Check or write the next batch of a job that `next_of` names; after the last one, end it.

    One that cannot be checked becomes FAILED, so that the next ones run; if the database is not
    reachable, it continues once it is.
    """
    work = Work(programme, job, now)
    if job.checked_at is not None:
        await _write_on(work, worded)
        return
    try:
        await transact(partial(_check_on, work, worded))
    except Exception as error:
        if not (is_outage(error) or isinstance(error, ConcurrentRequest)):
            await transact(partial(jobs.fail, job.id, Failure.INTERNAL, now))
        raise


async def _locked(work: Work) -> Job | None:
    """The job under its lock, unless another worker has continued or ended it meanwhile."""
    job = await jobs.lock(work.job.id)
    as_it_was = job is not None and (job.checked, job.position, job.checked_at) == (
        work.job.checked,
        work.job.position,
        work.job.checked_at,
    )
    return job if job is not None and as_it_was and not job.finished else None


async def _begun(work: Work) -> Job | None:
    """The same, in the status RUNNING."""
    job = await _locked(work)
    if job is not None and job.status is not JobStatus.RUNNING:
        await jobs.change(job.id, {"status": JobStatus.RUNNING})
    return job


def _kind(work: Work) -> Kind:
    kind = work.job.imports
    if kind is None:
        raise ValueError(f"job {work.job.id} is no import")
    return KINDS[kind]


async def _check_on(work: Work, worded: Worded) -> None:
    job = await _locked(work)
    if job is None:
        return
    rows = await results.waiting(job, job.checked, BATCH_ROWS)
    checked = await _kind(work).check(work, rows) if rows else Checked()
    last = job.checked + len(rows)
    over = last == job.total
    await jobs.change(
        job.id,
        {
            "status": JobStatus.RUNNING,
            "began_at": job.began_at or max(work.now, job.created_at),
            "checked": last,
            "points": job.points + checked.points,
            "checked_at": max(work.now, job.created_at) if over else None,
        },
    )
    await results.keep(job, _kind(work), checked.refused, worded)
    if over:
        await _judge(work)


async def _judge(work: Work) -> None:
    """Whether a job whose rows are all checked may be written."""
    job = await jobs.lock(work.job.id)
    if job is None:
        return
    totals = (job.control_rows, job.total), (job.control_points, job.points)
    if job.imports is ImportKind.BALANCES and job.refused:
        await jobs.end(job, JobStatus.FAILED, work.now, failure=Failure.ROWS_REFUSED)
    elif any(control is not None and control != found for control, found in totals):
        await jobs.end(job, JobStatus.FAILED, work.now, failure=Failure.CONTROL_TOTALS)
    elif job.proposal_id is not None:
        # other jobs run while it waits for approval
        await jobs.change(job.id, {"status": JobStatus.QUEUED})


async def _write_on(work: Work, worded: Worded) -> None:
    """Write the next rows: together, and then those left out each alone."""
    alone = _kind(work).write_alone
    if alone is None:
        await _write_by_itself(work, worded)
        return
    try:
        left = await transact(partial(_write_together, work, worded))
    except ConcurrentRequest:
        raise
    except Exception as error:  # written alone, the faulty one is found
        if is_outage(error):
            raise
        left = list(await results.waiting(work.job, work.job.position, BATCH_ROWS))
    for number in left:
        await _write_alone(work, number, partial(alone, work), worded)
    await _finish(work)
    await transact(partial(_advance, work))


async def _finish(work: Work) -> None:
    """The step after the last row, before the job is DONE."""
    last, finish = work.job.position + BATCH_ROWS, _kind(work).finish
    if finish is None or work.job.total is None or last < work.job.total:
        return
    if await transact(partial(_locked, work)) is not None:
        await finish(work)


async def _write(work: Work, rows: Numbered) -> dict[int, Result]:
    """Results of checked rows; those emptied by an erasure since then are refused."""
    kind = _kind(work)
    emptied: dict[int, Result] = {**checking.emptied(kind.columns, rows)}
    there = {number: row for number, row in rows.items() if number not in emptied}
    return emptied | await kind.write(work, there) if there else emptied


async def _write_by_itself(work: Work, worded: Worded) -> None:
    """Write rows of a kind with its own transactions; results are noted afterwards, and repetitions
    record nothing twice.
    """
    if await transact(partial(_begun, work)) is None:
        return
    rows = await results.waiting(work.job, work.job.position, BATCH_ROWS)
    found = await _write(work, rows)

    async def keep() -> None:
        if await _locked(work) is not None:
            await results.keep(work.job, _kind(work), found, worded)

    await transact(keep)
    await transact(partial(_advance, work))


async def _write_together(work: Work, worded: Worded) -> list[int]:
    """Write the rows of a batch; returns the numbers of those that must be written alone."""
    if await _begun(work) is None:
        return []
    rows = await results.waiting(work.job, work.job.position, BATCH_ROWS)
    found = await _write(work, rows)
    await results.keep(work.job, _kind(work), found, worded)
    return [number for number in rows if number not in found]


async def _write_alone(
    work: Work, number: int, alone: Callable[[Row], Awaitable[Result]], worded: Worded
) -> None:
    """Write a row, unless another worker has done so meanwhile."""

    async def write() -> None:
        if await _begun(work) is None:
            return
        for row in (await results.waiting(work.job, number - 1, 1)).values():
            emptied = checking.emptied(_kind(work).columns, {number: row})
            result = emptied.get(number) or await alone(row)
            await results.keep(work.job, _kind(work), {number: result}, worded)

    async def refuse(refusal: Refusal) -> None:
        if await _begun(work) and await results.waiting(work.job, number - 1, 1):
            await results.keep(work.job, _kind(work), {number: refusal}, worded)

    try:
        await transact(write)
    except ConcurrentRequest:
        raise
    except Refusal as refusal:
        await transact(partial(refuse, refusal))
    except Exception as error:
        if is_outage(error):
            raise
        await transact(partial(refuse, InvalidInput("row_failed")))


async def _advance(work: Work) -> None:
    job = await _locked(work)
    if job is None or job.total is None:
        return
    last = min(job.position + BATCH_ROWS, job.total)
    await jobs.change(job.id, {"position": last})
    if last == job.total:
        await jobs.end(job, JobStatus.DONE, work.now)
