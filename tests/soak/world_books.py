"""What a booking of a random world is judged by, computed a second time from the facts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import rows
from tests.soak.world import Person, World
from tests.soak.written import Document
from tests.soak.written_rules import TREES
from tests.support.naive_asking import Asking, Known, Left, Sold
from tests.support.naive_counts import Counted, period

_LINES = """
SELECT b.id AS booking, b.booked_at, b.snapshot ->> 'status' = 'GUEST' AS guest,
    coalesce(v.product, l.product) AS product,
    coalesce(v.attributes, l.attributes)::text AS attributes,
    coalesce(v.amount_minor, l.amount_minor) AS gross, coalesce(v.cash_minor, l.cash_minor) AS cash,
    CASE WHEN v.id IS NULL THEN l.travel_from ELSE v.travel_from END AS travel_from,
    CASE WHEN v.id IS NULL THEN l.travel_to ELSE v.travel_to END AS travel_to,
    r.gross AS gross_back, r.cash AS cash_back,
    (SELECT max(c.completed_at) FROM completion c WHERE c.member_id = b.member_id
        AND c.booking_id = b.id AND c.line_number = l.number) AS completed_at,
    v.id IS NOT NULL AND v.amount_minor = 0 AND l.amount_minor > 0 AS dropped
FROM booking b JOIN booking_line l ON l.member_id = b.member_id AND l.booking_id = b.id
LEFT JOIN LATERAL (SELECT * FROM amendment_line v WHERE v.member_id = b.member_id
    AND v.booking_id = b.id AND v.line_number = l.number ORDER BY v.version DESC LIMIT 1) v ON true
CROSS JOIN LATERAL (SELECT coalesce(sum(r.gross_minor), 0)::bigint AS gross,
        coalesce(sum(r.cash_minor), 0)::bigint AS cash FROM refund_line r
    WHERE r.member_id = b.member_id AND r.booking_id = b.id AND r.line_number = l.number) r
WHERE b.member_id = $1 ORDER BY b.id, l.number
"""

_ACTIVITIES = """
SELECT a.type, a.occurred_at FROM activity a WHERE a.member_id = $1 AND a.within_limit
    AND a.reporter <> 'system' AND NOT EXISTS (SELECT FROM activity_reversal v
        WHERE v.member_id = a.member_id AND v.activity_id = a.id)
"""

_REDEMPTIONS = """
SELECT r.created_at, w.code FROM redemption r LEFT JOIN reward w ON w.id = r.reward_id
WHERE r.member_id = $1 AND r.status IN ('CONFIRMED', 'SHIPPED', 'FULFILLED')
    AND r.activity_id IS NULL
