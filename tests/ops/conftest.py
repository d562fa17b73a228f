"""Homes of their own for tests that start, share, kill and stop databases."""

import functools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.kernel import secrecy
from domain.programmes import programmes, reader
from domain.programmes.policy import Policy
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import homes, servers
from tests.support.commands import Commands
from tests.support.factories import SHIPPED
from tests.support.processes import server_runs
from tests.support.servers import RUN_HOME


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a space in its path; whatever still runs in it afterwards is a failure."""
    parent = Path(tempfile.mkdtemp(prefix="milepost home ", dir=servers.memory()))
    parent.chmod(0o711)
    yield parent / "home"
    left = [place for place in parent.glob("**/data") if server_runs(place.parent)]
    for place in left:
        pid = int((place / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(parent, ignore_errors=True)
    assert not left


@pytest.fixture
def made_home(home: Path) -> Path:
    """The same with its database made and migrated, and nobody who uses it."""
    homes.furnish(home, Path(os.environ[RUN_HOME]))
    return home


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the person who runs the tests decides how they end."""
    for name in list(os.environ):
        if name.startswith("MILEPOST_") and not name.startswith("MILEPOST_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _own_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secret keys of a server that a test ran in this process go with it."""
    monkeypatch.setattr(secrecy, "_said", secrecy._said)


@pytest.fixture
def commands(fresh_database: Database, tmp_path: Path) -> Commands:
    """The command line on a migrated and empty database."""
    return Commands(fresh_database, tmp_path)


@pytest.fixture
async def ota(commands: Commands) -> Commands:
    """The same with the shipped `ota` programme published."""
    async with connected(commands.database.serving, everywhere=False):
        await programmes.establish(_shipped_ota(), datetime.now(UTC), by="test", note="")
    return commands


@functools.cache
def _shipped_ota() -> Policy:
    return reader.parse((SHIPPED / "ota.yaml").read_text(encoding="utf-8"))
