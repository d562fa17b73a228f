"""Changing endpoints: they are made and changed, turned on and off, deleted, given another
secret.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import outbox
from domain.kernel.database import Beforehand, row, rows, update
from domain.kernel.event_types import TYPES
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_email
from domain.kernel.outbox import Event, Topic
from domain.kernel.refusals import InvalidInput, NotFound
from domain.partners import partners
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.webhooks import endpoints, guard, signing
from domain.webhooks.endpoints import Webhook, WebhookStatus
from domain.webhooks.outgoing import Outgoing

OF_PARTNER_MAX = 5
OF_STAFF_MAX = 20
OLD_HOURS = 24
OLD_HOURS_MAX = 168
"""Hours in which the previous secret signs too: by default, and at most."""

SHOWN_CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True)
class WebhookSent:
    """The sent settings of an endpoint; None in `topics` means all."""

    url: str
    topics: tuple[str, ...] | None = None
    contact: str | None = None
    partner: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "topics": self.topics,
            "contact": self.contact,
            "partner": self.partner,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A request about the endpoint with the id `named`, at a real instant; None is one to be
    made.
    """

    request: Request
    named: str | None
    id: UUID | None
    now: datetime

    @property
    def sent(self) -> list[str | None]:
        return [self.named]


async def save(
    change: Change, programme: Programme, sent: WebhookSent, outgoing: Outgoing
) -> tuple[Outcome, str | None]:
    """Make an endpoint or change one; figures: `webhook`. The secret of a new one is returned too,
    only this time.

    Raises: InvalidInput, NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """
    _check(sent)
    guard.parts_of(sent.url, outgoing.rules)
    secret, judged = signing.new_secret(), False

    async def judge() -> None:
        nonlocal judged
        await guard.check(sent.url, outgoing.rules)
        judged = True

    async def work() -> Figures:
        if not judged:
            # outside the transaction: a resolver may take its time
            raise Beforehand(judge)
        if change.named is not None:
            return await _change(change, programme, sent)
        sealed = signing.sealed(secret, outgoing.key)
        return await _make(change, programme, sent, sealed)

    outcome = await once(change.request, "saveWebhook", [*change.sent, sent], work)
    made = not outcome.replayed and change.named is None
    return outcome, secret if made else None


def _check(sent: WebhookSent) -> None:
    if sent.contact is not None:
        check_email(sent.contact, ("contact",))
    if sent.topics is None:
        return
    if not sent.topics:
        raise InvalidInput("too_short", path=("topics",))
    for topic in sent.topics:
        if topic not in TYPES:
            known = tuple(sorted(TYPES))
            raise InvalidInput(
                "unknown_topic", topic[:SHOWN_CHARACTERS_MAX], known, path=("topics",)
            )


def _topics(sent: WebhookSent) -> str | None:
    return None if sent.topics is None else orjson.dumps(sorted(set(sent.topics))).decode()


async def _make(change: Change, programme: Programme, sent: WebhookSent, sealed: str) -> Figures:
    owner = await partners.owner_of(programme, change.request.caller, sent.partner)
    await programmes.lock(programme.id)
    slot, webhook_id = await _free_slot(programme.id, owner), new_id()
    await rows(
        "INSERT INTO delivery_target (target, programme_id, failures) VALUES ($1, $2, 0)",
        webhook_id,
        programme.id,
    )
    await rows(
        "INSERT INTO webhook (id, programme_id, partner_id, slot, url, topics, contact, secret, "
        "heard_from, created_at, created_by) "
        "VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $9, $10)",
        webhook_id,
        programme.id,
        owner,
        slot,
        sent.url,
        _topics(sent),
        sent.contact,
        sealed,
        change.now,
        change.request.caller.actor,
    )
    return {"webhook": str(webhook_id)}


async def _free_slot(programme_id: UUID, owner: UUID | None) -> int:
    """Raises: InvalidInput when the owner has the most endpoints allowed."""
    most = OF_STAFF_MAX if owner is None else OF_PARTNER_MAX
    taken = await rows(
        "SELECT slot FROM webhook WHERE programme_id = $1 AND partner_id IS NOT DISTINCT FROM $2 "
        "AND deleted_at IS NULL",
        programme_id,
        owner,
    )
    free = set(range(1, most + 1)) - {one["slot"] for one in taken}
    if not free:
        raise InvalidInput("too_many_endpoints", str(most + 1), (str(most),))
    return min(free)


