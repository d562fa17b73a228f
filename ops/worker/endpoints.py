"""The carrier of webhooks: signed messages to endpoints, at least once."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import orjson

from api import event_shapes
from api.edge import posting
from api.edge.posting import Clients, Letter
from domain.delivery import retrying
from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import Result
from domain.delivery.retrying import AttemptOutcome
from domain.members import identity
from domain.programmes.programmes import Programme
from domain.webhooks import endpoints, signing
from domain.webhooks.endpoints import Webhook
from domain.webhooks.outgoing import Outgoing
from domain.webhooks.signing import Message
from ops.worker.carriers import Never, Post

SECRETS_MAX = 1000
"""Most decrypted secrets that are cached, by their encrypted form."""


KNOWN_FOR = timedelta(seconds=1)
KNOWN_MAX = 64
"""Most leases whose endpoint's state is cached, and the seconds of that."""


@dataclass(frozen=True, slots=True)
class EndpointState:
    """An endpoint in its state at an instant, and the reference of the lane's member."""

    webhook: Webhook | None
    references: Mapping[UUID, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Posts to endpoints that are on, by connections that it keeps."""

    outgoing: Outgoing
    through: Clients = field(default_factory=Clients)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    known: OrderedDict[UUID, EndpointState] = field(default_factory=OrderedDict)
    at_most_once: bool = False

    async def prepare(
        self,
        programme: Programme,
        lane: Lane,
        delivery: Delivery,
        event: NumberedEvent,
        now: datetime,
    ) -> Post | Never:
        known = await self._know(lane, event, now)
        webhook = known.webhook
        # deliveries that waited when it was turned off stay cancelled, even if it is on again by
        # now
        if (
            webhook is None
            or webhook.off_since is not None
            or delivery.waits_since <= webhook.heard_from
        ):
            return Never()
        return partial(self._post, webhook, _message(programme, event, known))

    async def _know(self, lane: Lane, event: NumberedEvent, now: datetime) -> EndpointState:
        """Data that a lane needs for its messages, read again for each lease, and every second."""
        known = self.known.get(lane.lease)
        if known is None or now - known.at >= KNOWN_FOR:
            webhook = await endpoints.find(lane.target)
            ids = [] if event.of_no_member else [lane.member_id]
            known = EndpointState(webhook, await identity.references(ids) if ids else {}, now)
            self.known[lane.lease] = known
            while len(self.known) > KNOWN_MAX:
                self.known.popitem(last=False)
        return known

    async def _post(self, webhook: Webhook, message: Message, now: datetime) -> Result:
        try:
            opened = [self._opened(kept) for kept in webhook.kept_secrets(now)]
        except signing.Unreadable:
            said = "its secret is encrypted with another key"
            return Result(now, 0, AttemptOutcome.FAILED, error=said)
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

    def _opened(self, kept: str) -> str:
        """A secret, which takes longer to open than to sign with.

        Raises: signing.Unreadable
        """
        if kept not in self.secrets:
            if len(self.secrets) >= SECRETS_MAX:
                self.secrets.clear()
            self.secrets[kept] = signing.opened(kept, self.outgoing.key)
        return self.secrets[kept]

    async def close(self) -> None:
        await self.through.close()


def _message(programme: Programme, event: NumberedEvent, known: EndpointState) -> Message:
    body = orjson.dumps(event_shapes.envelope(event, programme.code, known.references))
    return Message(event_shapes.id_of(event), body)
