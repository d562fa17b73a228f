"""Undoing a redemption that was spent: its points, its stock, its codes, its state."""

from domain.ledger import journal as journals
from domain.ledger import ledger
from domain.ledger.journal import Journal
from domain.ledger.values import Cause
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus
from domain.redemptions.redemption_state import set_status
from domain.rewards import coupons, released, stock


async def undo(journal: Journal, redemption: Redemption, cause: Cause) -> None:
    """Points, stock and state of a redemption that was spent; codes that were shown are void.

    What was given for 0 points has none to give back.
    """
    if redemption.points:
        taken = await ledger.load_drawn(journal, redemption.id)
        journals.reinstate(journal, taken, redemption.points, cause)
    if redemption.reward_id is not None:
        await released.lock_stock([journal], redemption.reward_id)
        await coupons.void([redemption.id], journal.now)
        await stock.put_back(redemption.reward_id, redemption.quantity)
    await set_status(
        redemption,
        RedemptionStatus.CANCELLED,
        cancelled_at=journal.now,
        cancelled_by=cause.actor,
        cancel_reason=cause.reason,
    )
