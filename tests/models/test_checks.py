"""Every CHECK refuses a bad row, whoever writes it: tried as the owner, on real rows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

import models
from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.backtests import backtests, runs
from domain.bookings import bookings, overdue
from domain.experiments import stopping
from domain.finance import closing
from domain.jobs.jobs import ExportKind, ImportKind
from domain.kernel import revocations
from domain.kernel.ids import new_id
from domain.kernel.signals import Signals
from domain.members import looks, segment_lists
from domain.members.consents import Purpose
from domain.members.identity import MemberKey
from domain.members.looks import Look
from domain.notices import announcing, reminders
from domain.partners import prepaid
from domain.partners.prepaid import PurchaseSent
from domain.programmes.programmes import Programme
from domain.redemptions.delivery_details import DeliverySent
from domain.upkeep import records
from domain.upkeep.records import Seen
from ops.worker.senders import Sender
from tests.conftest import Database
from tests.support import (
    backtested,
    granted,
    numbered,
    referred,
    risks,
    sending,
    tiered,
    travel,
    trials,
)
from tests.support import factories as make


@dataclass(frozen=True, slots=True)
class Rows:
    """One good row of every table, to be made bad; all were made after `since`."""

    programme: Programme
    member: UUID
    coupon: models.Reward
    since: UUID


@pytest.fixture(scope="module")
async def good(database: Database) -> Rows:
    since, rules = new_id(), make.shipped_rules()
    rules[0]["budget"] = {"points": 10**9}
    document = make.shipped_document(earning=rules, referrals={"qualifies": "enrolled"})
    programme = await make.establish(document)
    joined = make.NOW - timedelta(days=90)
    member = await referred.bring(
        programme,
        await make.enrol(programme, now=joined),
        now=joined,
        email=f"{programme.code}@example.com",
    )
    await make.book(programme, member, ("flight", "6000"))
    for type_, reference in (("review", "1"), ("share", "1"), ("share", "2"), ("share", "3")):
        await activities.earn(
            make.request(make.partner(programme)),
            programme,
            MemberKey.of_id(member),
            ActivitySent(type_, reference),
        )
    await tiered.assign(programme, member, "platinum")
    await make.use_benefit(programme, member, "free_cancellation")
    await make.enrol(programme, reference="listed")
    await segment_lists.add(programme, "vip", ["listed"], make.NOW, by="staff:kim")
    service = await make.reward(programme, list_points=100, stock=3)
    await make.redeem(programme, member, service)
    coupon = await make.reward(programme, kind="COUPON", pooled_codes=True, list_points=100)
    await make.pool(coupon, "A", "B")
    await make.redeem(programme, member, coupon)
    await make.transfer(programme, member, await make.enrol(programme), 10)
    later = make.NOW + timedelta(days=1)
    await records.record_verification(make.NOW, later, Seen(1, 1, 0))
    await make.compare(programme, now=later)
    running = await backtested.start(programme, later, backtested.text_of(programme))
    for _ in range(2):
        await runs.step(programme, await backtests.get(programme.id, running), later)
    await _travel(programme, member)
    expiring = make.NOW + timedelta(days=350)
    for found in [one async for one in reminders.candidates(programme, expiring)]:
        await reminders.remind(programme, found, expiring)
    await _trade(programme)
    await _figure()
    await _say(programme, member)
    await make.draft(programme)
    await make.decided(programme)
    await make.propose(programme, by="bob")
    await make.adjust(programme, member, 5)
    await _send(programme)
    await _to_deliver(programme, member, coupon)
    await _move_in(programme)
    await make.close(programme, await make.rich_member(programme, 5), 5)
    return Rows(programme, member, coupon, since)


async def _travel(programme: Programme, member: UUID) -> None:
    """Bookings of this member in every state, and others' that are overdue, or brought a grant."""
    flight = make.line_of("flight", "100")
    await travel.pay(programme, member, "B", flight, flight)
    await travel.complete(programme, "B", 1)
    await travel.refund(programme, "B", "R", (1, "10"))
    await travel.amend(programme, "B", "A", flight, flight, flight)
    await travel.refund(programme, "not come yet", "R")
    await travel.guarantee(programme, member, flight)
    overdue_at = make.NOW + timedelta(days=60)
    asking = await make.establish(
        make.shipped_document(
            points={"worth": {"points": 100, "money": 1}, "available": "on_completion"},
            completion={"overdue_days": 10, "then": "review"},
        )
    )
    await travel.pay(asking, await make.enrol(asking), "B", flight)
    for late in [one async for one in overdue.members(asking, overdue_at)]:
        await overdue.put_up(asking, late, overdue_at)
    welcome = granted.grant("welcome", "tier_entry", tiers=["gold"], gives={"points": 300})
    giving = await make.establish(make.shipped_document(grants=[welcome]))
    await travel.pay(giving, await make.enrol(giving), "B", make.line_of("hotel", "5000"))
    await travel.refund(giving, "B", "R")


async def _try_on_one() -> None:
    """An experiment with a trial, which staff ended."""
    days = {"from": "2026-03-01", "until": "2026-03-31"}
    tried = await make.establish(trials.document(trials.earn_rate(**days)))
    await make.book(tried, await trials.member(tried, "earn_rate", "b"), ("hotel", "100"))
    await stopping.stop(make.request(make.staff(tried)), tried, "earn_rate", "It is dear.")


async def _trade(programme: Programme) -> None:
    """A booking that is under review; a partner with a key, terms, a closed month of nothing, and
    what was paid for it; and ended sessions.
    """
    await _look_into()
    await revocations.revoke(make.request(make.staff(programme)), "kim", None, make.NOW)
    partner = await models.Partner.create(
        id=new_id(), programme_id=programme.id, code="p", name="P", created_at=make.NOW
    )
    await models.PartnerKey.create(
        id=programme.id.hex,
        programme_id=programme.id,
        partner_id=partner.id,
        environment="test",
        secret_sha256=bytes(32),
        scopes="",
        created_at=make.NOW,
    )
    await make.agree(programme, "p", from_month="2026-01")
    bought = PurchaseSent("p", 100, "PO-1")
    await prepaid.buy(make.request(make.staff(programme)), programme, bought)
    await make.settle_through(programme, date(2026, 1, 31))
    await models.PartnerPayment.create(
        id=new_id(),
        programme_id=programme.id,
        statement_id=await make.statement(programme, "p", "2026-01"),
        amount_minor=5,
        reference="paid",
        paid_at=make.NOW,
        paid_by="staff:kim",
    )


