"""Starting an import: on which terms, and until when its file may be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.jobs import jobs
from domain.jobs.jobs import UNFINISHED, ImportKind, JobStatus, OnDifference
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.refusals import InvalidInput, StateConflict
from domain.programmes import points, programmes
from domain.programmes.programmes import Programme
from domain.proposals import proposals
from domain.proposals.proposals import Proposal

UPLOAD_MINUTES = 15
OPERATION = "startImport"
PROPOSED = (ImportKind.BALANCES,)
"""What a second person has to approve before it is written, once all its rows are checked."""


@dataclass(frozen=True, slots=True)
class ImportSent:
    """What a caller asks for; `control_rows` and `control_points` are what its file adds up to,
    by the books that it was made of.
    """

    kind: ImportKind
    on_difference: OnDifference = OnDifference.UPDATE
    control_rows: int | None = None
    control_points: int | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "on_difference": self.on_difference,
            "control_rows": self.control_rows,
            "control_points": self.control_points,
        }

    def proposed(self, job_id: UUID) -> dict[str, Any]:
        """What another person approves, by the names that clients know."""
        return {
            "jobId": str(job_id),
            "kind": self.kind,
            "controlRows": self.control_rows,
            "controlPoints": self.control_points,
        }


async def start(
    request: Request, programme: Programme, sent: ImportSent, real_now: datetime
) -> Outcome:
    """Put an import in the queue, whose file is taken until `UPLOAD_MINUTES` of real time later;
    figures: `job_id`, and `proposal_id` where another person has to approve it.

    Raises: InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    _check(sent)
    perform = partial(_start, request, programme, sent, real_now)
    return await once(request, OPERATION, sent, perform)


def _check(sent: ImportSent) -> None:
    """Raises: InvalidInput."""
    balances = sent.kind is ImportKind.BALANCES
    if balances and sent.control_rows is None:
        raise InvalidInput("control_required", path=("controlRows",))
    if balances and sent.control_points is None:
        raise InvalidInput("control_required", path=("controlPoints",))
    if not balances and sent.control_points is not None:
        raise InvalidInput("not_of_this_import", sent.kind, path=("controlPoints",))
    for name, count in (
        ("controlRows", sent.control_rows),
        ("controlPoints", sent.control_points),
    ):
        if count is not None and count < 0:
            raise InvalidInput("negative_amount", str(count), path=(name,))


async def _start(
    request: Request, programme: Programme, sent: ImportSent, real_now: datetime
) -> Figures:
    if sent.kind is ImportKind.BALANCES:
        points.check(programme.as_of(request.now).policy, ("kind",))
    job_id = new_id()
    figures: Figures = {"job_id": str(job_id)}
    await programmes.lock(programme.id)
    if sent.kind in PROPOSED:
        figures |= await proposals.propose(request, OPERATION, sent.proposed(job_id))
    proposal_id = figures.get("proposal_id")
    terms = {
        "id": job_id,
        "kind": sent.kind.job,
        "on_difference": sent.on_difference if sent.kind is ImportKind.MEMBERS else None,
        "control_rows": sent.control_rows,
        "control_points": sent.control_points,
        "proposal_id": None if proposal_id is None else UUID(proposal_id),
        "upload_until": real_now + timedelta(minutes=UPLOAD_MINUTES),
    }
    await jobs.insert(request, terms)
    return figures


async def approve_proposed(request: Request, _: Proposal, sent: Mapping[str, Any]) -> None:
    """Let an import be written that is checked, in the transaction that decides it.

    Raises: InvalidInput before it is checked, StateConflict where it is over.
    """
    job = await jobs.lock(UUID(sent["jobId"]))
    if job is None or job.finished:
        status = JobStatus.CANCELLED if job is None else job.status
        raise StateConflict("job", status, UNFINISHED)
    if job.checked_at is None:
        raise InvalidInput("not_checked")
    at = max(request.now, job.created_at)
    await jobs.change(job.id, {"approved_at": at, "approved_by": request.caller.actor})
