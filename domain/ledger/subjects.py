"""Subjects of entries: a booking, an activity or a redemption, and the words by which a reader
knows it.

A page of a ledger is read by one query, so here, and nowhere else, the ledger reads what other
rooms write: references, types and names. They are words for a reader and decide nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from domain.kernel.database import rows

WITH_SUBJECT = """
LEFT JOIN booking b ON b.member_id = e.member_id AND b.id = e.booking_id
LEFT JOIN activity v ON v.member_id = e.member_id AND v.id = e.activity_id
LEFT JOIN redemption r ON r.member_id = e.member_id AND r.id = e.redemption_id
LEFT JOIN reward w ON w.id = r.reward_id
"""
"""Joins the subject of each `ledger_entry e`: `b`, `v`, `r` with its reward `w`, or none."""


def reasons(whose: str) -> str:
    """SQL for the reasons for what the subject had earned by the time of the entry, as JSON, and
    the policy version that decided; `whose` is a condition on the members, such as `= $1`.
    """
    return f"""
    coalesce((SELECT x.explanation FROM amendment x
        WHERE x.member_id = b.member_id AND x.member_id {whose} AND x.booking_id = b.id
        AND CASE WHEN e.amendment_id IS NOT NULL THEN x.id = e.amendment_id
            ELSE e.kind <> 'EARN' AND x.recorded_at <= e.effective_at END
        ORDER BY x.version DESC LIMIT 1), b.explanation, v.explanation),
    coalesce(b.policy_version_id, v.policy_version_id)"""


def gift(whose: str) -> str:
    """SQL for whether the subject `r` holds points that another member gets once staff have
    approved it.
    """
    return (
        "EXISTS (SELECT FROM review g WHERE g.member_id = r.member_id "
        f"AND g.member_id {whose} AND g.id = r.review_id AND g.moment = 'transfer')"
    )


@dataclass(frozen=True, slots=True)
class NamedBooking:
    """A booking's reference, and who reported it."""

    reference: str
    reporter: str


@dataclass(frozen=True, slots=True)
class RedeemedReward:
    """Instant of a redemption, and the reward's names; no names where it pays for a booking, or
    holds points for another member (`gift`).
    """

    at: datetime
    reward_names: Mapping[str, str] | None
    gift: bool


async def bookings(keys: Collection[tuple[UUID, UUID]]) -> dict[UUID, NamedBooking]:
    """Bookings by id, named by (member id, id); one statement for all, none if there are none."""
    if not keys:
        return {}
    found = await rows(
        "SELECT id, reference, reporter FROM booking "
        "WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
        [member_id for member_id, _ in keys],
        [booking_id for _, booking_id in keys],
    )
    return {one["id"]: NamedBooking(one["reference"], one["reporter"]) for one in found}


async def redeemed(keys: Collection[tuple[UUID, UUID]]) -> dict[UUID, RedeemedReward]:
    """Redemptions by id, named by (member id, id); one statement for all, or none."""
    if not keys:
        return {}
    found = await rows(
        f"SELECT r.id, r.created_at, w.names, {gift('= ANY($1::uuid[])')} AS gift "
        "FROM redemption r "
        "LEFT JOIN reward w ON w.id = r.reward_id "
        "WHERE r.member_id = ANY($1::uuid[]) AND r.id = ANY($2::uuid[])",
        [member_id for member_id, _ in keys],
        [redemption_id for _, redemption_id in keys],
    )
    return {
        one["id"]: RedeemedReward(
            one["created_at"],
            orjson.loads(one["names"]) if one["names"] else None,
            one["gift"],
        )
        for one in found
    }
