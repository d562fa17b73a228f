"""One run of a job: past what fails, no further than told, and never for ever."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import asyncpg
import pgqueuer
import pytest
import structlog.testing
from pgqueuer.executors import EntrypointExecutorParameters
from pgqueuer.models import Context, Job
from tortoise.transactions import in_transaction

from domain.accounts import sweeps
from domain.accounts.sweeps import SweepResult
from domain.backtests import backtests
from domain.backtests.backtests import BacktestSent, BacktestStatus
from domain.earning import reservations
from domain.kernel.database import Unavailable, rows, update
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.programmes.sources import OfVersion
from ops.postgres.database import connected
from ops.settings import Settings
from ops.worker import queue, schedule, worker
from ops.worker.jobs import JOBS
from ops.worker.turns import PartlyFailed, Stopped, Turn, summary
from ops.worker.worker import JobFailed
from tests.conftest import Database
from tests.support import factories as make
from tests.support import numbered, sending, travel
from tests.support.commands import Commands

DAYS_30 = timedelta(days=30)
LATER = make.NOW + timedelta(days=400)
NO_QUEUE = cast(pgqueuer.Queries, None)
"""For runs that ask nothing of the queue."""


async def numbers(count: int) -> AsyncGenerator[int, None]:
    for number in range(count):
        yield number


def turn(stopping: asyncio.Event | None = None) -> Turn:
    return Turn("count", NO_QUEUE, stopping or asyncio.Event())


async def test_one_that_fails_holds_up_no_other() -> None:
    met = []

    async def act(number: int) -> int:
        met.append(number)
        if number % 2:
            raise ValueError("a customer's name")
        return 10

    with pytest.raises(PartlyFailed) as failed:
        await turn().each("numbers", numbers(20), act)

    assert met == list(range(20))
    said = str(failed.value)
    assert re.match(r"numbers: failed for 10: 1 builtins\.ValueError in [\w.]+\.act:\d+; 3 ", said)
    assert said.endswith(" and 5 more")
    assert "customer" not in said
    assert await turn().each("numbers", numbers(0), act) == 0


@pytest.mark.parametrize(
    "gone",
    [
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.AdminShutdownError("terminating"),
        ConnectionResetError(),
    ],
    ids=lambda gone: type(gone).__name__,
)
async def test_without_a_database_nobody_else_is_tried(gone: Exception) -> None:
    """As the queue's own connection says it."""
    met = []

    async def act(number: int) -> int:
        met.append(number)
        raise gone

    with pytest.raises(type(gone)):
        await turn().each("numbers", numbers(20), act)
    assert met == [0]


async def test_one_outage_is_nobodys_fault(commands: Commands) -> None:
    """As the pool says it, to a job that has met its first members."""
    now, met = datetime.now(UTC), Counter[str]()
    async with connected(commands.database.serving, everywhere=False):
        for _ in range(2):
            await make.rich_member(await make.establish(now=now), 100, now=now)

        async def work(programme: Programme, _: datetime) -> None:
            async def act(number: int) -> int:
                met[programme.code] += 1
                ending = "SELECT pg_terminate_backend(pg_backend_pid())"
                return len(await rows(ending if number == 1 else "SELECT 1"))

            await turn().each("numbers", numbers(20), act)

        with structlog.testing.capture_logs() as logged, pytest.raises(Unavailable):
            await schedule.each_programme(turn(), work)
    assert list(met.values()) == [2]
    assert logged == []


async def test_a_statement_that_takes_too_long_is_one_members(database: Database) -> None:
    async def act(number: int) -> int:
        async with in_transaction():
            await rows(f"SET LOCAL statement_timeout = {int(number == 1)}")
            return len(await rows("SELECT pg_sleep($1)", 0.05 * (number == 1)))

    with pytest.raises(PartlyFailed, match="numbers: failed for 1: 1 "):
        await turn().each("numbers", numbers(4), act)

    async def send(number: int) -> int:
        return len(await rows("SELECT $1::int", "x" if number == 1 else number))

    with pytest.raises(PartlyFailed, match="numbers: failed for 1: 1 "):
        await turn().each("numbers", numbers(4), send)


