"""Deliveries against events: events in the feed, deliveries, their attempts and lanes."""

from typing import NamedTuple
from uuid import UUID

from domain.kernel.database import rows
from domain.proof.evidence import Fault


class _Check(NamedTuple):
    """A statement that finds rows of members after `$1` through `$2` that contradict others."""

    table: str
    what: str
    sql: str
    expected: str = "{}"


_PART = "get_byte(uuid_send({}.member_id), 15) & 15"
_IN_FEED = f"f.part = {_PART} AND f.event_id ="
_OF = "d.member_id > $1 AND d.member_id <= $2"

_CHECKS = (
    _Check(
        "outbox_event",
        "its place in the feed",
        "SELECT e.id, e.member_id, f.numbered_at AS found, e.numbered_at AS expected "
        f"FROM outbox_event e LEFT JOIN feed_entry f ON {_IN_FEED.format('e')} e.id "
        "WHERE e.member_id > $1 AND e.member_id <= $2 AND e.numbered_at IS NOT NULL "
        "AND f.numbered_at IS DISTINCT FROM e.numbered_at",
    ),
    _Check(
        "delivery",
        "its event",
        "SELECT d.id, d.member_id, NULL AS found, d.event_id AS expected FROM delivery d "
        "LEFT JOIN outbox_event e ON e.member_id = d.member_id AND e.id = d.event_id "
        f"WHERE {_OF} AND e.id IS NULL",
    ),
    _Check(
        "delivery",
        "position",
        "SELECT d.id, d.member_id, d.position AS found, f.position AS expected "
        f"FROM delivery d LEFT JOIN feed_entry f ON {_IN_FEED.format('d')} d.event_id "
        f"WHERE {_OF} AND d.position IS DISTINCT FROM f.position",
    ),
    _Check(
        "delivery",
        "its endpoint",
        "SELECT d.id, d.member_id, NULL AS found, d.target AS expected FROM delivery d "
        "LEFT JOIN delivery_target t ON t.target = d.target LEFT JOIN webhook w ON w.id = d.target "
        f"WHERE {_OF} AND t.channel IS NULL AND w.id IS NULL",
    ),
    _Check(
        "delivery",
        "attempts",
        "SELECT d.id, d.member_id, d.attempts AS found, a.made AS expected "
        "FROM delivery d JOIN webhook w ON w.id = d.target CROSS JOIN LATERAL (SELECT count(*) "
        "AS made FROM delivery_attempt a WHERE a.member_id = d.member_id AND a.delivery_id = d.id) "
        f"a WHERE {_OF} AND d.attempts > a.made",
        "at most {}",
    ),
    _Check(
        "delivery",
        "status",
        "SELECT d.id, d.member_id, d.status AS found, NULL AS expected "
        f"FROM delivery d JOIN webhook w ON w.id = d.target WHERE {_OF} "
        "AND d.status = 'DELIVERED' AND NOT EXISTS (SELECT FROM delivery_attempt a "
        "WHERE a.member_id = d.member_id AND a.delivery_id = d.id "
        "AND a.status BETWEEN 200 AND 299)",
        "another, for no attempt was accepted",
    ),
    _Check(
        "delivery_attempt",
        "its delivery",
        "SELECT a.id, a.member_id, NULL AS found, a.delivery_id AS expected "
        "FROM delivery_attempt a "
        "LEFT JOIN delivery d ON d.member_id = a.member_id AND d.id = a.delivery_id "
        "WHERE a.member_id > $1 AND a.member_id <= $2 AND d.id IS NULL",
    ),
    _Check(
        "delivery",
        "its lane",
        "SELECT d.id, d.member_id, l.due_at AS found, d.due_at AS expected "
        "FROM (SELECT DISTINCT ON (d.member_id, d.target) d.member_id, d.target, d.id, "
        f"d.due_at FROM delivery d WHERE {_OF} AND d.status = 'WAITING' "
        "ORDER BY d.member_id, d.target, d.position) d "
        "LEFT JOIN delivery_lane l ON l.member_id = d.member_id AND l.target = d.target "
        "WHERE l.due_at IS NULL OR (l.lease IS NULL AND l.due_at > d.due_at)",
        "{} at the latest",
    ),
)
"""A leased lane gets its due instant when the lease ends; until then any instant is right."""


async def of_members(after: UUID, until: UUID) -> list[Fault]:
    """Contradictions of the members after `after` through `until`; one query for each check."""
    return [
        Fault(
            check.table,
            one["id"],
            one["member_id"],
            check.what,
            _said(one["found"]),
            check.expected.format(_said(one["expected"])),
        )
        for check in _CHECKS
        for one in await rows(f"{check.sql} ORDER BY 2, 1", after, until)
    ]


def _said(value: object) -> str:
    return "null" if value is None else str(value)
