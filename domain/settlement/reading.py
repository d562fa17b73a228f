"""The rows of a partner's month, read from the ledger: the same whenever a settled month is read.

Awards count in the month of their recording, entries of the ledger in that of their effect, and
deliveries in that of their making, or return. Members are read a batch at a time, by id, so memory
stays flat.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel import dates
from domain.kernel.database import Row, rows
from domain.members import identity
from domain.programmes import funders
from domain.programmes.programmes import Programme
from domain.settlement.charges import Volumes

MEMBERS_MAX = 500
_FIRST = UUID(int=0)


class Figure(StrEnum):
    """The figure of a statement to which a row belongs."""

    ISSUED = "issued"
    REVERSED = "reversed"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One award, allocation to a lot, or delivery: `id` is that of the award, entry or redemption,
    and `of` that of the booking or activity, lot, or coupon's code.

    `points` and `minor` (money) are as the figure counts them; returned ones are below zero.
    """

    member_id: UUID
    at: datetime
    figure: Figure
    id: UUID
    of: UUID | None
    points: int = 0
    minor: int = 0

    @property
    def place(self) -> tuple[object, ...]:
        """The order of rows in a statement."""
        return self.member_id, self.at, self.figure, self.id, self.of or _FIRST

    @property
    def volumes(self) -> Volumes:
        if self.figure is Figure.DELIVERED:
            return Volumes(delivered_minor=self.minor)
        return Volumes(**{self.figure.value: self.points})


@dataclass(frozen=True, slots=True)
class Month:
    """A partner's month: `first` is its first day in the programme's time zone."""

    programme: Programme
    partner_id: UUID
    code: str
    first: date

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """Start and exclusive end (UTC)."""
        zone = self.programme.as_of(now).policy.zone
        following = dates.add_months(self.first, 1)
        return dates.start_of_day(self.first, zone), dates.start_of_day(following, zone)


async def read(month: Month, now: datetime) -> AsyncIterator[list[StatementRow]]:
    """All rows of the month, in order: a batch of members at a time, which may be empty."""
    bounds = month.bounds(now)
    after = _FIRST
    while member_ids := await identity.next_after(month.programme.id, after, MEMBERS_MAX):
        found = [
            *await _awards(month, member_ids, bounds),
            *await _touches(month, member_ids, bounds),
            *await _captures(month, member_ids, bounds),
            *await _deliveries(month, member_ids, bounds),
            *await _coupons(month, member_ids, bounds),
            *await _coupons_on_bookings(month, member_ids, bounds),
        ]
        yield sorted(found, key=lambda one: one.place)
        after = member_ids[-1]


async def _awards(
    month: Month, member_ids: list[UUID], bounds: tuple[datetime, datetime]
) -> list[StatementRow]:
    """Awards by rules of the partner, and reversals, in full."""
    funded = {
        (version.id, rule)
        for version in month.programme.versions
        for rule in funders.paid_for(version.policy, month.code)
    }
    if not funded:
        return []
    found = await rows(
        "SELECT a.member_id, a.id, a.rule, a.points, coalesce(a.booking_id, a.activity_id) AS of, "
        "coalesce(b.policy_version_id, c.policy_version_id) AS version_id, "
        "coalesce(r.recorded_at, m.recorded_at, v.recorded_at, b.recorded_at, c.recorded_at) AS at "
        "FROM award a "
        "LEFT JOIN booking b ON b.member_id = a.member_id AND b.id = a.booking_id "
        "LEFT JOIN activity c ON c.member_id = a.member_id AND c.id = a.activity_id "
        "LEFT JOIN refund r ON r.member_id = a.member_id AND r.id = a.refund_id "
        "LEFT JOIN amendment m ON m.member_id = a.member_id AND m.id = a.amendment_id "
        "LEFT JOIN activity_reversal v "
        "ON v.member_id = a.member_id AND v.id = a.activity_reversal_id "
        "WHERE a.member_id = ANY($1::uuid[]) AND a.rule = ANY($2::text[]) AND a.points <> 0 "
        "AND coalesce(r.recorded_at, m.recorded_at, v.recorded_at, b.recorded_at, c.recorded_at) "
        ">= $3 "
        "AND coalesce(r.recorded_at, m.recorded_at, v.recorded_at, b.recorded_at, c.recorded_at) "
        "< $4",
        member_ids,
        sorted({rule for _, rule in funded}),
        *bounds,
    )
    return [
        StatementRow(
            one["member_id"],
            one["at"],
            Figure.ISSUED if one["points"] > 0 else Figure.REVERSED,
            one["id"],
            one["of"],
            points=abs(one["points"]),
        )
        for one in found
        if (one["version_id"], one["rule"]) in funded
    ]


async def _touches(
    month: Month, member_ids: list[UUID], bounds: tuple[datetime, datetime]
) -> list[StatementRow]:
    """Points of the partner's lots that were redeemed at once, returned, or expired."""
    found = await rows(
        "SELECT e.member_id, e.id, e.kind, e.effective_at AS at, a.lot_id AS of, "
        "-sum(a.points)::bigint AS points FROM ledger_entry e "
        "JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id "
        "JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id "
        "WHERE e.member_id = ANY($1::uuid[]) AND e.kind IN ('REDEEM', 'REINSTATE', 'EXPIRE') "
        "AND e.effective_at >= $3 AND e.effective_at < $4 AND l.funder = $2 "
        "GROUP BY e.member_id, e.id, e.kind, e.effective_at, a.lot_id",
        member_ids,
        month.code,
        *bounds,
    )
    return [
        _of_points(one, Figure.EXPIRED if one["kind"] == "EXPIRE" else Figure.REDEEMED)
        for one in found
    ]


