"""Adjustments: corrections by staff, always with a reason and a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts
from domain.earning import staff_limits
from domain.kernel import dates
from domain.kernel.commitments import committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_day, check_text
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput
from domain.ledger import journal as journals
from domain.ledger import lots
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Cause
from domain.members import statuses
from domain.members.identity import MemberKey, find_or_refuse
from domain.programmes import points as points_terms
from domain.programmes import programmes
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.programmes.rules import PROGRAMME_FUNDER
from domain.proposals import proposals
from domain.proposals.proposals import Proposal

OPERATION = "adjustPoints"

POINTS_MAX = 1_000_000_000
"""Most points of one correction: a typing error must not make a balance that is too large to
display.
"""


@dataclass(frozen=True, slots=True)
class AdjustmentSent:
    """Points above zero are credited, below zero taken; `expires_on` is the last valid date."""

    points: int
    reason: str
    expires_on: date | None = None

    def canonical(self) -> dict[str, Any]:
        return {"points": self.points, "reason": self.reason, "expires_on": self.expires_on}


async def adjust(
    request: Request, programme: Programme, member: MemberKey, sent: AdjustmentSent
) -> Outcome:
    """Correct a member's points by hand; figures: `member_id`, `points`. More points than one
    person may give without approval, by one call or on one local day, are proposed; figures:

    `proposal_id`. Credited points expire on the given date, 9999-12-31 for never, otherwise as the
    policy says.

    Raises: NotFound, InvalidInput, MemberSuspended, InsufficientPoints, IdempotencyKeyReused,
        ConcurrentRequest.
    """
    check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    if sent.points == 0:
        raise InvalidInput("zero_adjustment", path=("points",))
    if abs(sent.points) > POINTS_MAX:
        most = str(POINTS_MAX)
        raise InvalidInput("amount_too_large", str(sent.points), (most,), path=("points",))
    if sent.points < 0 and sent.expires_on is not None:
        raise InvalidInput("expiry_of_debit", path=("expiresOn",))

    perform = partial(_adjust_or_propose, request, programme, member, sent)
    return await once(request, OPERATION, {"member": member, "adjust": sent}, perform)


async def _adjust_or_propose(
    request: Request, programme: Programme, member: MemberKey, sent: AdjustmentSent
) -> Figures:
    member_id = await find_or_refuse(programme.id, member)
    if sent.points > 0 and not await staff_limits.gives(request, programme, sent.points):
        return await _propose(request, programme, member_id, sent)
    return await _adjust(request, programme, member_id, sent)


async def _propose(
    request: Request, programme: Programme, member_id: UUID, sent: AdjustmentSent
) -> Figures:
    """Raises: InvalidInput for a correction that would be refused now."""
    policy = programme.as_of(request.now).policy
    points_terms.check(policy)
    _expires_at(request.now, policy, sent.expires_on)
    proposed = {
        "memberId": str(member_id),
        "points": sent.points,
        "reason": sent.reason,
        "expiresOn": sent.expires_on and sent.expires_on.isoformat(),
    }
    await programmes.lock(programme.id)
    return await proposals.propose(request, OPERATION, proposed)


async def adjust_proposed(request: Request, proposal: Proposal, sent: Mapping[str, Any]) -> None:
    """Do the proposed correction, in the proposer's name, in the transaction that decides it. It
    counts in nobody's daily limit.

    Raises: NotFound, InvalidInput.
    """
    programme = await programmes.get(request.caller.programme)
    last = sent["expiresOn"]
    adjustment = AdjustmentSent(
        sent["points"], sent["reason"], None if last is None else date.fromisoformat(last)
    )
    member = MemberKey.of_id(UUID(sent["memberId"]))
    member_id = await find_or_refuse(programme.id, member)
    await _adjust(request, programme, member_id, adjustment, by=proposal.proposed_by)


async def _adjust(
    request: Request,
    programme: Programme,
    member_id: UUID,
    sent: AdjustmentSent,
    *,
    by: str | None = None,
) -> Figures:
    async with accounts.opened(programme, member_id, request.now) as account:
        points_terms.check(account.version.policy)
        statuses.check_there(await statuses.of(member_id))
        available = account.journal.balances.available
        if -sent.points > available:
            raise InsufficientPoints(available, -sent.points, path=("points",))
        cause = Cause(by or request.caller.actor, reason=committed(sent.reason))
        if sent.points > 0:
            lot = _lot(account.journal, account.version, sent)
            journals.adjust_up(account.journal, lot, cause)
        else:
            journals.adjust_down(account.journal, -sent.points, cause)
        account.notify(Topic.POINTS_ADJUSTED, points=sent.points)
    return {"member_id": str(member_id), "points": sent.points}


def _lot(journal: Journal, version: Version, sent: AdjustmentSent) -> Lot:
    return Lot(
        id=journal.new_id(),
        points=sent.points,
        remaining=sent.points,
        earned_at=journal.now,
        available_at=journal.now,
        expires_at=_expires_at(journal.now, version.policy, sent.expires_on),
        policy_version_id=version.id,
        funder=PROGRAMME_FUNDER,
    )


def _expires_at(now: datetime, policy: Policy, last: date | None) -> datetime | None:
    if last == dates.FOREVER:
        return None
    if last is None:
        return lots.expires_at(policy.expiry, now, policy.zone)
    expires_at = dates.end_of_day(check_day(last, ("expiresOn",)), policy.zone)
    if expires_at <= now:
        raise InvalidInput("expiry_in_past", str(last), path=("expiresOn",))
    return expires_at
