"""Deliveries to endpoints of webhooks, attempt by attempt, and the mutation that sends them
again.
"""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.events import Event, references_of, to_event
from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing, limit_of
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent
from api.kit.loaders import Owned
from api.kit.mutations import Payload, mutation
from api.kit.relay import from_global_id, to_global_id
from api.webhook_keeping import to_change
from api.webhooks import Attempt, webhook_id
from domain.delivery import deliveries, waking
from domain.delivery.deliveries import ATTEMPTS_MAX, DeliveryFilter, DeliveryStatus
from domain.delivery.waking import WOKEN_MAX, Named
from domain.webhooks import endpoints

DELIVERY_TYPE = "EventDelivery"

describe(
    DeliveryStatus,
    "Status of a delivery.",
    {
        DeliveryStatus.WAITING: "It will be sent, or sent again.",
        DeliveryStatus.DELIVERED: "The endpoint, or the mail server, accepted it.",
        DeliveryStatus.DEAD: "No attempt succeeded, and no more are made.",
        DeliveryStatus.CANCELLED: "It is not sent: the endpoint was turned off, or the member "
        "must not be notified.",
        DeliveryStatus.UNKNOWN: "It may have arrived; it is not sent again automatically.",
    },
    name="EventDeliveryStatus",
)


async def load_attempts(info: Info, delivery: Owned) -> list[Attempt]:
    made = await info.context.loaders.of_owned(deliveries.attempts, delivery)
    return [
        Attempt(
            at=one.at,
            status=one.status,
            error=one.error,
            milliseconds=one.milliseconds,
            answer=one.answer,
        )
        for one in made
    ]


@strawberry.type(description="An event on its way to an endpoint.")
class EventDelivery:
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    event: Event = strawberry.field(description="Event that is sent, the same at each attempt.")
    status: DeliveryStatus = strawberry.field(description="Status of the delivery now.")
    next_attempt_at: datetime | None = strawberry.field(
        description="Instant of the next attempt, which is made later if an earlier event of the "
        "member still waits or the endpoint is paused; null when there is no further attempt."
    )
    row: strawberry.Private[deliveries.EventDelivery]

    @field(f"Attempts, oldest first; the last {ATTEMPTS_MAX} when there were more.")
    async def attempts(self, info: Info) -> list[Attempt]:
        return await load_attempts(info, (self.row.event.member_id, self.row.id))


@strawberry.type(description="One row of a list of deliveries.")
class EventDeliveryEdge(Edge[EventDelivery]):
    pass


@strawberry.type(description="One page of deliveries.")
class EventDeliveryConnection(Connection[EventDeliveryEdge]):
    pass


LISTING: Listing[deliveries.EventDelivery, EventDeliveryConnection] = Listing(
    "deliveries",
    EventDeliveryConnection,
    EventDeliveryEdge,
    (datetime, int, UUID),
    lambda row: row.key,
)


@strawberry.type
class EventDeliveriesQuery:
    @field(
        "Events that were or will be sent to an endpoint, newest first, for as long as they are "
        "kept, which is at least 30 days. Empty when the endpoint does not exist or is not the "
        "caller's."
    )
    async def deliveries(
        self,
        info: Info,
        webhook: Annotated[
            strawberry.ID, strawberry.argument(description="Global id of the endpoint.")
        ],
        status: Annotated[
            list[DeliveryStatus] | None,
            strawberry.argument(description="Statuses to include; null means all."),
        ] = None,
        first: First = PAGE_DEFAULT,
        after: After = None,
    ) -> EventDeliveryConnection:
        start = LISTING.start(after)
        wanted = await _filter(info, webhook, status)
        found = []
        if wanted is not None:
            found = await deliveries.page(wanted, limit=limit_of(first), after=start)
        references = await references_of([row.event for row in found])

        def node(row: deliveries.EventDelivery) -> EventDelivery:
            return EventDelivery(
                id=to_global_id(DELIVERY_TYPE, row.id, member_id=row.event.member_id),
                event=to_event(references, row.event),
                status=row.status,
                next_attempt_at=row.due_at,
                row=row,
            )

        async def count() -> int:
            return 0 if wanted is None else await deliveries.count(wanted)

        return LISTING.shown(found, first, after, node=node, count=count)


async def _filter(
    info: Info, global_id: str, states: list[DeliveryStatus] | None
) -> DeliveryFilter | None:
    """None where the caller keeps no such endpoint."""
    own, caller = webhook_id(global_id), info.context.caller
    webhook = None if own is None else await endpoints.find(own)
    if webhook is None or not endpoints.is_there_for(caller, webhook):
        return None
    confined = caller.partner_id is not None
    partner_id = await endpoints.confined_to(webhook, datetime.now(UTC)) if confined else None
    return DeliveryFilter(webhook.id, partner_id, tuple(states or DeliveryStatus))


@strawberry.input(description="Deliveries to send again.")
class RetryDeliveriesInput(KeyedInput):
    webhook: strawberry.ID = strawberry.field(description="Global id of the endpoint.")
    deliveries: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="Global ids of deliveries to the endpoint; null means the oldest of all that "
        f"can be sent again, up to {WOKEN_MAX}.",
    )


@strawberry.type(description="Result of sending again.")
class RetryDeliveriesPayload(Payload):
    count: int = strawberry.field(
        default=0, description="Number of deliveries that will be sent again; 0 when refused."
    )


@strawberry.type
class EventDeliveriesMutation:
    @mutation(
        "Send again deliveries that are DEAD, CANCELLED or UNKNOWN, with the same ids and the "
        "full number of attempts. Deliveries that wait or have arrived stay as they are."
    )
    async def retry_deliveries(
        self, info: Info, input: Sent[RetryDeliveriesInput]
    ) -> RetryDeliveriesPayload | None:
        named = None if input.deliveries is None else [_named(one) for one in input.deliveries]
        outcome = await waking.retry(to_change(info, input, input.webhook), named)
        return RetryDeliveriesPayload(count=outcome.figures["count"], replayed=outcome.replayed)


def _named(global_id: str) -> Named:
    shown, found = global_id[:SHOWN_CHARACTERS_MAX], from_global_id(global_id)
    if found is None or found.type_name != DELIVERY_TYPE or found.member_id is None:
        return Named(shown, None)
    return Named(shown, (found.member_id, found.id))
