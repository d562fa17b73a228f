"""What an event of each type says: one model a type.

A type only gains fields that may be absent, or else there is another type beside it: those who
follow events were written for what there was. Ids, codes, days, numbers and money only: never a
name, an address, a note or a coupon's code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Of:
    """Marks the id of an object of this type of the schema; those who hear get its global id."""

    type_name: str

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        absent = "null" in str(handler(schema))
        return {
            "type": ["string", "null"] if absent else "string",
            "description": f"Global id: {self.type_name}.",
        }


BookingId = Annotated[UUID, Of("Booking")]
ActivityId = Annotated[UUID, Of("Activity")]
RedemptionId = Annotated[UUID, Of("Redemption")]
MaybeBookingId = Annotated[UUID | None, Of("Booking")]
MaybeActivityId = Annotated[UUID | None, Of("Activity")]
Count = Annotated[int, Field(ge=0)]
"""A whole number, mostly of points."""


class Money(BaseModel):
    """An amount as exact decimal text, such as 12.00, and its currency (ISO 4217)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: str
    currency: str


class EventData(BaseModel):
    """What an event says beside when and of whom it is."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    type: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "type" in vars(cls):
            TYPES[cls.type] = cls


TYPES: dict[str, type[EventData]] = {}
"""Every model below, by its type."""


def checked(type_name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of an event that says this; what is absent is left out.

    Raises: ValidationError where that is not what events of the type say.
    """
    found = TYPES[type_name].model_validate(said).model_dump(mode="json", exclude_none=True)
    return {name.rstrip("_"): value for name, value in found.items()}


# Members.


class MemberEnrolled(EventData):
    """A member joined, as a guest or enrolled."""

    type = "member.enrolled"
    status: str


class MemberChanged(EventData):
    """Particulars of a member changed: which, not to what."""

    type = "member.changed"
    fields: list[str]


class MemberStatusChanged(EventData):
    """A member has another status."""

    type = "member.status_changed"
    from_: str = Field(alias="from")
    to: str


# Points.


class PointsEarned(EventData):
    """A booking, an activity or a grant earned points; `pending` of them cannot be spent yet."""

    type = "points.earned"
    points: Count
    pending: Count
    rules: list[str]
    booking_id: MaybeBookingId = None
    activity_id: MaybeActivityId = None


class PointsMatured(EventData):
    """Pending points can be spent from now on."""

    type = "points.matured"
    points: Count
    booking_id: MaybeBookingId = None


class PointsClawedBack(EventData):
    """Points were not earned after all: `owed` of them the member had spent, and those `forgiven`
    beside them it keeps.
    """

    type = "points.clawed_back"
    points: Count
    owed: Count
    forgiven: Count
    booking_id: MaybeBookingId = None
    activity_id: MaybeActivityId = None


class PointsExpiring(EventData):
    """Points can be spent for some days more, the last of which is named."""

    type = "points.expiring"
    points: Count
    expires_on: date
    days: Count


class PointsExpired(EventData):
    """Points are gone that could be spent through this local day."""

    type = "points.expired"
    points: Count
    on: date


class PointsTransferred(EventData):
    """Points went from one member to another: `direction` is OUT of this member, or IN."""

    type = "points.transferred"
    points: Count
    direction: str
    transfer_id: Annotated[UUID, Of("Transfer")]


class PointsAdjusted(EventData):
    """Staff gave points, or with a number below zero took them."""

    type = "points.adjusted"
    points: int


# Tiers.


class TierChanged(EventData):
    """A member has another tier, until the end of its period; null without an end."""

    type = "tier.changed"
    from_: str = Field(alias="from")
    to: str
    until: datetime | None = None


# Bookings.


class BookingRecorded(EventData):
    """A booking was reported, and earned so many points."""

    type = "booking.recorded"
    booking_id: BookingId
    reference: str
    points: Count


class BookingCompleted(EventData):
    """Lines of a booking were completed, by their numbers."""

    type = "booking.completed"
    booking_id: BookingId
    lines: list[int]


class BookingAmended(EventData):
    """A booking was amended; the reference is the amendment's."""

    type = "booking.amended"
    booking_id: BookingId
    reference: str


class BookingRefunded(EventData):
    """Some of a booking, or all of it, was refunded: `cash`, and `points` that had paid. The
    reference is the refund's.
    """

    type = "booking.refunded"
    booking_id: BookingId
    reference: str
    gross: Money
    cash: Money
    points: Count


class BookingLineOverdue(EventData):
    """Nothing was heard of a line in time, of which so many points are pending."""

    type = "booking.line_overdue"
    booking_id: BookingId
    line: int
    points: Count


class FactRefused(EventData):
    """A refund or completion that had waited for its booking does not fit it: `problem` is the
    code of the refusal, `booking` and `reference` are as they were reported.
    """

    type = "fact.refused"
    booking_id: BookingId
    kind: str
    booking: str
    reference: str
    problem: str


# Claims.

ClaimId = Annotated[UUID, Of("Claim")]


class ClaimOpened(EventData):
    """A member claims the points of a booking that is missing."""

    type = "claim.opened"
    claim_id: ClaimId


class ClaimDecided(EventData):
    """A claim is over, with so many points."""

    type = "claim.decided"
    claim_id: ClaimId
    status: str
    points: Count


# Rewards.


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


# What the programme gives by itself.


class ReferralChanged(EventData):
    """A referral has another status, on this side of it."""

    type = "referral.changed"
    referral_id: Annotated[UUID, Of("Referral")]
    side: str
    status: str


class BenefitUsed(EventData):
    """A benefit that is counted was used."""

    type = "benefit.used"
    use_id: Annotated[UUID, Of("BenefitUse")]
    benefit: str


class GrantData(EventData):
    """A grant by the code of its rule, with what it gives or gave."""

    activity_id: ActivityId
    rule: str
    points: Count
    reward: str | None = None
    benefit: str | None = None


class GrantMade(GrantData):
    """The programme gave something by itself."""

    type = "grant.made"


class GrantReversed(GrantData):
    """What a grant gave was taken back, so many points of it."""

    type = "grant.reversed"


class GrantRestored(GrantData):
    """A grant that was taken back stands again."""

    type = "grant.restored"


class GrantWaiting(GrantData):
    """A grant's reward cannot be given yet."""

    type = "grant.waiting"


# Of no member.


class PolicyPublished(EventData):
    """A version of the programme's policy was published; without an instant it holds from the
    beginning.
    """

    type = "policy.published"
    version: Count
    effective_from: datetime | None = None


class RewardChanged(EventData):
    """A reward of the catalogue is new, or otherwise than it was."""

    type = "reward.changed"
    reward: str


class CouponLowWater(EventData):
    """A pool of codes came down to its low-water mark; so many are left."""

    type = "coupon.low_water"
    reward: str
    left: Count
