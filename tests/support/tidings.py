"""An event for every kind of notice, for proofs that each notice is sent once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel import outbox
from domain.kernel.database import transact
from domain.kernel.ids import new_id
from domain.kernel.outbox import Event, Topic
from domain.kernel.writes import Writes
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import granted

GRANTS = [
    granted.grant("party", "calendar", day="birthday", gives={"points": 9}),
    granted.grant("thanks", "referral", side="referrer", gives={"points": 9}),
    granted.grant(
        "quest",
        "mission",
        steps=[{"code": "say", "name": make.WORDS, "fact": "activity", "types": ["review"]}],
        window={"from": "2020-01-01", "through": "2199-12-31"},
        gives={"points": 9},
    ),
]
REFERRALS = {"qualifies": "first_booking", "link": "https://example.com/?c={code}"}
SERVICES = (
    *("reward_ready", "reward_shipped", "reward_fulfilled", "reward_rejected"),
    *("claim_decided", "feedback_answered", "points_taken_back", "transfer_received"),
)

WORDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "reward_ready": (
        ("您的奖励已就绪：lounge", "您已获得 lounge，使用了 9 积分。"),
        ("Your reward is ready: lounge", "lounge is yours, for 9 points."),
    ),
    "reward_shipped": (
        ("已发货：lounge", "lounge 已寄出。"),
        ("On its way: lounge", "lounge was sent to you."),
    ),
    "reward_fulfilled": (
        ("已送达：lounge", "lounge 已送达。"),
        ("Delivered: lounge", "lounge was delivered."),
    ),
    "reward_rejected": (
        ("无法提供：lounge", "lounge 无法交付。9 积分已退回您的账户。"),
        (
            "Not possible: lounge",
            "lounge cannot be delivered. 9 points are back on your account.",
        ),
    ),
    "claim_decided": (
        ("您的补登申请未通过", "您申请补登的预订无法计入，原因请见该申请。"),
        (
            "Your claim was declined",
            (
                "The booking that you claimed could not be credited. The reason stands with your "
                "claim."
            ),
        ),
    ),
    "feedback_answered": (
        ("我们已回复您", "您的反馈已有回复，请在反馈中查看。"),
        ("We answered you", "You find our answer with your feedback."),
    ),
    "points_taken_back": (
        ("已收回 9 积分", "因预订或活动有变，已收回 9 积分。"),
        (
            "9 points were taken back",
            "9 points of a booking or activity that changed were taken back.",
        ),
    ),
    "transfer_received": (
        ("您获赠 9 积分", "另一位会员向您转赠了 9 积分。"),
        ("You were given 9 points", "Another member gave you 9 points."),
    ),
}
"""Title and text of pushes, in Chinese and in English."""


def document() -> dict[str, Any]:
    """A policy in which every kind of notice can occur; those of services are pushed."""
    kinds = {kind: ["push"] for kind in SERVICES}
    return make.shipped_document(grants=GRANTS, referrals=REFERRALS, notices={"kinds": kinds})


def every_kind() -> list[tuple[Topic, dict[str, Any]]]:
    """Events for each kind of notice except the welcome, which enrolling causes."""
    ordered = {"redemption_id": new_id(), "reward": "lounge"}
    day = "2199-12-31"
    until = datetime.fromisoformat("2199-12-31T16:00:00Z")
    grants = [
        (Topic.GRANT_MADE, {"activity_id": new_id(), "rule": code, "points": 9})
        for code in ("party", "thanks", "quest")
    ]
    return [
        *grants,
        (Topic.REWARD_REDEEMED, {**ordered, "quantity": 1, "points": 9}),
        (Topic.REDEMPTION_SHIPPED, ordered),
        (Topic.REDEMPTION_FULFILLED, ordered),
        (Topic.REDEMPTION_REJECTED, {**ordered, "points": 9}),
        (Topic.CLAIM_DECIDED, {"claim_id": new_id(), "status": "DECLINED", "points": 0}),
        (Topic.FEEDBACK_ANSWERED, {"feedback_id": new_id()}),
        (Topic.POINTS_CLAWED_BACK, {"points": 9, "owed": 0, "forgiven": 0}),
        (Topic.POINTS_TRANSFERRED, {"points": 9, "direction": "IN", "transfer_id": new_id()}),
        (Topic.POINTS_EARNED, {"points": 9, "pending": 0, "rules": ["base"]}),
        (Topic.POINTS_MATURED, {"points": 9}),
        (Topic.POINTS_EXPIRING, {"points": 9, "expires_on": day, "days": 7}),
        (Topic.TIER_CHANGED, {"from": "silver", "to": "gold", "until": until}),
        (Topic.TIER_CHANGED, {"from": "gold", "to": "silver", "until": None}),
        (Topic.BALANCE_REMINDER, {"available": 9, "month": "2199-12"}),
        (Topic.TIER_EXPIRING, {"tier": "gold", "until": until, "missing": {"spend": "1.00"}}),
        (Topic.COUPON_EXPIRING, {**ordered, "valid_until": day}),
        (Topic.BOOKING_DEPARTING, {"booking_id": new_id(), "reference": "B", "line": 1, "on": day}),
        (Topic.OFFER_OPENED, {"rule": "quest", "until": day}),
        (Topic.ANNOUNCEMENT_SENT, {"code": "summer"}),
    ]


async def write(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Write an event of every kind about a member in one transaction; how many."""
    events = [Event(topic, member_id, payload) for topic, payload in every_kind()]

    async def work() -> None:
        writes = Writes(member_id)
        outbox.add(writes, programme.id, now, events)
        await writes.send()

    await transact(work)
    return len(events)
