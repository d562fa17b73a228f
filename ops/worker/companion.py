"""The worker that `serve` runs together with the server, in a process of its own.

It is started again if it ends by itself, asked to stop when the server has stopped, and stops
by itself when the server was killed, because then the input that it reads from is closed.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from ops.console import console, notes
from ops.postgres.embedded import Urls
from ops.settings import ROOT, Settings

LOG_FILE = "worker.log"

RESTART_SECONDS = 1
STOP_SECONDS = 30
"""Longer than a worker gives its running jobs."""


@contextmanager
def working(settings: Settings, urls: Urls) -> Iterator[None]:
    """A worker runs inside this block.

    It logs as the server does, but beside a terminal into a file, overwritten each time.
    """
    with ExitStack() as stack:
        log: BinaryIO | None = None
        if sys.stderr.isatty():
            settings.home.mkdir(parents=True, exist_ok=True)
            path = settings.home / LOG_FILE
            log = stack.enter_context(path.open("wb"))
            console.print(f"the worker's log is in {path}")
        companion = _Companion(urls, log)
        companion.start()
        stack.callback(companion.stop)
        yield


class _Companion(threading.Thread):
    """Starts the worker, and again if it ends without being stopped."""

    def __init__(self, urls: Urls, log: BinaryIO | None) -> None:
        super().__init__(name="companion", daemon=True)
        self.log = log
        self.stopping = threading.Event()
        self.starting = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        # the worker never needs the owner's password, nor a hold of the embedded database
        kept = {k: v for k, v in os.environ.items() if k != "MILEPOST_OWNER_DATABASE_URL"}
        self.variables = kept | {"MILEPOST_DATABASE_URL": urls.serving, "PYTHONPATH": str(ROOT)}

    def run(self) -> None:
        while (process := self._begin()) is not None:
            code = process.wait()
            if self.stopping.is_set():
                return
            notes.print(f"the worker ended with exit code {code}: it is started again")
            self.stopping.wait(RESTART_SECONDS)

    def _begin(self) -> subprocess.Popen[bytes] | None:
        with self.starting:
            if self.stopping.is_set():
                return None
            # a group of its own: Ctrl-C reaches the server, and then the worker in its turn
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ops", "worker", "--beside"],
                env=self.variables,
                stdin=subprocess.PIPE,
                stderr=self.log,
                process_group=0,
            )
            return self.process

    def stop(self) -> None:
        with self.starting:
            self.stopping.set()
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
