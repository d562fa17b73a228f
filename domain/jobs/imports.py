"""Starting an import: its terms, and the time in which its file may be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.jobs import jobs
from domain.jobs.columns import SHOWN_CHARACTERS_MAX
from domain.jobs.jobs import UNFINISHED, ImportKind, JobStatus, OnDifference
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.refusals import InvalidInput, NotFound, StateConflict
from domain.programmes import points, programmes
from domain.programmes.programmes import Programme
from domain.proposals import proposals
from domain.proposals.proposals import Proposal
from domain.rewards import catalogue

UPLOAD_MINUTES = 15
OPERATION = "startImport"
PROPOSED = (
    *(ImportKind.BALANCES, ImportKind.STANDINGS),
    *(ImportKind.BOOKINGS, ImportKind.ACTIVITIES),
)
"""Kinds that a second person must approve before they are written, once all rows are checked."""


@dataclass(frozen=True, slots=True)
class ImportSent:
    """A requested import; `control_rows` and `control_points` are the totals of its file according
    to its source.
    """

    kind: ImportKind
    on_difference: OnDifference = OnDifference.UPDATE
    control_rows: int | None = None
    control_points: int | None = None
    history: bool = False
    replace: bool = False
    reward: str | None = None
    segment: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "on_difference": self.on_difference,
            "control_rows": self.control_rows,
            "control_points": self.control_points,
            "history": self.history,
            "replace": self.replace,
            "reward": self.reward,
            "segment": self.segment,
        }

    def proposed(self, job_id: UUID) -> dict[str, Any]:
        """The values that another person approves, by the names that clients know."""
        return {
            "jobId": str(job_id),
            "kind": self.kind,
            "history": self.history,
            "controlRows": self.control_rows,
            "controlPoints": self.control_points,
        }


async def start(
    request: Request, programme: Programme, sent: ImportSent, real_now: datetime
) -> Outcome:
    """Put an import in the queue, whose file is accepted for `UPLOAD_MINUTES` of real time;
    figures: `job_id`, and `proposal_id` where another person must approve it.

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
    _check_terms(sent)
    for name, count in (
        ("controlRows", sent.control_rows),
        ("controlPoints", sent.control_points),
    ):
        if count is not None and count < 0:
            raise InvalidInput("negative_amount", str(count), path=(name,))


def _check_terms(sent: ImportSent) -> None:
    """Check that terms of one kind are given with that kind only. Raises: InvalidInput."""
    kinds = ImportKind
    for name, given, needed, allowed in (
        ("reward", sent.reward is not None, sent.kind is kinds.CODES, (kinds.CODES,)),
        ("segment", sent.segment is not None, sent.kind is kinds.SEGMENT, (kinds.SEGMENT,)),
        ("replace", sent.replace, False, (kinds.SEGMENT,)),
        ("history", sent.history, False, (kinds.BOOKINGS,)),
    ):
        if given and sent.kind not in allowed:
            raise InvalidInput("of_other_kind", sent.kind, allowed, path=(name,))
        if needed and not given:
            raise InvalidInput("needed_of_kind", sent.kind, path=(name,))


async def _check_there(programme: Programme, sent: ImportSent, now: datetime) -> None:
    """Raises: NotFound, InvalidInput."""
    policy = programme.as_of(now).policy
    if sent.kind is ImportKind.BALANCES:
        points.check(policy, ("kind",))
    if sent.reward is not None:
        reward = await catalogue.get(programme.id, sent.reward, now)
        if not reward.pooled_codes:
            raise InvalidInput("no_pool", reward.code, path=("reward",))
    lists = tuple(one.code for one in policy.segments if one.listed)
    if sent.segment is not None and sent.segment not in lists:
        raise NotFound("segment", sent.segment[:SHOWN_CHARACTERS_MAX], lists, path=("segment",))


async def _start(
    request: Request, programme: Programme, sent: ImportSent, real_now: datetime
) -> Figures:
    await _check_there(programme, sent, request.now)
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
        "history": sent.history,
        "replaces": sent.replace,
        "reward": sent.reward,
        "segment": sent.segment,
        "proposal_id": None if proposal_id is None else UUID(proposal_id),
        "upload_until": real_now + timedelta(minutes=UPLOAD_MINUTES),
    }
    await jobs.insert(request, terms)
    return figures


async def approve_proposed(request: Request, _: Proposal, sent: Mapping[str, Any]) -> None:
    """Allow the writing of a checked import, in the transaction that decides it.

    Raises: InvalidInput before it is checked, StateConflict where it has ended.
    """
    job = await jobs.lock(UUID(sent["jobId"]))
    if job is None or job.finished:
        status = JobStatus.CANCELLED if job is None else job.status
        raise StateConflict("job", status, UNFINISHED)
    if job.checked_at is None:
        raise InvalidInput("not_checked")
    at = max(request.now, job.created_at)
    await jobs.change(job.id, {"approved_at": at, "approved_by": request.caller.actor})