"""

_REFERRALS = """
SELECT DISTINCT ON (r.id) r.status, r.fact_at FROM referral r
WHERE r.member_id = $1 AND r.side = 'REFERRER' ORDER BY r.id, r.version DESC
"""


@dataclass(frozen=True, slots=True)
class Judge:
    """What is known of a booking before it is reported, except the tier that it is judged by."""

    document: Document
    known: Known
    left: Left
    digits: int

    def asking(self, tier: str) -> Asking:
        return Asking(self.document, replace(self.known, tier=tier), self.digits, TREES)


async def judge(world: World, person: Person, booked_at: datetime, method: str | None) -> Judge:
    document, local = world.at(booked_at), booked_at.astimezone(world.zone)
    known = Known(
        "",
        local.date(),
        local.hour,
        person.birthday,
        trusted(document, person),
        person.joined_at.astimezone(world.zone).date(),
        await counts(world, document, person.member_id, booked_at),
        await lists(person.member_id, booked_at),
        method,
    )
    return Judge(document, known, await left(world, document, person, booked_at), world.digits)


def trusted(document: Document, person: Person) -> dict[str, Any]:
    """The values of the profile that were written by those who may write them."""
    declared = document.get("profile", {})
    return {
        key: value
        for key, (value, writer) in person.profile.items()
        if key not in declared or writer in declared[key]["writable_by"]
    }


async def lists(member_id: UUID, at: datetime) -> frozenset[str]:
    found = await rows(
        "SELECT segment, added_at, removed_at FROM segment_member WHERE member_id = $1", member_id
    )
    return frozenset(
        one["segment"]
        for one in found
        if one["added_at"] <= at and (one["removed_at"] is None or at < one["removed_at"])
    )


async def counts(world: World, document: Document, member_id: UUID, at: datetime) -> dict[str, int]:
    """Every count of the document at an instant, from all that is recorded now."""
    wanted = document.get("counts", {})
    if not wanted:
        return {}
    known = Counted(
        await rows(_LINES, member_id),
        await rows(_ACTIVITIES, member_id),
        await rows(_REDEMPTIONS, member_id),
        await rows(_REFERRALS, member_id),
    )
    return {code: known.number(count, at, world.zone) for code, count in wanted.items()}


async def left(world: World, document: Document, person: Person, at: datetime) -> Left:
    """What limits, caps and budgets leave for a booking of this instant."""
    awards = await rows(
        "SELECT a.member_id, a.rule, a.points, a.occurred_at, a.booking_id, a.budget_period "
        "FROM award a JOIN member m ON m.member_id = a.member_id WHERE m.programme_id = $1",
        world.programme.id,
    )
    quotes = await rows(
        "SELECT member_id, id, booked_at, awards::text AS awards FROM quote "
        "WHERE programme_id = $1 AND status = 'OPEN' AND expires_at > $2",
        world.programme.id,
        world.now,
    )
    kept = [
        {
            "member_id": quote["member_id"],
            "rule": rule,
            "points": points,
            "occurred_at": quote["booked_at"],
            "booking_id": quote["id"],
            "budget_period": name,
        }
        for quote in quotes
        for rule, points, name in orjson.loads(quote["awards"])
    ]
    every, today = [*awards, *kept], at.astimezone(world.zone).date()
    own = [one for one in every if one["member_id"] == person.member_id]
    limits = {
        rule["code"]: _limited(world, rule, own, today)
        for rule in document.get("earning", ())
        if "limit" in rule
    }
    budgets = {
        rule["code"]: _budgeted(rule, every, today)
        for rule in document.get("earning", ())
        if "budget" in rule
    }
    caps = [
        max(
            0,
            cap["points"]
            - sum(
                one["points"]
                for one in own
                if period(_local(world, one), cap["per"]) == period(today, cap["per"])
            ),
        )
        for cap in document.get("caps", ())
    ]
    return Left(limits, budgets, min(caps, default=None))


def _local(world: World, award: Mapping[str, Any]) -> date:
    found: datetime = award["occurred_at"]
    return found.astimezone(world.zone).date()


def _limited(
    world: World, rule: Mapping[str, Any], own: Sequence[Mapping[str, Any]], today: date
) -> tuple[int | None, int | None]:
    limit = rule["limit"]
    by_booking: dict[Any, int] = defaultdict(int)
    for one in own:
        if one["rule"] == rule["code"] and one["booking_id"] is not None:
            same = limit["per"] == "member" or period(_local(world, one), limit["per"]) == period(
                today, limit["per"]
            )
            if same:
                by_booking[one["booking_id"]] += one["points"]
    used = [points for points in by_booking.values() if points > 0]
    if "times" in limit:
        return max(0, limit["times"] - len(used)), None
    return None, max(0, limit["points"] - sum(used))


def _budgeted(rule: Mapping[str, Any], every: Sequence[Mapping[str, Any]], today: date) -> int:
    per = rule["budget"].get("per")
    name = period(today, per) if per else "always"
    used: int = sum(
        one["points"]
        for one in every
        if one["rule"] == rule["code"] and one["budget_period"] == name
    )
    return max(0, int(rule["budget"]["points"]) - used)


async def prove_budgets(world: World) -> None:
    """Assert that each counter equals what awards and quotes took, and is within its budget."""
    counters = await rows(
        "SELECT rule, period, used, total FROM rule_budget WHERE programme_id = $1",
        world.programme.id,
    )
    taken = await rows(
        "SELECT a.rule, a.budget_period AS period, sum(a.points)::bigint AS points FROM award a "
        "JOIN member m ON m.member_id = a.member_id WHERE m.programme_id = $1 "
        "AND a.budget_period IS NOT NULL GROUP BY 1, 2",
        world.programme.id,
    )
    quotes = await rows(
        "SELECT awards::text AS awards FROM quote WHERE programme_id = $1 AND status = 'OPEN'",
        world.programme.id,
    )
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for one in taken:
        wanted[one["rule"], one["period"]] += one["points"]
    for quote in quotes:
        for rule, points, name in orjson.loads(quote["awards"]):
            if name is not None:
                wanted[rule, name] += points
    found = {(one["rule"], one["period"]): one["used"] for one in counters}
    assert all(one["used"] <= one["total"] for one in counters), counters
    differ = {
        key: (found.get(key, 0), wanted.get(key, 0))
        for key in found.keys() | wanted.keys()
        if found.get(key, 0) != wanted.get(key, 0)
    }
    assert not differ, f"budgets, counted and taken: {differ}"


async def awarded(booking_id: UUID, member_id: UUID, *, net: bool = False) -> dict[str, int]:
    """By rule, the points of a booking when it was reported, or, if `net`, in total."""
    found = await rows(
        "SELECT rule, sum(points)::bigint AS points FROM award WHERE member_id = $1 "
        "AND booking_id = $2 AND ($3 OR (refund_id IS NULL AND amendment_id IS NULL)) "
        "GROUP BY rule",
        member_id,
        booking_id,
        net,
    )
    return {one["rule"]: one["points"] for one in found if one["points"]}


async def cash_left(member_id: UUID, booking_id: UUID) -> tuple[list[Sold], list[Sold]]:
    """The booking's lines with the cash paid for them, and with the cash left after refunds."""
    found = [line for line in await rows(_LINES, member_id) if line["booking"] == booking_id]
    paid, rest = list[Sold](), list[Sold]()
    for line in found:
        attributes = orjson.loads(line["attributes"] or "{}") or {}
        for lines, cash in ((paid, line["cash"]), (rest, line["cash"] - line["cash_back"])):
            lines.append(
                Sold(line["product"], cash, attributes, line["travel_from"], line["travel_to"])
            )
    return paid, rest
