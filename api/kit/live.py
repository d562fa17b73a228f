"""Subscriptions as the schema has them: a field that answers again whenever something changes.

Such a field has an ordinary resolver, and a *source*, which yields the moments to run it, and the
subjects. The whole operation runs again for each turn of the source.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from graphql import GraphQLResolveInfo
from strawberry import Schema
from strawberry.types.field import StrawberryField

from api.kit import fields
from api.kit.request_errors import RETRY_SECONDS
from api.kit.resolvers import Call
from api.kit.watching import Watch, Watches
from domain.kernel.database import Unavailable
from domain.programmes.programmes import Programme

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Turn:
    """The subject of a subscription's next answer. An answer equal to the last one is not sent,
    unless each turn is `news`. A turn read together with the last one is `paid` with it.
    """

    watch: Watch
    about: Any
    news: bool = False
    paid: bool = False


Source = Callable[..., AsyncIterator[Turn]]
"""Called as the resolver is, once for each subscription: with `info` and its arguments."""


@dataclass(slots=True, eq=False)
class Live:
    """The watches of one open connection."""

    watches: Watches
    open: set[Watch] = field(default_factory=set)
    ended: bool = False

    @asynccontextmanager
    async def watch(
        self, programme: Programme, member_id: UUID, topics: frozenset[str] | None = None
    ) -> AsyncIterator[Watch]:
        """See `Watches.watch`; it ends with the connection."""
        async with self.watches.watch(programme, member_id, topics) as watch:
            if self.ended:
                watch.end()
            self.open.add(watch)
            try:
                yield watch
            finally:
                self.open.discard(watch)

    def end(self) -> None:
        """End every subscription of the connection, and each further one."""
        self.ended = True
        for watch in self.open:
            watch.end()


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """The result of a read, once the database is reachable."""
    while True:
        try:
            return await read()
        except Unavailable:
            await asyncio.sleep(RETRY_SECONDS)


def live(source: Source, description: str) -> Callable[[F], F]:
    """`@live(source, "Name of it.")` above the resolver of a field of `Subscription`."""
    return fields.field(description, metadata={SOURCE: source})


def connect(schema: Schema) -> None:
    """Give each field of `Subscription` its source."""
    subscription = schema._schema.subscription_type
    for name, definition in (subscription.fields if subscription else {}).items():
        call = Call.of(definition)
        if call is None:
            raise LookupError(f"`{name}` has no resolver of its own")
        definition.subscribe = _begun(call)


def _begun(call: Call) -> Callable[..., AsyncIterator[Turn]]:
    known: StrawberryField = call.field
    source: Source = known.metadata[SOURCE]

    def subscribe(_: Any, raw: GraphQLResolveInfo[Any], **sent: Any) -> AsyncIterator[Turn]:
        return source(**call.arguments(raw, sent))

    return subscribe
