"""Proposals: making, deciding once, and reading them, whatever they propose."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

import models
from domain.kernel import callers, canonical
from domain.kernel.database import Row, row, rows, update
from domain.kernel.idempotency import Figures, Request
from domain.kernel.ids import new_id
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.private_texts import ERASED
from domain.kernel.refusals import InvalidInput, NotFound
from domain.proposals.refusals import ProposalState, SamePerson

LIVES_DAYS = 7
OPEN_MAX = 100
"""Most proposals of a programme that may wait at a time."""

_SELECT = (
    "SELECT p.id, p.operation, p.sha256, p.proposed_by, p.proposed_at, p.expires_at, "
    "d.outcome, d.decided_by, d.decided_at, d.reason "
    "FROM proposal p LEFT JOIN proposal_decision d ON d.id = p.id "
    "WHERE p.programme_id = $1"
)
_OPEN = "(d.outcome IS NULL AND p.expires_at > $2::timestamptz)"


class ProposalStatus(StrEnum):
    OPEN = "OPEN"
    DONE = "DONE"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed call of this operation, with its state; `expires_at` is exclusive.

    `reason` is that of a rejection, `sha256` is the digest of its input (`pinned`).
    """

    id: UUID
    operation: str
    sha256: bytes
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    outcome: str | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None

    def status(self, now: datetime) -> ProposalStatus:
        if self.outcome is not None:
            return ProposalStatus(self.outcome)
        return ProposalStatus.OPEN if now < self.expires_at else ProposalStatus.EXPIRED


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision about the proposal of this id, for which the caller uses `named`."""

    proposal_id: UUID
    named: str
    outcome: ProposalStatus
    reason: str | None = None


GONE = {ERASED: True}
"""Replacement of the input of a proposal about an erased member."""


def pinned(sent: Mapping[str, Any]) -> bytes:
    """The SHA-256 of an input: for a document that of its text, equal to that of its file;
    otherwise that of its canonical JSON.
    """
    if "document" in sent:
        return hashlib.sha256(str(sent["document"]).encode()).digest()
    return canonical.sha256(sent)


async def propose(request: Request, operation: str, sent: Mapping[str, Any]) -> Figures:
    """Propose a call, to be decided by another person; figures: `proposal_id`. `sent` is its input
    as JSON, with the names that clients know. In a transaction that has locked the programme, so
    that open proposals can be counted.

    Raises: InvalidInput when too many are open.
    """
    programme_id = request.caller.programme_id
    if await count(programme_id, request.now, opened=True) >= OPEN_MAX:
        raise InvalidInput("too_many_proposals", allowed=(str(OPEN_MAX),))
    made = await models.Proposal.create(
        id=new_id(),
        programme_id=programme_id,
        operation=operation,
        input=dict(sent),
        sha256=pinned(sent),
        proposed_by=request.caller.actor,
        proposed_at=request.now,
        expires_at=request.now + timedelta(days=LIVES_DAYS),
    )
    return {"proposal_id": str(made.id)}


async def decide(request: Request, decision: Decision) -> tuple[Proposal, Mapping[str, Any]]:
    """Write the decision of a proposal, in the transaction that performs it; returns the proposal
    before, and its input.

    A concurrent decision is awaited. Raises: NotFound, ProposalState unless it is open, SamePerson
    where one approves one's own.
    """
    programme_id, path = request.caller.programme_id, ("proposal",)
    proposal = await find(programme_id, decision.proposal_id)
    if proposal is None:
        raise NotFound("proposal", decision.named, path=path)
    status = proposal.status(request.now)
    if status is not ProposalStatus.OPEN:
        raise ProposalState(status.value, path=path)
    own = callers.same_person(proposal.proposed_by, request.caller.actor)
    if own and decision.outcome is ProposalStatus.DONE:
        raise SamePerson(proposal.proposed_by, path=path)
    if not await _insert(request, proposal, decision):
        decided = await find(programme_id, proposal.id)
        raise ProposalState(str(decided and decided.outcome), path=path)
    sent = (await inputs([proposal.id]))[proposal.id]
    if pinned(sent) != proposal.sha256:
        raise RuntimeError(f"proposal {proposal.id} is not what was proposed any more")
    return proposal, sent


async def _insert(request: Request, proposal: Proposal, decision: Decision) -> bool:
    """Insert the decision; returns False if another exists: concurrent decisions wait at its
    primary key.
    """
    inserted = await row(
        "INSERT INTO proposal_decision "
        "(id, programme_id, proposed_by, expires_at, "
        "outcome, decided_by, decided_at, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id",
        proposal.id,
        request.caller.programme_id,
        proposal.proposed_by,
        proposal.expires_at,
        decision.outcome.value,
        request.caller.actor,
        request.now,
        decision.reason,
    )
    return inserted is not None


async def find(programme_id: UUID, proposal_id: UUID) -> Proposal | None:
    """The proposal of this id, if it is one of the programme's."""
    found = await row(f"{_SELECT} AND p.id = $2", programme_id, proposal_id)
    return _proposal(found) if found else None


