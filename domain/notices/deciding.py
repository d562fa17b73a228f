"""Deciding on the notice of an event to its member: once, even if several workers decide."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from uuid import UUID

import orjson

from domain.delivery import lanes, targets
from domain.delivery.events import NumberedEvent
from domain.delivery.targets import Channel
from domain.kernel import signs
from domain.kernel.database import row, transact
from domain.kernel.signs import Sign
from domain.members import statuses
from domain.members.consents import Channel as Sent
from domain.notices import channels, reaching, telling
from domain.notices.kinds import hears
from domain.notices.telling import NoticeDraft
from domain.programmes.programmes import Programme

TARGETS = {Sent.EMAIL: Channel.EMAIL, Sent.SMS: Channel.SMS, Sent.PUSH: Channel.PUSH}
"""The lane by which each channel's notices are sent."""

TEMPLATE = 1
"""The version of the shipped texts that new notices use."""


def id_of(event: NumberedEvent) -> UUID:
    """The id of the notice of an event: that of its delivery to the deciding lane."""
    return lanes.id_of(event.id, targets.target_of(event.programme_id, Channel.NOTICES))


def delivery_of(programme_id: UUID, event_id: UUID, channel: Sent) -> UUID:
    """The id of the delivery of an event by a channel."""
    return lanes.id_of(event_id, targets.target_of(programme_id, TARGETS[channel]))


async def decide(
    programme: Programme, event: NumberedEvent, served: Collection[Sent], now: datetime
) -> bool:
    """Put the event's notice into the member's inbox, in a transaction, and queue it for each of
    the channels `served` here, at a real instant, or record why not; returns whether there was one.

    Guests and erased members get none, suspended members and those under review only services.
    Services for a merged member go to the member that it was merged into.

    Raises: ConcurrentRequest.
    """
    found = telling.told(event, reaching.policy_at(programme, event.recorded_at))
    if found is None:
        return False
    return await transact(partial(_decide, programme, event, found, served, now))


async def _decide(
    programme: Programme,
    event: NumberedEvent,
    found: NoticeDraft,
    served: Collection[Sent],
    now: datetime,
) -> bool:
    # the status is locked until this commits: an erasure meanwhile happens after it
    status = await statuses.lock(event.member_id)
    receiver_id = await reaching.receiver(event.member_id, status, found.kind)
    if receiver_id != event.member_id:
        status = await statuses.lock(receiver_id)
    if status is None or not hears(status, found.kind):
        return False
    at = programme.now(now)
    policy = reaching.policy_at(programme, at)
    reach = await reaching.reach(programme, receiver_id, found.kind, served, at)
    age = await reaching.age(programme, found.kind, found.variables, event.recorded_at, at)
    decided = channels.decided(policy, found.kind, age, reach)
    written = await row(
        "INSERT INTO notice (member_id, id, programme_id, event_id, kind, key, template, "
        "variables, happened_at, channels, decided_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING id",
        event.member_id,
        id_of(event),
        programme.id,
        event.id,
        found.kind.value,
        found.key,
        TEMPLATE,
        orjson.dumps(found.variables).decode(),
        event.recorded_at,
        orjson.dumps({str(one): reason for one, reason in decided.items()}).decode(),
        at,
    )
    if written is None:
        return False
    await signs.give(Sign.NOTICE, receiver_id)
    for channel, reason in decided.items():
        if reason is None:
            target = await targets.opened(programme.id, TARGETS[channel])
            due = now + channels.quiet_for(found.kind, channel, at, policy.zone)
            await lanes.add(
                programme.id,
                event.member_id,
                [(event, target, due)],
                in_turn=TARGETS[channel].in_turn,
            )
    return True
