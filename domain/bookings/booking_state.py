"""State of a booking: what was paid, amended, completed, refunded, granted and taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson

from domain.bookings.amended_lines import (
    AMENDED,
    AMENDED_COLUMNS,
    PriceReduction,
    as_amended,
    lowered,
)
from domain.bookings.booking_coupons import COUPON_COLUMNS, UsedCoupon
from domain.earning import awards, snapshots
from domain.earning.values import Allowance, Line, MemberFacts
from domain.kernel import dates, spreading
from domain.kernel.callers import CallerKind
from domain.kernel.database import Row, rows
from domain.kernel.ids import next_id
from domain.kernel.inputs import Path
from domain.kernel.queries import Query, ask, ask_one, query
from domain.kernel.refusals import Instant, InvalidInput, NotFound
from domain.kernel.values import value
from domain.members.statuses import UNPAID
from domain.programmes.programmes import Programme, Version
from domain.risk.reviewed import WITHHELD, WITHHELD_COLUMNS
from domain.risk.verdicts import Withheld


@value(frozen=True, slots=True)
class LineState:
    """A line with amounts in minor units, as last amended. `paid_points` paid for the line, and
    refunds returned `refunded_points` of them. A coupon deducted `coupon_minor`, of which
    `refunded_coupon_minor` belongs to what was refunded. A `dropped` line once had a price.
    """

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
    paid_points: int = 0
    dropped: bool = False
    lowered: PriceReduction = field(default_factory=PriceReduction)
    coupon_minor: int = 0
    refunded_coupon_minor: int = 0

    @property
    def net_minor(self) -> int:
        """Price after the coupon, in minor units."""
        return self.amount_minor - self.coupon_minor

    @property
    def refunded_net_minor(self) -> int:
        """Refunded part of that, in minor units."""
        return self.refunded_gross_minor - self.refunded_coupon_minor

    @property
    def left_minor(self) -> int:
        """Gross amount that can still be refunded, in minor units."""
        return self.amount_minor - self.refunded_gross_minor


@value(frozen=True, slots=True)
class BookingState:
    """`points` were awarded by the booking and its amendments. `awarded` is, by rule, what the
    booking earns in total as last amended; `granted` is the same less what refunds took back.
    `done` is what was clawed back, forgiven or found expired so far; `found_expired` and `forgiven`
    are parts of it. `amendments` is their number, `counted_out` the number of refunds that removed
    it from what counts towards tiers, `coupon` the coupon that it used and has not given back. Its
    points are withheld until `held_until`, or until a review of it or of its member's enrolment is
    decided. A `rejected` booking earns nothing any more, and once `taken_out` it counts nothing.
    `with_staff` means that a review of its own is open; `passed` is the number of points that it
    had when staff last approved it.
    """

    member_id: UUID
    id: UUID
    reference: str
    reporter: str
    version: Version
    booked_at: datetime
    payment_method: str | None
    snapshot: Mapping[str, Any]
    points: int
    redemption_id: UUID | None
    lines: Sequence[LineState]
    awarded: Mapping[str, int]
    granted: Mapping[str, int]
    done: int
    found_expired: int
    forgiven: int = 0
    amendments: int = 0
    counted_out: int = 0
    coupon: UsedCoupon | None = None
    held_until: datetime | None = None
    under_review: bool = False
    rejected: bool = False
    taken_out: bool = False
    with_staff: bool = False
    passed: int = 0
    last_change_id: UUID | None = None

    def next_change_id(self) -> UUID:
        """An id greater than that of the last amendment or refund; requires the account's lock."""
        return next_id(self.last_change_id)

    def withheld(self, now: datetime) -> Withheld | None:
        """Time until which its points cannot be spent, whatever is completed."""
        if self.under_review:
            return Withheld(None)
        held = self.held_until is not None and now < self.held_until
        return Withheld(self.held_until) if held else None

    @property
    def earns(self) -> bool:
        """Whether bookings of its member earned points when it was recorded."""
        return self.snapshot["status"] not in UNPAID

    @property
    def counts(self) -> bool:
        """Whether changes of it change what counts towards tiers and referrals."""
        return self.earns and not self.taken_out

    @property
    def keeps_counting(self) -> bool:
        """Whether it keeps counting towards tiers, whatever is refunded."""
        return self.version.policy.refunds.keeps_counting and not self.counted_out

    @property
    def facts(self) -> MemberFacts:
        """Facts about the member that were known when it was judged."""
        hour = dates.local_hour(self.judged_at, self.version.policy.zone)
        return snapshots.facts(self.snapshot, hour)

    @property
    def allowances(self) -> dict[str, Allowance]:
        return snapshots.allowances(self.snapshot)

    @property
    def budget_periods(self) -> dict[str, str]:
        """By rule, the period of the budget that its points count in, where they count."""
        return snapshots.budget_periods(self.snapshot)

    @property
    def judged_at(self) -> datetime:
        """Instant of judgement: of the booking, or of its quote."""
        return snapshots.judged_at(self.snapshot, self.booked_at)