async def _change(change: Change, programme: Programme, sent: WebhookSent) -> Figures:
    webhook = await _locked(change, ("id",))
    if sent.partner is not None:
        owner = await partners.owner_of(programme, change.request.caller, sent.partner)
        if owner != webhook.partner_id:
            raise NotFound("webhook", str(change.named), path=("id",))
    await update(
        "UPDATE webhook SET url = $2, topics = $3::jsonb, contact = $4 WHERE id = $1",
        webhook.id,
        sent.url,
        _topics(sent),
        sent.contact,
    )
    return {"webhook": str(webhook.id)}


async def rotate(change: Change, hours: int, outgoing: Outgoing) -> tuple[Outcome, str | None]:
    """Give an endpoint another secret; the previous one signs too for a number of hours. A replay
    does not show the new one again. Figures: `webhook`.

    Raises: InvalidInput, NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """
    if not 0 <= hours <= OLD_HOURS_MAX:
        raise InvalidInput("hours_of_secret", str(hours), (str(OLD_HOURS_MAX),), path=("hours",))
    secret = signing.new_secret()

    async def work() -> Figures:
        webhook = await _of(change)
        await update(
            "UPDATE webhook SET old_secret = $3, old_until = $4, secret = $2 WHERE id = $1",
            webhook.id,
            signing.sealed(secret, outgoing.key),
            webhook.secret if hours else None,
            change.now + timedelta(hours=hours) if hours else None,
        )
        return {"webhook": str(webhook.id)}

    outcome = await once(change.request, "rotateWebhookSecret", [*change.sent, hours], work)
    return outcome, None if outcome.replayed else secret


async def enable(change: Change) -> Outcome:
    """Turn an endpoint on: it gets events numbered from now on. One that is on stays as it is.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def work(webhook: Webhook) -> None:
        if webhook.status is WebhookStatus.OFF:
            await update(
                "UPDATE webhook SET off_since = NULL, heard_from = $2 WHERE id = $1",
                webhook.id,
                change.now,
            )
            await endpoints.begin_anew(webhook.id)

    return await _once(change, "enableWebhook", work)


async def disable(change: Change) -> Outcome:
    """Turn an endpoint off: nothing is sent to it any more. One that is off stays as it is.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def work(webhook: Webhook) -> None:
        await turn_off(webhook, change.request.now, change.now)

    return await _once(change, "disableWebhook", work)


async def delete(change: Change) -> Outcome:
    """Delete an endpoint: it is turned off for good and no longer found.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def work(webhook: Webhook) -> None:
        await turn_off(webhook, change.request.now, change.now)
        await update("UPDATE webhook SET deleted_at = $2 WHERE id = $1", webhook.id, change.now)

    return await _once(change, "deleteWebhook", work)


async def turn_off(webhook: Webhook, on_clock: datetime, now: datetime) -> None:
    """Turn the endpoint off, in a transaction that has locked its row; does nothing if it is off.
    The event's instant is by the programme's clock, its `since` a real one.
    """
    turned = await update(
        "UPDATE webhook SET off_since = $2 WHERE id = $1 AND off_since IS NULL", webhook.id, now
    )
    if turned:
        said = {"webhook": webhook.id, "since": now}
        event = Event(Topic.WEBHOOK_DISABLED, webhook.programme_id, said, webhook.partner_id)
        await outbox.announce(webhook.programme_id, on_clock, [event])


async def _once(
    change: Change, operation: str, perform: Callable[[Webhook], Awaitable[None]]
) -> Outcome:
    async def work() -> Figures:
        webhook = await _of(change)
        await perform(webhook)
        return {"webhook": str(webhook.id)}

    return await once(change.request, operation, change.sent, work)


async def found(change: Change) -> Webhook:
    """The stored endpoint. Raises: NotFound."""
    own = None if change.id is None else await endpoints.find(change.id)
    if own is None or not endpoints.is_there_for(change.request.caller, own):
        raise NotFound("webhook", change.named, path=("webhook",))
    return own


async def _of(change: Change) -> Webhook:
    return await _locked(change, ("webhook",))


async def _locked(change: Change, path: tuple[str, ...]) -> Webhook:
    """The endpoint under its lock. Raises: NotFound."""
    if change.id is not None:
        await row("SELECT id FROM webhook WHERE id = $1 FOR UPDATE", change.id)
        # only now: a read after the lock sees what was written before it was acquired
        found = await endpoints.find(change.id)
        if found is not None and endpoints.is_there_for(change.request.caller, found):
            return found
    raise NotFound("webhook", str(change.named), path=path)
