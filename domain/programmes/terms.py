"""Terms: what points are worth, how long they live, and what may be done with them."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    Field,
)

from domain.programmes.nodes import (
    POINTS_MAX,
    Amount,
    Code,
    Factor,
    Flag,
    Kind,
    Node,
    Portion,
    Rate,
    ReporterKind,
    Words,
)
from domain.programmes.rules import Availability, Expiry
from domain.programmes.selectors import AttributeCondition

REMINDERS_MAX = 10
REMINDER_DAYS_MAX = 365


class PointWorth(Node):
    """`points` are worth `money` when they are spent."""

    points: Annotated[int, Field(gt=0, le=POINTS_MAX, strict=True)]
    money: Annotated[Amount, Field(gt=0)]


class PointsTerms(Node):
    worth: PointWorth
    available: Availability
    expiry: Expiry | None = Field(None, description="Without it points never expire.")


class RedemptionRate(Node):
    """A dynamic rate: while it applies a point buys `factor` times as much."""

    code: Code
    name: Words
    factor: Factor
    tiers: tuple[Code, ...] | None = Field(None, min_length=1)
    seasons: tuple[Code, ...] | None = Field(None, min_length=1)


class CompletionTerms(Node):
    """Treatment of pending points when nobody reports the completion of a line."""

    overdue_days: Annotated[int, Field(ge=1, le=3650, strict=True)] = Field(
        30,
        description="Counted from the last day of travel; if unknown, from the first day; "
        "otherwise from the booking.",
    )
    then: Literal["mature", "review"] = "review"


class RefundTerms(Node):
    """What a refund takes back, and what it does to the tier."""

    claw_back: Literal["only_pending", "within_balance", "unlimited"] = "within_balance"
    tier: Literal["now", "at_period_end", "never"] = "now"
    grace_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = Field(
        30, description="Shortest validity of points reinstated because the supplier cancelled."
    )

    @property
    def keeps_counting(self) -> bool:
        """Whether a refunded booking goes on counting toward tiers."""
        return self.tier == "never"


class Share(Node):
    """Largest share of a matching line that points may pay."""

    percent: Annotated[Rate, Field(le=100)]
    products: tuple[Code, ...] | None = Field(None, min_length=1)
    attributes: dict[Code, AttributeCondition] | None = None
    seasons: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Seasons; the first day of travel lies in one of them."
    )

    @property
    def specificity(self) -> int:
        """Number of selectors given: of several shares, the one with the most applies."""
        selectors = (self.products, self.attributes, self.seasons)
        return sum(selector is not None for selector in selectors)


class OffsetTerms(Node):
    """Paying part of a booking in points."""

    step: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)] = 1
    minimum: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)] = 1
    shares: tuple[Share, ...] = Field(min_length=1)


class Cap(Node):
    """Largest number of points that one member may gain in a period, from everything together."""

    points: Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)]
    per: Literal["day", "month", "year"] = Field(
        description="Local days, months or years, by the date of the fact."
    )


class HoldTerms(Node):
    """Time for which points stay reserved for a redemption that is not confirmed."""

    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60, strict=True)] = 30


class QuoteTerms(Node):
    """Time for which a guaranteed quote and its reservations are valid."""

    minutes: Annotated[int, Field(ge=1, le=24 * 60, strict=True)] = 30


class ReminderTerms(Node):
    """When members are reminded, once each, of points that expire soon."""

    expiry_days: tuple[Annotated[int, Field(ge=1, le=REMINDER_DAYS_MAX, strict=True)], ...] = Field(
        min_length=1,
        max_length=REMINDERS_MAX,
        description="Number of days before the last day on which the points can be spent.",
    )


class TransferTerms(Node):
    """Members may give points to each other."""

    account_age_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = Field(
        0, description="Shortest time since the giver joined."
    )


class ProfileKey(Node):
    """A value of members' profiles that rules may ask for, and who may write it."""

    type: Kind = Field(description="Numbers are whole.")
    writable_by: tuple[ReporterKind, ...] = Field(min_length=1)

    def takes(self, value: object) -> bool:
        """Whether a value is of the type declared."""
        kinds: dict[str, type] = {"boolean": bool, "text": str, "number": int}
        return isinstance(value, kinds[self.type]) and (
            self.type == "boolean" or not isinstance(value, bool)
        )