async def _captures(
    month: Month, member_ids: list[UUID], bounds: tuple[datetime, datetime]
) -> list[StatementRow]:
    """Points of the partner's lots that a hold took, less those returned, once it is spent."""
    found = await rows(
        "SELECT e.member_id, e.id, e.effective_at AS at, a.lot_id AS of, "
        "-sum(a.points)::bigint AS points FROM ledger_entry e "
        "JOIN ledger_entry h ON h.member_id = e.member_id AND h.redemption_id = e.redemption_id "
        "AND h.kind IN ('HOLD', 'RELEASE') "
        "JOIN allocation a ON a.member_id = h.member_id AND a.entry_id = h.id "
        "JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id "
        "WHERE e.member_id = ANY($1::uuid[]) AND e.kind = 'CAPTURE' "
        "AND e.effective_at >= $3 AND e.effective_at < $4 AND l.funder = $2 "
        "GROUP BY e.member_id, e.id, e.effective_at, a.lot_id HAVING sum(a.points) <> 0",
        member_ids,
        month.code,
        *bounds,
    )
    return [_of_points(one, Figure.REDEEMED) for one in found]


def _of_points(found: Row, figure: Figure) -> StatementRow:
    return StatementRow(
        found["member_id"], found["at"], figure, found["id"], found["of"], points=found["points"]
    )


async def _deliveries(
    month: Month, member_ids: list[UUID], bounds: tuple[datetime, datetime]
) -> list[StatementRow]:
    """Rewards of the partner that were delivered, and those cancelled after delivery."""
    found = await rows(
        "SELECT r.member_id, r.id, r.cost_minor, r.fulfilled_at, r.cancelled_at FROM redemption r "
        "JOIN reward w ON w.id = r.reward_id "
        "WHERE r.member_id = ANY($1::uuid[]) AND r.partner_id = $2 AND w.kind <> 'COUPON' "
        "AND r.cost_minor > 0 AND r.fulfilled_at < $4 "
        "AND (r.fulfilled_at >= $3 OR r.cancelled_at >= $3)",
        member_ids,
        month.partner_id,
        *bounds,
    )
    made = []
    for one in found:
        for at, sign in ((one["fulfilled_at"], 1), (one["cancelled_at"], -1)):
            if at is not None and bounds[0] <= at < bounds[1]:
                cost = sign * one["cost_minor"]
                made.append(_of_money(one["member_id"], at, one["id"], None, cost))
    return made


async def _coupons(
    month: Month, member_ids: list[UUID], bounds: tuple[datetime, datetime]
) -> list[StatementRow]:
    """Codes of the partner's coupons that were used apart from bookings, each at its part of the
    redemption's cost.
    """
    found = await rows(
        "SELECT r.member_id, r.id, k.id AS of, k.used_at AS at, r.cost_minor / r.quantity AS cost "
        "FROM redemption r JOIN coupon_code k ON k.redemption_id = r.id "
        "WHERE r.member_id = ANY($1::uuid[]) AND r.partner_id = $2 AND r.cost_minor > 0 "
        "AND k.used_at >= $3 AND k.used_at < $4 AND k.booking_id IS NULL",
        member_ids,
        month.partner_id,
        *bounds,
    )
    return [
        _of_money(one["member_id"], one["at"], one["id"], one["of"], one["cost"]) for one in found
    ]


async def _coupons_on_bookings(
    month: Month, member_ids: list[UUID], bounds: tuple[datetime, datetime]
) -> list[StatementRow]:
    """Codes of the partner's coupons that were used on these members' bookings, or returned,
    whichever member owns them.
    """
    uses = await rows(
        "SELECT u.member_id, u.recorded_at AS at, u.coupon_id, u.coupon_member_id, "
        "u.use_id IS NOT NULL AS back FROM coupon_use u WHERE u.member_id = ANY($1::uuid[]) "
        "AND u.recorded_at >= $2 AND u.recorded_at < $3",
        member_ids,
        *bounds,
    )
    if not uses:
        return []
    found = await rows(
        "SELECT k.id AS coupon_id, r.id, r.cost_minor / r.quantity AS cost "
        "FROM redemption r JOIN coupon_code k ON k.redemption_id = r.id "
        "WHERE r.member_id = ANY($1::uuid[]) AND r.partner_id = $3 AND r.cost_minor > 0 "
        "AND k.id = ANY($2::uuid[])",
        sorted({use["coupon_member_id"] for use in uses}),
        [use["coupon_id"] for use in uses],
        month.partner_id,
    )
    by_coupon = {one["coupon_id"]: one for one in found}
    made = []
    for use in uses:
        if (one := by_coupon.get(use["coupon_id"])) is not None:
            cost = -one["cost"] if use["back"] else one["cost"]
            made.append(_of_money(use["member_id"], use["at"], one["id"], use["coupon_id"], cost))
    return made


def _of_money(
    member_id: UUID, at: datetime, own: UUID, of: UUID | None, minor: int
) -> StatementRow:
    return StatementRow(member_id, at, Figure.DELIVERED, own, of, minor=minor)
