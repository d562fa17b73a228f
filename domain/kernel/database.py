"""Plain SQL on the connection of the current transaction or snapshot, and the ways to open them."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import asyncpg
from tortoise.connection import connections
from tortoise.transactions import in_transaction

from domain.kernel.refusals import ConcurrentRequest

LOCK_ATTEMPTS_MAX = 5
"""How often a transaction that lost a deadlock is run again."""

user: ContextVar[str | None] = ContextVar("user", default=None)
"""Caller for whom statements run, as counted by its rate; None for work that nobody requested."""

Row = dict[str, Any]
Kept = TypeVar("Kept")
Result = TypeVar("Result")

DRIVER_ERRORS = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""All errors that a plain connection raises, whatever the cause."""

LOSSES = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""Errors of a server that is stopping, is full, or has become a standby."""

_TRANSIENT = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class Unavailable(Exception):
    """The database cannot be reached, or was lost: a write sent to it may be done or not.

    Its cause says how. `ops.postgres.pool` raises it in place of the errors of drivers and sockets.
    """


def is_outage(error: BaseException) -> bool:
    """Whether the database is unavailable for everybody, whichever connection noticed it: not where
    one statement took too long and was cancelled, or a value cannot be sent.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, asyncpg.QueryCanceledError):
            return False
        cause = cause.__cause__
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, ValueError)
    return isinstance(error, (Unavailable, OSError, *LOSSES))


class Beforehand(Exception):
    """Raised in a transaction to have `work` done first, in transactions of its own."""

    def __init__(self, work: Callable[[], Awaitable[object]]) -> None:
        super().__init__(work)
        self.work = work


class Outdated(Exception):
    """Raised in a transaction that is based on outdated data, so that it starts again."""


_named: ContextVar[set[UUID] | None] = ContextVar("named", default=None)
"""Members found by a name in the current transaction."""


def note_named(member_id: UUID) -> None:
    """Note that a member was found by a name, which may denote another by the time of locking."""
    if (named := _named.get()) is not None:
        named.add(member_id)


def was_named(member_id: UUID) -> bool:
    """Whether the current transaction has found this member by a name."""
    return member_id in (_named.get() or ())


async def rows(sql: str, *values: Any) -> list[Row]:
    """All rows of a query; `$1` … stand for `values`, jsonb comes back as text."""
    found: list[Row] = await connections.get("default").execute_query_dict(sql, list(values))
    return found


async def tuples(sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
    """All rows of a query as the driver has them: by position, and by name."""
    found: Sequence[tuple[Any, ...]]
    _, found = await connections.get("default").execute_query(sql, list(values))
    return found


async def tuples_of_each(sql: str, values: Sequence[Sequence[Any]]) -> Sequence[tuple[Any, ...]]:
    """The rows of a query for each of these values, one after the other: prepared once, and sent
    together; without values nothing is sent.
    """
    if not values:
        return []
    async with connections.get("default").acquire_connection() as connection:
        found: Sequence[tuple[Any, ...]] = await connection.fetchmany(sql, values)
    return found


async def row(sql: str, *values: Any) -> Row | None:
    """The first row of a query."""
    found = await rows(sql, *values)
    return found[0] if found else None


async def update(sql: str, *values: Any) -> int:
    """Run an UPDATE or DELETE; how many rows it touched."""
    count: int
    count, _ = await connections.get("default").execute_query(sql, list(values))
    return count


class SnapshotOutcome(Protocol):
    """Information about a snapshot after it has ended."""

    @property
    def failed(self) -> bool:
        """Whether a standby that was read in place of the primary failed."""
        ...


class _Client(Protocol):
    """What `ops.postgres.pool` adds to Tortoise's clients."""

    kept: dict[Any, Any]

    def in_snapshot(self, *, replica: bool) -> AbstractAsyncContextManager[SnapshotOutcome]: ...


class _Snapshot(Protocol):
    async def end(self, *, alone: bool) -> None: ...


def kept(kind: Callable[[], Kept]) -> Kept:
    """Object of this kind that the process keeps in memory for its current database; it is created
    and dropped with the connection.
    """
    of_database = cast(_Client, connections.get("default")).kept
    if kind not in of_database:
        of_database[kind] = kind()
    found: Kept = of_database[kind]
    return found


def snapshot(*, replica: bool = False) -> AbstractAsyncContextManager[SnapshotOutcome]:
    """Everything read in the block is as of one instant: that of its first statement.

    REPEATABLE READ and READ ONLY, on one connection from the first statement to the end of the
    block; without a statement there is none. Inside a transaction or another snapshot the block is
    part of that. A transaction in the block ends the instant; reads after it are as of the first
    statement after it. After a failure everything fails until the block ends. A `replica` that is
    up to date may be read instead, until a transaction.

    Raises: Unavailable.
    """
    return cast(_Client, connections.get("default")).in_snapshot(replica=replica)


async def leave_snapshot() -> None:
    """Run statements of the block outside the snapshot from here on, until one of its transactions
    has ended; not where a standby may be read that is known to be up to date.
    """
    client = connections.get("default")
    if hasattr(client, "alone") and client.replica is None:
        await cast(_Snapshot, client).end(alone=True)


def return_to_snapshot() -> None:
    """Read as of one instant again from here on: that of the next statement. What was read ahead
    before is forgotten.
    """
    client = connections.get("default")
    if hasattr(client, "alone"):
        client.alone = False
        client.known.clear()


def is_snapshot() -> bool:
    """Whether reads here may be older than the last announced change."""
    return getattr(connections.get("default"), "alone", True) is False


async def transact(work: Callable[[], Awaitable[Result]]) -> Result:
    """Run `work` in one transaction; start again when it lost a deadlock, when it is outdated, and
    when something else must be done first.

    Raises: ConcurrentRequest when every attempt lost, or a lock was waited for in vain (see
        `ops.postgres.database.LOCK_SECONDS`: whoever waits has a connection meanwhile);
        Unavailable.
    """
    for attempt in range(LOCK_ATTEMPTS_MAX):
        named = _named.set(set())
        try:
            async with in_transaction():
                return await work()
        except Outdated:
            continue
        except Beforehand as needed:
            await needed.work()
        except asyncpg.LockNotAvailableError:
            break
        except _TRANSIENT:
            await asyncio.sleep(secrets.randbelow(10 * 2**attempt) / 1000)
        finally:
            _named.reset(named)
    raise ConcurrentRequest
