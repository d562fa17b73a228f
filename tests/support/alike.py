"""The rows of a programme, with references in place of ids, to compare with another programme's."""

import re
from dataclasses import dataclass

import orjson

from domain.kernel.database import rows
from domain.programmes.programmes import Programme

ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

DROPPED = frozenset(
    {"hash", "last_hash", "seal_hash", "part", "programme_id", "policy_version_id", "referral_code"}
)
"""Columns that are computed from ids, or drawn at random."""

OF_MEMBERS = (
    *("booking", "booking_line", "award", "tier_credit", "tier_change", "lot", "ledger_entry"),
    *("allocation", "account", "referral", "activity", "refund", "quote", "redemption", "member"),
)
BELONGS = {
    **dict.fromkeys(
        OF_MEMBERS, "t.member_id IN (SELECT member_id FROM member WHERE programme_id = $1)"
    ),
    **dict.fromkeys(("outbox_event", "rule_budget", "parked_fact"), "programme_id = $1"),
    "idempotency_key": "programme_id = $1 AND key LIKE 'k-%'",
    "lookup": "programme_id = $1 AND scope IN ('booking', 'reference')",
}
"""Tables, and which of their rows are compared."""


@dataclass(frozen=True)
class Names:
    """References of members and bookings by their ids."""

    by_id: dict[str, str]

    def of(self, text: str) -> str:
        return ID.sub(lambda found: self.by_id.get(found[0], "…"), text)


async def names(programme: Programme) -> Names:
    found = await rows(
        "SELECT member_id AS id, reference FROM member WHERE programme_id = $1 UNION ALL "
        "SELECT b.id, b.reference FROM booking b WHERE b.programme_id = $1",
        programme.id,
    )
    return Names({str(one["id"]): one["reference"] for one in found})


async def written(programme: Programme) -> dict[str, list[str]]:
    """The rows of a programme by table, sorted as texts."""
    known, found = await names(programme), {}
    for table, belongs in BELONGS.items():
        select = f"SELECT to_jsonb(t)::text AS row FROM {table} t WHERE {belongs}"
        stored = [orjson.loads(one["row"]) for one in await rows(select, programme.id)]
        # an activity's content hash covers its member's id
        dropped = DROPPED | {"content_hash"} if table == "activity" else DROPPED
        kept = [{name: one[name] for name in sorted(one.keys() - dropped)} for one in stored]
        found[table] = sorted(known.of(orjson.dumps(one).decode()) for one in kept)
    return found
