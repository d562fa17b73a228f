"""Endpoints as partners and staff keep them: limits, secrets, pings, and turning them off."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api.kit.relay import from_global_id
from domain.delivery import numbering
from domain.kernel.callers import OWN_SCOPES, Scope
from domain.kernel.database import rows, update
from tests.support import factories as make
from tests.support.callers import Client, Stage, fresh_key, open_stage
from tests.support.hooked import Endpoint, Got, endpoint, status

pytestmark = pytest.mark.usefixtures("database")

KEPT = "webhook { id url topics contact status lastSuccessAt partner { code } }"
SHOWN = f"{KEPT} secret"
LIST = "query($partner: String) { webhooks(partner: $partner) { id url status partner { code } } }"


@pytest.fixture
async def listener() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


@pytest.fixture
async def stage() -> Stage:
    return await open_stage()


async def save(client: Client, url: str = make.NOBODY_LISTENS, **sent: Any) -> tuple[str, str]:
    """The id and secret of a new endpoint."""
    made = await client.done("saveWebhook", SHOWN, url=url, **sent)
    return made["webhook"]["id"], made["secret"]


def own_id(global_id: str) -> UUID:
    """The database's id of an endpoint."""
    found = from_global_id(global_id)
    assert found is not None
    return found.id


async def events(stage: Stage) -> list[tuple[str, Any]]:
    return await make.events(programme_id=stage.programme.id)


async def test_a_partner_keeps_its_own_endpoints(stage: Stage) -> None:
    partner = await stage.partner()
    made = await partner.done(
        "saveWebhook",
        SHOWN,
        url="http://127.0.0.1:9/a",
        topics=["tier.changed", "points.earned", "points.earned"],
        contact="ops@example.com",
    )

    assert made["webhook"].pop("id") == (await partner.read(LIST))["webhooks"][0]["id"]
    assert made["webhook"] == {
        "url": "http://127.0.0.1:9/a",
        "topics": ["points.earned", "tier.changed"],
        "contact": "ops@example.com",
        "status": "ON",
        "lastSuccessAt": None,
        "partner": {"code": "booking-engine"},
    }
    assert made["secret"].startswith("whsec_")


async def test_a_secret_is_shown_once_and_kept_encrypted(stage: Stage) -> None:
    partner, key = await stage.partner(), fresh_key()
    first = await partner.done("saveWebhook", SHOWN, key=key, url=make.NOBODY_LISTENS)
    again = await partner.done("saveWebhook", SHOWN, key=key, url=make.NOBODY_LISTENS)
    own = first["webhook"]["id"]
    changed = await partner.done("saveWebhook", SHOWN, id=own, url="http://127.0.0.1:9/b")

    assert (again["secret"], again["replayed"], changed["secret"]) == (None, True, None)
    assert changed["webhook"]["url"] == "http://127.0.0.1:9/b"
    kept = " ".join(
        (await stage.everything())["webhook"] + (await stage.everything())["idempotency_key"]
    )
    assert first["secret"].removeprefix("whsec_") not in kept
    assert await make.secret_of(own_id(own)) == first["secret"]


async def test_staff_keep_their_own_and_those_of_partners_they_name(stage: Stage) -> None:
    staff, partner = stage.staff(), await stage.partner()
    theirs, _ = await save(staff, partner="booking-engine")
    own, _ = await save(staff)

    assert [one["id"] for one in (await staff.read(LIST))["webhooks"]] == [own]
    named = (await staff.read(LIST, partner="booking-engine"))["webhooks"]
    assert [one["id"] for one in named] == [theirs]
    assert (await partner.read(LIST))["webhooks"] == named
    assert (await partner.read(LIST, partner="booking-engine"))["webhooks"] == named
    assert (await staff.read(LIST, partner="nobody"))["webhooks"] == []
    refused = await partner.refused("deleteWebhook", webhook=own)
    assert (refused["code"], refused["what"], refused["path"]) == (
        "NOT_FOUND",
        "webhook",
        ["webhook"],
    )


