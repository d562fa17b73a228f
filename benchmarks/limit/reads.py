"""Dashboard, ledger page, catalogue and quote: a statement or two, and dictionaries."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from benchmarks.limit import programme as rules
from benchmarks.limit.programme import Programme

MEMBER = """
SELECT m.name, a.tier, a.pending, a.available, a.held, a.owed, (
    SELECT coalesce(sum(t.spend_minor), 0) FROM tier_credit t WHERE t.member_id = m.member_id
        AND t.recorded_at >= coalesce(o.through, '-infinity')
)::bigint + coalesce(o.spend_minor, 0) AS spend
FROM member m
JOIN account a ON a.member_id = m.member_id
LEFT JOIN tier_total o ON o.member_id = m.member_id
WHERE m.member_id = $1
"""

EXPIRES = """
(SELECT min(l.expires_at) FROM allocation x
    JOIN lot l ON l.member_id = x.member_id AND l.id = x.lot_id
    WHERE x.member_id = e.member_id AND x.entry_id = e.id AND x.points > 0) AS expires_at
"""

PLAIN_ENTRIES = f"""
SELECT e.kind, e.from_bucket, e.to_bucket, e.points, e.available_after, {EXPIRES}
FROM ledger_entry e WHERE e.member_id = $1 ORDER BY e.sequence DESC LIMIT 20
"""

ENTRIES = f"""
SELECT e.kind, e.from_bucket, e.to_bucket, e.points, e.available_after, {EXPIRES},
    b.reference, b.explanation AS booked, v.type, v.explanation AS acted, w.names ->> 'en' AS reward
FROM ledger_entry e
LEFT JOIN booking b ON b.member_id = e.member_id AND b.id = e.booking_id
LEFT JOIN activity v ON v.member_id = e.member_id AND v.id = e.activity_id
LEFT JOIN redemption r ON r.member_id = e.member_id AND r.id = e.redemption_id
LEFT JOIN reward w ON w.id = r.reward_id
WHERE e.member_id = $1 ORDER BY e.sequence DESC LIMIT 20
"""

PAGE = f"""
SELECT e.id, e.sequence, e.kind, e.from_bucket, e.to_bucket, e.points, e.available_after,
    e.effective_at, {EXPIRES}
FROM ledger_entry e WHERE e.member_id = $1 AND ($3::bigint IS NULL OR e.sequence < $3)
ORDER BY e.sequence DESC LIMIT $2
"""

REWARDS = """
SELECT w.code, w.kind, w.names ->> 'en' AS name, w.list_points, w.worth_minor,
    (SELECT s.remaining FROM reward_stock s WHERE s.reward_id = w.id) AS remaining,
    (SELECT a.available FROM account a WHERE a.member_id = $2) AS available
FROM reward w WHERE w.programme_id = $1 AND w.active
    AND (w.valid_from IS NULL OR w.valid_from <= $3)
    AND (w.valid_until IS NULL OR w.valid_until > $3)
ORDER BY w.list_points, w.code LIMIT $4
"""

BUSINESS = """
(SELECT count(DISTINCT b.id) FROM booking b
    JOIN booking_line l ON l.member_id = b.member_id AND l.booking_id = b.id
    WHERE b.member_id = a.member_id AND b.booked_at >= $2 AND l.product = 'hotel'
        AND l.attributes @> '{"business": true}')
"""

HOLDER = f"""
SELECT m.birthday, m.profile, m.status, a.tier, {BUSINESS} AS business
FROM member m JOIN account a ON a.member_id = m.member_id WHERE m.member_id = $1
"""

HEADINGS = {
    "EXPIRE": "Points expired",
    "REDEEM": "Redeemed",
    "CLAW_BACK": "Taken back after a refund",
    "SETTLE": "Arrears settled",
}
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose request it is: the member, and a connection."""

    programme: Programme
    connection: asyncpg.Connection
    member_id: UUID


async def dashboard(reader: Reader, _: dict[str, Any]) -> Any:
    """With worded texts."""
    programme, member = reader.programme, await reader.connection.fetchrow(MEMBER, reader.member_id)
    edges = []
    for row in await reader.connection.fetch(ENTRIES, reader.member_id):
        why = orjson.loads(row["booked"] or row["acted"] or "[]")
        explanation = [
            {"points": reason["points"], "text": rules.reason_text(programme, reason)}
            for reason in why
        ]
        said = {"description": _description(programme, row), "explanation": explanation}
        edges.append({"node": {**_entry(row), **said}})
    level, above = programme.level(member["tier"]), programme.above(member["tier"])
    progress = _progress(programme, member)
    missing = max(0, above.threshold - member["spend"]) if above else 0
    progress["text"] = (
        f"{rules.money_text(missing)} to {above.name}." if above else "This is the highest tier."
    )
    standing = {"tier": {"code": level.code, "name": level.name}, "progress": progress}
    return _member(member, standing, edges)


