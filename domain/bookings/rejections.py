"""Rejections: a booking that staff judge fraudulent loses what it earned and earns nothing more.

It is recorded as a refund of no money, so that limits and budgets get their share back, and later
refunds and amendments start from there. For tiers (as far as refunds reduce them), counts, missions
and referrals it counts as fully refunded. Its price stays.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from domain.accounts.accounts import Account
from domain.bookings import referral_facts, refund_rules, refunds, reversals, tier_counts
from domain.bookings.booking_state import BookingState
from domain.bookings.refund_rules import RefundSent, Weighed
from domain.bookings.refunds import RefundDecision
from domain.earning import awards
from domain.grants import grant_evaluation
from domain.grants.values import Fact
from domain.kernel.callers import partner_of
from domain.kernel.commitments import Committed
from domain.ledger.clawbacks import Clawback
from domain.ledger.values import Cause
from domain.redemptions.granted import GIFTS
from domain.tiers.values import Credit, Qualifying

REFERENCE = "review:"
"""Prefix of the reference of such a refund, before the id of the review."""


async def reject(
    account: Account, state: BookingState, review_id: UUID, actor: str, reason: Committed
) -> list[str]:
    """Take back all that is left of a rejected booking's points; returns the grants that this
    changed.
    """
    cause = Cause(actor, booking_id=state.id, refund_id=state.next_change_id(), reason=reason)
    weighed = refund_rules.weigh(state, [])
    counted = _counted(account, state, weighed)
    if not (weighed.due or weighed.lost or any(one.qualifying != Qualifying() for one in counted)):
        return []
    expired = await reversals.expired_of(account.journal, state)
    await reversals.bring_back(account, state, weighed.due, expired, weighed.losses)
    taken = reversals.take(account.journal, state, weighed.due, expired, weighed.losses, cause)
    decision = await _decision(account, state, weighed, taken, counted)
    sent = RefundSent(f"{REFERENCE}{review_id}", ())
    made = await refunds.write(account, state, sent, decision, cause)
    made.review_id = review_id
    before = referral_facts.of(state, state.lines)
    await referral_facts.follow(account, before, replace(before, left=False))
    awards.notify_clawback(account, taken, partner_of(state.reporter), booking_id=state.id)
    return await grant_evaluation.evaluate(account, Fact(made.id, account.now), GIFTS)


def _counted(account: Account, state: BookingState, weighed: Weighed) -> list[Credit]:
    """What no longer counts, as if the rest of the booking were refunded."""
    parts = refund_rules.split(state, RefundSent(REFERENCE))
    counted = refund_rules.counted(state, parts, weighed.lost)
    credit = Credit(state.member_id, state.booked_at, account.now, counted, booking_id=state.id)
    gross = {part.line.number: part.gross_minor for part in parts}
    lines = tier_counts.refunded(state.lines, gross)
    return [credit, *tier_counts.counted(state, lines, account.now)]


async def _decision(
    account: Account,
    state: BookingState,
    weighed: Weighed,
    taken: Clawback,
    counted: Sequence[Credit],
) -> RefundDecision:
    change = await refunds.review_tier(account, state, counted)
    holding = change.holding if change else account.holding
    return RefundDecision([], taken, weighed.lost, 0, 0, list(counted), change, holding)
