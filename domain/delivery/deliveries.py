"""Reading deliveries: events that an endpoint was sent, will be sent, or never got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from domain.delivery.events import NumberedEvent
from domain.kernel.database import Row, row, tuples_of_each
from domain.kernel.outbox import part_of

ATTEMPTS_MAX = 50
"""Most attempts at a delivery that are shown, the last ones."""


class DeliveryStatus(StrEnum):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """An event on its way to an endpoint; `due_at` is a real instant, None unless it waits."""

    id: UUID
    status: DeliveryStatus
    due_at: datetime | None
    event: NumberedEvent

    @property
    def key(self) -> tuple[datetime, int, UUID]:
        """The key by which a list is sorted."""
        return self.event.numbered_at, self.event.position, self.id


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, which began at a real instant: a status, or the reason why there is none."""

    at: datetime
    status: int | None
    error: str | None
    milliseconds: int
    answer: str | None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Deliveries to an endpoint that have one of these states; if a partner is named, only of
    events that concern it.
    """

    target: UUID
    partner_id: UUID | None = None
    states: tuple[DeliveryStatus, ...] = tuple(DeliveryStatus)


_COLUMNS = (
    *("d.member_id", "d.programme_id", "d.id", "d.status", "d.due_at"),
    *("d.event_id", "d.position", "d.numbered_at"),
    *("e.topic", "e.sequence", "e.partner_id", "e.recorded_at", "e.payload"),
)
FROM = "FROM delivery d JOIN outbox_event e ON e.member_id = d.member_id AND e.id = d.event_id"
"""A delivery joined with its event, which names the partner concerned."""

_KEY = "(d.numbered_at, d.position, d.id)"


async def page(
    wanted: DeliveryFilter, *, limit: int, after: Sequence[Any] | None
) -> list[EventDelivery]:
    """At most `limit`, the last numbered first, after the sort key `after`: one small query of
    each state, sent for all.
    """
    values = (wanted.partner_id, limit, *(after or ()))
    found = await tuples_of_each(
        f"SELECT {', '.join(_COLUMNS)} {FROM} WHERE d.target = $1 AND d.status = $2 "
        "AND ($3::uuid IS NULL OR e.partner_id = $3) "
        f"{f'AND {_KEY} < ($5::timestamptz, $6::bigint, $7::uuid) ' if after else ''}"
        "ORDER BY d.numbered_at DESC, d.position DESC, d.id DESC LIMIT $4",
        [(wanted.target, state.value, *values) for state in dict.fromkeys(wanted.states)],
    )
    names = [column.partition(".")[2] for column in _COLUMNS]
    shown = [_delivery(dict(zip(names, one, strict=True))) for one in found]
    return sorted(shown, key=lambda one: one.key, reverse=True)[:limit]


def _delivery(found: Row) -> EventDelivery:
    event = NumberedEvent(
        id=found["event_id"],
        programme_id=found["programme_id"],
        member_id=found["member_id"],
        partner_id=found["partner_id"],
        part=part_of(found["member_id"]),
        position=found["position"],
        topic=found["topic"],
        sequence=found["sequence"],
        recorded_at=found["recorded_at"],
        numbered_at=found["numbered_at"],
        payload=orjson.loads(found["payload"]),
    )
    return EventDelivery(found["id"], DeliveryStatus(found["status"]), found["due_at"], event)


async def count(wanted: DeliveryFilter) -> int:
    found = await row(
        f"SELECT count(*) AS count {FROM} WHERE d.target = $1 AND d.status = ANY($2::text[]) "
        "AND ($3::uuid IS NULL OR e.partner_id = $3)",
        wanted.target,
        [state.value for state in wanted.states],
        wanted.partner_id,
    )
    return int(found["count"]) if found else 0


@dataclass(frozen=True, slots=True)
class State:
    """State of a delivery; `reason` says why it was cancelled, if known."""

    status: DeliveryStatus
    reason: str | None


async def states(keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, State | None]:
    """State of each of these, by (member id, id); None for one that is not kept."""
    found = await tuples_of_each(
        "SELECT id, status, reason FROM delivery WHERE member_id = $1 AND id = $2", keys
    )
    known = {own: State(DeliveryStatus(status), reason) for own, status, reason in found}
    return {own: known.get(own) for _, own in keys}


async def attempts(keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[Attempt]]:
    """The last attempts at each of these deliveries, by (member id, id), in the order in which they
    were made.
    """
    found = await tuples_of_each(
        "SELECT delivery_id, at, status, error, milliseconds, answer FROM delivery_attempt "
        "WHERE member_id = $1 AND delivery_id = $2 ORDER BY at DESC, id DESC LIMIT $3",
        [(*key, ATTEMPTS_MAX) for key in keys],
    )
    made: dict[UUID, list[Attempt]] = {own: [] for _, own in keys}
    for own, *said in reversed(found):
        made[own].append(Attempt(*said))
    return made
