"""Counters: what a budget and a stock cost where fifty clients draw on one at the same time.

Each programme has a twin without the counter; both are served by one process and take turns. What
is compared are requests a second of the clock, because waiting for one another costs no processor
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
from domain.rewards import offers, placing
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
BUDGET, STOCK = 10**12, 10**9
"""So much that it is never the end that is measured."""

REWARD = """
programme: {code}
rewards:
  - code: gift
    kind: coupon
    name: {{zh-CN: 礼券, en: Gift}}
    description: {{zh-CN: 礼券, en: A gift}}
    points: 1
    stock: {stock}
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Requests a second with the counter, and without."""

    title: str
    counted: float
    free: float

    @property
    def ratio(self) -> float:
        return self.counted / self.free


def run(where: Place, template: str, bar: Bar, plan: tuple[int, float]) -> list[Drawn]:
    """Compare both counters by rounds of so many seconds; `plan` has both numbers.

    Raises: AnswerError for a refusal, RuntimeError for a fault that `verify` finds.
    """
    with place.copied(where, template, "bench_counters") as database:
        serving = where.serving(database)
        tokens = asyncio.run(_furnish(serving))
        port = processes.free_port()
        arguments = ["ops", "serve", "--port", str(port), "--no-migrate", "--no-worker"]
        variables = {"MILEPOST_DATABASE_URL": serving, "MILEPOST_POOL_SIZE": str(CLIENTS)}
        with (
            processes.served(arguments, port, HOME, variables),
            bar("counters", len(CASES) * plan[0]) as advance,
        ):
            found = [_compare(port, tokens, case, plan, advance) for case in CASES]
        asyncio.run(_prove(serving))
    return found


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


def _redeeming(number: int, key: str) -> dict[str, Any]:
    return {
        "idempotencyKey": f"{key} {number}",
        "member": {"reference": f"member-{number % MEMBERS}"},
        "reward": "gift",
    }


CASES: Sequence[tuple[str, Operation, Made]] = (
    ("bookings under one budget", BY_NAME["earn"], _earning),
    ("redemptions of one stock", BY_NAME["redeem"], _redeeming),
)


def _compare(
    port: int,
    tokens: Mapping[str, str],
    case: tuple[str, Operation, Made],
    plan: tuple[int, float],
    advance: Callable[[int], None],
) -> Drawn:
    title, operation, made = case
    to_message = samples.to_milepost(port)
    rates: dict[str, list[float]] = {COUNTED: [], FREE: []}
    number, seconds = plan
    for turn in range(number + 1):
        for name, token in tokens.items():
            sent = _endless(partial(to_message, operation, token), made, f"{title} {turn}")
            done = load.run(port, sent, CLIENTS, 1.0 if turn == 0 else seconds)
            if turn:
                rates[name].append(done.requests / done.seconds)
        advance(1 if turn else 0)
    return Drawn(title, *(statistics.median(rates[name]) for name in (COUNTED, FREE)))


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
    await placing.place(programme, offers.parse(REWARD.format(code=name, stock=stock)), now)
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


async def _prove(serving: str) -> None:
    """Raises: RuntimeError where a counter is not what was drawn, or anything else is wrong."""
    async with connected(serving, pool_max=2, everywhere=False):
        faults = [fault async for batch in verification.batches() for fault in batch.faults]
    if faults:
        raise RuntimeError(f"{len(faults)} faults, the first: {faults[0]}")
