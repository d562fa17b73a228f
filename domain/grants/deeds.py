"""Deeds: members' facts as steps of missions read them, after refunds and reversals, without
bookings that staff rejected.

The tier of each is that of its instant as recorded before the deed: a tier that the deed itself
caused, by what it counts or by a grant that followed, is not used, however late it is read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from domain.earning.values import Line
from domain.grants.missions import Deed
from domain.kernel.database import Row
from domain.kernel.queries import Query, ask, query, read_ahead
from domain.ledger.values import SYSTEM
from domain.tiers import qualification
from domain.tiers.values import POLICY, REFUND, UPGRADE, Change

DEEDS_MAX = 2000
"""Most facts of each kind that are read of one member; of more, the latest."""

BROUGHT = (UPGRADE, POLICY, REFUND)
"""Reasons of changes of tiers by facts and versions; other changes are by time and by staff."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change of the tier and when it was recorded, with the id given when it was written."""

    change: Change
    at: datetime
    id: UUID
    brought: bool

    def is_before(self, at: datetime, fact_id: UUID) -> bool:
        """Whether it was recorded before a fact. A change that the fact itself caused has the
        instant of the fact, and a later id; so has a change by time, which came before the fact.
        """
        return self.at < at or (self.at == at and (self.id < fact_id or not self.brought))


Tiers = Mapping[UUID, tuple[str, Sequence[Recorded]]]

Spans = Mapping[UUID, tuple[datetime, datetime]]
"""By member, the instants from which and until which, exclusive, facts are read (UTC)."""


async def of_members(spans: Spans, wanted: Iterable[str]) -> dict[UUID, list[Deed]]:
    """By member, its facts of these kinds that occurred in its span; a few queries for all."""
    kinds = set(wanted)
    asked = queries(spans, kinds)
    await read_ahead(asked.values())
    found: dict[UUID, list[Deed]] = {member_id: [] for member_id in spans}
    tiers = _tiers(await ask(asked.pop("tiers")))
    lines = await ask(asked.pop("booking")) if "booking" in asked else []
    for booking in _by_booking(lines):
        member_id = booking[0]["member_id"]
        since, until = spans[member_id]
        found[member_id] += [
            deed
            for deed in _of_booking(booking, tiers)
            if deed.fact in kinds and since <= deed.occurred_at < until
        ]
    for kind, others in asked.items():
        for one in await ask(others):
            tier = _tier(tiers[one["member_id"]], one["occurred_at"], one["recorded_at"], one["id"])
            deed = Deed(one["id"], kind, one["occurred_at"], tier, one["type"])
            found[one["member_id"]].append(deed)
    return found


def queries(spans: Spans, kinds: Collection[str]) -> dict[str, Query]:
    """The queries for facts of these kinds; completions need those of bookings."""
    whose = list(spans)
    since, until = [one for one, _ in spans.values()], [one for _, one in spans.values()]
    asked = {"tiers": _tiers_query(whose)}
    if "booking" in kinds or "completion" in kinds:
        asked["booking"] = query(_LINE_COLUMNS, _LINES, whose, whose, since, until, DEEDS_MAX)
    for kind, select in (("activity", _ACTIVITIES), ("redemption", _REDEMPTIONS)):
        if kind in kinds:
            values = (whose, whose, since, until, DEEDS_MAX, SYSTEM.actor)
            asked[kind] = query(_TYPED, select, *values)
    return asked


_SINCE, _UNTIL = (
    f"({instants}::timestamptz[])[array_position($2::uuid[], whose.member_id)]"
    for instants in ("$3", "$4")
)
"""The instants of each member `whose`, in the order of the members."""

