"""Subscribers of a server that hears of no change, whose database goes away, and that ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs

from ops.postgres.connections import connection
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage
from tests.support.numbered import number
from tests.support.subscribed import (
    BALANCE,
    PATIENT_SECONDS,
    Line,
    events,
    listening_for_sockets,
    served_live,
    socket,
    subscribed,
    told,
)

NOTICES = "subscription { noticeReceived { id kind } }"
CHANGED = "subscription { redemptionChanged { status } }"
AGAIN = """
INSERT INTO notice (member_id, id, programme_id, event_id, kind, key, template, variables,
    happened_at, channels, decided_at)
SELECT member_id, gen_random_uuid(), programme_id, gen_random_uuid(), kind, 'another', template,
    variables, happened_at + interval '1 s', channels, decided_at
FROM notice WHERE member_id = $1
"""


@asynccontextmanager
async def without_database(database: Database) -> AsyncIterator[Any]:
    """Nobody is connected, and nobody can be, but the owner that this yields."""
    async with connection(database.owner) as owner:
        name = await owner.fetchval("SELECT current_database()")
        async with connection(database.serving) as serving:
            await owner.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
            await serving.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                "pg_backend_pid() AND datname = current_database() AND usename = current_user"
            )
        try:
            yield owner
        finally:
            await owner.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')


async def data(line: Line) -> dict[str, Any]:
    """What comes next of each kind of subscription."""
    message = await line.receive()
    found: dict[str, Any] = message["payload"]["data"]
    return found


async def begin(stage: Stage, place: str, line: Line) -> None:
    await line.begin(stage.member().token)
    await line.subscribe("balance", BALANCE)
    await line.next("balance")
    await line.subscribe("notices", NOTICES)
    await line.subscribe("redemptions", CHANGED)
    await subscribed(place, stage.programme, 3)


async def test_nothing_is_lost_and_the_end_is_told(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    stage = await open_stage()
    member_id = await make.rich_member(stage.programme, 5000, now=TODAY, reference="xiaoli")
    reward = await make.reward(stage.programme, list_points=4000)
    await number(stage.programme, datetime.now(UTC))
    token = str(stage.member().token)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(AsyncExitStack())
        place, _ = await server.enter_async_context(listening_for_sockets(served_live()))
        line = await stack.enter_async_context(socket(place))
        await begin(stage, place, line)
        stream = told(await stack.enter_async_context(events(place, token, BALANCE)))
        await anext(stream)

        await unheard(stage, line, reward.code, member_id)
        kind, changed = await anext(stream)
        assert (kind, changed["data"]["balanceChanged"]["available"]) == ("next", 1000)
        with capture_logs() as said:
            async with without_database(database) as owner:
                await owner.execute(AGAIN, member_id)
                async with asyncio.timeout(PATIENT_SECONDS):
                    while "feed_not_followed" not in {one["event"] for one in said}:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
        assert (await line.next("notices"))["noticeReceived"]["kind"] == "feedback_answered"

        ending = asyncio.create_task(server.aclose())
        with pytest.raises(httpx.RemoteProtocolError):  # no `complete`: the client comes again
            await anext(stream)
        assert await line.closed() == 1012
        await ending
        assert "graceful shutdown exceeded" not in caplog.text


async def unheard(stage: Stage, line: Line, reward: str, member_id: UUID) -> None:
    """Each kind of change is found by looking."""
    await stage.member().done("redeemReward", reward=reward)
    await number(stage.programme, datetime.now(UTC))
    await make.notice(stage.programme, member_id, now=stage.now())
    found: dict[str, Any] = {}
    for _ in range(3):
        found |= await data(line)
    assert found["balanceChanged"]["available"] == 1000
    assert found["redemptionChanged"] == {"status": "CONFIRMED"}
    assert found["noticeReceived"]["kind"] == "feedback_answered"
