"""A server that subscribers come to, one for all tests of a module, and who they are."""

from collections.abc import AsyncIterator

import pytest

from api.kit.watching import CHANNELS
from domain.kernel import cache
from ops.listener import Connections
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import Stage, open_stage
from tests.support.subscribed import listening_for_sockets, served_live


@pytest.fixture(scope="module")
async def running(database: Database) -> AsyncIterator[tuple[str, Connections]]:
    async with (
        cache.listening(database.serving, CHANNELS),
        listening_for_sockets(served_live()) as served,
    ):
        yield served


@pytest.fixture
def place(running: tuple[str, Connections]) -> str:
    return running[0]


@pytest.fixture
async def stage() -> Stage:
    opened = await open_stage()
    await make.enrol(opened.programme, now=opened.now(), reference="xiaoli")
    return opened
