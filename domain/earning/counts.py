"""Counts of members: the number of their matching facts, read by one statement that is planned
once.

Everything recorded counts, as refunds, amendments and cancellations have left it. Under the
account's lock that is what was recorded before the judged fact; for an instant long past, it is
that instant's window with the facts as they are now. Facts of guests, rejected facts and grants do
not count.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import rows
from domain.kernel.queries import Query, ask, for_each, query
from domain.ledger.values import SYSTEM
from domain.programmes.counts import (
    ActivityCount,
    BookingCount,
    Count,
    CountWindow,
    RedemptionCount,
    ReferralCount,
)
from domain.programmes.policy import Policy
from domain.programmes.selectors import Range

MEMBERS_MAX = 500
"""How many members are counted for together."""


async def of(
    member_id: UUID,
    policy: Policy,
    codes: Sequence[str],
    judged_at: datetime,
    *,
    besides: UUID | None = None,
) -> dict[str, int]:
    """One member's counts of these codes, as `load`."""
    return (await load([member_id], policy, codes, judged_at, besides=besides))[member_id]


async def load(
    member_ids: Sequence[UUID],
    policy: Policy,
    codes: Sequence[str],
    judged_at: datetime,
    *,
    besides: UUID | None = None,
) -> dict[UUID, dict[str, int]]:
    """By member, the policy's counts of these codes in their windows around `judged_at`.

    Each member has each of them, zero where nothing counts; spend is in minor units. The judged
    fact `besides` does not count, if given. At most `MEMBERS_MAX` members.
    """
    if len(member_ids) > MEMBERS_MAX:
        raise ValueError(f"{len(member_ids)} members are more than {MEMBERS_MAX}")
    found = {member_id: dict.fromkeys(codes, 0) for member_id in member_ids}
    for one in queries(member_ids[:1], policy, codes, judged_at, besides=besides):
        for counted in await ask(for_each(one, member_ids)):
            found[counted["member_id"]][counted["code"]] = counted["number"]
    return found


def queries(
    member_ids: Sequence[UUID],
    policy: Policy,
    codes: Sequence[str],
    judged_at: datetime,
    *,
    besides: UUID | None = None,
) -> list[Query]:
    """The queries of `load`: one, or none where nothing is counted."""
    if not codes or not member_ids:
        return []
    asked = {code: policy.counts[code] for code in codes}
    windows = {code: count.window(judged_at, policy.zone) for code, count in asked.items()}
    statement = _Statement(member_ids, besides)
    sql = _sql(statement, asked, windows)
    return [query(("member_id", "code", "number"), sql, *statement.values)]


async def in_window(
    member_id: UUID, count: Count, window: CountWindow, *, besides: UUID | None = None
) -> int:
    """One member's number of this count in a window, as `load`."""
    statement = _Statement([member_id], besides)
    found = await rows(_sql(statement, {"": count}, {"": window}), *statement.values)
    return sum(counted["number"] for counted in found)


