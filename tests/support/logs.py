"""What a process logs, read while it runs."""

import json
import os
import signal
import subprocess
from contextlib import suppress
from typing import Any

from tests.support.processes import WAIT_SECONDS, Started, eventually


class Logging:
    """A process, and what it has logged so far."""

    def __init__(self, process: subprocess.Popen[str] | Started) -> None:
        assert process.stderr is not None
        self.process = process
        self.errors = process.stderr.fileno()
        os.set_blocking(self.errors, False)
        self.text = ""

    def read(self) -> None:
        with suppress(BlockingIOError):
            while chunk := os.read(self.errors, 1_000_000):
                self.text += chunk.decode()

    def lines(self, event: str) -> list[dict[str, Any]]:
        if self.process.returncode is None:
            self.read()
        said = [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]
        return [line for line in said if line["event"] == event]

    def says(self, event: str, **wanted: object) -> bool:
        return eventually(lambda: any(wanted.items() <= line.items() for line in self.lines(event)))

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(WAIT_SECONDS)
        self.read()
        return code
