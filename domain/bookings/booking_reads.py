"""Reading of bookings: rows of only the columns that a client sees."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

from domain.bookings.amended_lines import AMENDED, AMENDED_COLUMNS, as_amended
from domain.earning.awards import from_json
from domain.earning.values import Explained
from domain.kernel import spreading
from domain.kernel.callers import Caller
from domain.kernel.database import Row, row, rows
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.queries import Query, ask, of_each


class BookingStatus(StrEnum):
    PAID = "PAID"
    PARTLY_REFUNDED = "PARTLY_REFUNDED"
    REFUNDED = "REFUNDED"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking as last amended, amounts in minor units of `currency`; `waiting` are the points
    that wait for completion, by the instant at which they mature without it. `open_lines` does not
    count dropped lines. `net_points` are what refunds left of `points`.
    """

    member_id: UUID
    id: UUID
    reference: str
    booked_at: datetime
    currency: str
    total_minor: int
    cash_minor: int
    coupon_minor: int
    points: int
    net_points: int
    policy_version_id: UUID
    refunded_minor: int
    waiting: Sequence[tuple[datetime | None, int]]
    open_lines: int
    reporter: str

    def is_there_for(self, caller: Caller) -> bool:
        """Whether the caller may see it: a partner what it reported, a member all of its own."""
        return caller.owns(self.reporter) and not caller.is_stranger_to(self.member_id)

    @property
    def status(self) -> BookingStatus:
        if self.refunded_minor:
            whole = self.refunded_minor == self.total_minor
            return BookingStatus.REFUNDED if whole else BookingStatus.PARTLY_REFUNDED
        return BookingStatus.PAID if self.open_lines else BookingStatus.COMPLETED

    def pending(self, now: datetime) -> int:
        """Points that are pending at `now`; they mature whether or not anything was written."""
        return sum(points for until, points in self.waiting if until is None or now < until)


@dataclass(frozen=True, slots=True)
class BookingLine:
    number: int
    product: str
    amount_minor: int
    coupon_minor: int
    travel_from: date | None
    travel_to: date | None
    points: int
    net_points: int
    completed_at: datetime | None
    refunded_minor: int


_SELECT = """
SELECT b.member_id, b.id, b.reference, b.reporter, b.booked_at, b.currency,
    coalesce(a.total_minor, b.total_minor) AS total_minor,
    coalesce(a.cash_minor, b.cash_minor) AS cash_minor,
    coalesce(a.coupon_minor, b.coupon_minor) AS coupon_minor,
    coalesce(a.points, b.points) AS points, (SELECT coalesce(sum(w.points), 0) FROM award w
        WHERE w.member_id = b.member_id AND w.member_id = $1
        AND w.booking_id = b.id)::bigint AS net_points,
    b.policy_version_id,
    (SELECT coalesce(sum(f.gross_minor), 0) FROM refund_line f
        WHERE f.member_id = b.member_id AND f.member_id = $1
        AND f.booking_id = b.id)::bigint AS refunded_minor,
    ARRAY(SELECT (o.matures_at, o.remaining) FROM lot o WHERE o.member_id = b.member_id
        AND o.member_id = $1 AND o.booking_id = b.id
        AND o.available_at IS NULL AND o.remaining > 0) AS waiting,
    (SELECT count(*) FROM booking_line l WHERE l.member_id = b.member_id
        AND l.member_id = $1 AND l.booking_id = b.id
        AND NOT EXISTS (SELECT 1 FROM completion c WHERE c.member_id = l.member_id
            AND c.member_id = $1 AND c.booking_id = l.booking_id
            AND c.line_number = l.number)
        AND NOT EXISTS (SELECT 1 FROM amendment_line v WHERE v.member_id = l.member_id
            AND v.member_id = $1 AND v.booking_id = l.booking_id
            AND v.line_number = l.number AND v.version = a.version
            AND v.amount_minor = 0 AND l.amount_minor > 0)) AS open_lines
FROM booking b LEFT JOIN LATERAL (SELECT m.version, m.total_minor, m.cash_minor,
        m.coupon_minor, m.points
    FROM amendment m WHERE m.member_id = b.member_id AND m.member_id = $1
    AND m.booking_id = b.id ORDER BY m.version DESC LIMIT 1) a ON true
"""


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Booking]:
    """Bookings by id, named by (member id, id); one statement for all of them."""
    found = await ask(query_of(programme_id, ids))
    return {booking["id"]: Booking(**booking) for booking in found}


def query_of(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> Query:
    return of_each(
        _SELECTED,
        f"{_SELECT} WHERE b.member_id = $1 AND b.id = ANY($2::uuid[]) AND b.programme_id = $3",
        *_columns(ids),
        programme_id,
    )


_SELECTED = (
    "member_id",
    "id",
    "reference",
    "reporter",
    "booked_at",
    "currency",
    "total_minor",
    "cash_minor",
    "coupon_minor",
    "points",
    "net_points",
    "policy_version_id",
    "refunded_minor",
    "waiting",
    "open_lines",
)


async def reference_of_quote(member_id: UUID, quote_id: UUID) -> str | None:
    """The reference of the booking that used this quote of the member, if one did."""
    found = await row(
        "SELECT reference FROM booking WHERE member_id = $1 AND quote_id = $2", member_id, quote_id
    )
    return found["reference"] if found else None


async def of_redemptions(
    programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]
) -> dict[UUID, Booking]:
    """The bookings that redemptions paid for, by redemption id; one statement for all."""
    paid = of_each(
        ("redemption_id", *_SELECTED),
        f"{_SELECT.replace('SELECT ', 'SELECT b.redemption_id, ', 1)} "
        "WHERE b.member_id = $1 AND b.redemption_id = ANY($2::uuid[]) "
        "AND b.programme_id = $3",
        *_columns(ids),
        programme_id,
    )
    found = await ask(paid)
    return {booking.pop("redemption_id"): Booking(**booking) for booking in found}


