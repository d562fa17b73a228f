"""Types of events of rewards, redemptions and coupons."""

from datetime import date

from domain.kernel.event_models import Count, EventData, RedemptionId


class RewardHeld(EventData):
    """Points were held, for a reward or, where none is named, for a booking."""

    type = "reward.held"
    redemption_id: RedemptionId
    reward: str | None = None
    quantity: Count
    points: Count


class RewardRedeemed(EventData):
    """A reward was bought with points, or given for none."""

    type = "reward.redeemed"
    redemption_id: RedemptionId
    reward: str
    quantity: Count
    points: Count


class RewardReleased(EventData):
    """A hold ended by itself, and its points came back."""

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
    """A reward cannot be delivered; its points came back."""

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
    """A redemption was undone, and so many points came back."""

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
    """Coupons of a redemption can be used through a local day that is near."""

    type = "coupon.expiring"
    redemption_id: RedemptionId
    reward: str
    valid_until: date


class CouponExtended(EventData):
    """A coupon can be used through a later local day."""

    type = "coupon.extended"
    redemption_id: RedemptionId
    valid_until: date
