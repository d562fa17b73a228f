"""Facts that wait for a booking, on several connections at once."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import booking_keys
from domain.bookings.booking_keys import PARKED_MAX
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import InvalidInput, ReferenceConflict
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from tests.conftest import Database
from tests.domain.test_races import together, waiting
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import complete, refund

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


async def test_no_more_wait_than_may_however_many_come_at_once(database: Database) -> None:
    programme = await make.establish()
    member_id, shop = await make.enrol(programme), make.partner(programme, "other-shop")
    for number in range(PARKED_MAX - 1):
        await refund(programme, "B", f"S{number}", caller=shop)
    done, refused = await together(
        refund(programme, "B", reference, caller=shop) for reference in ("X", "Y", "Z")
    )
    assert (len(done), [type(one) for one in refused]) == (1, [InvalidInput, InvalidInput])
    facts = {"reason": "too_many_parked", "value": "B", "allowed": (str(PARKED_MAX),)}
    async with make.refused(programme, InvalidInput, "booking", **facts):
        await complete(programme, "B", caller=shop)
    # what waits is answered again, and nobody else's place is taken
    assert (await refund(programme, "B", "S0", caller=shop)).replayed
    await refund(programme, "B", "S0", (1, "400"))
    await travel.pay(programme, member_id, "B", HOTEL)
    assert await make.available(member_id) == 600
    told = await make.payloads("fact.refused", member_id=member_id)
    assert [one["problem"] for one in told] == ["NOT_FOUND"] * PARKED_MAX


async def test_what_waits_beyond_the_limit_does_not_hold_its_booking_up(database: Database) -> None:
    """As a release before let it: a stranger's, and the partner's own."""
    programme = await make.establish()
    member_id, shop = await make.enrol(programme), make.partner(programme, "other-shop")
    for caller in (shop, make.partner(programme)):
        await refund(programme, "B", f"{caller.identity}-0", (1, "10"), caller=caller)
        await rows(
            "INSERT INTO parked_fact SELECT programme_id, booking_reference, kind, "
            "$3 || '-' || number, sent, reporter, "
            "received_at + number * interval '1 millisecond' "
            "FROM parked_fact, generate_series(1, $4) AS number "
            "WHERE programme_id = $1 AND reporter = $2",
            programme.id,
            caller.actor,
            caller.identity,
            PARKED_MAX * 100 if caller is shop else PARKED_MAX,
        )
    booked = await travel.pay(programme, member_id, "B", HOTEL)
    assert booked.figures["points_awarded"] == 1000
    assert await make.available(member_id) == 1000 - 10 * PARKED_MAX
    told = await make.payloads("fact.refused", member_id=member_id)
    assert Counter(one["problem"] for one in told) == {"NOT_FOUND": PARKED_MAX, "INVALID_INPUT": 1}
    assert told[-1]["reference"] == f"booking-engine-{PARKED_MAX}"
    assert await rows("SELECT FROM parked_fact WHERE programme_id = $1", programme.id) == []
    # what was refused can be sent again
    again = await refund(programme, "B", f"booking-engine-{PARKED_MAX}", (1, "10"))
    assert travel.taken(again.figures)[0] == 10
