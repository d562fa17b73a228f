"""Subscriptions on a real socket: what is sent, when, to whom, and how a connection ends."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from websockets.exceptions import InvalidStatus

from api.edge.sessions import Terms as KeptOpen
from api.kit.watching import PACE_SECONDS, Watch
from domain.delivery.following import FeedPart, News
from domain.kernel.callers import Scope
from domain.kernel.database import update
from domain.kernel.ids import new_id
from domain.partners import key_life
from domain.partners.key_life import Terms
from domain.programmes import programmes
from tests.conftest import Database
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage
from tests.support.numbered import number
from tests.support.subscribed import (
    BALANCE,
    LEDGER,
    PATIENT_SECONDS,
    SHOP,
    SOON,
    events,
    init,
    let_end,
    listening_for_sockets,
    served_live,
    socket,
    subscribed,
    told,
)


async def adjust(stage: Stage, points: int, **more: Any) -> None:
    member = {"reference": "xiaoli"}
    await stage.staff().done("adjustPoints", member=member, points=points, reason="gift", **more)


async def numbered(stage: Stage) -> None:
    await number(stage.programme, datetime.now(UTC))


async def test_a_balance_is_sent_now_and_at_each_change(stage: Stage, place: str) -> None:
    member = stage.member()
    async with socket(place) as line:
        await line.begin(member.token)
        await line.send("ping")
        assert await line.receive() == {"type": "pong"}
        await line.subscribe("1", BALANCE)
        first = await line.next("1")
        await adjust(stage, 300)
        await numbered(stage)
        second = await line.next("1")
        await line.send("complete", id="1")
        await line.subscribe("1", BALANCE)

        assert first == {"balanceChanged": {"available": 0, "pending": 0, "held": 0}}
        assert second == {"balanceChanged": {"available": 300, "pending": 0, "held": 0}}
        assert await line.next("1") == second


async def test_every_entry_comes_once_to_who_was_cut_off(stage: Stage, place: str) -> None:
    """A client that dies at entry 41 of 100 goes on after it; entry 101 comes when it is made."""
    member = stage.member()
    await give(stage, 100)
    seen: list[int] = []
    async with socket(place) as line:
        await line.begin(member.token)
        await line.subscribe("a", LEDGER, after=0)
        while len(seen) < 41:
            seen.append((await line.next("a"))["ledgerAppended"]["sequence"])
        line.connection.transport.abort()
    await subscribed(place, stage.programme, 0)

    async with socket(place) as line:
        await line.begin(member.token)
        await line.subscribe("a", LEDGER, after=41)
        while len(seen) < 100:
            seen.append((await line.next("a"))["ledgerAppended"]["sequence"])
        await line.subscribe("b", LEDGER)
        await line.subscribe("c", BALANCE)
        await line.next("c")
        await subscribed(place, stage.programme, 3)
        await adjust(stage, 5)
        await numbered(stage)
        newest = [await line.receive() for _ in range(3)]

    assert seen == list(range(1, 101))
    entries = [one["payload"]["data"] for one in newest if one["id"] != "c"]
    assert [one["ledgerAppended"]["sequence"] for one in entries] == [101, 101]
    assert entries[0]["ledgerAppended"] == {
        "sequence": 101,
        "kind": "ADJUST",
        "points": 5,
        "availableAfter": 105,
        "booking": None,
    }


async def give(stage: Stage, times: int) -> None:
    """Points one by one, each an entry."""
    member_id = await stage.member_id()
    for _ in range(times):
        await make.adjust(stage.programme, member_id, 1, now=stage.now())


async def test_what_falls_due_is_sent_though_nothing_is_written(stage: Stage, place: str) -> None:
    await adjust(stage, 300, expiresOn="2126-03-15")
    async with socket(place) as line:
        await line.begin(stage.member().token)
        await line.subscribe("1", BALANCE)
        before = await line.next("1")
        # in the programme's time zone the day is over
        await programmes.advance_clock(stage.programme, timedelta(hours=14))
        after = await line.next("1")

    assert before["balanceChanged"]["available"] == 300
    assert after["balanceChanged"]["available"] == 0


async def test_who_may_not_subscribe_is_told_so(stage: Stage, place: str) -> None:
    """A partner and staff name a member; nobody learns of one that it may not see."""
    other = await open_stage()
    await make.enrol(other.programme, now=other.now(), reference="dabao")
    await make.enrol(stage.programme, now=stage.now(), reference="dabao")
    of = "subscription($m: MemberBy) { balanceChanged(member: $m) { available } }"
    reader, seller = await stage.partner([Scope.READ]), await stage.partner([Scope.EARN], "seller")

    async def answered(client: Client, query: str, **variables: Any) -> Any:
        async with socket(place, client.token) as line:
            await line.send("connection_init")
            await line.receive()
            await line.subscribe("1", query, **variables)
            return await line.receive()

    def code(message: Any) -> str:
        assert (message["type"], message["id"]) == ("error", "1"), message
        found: str = message["payload"][0]["extensions"]["code"]
        return found

    named, theirs = {"reference": "xiaoli"}, {"reference": "dabao"}
    foreign = {"id": (await other.member("dabao").read("{ me { id } }"))["me"]["id"]}
    for client in (reader, stage.staff()):
        assert (await answered(client, of, m=named))["type"] == "next"
        assert code(await answered(client, of)) == "BAD_USER_INPUT"
        assert code(await answered(client, of, m=foreign)) == "BAD_USER_INPUT"
    member = stage.member()
    assert code(await answered(member, of, m=theirs)) == "BAD_USER_INPUT"
    assert code(await answered(stage.member("nobody"), of)) == "BAD_USER_INPUT"
    assert code(await answered(seller, of, m=named)) == "FORBIDDEN"
    assert code(await answered(member, "{ me { id } }")) == "BAD_REQUEST"
    assert code(await answered(member, "mutation { nothing }")) == "GRAPHQL_VALIDATION_FAILED"
    assert code(await answered(member, "subscription {")) == "GRAPHQL_PARSE_FAILED"
    assert code(await answered(member, LEDGER, after="x")) == "BAD_USER_INPUT"
    assert code(await answered(member, LEDGER, after="\0")) == "BAD_USER_INPUT"
    both = "subscription { balanceChanged { held } ledgerAppended { sequence } }"
    assert code(await answered(member, both)) == "GRAPHQL_VALIDATION_FAILED"


async def test_a_socket_is_closed_by_the_code_of_what_was_wrong(stage: Stage, place: str) -> None:
    token = stage.member().token
    public = (await stage.public()).token
    ended = stage.signed("xiaoli", exp=int(time.time()) - 1).token
    said: list[tuple[int, list[Any]]] = [
        (4400, ["nonsense"]),
        (4400, ['[{"type": "ping"}]']),
        (4400, [b"\x00"]),
        (4400, ['{"type": "subscribe", "id": ["1"], "payload": {"query": "{ a }"}}']),
        (4400, ['{"type": "subscribe", "id": "1", "payload": {"query": 7}}']),
        (4400, ['{"type": "wink"}']),
        (4401, ['{"type": "subscribe", "id": "1", "payload": {"query": "{ a }"}}']),
        (4403, [init("nobody")]),
        (4403, [init(public)]),
        (4403, [init(ended)]),
        (4403, ['{"type": "connection_init", "payload": {"authorization": 7}}']),
        (4403, ['{"type": "connection_init"}']),
        (4409, [init(token), subscribe("1"), subscribe("1")]),
        (4429, [init(token), init(token)]),
        (1009, [" " * 20_000]),
    ]

    async def closed_after(messages: list[Any]) -> int:
        async with socket(place) as line:
            for message in messages:
                await line.connection.send(message)
            return await line.closed()

    # one after the other, for a member may have five only
    assert [(await closed_after(messages), messages) for _, messages in said] == said
    async with socket(place) as line:
        await line.begin(token)
        await line.subscribe("1", BALANCE)
        await line.next("1")


async def test_a_socket_whose_first_message_does_not_come_is_closed(database: Database) -> None:
    hasty = served_live(terms=KeptOpen(init_seconds=0.1))
    async with listening_for_sockets(hasty) as (place, _), socket(place) as line:
        assert await line.closed() == 4408


def subscribe(named: str) -> str:
    return json.dumps({"type": "subscribe", "id": named, "payload": {"query": BALANCE}})


async def test_whoever_would_be_refused_now_is_sent_away(
    stage: Stage, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token or a key that ends, a key that is revoked, members who are suspended or erased."""
    for reference in ("dabao", "meimei"):
        await make.enrol(stage.programme, now=stage.now(), reference=reference)
    partner, other = await stage.partner(), await stage.partner(code="other")
    soon = stage.signed("xiaoli", exp=int(time.time()) + SOON)
    callers = [soon, partner, other, stage.member("dabao"), stage.member("meimei")]
    of = "subscription($m: MemberBy) { balanceChanged(member: $m) { available } }"
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(socket(place)) for _ in callers]
        for line, caller in zip(lines, callers, strict=True):
            await line.begin(caller.token)
            whom = {"reference": "xiaoli"} if caller in (partner, other) else None
            await line.subscribe("1", of, m=whom)
            await line.next("1")
        let_end(monkeypatch)
        now = datetime.now(UTC)
        revoked, ending = (str(one.token).split("_")[2] for one in (partner, other))
        await key_life.revoke(stage.programme, revoked, now)
        soon_after = Terms(expires_at=now + timedelta(seconds=1), says_expiry=True)
        await key_life.change(stage.programme, ending, soon_after, now)
        for reference, status in (("dabao", "SUSPENDED"), ("meimei", "ERASED")):
            member_id = await stage.member_id(reference)
            await update("UPDATE member SET status = $1 WHERE member_id = $2", status, member_id)
        assert [await line.closed() for line in lines] == [4403] * 5

    async with socket(place) as line:
        await line.send("connection_init", payload={"authorization": stage.member("dabao").token})
        assert await line.closed() == 4403
    async with socket(place) as line:
        await line.begin(stage.member().token)


