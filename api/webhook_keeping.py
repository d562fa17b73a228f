"""Mutations that keep endpoints of webhooks, and the ping that tries one."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry

from api import event_shapes
from api.edge import posting
from api.edge.posting import Letter
from api.kit.context import Info
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.webhooks import (
    Attempt,
    Webhook,
    load_webhook,
    to_attempt,
    to_figures,
    to_webhook,
    webhook_id,
)
from domain.delivery.events import NumberedEvent
from domain.kernel.idempotency import Outcome
from domain.kernel.outbox import Topic, part_of
from domain.webhooks import endpoints, keeping, pinging, signing
from domain.webhooks.keeping import (
    OF_PARTNER_MAX,
    OF_STAFF_MAX,
    OLD_HOURS,
    OLD_HOURS_MAX,
    Change,
    WebhookSent,
)
from domain.webhooks.signing import Message

_SHOWN_ONCE = (
    "and when the request is replayed. Where the answer was lost, rotate the endpoint's secret."
)


@strawberry.input(description="Endpoint to make, or to change.")
class SaveWebhookInput(KeyedInput):
    id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the endpoint to change; null creates one."
    )
    partner: str | None = strawberry.field(
        default=None,
        description="Code of the partner to which the endpoint belongs; null means the caller's "
        "own, which for staff is an endpoint of no partner. It never changes.",
    )
    url: str = strawberry.field(
        description="URL to which events are sent: https://, without user, password or fragment, "
        "with a host that can be reached from the internet; at most 500 characters."
    )
    topics: list[str] | None = strawberry.field(
        default=None,
        description="Types of events that it receives, from `eventTypes`; null means all that its "
        "owner may see.",
    )
    contact: str | None = strawberry.field(
        default=None, description="E-mail address of the person responsible for it."
    )


@strawberry.type(description="Result of saving an endpoint.")
class SaveWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(
        default=None, description="Endpoint as it stands; null when refused."
    )
    secret: str | None = strawberry.field(
        default=None,
        description="Secret that signs what is sent to a new endpoint (Standard Webhooks), shown "
        f"this once; null when refused, when an endpoint was changed, {_SHOWN_ONCE}",
    )


@strawberry.input(description="Endpoint whose secret is replaced.")
class RotateWebhookSecretInput(KeyedInput):
    webhook: strawberry.ID = strawberry.field(description="Global id of the endpoint.")
    hours: int = strawberry.field(
        default=OLD_HOURS,
        description="Number of hours for which messages are also signed with the old secret, 0 "
        f"to {OLD_HOURS_MAX}.",
    )


@strawberry.type(description="Result of replacing a secret.")
class RotateWebhookSecretPayload(Payload):
    webhook: Webhook | None = strawberry.field(
        default=None, description="Endpoint as it stands; null when refused."
    )
    secret: str | None = strawberry.field(
        default=None, description=f"New secret, shown this once; null when refused, {_SHOWN_ONCE}"
    )


@strawberry.input(description="Endpoint to turn on.")
class EnableWebhookInput(KeyedInput):
    webhook: strawberry.ID = strawberry.field(description="Global id of the endpoint.")


@strawberry.type(description="Result of turning an endpoint on.")
class EnableWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(
        default=None, description="Endpoint as it stands; null when refused."
    )


@strawberry.input(description="Endpoint to turn off.")
class DisableWebhookInput(KeyedInput):
    webhook: strawberry.ID = strawberry.field(description="Global id of the endpoint.")


@strawberry.type(description="Result of turning an endpoint off.")
class DisableWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(
        default=None, description="Endpoint as it stands; null when refused."
    )


@strawberry.input(description="Endpoint to delete.")
class DeleteWebhookInput(KeyedInput):
    webhook: strawberry.ID = strawberry.field(description="Global id of the endpoint.")


@strawberry.type(description="Result of deleting an endpoint.")
class DeleteWebhookPayload(Payload):
    webhook: Webhook | None = strawberry.field(
        default=None, description="Endpoint as it was, turned off; null when refused."
    )


@strawberry.input(description="Endpoint to send a test message to.")
class PingWebhookInput(KeyedInput):
    webhook: strawberry.ID = strawberry.field(description="Global id of the endpoint.")


@strawberry.type(description="Result of sending a test message to an endpoint.")
class PingWebhookPayload(Payload):
    attempt: Attempt | None = strawberry.field(
        default=None, description="Attempt, with its result; null when refused."
    )


@strawberry.type
class WebhooksMutation:
    @mutation(
        f"Create or change an endpoint. A partner can have at most {OF_PARTNER_MAX}, staff "
        f"{OF_STAFF_MAX} of their own. It receives events from now on."
    )
    async def save_webhook(
        self, info: Info, input: Sent[SaveWebhookInput]
    ) -> SaveWebhookPayload | None:
        sent = WebhookSent(
            url=input.url,
            topics=None if input.topics is None else tuple(input.topics),
            contact=input.contact,
            partner=input.partner,
        )
        context, change = info.context, to_change(info, input, input.id)
        outcome, secret = await keeping.save(change, context.programme, sent, context.outgoing)
        return SaveWebhookPayload(
            webhook=await _after(info, outcome), secret=secret, replayed=outcome.replayed
        )

    @mutation(
        "Replace the secret of an endpoint; messages are also signed with the old secret for some "
        "hours."
    )
    async def rotate_webhook_secret(
        self, info: Info, input: Sent[RotateWebhookSecretInput]
    ) -> RotateWebhookSecretPayload | None:
        change = to_change(info, input, input.webhook)
        outcome, secret = await keeping.rotate(change, input.hours, info.context.outgoing)
        return RotateWebhookSecretPayload(
            webhook=await _after(info, outcome), secret=secret, replayed=outcome.replayed
        )

    @mutation("Turn an endpoint on: it receives events from now on.")
    async def enable_webhook(
        self, info: Info, input: Sent[EnableWebhookInput]
    ) -> EnableWebhookPayload | None:
        outcome = await keeping.enable(to_change(info, input, input.webhook))
        return EnableWebhookPayload(webhook=await _after(info, outcome), replayed=outcome.replayed)

    @mutation("Turn an endpoint off: nothing is sent to it any more.")
    async def disable_webhook(
        self, info: Info, input: Sent[DisableWebhookInput]
    ) -> DisableWebhookPayload | None:
        outcome = await keeping.disable(to_change(info, input, input.webhook))
        return DisableWebhookPayload(webhook=await _after(info, outcome), replayed=outcome.replayed)

    @mutation("Delete an endpoint: nothing is sent to it any more, and it is no longer shown.")
    async def delete_webhook(
        self, info: Info, input: Sent[DeleteWebhookInput]
    ) -> DeleteWebhookPayload | None:
        outcome = await keeping.delete(to_change(info, input, input.webhook))
        # it is no longer found
        [row] = await endpoints.by_ids([UUID(outcome.figures["webhook"])])
        return DeleteWebhookPayload(webhook=to_webhook(row), replayed=outcome.replayed)

    @mutation(
        f"Send a signed message of type {Topic.WEBHOOK_PING} to an endpoint at once, even if it "
        f"is off, and return the result within {pinging.SECONDS} seconds."
    )
    async def ping_webhook(
        self, info: Info, input: Sent[PingWebhookInput]
    ) -> PingWebhookPayload | None:
        async def send(webhook: endpoints.Webhook, event_id: UUID) -> dict[str, Any]:
            return await _send(info, webhook, event_id)

        outcome = await pinging.ping(to_change(info, input, input.webhook), send)
        return PingWebhookPayload(
            attempt=to_attempt(outcome.figures["attempt"]), replayed=outcome.replayed
        )


def to_change(info: Info, input: KeyedInput, global_id: str | None) -> Change:
    sent, now = request(info, input), datetime.now(UTC)
    if global_id is None:
        return Change(sent, None, None, now)
    return Change(sent, str(global_id)[:SHOWN_CHARACTERS_MAX], webhook_id(global_id), now)


async def _after(info: Info, outcome: Outcome) -> Webhook | None:
    return await load_webhook(info, UUID(outcome.figures["webhook"]))


async def _send(info: Info, webhook: endpoints.Webhook, event_id: UUID) -> dict[str, Any]:
    outgoing, now = info.context.outgoing, datetime.now(UTC)
    message = _ping(info, webhook, event_id)
    opened = [signing.opened(kept, outgoing.key) for kept in webhook.kept_secrets(now)]
    letter = Letter(webhook.url, message.body, lambda at: signing.headers(message, opened, at))
    through = posting.Clients()
    try:
        answer = await posting.post(through, letter, outgoing.rules, seconds=pinging.SECONDS)
    finally:
        await through.close()
    return to_figures(answer)


def _ping(info: Info, webhook: endpoints.Webhook, event_id: UUID) -> Message:
    programme = info.context.programme
    event = NumberedEvent(
        id=event_id,
        programme_id=programme.id,
        member_id=programme.id,
        partner_id=webhook.partner_id,
        part=part_of(programme.id),
        position=0,
        topic=Topic.WEBHOOK_PING,
        sequence=None,
        recorded_at=info.context.now,
        numbered_at=info.context.now,
        payload={"webhook": str(webhook.id)},
    )
    return Message(
        event_shapes.id_of(event), orjson.dumps(event_shapes.envelope(event, programme.code, {}))
    )
