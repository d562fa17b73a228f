"""Workers are killed or cut off while they sweep and number: all is done, and nothing twice.

Each unit gives members points that have expired or soon will, and expired holds, and queues the
jobs. When a random part of the work is done, the worker is killed by SIGKILL, and another one must
finish it; or its connections to the database fail for a while, and it must continue by itself.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pgqueuer

import models
from domain.kernel.database import row, rows
from domain.kernel.ids import new_id
from domain.programmes.programmes import Programme
from ops.commands import demo
from ops.postgres.database import connected
from ops.worker import queue
from tests.soak import proofs, proxy
from tests.soak.proofs import Proof, Tell
from tests.soak.proxy import End, Proxy
from tests.soak.served import PROGRAMME, Process, opened
from tests.soak.work import eventually, verify
from tests.support import factories as make
from tests.support.logs import whole_lines
from tests.support.servers import Database

MEMBERS = 6
"""Members of each of four kinds."""

SWEPT = 4 * MEMBERS
"""Entries that the sweep writes in a unit: one each for two kinds, two for one, none for one."""

STOCK = 10_000
END_SECONDS = 90
AWAY_SECONDS = 2
JOBS = ("sweep", "remind")
QUICK = {"MILEPOST_JOB_LOST_SECONDS": "1", "MILEPOST_JOB_RETRY_SECONDS": "0.1"}

PROGRESS = """SELECT (SELECT count(*) FROM outbox_event
        WHERE member_id > $1 AND numbered_at IS NOT NULL) AS numbered,
    (SELECT count(*) FROM outbox_event
        WHERE member_id > $1 AND numbered_at IS NULL) AS waiting,
    (SELECT count(*) FROM ledger_entry
        WHERE member_id > $1 AND kind IN ('EXPIRE', 'RELEASE')) AS swept,
    (SELECT count(*) FROM expiry_reminder WHERE member_id > $1) AS reminded"""
"""Progress of a unit, whose members are those with ids after $1."""


class Worker(Process):
    """A worker that soon takes over a job whose worker sends no sign of life."""

    def __init__(self, url: str, home: Path) -> None:
        super().__init__(["worker"], url, home, **QUICK)

    async def start(self) -> None:
        told = self._started()
        self.begin()

        async def ready() -> bool:
            return self._started() > told

        await self.begun(ready)

    def _started(self) -> int:
        return self.log.read_text(errors="replace").count("worker_started")

    def delivered(self) -> Counter[UUID]:
        """How often it logged each event; the last line before a kill may be incomplete."""
        events = [
            line
            for line in whole_lines(self.log.read_text(errors="replace"))
            if '"outbox_event"' in line and line.endswith("}")
        ]
        return Counter(UUID(json.loads(line)["id"]) for line in events)


Blow = Callable[[Worker, Proxy], Awaitable[None]]


async def _killed(worker: Worker, _: Proxy) -> None:
    worker.kill()


async def _cut_off(_: Worker, line: Proxy) -> None:
    line.refusing = True
    line.break_off(End.RESET)
    await asyncio.sleep(AWAY_SECONDS)
    line.recover()


async def _silenced(_: Worker, line: Proxy) -> None:
    line.fall_silent()
    await asyncio.sleep(AWAY_SECONDS)
    line.break_off(End.RESET)
    line.recover()


BLOWS: tuple[Blow, ...] = (_killed, _killed, _cut_off, _silenced)


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    async with opened(database.serving) as opening, proxy.before(database.serving) as line:
        async with connected(database.serving, everywhere=False):
            programme = await demo.publish(PROGRAMME)
            reward = await make.reward(programme, list_points=40, stock=STOCK)
            worker = Worker(line.url(database.serving), opening.home)
            await worker.start()
            try:
                for number in numbers:
                    with proofs.unit(number):
                        chance, blow = proofs.draw(seed, number), BLOWS[number % len(BLOWS)]
                        async with queue.opened(database.serving) as asked:
                            scene = Scene(asked, programme, reward, worker, line)
                            done += await _strike_once(scene, blow, chance)
                    tell(1)
                assert await worker.stop() == 0
            finally:
                worker.kill()
        await verify(database)
    return done


PROOF = Proof("relays", "workers killed or cut off", count=60, part=15, run=run)


@dataclass(frozen=True, slots=True)
class Scene:
    """What a unit works with."""

    asked: pgqueuer.Queries
    programme: Programme
    reward: models.Reward
    worker: Worker
    line: Proxy

    async def put(self) -> None:
        """Queue every job that is not waiting or running."""
        for name in JOBS:
            await queue.put(self.asked, name)


async def _strike_once(scene: Scene, blow: Blow, chance: Random) -> Counter[str]:
    start, expected = new_id(), await _furnish(scene.programme, scene.reward)
    steps = (await _progress(start))["waiting"] + SWEPT + MEMBERS
    await scene.put()
    moment = chance.randint(1, steps - 1)
    await eventually(lambda: _came_to(start, moment), END_SECONDS)
    await blow(scene.worker, scene.line)
    left = await _progress(start)
    if blow is _killed:
        await scene.worker.start()

    async def ended() -> bool:
        await scene.put()
        now = await _progress(start)
        return (now["waiting"], now["swept"], now["reminded"]) == (0, SWEPT, MEMBERS)

    await eventually(ended, END_SECONDS)
    assert scene.worker.runs
    for member_id, kinds in expected.items():
        assert [kind for kind, _ in await make.entries(member_id)] == kinds
    assert await make.stock(scene.reward) == STOCK
    assert await make.faults(*expected) == []
    told = await _count(scene.worker, start, left)
    return told + Counter({blow.__name__.strip("_").replace("_", " "): 1})


async def _furnish(programme: Programme, reward: models.Reward) -> dict[UUID, list[str]]:
    """Members with something due, and the kinds of entries that they must have at the end."""
    now, expected = datetime.now(UTC), dict[UUID, list[str]]()
    for _ in range(MEMBERS):
        expired = await make.rich_member(programme, 500, now=now - timedelta(days=800))
        expected[expired] = ["EARN", "EXPIRE"]
        holder = await make.rich_member(programme, 500, now=now - timedelta(hours=2))
        await make.redeem(programme, holder, reward, hold=True, now=now - timedelta(hours=1))
        expected[holder] = ["EARN", "HOLD", "RELEASE"]
        both = await make.rich_member(programme, 40, now=now - timedelta(days=800))
        [lot] = await rows("SELECT expires_at FROM lot WHERE member_id = $1", both)
        before = lot["expires_at"] - timedelta(minutes=5)
        await make.redeem(programme, both, reward, hold=True, now=before)
        expected[both] = ["EARN", "HOLD", "RELEASE", "EXPIRE"]
        soon = await make.rich_member(programme, 500, now=now - timedelta(days=360))
        expected[soon] = ["EARN"]
    return expected


async def _progress(start: UUID) -> dict[str, int]:
    found = await row(PROGRESS, start)
    assert found is not None
    return found


async def _came_to(start: UUID, moment: int) -> bool:
    now = await _progress(start)
    return now["numbered"] + now["swept"] + now["reminded"] >= moment


async def _count(worker: Worker, start: UUID, left: dict[str, int]) -> Counter[str]:
    """Assert that every event is in the log; what was done, and what the blow had left to do."""
    events = await rows("SELECT id FROM outbox_event WHERE member_id > $1", start)
    delivered = worker.delivered()
    times = [delivered[event["id"]] for event in events]
    assert min(times) >= 1
    again = sum(times) - len(times)
    told = {"events": len(times), "delivered again": again, "swept": SWEPT}
    return Counter({**told, "left by the blow": left["waiting"] + SWEPT - left["swept"]})
