"""Endpoints of webhooks as their owners see them, and the list of them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.edge.posting import Answer
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.relay import Node, from_global_id, to_global_id
from api.partners import Partner, load_partner
from domain.kernel.refusals import NotFound
from domain.partners import partners
from domain.webhooks import endpoints
from domain.webhooks.endpoints import WebhookStatus

WEBHOOK_TYPE = "Webhook"

describe(
    WebhookStatus,
    "Status of an endpoint.",
    {
        WebhookStatus.ON: "Events are sent to it.",
        WebhookStatus.PAUSED: f"{endpoints.PAUSING_FAILURES} attempts in a row have failed: one "
        "event is retried until it arrives, and the others wait.",
        WebhookStatus.OFF: "Nothing is sent to it until it is turned on.",
    },
)


@strawberry.type(description="An endpoint that events are sent to.")
class Webhook(Node):
    url: str = strawberry.field(description="URL to which events are sent, by POST.")
    topics: list[str] | None = strawberry.field(
        description="Types of events that it receives; null means all that its owner may see."
    )
    contact: str | None = strawberry.field(
        description="E-mail address of the person responsible for it; null when none is given."
    )
    status: WebhookStatus = strawberry.field(description="Status of the endpoint now.")
    last_success_at: datetime | None = strawberry.field(
        description="Instant of the last attempt that the endpoint accepted, to within a second; "
        "null before the first."
    )
    partner_id: strawberry.Private[UUID | None]

    @field("Partner to which the endpoint belongs; null for an endpoint of staff.")
    async def partner(self, info: Info) -> Partner | None:
        return await load_partner(info, self.partner_id)


@strawberry.type(description="One attempt to send an event.")
class Attempt:
    at: datetime = strawberry.field(description="Instant at which the attempt began.")
    status: int | None = strawberry.field(
        description="HTTP status of the answer; 200 to 299 means success. Null when there was no "
        "answer."
    )
    error: str | None = strawberry.field(
        description="Reason why there was no answer, as the network or a library reports it; null "
        "when there was one."
    )
    milliseconds: int = strawberry.field(description="Duration of the attempt, in milliseconds.")
    answer: str | None = strawberry.field(
        description="First 500 characters of the answer's body; null when there was no answer."
    )


def to_webhook(row: endpoints.Webhook) -> Webhook:
    return Webhook(
        id=to_global_id(WEBHOOK_TYPE, row.id),
        url=row.url,
        topics=None if row.topics is None else list(row.topics),
        contact=row.contact,
        status=row.status,
        last_success_at=row.last_success_at,
        partner_id=row.partner_id,
    )


def to_figures(answer: Answer) -> dict[str, Any]:
    """An attempt as JSON values."""
    return {
        "at": answer.at.isoformat(),
        "status": answer.status,
        "error": answer.error,
        "milliseconds": answer.milliseconds,
        "answer": answer.text,
        "accepted": answer.accepted,
    }


def to_attempt(figures: dict[str, Any]) -> Attempt:
    return Attempt(
        at=datetime.fromisoformat(figures["at"]),
        status=figures["status"],
        error=figures["error"],
        milliseconds=figures["milliseconds"],
        answer=figures["answer"],
    )


def webhook_id(global_id: str) -> UUID | None:
    """None for an id that names no endpoint."""
    found = from_global_id(global_id)
    if found is None or found.type_name != WEBHOOK_TYPE or found.member_id is not None:
        return None
    return found.id


async def load_webhook(info: Info, own: UUID) -> Webhook | None:
    found = await endpoints.find(own)
    seen = found is not None and endpoints.is_there_for(info.context.caller, found)
    return to_webhook(found) if found and seen else None


@strawberry.type
class WebhooksQuery:
    @field(
        "Endpoints of a partner, or of staff, in the order of their creation. Secrets are never "
        "shown."
    )
    async def webhooks(
        self,
        info: Info,
        partner: Annotated[
            str | None,
            strawberry.argument(
                description="Code of the partner; null means the caller's own endpoints, which "
                "for staff are those of no partner."
            ),
        ] = None,
    ) -> list[Webhook]:
        programme, caller = info.context.programme, info.context.caller
        try:
            owner = await partners.owner_of(programme, caller, partner)
        except NotFound:
            return []
        return [to_webhook(row) for row in await endpoints.of_owner(programme.id, owner)]