class _Statement:
    """The values of a statement's parameters, the members first."""

    def __init__(self, member_ids: Sequence[UUID], besides: UUID | None) -> None:
        self.values: list[Any] = [list(member_ids)]
        self.besides = besides

    def give(self, value: Any, kind: str) -> str:
        """The parameter's name, once it is known."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"

    def other(self, fact: str) -> str:
        """The condition that this is not the fact that does not count."""
        return f"{fact} IS DISTINCT FROM {self.give(self.besides, 'uuid')}"

    def within(self, dated: str, window: CountWindow) -> Iterator[str]:
        """Conditions that a date lies in the window."""
        if window.from_ is not None:
            yield f"{dated} >= {self.give(window.from_, 'timestamptz')}"
        if window.through is not None:
            yield f"{dated} <= {self.give(window.through, 'timestamptz')}"


def _sql(
    statement: _Statement, asked: Mapping[str, Count], windows: Mapping[str, CountWindow]
) -> str:
    parts = [_part(statement, code, count, windows[code]) for code, count in asked.items()]
    of_bookings = {code: one for code, one in asked.items() if isinstance(one, BookingCount)}
    if not of_bookings:
        return " UNION ALL ".join(parts)
    first = _earliest(of_bookings, windows)
    since = f"AND b.booked_at >= {statement.give(first, 'timestamptz')}" if first else ""
    lines = _LINES.format(
        booking=_booking(statement, of_bookings.values()),
        since=since,
        other=statement.other("b.id"),
        done_otherwise=statement.other("k.id"),
    )
    return lines + " UNION ALL ".join(parts)


def _booking(statement: _Statement, asked: Collection[BookingCount]) -> str:
    """The bookings to read: only those with lines that match, unless one count takes all lines."""
    if any(count.products is None and not count.attributes for count in asked):
        return "booking b"
    matching = [" AND ".join(_matching(statement, count, "n")) for count in asked]
    return _MATCHED.format(matching=" OR ".join(matching))


def _earliest(
    asked: Mapping[str, BookingCount], windows: Mapping[str, CountWindow]
) -> datetime | None:
    """The earliest booking that can count; None where any may: completion can come long after."""
    starts = [
        None if count.of == "completed_bookings" else windows[code].from_
        for code, count in asked.items()
    ]
    known = [start for start in starts if start is not None]
    return min(known) if len(known) == len(starts) else None


_LINES = """
WITH line AS (
    SELECT b.member_id, b.id, b.booked_at, x.product, x.attributes,
        x.travel_to - x.travel_from AS nights,
        x.amount_minor - coalesce(f.gross, 0) AS left_minor,
        x.cash_minor - coalesce(f.cash, 0) AS cash_minor,
        coalesce(f.gross, 0) = 0 AND (x.amount_minor > 0
            OR greatest(l.amount_minor, now.most, 0) = 0) AS untouched,
        c.completed_at
    FROM {booking}
    CROSS JOIN LATERAL (SELECT * FROM booking_line n WHERE n.member_id = b.member_id
        AND n.member_id = ANY($1::uuid[]) AND n.booking_id = b.id OFFSET 0) l
    LEFT JOIN LATERAL (SELECT v.*, max(v.amount_minor) OVER () AS most
        FROM amendment_line v WHERE v.member_id = l.member_id AND v.member_id = ANY($1::uuid[])
        AND v.booking_id = l.booking_id AND v.line_number = l.number
        ORDER BY v.version DESC LIMIT 1) now ON true
    CROSS JOIN LATERAL (SELECT
        CASE WHEN now.version IS NULL THEN l.product ELSE now.product END AS product,
        CASE WHEN now.version IS NULL THEN l.attributes ELSE now.attributes END AS attributes,
        CASE WHEN now.version IS NULL THEN l.amount_minor ELSE now.amount_minor END AS amount_minor,
        CASE WHEN now.version IS NULL THEN l.cash_minor ELSE now.cash_minor END AS cash_minor,
        CASE WHEN now.version IS NULL THEN l.travel_from ELSE now.travel_from END AS travel_from,
        CASE WHEN now.version IS NULL THEN l.travel_to ELSE now.travel_to END AS travel_to) x
    CROSS JOIN LATERAL (SELECT sum(p.gross_minor) AS gross, sum(p.cash_minor) AS cash
        FROM refund_line p WHERE p.member_id = l.member_id AND p.member_id = ANY($1::uuid[])
        AND p.booking_id = l.booking_id AND p.line_number = l.number) f
    LEFT JOIN LATERAL (SELECT k.completed_at FROM completion k WHERE k.member_id = l.member_id
        AND k.member_id = ANY($1::uuid[]) AND k.booking_id = l.booking_id
        AND k.line_number = l.number AND {done_otherwise} OFFSET 0) c ON true
    WHERE b.member_id = ANY($1::uuid[]) AND b.snapshot ->> 'status' NOT IN ('GUEST', 'SUSPENDED')
        AND NOT EXISTS (SELECT FROM refund r WHERE r.member_id = b.member_id
            AND r.member_id = ANY($1::uuid[]) AND r.booking_id = b.id AND r.review_id IS NOT NULL
            OFFSET 0)
        AND {other} {since}),
whole AS (
    SELECT member_id, id, bool_or(left_minor > 0) AS costs,
        CASE WHEN bool_and(completed_at IS NOT NULL)
                FILTER (WHERE left_minor > 0 OR untouched)
            THEN max(completed_at) FILTER (WHERE left_minor > 0 OR untouched) END AS completed_at
    FROM line GROUP BY member_id, id)
"""
"""Every line of the members' bookings as it is left, and what becomes of each booking by them.