async def test_a_partner_finds_no_endpoint_of_another(stage: Stage) -> None:
    """Not even with a key that acts for all partners in what they report."""
    shop = await stage.partner([*OWN_SCOPES], "shop")
    agency = await stage.partner(tuple(Scope), "agency")
    own, _ = await save(shop)

    assert (await agency.read(LIST, partner="shop"))["webhooks"] == []
    problem = await agency.refused("saveWebhook", url=make.NOBODY_LISTENS, partner="shop")
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["partner"])
    for mutation in ("rotateWebhookSecret", "pingWebhook", "enableWebhook", "disableWebhook"):
        assert (await agency.refused(mutation, webhook=own))["code"] == "NOT_FOUND"
    # a partner's is not made another's, nor one of staff
    own_of_staff, _ = await save(stage.staff())
    moved = await stage.staff().refused(
        "saveWebhook", id=own_of_staff, url=make.NOBODY_LISTENS, partner="shop"
    )
    assert (moved["code"], moved["path"]) == ("NOT_FOUND", ["id"])


@pytest.mark.parametrize(
    ("sent", "reason", "path"),
    [
        ({"url": "ftp://127.0.0.1"}, "not_an_endpoint", ["url"]),
        ({"url": "http://10.0.0.1/"}, "endpoint_address", ["url"]),
        ({"url": "http://me@127.0.0.1/"}, "endpoint_parts", ["url"]),
        ({"topics": []}, "too_short", ["topics"]),
        ({"topics": ["points.lost"]}, "unknown_topic", ["topics"]),
        ({"contact": "nobody"}, "email", ["contact"]),
    ],
)
async def test_what_an_endpoint_cannot_be_is_named(
    stage: Stage, sent: dict[str, Any], reason: str, path: list[str]
) -> None:
    before = await stage.everything()
    problem = await (await stage.partner()).refused(
        "saveWebhook", **{"url": make.NOBODY_LISTENS, **sent}
    )
    assert (problem["reason"], problem["path"]) == (reason, path)
    assert await stage.everything() == before


async def test_five_of_a_partner_and_twenty_of_staff_however_many_come_at_once(
    stage: Stage,
) -> None:
    partner = await stage.partner()
    for client, most in ((partner, 5), (stage.staff(), 20)):
        answers = await asyncio.gather(
            *(client.do("saveWebhook", SHOWN, url=make.NOBODY_LISTENS) for _ in range(most + 3))
        )
        problems = [one for answer in answers for one in answer["errors"]]
        assert [one["reason"] for one in problems] == ["too_many_endpoints"] * 3
        assert problems[0]["allowed"] == [str(most)]
        [first, *_] = (await client.read(LIST))["webhooks"]
        await client.done("deleteWebhook", webhook=first["id"])
        await save(client)
        assert len((await client.read(LIST))["webhooks"]) == most


