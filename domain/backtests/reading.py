"""Reading: facts of a batch of members until an instant, each member's in the order of
recording.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.backtests.facts import (
    Active,
    Amended,
    Assigned,
    Booked,
    Captured,
    Completed,
    Gift,
    Life,
    Moved,
    Redeemed,
    Refunded,
    Returned,
    What,
)
from domain.backtests.reading_others import LIVES_READ, MEMBERS, Lives, occurrence_of
from domain.bookings.booking_state import LineState
from domain.earning.values import Line
from domain.kernel.callers import HISTORY
from domain.kernel.database import Row, rows
from domain.ledger.lots import Lot
from domain.ledger.values import SYSTEM

MEMBERS_MAX = 500
"""Number of members that are read together."""


async def load(member_ids: Sequence[UUID], cutoff: datetime) -> list[Life]:
    """Facts of these members, recorded before `cutoff`; at most `MEMBERS_MAX` of them."""
    if len(member_ids) > MEMBERS_MAX:
        raise ValueError(f"{len(member_ids)} members are more than {MEMBERS_MAX}")
    found = await rows(
        "SELECT member_id, coalesce(reference, member_id::text) AS reference, status, birthday, "
        "profile, profile_writers AS writers, joined_at FROM member "
        "WHERE member_id = ANY($1::uuid[]) ORDER BY member_id",
        list(member_ids),
    )
    lives = {
        member["member_id"]: Life(
            **{
                **member,
                "profile": orjson.loads(member["profile"]),
                "writers": orjson.loads(member["writers"] or "{}"),
            }
        )
        for member in found
    }
    for reading in _READINGS:
        await reading(lives, cutoff)
    for life in lives.values():
        life.facts.sort(key=lambda fact: (fact.recorded_at, fact.id))
    return list(lives.values())


def _grouped(found: Iterable[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    by_name: dict[tuple[Any, ...], list[Row]] = {}
    for one in found:
        by_name.setdefault(tuple(one[name] for name in names), []).append(one)
    return by_name


def _line(found: Row) -> Line:
    cash_minor, coupon_minor = found["cash_minor"], found["coupon_minor"]
    return Line(
        found["line_number"],
        found["product"],
        cash_minor,
        orjson.loads(found["attributes"]),
        found["amount_minor"] - coupon_minor - cash_minor,
        found["travel_from"],
        found["travel_to"],
        coupon_minor,
    )


def _state(line: Line) -> LineState:
    return LineState(
        line.number,
        line.product,
        line.attributes,
        line.amount_minor,
        line.cash_minor,
        line.travel_from,
        line.travel_to,
        None,
        0,
        0,
        0,
        coupon_minor=line.coupon_minor,
    )


async def _bookings(lives: Lives, cutoff: datetime) -> None:
    lines = _grouped(
        await rows(
            "SELECT l.booking_id, l.number AS line_number, l.product, l.attributes, "
            "l.amount_minor, l.cash_minor, l.coupon_minor, l.travel_from, l.travel_to "
            "FROM booking_line l JOIN booking f ON f.member_id = l.member_id "
            f"AND f.id = l.booking_id WHERE {MEMBERS} AND l.amendment_id IS NULL "
            "ORDER BY l.number",
            list(lives),
            cutoff,
        ),
        "booking_id",
    )
    awards = _grouped(
        await rows(
            "SELECT a.booking_id, a.rule, sum(a.points)::bigint AS points FROM award a "
            "JOIN booking f ON f.member_id = a.member_id AND f.id = a.booking_id "
            f"WHERE {MEMBERS} GROUP BY a.booking_id, a.rule",
            list(lives),
            cutoff,
        ),
        "booking_id",
    )
    found = await rows(
        "SELECT f.member_id, f.id, f.booked_at, f.recorded_at, f.payment_method, f.snapshot, "
        "f.reporter, f.policy_version_id, f.redemption_id, coalesce(r.points, 0) AS paid_points "
        "FROM booking f LEFT JOIN redemption r ON r.member_id = f.member_id "
        f"AND r.id = f.redemption_id WHERE {MEMBERS}",
        list(lives),
        cutoff,
    )
    for one in found:
        own = [_line(line) for line in lines.get((one["id"],), ())]
        booked = Booked(
            one["id"],
            one["booked_at"],
            one["payment_method"],
            own,
            [_state(line) for line in own],
            one["paid_points"],
            one["redemption_id"],
            orjson.loads(one["snapshot"]),
            one["policy_version_id"],
            {award["rule"]: award["points"] for award in awards.get((one["id"],), ())},
            one["reporter"] == HISTORY,
        )
        lives[one["member_id"]].add(one["recorded_at"], one["id"], booked)


async def _completions(lives: Lives, cutoff: datetime) -> None:
    found = await rows(
        f"SELECT f.* FROM completion f WHERE {MEMBERS} ORDER BY f.line_number",
        list(lives),
        cutoff,
    )
    together = _grouped(found, "member_id", "booking_id", "recorded_at", "completed_at")
    for (member_id, booking_id, recorded_at, completed_at), lines in together.items():
        numbers = [line["line_number"] for line in lines]
        first = min(line["id"] for line in lines)
        what = Completed(first, booking_id, completed_at, numbers)
        lives[member_id].add(recorded_at, first, what)


async def _refunds(lives: Lives, cutoff: datetime) -> None:
    found = await rows(
        "SELECT f.member_id, f.id, f.booking_id, f.refunded_at, f.recorded_at, "
        "f.supplier_cancelled, f.review_id, l.line_number, l.gross_minor "
        "FROM refund f LEFT JOIN refund_line l "
        f"ON l.member_id = f.member_id AND l.refund_id = f.id WHERE {MEMBERS}",
        list(lives),
        cutoff,
    )
    for parts in _grouped(found, "id").values():
        first = parts[0]
        gross = {p["line_number"]: p["gross_minor"] for p in parts if p["line_number"] is not None}
        what = Refunded(
            first["booking_id"],
            first["refunded_at"],
            gross,
            first["supplier_cancelled"],
            first["review_id"] is not None,
        )
        lives[first["member_id"]].add(first["recorded_at"], first["id"], what)


async def _amendments(lives: Lives, cutoff: datetime) -> None:
    found = await rows(
        "SELECT f.member_id, f.id, f.booking_id, f.amended_at, f.recorded_at, l.line_number, "
        "l.product, l.attributes, l.amount_minor, l.cash_minor, l.coupon_minor, l.travel_from, "
        "l.travel_to "
        "FROM amendment f JOIN amendment_line l ON l.member_id = f.member_id "
        f"AND l.amendment_id = f.id WHERE {MEMBERS} ORDER BY l.line_number",
        list(lives),
        cutoff,
    )
    for lines in _grouped(found, "id").values():
        first = lines[0]
        changed = [_line(line) for line in lines]
        what = Amended(first["booking_id"], first["amended_at"], changed)
        lives[first["member_id"]].add(first["recorded_at"], first["id"], what)


async def _activities(lives: Lives, cutoff: datetime) -> None:
    found = await rows(
        "SELECT f.member_id, f.id, f.type, f.reference, f.occurred_at, f.recorded_at, "
        "f.attributes, f.reporter, "
        "f.points - coalesce((SELECT sum(CASE v.kind WHEN 'REVERSED' THEN v.points "
        "ELSE -v.points END) FROM activity_reversal v WHERE v.member_id = f.member_id "
        "AND v.member_id = ANY($1::uuid[]) AND v.activity_id = f.id "
        "AND v.recorded_at < $2), 0)::bigint AS points "
        f"FROM activity f WHERE {MEMBERS} ORDER BY f.id",
        list(lives),
        cutoff,
    )
    for one in found:
        if one["reporter"] == SYSTEM.actor:
            lives[one["member_id"]].gifts.append(
                Gift(
                    one["id"],
                    one["type"],
                    occurrence_of(one["reference"]),
                    one["occurred_at"],
                    one["recorded_at"],
                    one["points"],
                )
            )
            continue
        what = Active(
            one["id"],
            one["type"],
            one["occurred_at"],
            orjson.loads(one["attributes"]),
            one["reporter"].startswith("member:"),
            one["points"],
        )
        lives[one["member_id"]].add(one["recorded_at"], one["id"], what)


async def _redemptions(lives: Lives, cutoff: datetime) -> None:
    found = await rows(
        "SELECT f.member_id, f.id AS entry_id, f.kind, f.recorded_at, f.points, f.holds_until, "
        "f.actor, r.id, r.reward_id, r.quantity, w.code, w.list_points, "
        "w.open_value, w.minimum_tier "
        "FROM ledger_entry f JOIN redemption r ON r.member_id = f.member_id "
        "AND r.id = f.redemption_id LEFT JOIN reward w ON w.id = r.reward_id "
        f"WHERE {MEMBERS} AND f.refund_id IS NULL AND f.amendment_id IS NULL "
        "AND f.kind IN ('REDEEM', 'HOLD', 'CAPTURE', 'RELEASE', 'REINSTATE')",
        list(lives),
        cutoff,
    )
    for one in found:
        what = _of_redemption(one)
        if what is not None:
            lives[one["member_id"]].add(one["recorded_at"], one["entry_id"], what)


def _of_redemption(found: Row) -> What | None:
    """Facts of a redemption's entry; None if the passage of time caused it, or it was left over."""
    if found["kind"] in ("REDEEM", "HOLD"):
        priced = found["list_points"] is not None and not found["open_value"]
        return Redeemed(
            found["id"],
            found["points"],
            found["quantity"],
            found["list_points"] if priced else None,
            found["minimum_tier"],
            found["holds_until"],
            found["code"],
        )
    if found["kind"] == "CAPTURE":
        return Captured(found["id"], found["points"], found["reward_id"] is not None)
    if found["actor"] == SYSTEM.actor:
        return None
    return Returned(found["id"], found["kind"] == "RELEASE")


