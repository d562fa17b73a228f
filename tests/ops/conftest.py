"""Homes of their own for tests that start, share, kill and stop databases."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.processes import server_runs


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a space in its path; whatever still runs in it afterwards is a failure."""
    parent = Path(tempfile.mkdtemp(prefix="milepost home "))
    parent.chmod(0o711)
    yield parent / "home"
    left = [place for place in parent.glob("**/data") if server_runs(place.parent)]
    for place in left:
        pid = int((place / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(parent, ignore_errors=True)
    assert not left


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the person who runs the tests decides how they end."""
    for name in list(os.environ):
        if name.startswith("MILEPOST_") and not name.startswith("MILEPOST_TEST_"):
            monkeypatch.delenv(name)
