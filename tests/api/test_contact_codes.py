"""Codes of contacts: who gets one, what it proves, and how often somebody may guess."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.delivery.targets import Channel
from domain.kernel.database import rows
from domain.kernel.refusals import InvalidInput
from domain.members.consents import Channel as Sent
from domain.members.contacts import ContactKind
from domain.members.refusals import EmailTaken, LimitReached, MemberSuspended
from domain.notices import contact_codes
from domain.notices.contact_codes import Guess
from domain.notices.refusals import ContactCodeRefused
from domain.notices.unsubscribing import Unsubscribing
from domain.programmes.programmes import Programme
from domain.webhooks import signing
from domain.webhooks.outgoing import Outgoing
from ops.worker.deciding import Notices
from ops.worker.mail import Mail
from ops.worker.senders import Sender
from tests.support import factories as make
from tests.support.callers import open_stage
from tests.support.mailed import Mailbox, mailbox
from tests.support.sending import Worker

pytestmark = pytest.mark.usefixtures("database")

EMAIL = ContactKind.EMAIL
WRONG = "no-code"


async def member(programme: Programme, reference: str, address: str) -> UUID:
    """Who has said itself that this is its address."""
    own = await make.enrol(programme, reference=reference)
    caller = make.member_caller(programme, reference, own)
    await make.change(programme, own, caller=caller, email=address)
    return own


def request(programme: Programme, own: UUID, **sent: Any) -> Any:
    return make.request(make.member_caller(programme, str(own), own), **sent)


async def ask(programme: Programme, own: UUID, **sent: Any) -> None:
    sent_by = sent.pop("outgoing", make.OUTGOING)
    await contact_codes.ask(request(programme, own, **sent), programme, own, EMAIL, sent_by)


async def prove(programme: Programme, own: UUID, code: str, **sent: Any) -> Any:
    asked = request(programme, own, **sent)
    return await contact_codes.prove(asked, programme, own, Guess(EMAIL, code), make.OUTGOING)


def working(programme: Programme, box: Mailbox) -> Worker:
    worker = Worker(programme, make.NOW)
    key = make.OUTGOING.key
    carriers: Any = {
        Channel.NOTICES: Notices(frozenset({Sent.EMAIL})),
        Channel.EMAIL: Mail(box.server, Unsubscribing(key), key),
    }
    worker.sender = Sender(carriers, asyncio.Event(), lambda: worker.now)
    return worker


def code_in(box: Mailbox, address: str) -> str:
    [*_, last] = [one for one in box.got if str(one["To"]) == address]
    said = f"{last['Subject']} {last.get_content()}"
    [code] = set(re.findall(r"\d{6}", said))
    return str(code)


async def kept(own: UUID) -> Any:
    [found] = await rows(
        "SELECT digest IS NULL AS used, sealed, tries FROM contact_code WHERE member_id = $1", own
    )
    return dict(found)


async def test_a_code_proves_whose_mailbox_it_is_and_is_then_nowhere() -> None:
    async with mailbox() as box:
        programme = await make.establish()
        address, worker = f"li.{programme.code}@example.com", working(programme, box)
        li = await member(programme, "li", address)
        squatter = await member(programme, "squatter", address)
        await ask(programme, li)
        sealed = (await kept(li))["sealed"]
        await worker.work()
        code = code_in(box, address)
        assert code not in sealed
        assert await kept(li) == {"used": False, "sealed": None, "tries": 0}
        await worker.until(make.NOW + timedelta(hours=1))
        assert len([one for one in box.got if str(one["To"]) == address]) == 1
        said = "SELECT payload::text AS said FROM outbox_event WHERE member_id = $1"
        assert not [one for one in await rows(said, li) if code in one["said"]]
        told = "SELECT id FROM notice WHERE member_id = $1 AND kind = 'contact_code'"
        assert await rows(told, li) == []

        with pytest.raises(ContactCodeRefused):
            await prove(programme, squatter, code)
        first = await prove(programme, li, code, key="proved")
        again = await prove(programme, li, code, key="proved")
        assert (first.replayed, again.replayed) == (False, True)
        assert await kept(li) == {"used": True, "sealed": None, "tries": 1}
        with pytest.raises(ContactCodeRefused):
            await prove(programme, li, code)


async def test_of_twenty_guesses_at_once_five_count() -> None:
    programme = await make.establish()
    li = await member(programme, "li", "li@example.com")
    code = await make.contact_code(programme, li)
    guesses = [prove(programme, li, WRONG) for _ in range(20)]
    refused = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(one) for one in refused} == {ContactCodeRefused}
    assert (await kept(li))["tries"] == contact_codes.TRIES_MAX
    with pytest.raises(ContactCodeRefused):
        await prove(programme, li, code)

    code = await make.contact_code(programme, li)
    for _ in range(contact_codes.TRIES_MAX - 2):
        with pytest.raises(ContactCodeRefused):
            await prove(programme, li, WRONG)
    right = await asyncio.gather(
        *(prove(programme, li, code) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in right) == ["ContactCodeRefused", "Outcome"]


async def test_a_code_is_of_one_address_for_ten_minutes_and_the_last_one_alone() -> None:
    programme = await make.establish()
    li = await member(programme, "li", "li@example.com")
    caller = make.member_caller(programme, "li", li)
    first = await make.contact_code(programme, li)
    with pytest.raises(ContactCodeRefused):
        await prove(programme, li, first, now=make.NOW + contact_codes.LASTS)
    await make.change(programme, li, caller=caller, email="wang@example.com")
    with pytest.raises(ContactCodeRefused):
        await prove(programme, li, first)

    for _ in range(contact_codes.ASKED_MAX - 1):
        last = await make.contact_code(programme, li)
    async with make.refused(programme, LimitReached, "kind", limit=contact_codes.ASKED_MAX):
        await ask(programme, li)
    wang = await make.enrol(programme, email="wang@example.com")
    assert await make.known_by(li) == (None, None)
    await make.change(programme, li, caller=caller, email="wang@example.com")
    with pytest.raises(EmailTaken):
        await prove(programme, li, last)
    async with make.refused(programme, InvalidInput, "kind", reason="contact_proved"):
        await ask(programme, wang)
    await ask(programme, li, now=make.NOW + contact_codes.HOUR)


async def test_nobody_is_promised_what_cannot_be_sent() -> None:
    programme = await make.establish()
    li = await member(programme, "li", "li@example.com")
    async with make.refused(programme, InvalidInput, "kind", reason="contact_not_served"):
        await ask(programme, li, outgoing=Outgoing())
    erased = await make.enrol(programme)
    async with make.refused(programme, InvalidInput, "kind", reason="contact_absent"):
        await ask(programme, erased)
    await rows("UPDATE member SET status = 'ERASED' WHERE member_id = $1", erased)
    async with make.refused(programme, MemberSuspended, "member"):
        await ask(programme, erased)


async def test_a_member_proves_its_own_number_through_the_api() -> None:
    stage = await open_stage()
    client = stage.member("li")
    await client.done("enrolMember", phone="+8613800138000")
    needs = await client.refused("proveContact", kind="PHONE")
    assert (needs["code"], needs["path"]) == ("INVALID_INPUT", ["code"])
    assert (await client.done("requestContactCode", "sentAt", kind="PHONE"))["sentAt"]
    wrong = await client.refused("proveContact", kind="PHONE", code=WRONG)
    assert (wrong["code"], wrong["path"]) == ("CONTACT_CODE_REFUSED", ["code"])
    assert wrong["message"] == "该验证码无法验证此联系方式；请重新获取。"
    for key, code, path in (("x" * 129, WRONG, "idempotencyKey"), (None, " ", "code")):
        odd = await client.refused("proveContact", key=key, kind="PHONE", code=code)
        assert (odd["code"], odd["path"]) == ("INVALID_INPUT", [path])
    [found] = await rows(
        "SELECT c.sealed FROM contact_code c JOIN member m ON m.member_id = c.member_id "
        "WHERE m.programme_id = $1",
        stage.programme.id,
    )
    code = signing.opened(found["sealed"], make.OUTGOING.key)
    done = await client.done(
        "proveContact", "contact { kind value provedAt }", kind="PHONE", code=code
    )
    assert done["contact"].pop("provedAt")
    assert done["contact"] == {"kind": "PHONE", "value": "+8613800138000"}
