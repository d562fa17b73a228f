"""Clients that send mutations of all kinds at once, and the proof that nothing went wrong.

`prove` sends everything again under its key: what was answered must get the same answer, and what
was not must have been done, or be done now; balances must be what the answers add up to.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any

import httpx

from domain.kernel import secrecy
from domain.proof import verification
from ops.postgres.database import connected
from tests.soak.mutations import Book, Client, Operation
from tests.soak.served import Callers
from tests.support.servers import SECRET_KEY, Database

CLIENTS = 6
MEMBERS = 5
TOGETHER = 8
TRIES = 10
"""How often something is sent that must be answered: a server on a busy machine may exceed its own
time limit, and what it has given up may still have a lock.
"""

BALANCE = """query($reference: String!) { member(by: {reference: $reference}) {
    balance { available pending held owed }
    bookings(first: 1) { totalCount } redemptions(first: 1) { totalCount } } }"""

Check = Callable[[httpx.Response, float], None]
"""Checks an answer without a payload, and the seconds that it took."""


@dataclass(slots=True)
class Sent:
    """All operations of a unit, in the order in which they were sent."""

    operations: list[Operation] = field(default_factory=list)
    wanted: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, operation: Operation) -> None:
        self.operations.append(operation)
        if len(self.operations) == self.wanted:
            self.enough.set()

    async def until(self, more: int) -> None:
        """Wait until this many more were sent."""
        self.wanted = len(self.operations) + more
        self.enough.clear()
        await self.enough.wait()

    @property
    def unanswered(self) -> list[Operation]:
        return [one for one in self.operations if one.payload is None]

    def kinds(self) -> Counter[str]:
        """How often each mutation was done, and how many were refused."""
        answered = [one for one in self.operations if one.payload is not None]
        return Counter(one.name if one.done else "refused" for one in answered)


def clients(name: str, book: Book) -> list[Client]:
    """Several clients, each with its own random numbers."""
    return [Client(f"{name}-{n}", book, Random(f"{name}-{n}")) for n in range(CLIENTS)]


async def insist(ask: Callable[[], Awaitable[httpx.Response]], check: Check) -> Any:
    """The data of the first answer without errors; `check` is told of those with them."""
    loop = asyncio.get_running_loop()
    for _ in range(TRIES):
        began = loop.time()
        response = await ask()
        answer = response.json()
        if "errors" not in answer:
            return answer["data"]
        check(response, loop.time() - began)
    raise AssertionError(response.text)


async def _send(callers: Callers, operation: Operation, check: Check) -> None:
    """Send an operation until it has a payload, and not one that others were in its way."""
    for _ in range(TRIES):
        await insist(partial(callers.send, operation), check)
        if not operation.met_others:
            return
    raise AssertionError(operation)


async def begin(callers: Callers, book: Book, name: str, check: Check) -> Sent:
    """Enrol members for the unit with points to spend; the operations sent."""
    sent = Sent()
    for n in range(MEMBERS):
        reference = f"M-{name}-{n}"
        spend = {"type": "partner_spend", "attributes": {"amount": 9000}, "reference": reference}
        for operation in (
            Operation("enrolMember", {"reference": reference}),
            Operation("earnForActivity", {"member": {"reference": reference}, **spend}),
        ):
            operation.sent["idempotencyKey"] = f"{operation.name}-{reference}"
            await _send(callers, operation, check)
            assert operation.done, operation
            book.add(operation)
            sent.note(operation)
    return sent


async def work(
    callers: Callers, client: Client, sent: Sent, check: Check, stop: asyncio.Event | None = None
) -> None:
    """Send one mutation after the other, until `stop` is set or the server is gone."""
    loop = asyncio.get_running_loop()
    while stop is None or not stop.is_set():
        operation, began = client.draw(), loop.time()
        sent.note(operation)
        try:
            response = await callers.send(operation)
        except httpx.TransportError:
            assert stop is None, operation
            return
        if operation.payload is None:
            check(response, loop.time() - began)
        elif operation.done:
            client.book.add(operation)


async def prove(callers: Callers, book: Book, sent: Sent, check: Check) -> None:
    """Send everything again; assert that nothing is lost or done twice, and balances add up."""
    answered = [one for one in sent.operations if one.done]
    for operation in sent.unanswered:
        await _send(callers, operation, check)
        if operation.done:
            book.add(operation)
    await _compare(callers, answered, check)
    await _balance(callers, book, check)


async def _compare(callers: Callers, answered: Sequence[Operation], check: Check) -> None:
    limit = asyncio.Semaphore(TOGETHER)

    async def compare(first: Operation) -> None:
        again = replace(first, payload=None)
        async with limit:
            await _send(callers, again, check)
        assert again.payload == {**(first.payload or {}), "replayed": True}, first.sent

    await asyncio.gather(*(compare(operation) for operation in answered))


async def _balance(callers: Callers, book: Book, check: Check) -> None:
    for member in book.members:
        found = (await insist(partial(callers.ask, BALANCE, reference=member), check))["member"]
        balance = found["balance"]
        points = balance["available"] + balance["pending"] - balance["owed"]
        counts = found["bookings"]["totalCount"], found["redemptions"]["totalCount"]
        assert (points, balance["held"], *counts) == book.expected(member), member


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Wait until the condition holds.

    Raises: TimeoutError
    """
    async with asyncio.timeout(seconds):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.02)


async def verify(database: Database) -> None:
    """Assert that verification finds no fault, under the key that the processes were given."""
    secrecy.keep_under(lambda: [SECRET_KEY])
    async with connected(database.serving, everywhere=False):
        faults = [str(fault) async for batch in verification.batches() for fault in batch.faults]
    assert faults == [], faults
