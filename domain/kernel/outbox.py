"""Events for other systems, written in the transaction that made them happen, and numbered
afterwards, each member's in their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import models
from domain.kernel.ids import new_id
from domain.kernel.writes import Writes

PARTS = 16


class Topic(StrEnum):
    MEMBER_ENROLLED = "member.enrolled"
    POINTS_EARNED = "points.earned"
    TIER_CHANGED = "tier.changed"
    REWARD_REDEEMED = "reward.redeemed"
    REWARD_HELD = "reward.held"
    REWARD_RELEASED = "reward.released"
    REDEMPTION_CANCELLED = "redemption.cancelled"
    REDEMPTION_FULFILLED = "redemption.fulfilled"
    COUPON_USED = "coupon.used"
    COUPON_LOW_WATER = "coupon.low_water"
    POINTS_MATURED = "points.matured"
    POINTS_EXPIRING = "points.expiring"
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
    BOOKING_LINE_OVERDUE = "booking.line_overdue"


@dataclass(frozen=True, slots=True)
class Event:
    """Ids, codes and numbers only: names and addresses are looked up when it is delivered."""

    topic: Topic
    member_id: UUID
    payload: dict[str, Any]


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
                "topic": event.topic,
                "payload": event.payload,
                "recorded_at": now,
                # workers of the release before count in it
                "relay_failures": 0,
            }
            for event in events
        ),
    )
