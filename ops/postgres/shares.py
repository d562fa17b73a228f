"""No caller has all connections of a pool: some are kept for the others."""

import asyncio
from weakref import WeakValueDictionary

from domain.kernel import database

KEPT_PART = 4
"""One in this many connections of a pool, and at least one, is kept from any single caller."""


def share_of(connections: int) -> int:
    """Most connections of a pool that one caller may have at once."""
    return max(1, connections - max(1, connections // KEPT_PART))


class Shares:
    """Number of connections of each caller, as `database.user` names it; without one, any."""

    def __init__(self, most: int) -> None:
        self.most = most
        # a caller that neither has nor waits for a connection is forgotten
        self.callers: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def take(self) -> asyncio.Semaphore | None:
        """Wait until the caller may have one more; `release` returns it."""
        user = database.user.get()
        if user is None:
            return None
        share = self.callers.setdefault(user, asyncio.Semaphore(self.most))
        await share.acquire()
        return share
