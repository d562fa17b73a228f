"""Accounts that are opened only to credit: what is there is read where somebody asks for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.accounts import accounts
from domain.earning import awards
from domain.kernel.database import Beforehand, transact
from domain.ledger import journal as journals
from domain.ledger.lots import Lot
from domain.ledger.new_lots import NewLots
from domain.ledger.opening import Ahead
from domain.ledger.values import Cause
from tests.support import factories as make
from tests.support import travel

pytestmark = pytest.mark.usefixtures("database")

CREDITS = Ahead(lots=False)
READS_LOTS = "FROM lot WHERE member_id"


async def balances(member_id: UUID) -> tuple[int, int, int]:
    found = (await make.state(member_id)).balances
    return found.available, found.pending, found.held


def reads(statements: list[str]) -> int:
    """How many statements read the lots that a member has."""
    return sum(READS_LOTS in sql for sql in statements)


async def test_bookings_and_activities_read_no_lots(statements: list[str]) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    statements.clear()
    await make.book(programme, member_id, ("hotel", "500"))
    await make.act(programme, member_id, "verification", "v")
    assert reads(statements) == 0
    assert await balances(member_id) == (1100, 0, 0)
    assert await make.faults(member_id) == []


async def test_what_is_due_is_posted_first(statements: list[str]) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    late = make.NOW + timedelta(days=500)
    statements.clear()
    await make.book(programme, member_id, ("hotel", "500"), now=late)
    assert reads(statements) == 1
    assert await make.available(member_id, late) == 500
    assert await make.faults(member_id) == []


async def test_a_member_who_holds_points_is_read_whole(statements: list[str]) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    await travel.hold(programme, member_id, 1000, make.line_of("hotel", "500"))
    statements.clear()
    await make.book(programme, member_id, ("hotel", "500"))
    assert reads(statements) == 1
    assert await balances(member_id) == (500, 0, 1000)
    assert await make.faults(member_id) == []


async def test_what_pays_arrears_at_once_is_never_due(statements: list[str]) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "500"))
    await make.redeem(programme, member_id, await make.reward(programme, list_points=500))
    await travel.refund(programme, "B", "R", (1, "500"))
    statements.clear()
    await make.book(programme, member_id, ("hotel", "200"))
    assert reads(statements) == 0
    assert (await make.state(member_id)).balances.owed == 300
    assert await make.faults(member_id) == []


async def test_who_asks_for_lots_after_all_is_given_all(statements: list[str]) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    seen: list[int] = []

    async def work() -> None:
        async with accounts.opened(programme, member_id, make.NOW, CREDITS) as account:
            seen.append(reads(statements))
            awards.credit(account.journal, account.version, 20, Cause("test"))
            journals.adjust_down(account.journal, 110, accounts.AFTERWARDS)

    statements.clear()
    await transact(work)
    assert seen == [0, 1]
    assert await balances(member_id) == (10, 0, 0)
    # and that is forgotten once they were
    statements.clear()
    await make.book(programme, member_id, ("hotel", "500"))
    assert reads(statements) == 0
    assert await make.faults(member_id) == []


ASKED: dict[str, Callable[[NewLots], Any]] = {
    "one": lambda lots: lots[UUID(int=2)],
    "one or none": lambda lots: lots.get(UUID(int=2)),
    "whether it is there": lambda lots: UUID(int=2) in lots,
    "all": lambda lots: list(lots.values()),
    "all ids": list,
    "all with ids": lambda lots: dict(lots.items()),
    "a copy": dict,
    "how many": len,
    "whether there are any": bool,
    "to be without one": lambda lots: lots.__delitem__(UUID(int=2)),
    "any of them": lambda lots: lots.popitem(),
    "to be without any": lambda lots: lots.clear(),
    "one, or this": lambda lots: lots.setdefault(UUID(int=2), lot(2)),
}


def lot(number: int) -> Lot:
    own = UUID(int=number)
    return Lot(own, 5, 5, make.NOW, make.NOW, None, UUID(int=9), "programme")


@pytest.mark.parametrize("asked", ASKED)
async def test_nobody_is_told_less_than_there_is(asked: str) -> None:
    lots = NewLots(UUID(int=1), None)
    lots[UUID(int=1)] = lot(1)
    assert lots[UUID(int=1)] == lot(1)
    with pytest.raises(Beforehand):
        ASKED[asked](lots)
