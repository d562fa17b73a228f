"""A booking as it stands: what was paid, completed, refunded, granted and taken back so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from domain import dates
from domain.database import Row, row, rows
from domain.earning import Allowance, Line, MemberFacts
from domain.errors import NotFound
from domain.policy import Policy
from domain.programmes import Programme, Version


@dataclass(frozen=True, slots=True)
class LineState:
    """Amounts in minor units; `refunded_points` came back of what was paid in points."""

    number: int
    product: str
    attributes: Mapping[str, Any]
    amount_minor: int
    cash_minor: int
    travel_from: date | None
    travel_to: date | None
    completed_at: datetime | None
    refunded_gross_minor: int
    refunded_cash_minor: int
    refunded_points: int

    @property
    def left_minor(self) -> int:
        """What may still be refunded, gross."""
        return self.amount_minor - self.refunded_gross_minor


@dataclass(frozen=True, slots=True)
class BookingState:
    """`awarded` per rule is what it granted first, `granted` is net of what refunds took back;
    `done` is what they clawed back, forgave or found expired; `paid_points` is what was
    captured for it.
    """

    member_id: UUID
    id: UUID
    reference: str
    version: Version
    booked_at: datetime
    payment_method: str | None
    snapshot: Mapping[str, Any]
    points: int
    redemption_id: UUID | None
    paid_points: int
    lines: Sequence[LineState]
    awarded: Mapping[str, int]
    granted: Mapping[str, int]
    done: int
    found_expired: int

    @property
    def facts(self) -> MemberFacts:
        """What was known of the member when it was judged."""
        return MemberFacts(
            self.snapshot["tier"], self.snapshot["in_birthday_month"], self.snapshot["profile"]
        )

    @property
    def allowances(self) -> dict[str, Allowance]:
        return {
            rule: Allowance(left["times"], left["points"])
            for rule, left in self.snapshot["allowances"].items()
        }


async def load(programme: Programme, member_id: UUID, booking_id: UUID) -> BookingState:
    """Raises: NotFound."""
    booking = await row(
        "SELECT b.member_id, b.id, b.reference, b.booked_at, b.payment_method, b.snapshot, "
        "b.points, b.policy_version_id, b.redemption_id, coalesce(r.points, 0) AS paid_points, "
        "(SELECT coalesce(sum(f.points_clawed_back + f.points_forgiven + f.points_expired), 0) "
        "FROM refund f WHERE f.member_id = b.member_id AND f.booking_id = b.id)::bigint AS done, "
        "(SELECT coalesce(sum(f.points_expired), 0) FROM refund f "
        "WHERE f.member_id = b.member_id AND f.booking_id = b.id)::bigint AS found_expired "
        "FROM booking b LEFT JOIN redemption r ON r.member_id = b.member_id "
        "AND r.id = b.redemption_id WHERE b.member_id = $1 AND b.id = $2 AND b.programme_id = $3",
        member_id,
        booking_id,
        programme.id,
    )
    if booking is None:
        raise NotFound("booking", str(booking_id), path=("booking",))
    wanted = booking.pop("policy_version_id")
    version = next(version for version in programme.versions if version.id == wanted)
    snapshot = orjson.loads(booking.pop("snapshot"))
    awards = await _awards(member_id, booking_id)
    return BookingState(
        **booking,
        version=version,
        snapshot=snapshot,
        lines=await _lines(member_id, booking_id),
        awarded={award["rule"]: award["first"] for award in awards},
        granted={award["rule"]: award["net"] for award in awards},
    )


async def _lines(member_id: UUID, booking_id: UUID) -> list[LineState]:
    found = await rows(
        "SELECT l.number, l.product, l.attributes, l.amount_minor, l.cash_minor, l.travel_from, "
        "l.travel_to, c.completed_at, coalesce(sum(f.gross_minor), 0)::bigint AS gross, "
        "coalesce(sum(f.cash_minor), 0)::bigint AS cash, "
        "coalesce(sum(f.points), 0)::bigint AS points FROM booking_line l "
        "LEFT JOIN completion c ON c.member_id = l.member_id AND c.booking_id = l.booking_id "
        "AND c.line_number = l.number "
        "LEFT JOIN refund_line f ON f.member_id = l.member_id AND f.booking_id = l.booking_id "
        "AND f.line_number = l.number WHERE l.member_id = $1 AND l.booking_id = $2 "
        "GROUP BY l.member_id, l.id, c.completed_at ORDER BY l.number",
        member_id,
        booking_id,
    )
    return [
        LineState(
            **{name: line[name] for name in _LINE_COLUMNS},
            attributes=orjson.loads(line["attributes"]),
            refunded_gross_minor=line["gross"],
            refunded_cash_minor=line["cash"],
            refunded_points=line["points"],
        )
        for line in found
    ]


_LINE_COLUMNS = (
    "number",
    "product",
    "amount_minor",
    "cash_minor",
    "travel_from",
    "travel_to",
    "completed_at",
)


async def _awards(member_id: UUID, booking_id: UUID) -> list[Row]:
    return await rows(
        "SELECT rule, sum(points)::bigint AS net, "
        "coalesce(sum(points) FILTER (WHERE refund_id IS NULL), 0)::bigint AS first FROM award "
        "WHERE member_id = $1 AND booking_id = $2 GROUP BY rule ORDER BY min(id::text)",
        member_id,
        booking_id,
    )


def overdue_at(policy: Policy, booked_at: datetime, travel_to: date | None) -> datetime:
    """When a line of which nothing was heard is overdue: so many days after its last day."""
    last = travel_to or dates.local_date(booked_at, policy.zone)
    return dates.end_of_day(last + timedelta(days=policy.completion.overdue_days), policy.zone)


def cash_left(state: BookingState) -> list[Line]:
    """The lines as rules read them, with what was paid in cash and not refunded."""
    return [
        Line(
            line.number,
            line.product,
            line.cash_minor - line.refunded_cash_minor,
            line.attributes,
        )
        for line in state.lines
    ]
