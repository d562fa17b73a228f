"""Deciding: what of an event is told to its member, once, whoever decides and how often."""

from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

import orjson

from domain.delivery import targets
from domain.delivery.events import NumberedEvent
from domain.delivery.targets import Channel
from domain.kernel.database import row, transact
from domain.members import statuses
from domain.notices import telling
from domain.notices.kinds import hears
from domain.notices.telling import Told
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, in_force

TEMPLATE = 1
"""The version of the shipped texts that new notices are told by."""


def id_of(event: NumberedEvent) -> UUID:
    """The id of the notice that an event brings: that of its delivery to who decides."""
    return uuid5(event.id, str(targets.target_of(event.programme_id, Channel.NOTICES)))


def policy_at(programme: Programme, instant: datetime) -> Policy:
    """The policy then; before any was in force, the first."""
    return (in_force(programme.versions, instant) or programme.versions[0]).policy


async def decide(programme: Programme, event: NumberedEvent) -> bool:
    """Put what the event brings into the member's inbox, in a transaction; whether it did. Nothing
    for whom it is none of the business: guests, closed and erased members, and of what is no
    service those who are suspended or under review.

    Raises: ConcurrentRequest.
    """
    found = telling.told(event, policy_at(programme, event.recorded_at))
    return found is not None and await transact(partial(_decide, programme, event, found))


async def _decide(programme: Programme, event: NumberedEvent, found: Told) -> bool:
    # the status holds until this is committed: whoever is erased meanwhile is erased after it
    status = await statuses.lock(event.member_id)
    if status is None or not hears(status, found.kind):
        return False
    written = await row(
        "INSERT INTO notice (member_id, id, programme_id, event_id, kind, key, template, "
        "variables, happened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT DO NOTHING RETURNING id",
        event.member_id,
        id_of(event),
        programme.id,
        event.id,
        found.kind.value,
        found.key,
        TEMPLATE,
        orjson.dumps(found.variables).decode(),
        event.recorded_at,
    )
    return written is not None
