"""Contents of a member's export by table: its rows without some columns, or nothing, with the
reason.
"""

from collections.abc import Mapping

from domain.proposals.proposals import ABOUT

_WHOLE = """
access activity activity_attempts activity_reversal allocation amendment amendment_line award
benefit_use booking booking_line claim code_reveal completion consent day_leaf delivery
delivery_attempt delivery_detail erasure expiry_reminder exposure feedback ledger_entry lot
lot_value member_month member_span notice outbox_event overdue_line push_address quote redemption
refund refund_line reminder seal segment_member tier_change tier_credit tier_total trial
"""

_BUT_FOR = {
    "account": "last_hash",
    "contact": "digest salt",
    # would let others impersonate it
    "contact_code": "digest sealed",
    # each names another member
    "coupon_use": "coupon_member_id",
    "member_change": "counterpart_id",
    "referral": "other_id flags answers",
    "transfer": "counterpart_id",
    # one does too, and contacts have their own rows
    "member": "referred_by email phone",
    # staff's opinions about it belong to staff
    "review": "counterpart_id reason",
    "private_text": "salt",
}

OF_MEMBERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_WHOLE.split(), frozenset()),
    **{table: frozenset(columns.split()) for table, columns in _BUT_FOR.items()},
}
"""Tables of a member, each with the columns that are left out."""

ELSEWHERE: Mapping[str, str] = {
    "lookup": "SELECT programme_id, scope, value, row_id, proved_at, proved_by FROM lookup "
    "WHERE member_id = ANY($1::uuid[])",
    "signal": "SELECT kind, moment, points, at FROM signal WHERE member_id = ANY($1::uuid[])",
    "coupon_code": "SELECT c.id, c.reward_id, c.code, c.status, c.redemption_id, c.valid_until, "
    "c.issued_at, c.used_at, c.used_by, c.voided_at, c.ends_at, c.extended_at, c.extended_by, "
    "c.extended_why FROM coupon_code c WHERE c.member_id = ANY($1::uuid[]) "
    "AND NOT EXISTS (SELECT FROM redemption r WHERE r.member_id = ANY($1::uuid[]) "
    "AND r.id = c.redemption_id AND r.status IN ('HELD', 'RELEASED'))",
    "import_row": "SELECT r.job_id, r.number, r.content::json AS content, r.status, r.lot_id "
    "FROM import_row r JOIN job j ON j.id = r.job_id WHERE j.programme_id = $3 "
    "AND r.member_id = ANY($1::uuid[]) AND r.status IN ('DONE', 'KNOWN')",
    "audit": "SELECT a.sequence, a.at, a.actor, a.operation, r.value AS reason FROM audit a "
    "LEFT JOIN audit_reason r ON r.programme_id = a.programme_id AND r.sequence = a.sequence "
    "WHERE a.programme_id = $3 "
    "AND a.subject = ANY(ARRAY(SELECT 'member:' || own FROM unnest($1::uuid[]) AS own)) "
    "AND a.operation <> 'decideReview'",
    "proposal": "SELECT p.id, p.operation, p.input - ARRAY['fromId', 'intoId'] AS input, "
    "p.proposed_by, p.proposed_at, p.expires_at, d.outcome, d.decided_by, d.decided_at, d.reason "
    "FROM proposal p LEFT JOIN proposal_decision d ON d.id = p.id WHERE p.programme_id = $3 "
    f"AND {ABOUT} && $1::uuid[]::text[]",
}
"""Queries for rows about a member in tables of others, by table; $1 are the member and those merged
into it, $2 the most rows, $3 its programme.
"""

SECRET = {"audit": "reason", "contact": "value", "private_text": "value"}
"""Columns that are stored encrypted, and exported in clear."""

WITHIN = {"audit_reason": "audit", "proposal_decision": "proposal"}
"""Tables that are exported within another."""

_OF_NO_MEMBER = """
announcement audit_head backtest backtest_claim books calendar_mark closed_period delivery_lane
delivery_target experiment_stop export_part feed_entry feed_head figure_day job journal_day
liability_day notice_template partner partner_key partner_payment partner_points partner_purchase
partner_statement partner_terms policy_draft policy_raise policy_version pool_stock programme reward
reward_stock root rule_budget staff_day stock_change upkeep webhook
"""

NOT_GIVEN: Mapping[str, str] = {
    **dict.fromkeys(_OF_NO_MEMBER.split(), "says nothing of a member, or how work on it is parted"),
    "erased_contact": "says nothing but a digest of an address that was somebody's",
    "idempotency_key": "names a call that stands elsewhere by what it did",
    "past_contact": "says nothing but a digest of an address that was its",
    "parked_fact": "is of nobody until its booking comes",
    "revocation": "says nothing but a digest of who it is about",
    "risk_decision": "shows the rules against fraud, which only staff see",
    "suppression": "says nothing but a digest of whose address it is",
}
"""Tables that are not exported, and why."""

OF_STAFF = ("review", "reason")
"""Private texts of staff that are not exported, by table and column."""