class FactTerms(Node):
    oldest_days: Annotated[int, Field(ge=1, le=36_500, strict=True)]
    before_joining_days: Annotated[int, Field(ge=0, le=36_500, strict=True)] | None = Field(
        None,
        description="Number of days before joining from which a fact earns; older facts are "
        "recorded and count towards tiers, but earn nothing. Without it every fact earns.",
    )

    def too_early(self, joined_days: int | None) -> bool:
        """Whether a fact earns nothing so many local days after its member joined, before it if
        they are below zero.
        """
        most = self.before_joining_days
        return most is not None and joined_days is not None and joined_days < -most


class ClaimTerms(Node):
    """When members may claim the points of a missing booking, counted from its day."""

    from_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = Field(
        7, description="Days after the booking's day from which it can be claimed."
    )
    through_days: Annotated[int, Field(ge=0, le=3650, strict=True)] = Field(
        120, description="Days after the booking's day until the end of which it can be claimed."
    )


class ChannelConsent(Node):
    """Whether a member without a recorded statement is notified, by channel."""

    email: Flag = True
    push: Flag = True
    sms: Flag = False


class ConsentTerms(Node):
    """Consents assumed without a statement by the member; marketing always requires one."""

    account: ChannelConsent = ChannelConsent()


class CouponTerms(Node):
    """Treatment of a coupon when the booking on which it was used is refunded."""

    give_back: Literal["always", "supplier", "never"] = Field(
        "always",
        description="Whether it can be used again once nothing is left of the booking: always, "
        "only if the supplier cancelled, or never.",
    )


NoticedKind = Literal[
    "reward_ready",
    "reward_shipped",
    "reward_fulfilled",
    "reward_rejected",
    "claim_decided",
    "feedback_answered",
    "points_taken_back",
    "transfer_received",
    "welcome",
    "points_earned",
    "points_matured",
    "points_expiring",
    "tier_up",
    "tier_down",
    "mission_done",
    "referral_paid",
    "birthday",
    "balance",
    "tier_expiring",
    "coupon_expiring",
    "trip_soon",
    "offer",
    "announcement",
]
"""Kinds of notices to members."""


DaysBefore = Annotated[int, Field(ge=1, le=REMINDER_DAYS_MAX, strict=True)]


class NoticeTerms(Node):
    """Channels by which members are notified, in addition to their inbox."""

    kinds: dict[NoticedKind, tuple[Literal["email", "sms", "push"], ...]] = Field(
        default_factory=dict,
        description="Channels by kind of notice. A kind that is not named goes to the inbox only, "
        "except service notices, such as a reward that was sent, which go by mail.",
    )
    tier_days: DaysBefore = Field(
        30, description="Days before a tier's end on which its members are reminded."
    )
    coupon_days: DaysBefore = Field(
        7, description="Days before a coupon's end on which its member is reminded."
    )
    trip_days: DaysBefore = Field(
        3, description="Days before departure on which the booking's member is reminded."
    )


class PublishingTerms(Node):
    """Who must approve the next version before it is published."""

    approvals: Annotated[int, Field(ge=0, le=1, strict=True)] = Field(
        0,
        description="Number of other persons who must approve it, 0 or 1; a version that ends "
        "this requirement must still be approved.",
    )


class StaffTerms(Node):
    """What one person of staff may give alone; more than that needs another person's approval."""

    adjust_limit: Annotated[int, Field(ge=0, le=POINTS_MAX, strict=True)] = Field(
        10_000, description="Points per call."
    )
    adjust_daily: Annotated[int, Field(ge=0, le=POINTS_MAX, strict=True)] = Field(
        50_000, description="Points per local day, by all calls that nobody else approved."
    )


class FinanceTerms(Node):
    """Treatment of points in the operator's accounts."""

    breakage: Portion = Field(
        Decimal(0),
        description="Share of points that is expected never to be redeemed; it reduces the value "
        "at which new points are deferred.",
    )
    method: Literal["remote", "proportional"] = Field(
        "remote",
        description="When breakage becomes revenue: when points expire, or in proportion to "
        "points redeemed.",
    )


class TargetReturn(Node):
    """Largest return of a booking to a member, proved before a version is published."""

    maximum: Annotated[Rate, Field(gt=0)] = Field(
        description="Worth of the points plus the discount, in percent of the amount."
    )
    basket: Annotated[Amount, Field(gt=0)] = Field(
        description="Smallest amount for which it is proved, in the programme's currency."
    )
