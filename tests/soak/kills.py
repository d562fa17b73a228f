"""Servers are killed while they work: what was answered is stored, what was not is done once.

Each unit lets several clients send mutations of all kinds to a real server process, kills it
by SIGKILL at a random moment, starts another, and sends everything again.
"""

import asyncio
from collections import Counter
from random import Random

import httpx

from tests.soak import proofs
from tests.soak.mutations import Book
from tests.soak.proofs import Proof, Tell
from tests.soak.served import CALL_SECONDS, Opened, Served, calling, opened
from tests.soak.work import CLIENTS, Sent, begin, clients, prove, verify, work
from tests.support.servers import Database

WORK_SECONDS_MAX = 1.0
REQUESTS_MAX = 80
WITHIN_SECONDS_MAX = 0.02


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    async with opened(database.serving) as programme:
        # an answer in time is no part of this proof: a client waits no longer
        seconds = str(CALL_SECONDS)
        served = Served(database.serving, programme.home, MILEPOST_REQUEST_SECONDS_MAX=seconds)
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
        sent = await begin(callers, book, name, _unexpected)
        working = [
            asyncio.create_task(work(callers, client, sent, _unexpected))
            for client in clients(name, book)
        ]
        await _some_moment(chance, sent)
        served.kill()
        await asyncio.gather(*working)
    unanswered = sent.unanswered
    await asyncio.gather(served.start(), verify(database))
    async with calling(served, programme) as callers:
        await prove(callers, book, sent, _unexpected)
    await verify(database)
    kept = sum(bool(one.payload and one.payload["replayed"]) for one in unanswered)
    told = {"killed": 1, "unanswered": len(unanswered), "unanswered, but done": kept}
    return Counter(told) + sent.kinds()


async def _some_moment(chance: Random, sent: Sent) -> None:
    """Wait for a random time, or for a random number of requests and a moment of the next one."""
    if chance.random() < 0.5:
        await asyncio.sleep(chance.uniform(0, WORK_SECONDS_MAX))
        return
    await sent.until(chance.randint(CLIENTS, REQUESTS_MAX))
    await asyncio.sleep(chance.uniform(0, WITHIN_SECONDS_MAX))


def _unexpected(response: httpx.Response, _: float) -> None:
    raise AssertionError(response.text)
