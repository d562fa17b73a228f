"""Find state that a pooled connection keeps from its last user; there must be none."""

import asyncpg
from tortoise.connection import connections

_KEPT = """
SELECT 'setting ' || name FROM pg_settings WHERE source = 'session' AND setting <> reset_val
UNION ALL SELECT 'channel ' || channel FROM pg_listening_channels() AS heard (channel)
UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE is_holdable
UNION ALL SELECT 'advisory lock' FROM pg_locks
    WHERE locktype = 'advisory' AND pid = pg_backend_pid()
UNION ALL SELECT 'temporary table' WHERE pg_my_temp_schema() <> 0
UNION ALL SELECT 'role' WHERE current_user <> session_user
"""


async def kept_in(connection: asyncpg.Connection) -> list[str]:
    """The session state that the next user of this connection would get."""
    return [kept for (kept,) in await connection.fetch(_KEPT)]


async def kept_in_pool() -> list[str]:
    """The same for all idle connections of the pool."""
    pool = connections.get("default")._pool
    free = [await pool.acquire() for _ in range(pool.get_idle_size())]
    try:
        return [kept for connection in free for kept in await kept_in(connection)]
    finally:
        for connection in free:
            await pool.release(connection)
