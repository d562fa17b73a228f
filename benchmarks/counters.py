"""What many wait for: a budget, a stock, a pool of codes and one member, under fifty clients.

A programme has a twin without counters; both are served by one process and take turns. What is
compared are requests a second of the clock, because waiting for one another costs no processor
time.
"""

import asyncio
import itertools
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import yaml

from benchmarks import load, place, processes, samples
from benchmarks.building import Bar
from benchmarks.load import AnswerError
from benchmarks.operations import BY_NAME, Operation
from benchmarks.place import HOME, Place
from domain.kernel.callers import EVERY_ROLE, OWN_SCOPES, Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.lookups import LookupScope
from domain.members import enrolment
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.partners import partner_keys, partners
from domain.programmes import programmes, reader
from domain.programmes.programmes import Programme
from domain.proof import verification
from domain.rewards import catalogue, coupons, offers, placing
from domain.transfers import adjustments
from domain.transfers.adjustments import AdjustmentSent
from ops.postgres.database import connected
from ops.settings import ROOT

CLIENTS, MEMBERS = 50, 200
RICH = 10_000
LEAST = 0.5
"""Of the requests a second of the twin without a counter."""

DOCUMENT = ROOT / "domain" / "programmes" / "documents" / "ota.yaml"
COUNTED, FREE = "counted", "free"
BUDGET, STOCK, CODES = 10**12, 10**9, 100_000
"""So much that it is never the end that is measured."""

REWARDS = """
programme: {code}
rewards:
  - code: gift
    kind: coupon
    name: {{zh-CN: 礼券, en: Gift}}
    description: {{zh-CN: 礼券, en: A gift}}
    points: 1
    stock: {stock}
  - code: voucher
    kind: coupon
    name: {{zh-CN: 礼券, en: Voucher}}
    description: {{zh-CN: 礼券, en: A voucher}}
    points: 1
    pooled: true
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Requests a second where many wait for one thing, and where they do not; `least` is what the
    ratio must be, if anything is asked of it.
    """

    title: str
    least: float | None
    counted: float
    free: float

    @property
    def ratio(self) -> float:
        return self.counted / self.free


def run(where: Place, bar: Bar, plan: tuple[int, float]) -> tuple[list[Drawn], list[str]]:
    """Compare all cases by rounds of so many seconds; `plan` has both numbers. With them the faults
    that `verify` finds, and what was answered where a case could not be measured.
    """
    with place.empty(where, "bench_counters") as database:
        serving = where.serving(database)
        tokens = asyncio.run(_furnish(serving))
        port = processes.free_port()
        arguments = ["ops", "serve", "--port", str(port), "--no-migrate", "--no-worker"]
        variables = {"MILEPOST_DATABASE_URL": serving, "MILEPOST_POOL_SIZE": str(CLIENTS)}
        with (
            processes.served(arguments, port, HOME, variables),
            bar("counters", len(CASES) * plan[0]) as advance,
        ):
            found, faults = list[Drawn](), list[str]()
            for case in CASES:
                try:
                    found.append(_compare(port, tokens, case, plan, advance))
                except AnswerError as error:
                    faults.append(f"{case.title}: {error}")
        return found, [*faults, *asyncio.run(_faults(serving))]


Made = Callable[[int, str], dict[str, Any]]
"""The input of a request, by its number and a key that only its round has."""


def _earning(number: int, key: str) -> dict[str, Any]:
    reference = f"{key} {number}"
    return {
        "idempotencyKey": reference,
        "member": {"reference": f"member-{number % MEMBERS}"},
        "reference": reference,
        "lines": [{"product": "flight", "amount": "120.00"}],
    }


def _redeeming(reward: str, number: int, key: str) -> dict[str, Any]:
    return {
        "idempotencyKey": f"{key} {number}",
        "member": {"reference": f"member-{number % MEMBERS}"},
        "reward": reward,
    }


def _hot(number: int, key: str) -> dict[str, Any]:
    """All of one member."""
    return {**_earning(number, key), "member": {"reference": "member-0"}}


@dataclass(frozen=True, slots=True)
class Side:
    """Requests of one programme."""

    programme: str
    made: Made


