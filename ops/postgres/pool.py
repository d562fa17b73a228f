"""Tortoise's client of PostgreSQL, which gives every connection back whatever happens to it.

A database that cannot be reached, or is lost, raises `Unavailable`. What a request leaves
behind when it is stopped is ended in bounded time: no slot of the pool, no transaction and no
lock outlives it. `ops.postgres.database.tortoise_config` names this module as the engine.
"""

import asyncio
from contextlib import suppress
from typing import Any

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

from domain.kernel.database import Unavailable

END_SECONDS = 1
"""How long a connection may take to end what was stopped on it; then it is thrown away."""

_OF_THE_DRIVER = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    BaseORMException,
)
_LOSSES = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""What a server says that ends, has no room, or was made a standby."""


class Client(AsyncpgDBClient):
    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        return _Lent(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(_InTransaction(self), self._pool_init_lock)


client_class = Client


class _Lent(PoolConnectionWrapper[Any]):
    """One connection for one statement."""

    async def __aenter__(self) -> Any:
        self.connection = await _acquire(self, self.client)
        return self.connection

    async def __aexit__(self, _: Any, error: BaseException | None, trace: Any) -> None:
        lost = _is_loss(error, self.connection)
        await _give_back(self.client, self.connection)
        if lost:
            raise Unavailable from error


class _InTransaction(TransactionWrapper):
    """What a block of statements runs on."""

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_InTransaction(self))

    async def rollback(self) -> None:
        """End the transaction, or else the connection: whichever it is, nothing stays open."""
        try:
            async with asyncio.timeout(END_SECONDS):
                await super().rollback()
        except _OF_THE_DRIVER:
            _throw_away(self._connection)


class _Transaction(TransactionContextPooled):
    """One connection from BEGIN until COMMIT or ROLLBACK."""

    async def __aenter__(self) -> TransactionalDBClient:
        pool = self.client._parent
        self.client._connection = await _acquire(self, pool)
        try:
            await self.client.begin()
        except BaseException as error:
            lost = _is_loss(error, self.client._connection)
            _throw_away(self.client._connection)
            await _give_back(pool, self.client._connection)
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
            await _give_back(self.client._parent, self.client._connection)
            get_connections().reset(self.token)
            if lost:
                raise Unavailable from error


async def _acquire(wrapper: PoolConnectionWrapper[Any] | _Transaction, client: Any) -> Any:
    try:
        await wrapper.ensure_connection()
        return await client._pool.acquire()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DBConnectionError) as error:
        raise Unavailable from error


async def _give_back(client: Any, connection: Any) -> None:
    if client._pool:
        # the pool itself throws away what does not become clean
        with suppress(*_OF_THE_DRIVER):
            await client._pool.release(connection, timeout=END_SECONDS)


def _throw_away(connection: Any) -> None:
    # the pool has taken back a connection that has ended already
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


def _is_loss(error: BaseException | None, connection: Any) -> bool:
    """Whether it was the database that failed, and not what was asked of it."""
    if not isinstance(error, _OF_THE_DRIVER):
        return False
    if isinstance(error, _LOSSES) or isinstance(error.__cause__, _LOSSES):
        return True
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True
