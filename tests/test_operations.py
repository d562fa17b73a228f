"""The operator's page walked through: back up, restore elsewhere, prove, serve."""

import base64
import os
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from ops.errors import EmbeddedDatabaseError
from ops.postgres import binaries
from ops.postgres.connections import connection, role
from ops.postgres.database import unguarded_tables
from ops.settings import ROOT, load, unknown_names
from tests.conftest import Database, Server
from tests.support.commands import Commands
from tests.support.processes import WAIT_SECONDS, Started, answers, eventually, free_port
from tests.support.servers import SECRET_KEY

PAGE = ROOT / "docs" / "operations.md"


def _programs() -> Path | None:
    """The folder of the PostgreSQL that the project finds, if it can dump and restore."""
    with suppress(EmbeddedDatabaseError):
        folder = binaries.find(None).folder
        if all((folder / name).is_file() for name in ("pg_dump", "pg_restore")):
            return folder
    return None


PROGRAMS = _programs()


def commands_below(title: str) -> str:
    """The shell commands of a section, as an operator would copy them."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    assert found, f"no commands below {title}"
    return "\n".join(found)


@pytest.mark.parametrize("title", ["Whose tokens are believed", "Several sign-in services"])
def test_what_it_says_of_tokens_is_understood(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pasted into a shell, the settings start production, with the keys of secrets and seals."""
    secret = "\n".join(map(commands_below, ("Endpoints of webhooks", "Keys of seals")))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MILEPOST_")}
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", f"{secret}\n{commands_below(title)}\nenv"],
        cwd=tmp_path,
        env=plain,
        capture_output=True,
        text=True,
        check=True,
    )
    monkeypatch.chdir(tmp_path)
    said = [line for line in done.stdout.splitlines() if line.startswith("MILEPOST_")]
    for line in said:
        monkeypatch.setenv(*line.split("=", 1))
    services = load(
        environment="production", database_url="postgresql://milepost:choose-another@db/milepost"
    ).trusted()
    assert unknown_names(dict(line.split("=", 1) for line in said)) == []
    assert ["ota" in (service.programmes or ()) for service in services] == [True] * len(services)


def follow(title: str, database: Database, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a section's commands in `folder`, on the database that the variables name."""
    return subprocess.run(
        ["/bin/sh", "-eu", "-c", commands_below(title)],
        cwd=folder,
        env={
            "PATH": f"{PROGRAMS}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "MILEPOST_HOME": str(folder / "home"),
            "MILEPOST_SECRET_KEY": base64.b64encode(SECRET_KEY).decode(),
            "MILEPOST_DATABASE_URL": database.serving,
            "MILEPOST_OWNER_DATABASE_URL": database.owner,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
async def empty_database(server: Server) -> AsyncIterator[Database]:
    """A database with nothing in it, for the same two roles."""
    name = f"milepost_restored_{secrets.token_hex(4)}"
    owner, serving = role(server.owner), role(server.serving)
    async with connection(server.administrator) as administrator:
        await administrator.execute(f'CREATE DATABASE {name} OWNER "{owner}" TEMPLATE template0')
        await administrator.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        await administrator.execute(f'GRANT CONNECT ON DATABASE {name} TO "{serving}"')
    yield Database(
        *(
            urlsplit(url)._replace(path=f"/{name}").geturl()
            for url in (server.owner, server.serving)
        )
    )
    async with connection(server.administrator) as administrator:
        await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.skipif(PROGRAMS is None, reason="the PostgreSQL found here has no pg_dump")
async def test_a_backup_is_restored_proved_and_served(
    fresh_database: Database, empty_database: Database, tmp_path: Path
) -> None:
    Commands(fresh_database, tmp_path / "home").output("demo")

    backed_up = follow("Back up", fresh_database, tmp_path)
    assert backed_up.returncode == 0, backed_up.stderr
    restored = follow("Restore", empty_database, tmp_path)
    assert restored.returncode == 0, restored.stderr

    before = Commands(fresh_database, tmp_path / "home").run("verify").stderr
    assert re.search(r"^no fault in 18 members with \d+ entries$", before, re.MULTILINE)
    assert before.splitlines()[-1] in restored.stderr
    assert "nothing to apply" in restored.stdout
    assert await unguarded_tables(empty_database.serving) == []
    upgraded = follow("Upgrade", empty_database, tmp_path)
    assert (upgraded.returncode, upgraded.stdout) == (0, "nothing to apply\n"), upgraded.stderr
    serve(empty_database, tmp_path)


def serve(database: Database, folder: Path) -> None:
    """A server on the restored database answers a member of the demo."""
    commands = Commands(database, folder / "home")
    token = commands.output("token", "--programme", "ota", "--member", "wang-fang").strip()
    port = free_port()
    options = ["--no-migrate", "--no-worker", "--port", str(port)]
    with Started("serve", *options, **commands.variables) as process:
        try:
            assert eventually(lambda: process.poll() is not None or answers(port))
            answer = httpx.post(
                f"http://127.0.0.1:{port}/graphql",
                json={"query": "{ me { reference balance { available } } }"},
                headers={"Authorization": f"Bearer {token}"},
                timeout=WAIT_SECONDS,
            ).json()
        finally:
            process.terminate()
            process.communicate(timeout=WAIT_SECONDS)
    assert answer["data"]["me"]["reference"] == "wang-fang"
    assert answer["data"]["me"]["balance"]["available"] > 0
    assert process.returncode == 0
