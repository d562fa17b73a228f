"""Events, and the webhooks that they are sent to."""

from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.delivery.events import NumberedEvent
from domain.kernel.callers import Caller
from domain.kernel.ids import new_id
from domain.kernel.outbox import part_of
from domain.members.consents import Channel
from domain.programmes.programmes import Programme
from domain.webhooks import endpoints, keeping, signing
from domain.webhooks.guard import Rules
from domain.webhooks.keeping import Change, WebhookSent
from domain.webhooks.outgoing import Outgoing
from tests.support.factories.calls import NOW, request, staff


async def events(topic: str | None = None, **columns: UUID) -> list[tuple[str, dict[str, Any]]]:
    """Topic and payload of each event in order, of a `member_id` or `programme_id` if given."""
    wanted: dict[str, Any] = {**columns, **({"topic": topic} if topic else {})}
    found = await models.OutboxEvent.filter(**wanted).order_by("recorded_at", "id")
    return [(event.topic, event.payload) for event in found]


async def payloads(topic: str, **columns: UUID) -> list[dict[str, Any]]:
    """The payloads of the events of one topic, selected as by `events`."""
    return [payload for _, payload in await events(topic, **columns)]


def event(
    programme_id: UUID,
    member_id: UUID,
    topic: str,
    payload: dict[str, Any],
    *,
    now: datetime = NOW,
) -> NumberedEvent:
    """An event of a member at position 1, which is not in the database."""
    return NumberedEvent(
        id=new_id(),
        programme_id=programme_id,
        member_id=member_id,
        partner_id=None,
        part=part_of(member_id),
        position=1,
        topic=topic,
        sequence=1,
        recorded_at=now,
        numbered_at=now,
        payload=payload,
    )


OUTGOING = Outgoing(Rules(development=True), bytes(32), frozenset(Channel))
"""Settings for sending in tests: to this machine as well, and by every channel."""

NOBODY_LISTENS = "http://127.0.0.1:9/hooks"


async def webhook(
    programme: Programme,
    *,
    caller: Caller | None = None,
    url: str = NOBODY_LISTENS,
    topics: tuple[str, ...] | None = None,
    contact: str | None = None,
    now: datetime = NOW,
) -> UUID:
    """An endpoint of a partner, or of staff; its id. `secret_of` returns its secret."""
    change = Change(request(caller or staff(programme), now=now), None, None, now)
    made = await keeping.save(change, programme, WebhookSent(url, topics, contact), OUTGOING)
    return UUID(made[0].figures["webhook"])


async def secret_of(webhook_id: UUID) -> str:
    [found] = await endpoints.by_ids([webhook_id])
    return signing.opened(found.secret, OUTGOING.key)
