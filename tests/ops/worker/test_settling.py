"""Jobs that settle days and close months of partners, by a programme's own clock."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pgqueuer

from domain.books import books
from domain.kernel import dates
from domain.kernel.database import rows
from domain.programmes import programmes
from ops.postgres.database import connected
from ops.worker.jobs import JOBS
from ops.worker.turns import Turn
from tests.support import factories as make
from tests.support.commands import Commands

BANK = "bank"


async def test_days_are_settled_and_months_closed_by_themselves(commands: Commands) -> None:
    now = datetime.now(UTC)
    async with connected(commands.database.serving, everywhere=False):
        programme = await make.establish(now=now - timedelta(days=100))
        without = await make.establish(now=now)
        await make.partner_of(programme, BANK)
        today = dates.local_date(now, programme.versions[0].policy.zone)
        first = dates.add_months(today.replace(day=1), -1)
        await make.agree(programme, BANK, from_month=first.isoformat()[:7], now=now)
        yesterday = today - timedelta(days=1)
        await books.open_from(programme, dates.add_days(today, -2), now)

        turn = Turn("settle", cast(pgqueuer.Queries, None), asyncio.Event())
        while await _settled(programme.id) < yesterday:
            await JOBS["settle"].work(turn)
        await JOBS["close_statements"].work(turn)
        await JOBS["close_statements"].work(turn)

        closed = await rows("SELECT programme_id, month, closed_by FROM partner_statement")
        expected = [first] if yesterday >= dates.month_end(first) else []
        assert [one["month"] for one in closed] == expected
        assert {one["closed_by"] for one in closed} <= {"system:settlement"}
        assert await books.get(without.id) is None
        # a month later the next one is closed, and nothing twice
        await programmes.advance_clock(programme, timedelta(days=31))
        then = dates.add_days(yesterday, 31)
        while await _settled(programme.id) < then:
            await JOBS["settle"].work(turn)
        await JOBS["close_statements"].work(turn)
        closed = await rows("SELECT month FROM partner_statement ORDER BY month")
        months = [first, dates.add_months(first, 1), dates.add_months(first, 2)]
        assert [one["month"] for one in closed] == [
            month for month in months if dates.month_end(month) <= then
        ]


async def _settled(programme_id: object) -> date:
    found = await rows("SELECT settled_through FROM books WHERE programme_id = $1", programme_id)
    return cast("date | None", found[0]["settled_through"]) or date.min
