"""Workers killed while they number what writers commit, and a reader that follows meanwhile.

Each unit starts a worker and kills the one before it by SIGKILL, at a moment that is drawn, so
that two are at work and any of them ends anywhere. Writers add to their members all the while. In
the end the reader has every event once, each member's in the order of its ledger, no position is
missing, and every event stands in a log.
"""

import asyncio
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx

from api.app import create_app
from api.edge.limits import Limits
from api.edge.tokens import Signer
from api.kit.relay import from_global_id
from domain.kernel.database import row, rows
from domain.programmes.programmes import Programme
from domain.proof import feed_checks
from ops.postgres.database import connected
from ops.worker import pulse
from tests.soak import proofs, struck
from tests.soak.proofs import Proof, Tell
from tests.soak.struck import Struck
from tests.support import factories as make
from tests.support.callers import Stage, signing_key
from tests.support.servers import Database

WRITERS = 20
CONNECTIONS = 12
LIFE_SECONDS = 0.3
"""For how long at most a worker is left to work beside the next one."""

PAGE = 50
EVENTS = """query($after: String) { events(first: 50, after: $after) {
    pageInfo { endCursor } edges { node { id member { id } sequence } } } }"""


def _work(url: str) -> None:
    """Number and do nothing else."""

    async def beat() -> None:
        async with connected(url, pool_max=pulse.MEMBERS_AT_ONCE + 1, everywhere=False):
            struck.say_started()
            await pulse.beat(asyncio.Event())

    asyncio.run(beat())


@dataclass(slots=True)
class Scene:
    """What a part happens with."""

    stage: Stage
    workers: Struck
    members: list[UUID]
    read: list[tuple[str, UUID | None, int | None]] = field(default_factory=list)
    written: Counter[str] = field(default_factory=Counter)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def logged(self) -> set[UUID]:
        """Every event that is in a log; the line at which a worker was killed may be half."""
        lines = self.workers.log.read_text(errors="replace").splitlines()
        told = [one for one in lines if '"outbox_event"' in one and one.endswith("}")]
        return {UUID(json.loads(one)["id"]) for one in told}


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    await proofs.write_behind(database)
    struck.preload(__name__)
    with tempfile.TemporaryDirectory(prefix="milepost-soak-") as folder, _quiet():
        async with connected(database.serving, pool_max=CONNECTIONS, everywhere=False):
            scene = await _furnish(database, Path(folder) / "workers.log")
            others = [asyncio.create_task(one) for one in _others(scene, seed)]
            try:
                await scene.workers.start()
                for number in numbers:
                    with proofs.unit(number):
                        done += await _strike(scene, proofs.draw(seed, number))
                    tell(1)
                scene.stopping.set()
                await asyncio.gather(*others)
            finally:
                scene.stopping.set()
                scene.workers.kill_all()
            return done + scene.written + await _check(scene)


PROOF = Proof("feeds", "workers killed while they number", count=200, part=100, run=run)


@contextmanager
def _quiet() -> Iterator[None]:
    """Nobody reads the line that each request of the reader logs."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield


async def _furnish(database: Database, log: Path) -> Scene:
    programme = await make.establish()
    members = [await make.enrol(programme) for _ in range(WRITERS)]
    return Scene(Stage(programme), Struck(_work, (database.serving,), log), members)


def _others(scene: Scene, seed: int) -> Iterable[Any]:
    yield _follow(scene)
    for number, member_id in enumerate(scene.members):
        yield _write(scene, member_id, proofs.draw(seed, -1 - number))


async def _write(scene: Scene, member_id: UUID, chance: Random) -> None:
    programme: Programme = scene.stage.programme
    while not scene.stopping.is_set():
        await make.book(programme, member_id, ("hotel", str(chance.randint(1, 99))))
        scene.written["written"] += 1
        await asyncio.sleep(chance.random() / 10)


async def _follow(scene: Scene) -> None:
    """Read the feed as its clients do, until nothing more comes after all was numbered."""
    app = create_app(
        connect=nullcontext,
        signers=[Signer(public_keys=[signing_key().as_dict(private=False)])],
        limits=Limits(),
        environment="development",
    )
    headers = {"Authorization": f"Bearer {scene.stage.staff().token}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://milepost.test", headers=headers
    ) as client:
        after: str | None = None
        while True:
            over = scene.stopping.is_set() and not await _waiting()
            asked = {"query": EVENTS, "variables": {"after": after}}
            answer = (await client.post("/graphql", json=asked)).json()
            assert "errors" not in answer, answer["errors"]
            page = answer["data"]["events"]
            after = page["pageInfo"]["endCursor"]
            scene.read += [_read(edge["node"]) for edge in page["edges"]]
            if over and not page["edges"]:
                return
            await asyncio.sleep(0 if len(page["edges"]) == PAGE else 0.05)


async def _waiting() -> int:
    found = await row("SELECT count(*) AS count FROM outbox_event WHERE numbered_at IS NULL")
    return int(found["count"]) if found else 0


def _read(node: Any) -> tuple[str, UUID | None, int | None]:
    member = None if node["member"] is None else _own(node["member"]["id"])
    return node["id"], member, node["sequence"]


async def _strike(scene: Scene, chance: Random) -> Counter[str]:
    """Another worker begins, and a little later the one before it is gone."""
    await scene.workers.start()
    await asyncio.sleep(chance.random() * LIFE_SECONDS)
    await scene.workers.kill()
    left = await row(
        "SELECT count(*) AS count FROM feed_entry f JOIN outbox_event e "
        "ON e.member_id = f.member_id AND e.id = f.event_id WHERE e.numbered_at IS NULL"
    )
    return Counter({"killed": 1, "left in between": left["count"] if left else 0})


async def _check(scene: Scene) -> Counter[str]:
    ids = [event_id for event_id, _, _ in scene.read]
    found = await rows(
        "SELECT member_id, id, sequence FROM outbox_event ORDER BY recorded_at, sequence, id"
    )
    assert len(ids) == len(set(ids)) == len(found)
    for member_id in scene.members:
        read = [(one, sequence) for one, of, sequence in scene.read if of == member_id]
        written = [event for event in found if event["member_id"] == member_id]
        assert [_own(one) for one, _ in read] == [event["id"] for event in written]
        assert [sequence for _, sequence in read] == [event["sequence"] for event in written]
    assert await feed_checks.positions() == []
    assert scene.logged() == {event["id"] for event in found}
    assert await make.faults(*scene.members) == []
    return Counter({"events": len(found)})


def _own(global_id: str) -> UUID | None:
    found = from_global_id(global_id)
    return None if found is None else found.id
