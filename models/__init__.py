"""The tables: one module per concept, columns only.

Relations are plain id columns: every query names its joins, and the foreign keys, CHECKs and
composite primary keys of the database are written in the migrations.
"""

from models.access import Access
from models.activity import Activity, ActivityAttempts, ActivityReversal
from models.amendment import Amendment, AmendmentLine
from models.announcement import Announcement
from models.audit import Audit, AuditHead, AuditReason, Revocation
from models.audited import AUDITED, AUDITED_BY, UNSHOWN
from models.award import Award
from models.backtest import Backtest, BacktestClaim
from models.benefit import BenefitUse
from models.booking import Booking, BookingLine, Completion, CouponUse, ParkedFact
from models.books import Books
from models.budget import RuleBudget
from models.calendar import CalendarMark
from models.claim import Claim
from models.codes import ContactCode
from models.consent import Consent
from models.contact import Contact, ErasedContact, PastContact
from models.delivery import DeliveryDetail
from models.encrypted import ENCRYPTED, NOT_REWRITTEN
from models.erasure import Erasure
from models.experiment import ExperimentStop, Exposure, Trial
from models.feed import FeedEntry, FeedHead
from models.feedback import Feedback
from models.figure import FigureDay, MemberMonth, MemberSpan
from models.finance import ClosedPeriod, JournalDay, LiabilityDay, LotValue
from models.idempotency import IdempotencyKey
from models.job import ExportPart, ImportRow, Job
from models.ledger import Allocation, LedgerEntry, Lot
from models.member import Account, Lookup, Member
from models.member_change import MemberChange
from models.notice import Notice
from models.outbox import OutboxEvent
from models.overdue import OverdueLine
from models.partner import Partner, PartnerKey, PartnerPoints, PartnerPurchase, PartnerTerms
from models.personal import NOT_PERSONAL, PERSONAL
from models.private_text import PrivateText
from models.programme import PolicyDraft, PolicyRaise, PolicyVersion, Programme
from models.proposal import Proposal, ProposalDecision, StaffDay
from models.push import PushAddress
from models.quote import Quote
from models.redemption import CodeReveal, Redemption
from models.referral import Referral
from models.refund import Refund, RefundLine
from models.reminder import ExpiryReminder, Reminder
from models.reward import CouponCode, PoolStock, Reward, RewardStock, StockChange
from models.rights import CHANGED_COLUMNS, EVERY_COLUMN, REMOVED_TABLES
from models.risk import Review, RiskDecision, Signal
from models.root import DayLeaf, Root
from models.seal import Seal
from models.sealed import NOT_SEALED, SEALED, SEALED_IDS
from models.segment import SegmentMember
from models.sending import Delivery, DeliveryAttempt, DeliveryLane
from models.settlement import PartnerPayment, PartnerStatement
from models.suppression import Suppression
from models.template import NoticeTemplate
from models.tier import TierChange, TierCredit, TierTotal
from models.transfer import Transfer
from models.upkeep import Upkeep
from models.webhook import DeliveryTarget, Webhook

CATALOGUE_TABLES = frozenset(
    {
        "audit",
        "audit_head",
        "audit_reason",
        "revocation",
        "programme",
        "policy_version",
        "policy_draft",
        "policy_raise",
        "proposal",
        "proposal_decision",
        "staff_day",
        "backtest",
        "books",
        "experiment_stop",
        "job",
        "calendar_mark",
        "figure_day",
        "journal_day",
        "liability_day",
        "closed_period",
        "partner",
        "partner_key",
        "partner_points",
        "partner_purchase",
        "partner_terms",
        "partner_statement",
        "partner_payment",
        "reward",
        "pool_stock",
        "reward_stock",
        "stock_change",
        "coupon_code",
        "rule_budget",
        "webhook",
        "delivery_target",
        "notice_template",
        "announcement",
        "upkeep",
        "root",
    }
)
"""Small tables that every member's rows may refer to; copied to every shard, but for counters."""

COUNTER_TABLES = frozenset(
    {
        "audit",
        "audit_head",
        "audit_reason",
        "figure_day",
        "journal_day",
        "liability_day",
        "reward_stock",
        "pool_stock",
        "coupon_code",
        "rule_budget",
        "staff_day",
        "stock_change",
        "partner_points",
    }
)
"""Those of them that writes of many members change or lock: a copy on every shard would be written
and locked everywhere, so they are kept in one place. So are figures, which are many, and joined
with nothing.
"""

