"""Bounces: what is reported of an address stops what goes to it, until staff lift it."""

import asyncio
import hashlib
import hmac
from datetime import timedelta

import pytest

from domain.kernel import secrecy
from domain.kernel.callers import Scope
from domain.kernel.database import rows
from domain.members.consents import Channel
from domain.notices import reaching, suppressing
from domain.notices.kinds import Kind
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, open_stage
from tests.support.servers import SECRET_KEY

pytestmark = pytest.mark.usefixtures("database")

LI = {"channel": "EMAIL", "address": "Li@Example.com"}


async def test_a_hard_bounce_suppresses_an_address_until_staff_lift_it() -> None:
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, email="li@example.com")
    keeper = await stage.partner((Scope.MEMBERS,))
    assert (await keeper.done("reportBounce", "suppressed", **LI, kind="HARD"))["suppressed"]
    every, mail = frozenset(Channel), frozenset({Channel.EMAIL})
    reach = await reaching.reach(stage.programme, member_id, Kind.POINTS_EARNED, every, TODAY)
    assert (reach.addressed, reach.suppressed) == (mail, mail)
    # what is kept names nobody, and another programme has its own
    [kept] = await rows("SELECT * FROM suppression WHERE programme_id = $1", stage.programme.id)
    assert "li" not in str({**kept, "digest": ""}).lower().replace("email", "")
    other = await make.establish()
    mine = {Channel.EMAIL: "li@example.com"}
    assert await suppressing.suppressed(other.id, mine) == frozenset()
    done = await stage.staff().done("liftSuppression", "suppressed", **LI)
    assert not done["suppressed"]
    assert await suppressing.suppressed(stage.programme.id, mine) == frozenset()
    assert not (await stage.staff().done("liftSuppression", "suppressed", **LI))["suppressed"]


async def test_three_soft_bounces_in_seven_days_are_one_hard() -> None:
    stage = await open_stage()
    staff, said = stage.staff(), []
    for days in (0, 1, 7, 1):
        await programmes.advance_clock(stage.programme, timedelta(days=days, seconds=1))
        said.append(await staff.done("reportBounce", "suppressed", **LI, kind="SOFT"))
    # the first was forgotten before the third
    assert [one["suppressed"] for one in said] == [False, False, False, False]
    last = await staff.done("reportBounce", "suppressed", **LI, kind="SOFT")
    assert last["suppressed"]
    assert (await staff.done("reportBounce", "suppressed", **LI, kind="SOFT"))["suppressed"]


async def test_what_bounced_is_known_under_a_new_key(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await open_stage()
    staff, mine = stage.staff(), {Channel.EMAIL: "li@example.com"}
    for _ in range(2):
        await staff.done("reportBounce", "suppressed", **LI, kind="SOFT")
    [kept] = await rows(
        "SELECT digest FROM suppression WHERE programme_id = $1", stage.programme.id
    )
    said = f"suppression\0{stage.programme.id}:EMAIL:li@example.com".encode()
    assert kept["digest"] == hmac.new(SECRET_KEY, said, hashlib.sha256).hexdigest()

    monkeypatch.setattr(secrecy, "_said", lambda: [b"new key".ljust(32), SECRET_KEY])

    third = await staff.done("reportBounce", "suppressed", **LI, kind="SOFT")
    assert third["suppressed"]
    assert await suppressing.suppressed(stage.programme.id, mine) == {Channel.EMAIL}
    await staff.done("liftSuppression", "suppressed", **LI)
    assert await suppressing.suppressed(stage.programme.id, mine) == frozenset()
    await staff.done("reportBounce", "suppressed", **LI, kind="HARD")
    monkeypatch.setattr(secrecy, "_said", lambda: [b"new key".ljust(32)])
    assert await suppressing.suppressed(stage.programme.id, mine) == {Channel.EMAIL}


async def test_soft_bounces_at_once_are_counted_each() -> None:
    stage = await open_stage()
    told = await asyncio.gather(
        *(stage.staff().done("reportBounce", "suppressed", **LI, kind="SOFT") for _ in range(3))
    )
    assert sorted(one["suppressed"] for one in told) == [False, False, True]


async def test_a_complaint_is_the_members_no_to_news_and_marketing() -> None:
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, email="li@example.com")
    unproved = await make.enrol(stage.programme, now=TODAY)
    own = make.member_caller(stage.programme, "x", unproved)
    await make.change(stage.programme, unproved, caller=own, now=TODAY, email="o@example.com")
    for address in ("li@example.com", "o@example.com", "nobody@example.com"):
        done = await stage.staff().done(
            "reportBounce", "suppressed", channel="EMAIL", address=address, kind="COMPLAINT"
        )
        assert done["suppressed"]
    said = await rows(
        "SELECT c.member_id, c.purpose, c.channel, c.granted FROM consent c "
        "JOIN member m ON m.member_id = c.member_id WHERE m.programme_id = $1 ORDER BY c.number",
        stage.programme.id,
    )
    assert [tuple(one.values()) for one in said] == [
        (member_id, "ACCOUNT", "EMAIL", False),
        (member_id, "MARKETING", "EMAIL", False),
    ]


async def test_phones_and_devices_bounce_as_well() -> None:
    stage = await open_stage()
    for channel, address in (("SMS", "+86 138 0013 8000"), ("PUSH", "device-1")):
        done = await stage.staff().done(
            "reportBounce", "suppressed", channel=channel, address=address, kind="HARD"
        )
        assert done["suppressed"]
    found = await suppressing.suppressed(
        stage.programme.id, {Channel.SMS: "+8613800138000", Channel.PUSH: "device-1"}
    )
    assert found == {Channel.SMS, Channel.PUSH}
