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
    """Who is written to, and of which host, off since a real instant."""

    address: str
    host: str
    since: datetime


async def contact_of(programme: Programme, event: NumberedEvent) -> Contact | None:
    """None where an endpoint has no contact, or nothing arrives there."""
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
    """Let an event of no member wait for mail to the contact, in a transaction, at a real instant,
    where mail is served; whether it does. Done again it adds nothing.

    Raises: ConcurrentRequest.
    """
    if Sent.EMAIL not in served or await contact_of(programme, event) is None:
        return False
    await transact(partial(_wait, programme, event, now))
    return True


async def _wait(programme: Programme, event: NumberedEvent, now: datetime) -> None:
    target = await targets.opened(programme.id, Channel.EMAIL)
    await lanes.add(programme.id, event.member_id, [(event, target, now)])
