"""Receivers of a member's events: the deliveries written for each of them when events are
numbered.
"""

from collections.abc import Sequence
from uuid import UUID

from domain.delivery import lanes, targets
from domain.delivery.events import NumberedEvent
from domain.delivery.targets import Channel
from domain.kernel.database import rows
from domain.kernel.outbox import Topic
from domain.webhooks import endpoints
from domain.webhooks.endpoints import Listener

NOTICED = frozenset(
    {
        Topic.MEMBER_ENROLLED,
        Topic.POINTS_EARNED,
        Topic.POINTS_MATURED,
        Topic.POINTS_EXPIRING,
        Topic.POINTS_CLAWED_BACK,
        Topic.POINTS_TRANSFERRED,
        Topic.TIER_CHANGED,
        Topic.GRANT_MADE,
        Topic.GRANT_RESTORED,
        Topic.REWARD_REDEEMED,
        Topic.REDEMPTION_SHIPPED,
        Topic.REDEMPTION_FULFILLED,
        Topic.REDEMPTION_REJECTED,
        Topic.CLAIM_DECIDED,
        Topic.FEEDBACK_ANSWERED,
        Topic.BALANCE_REMINDER,
        Topic.TIER_EXPIRING,
        Topic.COUPON_EXPIRING,
        Topic.BOOKING_DEPARTING,
        Topic.OFFER_OPENED,
        Topic.ANNOUNCEMENT_SENT,
    }
)
"""Types of events that may cause a notice to the member: a lane decides on them afterwards."""

CONTACTED = frozenset({Topic.WEBHOOK_DISABLED})
"""Types of which an endpoint's contact is notified, decided in the same lane: they are of no
member.
"""

CODED = frozenset({Topic.CONTACT_CODE_REQUESTED})
"""Types that send a code to a contact, decided in the same lane: these go into no inbox."""

DECIDED = NOTICED | CONTACTED | CODED
"""All types on which the lane of notices decides."""


async def fan_out(programme_id: UUID, member_id: UUID, numbered: Sequence[NumberedEvent]) -> None:
    """Write, in the current transaction, the deliveries of these events of one member.

    The events come by position, each once. Existing deliveries stay.
    """
    listeners = await endpoints.listening(programme_id, numbered[-1].numbered_at)
    wanted = [
        (event, listener.id, event.numbered_at)
        for event in numbered
        for listener in listeners
        if _hears(listener, event)
    ]
    decided = [event for event in numbered if event.topic in DECIDED]
    if decided:
        target = await targets.opened(programme_id, Channel.NOTICES)
        wanted += [(event, target, event.numbered_at) for event in decided]
    if wanted:
        await lanes.add(programme_id, member_id, wanted)


def _hears(listener: Listener, event: NumberedEvent) -> bool:
    """Whether the endpoint gets the event: it was numbered since the endpoint is on, and its owner
    may read it.
    """
    own = listener.reads_all or listener.partner_id == event.partner_id
    named = listener.topics is None or event.topic in listener.topics
    return own and named and event.numbered_at > listener.heard_from


async def awaited(events: Sequence[tuple[UUID, UUID]]) -> frozenset[UUID]:
    """Those of these events, each by member and id, that have deliveries: they are kept, as they
    are still to be delivered, or may be woken.
    """
    found = await rows(
        "SELECT DISTINCT event_id FROM delivery WHERE member_id = ANY($1::uuid[]) "
        "AND event_id = ANY($2::uuid[])",
        list({member_id for member_id, _ in events}),
        [event_id for _, event_id in events],
    )
    return frozenset(one["event_id"] for one in found)