async def test_many_changes_come_as_five_answers_a_second_at_the_most(
    stage: Stage, place: str
) -> None:
    async with socket(place) as line:
        await line.begin(stage.member().token)
        began = time.monotonic()
        await line.subscribe("1", BALANCE)
        answers = [await line.next("1")]

        async def change() -> None:
            for _ in range(30):
                await adjust(stage, 1)
                await numbered(stage)

        changing = asyncio.create_task(change())
        while answers[-1]["balanceChanged"]["available"] < 30:
            answers.append(await line.next("1"))
        await changing
        seconds = time.monotonic() - began
    # the first two may come at once, and a timer may end a moment before its time
    assert len(answers) <= 3 + 5 * seconds


async def test_whoever_waits_is_woken_once_for_what_came_meanwhile(stage: Stage) -> None:
    part = FeedPart(stage.programme.id, 1)
    watch = Watch(stage.programme.code, new_id(), part, frozenset({"points.earned"}))
    heard, turns, began = list[UUID](), 0, time.monotonic()
    wanted = [new_id() for _ in range(100)]

    async def hear() -> None:
        for event_id in wanted:
            watch.hear(News(part, 1, watch.member_id, "points.earned", event_id))
            await asyncio.sleep(0.005)
        watch.end()

    hearing = asyncio.create_task(hear())
    async for some in watch.changes():
        heard += some
        turns += 1
    await hearing
    assert heard == wanted[: len(heard)]
    assert PACE_SECONDS == 0.2
    assert turns <= 2 + (time.monotonic() - began) / PACE_SECONDS


