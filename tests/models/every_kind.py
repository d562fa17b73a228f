"""Facts and entries of every kind, played through the domain into the connected database.

What a migration has to carry is all of it: random histories (`tests/soak`) for most kinds, and
here, one after the other, what those leave out. A new table or status is a new step.
"""

import asyncio
import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from api.wording.messages import problem_messages
from domain.accounts import sweeps
from domain.activities import activities, calendar_rules, tier_raises
from domain.activities.contents import ActivitySent
from domain.backtests import backtests, runs
from domain.backtests.backtests import BacktestSent
from domain.bookings import bookings, overdue
from domain.books import books
from domain.claims import claiming, claims, deciding
from domain.claims.claims import ClaimKey
from domain.claims.deciding import DecisionSent
from domain.delivery import lanes, numbering, targets
from domain.delivery.targets import Channel
from domain.earning import reservations
from domain.experiments import stopping
from domain.feedback import submitting
from domain.feedback.submitting import AnswerSent, FeedbackKey
from domain.finance import closing as periods
from domain.history import history
from domain.history.history import PastBooking
from domain.jobs import jobs, running
from domain.jobs.jobs import ExportKind, ImportKind
from domain.kernel import revocations
from domain.kernel.callers import Scope
from domain.kernel.database import rows, transact, update
from domain.kernel.signals import Signals
from domain.members import looks, segment_lists
from domain.members.consents import Purpose
from domain.members.contacts import ContactKind
from domain.members.identity import MemberKey
from domain.members.looks import Look
from domain.notices import announcing, inbox, reminders
from domain.notices.devices import PushProvider
from domain.notices.suppressing import BounceKind
from domain.partners import partner_keys, partners, prepaid
from domain.partners.prepaid import PurchaseSent
from domain.partners.terms import TermsBasis
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.programmes.sources import OfVersion
from domain.redemptions import coupon_uses, deliveries, reveals
from domain.redemptions.coupon_uses import ExtensionSent
from domain.redemptions.delivery_details import DeliverySent
from domain.rewards import editing
from domain.rewards.editing import StockSent
from domain.risk.refusals import RiskDenied
from domain.settlement import payments
from domain.settlement.payments import PaymentSent
from domain.tiers import tiers
from domain.upkeep import records
from domain.upkeep.records import Seen
from domain.webhooks import keeping
from domain.webhooks.keeping import Change
from ops.worker.senders import Sender
from tests.soak import histories
from tests.support import (
    backtested,
    figured,
    granted,
    numbered,
    referred,
    risks,
    sending,
    settled,
    tiered,
    travel,
    trials,
)
from tests.support import factories as make

HISTORIES = range(4)
SEED = 1
DAY = timedelta(days=1)
NOW = make.NOW
BIRTHDAY = {
    "code": "birthday",
    "name": make.WORDS,
    "points": 100,
    "on": "birthday",
    "expiry": {"months": 0, "through": "month"},
}

SHARE = {
    "code": "share",
    "name": make.WORDS,
    "points": 50,
    "limit": {"times": 1, "per": "day"},
    "reporters": ["partner"],
}


async def play() -> None:
    """Play everything once; the database has no events before."""
    for number in HISTORIES:
        await histories.play(SEED, number)
    await earn_within_a_budget()
    await owe_and_settle()
    await take_from_the_catalogue()
    await keep_tiers_for_periods()
    await use_benefits()
    await give_by_itself()
    await leave_lines_overdue()
    await let_time_pass()
    await move_here_with_a_past()
    await bring_friends()
    await keep_lists()
    await claim_bookings()
    await review_what_looks_like_fraud()
    await say_things()
    await settle_days()
    await close_periods()
    await settle_with_partners()
    await compare_policies()
    await try_on_some()
    await move_members_in()
    await keep_endpoints()
    await number_some_events()
    await records.record_verification(NOW, NOW + DAY, Seen(11, 68, 0))
    await records.record_backup(NOW, NOW + DAY)