_LINES = f"""
SELECT b.member_id, b.id, b.booked_at, b.recorded_at, b.payment_method, l.number,
    coalesce(now.product, l.product) AS product,
    coalesce(now.attributes, l.attributes) AS attributes,
    CASE WHEN now.version IS NULL THEN l.travel_from ELSE now.travel_from END AS travel_from,
    CASE WHEN now.version IS NULL THEN l.travel_to ELSE now.travel_to END AS travel_to,
    (coalesce(now.amount_minor, l.amount_minor) - coalesce(f.gross, 0))::bigint AS left_minor,
    (coalesce(now.cash_minor, l.cash_minor) - coalesce(f.cash, 0))::bigint AS cash_minor,
    c.id AS completion_id, c.completed_at, c.recorded_at AS completion_recorded_at
FROM account whose CROSS JOIN LATERAL (SELECT * FROM booking o
    WHERE o.member_id = whose.member_id AND o.member_id = ANY($1::uuid[])
    AND o.snapshot ->> 'status' NOT IN ('GUEST', 'SUSPENDED')
    AND NOT EXISTS (SELECT FROM refund r WHERE r.member_id = o.member_id
        AND r.member_id = ANY($1::uuid[]) AND r.booking_id = o.id AND r.review_id IS NOT NULL
        OFFSET 0)
    AND o.booked_at < {_UNTIL}
    AND (o.booked_at >= {_SINCE} OR EXISTS (SELECT FROM completion e
        WHERE e.member_id = o.member_id AND e.member_id = ANY($1::uuid[])
        AND e.booking_id = o.id
        AND e.completed_at >= {_SINCE}))
    ORDER BY o.booked_at DESC LIMIT $5) b
CROSS JOIN LATERAL (SELECT * FROM booking_line n WHERE n.member_id = b.member_id
    AND n.member_id = ANY($1::uuid[]) AND n.booking_id = b.id OFFSET 0) l
LEFT JOIN LATERAL (SELECT v.* FROM amendment_line v WHERE v.member_id = l.member_id
    AND v.member_id = ANY($1::uuid[]) AND v.booking_id = l.booking_id AND v.line_number = l.number
    ORDER BY v.version DESC LIMIT 1) now ON true
LEFT JOIN LATERAL (SELECT sum(p.gross_minor) AS gross, sum(p.cash_minor) AS cash
    FROM refund_line p WHERE p.member_id = l.member_id
    AND p.member_id = ANY($1::uuid[]) AND p.booking_id = l.booking_id
    AND p.line_number = l.number) f ON true
LEFT JOIN LATERAL (SELECT * FROM completion k WHERE k.member_id = l.member_id
    AND k.member_id = ANY($1::uuid[]) AND k.booking_id = l.booking_id AND k.line_number = l.number
    OFFSET 0) c ON true
WHERE whose.member_id = ANY($1::uuid[])
ORDER BY b.member_id, b.id, l.number
"""

_LINE_COLUMNS = (
    "member_id",
    "id",
    "booked_at",
    "recorded_at",
    "payment_method",
    "number",
    "product",
    "attributes",
    "travel_from",
    "travel_to",
    "left_minor",
    "cash_minor",
    "completion_id",
    "completed_at",
    "completion_recorded_at",
)
_TYPED = ("member_id", "id", "occurred_at", "recorded_at", "type")

_ACTIVITIES = f"""
SELECT a.member_id, a.id, a.occurred_at, a.recorded_at, a.type FROM account whose
CROSS JOIN LATERAL (SELECT * FROM activity o WHERE o.member_id = whose.member_id
    AND o.member_id = ANY($1::uuid[]) AND o.within_limit AND o.reporter <> $6
    AND o.occurred_at >= {_SINCE} AND o.occurred_at < {_UNTIL}
    AND NOT EXISTS (SELECT FROM activity_reversal v WHERE v.member_id = o.member_id
        AND v.member_id = ANY($1::uuid[]) AND v.activity_id = o.id)
    ORDER BY o.occurred_at DESC LIMIT $5) a
WHERE whose.member_id = ANY($1::uuid[])
"""

