"""Who was erased, in a file outside of the database: a backup knows nothing of what came after it.

A line for each, appended and never changed: the member's id and its programme's code.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import orjson

from domain.privacy.erasing import Erased
from ops.errors import OperationError


def read(file: Path) -> list[Erased]:
    """Everybody who stands in the file, in its order; nobody where there is none yet.

    Raises: OperationError
    """
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        try:
            said = orjson.loads(line)
            found.append(Erased(UUID(said["member"]), str(said["programme"])))
        except (ValueError, KeyError, TypeError):
            raise OperationError(f"{file}, line {number}: not a member who was erased") from None
    return found


def append(file: Path, new: Iterable[Erased]) -> None:
    """Add these, which are on the disk when this returns."""
    lines = b"".join(
        orjson.dumps({"member": str(one.member_id), "programme": one.programme}) + b"\n"
        for one in new
    )
    if not lines:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as opened:
        opened.write(lines)
        opened.flush()
        os.fsync(opened.fileno())
