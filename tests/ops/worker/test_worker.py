"""Workers as processes: they share the work, end when told, and lose nothing when killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.kernel.database import rows
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops.commands import background
from ops.errors import OperationError
from ops.postgres.connections import connection
from ops.postgres.database import connected
from ops.settings import Settings
from ops.worker import queue, worker
from tests.conftest import Database
from tests.support import factories as make
from tests.support.commands import Commands
from tests.support.logs import Logging
from tests.support.processes import Started, eventually, free_port, start

QUICK = {"MILEPOST_JOB_RETRY_SECONDS": "0.1"}


@contextmanager
def working(commands: Commands, **variables: str) -> Iterator[Logging]:
    with Started("worker", **commands.variables, **QUICK, **variables) as process:
        try:
            worker = Logging(process)
            assert worker.says("worker_started"), worker.text
            yield worker
        finally:
            process.kill()


@asynccontextmanager
async def programme_of(commands: Commands) -> AsyncIterator[Programme]:
    async with connected(commands.database.serving, everywhere=False):
        yield await programmes.get("ota")


async def with_points_long_past(programme: Programme) -> UUID:
    return await make.rich_member(programme, 100, now=datetime.now(UTC) - timedelta(days=800))


async def queue_now(commands: Commands, name: str) -> None:
    async with queue.opened(commands.database.serving) as asked:
        await queue.put(asked, name)


async def kinds(member_id: UUID) -> list[str]:
    return [kind for kind, _ in await make.entries(member_id)]


async def test_two_workers_share_the_work_and_end_when_told(ota: Commands) -> None:
    async with programme_of(ota) as programme:
        ids = [await with_points_long_past(programme) for _ in range(5)]
        with working(ota) as one, working(ota) as other:
            for name in ("remind", "sweep"):
                await queue_now(ota, name)

            def both(event: str) -> list[dict[str, Any]]:
                return [*one.lines(event), *other.lines(event)]

            def done() -> set[str]:
                return {line["job"] for line in both("job_did")}

            assert eventually(lambda: "sweep" in done())
            events = await rows("SELECT id FROM outbox_event ORDER BY id")
            assert eventually(lambda: len(both("outbox_event")) == len(events))
            codes = [one.end(signal.SIGTERM), other.end(signal.SIGINT)]

        assert codes == [0, 0]
        assert len(both("worker_stopped")) == 2
        assert sorted(line["id"] for line in both("outbox_event")) == [
            str(event["id"]) for event in events
        ]
        assert [await kinds(member_id) for member_id in ids] == [["EARN", "EXPIRE"]] * 5


async def test_what_a_killed_worker_did_another_does(ota: Commands) -> None:
    async with programme_of(ota) as programme:
        member_id = await with_points_long_past(programme)
        async with (
            connection(ota.database.serving) as holder,
            queue.opened(ota.database.serving) as asked,
        ):
            with working(ota) as killed:
                async with holder.transaction():
                    await holder.execute("SELECT FROM account FOR UPDATE")
                    await queue.put(asked, "sweep")
                    picked = "SELECT status::text FROM pgqueuer.pgqueuer WHERE entrypoint = 'sweep'"
                    while await holder.fetchval(picked) != "picked":
                        assert not killed.lines("job_failed")
                    killed.end(signal.SIGKILL)
                assert await holder.fetchval(picked) == "picked"
                assert await kinds(member_id) == ["EARN"]
            with working(ota, MILEPOST_JOB_LOST_SECONDS="1") as heir:
                assert heir.says("job_did", job="sweep", count=1), heir.text
        assert await kinds(member_id) == ["EARN", "EXPIRE"]


async def test_a_failed_job_is_kept_and_done_once_its_cause_is_gone(ota: Commands) -> None:
    async with programme_of(ota) as programme:
        broken, sound = [await with_points_long_past(programme) for _ in range(2)]
        spoil = "UPDATE account SET available = $2 WHERE member_id = $1"
        async with connection(ota.database.owner) as owner:
            await owner.execute(spoil, broken, 99)
            with working(ota, MILEPOST_JOB_TRIES_MAX="2") as failing:
                await queue_now(ota, "sweep")
                assert failing.says("job_failed", job="sweep", tries=2), failing.text
                assert await kinds(sound) == ["EARN", "EXPIRE"]
                async with queue.opened(ota.database.serving) as asked:
                    while not (failed := await queue.failed(asked)):
                        pass

                listed = ota.run("jobs", "list")
                await owner.execute(spoil, broken, 100)
                repeated = ota.run("jobs", "retry", str(failed[0].id))

                assert failing.says("job_did", job="sweep", count=1), failing.text
        assert await kinds(broken) == ["EARN", "EXPIRE"]
    assert listed.stdout.split()[:4] == ["id", "job", "failed", "at"]
    said = " ".join(listed.stdout.split())
    assert f"{failed[0].id} sweep " in said
    assert f"failed for 1: {broken} builtins.ValueError in domain.ledger.journal._post:" in said
    assert listed.stderr == "1 failed job\n"
    assert (repeated.returncode, repeated.stderr) == (0, "1 job queued again\n")
    assert "leaves less than nothing" not in listed.stdout


async def until(ask: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Ask until this is answered. Raises: AssertionError after a minute."""
    for _ in range(600):
        found = await ask()
        if found == wanted:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{found}, not {wanted}")


