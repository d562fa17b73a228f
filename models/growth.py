"""What keeps each table from growing without end: of a member, of a partner, of an attacker.

A test holds that every table is named here, and that what is said to be removed is removed.
"""

from enum import StrEnum


class Bound(StrEnum):
    """Why a table does not grow for as long as somebody sends requests."""

    CATALOGUE = "staff write it"
    MEMBER = "one row for a member, or for a fact about it that is unique"
    BOOKING = "facts of bookings and stays, that partners report: a member adds none"
    POINTS = "each row moves points, of which a member has what it was paid"
    LIMITED = "so many a day or as the policy says, and what is over is kept once a day at most"
    REMOVED = "removed by the worker past its age"
    PART = "sixteen rows for a programme"


GROWTH: dict[str, Bound] = {
    "account": Bound.MEMBER,
    "activity": Bound.LIMITED,
    "activity_attempts": Bound.LIMITED,
    "activity_reversal": Bound.LIMITED,
    "allocation": Bound.POINTS,
    "amendment": Bound.BOOKING,
    "amendment_line": Bound.BOOKING,
    "announcement": Bound.CATALOGUE,
    "award": Bound.LIMITED,
    "backtest": Bound.CATALOGUE,
    "backtest_claim": Bound.REMOVED,
    "benefit_use": Bound.BOOKING,
    "booking": Bound.BOOKING,
    "booking_line": Bound.BOOKING,
    "claim": Bound.LIMITED,
    "closed_period": Bound.CATALOGUE,
    "code_reveal": Bound.POINTS,
    "completion": Bound.BOOKING,
    "consent": Bound.LIMITED,
    "contact_code": Bound.MEMBER,
    "coupon_code": Bound.CATALOGUE,
    "coupon_use": Bound.BOOKING,
    "delivery": Bound.REMOVED,
    "delivery_attempt": Bound.REMOVED,
    "delivery_detail": Bound.REMOVED,
    "delivery_lane": Bound.LIMITED,
    "delivery_target": Bound.CATALOGUE,
    "erasure": Bound.MEMBER,
    "expiry_reminder": Bound.POINTS,
    "export_part": Bound.REMOVED,
    "feed_entry": Bound.REMOVED,
    "feed_head": Bound.PART,
    "feedback": Bound.LIMITED,
    "figure_day": Bound.CATALOGUE,
    "idempotency_key": Bound.REMOVED,
    "import_row": Bound.REMOVED,
    "job": Bound.CATALOGUE,
    "journal_day": Bound.CATALOGUE,
    "ledger_entry": Bound.POINTS,
    "liability_day": Bound.CATALOGUE,
    "lookup": Bound.LIMITED,
    "lot": Bound.POINTS,
    "lot_value": Bound.POINTS,
    "member": Bound.MEMBER,
    "member_change": Bound.MEMBER,
    "member_month": Bound.MEMBER,
    "member_span": Bound.MEMBER,
    "notice": Bound.LIMITED,
    "notice_template": Bound.CATALOGUE,
    "outbox_event": Bound.REMOVED,
    "overdue_line": Bound.BOOKING,
    "parked_fact": Bound.REMOVED,
    "partner": Bound.CATALOGUE,
    "partner_key": Bound.CATALOGUE,
    "partner_points": Bound.CATALOGUE,
    "partner_purchase": Bound.CATALOGUE,
    "partner_payment": Bound.CATALOGUE,
    "partner_statement": Bound.CATALOGUE,
    "partner_terms": Bound.CATALOGUE,
    "policy_draft": Bound.CATALOGUE,
    "policy_raise": Bound.CATALOGUE,
    "books": Bound.CATALOGUE,
    "calendar_mark": Bound.CATALOGUE,
    "policy_version": Bound.CATALOGUE,
    "pool_stock": Bound.CATALOGUE,
    "private_text": Bound.LIMITED,
    "programme": Bound.CATALOGUE,
    "proposal": Bound.CATALOGUE,
    "proposal_decision": Bound.CATALOGUE,
    "push_address": Bound.LIMITED,
    "quote": Bound.REMOVED,
    "redemption": Bound.POINTS,
    "referral": Bound.BOOKING,
    "refund": Bound.BOOKING,
    "refund_line": Bound.BOOKING,
    "reminder": Bound.LIMITED,
    "review": Bound.LIMITED,
    "reward": Bound.CATALOGUE,
    "reward_stock": Bound.CATALOGUE,
    "risk_decision": Bound.LIMITED,
    "rule_budget": Bound.CATALOGUE,
    "segment_member": Bound.MEMBER,
    "signal": Bound.REMOVED,
    "staff_day": Bound.CATALOGUE,
    "stock_change": Bound.CATALOGUE,
    "suppression": Bound.BOOKING,
    "tier_change": Bound.POINTS,
    "tier_credit": Bound.LIMITED,
    "tier_total": Bound.MEMBER,
    "transfer": Bound.POINTS,
    "upkeep": Bound.CATALOGUE,
    "webhook": Bound.CATALOGUE,
}
