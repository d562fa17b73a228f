"""Transfers that meet the end of who shall receive them, on two connections."""

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import pytest

from domain.kernel.refusals import NotFound
from domain.ledger.values import Balances
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.domain.test_races import in_turn
from tests.support import factories as make
from tests.support.travel import balances

pytestmark = pytest.mark.usefixtures("proved")

End = Callable[[Programme, UUID], Coroutine[Any, Any, object]]


async def close(programme: Programme, member_id: UUID) -> None:
    await make.close(programme, member_id, 0)


async def erase(programme: Programme, member_id: UUID) -> None:
    await make.erase(programme, member_id)


async def merge(programme: Programme, member_id: UUID) -> None:
    await make.merge(programme, member_id, await make.enrol(programme))


@pytest.mark.parametrize("end", [close, erase, merge, make.suspend])
async def test_nobody_gives_to_whom_is_gone_once_both_accounts_are_locked(
    database: Database, end: End
) -> None:
    programme = await make.establish(make.shipped_document(transfers={"account_age_days": 0}))
    giver = await make.rich_member(programme, 1000)
    receiver = await make.enrol(programme)
    ended, given = await in_turn(
        database,
        receiver,
        end(programme, receiver),
        make.transfer(programme, giver, receiver, 100),
    )
    assert not isinstance(ended, Exception), ended
    assert isinstance(given, NotFound)
    assert (given.what, given.path) == ("member", ("to",))
    assert await balances(giver) == Balances(available=1000)
    assert await balances(receiver) == Balances()