@dataclass(frozen=True, slots=True)
class Case:
    """What is compared: where many wait for one thing, and where they do not."""

    title: str
    operation: Operation
    held: Side
    free: Side
    least: float | None = LEAST


EARN, REDEEM = BY_NAME["earn"], BY_NAME["redeem"]
GIFT, VOUCHER = (partial(_redeeming, reward) for reward in ("gift", "voucher"))
CASES: Sequence[Case] = (
    Case("bookings under one budget", EARN, Side(COUNTED, _earning), Side(FREE, _earning)),
    Case("redemptions of one stock", REDEEM, Side(COUNTED, GIFT), Side(FREE, GIFT)),
    Case("redemptions from a pool of codes", REDEEM, Side(COUNTED, VOUCHER), Side(FREE, GIFT)),
    Case("bookings of one member", EARN, Side(FREE, _hot), Side(FREE, _earning), None),
)


def _compare(
    port: int,
    tokens: Mapping[str, str],
    case: Case,
    plan: tuple[int, float],
    advance: Callable[[int], None],
) -> Drawn:
    to_message, sides = samples.to_milepost(port), (case.held, case.free)
    rates: list[list[float]] = [[] for _ in sides]
    number, seconds = plan
    for turn in range(number + 1):
        for place_of, side in enumerate(sides):
            message = partial(to_message, case.operation, tokens[side.programme])
            sent = _endless(message, side.made, f"{case.title} {turn} {place_of}")
            done = load.run(port, sent, CLIENTS, 1.0 if turn == 0 else seconds)
            if turn:
                rates[place_of].append(done.requests / done.seconds)
        advance(1 if turn else 0)
    return Drawn(case.title, case.least, *map(statistics.median, rates))


def _endless(
    to_message: Callable[[dict[str, Any]], bytes], made: Made, key: str
) -> Iterator[bytes]:
    for number in itertools.count():
        yield to_message({"input": made(number, key)})


async def _furnish(serving: str) -> dict[str, str]:
    """Two programmes with members who have points, one with counters; a partner's key of each."""
    now, tokens = datetime.now(UTC), {}
    async with connected(serving, pool_max=2, everywhere=False):
        for name in (COUNTED, FREE):
            programme = await _programme(name, now)
            partner_id = await partners.create(programme, "shop", "Shop", now)
            tokens[name] = await partner_keys.issue(
                programme, partner_id, OWN_SCOPES, now, environment="development"
            )
            for number in range(MEMBERS):
                await _enrol(programme, number, now)
    return tokens


async def _programme(name: str, now: datetime) -> Programme:
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8")) | {"programme": name}
    if name == COUNTED:
        document["earning"][0]["budget"] = {"points": BUDGET}
    policy = reader.validate(document)
    programme = await programmes.establish(policy, now - timedelta(days=400), by="ops", note="")
    stock = STOCK if name == COUNTED else "null"
    await placing.place(programme, offers.parse(REWARDS.format(code=name, stock=stock)), now)
    if name == COUNTED:
        offered = await catalogue.get(programme.id, "voucher", now)
        codes = ((f"CODE{number:08d}", None) for number in range(CODES))
        await coupons.import_pool(programme, offered, codes, now)
    return programme


async def _enrol(programme: Programme, number: int, now: datetime) -> None:
    # each by another person, who may give so much on a day
    staff = Caller(
        CallerKind.STAFF, programme.id, programme.code, f"person {number}", roles=EVERY_ROLE
    )
    sent = EnrolSent(reference=f"member-{number}", name=None, locale="en")
    await enrolment.enrol(Request(staff, "enrol", now), programme, sent)
    member = MemberKey(LookupScope.REFERENCE, f"member-{number}")
    given = AdjustmentSent(RICH, "benchmarks")
    await adjustments.adjust(Request(staff, "adjust", now), programme, member, given)


async def _faults(serving: str) -> list[str]:
    """Where a counter is not what was drawn, or anything else is wrong."""
    async with connected(serving, pool_max=2, everywhere=False):
        return [str(fault) async for batch in verification.batches() for fault in batch.faults]
