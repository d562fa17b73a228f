"""What seals cover: every column of every table of members except those in `NOT_SEALED`."""

from collections.abc import Mapping


def _c(names: str) -> tuple[str, ...]:
    return tuple(names.split())


SEALED: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "booking": (
        1,
        _c(
            "member_id id programme_id reference reporter booked_at recorded_at currency "
            "payment_method total_minor cash_minor points policy_version_id snapshot explanation "
            "content_hash redemption_id quote_id coupon_minor"
        ),
    ),
    "booking_line": (
        2,
        _c(
            "member_id id booking_id number product amount_minor cash_minor travel_from travel_to "
            "attributes points amendment_id coupon_minor"
        ),
    ),
    "completion": (
        3,
        _c("member_id id booking_id line_number completed_at recorded_at reporter"),
    ),
    "award": (
        4,
        _c(
            "member_id id rule points occurred_at booking_id activity_id refund_id amendment_id "
            "activity_reversal_id budget_period"
        ),
    ),
    "amendment": (
        5,
        _c(
            "member_id id booking_id version reference reporter amended_at recorded_at "
            "total_minor cash_minor cash_change_minor points points_awarded points_reissued "
            "points_clawed_back points_owed points_forgiven points_expired points_reinstated "
            "awarded allowances explanation content_hash coupon_minor"
        ),
    ),
    "amendment_line": (
        6,
        _c(
            "member_id id amendment_id booking_id version line_number product amount_minor "
            "cash_minor travel_from travel_to attributes points points_returned coupon_minor"
        ),
    ),
    "refund": (
        7,
        _c(
            "member_id id booking_id reference reporter refunded_at recorded_at "
            "supplier_cancelled points_clawed_back points_owed points_forgiven points_expired "
            "points_reinstated cash_minor content_hash counted_out review_id"
        ),
    ),
    "refund_line": (
        8,
        _c(
            "member_id id refund_id booking_id line_number gross_minor cash_minor points "
            "coupon_minor"
        ),
    ),
    "activity": (
        9,
        _c(
            "member_id id programme_id type reference reporter occurred_at recorded_at attributes "
            "within_limit points policy_version_id explanation content_hash reward benefit "
            "brought_by"
        ),
    ),
    "activity_reversal": (
        10,
        _c(
            "member_id id activity_id number kind points points_clawed_back points_owed "
            "points_forgiven points_expired recorded_at actor reason brought_by"
        ),
    ),
    "tier_credit": (
        11,
        _c(
            "member_id id booking_id activity_id occurred_at recorded_at spend_minor bookings "
            "nights points completed_bookings source_member_id source_id job_id"
        ),
    ),
    "tier_change": (
        12,
        _c(
            "member_id id from_tier to_tier effective_at recorded_at reason inputs "
            "policy_version_id booking_id judged_at earned_tier until assigned_tier "
            "assigned_until actor note"
        ),
    ),
    "expiry_reminder": (13, _c("member_id id expires_at days points recorded_at")),
    "redemption": (
        14,
        _c(
            "member_id id programme_id reward_id status points quantity worth_minor currency "
            "codes activity_id actor policy_version_id created_at hold_expires_at released_at "
            "cost_minor partner_id partner_account partner_units tracking reference shipped_at "
            "fulfilled_at cancelled_at cancelled_by cancel_reason review_id stock_taken "
            "stock_returned"
        ),
    ),
    "quote": (
        15,
        _c(
            "member_id id programme_id status points booked_at payment_method policy_version_id "
            "lines awards snapshot explanation actor created_at expires_at released_at coupon_id"
        ),
    ),
    "member": (
        16,
        _c("member_id programme_id status joined_at referral_code referred_by"),
    ),
    "coupon_code": (
        17,
        _c(
            "id programme_id reward_id code code_key status member_id redemption_id imported_at "
            "valid_until issued_at used_at used_by voided_at ends_at extended_at extended_by "
            "booking_member_id booking_id"
        ),
    ),
    "coupon_use": (
        18,
        _c(
            "member_id id booking_id coupon_id coupon_member_id discount_minor products use_id "
            "refund_id amendment_id actor recorded_at"
        ),
    ),
    "benefit_use": (
        19,
        _c(
            "member_id id programme_id benefit reference reporter used_at recorded_at tier "
            "policy_version_id period_from period_until quota number activity_id content_hash "
            "returned_at returned_by"
        ),
    ),
    "transfer": (
        20,
        _c("member_id id programme_id direction counterpart_id points note created_at"),
    ),
    "consent": (
        21,
        _c("member_id id number purpose channel granted text_version recorded_at recorded_by"),
    ),
    "claim": (
        22,
        _c(
            "member_id id programme_id reference booked_on partner_id status opened_at opened_by "
            "decided_at decided_by booking_id points"
        ),
    ),
    "feedback": (
        23,
        _c(
            "member_id id programme_id booking_id redemption_id entry_id rating given_at given_by "
            "answered_at answered_by closed_at closed_by"
        ),
    ),
    "referral": (
        24,
        _c(
            "member_id id version programme_id side other_id status joined_at fact_at recorded_at "
            "policy_version_id answers flags actor reason"
        ),
    ),
    "segment_member": (
        25,
        _c("member_id id programme_id segment added_at added_by removed_at removed_by"),
    ),
    "overdue_line": (
        26,
        _c("member_id id programme_id booking_id line_number overdue_at raised_at"),
    ),
    "reminder": (27, _c("member_id id kind key recorded_at")),
    "code_reveal": (28, _c("member_id id redemption_id actor revealed_at")),
    "member_change": (
        29,
        _c(
            "member_id id number from_status to_status points counterpart_id reason actor "
            "recorded_at"
        ),
    ),
    "lot_value": (30, _c("member_id lot_id amount source_lot_id")),
    "risk_decision": (
        31,
        _c(
            "member_id id programme_id policy_version_id rule moment fact_id decision mode points "
            "until review_id at"
        ),
    ),
    "review": (
        32,
        _c(
            "member_id id programme_id moment fact_id points counterpart_id note opened_at ends_at "
            "state decided_at decided_by reason"
        ),
    ),
    "erasure": (33, _c("member_id id programme_id was points erased_at erased_by")),
    "trial": (
        34,
        _c(
            "member_id id programme_id experiment variant booking_id activity_id redemption_id "
            "points control_points extra_points occurred_at recorded_at"
        ),
    ),
    "contact": (35, _c("member_id id kind commitment proved_at proved_by")),
}
"""By table, its number in seals and the columns that a row's digest is made of.

Digests are kept for ever: no number is used again, and a column that was sealed stays so.
"""