async def plain_dashboard(reader: Reader, _: dict[str, Any]) -> Any:
    member = await reader.connection.fetchrow(MEMBER, reader.member_id)
    found = await reader.connection.fetch(PLAIN_ENTRIES, reader.member_id)
    progress = _progress(reader.programme, member)
    standing = {"tier": {"code": member["tier"]}, "progress": progress}
    return _member(member, standing, [{"node": _entry(row)} for row in found])


def _member(member: Any, standing: dict[str, Any], edges: list[Any]) -> dict[str, Any]:
    balance = {name: member[name] for name in ("available", "pending", "held", "owed")}
    balance["worth"] = rules.money(member["available"])
    return {
        "me": {
            "name": member["name"],
            "standing": standing,
            "balance": balance,
            "ledger": {"edges": edges},
        }
    }


def _progress(programme: Programme, member: Any) -> dict[str, Any]:
    above = programme.above(member["tier"])
    return {
        "current": rules.money(member["spend"])["amount"],
        "required": str(above.threshold // 100) if above else None,
        "next": {"code": above.code} if above else None,
    }


def _change(row: Any) -> int:
    own = ("pending", "available")
    points: int = row["points"]
    return ((row["to_bucket"] in own) - (row["from_bucket"] in own)) * points


def _entry(row: Any) -> dict[str, Any]:
    expires = row["expires_at"]
    return {
        "kind": row["kind"],
        "points": _change(row),
        "availableAfter": row["available_after"],
        "expiresOn": rules.last_day(expires) if expires else None,
    }


def _description(programme: Programme, row: Any) -> str:
    if row["reference"] is not None:
        about = f"Booking {row['reference']}"
    elif row["type"] is not None:
        return programme.names[row["type"]]
    elif row["reward"] is not None:
        about = row["reward"]
    else:
        return HEADINGS[row["kind"]]
    return about if row["kind"] == "EARN" else f"{HEADINGS[row['kind']]}: {about}"


async def ledger(reader: Reader, sent: dict[str, Any]) -> Any:
    first = sent["first"]
    found = await reader.connection.fetch(PAGE, reader.member_id, first + 1, None)
    edges = [
        {
            "cursor": _cursor(f"ledger {reader.member_id}", row["sequence"]),
            "node": {
                "id": _opaque(f"LedgerEntry:{reader.member_id}:{row['id']}".encode()),
                "sequence": row["sequence"],
                "from": row["from_bucket"].upper(),
                "to": row["to_bucket"].upper(),
                "effectiveAt": _instant(row["effective_at"]),
                "recorded": True,
                **_entry(row),
            },
        }
        for row in found[:first]
    ]
    end = edges[-1]["cursor"] if edges else None
    page = {"hasNextPage": len(found) > first, "endCursor": end}
    return {"me": {"ledger": {"pageInfo": page, "edges": edges}}}


async def rewards(reader: Reader, sent: dict[str, Any]) -> Any:
    programme, first = reader.programme, sent["first"]
    found = await reader.connection.fetch(
        REWARDS, programme.id, reader.member_id, programme.now(), first + 1
    )
    edges = [{"node": _reward(row)} for row in found[:first]]
    last = found[:first][-1]
    end = _cursor("rewards-points_asc", last["list_points"], last["code"])
    page = {"hasNextPage": len(found) > first, "endCursor": end}
    return {"rewards": {"pageInfo": page, "edges": edges}}


def _reward(row: Any) -> dict[str, Any]:
    points, worth = row["list_points"], row["worth_minor"]
    return {
        "code": row["code"],
        "kind": row["kind"],
        "name": row["name"],
        "points": points,
        "worth": None if worth is None else rules.money(worth),
        "remaining": row["remaining"],
        "affordable": 0 < points <= row["available"],
    }


async def quote(reader: Reader, sent: dict[str, Any]) -> Any:
    programme, now = reader.programme, reader.programme.now()
    holder = await reader.connection.fetchrow(HOLDER, reader.member_id, now - YEAR)
    lines = rules.to_lines(sent["input"]["lines"])
    earned = rules.evaluate(programme, lines, holder["tier"])
    return {
        "quoteEarning": {
            "points": earned.points,
            "lines": [
                {
                    "line": line.number,
                    "product": line.product,
                    "points": earned.by_line[line.number],
                }
                for line in lines
            ],
            "explanation": [
                {
                    "code": reason["code"],
                    "points": reason["points"],
                    "text": rules.reason_text(programme, reason),
                }
                for reason in earned.explanation
            ],
            "expiresOn": rules.last_day(rules.expires_at(now)),
            "errors": [],
        }
    }


def _cursor(listing: str, *key: Any) -> str:
    return _opaque(orjson.dumps([1, listing, *key]))


def _opaque(text: bytes) -> str:
    return urlsafe_b64encode(text).decode().rstrip("=")


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
