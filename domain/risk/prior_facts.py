"""Earlier facts seen before a fact: their number, their points, and bookings refunded in full.

All are read by one query before the account is locked, so concurrent calls may not see each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel.queries import Query, ask_one, query, read_ahead
from domain.kernel.signals import Signals
from domain.ledger.values import SYSTEM
from domain.programmes.risk_terms import AnyRiskRule, LoopRule, VelocityRule


@dataclass(frozen=True, slots=True)
class PriorFacts:
    """Number of earlier facts, and their points; for bookings, the number that `came_back`
    completely.
    """

    count: int = 0
    points: int = 0
    came_back: int = 0


async def of_rules(
    rules: Sequence[AnyRiskRule], member_id: UUID | None, sent: Signals, now: datetime
) -> dict[str, PriorFacts]:
    """By code of a rule, the facts that it needs; without rules that need a signal that was not
    sent.
    """
    asked = {
        rule.code: found
        for rule in rules
        if (found := _query_of(rule, member_id, sent.digests, now)) is not None
    }
    await read_ahead(asked.values())
    read = {code: await ask_one(one) for code, one in asked.items()}
    return {code: PriorFacts(**found) for code, found in read.items() if found is not None}


def _query_of(
    rule: AnyRiskRule, member_id: UUID | None, digests: Mapping[str, bytes], now: datetime
) -> Query | None:
    if isinstance(rule, LoopRule):
        since = now - timedelta(days=rule.days)
        return query(("count", "came_back"), _LOOPS, member_id, since)
    if not isinstance(rule, VelocityRule):
        return None
    since = now - timedelta(hours=rule.hours)
    if rule.by == "member":
        facts = rule.facts or ("booking", "activity")
        sql = " UNION ALL ".join(_EARNED[fact] for fact in facts)
        return query(("count", "points"), _summed(_OF_MEMBER.get(rule.on, sql)), member_id, since)
    if rule.by not in digests:
        return None
    earned = None if rule.facts is None else list(rule.facts)
    return query(("count", "points"), _OF_SIGNAL, digests[rule.by], since, rule.on, earned)


def _summed(facts: str) -> str:
    return (
        f"SELECT count(*) AS count, coalesce(sum(f.points), 0)::bigint AS points FROM ({facts}) f"
    )


_EARNED = {
    "booking": (
        "SELECT b.points FROM booking b WHERE b.member_id = $1 AND b.recorded_at > $2::timestamptz "
        "UNION ALL SELECT m.points_awarded FROM amendment m WHERE m.member_id = $1 "
        "AND m.recorded_at > $2::timestamptz AND m.points_awarded > 0"
    ),
    "activity": (
        "SELECT a.points FROM activity a WHERE a.member_id = $1 "
        "AND a.recorded_at > $2::timestamptz AND a.reporter <> 'system'"
    ),
}

_OF_MEMBER = {
    "redeem": (
        "SELECT r.points FROM redemption r WHERE r.member_id = $1 "
        "AND r.created_at > $2::timestamptz AND r.activity_id IS NULL AND NOT EXISTS "
        "(SELECT FROM review v WHERE v.member_id = $1 AND v.fact_id = r.id "
        "AND v.moment = 'transfer')"
    ),
    "transfer": (
        "SELECT t.points FROM transfer t WHERE t.member_id = $1 "
        "AND t.created_at > $2::timestamptz AND t.direction = 'OUT' AND NOT EXISTS "
        "(SELECT FROM ledger_entry e WHERE e.member_id = $1 AND e.transfer_id = t.id "
        f"AND e.effective_at > $2::timestamptz AND e.actor = '{SYSTEM.actor}') UNION ALL "
        "SELECT v.points FROM review v WHERE v.member_id = $1 "
        "AND v.opened_at > $2::timestamptz AND v.moment = 'transfer' AND v.state <> 'APPROVED'"
    ),
}
"""Earlier facts of a member; one that waits for a review counts once, and moves by the system after
a merge are not counted.
"""

_OF_SIGNAL = (
    "SELECT count(*) AS count, coalesce(sum(s.points), 0)::bigint AS points FROM signal s "
    "WHERE s.digest = $1 AND s.at > $2::timestamptz AND s.moment = $3 "
    "AND ($4::text[] IS NULL OR s.fact = ANY($4::text[]))"
)

_LOOPS = """
SELECT count(*) AS count, count(*) FILTER (WHERE b.cost > 0 AND b.refunded >= b.cost) AS came_back
FROM (SELECT coalesce((SELECT m.total_minor FROM amendment m WHERE m.member_id = $1
            AND m.booking_id = o.id ORDER BY m.version DESC LIMIT 1), o.total_minor) AS cost,
        (SELECT coalesce(sum(p.gross_minor), 0) FROM refund_line p WHERE p.member_id = $1
            AND p.booking_id = o.id) AS refunded
    FROM booking o WHERE o.member_id = $1 AND o.recorded_at > $2::timestamptz) b
"""