@dataclass(frozen=True, slots=True)
class FactReport:
    """Reporter and instant of a fact about a booking; `waited` if reported before the booking."""

    reporter: str
    now: datetime
    waited: bool = False

    @property
    def by_staff(self) -> bool:
        return self.reporter.startswith(f"{CallerKind.STAFF}:")


async def load(programme: Programme, member_id: UUID, booking_id: UUID) -> BookingState:
    """Raises: NotFound."""
    booking = await ask_one(_query_of(programme.id, member_id, booking_id))
    if booking is None:
        raise NotFound("booking", str(booking_id), path=("booking",))
    wanted, paid_points = booking.pop("policy_version_id"), booking.pop("paid_points") or 0
    awarded, allowances = booking.pop("awarded"), booking.pop("allowances")
    snapshot = orjson.loads(booking.pop("snapshot"))
    version = programme.version(wanted).under(snapshots.choices(snapshot))
    if allowances is not None:
        snapshot["allowances"] = orjson.loads(allowances)
    coupon = UsedCoupon.of_row({name: booking.pop(name) for name in COUPON_COLUMNS})
    granted = await awards.of_booking(member_id, booking_id)
    first = {rule: points.first for rule, points in granted.items()}
    return BookingState(
        **booking,
        version=version,
        snapshot=snapshot,
        coupon=coupon,
        lines=await _lines(member_id, booking_id, paid_points, amended=booking["amendments"] > 0),
        awarded=first if awarded is None else dict(orjson.loads(awarded)),
        granted={rule: points.net for rule, points in granted.items()},
    )


def queries(programme: Programme, member_id: UUID, booking_id: UUID) -> list[Query]:
    """The queries of `load`, except that of its amendments."""
    return [
        _query_of(programme.id, member_id, booking_id),
        awards.query_of_booking(member_id, booking_id),
        _query_of_lines(member_id, booking_id),
    ]


def _query_of(programme_id: UUID, member_id: UUID, booking_id: UUID) -> Query:
    return query(
        _COLUMNS,
        "SELECT b.member_id, b.id, b.reference, b.reporter, b.booked_at, b.payment_method, "
        "b.snapshot, "
        f"b.policy_version_id, b.redemption_id, r.points AS paid_points, a.awarded, a.allowances, "
        f"coalesce(a.version, 0) AS amendments, {_SUMS}, "
        "u.id AS use_id, u.coupon_id, u.coupon_member_id, u.discount_minor, u.products, "
        f"{WITHHELD} "
        "FROM booking b "
        "LEFT JOIN redemption r ON r.member_id = b.member_id AND r.id = b.redemption_id "
        "LEFT JOIN LATERAL (SELECT m.version, m.awarded, m.allowances FROM amendment m "
        "WHERE m.member_id = $1 AND m.booking_id = $2 "
        "ORDER BY m.version DESC LIMIT 1) a ON true "
        "LEFT JOIN coupon_use u ON u.member_id = $1 AND u.booking_id = b.id "
        "AND u.use_id IS NULL AND NOT EXISTS "
        "(SELECT FROM coupon_use x WHERE x.member_id = $1 AND x.use_id = u.id) "
        "WHERE b.member_id = $1 AND b.id = $2 AND b.programme_id = $3",
        member_id,
        booking_id,
        programme_id,
    )


_COLUMNS = (
    *("member_id", "id", "reference", "reporter", "booked_at", "payment_method"),
    "snapshot",
    *("policy_version_id", "redemption_id", "paid_points", "awarded", "allowances"),
    *("amendments", "points"),
    *("done", "found_expired", "forgiven"),
    *("counted_out", "taken_out"),
    "last_change_id",
    *COUPON_COLUMNS,
    *WITHHELD_COLUMNS,
)


def _of(table: str, sums: str) -> str:
    return (
        f"(SELECT coalesce(sum({sums}), 0) FROM {table} f "
        "WHERE f.member_id = $1 AND f.booking_id = $2)"
    )


def _last(table: str) -> str:
    return (
        f"(SELECT f.id FROM {table} f WHERE f.member_id = $1 AND f.booking_id = $2 "
        "ORDER BY f.id DESC LIMIT 1)"
    )


_DONE = "f.points_clawed_back + f.points_forgiven + f.points_expired"
_SUMS = (
    f"(b.points + {_of('amendment', 'f.points_awarded')})::bigint AS points, "
    f"({_of('refund', _DONE)} + {_of('amendment', _DONE)})::bigint AS done, "
    f"({_of('refund', 'f.points_expired')} + {_of('amendment', 'f.points_expired')})::bigint "
    "AS found_expired, "
    f"({_of('refund', 'f.points_forgiven')} + {_of('amendment', 'f.points_forgiven')})::bigint "
    "AS forgiven, "
    "(SELECT count(*) FROM refund f WHERE f.member_id = $1 AND f.booking_id = $2 "
    "AND f.counted_out IS DISTINCT FROM false) AS counted_out, "
    "EXISTS (SELECT FROM refund f WHERE f.member_id = $1 AND f.booking_id = $2 "
    "AND f.review_id IS NOT NULL AND f.counted_out IS DISTINCT FROM false) AS taken_out, "
    f"greatest({_last('refund')}, {_last('amendment')}) AS last_change_id"
)


