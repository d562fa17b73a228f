"""Deciding a review: waiting points are released, or taken back."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.kernel.callers import CallerKind
from domain.kernel.commitments import Committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.outbox import Topic
from domain.kernel.refusals import NotFound, StateConflict
from domain.ledger.values import Cause
from domain.members import review_ends, statuses
from domain.members.endings import Ending
from domain.members.statuses import MemberStatus, check_enrolled
from domain.programmes.programmes import Programme
from domain.redemptions import booking_holds, cancellations, redemptions
from domain.redemptions.redemption_reads import Redemption, many
from domain.reviews import releasing, reviews
from domain.reviews.reviews import Review, ReviewState
from domain.rewards import catalogue
from domain.risk import closing
from domain.transfers import transfers


@dataclass(frozen=True, slots=True)
class ReviewKey:
    """A review's row, and the global id that the caller uses."""

    member_id: UUID
    id: UUID
    named: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision by staff, with its reason; `actor` is the person."""

    approve: bool
    reason: str
    actor: str


async def decide(
    request: Request, programme: Programme, key: ReviewKey, approve: bool, reason: str
) -> Outcome:
    """Release or take back the points that wait for this review; figures: `member_id`, `review_id`,
    `grants` (ids).

    Raises: NotFound, InvalidInput, StateConflict, InsufficientPoints, MemberNotEnrolled,
        MemberSuspended, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))
    decision = Decision(approve, reason, request.caller.actor)
    perform = partial(_decide, request, programme, key, decision)
    said = {"review": key.id, "approve": approve, "reason": reason}
    return await once(request, "decideReview", said, perform)


async def _decide(
    request: Request, programme: Programme, key: ReviewKey, decision: Decision
) -> Figures:
    known = await _find(request, programme, key)
    opened = accounts.opened_with(programme, key.member_id, known.counterpart_id, request.now)
    async with opened as (account, other):
        review = await _find(request, programme, key)
        if review.state is not ReviewState.OPEN:
            raise StateConflict("review", review.state, (ReviewState.OPEN,), path=("review",))
        state = ReviewState.APPROVED if decision.approve else ReviewState.REJECTED
        await closing.close(
            account, review.id, state, decision.actor, Committed.to(decision.reason)
        )
        if review.moment in ("earn", "enrol"):
            grants = await _release_or_reject(account, review, decision)
        else:
            grants = await _spend(account, other, review, decision)
        account.notify(
            Topic.REVIEW_DECIDED,
            review_id=review.id,
            on=review.moment,
            approved=decision.approve,
        )
    return {"member_id": str(key.member_id), "review_id": str(key.id), "grants": grants}


async def _find(request: Request, programme: Programme, key: ReviewKey) -> Review:
    """Raises: NotFound, also to anybody but staff."""
    found = await reviews.by_ids(programme.id, [(key.member_id, key.id)], request.now)
    if key.id not in found or request.caller.kind is not CallerKind.STAFF:
        raise NotFound("review", key.named, path=("review",))
    return found[key.id]


async def _release_or_reject(account: Account, review: Review, decision: Decision) -> list[str]:
    """Release or take back earned points; admit or suspend an enrolled member."""
    if review.moment == "earn":
        named = (review.member_id, review.fact_id)
        facts = (await reviews.kinds_of([named]))[review.fact_id]
    else:
        ending = Ending(Committed.to(decision.reason), decision.actor)
        await review_ends.end(account, approve=decision.approve, ending=ending)
        own = review.member_id
        facts = (await reviews.waiting_facts([own], releasing.FACTS_MAX))[own]
    grants: list[str] = []
    for fact in facts:
        _, changed = await releasing.release_or_reject(account, fact)
        grants += [one for one in changed if one not in grants]
    return grants


async def _spend(account: Account, other: Account, review: Review, decision: Decision) -> list[str]:
    """Spend or transfer held points, or return them.

    Raises: MemberNotEnrolled, MemberSuspended for the member that would spend or get them,
    InsufficientPoints.
    """
    held = await _held(account, review)
    if not decision.approve:
        reason = Committed.to(decision.reason)
        cause = Cause(decision.actor, redemption_id=held.id, reason=reason)
        await cancellations.let_go(account, held, cause)
        return []
    check_enrolled(await statuses.of(account.member_id), ("review",))
    if review.moment == "transfer":
        await _transfer(account, other, review, held)
        return []
    if held.reward_id is None:
        await booking_holds.pass_review(account.journal, held)
        return []
    found = await catalogue.many(account.programme.id, [held.reward_id], account.now)
    figures = await redemptions.capture(account, held, found[held.reward_id], held.actor)
    return list(figures["grants"])


async def _held(account: Account, review: Review) -> Redemption:
    found = await many(account.programme.id, [(review.member_id, review.fact_id)])
    return found[review.fact_id]


async def _transfer(giving: Account, receiving: Account, review: Review, held: Redemption) -> None:
    """Raises: StateConflict for the receiver, InsufficientPoints."""
    receiving = receiving.holder
    status = await statuses.of(receiving.member_id)
    if status != MemberStatus.ENROLLED:
        raise StateConflict("receiving_member", status, (MemberStatus.ENROLLED,), path=("review",))
    await cancellations.let_go(giving, held, Cause(held.actor, redemption_id=held.id))
    await transfers.move(giving, receiving, review.points, held.actor, review.note)
