"""Every query and every sweep is answered by indexes, as where there is a hundred times as much."""

import asyncio
from contextlib import suppress
from typing import cast

import pgqueuer

from ops.postgres.connections import connection
from ops.worker.jobs import JOBS
from ops.worker.turns import PartlyFailed, Turn
from tests.support.operations import QUERIES, call, furnished
from tests.support.plans import past_indexes
from tests.support.servers import Database

OF_ALL = {"kpis", "cohorts"}
"""Queries of figures that all members make."""

OF_SPANS = {
    *("settle", "remind", "announce", "remind_of_balances", "clean_up"),
    *("remind_of_tiers", "remind_of_coupons", "remind_of_trips", "tell_of_offers"),
}
"""Jobs that take what lies within some days of all members, whole and in the order of members."""

PLANTED = {
    "SELECT id FROM booking WHERE reference = $1": "reads all of booking_reference",
    "SELECT member_id FROM member WHERE programme_id = $1 ORDER BY name": "sorts member",
}
"""What no index serves, and what is found of it."""


async def test_what_is_read_is_read_by_indexes(database: Database, statements: list[str]) -> None:
    things = await furnished()
    statements.clear()
    for root in QUERIES.keys() - OF_ALL:
        for client in (things.stage.staff(), things.stage.member()):
            await call(client, root, things)
    for name in JOBS.keys() - OF_SPANS:
        # programmes of other tests are there, too
        with suppress(PartlyFailed):
            await JOBS[name].work(Turn(name, cast(pgqueuer.Queries, None), asyncio.Event()))
    assert len(set(statements)) > 80

    async with connection(database.owner) as planner:
        found = await past_indexes(planner, [*statements, *PLANTED])
    assert found == [f"{fault}: {sql}" for sql, fault in PLANTED.items()]
