"""The kinds and statuses that occur in the database of each release."""

from domain.checkout.promises import QuoteStatus
from domain.kernel.lookups import LookupScope
from domain.ledger.values import EntryKind
from domain.members.statuses import MemberStatus
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.rewards.catalogue import RewardKind
from ops.postgres.connections import connection
from tests.conftest import Database

OCCUR: dict[int, dict[str, set[object]]] = {
    0: {
        "ledger_entry.kind": {
            *("EARN", "MATURE", "HOLD", "RELEASE", "CAPTURE", "REDEEM", "REINSTATE", "EXPIRE"),
            *("CLAW_BACK", "SETTLE", "TRANSFER_OUT", "TRANSFER_IN", "ADJUST"),
        },
        "redemption.status": {"HELD", "CONFIRMED", "FULFILLED", "RELEASED", "CANCELLED"},
        "coupon_code.status": {"IMPORTED", "ISSUED", "USED", "VOID"},
        "quote.status": {"OPEN", "USED", "EXPIRED"},
        "member.status": {"ENROLLED", "GUEST", "SUSPENDED", "UNDER_REVIEW", "ERASED"},
        "reward.kind": {"COUPON", "SERVICE", "PRODUCT", "PARTNER"},
        "tier_change.reason": {
            *("qualified", "refund", "opened", "renewed", "period_end"),
            *("assigned", "lifted", "assignment_ended"),
        },
        "parked_fact.kind": {"refund", "completion"},
        "transfer.direction": {"OUT", "IN"},
        "lookup.scope": {
            *("reference", "email", "phone", "referral_code", "booking", "activity", "fulfilment"),
        },
        "policy_version.version": {1, 2},
        "activity.within_limit": {True, False},
        "outbox_event.relayed_at IS NULL": {True, False},
        "outbox_event.relay_error IS NULL": {True, False},
        "partner_key.secret_sha256 IS NULL": {True, False},
        "programme.clock_offset_seconds > 0": {True, False},
    },
    1: {
        "tier_change.reason": {"policy"},
        "policy_raise.finished_at IS NULL": {False},
        "lookup.proved_at IS NULL": {True, False},
        "activity_attempts.attempts": {2},
        "segment_member.removed_at IS NULL": {True, False},
        "lookup.scope": {"benefit_use"},
        "benefit_use.returned_at IS NULL": {True, False},
        "benefit_use.quota IS NULL": {True, False},
        "benefit_use.activity_id IS NULL": {True, False},
        "policy_version.source IS NULL": {True, False},
        "policy_draft.revision": {1},
        "referral.status": {
            *("JOINED", "REACHED", "QUALIFIED", "FLAGGED", "LIMITED", "LOST", "LAPSED"),
        },
        "referral.applied_at IS NULL": {True, False},
        "backtest.status": {"DONE", "QUEUED", "CANCELLED"},
    },
    22: {
        "activity_reversal.kind": {"REVERSED", "RESTORED"},
        "activity.brought_by IS NULL": {True, False},
        "activity.reward IS NULL": {True, False},
        "activity.benefit IS NULL": {True, False},
    },
    33: {
        "backtest.status": {"RUNNING"},
        "backtest.clipping IS NULL": {True, False},
        "backtest_claim.kind": {"ADD", "MAKE", "KEEP"},
    },
    35: {
        "proposal.operation": {"publishPolicy"},
        "proposal_decision.outcome": {"DONE", "REJECTED"},
        "policy_version.approved_by IS NULL": {True, False},
    },
    36: {"staff_day.points > 0": {True}},
    40: {
        "outbox_event.numbered_at IS NULL": {True, False},
        "outbox_event.sequence IS NULL": {False},
        "feed_head.position > 0": {True},
        "feed_entry.position = 1": {True, False},
    },
    45: {
        "stock_change.change": {-1},
        "reward.requires": {"ADDRESS"},
        "reward.transferable": {True, False},
        "reward.minimum_spend_minor IS NULL": {True, False},
        "coupon_code.ends_at IS NULL": {True, False},
        "coupon_code.extended_at IS NULL": {True, False},
    },
    47: {
        "redemption.status": {"SHIPPED"},
        "redemption.shipped_at IS NULL": {True, False},
        "delivery_detail.address IS NULL": {True, False},
    },
    60: {
        "claim.status": {"OPEN", "APPROVED", "DECLINED", "WITHDRAWN", "ALREADY_CREDITED"},
        "claim.partner_id IS NULL": {True, False},
    },
    61: {
        "webhook.partner_id IS NULL": {True, False},
        "webhook.topics IS NULL": {True, False},
        "webhook.old_secret IS NULL": {True, False},
        "webhook.off_since IS NULL": {True, False},
        "webhook.deleted_at IS NULL": {True, False},
    },
    62: {
        "delivery.status": {"WAITING", "DELIVERED", "DEAD", "CANCELLED", "UNKNOWN"},
        "delivery_attempt.status IS NULL": {True},
        "delivery_lane.due_at IS NULL": {False},
        "delivery_lane.lease IS NULL": {True, False},
        "delivery_target.failures > 0": {True, False},
    },
    71: {
        "delivery_target.channel": {None, "sms"},
        "delivery.begun_at IS NULL": {True, False},
    },
    67: {
        "feedback.answer IS NULL": {True, False},
        "feedback.closed_at IS NULL": {True, False},
    },
    68: {
        "consent.granted": {True, False},
        "consent.channel": {"EMAIL", "SMS", "PUSH", None},
    },
    78: {
        "coupon_use.use_id IS NULL": {True, False},
        "coupon_use.refund_id IS NULL": {True, False},
        "coupon_use.amendment_id IS NULL": {True, False},
        "coupon_use.products IS NULL": {True, False},
        "coupon_code.booking_id IS NULL": {True, False},
        "quote.coupon_id IS NULL": {True, False},
        "refund_line.coupon_minor > 0": {True, False},
        "amendment_line.coupon_minor > 0": {True, False},
    },
    73: {"partner.scopes = ''": {True, False}},
    74: {
        "partner_terms.basis": {"ISSUED", "REDEEMED"},
        "partner_terms.prepaid": {True, False},
        "partner_terms.version > 1": {True, False},
    },
    76: {
        "books.settled_through IS NULL": {True, False},
        "redemption.cost_minor IS NULL": {True, False},
        "redemption.partner_id IS NULL": {True, False},
    },
    79: {
        "partner_statement.settled_minor = abs(partner_statement.net_minor)": {True, False},
        "partner_statement.net_minor > 0": {True, False},
        "partner_payment.amount_minor > 0": {True},
    },
    99: {"contact_code.kind": {"EMAIL", "PHONE"}},
    92: {
        "push_address.provider": {"HTTP", "WECHAT"},
    },
    90: {
        "announcement.tiers IS NULL": {True, False},
        "announcement.until_at IS NULL": {True, False},
        "announcement.notified_at IS NULL": {False},
        "reminder.kind": {"announcement"},
    },
    94: {
        "figure_day.measure": {"bookings", "cash", "granted", "earned", "joined", "members"},
        "member_month.active": {True},
        "member_span.joined IS NULL": {True, False},
    },
    85: {
        "notice_template.version": {1},
    },
    96: {
        "job.status": {"QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED"},
        "job.failure": {None, "CONTROL_TOTALS"},
        "import_row.status": {None, "DONE", "KNOWN", "REFUSED"},
        "import_row.lot_id IS NULL": {True, False},
    },
    125: {
        "lot_value.source_lot_id IS NULL": {True, False},
        "journal_day.account": {
            *("travel_revenue", "marketing", "deferred", "points_revenue"),
        },
        "liability_day.expiry_month = '-'": {False},
    },
    97: {"job.as_of IS NULL": {True, False}},
    100: {"audit.actor": {"staff:kim", "system"}, "audit_reason.value IS NULL": {False}},
    101: {"revocation.revoked_by": {"staff:kim"}},
    130: {
        "experiment_stop.cause": {"UNTIL", "BUDGET", "STAFF"},
        "exposure.variant": {"a", "b"},
        "trial.booking_id IS NULL": {True, False},
        "trial.activity_id IS NULL": {True, False},
        "trial.redemption_id IS NULL": {True, False},
    },
    84: {
        "suppression.kind": {"HARD", None},
    },
    83: {
        "delivery.reason IS NULL": {True},
        "notice.channels IS NULL": {False},
    },
    81: {
        "notice.read_at IS NULL": {True, False},
        "notice.kind": {"feedback_answered", "welcome"},
    },
    138: {
        "account.seal_number > 0": {True},
        "seal.number = 1": {True, False},
        "seal.sequence = 0": {True, False},
        "root.leaves > 0": {True},
        "day_leaf.place": {0, 1},
    },
    98: {
        "upkeep.kind": {"VERIFY", "BACKUP"},
    },
    105: {
        "private_text.owner_table": {"ledger_entry", "redemption", "tier_change"},
    },
    116: {
        "review.state": {"OPEN", "APPROVED", "REJECTED"},
        "review.moment": {"earn", "redeem", "transfer", "enrol"},
        "risk_decision.decision": {"hold", "review", "deny"},
        "risk_decision.mode": {"live", "shadow"},
        "risk_decision.fact_id IS NULL": {True, False},
        "signal.kind": {"device", "card", "ip"},
        "redemption.review_id IS NULL": {True, False},
    },
    106: {
        "erasure.was": {"ENROLLED"},
    },
    140: {
        "review.state": {"LAPSED"},
        "signal.fact": {None, "booking"},
    },
    80: {
        "partner_points.low_mark IS NULL": {False},
        "partner_purchase.points > 0": {True},
    },
    121: {
        "member.status": {"CLOSED"},
        "member_change.to_status": {"SUSPENDED", "ENROLLED", "CLOSED"},
    },
    123: {
        "member.status": {"MERGED"},
        "member_change.counterpart_id IS NULL": {True, False},
        "tier_credit.source_id IS NULL": {True, False},
        "account.merged_into IS NULL": {True, False},
    },
    148: {
        "tier_credit.job_id IS NULL": {True, False},
    },
    150: {
        "past_contact.known_until IS NULL": {True, False},
    },
    153: {
        "stock_change.kind": {None, "OPENED", "PLACED", "CLOSED"},
        "redemption.stock_taken": {None, True, False},
        "redemption.stock_returned": {None, True},
    },
    156: {
        "account.has_merged": {True, False},
    },
}
"""New values of each release, by table and column, under the number of its last migration."""

ENDED: dict[int, set[str]] = {
    40: {"outbox_event.relayed_at IS NULL", "outbox_event.relay_error IS NULL"},
}
"""Columns that are no longer written from a release on, though older databases have values."""

KINDS = {
    "ledger_entry.kind": EntryKind,
    "redemption.status": RedemptionStatus,
    "quote.status": QuoteStatus,
    "member.status": MemberStatus,
    "reward.kind": RewardKind,
    "lookup.scope": LookupScope,
}


def occurring(number: int) -> dict[str, set[object]]:
    """The values that occur in the release whose last migration has this number."""
    found: dict[str, set[object]] = {}
    for since, new in OCCUR.items():
        if since <= number:
            found = {**found, **{named: found.get(named, set()) | new[named] for named in new}}
    ended = {named for since, those in ENDED.items() if since <= number for named in those}
    return {named: kinds for named, kinds in found.items() if named not in ended}


async def check_kinds(database: Database, number: int) -> None:
    async with connection(database.owner) as owner:
        for named, expected in occurring(number).items():
            table, column = named.split(".", 1)
            found = await owner.fetch(f"SELECT DISTINCT {column} FROM {table}")
            assert {row[0] for row in found} >= expected, named
