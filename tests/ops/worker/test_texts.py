"""Text messages that a worker hands to providers: signed as each publishes it, at most once."""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from standardwebhooks import Webhook

from domain.delivery import lanes, recording, targets
from domain.delivery.targets import Channel
from domain.kernel.database import rows, update
from domain.members.consents import Channel as Sent
from domain.members.consents import Purpose
from domain.members.contacts import ContactKind
from domain.notices import templates
from domain.notices.templates import TemplateSent
from domain.programmes.programmes import Programme
from ops import providers
from ops.worker import signatures, texts
from ops.worker.carriers import Carrier
from ops.worker.deciding import Notices
from ops.worker.senders import Sender
from ops.worker.signatures import Service
from ops.worker.texts import Texts
from tests.support import factories as make
from tests.support.hooked import Endpoint, Got, endpoint, status
from tests.support.sending import Worker, again, next_of

pytestmark = pytest.mark.usefixtures("database")

KINDS = {"points_earned": ["sms"], "feedback_answered": ["sms"]}
BEGIN = make.NOW + timedelta(minutes=1)
SECRET = "whsec_" + "A" * 43 + "="
NUMBER = "+8613800138000"
TEXT = (
    "您获得{{ points | number }}积分（{% for one in rules %}{{ one }}{% endfor %}{{ programme }}）"
)
OK = {
    "aliyun": {"Code": "OK", "Message": "OK", "BizId": "9", "RequestId": "1"},
    "tencent": {"Response": {"SendStatusSet": [{"PhoneNumber": NUMBER, "Code": "Ok"}]}},
    "plain": {},
}


@pytest.fixture
async def provider() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


def url_of(kind: str, server: Endpoint) -> str:
    at = f"127.0.0.1:{server.port}"
    return {
        "aliyun": f"aliyun+http://key:s%2Fcret@{at}?sign=%E6%82%A6%E9%80%94",
        "tencent": f"tencent+http://id:key@{at}?sign=Yue&app=1400&region=ap-guangzhou",
        "plain": f"http://{at}/texts",
    }[kind]


def answering(kind: str, said: Any = None, code: int = 200) -> Callable[[Got], bytes]:
    body = json.dumps(OK[kind] if said is None else said).encode()
    return lambda _: status(code, body)


async def opened(kind: str, server: Endpoint) -> Worker:
    """A worker that sends texts, of a programme with its own."""
    programme = await make.establish(make.shipped_document(notices={"kinds": KINDS}))
    await publish(programme)
    worker = Worker(programme, BEGIN)
    read = providers.sms(url_of(kind, server), SECRET, production=False)
    carriers: dict[Channel, Carrier] = {
        Channel.NOTICES: Notices(frozenset({Sent.SMS})),
        Channel.SMS: Texts(texts.api_of(read), make.OUTGOING.key),
    }
    worker.sender = Sender(carriers, asyncio.Event(), lambda: worker.now)
    return worker


async def publish(programme: Programme) -> None:
    key = templates.template_key("points_earned", Sent.SMS, "zh-CN")
    sent = TemplateSent(key, body=TEXT, provider_template="SMS_1")
    await templates.publish(make.request(make.staff(programme)), sent)


async def earn(worker: Worker) -> Any:
    member_id = await make.enrol(worker.programme, phone=NUMBER, locale="zh-CN")
    await make.consent(worker.programme, member_id, Purpose.ACCOUNT)
    await make.book(worker.programme, member_id, ("hotel", "1500"))
    return member_id


async def sent(worker: Worker) -> list[tuple[str, str | None, int, list[str]]]:
    """Status, reason and attempts of each text, and what was said of them."""
    found = await rows(
        "SELECT d.status, d.reason, d.attempts, array_remove(array_agg(coalesce(a.answer, a.error) "
        "ORDER BY a.at), NULL) AS said FROM delivery d LEFT JOIN delivery_attempt a "
        "ON a.member_id = d.member_id AND a.delivery_id = d.id WHERE d.target = $1 "
        "GROUP BY d.member_id, d.id ORDER BY d.position",
        targets.target_of(worker.programme.id, Channel.SMS),
    )
    return [tuple(one.values()) for one in found]


async def got(server: Endpoint, worker: Worker) -> list[Got]:
    """What arrived of this programme: other tests have left texts waiting."""
    found = await rows("SELECT id FROM delivery WHERE programme_id = $1", worker.programme.id)
    own = {str(one["id"]) for one in found}
    return [one for one in server.got if one.headers.get("webhook-id") in own]