async def earn_within_a_budget() -> None:
    """Quotes that are used, over and open, before the policy's second version ends a budget."""
    bonus = make.rule("bonus", "launch", points=500, budget={"points": 1200, "per": "month"})
    document = make.variant(make.rule("rate", "base", points=1), bonus)
    programme = await make.establish(document)
    member_id = await make.enrol(programme, now=NOW - DAY, reference="quoted")
    flight = make.line_of("flight", "100", hot_route=True)
    await travel.guarantee(programme, member_id, flight, now=NOW - DAY)
    await reservations.release_now(programme, member_id, NOW)
    used = await travel.guarantee(programme, member_id, flight)
    await travel.pay(programme, member_id, "Q-1", flight, quote=used)
    await travel.guarantee(programme, member_id, flight)
    await travel.refund(programme, "Q-1", "QR-1", (1, "40"))
    await make.publish(programme, make.shipped_document(), effective_from=NOW + DAY)
    await make.decided(programme)
    await revocations.revoke(make.request(make.staff(programme)), "kim", None, NOW)
    await make.propose(programme)


async def owe_and_settle() -> None:
    """Points that were spent before their booking was refunded, and are paid by later ones."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    await make.book(programme, member_id, ("hotel", "900"), reference="OW-1")
    await make.redeem(programme, member_id, await make.reward(programme, list_points=1000))
    await travel.refund(programme, "OW-1", "OWR-1")
    await make.book(programme, member_id, ("hotel", "500"), reference="OW-2")


async def take_from_the_catalogue() -> None:
    """Every kind of reward in every state, coupon codes, and members of every status."""
    programme = await make.establish()
    airline = await make.partner_of(programme, "airline")
    assert airline.partner_id is not None
    scopes = (Scope.EARN, Scope.REDEEM)
    await partner_keys.issue(programme, airline.partner_id, scopes, NOW, environment="sandbox")
    await partner_keys.issue_public(programme, NOW, environment="sandbox")
    member_id = await make.rich_member(
        programme,
        50_000,
        reference="rich",
        name="Li Na",
        email="li@example.com",
        phone="+8613800138000",
        birthday=date(1990, 3, 3),
    )
    await _order(programme, member_id, airline.partner_id)
    await _use_coupons(programme, member_id)
    service = await make.reward(programme, list_points=10, stock=9)
    for end in (make.confirm, make.cancel, None):
        held = await make.redeem(programme, member_id, service, hold=True)
        if end is not None:
            await end(programme, member_id, held)
    await make.cancel(programme, member_id, await make.redeem(programme, member_id, service))
    for stock in (20, None, 5):
        await make.set_stock(service, stock)
        await make.redeem(programme, member_id, service)
    friend = await make.enrol(programme, reference="friend", guest=True)
    own = make.member_caller(programme, "friend", friend)
    await make.change(programme, friend, caller=own, email="friend@example.com")
    await make.adjust(programme, friend, 30)
    for status in ("SUSPENDED", "UNDER_REVIEW", "ERASED"):
        other = await make.rich_member(programme, 70, reference=status.lower())
        await make.set_status(other, status)
    asleep = await make.rich_member(programme, 80, reference="asleep")
    await make.suspend(programme, asleep)
    await make.book(programme, asleep, ("hotel", "100"), reference="AS-1")
    await make.reinstate(programme, asleep)
    await make.close(programme, asleep, 80)
    twins = [await make.rich_member(programme, 30, reference=name) for name in ("old", "new")]
    await make.book(programme, twins[0], ("hotel", "100"), reference="MG-1")
    await make.merge(programme, *twins)
    await travel.refund(programme, "MG-1", "MGR-1", (1, "40"))


async def _order(programme: Programme, member_id: UUID, partner_id: UUID) -> None:
    """A partner's units, one order settled and one waiting; a product on its way."""
    airline = replace(make.partner(programme, str(partner_id)), partner_id=partner_id)
    miles = await make.reward(programme, kind="PARTNER", list_points=20, partner_id=partner_id)
    settled = await make.redeem(programme, member_id, miles)
    await make.fulfil(programme, member_id, settled, None, "AIR-1", caller=airline)
    await make.redeem(programme, member_id, miles)
    suitcase = await make.reward(programme, kind="PRODUCT", list_points=30, per_member_limit=3)
    sent = await make.redeem(programme, member_id, suitcase)
    await make.fulfil(programme, member_id, sent, "SF-1")
    await _deliver(programme, member_id)


