"""A good row of every table, from which tests make bad ones."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

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
from domain.upkeep.records import VerificationCounts
from ops.worker.senders import Sender
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
    """One good row of every table, from which tests make bad ones; ids are after `since`."""

    programme: Programme
    member: UUID
    coupon: models.Reward
    since: UUID


async def play() -> Rows:
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
    await records.record_verification(make.NOW, later, VerificationCounts(1, 1, 0))
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
    """Bookings of this member in every state; others' that are overdue, or caused a grant."""
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
    """An experiment with a trial, ended by staff."""
    days = {"from": "2026-03-01", "until": "2026-03-31"}
    tried = await make.establish(trials.document(trials.earn_rate(**days)))
    await make.book(tried, await trials.member(tried, "earn_rate", "b"), ("hotel", "100"))
    await stopping.stop(make.request(make.staff(tried)), tried, "earn_rate", "It is dear.")


async def _trade(programme: Programme) -> None:
    """A booking under review; a partner with a key, terms, purchased points, an empty closed month
    and its payment; and ended sessions.
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
    """A settled month with its figures, closed, with a root; and an experiment."""
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
    """A booking whose coupon was returned."""
    reward = await make.reward(programme, kind="COUPON", list_points=1, worth_minor=500)
    [code] = (
        await make.redemption(programme, member, await make.redeem(programme, member, reward))
    ).codes
    await travel.pay(programme, member, "CB", make.line_of("hotel", "10"), coupon=code)
    await travel.refund(programme, "CB", "CR")


async def _say(programme: Programme, member: UUID) -> None:
    """What a member says and receives, its contacts and consents; and an erased member."""
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
    """Number events and send them to an endpoint at which nobody listens."""
    await make.webhook(programme, now=make.NOW - timedelta(days=1))
    await numbered.number(programme, make.NOW)
    sender = Sender(sending.carriers(), asyncio.Event(), lambda: make.NOW)
    await sender.begin()
    await sender.end()


async def _move_in(programme: Programme) -> None:
    """Imported balances, an export, and imports of members with refused rows."""
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
    """An order with its address, a corrected stock, and a coupon used on a booking."""
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
    """A booking under review, with a signal and the rules that fired."""
    rules = [
        risks.rule("large", "earn", "amount", "review", over=1),
        risks.rule("held", "earn", "amount", "hold", over=1),
    ]
    programme = await make.establish(make.shipped_document(risk={"rules": rules}))
    phone = Signals({"device": bytes(32)})
    by = replace(make.request(make.partner(programme)), signals=phone)
    own = await risks.enrol(programme)
    await bookings.earn(by, programme, MemberKey.of_id(own), make.booking(("hotel", "100")))
