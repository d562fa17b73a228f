"""Mail that a worker hands in, at a real server: what arrives, and what is not sent any more."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import httpx
import pytest

import models
from domain.delivery import lanes, targets
from domain.delivery.targets import Channel
from domain.kernel import secrecy
from domain.kernel.database import rows, update
from domain.members.consents import Channel as Sent
from domain.members.consents import Purpose
from domain.notices.unsubscribing import Unsubscribing
from domain.webhooks import keeping
from domain.webhooks.keeping import Change
from ops.worker.carriers import Carrier
from ops.worker.deciding import Notices
from ops.worker.mail import Mail
from ops.worker.senders import Sender
from tests.support import factories as make
from tests.support.callers import Stage, served
from tests.support.mailed import Mailbox, mailbox
from tests.support.sending import Worker, next_of

pytestmark = pytest.mark.usefixtures("database")

INBOX = '{ member(by: {reference: "li"}) { notices { edges { node { id } } } } }'
SHOWN = "notice { channels { channel reason status } }"
KINDS = {"welcome": ["email"], "points_earned": ["email"], "points_expiring": ["email"]}
BEGIN = make.NOW + timedelta(minutes=1)


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as made:
        yield made


async def opened(box: Mailbox) -> Worker:
    """A worker that sends mail, of a programme whose members are welcomed by it."""
    programme = await make.establish(make.shipped_document(notices={"kinds": KINDS}))
    worker = Worker(programme, BEGIN)
    carriers: dict[Channel, Carrier] = {
        Channel.NOTICES: Notices(frozenset({Sent.EMAIL})),
        Channel.EMAIL: Mail(box.server, Unsubscribing(make.OUTGOING.key), make.OUTGOING.key),
    }
    worker.sender = Sender(carriers, asyncio.Event(), lambda: worker.now)
    return worker


def address(worker: Worker, name: str = "li") -> str:
    """An address of this programme's member alone: other tests have left mail waiting."""
    return f"{name}.{worker.programme.code}@example.com"


def got(box: Mailbox, worker: Worker) -> list[EmailMessage]:
    return [one for one in box.got if worker.programme.code in str(one["To"])]


async def deliveries(worker: Worker) -> list[tuple[str, str | None, int, list[str]]]:
    """Status, reason and attempts of each mail, and what the server said to them."""
    found = await rows(
        "SELECT d.status, d.reason, d.attempts, array_remove(array_agg(coalesce(a.answer, a.error) "
        "ORDER BY a.at), NULL) AS said FROM delivery d LEFT JOIN delivery_attempt a "
        "ON a.member_id = d.member_id AND a.delivery_id = d.id WHERE d.target = $1 "
        "GROUP BY d.member_id, d.id ORDER BY d.numbered_at, d.position",
        targets.target_of(worker.programme.id, Channel.EMAIL),
    )
    return [tuple(one.values()) for one in found]


async def ids(worker: Worker) -> set[UUID]:
    found = await rows(
        "SELECT id FROM delivery WHERE target = $1",
        targets.target_of(worker.programme.id, Channel.EMAIL),
    )
    return {one["id"] for one in found}


async def failures(worker: Worker) -> int:
    [found] = await rows(
        "SELECT failures FROM delivery_target WHERE target = $1",
        targets.target_of(worker.programme.id, Channel.EMAIL),
    )
    said: int = found["failures"]
    return said


async def test_a_member_gets_mail_in_its_language(box: Mailbox) -> None:
    worker = await opened(box)
    await make.enrol(worker.programme, email=address(worker), locale="zh-CN")
    await make.enrol(worker.programme, email=address(worker, "kim"), locale="en")
    await make.enrol(worker.programme)
    await worker.work()
    arrived = {str(one["To"]): one for one in got(box, worker)}
    assert set(arrived) == {address(worker), address(worker, "kim")}
    li, kim = arrived[address(worker)], arrived[address(worker, "kim")]
    assert str(li["Subject"]).startswith("欢迎加入")
    assert li.get_content().strip().startswith("您已成为会员")
    assert str(kim["Subject"]).startswith("Welcome to ")
    assert (str(kim["From"]), str(kim["Content-Language"])) == ("Club <club@ota.example>", "en")
    named = {f"<{own}@ota.example>" for own in await ids(worker)}
    assert {str(one["Message-ID"]) for one in got(box, worker)} == named
    assert await deliveries(worker) == [("DELIVERED", None, 1, ["queued"])] * 2
    await worker.until(BEGIN + timedelta(days=4))
    assert len(got(box, worker)) == 2


async def test_a_mailbox_that_is_none_is_no_fault_of_the_server(box: Mailbox) -> None:
    worker = await opened(box)
    box.answer = lambda address: f"550 5.1.1 <{address.upper()}> is unknown"
    await make.enrol(worker.programme, email=address(worker))
    await worker.until(BEGIN + timedelta(days=1))
    [(status, reason, attempts, said)] = await deliveries(worker)
    assert (status, reason, attempts) == ("CANCELLED", "SUPPRESSED", 1)
    assert said == ["5.1.1 <(the address)> is unknown"]
    assert await failures(worker) == 0


