"""A pooler of transactions, as PgBouncer is, between the servers and their database.

What a connection asks for at its start would be another client's after a transaction, so the
serving role has the time-outs of `database.LIMITS` by itself. Requests go through the pooler; all
that keeps a connection goes past it: commands, workers, and whoever listens for changes.
"""

import asyncpg

from ops.errors import OperationError
from ops.postgres.connections import connection
from ops.postgres.database import LIMITS

_UNSET = "SELECT name FROM pg_settings WHERE name = ANY($1::text[]) AND setting = '0' ORDER BY name"


async def prepare(serving_url: str, pooler_url: str) -> None:
    """Give the serving role its time-outs, unless it has some, and check that they hold through the
    pooler.

    Raises: DatabaseError; OperationError where connections of the pooler are older than they.
    """
    async with connection(serving_url) as own, own.transaction():
        # two that start at once would change the same row
        await own.execute("SELECT pg_advisory_xact_lock(hashtext('milepost limits'))")
        where = await own.fetchval("SELECT quote_ident(current_database())")
        for name in await _unset(own):
            said = f"SET {name} = '{LIMITS[name]}'"
            await own.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {where} {said}")
    async with connection(pooler_url, pooled=True) as pooled:
        if missing := await _unset(pooled):
            raise OperationError(
                f"connections of the pooler have no {' and no '.join(missing)} yet: run RECONNECT "
                "in its console, or restart it"
            )


async def _unset(opened: asyncpg.Connection) -> list[str]:
    return [row["name"] for row in await opened.fetch(_UNSET, list(LIMITS))]
