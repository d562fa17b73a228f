"""Personal columns: every text, object and day of every table is in one of these lists.

A new column fails a test until its purpose is declared, and its fate when its member is erased.
"""

from collections.abc import Mapping

GOES, EMPTIED, COMMITTED = "the row goes", "it is emptied", "a commitment stays, its text goes"
REPLACED, OUTLIVED = "another stands in its place", "it is gone before long"

SERVING, TELLING, DELIVERING = "knowing who it is", "telling the member", "delivering rewards"
DECIDING, MOVING, ANSWERING = "saying why", "moving members here and out", "answering the member"

PERSONAL: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("member.reference", "member.referral_code"), (SERVING, REPLACED)),
    **dict.fromkeys(
        ("member.name", "member.birthday", "member.profile", "member.profile_writers"),
        (SERVING, EMPTIED),
    ),
    **dict.fromkeys(("member.email", "member.phone", "member.locale"), (TELLING, EMPTIED)),
    "contact.value": (TELLING, GOES),
    "lookup.value": (SERVING, GOES),
    "idempotency_key.caller": (SERVING, GOES),
    "push_address.address": (TELLING, GOES),
    "contact_code.sealed": (TELLING, EMPTIED),
    **dict.fromkeys(("delivery_attempt.error", "delivery_attempt.answer"), (TELLING, EMPTIED)),
    **dict.fromkeys(
        (
            *("delivery_detail.recipient", "delivery_detail.phone", "delivery_detail.address"),
            *("delivery_detail.note", "delivery_detail.place"),
        ),
        (DELIVERING, GOES),
    ),
    **dict.fromkeys(("redemption.partner_account", "redemption.tracking"), (DELIVERING, COMMITTED)),
    **dict.fromkeys(
        (
            *("activity_reversal.reason", "ledger_entry.reason", "member_change.reason"),
            *("redemption.cancel_reason", "referral.reason", "tier_change.note", "transfer.note"),
            *("review.note", "review.reason", "audit.reason"),
        ),
        (DECIDING, COMMITTED),
    ),
    "activity.attributes": (DECIDING, COMMITTED),
    "claim.reference": (DECIDING, REPLACED),
    **dict.fromkeys(("private_text.value", "audit_reason.value"), (DECIDING, EMPTIED)),
    **dict.fromkeys(
        (
            *("claim.text", "claim.links", "claim.reason", "coupon_code.extended_why"),
            *("proposal.input", "proposal_decision.reason"),
        ),
        (DECIDING, EMPTIED),
    ),
    **dict.fromkeys(("feedback.text", "feedback.answer"), (ANSWERING, EMPTIED)),
    **dict.fromkeys(("import_row.content", "import_row.words"), (MOVING, EMPTIED)),
    "parked_fact.sent": (DECIDING, OUTLIVED),
}
"""By table and column, the purpose, and the fate at an erasure. `export_part.content` is no text,
and is removed.
"""

NOT_PERSONAL: Mapping[str, str] = {
    "access": "actor fields request_id",
    "account": "tier tier_earned tier_assigned",
    "activity": "type reference reporter explanation reward benefit",
    "activity_reversal": "kind actor",
    "amendment": "reference reporter awarded allowances explanation",
    "amendment_line": "product travel_from travel_to attributes",
    "announcement": "code title text image_url link_url tiers segment saved_by",
    "audit": "actor roles operation subject before after request_id key",
    "award": "rule budget_period",
    "backtest": "status candidate baseline_text segment created_by clipping sums omitted failure",
    "backtest_claim": "rule period kind",
    "benefit_use": "benefit reference reporter tier returned_by",
    "booking": "reference reporter currency payment_method snapshot explanation",
    "booking_line": "product travel_from travel_to attributes",
    "books": "opened_on settled_through closed_through",
    "calendar_mark": "covered_through",
    "claim": "booked_on status opened_by decided_by",
    "closed_period": "month closed_by",
    "code_reveal": "actor",
    "completion": "reporter",
    "consent": "purpose channel text_version recorded_by",
    "contact": "kind commitment proved_by",
    "contact_code": "kind",
    "coupon_code": "code code_key status used_by extended_by",
    "coupon_use": "products actor",
    "delivery": "status reason",
    "day_leaf": "day",
    "delivery_detail": "saved_by",
    "delivery_target": "channel",
    "erasure": "was erased_by",
    "experiment_stop": "experiment cause actor reason",
    "exposure": "experiment variant",
    "feed_entry": "topic",
    "feedback": "given_by answered_by closed_by",
    "figure_day": "measure day known_day product city tier status",
    "idempotency_key": "key operation result",
    "import_row": "status code path",
    "job": "kind status reward segment on_difference created_by header approved_by failure",
    "journal_day": "day account funder cohort",
    "ledger_entry": "kind from_bucket to_bucket actor",
    "liability_day": "day expiry_month funder",
    "lookup": "scope proved_by",
    "lot": "funder rule",
    "member": "status",
    "member_change": "from_status to_status actor",
    "member_month": "month",
    "member_span": "joined first_booking second_booking",
    "notice": "kind key variables channels",
    "notice_template": "kind channel locale subject body provider_template published_by",
    "outbox_event": "topic payload relay_error",
    "parked_fact": "booking_reference kind reference reporter",
    "partner": "code name scopes",
    "partner_key": "id environment scopes label last_used_on replaced_by",
    "partner_payment": "reference paid_by",
    "partner_purchase": "reference bought_by",
    "partner_statement": "month basis currency closed_by",
    "partner_terms": "from_month basis saved_by",
    "policy_draft": "name document saved_by",
    "policy_version": "document source note published_by approved_by",
    "private_text": "owner_table field commitment",
    "programme": "code",
    "proposal": "operation proposed_by",
    "proposal_decision": "proposed_by outcome decided_by",
    "push_address": "provider",
    "quote": "status payment_method lines awards snapshot explanation actor",
    "redemption": "status currency codes actor reference cancelled_by",
    "referral": "side status flags actor",
    "refund": "reference reporter",
    "reminder": "kind key",
    "review": "moment state decided_by",
    "revocation": "revoked_by",
    "reward": (
        "code kind names descriptions image_url minimum_tier unit_names theme products requires"
    ),
    "root": "day line",
    "rule_budget": "rule period",
    "risk_decision": "rule moment decision mode",
    "seal": "key",
    "segment_member": "segment added_by removed_by",
    "signal": "kind moment fact",
    "staff_day": "person day",
    "stock_change": "reason actor kind",
    "suppression": "channel digest kind soft",
    "tier_change": "from_tier to_tier reason inputs earned_tier assigned_tier actor",
    "transfer": "direction",
    "trial": "experiment variant",
    "upkeep": "kind",
    "webhook": "url topics contact secret old_secret created_by",
}
"""By table, columns without personal data: codes and kinds, systems' names of facts, ids that
identify nobody after an erasure, attributes declared by policies (which must not be personal), and
actors of staff or partners.
"""