async def test_mail_that_is_not_taken_now_is_sent_again_with_its_id(box: Mailbox) -> None:
    worker = await opened(box)
    box.answer = lambda _: "451 4.3.0 try later"
    await make.enrol(worker.programme, email=address(worker))
    await worker.work()
    # the mailbox is at fault, and not the server
    assert await failures(worker) == 0
    box.answer = lambda _: "250 OK"
    await worker.until(BEGIN + timedelta(minutes=59))
    assert got(box, worker) == []
    await worker.until(BEGIN + timedelta(hours=1))
    [(status, _, attempts, said)] = await deliveries(worker)
    assert (status, attempts, said[0]) == ("DELIVERED", 2, "4.3.0 try later")
    assert [str(one["Message-ID"]) for one in got(box, worker)] == [
        f"<{own}@ota.example>" for own in await ids(worker)
    ]


async def test_a_server_that_is_away_is_waited_for() -> None:
    async with mailbox() as box:
        worker = await opened(box)
    await make.enrol(worker.programme, email=address(worker))
    await worker.work()
    [(status, _, attempts, said)] = await deliveries(worker)
    assert (status, attempts) == ("WAITING", 1)
    assert said == ["SMTPConnectError: no answer"]


async def test_who_dies_after_handing_in_leaves_a_mail_that_comes_twice(box: Mailbox) -> None:
    worker = await opened(box)
    await make.enrol(worker.programme, email=address(worker))
    mail = worker.sender.carriers
    worker.sender.carriers = {Channel.NOTICES: mail[Channel.NOTICES]}
    await worker.work()
    worker.sender.carriers = mail
    target = targets.target_of(worker.programme.id, Channel.EMAIL)
    dead = await worker.lease(target)
    delivery = await next_of(dead)
    assert delivery.event is not None
    post = await mail[Channel.EMAIL].prepare(
        worker.programme, dead, delivery, delivery.event, worker.now
    )
    assert callable(post)
    await post(worker.now)
    await worker.work(BEGIN + lanes.LEASE * 2)
    assert [str(one["Message-ID"]) for one in got(box, worker)] == [
        f"<{delivery.id}@ota.example>"
    ] * 2


@pytest.mark.parametrize(
    ("late", "reason"),
    [
        (timedelta(days=3), "STALE"),
        (timedelta(0), "NO_CONSENT"),
        (timedelta(0), "NO_ADDRESS"),
        (timedelta(0), None),
    ],
)
async def test_what_must_not_be_told_any_more_is_not_sent(
    box: Mailbox, late: timedelta, reason: str | None
) -> None:
    """Asked again when it is sent: its age, consent, the address, and the member's status."""
    worker = await opened(box)
    member_id = await make.enrol(worker.programme, email=address(worker), reference="li")
    mail = worker.sender.carriers
    worker.sender.carriers = {Channel.NOTICES: mail[Channel.NOTICES]}
    await worker.work()
    if reason == "NO_CONSENT":
        await make.consent(worker.programme, member_id, Purpose.ACCOUNT, granted=False)
    elif reason == "NO_ADDRESS":
        await make.change(worker.programme, member_id, email=None)
    elif reason is None:
        await models.Member.filter(member_id=member_id).update(status="SUSPENDED")
    worker.sender.carriers = mail
    await worker.work(BEGIN + late)
    assert got(box, worker) == []
    assert await deliveries(worker) == [("CANCELLED", reason, 0, [])]