SEALED_IDS: Mapping[str, tuple[str, ...]] = {
    "lot_value": ("lot_id",),
    "member": ("member_id",),
    "referral": ("id", "version"),
}
"""Columns that distinguish rows of one member, where that is not `id`."""

AUDIT = "the audit is a chain of its own, signed by the same keys"
AUDITED = "the last row of the audit that names a row has its digest"
CHAINED = "each entry's hash covers it, and the seal has the last of them"
COMPUTED = "computed again by `verify`"
COUNTED = "a counter that only keeps what is tried or given within a limit"
KEYED = "written anew under each new secret key, and compared with what is committed to"
LOOKED = "who looked: it moves no points, and is deleted in time"
PERSONAL = "personal: it is erased, and no digest of it may stay"
PROGRAMME = "of a programme, and of no account that would seal it"
ROOTED = "the signed root of its day covers it"
SEAL = "it is what seals"
SENT = "what is sent and whether it arrived: it moves no points"
SIGNAL = "only a digest for rules against fraud, and deleted in time"
WORK = "work that goes on and ends; what it writes is sealed"

NOT_SEALED: Mapping[str, str] = {
    "access": LOOKED,
    "account": COMPUTED,
    "activity_attempts": COUNTED,
    "allocation": CHAINED,
    "announcement": PROGRAMME,
    "audit": AUDIT,
    "audit_head": AUDIT,
    "audit_reason": PERSONAL,
    "backtest": WORK,
    "backtest_claim": WORK,
    "books": WORK,
    "calendar_mark": WORK,
    "claim.links": PERSONAL,
    "claim.reason": PERSONAL,
    "claim.text": PERSONAL,
    "contact.digest": KEYED,
    "contact.salt": PERSONAL,
    "contact.value": KEYED,
    "contact_code": WORK,
    "coupon_code.extended_why": PERSONAL,
    "day_leaf": ROOTED,
    "delivery": SENT,
    "delivery_attempt": SENT,
    "delivery_detail": PERSONAL,
    "delivery_lane": SENT,
    "delivery_target": SENT,
    "erased_contact": SIGNAL,
    "experiment_stop": AUDITED,
    "export_part": WORK,
    "exposure": COMPUTED,
    "feed_entry": SENT,
    "feed_head": SENT,
    "feedback.answer": PERSONAL,
    "feedback.text": PERSONAL,
    "figure_day": COMPUTED,
    "idempotency_key": WORK,
    "import_row": WORK,
    "job": WORK,
    "ledger_entry": CHAINED,
    "closed_period": COMPUTED,
    "journal_day": COMPUTED,
    "liability_day": COMPUTED,
    "lookup": COMPUTED,
    "lot": CHAINED,
    "member.birthday": PERSONAL,
    "member.birthday_changed_in": PERSONAL,
    "member.email": PERSONAL,
    "member.locale": PERSONAL,
    "member.name": PERSONAL,
    "member.phone": PERSONAL,
    "member.profile": PERSONAL,
    "member.profile_writers": PERSONAL,
    "member.reference": PERSONAL,
    "member_month": COMPUTED,
    "member_span": COMPUTED,
    "notice": SENT,
    "notice_template": AUDITED,
    "outbox_event": SENT,
    "parked_fact": WORK,
    "past_contact": SIGNAL,
    "partner": AUDITED,
    "partner_key": AUDITED,
    "partner_payment": AUDITED,
    "partner_points": COMPUTED,
    "partner_purchase": AUDITED,
    "partner_statement": COMPUTED,
    "partner_terms": AUDITED,
    "policy_draft": PROGRAMME,
    "policy_raise": WORK,
    "policy_version": AUDITED,
    "pool_stock": COMPUTED,
    "programme": AUDITED,
    "proposal": PROGRAMME,
    "proposal_decision": PROGRAMME,
    "private_text": PERSONAL,
    "push_address": SENT,
    "referral.applied_at": SENT,
    "referral.due_at": SENT,
    "reward": AUDITED,
    "reward_stock": COMPUTED,
    "root": ROOTED,
    "revocation": WORK,
    "rule_budget": COMPUTED,
    "seal": SEAL,
    "signal": SIGNAL,
    "staff_day": COUNTED,
    "stock_change": AUDITED,
    "suppression": SENT,
    "tier_total": COMPUTED,
    "upkeep": PROGRAMME,
    "webhook": SENT,
}
"""Tables, and columns of sealed tables, that no seal covers, with the reason."""
