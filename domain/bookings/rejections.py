"""Rejections: a booking that staff take for fraud loses what it earned, and earns nothing any more.

It is recorded as a refund of no money, so that limits and budgets get back their share, and what
refunds and amendments do later starts from there. What it cost and counts otherwise stays.
"""

from uuid import UUID

from domain.accounts.accounts import Account
from domain.bookings import refund_rules, refunds, reversals
from domain.bookings.booking_state import BookingState
from domain.bookings.refund_rules import RefundSent, Weighed
from domain.bookings.refunds import RefundDecision
from domain.earning import awards
from domain.grants.values import Fact
from domain.kernel.callers import partner_of
from domain.kernel.commitments import Committed
from domain.ledger.clawbacks import Clawback
from domain.ledger.values import Cause
from domain.redemptions import settling
from domain.tiers.values import Credit

REFERENCE = "review:"
"""What the reference of such a refund begins with, before the id of the review."""


async def reject(
    account: Account, state: BookingState, review_id: UUID, actor: str, reason: Committed
) -> list[str]:
    """Take back all that is left of what a booking that is rejected earned; the grants that changed
    by it.
    """
    cause = Cause(actor, booking_id=state.id, refund_id=state.next_change_id(), reason=reason)
    weighed = refund_rules.weigh(state, [])
    if not (weighed.due or weighed.lost):
        return []
    expired = await reversals.expired_of(account.journal, state)
    await reversals.bring_back(account, state, weighed.due, expired, weighed.losses)
    taken = reversals.take(account.journal, state, weighed.due, expired, weighed.losses, cause)
    decision = await _decision(account, state, weighed, taken)
    sent = RefundSent(f"{REFERENCE}{review_id}", ())
    made = await refunds.write(account, state, sent, decision, cause)
    made.review_id = review_id
    awards.notify_clawback(account, taken, partner_of(state.reporter), booking_id=state.id)
    return await settling.settle(account, Fact(made.id, account.now))


async def _decision(
    account: Account, state: BookingState, weighed: Weighed, taken: Clawback
) -> RefundDecision:
    counted = refund_rules.counted(state, [], weighed.lost)
    credit = Credit(state.member_id, state.booked_at, account.now, counted, booking_id=state.id)
    change = await refunds.review_tier(account, state, [credit])
    holding = change.holding if change else account.holding
    return RefundDecision([], taken, weighed.lost, 0, 0, [credit], change, holding)
