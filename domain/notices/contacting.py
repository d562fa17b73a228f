"""Contacting the person responsible for an endpoint: a mail when it was turned off."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from domain.delivery import fan_out, lanes, targets
from domain.delivery.events import NumberedEvent
from domain.delivery.targets import Channel
from domain.kernel.database import transact
from domain.members.consents import Channel as Sent
from domain.notices import suppressing
from domain.programmes.programmes import Programme
from domain.webhooks import endpoints


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact of an endpoint, and the endpoint's host, off since a real instant."""

    address: str
    host: str
    since: datetime


async def contact_of(programme: Programme, event: NumberedEvent) -> Contact | None:
    """The contact of an endpoint; None where it has none, or its address is suppressed."""
    if event.topic not in fan_out.CONTACTED:
        return None
    webhook = await endpoints.find(UUID(event.payload["webhook"]))
    if webhook is None or webhook.contact is None:
        return None
    if await suppressing.suppressed(programme.id, {Sent.EMAIL: webhook.contact}):
        return None
    since = datetime.fromisoformat(event.payload["since"])
    return Contact(webhook.contact, urlsplit(webhook.url).hostname or "", since)


async def decide(
    programme: Programme, event: NumberedEvent, served: Collection[Sent], now: datetime
) -> bool:
    """Queue a mail to the contact about an event of no member, in a transaction, at a real instant,
    if mail is served; returns whether it was queued. A repetition adds nothing.

    Raises: ConcurrentRequest.
    """
    if Sent.EMAIL not in served or await contact_of(programme, event) is None:
        return False
    await transact(partial(_wait, programme, event, now))
    return True


async def _wait(programme: Programme, event: NumberedEvent, now: datetime) -> None:
    target = await targets.opened(programme.id, Channel.EMAIL)
    await lanes.add(programme.id, event.member_id, [(event, target, now)])