async def test_both_secrets_sign_until_the_old_one_ends(stage: Stage, listener: Endpoint) -> None:
    partner = await stage.partner()
    own, old = await save(partner, listener.url)
    key = fresh_key()
    rotated = await partner.done("rotateWebhookSecret", "secret", key=key, webhook=own)
    again = await partner.done("rotateWebhookSecret", "secret", key=key, webhook=own)
    assert (again["secret"], again["replayed"]) == (None, True)

    await partner.done("pingWebhook", webhook=own)
    await update(
        "UPDATE webhook SET old_until = $2 WHERE id = $1",
        own_id(own),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    await partner.done("pingWebhook", webhook=own)
    newest = await partner.done("rotateWebhookSecret", "secret", webhook=own, hours=0)
    await partner.done("pingWebhook", webhook=own)

    def verified(number: int, secret: str) -> bool:
        got = listener.got[number]
        try:
            Webhook(secret).verify(got.body, dict(got.headers))
        except WebhookVerificationError:
            return False
        return True

    secrets = (old, rotated["secret"], newest["secret"])
    assert [[verified(number, one) for one in secrets] for number in range(3)] == [
        [True, True, False],
        [False, True, False],
        [False, False, True],
    ]
    for hours in (-1, 169):
        problem = await partner.refused("rotateWebhookSecret", webhook=own, hours=hours)
        assert (problem["reason"], problem["path"]) == ("hours_of_secret", ["hours"])


ATTEMPT = "attempt { at status error milliseconds answer }"


async def test_a_ping_is_a_signed_event_and_answers_how_it_went(
    stage: Stage, listener: Endpoint
) -> None:
    partner, key = await stage.partner(), fresh_key()
    own, secret = await save(partner, listener.url)
    listener.answer = lambda _: status(200, b"pong")

    first = await partner.done("pingWebhook", ATTEMPT, key=key, webhook=own)
    again = await partner.done("pingWebhook", ATTEMPT, key=key, webhook=own)

    [got] = listener.got
    assert Webhook(secret).verify(got.body, dict(got.headers)) == {
        "id": got.headers["webhook-id"],
        "type": "webhook.ping",
        "programme": stage.programme.code,
        "occurredAt": got.said["occurredAt"],
        "sequence": None,
        "member": None,
        "data": {"webhook": own},
    }
    attempt = first["attempt"]
    assert (attempt["status"], attempt["error"], attempt["answer"]) == (200, None, "pong")
    assert again == {**first, "replayed": True}
    [shown] = (await partner.read("{ webhooks { lastSuccessAt status } }"))["webhooks"]
    assert (shown["lastSuccessAt"] is None, shown["status"]) == (False, "ON")


async def test_a_ping_holds_no_connection_while_it_waits(stage: Stage, listener: Endpoint) -> None:
    """More of them than there are connections wait for a server that says nothing."""
    partner = await stage.partner()
    own, _ = await save(partner, listener.url)
    all_wait = asyncio.Event()

    def silent(_: Got) -> None:
        if len(listener.got) == 30:
            all_wait.set()

    listener.answer = silent
    waiting = [
        asyncio.create_task(partner.done("pingWebhook", ATTEMPT, webhook=own)) for _ in range(30)
    ]
    await all_wait.wait()
    found = await rows(
        "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() "
        "AND state LIKE 'idle in transaction%'"
    )
    assert found[0]["count"] == 0
    listener.hanging.set()
    attempts = [one["attempt"] for one in await asyncio.gather(*waiting)]
    assert {one["status"] for one in attempts} == {None}


async def test_a_ping_whose_sender_died_is_sent_again_as_the_same_message(
    stage: Stage, listener: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner, key = await stage.partner(), fresh_key()
    own, _ = await save(partner, listener.url)
    await partner.done("pingWebhook", key=key, webhook=own)
    await update("UPDATE idempotency_key SET result = result - 'attempt' WHERE key = $1", key)
    monkeypatch.setattr("domain.webhooks.pinging.LOOKS", 1)

    again = await partner.done("pingWebhook", ATTEMPT, key=key, webhook=own)

    assert (again["replayed"], again["attempt"]["status"]) == (True, 204)
    assert len({got.headers["webhook-id"] for got in listener.got}) == 1
    assert len(listener.got) == 2


async def test_an_endpoint_is_turned_off_and_on(stage: Stage) -> None:
    partner = await stage.partner()
    own, _ = await save(partner)
    before = len(await events(stage))
    off = await partner.done("disableWebhook", KEPT, webhook=own)
    await partner.done("disableWebhook", KEPT, webhook=own)

    assert off["webhook"]["status"] == "OFF"
    [(topic, said)] = (await events(stage))[before:]
    assert topic == "webhook.disabled"
    assert said["webhook"] == str(own_id(own))

    for part in await numbering.waiting():
        if part.programme_id == stage.programme.id:
            placed = await numbering.place(part, datetime.now(UTC))
            await numbering.hand_on(placed, lambda _: None)
    read = await partner.read(
        '{ events(topics: ["webhook.disabled"]) { edges { node { data } } } }'
    )
    [edge] = read["events"]["edges"]
    assert edge["node"]["data"]["webhook"] == own

    [heard] = await rows(
        "SELECT heard_from FROM webhook WHERE off_since IS NOT NULL AND id = $1",
        own_id(own),
    )
    on = await partner.done("enableWebhook", KEPT, webhook=own)
    assert on["webhook"]["status"] == "ON"
    [now] = await rows("SELECT heard_from FROM webhook WHERE id = $1", own_id(own))
    assert now["heard_from"] > heard["heard_from"]


async def test_a_deleted_endpoint_is_not_there(stage: Stage) -> None:
    partner = await stage.partner()
    own, _ = await save(partner)
    key = fresh_key()
    gone = await partner.done("deleteWebhook", KEPT, key=key, webhook=own)
    again = await partner.done("deleteWebhook", KEPT, key=key, webhook=own)

    assert (gone["webhook"]["id"], gone["webhook"]["status"]) == (own, "OFF")
    assert again["webhook"] == gone["webhook"]
    assert (await partner.read(LIST))["webhooks"] == []
    node = await partner.read("query($id: ID!) { node(id: $id) { id } }", id=own)
    assert node["node"] is None
    for mutation in ("enableWebhook", "pingWebhook", "rotateWebhookSecret", "deleteWebhook"):
        assert (await partner.refused(mutation, webhook=own))["code"] == "NOT_FOUND"
    changed = await partner.refused("saveWebhook", id=own, url=make.NOBODY_LISTENS)
    assert (changed["code"], changed["path"]) == ("NOT_FOUND", ["id"])
