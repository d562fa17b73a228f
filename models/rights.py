"""Rights of the serving role on existing rows: the least that serving needs.

Reading and adding rows is always allowed. The serving role never changes or removes anything
outside these lists; the owner's migrations grant exactly these rights.
"""

from collections.abc import Mapping

EVERY_COLUMN: tuple[str, ...] = ()

CHANGED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    # values that a person or staff may change at any time, and the caches under the account's lock
    "account": EVERY_COLUMN,
    "audit_head": ("sequence", "hash"),
    "audit_reason": ("salt", "value"),
    "member": EVERY_COLUMN,
    "reward": EVERY_COLUMN,
    "idempotency_key": EVERY_COLUMN,
    "delivery_detail": (
        *("recipient", "phone", "address", "note", "from_at", "until_at", "place"),
        *("saved_at", "saved_by"),
    ),
    "announcement": (
        *("title", "text", "image_url", "link_url", "from_at", "until_at"),
        *("tiers", "segment", "notify", "position", "notified_at", "saved_at", "saved_by"),
    ),
    "webhook": (
        *("url", "topics", "contact", "secret", "old_secret", "old_until"),
        *("heard_from", "off_since", "deleted_at"),
    ),
    "delivery_target": ("failures", "refused", "failing_since", "last_success_at", "probe"),
    "contact": ("value", "digest", "commitment", "salt", "proved_at", "proved_by"),
    "contact_code": ("digest", "sealed", "tries", "asked_at", "hour_from", "asked"),
    "delivery": ("status", "attempts", "waits_since", "due_at", "begun_at", "ended_at", "reason"),
    "delivery_attempt": ("error", "answer"),
    "erased_contact": ("until",),
    "past_contact": ("known_until",),
    "delivery_lane": ("due_at", "lease", "leased_until"),
    # rows of history, except columns for their later state
    "activity_attempts": ("attempts", "last_at"),
    "backtest": (
        *("status", "members", "played", "assumed", "position", "sums"),
        *("round", "clipping", "omitted", "failure", "finished_at", "hash"),
    ),
    "backtest_claim": ("left_points", "granted", "net"),
    "benefit_use": ("returned_at", "returned_by"),
    "books": ("settled_until", "settled_through", "closed_through"),
    "calendar_mark": ("covered_through",),
    "claim": (
        *("reference", "text", "links", "status"),
        *("decided_at", "decided_by", "reason", "booking_id", "points"),
    ),
    "coupon_code": (
        *("status", "member_id", "redemption_id"),
        *("issued_at", "used_at", "used_by", "voided_at"),
        *("ends_at", "extended_at", "extended_by", "extended_why"),
        *("booking_member_id", "booking_id"),
    ),
    "feedback": ("text", "answer", "answered_at", "answered_by", "closed_at", "closed_by"),
    "import_row": ("content", "status", "code", "path", "words", "member_id", "lot_id"),
    "job": (
        *("status", "attempt", "uploaded_at", "sha256", "header", "total"),
        *("points", "checked", "checked_at"),
        *("proposal_id", "approved_at", "approved_by", "began_at", "position"),
        *("done", "known", "refused", "failure", "finished_at", "forgotten_at"),
    ),
    "lookup": ("member_id", "row_id", "proved_at", "proved_by"),
    "lot": ("remaining", "available_at", "expires_at", "matured_entry_id"),
    "feed_head": ("position", "numbered_at"),
    "notice": ("read_at", "channels", "decided_at"),
    "outbox_event": (
        *("numbered_at", "part"),
        *("relayed_at", "relay_failures", "relay_after", "relay_error"),
    ),
    "partner": ("name", "scopes"),
    "partner_key": (
        *("scopes", "label", "expires_at", "revoked_at"),
        *("last_used_on", "replaced_by"),
    ),
    "partner_points": ("bought", "used", "low_mark"),
    "partner_statement": ("settled_minor",),
    "policy_draft": ("name", "revision", "document", "saved_at", "saved_by"),
    "policy_raise": ("position", "finished_at"),
    "pool_stock": ("remaining",),
    "private_text": ("salt", "value"),
    "proposal": ("input",),
    "proposal_decision": ("reason",),
    "programme": ("clock_offset_seconds",),
    "quote": ("status", "released_at"),
    "redemption": (
        *("status", "points", "worth_minor", "released_at"),
        *("shipped_at", "fulfilled_at", "tracking", "reference"),
        *("cancelled_at", "cancelled_by", "cancel_reason", "review_id"),
        "stock_returned",
    ),
    "referral": ("applied_at",),
    "review": ("state", "decided_at", "decided_by", "reason"),
    "revocation": ("revoked_at", "revoked_by"),
    "reward_stock": ("remaining",),
    "rule_budget": ("total", "used"),
    "segment_member": ("removed_at", "removed_by"),
    "staff_day": ("points",),
    "suppression": ("kind", "soft", "changed_at"),
    "tier_total": (
        *("through", "spend_minor", "bookings"),
        *("nights", "points", "completed_bookings"),
    ),
}
"""The columns of rows that may change, by table."""

REMOVED_TABLES = frozenset(
    {
        "access",
        "backtest",
        "backtest_claim",
        "contact",
        "delivery",
        "delivery_attempt",
        "delivery_detail",
        "erased_contact",
        "export_part",
        "feed_entry",
        "figure_day",
        "idempotency_key",
        "import_row",
        "journal_day",
        "liability_day",
        "lookup",
        "member_month",
        "member_span",
        "outbox_event",
        "parked_fact",
        "past_contact",
        "policy_draft",
        "push_address",
        "pool_stock",
        "quote",
        "revocation",
        "reward_stock",
        "signal",
        "suppression",
    }
)
"""Tables whose rows may be removed: those with an end, those that are withdrawn, and counts that
can be counted again.
"""
