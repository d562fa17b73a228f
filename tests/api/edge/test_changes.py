"""Redemptions, notices and jobs on a real socket, as they change, to whoever may see them."""

from datetime import UTC, datetime
from typing import Any

import httpx

from api.kit.relay import to_global_id
from api.wording.messages import problem_messages
from domain.jobs import running
from domain.kernel.callers import Scope
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage, served
from tests.support.numbered import number
from tests.support.sending import notify
from tests.support.subscribed import Line, socket, subscribed

XIAOLI = {"reference": "xiaoli"}
MINE = "subscription { redemptionChanged { id status reward { code } booking { reference } } }"
OF = "subscription($m: MemberBy) { redemptionChanged(member: $m) { id status codes } }"
JOB = "subscription($id: ID!) { jobChanged(id: $id) { status total done } }"
NOTICES = "subscription { noticeReceived { kind title readAt } }"


async def opened(**member: Any) -> Stage:
    """`xiaoli` with 9000 points, and what there is of events numbered."""
    stage = await open_stage()
    await make.rich_member(stage.programme, 9000, now=TODAY, reference="xiaoli", **member)
    await number(stage.programme, datetime.now(UTC))
    return stage


async def nothing_comes(line: Line) -> None:
    await line.send("ping")
    assert await line.receive() == {"type": "pong"}


async def test_redemptions_are_sent_as_they_change(place: str) -> None:
    """One that pays for a booking changes with it; who may not see a redemption hears nothing."""
    stage = await opened()
    member = stage.member()
    reader, seller = await stage.partner([Scope.READ]), await stage.partner(code="seller")
    reward = await make.reward(stage.programme, list_points=4000)
    lines = [{"product": "hotel", "amount": "1000"}]

    async def numbered() -> None:
        await number(stage.programme, datetime.now(UTC))

    async def status(line: Line, named: str = "1") -> Any:
        found = (await line.next(named))["redemptionChanged"]
        return found["id"], found["status"]

    async with (
        socket(place) as own,
        socket(place) as staffs,
        socket(place) as readers,
        socket(place) as sellers,
    ):
        for line, client in (
            (own, member),
            (staffs, stage.staff()),
            (readers, reader),
            (sellers, seller),
        ):
            await line.begin(client.token)
            await line.subscribe("1", MINE if line is own else OF, m=XIAOLI)
        await subscribed(place, stage.programme, 4)
        held = await seller.done(
            "redeemOnBooking", "redemption { id }", member=XIAOLI, points=1000, lines=lines
        )
        first = held["redemption"]["id"]
        await numbered()
        assert [await status(line) for line in (own, staffs, sellers)] == [(first, "HELD")] * 3

        bought = await member.done("redeemReward", "redemption { id }", reward=reward.code)
        second = bought["redemption"]["id"]
        await stage.staff().done("cancelRedemption", redemption=second)
        await seller.book("B", *lines, redemptionId=first)
        await numbered()
        found = [(await own.next("1"))["redemptionChanged"] for _ in range(2)]
        assert found == [
            {
                "id": second,
                "status": "CANCELLED",
                "reward": {"code": reward.code},
                "booking": None,
            },
            {"id": first, "status": "CONFIRMED", "reward": None, "booking": {"reference": "B"}},
        ]
        assert [await status(staffs), await status(staffs)] == [
            (second, "CANCELLED"),
            (first, "CONFIRMED"),
        ]
        assert await status(sellers) == (first, "CONFIRMED")
        for line in (own, staffs, sellers, readers):
            await nothing_comes(line)


async def test_notices_are_sent_once_in_the_language_of_the_member(place: str) -> None:
    stage = await opened(locale="en")
    other = await make.enrol(stage.programme, now=TODAY, reference="dabao")
    await notify(stage.programme, stage.now())
    reward = await make.reward(stage.programme, list_points=100)
    member = stage.member()
    async with socket(place) as line, socket(place) as others:
        await line.begin(member.token)
        await line.subscribe("1", NOTICES)
        await line.subscribe("2", NOTICES)
        await others.begin(stage.member("dabao").token)
        await others.subscribe("1", NOTICES)
        for client in (stage.staff(), stage.member("nobody"), await stage.partner()):
            async with socket(place, client.token) as refused:
                await refused.begin(None)
                await refused.subscribe("1", NOTICES)
                assert (await refused.receive())["type"] == "error"

        await subscribed(place, stage.programme, 3)
        for _ in range(2):
            await member.done("redeemReward", reward=reward.code)
        await notify(stage.programme, stage.now())
        found = [await line.receive() for _ in range(4)]
        await nothing_comes(others)
        await make.notice(stage.programme, other, now=stage.now())
        assert (await others.next("1"))["noticeReceived"]["kind"] == "feedback_answered"
        await nothing_comes(line)

    assert sorted(one["id"] for one in found) == ["1", "1", "2", "2"]
    for one in found:
        notice = one["payload"]["data"]["noticeReceived"]
        assert (notice["kind"], notice["readAt"]) == ("reward_ready", None)
        assert notice["title"].startswith("Your reward is ready: ")


async def test_a_job_is_sent_until_it_has_ended(place: str) -> None:
    stage, other = await open_stage(), await open_stage()
    started = [
        await one.staff().done("startImport", "job { id } uploadUrl", kind="MEMBERS")
        for one in (stage, other)
    ]
    own, theirs = (one["job"]["id"] for one in started)
    member = to_global_id("Member", await make.enrol(stage.programme, now=TODAY))
    waiting = {"status": "QUEUED", "total": None, "done": 0}
    async with socket(place) as line:
        await line.begin(stage.staff().token)
        for wrong in (theirs, "nonsense", member):
            await line.subscribe("wrong", JOB, id=wrong)
            refused = await line.receive()
            assert (refused["type"], refused["id"]) == ("error", "wrong")
            assert refused["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        await line.subscribe("1", JOB, id=own)
        assert await line.next("1") == {"jobChanged": waiting}
        transport, base = httpx.ASGITransport(served()), "http://milepost.test"
        async with httpx.AsyncClient(transport=transport, base_url=base) as browser:
            await browser.put(started[0]["uploadUrl"], content=b"reference\nm-1\nm-2\n")
        assert await line.next("1") == {"jobChanged": {**waiting, "total": 2}}
        while found := await running.next_of(stage.programme, datetime.now(UTC), stage.now()):
            await running.step(stage.programme, found, stage.now(), problem_messages)
        came = [await line.receive()]
        while came[-1]["type"] == "next":
            came.append(await line.receive())
        assert (came[-1]["type"], came[-1]["id"]) == ("complete", "1")
        ended = {"jobChanged": {"status": "DONE", "total": 2, "done": 2}}
        assert came[-2]["payload"]["data"] == ended
        # one that is over is sent once
        await line.subscribe("2", JOB, id=own)
        assert await line.next("2") == ended
        assert (await line.receive())["type"] == "complete"
