"""Types of events of a member: itself, its points and tier, and what it is given."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.kernel.event_models import (
    ActivityId,
    Count,
    EventData,
    MaybeActivityId,
    MaybeBookingId,
    Of,
)


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


ReviewId = Annotated[UUID, Of("Review")]


class ReviewOpened(EventData):
    """Staff have to look at what a member does before its points can be spent: what it earned,
    redeems or transfers, or its enrolment.
    """

    type = "review.opened"
    review_id: ReviewId
    on: str


class ReviewDecided(EventData):
    """Staff have decided a review."""

    type = "review.decided"
    review_id: ReviewId
    on: str
    approved: bool


class ConsentChanged(EventData):
    """A member agreed to something, or refused it; without a channel where there is none."""

    type = "consent.changed"
    purpose: str
    channel: str | None = None
    granted: bool


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


class TierChanged(EventData):
    """A member has another tier, until the end of its period; null without an end."""

    type = "tier.changed"
    from_: str = Field(alias="from")
    to: str
    until: datetime | None = None


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


class FeedbackReceived(EventData):
    """A member said something."""

    type = "feedback.received"
    feedback_id: Annotated[UUID, Of("Feedback")]


class FeedbackAnswered(EventData):
    """Staff answered what a member said."""

    type = "feedback.answered"
    feedback_id: Annotated[UUID, Of("Feedback")]


class BalanceReminder(EventData):
    """A month has begun, as 2026-12, and a member has these points to spend."""

    type = "balance.reminder"
    available: Count
    month: str


class TierExpiring(EventData):
    """A member's tier ends soon, at an exclusive instant; by each measure what is `missing` to keep
    it, as exact decimal text, of which one is enough.
    """

    type = "tier.expiring"
    tier: str
    until: datetime
    missing: dict[str, str]


class ContactCodeRequested(EventData):
    """A member asked for a code to an e-mail address or phone number of its own: EMAIL or PHONE."""

    type = "contact.code_requested"
    kind: str


class OfferOpened(EventData):
    """A rule or mission is open to a member, through a local day where it has an end."""

    type = "offer.opened"
    rule: str
    until: date | None = None


class AnnouncementSent(EventData):
    """A member is to hear of an announcement, by its code."""

    type = "announcement.sent"
    code: str
