"""The carrier of webhooks: signed messages to endpoints, at least once."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import orjson

from api import event_shapes
from api.edge import posting
from api.edge.posting import Clients, Letter
from domain.delivery import retrying
from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import Result
from domain.delivery.retrying import Outcome
from domain.members import identity
from domain.programmes.programmes import Programme
from domain.webhooks import endpoints, signing
from domain.webhooks.endpoints import Webhook
from domain.webhooks.outgoing import Outgoing
from domain.webhooks.signing import Message
from ops.worker.carriers import Never, Post


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Posts to endpoints that are on, by connections that it keeps."""

    outgoing: Outgoing
    through: Clients = field(default_factory=Clients)
    at_most_once: bool = False

    async def prepare(
        self,
        programme: Programme,
        lane: Lane,
        delivery: Delivery,
        event: NumberedEvent,
        now: datetime,
    ) -> Post | Never:
        webhook = await endpoints.find(lane.target)
        # what waited when it was turned off stays cancelled, also if it is on again by now
        if (
            webhook is None
            or webhook.off_since is not None
            or delivery.waits_since <= webhook.heard_from
        ):
            return Never()
        return partial(self._post, programme, webhook, event)

    async def _post(
        self, programme: Programme, webhook: Webhook, event: NumberedEvent, now: datetime
    ) -> Result:
        try:
            opened = [signing.opened(kept, self.outgoing.key) for kept in webhook.kept_secrets(now)]
        except signing.Unreadable:
            said = "its secret is kept under another key"
            return Result(now, 0, Outcome.FAILED, error=said)
        message = await _message(programme, event)
        letter = Letter(webhook.url, message.body, lambda at: signing.headers(message, opened, at))
        answer = await posting.post(self.through, letter, self.outgoing.rules)
        return Result(
            at=now,
            milliseconds=answer.milliseconds,
            outcome=retrying.outcome_of(answer.status),
            status=answer.status,
            error=answer.error,
            answer=answer.text,
            retry_after=answer.retry_after,
        )

    async def close(self) -> None:
        await self.through.close()


async def _message(programme: Programme, event: NumberedEvent) -> Message:
    references = {} if event.of_no_member else await identity.references([event.member_id])
    body = orjson.dumps(event_shapes.envelope(event, programme.code, references))
    return Message(event_shapes.id_of(event), body)