async def test_a_stream_gives_signs_of_life_while_nothing_changes(
    stage: Stage, database: Database
) -> None:
    assert KeptOpen().heartbeat_seconds == 15
    often = KeptOpen(init_seconds=5, heartbeat_seconds=0.05)
    async with listening_for_sockets(served_live(terms=often)) as (place, _):
        lines, token = list[str](), str(stage.member().token)
        async with asyncio.timeout(PATIENT_SECONDS), events(place, token, BALANCE) as response:
            async for line in response.aiter_lines():
                # some may come before the answer
                lines += [line] if lines or line.startswith("event") else []
                if sum(one.startswith(":") for one in lines) == 3:
                    break
    assert [line for line in lines if line.startswith("event")] == ["event: next"]


async def test_pages_of_other_origins_reach_nothing(stage: Stage, place: str) -> None:
    for origin in (f"http://{place}", SHOP, None):
        async with socket(place, stage.member().token, origin) as line:
            await line.begin(None)
    for origin in ("https://evil.example", "null", f"{SHOP}.evil.example"):
        with pytest.raises(InvalidStatus, match="403"):
            async with socket(place, stage.member().token, origin):
                pytest.fail("let in")


async def test_events_are_sent_to_who_reads_these(
    stage: Stage, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = stage.signed("xiaoli", exp=int(time.time()) + SOON).token
    assert soon is not None
    await adjust(stage, 7)
    async with events(place, soon, LEDGER, after=0) as response:
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-store, no-transform"
        found = told(response)
        first = await anext(found)
        await adjust(stage, 8)
        await numbered(stage)
        second = await anext(found)
        let_end(monkeypatch)
        last = await anext(found)
    points = [one["data"]["ledgerAppended"]["points"] for _, one in (first, second)]
    assert (first[0], second[0], points, last) == ("next", "next", [7, 8], ("complete", None))

    async with events(place, str(stage.member().token), "{ me { reference } }") as response:
        once = [one async for one in told(response)]
    assert [kind for kind, _ in once] == ["next", "complete"]
    assert once[0][1]["data"] == {"me": {"reference": "xiaoli"}}
    async with events(place, str(stage.member().token), "subscription { no }") as response:
        [(_, refused), _] = [one async for one in told(response)]
    assert refused["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    async with events(place, "nobody", BALANCE) as response:
        assert response.status_code == 401
    alone = {"Accept": "text/event-stream"}
    sent = await stage.member().post({"query": "{ me { reference } }"}, headers=alone)
    assert sent.text.startswith("event: next\ndata: {")
    assert sent.text.endswith("}\n\nevent: complete\ndata: \n\n")
    headers = {"Accept": "application/json, text/event-stream"}
    asked = await stage.member().post({"query": "{ me { reference } }"}, headers=headers)
    assert asked.json()["data"] == {"me": {"reference": "xiaoli"}}
    refused = (await stage.member().post({"query": BALANCE})).json()
    assert refused["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"
