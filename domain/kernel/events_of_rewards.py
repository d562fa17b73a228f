"""Types of events of rewards, redemptions and coupons."""

from datetime import date

from domain.kernel.event_models import Count, EventData, RedemptionId


class RewardHeld(EventData):
    """Points were held for a reward, or for a booking when no reward is named."""

    type = "reward.held"
    redemption_id: RedemptionId
    reward: str | None = None
    quantity: Count
    points: Count


class RewardRedeemed(EventData):
    """A reward was redeemed with points, or given for none."""

    type = "reward.redeemed"
    redemption_id: RedemptionId
    reward: str
    quantity: Count
    points: Count


class RewardReleased(EventData):
    """A hold expired, and its points are available again."""

    type = "reward.released"
    redemption_id: RedemptionId
    reward: str | None = None
    quantity: Count
    points: Count


class RedemptionShipped(EventData):
    """A reward is on its way."""

    type = "redemption.shipped"
    redemption_id: RedemptionId
    reward: str


class RedemptionRejected(EventData):
    """A reward cannot be delivered; its points were reinstated."""

    type = "redemption.rejected"
    redemption_id: RedemptionId
    reward: str
    points: Count


class RedemptionFulfilled(EventData):
    """A reward was delivered."""

    type = "redemption.fulfilled"
    redemption_id: RedemptionId
    reward: str


class RedemptionCancelled(EventData):
    """A redemption was cancelled, and `points` were returned."""

    type = "redemption.cancelled"
    redemption_id: RedemptionId
    points: Count


class CouponUsed(EventData):
    """A coupon was accepted."""

    type = "coupon.used"
    redemption_id: RedemptionId


class CouponReturned(EventData):
    """A coupon can be used again: the booking that used it was refunded or amended."""

    type = "coupon.returned"
    redemption_id: RedemptionId


class CouponExpiring(EventData):
    """Coupons of a redemption end soon, at the end of this local day."""

    type = "coupon.expiring"
    redemption_id: RedemptionId
    reward: str
    valid_until: date


class CouponExtended(EventData):
    """A coupon was extended to a later local day."""

    type = "coupon.extended"
    redemption_id: RedemptionId
    valid_until: date
