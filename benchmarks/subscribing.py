"""Subscribers of one process: what 5000 idle ones take, and how fast they are told of changes.

    PYTHONPATH=. python -m benchmarks.subscribing

Events are written into the feed as a worker writes them, for the worker's own time is measured
elsewhere. Those of members whom nobody waits for show what following the feed costs alone.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks import building, histories, place, processes, running, samples
from benchmarks.place import HOME, Place
from benchmarks.processes import Served
from domain.delivery import numbering
from ops import progress
from ops.commands import keys
from ops.console import console, notes
from ops.listener import raise_descriptors
from ops.postgres.connections import connection
from ops.settings import load

MEMBERS, SUBSCRIBERS, EACH = 2_000, 1_000, 5
SOCKETS = SUBSCRIBERS * EACH
AT_ONCE = 50
"""Sockets that are opened at the same time."""
SETTLE_SECONDS, IDLE_SECONDS, PATIENT_SECONDS = 5, 20, 300
PASSING_A_SECOND, PASSING_SECONDS, PARTS = 3_000, 10, 4
ROUNDS = 3

BALANCE = "subscription { balanceChanged { available pending held } }"
CHANGED = "subscription { redemptionChanged { id status points } }"
PROTOCOL = Subprotocol("graphql-transport-ws")

PICKED = """
SELECT m.reference, m.member_id, (
    SELECT id FROM redemption r WHERE r.member_id = m.member_id ORDER BY id LIMIT 1
) AS redemption_id FROM member m
WHERE EXISTS (SELECT FROM redemption r WHERE r.member_id = m.member_id)
ORDER BY m.member_id LIMIT $1
"""
OTHERS = "SELECT member_id FROM member WHERE NOT member_id = ANY($1::uuid[]) ORDER BY member_id"

EVENTS = """
WITH made AS (
    SELECT gen_random_uuid() AS id, w.member_id, get_byte(uuid_send(w.member_id), 15) & 15 AS part,
        jsonb_build_object('redemption_id', w.redemption_id) AS payload, p.id AS programme_id
    FROM unnest($1::uuid[], $2::uuid[]) AS w (member_id, redemption_id), programme p
    WHERE p.code = $3
), heads AS (
    INSERT INTO feed_head (part, programme_id, position, numbered_at)
    SELECT part, programme_id, count(*), now() FROM made GROUP BY part, programme_id
    ON CONFLICT (part, programme_id)
    DO UPDATE SET position = feed_head.position + EXCLUDED.position, numbered_at = now()
    RETURNING part, programme_id, position
), written AS (
    INSERT INTO outbox_event (member_id, id, programme_id, part, topic, payload, sequence,
        recorded_at, relay_failures, numbered_at)
    SELECT member_id, id, programme_id, part, 'coupon.used', payload, 1, now(), 0, now() FROM made
), entered AS (
    INSERT INTO feed_entry (part, programme_id, numbered_at, position, member_id, event_id, topic)
    SELECT m.part, m.programme_id, now(),
        h.position + 1 - row_number() OVER (PARTITION BY m.part ORDER BY m.id),
        m.member_id, m.id, 'coupon.used'
    FROM made m JOIN heads h ON h.part = m.part
)
SELECT pg_notify($4, programme_id::text || ':' || part::text) FROM heads
"""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A member with a redemption, and its token."""

    member_id: UUID
    redemption_id: UUID
    token: str


@dataclass(slots=True)
class Crowd:
    """Sockets that count what they are sent."""

    messages: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, line: ClientConnection) -> None:
        async for text in line:
            if json.loads(text)["type"] != "next":
                raise RuntimeError(text)
            self.messages += 1
            self.came.set()

    async def until(self, messages: int) -> None:
        async with asyncio.timeout(PATIENT_SECONDS):
            while self.messages < messages:
                self.came.clear()
                await self.came.wait()


@dataclass(frozen=True, slots=True)
class Look:
    """A process at an instant: its memory in kB, its CPU seconds, and the seconds of the clock."""

    memory: int
    cpu: float
    at: float

    @classmethod
    def at_process(cls, pid: int) -> "Look":
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        [memory] = [int(line.split()[1]) for line in lines if line.startswith("VmRSS")]
        return cls(memory, processes.cpu_seconds(pid), time.monotonic())


@contextmanager
def served(url: str) -> Iterator[Served]:
    port = processes.free_port()
    arguments = ["ops", "serve", "--port", str(port), "--no-migrate", "--no-worker"]
    with processes.served(arguments, port, HOME, {"MILEPOST_DATABASE_URL": url}) as server:
        yield server


async def picked(reader: asyncpg.Connection) -> list[Subscriber]:
    settings, now = load(home=HOME), datetime.now(UTC)
    found = await reader.fetch(PICKED, SUBSCRIBERS)
    if len(found) < SUBSCRIBERS:
        raise RuntimeError(f"{len(found)} members have redemptions, not {SUBSCRIBERS}")
    return [
        Subscriber(
            one["member_id"],
            one["redemption_id"],
            keys.member_token(settings, histories.PROGRAMME, one["reference"], now),
        )
        for one in found
    ]


