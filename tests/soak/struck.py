"""Worker processes that a proof starts and kills."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.edge import logging
from domain.kernel import secrecy
from tests.support.processes import WAIT_SECONDS
from tests.support.servers import SECRET_KEY

_processes = multiprocessing.get_context("forkserver")
# the process from which all workers are forked imports these before
_processes.set_forkserver_preload([f"tests.soak.{proof}" for proof in ("feeds", "moves", "sends")])


@dataclass(slots=True)
class Struck:
    """Workers that run `work(*given)` until they are killed, and log to one file; each calls
    `say_started` when it begins.
    """

    work: Callable[..., None]
    given: tuple[Any, ...]
    log: Path
    alive: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log.touch()

    async def start(self) -> None:
        started = self._started()
        worker = _processes.Process(target=_begin, args=(str(self.log), self.work, self.given))
        worker.start()
        self.alive.append(worker)
        async with asyncio.timeout(WAIT_SECONDS):
            while self._started() == started:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def _started(self) -> int:
        return self.log.read_text(errors="replace").count("worker_started")

    async def kill(self) -> None:
        """Kill the oldest worker."""
        worker = self.alive.pop(0)
        worker.kill()
        await asyncio.to_thread(worker.join)

    def kill_all(self) -> None:
        for worker in self.alive:
            worker.kill()


def _begin(log: str, work: Callable[..., None], given: tuple[Any, ...]) -> None:
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), 2)
    logging.configure()
    secrecy.keep_under(lambda: [SECRET_KEY])
    work(*given)


def say_started() -> None:
    logging.log.info("worker_started")
