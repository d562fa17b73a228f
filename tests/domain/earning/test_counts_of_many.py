"""What counts of a member read who has many bookings, by a plan from when there were none."""

import json
from typing import Any

import pytest

from domain.earning import counts
from domain.grants import deeds
from domain.kernel.queries import _of_one
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

BOOKINGS = 60

READ = ("account", "booking", "booking_line", "amendment_line", "refund_line", "completion")


async def keep_plans(database: Database) -> None:
    """Nobody analyses the tables while they fill, which would make plans anew."""
    async with connection(database.owner) as owner:
        for table in READ:
            await owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


@pytest.mark.parametrize(("business", "each"), [(True, range(3, 9)), (False, range(1, 2))])
async def test_each_booking_is_read_once(
    fresh_database: Database, business: bool, each: range
) -> None:
    """Of a booking none of whose lines matches, only its lines are read."""
    await keep_plans(fresh_database)
    url = fresh_database.serving
    async with connected(url, everywhere=False), connection(url) as asked:
        programme = await make.establish()
        member_id = await make.enrol(programme)
        policy = programme.versions[0].policy
        span = {member_id: (make.NOW, make.NOW + make.NOW.resolution)}
        [counted] = counts.queries([member_id], policy, list(policy.counts), make.NOW)
        wanted = [(counted, each), (deeds.queries(span, {"booking"})["booking"], range(3, 9))]
        await asked.execute("SET plan_cache_mode = force_generic_plan")
        planned = [
            (await asked.prepare(_of_one(one).sql), _of_one(one).values, each)
            for one, each in wanted
        ]
        for statement, values, _ in planned:
            await statement.fetch(*values)
        line = make.line_of("hotel", "100", business=business)
        for number in range(BOOKINGS):
            await travel.pay(programme, member_id, f"B-{number}", line)
            await travel.complete(programme, f"B-{number}")
        for statement, values, rows in planned:
            async with asked.transaction():
                await statement.fetch(*values)
                read = await asked.fetchval(
                    "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) "
                    "FROM pg_stat_xact_user_tables"
                )
            assert int(read) // BOOKINGS in rows, statement.get_query()


async def test_what_was_refunded_is_added_up_once(fresh_database: Database) -> None:
    await keep_plans(fresh_database)
    url = fresh_database.serving
    async with connected(url, everywhere=False), connection(url) as asked:
        programme = await make.establish()
        member_id = await make.enrol(programme)
        policy = programme.versions[0].policy
        [one] = counts.queries([member_id], policy, list(policy.counts), make.NOW)
        wanted = _of_one(one)
        await asked.execute("SET plan_cache_mode = force_generic_plan")
        await asked.execute(f"PREPARE counted AS {wanted.sql}")
        counted = f"EXECUTE counted({', '.join(map(literal, wanted.values))})"
        await asked.fetch(counted)
        line = make.line_of("hotel", "100", business=True)
        seen = []
        for numbers in (range(BOOKINGS // 2), range(BOOKINGS // 2, BOOKINGS)):
            for number in numbers:
                await travel.pay(programme, member_id, f"B-{number}", line)
                await travel.refund(programme, f"B-{number}", f"R-{number}", (1, "10"))
            plan = await asked.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {counted}")
            seen.append(handled(json.loads(plan)[0]["Plan"]))
        assert 1.5 * seen[0] < seen[1] < 2.5 * seen[0]


def handled(node: Any) -> int:
    """How many rows a plan has moved from one step to the next."""
    own: int = node["Actual Rows"] * node["Actual Loops"]
    return own + sum(map(handled, node.get("Plans", ())))


def literal(value: Any) -> str:
    if isinstance(value, list):
        value = "{" + ",".join(map(str, value)) + "}"
    return "NULL" if value is None else f"'{value}'"
