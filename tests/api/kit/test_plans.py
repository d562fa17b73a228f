"""All that is asked and changed is found by indexes, as it has to be where there is a hundred times
as much.
"""

from ops.postgres.connections import connection
from tests.support.mutations import INPUTS
from tests.support.operations import call
from tests.support.plans import past_indexes
from tests.support.queries import QUERIES
from tests.support.servers import Database
from tests.support.things import furnished

OF_ALL = {
    *("kpis", "cohorts", "preferences", "experiment"),
    *("liability", "programmePnl", "breakageHistory", "journal"),
}
"""Queries of figures that all members make."""

PLANTED = {
    "SELECT id FROM booking WHERE reference = $1": "reads all of booking_reference",
    "SELECT member_id FROM member WHERE programme_id = $1 ORDER BY name": "sorts member",
    "SELECT id FROM booking WHERE member_id = $1 AND ($2::timestamptz IS NULL OR (booked_at, id) < "
    "($2, $3::uuid)) ORDER BY booked_at, id": "reads up to its page",
}
"""What no index serves, and what is found of it."""


async def test_what_is_read_is_read_by_indexes(database: Database, statements: list[str]) -> None:
    things = await furnished()
    statements.clear()
    for root in QUERIES.keys() - OF_ALL:
        for client in (things.stage.staff(), things.stage.member()):
            await call(client, root, things)
    assert len(set(statements)) > 50

    async with connection(database.owner) as planner:
        assert await past_indexes(planner, statements) == []
        # a bitmap of the programme's rows, which some statistics ask for, hides what is planted
        await planner.execute("SET enable_bitmapscan = off")
        found = await past_indexes(planner, PLANTED)
    assert found == [f"{fault}: {sql}" for sql, fault in PLANTED.items()]


async def test_what_is_changed_is_found_by_indexes(
    database: Database, statements: list[str]
) -> None:
    things = await furnished()
    clients = things.stage.member(), things.stage.staff(), await things.stage.partner()
    statements.clear()
    for root in INPUTS:
        for client in clients:
            await call(client, root, things)
    assert len(set(statements)) > 300

    async with connection(database.owner) as planner:
        assert await past_indexes(planner, statements) == []
