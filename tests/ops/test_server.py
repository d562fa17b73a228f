"""What a server process runs on: uvloop and httptools, where these are installed; and how
long one of several may be silent.
"""

import subprocess
import sys

import pytest

from ops.listener import Connection, Connections, room
from ops.server import configured
from ops.settings import load

FREE = room(10, 1, 1000)

PROGRAM = """
import sys
sys.modules["uvloop"] = None
from ops.listener import room
from ops.server import configured
from ops.settings import load
print(configured(load(), room(10, 1, 1000)).get_loop_factory().__module__)
"""


def test_requests_are_served_on_uvloop_where_it_is_installed() -> None:
    uvloop = pytest.importorskip("uvloop")
    made = configured(load(), FREE).get_loop_factory()
    assert made is not None
    loop = made()
    try:
        assert isinstance(loop, uvloop.Loop)
    finally:
        loop.close()


def test_asyncio_serves_where_uvloop_is_not_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().startswith("asyncio")


def test_requests_are_read_by_httptools_where_it_is_installed() -> None:
    pytest.importorskip("httptools")
    implementation = pytest.importorskip("uvicorn.protocols.http.httptools_impl")
    assert isinstance(configured(load(), FREE).http, Connections)
    assert issubclass(Connection, implementation.HttpToolsProtocol)


def test_a_process_that_is_still_imported_is_not_taken_for_dead() -> None:
    """A start takes some three seconds, and several times that on a busy machine."""
    assert configured(load(), FREE).timeout_worker_healthcheck >= 30
