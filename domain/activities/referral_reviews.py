"""Reviews: staff let a flagged friend count after all, or stop counting any friend."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts
from domain.activities import referral_outcomes
from domain.activities.referral_outcomes import DueReferral
from domain.kernel import audit
from domain.kernel.commitments import committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.refusals import ConcurrentRequest, InvalidInput, NotFound
from domain.programmes.programmes import Programme
from domain.referrals import friends, referral_reads, referrers
from domain.referrals.referral_reads import FriendRow
from domain.referrals.states import Referral, ReferralStatus


@dataclass(frozen=True, slots=True)
class ReviewSent:
    """A decision by staff, with its reason."""

    approve: bool
    reason: str

    def canonical(self) -> Mapping[str, Any]:
        return {"approve": self.approve, "reason": self.reason}


async def review(
    request: Request, programme: Programme, referral: tuple[UUID, UUID], sent: ReviewSent
) -> Outcome:
    """Decide about a friend of the referrer's, by (member id of the referrer, id); figures:
    `member_id`, `referral_id`.

    An approved friend was flagged, and is judged only by limit and terms from then on; a rejected
    one stays rejected. Both sides have the decision at once, or after the job.

    Raises: NotFound, InvalidInput, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    perform = partial(_review, request, programme, referral, sent)
    named = {"referral": referral[1], "review": sent}
    outcome = await once(request, "reviewReferral", named, perform)
    found = await _find(programme, referral)
    with suppress(ConcurrentRequest):  # the job does it within a minute
        due = DueReferral(found.friend_id, found.id)
        await referral_outcomes.apply(programme, due, request.now)
    return outcome


async def _find(programme: Programme, referral: tuple[UUID, UUID]) -> FriendRow:
    found = (await referral_reads.by_ids(programme.id, [referral])).get(referral[1])
    if found is None:
        raise NotFound("referral", str(referral[1]), path=("referral",))
    return found


async def _review(
    request: Request, programme: Programme, referral: tuple[UUID, UUID], sent: ReviewSent
) -> Figures:
    found = await _find(programme, referral)
    async with accounts.opened(programme, found.friend_id, request.now) as account:
        friend = await friends.latest(found.friend_id)
        outcome = await referrers.latest(*referral)
        if friend is None or outcome is None:
            raise NotFound("referral", str(found.id), path=("referral",))
        status = _status(friend, outcome)
        if sent.approve and status is not ReferralStatus.FLAGGED:
            raise InvalidInput("not_flagged", status, (ReferralStatus.FLAGGED,), path=("approve",))
        if status is ReferralStatus.REJECTED:
            raise InvalidInput("rejected_before", path=("approve",))
        decided = ReferralStatus.REACHED if sent.approve else ReferralStatus.REJECTED
        audit.changed(f"referral:{found.id}", {"status": status.value}, {"status": decided.value})
        friends.add(
            account,
            friend,
            decided,
            fact_at=friend.fact_at,
            actor=request.caller.actor,
            reason=committed(sent.reason),
        )
    return {"member_id": str(found.member_id), "referral_id": str(found.id)}


def _status(friend: Referral, outcome: Referral) -> ReferralStatus:
    """Its status, whether or not the outcome has returned to the friend's side yet."""
    return outcome.status if outcome.answers == friend.version else friend.status
