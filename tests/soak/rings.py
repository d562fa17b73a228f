"""Rings of fraud among honest members: the shipped rules catch the rings, and few others.

A unit is a year of an honest member under the rules of `ctrip`: a few trips, most of them taken and
some refunded, now and then several within an hour, activities, and a redemption; families share a
device. Every `EVERY`th unit also has a ring, of each kind in turn.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import bookings, completions, refunds
from domain.bookings.completions import CompletionSent
from domain.bookings.refund_rules import RefundSent
from domain.kernel.database import rows
from domain.kernel.signals import NONE, Signals
from domain.members import enrolment
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from ops.postgres.database import connected
from tests.soak.proofs import Proof, Tell, draw, unit, write_behind
from tests.support import factories as make
from tests.support.servers import Database

EVERY = 20
"""One of this many units has a ring."""
TOUCHED_PERCENT_MAX = 1
"""Live rules may fire at less than this share of the honest members."""
TRIPS_MAX = 8
AT_ONCE = 0.05
"""How often several bookings of a family are made within an hour."""
REFUNDED = 0.12
"""How often a trip is refunded; some members refund three times as much."""

DEVICES_A_FAMILY = 3


class _World:
    """A programme under the shipped rules, and functions that report facts to it."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.numbers = iter(range(10**9))

    async def enrol(self, now: datetime, sent: Signals) -> UUID:
        by = replace(make.request(make.partner(self.programme), now=now), signals=sent)
        outcome = await enrolment.enrol(by, self.programme, EnrolSent())
        return UUID(outcome.figures["member_id"])

    async def book(self, member_id: UUID, amount: int, now: datetime, sent: Signals) -> str:
        reference = f"B-{next(self.numbers)}"
        by = replace(make.request(make.partner(self.programme), now=now), signals=sent)
        sold = make.booking(("hotel", str(amount)), reference=reference)
        await bookings.earn(by, self.programme, MemberKey.of_id(member_id), sold)
        return reference

    async def act(self, member_id: UUID, now: datetime, sent: Signals) -> None:
        by = replace(make.request(make.partner(self.programme), now=now), signals=sent)
        said = ActivitySent("partner_spend", f"A-{next(self.numbers)}", attributes={"amount": 20})
        await activities.earn(by, self.programme, MemberKey.of_id(member_id), said)

    async def refund(self, reference: str, now: datetime) -> None:
        by = make.request(make.partner(self.programme), now=now)
        await refunds.refund(by, self.programme, reference, RefundSent(f"R-{reference}"))

    async def travel(self, reference: str, now: datetime) -> None:
        by = make.request(make.partner(self.programme), now=now)
        await completions.complete(by, self.programme, reference, CompletionSent())

    async def redeem(self, member_id: UUID, points: int, now: datetime) -> None:
        reward = await make.reward(self.programme, list_points=points)
        await make.redeem(self.programme, member_id, reward, now=now)


def guarded() -> dict[str, Any]:
    """The document of `ota`, whose points can be spent at once, with the risk rules of `ctrip`."""
    return make.shipped_document(risk=make.whole_document("ctrip")["risk"])


def _device(number: int, own: int) -> Signals:
    family = number // DEVICES_A_FAMILY if own % 2 else number * 1000 + own
    return Signals({"device": family.to_bytes(32, "big"), "ip": bytes([own]) * 32})


async def _honest(world: _World, number: int, random: Random) -> UUID:
    """A year of trips."""
    now = make.NOW + timedelta(days=random.randrange(30))
    phone = _device(number, random.randrange(2))
    member_id = await world.enrol(now, phone)
    refunded = REFUNDED * (3 if random.random() < 0.1 else 1)
    for _ in range(random.randint(1, TRIPS_MAX)):
        now += timedelta(days=random.randrange(1, 60), minutes=random.randrange(600))
        several = random.randint(2, 5) if random.random() < AT_ONCE else 1
        for _ in range(several):
            reference = await world.book(member_id, random.randint(50, 6000), now, phone)
            now += timedelta(minutes=random.randrange(1, 10))
        if random.random() < refunded:
            await world.refund(reference, now + timedelta(hours=2))
            now += timedelta(hours=3)
        else:
            now += timedelta(days=random.randrange(1, 8))
            await world.travel(reference, now)
        if random.random() < 0.4:
            await world.act(member_id, now + timedelta(hours=4), phone)
            now += timedelta(hours=5)
    if (available := await make.available(member_id, now)) > 100 and random.random() < 0.5:
        await world.redeem(member_id, available // 2, now)
    return member_id


async def _burst(world: _World, random: Random) -> list[UUID]:
    """One member earns many times within an hour."""
    phone = Signals({"device": random.randbytes(32)})
    member_id = await world.enrol(make.NOW, phone)
    for _ in range(25):
        await world.act(member_id, make.NOW + timedelta(minutes=random.randrange(50)), phone)
    return [member_id]


async def _loop(world: _World, random: Random) -> list[UUID]:
    """One member books and gets refunds again and again, to have the points meanwhile."""
    member_id = await world.enrol(make.NOW, NONE)
    now = make.NOW
    for _ in range(7):
        now += timedelta(days=random.randrange(1, 6))
        reference = await world.book(member_id, 5000, now, NONE)
        await world.refund(reference, now + timedelta(hours=6))
    await world.book(member_id, 9000, now + timedelta(days=1), NONE)
    return [member_id]


async def _farm(world: _World, random: Random) -> list[UUID]:
    """Many members enrol on one device in a day; the first few look like a family."""
    phone = Signals({"device": random.randbytes(32)})
    made = [
        await world.enrol(make.NOW + timedelta(minutes=random.randrange(600)), phone)
        for _ in range(8)
    ]
    return made[5:]


RINGS = (_burst, _loop, _farm)


async def touched(member_ids: list[UUID]) -> set[UUID]:
    """The members at whom a live rule fired."""
    found = await rows(
        "SELECT DISTINCT member_id FROM risk_decision "
        "WHERE member_id = ANY($1::uuid[]) AND mode = 'live'",
        member_ids,
    )
    return {one["member_id"] for one in found}


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    await write_behind(database)
    async with connected(database.serving, everywhere=False):
        world = _World(await make.establish(guarded()))
        for number in numbers:
            with unit(number):
                random = draw(seed, number)
                honest = await _honest(world, number, random)
                done["honest"] += 1
                done["touched" if await touched([honest]) else "left be"] += 1
                if number % EVERY == 0:
                    ring = await RINGS[number // EVERY % len(RINGS)](world, random)
                    assert await touched(ring) == set(ring), "a ring was not caught"
                    assert await make.faults(*ring, honest) == []
                    done["rings"] += 1
            tell(1)
    assert done["touched"] * 100 < done["honest"] * TOUCHED_PERCENT_MAX, dict(done)
    return done


PROOF = Proof(
    name="rings",
    what="years of honest members beside rings of fraud",
    count=10_000,
    part=1000,
    run=run,
)