async def _deliver(programme: Programme, member_id: UUID) -> None:
    """One on its way to an address, one kept for an appointment, one that was rejected."""
    bowl = await make.reward(programme, kind="PRODUCT", list_points=10, requires="ADDRESS")
    address = DeliverySent("Li Na", "+8613800138000", "Nanjing Road 1", "the back door")
    shipped = await make.redeem(programme, member_id, bowl, delivery=address)
    request = make.request(make.staff(programme))
    await deliveries.ship(request, programme, (member_id, shipped), "SF-2")
    rejected = await make.redeem(programme, member_id, bowl, delivery=address)
    request = make.request(make.staff(programme))
    await deliveries.reject(request, programme, (member_id, rejected), "broken")
    massage = await make.reward(programme, list_points=10, requires="APPOINTMENT")
    at = DeliverySent("Li Na", "1", from_at=NOW + 3 * DAY, until_at=NOW + 4 * DAY, place="Lobby")
    await make.redeem(programme, member_id, massage, delivery=at)


async def _use_coupons(programme: Programme, member_id: UUID) -> None:
    """Codes that were used, shown and taken back, and that wait, with and without a last day."""
    coupon = await make.reward(programme, kind="COUPON", list_points=15, pooled_codes=True)
    await make.pool(coupon, "CODE-1", "CODE-2", "CODE-3")
    used, back, kept = [await make.redeem(programme, member_id, coupon) for _ in range(3)]
    await make.pool(coupon, "CODE-4", valid_until=NOW + 30 * DAY)
    await coupon_uses.use(make.request(make.partner(programme)), programme, "CODE-1")
    of_terms: dict[str, Any] = {
        "valid_days": 30,
        "minimum_spend_minor": 30_000,
        "products": ["hotel"],
    }
    lasting = await make.reward(
        programme, kind="COUPON", list_points=15, transferable=False, cost_minor=900, **of_terms
    )
    own = await make.redeem(programme, member_id, lasting)
    [code] = (await make.redemption(programme, member_id, own)).codes
    staff = make.request(make.staff(programme))
    longer = ExtensionSent(code, NOW.date() + 60 * DAY, "goodwill")
    await coupon_uses.extend(staff, programme, longer)
    box = await make.reward(programme, kind="PRODUCT", stock=5, requires="ADDRESS", theme="home")
    staff = make.request(make.staff(programme))
    await editing.adjust_stock(staff, programme, StockSent(box.code, -1, "broken"))
    await make.cancel(programme, member_id, back, caller=make.staff(programme))
    await reveals.record("staff:kim", [(member_id, used), (member_id, kept)], NOW)
    await _pay_with_coupons(programme, member_id)


async def _pay_with_coupons(programme: Programme, member_id: UUID) -> None:
    """Coupons that bookings use, after a quote too, that were refunded, and that went back."""
    hotel, flight = make.line_of("hotel", "100"), make.line_of("flight", "100")
    some = await make.reward(programme, kind="COUPON", list_points=15, worth_minor=5000)
    stays = await make.reward(
        programme, kind="COUPON", list_points=15, worth_minor=5000, products=["hotel"]
    )
    made = [await make.redeem(programme, member_id, reward) for reward in (some, some, some, stays)]
    kept, quoted, refunded, amended = [
        (await make.redemption(programme, member_id, one)).codes[0] for one in made
    ]
    await travel.pay(programme, member_id, "CB-1", hotel, flight, coupon=kept)
    await travel.refund(programme, "CB-1", "CR-1", (1, "50"))
    quote = await travel.guarantee(programme, member_id, hotel, coupon=quoted)
    await travel.pay(programme, member_id, "CB-2", hotel, quote=quote, coupon=quoted)
    await travel.pay(programme, member_id, "CB-3", hotel, coupon=refunded)
    await travel.refund(programme, "CB-3", "CR-3")
    await travel.pay(programme, member_id, "CB-4", hotel, flight, coupon=amended)
    await travel.amend(programme, "CB-4", "CA-4", make.line_of("hotel", "70"), flight)
    await travel.amend(programme, "CB-4", "CA-5", make.line_of("hotel", "0"), flight)


async def keep_endpoints() -> None:
    """Endpoints of staff and of a partner: on, off, deleted, with an old secret and without."""
    programme = await make.establish()
    shop = await make.partner_of(programme, "shop")
    await make.webhook(programme, topics=("points.earned",))
    staff = make.staff(programme)
    for caller, act in ((shop, keeping.disable), (staff, keeping.delete)):
        own = await make.webhook(programme, caller=caller)
        await act(Change(make.request(caller), "an endpoint", own, NOW))
    own = await make.webhook(programme, caller=shop)
    await keeping.rotate(Change(make.request(shop), "an endpoint", own, NOW), 24, make.OUTGOING)
    await send_some_events(programme)


