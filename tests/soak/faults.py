"""The server's connections to PostgreSQL fail: it gives clear answers in time, leaves nothing open,
and needs no restart.

One server process runs through all units. While clients work, its connections are closed, reset,
refused, slowed down, silent, or lost during a COMMIT. A request that is not served gets its error
in bounded time. Afterwards the same process is ready, has no open transaction, and knows what was
published meanwhile, and everything that is sent again is done exactly once.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random

import httpx
import yaml

from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.refusals import ConcurrentRequest
from domain.programmes import programmes
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.soak import proofs, proxy
from tests.soak.mutations import Book
from tests.soak.proofs import Proof, Tell
from tests.soak.proxy import BEGIN, COMMIT, End, Proxy, Trap
from tests.soak.served import PROGRAMME, Callers, Opened, Served, calling, document, opened
from tests.soak.work import (
    CLIENTS,
    Check,
    Sent,
    begin,
    clients,
    eventually,
    insist,
    prove,
    verify,
    work,
)
from tests.support.logs import whole_lines
from tests.support.servers import Database

REQUEST_SECONDS = 1.0
"""The server's limit for a request in this proof."""

ENDING_SECONDS = 15
"""What a stopped request may take on top: a second for its connection, and more on a busy machine.
A request that hangs takes longer than this.
"""

READY_SECONDS = 60
PUBLISHED_TRIES = 10
POOL = 4
STATUS = {"UNAVAILABLE": 503, "TIMEOUT": 504}
"""Of requests that never ran; one that ran in part is answered with 200 and its error."""

SECRETS = ("SELECT", "INSERT", "COMMIT", "asyncpg", "Traceback", "127.0.0.1", "milepost", ".py")
"""Words of the code and of the database, which no answer may contain."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a fault acts on."""

    database: Database
    line: Proxy
    callers: Callers
    chance: Random
    sent: Sent


Fault = Callable[[Scene], Awaitable[None]]


async def _lost_commit(scene: Scene) -> None:
    """The connection ends during a COMMIT, before or after it was done."""
    bytes_passed = scene.chance.choice([None, None, 0, 7])
    await _trapped(scene, Trap(scene.chance.choice(list(End)), bytes_passed, COMMIT))


async def _silent(scene: Scene) -> None:
    """Nothing passes for longer than a request may take; `/readyz` reports it in time."""
    scene.line.fall_silent()
    loop = asyncio.get_running_loop()
    began = loop.time()
    probe = await scene.callers.partner.get("/readyz")
    assert probe.status_code == 503
    assert loop.time() - began < 2 + ENDING_SECONDS
    assert (await scene.callers.partner.get("/healthz")).status_code == 200


async def _unreachable(scene: Scene) -> None:
    """Nobody listens at the database's address."""
    scene.line.refusing = True
    scene.line.break_off(End.RESET)
    await scene.sent.until(CLIENTS)
    assert (await scene.callers.partner.get("/readyz")).status_code == 503


async def _broken(scene: Scene) -> None:
    """All connections end, several times."""

    async def broken() -> bool:
        return scene.line.break_off(end) > 0

    for _ in range(3):
        end = scene.chance.choice(list(End))
        # on a busy machine it takes a while until the server has connected again
        await eventually(broken, READY_SECONDS)
        await asyncio.sleep(scene.chance.uniform(0, 0.2))


async def _slow(scene: Scene) -> None:
    """Every message is delayed, so that some requests take too long."""
    scene.line.delay_seconds = scene.chance.uniform(0.01, 0.1)
    await asyncio.sleep(1.5 * REQUEST_SECONDS)


async def _lost_begin(scene: Scene) -> None:
    """The connection ends during a BEGIN."""
    await _trapped(scene, Trap(scene.chance.choice(list(End)), None, BEGIN))


async def _silent_commit(scene: Scene) -> None:
    """A COMMIT is done, and from then on nothing passes, so that its answer does not arrive."""
    await _trapped(scene, Trap(None, None, COMMIT))
    await asyncio.sleep(1.5 * REQUEST_SECONDS)


async def _ended(scene: Scene) -> None:
    """An administrator ends every session of the server."""
    async with connection(scene.database.serving) as serving:
        await serving.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


FAULTS: tuple[Fault, ...] = (
    _lost_commit,
    _silent,
    _unreachable,
    _broken,
    _slow,
    _lost_begin,
    _silent_commit,
    _ended,
)
"""Unit n has fault n, modulo their number; the tests run the first ones."""


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    async with opened(database.serving) as programme, proxy.before(database.serving) as line:
        served = Served(
            line.url(database.serving),
            programme.home,
            MILEPOST_REQUEST_SECONDS_MAX=str(REQUEST_SECONDS),
            MILEPOST_POOL_SIZE=str(POOL),
        )
        await served.start()
        try:
            for number in numbers:
                with proofs.unit(number):
                    done += await _fail_once(database, programme, served, line, (seed, number))
                tell(1)
            assert await served.stop() == 0
        finally:
            served.kill()
        done += _logged(served)
    return done


