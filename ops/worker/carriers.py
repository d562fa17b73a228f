"""Carriers: how a channel sends, with one interface for all channels.

One that is new is a class that keeps to `Carrier`, and a line where the worker begins.
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
"""Makes one attempt, which begins at a real instant. Whatever goes wrong is a result."""


@dataclass(frozen=True, slots=True)
class Never:
    """Nobody is to hear of it any more, and why, where there is more to say."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """It is not to be sent before a real instant."""

    until: datetime


class Carrier(Protocol):
    """Sends what waits for targets of one channel.

    One that is `at_most_once` has each attempt written down before it begins: after a death
    nobody sends it again, and what may have arrived is a result of UNKNOWN.
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
        """How this is sent once it is due, as of a real instant, or that it is not any more, or not
        yet.
        """

    async def close(self) -> None:
        """Give up connections that are kept."""
