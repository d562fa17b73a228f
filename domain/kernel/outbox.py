"""Events for other systems, written in the transaction that made them happen, and numbered
afterwards, each member's in their order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import models
from domain.kernel import event_types
from domain.kernel.ids import new_id
from domain.kernel.writes import Writes

PARTS = 16


class Topic(StrEnum):
    MEMBER_ENROLLED = "member.enrolled"
    MEMBER_CHANGED = "member.changed"
    MEMBER_STATUS_CHANGED = "member.status_changed"
    POINTS_EARNED = "points.earned"
    TIER_CHANGED = "tier.changed"
    REWARD_REDEEMED = "reward.redeemed"
    REWARD_HELD = "reward.held"
    REWARD_RELEASED = "reward.released"
    REDEMPTION_CANCELLED = "redemption.cancelled"
    REDEMPTION_SHIPPED = "redemption.shipped"
    REDEMPTION_REJECTED = "redemption.rejected"
    REDEMPTION_FULFILLED = "redemption.fulfilled"
    COUPON_USED = "coupon.used"
    COUPON_RETURNED = "coupon.returned"
    COUPON_EXTENDED = "coupon.extended"
    COUPON_LOW_WATER = "coupon.low_water"
    POINTS_MATURED = "points.matured"
    POINTS_EXPIRING = "points.expiring"
    POINTS_EXPIRED = "points.expired"
    POINTS_CLAWED_BACK = "points.clawed_back"
    PARKED_FACT_REFUSED = "fact.refused"
    POINTS_TRANSFERRED = "points.transferred"
    POINTS_ADJUSTED = "points.adjusted"
    REFERRAL_CHANGED = "referral.changed"
    BENEFIT_USED = "benefit.used"
    GRANT_MADE = "grant.made"
    GRANT_REVERSED = "grant.reversed"
    GRANT_RESTORED = "grant.restored"
    GRANT_WAITING = "grant.waiting"
    CLAIM_OPENED = "claim.opened"
    CLAIM_DECIDED = "claim.decided"
    REVIEW_OPENED = "review.opened"
    REVIEW_DECIDED = "review.decided"
    BOOKING_RECORDED = "booking.recorded"
    BOOKING_COMPLETED = "booking.completed"
    BOOKING_AMENDED = "booking.amended"
    BOOKING_REFUNDED = "booking.refunded"
    BOOKING_LINE_OVERDUE = "booking.line_overdue"
    CONSENT_CHANGED = "consent.changed"
    CONTACT_CODE_REQUESTED = "contact.code_requested"
    BALANCE_REMINDER = "balance.reminder"
    TIER_EXPIRING = "tier.expiring"
    COUPON_EXPIRING = "coupon.expiring"
    BOOKING_DEPARTING = "booking.departing"
    OFFER_OPENED = "offer.opened"
    ANNOUNCEMENT_SENT = "announcement.sent"
    FEEDBACK_RECEIVED = "feedback.received"
    FEEDBACK_ANSWERED = "feedback.answered"
    PARTNER_POINTS_LOW = "partner.points_low"
    PARTNER_STATEMENT_CLOSED = "partner.statement_closed"
    JOB_FINISHED = "job.finished"
    POLICY_PUBLISHED = "policy.published"
    REWARD_CHANGED = "reward.changed"
    WEBHOOK_PING = "webhook.ping"
    WEBHOOK_DISABLED = "webhook.disabled"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a member; for an event about no member, `member_id` is the
    programme's id.

    `payload` has the fields of the model of its type (`event_types`). `partner_id` is the partner
    that reported the booking or activity, owns the reward or enrolled the member.
    """

    topic: Topic
    member_id: UUID
    payload: Mapping[str, Any]
    partner_id: UUID | None = None


def part_of(member_id: UUID) -> int:
    """Which sixteenth of a programme an event belongs to: the last hexadecimal digit of the id."""
    return member_id.int % PARTS


def add(
    writes: Writes,
    programme_id: UUID,
    now: datetime,
    events: Iterable[Event],
    *,
    sequence: int | None = None,
) -> None:
    """Store the events for delivery, with what they are about.

    `sequence` is the member's ledger sequence after the change.
    """
    writes.insert(
        models.OutboxEvent,
        (
            {
                "member_id": event.member_id,
                "id": new_id(),
                "programme_id": programme_id,
                "part": part_of(event.member_id),
                "sequence": sequence,
                "partner_id": event.partner_id,
                "topic": event.topic,
                "payload": event_types.checked(event.topic, event.payload),
                "recorded_at": now,
                # workers of the release before count in it
                "relay_failures": 0,
            }
            for event in events
        ),
    )


async def announce(programme_id: UUID, now: datetime, events: Sequence[Event]) -> None:
    """Store events about no member, in the current transaction."""
    if events:
        writes = Writes(programme_id)
        add(writes, programme_id, now, events)
        await writes.send()
