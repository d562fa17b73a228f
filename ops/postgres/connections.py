"""Plain connections to PostgreSQL, for work outside the application."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import unquote, urlsplit

import asyncpg

from domain.kernel.database import DRIVER_ERRORS, Unavailable
from ops.errors import DatabaseError

CONNECT_SECONDS = 10


@asynccontextmanager
async def connection(url: str, *, pooled: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """One plain connection, for work outside the application; `pooled` where it may be
    another one after each transaction.

    Raises: DatabaseError
    """
    with explained(url):
        opened = await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            statement_cache_size=0 if pooled else 100,
            server_settings={"application_name": "milepost-ops"},
        )
    try:
        yield opened
    finally:
        await opened.close()


def role(url: str) -> str:
    """The role that a database URL names."""
    return unquote(urlsplit(url).username or "")


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turns the many ways in which a connection fails into one line without the password."""
    parts = urlsplit(url)
    where = f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path} as {role(url)}"
    try:
        yield
    except (*DRIVER_ERRORS, Unavailable) as error:
        cause = error.__cause__ if isinstance(error, Unavailable) else error
        if isinstance(cause, TimeoutError):
            raise DatabaseError(f"PostgreSQL at {where} did not answer in time") from None
        if isinstance(cause, ConnectionError) and not isinstance(cause, ConnectionRefusedError):
            # said by the system, or by asyncpg in words about its insides
            raise DatabaseError(f"PostgreSQL at {where} closed the connection at once") from None
        reason = str(cause).strip().splitlines() or [type(cause).__name__]
        raise DatabaseError(f"cannot use PostgreSQL at {where}: {reason[0]}") from None