async def test_news_can_be_unsubscribed_from_and_services_cannot(box: Mailbox) -> None:
    worker = await opened(box)
    member_id = await make.enrol(worker.programme, email=address(worker), locale="en")
    await worker.work()
    [welcome] = got(box, worker)
    [stop] = re.findall(r"<(https://api\.ota\.example/u/[\w-]+)>", welcome["List-Unsubscribe"])
    assert str(welcome["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    assert f"Unsubscribe: {stop}" in welcome.get_content()
    assert str(welcome["Content-Language"]) == "en"

    path = stop.removeprefix("https://api.ota.example")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(served()), base_url="http://api.test"
    ) as client:
        page = await client.get(path, headers={"Accept-Language": "zh"})
        assert (page.status_code, "不再接收这类邮件" in page.text) == (200, True)
        assert await refused(member_id) == []
        for _ in range(2):
            done = await client.post(path, content=b"List-Unsubscribe=One-Click")
            assert (done.status_code, "You are unsubscribed" in done.text) == (200, True)
        for wrong in (path[:-1], f"{path[:-4]}AAAA", "/u/x", "/u/%F0%9F%8F%A8"):
            assert (await client.post(wrong)).status_code == 404
    assert await refused(member_id) == [("ACCOUNT", "EMAIL", False)]

    await make.book(worker.programme, member_id, ("hotel", "100"))
    await worker.work()
    assert len(got(box, worker)) == 1
    said = await make.say(worker.programme, member_id)
    await make.answer(worker.programme, member_id, said)
    await worker.work()
    service = got(box, worker)[1]
    assert str(service["Subject"]) == "We answered you"
    assert service["List-Unsubscribe"] is None


async def refused(member_id: UUID) -> list[tuple[str, str, bool]]:
    found = await rows(
        "SELECT purpose, channel, granted FROM consent WHERE member_id = $1", member_id
    )
    return [tuple(one.values()) for one in found]


async def test_staff_send_again_what_was_sent_and_what_was_too_old(box: Mailbox) -> None:
    worker = await opened(box)
    stage = Stage(worker.programme)
    member_id = await make.enrol(worker.programme, email=address(worker), reference="li")
    carriers = worker.sender.carriers
    worker.sender.carriers = {Channel.NOTICES: carriers[Channel.NOTICES]}
    await worker.work()
    worker.sender.carriers = carriers
    late = datetime.now(UTC) + timedelta(minutes=5)
    await worker.work(late)
    assert await deliveries(worker) == [("CANCELLED", "STALE", 0, [])]
    [edge] = (await stage.staff().read(INBOX))["member"]["notices"]["edges"]
    named = edge["node"]["id"]

    async def resend(channel: str = "EMAIL", code: str | None = None) -> Any:
        sent = {"notice": named, "channel": channel}
        if code is None:
            done = await stage.staff().done("resendNotice", SHOWN, **sent)
            return done["notice"]["channels"]
        refused = await stage.staff().refused("resendNotice", **sent)
        assert refused["code"] == code
        return refused["message"]

    waits = [{"channel": "EMAIL", "reason": None, "status": "WAITING"}]
    assert await resend() == waits == await resend()
    await worker.work(late)
    assert len(got(box, worker)) == 1
    # as often as they like, and by channels that the policy does not name
    assert await resend() == waits
    await worker.work(late)
    assert len(got(box, worker)) == 2
    assert "the member has no address for it" in await resend("SMS", "INVALID_INPUT")
    await make.consent(worker.programme, member_id, Purpose.ACCOUNT, granted=False)
    assert "the member has not agreed" in await resend(code="INVALID_INPUT")
    await models.Member.filter(member_id=member_id).update(status="SUSPENDED")
    assert await resend(code="STATE_CONFLICT") == (
        "The member is suspended; this is possible only when it is enrolled."
    )
    await worker.work(late)
    assert len(got(box, worker)) == 2


async def test_the_contact_of_an_endpoint_hears_that_it_is_off(box: Mailbox) -> None:
    worker = await opened(box)
    staff, now = make.staff(worker.programme), BEGIN
    for contact in (address(worker, "ops"), None):
        own = await make.webhook(worker.programme, contact=contact)
        await keeping.disable(Change(make.request(staff), "an endpoint", own, now))
    await worker.work()
    await worker.until(BEGIN + timedelta(days=1))
    [mail] = got(box, worker)
    assert str(mail["To"]) == address(worker, "ops")
    assert (
        str(mail["Subject"]) == "您的端点 127.0.0.1 已停用 / Turned off: your endpoint at 127.0.0.1"
    )
    said = "Nothing has been sent to your endpoint at 127.0.0.1 since 15 March 2026"
    assert said in mail.get_content()
    assert mail["List-Unsubscribe"] is None
    assert [one[0] for one in await deliveries(worker)] == ["DELIVERED"]


async def test_what_is_no_address_of_mail_goes_to_nobody(box: Mailbox) -> None:
    """A comma or angle brackets in what was kept make no second address of it."""
    worker = await opened(box)
    for number, name in enumerate(("a,b", "a<b")):
        email = f"{number}.{worker.programme.code}@example.com"
        usual = await make.enrol(worker.programme, email=email)
        odd = f"{name}.{worker.programme.code}@example.com"
        await update(
            "UPDATE contact SET value = $2 WHERE member_id = $1", usual, secrecy.concealed(odd)
        )
    await worker.work()
    assert got(box, worker) == []
    assert await deliveries(worker) == [("CANCELLED", "NO_ADDRESS", 0, [])] * 2


async def test_an_address_that_the_server_cannot_take_pauses_nobody(box: Mailbox) -> None:
    worker = await opened(box)
    await make.enrol(worker.programme, email=f"李.{worker.programme.code}@example.com")
    await make.enrol(worker.programme, email=address(worker))
    await worker.until(BEGIN + timedelta(days=1))
    assert [str(one["To"]) for one in got(box, worker)] == [address(worker)]
    assert sorted(one[0] for one in await deliveries(worker)) == ["CANCELLED", "DELIVERED"]
    assert await failures(worker) == 0


async def test_a_text_of_the_programme_is_what_holds_when_it_was_decided(box: Mailbox) -> None:
    worker = await opened(box)
    await make.template(worker.programme, now=make.NOW)
    await make.template(worker.programme, now=BEGIN + timedelta(days=1), subject="Too late")
    await make.enrol(worker.programme, email=address(worker), locale="en")
    await worker.work()
    [mail] = got(box, worker)
    assert str(mail["Subject"]).startswith("Hello from ")
    html, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert " is glad.</p>" in html.get_content()
    assert "Unsubscribe: https://api.ota.example/u/" in html.get_content()
    assert plain.get_content().startswith("You are a member now.")
    assert "https://api.ota.example/u/" in plain.get_content()
