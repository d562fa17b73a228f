"""The committed list of constraints, and the command that rewrites it.

`python -m tests.models.constraints` starts a database of its own, migrates it, and writes
`constraints.txt`.
"""

import asyncio
import tempfile
from pathlib import Path

import asyncpg

from ops.postgres import embedded
from ops.postgres.connections import connection, role
from ops.upgrade import migrate

COMMITTED = Path(__file__).with_suffix(".txt")

_KINDS = {"c": "CHECK", "f": "FOREIGN KEY", "p": "PRIMARY KEY", "u": "UNIQUE", "x": "EXCLUDE"}


async def constraints(owner: asyncpg.Connection) -> list[str]:
    """`table name (kind)` of every constraint and unique index except NOT NULL, sorted."""
    rows = await owner.fetch(
        "SELECT c.relname AS table, o.conname AS name, o.contype::text AS kind "
        "FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid "
        "WHERE o.connamespace = current_schema()::regnamespace AND o.contype <> 'n' "
        "UNION ALL SELECT c.relname, x.relname, 'u' FROM pg_index i "
        "JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid "
        "WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace "
        "AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = x.oid)"
    )
    return sorted(f"{row['table']} {row['name']} ({_KINDS[row['kind']]})" for row in rows)


def render(found: list[str]) -> str:
    return "".join(f"{line}\n" for line in found)


async def _migrated(home: Path) -> list[str]:
    with embedded.running(home) as urls:
        await migrate(urls.owner, role(urls.serving))
        async with connection(urls.owner) as owner:
            return await constraints(owner)


def write() -> None:
    with tempfile.TemporaryDirectory(prefix="milepost-constraints-") as made:
        home = Path(made)
        home.chmod(0o711)  # under root the database runs as another user
        found = asyncio.run(_migrated(home))
    COMMITTED.write_text(render(found), encoding="utf-8")


if __name__ == "__main__":
    write()
