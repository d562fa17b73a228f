"""Migrations as they are applied: each in one transaction, or one statement after the other.

A file is what aerich writes: SQL, and a snapshot of the models. aerich sends the whole SQL at
once, which PostgreSQL makes a transaction of in any case; so with `RUN_IN_TRANSACTION = False`
the statements are sent one by one here, as an index built CONCURRENTLY and a backfill need it.
A statement that changes rows is then repeated until it changes none. A file that was broken
off begins again at its first statement.
"""

import base64
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import asyncpg

from ops.errors import DatabaseError

APP = "models"
FOLDER = Path(__file__).resolve().parents[2] / "migrations"

_PARTS = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<kept>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    r"|(?P<end>;)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_ROWS_CHANGED = re.compile(r"(?:UPDATE|DELETE|INSERT \d+) (\d+)")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; `models_state` is the snapshot as aerich packs it."""

    name: str
    sql: str
    in_transaction: bool
    models_state: str

    @property
    def number(self) -> int:
        return int(self.name.split("_", 1)[0])


async def read(folder: Path = FOLDER) -> list[Migration]:
    """Every migration of a folder that aerich writes to, the first one first."""
    files = (folder / APP).glob("[0-9]*_*.py")
    return sorted([await _read(file) for file in files], key=lambda found: found.number)


async def _read(file: Path) -> Migration:
    module = ModuleType(file.stem)
    SourceFileLoader(file.stem, str(file)).exec_module(module)
    sql = await module.upgrade(None)
    return Migration(file.name, sql, module.RUN_IN_TRANSACTION, module.MODELS_STATE)


async def pending(reader: asyncpg.Connection, known: Iterable[Migration]) -> list[Migration]:
    """Migrations not applied to the database yet.

    Raises: DatabaseError for a database that was made by other migrations.
    """
    if await reader.fetchval("SELECT to_regclass('aerich')") is None:
        return list(known)
    rows = await reader.fetch("SELECT version FROM aerich WHERE app = $1", APP)
    applied = {row["version"] for row in rows}
    missing = [migration for migration in known if migration.name not in applied]
    numbers = {int(name.split("_", 1)[0]): name for name in applied}
    for migration in missing:
        if migration.number in numbers:
            raise DatabaseError(
                f"the database was made by {numbers[migration.number]}, which this release does "
                f"not have: move its data to a new one, as docs/decisions/0017 says"
            )
    return missing


async def apply(owner: asyncpg.Connection, migration: Migration) -> None:
    """Apply it and record it as applied; in a transaction both or nothing.

    Raises: DatabaseError when it waited too long for another's lock.
    """
    try:
        if migration.in_transaction:
            async with owner.transaction():
                await owner.execute(migration.sql)
                await _record(owner, migration)
        else:
            for statement in statements(migration.sql):
                await _finish(owner, statement)
            await _record(owner, migration)
    except asyncpg.LockNotAvailableError:
        raise DatabaseError(
            f"{migration.name} gave way to a transaction that holds a lock: run "
            "`python -m ops migrate` again, it goes on from there"
        ) from None
    await owner.execute("RESET lock_timeout")


async def _finish(owner: asyncpg.Connection, statement: str) -> None:
    while found := _ROWS_CHANGED.fullmatch(await owner.execute(statement)):
        if found[1] == "0":
            return


async def _record(owner: asyncpg.Connection, migration: Migration) -> None:
    # the packed text is exactly the one that aerich would write: 35 MB are not read as JSON here
    content = zlib.decompress(base64.b64decode(migration.models_state)).decode()
    await owner.execute(
        "INSERT INTO aerich (version, app, content) VALUES ($1, $2, $3::jsonb)",
        migration.name,
        APP,
        content,
    )


def statements(sql: str) -> list[str]:
    """The statements of a script, without comments; a semicolon in quotes ends none."""
    found, current = [], ""
    for part in _PARTS.finditer(sql):
        if part["end"]:
            found.append(current.strip())
            current = ""
        else:
            current += " " if part["comment"] else part[0]
    return [statement for statement in (*found, current.strip()) if statement]
