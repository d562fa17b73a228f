"""Imports and exports, run as the worker runs them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from api.wording.messages import problem_messages
from domain.approvals import approvals
from domain.jobs import exports, imports, jobs, receiving, running
from domain.jobs.columns import Row
from domain.jobs.exports import ExportSent
from domain.jobs.imports import ImportSent
from domain.jobs.jobs import ExportKind, ImportKind
from domain.jobs.receiving import FileSent
from domain.programmes.programmes import Programme
from domain.proposals import proposals
from tests.support.factories.calls import NOW, request, staff


async def start_import(
    programme: Programme, kind: ImportKind = ImportKind.MEMBERS, *, now: datetime = NOW, **sent: Any
) -> UUID:
    """An import that waits for its file; its id."""
    asked = request(staff(programme), now=now)
    outcome = await imports.start(asked, programme, ImportSent(kind, **sent), datetime.now(UTC))
    return UUID(outcome.figures["job_id"])


async def export(programme: Programme, kind: ExportKind, *, now: datetime = NOW) -> UUID:
    """A finished export as of `now`; its id."""
    outcome = await exports.start(request(staff(programme), now=now), programme, ExportSent(kind))
    await make_exports(programme, now + timedelta(hours=1))
    return UUID(outcome.figures["job_id"])


async def make_exports(programme: Programme, now: datetime) -> None:
    """Run the worker's steps until no export of the programme waits."""
    while found := await exports.next_of(programme, now):
        await exports.step(programme, found, now)


async def send_rows(
    programme: Programme, job_id: UUID, *sent: Row, header: Sequence[str] = ()
) -> None:
    """Receive these rows as the file of an import."""
    upload = await receiving.begin(job_id, datetime.now(UTC))
    assert upload is not None
    await receiving.store(upload, sent)
    named = header or tuple(dict.fromkeys(name for row in sent for name in row))
    await receiving.complete(upload, FileSent(bytes(32), tuple(named)), datetime.now(UTC))


async def do_imports(programme: Programme, now: datetime = NOW) -> None:
    """Run the worker's steps until no import of the programme waits, approving their proposals."""
    while found := await running.next_of(programme, datetime.now(UTC), now):
        await running.step(programme, found, now, problem_messages)
    waiting = await proposals.page(programme.id, now, opened=True, limit=100, after=None)
    for one in waiting:
        job = next(
            (job for job in await jobs.unfinished(programme.id) if job.proposal_id == one.id), None
        )
        if job is not None:
            await approvals.approve(
                request(staff(programme, "lee"), now=now), programme, one.id, "it"
            )
            await do_imports(programme, now)