async def _figure() -> None:
    """A month that is settled with its figures, and closed."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "100"))
    await make.settle_through(programme, date(2026, 3, 31))
    await closing.close(make.request(make.staff(programme)), programme, "2026-03")
    day = date(2026, 3, 31)
    await models.DayLeaf.create(
        member_id=member_id,
        day=day,
        number=1,
        seal_hash=bytes(32),
        entries_root=bytes(32),
        place=0,
        path=b"",
    )
    await models.Root.create(
        programme_id=programme.id,
        day=day,
        began_at=make.NOW,
        ended_at=make.NOW + timedelta(days=1),
        leaves=1,
        line="{}",
    )
    await _try_on_one()


async def _pay_with_coupon(programme: Programme, member: UUID) -> None:
    """A booking whose coupon went back."""
    reward = await make.reward(programme, kind="COUPON", list_points=1, worth_minor=500)
    [code] = (
        await make.redemption(programme, member, await make.redeem(programme, member, reward))
    ).codes
    await travel.pay(programme, member, "CB", make.line_of("hotel", "10"), coupon=code)
    await travel.refund(programme, "CB", "CR")


async def _say(programme: Programme, member: UUID) -> None:
    """What a member says, and what it is told; one that has left."""
    await make.claim(programme, member)
    await make.say(programme, member)
    await make.erase(programme, await make.enrol(programme, email="erased@example.com"))
    await looks.record(Look("staff:kim", "1", make.NOW), {member: looks.ALL})
    await make.consent(programme, member, Purpose.MARKETING)
    await make.notice(programme, member)
    await make.bounce(programme)
    await make.template(programme)
    await make.device(programme, member)
    unproved = await make.enrol(programme)
    own = make.member_caller(programme, "unproved", unproved)
    await make.change(programme, unproved, caller=own, email="unproved@example.com")
    await make.contact_code(programme, unproved)
    moved = await make.enrol(programme, email="moved@example.com")
    await make.change(programme, moved, email=None)
    await make.announcement(programme, notify=True)
    async for one in announcing.listeners(programme, make.NOW):
        await announcing.announce(programme, one, make.NOW)


async def _send(programme: Programme) -> None:
    """What is numbered, to nobody who listens."""
    await make.webhook(programme, now=make.NOW - timedelta(days=1))
    await numbered.number(programme, make.NOW)
    sender = Sender(sending.carriers(), asyncio.Event(), lambda: make.NOW)
    await sender.begin()
    await sender.end()


async def _move_in(programme: Programme) -> None:
    """Balances that were brought in, and members that were not."""
    await make.enrol(programme, reference="moves")
    controls = {"control_rows": 1, "control_points": 50}
    made = await make.start_import(programme, ImportKind.BALANCES, now=make.NOW, **controls)
    row = {"member": "moves", "points": "50", "expires_on": "2027-12-31"}
    await make.send_rows(programme, made, row)
    await make.do_imports(programme)
    await make.export(programme, ExportKind.MEMBERS)
    for name in ("moved", ""):
        made = await make.start_import(programme)
        await make.send_rows(programme, made, {"reference": name}, {"reference": "x", "zzz": "y"})
        await make.do_imports(programme)


async def _to_deliver(programme: Programme, member: UUID, coupon: models.Reward) -> None:
    """An order with its address, a stock that was corrected, and a coupon on a booking."""
    await _pay_with_coupon(programme, member)
    box = await make.reward(programme, kind="PRODUCT", list_points=100, requires="ADDRESS")
    address = DeliverySent("Li Na", "1", "Nanjing Road 1")
    await make.redeem(programme, member, box, delivery=address)
    await models.StockChange.create(
        id=new_id(),
        reward_id=coupon.id,
        change=1,
        remaining=1,
        reason="found",
        actor="staff:kim",
        changed_at=make.NOW,
    )


async def _look_into() -> None:
    """A booking that is under review, with a signal and the rules that fired at it."""
    rules = [
        risks.rule("large", "earn", "amount", "review", over=1),
        risks.rule("held", "earn", "amount", "hold", over=1),
    ]
    programme = await make.establish(make.shipped_document(risk={"rules": rules}))
    phone = Signals({"device": bytes(32)})
    by = replace(make.request(make.partner(programme)), signals=phone)
    own = await risks.enrol(programme)
    await bookings.earn(by, programme, MemberKey.of_id(own), make.booking(("hotel", "100")))


BACK = "CASE WHEN use_id IS NOT NULL THEN gen_random_uuid() END"
UNDONE = "released_at = NULL, cancelled_at = NULL, cancelled_by = NULL"
SENT = f"status = 'FULFILLED', fulfilled_at = now(), shipped_at = now(), {UNDONE}"
BY = "released_at = NULL, partner_units = 5, cancelled_at = created_at, cancelled_by = 'staff:kim'"
PLAIN = "open_value = false, pooled_codes = false, partner_units = NULL, unit_names = NULL"
OF_COUPON = "kind = 'COUPON', partner_units = NULL, unit_names = NULL"
OF_A = "kind = 'PARTNER', open_value = false, pooled_codes = false"

BAD = [
    ("account", "account_closed", "closed_at = now(), owed = 1"),
    ("account", "account_closed", "closed_at = now(), held = 1"),
    ("account", "account_closed_finite", "closed_at = 'infinity', owed = 0, held = 0"),
    ("account", "account_hash", "last_hash = 'x'"),
    ("account", "account_merged", "merged_into = member_id, closed_at = now(), owed = 0, held = 0"),
    ("account", "account_merged", "merged_into = gen_random_uuid(), closed_at = NULL"),
    ("account", "account_never_negative", "pending = -1"),
    ("account", "account_never_negative", "available = -1"),
    ("account", "account_never_negative", "held = -1 WHERE closed_at IS NULL"),
    ("account", "account_never_negative", "owed = -1 WHERE closed_at IS NULL"),
    ("account", "account_recorded", "last_recorded_at = NULL"),
    ("account", "account_recorded", "last_effective_at = NULL"),
    ("account", "account_seal", "seal_hash = NULL"),
    ("account", "account_seal", "seal_hash = 'x'"),
    ("account", "account_seal", "seal_number = -1"),
    ("account", "account_sequence", "sequence = -1 WHERE sequence > 0"),
    ("account", "account_tier_assigned", "tier_assigned_until = now(), tier_review_due_at = now()"),
    ("account", "account_tier_grace", "tier_grace_until = now(), tier_review_due_at = now()"),
    (
        "account",
        "account_tier_grace",
        "tier_until = now(), tier_grace_until = now(), tier_review_due_at = now()",
    ),
    ("account", "account_tier_higher", "tier_earned = 'x'"),
    ("account", "account_tier_higher", "tier_earned = 'x', tier_assigned = 'y'"),
    ("account", "account_tier_review", "tier_until = now()"),
    ("account", "account_tier_review", "tier_review_due_at = now()"),
    ("activity", "activity_content", "content_hash = 'x'"),
    ("activity", "activity_gives_one", "reward = 'cup', points = 1, reporter = 'system'"),
    ("activity", "activity_gives_one", "reward = 'cup', benefit = 'bed', reporter = 'system'"),
    ("activity", "activity_of_system", "brought_by = id"),
    ("activity", "activity_over_limit_earns_nothing", "within_limit = false, points = 1"),
    ("activity", "activity_points", "points = -1"),
    ("activity_reversal", "activity_reversal_cause", "brought_by = NULL"),
    ("activity_reversal", "activity_reversal_cause", "reason = 'fraud'"),
    (
        "activity_reversal",
        "activity_reversal_cause",
        "number = 2, kind = 'RESTORED', points_clawed_back = 0, brought_by = NULL, reason = 'x'",
    ),
    ("activity_reversal", "activity_reversal_in_turn", "number = 2"),
    ("activity_reversal", "activity_reversal_in_turn", "number = -1"),
    ("activity_reversal", "activity_reversal_in_turn", "kind = 'RESTORED', points_clawed_back = 0"),
    ("activity_reversal", "activity_reversal_points", "points_owed = -1"),
    ("activity_reversal", "activity_reversal_points", "points_owed = points_clawed_back + 1"),
    (
        "activity_reversal",
        "activity_reversal_points",
        "points_forgiven = -1, points_clawed_back = points + 1",
    ),
    (
        "activity_reversal",
        "activity_reversal_points",
        "points_expired = -1, points_clawed_back = points + 1",
    ),
    ("activity_reversal", "activity_reversal_sum", "points = points + 1"),
    ("activity_attempts", "activity_attempts_more_than_one", "attempts = 1"),
    ("allocation", "allocation_points", "points = 0"),
    ("amendment", "amendment_amounts", "cash_minor = -1"),
    ("amendment", "amendment_amounts", "cash_minor = total_minor + 1"),
    ("amendment", "amendment_content", "content_hash = 'x'"),
    ("amendment", "amendment_points", "points = -1"),
    ("amendment", "amendment_points", "points_awarded = -1"),
    ("amendment", "amendment_points", "points_reissued = -1"),
    ("amendment", "amendment_points", "points_clawed_back = -1"),
    ("amendment", "amendment_points", "points_owed = -1"),
    ("amendment", "amendment_points", "points_owed = points_clawed_back + 1"),
    ("amendment", "amendment_points", "points_forgiven = -1"),
    ("amendment", "amendment_points", "points_expired = -1"),
    ("amendment", "amendment_points", "points_reinstated = -1"),
    ("amendment", "amendment_version_counts", "version = 0"),
    ("amendment_line", "amendment_line_amounts", "cash_minor = -1"),
    ("amendment_line", "amendment_line_amounts", "cash_minor = amount_minor + 1"),
    ("amendment_line", "amendment_line_amounts", "points = -1"),
    ("amendment_line", "amendment_line_amounts", "points_returned = -1"),
    (
        "amendment_line",
        "amendment_line_travel",
        "travel_from = '2026-05-02', travel_to = '2026-05-01'",
    ),
    ("award", "award_of_one_fact", "booking_id = NULL, activity_id = NULL"),
    ("award", "award_of_one_fact", "booking_id = id, activity_id = id"),
    ("award", "award_one_change", "refund_id = id, amendment_id = id"),
    ("award", "award_one_change", "refund_id = id, activity_reversal_id = id"),
    ("award", "award_points", "points = 0"),
    ("award", "award_points", "points = 0, amendment_id = id"),
    ("award", "award_points", "points = 0, refund_id = id"),
    ("award", "award_reversal_of_activity", "activity_reversal_id = id"),
    ("award", "award_points", "points = -1, refund_id = NULL, amendment_id = NULL"),
    (
        "claim",
        "claim_booked",
        "status = 'APPROVED', points = 1, decided_by = 'x', decided_at = opened_at",
    ),
    ("claim", "claim_decided", "decided_by = 'staff:kim'"),
    ("claim", "claim_decided", "status = 'WITHDRAWN'"),
    ("claim", "claim_decided", "decided_at = opened_at"),
    (
        "claim",
        "claim_decided",
        "status = 'WITHDRAWN', decided_by = 'x', decided_at = opened_at - interval '1 s'",
    ),
    ("erasure", "erasure_finite", "erased_at = 'infinity'"),
    ("erasure", "erasure_points", "points = -1"),
    ("erasure", "erasure_was", "was = 'ERASED'"),
    ("private_text", "private_text_commitment", "commitment = 'sha256:x'"),
    ("private_text", "private_text_gone", "salt = NULL"),
    ("private_text", "private_text_salt", "salt = 'short'"),
    ("review", "review_decided", "decided_at = opened_at"),
    ("review", "review_decided", "state = 'APPROVED'"),
    (
        "review",
        "review_decided",
        "state = 'APPROVED', decided_at = opened_at, decided_by = 'x', reason = ''",
    ),
    (
        "review",
        "review_decided",
        "state = 'OPEN', decided_at = opened_at, decided_by = 'x', reason = 'y'",
    ),
    ("review", "review_ends", "ends_at = opened_at + interval '1 h'"),
    ("review", "review_ends", "moment = 'redeem'"),
    ("review", "review_ends", "moment = 'redeem', ends_at = opened_at"),
    ("review", "review_enrolment", "moment = 'enrol'"),
    ("review", "review_enrolment", "fact_id = member_id"),
    ("review", "review_finite", "opened_at = '-infinity'"),
    ("review", "review_moment", "moment = 'sleep'"),
    ("review", "review_points", "points = -1"),
    (
        "review",
        "review_state",
        "state = 'LOST', decided_at = opened_at, decided_by = 'x', reason = 'y'",
    ),
    ("review", "review_transfer", "counterpart_id = member_id"),
    ("review", "review_transfer", "note = 'x'"),
    ("review", "review_transfer", "moment = 'transfer', ends_at = opened_at + interval '1 h'"),
    ("risk_decision", "risk_decision_decision", "decision = 'wait'"),
    ("risk_decision", "risk_decision_finite", "at = '-infinity'"),
    ("risk_decision", "risk_decision_mode", "mode = 'dry'"),
    ("risk_decision", "risk_decision_moment", "moment = 'sleep'"),
    ("risk_decision", "risk_decision_points", "points = -1"),
    ("risk_decision", "risk_decision_shadow", "mode = 'shadow'"),
    ("risk_decision", "risk_decision_until", "decision = 'review', until = at + interval '1 h'"),
    ("risk_decision", "risk_decision_until", "decision = 'hold', until = at"),
    ("signal", "signal_digest", "digest = '\\x00'"),
    ("signal", "signal_fact", "fact = 'stay'"),
    ("signal", "signal_fact", "moment = 'enrol', fact = 'booking'"),
    ("signal", "signal_finite", "at = 'infinity'"),
    ("signal", "signal_kind", "kind = 'name'"),
    ("signal", "signal_moment", "moment = 'sleep', fact = NULL"),
    ("signal", "signal_points", "points = -1"),
    ("access", "access_finite", "at = 'infinity'"),
    ("access", "access_shown", "fields = ''"),
    ("contact", "contact_commitment", "salt = 'x'"),
    ("contact", "contact_commitment", "commitment = 'li'"),
    ("contact", "contact_digest", "digest = 'x'"),
    ("contact", "contact_encrypted", "value = 'li@example.com'"),
    ("contact", "contact_encrypted", "value = '+8613800138000'"),
    ("contact", "contact_finite", "proved_at = 'infinity', proved_by = 'x'"),
    ("contact", "contact_kind", "kind = 'FAX'"),
    ("contact", "contact_proof", "proved_at = now(), proved_by = NULL"),
    ("consent", "consent_channel", "channel = NULL"),
    ("consent", "consent_channel", "channel = 'FAX'"),
    ("consent", "consent_channel", "purpose = 'PROFILING'"),
    ("consent", "consent_finite", "recorded_at = 'infinity'"),
    ("consent", "consent_number", "number = 0"),
    ("consent", "consent_purpose", "purpose = 'OTHER', channel = NULL"),
    ("amendment", "amendment_coupon", "coupon_minor = -1"),
    ("amendment", "amendment_coupon", "coupon_minor = total_minor - cash_minor + 1"),
    ("amendment_line", "amendment_line_coupon", "coupon_minor = -1"),
    ("amendment_line", "amendment_line_coupon", "coupon_minor = amount_minor - cash_minor + 1"),
    ("booking", "booking_coupon", "coupon_minor = -1"),
    ("booking", "booking_coupon", "coupon_minor = total_minor - cash_minor + 1"),
    ("booking_line", "booking_line_coupon", "coupon_minor = -1"),
    ("booking_line", "booking_line_coupon", "coupon_minor = amount_minor - cash_minor + 1"),
    ("refund_line", "refund_line_coupon", "coupon_minor = -1"),
    ("refund_line", "refund_line_coupon", "coupon_minor = gross_minor - cash_minor + 1"),
    (
        "coupon_code",
        "coupon_code_on_booking",
        "booking_id = id, booking_member_id = id WHERE status = 'ISSUED'",
    ),
    ("coupon_code", "coupon_code_on_booking", "booking_id = id WHERE status = 'ISSUED'"),
    ("coupon_use", "coupon_use_discount", "discount_minor = 0"),
    ("coupon_use", "coupon_use_finite", "recorded_at = 'infinity'"),
    ("coupon_use", "coupon_use_kind", "refund_id = id WHERE use_id IS NULL"),
    ("coupon_use", "coupon_use_kind", "refund_id = NULL WHERE use_id IS NOT NULL"),
    ("coupon_use", "coupon_use_kind", "amendment_id = id WHERE use_id IS NOT NULL"),
    ("coupon_use", "coupon_use_products", "products = '[]'"),
    ("coupon_use", "coupon_use_products", "products = '{}'"),
    ("notice_template", "notice_template_channel", "channel = 'FAX'"),
    ("notice_template", "notice_template_channel", "channel = 'SMS'"),
    ("notice_template", "notice_template_channel", "body = NULL"),
    ("notice_template", "notice_template_finite", "published_at = 'infinity'"),
    ("notice_template", "notice_template_locale", "locale = 'fr'"),
    ("notice_template", "notice_template_version", "version = 0"),
    ("announcement", "announcement_finite", "from_at = '-infinity'"),
    ("announcement", "announcement_finite", "saved_at = 'infinity'"),
    ("announcement", "announcement_named", "code = ''"),
    ("announcement", "announcement_notified", "notify = false"),
    ("announcement", "announcement_tiers", "tiers = '[]'"),
    ("announcement", "announcement_window", "until_at = from_at"),
    ("announcement", "announcement_words", "text = '[]'"),
    ("reminder", "reminder_finite", "recorded_at = 'infinity'"),
    ("reminder", "reminder_key", "key = ''"),
    ("reminder", "reminder_kind", "kind = 'welcome'"),
    ("contact_code", "contact_code_asked", "asked = 6"),
    ("contact_code", "contact_code_digest", "digest = 'x'"),
    ("contact_code", "contact_code_finite", "asked_at = 'infinity'"),
    ("contact_code", "contact_code_kind", "kind = 'FAX'"),
    ("contact_code", "contact_code_over", "digest = NULL"),
    ("contact_code", "contact_code_tries", "tries = 6"),
    ("push_address", "push_address_finite", "registered_at = 'infinity'"),
    ("push_address", "push_address_named", "address = ''"),
    ("push_address", "push_address_provider", "provider = 'FAX'"),
    ("push_address", "push_address_slot", "slot = 0"),
    ("push_address", "push_address_slot", "slot = 11"),
    ("erased_contact", "erased_contact_digest", "digest = 'x'"),
    ("erased_contact", "erased_contact_finite", "until = 'infinity'"),
    ("past_contact", "past_contact_digest", "digest = 'x'"),
    ("past_contact", "past_contact_finite", "known_until = 'infinity'"),
    ("suppression", "suppression_channel", "channel = 'FAX'"),
    ("suppression", "suppression_digest", "digest = 'x'"),
    ("suppression", "suppression_finite", "changed_at = 'infinity'"),
    ("suppression", "suppression_kind", "kind = 'OTHER'"),
    ("suppression", "suppression_soft", "soft = '{}'"),
    ("notice", "notice_channels", "channels = '[]'"),
    ("notice", "notice_decided", "channels = NULL"),
    ("notice", "notice_decided", "decided_at = 'infinity'"),
    ("delivery", "delivery_reason", "reason = 'STALE' WHERE status <> 'CANCELLED'"),
    ("notice", "notice_finite", "happened_at = 'infinity'"),
    ("notice", "notice_finite", "read_at = '-infinity'"),
    ("notice", "notice_key", "key = ''"),
    ("notice", "notice_kind", "kind = 'rumour'"),
    ("notice", "notice_template", "template = 0"),
    ("notice", "notice_variables", "variables = '[]'"),
    ("feedback", "feedback_about", "booking_id = id, entry_id = id"),
    ("feedback", "feedback_answered", "answer = 'x'"),
    ("feedback", "feedback_answered", "answered_at = given_at, answered_by = 'x'"),
    (
        "feedback",
        "feedback_answered",
        "answer = 'x', answered_at = given_at - interval '1 s', answered_by = 'x'",
    ),
    ("feedback", "feedback_closed", "closed_at = given_at"),
    ("feedback", "feedback_closed", "closed_at = given_at - interval '1 s', closed_by = 'x'"),
    ("feedback", "feedback_finite", "given_at = '-infinity'"),
    ("feedback", "feedback_rating", "rating = 0"),
    ("feedback", "feedback_rating", "rating = 6"),
    ("claim", "claim_finite", "opened_at = '-infinity'"),
    ("claim", "claim_links", "links = '{}'"),
    ("claim", "claim_links", "links = '[1, 2, 3, 4]'"),
    ("claim", "claim_points", "points = 1"),
    ("claim", "claim_reason", "status = 'DECLINED', decided_by = 'x', decided_at = opened_at"),
    ("claim", "claim_status", "status = 'LOST', decided_by = 'x', decided_at = opened_at"),
    ("benefit_use", "benefit_use_content", "content_hash = 'x'"),
    ("benefit_use", "benefit_use_of_one_source", "activity_id = id"),
    ("benefit_use", "benefit_use_of_one_source", "quota = NULL, number = NULL"),
    ("benefit_use", "benefit_use_of_one_source", "period_from = NULL, period_until = NULL"),
    ("benefit_use", "benefit_use_returned", "returned_at = recorded_at"),
    ("benefit_use", "benefit_use_returned", "returned_by = 'staff:kim'"),
    (
        "benefit_use",
        "benefit_use_returned",
        "returned_at = recorded_at - interval '1 s', returned_by = 'staff:kim'",
    ),
    ("benefit_use", "benefit_use_within_period", "period_until = NULL"),
    ("benefit_use", "benefit_use_within_period", "used_at = period_until"),
    ("benefit_use", "benefit_use_within_period", "used_at = period_from - interval '1 s'"),
    ("benefit_use", "benefit_use_within_quota", "number = NULL"),
    ("benefit_use", "benefit_use_within_quota", "number = 0"),
    ("benefit_use", "benefit_use_within_quota", "number = quota + 1"),
    ("booking", "booking_amounts", "total_minor = -1, cash_minor = -1"),
    ("booking", "booking_amounts", "cash_minor = total_minor + 1"),
    ("booking", "booking_content", "content_hash = ''"),
    ("booking", "booking_points", "points = -1"),
    ("booking_line", "booking_line_amounts", "cash_minor = amount_minor + 1"),
    ("booking_line", "booking_line_amounts", "cash_minor = -1"),
    ("booking_line", "booking_line_numbered", "number = 0"),
    ("booking_line", "booking_line_points", "points = -1"),
    (
        "booking_line",
        "booking_line_travel",
        "travel_from = '2026-05-02', travel_to = '2026-05-01'",
    ),
    ("coupon_code", "coupon_code_issued_member", "status = 'ISSUED', redemption_id = id"),
    (
        "coupon_code",
        "coupon_code_issued_to",
        "status = 'VOID', redemption_id = NULL, member_id = NULL",
    ),
    ("coupon_code", "coupon_code_issued_to", "status = 'IMPORTED' WHERE status = 'ISSUED'"),
    ("coupon_code", "coupon_code_status", "status = 'LOST', redemption_id = id, member_id = id"),
    ("coupon_code", "coupon_code_used", "used_at = imported_at, used_by = 'partner:1'"),
    ("coupon_code", "coupon_code_used", "used_by = 'partner:1'"),
    ("coupon_code", "coupon_code_used", "status = 'USED', redemption_id = id, member_id = id"),
    (
        "coupon_code",
        "coupon_code_used",
        "status = 'USED', redemption_id = id, member_id = id, used_at = imported_at",
    ),
    ("expiry_reminder", "expiry_reminder_days", "days = 0"),
    ("expiry_reminder", "expiry_reminder_in_time", "recorded_at = expires_at"),
    ("expiry_reminder", "expiry_reminder_points", "points = 0"),
    ("member_change", "member_change_changes", "to_status = from_status"),
    ("member_change", "member_change_changes", "to_status = 'MERGED'"),
    ("member_change", "member_change_counted", "number = 0"),
    ("member_change", "member_change_finite", "recorded_at = 'infinity'"),
    (
        "member_change",
        "member_change_of_another",
        "to_status = 'MERGED', counterpart_id = member_id",
    ),
    ("member_change", "member_change_points", "points = -1"),
    ("member_change", "member_change_points", "to_status = 'SUSPENDED'"),
    ("member_change", "member_change_reason", "reason = ''"),
    ("member_change", "member_change_status", "points = 0, to_status = 'LOST'"),
    ("member_month", "member_month_month", "month = month + 1"),
    ("member_month", "member_month_trips", "trips = -1"),
    ("member_span", "member_span_trips", "second_booking = first_booking"),
    ("member_span", "member_span_trips", "first_booking = NULL, second_booking = joined"),
    ("figure_day", "figure_day_finite", "known_day = 'infinity' WHERE measure = 'cash'"),
    ("figure_day", "figure_day_measure", "measure = 'x' WHERE measure = 'cash'"),
    ("figure_day", "figure_day_status", "status = 'ERASED' WHERE measure = 'cash'"),
    ("figure_day", "figure_day_value", "value = 0"),
    ("lot_value", "lot_value_amount", "amount = -1"),
    ("lot_value", "lot_value_other", "source_lot_id = lot_id"),
    ("journal_day", "journal_day_account", "account = 'receivable:'"),
    ("journal_day", "journal_day_amounts", "debit = -1"),
    ("journal_day", "journal_day_amounts", "debit = 0, credit = 0, points = 0"),
    ("journal_day", "journal_day_cohort", "cohort = '2026-13'"),
    ("journal_day", "journal_day_finite", "day = 'infinity' WHERE account = 'deferred'"),
    ("liability_day", "liability_day_amounts", "points = 0"),
    ("liability_day", "liability_day_finite", "day = '-infinity'"),
    ("liability_day", "liability_day_month", "expiry_month = '2026-1'"),
    ("closed_period", "closed_period_finite", "closed_at = 'infinity'"),
    ("closed_period", "closed_period_month", "month = month + 1"),
    ("closed_period", "closed_period_sha256", "sha256 = 'x'"),
    ("idempotency_key", "idempotency_key_digest", "input_sha256 = 'x'"),
    (
        "ledger_entry",
        "ledger_entry_adjusted_with_reason",
        "kind = 'ADJUST', from_bucket = 'adjusted', to_bucket = 'available', reason = NULL",
    ),
    ("ledger_entry", "ledger_entry_after", "pending_after = -1"),
    ("ledger_entry", "ledger_entry_after", "available_after = -1"),
    ("ledger_entry", "ledger_entry_after", "held_after = -1"),
    ("ledger_entry", "ledger_entry_after", "owed_after = -1"),
    ("ledger_entry", "ledger_entry_effective", "effective_at = recorded_at + interval '1 us'"),
    ("ledger_entry", "ledger_entry_hash", "hash = 'x'"),
    ("ledger_entry", "ledger_entry_hash_version", "hash_version = 0"),
    ("ledger_entry", "ledger_entry_hold_dies", "holds_until = recorded_at"),
    (
        "ledger_entry",
        "ledger_entry_hold_dies",
        "kind = 'HOLD', from_bucket = 'available', to_bucket = 'held'",
    ),
    ("lookup", "lookup_expected", "member_id = NULL WHERE member_id IS NOT NULL"),
    ("lookup", "lookup_expected", "row_id = NULL WHERE row_id IS NOT NULL"),
    ("lookup", "lookup_expected", "member_id = NULL, row_id = NULL WHERE scope = 'reference'"),
    ("lookup", "lookup_proof", "proved_by = NULL WHERE proved_at IS NOT NULL"),
    ("lookup", "lookup_proof", "proved_at = NULL WHERE proved_at IS NOT NULL"),
    (
        "lookup",
        "lookup_proof",
        "proved_at = '2026-01-01', proved_by = 'x' WHERE scope = 'reference'",
    ),
    ("lot", "lot_line_of_a_booking", "line_number = 1, booking_id = NULL"),
    ("lot", "lot_matured_is_available", "matured_entry_id = id, available_at = NULL"),
    (
        "lot",
        "lot_matures_then_expires",
        "matures_at = earned_at, matured_expires_at = earned_at",
    ),
    ("delivery", "delivery_attempts", "attempts = -1"),
    ("delivery", "delivery_begun", "begun_at = 'infinity'"),
    ("delivery", "delivery_begun", "begun_at = due_at, status = 'DEAD' WHERE reason IS NULL"),
    ("delivery", "delivery_ended", "due_at = NULL"),
    ("delivery", "delivery_ended", "ended_at = numbered_at"),
    ("delivery", "delivery_ended", "status = 'DEAD' WHERE reason IS NULL"),
    ("delivery", "delivery_finite", "due_at = 'infinity' WHERE status = 'WAITING'"),
    ("delivery", "delivery_position", "position = 0"),
    ("delivery", "delivery_status", "status = 'LOST', due_at = NULL, ended_at = numbered_at"),
    ("delivery_attempt", "delivery_attempt_answered", "status = 200"),
    ("delivery_attempt", "delivery_attempt_answered", "error = NULL"),
    ("delivery_attempt", "delivery_attempt_answered", "answer = 'x'"),
    ("delivery_attempt", "delivery_attempt_finite", "at = 'infinity'"),
    ("delivery_attempt", "delivery_attempt_milliseconds", "milliseconds = -1"),
    ("delivery_lane", "delivery_lane_finite", "due_at = 'infinity'"),
    ("delivery_lane", "delivery_lane_leased", "lease = target"),
    ("delivery_lane", "delivery_lane_leased", "leased_until = '2026-01-01'"),
    ("delivery_target", "delivery_target_channel", "channel = 'webhook'"),
    ("delivery_target", "delivery_target_failures", "failures = -1"),
    ("delivery_target", "delivery_target_failures", "failures = 0"),
    ("delivery_target", "delivery_target_failures", "refused = -1"),
    ("delivery_target", "delivery_target_failures", "failing_since = NULL"),
    ("delivery_target", "delivery_target_finite", "last_success_at = 'infinity'"),
    ("webhook", "webhook_deleted", "deleted_at = created_at"),
    ("webhook", "webhook_finite", "heard_from = '-infinity'"),
    ("webhook", "webhook_old_secret", "old_secret = 'x'"),
    ("webhook", "webhook_old_secret", "old_until = created_at"),
    ("webhook", "webhook_slot", "slot = 0"),
    ("webhook", "webhook_slot", "slot = 21"),
    ("webhook", "webhook_topics", "topics = '[]'"),
    ("webhook", "webhook_topics", "topics = '{}'"),
    ("overdue_line", "overdue_line_raised", "raised_at = overdue_at - interval '1 second'"),
    ("feed_entry", "feed_entry_part", "part = (part + 1) % 16"),
    ("feed_entry", "feed_entry_position", "position = 0"),
    ("feed_head", "feed_head_part", "part = 16"),
    ("feed_head", "feed_head_position", "position = -1"),
    ("outbox_event", "outbox_event_part", "part = (part + 1) % 16"),
    ("outbox_event", "outbox_event_sequence", "sequence = -1"),
    ("outbox_event", "outbox_event_relay", "relay_failures = -1"),
    ("outbox_event", "outbox_event_relay", "relay_failures = 1"),
    ("outbox_event", "outbox_event_relay", "relay_after = recorded_at, relay_error = 'x'"),
    ("outbox_event", "outbox_event_relay", "relay_failures = 1, relay_after = recorded_at"),
    ("parked_fact", "parked_fact_kind", "kind = 'booking'"),
    ("refund", "refund_cash", "cash_minor = -1"),
    ("refund", "refund_content", "content_hash = 'x'"),
    ("refund", "refund_points", "points_clawed_back = -1"),
    ("referral", "referral_answers", "answers = 1"),
    ("referral", "referral_due", "due_at = NULL, applied_at = NULL"),
    ("referral", "referral_fact", "fact_at = NULL"),
    ("referral", "referral_flags", "flags = '{}'"),
    ("referral", "referral_not_of_oneself", "other_id = member_id"),
    ("referral", "referral_reason", "actor = 'staff:kim'"),
    ("referral", "referral_side", "side = 'BOTH'"),
    ("referral", "referral_status", "status = 'PAID', fact_at = recorded_at"),
    ("referral", "referral_status", "side = 'REFERRER', answers = 1"),
    ("referral", "referral_version", "version = 0 WHERE version = 1"),
    ("refund", "refund_points", "points_owed = points_clawed_back + 1"),
    ("refund", "refund_points", "points_forgiven = -1"),
    ("refund", "refund_points", "points_expired = -1"),
    ("refund", "refund_points", "points_reinstated = -1"),
    ("refund_line", "refund_line_amounts", "gross_minor = -1"),
    ("refund_line", "refund_line_amounts", "cash_minor = -1"),
    ("refund_line", "refund_line_amounts", "points = -1"),
    ("ledger_entry", "ledger_entry_points", "points = 0"),
    ("ledger_entry", "ledger_entry_points", "points = -5"),
    ("ledger_entry", "ledger_entry_points", "sequence = 0"),
    ("ledger_entry", "ledger_entry_buckets", "kind = 'GIFT'"),
    ("lookup", "lookup_scope", "scope = 'shoe_size'"),
    ("lot", "lot_expires_after_available", "expires_at = available_at"),
    ("lot", "lot_pending_has_no_expiry", "available_at = NULL"),
    ("lot", "lot_points", "remaining = -1"),
    ("lot", "lot_points", "remaining = points + 1"),
    ("lot", "lot_points", "points = 0, remaining = 0"),
    ("member", "member_not_own_referrer", "referred_by = member_id"),
    ("member", "member_profile", "profile = '[]'"),
    ("member", "member_status", "status = 'ASLEEP'"),
    ("partner_key", "partner_key_digest", "secret_sha256 = 'x'"),
    ("partner_key", "partner_key_secret_or_public", "secret_sha256 = NULL"),
    ("partner_key", "partner_key_secret_or_public", "partner_id = NULL"),
    ("partner_statement", "partner_statement_basis", "basis = 'SOLD'"),
    ("partner_statement", "partner_statement_month", "month = month + 1"),
    ("partner_statement", "partner_statement_volumes", "issued = -1"),
    ("partner_statement", "partner_statement_volumes", "reversed = -1"),
    ("partner_statement", "partner_statement_volumes", "expired = -1"),
    ("partner_statement", "partner_statement_net", "net_minor = 5"),
    (
        "partner_statement",
        "partner_statement_prepaid",
        "prepaid = true, charge_minor = 5, net_minor = 5 + fee_minor - delivered_minor",
    ),
    ("partner_statement", "partner_statement_settled", "settled_minor = abs(net_minor) + 1"),
    ("partner_statement", "partner_statement_settled", "settled_minor = -1"),
    ("partner_statement", "partner_statement_sha256", "sha256 = 'x'"),
    ("partner_statement", "partner_statement_finite", "closed_at = 'infinity'"),
    ("partner_points", "partner_points_never_exceeded", "used = bought + 1"),
    ("partner_points", "partner_points_never_exceeded", "bought = -1, used = -1"),
    ("partner_points", "partner_points_low_mark", "low_mark = -1"),
    ("partner_purchase", "partner_purchase_points", "points = 0"),
    ("partner_purchase", "partner_purchase_finite", "bought_at = 'infinity'"),
    ("partner_payment", "partner_payment_amount", "amount_minor = 0"),
    ("partner_payment", "partner_payment_finite", "paid_at = 'infinity'"),
    ("books", "books_settled", "settled_through = opened_on - 1"),
    ("books", "books_closed", "settled_through = opened_on, closed_through = opened_on + 1"),
    ("books", "books_closed", "settled_through = NULL, closed_through = opened_on"),
    ("books", "books_finite", "settled_until = 'infinity'"),
    ("redemption", "redemption_cost", "cost_minor = -1"),
    ("partner_terms", "partner_terms_basis", "basis = 'SOLD'"),
    ("partner_terms", "partner_terms_month", "from_month = '2026-03-02'"),
    ("partner_terms", "partner_terms_version", "version = 0"),
    ("partner_terms", "partner_terms_price", "price_per_point = -1"),
    ("partner_terms", "partner_terms_price", "price_per_point = 1000000.01"),
    ("partner_terms", "partner_terms_fee", "fee_percent = -0.1"),
    ("partner_terms", "partner_terms_fee", "fee_percent = 100.1"),
    ("partner_terms", "partner_terms_finite", "saved_at = 'infinity'"),
    ("policy_draft", "policy_draft_name", "name = ''"),
    ("policy_draft", "policy_draft_revision", "revision = 0"),
    ("policy_draft", "policy_draft_document", "document = repeat('x', 262145)"),
    ("staff_day", "staff_day_points", "points = -1"),
    ("revocation", "revocation_subject", "subject = 'x'"),
    ("revocation", "revocation_finite", "revoked_at = 'infinity'"),
    ("audit", "audit_sequence", "sequence = 0"),
    ("audit", "audit_finite", "at = 'infinity'"),
    ("audit", "audit_named", "actor = ''"),
    ("audit", "audit_objects", "after = '[]'"),
    ("audit", "audit_reason", "reason = 'goodwill'"),
    ("audit", "audit_rows", "rows = 'x'"),
    ("audit", "audit_hashes", "hash = 'x'"),
    ("audit_head", "audit_head_sequence", "sequence = -1"),
    ("audit_head", "audit_head_hash", "hash = 'x'"),
    ("audit_reason", "audit_reason_whole", "salt = NULL"),
    ("audit_reason", "audit_reason_salt", "salt = 'x'"),
    ("policy_version", "policy_version_document", "document = '[]'"),
    ("policy_version", "policy_version_positive", "version = 0"),
    ("policy_version", "policy_version_effective_from_finite", "effective_from = 'infinity'"),
    (
        "policy_version",
        "policy_version_second_person",
        "published_by = 'staff:ops:kim', approved_by = 'staff:kim'",
    ),
    ("proposal", "proposal_input", "input = '[]'"),
    ("proposal", "proposal_lives", "expires_at = proposed_at"),
    ("proposal", "proposal_sha256", "sha256 = 'x'"),
    ("proposal_decision", "proposal_decision_in_time", "decided_at = expires_at"),
    ("proposal_decision", "proposal_decision_outcome", "outcome = 'OPEN'"),
    ("proposal_decision", "proposal_decision_reason", "reason = NULL WHERE outcome = 'REJECTED'"),
    ("proposal_decision", "proposal_decision_reason", "reason = '' WHERE outcome = 'REJECTED'"),
    ("proposal_decision", "proposal_decision_reason", "reason = 'x' WHERE outcome = 'DONE'"),
    (
        "proposal_decision",
        "proposal_decision_second_person",
        "decided_by = 'staff:ops:ann' WHERE outcome = 'DONE'",
    ),
    ("programme", "programme_clock_never_behind", "clock_offset_seconds = -1"),
    ("quote", "quote_expires", "expires_at = created_at"),
    ("quote", "quote_points", "points = -1"),
    ("quote", "quote_released", "status = 'EXPIRED'"),
    ("quote", "quote_released", "released_at = created_at"),
    ("quote", "quote_status", "status = 'LOST'"),
    ("redemption", "redemption_account_for_units", "partner_account = 'A', partner_units = NULL"),
    ("redemption", "redemption_cancelled", "status = 'CANCELLED', cancelled_at = NULL"),
    ("redemption", "redemption_cancelled", "cancelled_at = created_at"),
    (
        "redemption",
        "redemption_cancelled",
        "status = 'CANCELLED', cancelled_at = created_at, cancelled_by = NULL",
    ),
    ("redemption", "redemption_fulfilled", "status = 'FULFILLED', fulfilled_at = NULL"),
    (
        "redemption",
        "redemption_cancelled",
        "status = 'CONFIRMED', cancelled_at = created_at, cancelled_by = 'staff:kim'",
    ),
    (
        "redemption",
        "redemption_held",
        f"status = 'HELD', hold_expires_at = NULL, {UNDONE}",
    ),
    ("redemption", "redemption_partner_units", "partner_units = 0"),
    ("redemption", "redemption_given_at_once", "points = 0, activity_id = id, reward_id = NULL"),
    (
        "redemption",
        "redemption_given_at_once",
        "points = 0, activity_id = id, hold_expires_at = created_at",
    ),
    ("redemption", "redemption_points", "points = 0"),
    ("redemption", "redemption_points", "activity_id = id"),
    ("redemption", "redemption_points", "points = -1, activity_id = id"),
    ("redemption", "redemption_points", "quantity = 0"),
    (
        "redemption",
        "redemption_reference",
        f"status = 'CONFIRMED', fulfilled_at = NULL, reference = 'R', {UNDONE}",
    ),
    ("redemption", "redemption_released", "status = 'RELEASED'"),
    ("redemption", "redemption_released", "released_at = created_at"),
    (
        "redemption",
        "redemption_settled",
        f"status = 'FULFILLED', fulfilled_at = created_at, partner_units = 5, {UNDONE}",
    ),
    (
        "redemption",
        "redemption_settled",
        f"status = 'CANCELLED', fulfilled_at = created_at, reference = 'R', {BY}",
    ),
    (
        "redemption",
        "redemption_settled",
        f"status = 'CONFIRMED', fulfilled_at = created_at, partner_units = 5, {UNDONE}",
    ),
    ("redemption", "redemption_status", "status = 'LOST'"),
    ("redemption", "redemption_worth", "worth_minor = -1"),
    ("reward", "reward_kind", "kind = 'GIFT', pooled_codes = false"),
    ("reward", "reward_list_points", "list_points = -1"),
    (
        "reward",
        "reward_list_points",
        "kind = 'COUPON', open_value = true, list_points = 0 WHERE partner_units IS NULL",
    ),
    ("reward", "reward_low_water", "low_water = -1"),
    ("reward", "reward_open_value_is_a_coupon", "kind = 'SERVICE', open_value = true"),
    *(
        ("reward", "reward_partner_units", f"partner_units = {units}, unit_names = names, {OF_A}")
        for units in (0, 10_000_001)
    ),
    ("reward", "reward_per_member_limit", "per_member_limit = 0"),
    ("reward", "reward_pooled_is_a_coupon", "kind = 'SERVICE', pooled_codes = true"),
    ("reward", "reward_units_of_a_partner", f"partner_units = NULL, unit_names = NULL, {OF_A}"),
    ("reward", "reward_units_of_a_partner", f"partner_units = 5, unit_names = NULL, {OF_A}"),
    (
        "reward",
        "reward_units_of_a_partner",
        "kind = 'COUPON', partner_units = 5, unit_names = names",
    ),
    ("reward", "reward_worth", "worth_minor = -1"),
    ("reward", "reward_theme", "theme = ''"),
    ("reward", "reward_cost", "cost_minor = -1"),
    ("reward", "reward_minimum_spend", f"minimum_spend_minor = -1, {OF_COUPON}"),
    ("reward", "reward_products", f"products = '[]', {OF_COUPON}"),
    ("reward", "reward_valid_days", f"valid_days = 0, {OF_COUPON}"),
    *(
        ("reward", "reward_coupon_terms", f"{terms}, kind = 'SERVICE', {PLAIN}")
        for terms in (
            "minimum_spend_minor = 1",
            "products = '[\"hotel\"]'",
            "valid_days = 1",
            "transferable = false",
        )
    ),
    ("reward", "reward_requires", f"requires = 'PHONE', kind = 'SERVICE', {PLAIN}"),
    ("reward", "reward_requires_of_delivery", f"requires = 'ADDRESS', {OF_COUPON}"),
    ("coupon_code", "coupon_code_ends", "ends_at = now() WHERE redemption_id IS NULL"),
    ("coupon_code", "coupon_code_extended", "extended_at = now() WHERE redemption_id IS NOT NULL"),
    ("coupon_code", "coupon_code_finite", "ends_at = 'infinity' WHERE redemption_id IS NOT NULL"),
    ("redemption", "redemption_shipped", f"status = 'SHIPPED', {UNDONE}"),
    ("redemption", "redemption_shipped", "shipped_at = now() WHERE status = 'CONFIRMED'"),
    (
        "redemption",
        "redemption_shipped_goods",
        f"{SENT}, partner_units = 5, reference = 'R'",
    ),
    ("redemption", "redemption_stock_of_reward", "reward_id = NULL"),
    ("redemption", "redemption_stock_returned", "stock_returned = false"),
    ("redemption", "redemption_stock_returned", f"{SENT}, stock_returned = true"),
    (
        "redemption",
        "redemption_shipped_finite",
        f"status = 'FULFILLED', fulfilled_at = now(), shipped_at = 'infinity', {UNDONE}",
    ),
    ("delivery_detail", "delivery_detail_whole", "recipient = NULL"),
    ("delivery_detail", "delivery_detail_whole", "address = NULL"),
    ("delivery_detail", "delivery_detail_whole", "from_at = now()"),
    ("delivery_detail", "delivery_detail_appointment", "place = 'Lobby'"),
    (
        "delivery_detail",
        "delivery_detail_ends",
        "address = NULL, from_at = now(), until_at = now()",
    ),
    ("delivery_detail", "delivery_detail_bounds", "address = repeat('x', 501)"),
    ("delivery_detail", "delivery_detail_bounds", "note = repeat('x', 1001)"),
    ("delivery_detail", "delivery_detail_finite", "saved_at = 'infinity'"),
    ("stock_change", "stock_change_change", "change = 0"),
    ("stock_change", "stock_change_kind", "kind = 'FOUND', reason = NULL"),
    ("stock_change", "stock_change_by_hand", "reason = NULL"),
    ("stock_change", "stock_change_by_hand", "kind = 'PLACED'"),
    ("stock_change", "stock_change_closed", "kind = 'CLOSED', reason = NULL"),
    ("stock_change", "stock_change_remaining", "remaining = -1"),
    ("stock_change", "stock_change_reason", "reason = '' WHERE kind IS NULL"),
    ("stock_change", "stock_change_finite", "changed_at = 'infinity'"),
    ("pool_stock", "pool_stock_never_negative", "remaining = -1"),
    ("reward_stock", "reward_stock_never_negative", "remaining = -1"),
    ("backtest", "backtest_baseline", "baseline = 1, baseline_text = 'x'"),
    ("backtest", "backtest_failure", "failure = 'x'"),
    ("backtest", "backtest_finite", "from_at = '-infinity'"),
    ("backtest", "backtest_finished", "finished_at = NULL"),
    ("backtest", "backtest_hash", "hash = NULL"),
    ("backtest", "backtest_period", "from_at = until_at"),
    ("backtest", "backtest_period", "until_at = created_at + interval '1 day'"),
    ("backtest", "backtest_played", "assumed = played + 1"),
    ("backtest", "backtest_position", "position = NULL"),
    ("backtest", "backtest_status", "status = 'LOST', hash = NULL, finished_at = created_at"),
    ("backtest", "backtest_round", "round = 0"),
    ("backtest", "backtest_round", "clipping = '[]', status = 'QUEUED' WHERE hash IS NULL"),
    (
        "job",
        "job_kind",
        "kind = 'IMPORT_COLOURS', on_difference = NULL WHERE kind = 'IMPORT_MEMBERS'",
    ),
    ("job", "job_status", "status = 'LOST', finished_at = NULL"),
    ("job", "job_over", "finished_at = NULL"),
    ("job", "job_failure", "failure = 'INTERNAL'"),
    ("job", "job_terms", "on_difference = 'UPDATE' WHERE kind = 'IMPORT_BALANCES'"),
    ("job", "job_terms", "reward = 'x'"),
    ("job", "job_terms", "segment = 'x'"),
    ("job", "job_terms", "as_of = created_at"),
    ("job", "job_terms", "replaces = true"),
    ("job", "job_terms", "history = true"),
    ("job", "job_difference", "on_difference = 'IGNORE' WHERE kind = 'IMPORT_MEMBERS'"),
    ("job", "job_control", "control_rows = -1 WHERE kind = 'IMPORT_MEMBERS'"),
    ("job", "job_control", "control_points = 1 WHERE kind = 'IMPORT_MEMBERS'"),
    ("job", "job_control", "control_points = NULL WHERE kind = 'IMPORT_BALANCES'"),
    ("job", "job_control", "control_rows = NULL WHERE kind = 'IMPORT_BALANCES'"),
    ("job", "job_upload", "upload_until = NULL"),
    ("job", "job_upload", "sha256 = NULL"),
    ("job", "job_upload", "attempt = -1"),
    ("job", "job_sha256", "sha256 = 'x'"),
    ("job", "job_progress", "done = -1"),
    ("job", "job_progress", "known = total + 1"),
    ("job", "job_progress", "position = checked + 1 WHERE kind = 'IMPORT_MEMBERS'"),
    ("job", "job_checked", "checked = checked - 1, position = 0 WHERE checked_at IS NOT NULL"),
    ("job", "job_written", "control_rows = total + 1"),
    ("job", "job_written", "points = points + 1 WHERE kind = 'IMPORT_BALANCES'"),
    ("job", "job_approved", "approved_by = NULL WHERE kind = 'IMPORT_BALANCES'"),
    (
        "job",
        "job_approved",
        "approved_at = NULL, approved_by = NULL WHERE kind = 'IMPORT_BALANCES'",
    ),
    ("job", "job_finite", "finished_at = 'infinity'"),
    ("export_part", "export_part_number", "number = -number"),
    ("export_part", "export_part_sha256", "sha256 = 'x'"),
    ("import_row", "import_row_number", "number = -number"),
    ("import_row", "import_row_content", "content = repeat('x', 200000)"),
    ("import_row", "import_row_status", "status = 'LOST', lot_id = NULL"),
    ("import_row", "import_row_refused", "status = 'REFUSED', lot_id = NULL"),
    ("import_row", "import_row_refused", "path = 'x'"),
    ("import_row", "import_row_lot", "status = 'KNOWN' WHERE lot_id IS NOT NULL"),
    ("backtest_claim", "backtest_claim_clipped", "net = NULL"),
    ("backtest_claim", "backtest_claim_clipped", "left_points = NULL"),
    ("backtest_claim", "backtest_claim_kind", "kind = 'TAKE'"),
    ("backtest_claim", "backtest_claim_points", "points = -1"),
    ("backtest_claim", "backtest_claim_points", "total = 0"),
    ("backtest_claim", "backtest_claim_side", "side = 2"),
    ("backtest_claim", "backtest_claim_within", "granted = left_points + 1"),
    ("backtest_claim", "backtest_claim_within", "net = -1"),
    ("backtest_claim", "backtest_claim_within", "kind = 'KEEP', net = points + 1"),
    ("rule_budget", "rule_budget_never_exceeded", "used = -1"),
    ("rule_budget", "rule_budget_never_exceeded", "used = total + 1"),
    ("day_leaf", "day_leaf_counted", "number = 0"),
    ("day_leaf", "day_leaf_counted", "place = -1"),
    ("day_leaf", "day_leaf_finite", "day = 'infinity'"),
    ("day_leaf", "day_leaf_hashes", "seal_hash = 'x'"),
    ("day_leaf", "day_leaf_hashes", "entries_root = 'x'"),
    ("day_leaf", "day_leaf_hashes", "path = path || 'x'"),
    ("root", "root_counted", "leaves = -1"),
    ("root", "root_finite", "day = 'infinity'"),
    ("root", "root_in_time", "ended_at = began_at"),
    ("seal", "seal_counted", "number = 0"),
    ("seal", "seal_counted", "sequence = -1"),
    ("seal", "seal_finite", "recorded_at = 'infinity'"),
    ("seal", "seal_hashes", "hash = 'x'"),
    ("seal", "seal_hashes", "mac = 'x'"),
    ("seal", "seal_rows", "rows = rows || 'x'"),
    ("segment_member", "segment_member_removed", "removed_at = now(), removed_by = NULL"),
    (
        "segment_member",
        "segment_member_removed",
        "removed_at = added_at - interval '1 s', removed_by = 'x'",
    ),
    ("tier_change", "tier_change_assigned", "reason = 'assigned', actor = 'a', note = 'n'"),
    (
        "tier_change",
        "tier_change_assigned",
        "reason = 'lifted', actor = 'a', note = 'n', assigned_tier = 'x'",
    ),
    ("tier_change", "tier_change_assigned", "reason = 'assignment_ended', assigned_tier = 'x'"),
    ("tier_change", "tier_change_assigned", "assigned_until = now()"),
    ("tier_change", "tier_change_by_hand", "actor = 'a', note = 'n'"),
    ("tier_change", "tier_change_by_hand", "reason = 'lifted'"),
    (
        "tier_change",
        "tier_change_by_hand",
        "reason = 'lifted', actor = 'a', from_tier = to_tier",
    ),
    ("tier_change", "tier_change_changes", "from_tier = to_tier"),
    ("tier_change", "tier_change_higher", "earned_tier = 'x'"),
    ("tier_change", "tier_change_higher", "earned_tier = 'x', assigned_tier = 'y'"),
    ("tier_change", "tier_change_reason", "reason = 'luck'"),
    ("tier_credit", "tier_credit_of_another", "source_member_id = gen_random_uuid()"),
    (
        "tier_credit",
        "tier_credit_of_another",
        "booking_id = NULL, activity_id = NULL, source_id = id, source_member_id = member_id",
    ),
    ("tier_credit", "tier_credit_of_one_fact", "booking_id = NULL, activity_id = NULL"),
    (
        "tier_credit",
        "tier_credit_of_spending",
        "booking_id = NULL, activity_id = NULL, job_id = id, spend_minor = 1, nights = 1",
    ),
    (
        "tier_credit",
        "tier_credit_of_spending",
        "booking_id = NULL, activity_id = NULL, job_id = id, spend_minor = 0",
    ),
    ("transfer", "transfer_direction", "direction = 'UP'"),
    ("transfer", "transfer_not_to_oneself", "counterpart_id = member_id"),
    ("transfer", "transfer_points", "points = 0"),
    ("upkeep", "upkeep_counted", "faults = -1"),
    ("upkeep", "upkeep_finite", "ended_at = 'infinity'"),
    ("upkeep", "upkeep_in_time", "ended_at = began_at - interval '1 second'"),
    ("upkeep", "upkeep_kind", "kind = 'REST', members = NULL, entries = NULL, faults = NULL"),
    ("upkeep", "upkeep_seen", "faults = NULL"),
    ("upkeep", "upkeep_seen", "kind = 'BACKUP'"),
    ("experiment_stop", "experiment_stop_cause", "cause = 'FATE'"),
    ("experiment_stop", "experiment_stop_reason", "reason = NULL"),
    ("experiment_stop", "experiment_stop_finite", "at = 'infinity'"),
    ("exposure", "exposure_finite", "at = 'infinity'"),
    ("trial", "trial_fact", "booking_id = NULL WHERE booking_id IS NOT NULL"),
    (
        "trial",
        "trial_points",
        "points = -1, extra_points = -1 - control_points WHERE booking_id IS NOT NULL",
    ),
    ("trial", "trial_extra", "extra_points = extra_points + 1"),
    ("trial", "trial_finite", "occurred_at = 'infinity'"),
]

BUCKETS = {
    "EARN": {("issued", "pending"), ("issued", "available")},
    "MATURE": {("pending", "available")},
    "HOLD": {("available", "held")},
    "RELEASE": {("held", "available")},
    "CAPTURE": {("held", "redeemed")},
    "REDEEM": {("available", "redeemed")},
    "REINSTATE": {("redeemed", "available")},
    "EXPIRE": {("available", "expired")},
    "CLAW_BACK": {
        ("pending", "clawed_back"),
        ("available", "clawed_back"),
        ("owed", "clawed_back"),
    },
    "SETTLE": {("available", "owed")},
    "TRANSFER_OUT": {("available", "transferred")},
    "TRANSFER_IN": {("transferred", "available")},
    "ADJUST": {("adjusted", "available"), ("available", "adjusted")},
}
"""From and to of every kind of entry."""

NAMES = (
    "pending",
    "available",
    "held",
    "owed",
    "issued",
    "redeemed",
    "expired",
    "clawed_back",
    "adjusted",
    "transferred",
)


@pytest.fixture
async def owner(
    database: Database, owner_connection: asyncpg.Connection
) -> AsyncIterator[asyncpg.Connection]:
    """The owner, in a transaction that is rolled back."""
    change = owner_connection.transaction()
    await change.start()
    yield owner_connection
    await change.rollback()


@pytest.mark.parametrize(("table", "constraint", "bad"), BAD)
async def test_a_bad_row_is_refused(
    good: Rows, owner: asyncpg.Connection, table: str, constraint: str, bad: str
) -> None:
    made = await _made_since(owner, table)
    rows = await owner.fetchval(f"SELECT count(*) FROM {table} WHERE {made}", good.since)
    assert rows > 0, f"there is no good row of {table} to be made bad"
    values, _, which = bad.partition(" WHERE ")
    which = f"({made}) AND {which or 'true'}"
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await owner.execute(f"UPDATE {table} SET {values} WHERE {which}", good.since)
    assert refused.value.constraint_name == constraint


async def _made_since(owner: asyncpg.Connection, table: str) -> str:
    """The condition that a row belongs to what was made since $1: other tests' rows stand beside
    it, and may be refused for another reason first.
    """
    found = await owner.fetch(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 "
        "AND attname IN ('id', 'member_id', 'programme_id', 'reward_id') "
        "AND atttypid = 'uuid'::regtype",
        table,
    )
    return " OR ".join(f"{column[0]} > $1::uuid" for column in found) or "$1::uuid IS NOT NULL"


async def test_every_check_of_the_database_is_tried(owner: asyncpg.Connection) -> None:
    found = await owner.fetch(
        "SELECT conname::text FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = current_schema()::regnamespace"
    )
    assert {row[0] for row in found} == {constraint for _, constraint, _ in BAD}


@pytest.mark.parametrize("kind", sorted(BUCKETS))
async def test_an_entry_moves_between_the_buckets_of_its_kind_only(
    good: Rows, owner: asyncpg.Connection, kind: str
) -> None:
    accepted = set()
    for source in NAMES:
        for target in NAMES:
            with contextlib.suppress(asyncpg.CheckViolationError):
                async with owner.transaction():
                    await owner.execute(
                        "UPDATE ledger_entry SET kind = $1, from_bucket = $2, to_bucket = $3, "
                        "reason = 'why', holds_until = $5 "
                        "WHERE member_id = $4 AND sequence = 1",
                        kind,
                        source,
                        target,
                        good.member,
                        make.NOW if kind == "HOLD" else None,
                    )
                accepted.add((source, target))
    assert accepted == BUCKETS[kind]


@pytest.mark.parametrize(
    ("table", "constraint", "bad"),
    [
        ("allocation", "allocation_entry", "entry_id = gen_random_uuid()"),
        ("allocation", "allocation_lot", "lot_id = gen_random_uuid()"),
        ("amendment", "amendment_booking", "booking_id = gen_random_uuid()"),
        ("amendment_line", "amendment_line_amendment", "amendment_id = gen_random_uuid()"),
        ("amendment_line", "amendment_line_line", "line_number = line_number + 9"),
        ("award", "award_amendment", "amendment_id = gen_random_uuid(), refund_id = NULL"),
        ("booking_line", "booking_line_amendment", "amendment_id = gen_random_uuid()"),
        ("ledger_entry", "ledger_entry_amendment", "amendment_id = gen_random_uuid()"),
        ("award", "award_booking", "booking_id = gen_random_uuid(), activity_id = NULL"),
        ("award", "award_refund", "refund_id = gen_random_uuid(), amendment_id = NULL"),
        ("booking", "booking_redemption", "redemption_id = gen_random_uuid()"),
        ("booking", "booking_quote", "quote_id = gen_random_uuid()"),
        ("quote", "quote_policy", "policy_version_id = gen_random_uuid()"),
        ("quote", "quote_programme", "programme_id = gen_random_uuid()"),
        ("code_reveal", "code_reveal_redemption", "redemption_id = gen_random_uuid()"),
        ("completion", "completion_line", "line_number = 9"),
        ("coupon_use", "coupon_use_amendment", f"amendment_id = {BACK}, refund_id = NULL"),
        ("coupon_use", "coupon_use_booking", "booking_id = gen_random_uuid()"),
        ("coupon_use", "coupon_use_of_use", f"use_id = {BACK}"),
        ("coupon_use", "coupon_use_refund", f"refund_id = {BACK}"),
        ("expiry_reminder", "expiry_reminder_account", "member_id = gen_random_uuid()"),
        ("ledger_entry", "ledger_entry_refund", "refund_id = gen_random_uuid()"),
        ("lot", "lot_booking", "booking_id = gen_random_uuid()"),
        ("lot", "lot_matured_by", "matured_entry_id = gen_random_uuid()"),
        ("refund", "refund_booking", "booking_id = gen_random_uuid()"),
        ("refund_line", "refund_line_line", "line_number = 9"),
        ("refund_line", "refund_line_refund", "refund_id = gen_random_uuid()"),
        ("booking_line", "booking_line_booking", "booking_id = gen_random_uuid()"),
        ("ledger_entry", "ledger_entry_redemption", "redemption_id = gen_random_uuid()"),
        ("ledger_entry", "ledger_entry_transfer", "transfer_id = gen_random_uuid()"),
        ("lot", "lot_policy", "policy_version_id = gen_random_uuid()"),
        ("backtest_claim", "backtest_claim_backtest", "backtest_id = gen_random_uuid()"),
        ("member", "member_programme", "programme_id = gen_random_uuid()"),
        ("redemption", "redemption_reward", "reward_id = gen_random_uuid()"),
        ("referral", "referral_policy_version", "policy_version_id = gen_random_uuid()"),
        ("referral", "referral_programme", "programme_id = gen_random_uuid()"),
        ("tier_change", "tier_change_booking", "booking_id = gen_random_uuid()"),
        ("transfer", "transfer_programme", "programme_id = gen_random_uuid()"),
    ],
)
async def test_a_reference_to_nothing_is_refused(
    good: Rows, owner: asyncpg.Connection, table: str, constraint: str, bad: str
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(f"UPDATE {table} SET {bad} WHERE member_id = $1", good.member)
    assert refused.value.constraint_name == constraint


@pytest.mark.parametrize(
    ("constraint", "bad"),
    [
        ("reward_partner", "UPDATE reward SET partner_id = gen_random_uuid()"),
        ("pool_stock_reward", "UPDATE pool_stock SET reward_id = gen_random_uuid()"),
        ("coupon_code_programme", "UPDATE coupon_code SET programme_id = gen_random_uuid()"),
        ("parked_fact_programme", "UPDATE parked_fact SET programme_id = gen_random_uuid()"),
        ("policy_draft_programme", "UPDATE policy_draft SET programme_id = gen_random_uuid()"),
        (
            "proposal_programme",
            "UPDATE proposal SET programme_id = gen_random_uuid() WHERE proposed_by = 'staff:bob'",
        ),
        (
            "proposal_decision_proposal",
            "UPDATE proposal_decision SET proposed_by = 'staff:lee' WHERE outcome = 'REJECTED'",
        ),
        ("staff_day_programme", "UPDATE staff_day SET programme_id = gen_random_uuid()"),
        ("job_programme", "UPDATE job SET programme_id = gen_random_uuid()"),
        (
            "job_proposal",
            "UPDATE job SET proposal_id = gen_random_uuid() WHERE approved_at IS NOT NULL",
        ),
        ("export_part_job", "UPDATE export_part SET job_id = gen_random_uuid()"),
        ("import_row_job", "UPDATE import_row SET job_id = gen_random_uuid()"),
        ("backtest_programme", "UPDATE backtest SET programme_id = gen_random_uuid()"),
        ("rule_budget_programme", "UPDATE rule_budget SET programme_id = gen_random_uuid()"),
        ("backtest_claim_member", "UPDATE backtest_claim SET member_id = gen_random_uuid()"),
        ("transfer_member", "UPDATE transfer SET member_id = gen_random_uuid()"),
        ("referral_member", "UPDATE referral SET member_id = gen_random_uuid()"),
    ],
)
async def test_a_whole_column_of_references_to_nothing_is_refused(
    good: Rows, owner: asyncpg.Connection, constraint: str, bad: str
) -> None:
    """What other rows refer to is let go first, so that only this reference is in the way."""
    await owner.execute("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_transfer")
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await owner.execute(bad)
    assert refused.value.constraint_name == constraint


async def test_a_code_stands_once_in_a_programme(good: Rows, owner: asyncpg.Connection) -> None:
    other = await make.reward(good.programme, kind="COUPON", pooled_codes=True)
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await owner.execute(
            "INSERT INTO coupon_code (id, programme_id, reward_id, code, status, imported_at) "
            "VALUES (gen_random_uuid(), $1, $2, 'A', 'IMPORTED', $3)",
            good.programme.id,
            other.id,
            make.NOW,
        )
    assert refused.value.constraint_name == "coupon_code_once"


async def test_an_allocation_cannot_touch_another_members_lot(
    good: Rows, owner: asyncpg.Connection
) -> None:
    stranger = await make.rich_member(good.programme, 10)
    lot = await owner.fetchval("SELECT id FROM lot WHERE member_id = $1", stranger)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await owner.execute(
            "UPDATE allocation SET lot_id = $1 WHERE member_id = $2 AND points < 0",
            lot,
            good.member,
        )


async def test_an_entry_touches_a_lot_once(good: Rows, owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(
            "INSERT INTO allocation (member_id, id, entry_id, lot_id, points) "
            "SELECT member_id, gen_random_uuid(), entry_id, lot_id, 1 FROM allocation "
            "WHERE member_id = $1",
            good.member,
        )


async def test_a_sequence_stands_once(good: Rows, owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(
            "UPDATE ledger_entry SET sequence = 1 WHERE member_id = $1 AND sequence = 2",
            good.member,
        )


@pytest.mark.parametrize("table", ["member", "account", "lot", "ledger_entry", "booking"])
async def test_what_is_referred_to_cannot_be_removed(
    good: Rows, owner: asyncpg.Connection, table: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await owner.execute(f"DELETE FROM {table} WHERE member_id = $1", good.member)
    # the second is what PostgreSQL says from 18 on
    assert refused.value.sqlstate in ("23503", "23001")
