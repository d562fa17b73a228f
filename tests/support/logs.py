"""What a process logs, read while it runs."""

import codecs
import json
import os
import signal
import subprocess
from contextlib import suppress
from typing import Any

from tests.support.processes import WAIT_SECONDS, Started, eventually


def whole_lines(text: str) -> list[str]:
    """The lines of a text that is still written, without a last one that has no end yet."""
    return text.split("\n")[:-1]


class Logging:
    """A process, and what it has logged so far."""

    def __init__(self, process: subprocess.Popen[str] | Started) -> None:
        assert process.stderr is not None
        self.process = process
        self.errors = process.stderr.fileno()
        os.set_blocking(self.errors, False)
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.text = ""

    def read(self) -> None:
        with suppress(BlockingIOError):
            while chunk := os.read(self.errors, 1_000_000):
                self.text += self.decoder.decode(chunk)

    def lines(self, event: str) -> list[dict[str, Any]]:
        if self.process.returncode is None:
            self.read()
        said = [json.loads(line) for line in whole_lines(self.text) if line.startswith("{")]
        return [line for line in said if line["event"] == event]

    def says(self, event: str, **wanted: object) -> bool:
        return eventually(lambda: any(wanted.items() <= line.items() for line in self.lines(event)))

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(WAIT_SECONDS)
        self.read()
        return code