async def send_some_events(programme: Programme) -> None:
    """To nobody who listens: one waits for its second attempt, two never went, one was not wanted,
    one was accepted as far as its sender knew. A text was begun.
    """
    await make.webhook(programme)
    member_id = await make.enrol(programme)
    later = NOW + DAY
    for status in ("DELIVERED", "CANCELLED", "UNKNOWN", "DEAD", "WAITING"):
        await make.adjust(programme, member_id, 5)
        told = await numbered.number(programme, later)
        sender = Sender(sending.carriers(), asyncio.Event(), lambda: later)
        await sender.begin()
        await sender.end()
        if status == "DELIVERED":
            await update(
                "INSERT INTO delivery_attempt (member_id, id, delivery_id, at, status, "
                "milliseconds, answer) SELECT member_id, id, id, $2, 204, 5, '' FROM delivery "
                "WHERE member_id = $1",
                member_id,
                later,
            )
        if status != "WAITING":
            await update(
                "UPDATE delivery SET status = $2, due_at = NULL, ended_at = $3 "
                "WHERE member_id = $1 AND status = 'WAITING'",
                member_id,
                status,
                later,
            )
    sms = await targets.opened(programme.id, Channel.SMS)
    await lanes.add(programme.id, member_id, [(told[-1], sms, later)])
    await update("UPDATE delivery SET begun_at = $2 WHERE target = $1", sms, later)
    await update(
        "UPDATE delivery_lane SET lease = target, leased_until = $2 WHERE member_id = $1 "
        "AND target = (SELECT min(target::text)::uuid FROM delivery_lane WHERE member_id = $1)",
        member_id,
        later,
    )


async def keep_tiers_for_periods() -> None:
    """Tiers earned, renewed, lost, assigned, lifted; and periods that a new policy opened."""
    programme = await make.establish(tiered.ctrip())
    ids = [await make.enrol(programme, now=NOW, reference=f"tier-{n}") for n in range(4)]
    for member_id in ids[:2]:
        await make.book(programme, member_id, ("hotel", "3000"))
    await make.book(programme, ids[0], ("hotel", "3000"), now=NOW + 30 * DAY)
    await tiered.assign(programme, ids[2], "gold", until=NOW + 9 * DAY)
    await tiered.assign(programme, ids[3], "gold")
    await tiered.assign(programme, ids[3], None, now=NOW + DAY)
    await tiered.sweep_on_time(programme, NOW + 800 * DAY)

    at_once = make.shipped_document(refunds={"claw_back": "unlimited", "tier": "now"})
    lifetime = await make.establish(at_once)
    for reference in ("stays", "refunded"):
        member_id = await make.enrol(lifetime, reference=reference)
        await travel.pay(lifetime, member_id, f"T-{reference}", make.line_of("hotel", "20000"))
    await travel.refund(lifetime, "T-refunded", "TR-1")
    begins = NOW + 20 * DAY
    lifetime = await make.publish(lifetime, tiered.calendar(), now=NOW, effective_from=begins)
    await tiered.sweep(lifetime, begins)

    lower = make.shipped_document()
    raised = await make.establish(lower)
    member_id = await make.enrol(raised, reference="raised")
    await travel.pay(raised, member_id, "T-raised", make.line_of("hotel", "3500"))
    lower["tiers"]["levels"][1]["threshold"] = 3000
    raised = await make.publish(raised, lower)
    [run] = await tier_raises.begin(raised, NOW)
    async for found in tier_raises.members(run):
        await tier_raises.review(run, found)


