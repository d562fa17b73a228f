"""Servers killed while they work: what was answered stands, what was not is done once.

Each unit lets several clients send mutations of all kinds to a real server process, kills it
by SIGKILL at a random moment, and starts another. Then everything is sent again under its
key: what was answered must be answered as it was, what was not must be done now or have been
done; and balances are what the answers add up to.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

import httpx

from domain import verification
from ops.database import connected
from tests.servers import Database
from tests.soak import proofs
from tests.soak.mutations import Book, Client, Operation
from tests.soak.proofs import Proof, Tell
from tests.soak.served import Callers, Opened, Served, calling, opened

CLIENTS = 6
MEMBERS = 5
WORK_SECONDS_MAX = 1.0
REQUESTS_MAX = 80
WITHIN_SECONDS_MAX = 0.02
TOGETHER = 8

BALANCE = """query($reference: String!) { member(by: {reference: $reference}) {
    balance { available pending held owed }
    bookings(first: 1) { totalCount } redemptions(first: 1) { totalCount } } }"""


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


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    async with opened(database.serving) as programme:
        served = Served(database.serving, programme.home)
        await served.start()
        try:
            for number in numbers:
                with proofs.unit(number):
                    done += await _kill_once(database, programme, served, seed, number)
                tell(1)
            assert await served.stop() == 0
        finally:
            served.kill()
    return done


PROOF = Proof("kills", "servers killed at random moments", count=200, part=50, run=run)


async def _kill_once(
    database: Database, programme: Opened, served: Served, seed: int, number: int
) -> Counter[str]:
    chance, name, book = proofs.draw(seed, number), f"{seed}-{number}", Book()
    async with calling(served, programme) as callers:
        sent = Sent(await begin(callers, book, name))
        clients = [
            Client(f"{name}-{n}", book, Random(f"{seed}:{number}:{n}"))  # noqa: S311
            for n in range(CLIENTS)
        ]
        working = [asyncio.create_task(work(callers, client, sent)) for client in clients]
        await _some_moment(chance, sent)
        served.kill()
        await asyncio.gather(*working)
    operations = sent.operations
    unanswered = [one for one in operations if one.payload is None]
    await asyncio.gather(served.start(), verify(database))
    async with calling(served, programme) as callers:
        await prove(callers, book, operations)
    await verify(database)
    kept = sum(bool(one.payload and one.payload["replayed"]) for one in unanswered)
    told = {"killed": 1, "unanswered": len(unanswered), "unanswered, but done": kept}
    return Counter(told) + Counter(one.name if one.done else "refused" for one in operations)


async def _some_moment(chance: Random, sent: Sent) -> None:
    """After a time, or within one of the requests that follow so many."""
    if chance.random() < 0.5:
        await asyncio.sleep(chance.uniform(0, WORK_SECONDS_MAX))
        return
    sent.wanted = len(sent.operations) + chance.randint(CLIENTS, REQUESTS_MAX)
    await sent.enough.wait()
    await asyncio.sleep(chance.uniform(0, WITHIN_SECONDS_MAX))


async def begin(callers: Callers, book: Book, name: str) -> list[Operation]:
    """Members of the unit's own with points to spend; what was sent for it."""
    sent = []
    for n in range(MEMBERS):
        reference = f"M-{name}-{n}"
        spend = {"type": "partner_spend", "attributes": {"amount": 9000}, "reference": reference}
        for operation in (
            Operation("enrolMember", {"reference": reference}),
            Operation("earnForActivity", {"member": {"reference": reference}, **spend}),
        ):
            operation.sent["idempotencyKey"] = f"{operation.name}-{reference}"
            await callers.send(operation)
            assert operation.done, operation
            book.add(operation)
            sent.append(operation)
    return sent


async def work(callers: Callers, client: Client, sent: Sent) -> None:
    """Send one mutation after the other, until nobody answers."""
    while True:
        operation = client.draw()
        sent.note(operation)
        try:
            response = await callers.send(operation)
        except httpx.TransportError:
            return
        assert operation.payload is not None, response.text
        if operation.done:
            client.book.add(operation)


async def prove(callers: Callers, book: Book, sent: Sequence[Operation]) -> None:
    """Send everything again: nothing is lost, nothing is done twice, and balances add up."""
    answered = [one for one in sent if one.done]
    for operation in (one for one in sent if one.payload is None):
        response = await callers.send(operation)
        assert operation.payload is not None, response.text
        if operation.done:
            book.add(operation)
    limit = asyncio.Semaphore(TOGETHER)

    async def compare(first: Operation) -> None:
        again = replace(first, payload=None)
        async with limit:
            await callers.send(again)
        assert again.payload == {**(first.payload or {}), "replayed": True}, first.sent

    await asyncio.gather(*(compare(operation) for operation in answered))
    for member in book.members:
        found = (await callers.read(BALANCE, reference=member))["member"]
        balance = found["balance"]
        points = balance["available"] + balance["pending"] - balance["owed"]
        counts = found["bookings"]["totalCount"], found["redemptions"]["totalCount"]
        assert (points, balance["held"], *counts) == book.expected(member), member


async def verify(database: Database) -> None:
    """No fault in anybody's ledger."""
    async with connected(database.serving, everywhere=False):
        faults = [str(fault) async for batch in verification.batches() for fault in batch.faults]
    assert faults == []
