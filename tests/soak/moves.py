"""Members, balances and standings are imported twice, by workers that are killed on the way.

Each unit is a row. The file of all members is sent by one PUT, then that of their balances, and
that of what they spent elsewhere; six times the worker that writes them is killed by SIGKILL, and
another one continues. What was sent twice is stored once, the control totals are met, `verify`
finds no fault, and a process that receives a large file does not grow with it.
"""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import httpx

from api.kit.relay import from_global_id
from api.wording.messages import problem_messages
from domain.jobs import jobs, running
from domain.jobs.jobs import Job
from domain.kernel.database import row
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.proof import verification
from ops.postgres.database import connected
from tests.soak import proofs, struck
from tests.soak.lots import resident_kib
from tests.soak.proofs import Proof, Tell
from tests.soak.struck import Struck
from tests.support import factories as make
from tests.support.callers import Client, Stage, served
from tests.support.servers import Database

KILLS = 5
FEW_ROWS, FEW_KILLS = 1000, 1
"""With fewer rows, fewer workers are killed, since each takes some time to start."""

PAUSE_SECONDS = 0.02
PIECE_ROWS = 500
LARGE_ROW = "x" * 950
GROWTH_MAX_KIB = 24 * 1024
"""Growth while a large file is received: less than a quarter of its hundred megabytes."""


def _work(url: str, code: str) -> None:
    """Run imports, and nothing else."""

    async def work() -> None:
        async with connected(url, pool_max=2, everywhere=False):
            programme = await programmes.get(code)
            struck.say_started()
            while True:
                real_now = datetime.now(UTC)
                now = programme.now(real_now)
                found = await running.next_of(programme, real_now, now)
                if found is None:
                    await asyncio.sleep(PAUSE_SECONDS)
                else:
                    await running.step(programme, found, now, problem_messages)

    asyncio.run(work())


@dataclass(slots=True)
class Scene:
    """What a part works with: the callers, the running worker, and the number of rows."""

    stage: Stage
    workers: Struck
    count: int


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    """The numbers only determine how many rows there are; only the moments of kills are random."""
    count = len(numbers)
    await proofs.write_behind(database)
    with tempfile.TemporaryDirectory(prefix="milepost-soak-") as folder, _quiet():
        async with connected(database.serving, everywhere=False):
            programme = await make.establish()
            given = (database.serving, programme.code)
            log = Path(folder) / "workers.log"
            scene = Scene(Stage(programme), Struck(_work, given, log), count)
            await scene.workers.start()
            try:
                done = await _move_twice(scene, seed)
            finally:
                scene.workers.kill_all()
            tell(count)
            return done + await _check(scene) + await _receive(scene)


PROOF = Proof(
    name="moves",
    what="rows that move in twice, through workers that are killed",
    count=100_000,
    part=100_000,
    run=run,
)


