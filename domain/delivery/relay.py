"""The relay: events of the outbox delivered at least once, each member's in their order.

Its instants are real ones, whatever a programme's clock says.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from tortoise.transactions import in_transaction

from domain.kernel.database import rows, transact, update

KEPT_DAYS = 30
"""How long an event is kept after it was relayed."""

EVENTS_MAX = 100
MEMBERS_MAX = 500
FORGOTTEN_MAX = 1000
"""How many of a member's events one transaction relays, how many members one statement finds,
and how many old events one removes."""

RETRY_SECONDS_FIRST = 5
RETRY_SECONDS_MAX = 3600
ERROR_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event as it is delivered; its id is the same each time."""

    member_id: UUID
    id: UUID
    programme: str
    topic: str
    payload: dict[str, Any]
    recorded_at: datetime


Deliver = Callable[[OutgoingEvent], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RelayResult:
    """How many of a member's events were delivered, and which one failed, if any did."""

    events: int
    failed: UUID | None = None


async def waiting(now: datetime) -> AsyncGenerator[UUID, None]:
    """The members with an event to be relayed by now, read a batch at a time.

    Of a member whose first event has failed nothing is due before that is tried again.
    """
    after = UUID(int=0)
    while members := await _waiting(now, after, MEMBERS_MAX):
        for member_id in members:
            yield member_id
            after = member_id


async def any_waiting(now: datetime) -> bool:
    """Whether there is anything to be relayed by now."""
    return bool(await _waiting(now, UUID(int=0), 1))


async def _waiting(now: datetime, after: UUID, limit: int) -> list[UUID]:
    found = await rows(
        "SELECT member_id FROM outbox_event WHERE relayed_at IS NULL AND member_id > $2 "
        "GROUP BY member_id HAVING max(relay_after) IS NULL OR max(relay_after) <= $1 "
        "ORDER BY member_id LIMIT $3",
        now,
        after,
        limit,
    )
    return [event["member_id"] for event in found]


async def relay(member_id: UUID, now: datetime, deliver: Deliver) -> RelayResult:
    """Deliver a member's events in the order in which they happened, and mark them.

    At least once: an event is marked in the transaction that delivered it. One that cannot be
    delivered is kept and tried again later; the member's later ones wait for it.

    Raises: ConcurrentRequest.
    """
    events = 0
    while True:
        relayed, more = await transact(partial(_relay, member_id, now, deliver))
        events += relayed.events
        if not more:
            return RelayResult(events, relayed.failed)


async def _relay(member_id: UUID, now: datetime, deliver: Deliver) -> tuple[RelayResult, bool]:
    """One batch, and whether there may be more."""
    # a second relay waits at the first event: skipping locked ones would overtake them
    found = await rows(
        "SELECT e.id, p.code, e.topic, e.payload, e.recorded_at, e.relay_failures, e.relay_after "
        "FROM outbox_event e JOIN programme p ON p.id = e.programme_id "
        "WHERE e.member_id = $1 AND e.relayed_at IS NULL "
        "ORDER BY e.recorded_at, e.id LIMIT $2 FOR UPDATE OF e",
        member_id,
        EVENTS_MAX,
    )
    done: list[UUID] = []
    failed: UUID | None = None
    for event in found:
        if event["relay_after"] is not None and event["relay_after"] > now:
            break
        error = await _delivered(member_id, event, deliver)
        if error is not None:
            failed = event["id"]
            await _postpone(member_id, event, now, error)
            break
        done.append(event["id"])
    await _mark(member_id, done, now)
    return RelayResult(len(done), failed), len(done) == EVENTS_MAX


async def _delivered(member_id: UUID, event: dict[str, Any], deliver: Deliver) -> str | None:
    """Name of the error that stopped the delivery; its message may hold personal data."""
    recorded = OutgoingEvent(
        member_id=member_id,
        id=event["id"],
        programme=event["code"],
        topic=event["topic"],
        payload=orjson.loads(event["payload"]),
        recorded_at=event["recorded_at"],
    )
    try:
        # a savepoint: what a failed delivery wrote goes, and the events before it stay marked
        async with in_transaction():
            await deliver(recorded)
    except Exception as error:
        return f"{type(error).__module__}.{type(error).__qualname__}"[-ERROR_CHARACTERS_MAX:]
    return None


async def _mark(member_id: UUID, ids: list[UUID], now: datetime) -> None:
    await update(
        "UPDATE outbox_event SET relayed_at = $3 "
        "WHERE member_id = $1 AND id = ANY($2::uuid[]) AND relayed_at IS NULL",
        member_id,
        ids,
        now,
    )


async def _postpone(member_id: UUID, event: dict[str, Any], now: datetime, error: str) -> None:
    failures = event["relay_failures"] + 1
    await update(
        "UPDATE outbox_event SET relay_failures = $3, relay_after = $4, relay_error = $5 "
        "WHERE member_id = $1 AND id = $2",
        member_id,
        event["id"],
        failures,
        now + retry_delay(failures),
        error,
    )


def retry_delay(failures: int) -> timedelta:
    """How long to wait after this many failures: twice as long each time, up to an hour."""
    doubled = RETRY_SECONDS_FIRST * 2 ** min(failures - 1, 20)
    return timedelta(seconds=min(doubled, RETRY_SECONDS_MAX))


@dataclass(frozen=True, slots=True)
class Stuck:
    """An event that could not be delivered so far."""

    member_id: UUID
    id: UUID
    topic: str
    failures: int
    next_try_at: datetime
    error: str


async def stuck(limit: int) -> list[Stuck]:
    """At most `limit` events whose delivery failed and is tried again, the oldest first."""
    found = await rows(
        "SELECT member_id, id, topic, relay_failures AS failures, relay_after AS next_try_at, "
        "relay_error AS error FROM outbox_event "
        "WHERE relayed_at IS NULL AND relay_after IS NOT NULL ORDER BY recorded_at, id LIMIT $1",
        limit,
    )
    return [Stuck(**event) for event in found]


async def forget(now: datetime) -> int:
    """Remove a batch of the events relayed more than 30 days ago; how many, none at the end."""
    found = await rows(
        "SELECT member_id, id FROM outbox_event WHERE relayed_at < $1 LIMIT $2",
        now - timedelta(days=KEPT_DAYS),
        FORGOTTEN_MAX,
    )
    return await update(
        "DELETE FROM outbox_event WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
        [event["member_id"] for event in found],
        [event["id"] for event in found],
    )
