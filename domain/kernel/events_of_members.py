"""Types of events about a member: the membership, its points and tier, and what it is given."""

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
    """Personal details of a member changed; names the fields, not their values."""

    type = "member.changed"
    fields: list[str]


class MemberStatusChanged(EventData):
    """The status of a membership changed."""

    type = "member.status_changed"
    from_: str = Field(alias="from")
    to: str


ReviewId = Annotated[UUID, Of("Review")]


class ReviewOpened(EventData):
    """What a member earned, redeems or transfers, or its enrolment, waits for a review by staff;
    until then its points cannot be spent.
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
    """A member agreed to something, or refused it; the channel is absent where there is none."""

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
    """Points were taken back: the member had spent `owed` of them and owes these now. `forgiven`
    points are in addition: they are not taken back.
    """

    type = "points.clawed_back"
    points: Count
    owed: Count
    forgiven: Count
    booking_id: MaybeBookingId = None
    activity_id: MaybeActivityId = None


class PointsExpiring(EventData):
    """Points will expire soon; names the last day on which they can be spent."""

    type = "points.expiring"
    points: Count
    expires_on: date
    days: Count


class PointsExpired(EventData):
    """Points have expired; names the last local day on which they could be spent."""

    type = "points.expired"
    points: Count
    on: date


class PointsTransferred(EventData):
    """Points moved between members: `direction` is OUT of this member's account, or IN."""

    type = "points.transferred"
    points: Count
    direction: str
    transfer_id: Annotated[UUID, Of("Transfer")]


class PointsAdjusted(EventData):
    """Staff credited points, or took them when the number is below zero."""

    type = "points.adjusted"
    points: int


class TierChanged(EventData):
    """A member has a new tier, until the end of its period; null when it has no end."""

    type = "tier.changed"
    from_: str = Field(alias="from")
    to: str
    until: datetime | None = None


class ReferralChanged(EventData):
    """The status of a referral changed; sent for this side of it."""

    type = "referral.changed"
    referral_id: Annotated[UUID, Of("Referral")]
    side: str
    status: str


class BenefitUsed(EventData):
    """A benefit whose uses are counted was used."""

    type = "benefit.used"
    use_id: Annotated[UUID, Of("BenefitUse")]
    benefit: str


class GrantData(EventData):
    """Facts of a grant: the code of its rule, and what it gives or gave."""

    activity_id: ActivityId
    rule: str
    points: Count
    reward: str | None = None
    benefit: str | None = None


class GrantMade(GrantData):
    """The programme granted something by itself."""

    type = "grant.made"


class GrantReversed(GrantData):
    """What a grant gave was taken back, including `points`."""

    type = "grant.reversed"


class GrantRestored(GrantData):
    """A grant that had been taken back is valid again."""

    type = "grant.restored"


class GrantWaiting(GrantData):
    """The reward of a grant is not available yet."""

    type = "grant.waiting"


class FeedbackReceived(EventData):
    """A member gave feedback."""

    type = "feedback.received"
    feedback_id: Annotated[UUID, Of("Feedback")]


class FeedbackAnswered(EventData):
    """Staff answered feedback of a member."""

    type = "feedback.answered"
    feedback_id: Annotated[UUID, Of("Feedback")]


class BalanceReminder(EventData):
    """A month, such as 2026-12, has begun, and a member has points to spend."""

    type = "balance.reminder"
    available: Count
    month: str


class TierExpiring(EventData):
    """A member's tier ends soon, at an exclusive instant. `missing` says how much is missing to
    keep it, by measure, as exact decimal text; one measure is enough.
    """

    type = "tier.expiring"
    tier: str
    until: datetime
    missing: dict[str, str]


class ContactCodeRequested(EventData):
    """A member requested a code for its own e-mail address (EMAIL) or phone number (PHONE)."""

    type = "contact.code_requested"
    kind: str


class OfferOpened(EventData):
    """A rule or mission has opened for a member, until the end of a local day if it has an end."""

    type = "offer.opened"
    rule: str
    until: date | None = None


class AnnouncementSent(EventData):
    """A member is notified of the announcement with this code."""

    type = "announcement.sent"
    code: str
