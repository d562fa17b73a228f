"""Workers are killed while they number what writers commit; so is a reader that follows the feed.

Each unit starts a worker, or a reader, and kills the one before it by SIGKILL at a random moment:
two workers run at a time, either may end anywhere, and a new reader continues where the file of the
one before it ends. Writers add facts of their members all the while. At the end that file has every
event once, each member's in the order of its ledger, no position is missing, and every event is in
a log.
"""

import asyncio
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
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
from tests.support.logs import whole_lines
from tests.support.processes import WAIT_SECONDS
from tests.support.servers import Database

WRITERS = 20
CONNECTIONS = 12
LIFE_SECONDS = 0.3
"""For how long, at most, a worker runs beside the next one."""

READERS = 0.3
"""The share of units in which a reader is killed instead of a worker."""

STUCK_SECONDS = 60
PAGE = 50
EVENTS = """query($after: String) { events(first: 50, after: $after) {
    pageInfo { endCursor } edges { node { id member { id } sequence } } } }"""


def _work(url: str) -> None:
    """Number events, and do nothing else."""

    async def beat() -> None:
        async with connected(url, pool_max=pulse.MEMBERS_AT_ONCE + 1, everywhere=False):
            struck.say_started()
            await pulse.beat(asyncio.Event())

    asyncio.run(beat())


@dataclass(frozen=True, slots=True)
class Pages:
    """What readers have read of the feed: a line for each page with the cursor after it, by one
    write, so that a killed reader has stored both or neither.
    """

    file: Path

    def add(self, after: str, edges: Any) -> None:
        read = [_read(edge["node"]) for edge in edges]
        line = json.dumps({"after": after, "read": read}).encode() + b"\n"
        target = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        assert os.write(target, line) == len(line)
        os.close(target)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(one) for one in whole_lines(self.file.read_text())]

    @property
    def after(self) -> str | None:
        """The cursor up to which the feed was read."""
        return self.lines[-1]["after"] if self.lines else None

    @property
    def read(self) -> list[tuple[str, UUID | None, int | None]]:
        return [
            (named, member and UUID(member), sequence)
            for line in self.lines
            for named, member, sequence in line["read"]
        ]


@dataclass(slots=True)
class Scene:
    """What a part works with."""

    workers: Struck
    readers: Struck
    pages: Pages
    programme: Programme
    members: list[UUID]
    written: Counter[str] = field(default_factory=Counter)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def logged(self) -> set[UUID]:
        """The ids of all logged events; the last line of a killed worker may be incomplete."""
        lines = whole_lines(self.workers.log.read_text(errors="replace"))
        told = [one for one in lines if '"outbox_event"' in one and one.endswith("}")]
        return {UUID(json.loads(one)["id"]) for one in told}


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    await proofs.write_behind(database)
    with tempfile.TemporaryDirectory(prefix="milepost-soak-") as folder:
        async with connected(database.serving, pool_max=CONNECTIONS, everywhere=False):
            scene = await _furnish(database, Path(folder))
            others = [asyncio.create_task(one) for one in _writers(scene, seed)]
            try:
                await scene.workers.start()
                await scene.readers.start()
                for number in numbers:
                    with proofs.unit(number):
                        done += await _strike(scene, proofs.draw(seed, number))
                    tell(1)
                scene.stopping.set()
                await asyncio.gather(*others)
                await _all_read(scene)
            finally:
                scene.stopping.set()
                scene.workers.kill_all()
                scene.readers.kill_all()
            return done + scene.written + await _check(scene)


PROOF = Proof("feeds", "workers killed while they number", count=200, part=100, run=run)


async def _furnish(database: Database, folder: Path) -> Scene:
    programme = await make.establish()
    members = [await make.enrol(programme) for _ in range(WRITERS)]
    pages, url = Pages(folder / "pages.jsonl"), database.serving
    pages.file.touch()
    key, token = signing_key().as_dict(private=False), Stage(programme).staff().token
    return Scene(
        Struck(_work, (url,), folder / "workers.log"),
        Struck(_follow, (url, key, token, str(pages.file)), folder / "readers.log"),
        pages,
        programme,
        members,
    )


