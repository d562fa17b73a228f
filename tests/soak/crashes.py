"""PostgreSQL is killed or restarted under a working server, which waits and continues by itself.

The proof has a cluster of its own: its postmaster or a backend is killed by SIGKILL, or it is
stopped, and then it recovers. The server is never restarted. What it answered before must be in
the database, and everything that is sent again must be done once.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from ops.postgres import cluster, embedded
from ops.postgres.cluster import Cluster
from ops.postgres.connections import connection, role
from ops.postgres.embedded import Urls
from ops.upgrade import migrate
from tests.soak import proofs
from tests.soak.mutations import Book
from tests.soak.proofs import Proof, Tell
from tests.soak.served import Opened, Served, calling, opened
from tests.soak.work import CLIENTS, begin, clients, eventually, prove, verify, work
from tests.support.servers import Database, close_home, open_home

READY_SECONDS = 30


async def _postmaster_killed(shared: Cluster, _: Urls) -> None:
    pid = int((shared.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)


async def _backend_killed(shared: Cluster, urls: Urls) -> None:
    """Kill one backend; PostgreSQL then ends all others, and recovers."""
    async with connection(urls.serving) as serving:
        pid = await serving.fetchval(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() ORDER BY xact_start NULLS LAST LIMIT 1"
        )
    os.kill(pid, signal.SIGKILL)


async def _stopped(shared: Cluster, _: Urls) -> None:
    await asyncio.to_thread(cluster.stop, shared)


CRASHES: tuple[Callable[[Cluster, Urls], Awaitable[None]], ...] = (
    _postmaster_killed,
    _backend_killed,
    _stopped,
)


async def run(_: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    home = open_home()
    try:
        with embedded.using(home) as shared:
            urls = Urls(
                cluster.url(shared, cluster.SERVING_ROLE), cluster.url(shared, cluster.OWNER_ROLE)
            )
            await migrate(urls.owner, role(urls.serving))
            async with opened(urls.serving) as programme:
                served = Served(urls.serving, programme.home)
                await served.start()
                try:
                    for number in numbers:
                        with proofs.unit(number):
                            done += await _crash_once(home, urls, programme, served, (seed, number))
                        tell(1)
                    assert await served.stop() == 0
                finally:
                    served.kill()
    finally:
        await asyncio.to_thread(close_home, home)
    return done


PROOF = Proof("crashes", "PostgreSQL killed or restarted", count=24, part=12, run=run)


async def _crash_once(
    home: Path, urls: Urls, programme: Opened, served: Served, unit: tuple[int, int]
) -> Counter[str]:
    seed, number = unit
    book, crash, told = Book(), CRASHES[number % len(CRASHES)], Counter[str]()
    stop = asyncio.Event()

    def check(response: httpx.Response, _: float) -> None:
        [error] = response.json()["errors"]
        assert error["extensions"]["code"] == "UNAVAILABLE", response.text
        told["UNAVAILABLE"] += 1

    async with calling(served, programme) as callers:

        async def ready() -> bool:
            return (await callers.partner.get("/readyz")).status_code == 200

        sent = await begin(callers, book, f"{seed}-{number}", check)
        working = [
            asyncio.create_task(work(callers, client, sent, check, stop))
            for client in clients(f"{seed}-{number}", book)
        ]
        await sent.until(proofs.draw(seed, number).randint(CLIENTS, 60))
        with embedded.using(home) as shared:
            await crash(shared, urls)
        # opening the cluster starts it if it is not running
        await asyncio.to_thread(_restart, home)
        await eventually(ready, READY_SECONDS)
        stop.set()
        await asyncio.gather(*working)
        await prove(callers, book, sent, check)
    await verify(Database(urls.owner, urls.serving))
    assert '"bug"' not in served.log.read_text()
    return Counter({crash.__name__.strip("_").replace("_", " "): 1}) + told + sent.kinds()


def _restart(home: Path) -> None:
    with embedded.using(home):
        pass
