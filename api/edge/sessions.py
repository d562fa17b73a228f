"""Sessions: open connections of callers, their limits, and their end.

Every two seconds the credential of each is checked again, as with a request, and the status of each
member: sessions of callers that would be refused now, and of suspended or erased members, are
ended.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import time

from api.edge.browsers import NO_ORIGINS, Origins
from api.edge.logging import log, name_of
from api.edge.turnstile import Authenticate
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.watching import POLL_SECONDS
from domain.kernel.callers import Caller, CallerKind
from domain.members import statuses
from domain.members.statuses import GONE, MemberStatus

SESSIONS_MAX = 10_000
"""Of one process."""
MEMBER_SESSIONS_MAX = 5
OTHER_SESSIONS_MAX = 50
"""Of a partner, or of a person of staff."""

SWEEP_SECONDS = 2.0
AT_ONCE = 500
"""So many sessions are looked at before requests have their turn."""

SENT_AWAY = GONE | {MemberStatus.SUSPENDED}
RETRY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """Limits of open connections; pages of `origins` may open them, too."""

    origins: Origins = NO_ORIGINS
    most: int = SESSIONS_MAX
    of_member: int = MEMBER_SESSIONS_MAX
    of_other: int = OTHER_SESSIONS_MAX
    init_seconds: float = 10.0
    """From the handshake of a socket to its first message."""
    sweep_seconds: float = SWEEP_SECONDS
    poll_seconds: float = POLL_SECONDS
    heartbeat_seconds: float = 15.0
    """Between two signs of life of a stream of events."""


USUAL = Terms()


@dataclass(slots=True, eq=False)
class Session:
    """One connection: its caller, credential, the name under which it is counted, and the function
    that ends it. `end` does not wait.
    """

    caller: Caller
    authorization: str
    key: str
    end: Callable[[], None]


@dataclass(slots=True, eq=False)
class Sessions:
    """All of one process."""

    authenticate: Authenticate
    terms: Terms = USUAL
    open: set[Session] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    sweeper: asyncio.Task[None] | None = None

    async def begin(self, session: Session) -> None:
        """Count a session until `close`, and look at it from now on.

        Raises: RequestError UNAUTHENTICATED, RATE_LIMITED, FORBIDDEN
        """
        caller = session.caller
        if caller.kind is CallerKind.PUBLIC:
            raise RequestError(
                RequestErrorCode.FORBIDDEN, "With a public key nothing can be subscribed to."
            )
        if _has_ended(caller):
            raise RequestError(RequestErrorCode.UNAUTHENTICATED, "The token has ended.")
        of_member = caller.kind is CallerKind.MEMBER
        terms = self.terms
        most = terms.of_member if of_member else terms.of_other
        for count, limit, whose in (
            (len(self.open), terms.most, "here"),
            (self.counts[session.key], most, "of one caller"),
        ):
            if count >= limit:
                raise RequestError(
                    RequestErrorCode.RATE_LIMITED,
                    f"Too many connections are kept open {whose}; at most {limit}.",
                    retryAfterSeconds=RETRY_SECONDS,
                )
        self._add(session)
        try:
            if await _sent_away([session]):
                raise RequestError(RequestErrorCode.FORBIDDEN, "This membership is not active.")
        except BaseException:
            self.close(session)
            raise

    def _add(self, session: Session) -> None:
        self.open.add(session)
        self.counts[session.key] += 1
        if self.sweeper is None:
            self.sweeper = asyncio.create_task(self._sweep())

    def close(self, session: Session) -> None:
        """Count it no longer; a second time nothing happens."""
        if session not in self.open:
            return
        self.open.remove(session)
        self.counts[session.key] -= 1
        if not self.counts[session.key]:
            del self.counts[session.key]
        if not self.open and self.sweeper is not None:
            self.sweeper.cancel()
            self.sweeper = None

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self.terms.sweep_seconds)
            try:
                await self.look()
            except Exception as error:  # no session is ended because the database is not reachable
                log.warning("sessions_not_looked_at", cause=name_of(error))

    async def look(self) -> None:
        """End every session whose caller would not be admitted now.

        Raises: Unavailable
        """
        sessions = list(self.open)
        for first in range(0, len(sessions), AT_ONCE):
            some = sessions[first : first + AT_ONCE]
            refused = {session for session in some if not await self._is_as_it_was(session)}
            for session in refused | await _sent_away(some):
                session.end()
            await asyncio.sleep(0)

    async def _is_as_it_was(self, session: Session) -> bool:
        """Whether its credential still identifies exactly the same caller."""
        if _has_ended(session.caller):
            return False
        try:
            return await self.authenticate(session.authorization) == session.caller
        except RequestError:
            return False


def _has_ended(caller: Caller) -> bool:
    return caller.valid_until is not None and caller.valid_until <= time()


async def _sent_away(sessions: Iterable[Session]) -> set[Session]:
    """Sessions of members that must be ended; one statement if any is a member's."""
    members = {one.caller.member_id for one in sessions if one.caller.member_id}
    if not members:
        return set()
    known = await statuses.of_many(sorted(members))
    gone = {member_id for member_id in members if known.get(member_id) in SENT_AWAY}
    return {session for session in sessions if session.caller.member_id in gone}
