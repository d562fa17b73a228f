"""Arriving: new notices of a member from an instant on, each once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.members import endings
from domain.notices import inbox
from domain.notices.inbox import Notice

PAGE = 20
LATE = timedelta(minutes=1)
"""Longest time from the decision to the commit of its transaction."""


@dataclass(slots=True, eq=False)
class Arrivals:
    """Notices since `begun`, an instant of the programme's clock, and those already known."""

    member_id: UUID
    begun: datetime
    known: set[UUID] = field(default_factory=set)

    async def more(self) -> list[Notice]:
        """Notices of the member, and of those merged into it, that were not known before, in the
        order of their events.
        """
        found: list[Notice] = []
        for member_id in await endings.family(self.member_id):
            found += await self._of(member_id)
        self.known.update(one.id for one in found)
        return sorted(found, key=lambda one: (one.happened_at, one.event_id))

    async def _of(self, member_id: UUID) -> list[Notice]:
        """A member's notices are decided in the order of their events, so a new one is never older
        than a known one.
        """
        found: list[Notice] = []
        after: tuple[datetime, UUID] | None = None
        while True:
            page = (await inbox.pages([member_id], PAGE, after))[member_id]
            new = [one for one in page if self._is_new(one)]
            found += new
            if len(new) < PAGE:
                break
            after = new[-1].happened_at, new[-1].event_id
        return found

    def _is_new(self, notice: Notice) -> bool:
        at = notice.decided_at
        return at is not None and at > self.begun - LATE and notice.id not in self.known
