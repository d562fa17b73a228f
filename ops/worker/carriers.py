"""Carriers: sending by a channel, with one interface for all channels.

A new one is a class with the interface `Carrier`, and a line where the worker begins.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import Result
from domain.programmes.programmes import Programme

Post = Callable[[datetime], Awaitable[Result]]
"""Makes one attempt, which begins at a real instant. Every failure is a result."""


@dataclass(frozen=True, slots=True)
class Never:
    """Nobody is to hear of it any more, and why, where there is more to say."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """It is not to be sent before a real instant."""

    until: datetime


class Carrier(Protocol):
    """Sends deliveries to targets of one channel.

    If `at_most_once`, each attempt is recorded before it begins: after a crash it is not repeated,
    and its result is UNKNOWN.
    """

    @property
    def at_most_once(self) -> bool: ...

    async def prepare(
        self,
        programme: Programme,
        lane: Lane,
        delivery: Delivery,
        event: NumberedEvent,
        now: datetime,
    ) -> Post | Never | Later:
        """The way to send a due delivery, as of a real instant, or that it is cancelled or
        postponed.
        """

    async def close(self) -> None:
        """Give up connections that are kept."""
