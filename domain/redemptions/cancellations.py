"""Cancellations: a redemption is undone, its points go back to the lots they came from."""

from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.grants import grant_evaluation
from domain.grants.values import Fact
from domain.kernel.callers import Caller, partner_of
from domain.kernel.commitments import committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_text
from domain.kernel.outbox import Topic
from domain.ledger import journal as journals
from domain.ledger.values import Cause
from domain.programmes.programmes import Programme
from domain.redemptions import undoing
from domain.redemptions.granted import GIFTS
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus
from domain.redemptions.redemption_state import (
    change,
    check_state,
    figures,
    find,
    pass_on,
    reread,
)
from domain.redemptions.refusals import CodeRevealed, RedemptionState
from domain.rewards import coupons, released
from domain.rewards.catalogue import Reward, RewardKind


async def cancel(
    request: Request,
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    reason: str | None = None,
) -> Outcome:
    """Undo a redemption; figures: `member_id`, `redemption_id`, `points_reinstated`,
    `grants` (ids), and `holder_id` where the member was merged.

    Every caller may cancel what is HELD or CONFIRMED. Callers that may deliver it, or accept its
    coupon, may also cancel what is SHIPPED or FULFILLED, which voids its codes, except a settled
    order with a partner. An expired hold on a booking is given up, so that the booking cannot use
    it again. Points go back to their own lots with their own expiry; stock is returned.

    Raises: NotFound, InvalidInput, RedemptionState, CodeRevealed, IdempotencyKeyReused,
        ConcurrentRequest.
    """
    if reason is not None:
        check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))

    perform = partial(_cancel, request, programme, (member_id, redemption_id), reason)
    sent = {"redemption": redemption_id, "reason": reason}
    return await once(request, "cancelRedemption", sent, perform)


async def _cancel(
    request: Request, programme: Programme, key: tuple[UUID, UUID], reason: str | None
) -> Figures:
    redemption, reward = await find(request, programme, *key)
    async with accounts.opened(programme, redemption.member_id, request.now) as account:
        redemption = await reread(account, redemption)
        await _check_cancellable(request, redemption, reward)
        if reward is None and redemption.status is RedemptionStatus.CONFIRMED:
            raise RedemptionState(redemption.status, ("refundBooking",), path=("redemption",))
        cause = Cause(request.caller.actor, redemption_id=redemption.id, reason=committed(reason))
        points = await _take_back(account, redemption, cause)
        account.notify(
            Topic.REDEMPTION_CANCELLED,
            partner_id=reward.partner_id if reward else partner_of(redemption.actor),
            redemption_id=redemption.id,
            points=points,
        )
        grants = await grant_evaluation.evaluate(account, Fact(redemption.id, account.now), GIFTS)
        moved = await pass_on(account)
    return {**figures(*key), **moved, "points_reinstated": points, "grants": grants}


async def _check_cancellable(
    request: Request, redemption: Redemption, reward: Reward | None
) -> None:
    allowed = _cancellable(request.caller, redemption, reward)
    shown = redemption.status is RedemptionStatus.FULFILLED and redemption.codes
    if shown and RedemptionStatus.FULFILLED not in allowed:
        raise CodeRevealed(path=("redemption",))
    check_state(redemption, allowed)
    if await coupons.is_used(redemption.id):
        raise RedemptionState("USED", tuple(allowed), path=("redemption",))


def _cancellable(
    caller: Caller, redemption: Redemption, reward: Reward | None
) -> list[RedemptionStatus]:
    """States in which this caller may cancel it."""
    allowed = [RedemptionStatus.HELD, RedemptionStatus.CONFIRMED]
    if reward is None:
        if redemption.timed_out and redemption.cancelled_at is None:
            allowed.append(RedemptionStatus.RELEASED)
    elif _may_undo(caller, reward):
        allowed += [RedemptionStatus.SHIPPED, RedemptionStatus.FULFILLED]
    return allowed


def _may_undo(caller: Caller, reward: Reward) -> bool:
    """Whether the caller may cancel what was delivered; for a coupon, if it may accept it."""
    if reward.kind is RewardKind.COUPON:
        return caller.accepts(reward.partner_id)
    return reward.kind is not RewardKind.PARTNER and caller.delivers(reward.partner_id)


async def _take_back(account: Account, redemption: Redemption, cause: Cause) -> int:
    """Return what it holds or spent; returns the number of points, 0 for an expired hold."""
    journal, dead = account.journal, redemption.status is RedemptionStatus.RELEASED
    if redemption.id not in journal.holds and not dead:
        await undoing.undo(journal, redemption, cause)
        return redemption.points
    if not dead:
        journals.release(journal, redemption.id, cause)
        journal.released.append(redemption.id)
    account.events += await released.write(journal)
    await change(
        journal,
        redemption,
        # who let a hold go is recorded, so that no booking takes it as it may one that only died
        RedemptionStatus.RELEASED,
        cancelled_at=account.now,
        cancelled_by=cause.actor,
        cancel_reason=cause.reason,
    )
    return 0 if dead else redemption.points


async def let_go(account: Account, redemption: Redemption, cause: Cause) -> None:
    """Release what is held, for good; the caller has the account's lock."""
    await _take_back(account, redemption, cause)
