"""What workers look for again and again they find by indexes, whatever has gathered meanwhile."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pgqueuer
from pgqueuer.db import AsyncpgDriver

from domain.programmes import programmes
from ops.postgres.connections import connection
from ops.postgres.database import connected
from ops.worker.jobs import JOBS
from ops.worker.turns import PartlyFailed, Turn
from tests.support import factories as make
from tests.support import trials
from tests.support.callers import REFERRALS, open_stage
from tests.support.plans import indexes_of, past_indexes
from tests.support.servers import Database
from tests.support.sharded import Collecting
from tests.support.things import furnish

DAYS = (0, 1, 40)
"""By how many days the programme's clock is put forward before each round of all jobs."""

OF_A_DAY = "reads a day that has ended, once, by where its rows lie (BRIN), and joins by hashing"
BY_MEMBER = "is read a batch at a time in the order of members, whose order no day's index has"
ON_PURPOSE = {
    "domain.experiments.costs.of": "reads what changed since a first day by where it lies (BRIN)",
    "domain.insight.reading.on_day": OF_A_DAY,
    "domain.proof.roots.leaves_of": OF_A_DAY,
    "domain.notices.upcoming._batch": BY_MEMBER,
    "domain.redemptions.delivery_details.outlived": (
        "goes once a day over details that are kept, which are few, with their redemptions"
    ),
    "domain.reviews.releasing.members": BY_MEMBER,
}
"""What reads or sorts more than what it finds, by its sender, and why."""

WHERE_DAYS_LIE = {"ledger_entry_recorded", "seal_recorded"}


async def test_jobs_find_their_work_by_indexes(
    fresh_database: Database, statements: list[str]
) -> None:
    tried = trials.of(
        "price",
        {"prices.nothing": 5},
        **{"from": "2126-03-01", "until": "2126-05-31", "budget": "100000"},
    )
    document = make.shipped_document(referrals=REFERRALS, experiments=[tried])
    async with (
        connected(fresh_database.serving, everywhere=False),
        connection(fresh_database.serving) as asked,
    ):
        things = await furnish(await open_stage(document))
        queue = pgqueuer.Queries(AsyncpgDriver(asked))
        statements.clear()
        for days in DAYS:
            await programmes.advance_clock(things.stage.programme, timedelta(days=days))
            for name, job in JOBS.items():
                with suppress(PartlyFailed):
                    await job.work(Turn(name, queue, asyncio.Event()))
    senders = {sql: Collecting.sent[sql] for sql in statements if sql in Collecting.sent}
    assert set(senders.values()) >= ON_PURPOSE.keys()

    asked_for = [sql for sql, sender in senders.items() if sender not in ON_PURPOSE]
    assert len(asked_for) > 100
    async with connection(fresh_database.owner) as planner:
        assert await past_indexes(planner, asked_for) == []
    of_a_day = [sql for sql, sender in senders.items() if ON_PURPOSE.get(sender) == OF_A_DAY]
    assert len(of_a_day) == 3
    async with connection(fresh_database.owner) as planner:
        assert await indexes_of(planner, of_a_day) >= WHERE_DAYS_LIE
