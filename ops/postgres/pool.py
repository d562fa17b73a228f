"""Tortoise's client of PostgreSQL, which gives every connection back whatever happens to it.

A database that cannot be reached, or is lost, raises `Unavailable`. What a request leaves
behind when it is stopped is ended in bounded time: no slot of the pool, no transaction and no
lock outlives it. No caller has all connections: some are kept for the others.
`ops.postgres.database.tortoise_config` names this module as the engine.
"""

import asyncio
import re
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import BaseORMException, DBConnectionError

from domain.kernel.database import DRIVER_ERRORS, LOSSES, Unavailable
from ops.postgres.shares import Shares, share_of

END_SECONDS = 1
"""Seconds in which a connection must end a stopped statement; then it is closed."""

BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

_WRITES = re.compile(r'INSERT INTO|DELETE FROM|UPDATE ["a-z]')
"""Keywords of a statement that writes."""

_OF_THE_DRIVER = (*DRIVER_ERRORS, BaseORMException)
_UNREACHABLE = (*DRIVER_ERRORS, DBConnectionError)


class Lent(NamedTuple):
    """A connection of a pool, and what its caller has of that pool."""

    connection: Any
    share: asyncio.Semaphore | None
    pool: Any


class Replica(Protocol):
    """See `ops.postgres.replica`."""

    async def lent(self) -> Lent | None: ...

    def rest(self) -> None: ...


