"""Guaranteed quotes at once: used once, released once, and within their budgets to the point."""

import asyncio
from datetime import datetime

import pytest

from domain.checkout.promises import QuoteStatus
from domain.earning import reservations
from domain.kernel.database import row
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.domain.checkout.test_guarantees import (
    DEAD,
    INSTANT,
    earned,
    flight,
    status,
    used,
    within,
)
from tests.support import factories as make
from tests.support.travel import guarantee, pay

pytestmark = pytest.mark.usefixtures("proved")


async def test_one_quote_cited_by_ten_bookings_is_one_bookings(database: Database) -> None:
    programme = await make.establish(within(100))
    member_id = await make.enrol(programme)
    named = await guarantee(programme, member_id, flight())
    found = await make.outcomes(
        *(pay(programme, member_id, f"B{n}", flight(), quote=named) for n in range(10))
    )
    assert found == {"Outcome": 1, "QUOTE_MISMATCH": 9}
    assert await make.available(member_id) == 100


async def test_quotes_and_bookings_share_a_budget_to_the_point(database: Database) -> None:
    programme = await make.establish(within(1000))
    ids = [await make.enrol(programme) for _ in range(40)]
    calls = [
        guarantee(programme, one, flight("30"))
        if number % 2
        else earned(programme, one, f"B{number}", flight("30"))
        for number, one in enumerate(ids)
    ]
    await asyncio.gather(*calls)
    assert await used(programme) == 1000
    reserved = await row(
        "SELECT sum(points)::bigint AS points FROM quote WHERE programme_id = $1", programme.id
    )
    granted = await row(
        "SELECT sum(points)::bigint AS points FROM award WHERE member_id = ANY($1::uuid[])", ids
    )
    assert reserved is not None
    assert granted is not None
    assert reserved["points"] + granted["points"] == 1000


async def test_the_last_points_wanted_by_those_who_release_them(database: Database) -> None:
    """Ten members meet the end of the budget at once, which ten dead quotes keep."""
    programme = await make.establish(within(1000))
    ids = [await make.enrol(programme) for _ in range(20)]
    for one in ids[:10]:
        await guarantee(programme, one, flight("100"))
    found = await asyncio.gather(
        *(earned(programme, one, f"B{one}", flight("70"), now=DEAD) for one in ids)
    )
    assert sorted(found) == [0] * 5 + [20] + [70] * 14
    assert await used(programme) == 1000


@pytest.mark.parametrize("now", [DEAD - INSTANT, DEAD])
async def test_a_quote_is_used_or_released_at_its_last_instant(
    database: Database, now: datetime
) -> None:
    programme, total = await make.establish(within(1000)), 0
    for number in range(5):
        member_id = await make.enrol(programme)
        named = await guarantee(programme, member_id, flight())
        paying = pay(programme, member_id, f"B{number}", flight(), quote=named, now=now)
        found = await make.outcomes(paying, _sweep(programme))
        state = await status(programme, named, DEAD)
        kept = 100 if state is QuoteStatus.USED else 0
        assert found["QUOTE_EXPIRED"] == (state is QuoteStatus.EXPIRED)
        assert await make.available(member_id, DEAD) == kept
        total += kept
        assert await used(programme) == total


async def _sweep(programme: Programme) -> None:
    async for _ in reservations.sweep(programme, DEAD):
        pass