async def use_benefits() -> None:
    """Uses of a quota, one of them returned, of what has no limit, and of what a grant gave."""
    programme = await make.establish(make.whole_document("ota"))
    member_id = await make.enrol(programme, reference="pampered")
    await tiered.assign(programme, member_id, "diamond")
    await make.use_benefit(programme, member_id, "free_cancellation", "U-1")
    await make.return_benefit(programme, member_id, "free_cancellation", "U-1")
    await make.use_benefit(programme, member_id, "free_cancellation", "U-2")
    await make.use_benefit(programme, member_id, "upgrade", "U-3")
    await make.book(programme, member_id, ("hotel", "100"))
    reviewed = ActivitySent("review", "U-4")
    key = MemberKey.of_id(member_id)
    await activities.earn(make.request(make.partner(programme)), programme, key, reviewed)
    await make.use_benefit(programme, member_id, "lounge_visit", "U-4")


async def give_by_itself() -> None:
    """Points, a reward and a perk for the entry into a tier, taken back and given again."""
    gold = {"tiers": ["gold"]}
    grants = [
        granted.grant("points", "tier_entry", **gold, gives={"points": 300}),
        granted.grant("reward", "tier_entry", **gold, gives={"reward": "gold_gift"}),
        granted.grant(
            "perk", "tier_entry", **gold, gives={"perk": {"benefit": "upgrade", "days": 30}}
        ),
    ]
    programme = await make.establish(make.shipped_document(grants=grants))
    await make.reward(programme, code="gold_gift", list_points=0, stock=1)
    member_id = await make.enrol(programme, reference="gifted")
    await travel.pay(programme, member_id, "G-1", make.line_of("hotel", "5000"))
    await travel.refund(programme, "G-1", "GR-1")
    await travel.pay(programme, member_id, "G-2", make.line_of("hotel", "6000"))


