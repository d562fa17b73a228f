"""A real primary with a real streaming standby, for tests of reads from a standby."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.postgres import cluster, embedded
from ops.postgres.cluster import OWNER_ROLE, SERVING_ROLE, SUPERUSER, Cluster
from ops.postgres.connections import connection
from ops.upgrade import migrate
from tests.support.servers import Database

REPLICATION = "host replication all 127.0.0.1/32 scram-sha-256\n"
FAR_AHEAD = "00000001000000FF00000001"
"""A file of the log, which begins at FF/1000000."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers with one migrated database."""

    primary: Cluster
    standby: Cluster

    @property
    def database(self) -> Database:
        return Database(
            cluster.url(self.primary, OWNER_ROLE), cluster.url(self.primary, SERVING_ROLE)
        )

    @property
    def standby_url(self) -> str:
        return cluster.url(self.standby, SERVING_ROLE)

    async def tell_standby(self, sql: str) -> None:
        async with connection(cluster.url(self.standby, SUPERUSER)) as opened:
            await opened.execute(sql)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Pause the standby's replay of what it receives."""
        await self.tell_standby("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            await self.tell_standby("SELECT pg_wal_replay_resume()")


@asynccontextmanager
async def pair(home: Path) -> AsyncIterator[Pair]:
    """Start both servers in `home` for the duration of the block."""
    with embedded.using(home) as primary:
        with (primary.data / "pg_hba.conf").open("a") as access:
            access.write(REPLICATION)
        async with connection(cluster.url(primary, SUPERUSER)) as opened:
            await opened.execute("SELECT pg_reload_conf()")
        await migrate(cluster.url(primary, OWNER_ROLE), SERVING_ROLE)
        standby = _copy(primary, home / "standby")
        cluster.ensure_started(standby)
        try:
            yield Pair(primary, standby)
        finally:
            cluster.stop(standby)


def _copy(primary: Cluster, place: Path) -> Cluster:
    copied = Cluster(place, primary.binaries, primary.account)
    place.mkdir(mode=0o711)
    shutil.copy2(primary.place / "passwords.json", place)
    copied.data.mkdir(mode=0o700)
    if primary.account:
        os.chown(copied.data, primary.account.uid, primary.account.gid)
    backup = [primary.binaries.program("pg_basebackup"), "-d", cluster.url(primary, SUPERUSER)]
    cluster.run(primary, [*backup, "-D", str(copied.data), "-R", "-c", "fast"])
    return copied


@contextmanager
def stranger(home: Path) -> Iterator[str]:
    """The serving URL of a standby of no primary of ours, whose log is far ahead of any in a test:
    a new database, which waits for more of its log.
    """
    with embedded.using(home) as other:
        cluster.stop(other)
        reset = [other.binaries.program("pg_resetwal"), "-D", str(other.data)]
        cluster.run(other, [*reset, "-l", FAR_AHEAD])
        # as a primary, it writes there what a standby needs
        cluster.ensure_started(other)
        cluster.stop(other)
        cluster.run(other, ["touch", str(other.data / "standby.signal")])
        cluster.ensure_started(other)
        yield cluster.url(other, SERVING_ROLE)
