"""Files outside of the database to which lines of JSON are appended, and never changed later.

A process killed while writing leaves a line without its end: readers ignore it, and the next writer
removes it.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

TAIL_BYTES = 65_536
"""Bytes at the end of a file that are read; no line is as long."""


@dataclass(frozen=True, slots=True)
class LineFile:
    """A file whose lock this process has; all of its lines have their ends."""

    opened: BinaryIO

    def lines(self) -> list[bytes]:
        self.opened.seek(0)
        return self.opened.read().splitlines()

    def tail(self) -> list[bytes]:
        """The last lines, as many as are whole in `TAIL_BYTES`."""
        return _tail(self.opened)

    def append(self, lines: Iterable[bytes]) -> None:
        """Add these, which are on the disk when this returns."""
        self.opened.write(b"".join(line + b"\n" for line in lines))
        self.opened.flush()
        os.fsync(self.opened.fileno())


@contextmanager
def opened(path: Path) -> Iterator[LineFile]:
    """The file, created if missing, locked until the block ends: the block must not wait for
    anything.

    Raises: OSError
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not file.tell():
            _keep_name(path)
        _end_last_line(file)
        yield LineFile(file)


def read(path: Path) -> list[bytes]:
    """The lines of a file, but for one that was not written to its end; none of no file.

    Raises: OSError
    """
    if not path.exists():
        return []
    *lines, rest = path.read_bytes().split(b"\n")
    return [*lines, rest] if _is_whole(rest) else lines


def last(path: Path) -> bytes | None:
    """The last line of a file, of which only the end is read. Raises: OSError"""
    if not path.exists():
        return None
    with path.open("rb") as file:
        return next(iter(_tail(file)[-1:]), None)


def _tail(file: BinaryIO) -> list[bytes]:
    size = file.seek(0, os.SEEK_END)
    start = file.seek(max(0, size - TAIL_BYTES))
    *lines, rest = file.read().split(b"\n")
    whole = [*lines, rest] if _is_whole(rest) else lines
    return whole[1:] if start else whole


def _is_whole(rest: bytes) -> bool:
    """Whether the text after the last line end is a complete line without its end, as typed by
    hand.
    """
    try:
        orjson.loads(rest)
    except orjson.JSONDecodeError:
        return False
    return True


def _end_last_line(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL_BYTES))
    rest = file.read().rpartition(b"\n")[2]
    if _is_whole(rest):
        file.write(b"\n")
    elif rest:
        file.truncate(size - len(rest))
    file.seek(0, os.SEEK_END)


def _keep_name(path: Path) -> None:
    """Let the folder have the file on the disk, too."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