async def test_a_programme_that_fails_holds_up_no_other(commands: Commands) -> None:
    now = datetime.now(UTC)
    async with connected(commands.database.serving, everywhere=False):
        broken, sound = sorted(
            [await make.establish(now=now) for _ in range(2)], key=lambda one: one.code
        )
        ids = [
            await make.rich_member(programme, 100, now=now - timedelta(days=800))
            for programme in (broken, sound)
        ]
        await update("UPDATE account SET available = 99 WHERE member_id = $1", ids[0])

        with pytest.raises(PartlyFailed, match=f"due entries of {broken.code}: failed for 1: "):
            await JOBS["sweep"].work(turn())

        assert await make.entries(ids[1]) == [("EARN", 100), ("EXPIRE", 100)]
        assert [await sweeps.count_due(one, now) for one in (broken, sound)] == [1, 0]


async def test_dead_quotes_are_released_though_due_entries_cannot_be_written(
    commands: Commands,
) -> None:
    now = datetime.now(UTC)
    async with connected(commands.database.serving, everywhere=False):
        programme = await make.establish(now=now)
        broken = await make.rich_member(programme, 100, now=now - timedelta(days=800))
        await update("UPDATE account SET available = 99 WHERE member_id = $1", broken)
        waiting = await make.enrol(programme, now=now - timedelta(days=2))
        line, at = make.line_of("hotel", "100"), now - timedelta(days=2)
        await travel.guarantee(programme, waiting, line, now=at)
        assert [one async for one in reservations.due(programme, now)] == [waiting]

        with pytest.raises(PartlyFailed, match="due entries"):
            await JOBS["sweep"].work(turn())

        assert [one async for one in reservations.due(programme, now)] == []


async def test_a_sweep_that_is_told_to_stop_goes_on_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "TOGETHER_MAX", 1)
    programme = await make.establish()
    for _ in range(3):
        await make.rich_member(programme, 100)
    stopping = asyncio.Event()

    async def act(one: SweepResult | UUID) -> int:
        stopping.set()
        return one.entries if isinstance(one, SweepResult) else 0

    with pytest.raises(Stopped):
        await turn(stopping).each("due", sweeps.together(programme, LATER), act)
    # the second was written before it was asked again
    assert await sweeps.count_due(programme, LATER) == 1
    assert await turn().each("due", sweeps.together(programme, LATER), act) == 1
    assert await sweeps.count_due(programme, LATER) == 0


Work = Callable[[Job], Awaitable[None]]


async def attempt(work: Work, stopping: asyncio.Event, *, attempts: int = 0) -> None:
    """Run `work` as a worker would that tries three times, two seconds apart at first."""
    parameters = EntrypointExecutorParameters(concurrency_limit=0, func=work)
    executor = worker._Attempt(
        parameters, Settings(job_tries_max=3, job_retry_seconds=2), stopping=stopping
    )
    instants = dict.fromkeys(("created", "updated", "heartbeat", "execute_after"), make.NOW)
    queued = {"id": 1, "priority": 0, "status": "picked", "entrypoint": "work", "payload": None}
    owner = {"queue_manager_id": None, "headers": None, "attempts": attempts}
    job = Job.model_validate({**instants, **queued, **owner})
    await executor.execute(job, cast(Context, None))


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 2), (1, 4)])
async def test_a_failed_job_waits_longer_each_time(attempts: int, seconds: int) -> None:
    async def work(_: Job) -> None:
        raise ValueError("a customer's name")

    with pytest.raises(pgqueuer.RetryRequested) as retry:
        await attempt(work, asyncio.Event(), attempts=attempts)
    assert retry.value.delay == timedelta(seconds=seconds)
    assert retry.value.reason is not None
    assert "customer" not in retry.value.reason
    with pytest.raises(JobFailed, match=r"after 3 tries: builtins\.ValueError in [\w.]+\.work:"):
        await attempt(work, asyncio.Event(), attempts=2)


async def test_a_running_job_may_end_but_not_take_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopping, done = asyncio.Event(), []
    stopping.set()

    async def quick(_: Job) -> None:
        await asyncio.sleep(0.01)
        done.append("quick")

    async def endless(_: Job) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            done.append("cancelled")

    await attempt(quick, stopping)
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.2)
    with pytest.raises(pgqueuer.RetryRequested) as put_back:
        await attempt(endless, stopping, attempts=2)
    assert done == ["quick", "cancelled"]
    assert put_back.value.delay == timedelta(0)


