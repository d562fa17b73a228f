"""Facts that wait for a booking, on several connections at once."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import booking_keys
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import ReferenceConflict
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.domain.test_races import waiting
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import refund

pytestmark = pytest.mark.usefixtures("proved")

HOTEL = make.line_of("hotel", "1000")
LATER = make.NOW + timedelta(days=400)


async def forgotten_meanwhile(
    database: Database, programme: Programme, call: Coroutine[Any, Any, Outcome]
) -> Outcome:
    """The call waits for the row of `B`, which whoever cleans up removes with what waited there."""
    async with connection(database.serving) as raw:
        async with raw.transaction():
            kept = "FROM lookup WHERE programme_id = $1 AND scope = 'booking' AND value = 'B'"
            await raw.execute(f"SELECT 1 {kept} FOR UPDATE", programme.id)
            task = asyncio.ensure_future(call)
            await waiting(1)
            await raw.execute("DELETE FROM parked_fact WHERE programme_id = $1", programme.id)
            assert await raw.execute(f"DELETE {kept}", programme.id) == "DELETE 1"
        return await task


async def looked_up(programme: Programme) -> list[UUID | None]:
    found = await rows(
        "SELECT member_id FROM lookup "
        "WHERE programme_id = $1 AND scope = 'booking' AND value = 'B'",
        programme.id,
    )
    return [one["member_id"] for one in found]


async def test_a_booking_whose_reference_is_forgotten_meanwhile_has_it(database: Database) -> None:
    programme = await make.establish()
    member_id, other = await make.enrol(programme), await make.enrol(programme)
    await refund(programme, "B", "R")
    paid = travel.pay(programme, member_id, "B", HOTEL, now=LATER)
    booked = await forgotten_meanwhile(database, programme, paid)
    assert booked.figures["points_awarded"] == 1000
    assert await looked_up(programme) == [member_id]
    async with make.refused(programme, ReferenceConflict, "reference", reference="B"):
        await travel.pay(programme, other, "B", HOTEL, now=LATER)
    back = await refund(programme, "B", "R", now=LATER)
    assert travel.taken(back.figures)[0] == 1000
    assert await make.available(member_id, LATER) == await make.available(other, LATER) == 0


async def test_a_fact_whose_reference_is_forgotten_meanwhile_waits(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await refund(programme, "B", "R")
    sent = refund(programme, "B", "S", (1, "400"), now=LATER)
    outcome = await forgotten_meanwhile(database, programme, sent)
    assert outcome.figures["parked"]
    assert await looked_up(programme) == [None]
    await travel.pay(programme, member_id, "B", HOTEL, now=LATER)
    assert await make.available(member_id, LATER) == 600


async def test_a_fact_is_not_removed_that_comes_while_its_reference_is(database: Database) -> None:
    """A fact without its reference, as a release before could leave one, and one that comes."""
    programme = await make.establish()
    await refund(programme, "B", "R")
    await rows("DELETE FROM lookup WHERE programme_id = $1 AND value = 'B'", programme.id)
    await asyncio.gather(
        refund(programme, "B", "S", now=LATER),
        booking_keys.forget_parked(programme.id, "B", 365, LATER),
    )
    assert await looked_up(programme) == [None]
    found = await rows("SELECT reference FROM parked_fact WHERE programme_id = $1", programme.id)
    assert found == [{"reference": "S"}]
