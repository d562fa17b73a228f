"""Contents of an export's rows, by kind: columns, and the query that reads them as of one instant,
for a batch of members or for the partners.

Changes by the passage of time until then are written before anything is read. Particulars of
members have no history: they are those at the reading, and members erased since then have none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.jobs.jobs import ExportKind
from domain.kernel import private_texts


@dataclass(frozen=True, slots=True)
class Select:
    """A query about the members `$1` as of `$2`; for a kind without members, about the programme
    `$1`.
    """

    columns: tuple[str, ...]
    sql: str
    of_members: bool = True
    private: frozenset[str] = frozenset()
    """Columns that are stored encrypted."""


_OF_THESE = "= ANY($1::uuid[])"
_M = f"m.member_id {_OF_THESE}"
_STATUS = (
    "CASE WHEN r.cancelled_at <= $2 THEN 'CANCELLED' WHEN r.released_at <= $2 THEN 'RELEASED' "
    "WHEN r.fulfilled_at <= $2 THEN 'FULFILLED' WHEN r.shipped_at <= $2 THEN 'SHIPPED' "
    "WHEN r.status = 'HELD' OR EXISTS (SELECT 1 FROM ledger_entry c WHERE c.kind = 'CAPTURE' "
    "AND c.member_id = ANY($1::uuid[]) AND c.member_id = r.member_id AND c.redemption_id = r.id "
    "AND c.effective_at > $2) THEN 'HELD' "
    "ELSE 'CONFIRMED' END"
)

_STATUS_OF_MEMBER = (
    f"coalesce((SELECT c.from_status FROM member_change c WHERE c.member_id {_OF_THESE} "
    "AND c.member_id = m.member_id AND c.recorded_at > $2 ORDER BY c.number LIMIT 1), "
    f"(SELECT e.was FROM erasure e WHERE e.member_id {_OF_THESE} AND e.member_id = m.member_id), "
    "m.status)"
)
"""The status of an instant is in the next change, as the one before it, or in the erasure."""


def _contact(kind: str) -> str:
    return (
        f"(SELECT c.value FROM contact c WHERE c.member_id {_OF_THESE} "
        f"AND c.member_id = m.member_id AND c.kind = '{kind}')"
    )


SELECTS: Mapping[ExportKind, Select] = {
    ExportKind.MEMBERS: Select(
        (
            *("reference", "name", "email", "phone", "birthday", "locale", "profile"),
            *("status", "joined_at"),
        ),
        f"SELECT m.member_id, m.reference, m.name, {_contact('EMAIL')} AS email, "
        f"{_contact('PHONE')} AS phone, m.birthday, m.locale, m.profile, "
        f"{_STATUS_OF_MEMBER} AS status, m.joined_at FROM member m "
        f"WHERE {_M} AND m.joined_at <= $2 AND NOT EXISTS (SELECT FROM erasure e "
        f"WHERE e.member_id {_OF_THESE} AND e.member_id = m.member_id AND e.erased_at <= $2) "
        "ORDER BY m.member_id",
        private=frozenset({"email", "phone"}),
    ),
    ExportKind.LEDGER: Select(
        (
            *("member", "sequence", "entry", "kind", "from_bucket", "to_bucket", "points"),
            *("effective_at", "recorded_at", "available_after", "actor", "reason"),
        ),
        "SELECT m.reference AS member, e.sequence, e.id AS entry, e.kind, e.from_bucket, "
        "e.to_bucket, e.points, e.effective_at, e.recorded_at, e.available_after, e.actor, "
        f"{private_texts.selected('e.reason', _OF_THESE)} AS reason "
        "FROM member m JOIN ledger_entry e ON e.member_id = m.member_id "
        f"WHERE {_M} AND e.effective_at <= $2 ORDER BY m.member_id, e.sequence",
        private=frozenset({"reason"}),
    ),
    ExportKind.LOTS: Select(
        (
            *("member", "lot", "points", "remaining", "earned_at", "available_at", "expires_at"),
            *("funder", "rule"),
        ),
        "SELECT m.reference AS member, l.id AS lot, l.points, sum(a.points)::bigint AS remaining, "
        "l.earned_at, CASE WHEN l.available_at <= $2 THEN l.available_at END AS available_at, "
        "CASE WHEN l.available_at <= $2 THEN l.expires_at END AS expires_at, l.funder, l.rule "
        "FROM member m JOIN lot l ON l.member_id = m.member_id "
        "JOIN allocation a ON a.member_id = l.member_id AND a.lot_id = l.id "
        "JOIN ledger_entry e ON e.member_id = a.member_id AND e.id = a.entry_id "
        f"WHERE {_M} AND e.effective_at <= $2 GROUP BY m.member_id, l.member_id, l.id "
        "HAVING sum(a.points) > 0 ORDER BY m.member_id, l.id",
    ),
    ExportKind.REDEMPTIONS: Select(
        (
            *("member", "redemption", "reward", "status", "points", "quantity", "created_at"),
            *("shipped_at", "fulfilled_at", "cancelled_at", "released_at"),
        ),
        f"SELECT m.reference AS member, r.id AS redemption, w.code AS reward, {_STATUS} AS status, "
        "r.points, r.quantity, r.created_at, "
        "CASE WHEN r.shipped_at <= $2 THEN r.shipped_at END AS shipped_at, "
        "CASE WHEN r.fulfilled_at <= $2 THEN r.fulfilled_at END AS fulfilled_at, "
        "CASE WHEN r.cancelled_at <= $2 THEN r.cancelled_at END AS cancelled_at, "
        "CASE WHEN r.released_at <= $2 THEN r.released_at END AS released_at "
        "FROM member m JOIN redemption r ON r.member_id = m.member_id "
        "LEFT JOIN reward w ON w.id = r.reward_id "
        f"WHERE {_M} AND r.created_at <= $2 ORDER BY m.member_id, r.id",
    ),
    ExportKind.STATEMENTS: Select(
        (
            *("partner", "month", "issued", "reversed", "redeemed", "expired", "currency"),
            *("charge_minor", "fee_minor", "delivered_minor", "net_minor", "settled_minor"),
            *("closed_at", "sha256"),
        ),
        "SELECT p.code AS partner, to_char(s.month, 'YYYY-MM') AS month, s.issued, s.reversed, "
        "s.redeemed, s.expired, s.currency, s.charge_minor, s.fee_minor, s.delivered_minor, "
        "s.net_minor, coalesce((SELECT sum(y.amount_minor) FROM partner_payment y "
        "WHERE y.statement_id = s.id AND y.paid_at <= $2), 0)::bigint AS settled_minor, "
        "s.closed_at, encode(s.sha256, 'hex') AS sha256 FROM partner_statement s "
        "JOIN partner p ON p.id = s.partner_id WHERE s.programme_id = $1 AND s.closed_at <= $2 "
        "ORDER BY p.code, s.month",
        of_members=False,
    ),
}