async def leave_lines_overdue() -> None:
    """A line put up for review, one that was completed, and facts of bookings that never came."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "on_completion",
        "expiry": {"months": 12, "through": "day"},
    }
    completion = {"overdue_days": 10, "then": "review"}
    programme = await make.establish(make.shipped_document(points=points, completion=completion))
    member_id = await make.enrol(programme, reference="traveller")
    stay = replace(make.line_of("hotel", "300"), travel_from=NOW.date(), travel_to=NOW.date())
    await travel.pay(programme, member_id, "O-1", stay, replace(stay, product="flight"))
    await travel.complete(programme, "O-1", 2, now=NOW + DAY)
    await travel.amend(programme, "O-1", "OA-1", make.line_of("hotel", "350"), stay)
    later = NOW + 60 * DAY
    for one in [found async for found in overdue.members(programme, later)]:
        await overdue.put_up(programme, one, later)
    await travel.refund(programme, "never came", "OR-1")
    await travel.complete(programme, "never came either")


async def let_time_pass() -> None:
    """Reminders, activities by the calendar and over a limit, expiry, and a moved clock."""
    document = make.shipped_document(activities=[BIRTHDAY, SHARE], reminders={"expiry_days": [30]})
    programme = await make.establish(document)
    member_id = await make.enrol(programme, reference="reminded", birthday=date(1990, 3, 20))
    await make.book(programme, member_id, ("flight", "1500"))
    for reference in ("1", "over its limit", "again"):
        await activities.earn(
            make.request(make.partner(programme)),
            programme,
            MemberKey.of_id(member_id),
            ActivitySent("share", reference),
        )
    birthday = NOW + 6 * DAY
    for due in [found async for found in calendar_rules.candidates(programme, birthday)]:
        await calendar_rules.pay(programme, due, birthday)
    await calendar_rules.keep_mark(programme, birthday)
    await transact(partial(tiers.sum_up, due.member_id, birthday))
    assert [one async for one in sweeps.sweep(programme, birthday + 30 * DAY)] != []
    soon = NOW + 350 * DAY
    for expiring in [found async for found in reminders.candidates(programme, soon)]:
        await reminders.remind(programme, expiring, soon)
    await make.draft(programme)
    await programmes.advance_clock(programme, 400 * DAY)


async def move_here_with_a_past() -> None:
    """Bookings of years ago, recorded at their own instants."""
    programme = await make.establish()
    past = [_past(number, datetime(2024, number, 5, tzinfo=UTC)) for number in (2, 5, 11)]
    played = await history.play(programme, "moved", past, NOW, enrol=True)
    assert (played.recorded, played.refused) == (3, ())


async def bring_friends() -> None:
    """Friends in every state, on both sides and on the way between them."""
    limit = {"times": 1, "per": "member"}
    programme = await referred.programme_with("first_booking", within_days=30, limit=limit)
    referrer = await make.enrol(programme, reference="brings", email="brings@example.com")
    names = ("lost", "qualified", "limited", "brings+1", "lapsed", "reached", "joined")
    friends = [
        await referred.bring(programme, referrer, email=f"{name}@example.com", now=NOW + day * DAY)
        for day, name in enumerate(names)
    ]
    stay, soon = make.line_of("hotel", "500"), NOW + 9 * DAY
    for number, friend in enumerate(friends[:4]):
        await travel.pay(programme, friend, f"F-{number}", stay, now=soon)
        await referred.run(programme, soon)
        if number == 0:
            await travel.refund(programme, "F-0", "FR-1", now=soon)
    await referred.run(programme, NOW + 35 * DAY)
    await travel.pay(programme, friends[5], "F-5", stay, now=NOW + 35 * DAY)


async def claim_bookings() -> None:
    """A claim of each kind, for bookings that no partner or one of them sold."""
    programme = await make.establish()
    await partners.create(programme, "inn", "Inn", NOW)
    member_id = await make.enrol(programme, reference="claims")
    made = [await make.claim(programme, member_id) for _ in range(4)]
    await make.claim(programme, member_id, partner="inn")
    staff = make.request(make.staff(programme))
    keys = [ClaimKey(member_id, one, "a claim") for one in made]
    line = make.line_of("hotel", "100")
    await deciding.decide(staff, programme, keys[0], DecisionSent(True, lines=(line,)))
    no = make.request(make.staff(programme))
    await deciding.decide(no, programme, keys[1], DecisionSent(False, "unknown"))
    await claiming.withdraw(make.request(make.staff(programme)), programme, keys[2])
    found = (await claims.by_ids(programme.id, [(member_id, made[3])]))[made[3]]
    await make.book(programme, member_id, ("hotel", "90"), reference=found.reference)
    again = make.request(make.staff(programme))
    await deciding.decide(again, programme, keys[3], DecisionSent(True, lines=(line,)))


async def review_what_looks_like_fraud() -> None:
    """A fact of each moment that is reviewed, let through and taken back, and one that is held."""
    document = make.shipped_document(
        transfers={"account_age_days": 0},
        risk={
            "rules": [
                risks.rule("held", "earn", "amount", "hold", over=100),
                risks.rule("large", "earn", "amount", "review", over=1000),
                risks.rule("seen", "earn", "amount", "deny", over=1, facts=["activity"])
                | {"mode": "shadow"},
                risks.rule("spree", "redeem", "amount", "review", over=10),
                risks.rule("never", "redeem", "amount", "deny", over=25),
                risks.rule("gift", "transfer", "amount", "review", over=10),
                risks.velocity("farm", "enrol", "review", by="device", more_than=1),
            ]
        },
    )
    programme = await make.establish(document)
    phone = Signals({kind: bytes(32) for kind in ("device", "card", "ip")})
    first, *others, last = [await risks.enrol(programme, phone) for _ in range(5)]
    await make.act(programme, first, "verification", "seen")
    for amount in ("90", "90", "500", "2000", "3000", "4000"):
        await make.book(programme, first, ("hotel", amount))
    reward = await make.reward(programme, list_points=20)
    for _ in range(3):
        await make.redeem(programme, first, reward)
    with contextlib.suppress(RiskDenied):
        await make.redeem(programme, first, await make.reward(programme, list_points=26))
    friend = await make.enrol(programme)
    await make.book(programme, others[0], ("hotel", "90"))
    by_phone = replace(make.request(make.partner(programme)), signals=phone)
    await bookings.earn(by_phone, programme, MemberKey.of_id(last), make.booking(("hotel", "90")))
    for _ in range(3):
        await make.transfer(programme, first, friend, 15)
    await risks.decide_each(programme, ("earn", "redeem", "transfer", "enrol"))
    await make.close(programme, last, 90)


async def say_things() -> None:
    """Feedback about each kind of row and about none, answered, closed, and open; consent; notices
    that were read, and one that was not.
    """
    programme = await make.establish()
    member_id = await make.enrol(programme, reference="says")
    await looks.record(Look("staff:kim", "1", NOW), {member_id: looks.ALL})
    await make.book(programme, member_id, ("hotel", "90"))
    [booking] = await rows("SELECT id FROM booking WHERE member_id = $1", member_id)
    [entry] = await rows("SELECT id FROM ledger_entry WHERE member_id = $1", member_id)
    said = [
        await make.say(programme, member_id, booking_id=booking["id"]),
        await make.say(programme, member_id, entry_id=entry["id"]),
    ]
    await make.say(programme, member_id)
    for own, text, close in ((said[0], "Sorry.", False), (said[1], None, True)):
        key, sent = FeedbackKey(member_id, own, "it"), AnswerSent(text, close)
        await submitting.answer(make.request(make.staff(programme)), programme, key, sent)
    await make.consent(programme, member_id, Purpose.MARKETING)
    await make.consent(programme, member_id, Purpose.PROFILING, granted=False)
    for _ in range(2):
        await make.notice(programme, member_id)
    await make.bounce(programme)
    await make.template(programme)
    for provider in PushProvider:
        await make.device(programme, member_id, "device", provider=provider)
    caller = make.member_caller(programme, "says", member_id)
    email, phone = "says@example.com", "+8613900000002"
    await make.change(programme, member_id, caller=caller, email=email, phone=phone)
    for kind in ContactKind:
        await make.contact_code(programme, member_id, kind)
    await make.change(programme, member_id, email=email)
    await make.change(programme, member_id, email=None)
    until = NOW + 30 * DAY
    await make.announcement(programme, "tiers", until_at=until, tiers=("gold",), notify=True)
    await make.announcement(programme, "all", notify=True)
    async for one in announcing.listeners(programme, NOW):
        await announcing.announce(programme, one, NOW)
    await make.bounce(programme, "full@example.com", BounceKind.SOFT)
    await make.erase(
        programme, await make.enrol(programme, reference="goes", email="goes@example.com")
    )
    comes = await make.enrol(programme, reference="comes", email="goes@example.com")
    await make.change(programme, comes, email=None)
    await inbox.read(make.request(make.staff(programme)), member_id, None)
    await make.notice(programme, member_id)


async def settle_days() -> None:
    """Books that are open, of which nothing and of which a day is settled, with its figures."""
    await books.open_from(await make.establish(), NOW.date(), NOW)
    programme = await make.establish()
    settled_day = NOW - DAY
    member_id = await make.enrol(programme, now=settled_day)
    await make.book(programme, member_id, ("hotel", "90"), now=settled_day)
    await make.enrol(programme, guest=True, now=settled_day)
    await figured.settle(programme, settled_day.date(), settled_day.date())


async def close_periods() -> None:
    """A month whose journal is closed, with points that came back in another lot."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, 5000)
    flight = make.line_of("flight", "70")
    held = await travel.hold(programme, member_id, 2500, flight)
    await travel.pay(programme, member_id, "P-1", flight, redemption=held)
    await travel.refund(programme, "P-1", "R-1", supplier_cancelled=True)
    await make.settle_through(programme, date(2026, 3, 31))
    await periods.close(make.request(make.staff(programme)), programme, "2026-03")


