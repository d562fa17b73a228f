"""Deliveries on their way: details changed, orders sent and orders rejected."""

from datetime import datetime, timedelta
from functools import partial

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.grants import grant_evaluation
from domain.grants.values import Fact
from domain.kernel import dates
from domain.kernel.commitments import committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import NOTE_CHARACTERS_MAX, check_identifier, check_text
from domain.kernel.outbox import Topic
from domain.kernel.refusals import Instant, InvalidInput, NotFound
from domain.ledger.values import Cause
from domain.programmes.programmes import Programme
from domain.redemptions import delivery_details, undoing
from domain.redemptions.delivery_details import DeliverySent, Key
from domain.redemptions.fulfilments import TRACKING_CHARACTERS_MAX
from domain.redemptions.granted import GIFTS
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus
from domain.redemptions.redemption_state import (
    check_state,
    figures,
    find,
    pass_on,
    reread,
    set_status,
)
from domain.redemptions.refusals import RedemptionState
from domain.rewards.catalogue import Reward, RewardKind

CHANGED_BEFORE = timedelta(hours=24)
"""Time before an appointment until which its details may change."""


async def change(request: Request, programme: Programme, key: Key, sent: DeliverySent) -> Outcome:
    """Change where and to whom a reward is delivered; figures: `member_id`, `redemption_id`.

    Raises: NotFound, InvalidInput, RedemptionState once it was sent or delivered,
        IdempotencyKeyReused, ConcurrentRequest.
    """

    async def perform() -> Figures:
        redemption, reward = await _reward_of(request, programme, key)
        async with accounts.opened(programme, redemption.member_id, request.now) as account:
            redemption = await reread(account, redemption)
            check_state(redemption, [RedemptionStatus.HELD, RedemptionStatus.CONFIRMED])
            known = (await delivery_details.of_redemptions(programme.id, [key])).get(key[1])
            _check_time(known, account.now)
            delivery_details.check(reward, sent, account.now)
            await delivery_details.keep(key, sent, request.caller.actor, account.now)
        return figures(*key)

    named = {"redemption": key[1], "delivery": sent}
    return await once(request, "changeDelivery", named, perform)


def _check_time(known: DeliverySent | None, now: datetime) -> None:
    """Raises: InvalidInput where the appointment is near."""
    if known is not None and known.from_at is not None and now > known.from_at - CHANGED_BEFORE:
        until = Instant.of(known.from_at - CHANGED_BEFORE)
        raise InvalidInput("appointment_near", Instant.of(known.from_at), (until,), path=_PATH)


async def ship(
    request: Request, programme: Programme, key: Key, tracking: str | None = None
) -> Outcome:
    """Record that a confirmed reward is on its way; figures: `member_id`, `redemption_id`.

    Raises: NotFound, InvalidInput, RedemptionState, IdempotencyKeyReused, ConcurrentRequest.
    """
    if tracking is not None:
        check_identifier(tracking, ("tracking",), TRACKING_CHARACTERS_MAX)

    async def perform() -> Figures:
        redemption, reward = await _to_deliver(request, programme, key)
        if reward.kind is RewardKind.PARTNER:
            raise InvalidInput("units_not_shipped", reward.code, path=("redemption",))
        async with accounts.opened(programme, redemption.member_id, request.now) as account:
            redemption = await reread(account, redemption)
            check_state(redemption, [RedemptionStatus.CONFIRMED])
            marks = {"shipped_at": account.now, "tracking": committed(tracking)}
            await set_status(account.journal, redemption, RedemptionStatus.SHIPPED, **marks)
            account.notify(
                Topic.REDEMPTION_SHIPPED,
                partner_id=reward.partner_id,
                redemption_id=redemption.id,
                reward=reward.code,
            )
        return figures(*key)

    named = {"redemption": key[1], "tracking": tracking}
    return await once(request, "shipRedemption", named, perform)


async def reject(
    request: Request, programme: Programme, key: Key, reason: str, *, restock: bool = False
) -> Outcome:
    """Cancel a confirmed order that cannot be delivered; figures: `member_id`, `redemption_id`,
    `points_reinstated`, `grants` (ids), and `holder_id` where the member was merged.

    Points come back in lots that are valid for at least the policy's grace period; stock is
    returned only with `restock`.

    Raises: NotFound, InvalidInput, RedemptionState, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(reason, NOTE_CHARACTERS_MAX, ("reason",))

    perform = partial(_reject, request, programme, key, reason, restock=restock)
    named = {"redemption": key[1], "reason": reason, "restock": restock}
    return await once(request, "rejectOrder", named, perform)


async def _reject(
    request: Request, programme: Programme, key: Key, reason: str, *, restock: bool
) -> Figures:
    redemption, reward = await _to_deliver(request, programme, key)
    async with accounts.opened(programme, redemption.member_id, request.now) as account:
        redemption = await reread(account, redemption)
        check_state(redemption, [RedemptionStatus.CONFIRMED])
        cause = Cause(request.caller.actor, redemption_id=redemption.id, reason=committed(reason))
        await _undo(account, redemption, cause, restock=restock)
        account.notify(
            Topic.REDEMPTION_REJECTED,
            partner_id=reward.partner_id,
            redemption_id=redemption.id,
            reward=reward.code,
            points=redemption.points,
        )
        grants = await grant_evaluation.evaluate(account, Fact(redemption.id, account.now), GIFTS)
        moved = await pass_on(account)
    return {**figures(*key), **moved, "points_reinstated": redemption.points, "grants": grants}


async def _undo(account: Account, redemption: Redemption, cause: Cause, *, restock: bool) -> None:
    policy = account.version.policy
    last = dates.add_days(dates.local_date(account.now, policy.zone), policy.refunds.grace_days)
    how = undoing.How(restock=restock, at_least=dates.end_of_day(last, policy.zone))
    await undoing.undo(account.journal, redemption, cause, how)


async def _reward_of(request: Request, programme: Programme, key: Key) -> tuple[Redemption, Reward]:
    redemption, reward = await find(request, programme, *key)
    if reward is None:
        raise RedemptionState(redemption.status, ("earnForBooking",), path=_PATH)
    return redemption, reward


async def _to_deliver(
    request: Request, programme: Programme, key: Key
) -> tuple[Redemption, Reward]:
    """A redemption that the caller delivers. Raises: NotFound, RedemptionState."""
    redemption, reward = await _reward_of(request, programme, key)
    if not request.caller.delivers(reward.partner_id):
        raise NotFound("redemption", str(redemption.id), path=_PATH)
    return redemption, reward


_PATH = ("redemption",)
