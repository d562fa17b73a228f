"""Credit, transfer, adjust and review points, and read balances and entries."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.accounts import accounts, seals
from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.kernel.callers import Caller
from domain.kernel.database import transact
from domain.kernel.idempotency import Outcome
from domain.kernel.writes import Writes
from domain.ledger import ledger, states
from domain.ledger.journal import Journal
from domain.ledger.states import State
from domain.members import members
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from domain.risk import screening
from domain.transfers import adjustments, transfers
from domain.transfers.adjustments import AdjustmentSent
from domain.transfers.transfers import TransferSent
from tests.support import reading
from tests.support.factories.calls import NOW, fresh, partner, request, staff


async def act(
    programme: Programme,
    member_id: UUID,
    kind: str,
    reference: str,
    *,
    caller: Caller | None = None,
    now: datetime = NOW,
) -> UUID:
    """Report an activity; its id."""
    sent = ActivitySent(kind, reference)
    made = await activities.earn(
        request(caller or partner(programme), now=now), programme, MemberKey.of_id(member_id), sent
    )
    return UUID(made.figures["activity_id"])


async def review(programme: Programme, member_id: UUID, *, now: datetime = NOW) -> UUID:
    """An open review of an activity that pays nothing; its id."""
    own = await act(programme, member_id, "browse", f"R-{fresh()}", now=now)

    async def opened() -> UUID:
        async with accounts.opened(programme, member_id, now) as account:
            return screening.open_review(account, "earn", own, 0)

    return await transact(opened)


async def give(programme: Programme, member_id: UUID, points: int, *, now: datetime = NOW) -> None:
    """Credit exactly `points` as a new lot, by an activity of spending at a partner."""
    sent = ActivitySent("partner_spend", f"S{fresh()}", attributes={"amount": points})
    outcome = await activities.earn(
        request(partner(programme), now=now), programme, MemberKey.of_id(member_id), sent
    )
    assert outcome.figures["points_awarded"] == points


async def post(journal: Journal) -> None:
    """Write a journal's entries, under the lock with which it was loaded."""
    writes = Writes(journal.member_id)
    ledger.add(writes, journal)
    seals.add(writes, journal)
    await writes.send()


async def transfer(
    programme: Programme,
    giver: UUID,
    receiver: UUID,
    points: int,
    *,
    caller: Caller | None = None,
    key: str | None = None,
    now: datetime = NOW,
    note: str | None = None,
) -> Outcome:
    return await transfers.transfer(
        request(caller or partner(programme), key=key, now=now),
        programme,
        MemberKey.of_id(giver),
        MemberKey.of_id(receiver),
        TransferSent(points, note),
    )


async def adjust(
    programme: Programme,
    member_id: UUID,
    points: int,
    reason: str = "goodwill",
    *,
    key: str | None = None,
    now: datetime = NOW,
    **sent: Any,
) -> Outcome:
    return await adjustments.adjust(
        replace(request(staff(programme), key=key, now=now), reason=reason),
        programme,
        MemberKey.of_id(member_id),
        AdjustmentSent(points, reason, **sent),
    )


async def state(member_id: UUID, now: datetime = NOW) -> State:
    """The member's account as a read at `now` sees it."""
    found = (await members.many([member_id]))[member_id]
    live = (await states.live_state([member_id]))[member_id]
    return states.state_now(member_id, found.balances, live, now)


async def available(member_id: UUID, now: datetime = NOW) -> int:
    """Points that the member can spend at `now`."""
    return (await state(member_id, now)).balances.available


async def entries(member_id: UUID) -> list[tuple[str, int]]:
    """Kind and points of each of the member's entries, oldest first."""
    found = await reading.entries(member_id, limit=100)
    return [(str(entry.kind), entry.points) for entry in reversed(found)]
