"""Arriving: the notices of a member that come from some instant on, each once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.notices import inbox
from domain.notices.inbox import Notice

PAGE = 20
LATE = timedelta(minutes=1)
"""How long the transaction that decides may take until it is committed."""


@dataclass(slots=True, eq=False)
class Arrivals:
    """What has come since `begun`, an instant of the programme's clock, and what of it is known."""

    member_id: UUID
    begun: datetime
    known: set[UUID] = field(default_factory=set)

    async def more(self) -> list[Notice]:
        """What has come and was not known before, in the order in which it happened.

        A member's notices are decided in that order, so nothing new is older than what is known.
        """
        found: list[Notice] = []
        after: tuple[datetime, UUID] | None = None
        while True:
            page = (await inbox.pages([self.member_id], PAGE, after))[self.member_id]
            new = [one for one in page if self._is_new(one)]
            found += new
            if len(new) < PAGE:
                break
            after = new[-1].happened_at, new[-1].event_id
        self.known.update(one.id for one in found)
        return found[::-1]

    def _is_new(self, notice: Notice) -> bool:
        at = notice.decided_at
        return at is not None and at > self.begun - LATE and notice.id not in self.known