async def settle_with_partners() -> None:
    """Terms of either basis, saved twice for a month, prepaid and not; a month that is settled, and
    one of which a part was paid.
    """
    programme = await make.establish()
    for code in ("bank", "hotel"):
        await partners.create(programme, code, code.title(), NOW)
    await make.agree(programme, "bank", fee_percent="5")
    await make.agree(programme, "bank", basis=TermsBasis.REDEEMED)
    await make.agree(programme, "hotel", from_month="2026-05", prepaid=True)
    for code in ("bank", "hotel"):
        bought = PurchaseSent(code, 100, f"PO-{code}")
        await prepaid.buy(make.request(make.staff(programme)), programme, bought)
    traded = await settled.trade()
    await make.settle_through(traded.programme, date(2026, 4, 30))
    for month, amount in ((settled.MARCH, "24.90"), (settled.APRIL, "4.70")):
        closed = await make.statement(traded.programme, settled.BANK, month, now=NOW + 60 * DAY)
        sent = PaymentSent(closed, Decimal(amount), f"P-{month}")
        await payments.pay(make.request(make.staff(traded.programme)), "it", sent)


async def keep_lists() -> None:
    """One member on a list, one who was on it."""
    segment = {"code": "vip", "name": make.WORDS, "list": True}
    programme = await make.establish(make.shipped_document(segments=[segment]))
    listed = [await make.enrol(programme, reference=name) for name in ("stays", "goes")]
    await segment_lists.add(programme, "vip", ["stays", "goes"], NOW - DAY, by="staff:kim")
    await segment_lists.keep_only(programme, "vip", listed[:1], NOW, by="staff:kim")