PROOF = Proof("faults", "lines to PostgreSQL that failed", count=80, part=20, run=run)


async def _fail_once(
    database: Database, programme: Opened, served: Served, line: Proxy, unit: tuple[int, int]
) -> Counter[str]:
    seed, number = unit
    book, fault, told = Book(), FAULTS[number % len(FAULTS)], Counter[str]()
    stop = asyncio.Event()

    def check(response: httpx.Response, seconds: float) -> None:
        told[_refusal(response, seconds)] += 1

    async with calling(served, programme) as callers:
        sent = await begin(callers, book, f"{seed}-{number}", check)
        working = [
            asyncio.create_task(work(callers, client, sent, check, stop))
            for client in clients(f"{seed}-{number}", book)
        ]
        chance = proofs.draw(seed, number)
        await sent.until(chance.randint(1, 30))
        await fault(Scene(database, line, callers, chance, sent))
        version = await _publish(database, f"{seed}-{number}")
        line.recover()
        await sent.until(CLIENTS)
        stop.set()
        await asyncio.gather(*working)
        await _recovered(callers, database, version, check)
        await prove(callers, book, sent, check)
    await verify(database)
    return Counter({fault.__name__.strip("_").replace("_", " "): 1}) + told + sent.kinds()


def _refusal(response: httpx.Response, seconds: float) -> str:
    """The code of an answer without data, after asserting that the answer is correct."""
    assert seconds < REQUEST_SECONDS + ENDING_SECONDS
    assert response.headers["X-Request-Id"]
    answer = response.json()
    [error] = answer["errors"]
    code: str = error["extensions"]["code"]
    assert code in STATUS, response.text
    assert response.status_code == (200 if "data" in answer else STATUS[code])
    assert response.headers.get("Retry-After") == ("1" if response.status_code == 503 else None)
    assert not [word for word in SECRETS if word in response.text], response.text
    return code


async def _trapped(scene: Scene, trap: Trap) -> None:
    """Set the trap, and wait until it caught a connection."""
    scene.line.trap = trap
    while scene.line.trap is not None:
        await scene.sent.until(1)


async def _publish(database: Database, note: str) -> int:
    """Publish a version from another process, which the server may not notice; its number."""
    async with connected(database.serving, everywhere=False):
        programme = await programmes.get(PROGRAMME)
        caller = Caller(CallerKind.STAFF, programme.id, programme.code, "kim", roles=EVERY_ROLE)
        request = Request(caller, f"publish-{note}", datetime.now(UTC))
        for _ in range(PUBLISHED_TRIES):
            # a session that the fault left keeps its locks until PostgreSQL notices
            with suppress(ConcurrentRequest):
                outcome = await programmes.publish(request, yaml.safe_dump(document()), note=note)
                version: int = outcome.figures["version"]
                return version
    raise AssertionError("others hold the programme for ever")


async def _recovered(callers: Callers, database: Database, version: int, check: Check) -> None:
    """Wait until the same process is ready, knows the version, and has nothing open."""

    async def ready() -> bool:
        return (await callers.partner.get("/readyz")).status_code == 200

    async def current() -> bool:
        found = await insist(partial(callers.ask, "{ programme { version } }"), check)
        return bool(found["programme"]["version"] == version)

    async def clean() -> bool:
        found = await _sessions(database)
        return len(found) <= POOL + 1 and all(one == ("idle", False) for one in found)

    for holds in (ready, current, clean):
        await eventually(holds, READY_SECONDS)


async def _sessions(database: Database) -> list[tuple[str, bool]]:
    """The server's sessions: their state, and whether a transaction is open."""
    async with connection(database.serving) as serving:
        found = await serving.fetch(
            "SELECT state, xact_start IS NOT NULL AS open FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    return [(session["state"], session["open"]) for session in found]


def _logged(served: Served) -> Counter[str]:
    """Assert that the log has each failure with its request's id and cause, and no bug."""
    lines = [json.loads(line) for line in whole_lines(served.log.read_text()) if line[:1] == "{"]
    events = Counter(str(line["event"]) for line in lines)
    assert events["bug"] == 0
    failures = [line for line in lines if line["event"] == "failure"]
    assert all(line["request_id"] and line["cause"] for line in failures)
    assert "Traceback" not in served.log.read_text()
    return Counter({"failures logged": len(failures)})