async def _lines(
    member_id: UUID, booking_id: UUID, paid_points: int, *, amended: bool
) -> list[LineState]:
    found = await ask(_query_of_lines(member_id, booking_id))
    paid = spreading.spread(
        paid_points,
        {line["number"]: Fraction(line["first_net"] - line["first_cash"]) for line in found},
    )
    changes = await _changes(member_id, booking_id) if amended else {}
    return [
        LineState(
            **{name: line[name] for name in _LINE_COLUMNS},
            attributes=orjson.loads(line["attributes"]),
            refunded_gross_minor=line["gross"],
            refunded_cash_minor=line["cash"],
            refunded_coupon_minor=line["coupon"],
            paid_points=paid[line["number"]] - line["returned"],
            lowered=lowered(line["first_net"], line["first_cash"], changes.get(line["number"], ())),
        )
        for line in found
    ]


def _query_of_lines(member_id: UUID, booking_id: UUID) -> Query:
    return query(
        ("number", *AMENDED_COLUMNS, *_LINE_SUMS),
        f"SELECT l.number, {AMENDED}, l.amount_minor - l.coupon_minor AS first_net, "
        "l.cash_minor AS first_cash, "
        "coalesce(now.amount_minor = 0 AND greatest(l.amount_minor, a.most) > 0, false) "
        "AS dropped, "
        "c.completed_at, coalesce(f.gross, 0)::bigint AS gross, "
        "coalesce(f.cash, 0)::bigint AS cash, coalesce(f.coupon, 0)::bigint AS coupon, "
        "coalesce(f.points, 0)::bigint AS refunded_points, "
        "coalesce(a.returned, 0)::bigint AS returned "
        f"FROM booking_line l {as_amended('= $1')} "
        "LEFT JOIN completion c ON c.member_id = l.member_id AND c.booking_id = l.booking_id "
        "AND c.line_number = l.number "
        "LEFT JOIN LATERAL (SELECT sum(p.gross_minor) AS gross, sum(p.cash_minor) AS cash, "
        "sum(p.coupon_minor) AS coupon, sum(p.points) AS points FROM refund_line p "
        "WHERE p.member_id = $1 AND p.booking_id = $2 AND p.line_number = l.number) f ON true "
        "LEFT JOIN LATERAL (SELECT sum(v.points_returned) AS returned, "
        "max(v.amount_minor) AS most FROM amendment_line v "
        "WHERE v.member_id = $1 AND v.booking_id = $2 "
        "AND v.line_number = l.number) a ON true "
        "WHERE l.member_id = $1 AND l.booking_id = $2 ORDER BY l.number",
        member_id,
        booking_id,
    )


_LINE_SUMS = (
    "first_net",
    "first_cash",
    "dropped",
    "completed_at",
    "gross",
    "cash",
    "coupon",
    "refunded_points",
    "returned",
)


_LINE_COLUMNS = (
    "number",
    "product",
    "amount_minor",
    "cash_minor",
    "coupon_minor",
    "travel_from",
    "travel_to",
    "completed_at",
    "refunded_points",
    "dropped",
)


async def _changes(member_id: UUID, booking_id: UUID) -> dict[int, list[Row]]:
    """By line, its state after each amendment, earliest first."""
    found = await rows(
        "SELECT line_number, amount_minor, coupon_minor, cash_minor, points_returned "
        "FROM amendment_line "
        "WHERE member_id = $1 AND booking_id = $2 ORDER BY version",
        member_id,
        booking_id,
    )
    by_line: dict[int, list[Row]] = {}
    for change in found:
        by_line.setdefault(change["line_number"], []).append(change)
    return by_line


def check_after_booking(
    state: BookingState, report: FactReport, instant: datetime | None, path: Path
) -> None:
    """Check that a fact about a booking is not dated before it. Raises: InvalidInput."""
    # a booking that named no instant was booked when it came, after what waited for it
    if report.waited and state.booked_at >= report.now:
        return
    if instant is not None and instant < state.booked_at:
        told, booked = (Instant.of(at.astimezone(UTC)) for at in (instant, state.booked_at))
        raise InvalidInput("before_booking", told, (booked,), path=path)


def cash_left(state: BookingState) -> list[Line]:
    """The lines as rules read them, with what was paid in cash and not refunded."""
    return [_line(line, line.cash_minor - line.refunded_cash_minor) for line in state.lines]


def paid_lines(state: BookingState) -> list[Line]:
    """The lines as rules read them, with all that was paid in cash."""
    return [_line(line, line.cash_minor) for line in state.lines]


def _line(line: LineState, cash_minor: int) -> Line:
    return Line(
        line.number,
        line.product,
        cash_minor,
        line.attributes,
        travel_from=line.travel_from,
        travel_to=line.travel_to,
    )
