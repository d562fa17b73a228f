"""Steps for a whole programme: books, partners, lists, imports, back-tests, experiments, events."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from api.wording.messages import problem_messages
from domain.backtests import backtests, runs
from domain.backtests.backtests import BacktestSent
from domain.books import books
from domain.delivery import lanes, numbering, targets
from domain.delivery.targets import Channel
from domain.experiments import stopping
from domain.finance import closing as periods
from domain.jobs import jobs, running
from domain.jobs.jobs import ExportKind, ImportKind
from domain.kernel.database import update
from domain.members import segment_lists
from domain.partners import partners, prepaid
from domain.partners.prepaid import PurchaseSent
from domain.partners.terms import TermsBasis
from domain.programmes.programmes import Programme
from domain.programmes.sources import OfVersion
from domain.settlement import payments
from domain.settlement.payments import PaymentSent
from domain.webhooks import keeping
from domain.webhooks.keeping import Change
from ops.worker.senders import Sender
from tests.support import backtested, figured, numbered, sending, settled, travel, trials
from tests.support import factories as make

DAY = timedelta(days=1)
NOW = make.NOW


async def keep_endpoints() -> None:
    """Endpoints of staff and of a partner: on, off, deleted, with and without an old secret."""
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
    """Deliveries in every status to an endpoint at which nobody listens, one of them waiting for
    its second attempt; a text message that was begun.
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


async def settle_days() -> None:
    """Open books without a settled day, and others with one and its figures."""
    await books.open_from(await make.establish(), NOW.date(), NOW)
    programme = await make.establish()
    settled_day = NOW - DAY
    member_id = await make.enrol(programme, now=settled_day)
    await make.book(programme, member_id, ("hotel", "90"), now=settled_day)
    await make.enrol(programme, guest=True, now=settled_day)
    await figured.settle(programme, settled_day.date(), settled_day.date())


async def close_periods() -> None:
    """A month whose journal is closed, with points that were returned in another lot."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, 5000)
    flight = make.line_of("flight", "70")
    held = await travel.hold(programme, member_id, 2500, flight)
    await travel.pay(programme, member_id, "P-1", flight, redemption=held)
    await travel.refund(programme, "P-1", "R-1", supplier_cancelled=True)
    await make.settle_through(programme, date(2026, 3, 31))
    await periods.close(make.request(make.staff(programme)), programme, "2026-03")


async def settle_with_partners() -> None:
    """Terms of either basis, saved twice for a month, prepaid and not; a settled month, and one
    that is paid in part.
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
    """One member on a list, and one who was on it earlier."""
    segment = {"code": "vip", "name": make.WORDS, "list": True}
    programme = await make.establish(make.shipped_document(segments=[segment]))
    listed = [await make.enrol(programme, reference=name) for name in ("stays", "goes")]
    await segment_lists.add(programme, "vip", ["stays", "goes"], NOW - DAY, by="staff:kim")
    await segment_lists.keep_only(programme, "vip", listed[:1], NOW, by="staff:kim")


async def move_members_in() -> None:
    """Imports in every state, with rows that are written, known, refused and not yet checked."""
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
    """Back-tests: one done, one waiting, one cancelled, and one running, which has clipped the
    claims on a budget.
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
    """Members of both variants with facts of each kind; experiments that ended by their date, by
    their budget, and by staff.
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


async def number_some_events() -> None:
    """Number the events of two parts, and hand on those of one of them; all others wait."""
    one, other, *_ = await numbering.waiting()
    for events in numbering.by_member(await numbering.place(one, NOW)):
        await numbering.hand_on(events, lambda _: None)
    await numbering.place(other, NOW)
