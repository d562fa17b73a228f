"""A year and more of one member, walked over HTTP in steps of a month beside a worker."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pgqueuer

from domain.kernel import dates
from domain.programmes import programmes
from ops.commands import instants, keys
from ops.postgres.database import connected
from ops.settings import Settings
from ops.worker import queue
from tests.support import factories as make
from tests.support.commands import Commands
from tests.support.logs import Logging
from tests.support.processes import WAIT_SECONDS, Started, answers, eventually, free_port

ZONE = ZoneInfo("Asia/Shanghai")

MEMBER = """query { member(by: {reference: "xiaoli"}) {
    balance { available held nextExpiry { points on } }
    ledger(first: 5) { edges { node { kind points } } } } }"""

REDEEM = """mutation($key: String!, $reward: String!) { redeemReward(input: {idempotencyKey: $key,
    member: {reference: "xiaoli"}, reward: $reward, hold: true}) {
    redemption { id status } errors { code } } }"""

STATUS = "query($id: ID!) { redemption(id: $id) { status } }"


OF_NO_MEMBER = ("policy.published", "reward.changed")


@dataclass
class Walk:
    """The server as staff call it, and the programme's clock."""

    client: httpx.AsyncClient
    asked: pgqueuer.Queries
    beginning: datetime
    keys: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def ask(self, operation: str, **variables: Any) -> Any:
        answer = await self.client.post(
            "/graphql", json={"query": operation, "variables": variables}
        )
        said = answer.json()
        assert "errors" not in said, said
        [payload] = said["data"].values()
        assert not payload.get("errors"), payload
        return payload

    async def do(self, mutation: str, fields: str, **sent: Any) -> Any:
        kind = mutation[0].upper() + mutation[1:]
        sent = {"idempotencyKey": f"k{next(self.keys)}", **sent}
        operation = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ {fields} }} }}"
        return await self.ask(operation, input=sent)

    async def book(self, reference: str, amount: str) -> int:
        paid = await self.do(
            "earnForBooking",
            "pointsAwarded errors { code }",
            member={"reference": "xiaoli"},
            reference=reference,
            lines=[{"product": "hotel", "amount": amount}],
        )
        points: int = paid["pointsAwarded"]
        return points

    async def hold(self, reward: str) -> str:
        held = await self.ask(REDEEM, key=f"k{next(self.keys)}", reward=reward)
        assert held["redemption"]["status"] == "HELD"
        redemption_id: str = held["redemption"]["id"]
        return redemption_id

    async def now(self) -> datetime:
        """By the programme's clock, as the server reads it."""
        return datetime.fromisoformat((await self.ask("{ programme { now } }"))["now"])

    async def status(self, redemption: str) -> str:
        return str((await self.ask(STATUS, id=redemption))["status"])

    async def seen(self) -> tuple[int, dict[str, Any] | None, list[str]]:
        """Available points, what expires next, and the last entries, the newest first."""
        member = await self.ask(MEMBER)
        entries = [edge["node"] for edge in member["ledger"]["edges"]]
        balance = member["balance"]
        told = [f"{entry['kind']} {entry['points']}" for entry in entries]
        return balance["available"], balance["nextExpiry"], told

    async def go(self, until: datetime) -> None:
        """Move the clock, and let the worker do what it would do in time."""
        programme = await programmes.get("ota")
        await programmes.advance_clock(programme, until - programme.now(datetime.now(UTC)))
        async with asyncio.timeout(WAIT_SECONDS):
            # it is whole seconds by which a clock moves
            while await self.now() < until - timedelta(seconds=1):  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # the server has not heard of it yet
        await self.work("sweep", "remind")

    async def work(self, *names: str) -> None:
        """Have the worker do these jobs, and wait until it has."""
        async with asyncio.timeout(WAIT_SECONDS):
            for name in names:
                while not await queue.put(self.asked, name):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)  # another process works
            while await self.asked.queue_size():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def after(self, span: str) -> datetime:
        return instants.later(self.beginning, span, ZONE)

    def day(self, span: str) -> date:
        return dates.local_date(self.after(span), ZONE)


