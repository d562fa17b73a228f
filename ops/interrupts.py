"""Ctrl-C while a command is imported, before anything runs that would have to be stopped."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130
"""The exit code of an interrupted command."""


@contextmanager
def ending_at_once() -> Iterator[None]:
    """Let Ctrl-C end the process within this block; raised as an exception, it can break a module
    in C that is being imported. Where it is ignored, it stays so.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)