async def pages(
    member_ids: Sequence[UUID],
    reporter: str | None,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> dict[UUID, list[Booking]]:
    """The same page of each member's bookings, only those of this reporter where one is named; one
    statement for all.
    """
    page = of_each(
        _SELECTED,
        f"{_SELECT} WHERE b.member_id = $1 "
        "AND ($2::text IS NULL OR b.reporter = $2) "
        f"AND {beyond('b.booked_at, b.id', 3, *AT_ID, descending=True)} "
        "ORDER BY b.booked_at DESC, b.id DESC LIMIT $5",
        member_ids,
        reporter,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    by_member: dict[UUID, list[Booking]] = {member_id: [] for member_id in member_ids}
    for booking in await ask(page):
        by_member[booking["member_id"]].append(Booking(**booking))
    return by_member


async def counts(member_ids: Sequence[UUID], reporter: str | None) -> dict[UUID, int]:
    """Number of bookings of each member, of this reporter where one is named; one statement."""
    found = await rows(
        "SELECT member_id, count(*) AS count FROM booking WHERE member_id = ANY($1::uuid[]) "
        "AND ($2::text IS NULL OR reporter = $2) GROUP BY member_id",
        list(member_ids),
        reporter,
    )
    of_member = {member["member_id"]: member["count"] for member in found}
    return {member_id: of_member.get(member_id, 0) for member_id in member_ids}


async def lines(ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[BookingLine]]:
    """Lines by booking id, one statement for all of them.

    A booking's net points are divided over its lines in proportion to their points that are not
    refunded, so that they add up.
    """
    wanted = of_each(
        ("booking_id", "number", *AMENDED_COLUMNS, "completed_at", "booking_net", "refunded_minor"),
        f"SELECT l.booking_id, l.number, {AMENDED}, c.completed_at, "
        "(SELECT coalesce(sum(w.points), 0) FROM award w WHERE w.member_id = l.member_id "
        "AND w.member_id = $1 AND w.booking_id = l.booking_id)::bigint "
        "AS booking_net, "
        "(SELECT coalesce(sum(f.gross_minor), 0) FROM refund_line f "
        "WHERE f.member_id = l.member_id AND f.member_id = $1 "
        "AND f.booking_id = l.booking_id AND f.line_number = l.number)::bigint "
        f"AS refunded_minor FROM booking_line l {as_amended('= $1')} "
        "LEFT JOIN completion c ON c.member_id = l.member_id AND c.booking_id = l.booking_id "
        "AND c.line_number = l.number "
        "WHERE l.member_id = $1 AND l.booking_id = ANY($2::uuid[]) "
        "ORDER BY l.number",
        *_columns(ids),
    )
    by_booking: dict[UUID, list[Row]] = {booking_id: [] for _, booking_id in ids}
    for line in await ask(wanted):
        by_booking[line["booking_id"]].append(line)
    return {booking_id: _to_lines(own) for booking_id, own in by_booking.items()}


def _to_lines(found: Sequence[Row]) -> list[BookingLine]:
    left = {line["number"]: _points_left(line) for line in found}
    net = spreading.spread(found[0]["booking_net"] if found else 0, left)
    return [
        BookingLine(**{name: line[name] for name in _LINE_COLUMNS}, net_points=net[line["number"]])
        for line in found
    ]


def _points_left(line: Row) -> Fraction:
    amount, refunded = line["amount_minor"], line["refunded_minor"]
    """What of a line's points its gross amount still stands for."""
    return Fraction(line["points"]) * (Fraction(amount - refunded, amount) if refunded else 1)


_LINE_COLUMNS = tuple(column.name for column in fields(BookingLine) if column.name != "net_points")


async def explanations(
    ids: Sequence[tuple[UUID, UUID]],
) -> dict[UUID, Explained]:
    """Reasons for what bookings earned, by booking id; one statement for all of them.

    A booking that does not exist has no reasons.
    """
    wanted = of_each(
        ("id", "policy_version_id", "explanation"),
        "SELECT b.id, b.policy_version_id, coalesce((SELECT m.explanation FROM amendment m "
        "WHERE m.member_id = b.member_id AND m.member_id = $1 "
        "AND m.booking_id = b.id "
        "ORDER BY m.version DESC LIMIT 1), b.explanation) AS explanation FROM booking b "
        "WHERE b.member_id = $1 AND b.id = ANY($2::uuid[])",
        *_columns(ids),
    )
    return {booking_id: Explained() for _, booking_id in ids} | {
        fact["id"]: Explained(from_json(fact["explanation"]), fact["policy_version_id"])
        for fact in await ask(wanted)
    }


def _columns(ids: Sequence[tuple[UUID, UUID]]) -> tuple[Any, Any]:
    return [member_id for member_id, _ in ids], [row_id for _, row_id in ids]
