"""Pushes that a worker hands over: to an address of one's own and to WeChat, at most once."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from domain.delivery import targets
from domain.delivery.targets import Channel
from domain.kernel.database import rows
from domain.members.consents import Channel as Sent
from domain.notices import templates
from domain.notices.devices import PushProvider
from domain.notices.templates import TemplateSent
from ops import providers
from ops.worker.carriers import Carrier
from ops.worker.deciding import Notices
from ops.worker.pushes import Pushes
from ops.worker.senders import Sender
from tests.support import factories as make
from tests.support.callers import open_stage
from tests.support.hooked import Endpoint, Got, endpoint, status
from tests.support.sending import Worker, again

pytestmark = pytest.mark.usefixtures("database")

KINDS = {"points_earned": ["push"]}
BEGIN = make.NOW + timedelta(minutes=1)
SECRET = "whsec_" + "A" * 43 + "="


@pytest.fixture
async def phones() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


async def opened(phones: Endpoint, *, wechat: bool = False, plain: bool = True) -> Worker:
    """A worker that pushes, of a programme with a text of its own."""
    programme = await make.establish(make.shipped_document(notices={"kinds": KINDS}))
    key = templates.template_key("points_earned", Sent.PUSH, "en")
    text = TemplateSent(key, "More points", "{{ points }} for you", "T-1")
    await templates.publish(make.request(make.staff(programme)), text)
    own = providers.push(f"http://127.0.0.1:{phones.port}/p", SECRET, production=False)
    account = providers.wechat(f"wechat+http://app:s@127.0.0.1:{phones.port}", production=False)
    pushes = Pushes(own if plain else None, account if wechat else None)
    worker = Worker(programme, BEGIN)
    carriers: dict[Channel, Carrier] = {
        Channel.NOTICES: Notices(frozenset({Sent.PUSH})),
        Channel.PUSH: pushes,
    }
    worker.sender = Sender(carriers, asyncio.Event(), lambda: worker.now)
    return worker


async def earn(worker: Worker, *devices: tuple[PushProvider, str]) -> UUID:
    member_id = await make.enrol(worker.programme, locale="en")
    for provider, address in devices:
        await make.device(worker.programme, member_id, address, provider=provider)
    await make.book(worker.programme, member_id, ("hotel", "1500"))
    return member_id


async def sent(worker: Worker) -> list[tuple[str, str | None, int, list[str]]]:
    found = await rows(
        "SELECT d.status, d.reason, d.attempts, array_remove(array_agg(coalesce(a.answer, a.error) "
        "ORDER BY a.at), NULL) AS said FROM delivery d LEFT JOIN delivery_attempt a "
        "ON a.member_id = d.member_id AND a.delivery_id = d.id WHERE d.target = $1 "
        "GROUP BY d.member_id, d.id ORDER BY d.position",
        targets.target_of(worker.programme.id, Channel.PUSH),
    )
    return [tuple(one.values()) for one in found]


def of_wechat(**codes: int) -> Any:
    """What WeChat answers: a token that is named by its number, and a code by account."""
    tokens = iter(range(1, 9))

    def answer(got: Got) -> bytes:
        if "stable_token" in got.line:
            said: dict[str, Any] = {"access_token": f"t{next(tokens)}", "expires_in": 7200}
            assert got.said == {
                "grant_type": "client_credential",
                "appid": "app",
                "secret": "s",
            }
        else:
            said = {"errcode": codes.get(got.said["touser"], 0), "errmsg": got.said["touser"]}
        return status(200, json.dumps(said).encode())

    return answer


async def test_devices_get_one_signed_message(phones: Endpoint) -> None:
    worker = await opened(phones)
    await earn(worker, (PushProvider.HTTP, "d-1"), (PushProvider.HTTP, "d-2"))
    phones.answer = lambda _: status(200, b"-" * 498 + b"d-1 d-2")
    await worker.work()
    [got] = phones.got
    said = Webhook(SECRET).verify(got.body, dict(got.headers))
    assert said == {
        "id": got.headers["webhook-id"],
        "to": ["d-1", "d-2"],
        "kind": "points_earned",
        "title": "More points",
        "text": "1500 for you",
        "template": "T-1",
        "parameters": {"points": "1,500"},
    }
    # nor the beginning of one, where what is kept of the answer ends
    assert await sent(worker) == [("DELIVERED", None, 1, ["-" * 498 + "(t"])]


async def test_accounts_of_wechat_get_template_messages(phones: Endpoint) -> None:
    worker = await opened(phones, wechat=True, plain=False)
    # one of them follows no more, which is no fault of the others
    phones.answer = of_wechat(gone=43004)
    accounts = [(PushProvider.WECHAT, "gone"), (PushProvider.WECHAT, "oLi")]
    member_id = await earn(worker, *accounts, (PushProvider.HTTP, "d-1"))
    await worker.work()
    asked, first, second = phones.got
    assert "/cgi-bin/stable_token" in asked.line
    assert first.line.startswith("POST /cgi-bin/message/template/send?access_token=t1 ")
    assert [one.said["touser"] for one in (first, second)] == ["gone", "oLi"]
    assert second.said["template_id"] == "T-1"
    assert second.said["data"] == {"points": {"value": "1,500"}}
    [(state, _, _, said)] = await sent(worker)
    assert (state, "oLi" in str(said), "t1" in str(said)) == ("DELIVERED", False, False)
    # it is written to no more; the token is kept
    await make.book(worker.programme, member_id, ("hotel", "10"))
    await worker.work()
    assert [one.said["touser"] for one in phones.got[3:]] == ["oLi"]


async def test_a_token_that_ended_is_asked_for_anew(phones: Endpoint) -> None:
    worker = await opened(phones, wechat=True)
    phones.answer = of_wechat(oLi=40001)
    await earn(worker, (PushProvider.WECHAT, "oLi"))
    await worker.work()
    assert [one[::2] for one in await sent(worker)] == [("WAITING", 1)]
    phones.answer = of_wechat()
    await worker.work(BEGIN + timedelta(seconds=6))
    assert [one[::2] for one in await sent(worker)] == [("DELIVERED", 2)]
    assert sum("stable_token" in one.line for one in phones.got) == 2
    # tried again it is the same for WeChat, which drops it, but not where staff send it again
    await again(worker, Channel.PUSH)
    named = [one.said["client_msg_id"] for one in phones.got if "stable" not in one.line]
    assert [named.index(one) for one in named] == [0, 0, 2]
    assert {len(one) for one in named} == {32}


async def test_what_left_and_was_not_answered_is_left_to_staff(phones: Endpoint) -> None:
    worker = await opened(phones)
    phones.hanging.set()
    phones.answer = lambda _: None
    await earn(worker, (PushProvider.HTTP, "d-1"))
    await worker.until(BEGIN + timedelta(days=5))
    assert [one[::2] for one in await sent(worker)] == [("UNKNOWN", 1)]
    # and who has no device that is served here is told of nothing
    other = await opened(phones)
    await earn(other, (PushProvider.WECHAT, "oLi"))
    await other.work()
    assert await sent(other) == [("CANCELLED", "NO_ADDRESS", 0, [])]


async def test_a_member_registers_ten_devices_and_removes_them() -> None:
    stage = await open_stage()
    await make.enrol(stage.programme, reference="xiaoli")
    await make.enrol(stage.programme, reference="other")
    member = stage.member()

    async def register(address: str) -> Any:
        sent = {"provider": "HTTP", "address": address}
        return (await member.done("registerPush", "count", **sent))["count"]

    both = await asyncio.gather(register("d-0"), register("d-0"), register("d-1"))
    assert max(both) == 2
    assert [await register(f"d-{number}") for number in range(1, 10)][-1] == 10
    refused = await member.refused("registerPush", provider="HTTP", address="d-10")
    assert "10" in refused["message"]
    assert refused["path"] == ["address"]
    assert await register("d-9") == 10
    for address in ("d-3", "d-3"):
        done = await member.done("removePush", "count", provider="HTTP", address=address)
        assert done["count"] == 9
    done = await member.done("removePush", "count", provider="WECHAT", address="d-4")
    assert (done["count"], await register("d-10")) == (9, 10)
    blank = await member.refused("registerPush", provider="HTTP", address=" d")
    assert (blank["code"], blank["path"]) == ("INVALID_INPUT", ["address"])
    by = {"by": {"reference": "other"}}
    theirs = await member.refused("registerPush", member=by["by"], provider="HTTP", address="d")
    assert theirs["code"] == "NOT_FOUND"