@asynccontextmanager
async def subscribed(
    server: Served, tokens: Sequence[str], query: str, crowd: Crowd
) -> AsyncIterator[None]:
    """A socket for each token, with one subscription, for as long as the block lasts."""
    room = asyncio.Semaphore(AT_ONCE)

    async def subscribe(token: str) -> ClientConnection:
        async with room:
            line = await stack.enter_async_context(
                connect(
                    f"ws://127.0.0.1:{server.port}/graphql",
                    subprotocols=[PROTOCOL],
                    compression=None,
                    ping_interval=None,
                    open_timeout=PATIENT_SECONDS,
                    proxy=None,
                )
            )
            payload = {"authorization": f"Bearer {token}"}
            await line.send(json.dumps({"type": "connection_init", "payload": payload}))
            if json.loads(await line.recv())["type"] != "connection_ack":
                raise RuntimeError("not let in")
            sent = {"type": "subscribe", "id": "1", "payload": {"query": query}}
            await line.send(json.dumps(sent))
            return line

    async with AsyncExitStack() as stack:
        lines = await asyncio.gather(*map(subscribe, tokens))
        listening = [asyncio.create_task(crowd.listen(line)) for line in lines]
        try:
            yield
        finally:
            for task in listening:
                task.cancel()


async def write(
    writer: asyncpg.Connection, members: Sequence[UUID], redemptions: Sequence[UUID | None]
) -> None:
    """An event of each, in the feed."""
    await writer.execute(EVENTS, members, redemptions, histories.PROGRAMME, numbering.CHANNEL)


async def idle(server: Served, tokens: Sequence[str]) -> list[str]:
    before, crowd = Look.at_process(server.pid), Crowd()
    async with subscribed(server, tokens, BALANCE, crowd):
        await crowd.until(len(tokens))
        opened = Look.at_process(server.pid)
        await asyncio.sleep(SETTLE_SECONDS)
        settled = Look.at_process(server.pid)
        await asyncio.sleep(IDLE_SECONDS)
        ended = Look.at_process(server.pid)
    each = (ended.memory - before.memory) / len(tokens)
    busy = (ended.cpu - settled.cpu) / (ended.at - settled.at)
    opening = (opened.cpu - before.cpu) / len(tokens)
    return [
        f"{len(tokens)} idle sockets: {each:.1f} kB each, {busy:.1%} of a core",
        f"opening one, with its first answer: {1000 * opening:.2f} ms of CPU",
    ]


async def told(server: Served, writer: asyncpg.Connection, crowd: list[Subscriber]) -> list[str]:
    tokens = [one.token for one in crowd for _ in range(EACH)]
    members = [one.member_id for one in crowd]
    others = [one["member_id"] for one in await writer.fetch(OTHERS, members)]
    counted, lines = Crowd(), []
    async with subscribed(server, tokens, CHANGED, counted):
        await asyncio.sleep(SETTLE_SECONDS)
        passing = (others * (1 + PASSING_A_SECOND // len(others)))[: PASSING_A_SECOND // PARTS]
        before, pieces = Look.at_process(server.pid), PASSING_SECONDS * PARTS
        for piece in range(pieces):
            await write(writer, passing, [None] * len(passing))
            await asyncio.sleep(max(0.0, before.at + (piece + 1) / PARTS - time.monotonic()))
        after = Look.at_process(server.pid)
        busy, seconds = after.cpu - before.cpu, after.at - before.at
        rate = pieces * len(passing) / seconds
        lines.append(f"{rate:.0f} events a second of others: {busy / seconds:.1%} of a core")
        for _ in range(ROUNDS):
            expected, before = counted.messages + len(tokens), Look.at_process(server.pid)
            await write(writer, members, [one.redemption_id for one in crowd])
            await counted.until(expected)
            after = Look.at_process(server.pid)
            busy, seconds = after.cpu - before.cpu, after.at - before.at
            lines.append(
                f"{len(members)} events to {len(tokens)} subscribers: "
                f"{len(tokens) / seconds:.0f} messages a second, "
                f"{1000 * busy / len(tokens):.2f} ms of CPU each"
            )
    return lines


async def measured(where: Place, database: str) -> list[str]:
    await samples.set_clock(where.serving(database))
    async with connection(where.owner(database)) as writer:
        crowd = await picked(writer)
        with served(where.serving(database)) as server:
            lines = await idle(server, [one.token for one in crowd for _ in range(EACH)])
            return lines + await told(server, writer, crowd)


def main() -> None:
    """Measure, and print what was found."""
    raise_descriptors()
    before = running.load_average()
    with place.opened() as where:
        template = asyncio.run(building.template(where, MEMBERS, progress.bar))
        with place.copied(where, template, "bench_subscribers") as database:
            lines = asyncio.run(measured(where, database))
    for line in lines:
        console.print(line)
    console.print(f"load {before}; {running.load_average()}", style="dim")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        notes.print(f"error: {error}", markup=False)
        sys.exit(1)