async def _assignments(lives: Lives, cutoff: datetime) -> None:
    found = await rows(
        "SELECT f.member_id, f.id, f.recorded_at, f.assigned_tier, f.assigned_until "
        f"FROM tier_change f WHERE {MEMBERS} AND f.reason IN ('assigned', 'lifted')",
        list(lives),
        cutoff,
    )
    for one in found:
        what = Assigned(one["assigned_tier"], one["assigned_until"])
        lives[one["member_id"]].add(one["recorded_at"], one["id"], what)


async def _moves(lives: Lives, cutoff: datetime) -> None:
    found = await rows(
        "SELECT f.member_id, f.id AS entry_id, f.recorded_at, f.from_bucket, "
        "f.points AS moved, l.* FROM ledger_entry f "
        "LEFT JOIN allocation a ON a.member_id = f.member_id AND a.entry_id = f.id "
        "LEFT JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id "
        f"WHERE {MEMBERS} AND f.kind IN ('ADJUST', 'TRANSFER_IN', 'TRANSFER_OUT')",
        list(lives),
        cutoff,
    )
    for parts in _grouped(found, "entry_id").values():
        first = parts[0]
        comes = first["from_bucket"] != "available"
        lots = [_lot(part) for part in parts] if comes else []
        what = Moved(first["moved"] if comes else -first["moved"], lots)
        lives[first["member_id"]].add(first["recorded_at"], first["entry_id"], what)


def _lot(found: Row) -> Lot:
    return Lot(
        id=found["id"],
        points=found["points"],
        remaining=found["points"],
        earned_at=found["earned_at"],
        available_at=found["available_at"],
        expires_at=found["expires_at"],
        policy_version_id=found["policy_version_id"],
        funder=found["funder"],
        rule=found["rule"],
    )


_READINGS = (
    *(_bookings, _completions, _refunds, _amendments, _activities),
    *(_redemptions, _assignments, _moves, *LIVES_READ),
)
