"""Each table has one room that owns it, and few modules of others name it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tortoise.models import Model

import models
from tests.support.sources import ROOMS, ROOT, files_of, parsed

OWNERS = {
    "kernel": (
        *("audit", "audit_head", "audit_reason", "revocation"),
        *("idempotency_key", "lookup", "outbox_event", "private_text"),
    ),
    "proposals": ("proposal", "proposal_decision", "staff_day"),
    "accounts": ("seal",),
    "proof": ("day_leaf", "root"),
    "programmes": ("programme", "policy_version", "policy_draft", "experiment_stop"),
    "partners": (
        *("partner", "partner_key", "partner_terms"),
        *("partner_points", "partner_purchase"),
    ),
    "webhooks": ("webhook", "delivery_target"),
    "books": ("books",),
    "ledger": ("account", "ledger_entry", "lot", "allocation"),
    "valuation": ("lot_value",),
    "tiers": ("tier_credit", "tier_total", "tier_change"),
    "rewards": ("reward", "reward_stock", "stock_change", "pool_stock", "coupon_code"),
    "risk": ("review", "risk_decision", "signal"),
    "referrals": ("referral",),
    "members": (
        "member",
        "member_change",
        "access",
        "consent",
        "contact",
        "erased_contact",
        "past_contact",
        "segment_member",
    ),
    "earning": ("award", "rule_budget"),
    "experiments": ("exposure", "trial"),
    "transfers": ("transfer",),
    "grants": ("activity", "activity_reversal"),
    "benefits": ("benefit_use",),
    "activities": ("activity_attempts", "calendar_mark", "policy_raise"),
    "redemptions": ("redemption", "code_reveal", "delivery_detail"),
    "checkout": ("quote",),
    "bookings": (
        "booking",
        "booking_line",
        "completion",
        "parked_fact",
        "refund",
        "refund_line",
        "amendment",
        "amendment_line",
        "overdue_line",
        "coupon_use",
    ),
    "claims": ("claim",),
    "feedback": ("feedback",),
    "settlement": ("partner_statement", "partner_payment"),
    "delivery": (
        *("feed_head", "feed_entry"),
        *("delivery", "delivery_attempt", "delivery_lane"),
    ),
    "notices": (
        *("announcement", "contact_code", "expiry_reminder", "notice"),
        *("notice_template", "push_address", "reminder", "suppression"),
    ),
    "backtests": ("backtest", "backtest_claim"),
    "insight": ("figure_day", "member_month", "member_span"),
    "finance": ("journal_day", "liability_day", "closed_period"),
    "privacy": ("erasure",),
    "upkeep": ("upkeep",),
    "jobs": ("job", "import_row", "export_part"),
}
"""The room that writes a table, and through whose functions the others know of it."""

READS_ALL = {"backtests", "finance", "insight", "proof"}
"""What plays all facts anew, adds them up, or proves them against each other, reads all tables."""

READERS = {
    # Who was erased is written down by the code of its programme, and looked for after a restore.
    "domain/privacy/erasing.py": {"member", "programme"},
    # A member is given what stands of it in tables of others, too.
    "domain/privacy/exported.py": {
        *("audit", "audit_reason", "coupon_code", "import_row", "job", "lookup", "proposal"),
        *("proposal_decision", "redemption", "signal"),
    },
    # How long the contacts of a guest are kept depends on its last booking.
    "domain/privacy/keeping.py": {"booking", "contact", "member"},
    # What the rows of each table commit to is written with them.
    "domain/kernel/private_texts.py": {
        *("activity", "activity_reversal", "ledger_entry", "redemption", "referral"),
        *("member_change", "review", "tier_change", "transfer"),
    },
    # One answer under one snapshot, or a page that is one statement.
    "domain/ledger/subjects.py": {
        *("activity", "amendment", "booking", "redemption", "review", "reward"),
    },
    "domain/members/members.py": {"account"},
    "domain/earning/awards.py": {"amendment"},
    "domain/redemptions/redemption_reads.py": {"reward"},
    "domain/redemptions/member_coupons.py": {"coupon_code"},
    # Details of a delivery go when their member is erased.
    "domain/redemptions/delivery_details.py": {"member"},
    "domain/bookings/booking_reads.py": {"award", "lot"},
    "domain/bookings/booking_state.py": {"redemption"},
    # What members did, counted by one statement before any of these rooms judges.
    "domain/earning/counts.py": {
        "activity",
        "activity_reversal",
        "amendment_line",
        "booking",
        "booking_line",
        "completion",
        "redemption",
        "refund",
        "referral",
        "refund_line",
        "reward",
    },
    # What members did, as missions read it before the rooms that record it.
    "domain/grants/deeds.py": {
        "account",
        "amendment_line",
        "booking",
        "booking_line",
        "completion",
        "redemption",
        "refund",
        "refund_line",
        "reward",
        "tier_change",
    },
    # A page of activities says what became of each.
    "domain/grants/activity_list.py": {"redemption"},
    # What variants cost is what is left of the facts that they judged.
    "domain/experiments/costs.py": {
        *("activity_reversal", "amendment", "award", "booking", "redemption", "refund"),
        "refund_line",
    },
    # Candidates of a job, found by what several rooms say of a member.
    "domain/activities/calendar_rules.py": {"activity", "member"},
    "domain/bookings/overdue.py": {"lot"},
    "domain/notices/reminders.py": {"lot", "member"},
    "domain/notices/upcoming.py": {
        *("account", "amendment_line", "booking_line", "coupon_code", "member"),
    },
    "domain/accounts/sweeps.py": {"account"},
    # The account's row has its last seal, and a new member's first seal names its row.
    "domain/accounts/accounts.py": {"member"},
    "domain/accounts/seals.py": {"account"},
    "domain/accounts/tier_sweeps.py": {"account"},
    "domain/activities/tier_raises.py": {"account", "tier_credit"},
    # The account's row is the ledger's lock and keeps how the tier stands, too.
    "domain/members/enrolment.py": {"account"},
    "domain/tiers/tiers.py": {"account"},
    # An export says what several rooms hold of members at one instant.
    "domain/jobs/export_rows.py": {
        *("contact", "member", "ledger_entry", "lot", "allocation", "redemption", "reward"),
        *("partner", "partner_payment", "partner_statement", "member_change", "erasure"),
    },
    # A quote's row has what it reserves, which is released before any room of bookings.
    "domain/earning/reservations.py": {"quote"},
    # Numbering marks the events that the kernel's outbox writes, in the same rows.
    "domain/delivery/numbering.py": {"outbox_event", "programme"},
    "domain/delivery/lanes.py": {"delivery_target", "outbox_event", "webhook"},
    "domain/delivery/recording.py": {"delivery_target", "webhook"},
    "domain/delivery/targets.py": {"delivery_target"},
    "domain/webhooks/endpoints.py": {"partner_key"},
    "domain/delivery/forgetting.py": {"outbox_event"},
    "domain/delivery/feed.py": {"outbox_event"},
    "domain/delivery/following.py": {"outbox_event"},
    "domain/delivery/deliveries.py": {"outbox_event"},
    # How many points of a lot came back in others is asked where its value is.
    "domain/valuation/lot_values.py": {"lot"},
    # Who reported what matured by time alone, in a room before that of bookings.
    "domain/accounts/due_events.py": {"booking"},
    # Publishing refuses points that no partner of the programme pays for.
    "domain/programmes/funders.py": {"partner"},
    # A grant is stored as an activity, in a room before that of the activities reported.
    "domain/activities/activities.py": {"activity"},
    "domain/activities/activity_reads.py": {"activity", "activity_reversal"},
    "domain/activities/rejudging.py": {"activity"},
    "domain/activities/waiting.py": {"activity", "redemption"},
    # A month of a partner is what all that moves points or delivers says of it.
    "domain/settlement/reading.py": {
        *("activity", "activity_reversal", "amendment", "award", "booking", "refund"),
        *("allocation", "ledger_entry", "lot"),
        *("coupon_code", "coupon_use", "redemption", "reward"),
    },
    # What plays a past reads all that an account has had.
    "domain/history/history_accounts.py": {
        "award",
        "booking",
        "ledger_entry",
        "member",
        "tier_change",
        "tier_credit",
    },
    # What was seen before a fact is read by one statement, before any of these rooms records it.
    "domain/risk/prior_facts.py": {
        *("activity", "amendment", "booking", "ledger_entry", "redemption", "refund_line"),
        "transfer",
    },
    # What is withheld of a booking is what its amendments earned, too; what staff let through of
    # it is what it had then.
    "domain/risk/reviewed.py": {"amendment", "award", "refund"},
    # Points that are to be given away and wait are held before the room of redemptions.
    "domain/risk/holding.py": {"redemption"},
    # A review is of a fact of any room, and points wait in lots.
    "domain/reviews/reviews.py": {
        *("activity", "allocation", "amendment", "award", "booking", "ledger_entry", "lot"),
        *("redemption", "review", "risk_decision"),
    },
    "domain/reviews/releasing.py": {
        *("activity", "completion", "lot", "review", "risk_decision"),
    },
    "domain/reviews/measuring.py": {"review", "risk_decision"},
    # What a dead hold gives back is written as any account closes, before the room of redemptions.
    "domain/rewards/released.py": {"redemption"},
}
"""Modules that name tables of other rooms, and why they may; the list only shrinks."""

_NAMED = r"[a-z_]+(?: (?:AS )?[a-z_]+)?"
SQL_TABLES = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|USING)\s+(?:ONLY )?({_NAMED}(?:, {_NAMED})*)")
"""A table, or several with commas, each with its alias."""

MODELS = {
    name: model._meta.db_table
    for name, model in vars(models).items()
    if isinstance(model, type) and issubclass(model, Model)
}
"""The table of each model."""


def read_by(room: str, path: Path) -> set[str]:
    """The tables of other rooms that a module names in SQL, or whose model it imports."""
    own = set(OWNERS.get(room, ()))
    return {table for table in named_in(parsed(path)) if table not in own}


def named_in(module: ast.Module) -> Iterator[str]:
    """Tables after FROM, JOIN and the like in strings, docstrings aside, and as models."""
    said = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    tables = {table for owned in OWNERS.values() for table in owned}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            for listed in SQL_TABLES.findall(node.value):
                yield from tables & set(re.findall("[a-z_]+", listed))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "models":
            yield from (MODELS[alias.name] for alias in node.names if alias.name in MODELS)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "models":
            yield from (table for name, table in MODELS.items() if name == node.attr)


def test_every_table_has_one_owner() -> None:
    owned = [table for tables in OWNERS.values() for table in tables]
    assert sorted(owned) == sorted(MODELS.values())
    assert set(OWNERS) <= set(ROOMS)


def test_a_room_names_only_its_own_tables() -> None:
    foreign = {
        str(path.relative_to(ROOT)): tables
        for room in ROOMS
        if room not in READS_ALL
        for path in files_of(f"domain/{room}")
        if (tables := read_by(room, path))
    }
    assert foreign == READERS


def test_a_table_of_another_room_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        '"""Reads it FROM member, says the docstring."""\n'
        "import models\n"
        "from models import Account, Lookup as Named\n"
        "SQL = f'SELECT {1} FROM ' 'unnest($1) w JOIN award a ON true JOIN lot l ON true'\n"
        "UPDATE = 'UPDATE ONLY booking SET x = 1 FROM refund AS r, quote'\n"
        "WORDS = 'a message from member to transfer'\n"
        "def of():\n"
        "    return models.Reward.all()\n",
        encoding="utf-8",
    )
    assert read_by("ledger", planted) == {
        "lookup",
        "award",
        "booking",
        "refund",
        "quote",
        "reward",
    }
    assert read_by("bookings", planted) >= {"account", "lot", "award"}
