"""Preferences: numbers of members by what they booked and redeemed, never about a single member.

Guests, erased members and members who refused profiling are left out. Preferences of fewer than ten
members are not shown separately: they are counted together as `OTHER`, or not at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.insight.kpis import ROWS_MAX, Period, TooManyRows
from domain.kernel import dates
from domain.kernel.database import Row, rows
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

MEMBERS_MIN = 10
"""Least number of members of a cell."""

OTHER = "other"
"""The key under which keys of fewer members are counted together; no product, city or reward has
this key.
"""

OFFSET = "OFFSET"
"""The kind of a redemption of points that paid for a booking; all others are kinds of rewards."""

KEY_CHARACTERS_MAX = 128


class Preference(StrEnum):
    """Attributes by which members are counted."""

    THEME = "theme"
    KIND = "kind"
    DESTINATION = "destination"
    MONTH = "month"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class PreferenceCell:
    """Members who like `key`; of one tier by its code today, or of all where None."""

    of: Preference
    key: str
    tier: str | None
    members: int


_LINES = """
line AS (
    SELECT p.member_id, (b.booked_at AT TIME ZONE $4)::date AS booked_on, x.destination,
        x.travel_from
    FROM person p
    JOIN booking b ON b.member_id = p.member_id AND b.booked_at >= $2 AND b.booked_at < $3
    JOIN booking_line l ON l.member_id = b.member_id AND l.booking_id = b.id
    LEFT JOIN LATERAL (SELECT v.* FROM amendment_line v WHERE v.member_id = l.member_id
        AND v.booking_id = l.booking_id AND v.line_number = l.number
        ORDER BY v.version DESC LIMIT 1) now ON true
    CROSS JOIN LATERAL (SELECT
        CASE WHEN now.version IS NULL THEN l.amount_minor ELSE now.amount_minor END AS amount_minor,
        CASE WHEN now.version IS NULL THEN l.travel_from ELSE now.travel_from END AS travel_from,
        CASE WHEN now.version IS NULL THEN l.attributes ELSE now.attributes END
            ->> 'destination' AS destination) x
    WHERE x.amount_minor > (SELECT coalesce(sum(r.gross_minor), 0) FROM refund_line r
        WHERE r.member_id = l.member_id AND r.booking_id = l.booking_id
        AND r.line_number = l.number)),
"""
"""Lines of the persons' bookings in the period with an amount left, in their present state."""

_REDEEMED = """
taken AS (
    SELECT p.member_id, w.theme, coalesce(w.kind, $8) AS kind
    FROM person p JOIN redemption r ON r.member_id = p.member_id
    LEFT JOIN reward w ON w.id = r.reward_id
    WHERE r.created_at >= $2 AND r.created_at < $3 AND r.activity_id IS NULL
        AND r.status IN ('CONFIRMED', 'SHIPPED', 'FULFILLED')),
"""
"""Redemptions of persons in the period that were not returned."""

_CELLS = f"""
WITH person AS MATERIALIZED (
    SELECT m.member_id, coalesce(t.now, a.tier) AS tier
    FROM member m JOIN account a ON a.member_id = m.member_id
    LEFT JOIN unnest($5::text[], $6::text[]) AS t (old, now) ON t.old = a.tier
    WHERE m.programme_id = $1 AND m.status NOT IN ('GUEST', 'ERASED')
        AND coalesce((SELECT c.granted FROM consent c WHERE c.member_id = m.member_id
            AND c.purpose = 'PROFILING' ORDER BY c.number DESC LIMIT 1), true)),
{_LINES} {_REDEEMED}
fact AS (
    SELECT member_id, 'theme' AS of, theme AS key FROM taken
    UNION ALL SELECT member_id, 'kind', kind FROM taken
    UNION ALL SELECT member_id, 'destination', left(destination, $9) FROM line
    UNION ALL SELECT member_id, 'month', to_char(travel_from, 'YYYY-MM') FROM line
    UNION ALL SELECT member_id, 'lead', CASE WHEN travel_from < booked_on THEN NULL
        WHEN travel_from - booked_on < 7 THEN '0-6' WHEN travel_from - booked_on < 30 THEN '7-29'
        WHEN travel_from - booked_on < 90 THEN '30-89' ELSE '90+' END
        FROM line WHERE travel_from IS NOT NULL),
seen AS MATERIALIZED (
    SELECT DISTINCT f.of, f.key COLLATE "C" AS key, k.tier, p.member_id
    FROM fact f JOIN person p ON p.member_id = f.member_id
    CROSS JOIN LATERAL (VALUES (''), (p.tier)) AS k (tier) WHERE f.key <> ''),
cell AS (
    SELECT of, tier, key, count(*) < $7 OR key = $10 AS small, count(*) AS members
    FROM seen GROUP BY of, tier, key),
rest AS (
    SELECT of, tier, count(DISTINCT member_id) AS members
    FROM seen JOIN cell USING (of, tier, key) WHERE small GROUP BY of, tier),
joining AS (
    SELECT DISTINCT ON (of, tier) of, tier, key
    FROM cell JOIN rest USING (of, tier) WHERE NOT small AND rest.members < $7
    ORDER BY of, tier, cell.members, key)
SELECT of, tier, CASE WHEN cell.small OR joining.key = cell.key THEN $10 ELSE cell.key END AS named,
    count(DISTINCT member_id) AS members
FROM seen JOIN cell USING (of, tier, key) LEFT JOIN joining USING (of, tier)
GROUP BY 1, 2, 3 HAVING count(DISTINCT member_id) >= $7 LIMIT $11
"""
"""Members by key, once for all tiers (tier '') and once for their own.

`rest` is the number of members with any rare key; if that is too few, the key with the fewest
members joins them, which is then enough.
"""


async def preferences(programme: Programme, policy: Policy, period: Period) -> list[PreferenceCell]:
    """Bookings and redemptions of the period that stand: first for all members, then by tier from
    the entry tier upwards; within each, keys with most members first, `OTHER` last.

    Raises: PeriodInvalid, TooManyRows.
    """
    period.check()
    codes = [*policy.tiers.renames]
    found = await rows(
        _CELLS,
        programme.id,
        dates.start_of_day(period.first, policy.zone),
        dates.end_of_day(period.last, policy.zone),
        policy.timezone,
        codes,
        [policy.level(code).code for code in codes],
        MEMBERS_MIN,
        OFFSET,
        KEY_CHARACTERS_MAX,
        OTHER,
        ROWS_MAX + 1,
    )
    if len(found) > ROWS_MAX:
        raise TooManyRows
    return sorted(_cells(found), key=lambda cell: _place(cell, policy))


def _cells(found: list[Row]) -> Iterator[PreferenceCell]:
    for one in found:
        yield PreferenceCell(
            Preference(one["of"]), one["named"], one["tier"] or None, one["members"]
        )


def _place(cell: PreferenceCell, policy: Policy) -> tuple[int, int, bool, int, str]:
    rank = -1 if cell.tier is None else policy.rank(cell.tier)
    return [*Preference].index(cell.of), rank, cell.key == OTHER, -cell.members, cell.key