async def test_errors_are_told_without_their_words(database: Database) -> None:
    with pytest.raises(Exception, match="division") as raised:
        await rows("SELECT 1 / 0")
    said = summary(raised.value)
    assert said.startswith("tortoise.exceptions.OperationalError (SQLSTATE 22012) in ")
    assert "division" not in said
    assert summary(asyncpg.UniqueViolationError("secret")) == (
        "asyncpg.exceptions.UniqueViolationError (SQLSTATE 23505)"
    )


async def test_cleaning_up_removes_what_is_old_and_nothing_else(ota: Commands) -> None:
    now, url = datetime.now(UTC), ota.database.serving
    async with connected(url, everywhere=False), queue.opened(url) as asked:
        programme = await programmes.get("ota")
        await make.rich_member(programme, 100, now=now - timedelta(days=31))
        long_ago = now - timedelta(days=40)
        early = await make.enrol(programme, now=long_ago)
        await travel.guarantee(programme, early, make.line_of("hotel", "100"), now=long_ago)
        await reservations.release_now(programme, early, long_ago + timedelta(days=1))
        await travel.refund(programme, "never", "R", (1, "5"), now=now - timedelta(days=400))
        await sending.notify(programme, now - timedelta(days=31))
        member_id = await make.enrol(programme, now=now - timedelta(days=29))
        await numbered.number(programme, now - timedelta(days=29))
        await queue.put(asked, "sweep")
        await queue.put(asked, "remind")
        await update("UPDATE pgqueuer.pgqueuer_log SET created = created - interval '8 days'")
        await update("DELETE FROM pgqueuer.pgqueuer WHERE entrypoint = 'remind'")

        await JOBS["clean_up"].work(Turn("clean_up", asked, asyncio.Event()))

        keys = await rows("SELECT created_at > $1 AS young FROM idempotency_key", now - DAYS_30)
        assert keys == [{"young": True}]
        events = await rows("SELECT topic, member_id = $1 AS hers FROM outbox_event", member_id)
        assert events == [{"topic": "member.enrolled", "hers": True}]
        assert await rows("SELECT FROM quote") == await rows("SELECT FROM parked_fact") == []
        logged = await rows("SELECT entrypoint FROM pgqueuer.pgqueuer_log")
        assert logged == [{"entrypoint": "sweep"}]


async def test_what_cannot_be_removed_holds_up_nothing_else_that_is_past_its_age(
    ota: Commands,
) -> None:
    now, url = datetime.now(UTC), ota.database.serving
    async with connected(ota.database.owner, everywhere=False):
        await update(
            "CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'stays'; END $$"
        )
        for table in ("idempotency_key", "outbox_event"):
            await update(
                f"CREATE TRIGGER stays BEFORE DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION stays()"
            )
    async with connected(url, everywhere=False), queue.opened(url) as asked:
        programme = await programmes.get("ota")
        long_ago = now - timedelta(days=40)
        early = await make.enrol(programme, now=long_ago)
        await travel.guarantee(programme, early, make.line_of("hotel", "100"), now=long_ago)
        await reservations.release_now(programme, early, long_ago + timedelta(days=1))
        await travel.refund(programme, "never", "R", (1, "5"), now=now - timedelta(days=400))

        with pytest.raises(Exception, match="stays"):
            await JOBS["clean_up"].work(Turn("clean_up", asked, asyncio.Event()))

        assert await rows("SELECT FROM idempotency_key") != []
        assert await rows("SELECT FROM quote") == await rows("SELECT FROM parked_fact") == []


async def test_back_tests_that_wait_are_played_one_after_the_other(commands: Commands) -> None:
    async with connected(commands.database.serving, everywhere=False):
        programme = await make.establish()
        member_id = await make.enrol(programme)
        await make.book(programme, member_id, ("hotel", "100"))
        staff, sent, made = make.staff(programme), BacktestSent(OfVersion(1)), []
        for _ in range(2):
            request = make.request(staff, now=make.NOW + timedelta(days=1))
            outcome = await backtests.start(request, programme, sent)
            made.append(UUID(outcome.figures["backtest_id"]))
        stopping = asyncio.Event()
        stopping.set()
        with pytest.raises(Stopped):
            await JOBS["play_backtests"].work(turn(stopping))
        assert (await backtests.get(programme.id, made[0])).played == 0

        await JOBS["play_backtests"].work(turn())

        first, second = [await backtests.get(programme.id, one) for one in made]
        assert first.status is second.status is BacktestStatus.DONE
        assert first.hash == second.hash
