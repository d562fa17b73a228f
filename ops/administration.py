"""What the administering commands share: the database they work on, and how they speak."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.errors import DomainError, NotFound
from ops import database
from ops.embedded import Urls
from ops.errors import OperationError
from ops.settings import Settings

Result = TypeVar("Result")
Work = Callable[[], Awaitable[Result]]


def administer(settings: Settings, work: Work[Result], *, connections: int = 2) -> Result:
    """Run `work` on the settings' database, whose schema is up to date.

    Raises: OperationError, also for what the domain refused.
    """
    with database.available(settings) as urls:
        return asyncio.run(_administer(urls, work, connections))


async def _administer(urls: Urls, work: Work[Result], connections: int) -> Result:
    if pending := await database.pending_migrations(urls.serving):
        raise OperationError(
            f"the database lacks {len(pending)} migrations, the first {pending[0]}: run "
            "`python -m ops migrate`"
        )
    async with database.connected(urls.serving, pool_max=connections, statement_seconds=None):
        try:
            return await work()
        except NotFound as error:
            raise OperationError(f"there is no {error.what} {error.value!r}") from None
        except DomainError as error:
            raise OperationError(error.message) from None