async def test_held_points_are_looked_at_each_minute_and_their_reviews_each_hour(
    ota: Commands,
) -> None:
    """By the queue's own schedules: once due, each is queued, done, and due again in its time."""
    hours = {"release_held": timedelta(minutes=1), "release": timedelta(hours=1)}
    async with connection(ota.database.owner) as owner:

        async def column(sql: str) -> list[Any]:
            return [one[0] for one in await owner.fetch(sql, list(hours))]

        due = (
            "SELECT entrypoint FROM pgqueuer.pgqueuer_schedules "
            "WHERE entrypoint = ANY($1) ORDER BY entrypoint"
        )
        done = (
            "SELECT DISTINCT entrypoint FROM pgqueuer.pgqueuer_log "
            "WHERE entrypoint = ANY($1) AND status = 'successful' ORDER BY entrypoint"
        )
        with working(ota):
            await until(lambda: column(due), sorted(hours))
        await owner.execute(
            "UPDATE pgqueuer.pgqueuer_schedules SET status = 'queued', "
            "next_run = now() - interval '1 hour' WHERE entrypoint = ANY($1)",
            list(hours),
        )
        with working(ota):
            await until(lambda: column(done), sorted(hours))
        again = await owner.fetch(
            "SELECT entrypoint, expression, next_run, now() AS now "
            "FROM pgqueuer.pgqueuer_schedules WHERE entrypoint = ANY($1)",
            list(hours),
        )
    assert {one["entrypoint"]: one["expression"] for one in again} == {
        "release_held": "* * * * *",
        "release": "40 * * * *",
    }
    for one in again:
        assert one["next_run"] <= one["now"] + hours[one["entrypoint"]] + timedelta(seconds=1)


def test_what_the_queue_is_not_asked() -> None:
    for ids, everything in ((None, False), ([1], True)):
        with pytest.raises(OperationError, match="say which jobs"):
            background.retry(ids, everything)
    with pytest.raises(OperationError, match="there is no job 'nothing': choose one of sweep"):
        background.run_now("nothing")


def test_the_worker_beside_a_server_is_started_again_and_ends_with_it(ota: Commands) -> None:
    port = free_port()
    with start(["-m", "ops", "serve", "--port", str(port)], **ota.variables) as server:
        try:
            said = Logging(server)
            assert said.says("worker_started"), said.text
            os.kill(said.lines("worker_started")[0]["pid"], signal.SIGKILL)
            assert eventually(lambda: len(said.lines("worker_started")) == 2)
            assert "the worker ended with exit code -9: it is started again\n" in said.text
        finally:
            server.kill()
        # its output ends with the last process that could write to it
        assert server.stdout is not None
        assert server.stdout.read().count("Milepost works (development): numbers events") == 2


async def test_a_worker_does_not_start_on_a_database_of_another_version(
    fresh_database: Database,
) -> None:
    async with connection(fresh_database.owner) as owner:
        await owner.execute("DELETE FROM aerich WHERE version LIKE '0_%'")
    with pytest.raises(OperationError, match="the database lacks 1 migration, the first 0_"):
        await worker.run(Settings(), fresh_database.serving, beside=False)