async def page(
    programme_id: UUID,
    now: datetime,
    *,
    opened: bool | None,
    limit: int,
    after: Sequence[Any] | None,
) -> list[Proposal]:
    """At most `limit` proposals that are open, or decided, or all, the latest first, after the
    sort key `after`.
    """
    found = await rows(
        f"{_SELECT} AND ($3::boolean IS NULL OR {_OPEN} = $3) "
        f"AND {beyond('p.proposed_at, p.id', 4, *AT_ID, descending=True)} "
        "ORDER BY p.proposed_at DESC, p.id DESC LIMIT $6",
        programme_id,
        now,
        opened,
        *(after or (None, None)),
        limit,
    )
    return [_proposal(one) for one in found]


async def count(programme_id: UUID, now: datetime, *, opened: bool | None) -> int:
    """Number of proposals that are open, or decided, or all."""
    found = await row(
        "SELECT count(*) AS count FROM proposal p "
        "LEFT JOIN proposal_decision d ON d.id = p.id "
        f"WHERE p.programme_id = $1 AND ($3::boolean IS NULL OR {_OPEN} = $3)",
        programme_id,
        now,
        opened,
    )
    return int(found["count"]) if found else 0


async def inputs(proposal_ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """The inputs of these, by id."""
    found = await rows("SELECT id, input FROM proposal WHERE id = ANY($1::uuid[])", proposal_ids)
    return {one["id"]: orjson.loads(one["input"]) for one in found}


def _proposal(found: Row) -> Proposal:
    return Proposal(**{**found, "sha256": bytes(found["sha256"])})


ABOUT = (
    "ARRAY[p.input ->> 'memberId', p.input ->> 'fromId', p.input ->> 'intoId', "
    "p.input ->> 'claimMemberId']"
)
"""The ids of the members that a proposal `p` concerns."""


async def erase(
    programme_id: UUID, member_ids: Sequence[UUID], by: str, now: datetime
) -> list[UUID]:
    """Empty the inputs of proposals about these members; their proposers, deciders and digests
    stay. Open ones are rejected `by` the actor of the erasure. Returns the ids of these proposals.
    """
    found = await rows(
        f"SELECT p.id FROM proposal p WHERE p.programme_id = $1 AND {ABOUT} && $2::uuid[]::text[]",
        programme_id,
        list(member_ids),
    )
    ids = [one["id"] for one in found]
    await update(
        "INSERT INTO proposal_decision (id, programme_id, proposed_by, expires_at, outcome, "
        "decided_by, decided_at, reason) SELECT p.id, p.programme_id, p.proposed_by, p.expires_at, "
        "'REJECTED', $2, greatest($3, p.proposed_at), $4 FROM proposal p "
        "WHERE p.id = ANY($1::uuid[]) AND p.expires_at > $3 ON CONFLICT (id) DO NOTHING",
        ids,
        by,
        now,
        ERASED,
    )
    await update(
        "UPDATE proposal SET input = $2 WHERE id = ANY($1::uuid[])",
        ids,
        orjson.dumps(GONE).decode(),
    )
    await update(
        "UPDATE proposal_decision SET reason = $2 WHERE id = ANY($1::uuid[]) "
        "AND reason IS NOT NULL",
        ids,
        ERASED,
    )
    return ids