_REDEMPTIONS = f"""
SELECT r.member_id, r.id, r.created_at AS occurred_at, r.created_at AS recorded_at, w.code AS type
FROM account whose
CROSS JOIN LATERAL (SELECT * FROM redemption o WHERE o.member_id = whose.member_id
    AND o.member_id = ANY($1::uuid[]) AND o.status IN ('CONFIRMED', 'SHIPPED', 'FULFILLED')
    AND o.activity_id IS NULL AND o.actor <> $6
    AND o.created_at >= {_SINCE} AND o.created_at < {_UNTIL}
    ORDER BY o.created_at DESC LIMIT $5) r
LEFT JOIN reward w ON w.id = r.reward_id
WHERE whose.member_id = ANY($1::uuid[])
"""


def _by_booking(found: Sequence[Row]) -> Iterable[list[Row]]:
    by_booking: dict[UUID, list[Row]] = {}
    for line in found:
        by_booking.setdefault(line["id"], []).append(line)
    return by_booking.values()


def _of_booking(lines: Sequence[Row], tiers: Tiers) -> Iterable[Deed]:
    """The booking, and each call that completed some of its lines."""
    first, left = lines[0], [line for line in lines if line["left_minor"] > 0]
    recorded, method = tiers[first["member_id"]], first["payment_method"]
    if left:
        tier = _tier(recorded, first["booked_at"], first["recorded_at"], first["id"])
        read = tuple(map(_line, left))
        yield Deed(
            first["id"],
            "booking",
            first["booked_at"],
            tier,
            lines=read,
            payment_method=method,
        )
    calls: dict[tuple[datetime, datetime], list[Row]] = {}
    for line in left:
        if line["completed_at"] is not None:
            key = (line["completed_at"], line["completion_recorded_at"])
            calls.setdefault(key, []).append(line)
    for (completed_at, recorded_at), done in calls.items():
        completion_id = done[0]["completion_id"]
        tier = _tier(recorded, completed_at, recorded_at, completion_id)
        read = tuple(map(_line, done))
        yield Deed(
            completion_id,
            "completion",
            completed_at,
            tier,
            lines=read,
            payment_method=method,
        )


def _line(line: Row) -> Line:
    return Line(
        line["number"],
        line["product"],
        line["cash_minor"],
        orjson.loads(line["attributes"]),
        travel_from=line["travel_from"],
        travel_to=line["travel_to"],
    )


def _tiers_query(member_ids: Sequence[UUID]) -> Query:
    changes = ("from_tier", "to_tier", "effective_at", "recorded_at", "id", "reason")
    return query(
        ("member_id", "tier", *changes),
        f"SELECT a.member_id, a.tier, {', '.join(f't.{name}' for name in changes)} FROM account a "
        "LEFT JOIN tier_change t ON t.member_id = a.member_id AND t.from_tier <> t.to_tier "
        "WHERE a.member_id = ANY($1::uuid[]) ORDER BY a.member_id, t.recorded_at, t.id",
        list(member_ids),
    )


def _tiers(found: Iterable[Row]) -> Tiers:
    """By member, the tier before its first change, and its changes in their order."""
    by_member: dict[UUID, tuple[str, list[Recorded]]] = {}
    for one in found:
        first = one["tier"] if one["from_tier"] is None else one["from_tier"]
        _, changes = by_member.setdefault(one["member_id"], (first, []))
        if one["effective_at"] is not None:
            change = Change(one["from_tier"], one["to_tier"], one["effective_at"])
            brought = one["reason"] in BROUGHT
            changes.append(Recorded(change, one["recorded_at"], one["id"], brought))
    return by_member


def _tier(
    tiers: tuple[str, Sequence[Recorded]], instant: datetime, recorded_at: datetime, fact_id: UUID
) -> str:
    """The tier of an instant by the changes recorded before the fact."""
    first, changes = tiers
    known = [one.change for one in changes if one.is_before(recorded_at, fact_id)]
    return qualification.recorded_at(known, first, instant)
