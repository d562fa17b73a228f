"""The work done four times a second: numbering events, and writing each into the log.

Several workers do so at once: each skips parts that another one is processing.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from random import sample

from api.edge.logging import log
from domain.delivery import numbering
from domain.delivery.events import NumberedEvent
from domain.delivery.numbering import Part
from domain.kernel.database import is_outage
from ops.worker.turns import summary

SECONDS = 0.25
AFTER_FAILURE_SECONDS = 5
"""Seconds that numbering waits after a pass, and after a failed one."""

MEMBERS_AT_ONCE = 4
"""Most members whose events are handed on at the same time."""


async def beat(stopping: asyncio.Event) -> None:
    """Number events until the worker stops; a failure is tried again a little later."""
    while not stopping.is_set():
        wait = SECONDS
        try:
            if await number_all(stopping):
                wait = 0
        except Exception as error:
            log.warning("numbering_failed", error=summary(error))
            wait = AFTER_FAILURE_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), wait)


async def number_all(stopping: asyncio.Event) -> bool:
    """Number waiting events, a batch of each part; returns whether more may wait.

    Raises: the first failure, after all other members were processed.
    """
    more, failures = False, list[Exception]()
    parts = await numbering.waiting()
    for part in sample(parts, len(parts)):
        if stopping.is_set():
            break
        placed = await numbering.place(part, datetime.now(UTC))
        more |= len(placed) >= numbering.EVENTS_MAX
        failures += await _hand_on(part, placed)
    if failures:
        raise failures[0]
    return more


async def _hand_on(part: Part, placed: Sequence[NumberedEvent]) -> list[Exception]:
    """Hand on placed events, several members at once; a failing member does not delay others.

    Raises: the exceptions of a database that is not reachable.
    """
    turns = asyncio.Semaphore(MEMBERS_AT_ONCE)

    async def one(events: Sequence[NumberedEvent]) -> None:
        async with turns:
            await numbering.hand_on(events, lambda event: to_log(part.programme, event))

    results = await asyncio.gather(*map(one, numbering.by_member(placed)), return_exceptions=True)
    failures = [one for one in results if isinstance(one, Exception)]
    for failure in failures:
        if is_outage(failure):
            raise failure
    return failures


def to_log(programme: str, event: NumberedEvent) -> None:
    """One JSON line in the worker's log."""
    member = None if event.of_no_member else str(event.member_id)
    log.info(
        "outbox_event",
        id=str(event.id),
        programme=programme,
        member=member,
        part=event.part,
        position=event.position,
        topic=event.topic,
        sequence=event.sequence,
        recorded_at=event.recorded_at.isoformat(),
        payload=event.payload,
    )
