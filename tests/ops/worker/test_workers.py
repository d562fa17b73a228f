"""Several processes that answer requests, when one of them or their supervisor is killed."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.soak import proxy
from tests.soak.proxy import End
from tests.soak.served import Served
from tests.support.processes import answers, eventually, is_spawned, spawned_by
from tests.support.servers import Database

with_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")


async def soon(condition: Callable[[], bool]) -> None:
    """A condition that must come to hold, while the line of this loop goes on."""
    assert await asyncio.to_thread(eventually, condition)


@with_proc
async def test_workers_outlive_the_database_s_absence_and_not_their_supervisor(
    fresh_database: Database, tmp_path: Path
) -> None:
    async with proxy.before(fresh_database.serving) as line:
        served = Served(line.url(fresh_database.serving), tmp_path, MILEPOST_WORKERS="2")

        def begun(count: int) -> bool:
            return served.log.read_text().count("Application startup complete") == count

        try:
            await served.start()
            await soon(lambda: begun(2))
            first, _ = spawned_by(served.pid)
            line.refusing = True
            line.break_off(End.RESET)
            os.kill(first, signal.SIGKILL)
            await soon(lambda: begun(3))
            assert not answers(served.port)
            line.recover()
            await soon(lambda: answers(served.port))
            left = spawned_by(served.pid)
        finally:
            served.kill()
        assert len(left) == 2
        await soon(lambda: not any(map(is_spawned, left)))
        assert not answers(served.port)