One is untouched if it was neither refunded nor dropped; such a line may cost nothing. By OFFSET 0
each booking's own rows are looked up: joined, a plan that was made when tables were empty, and is
kept, pairs every line of a member with every booking of its.
"""

_MATCHED = """(
        SELECT n.member_id, n.booking_id FROM booking_line n
        WHERE n.member_id = ANY($1::uuid[]) AND ({matching})
        UNION SELECT v.member_id, v.booking_id FROM amendment_line v
        WHERE v.member_id = ANY($1::uuid[])) o
    CROSS JOIN LATERAL (SELECT * FROM booking b WHERE b.member_id = o.member_id
        AND b.member_id = ANY($1::uuid[]) AND b.id = o.booking_id OFFSET 0) b"""
"""The bookings with a line that matches any of the counts, or that may by an amendment: where few
match, the lines of the others are read once, and nothing is looked up for them.
"""

_BOOKINGS: Mapping[str, tuple[str, str, str]] = {
    "bookings": ("count(DISTINCT l.id)", "l.booked_at", "l.left_minor > 0"),
    "completed_bookings": ("count(DISTINCT l.id)", "w.completed_at", "l.left_minor > 0"),
    "spend": ("sum(l.cash_minor)", "l.booked_at", "l.cash_minor > 0"),
    "nights": (
        "sum(l.nights)",
        "l.booked_at",
        "w.costs AND (l.left_minor > 0 OR l.untouched) AND l.nights > 0",
    ),
}
"""What is counted of matching lines `l` of a booking `w`, its date, and the lines that do."""


def _part(statement: _Statement, code: str, count: Count, window: CountWindow) -> str:
    """The number of one count, for each member that has any."""
    if isinstance(count, BookingCount):
        number, dated, left = _BOOKINGS[count.of]
        table = "FROM line l"
        if "w." in dated + left:
            table += " JOIN whole w ON w.member_id = l.member_id AND w.id = l.id"
        matching = [left, *_matching(statement, count, "l")]
        if count.of == "completed_bookings":
            matching.append("w.completed_at IS NOT NULL")
        owner = "l"
    elif isinstance(count, ActivityCount):
        number, dated, owner = "count(*)", "a.occurred_at", "a"
        table = "FROM activity a"
        matching = ["a.within_limit", statement.other("a.id")]
        matching.append(f"a.reporter <> {statement.give(SYSTEM.actor, 'text')}")
        matching.append(
            "NOT EXISTS (SELECT FROM activity_reversal v "
            "WHERE v.member_id = a.member_id AND v.member_id = ANY($1::uuid[]) "
            "AND v.activity_id = a.id)"
        )
        if count.types is not None:
            matching.append(f"a.type = ANY({statement.give(list(count.types), 'text[]')})")
    elif isinstance(count, ReferralCount):
        number, dated, owner = "count(*)", "f.fact_at", "f"
        table, matching = _REFERRALS, ["f.status = 'QUALIFIED'", statement.other("f.id")]
    else:
        number, dated, owner = "count(*)", "r.created_at", "r"
        table, matching = _redemptions(statement, count)
    named = statement.give(code, "text")
    conditions = [f"{owner}.member_id = ANY($1::uuid[])", *matching]
    conditions += statement.within(dated, window)
    return (
        f"SELECT {owner}.member_id, {named} AS code, {number}::bigint AS number {table} "
        f"WHERE {' AND '.join(conditions)} GROUP BY {owner}.member_id"
    )


_REFERRALS = (
    "FROM (SELECT DISTINCT ON (r.member_id, r.id) r.member_id, r.id, r.status, r.fact_at "
    "FROM referral r WHERE r.member_id = ANY($1::uuid[]) AND r.side = 'REFERRER' "
    "ORDER BY r.member_id, r.id, r.version DESC) f"
)
"""How each of the members' friends stands on their side."""


def _redemptions(statement: _Statement, count: RedemptionCount) -> tuple[str, list[str]]:
    matching = ["r.status IN ('CONFIRMED', 'SHIPPED', 'FULFILLED')", "r.activity_id IS NULL"]
    matching.append(statement.other("r.id"))
    if count.rewards is None:
        return "FROM redemption r", matching
    matching.append(f"w.code = ANY({statement.give(list(count.rewards), 'text[]')})")
    return "FROM redemption r JOIN reward w ON w.id = r.reward_id", matching


def _matching(statement: _Statement, count: BookingCount, line: str) -> Iterator[str]:
    """Conditions on a line, as rules state them: only whole numbers equal numbers."""
    if count.products is not None:
        yield f"{line}.product = ANY({statement.give(list(count.products), 'text[]')})"
    equal = {}
    for key, found in (count.attributes or {}).items():
        if isinstance(found, Range):
            yield _in_range(statement, f"{line}.attributes", key, found.min, found.max)
        elif isinstance(found, bool | str):
            equal[key] = found
        else:
            yield _in_range(statement, f"{line}.attributes", key, found, found)
    if equal:
        yield f"{line}.attributes @> {statement.give(orjson.dumps(equal).decode(), 'jsonb')}"


def _in_range(
    statement: _Statement, attributes: str, key: str, least: int | None, most: int | None
) -> str:
    name = statement.give(key, "text")
    ends = [
        f"({attributes} ->> {name})::numeric {sign} {statement.give(end, 'bigint')}"
        for sign, end in ((">=", least), ("<=", most))
        if end is not None
    ]
    whole = (
        f"jsonb_typeof({attributes} -> {name}) = 'number' "
        f"AND {attributes} ->> {name} ~ '^-?[0-9]+$'"
    )
    return f"CASE WHEN {whole} THEN {' AND '.join(ends) or 'true'} ELSE false END"
