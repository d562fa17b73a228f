"""What counts of a member read who has many bookings, by a plan from when there were none."""

from domain.earning import counts
from domain.grants import deeds
from domain.kernel.queries import _of_one
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

BOOKINGS = 60


async def test_each_booking_is_read_once(fresh_database: Database) -> None:
    url = fresh_database.serving
    async with connected(url, everywhere=False), connection(url) as asked:
        programme = await make.establish()
        member_id = await make.enrol(programme)
        policy = programme.versions[0].policy
        span = {member_id: (make.NOW, make.NOW + make.NOW.resolution)}
        wanted = [
            *counts.queries([member_id], policy, list(policy.counts), make.NOW),
            deeds.queries(span, {"booking"})["booking"],
        ]
        assert len(wanted) == 2
        await asked.execute("SET plan_cache_mode = force_generic_plan")
        planned = [(await asked.prepare(_of_one(one).sql), _of_one(one).values) for one in wanted]
        for statement, values in planned:
            await statement.fetch(*values)
        for number in range(BOOKINGS):
            await travel.pay(programme, member_id, f"B-{number}", make.line_of("hotel", "100"))
            await travel.complete(programme, f"B-{number}")
        for statement, values in planned:
            async with asked.transaction():
                await statement.fetch(*values)
                read = await asked.fetchval(
                    "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) "
                    "FROM pg_stat_xact_user_tables"
                )
            assert BOOKINGS * 3 <= read < BOOKINGS * 6, statement.get_query()
