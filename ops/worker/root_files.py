"""Copies of the signed roots of days, a file a programme, where the agency cannot empty it."""

from collections.abc import Sequence
from pathlib import Path

from domain.programmes.programmes import Programme
from domain.proof import roots
from ops import line_files

_folder: Path | None = None


class RootsDiffer(Exception):
    """The published records differ from the database: nothing is added to them."""


def use(folder: Path | None) -> None:
    """Copy into this folder from now on, or nowhere."""
    global _folder  # noqa: PLW0603 - it is the state of the process
    _folder = folder


def folder() -> Path | None:
    return _folder


async def publish(folder: Path, programme: Programme) -> int:
    """Add the records that come after the last one of the programme's file, each of which names its
    previous one; returns how many.

    Raises: RootsDiffer, OSError
    """
    path = folder / f"{programme.code}.roots.jsonl"
    last = line_files.last(path)
    day = None
    if last is not None:
        try:
            day = roots.read(last.decode()).day
        except ValueError:
            raise _differs(path) from None
        if await roots.line_of(programme.id, day) != last.decode():
            raise _differs(path)
    return _add(path, last, await roots.lines(programme.id, day))


def _add(path: Path, last: bytes | None, new: Sequence[str]) -> int:
    if not new:
        return 0
    with line_files.opened(path) as file:
        if file.tail()[-1:] != ([] if last is None else [last]):
            return 0  # another process has just added them
        file.append(line.encode() for line in new)
    return len(new)


def _differs(path: Path) -> RootsDiffer:
    return RootsDiffer(
        f"{path} differs from the records of the database: run `python -m ops verify --roots`"
    )
