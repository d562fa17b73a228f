"""Open holds: points reserved for a redemption until the hold is captured, released or expires.

Points of an expired hold are available again at once, as computed; the member's next write records
it, the sweep at the latest, and returns the stock at the same time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.kernel.database import Row
from domain.kernel.queries import ask, query
from domain.ledger.lots import Hold, Lot, Touch

_OPEN = """
WITH held AS (
    SELECT e.member_id, e.redemption_id, whose.sequence, max(e.holds_until) AS holds_until
    FROM unnest($2::uuid[], $3::bigint[]) AS whose (id, sequence)
    JOIN ledger_entry e ON e.member_id = whose.id
        AND (whose.sequence IS NULL OR e.sequence <= whose.sequence)
    WHERE e.member_id = ANY($1::uuid[]) AND e.redemption_id IS NOT NULL
        AND e.kind IN ('HOLD', 'RELEASE', 'CAPTURE')
    GROUP BY e.member_id, e.redemption_id, whose.sequence
    HAVING sum(CASE e.kind WHEN 'HOLD' THEN e.points ELSE -e.points END) > 0)
SELECT h.member_id, h.redemption_id, h.holds_until, sum(a.points)::bigint AS touched,
    l.id, l.points, l.remaining, l.earned_at, l.available_at, l.expires_at, l.policy_version_id,
    l.funder, l.booking_id, l.line_number, l.matures_at, l.matured_expires_at, l.rule
FROM held h
JOIN ledger_entry e ON e.member_id = h.member_id AND e.redemption_id = h.redemption_id
    AND (h.sequence IS NULL OR e.sequence <= h.sequence)
JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id
JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id
WHERE e.member_id = ANY($1::uuid[])
GROUP BY h.member_id, h.redemption_id, h.holds_until, l.member_id, l.id
HAVING sum(a.points) < 0
ORDER BY max(a.id::text) FILTER (WHERE a.points < 0)
"""

_COLUMNS = (
    "member_id",
    "redemption_id",
    "holds_until",
    "touched",
    "id",
    "points",
    "remaining",
    "earned_at",
    "available_at",
    "expires_at",
    "policy_version_id",
    "funder",
    "booking_id",
    "line_number",
    "matures_at",
    "matured_expires_at",
    "rule",
)


@dataclass(slots=True)
class OpenHolds:
    """A member's open holds, and the lots that their points came from."""

    holds: dict[UUID, Hold] = field(default_factory=dict)
    lots: list[Lot] = field(default_factory=list)


async def of_members(
    member_ids: Sequence[UUID], reached: Mapping[UUID, int] | None = None
) -> dict[UUID, OpenHolds]:
    """The holds that are open now, or that were after each member's entry of sequence `reached`;
    one statement for all.
    """
    opened: dict[UUID, OpenHolds] = {member_id: OpenHolds() for member_id in member_ids}
    sequences = [reached[member_id] if reached else None for member_id in member_ids]
    for drawn in await ask(query(_COLUMNS, _OPEN, list(member_ids), list(member_ids), sequences)):
        _add(opened[drawn.pop("member_id")], drawn)
    return opened


def _add(opened: OpenHolds, drawn: Row) -> None:
    redemption_id: UUID = drawn.pop("redemption_id")
    until: datetime = drawn.pop("holds_until")
    touch = Touch(drawn["id"], drawn.pop("touched"))
    earlier = opened.holds.get(redemption_id)
    touches = (*earlier.touches, touch) if earlier else (touch,)
    opened.holds[redemption_id] = Hold(redemption_id, until, touches)
    opened.lots.append(Lot(**drawn))
