"""Months of a partner, closed while facts go on: each statement has the figures of a second
account, and no row is in two statements.

Bookings are reported late, paid with points or a coupon that the partner accepts, refunded in parts
and amended; points expire, are held and spent; and the partner's purchased points run out, so that
awards are clipped.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import models
from domain.books import books
from domain.kernel.callers import Caller, Scope
from domain.kernel.database import Row, rows
from domain.kernel.refusals import Refusal
from domain.partners import prepaid
from domain.partners.prepaid import PurchaseSent
from domain.partners.terms import TermsBasis
from domain.programmes.programmes import Programme
from domain.settlement import closing, reading
from domain.settlement.reading import Month
from tests.soak import proofs
from tests.soak.proofs import Proof, Tell
from tests.support import factories as make
from tests.support import figured, travel
from tests.support.servers import Database

BANK, RULE = "bank", "base"
ZONE = ZoneInfo("Asia/Shanghai")
LENGTH = 100
"""Steps of a history."""

BEFORE = timedelta(days=60)
"""How long the policy is in force before the first day, since bookings are reported late."""

AFTER = timedelta(days=40)
"""Time after the last step, so that its month is over."""

COST_MINOR = 7_33
COUPON_MINOR = 12_34


@dataclass(slots=True)
class Trade:
    """A programme whose base rule a partner funds, and its two members."""

    programme: Programme
    bank: Caller
    members: list[UUID]
    room: models.Reward
    coupon: models.Reward
    draw: Random
    price: Fraction
    fee: Fraction
    basis: TermsBasis
    is_prepaid: bool
    now: datetime = make.NOW
    bookings: list[str] = field(default_factory=list)
    redeemed: list[tuple[UUID, UUID]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    numbers: int = 0

    def name(self, of: str) -> str:
        self.numbers += 1
        return f"{of}{self.numbers}"

    def amount(self) -> str:
        return f"{self.draw.randint(1, 40_000) / 100:.2f}"

    def member(self) -> UUID:
        return self.draw.choice(self.members)


Step = Callable[[Trade], Awaitable[object]]


async def book(trade: Trade) -> None:
    late = timedelta(days=trade.draw.choice((0, 0, trade.draw.randint(1, 50))))
    reference = trade.name("B")
    await travel.pay(
        trade.programme,
        trade.member(),
        reference,
        make.line_of("hotel", trade.amount()),
        now=trade.now,
        booked_at=trade.now - late,
    )
    trade.bookings.append(reference)


async def pay_with_points(trade: Trade) -> None:
    member_id, line = trade.member(), make.line_of("hotel", trade.amount())
    points = trade.draw.randint(1, 60)
    held = await travel.hold(trade.programme, member_id, points, line, now=trade.now)
    if trade.draw.random() < 0.7:
        trade.now += timedelta(minutes=trade.draw.randint(1, 29))
        reference = trade.name("B")
        await travel.pay(
            trade.programme, member_id, reference, line, redemption=held, now=trade.now
        )
        trade.bookings.append(reference)


async def pay_with_coupon(trade: Trade) -> None:
    """A booking with a coupon just bought, or with an older one that may have been used."""
    member_id, reference = trade.member(), trade.name("B")
    if not trade.codes or trade.draw.random() < 0.6:
        made = await make.redeem(trade.programme, member_id, trade.coupon, now=trade.now)
        trade.codes += (await make.redemption(trade.programme, member_id, made)).codes
    line, code = make.line_of("hotel", trade.amount()), trade.draw.choice(trade.codes)
    own = make.partner(trade.programme)
    accepts = replace(own, scopes=own.scopes | {Scope.ALL_PARTNERS})
    at: dict[str, Any] = {"caller": accepts, "now": trade.now, "coupon": code}
    await travel.pay(trade.programme, member_id, reference, line, **at)
    trade.bookings.append(reference)


async def refund(trade: Trade) -> None:
    parts = ((1, trade.amount()),) if trade.draw.random() < 0.7 else ()
    booking = trade.draw.choice(trade.bookings)
    await travel.refund(trade.programme, booking, trade.name("R"), *parts, now=trade.now)


async def amend(trade: Trade) -> None:
    booking, line = trade.draw.choice(trade.bookings), make.line_of("hotel", trade.amount())
    await travel.amend(trade.programme, booking, trade.name("A"), line, now=trade.now)


async def redeem(trade: Trade) -> None:
    member_id = trade.member()
    made = await make.redeem(trade.programme, member_id, trade.room, now=trade.now)
    trade.redeemed.append((member_id, made))


async def fulfil(trade: Trade) -> None:
    member_id, made = trade.draw.choice(trade.redeemed)
    await make.fulfil(trade.programme, member_id, made, caller=trade.bank, now=trade.now)


async def cancel(trade: Trade) -> None:
    member_id, made = trade.draw.choice(trade.redeemed)
    staff = make.staff(trade.programme)
    await make.cancel(trade.programme, member_id, made, caller=staff, now=trade.now)


async def wait(trade: Trade) -> None:
    trade.now += timedelta(hours=trade.draw.choice((1, 12, 48, 24 * 6)))


async def buy(trade: Trade) -> None:
    sent = PurchaseSent(BANK, trade.draw.randint(1, 900), trade.name("P"))
    await prepaid.buy(
        make.request(make.staff(trade.programme), now=trade.now), trade.programme, sent
    )


async def close(trade: Trade) -> None:
    """Settle all days that have ended, and close all months that are due, each of them twice."""
    while await figured.settle_next(trade.programme, trade.now, ()) is not None:
        trade.done["days settled"] += 1
    while months := await closing.due(trade.programme, trade.now):
        [month] = months
        if trade.draw.random() < 0.5:
            await closing.close_due(month, trade.now)
        name = f"{month.first:%Y-%m}"
        made = {await make.statement(trade.programme, BANK, name, now=trade.now) for _ in range(2)}
        assert len(made) == 1, f"{name} was closed twice: {made}"
        trade.done["months closed"] += 1


STEPS: dict[Step, int] = {
    book: 8,
    pay_with_points: 3,
    pay_with_coupon: 3,
    refund: 5,
    amend: 3,
    redeem: 3,
    fulfil: 2,
    cancel: 2,
    wait: 10,
    buy: 2,
    close: 3,
}


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    return await proofs.play_each(database, numbers, tell, partial(play, seed))


async def play(seed: int, number: int) -> Counter[str]:
    trade = await begin(proofs.draw(seed, number))
    steps, weights = list(STEPS), list(STEPS.values())
    for _ in range(LENGTH):
        [step] = trade.draw.choices(steps, weights)
        try:
            await step(trade)
            trade.done[step.__name__] += 1
        except Refusal as refusal:
            trade.done[f"{step.__name__} refused: {refusal.code}"] += 1
        except IndexError:  # nothing was booked or redeemed yet
            continue
    trade.now += AFTER
    await close(trade)
    await check(trade)
    assert await make.faults(*trade.members) == []
    return trade.done


async def begin(draw: Random) -> Trade:
    earlier = make.NOW - BEFORE
    rule = make.rule("rate", RULE, points=1, funder=BANK)
    own = make.rule("bonus", "own", points=draw.choice((1, 40)))
    lasting = {"worth": {"points": 100, "money": 1}, "expiry": {"months": 1, "through": "day"}}
    document = make.variant(
        rule,
        own,
        points={**lasting, "available": "at_payment"},
        offset={"step": 1, "minimum": 1, "shares": [{"percent": 50}]},
        transfers={"account_age_days": 0},
    )
    programme = await make.funded(document, BANK, now=earlier)
    bank = await make.partner_of(programme, BANK)
    price, fee = draw.choice(("0.012", "0.00333333", "1")), draw.choice(("0", "5", "2.75"))
    basis, is_prepaid = draw.choice(list(TermsBasis)), draw.random() < 0.5
    await make.agree(
        programme,
        BANK,
        basis=basis,
        price_per_point=price,
        fee_percent=fee,
        prepaid=is_prepaid,
        now=earlier,
    )
    await books.open_from(programme, make.NOW.date(), make.NOW)
    members = [await make.enrol(programme, reference=f"M{n}", now=earlier) for n in range(2)]
    theirs: dict[str, Any] = {"cost_minor": COST_MINOR, "partner_id": bank.partner_id}
    room = await make.reward(programme, list_points=30, **theirs)
    coupon = await make.reward(
        programme, kind="COUPON", worth_minor=COUPON_MINOR, list_points=20, **theirs
    )
    exact = Fraction(price), Fraction(fee)
    return Trade(programme, bank, members, room, coupon, draw, *exact, basis, is_prepaid)


_CLIPPED = """
SELECT FROM booking WHERE member_id = ANY($1::uuid[]) AND explanation::text LIKE '%"budget"%'
"""


async def check(trade: Trade) -> None:
    """Check every statement, and that no row is in two of them."""
    wanted = await added_up(trade)
    found = await rows(
        "SELECT * FROM partner_statement WHERE partner_id = $1 ORDER BY month",
        trade.bank.partner_id,
    )
    stated = {f"{one['month']:%Y-%m}": one for one in found}
    missing = wanted.keys() - stated.keys() - {month_of(trade.now)}
    assert not missing, f"{missing} are not closed"
    places: Counter[tuple[object, ...]] = Counter()
    for name, one in stated.items():
        figures = wanted[name]
        for figure in ("issued", "reversed", "redeemed", "expired"):
            assert one[figure] == figures[figure], (name, figure, one[figure], figures)
        amounts = charged(trade, figures)
        for column, amount in amounts.items():
            assert one[column] == amount, (name, column, one[column], amount)
        month = Month(trade.programme, one["partner_id"], BANK, one["month"])
        async for found_rows in reading.read(month, trade.now):
            places.update((row.figure, row.id, row.of) for row in found_rows)
            trade.done.update(f"rows {row.figure}" for row in found_rows)
    trade.done["awards clipped"] += len(await rows(_CLIPPED, trade.members))
    # a delivery that is cancelled later is counted twice, once with each sign
    twice = [place for place, count in places.items() if count > 1 and place[0] != "delivered"]
    assert not twice, twice


def charged(trade: Trade, figures: Counter[str]) -> dict[str, int]:
    """Amounts in minor units, each from exact sums, rounded once, half away from zero."""
    issued = trade.basis is TermsBasis.ISSUED
    points = figures["issued"] - figures["reversed"] if issued else figures["redeemed"]
    exact = Fraction(0) if trade.is_prepaid else trade.price * points
    charge, fee = half_up(exact * 100), half_up(exact * trade.fee)
    delivered = figures["delivered"]
    return {
        "charge_minor": charge,
        "fee_minor": fee,
        "delivered_minor": delivered,
        "net_minor": charge + fee - delivered,
    }


def half_up(exact: Fraction) -> int:
    whole = int(abs(exact) + Fraction(1, 2))
    return whole if exact >= 0 else -whole


@dataclass(slots=True)
class Account:
    """The figures of each month, computed from the present rows of the members."""

    tables: dict[str, list[Row]]
    room: UUID
    months: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def count(self, at: datetime, figure: str, value: int) -> None:
        self.months[month_of(at)][figure] += value

    def awards(self) -> None:
        """Count awards in full, in the month in which their cause was recorded."""
        recorded = {
            one["id"]: one["recorded_at"]
            for table in ("booking", "refund", "amendment")
            for one in self.tables[table]
        }
        for award in self.tables["award"]:
            if award["rule"] == RULE:
                of = award["refund_id"] or award["amendment_id"] or award["booking_id"]
                figure = "issued" if award["points"] > 0 else "reversed"
                self.count(recorded[of], figure, abs(award["points"]))

    def points(self) -> None:
        """Count points that the partner's lots lost; those of a hold when it is captured."""
        own = {lot["id"] for lot in self.tables["lot"] if lot["funder"] == BANK}
        lost: Counter[UUID] = Counter()
        for one in self.tables["allocation"]:
            lost[one["entry_id"]] -= one["points"] if one["lot_id"] in own else 0
        held: Counter[UUID] = Counter()
        for entry in self.tables["ledger_entry"]:
            if entry["kind"] in ("HOLD", "RELEASE"):
                held[entry["redemption_id"]] += lost[entry["id"]]
        for entry in self.tables["ledger_entry"]:
            at, points = entry["effective_at"], lost[entry["id"]]
            match entry["kind"]:
                case "REDEEM" | "REINSTATE":
                    self.count(at, "redeemed", points)
                case "CAPTURE":
                    self.count(at, "redeemed", held[entry["redemption_id"]])
                case "EXPIRE":
                    self.count(at, "expired", points)

    def deliveries(self) -> None:
        for one in self.tables["redemption"]:
            if one["reward_id"] == self.room and one["fulfilled_at"] is not None:
                self.count(one["fulfilled_at"], "delivered", COST_MINOR)
                if one["cancelled_at"] is not None:
                    self.count(one["cancelled_at"], "delivered", -COST_MINOR)
        for use in self.tables["coupon_use"]:
            sign = 1 if use["use_id"] is None else -1
            self.count(use["recorded_at"], "delivered", sign * COST_MINOR)


def month_of(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m}"


async def added_up(trade: Trade) -> defaultdict[str, Counter[str]]:
    tables = {table: await _rows(trade, table) for table in TABLES}
    account = Account(tables, trade.room.id)
    account.awards()
    account.points()
    account.deliveries()
    return account.months


TABLES = (
    *("award", "booking", "refund", "amendment"),
    *("ledger_entry", "allocation", "lot", "redemption", "coupon_use"),
)


async def _rows(trade: Trade, table: str) -> list[Row]:
    found: list[Any] = await rows(
        f"SELECT * FROM {table} WHERE member_id = ANY($1::uuid[])", trade.members
    )
    return found


PROOF = Proof(
    name="months",
    what="partners' months closed on the way, each as an account beside it adds up",
    count=1000,
    part=50,
    run=run,
)
