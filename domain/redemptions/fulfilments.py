"""Fulfilments: delivery of what was redeemed, under the deliverer's own reference.

It settles an order for a partner's units, which cannot be cancelled afterwards. A reference is a
permanent natural key: (programme, partner or '-', reference) denotes one redemption.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.kernel.commitments import committed
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.inputs import check_identifier
from domain.kernel.lookups import LookupScope, look_up
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput, NotFound, ReferenceConflict
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus, many
from domain.redemptions.redemption_state import check_state, figures, find, reread, set_status
from domain.redemptions.refusals import RedemptionState
from domain.rewards.catalogue import Reward, RewardKind

TRACKING_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class FulfilSent:
    """Tracking information, and the partner's or supplier's reference."""

    tracking: str | None = None
    reference: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {"tracking": self.tracking, "reference": self.reference}


async def fulfil(
    request: Request,
    programme: Programme,
    member_id: UUID,
    redemption_id: UUID,
    sent: FulfilSent,
) -> Outcome:
    """Record that a reward was delivered; figures: `member_id`, `redemption_id`. Without tracking
    information of its own, it keeps that of the shipment.

    A partner does not find another partner's reward. A reference already used for this same
    delivery gets its first answer.

    Raises: NotFound, InvalidInput, RedemptionState, ReferenceConflict, IdempotencyKeyReused,
        ConcurrentRequest.
    """
    if sent.tracking is not None:
        check_identifier(sent.tracking, ("tracking",), TRACKING_CHARACTERS_MAX)
    if sent.reference is not None:
        check_identifier(sent.reference, ("reference",))

    perform = partial(_fulfil, request, programme, (member_id, redemption_id), sent)
    named = {"redemption": redemption_id, "fulfilment": sent}
    return await once(request, "fulfilRedemption", named, perform)


async def _fulfil(
    request: Request, programme: Programme, key: tuple[UUID, UUID], sent: FulfilSent
) -> Figures | Replayed:
    redemption, reward = await find(request, programme, *key)
    if reward is None:
        raise RedemptionState(redemption.status, ("earnForBooking",), path=("redemption",))
    if not request.caller.delivers(reward.partner_id):
        raise NotFound("redemption", str(redemption.id), path=("redemption",))
    if reward.kind is RewardKind.PARTNER and sent.reference is None:
        raise InvalidInput("reference_required", path=("reference",))
    if await _is_known(request, redemption, reward, sent):
        return Replayed(figures(*key))
    async with accounts.opened(programme, redemption.member_id, request.now) as account:
        await _deliver(account, redemption, reward, sent)
    return figures(*key)


async def _is_known(
    request: Request, redemption: Redemption, reward: Reward, sent: FulfilSent
) -> bool:
    """Take the reference for this redemption; returns whether it already denotes this delivery.

    A reward of no partner is delivered by staff, or by a caller for all partners.

    Raises: ReferenceConflict where it denotes anything else, ConcurrentRequest.
    """
    if sent.reference is None:
        return False
    partner = reward.partner_id or request.caller.partner_id or "-"
    value = f"{partner}:{sent.reference}"
    scope, key = LookupScope.FULFILMENT, (redemption.member_id, redemption.id)
    known = await look_up(redemption.programme_id, scope, value, *key)
    if known is None:
        return False
    first = (await many(redemption.programme_id, [key]))[redemption.id]
    # without one of its own it kept that of the shipment
    kept = sent.tracking is None and first.shipped_at is not None
    if known["row_id"] != redemption.id or not (kept or first.tracking == sent.tracking):
        raise ReferenceConflict(sent.reference, path=("reference",))
    return True


async def _deliver(
    account: Account, redemption: Redemption, reward: Reward, sent: FulfilSent
) -> None:
    redemption = await reread(account, redemption)
    check_state(redemption, [RedemptionStatus.CONFIRMED, RedemptionStatus.SHIPPED])
    tracked = {} if sent.tracking is None else {"tracking": committed(sent.tracking)}
    await set_status(
        account.journal,
        redemption,
        RedemptionStatus.FULFILLED,
        fulfilled_at=account.now,
        reference=sent.reference,
        **tracked,
    )
    account.notify(
        Topic.REDEMPTION_FULFILLED,
        partner_id=reward.partner_id,
        redemption_id=redemption.id,
        reward=reward.code,
    )
