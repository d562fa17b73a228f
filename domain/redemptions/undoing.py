"""Undoing a spent redemption: its points, its stock, its codes, its state."""

from dataclasses import dataclass
from datetime import datetime

from domain.ledger import journal as journals
from domain.ledger import ledger, lots
from domain.ledger.journal import Journal
from domain.ledger.values import Cause
from domain.redemptions import delivery_details
from domain.redemptions.redemption_reads import Redemption, RedemptionStatus
from domain.redemptions.redemption_state import set_status
from domain.rewards import coupons, released, stock


@dataclass(frozen=True, slots=True)
class How:
    """Whether stock comes back, and until when (exclusive) points last at least that come back;
    null where they keep their own expiry.
    """

    restock: bool = True
    at_least: datetime | None = None


async def undo(
    journal: Journal, redemption: Redemption, cause: Cause, how: How | None = None
) -> None:
    """Points, stock and state of a redemption that was spent; codes that were shown are void.

    What was given for 0 points has none to give back, and what took from no stock gives none. Where
    and to whom it was to be delivered is not kept.
    """
    how, returned = how or How(), False
    if redemption.points:
        await _give_back(journal, redemption, cause, how.at_least)
    await delivery_details.remove((redemption.member_id, redemption.id))
    if redemption.reward_id is not None:
        await released.lock_stock([journal], redemption.reward_id)
        await coupons.void(journal, [redemption.id])
        if how.restock and redemption.stock_taken is not False:
            returned = await stock.put_back(redemption.reward_id, redemption.quantity)
    await set_status(
        journal,
        redemption,
        RedemptionStatus.CANCELLED,
        cancelled_at=journal.now,
        cancelled_by=cause.actor,
        cancel_reason=cause.reason,
        stock_returned=returned or None,
    )


async def _give_back(
    journal: Journal, redemption: Redemption, cause: Cause, at_least: datetime | None
) -> None:
    taken = await ledger.load_drawn(journal, redemption.id)
    if at_least is None:
        journals.reinstate(journal, taken, redemption.points, cause)
        return
    touches = lots.restore(taken, redemption.points)
    renewed = [
        lots.renewed(
            journal.lots[touch.lot_id], touch.points, journal.new_id(), at_least, journal.now
        )
        for touch in touches
    ]
    journals.reinstate_anew(journal, touches, renewed, cause)