@dataclass(eq=False, slots=True)
class ReadSource:
    """The server that a block of reads used, and whether a failed standby can be replaced by the
    primary.
    """

    elsewhere: Replica | None = None
    failed: bool = False

    def fail(self) -> None:
        """Note a failed read; one of a standby is repeated on the primary."""
        if self.elsewhere is not None:
            self.elsewhere.rest()
            self.failed = True


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that is returned to the pool unchanged, after ending any open transaction.

    asyncpg sends a statement of four commands after each use, to end what a session keeps.
    Nothing here keeps anything in a session, which `tests/ops/postgres/test_pool.py` and the
    end of each worker of the tests prove.
    """

    def get_reset_query(self) -> str:
        return ""


class Client(AsyncpgDBClient):
    connection_class = Connection

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.shares = Shares(share_of(self.pool_maxsize))
        self.replica: Replica | None = None
        self.kept: dict[Any, Any] = {}

    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        return _Lent(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(_InTransaction(self), self._pool_init_lock)

    def in_snapshot(self, *, replica: bool = False) -> AbstractAsyncContextManager[ReadSource]:
        return _InSnapshot(self, self.replica if replica else None)


client_class = Client


class _Lent(PoolConnectionWrapper[Any]):
    """One connection for one statement."""

    share: asyncio.Semaphore | None = None

    async def __aenter__(self) -> Any:
        self.connection, self.share = await _acquire(self, self.client)
        return self.connection

    async def __aexit__(self, _: Any, error: BaseException | None, trace: Any) -> None:
        lost = _is_loss(error, self.connection)
        await _give_back(self.client, self.connection, self.share)
        if lost:
            raise Unavailable from error


class _InTransaction(TransactionWrapper):
    """The connection of a block of statements; `known` are the results read ahead since its last
    write, see `kernel.queries`.
    """

    def __init__(self, connection: AsyncpgDBClient) -> None:
        super().__init__(connection)
        # a block within runs on the same connection
        self.known: dict[Any, Any] = getattr(connection, "known", {})
        self.kept: dict[Any, Any] = cast(Client, connection).kept

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        self._forget(query)
        return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Any:
        self._forget(query)
        return await super().execute_query_dict(query, values)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        self._forget(query)
        return await super().execute_insert(query, values)

    async def execute_many(self, query: str, values: list[Any]) -> None:
        self._forget(query)
        await super().execute_many(query, values)

    def _forget(self, query: str) -> None:
        if self.known and _WRITES.search(query):
            self.known.clear()

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_InTransaction(self))

    def in_snapshot(self, *, replica: bool = False) -> AbstractAsyncContextManager[ReadSource]:
        return nullcontext(ReadSource())  # what a transaction has locked says more than a snapshot

    async def rollback(self) -> None:
        """End the transaction, or else the connection: whichever it is, nothing stays open."""
        self.known.clear()
        try:
            async with asyncio.timeout(END_SECONDS):
                await super().rollback()
        except _OF_THE_DRIVER:
            throw_away(self._connection)


class _Transaction(TransactionContextPooled):
    """One connection from BEGIN until COMMIT or ROLLBACK."""

    share: asyncio.Semaphore | None = None

    async def __aenter__(self) -> TransactionalDBClient:
        pool = self.client._parent
        self.client._connection, self.share = await _acquire(self, pool)
        try:
            await self.client.begin()
        except BaseException as error:
            lost = _is_loss(error, self.client._connection)
            throw_away(self.client._connection)
            await _give_back(pool, self.client._connection, self.share)
            if lost:
                raise Unavailable from error
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, _: Any, error: BaseException | None, trace: Any) -> None:
        try:
            if self.client._finalized:
                return
            if error is None:
                await self.client.commit()
            else:
                await self.client.rollback()
        except Exception as failure:
            error = failure
            raise
        finally:
            lost = _is_loss(error, self.client._connection)
            await _give_back(self.client._parent, self.client._connection, self.share)
            get_connections().reset(self.token)
            if lost:
                raise Unavailable from error


class Snapshot(TransactionWrapper):
    """The connection of a block of reads: one instant of the database from its first statement on.

    Statements take turns on it. With `alone` they need no common instant; `known` are the results
    read ahead, see `kernel.queries`.
    """

    def __init__(self, pool: Client, replica: Replica | None) -> None:
        super().__init__(pool)
        self.replica = replica
        self.seen = ReadSource()
        self.lent: Lent | None = None
        self.failure: Exception | None = None
        self.alone = False
        self.known: dict[Any, Any] = {}
        self.kept = pool.kept

    def acquire_connection(self) -> Any:
        return self._parent.acquire_connection() if self.alone else _Read(self)

    def _in_transaction(self) -> TransactionContext:
        return _Write(self)

    def in_snapshot(self, *, replica: bool = False) -> AbstractAsyncContextManager[ReadSource]:
        return nullcontext(self.seen)

    async def opened(self) -> Any:
        """Its connection, on which the instant has begun."""
        if self.failure is not None:
            raise Unavailable from self.failure
        if self._connection is None:
            self.lent = await self._lent()
            self._connection = self.lent.connection
        return self._connection

    async def _lent(self) -> Lent:
        # reads after a write use the server of the write
        replica, self.replica = self.replica, None
        if replica is not None and (found := await replica.lent()) is not None:
            self.seen.elsewhere = replica
            return found
        lent = await lend(cast(Client, self._parent))
        try:
            await lent.connection.execute(BEGIN_SNAPSHOT)
        except BaseException as error:
            lost = _is_loss(error, lent.connection)
            throw_away(lent.connection)
            await take_back(lent)
            if lost:
                raise Unavailable from error
            raise
        return lent

    async def end(self, *, alone: bool = False) -> None:
        """Return its connection; a later statement begins a new instant, or stands alone."""
        self.alone = alone
        self.known.clear()
        connection = self._connection
        if connection is None:
            return
        try:
            # a statement that is still under way belongs to nobody who waits for it
            async with asyncio.timeout(END_SECONDS), self._lock:
                await connection.execute("COMMIT;")
        except BaseException as error:
            throw_away(connection)
            if not isinstance(error, _OF_THE_DRIVER):
                raise
        finally:
            if self._connection is connection and self.lent is not None:
                lent, self.lent = self.lent, None
                self._connection, self.failure = None, None
                await take_back(lent)


class _Read:
    """One statement of a snapshot; one that fails has ended the instant for those after it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.connection: Any = None

    async def __aenter__(self) -> Any:
        await self.snapshot._lock.acquire()
        try:
            self.connection = await self.snapshot.opened()
        except BaseException:
            self.snapshot._lock.release()
            raise
        return self.connection

    async def __aexit__(self, _: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None and self.snapshot._connection is self.connection:
            self.snapshot.failure = error if isinstance(error, Exception) else Unavailable()
            if isinstance(error, Exception):
                self.snapshot.seen.fail()
        self.snapshot._lock.release()
        if _is_loss(error, self.connection):
            raise Unavailable from error


class _InSnapshot(AbstractAsyncContextManager[ReadSource]):
    """The block of a snapshot."""

    def __init__(self, pool: Client, replica: Replica | None) -> None:
        self.snapshot = Snapshot(pool, replica)

    async def __aenter__(self) -> ReadSource:
        self.token = get_connections().set(self.snapshot.connection_name, self.snapshot)
        return self.snapshot.seen

    async def __aexit__(self, _: Any, error: BaseException | None, trace: Any) -> None:
        get_connections().reset(self.token)
        await self.snapshot.end(alone=True)


class _Write(_Transaction):
    """A transaction within a snapshot, which ends before it: no operation holds two connections."""

    def __init__(self, snapshot: Snapshot) -> None:
        pool = snapshot._parent
        super().__init__(_InTransaction(pool), pool._pool_init_lock)
        self.snapshot = snapshot

    async def __aenter__(self) -> TransactionalDBClient:
        await self.snapshot.end(alone=True)
        return await super().__aenter__()

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        try:
            await super().__aexit__(kind, error, trace)
        finally:
            self.snapshot.alone = False


async def _acquire(
    wrapper: PoolConnectionWrapper[Any] | _Transaction, client: Any
) -> tuple[Any, asyncio.Semaphore | None]:
    share = await client.shares.take()
    try:
        await wrapper.ensure_connection()
        return await client._pool.acquire(), share
    except BaseException as error:
        if share is not None:
            share.release()
        if isinstance(error, _UNREACHABLE):
            raise Unavailable from error
        raise


async def lend(pool: Client) -> Lent:
    """A connection of this pool, once its caller may have one more; `take_back` ends that.

    Raises: Unavailable.
    """
    return Lent(*await _acquire(_Lent(pool, pool._pool_init_lock), pool), pool)


async def take_back(lent: Lent) -> None:
    await _give_back(lent.pool, lent.connection, lent.share)


async def _give_back(client: Any, connection: Any, share: asyncio.Semaphore | None) -> None:
    try:
        if client._pool:
            # the pool itself closes connections that do not become clean
            with suppress(*_OF_THE_DRIVER):
                await client._pool.release(connection, timeout=END_SECONDS)
    finally:
        if share is not None:
            share.release()


def throw_away(connection: Any) -> None:
    """End a connection, whose place in its pool becomes free when it is returned."""
    # the pool has taken back a connection that has ended already
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


def _is_loss(error: BaseException | None, connection: Any) -> bool:
    """Whether the database itself failed, and not the statement."""
    if not isinstance(error, _OF_THE_DRIVER):
        return False
    if isinstance(error, LOSSES) or isinstance(error.__cause__, LOSSES):
        return True
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True