@asynccontextmanager
async def walking(commands: Commands) -> AsyncIterator[tuple[Walk, Logging]]:
    """A server and its worker; the clock stands at ten in the morning of a month's first day."""
    port, url = free_port(), commands.database.serving
    token = keys.staff_token(Settings(home=commands.home), "ota", "kim", datetime.now(UTC))
    with Started("serve", "--port", str(port), **commands.variables) as process:
        try:
            said = Logging(process)
            assert eventually(lambda: answers(port))
            assert said.says("worker_started"), said.text
            client = httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}",
                headers={"Authorization": f"Bearer {token}"},
                timeout=WAIT_SECONDS,
            )
            async with (
                client,
                connected(url, everywhere=False),
                queue.opened(url) as asked,
            ):
                ends = dates.month_end(dates.local_date(datetime.now(UTC), ZONE))
                first = datetime.combine(ends + timedelta(days=1), time(10), ZONE)
                beginning = first.astimezone(UTC)
                walk = Walk(client, asked, beginning)
                await walk.go(beginning)
                yield walk, said
        finally:
            process.terminate()
            process.communicate(timeout=WAIT_SECONDS)


async def test_a_year_of_points(ota: Commands) -> None:
    async with walking(ota) as (walk, said):
        reward = await make.reward(
            await programmes.get("ota"), code="visit", stock=1, list_points=800
        )
        await walk.do("enrolMember", "member { id } errors { code }", reference="xiaoli")
        assert await walk.book("H-1", "2000.00") == 2000
        forgotten = await walk.hold("visit")

        await walk.go(walk.after("1 month"))
        first = {"points": 2000, "on": str(walk.day("1 year"))}
        assert await walk.seen() == (2000, first, ["RELEASE 800", "HOLD -800", "EARN 2000"])
        assert await walk.status(forgotten) == "RELEASED"
        assert await make.stock(reward) == 1

        await walk.go(walk.after("2 months"))
        assert await walk.book("H-2", "1000.00") == 1000
        await walk.go(walk.after("3 months"))
        taken = await walk.hold("visit")
        await walk.do(
            "confirmRedemption", "redemption { status } errors { code }", redemption=taken
        )
        first = {"points": 1200, "on": str(walk.day("1 year"))}
        for month in range(4, 11):
            await walk.go(walk.after(f"{month} months"))
            assert (await walk.seen())[:2] == (2200, first)
        assert await walk.status(taken) == "CONFIRMED"

        for days, reminders in ((31, 0), (30, 1)):
            await walk.go(walk.after("12 months") - timedelta(days=days))
            assert [topic for topic, _ in await make.events()].count("points.expiring") == reminders
        await walk.go(walk.after("12 months"))
        assert (await walk.seen())[:2] == (2200, first)
        await walk.go(walk.after("12 months") + timedelta(days=1))
        second = {"points": 1000, "on": str(walk.day("14 months"))}
        assert (await walk.seen())[:2] == (1000, second)
        assert (await walk.seen())[2][0] == "EXPIRE -1200"

        await walk.go(walk.after("14 months"))
        await walk.go(walk.after("15 months"))
        assert (await walk.seen())[:2] == (0, None)

        every = await make.events()
        assert eventually(lambda: len(said.lines("outbox_event")) == len(every))
        events = [told for told in every if told[0] not in OF_NO_MEMBER]
        assert [topic for topic, _ in events] == [
            "member.enrolled",
            "booking.recorded",
            "points.earned",
            "reward.held",
            "reward.released",
            "booking.recorded",
            "points.earned",
            "reward.held",
            "reward.redeemed",
            "points.expiring",
            "points.expired",
            "points.expiring",
            "points.expired",
        ]
        assert events[4][1].items() >= {"reward": "visit", "points": 800}.items()
        one, other = str(walk.day("1 year")), str(walk.day("14 months"))
        assert [payload for _, payload in events[-4:]] == [
            {"points": 1200, "expires_on": one, "days": 30},
            {"points": 1200, "on": one},
            {"points": 1000, "expires_on": other, "days": 0},
            {"points": 1000, "on": other},
        ]
        logged = [line for line in said.lines("outbox_event") if line["member"]]
        assert [line["topic"] for line in logged] == [topic for topic, _ in events]
        assert {UUID(line["id"]).version for line in logged} == {7}
    assert await ota.faults() == []
