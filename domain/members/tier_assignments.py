"""Assignments: a tier that staff give by hand, below which the member does not fall.

Earning a tier continues meanwhile, so that lifting the assignment leaves the tier earned by then.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.kernel import audit
from domain.kernel.commitments import committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import Instant, InvalidInput
from domain.members import statuses
from domain.members.identity import MemberKey, find_or_refuse
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.tiers import qualification, tier_periods, tiers
from domain.tiers.values import NewChange


@dataclass(frozen=True, slots=True)
class AssignmentSent:
    """`tier` None lifts the assignment; `until` is exclusive, None means until it is lifted."""

    tier: str | None
    reason: str
    until: datetime | None = None

    def canonical(self) -> dict[str, Any]:
        return {"tier": self.tier, "reason": self.reason, "until": self.until}


async def assign(
    request: Request, programme: Programme, member: MemberKey, sent: AssignmentSent
) -> Outcome:
    """Assign a tier to a member, or lift the assignment; figures: `member_id`, `tier`.

    The member has the higher of the earned and the assigned tier; lifting reviews it again, by what
    it earned only. A second assignment replaces the first.

    Raises: NotFound, InvalidInput, MemberSuspended, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    if sent.tier is None and sent.until is not None:
        raise InvalidInput("end_of_lifting", path=("until",))

    perform = partial(_assign, request, programme, member, sent)
    return await once(request, "assignTier", {"member": member, "assign": sent}, perform)


async def _assign(
    request: Request, programme: Programme, member: MemberKey, sent: AssignmentSent
) -> Figures:
    member_id = await find_or_refuse(programme.id, member)
    async with accounts.opened(programme, member_id, request.now) as account:
        statuses.check_there(await statuses.of(member_id))
        check(account.version.policy, sent, account.now)
        if sent.tier is None and account.holding.assigned is None:
            raise InvalidInput("nothing_assigned", path=("tier",))
        change = await decide(account, sent, request.caller.actor)
        was = {"tier": account.holding.tier}
        audit.changed(f"member:{member_id}", was, {"tier": change.to_tier})
        account.count((), change)
    return {"member_id": str(member_id), "tier": change.to_tier}


async def decide(account: Account, sent: AssignmentSent, actor: str) -> NewChange:
    """The change by a checked assignment, and its actor; the caller counts it."""
    version, holding = account.version, account.holding
    sums = await tiers.sums(account.member_id, version.policy, account.now)
    _, judged = qualification.best(version.policy, sums)
    at = holding.instant(account.now)
    return NewChange(
        holding.tier,
        holding.moved(version.policy, at, assigned=sent.tier, assigned_until=sent.until),
        at,
        at,
        version.id,
        judged,
        tier_periods.LIFTED if sent.tier is None else tier_periods.ASSIGNED,
        actor=actor,
        note=committed(sent.reason),
    )


def check(policy: Policy, sent: AssignmentSent, now: datetime) -> None:
    """Check that the policy has the tier, and the end is in the future. Raises: InvalidInput."""
    codes = [level.code for level in policy.tiers.levels]
    if sent.tier is not None and sent.tier not in codes:
        raise InvalidInput("unknown_tier", sent.tier[:64], tuple(codes), path=("tier",))
    if sent.until is not None and sent.until <= now:
        raise InvalidInput(
            "end_in_past", Instant.of(sent.until), (Instant.of(now),), path=("until",)
        )
