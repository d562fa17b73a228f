"""Attacks on a server of this machine, from processes of their own.

    echo '["quotes", 8000, 10, {"public": "…", "member": "…"}]' | python -m tests.soak.attacks

attacks for ten seconds and prints the number of each kind of answer. Each line is an attack by a
new process, forked from one that has imported what it needs. An attacker waits for an answer on
each of its connections before it asks again.
"""

import asyncio
import itertools
import json
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from ops.listener import raise_descriptors

HALF = b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/js"
LINE = {"product": "flight", "amount": "100"}
LINES_OF_A_MEGABYTE = 23_000
KINDS_OF_A_MEGABYTE = 60_000
MUTATIONS = 30
REQUESTS_AT_ONCE = 100
REQUESTS_OF_A_MOMENT = 10
"""Concurrent requests if an attack lasts less than a second, as each is sent at least once."""
HEADERS = 1500
IDLE = 400


@dataclass(slots=True)
class Attack:
    """`tokens` are the attacker's: one of a public page and one of a member."""

    port: int
    seconds: float
    tokens: dict[str, str]
    answers: Counter[str] = field(default_factory=Counter)
    ends: float = 0.0

    async def again(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Repeat until the time is over; once in any case, even if a busy machine starts late."""
        await attempt()
        while time.monotonic() < self.ends:
            await attempt()

    async def post(self, at_once: int, bodies: Iterator[Any], tokens: Iterator[str]) -> None:
        """Send bodies on `at_once` connections, each as soon as the one before was answered."""
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        address = f"http://127.0.0.1:{self.port}/graphql"
        async with httpx.AsyncClient(limits=limits, timeout=30) as client:

            async def ask() -> None:
                headers = {"Authorization": f"Bearer {next(tokens)}"}
                content = json.dumps(next(bodies)).encode()
                headers["Content-Type"] = "application/json"
                try:
                    answer = await client.post(address, content=content, headers=headers)
                    self.answers[str(answer.status_code)] += 1
                except httpx.TransportError:
                    self.answers["dropped"] += 1

            await asyncio.gather(*(self.again(ask) for _ in range(at_once)))

    async def hold(self, count: int, sent: bytes) -> None:
        """Keep `count` connections open, and open each again when it is closed."""

        async def open_one() -> None:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(sent)
                self.answers["opened"] += 1
                async with asyncio.timeout(max(0.0, self.ends - time.monotonic())):
                    await reader.read()
                self.answers["closed"] += 1
            except (OSError, TimeoutError):
                self.answers["dropped"] += 1
            else:
                writer.transport.abort()
            await asyncio.sleep(0.05)

        await asyncio.gather(*(self.again(open_one) for _ in range(count)))


Send = Callable[[Attack], Awaitable[None]]


def asking(query: str, **variables: Any) -> dict[str, Any]:
    return {"query": query, "variables": variables}


async def nothing(attack: Attack) -> None:
    """No attack, to measure how quickly the server answers without one."""
    await asyncio.sleep(attack.seconds)


async def quotes(attack: Attack) -> None:
    """Thirty quotes for a variable with 23 000 lines."""
    body = asking(_quotes(30), input={"lines": [LINE] * LINES_OF_A_MEGABYTE})
    await attack.post(4, itertools.repeat(body), itertools.repeat(attack.tokens["public"]))


async def allowed(attack: Attack) -> None:
    """As many quotes as one request is allowed."""
    body = asking(_quotes(30), input={"lines": [LINE] * 31})
    await attack.post(16, itertools.repeat(body), itertools.repeat(attack.tokens["public"]))


async def fragments(attack: Attack) -> None:
    """Chained fragments, no two documents the same: too many, and as many as are allowed."""
    documents = (
        f"{_chain(length)} #{number}" for number, length in enumerate(itertools.cycle((116, 50)))
    )
    bodies = (asking(document) for document in documents)
    await attack.post(16, bodies, itertools.repeat(attack.tokens["member"]))


async def kinds(attack: Attack) -> None:
    """A list of 60 000 values of an enum."""
    query = "query($kinds: [EntryKind!]) { me { ledger(kinds: $kinds) { totalCount } } }"
    body = asking(query, kinds=["EARN"] * KINDS_OF_A_MEGABYTE)
    await attack.post(8, itertools.repeat(body), itertools.repeat(attack.tokens["member"]))


async def mutations(attack: Attack) -> None:
    """A hundred requests of one member at once, with thirty mutations each."""
    at_once = REQUESTS_AT_ONCE if attack.seconds >= 1 else REQUESTS_OF_A_MOMENT
    fields = " ".join(
        f'a{n}: earnForActivity(input: {{idempotencyKey: "%s-{n}", reference: "%s-{n}", '
        f'type: "share"}}) {{ pointsAwarded }}'
        for n in range(MUTATIONS)
    )
    bodies = (
        asking(f"mutation {{ {fields % ((secrets.token_hex(8),) * 2 * MUTATIONS)} }}")
        for _ in itertools.count()
    )
    await attack.post(at_once, bodies, itertools.repeat(attack.tokens["member"]))


async def headers(attack: Attack) -> None:
    """1500 headers that never end."""
    await attack.hold(HEADERS, HALF)


async def idle(attack: Attack) -> None:
    """400 connections that send nothing."""
    await attack.hold(IDLE, b"")


async def unknown(attack: Attack) -> None:
    """Requests with keys that do not exist."""
    keys = (
        f"mp_development_{secrets.token_hex(8)}_{secrets.token_hex(16)}" for _ in itertools.count()
    )
    await attack.post(32, itertools.repeat(asking("{ viewer { kind } }")), keys)


ATTACKS: dict[str, Send] = {
    send.__name__: send
    for send in (nothing, quotes, allowed, fragments, kinds, mutations, headers, idle, unknown)
}


def _quotes(times: int) -> str:
    fields = " ".join(
        f"a{n}: quoteEarning(input: $input) {{ points lines {{ points }} }}" for n in range(times)
    )
    return f"query($input: QuoteEarningInput!) {{ {fields} }}"


def _chain(length: int) -> str:
    links = " ".join(
        f"fragment F{n} on Query {{ programme {{ code }} ...F{n + 1} }}" for n in range(length - 1)
    )
    return f"{{ ...F0 }} {links} fragment F{length - 1} on Query {{ programme {{ name }} }}"


async def _send(name: str, attack: Attack) -> Counter[str]:
    attack.ends = time.monotonic() + attack.seconds
    await ATTACKS[name](attack)
    return attack.answers


def _attack(line: str) -> None:
    name, *told = json.loads(line)
    print(json.dumps(asyncio.run(_send(name, Attack(*told)))))


def serve() -> None:
    """Run the attack of each line of standard input; returns in each fork, and when one fails.

    The result of each attack is one line of standard output.
    """
    raise_descriptors()
    os.nice(10)  # real attackers use other machines: here they must leave the server its processor
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _attack(line)
            return
        _, ended = os.waitpid(child, 0)
        if ended:
            return


if __name__ == "__main__":
    serve()
