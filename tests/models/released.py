"""Databases of released versions: rows of every kind, as a script of COPY for each version.

`python -m tests.models.released` plays everything (`every_kind`) into a database of its own,
verifies it, and writes a file into `released/`, named by the newest migration. It is run once for
each release with a new migration; files of earlier releases are never rewritten.
"""

import asyncio
import gzip
import re
import sys
import tempfile
from graphlib import TopologicalSorter
from io import BytesIO
from pathlib import Path

import asyncpg

from ops.postgres import embedded, migrations
from ops.postgres.connections import connection, role
from ops.postgres.database import connected
from ops.postgres.embedded import Urls
from ops.upgrade import migrate
from tests.models import every_kind
from tests.soak import work
from tests.support.servers import Database

FOLDER = Path(__file__).with_suffix("")
_LEFT_OUT = {"aerich"}
"""Tables that migrating fills itself."""

_COPY = re.compile(rb'COPY "(\w+)" \(([^)]*)\) FROM stdin;\n(.*?)\\\.\n', re.DOTALL)

_COLUMNS = """
SELECT table_name AS table, array_agg(column_name::text ORDER BY ordinal_position) AS columns
FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY table_name
"""
_REFERENCES = """
SELECT conrelid::regclass::text AS table, confrelid::regclass::text AS target
FROM pg_constraint
WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conrelid <> confrelid
"""


def number(file: Path) -> int:
    """The number of the last migration of the database in this file."""
    return int(file.name.split("_", 1)[0])


async def dump(owner: asyncpg.Connection) -> bytes:
    """A script of all rows, each table after those that it refers to; psql can read it, too."""
    columns = {row["table"]: row["columns"] for row in await owner.fetch(_COLUMNS)}
    order = TopologicalSorter({table: set[str]() for table in sorted(columns)})
    for row in await owner.fetch(_REFERENCES):
        order.add(row["table"], row["target"])
    script = BytesIO()
    for table in order.static_order():
        if table in _LEFT_OUT:
            continue
        names = ", ".join(f'"{name}"' for name in columns[table])
        script.write(f'COPY "{table}" ({names}) FROM stdin;\n'.encode())
        # the whole row comes last, so that rows with the same first columns have an order, too
        select = f'SELECT {names} FROM "{table}" t ORDER BY 1, 2, t::text'
        await owner.copy_from_query(select, output=script)
        script.write(b"\\.\n")
    return script.getvalue()


async def restore(owner: asyncpg.Connection, script: bytes) -> None:
    """Load a script into an empty migrated database, with every constraint in force."""
    async with owner.transaction():
        for table, names, rows in _COPY.findall(script):
            columns = [name.strip().strip('"') for name in names.decode().split(",")]
            await owner.copy_to_table(table.decode(), source=BytesIO(rows), columns=columns)


def read(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes())


async def _made(urls: Urls) -> bytes:
    await migrate(urls.owner, role(urls.serving))
    async with connected(urls.serving, everywhere=False):
        await every_kind.play()
    await work.verify(Database(urls.owner, urls.serving))
    async with connection(urls.owner) as owner:
        return await dump(owner)


def write() -> None:
    newest = asyncio.run(migrations.read())[-1]
    title = newest.name.removesuffix(".py").split("_", 2)[2]
    file = FOLDER / f"{newest.number}_{title}.sql.gz"
    if file.exists():
        sys.exit(f"{file.name} is what a release wrote, and stays")
    with tempfile.TemporaryDirectory(prefix="milepost-released-") as made:
        home = Path(made)
        home.chmod(0o711)  # under root the database runs as another user
        with embedded.running(home) as urls:
            script = asyncio.run(_made(urls))
    file.write_bytes(gzip.compress(script, mtime=0))


if __name__ == "__main__":
    write()
