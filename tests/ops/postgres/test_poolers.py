"""Requests through a pooler of transactions: PgBouncer, where the machine has one."""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from domain.kernel.database import rows
from ops.asgi import serving
from ops.errors import OperationError, SettingsError
from ops.postgres import poolers
from ops.postgres.connections import connection
from ops.settings import load
from tests.support.callers import codes, open_stage
from tests.support.processes import eventually, free_port
from tests.support.queries import QUERIES
from tests.support.servers import Database
from tests.support.things import furnish

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
URL = "postgresql://milepost:secret@db.example/milepost"
SERVER_CONNECTIONS = 2
"""Fewer than the application asks for at once, so that each has many clients."""

CONFIGURATION = """[databases]
* = host={host} port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
admin_users = {user}
pool_mode = transaction
default_pool_size = {size}
"""
KEEPING = "max_prepared_statements = 100\n"
KEEPS_SINCE = (1, 21)
"""Before that a statement that was prepared is not there on the next connection."""


@cache
def keeps_prepared() -> bool:
    """Whether this machine's PgBouncer keeps statements that clients prepare."""
    if PGBOUNCER is None:
        return False
    said = subprocess.run([PGBOUNCER, "--version"], capture_output=True, text=True, check=True)
    version = said.stdout.split()[1].split(".")
    return tuple(map(int, version[:2])) >= KEEPS_SINCE


@pytest.fixture
def pooler(fresh_database: Database) -> Iterator[str]:
    """The URL of a database behind PgBouncer, as its serving role."""
    if PGBOUNCER is None:
        pytest.skip("this machine has no PgBouncer")
    there, port = urlsplit(fresh_database.serving), free_port()
    with tempfile.TemporaryDirectory(prefix="milepost-pooler-") as name:
        folder = Path(name)
        configuration = CONFIGURATION.format(
            host=there.hostname,
            server_port=there.port,
            port=port,
            folder=folder,
            user=there.username,
            size=SERVER_CONNECTIONS,
        )
        (folder / "ini").write_text(configuration + KEEPING * keeps_prepared())
        (folder / "users").write_text(f'"{there.username}" "{there.password}"\n')
        # it refuses to run as root
        user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        if user is not None:
            for path in (folder, *folder.iterdir()):
                os.chown(path, user, -1)
        with (folder / "log").open("w") as log:
            running = subprocess.Popen([PGBOUNCER, folder / "ini"], user=user, stderr=log)
        try:
            assert eventually(lambda: _answers(port))
            account = f"{there.username}:{there.password}"
            yield there._replace(netloc=f"{account}@127.0.0.1:{port}").geturl()
        finally:
            running.terminate()
            running.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return False
    return True


@pytest.mark.usefixtures("served_lock_timeout")
async def test_the_role_has_what_connections_cannot_ask_for(
    fresh_database: Database, pooler: str
) -> None:
    async with connection(pooler, pooled=True) as opened:
        assert await opened.fetchval("SHOW lock_timeout") == "0"
    with pytest.raises(OperationError, match="have no idle_in_transaction_session_timeout and no"):
        await poolers.prepare(fresh_database.serving, pooler)
    console = await asyncpg.connect(urlsplit(pooler)._replace(path="/pgbouncer").geturl())
    await console.execute("RECONNECT")
    await console.close()
    await poolers.prepare(fresh_database.serving, pooler)
    async with connection(pooler, pooled=True) as opened:
        assert await opened.fetchval("SHOW lock_timeout") == "3s"


@pytest.mark.parametrize("prepares", [False, True])
async def test_requests_go_through_a_pooler_and_changes_are_heard_past_it(
    fresh_database: Database, pooler: str, monkeypatch: pytest.MonkeyPatch, *, prepares: bool
) -> None:
    if prepares and not keeps_prepared():
        pytest.skip("this machine's PgBouncer keeps no prepared statements")
    monkeypatch.setenv("MILEPOST_POOLER_PREPARES", str(prepares))
    monkeypatch.setenv("MILEPOST_DATABASE_URL", fresh_database.serving)
    monkeypatch.setenv("MILEPOST_POOLER_URL", pooler)
    await poolers.prepare(fresh_database.serving, pooler)
    async with serving(fresh_database.serving, load(), everywhere=False):
        things = await furnish(await open_stage())
        staff = things.stage.staff()
        asked = [staff.ask(text, **variables(things)) for text, variables in QUERIES.values()]
        for answer in await asyncio.gather(*asked):
            assert "INTERNAL" not in codes(answer)
            assert "UNAVAILABLE" not in codes(answer)
        which = "SELECT pg_backend_pid() AS number FROM pg_sleep(0.02)"
        asked = [rows(which) for _ in range(20)]
        assert len({row["number"] for [row] in await asyncio.gather(*asked)}) == SERVER_CONNECTIONS


def test_a_pooler_leads_to_the_same_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_POOLER_URL", URL)
    with pytest.raises(SettingsError, match="set MILEPOST_DATABASE_URL as well"):
        load()
    monkeypatch.setenv("MILEPOST_DATABASE_URL", URL.replace("/milepost", "/other"))
    with pytest.raises(SettingsError, match="name the role and database of MILEPOST_DATABASE"):
        load()
    monkeypatch.setenv("MILEPOST_DATABASE_URL", URL.replace("example", "other"))
    assert load().pooler_url == URL
