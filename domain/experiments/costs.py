"""Costs: points that variants give beyond their control, or charge less, and that are not taken
back.

A trial has a fact's points at its recording, and those under the control. Refunds, amendments,
reversals and cancellations since then changed the first; the same share of the second is left, in
whole points, rounded down.
"""

from collections.abc import Mapping
from fractions import Fraction

from domain.kernel import dates
from domain.kernel.database import rows
from domain.programmes.experiment_terms import Experiment
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

Costs = dict[str, Fraction]
"""By experiment, minor units beyond those of its control."""

NET = """
CASE WHEN t.redemption_id IS NOT NULL THEN
    CASE WHEN EXISTS (SELECT FROM redemption r WHERE r.member_id = t.member_id
        AND r.id = t.redemption_id AND r.status IN ('CANCELLED', 'RELEASED'))
    THEN 0 ELSE t.extra_points END
WHEN t.points = 0 AND t.booking_id IS NOT NULL THEN coalesce((
    SELECT -div(t.control_points::numeric * greatest(b.total_minor - f.gross, 0), b.total_minor)
    FROM booking b CROSS JOIN LATERAL (SELECT coalesce(sum(p.gross_minor), 0) AS gross
        FROM refund_line p WHERE p.member_id = b.member_id AND p.booking_id = b.id) f
    WHERE b.member_id = t.member_id AND b.id = t.booking_id AND b.total_minor > 0), 0)
WHEN t.points = 0 THEN t.extra_points
ELSE (SELECT w.points - div(t.control_points * w.points, t.points) FROM (
    SELECT coalesce(sum(a.points), 0) AS points FROM award a WHERE a.member_id = t.member_id
    AND (a.booking_id = t.booking_id OR a.activity_id = t.activity_id)) w) END
"""
"""The remaining extra points of a trial `t`; for a booking without points, in proportion to its
remaining price.
"""

_COSTS = f"""
WITH changed AS (
    SELECT member_id, booking_id AS fact_id FROM refund WHERE recorded_at >= $3
    UNION SELECT member_id, booking_id FROM amendment WHERE recorded_at >= $3
    UNION SELECT member_id, activity_id FROM activity_reversal WHERE recorded_at >= $3
),
points AS (
    SELECT experiment, sum(extra_points) AS points FROM trial
    WHERE programme_id = $1 AND experiment = ANY($2::text[]) GROUP BY experiment
    UNION ALL
    SELECT t.experiment, sum({NET} - t.extra_points) AS points FROM trial t
    LEFT JOIN changed c ON c.member_id = t.member_id
        AND c.fact_id = coalesce(t.booking_id, t.activity_id)
    WHERE t.programme_id = $1 AND t.experiment = ANY($2::text[])
        AND (c.fact_id IS NOT NULL OR t.redemption_id IS NOT NULL) GROUP BY t.experiment
)
SELECT experiment, sum(points)::bigint AS points FROM points GROUP BY experiment
"""
"""All points given, and the differences of the few facts that changed since."""


async def of(programme: Programme, known: Mapping[str, tuple[Experiment, Policy]]) -> Costs:
    """Cost of each of these experiments so far, points at their worth by its policy."""
    if not known:
        return {}
    since = min(dates.start_of_day(one.from_, policy.zone) for one, policy in known.values())
    found = await rows(_COSTS, programme.id, list(known), since)
    points = {one["experiment"]: one["points"] for one in found}
    return {
        code: points.get(code, 0) * policy.minor_per_point for code, (_, policy) in known.items()
    }