async def move_members_in() -> None:
    """Imports in every state, and rows of each: written, known, refused, and not yet looked at."""
    programme = await make.establish()
    row = {"reference": "moved", "name": "Li Ming"}
    await make.enrol(programme, reference="moved", name="Li Ming")
    done = await make.start_import(programme)
    await make.send_rows(programme, done, row, {"reference": "new"}, {"reference": " "})
    await make.do_imports(programme)
    controls = {"control_rows": 1, "control_points": 500}
    balance = {"member": "moved", "points": "500", "expires_on": "2027-12-31"}
    for points in (499, 500):
        sent: Any = {**controls, "control_points": points}
        made = await make.start_import(programme, ImportKind.BALANCES, **sent)
        await make.send_rows(programme, made, balance)
        await make.do_imports(programme)
    had = await make.start_import(programme, ImportKind.STANDINGS)
    spent = {"spend": "100", "spent_on": "2026-01-05"}
    await make.send_rows(programme, had, {"member": "moved", "tier": "gold", **spent})
    await make.do_imports(programme)
    await make.export(programme, ExportKind.LOTS)
    stopped = await make.start_import(programme)
    await jobs.cancel(make.request(make.staff(programme)), stopped)
    begun = await make.start_import(programme)
    await make.send_rows(programme, begun, *[row] * 1001)
    found = await jobs.get(programme.id, begun)
    await running.step(programme, found, NOW, problem_messages)
    await make.start_import(programme)


async def compare_policies() -> None:
    """A back-test that is done, one that waits, one that was cancelled, and one that runs and has
    clipped the claims on a budget.
    """
    rules = make.shipped_rules()
    rules[0]["budget"] = {"points": 150}
    programme = await make.establish(make.shipped_document(earning=rules))
    member_id = await make.enrol(programme, reference="compared")
    await make.book(programme, member_id, ("hotel", "100"), reference="C-1")
    await travel.amend(programme, "C-1", "CA-1", make.line_of("hotel", "120"))
    await travel.refund(programme, "C-1", "CR-1", (1, "30"))
    later, made = NOW + DAY, []
    for _ in range(4):
        request, sent = make.request(make.staff(programme), now=later), BacktestSent(OfVersion(1))
        outcome = await backtests.start(request, programme, sent)
        made.append(UUID(outcome.figures["backtest_id"]))
    done, running, cancelled, _ = made
    await backtested.play(programme, done, later)
    for _ in range(2):
        await runs.step(programme, await backtests.get(programme.id, running), later)
    await backtests.cancel(make.request(make.staff(programme), now=later), programme, cancelled)


async def try_on_some() -> None:
    """Members of both variants with facts of each kind; an experiment that ended by itself, one by
    its budget, and one by staff.
    """
    days = {"from": "2026-03-01", "until": "2026-03-31"}
    document = trials.document(
        trials.earn_rate(**days, budget=1),
        trials.price(**days),
        trials.expiry(**days | {"until": "2026-03-15"}),
    )
    programme = await make.establish(document)
    coupon = await make.reward(programme, code="coupon_10", list_points=1000)
    for code in "ab":
        member_id = await trials.member(programme, "coupon_price", code)
        await make.give(programme, member_id, 1000)
        await make.redeem(programme, member_id, coupon)
        member_id = await trials.member(programme, "earn_rate", code)
        await make.book(programme, member_id, ("hotel", "400"))
    await stopping.end_due(programme, NOW + DAY)
    staff = make.request(make.staff(programme))
    await stopping.stop(staff, programme, "coupon_price", "It is dear.")


def _past(number: int, at: datetime) -> PastBooking:
    sent = make.booking(("hotel", "900"), reference=f"H-{number}", booked_at=at)
    return PastBooking(number, at, sent)


async def number_some_events() -> None:
    """Events of two parts are numbered, those of one of them handed on, and all others wait."""
    one, other, *_ = await numbering.waiting()
    for events in numbering.by_member(await numbering.place(one, NOW)):
        await numbering.hand_on(events, lambda _: None)
    await numbering.place(other, NOW)
