"""Signals that end a command, also while it is imported, before anything runs that would have to be
stopped.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
"""The exit code of an interrupted command."""


def leave(number: int, _: FrameType | None) -> None:
    """Raised rather than fatal, so that started processes are stopped on the way out."""
    sys.exit(128 + number)


@contextmanager
def ending_at_once() -> Iterator[None]:
    """Let Ctrl-C and signals that make a command leave end the process within this block; raised as
    an exception, they can break a module in C that is being imported, or be lost in a callback of
    the import. Where one is ignored, it stays so.
    """
    raising = {
        number: handler
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if (handler := signal.getsignal(number)) in (signal.default_int_handler, leave)
    }
    for number in raising:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in raising.items():
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> None:
    if number == signal.SIGINT:
        os.write(2, b"interrupted\n")
    os._exit(128 + number)
