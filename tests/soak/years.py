"""Two years of a programme, settled day by day while facts go on: the journal ties to the ledger on
every day, computing it again changes nothing, and closed months stay as they were.

Bookings are reported late, refunded and amended; points are granted by a partner and by staff,
expire, are held, spent, transferred and owed; the policy's breakage and its method change on the
way.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import models
from domain.books import books
from domain.finance import closing, recording
from domain.insight import rollups
from domain.kernel import dates
from domain.kernel.refusals import Refusal
from domain.partners import prepaid
from domain.partners.prepaid import PurchaseSent
from domain.programmes.programmes import Programme
from domain.proof import verification
from tests.soak import proofs
from tests.soak.proofs import Proof, Tell
from tests.support import factories as make
from tests.support import figured, tied, travel
from tests.support.servers import Database

BANK = "bank"
DAYS = 730
STEPS_A_DAY = 0.7
"""How many steps a day has, on average."""


@dataclass(slots=True)
class Year:
    """A programme with its members, their bookings and redemptions, and its closed months."""

    programme: Programme
    members: list[UUID]
    room: models.Reward
    draw: Random
    now: datetime = make.NOW
    bookings: list[str] = field(default_factory=list)
    redeemed: list[tuple[UUID, UUID]] = field(default_factory=list)
    closed: dict[date, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    numbers: int = 0

    def name(self, of: str) -> str:
        self.numbers += 1
        return f"{of}{self.numbers}"

    def line(self) -> Any:
        product = self.draw.choice(("hotel", "flight", "train"))
        return make.line_of(product, f"{self.draw.randint(1, 400_000) / 100:.2f}")

    def member(self) -> UUID:
        return self.draw.choice(self.members)


Step = Callable[[Year], Awaitable[object]]


async def book(year: Year) -> None:
    late = timedelta(days=year.draw.choice((0, 0, year.draw.randint(1, 50))))
    reference = year.name("B")
    lines = [year.line() for _ in range(year.draw.randint(1, 3))]
    at = year.now - late
    await travel.pay(year.programme, year.member(), reference, *lines, now=year.now, booked_at=at)
    year.bookings.append(reference)


async def pay_with_points(year: Year) -> None:
    member_id, line, points = year.member(), year.line(), year.draw.randint(1, 900)
    held = await travel.hold(year.programme, member_id, points, line, now=year.now)
    if year.draw.random() < 0.7:
        reference = year.name("B")
        await travel.pay(year.programme, member_id, reference, line, redemption=held, now=year.now)
        year.bookings.append(reference)


async def refund(year: Year) -> None:
    parts = ((1, f"{year.draw.randint(1, 90_000) / 100:.2f}"),) if year.draw.random() < 0.6 else ()
    await travel.refund(
        year.programme,
        year.draw.choice(year.bookings[-20:]),
        year.name("R"),
        *parts,
        now=year.now,
        supplier_cancelled=year.draw.random() < 0.4,
    )


async def amend(year: Year) -> None:
    booking = year.draw.choice(year.bookings[-20:])
    await travel.amend(year.programme, booking, year.name("A"), year.line(), now=year.now)


async def complete(year: Year) -> None:
    await travel.complete(year.programme, year.draw.choice(year.bookings[-9:]), now=year.now)


async def redeem(year: Year) -> None:
    member_id = year.member()
    made = await make.redeem(year.programme, member_id, year.room, now=year.now)
    year.redeemed.append((member_id, made))


async def cancel(year: Year) -> None:
    member_id, made = year.draw.choice(year.redeemed)
    staff = make.staff(year.programme)
    await make.cancel(year.programme, member_id, made, caller=staff, now=year.now)


async def give(year: Year) -> None:
    await make.give(year.programme, year.member(), year.draw.randint(1, 700), now=year.now)


async def transfer(year: Year) -> None:
    giver, receiver = year.draw.sample(year.members, 2)
    points = year.draw.randint(1, 500)
    await make.transfer(year.programme, giver, receiver, points, now=year.now)


async def adjust(year: Year) -> None:
    points = year.draw.choice((1, -1)) * year.draw.randint(1, 300)
    await make.adjust(year.programme, year.member(), points, now=year.now)


STEPS: dict[Step, int] = {
    book: 9,
    pay_with_points: 4,
    refund: 5,
    amend: 3,
    complete: 3,
    redeem: 4,
    cancel: 2,
    give: 4,
    transfer: 3,
    adjust: 2,
}


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    return await proofs.play_each(database, numbers, tell, partial(play, seed, DAYS))


async def play(seed: int, days: int, number: int) -> Counter[str]:
    year = await begin(proofs.draw(seed, number))
    steps, weights = list(STEPS), list(STEPS.values())
    for day in range(days):
        year.now = make.NOW + timedelta(days=day)
        while year.draw.random() < STEPS_A_DAY / (1 + STEPS_A_DAY):
            [step] = year.draw.choices(steps, weights)
            year.now += timedelta(minutes=year.draw.randint(1, 90))
            try:
                await step(year)
                year.done[step.__name__] += 1
            except Refusal as refusal:
                year.done[f"{step.__name__} refused: {refusal.code}"] += 1
            except IndexError:  # nothing was booked or redeemed yet
                continue
        if day and day % 170 == 0:
            year.programme = await make.publish(year.programme, document(year.draw), now=year.now)
        await settle(year)
    await prove(year)
    return year.done


async def settle(year: Year) -> None:
    """Settle the days that have ended, and close months that have, sometimes two at once."""
    records = (rollups.record_day, recording.record_day)
    while (day := await figured.settle_next(year.programme, year.now, records)) is not None:
        year.done["days settled"] += 1
        if day != dates.month_end(day) or year.draw.random() < 0.3:
            continue
        request = make.request(make.staff(year.programme), now=year.now)
        month = max(year.closed, default=dates.add_months(make.NOW.date().replace(day=1), -1))
        while (month := dates.add_months(month, 1)) <= day:
            closed = await closing.close(request, year.programme, f"{month:%Y-%m}")
            year.closed[month] = closed.figures["sha256"]
            year.done["months closed"] += 1
            request = make.request(make.staff(year.programme), now=year.now)


async def prove(year: Year) -> None:
    year.done["days tied"] += await tied.prove(year.programme)
    kept = await tied.kept(year.programme)
    assert await tied.rebuilt(year.programme) == kept
    for line in kept["journal_day"]:
        year.done[f"lines {line['account']}"] += 1
    request = make.request(make.staff(year.programme), now=year.now)
    for month, sha256 in year.closed.items():
        again = await closing.close(request, year.programme, f"{month:%Y-%m}")
        assert (again.figures["sha256"], again.replayed) == (sha256, True)
        request = make.request(make.staff(year.programme), now=year.now)
    faults = [fault async for batch in verification.batches() for fault in batch.faults]
    assert faults == []


def document(draw: Random) -> dict[str, Any]:
    """A document with points valid for some months, and a random breakage."""
    worth = {"points": 100, "money": draw.choice((1, 2))}
    lasting = {"months": draw.choice((2, 5)), "through": draw.choice(("day", "month"))}
    return make.variant(
        make.rule("rate", "base", points=1),
        make.rule("bonus", "gift", points=draw.choice((31, 300)), funder=BANK),
        make.rule(
            "bonus", "trip", points=77, available="on_completion", when={"products": ["train"]}
        ),
        points={"worth": worth, "available": "at_payment", "expiry": lasting},
        finance={
            "breakage": str(draw.randint(0, 40) / 100),
            "method": draw.choice(("remote", "proportional")),
        },
        offset={"step": 1, "minimum": 1, "shares": [{"percent": 50}]},
        transfers={"account_age_days": 0},
    )


async def begin(draw: Random) -> Year:
    earlier = make.NOW - timedelta(days=60)
    programme = await make.funded(document(draw), BANK, now=earlier)
    for month in ("2026-03", "2026-07", "2027-02"):
        price = draw.choice(("0.012", "0.00333333", "1"))
        terms = {"from_month": month, "price_per_point": price, "prepaid": month == "2026-07"}
        await make.agree(programme, BANK, now=earlier, **terms)
    bought = PurchaseSent(BANK, 10**6, "first")
    await prepaid.buy(make.request(make.staff(programme), now=earlier), programme, bought)
    await books.open_from(programme, make.NOW.date(), make.NOW)
    members = [await make.enrol(programme, reference=f"M{n}", now=earlier) for n in range(4)]
    room = await make.reward(programme, cost_minor=7_33, list_points=300)
    return Year(programme, members, room, draw)


PROOF = Proof("years", "years of a journal that ties to the ledger on every day", 24, 3, run)
