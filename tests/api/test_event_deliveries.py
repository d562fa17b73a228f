"""Deliveries as their owners see them, and dead ones that are sent again; by a real receiver."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.delivery import waking
from domain.kernel.callers import Scope
from domain.kernel.database import update
from tests.support import factories as make
from tests.support import numbered
from tests.support.callers import Client, Stage, fresh_key, open_stage
from tests.support.hooked import Endpoint, endpoint, status
from tests.support.sending import Worker

pytestmark = pytest.mark.usefixtures("database")

DELIVERIES = """query($webhook: ID!, $status: [EventDeliveryStatus!], $first: Int, $after: String) {
    deliveries(webhook: $webhook, status: $status, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        edges { cursor node { id status nextAttemptAt
            event { id type data member { reference } }
            attempts { at status error milliseconds answer } } } } }"""
OWN = (Scope.EARN, Scope.MEMBERS, Scope.MANAGE)
"""What a partner may who hears of its own only."""

HOTEL = {"product": "hotel", "amount": "100"}


@pytest.fixture
async def listener() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


async def opened(listener: Endpoint) -> tuple[Stage, Client, Worker, str]:
    """A partner with an endpoint that hears of bookings, and a worker that has sent all before."""
    stage = await open_stage()
    partner = await stage.partner(OWN)
    await partner.done("enrolMember", reference="xiaoli")
    worker = Worker(stage.programme, datetime.now(UTC))
    await worker.work()
    saved = await partner.done(
        "saveWebhook", "webhook { id }", url=listener.url, topics=["booking.recorded"]
    )
    worker.now = datetime.now(UTC) + timedelta(minutes=1)
    return stage, partner, worker, saved["webhook"]["id"]


async def listed(client: Client, webhook: str, **asked: Any) -> Any:
    return (await client.read(DELIVERIES, webhook=webhook, **asked))["deliveries"]


async def nodes(client: Client, webhook: str, **asked: Any) -> list[Any]:
    return [edge["node"] for edge in (await listed(client, webhook, **asked))["edges"]]


async def kill(worker: Worker, partner: Client, listener: Endpoint, *references: str) -> None:
    """Bookings that the endpoint never takes: three attempts each."""
    listener.answer = lambda _: status(422, b"no such shop")
    for reference in references:
        await partner.book(reference, HOTEL)
    for _ in range(len(references)):
        await worker.until(worker.now + timedelta(minutes=6))
    listener.answer = lambda _: 204


async def test_a_dead_letter_is_sent_again_and_arrives(listener: Endpoint) -> None:
    _, partner, worker, hook = await opened(listener)
    await kill(worker, partner, listener, "B-1")

    [dead] = await nodes(partner, hook, status=["DEAD"])
    assert (dead["status"], dead["nextAttemptAt"]) == ("DEAD", None)
    assert dead["event"]["data"]["reference"] == "B-1"
    assert dead["event"]["id"] == listener.got[0].headers["webhook-id"]
    assert dead["event"]["member"] == {"reference": "xiaoli"}
    said = [(one["status"], one["error"], one["answer"]) for one in dead["attempts"]]
    assert said == [(422, None, "no such shop")] * 3

    key = fresh_key()
    woken = await partner.done("retryDeliveries", "count", key=key, webhook=hook)
    again = await partner.done("retryDeliveries", "count", key=key, webhook=hook)
    assert (woken["count"], again) == (1, {"count": 1, "replayed": True})
    [waiting] = await nodes(partner, hook)
    assert (waiting["id"], waiting["status"]) == (dead["id"], "WAITING")
    assert datetime.fromisoformat(waiting["nextAttemptAt"]) < datetime.now(UTC)

    await worker.work()
    [arrived] = await nodes(partner, hook)
    assert (arrived["status"], len(arrived["attempts"])) == ("DELIVERED", 4)
    assert len({(got.body, got.headers["webhook-id"]) for got in listener.got}) == 1
    for deliveries in (None, [arrived["id"]]):
        done = await partner.done("retryDeliveries", "count", webhook=hook, deliveries=deliveries)
        assert done["count"] == 0
    await worker.work()
    assert len(listener.got) == 4


async def test_what_is_woken_has_all_attempts_before_it(listener: Endpoint) -> None:
    _, partner, worker, hook = await opened(listener)
    await kill(worker, partner, listener, "B-1")
    [dead] = await nodes(partner, hook)
    listener.answer = lambda _: 422
    await partner.done("retryDeliveries", "count", webhook=hook, deliveries=[dead["id"]] * 2)
    await worker.until(worker.now + timedelta(minutes=6))

    [again] = await nodes(partner, hook)
    assert (again["status"], len(again["attempts"])) == ("DEAD", 6)


async def test_deliveries_are_listed_by_their_status(
    listener: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, partner, worker, hook = await opened(listener)
    await kill(worker, partner, listener, "B-1", "B-2", "B-3")
    await partner.book("B-4", HOTEL)
    await worker.work()
    await partner.book("B-5", HOTEL)
    await numbered.number(stage.programme, worker.now)

    page = await listed(partner, hook)
    references = [edge["node"]["event"]["data"]["reference"] for edge in page["edges"]]
    assert (references, page["totalCount"]) == (["B-5", "B-4", "B-3", "B-2", "B-1"], 5)
    statuses = [edge["node"]["status"] for edge in page["edges"]]
    assert statuses == ["WAITING", "DELIVERED", "DEAD", "DEAD", "DEAD"]
    walked, after = [], None
    while True:
        some = await listed(partner, hook, first=2, after=after)
        walked += some["edges"]
        after = some["pageInfo"]["endCursor"]
        if not some["pageInfo"]["hasNextPage"]:
            break
    assert walked == page["edges"]
    ended = await listed(stage.staff(), hook, status=["DELIVERED", "DEAD", "DEAD"], first=2)
    assert (len(ended["edges"]), ended["totalCount"]) == (2, 4)
    assert (await listed(partner, hook, status=[]))["totalCount"] == 5

    monkeypatch.setattr(waking, "WOKEN_MAX", 2)
    assert (await partner.done("retryDeliveries", "count", webhook=hook))["count"] == 2
    assert [one["status"] for one in await nodes(partner, hook)] == [
        *("WAITING", "DELIVERED", "DEAD", "WAITING", "WAITING")
    ]
    await worker.work()
    # a member's events that wait go out in their order
    assert [got.said["data"]["reference"] for got in listener.got[-3:]] == ["B-1", "B-2", "B-5"]


async def test_deliveries_of_another_are_not_there(listener: Endpoint) -> None:
    stage, partner, worker, hook = await opened(listener)
    await kill(worker, partner, listener, "B-1")
    [dead] = await nodes(partner, hook)
    agency = await stage.partner(tuple(Scope), "agency")
    theirs = (await agency.done("saveWebhook", "webhook { id }", url=make.NOBODY_LISTENS))[
        "webhook"
    ]["id"]

    assert await nodes(agency, hook) == []
    assert await nodes(partner, "🏨") == []
    refused = await agency.refused("retryDeliveries", webhook=hook)
    assert (refused["code"], refused["what"], refused["path"]) == (
        *("NOT_FOUND", "webhook"),
        ["webhook"],
    )
    strange = await agency.refused("retryDeliveries", webhook=theirs, deliveries=[dead["id"]])
    assert (strange["code"], strange["what"], strange["path"]) == (
        *("NOT_FOUND", "delivery"),
        ["deliveries", "0"],
    )
    [same] = await nodes(partner, hook)
    assert same == dead


async def test_an_endpoint_that_is_off_is_turned_on_first(listener: Endpoint) -> None:
    _, partner, worker, hook = await opened(listener)
    listener.answer = lambda _: 410
    await partner.book("B-1", HOTEL)
    await worker.work()
    for language, said in (
        ("en", "The endpoint is off; this is possible only when it is on or paused."),
        ("zh-CN", "端点的状态为“已停用”，此操作仅适用于“已启用或已暂停”状态。"),
    ):
        off = await partner.reading(language).refused("retryDeliveries", webhook=hook)
        assert (off["code"], off["path"], off["message"]) == ("STATE_CONFLICT", ["webhook"], said)
    await partner.done("enableWebhook", webhook=hook)

    # what waited when it was turned off was cancelled, and is sent because somebody asked for it
    listener.answer = lambda _: 204
    assert (await partner.done("retryDeliveries", "count", webhook=hook))["count"] == 1
    await worker.work()
    assert [one["status"] for one in await nodes(partner, hook)] == ["DELIVERED"]


async def test_an_owner_who_reads_no_more_all_is_not_sent_others_again(listener: Endpoint) -> None:
    stage = await open_stage()
    reader = await stage.partner([*OWN, Scope.READ])
    shop = await stage.partner(OWN, "shop")
    worker = Worker(stage.programme, datetime.now(UTC))
    await reader.done("enrolMember", reference="xiaoli")
    await worker.work()
    saved = await reader.done(
        "saveWebhook", "webhook { id }", url=listener.url, topics=["booking.recorded"]
    )
    hook = saved["webhook"]["id"]
    worker.now = datetime.now(UTC) + timedelta(minutes=1)
    await kill(worker, shop, listener, "theirs")
    await kill(worker, reader, listener, "own")
    assert len(await nodes(reader, hook)) == 2

    await update(
        "UPDATE partner_key SET scopes = 'earn members manage' WHERE scopes LIKE '%read%' "
        "AND partner_id IN (SELECT id FROM partner WHERE programme_id = $1)",
        stage.programme.id,
    )
    hidden = {one["id"] for one in await nodes(stage.staff(), hook)}
    [own] = await nodes(reader, hook)
    assert own["event"]["data"]["reference"] == "own"
    [other] = hidden - {own["id"]}
    refused = await reader.refused("retryDeliveries", webhook=hook, deliveries=[other])
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["deliveries", "0"])
    assert (await reader.done("retryDeliveries", "count", webhook=hook))["count"] == 1
