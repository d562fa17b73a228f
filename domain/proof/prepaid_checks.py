"""Prepaid points against granted points: each counter is the points bought, less the net awards of
the partner's rules recorded while prepaid, less the reservations of quotes.
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from domain.kernel.callers import HISTORY
from domain.kernel.database import Row, rows
from domain.partners import partners, terms
from domain.partners.terms import Terms
from domain.programmes import funders, programmes
from domain.programmes.programmes import Programme
from domain.proof.evidence import Fault

_COUNTERS = """
SELECT c.partner_id, c.programme_id, c.bought, c.used,
    (SELECT coalesce(sum(p.points), 0) FROM partner_purchase p
     WHERE p.partner_id = c.partner_id)::bigint AS purchased,
    (SELECT coalesce(sum((r.award ->> 1)::bigint), 0)
     FROM quote q CROSS JOIN LATERAL jsonb_array_elements(q.awards) AS r (award)
     WHERE q.status IN ('OPEN', 'USED') AND r.award ->> 3 = c.partner_id::text)::bigint AS quoted
FROM partner_points c ORDER BY c.partner_id
"""
"""Points that a quote took stay taken by the booking that cites the quote."""

_AWARDS = """
SELECT g.version_id, g.rule, date_trunc('month', g.at AT TIME ZONE $2)::date AS month,
    sum(g.points)::bigint AS points
FROM (
    SELECT a.rule, a.points, coalesce(b.policy_version_id, c.policy_version_id) AS version_id,
        coalesce(r.recorded_at, m.recorded_at, v.recorded_at, b.recorded_at, c.recorded_at) AS at
    FROM award a
    JOIN account k ON k.member_id = a.member_id AND k.programme_id = $1
    LEFT JOIN booking b ON b.member_id = a.member_id AND b.id = a.booking_id
    LEFT JOIN activity c ON c.member_id = a.member_id AND c.id = a.activity_id
    LEFT JOIN refund r ON r.member_id = a.member_id AND r.id = a.refund_id
    LEFT JOIN amendment m ON m.member_id = a.member_id AND m.id = a.amendment_id
    LEFT JOIN activity_reversal v
        ON v.member_id = a.member_id AND v.id = a.activity_reversal_id
    WHERE a.rule = ANY($3::text[]) AND (
        a.refund_id IS NOT NULL OR a.amendment_id IS NOT NULL OR b.id IS NULL
        OR (b.quote_id IS NULL AND b.reporter <> $4))) g
GROUP BY 1, 2, 3
"""
"""Net awards by version, rule and month of recording; points that a quote promised count with it,
imported history does not count.
"""


async def counters() -> list[Fault]:
    """Every counter that is not the sum of points bought, granted and reserved."""
    faults: list[Fault] = []
    for counter in await rows(_COUNTERS):
        programme = await programmes.get(await programmes.code_of(counter["programme_id"]))
        partner = await partners.get(counter["partner_id"])
        code = partner.code if partner else ""
        known = await terms.of_partner(counter["partner_id"])
        used = counter["quoted"] + await _granted(programme, code, known)
        faults += _differences(counter, used)
    return faults


async def _granted(programme: Programme, code: str, known: list[Terms]) -> int:
    funded = {
        (version.id, rule)
        for version in programme.versions
        for rule in funders.paid_for(version.policy, code)
    }
    if not funded:
        return 0
    found = await rows(
        _AWARDS,
        programme.id,
        programme.versions[0].policy.zone.key,
        sorted({rule for _, rule in funded}),
        HISTORY,
    )
    return sum(
        one["points"]
        for one in found
        if (one["version_id"], one["rule"]) in funded and _is_prepaid(known, one["month"])
    )


def _is_prepaid(known: list[Terms], month: date) -> bool:
    """Whether points of a month were prepaid, by terms of which the latest month comes first."""
    return next((one.prepaid for one in known if one.from_month <= month), False)


def _differences(counter: Row, used: int) -> Iterator[Fault]:
    own: UUID = counter["partner_id"]
    for name, expected in (("bought", counter["purchased"]), ("used", used)):
        if counter[name] != expected:
            what = f"{expected}, the sum of what was {'bought' if name == 'bought' else 'granted'}"
            yield Fault("partner_points", own, None, name, str(counter[name]), what)
