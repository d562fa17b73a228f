"""Bookings and activities as they are shown: rows of just the columns that a client sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.awards import from_json
from domain.database import Row, row, rows
from domain.earning import Reason
from domain.members import LookupScope


class BookingStatus(StrEnum):
    PAID = "PAID"


@dataclass(frozen=True, slots=True)
class Booking:
    """Amounts in minor units of `currency`."""

    member_id: UUID
    id: UUID
    reference: str
    booked_at: datetime
    currency: str
    total_minor: int
    cash_minor: int
    points: int
    policy_version_id: UUID

    @property
    def status(self) -> BookingStatus:
        return BookingStatus.PAID


@dataclass(frozen=True, slots=True)
class BookingLine:
    number: int
    product: str
    amount_minor: int
    travel_from: date | None
    travel_to: date | None
    points: int


_SELECT = (
    "SELECT member_id, id, reference, booked_at, currency, total_minor, cash_minor, points, "
    "policy_version_id FROM booking"
)


async def find(programme_id: UUID, reference: str) -> tuple[UUID, UUID] | None:
    """(member id, id) of the booking of this reference."""
    if "\x00" in reference:
        return None
    found = await row(
        "SELECT member_id, row_id FROM lookup "
        "WHERE programme_id = $1 AND scope = $2 AND value = $3",
        programme_id,
        LookupScope.BOOKING,
        reference,
    )
    return (found["member_id"], found["row_id"]) if found else None


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Booking]:
    """Bookings by id, named by (member id, id); one statement for all of them."""
    found = await rows(
        f"{_SELECT} WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND programme_id = $3",
        *_columns(ids),
        programme_id,
    )
    return {booking["id"]: Booking(**booking) for booking in found}


async def page(
    member_id: UUID, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Booking]:
    """At most `limit` of the member's bookings, newest first, behind `after`."""
    found = await rows(
        f"{_SELECT} WHERE member_id = $1 "
        "AND ($2::timestamptz IS NULL OR (booked_at, id) < ($2, $3::uuid)) "
        "ORDER BY booked_at DESC, id DESC LIMIT $4",
        member_id,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [Booking(**booking) for booking in found]


async def count(member_id: UUID) -> int:
    found = await row("SELECT count(*) AS count FROM booking WHERE member_id = $1", member_id)
    return int(found["count"]) if found else 0


async def lines(ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[BookingLine]]:
    """Lines by booking id, one statement for all of them."""
    found = await rows(
        "SELECT booking_id, number, product, amount_minor, travel_from, travel_to, points "
        "FROM booking_line WHERE member_id = ANY($1::uuid[]) AND booking_id = ANY($2::uuid[]) "
        "ORDER BY number",
        *_columns(ids),
    )
    by_booking: dict[UUID, list[BookingLine]] = {booking_id: [] for _, booking_id in ids}
    for line in found:
        by_booking[line.pop("booking_id")].append(BookingLine(**line))
    return by_booking


async def booking_explanations(
    ids: Sequence[tuple[UUID, UUID]],
) -> dict[UUID, tuple[Reason, ...]]:
    """Why bookings earned what they did, by booking id; one statement for all of them."""
    return _explanations(
        await rows(
            "SELECT id, explanation FROM booking "
            "WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
            *_columns(ids),
        )
    )


async def activity_explanations(
    ids: Sequence[tuple[UUID, UUID]],
) -> dict[UUID, tuple[Reason, ...]]:
    """Why activities paid what they did, by activity id; one statement for all of them."""
    return _explanations(
        await rows(
            "SELECT id, explanation FROM activity "
            "WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
            *_columns(ids),
        )
    )


def _explanations(found: Sequence[Row]) -> dict[UUID, tuple[Reason, ...]]:
    return {fact["id"]: from_json(fact["explanation"]) for fact in found}


def _columns(ids: Sequence[tuple[UUID, UUID]]) -> tuple[Any, Any]:
    return [member_id for member_id, _ in ids], [row_id for _, row_id in ids]