@contextmanager
def _quiet() -> Iterator[None]:
    """Discard the line that each request logs, since nobody reads it."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        yield


async def _move_twice(scene: Scene, seed: int) -> Counter[str]:
    count, totals = scene.count, {"controlRows": scene.count, "controlPoints": _points(scene.count)}
    chance, done = proofs.draw(seed, 0), Counter[str]()
    wanted = KILLS if count >= FEW_ROWS else FEW_KILLS
    kills = sorted(chance.random() for _ in range(wanted))
    began = monotonic()
    members = await _bring(scene, "MEMBERS", _members, kills[1:3])
    done["rows of members a second"] = round(count / (monotonic() - began))
    began = monotonic()
    balances = await _bring(scene, "BALANCES", _balances, kills[:1] + kills[3:], **totals)
    done["rows of balances a second"] = round(count / (monotonic() - began))
    began = monotonic()
    standings = await _bring(scene, "STANDINGS", _standings, [chance.random()])
    done["rows of standings a second"] = round(count / (monotonic() - began))
    again = await _bring(scene, "MEMBERS", _members, [])
    refused = await _bring(scene, "BALANCES", _balances, [], **totals)
    spent_again = await _bring(scene, "STANDINGS", _standings, [])
    assert [
        (one.status, one.done, one.known, one.refused) for one in (members, balances, standings)
    ] == [("DONE", count, 0, 0)] * 3
    assert (spent_again.status, spent_again.done, spent_again.known) == ("DONE", 0, count)
    assert (again.status, again.done, again.known) == ("DONE", 0, count)
    assert (refused.status, refused.failure, refused.done) == ("FAILED", "ROWS_REFUSED", 0)
    done["workers killed"] = wanted + 1
    return done


def _points(count: int) -> int:
    return sum(1 + number % 1000 for number in range(count))


async def _members(count: int) -> AsyncIterator[bytes]:
    yield b"reference,name,email,birthday,consent.MARKETING.EMAIL\n"
    async for piece in _pieces(
        count, lambda n: f"m-{n},Member {n},m{n}@example.com,1990-01-01,yes"
    ):
        yield piece


async def _balances(count: int) -> AsyncIterator[bytes]:
    yield b"member,points,expires_on,earned_on\n"
    async for piece in _pieces(count, lambda n: f"m-{n},{1 + n % 1000},2027-12-31,2025-06-01"):
        yield piece


async def _standings(count: int) -> AsyncIterator[bytes]:
    yield b"member,spend,spent_on\n"
    async for piece in _pieces(count, lambda n: f"m-{n},{10 + n % 1000 * 10}.00,2025-06-01"):
        yield piece


async def _pieces(count: int, line: Callable[[int], str]) -> AsyncIterator[bytes]:
    for first in range(0, count, PIECE_ROWS):
        lines = (line(number) for number in range(first, min(count, first + PIECE_ROWS)))
        yield "".join(f"{one}\n" for one in lines).encode()


async def _bring(
    scene: Scene,
    kind: str,
    file: Callable[[int], AsyncIterator[bytes]],
    kills: list[float],
    **sent: Any,
) -> Job:
    """Import a file, and kill the worker when each of these shares is done; the finished job."""
    staff = scene.stage.staff()
    payload = await staff.done(
        "startImport", "uploadUrl job { id } proposal { id }", kind=kind, **sent
    )
    await _put(payload["uploadUrl"], file(scene.count))
    named = from_global_id(payload["job"]["id"])
    assert named is not None
    waiting, proposal = list(kills), payload["proposal"]
    while True:
        job = await jobs.get(scene.stage.programme.id, named.id)
        if job.finished:
            return job
        if proposal and job.checked_at is not None and job.approved_at is None:
            await _second(scene).done("approveProposal", proposal=proposal["id"])
        if waiting and job.checked + job.position >= 2 * waiting[0] * scene.count:
            waiting.pop(0)
            await scene.workers.start()
            await scene.workers.kill()
        await asyncio.sleep(PAUSE_SECONDS)


def _second(scene: Scene) -> Client:
    return scene.stage.staff("lee")


async def _put(url: str, content: AsyncIterator[bytes]) -> None:
    transport = httpx.ASGITransport(served())
    base = "http://milepost.test"
    async with httpx.AsyncClient(transport=transport, base_url=base, timeout=None) as client:  # noqa: S113
        answer = await client.put(url, content=content)
    assert answer.status_code == 200, answer.text


async def _check(scene: Scene) -> Counter[str]:
    """Assert that all rows are stored once, and that verification finds no fault."""
    programme: Programme = scene.stage.programme
    found = await row(
        "SELECT count(*) AS members, sum(a.available)::bigint AS points FROM account a "
        "WHERE a.programme_id = $1",
        programme.id,
    )
    assert found == {"members": scene.count, "points": _points(scene.count)}
    spent = await row(
        "SELECT count(*) AS count, sum(c.spend_minor)::bigint AS spent FROM tier_credit c "
        "JOIN account a ON a.member_id = c.member_id WHERE a.programme_id = $1",
        programme.id,
    )
    assert spent == {"count": scene.count, "spent": 1000 * _points(scene.count)}
    entries = 0
    async for batch in verification.batches():
        assert [str(fault) for fault in batch.faults] == []
        entries += batch.entries
    assert entries == scene.count
    return Counter({"entries verified": entries})


async def _receive(scene: Scene) -> Counter[str]:
    """Assert that a file with rows of a kilobyte is received in constant memory."""
    payload = await scene.stage.staff().done("startImport", "uploadUrl job { id }", kind="MEMBERS")
    seen: list[int] = []

    async def large() -> AsyncIterator[bytes]:
        yield b"reference,name\n"
        async for piece in _pieces(scene.count, lambda n: f"l-{n},{LARGE_ROW}"):
            seen.append(resident_kib())
            yield piece

    await _put(payload["uploadUrl"], large())
    named = from_global_id(payload["job"]["id"])
    assert named is not None
    stored = await _stored(named.id)
    assert stored == scene.count
    grown = max(seen) - seen[len(seen) // 10]
    assert grown < GROWTH_MAX_KIB, f"memory grew by {grown} KiB"
    return Counter({"KiB more while a file was received": grown, "rows received": stored})


async def _stored(job_id: UUID) -> int:
    found = await row("SELECT count(*) AS count FROM import_row WHERE job_id = $1", job_id)
    return int(found["count"]) if found else 0