def _writers(scene: Scene, seed: int) -> Iterable[Any]:
    for number, member_id in enumerate(scene.members):
        yield _write(scene, member_id, proofs.draw(seed, -1 - number))


async def _write(scene: Scene, member_id: UUID, chance: Random) -> None:
    while not scene.stopping.is_set():
        await make.book(scene.programme, member_id, ("hotel", str(chance.randint(1, 99))))
        scene.written["written"] += 1
        await asyncio.sleep(chance.random() / 10)


def _follow(url: str, key: dict[str, Any], token: str, file: str) -> None:
    """Read the feed as clients do, from where the file ends. Standard output is discarded, since
    nobody reads the line that each request logs.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    async def follow() -> None:
        app = create_app(
            connect=nullcontext,
            signers=[Signer(public_keys=[key])],
            limits=Limits(request_seconds_max=WAIT_SECONDS),
            environment="development",
        )
        headers = {"Authorization": f"Bearer {token}"}
        at = "http://milepost.test"
        async with (
            connected(url, pool_max=2, everywhere=False),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url=at, headers=headers
            ) as client,
        ):
            struck.say_started()
            after = Pages(Path(file)).after
            while True:
                asked = {"query": EVENTS, "variables": {"after": after}}
                answer = (await client.post("/graphql", json=asked)).json()
                assert "errors" not in answer, answer["errors"]
                page = answer["data"]["events"]
                if page["edges"]:
                    after = page["pageInfo"]["endCursor"]
                    Pages(Path(file)).add(after, page["edges"])
                await asyncio.sleep(0 if len(page["edges"]) == PAGE else 0.05)

    asyncio.run(follow())


async def _all_read(scene: Scene) -> None:
    """Wait until the reader has all events; fail if it reads none for `STUCK_SECONDS`."""
    had, since = -1, monotonic()
    while await _waiting() or had < await _written():
        if (now := len(scene.pages.read)) != had:
            had, since = now, monotonic()
        assert monotonic() - since < STUCK_SECONDS, f"{now} events were read, and no more"
        await asyncio.sleep(0.1)


async def _waiting() -> int:
    found = await row("SELECT count(*) AS count FROM outbox_event WHERE numbered_at IS NULL")
    return int(found["count"]) if found else 0


async def _written() -> int:
    found = await row("SELECT count(*) AS count FROM outbox_event")
    return int(found["count"]) if found else 0


def _read(node: Any) -> tuple[str, str | None, int | None]:
    member = None if node["member"] is None else str(_own(node["member"]["id"]))
    return node["id"], member, node["sequence"]


async def _strike(scene: Scene, chance: Random) -> Counter[str]:
    """Start another worker, and a little later kill the one before it; or kill the reader at a
    random moment, and start another.
    """
    if chance.random() < READERS:
        await asyncio.sleep(chance.random() * LIFE_SECONDS)
        await scene.readers.kill()
        await scene.readers.start()
        return Counter({"killed": 1, "readers killed": 1})
    await scene.workers.start()
    await asyncio.sleep(chance.random() * LIFE_SECONDS)
    await scene.workers.kill()
    left = await row(
        "SELECT count(*) AS count FROM feed_entry f JOIN outbox_event e "
        "ON e.member_id = f.member_id AND e.id = f.event_id WHERE e.numbered_at IS NULL"
    )
    return Counter({"killed": 1, "left in between": left["count"] if left else 0})


async def _check(scene: Scene) -> Counter[str]:
    found_read = scene.pages.read
    ids = [event_id for event_id, _, _ in found_read]
    found = await rows(
        "SELECT member_id, id, sequence FROM outbox_event ORDER BY recorded_at, sequence, id"
    )
    assert len(ids) == len(set(ids)) == len(found)
    for member_id in scene.members:
        read = [(one, sequence) for one, of, sequence in found_read if of == member_id]
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
