"""Erased members, in a file outside the database: a backup does not know of later erasures.

A line for each, appended and never changed: the member's id and its programme's code.
"""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import orjson

from domain.privacy import erasing
from domain.privacy.erasing import Erased
from ops import line_files
from ops.console import counted
from ops.errors import OperationError
from ops.postgres import database


def read(file: Path) -> list[Erased]:
    """All entries of the file, in order; empty where there is no file yet.

    Raises: OperationError
    """
    lines = enumerate(line_files.read(file), start=1)
    return [_read(file, f"line {number}", line) for number, line in lines]


def last(file: Path) -> Erased | None:
    """The last entry. Raises: OperationError"""
    line = line_files.last(file)
    return None if line is None else _read(file, "the last line", line)


def append(file: Path, found: Iterable[Erased]) -> int:
    """Add missing members, on the disk when this returns; returns how many."""
    lines = [
        orjson.dumps({"member": str(one.member_id), "programme": one.programme}) for one in found
    ]
    if not lines:
        return 0
    with line_files.opened(file) as kept:
        new = _without(lines, kept.tail())
        if new:
            new = _without(new, kept.lines())
            kept.append(new)
    return len(new)


async def check(file: Path | None, url: str) -> None:
    """Check that the database, if restored from a backup, has no members erased after that backup,
    so that they are neither served nor sent anything.

    Raises: OperationError
    """
    known = read(file) if file else []
    if not known:
        return
    async with database.connected(url, pool_max=1, statement_seconds=None):
        waiting = await erasing.missing(known)
    if waiting:
        raise OperationError(
            f"{counted(len(waiting), 'member')} listed in {file} "
            f"{'is' if len(waiting) == 1 else 'are'} not erased in this database: run "
            "`python -m ops erasures`"
        )


def _without(lines: Iterable[bytes], known: Iterable[bytes]) -> list[bytes]:
    there = set(known)
    return [line for line in lines if line not in there]


def _read(file: Path, where: str, line: bytes) -> Erased:
    try:
        said = orjson.loads(line)
        return Erased(UUID(said["member"]), str(said["programme"]))
    except (ValueError, KeyError, TypeError):
        raise OperationError(f"{file}, {where}: not an entry of an erased member") from None
