"""A streaming standby that answers reads, only with everything that the primary had when they were
sent.

Each read asks the primary for its position in the log first (those that come meanwhile share the
next question), and the standby whether it has played that much. So nobody reads less than was
answered before, to whomever and by whichever process. A standby that is behind for longer than
`lag_seconds`, is away, or is none of this primary is left alone for a while, and the primary
answers.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from api.edge.logging import log
from domain.kernel.database import user
from ops.postgres import pool
from ops.postgres.pool import Client, Lent

REST_SECONDS = 1.0
"""Seconds for which a failed standby is not tried again."""
POLL_SECONDS = 0.005
"""Seconds between checks of a standby that has not caught up."""

POSITION = """
SELECT (CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()
        ELSE pg_current_wal_flush_lsn() END)::text AS position,
    (SELECT system_identifier FROM pg_control_system()) AS cluster"""
"""The flushed position: everything visible is flushed, unless commits do not wait for that."""

HAS_PLAYED = """
SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= $1::text::pg_lsn
    AND (SELECT system_identifier FROM pg_control_system()) = $2"""


@dataclass(eq=False)
class Replica:
    """The standby of `primary` that `standby` reaches."""

    primary: Client
    standby: Client
    lag_seconds: float
    rests_until: float = 0.0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _begun: int = 0
    _found: Any = None
    _told: str = "replica_used"
    _endings: set[asyncio.Future[None]] = field(default_factory=set)

    def rest(self) -> None:
        """Do not use the standby for a while."""
        self._tell("replica_not_used")
        self.rests_until = time.monotonic() + REST_SECONDS

    def _tell(self, event: str) -> None:
        """Log a change, and not each look that found no other."""
        if event != self._told:
            self._told = event
            log.warning(event, lag_seconds_max=self.lag_seconds)

    async def lent(self) -> Lent | None:
        """A connection on which an instant has begun that shows all that was written before now;
        none where the standby cannot give one in time.
        """
        if time.monotonic() < self.rests_until:
            return None
        opening = asyncio.ensure_future(self._open(time.monotonic() + self.lag_seconds))
        try:
            await asyncio.wait({opening}, timeout=self.lag_seconds)
        except BaseException:
            opening.add_done_callback(self._end)
            raise
        if not opening.done():
            # a first connection may take longer: it is there for those who come later
            opening.add_done_callback(self._end)
        elif opening.exception() is None and (found := opening.result()) is not None:
            self._tell("replica_used")
            return found
        self.rest()
        return None

    async def _open(self, deadline: float) -> Lent | None:
        """The same, or none once the deadline is over."""
        position, cluster = await self._position()
        lent = await pool.lend(self.standby)
        try:
            while time.monotonic() < deadline:
                if await lent.connection.fetchval(HAS_PLAYED, position, cluster):
                    await lent.connection.execute(pool.BEGIN_SNAPSHOT)
                    return lent
                await asyncio.sleep(POLL_SECONDS)
        except BaseException:
            pool.throw_away(lent.connection)
            await pool.take_back(lent)
            raise
        await pool.take_back(lent)
        return None

    async def _position(self) -> tuple[str, int]:
        """The position of the primary's log at some instant from now on, and the identity of the
        log.
        """
        before = self._begun
        async with self._turn:
            if self._begun == before or self._found is None:
                self._begun, self._found = self._begun + 1, None
                with _of_nobody():
                    async with self.primary.acquire_connection() as connection:
                        self._found = await connection.fetchrow(POSITION)
            return self._found["position"], self._found["cluster"]

    def _end(self, opening: "asyncio.Future[Lent | None]") -> None:
        """Return a connection that arrived too late for its caller."""
        if not opening.cancelled() and opening.exception() is None and (lent := opening.result()):
            pool.throw_away(lent.connection)
            ending = asyncio.ensure_future(pool.take_back(lent))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)


@contextmanager
def _of_nobody() -> Iterator[None]:
    """Without a caller's share: others wait for this read, so it is not limited by its caller's
    connections.
    """
    token = user.set(None)
    try:
        yield
    finally:
        user.reset(token)