KEYS = {
    "lookup": "value",
    "idempotency_key": "key",
    "parked_fact": "booking_reference",
    "suppression": "digest",
    "signal": "digest",
    "erased_contact": "digest",
}
"""The column by which each table is looked up, and would be distributed."""

LOOKUP_TABLES = frozenset(KEYS)
"""Tables of values that must be unique across members, keyed by the value."""

PART_TABLES = frozenset({"feed_head", "feed_entry"})
"""Tables with rows for each part of the members."""

JOB_TABLES = frozenset({"import_row", "export_part"})
"""Tables whose rows belong to one job, and are keyed by it."""

INSERT_ONLY_TABLES = frozenset(
    {
        "audit",
        "partner_payment",
        "partner_purchase",
        "partner_terms",
        "policy_version",
        "booking",
        "booking_line",
        "activity",
        "activity_reversal",
        "award",
        "consent",
        "completion",
        "coupon_use",
        "amendment",
        "amendment_line",
        "refund",
        "refund_line",
        "ledger_entry",
        "allocation",
        "member_change",
        "lot_value",
        "closed_period",
        "tier_change",
        "tier_credit",
        "transfer",
        "overdue_line",
        "erasure",
        "expiry_reminder",
        "reminder",
        "code_reveal",
        "notice_template",
        "seal",
        "day_leaf",
        "root",
        "stock_change",
        "experiment_stop",
        "exposure",
        "trial",
        "upkeep",
        "risk_decision",
    }
)
"""Facts and history: the serving role may add rows and never change or remove one."""

__all__ = [
    "AUDITED",
    "AUDITED_BY",
    "CATALOGUE_TABLES",
    "CHANGED_COLUMNS",
    "COUNTER_TABLES",
    "ENCRYPTED",
    "EVERY_COLUMN",
    "INSERT_ONLY_TABLES",
    "JOB_TABLES",
    "KEYS",
    "LOOKUP_TABLES",
    "NOT_PERSONAL",
    "NOT_REWRITTEN",
    "NOT_SEALED",
    "PART_TABLES",
    "PERSONAL",
    "REMOVED_TABLES",
    "SEALED",
    "SEALED_IDS",
    "UNSHOWN",
    "Access",
    "Account",
    "Activity",
    "ActivityAttempts",
    "ActivityReversal",
    "Allocation",
    "Amendment",
    "AmendmentLine",
    "Announcement",
    "Audit",
    "AuditHead",
    "AuditReason",
    "Award",
    "Backtest",
    "BacktestClaim",
    "BenefitUse",
    "Booking",
    "BookingLine",
    "Books",
    "CalendarMark",
    "Claim",
    "ClosedPeriod",
    "CodeReveal",
    "Completion",
    "Consent",
    "Contact",
    "ContactCode",
    "CouponCode",
    "CouponUse",
    "DayLeaf",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryDetail",
    "DeliveryLane",
    "DeliveryTarget",
    "ErasedContact",
    "Erasure",
    "ExperimentStop",
    "ExpiryReminder",
    "ExportPart",
    "Exposure",
    "FeedEntry",
    "FeedHead",
    "Feedback",
    "FigureDay",
    "IdempotencyKey",
    "ImportRow",
    "Job",
    "JournalDay",
    "LedgerEntry",
    "LiabilityDay",
    "Lookup",
    "Lot",
    "LotValue",
    "Member",
    "MemberChange",
    "MemberMonth",
    "MemberSpan",
    "Notice",
    "NoticeTemplate",
    "OutboxEvent",
    "OverdueLine",
    "ParkedFact",
    "Partner",
    "PartnerKey",
    "PartnerPayment",
    "PartnerPoints",
    "PartnerPurchase",
    "PartnerStatement",
    "PartnerTerms",
    "PastContact",
    "PolicyDraft",
    "PolicyRaise",
    "PolicyVersion",
    "PoolStock",
    "PrivateText",
    "Programme",
    "Proposal",
    "ProposalDecision",
    "PushAddress",
    "Quote",
    "Redemption",
    "Referral",
    "Refund",
    "RefundLine",
    "Reminder",
    "Review",
    "Revocation",
    "Reward",
    "RewardStock",
    "RiskDecision",
    "Root",
    "RuleBudget",
    "Seal",
    "SegmentMember",
    "Signal",
    "StaffDay",
    "StockChange",
    "Suppression",
    "TierChange",
    "TierCredit",
    "TierTotal",
    "Transfer",
    "Trial",
    "Upkeep",
    "Webhook",
]