def sha256(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()


def mac(key: bytes, said: str) -> bytes:
    return hmac.new(key, said.encode(), hashlib.sha256).digest()


def check_aliyun(got: Got) -> dict[str, str]:
    """Recompute the signature of what arrived, after the provider's own words: all headers that
    begin with x-acs-, host and content-type are signed.
    """
    query = urlsplit(got.line.split()[1]).query
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    escaped = "&".join(f"{quote(a, safe='~')}={quote(b, safe='~')}" for a, b in pairs)
    names = sorted(
        name
        for name in got.headers
        if name.startswith("x-acs-") or name in ("host", "content-type")
    )
    signed = "".join(f"{name}:{got.headers[name]}\n" for name in names)
    digest = sha256(got.body)
    assert got.headers["x-acs-content-sha256"] == digest
    request = f"POST\n/\n{escaped}\n{signed}\n{';'.join(names)}\n{digest}"
    expected = mac(b"s/cret", f"ACS3-HMAC-SHA256\n{sha256(request.encode())}").hex()
    assert got.headers["authorization"] == (
        f"ACS3-HMAC-SHA256 Credential=key,SignedHeaders={';'.join(names)},Signature={expected}"
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", got.headers["x-acs-date"])
    return dict(pairs)


def check_tencent(got: Got) -> dict[str, Any]:
    """The same, as that provider says it."""
    stamp = int(got.headers["x-tc-timestamp"])
    day = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d")
    signed = f"content-type:{got.headers['content-type']}\nhost:{got.headers['host']}\n"
    request = f"POST\n/\n\n{signed}\ncontent-type;host\n{sha256(got.body)}"
    scope = f"{day}/sms/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(request.encode())}"
    key = mac(mac(mac(b"TC3key", day), "sms"), "tc3_request")
    assert got.headers["authorization"] == (
        f"TC3-HMAC-SHA256 Credential=id/{scope}, SignedHeaders=content-type;host, "
        f"Signature={mac(key, text).hex()}"
    )
    assert got.headers["x-tc-action"] == "SendSms"
    said: dict[str, Any] = got.said
    return said


def test_signatures_are_those_that_the_providers_publish() -> None:
    query = signatures.query_of(
        {
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            "RegionId": "cn-shanghai",
        }
    )
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    made = signatures.acs3(("YourAccessKeyId", "YourAccessKeySecret"), query, headers)
    assert made["Authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    )
    made = signatures.tc3(
        ("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"),
        Service("cvm", "cvm.tencentcloudapi.com"),
        "application/json; charset=utf-8",
        body,
        datetime.fromtimestamp(1551113065, UTC),
    )
    assert made["Authorization"].endswith(
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


@pytest.mark.parametrize("kind", ["aliyun", "tencent", "plain"])
async def test_each_provider_accepts_what_is_sent(provider: Endpoint, kind: str) -> None:
    worker = await opened(kind, provider)
    provider.answer = answering(kind)
    member_id = await earn(worker)
    await make.answer(worker.programme, member_id, await make.say(worker.programme, member_id))
    await worker.work()
    [got, *service] = provider.got
    shown = {"points": "1,500", "rules": "基础积分", "programme": "悦途积分"}
    if kind == "aliyun":
        said = check_aliyun(got)
        params = json.loads(said["TemplateParam"])
        assert (said["PhoneNumbers"], said["SignName"]) == (NUMBER[1:], "悦途")
        assert said["TemplateCode"] == "SMS_1"
        assert list(params) == list(shown)
    elif kind == "tencent":
        asked = check_tencent(got)
        assert (asked["PhoneNumberSet"], asked["TemplateId"]) == ([NUMBER], "SMS_1")
        assert asked["TemplateParamSet"][0] == "1,500"
        assert len(asked["TemplateParamSet"]) == 3
    else:
        said = Webhook(SECRET).verify(got.body, dict(got.headers))
        assert (said["to"], said["id"]) == (NUMBER, got.headers["webhook-id"])
        assert said["text"].startswith("您获得1,500积分（")
    # what has no text of the provider's goes out where none is needed
    states = [one[:2] for one in await sent(worker)]
    other = ("DELIVERED", None) if kind == "plain" else ("CANCELLED", "NOT_CONFIGURED")
    assert states == [("DELIVERED", None), other]
    assert len(service) == (kind == "plain")
    assert NUMBER[1:] not in str(await sent(worker))


@pytest.mark.parametrize(
    ("kind", "said", "code", "expected"),
    [
        ("aliyun", {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, 200, ("WAITING", 1, 0)),
        ("aliyun", {"Code": "InvalidAccessKeyId.NotFound"}, 404, ("WAITING", 1, 1)),
        ("aliyun", {}, 200, ("UNKNOWN", 1, 1)),
        ("tencent", {"Response": {"Error": {"Code": "AuthFailure"}}}, 200, ("WAITING", 1, 1)),
        (
            "tencent",
            {"Response": {"SendStatusSet": [{"Code": "FailedOperation.PhoneNumberInBlacklist"}]}},
            200,
            ("WAITING", 1, 0),
        ),
        ("plain", {}, 503, ("WAITING", 1, 1)),
        ("plain", {}, 504, ("UNKNOWN", 1, 1)),
    ],
)
async def test_what_a_provider_answers_says_whose_fault_it_is(
    provider: Endpoint, kind: str, said: Any, code: int, expected: tuple[str, int, int]
) -> None:
    worker = await opened(kind, provider)
    provider.answer = answering(kind, said, code)
    await earn(worker)
    await worker.work()
    [(state, _, attempts, _)] = await sent(worker)
    [counted] = await rows(
        "SELECT failures FROM delivery_target WHERE target = $1",
        targets.target_of(worker.programme.id, Channel.SMS),
    )
    assert (state, attempts, counted["failures"]) == expected


async def test_a_refused_connection_is_tried_again_and_a_lost_answer_never(
    provider: Endpoint,
) -> None:
    async with endpoint() as gone:
        worker = await opened("plain", gone)
    await earn(worker)
    await worker.work()
    assert [one[::2] for one in await sent(worker)] == [("WAITING", 1)]
    read = providers.sms(url_of("plain", provider), SECRET, production=False)
    worker.sender.carriers[Channel.SMS] = Texts(texts.api_of(read), make.OUTGOING.key)  # type: ignore[index]
    # it takes the text and closes without a word
    provider.hanging.set()
    provider.answer = lambda _: None
    await worker.until(BEGIN + timedelta(days=5))
    assert [one[::2] for one in await sent(worker)] == [("UNKNOWN", 2)]
    assert len(await got(provider, worker)) == 1


async def test_no_number_of_an_attempt_is_used_twice(provider: Endpoint) -> None:
    worker = await opened("aliyun", provider)
    provider.answer = answering("aliyun")
    await earn(worker)
    await worker.work()
    await again(worker, Channel.SMS)
    assert len({one.headers["x-acs-signature-nonce"] for one in provider.got}) == 2


async def test_who_dies_after_handing_in_leaves_a_text_to_staff(provider: Endpoint) -> None:
    worker = await opened("plain", provider)
    await earn(worker)
    carriers = worker.sender.carriers
    worker.sender.carriers = {Channel.NOTICES: carriers[Channel.NOTICES]}
    await worker.work()
    worker.sender.carriers = carriers
    dead = await worker.lease(targets.target_of(worker.programme.id, Channel.SMS))
    delivery = await next_of(dead)
    assert delivery.event is not None
    post = await carriers[Channel.SMS].prepare(
        worker.programme, dead, delivery, delivery.event, worker.now
    )
    assert callable(post)
    assert await recording.begin(dead, delivery, worker.now)
    await post(worker.now)
    await worker.work(BEGIN + lanes.LEASE * 2)
    assert [one[0] for one in await sent(worker)] == ["UNKNOWN"]
    assert len(await got(provider, worker)) == 1


async def test_a_text_that_is_tried_again_at_night_waits_for_the_morning(
    provider: Endpoint,
) -> None:
    worker = await opened("plain", provider)
    provider.answer = answering("plain", {}, 503)
    await earn(worker)
    await worker.work()
    provider.answer = answering("plain")
    night = make.NOW + timedelta(hours=11)
    await worker.work(night)
    [found] = await rows(
        "SELECT due_at, attempts FROM delivery WHERE target = $1",
        targets.target_of(worker.programme.id, Channel.SMS),
    )
    morning = make.NOW + timedelta(hours=22, minutes=30)
    assert (found["due_at"], found["attempts"]) == (morning, 1)
    await worker.work(morning)
    assert [one[::2] for one in await sent(worker)] == [("DELIVERED", 2)]


async def test_a_code_goes_to_the_number_that_it_is_to_prove(provider: Endpoint) -> None:
    """A provider that answers with what it was asked to send leaves no code behind."""
    worker = await opened("plain", provider)
    provider.answer = lambda got: status(200, got.body)
    member_id = await make.enrol(worker.programme, locale="en")
    caller = make.member_caller(worker.programme, "li", member_id)
    await make.change(worker.programme, member_id, caller=caller, phone=NUMBER)
    code = await make.contact_code(worker.programme, member_id, ContactKind.PHONE)
    await worker.work()
    [got] = provider.got
    said = Webhook(SECRET).verify(got.body, dict(got.headers))
    assert said["to"] == NUMBER
    assert said["text"].startswith(f"Your code is {code}. It is good for 10 minutes;")
    [(state, _, _, [answer])] = await sent(worker)
    assert state == "DELIVERED"
    assert "(the code)" in answer
    assert code not in answer


async def test_a_text_that_waits_for_the_morning_keeps_nobody_waiting(provider: Endpoint) -> None:
    """The provider is down in the evening, the text that is tried alone may not go out at night,
    and services, which may, would wait for it.
    """
    worker = await opened("plain", provider)
    provider.answer = answering("plain", {}, 503)
    member_id = await earn(worker)
    await worker.work()
    sms = targets.target_of(worker.programme.id, Channel.SMS)
    await update(
        "UPDATE delivery_target SET failures = 5, probe = $2 WHERE target = $1", sms, member_id
    )
    provider.answer = answering("plain")
    night = make.NOW + timedelta(hours=11)
    await worker.work(night)
    friend = await make.enrol(worker.programme, phone="+8613800138001", locale="zh-CN")
    await make.answer(worker.programme, friend, await make.say(worker.programme, friend))
    await worker.work(night + timedelta(minutes=1))
    assert sorted(one[0] for one in await sent(worker)) == ["DELIVERED", "WAITING"]
