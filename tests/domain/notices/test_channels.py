"""Where notices go beside the inbox: what is decided, and why not."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest

from domain.delivery import lanes, recording, targets
from domain.delivery.lanes import Lane
from domain.kernel.database import rows
from domain.kernel.ids import new_id
from domain.members.consents import Channel, Purpose
from domain.notices import channels, deciding, sending
from domain.notices.channels import Counted, Reach, Withheld
from domain.notices.kinds import Kind
from domain.programmes import reader
from domain.programmes.programmes import Programme
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database")

EVERY = frozenset(Channel)
ALL = Reach(EVERY, EVERY, EVERY, {})
FRESH = timedelta(0)
SHANGHAI = ZoneInfo("Asia/Shanghai")
KINDS = {
    "points_earned": ["email", "sms", "push", "sms"],
    "reward_shipped": [],
    "tier_up": ["sms"],
}
DOCUMENT: dict[str, Any] = {"notices": {"kinds": KINDS}}


def decided(
    kind: Kind = Kind.POINTS_EARNED, age: timedelta = FRESH, **known: Any
) -> dict[Channel, Withheld | None]:
    policy = reader.validate(make.shipped_document(**DOCUMENT))
    reach = {name: getattr(ALL, name) for name in ("served", "addressed", "granted", "counted")}
    return channels.decided(policy, kind, age, Reach(**{**reach, **known}))


def test_a_kind_goes_where_the_policy_says_and_a_service_by_mail() -> None:
    assert decided() == dict.fromkeys(EVERY)
    assert decided(Kind.BIRTHDAY) == {}
    assert decided(Kind.REWARD_SHIPPED) == {}
    assert decided(Kind.REWARD_READY) == {Channel.EMAIL: None}


def test_what_stands_in_the_way_is_said() -> None:
    none = frozenset[Channel]()
    cases: list[tuple[dict[str, Any], Withheld]] = [
        ({"served": none}, Withheld.NOT_CONFIGURED),
        ({"addressed": none}, Withheld.NO_ADDRESS),
        ({"granted": none}, Withheld.NO_CONSENT),
        ({"counted": {one: Counted(5) for one in EVERY}}, Withheld.CAPPED),
        ({"age": timedelta(days=3, seconds=1)}, Withheld.STALE),
    ]
    for known, reason in cases:
        assert set(decided(**known).values()) == {reason}
    # a service takes no consent and is not counted, and is stale as all is
    free = decided(Kind.REWARD_READY, granted=none, counted={Channel.EMAIL: Counted(99, 99)})
    assert free == {Channel.EMAIL: None}
    old = decided(Kind.REWARD_READY, timedelta(days=4))
    assert old == {Channel.EMAIL: Withheld.STALE}


def test_each_channel_has_its_ends() -> None:
    day = timedelta(hours=24)
    assert set(decided(age=day).values()) == {None}
    late = decided(age=day + timedelta(seconds=1))
    assert late == {Channel.EMAIL: None, Channel.SMS: Withheld.STALE, Channel.PUSH: Withheld.STALE}
    for channel, most in ((Channel.EMAIL, 3), (Channel.SMS, 2), (Channel.PUSH, 5)):
        assert decided(counted={channel: Counted(most - 1, 9)})[channel] is None
        assert decided(counted={channel: Counted(most)})[channel] is Withheld.CAPPED
    assert decided(counted={Channel.SMS: Counted(0, 10)})[Channel.SMS] is Withheld.CAPPED
    assert decided(counted={Channel.EMAIL: Counted(0, 99)})[Channel.EMAIL] is None


def test_points_that_can_be_spent_no_more_are_news_no_more() -> None:
    policy = reader.validate(make.shipped_document())
    last_minute = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)

    def age(at: datetime) -> timedelta:
        said = {"expires_on": "2026-12-31", "points": 5, "days": 0}
        return channels.age(Kind.POINTS_EXPIRING, said, last_minute, at, policy)

    assert age(last_minute) == FRESH
    assert age(last_minute + timedelta(minutes=1)) == timedelta.max
    other = channels.age(Kind.WELCOME, {}, last_minute, last_minute + timedelta(days=9), policy)
    assert other == timedelta(days=9)


@pytest.mark.parametrize(
    ("hour", "minute", "waits"),
    [(8, 59, 1), (9, 0, 0), (20, 59, 0), (21, 0, 12 * 60), (0, 0, 9 * 60)],
)
def test_texts_and_devices_are_quiet_at_night_but_for_services(
    hour: int, minute: int, waits: int
) -> None:
    at = datetime(2026, 3, 15, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)
    for channel in Channel:
        expected = timedelta(0) if channel is Channel.EMAIL else timedelta(minutes=waits)
        assert channels.quiet_for(Kind.POINTS_EARNED, channel, at, SHANGHAI) == expected
        assert channels.quiet_for(Kind.REWARD_READY, channel, at, SHANGHAI) == FRESH


async def opened(**sent: Any) -> tuple[Programme, UUID]:
    programme = await make.establish(make.shipped_document(**DOCUMENT))
    return programme, await make.enrol(programme, **sent)


async def tell(
    programme: Programme,
    member_id: UUID,
    served: Collection[Channel] = EVERY,
    *,
    topic: str = "points.earned",
    late: timedelta = FRESH,
) -> dict[str, Any]:
    """What is decided of a notice, and by which channels it waits."""
    payload = {"points": 5, "pending": 0, "rules": [], "from": "silver", "to": "gold"}
    event = make.event(programme.id, member_id, topic, payload)
    assert await deciding.decide(programme, event, served, make.NOW + late)
    [found] = await rows(
        "SELECT channels FROM notice WHERE member_id = $1 AND event_id = $2", member_id, event.id
    )
    waiting = await rows(
        "SELECT target FROM delivery WHERE member_id = $1 AND event_id = $2 AND status = 'WAITING'",
        member_id,
        event.id,
    )
    said: dict[str, Any] = orjson.loads(found["channels"])
    goes = {
        targets.target_of(programme.id, deciding.TARGETS[Channel(channel)])
        for channel, reason in said.items()
        if reason is None
    }
    assert {one["target"] for one in waiting} == goes
    return said


async def test_mail_goes_to_proved_addresses_of_who_agrees() -> None:
    programme, member_id = await opened(email="li@example.com", phone="+8613800138000")
    said = await tell(programme, member_id)
    assert said == {"EMAIL": None, "SMS": "NO_CONSENT", "PUSH": "NO_ADDRESS"}
    await make.consent(programme, member_id, Purpose.ACCOUNT)
    assert (await tell(programme, member_id))["SMS"] is None
    assert await tell(programme, member_id, ()) == dict.fromkeys(said, "NOT_CONFIGURED")
    await make.consent(programme, member_id, Purpose.ACCOUNT, granted=False)
    assert (await tell(programme, member_id))["EMAIL"] == "NO_CONSENT"
    stale = await tell(programme, member_id, late=timedelta(days=3, seconds=1))
    assert stale["EMAIL"] == "NO_CONSENT"


async def test_what_nobody_proved_is_no_address() -> None:
    programme, member_id = await opened(reference="li")
    own = make.member_caller(programme, "li", member_id)
    await make.change(programme, member_id, caller=own, email="li@example.com")
    assert (await tell(programme, member_id))["EMAIL"] == "NO_ADDRESS"


async def test_three_mails_a_local_day_and_two_texts_also_at_once() -> None:
    programme, member_id = await opened(email="a@example.com", phone="+8613800138001")
    await make.consent(programme, member_id, Purpose.ACCOUNT)
    said = await asyncio.gather(*(tell(programme, member_id) for _ in range(4)))
    mails = sorted(str(one["EMAIL"]) for one in said)
    assert mails == ["CAPPED", "None", "None", "None"]
    assert sorted(str(one["SMS"]) for one in said) == ["CAPPED", "CAPPED", "None", "None"]
    service = await tell_service(programme, member_id)
    assert service == {"EMAIL": None}
    [more] = (await tell(programme, member_id, topic="tier.changed")).values()
    assert more == "CAPPED"


async def test_a_text_waits_for_the_morning_and_holds_up_no_service() -> None:
    kinds = {**KINDS, "feedback_answered": ["sms"]}
    programme = await make.establish(make.shipped_document(notices={"kinds": kinds}))
    member_id = await make.enrol(programme, phone="+8613800138002")
    await make.consent(programme, member_id, Purpose.ACCOUNT)
    night = timedelta(hours=11)
    assert (await tell(programme, member_id, {Channel.SMS}, late=night))["SMS"] is None
    await tell_service(programme, member_id, make.NOW + night)
    sms = targets.target_of(programme.id, deciding.TARGETS[Channel.SMS])
    morning = make.NOW + timedelta(hours=22, minutes=30)
    found = await rows("SELECT due_at FROM delivery WHERE target = $1 ORDER BY due_at", sms)
    assert [one["due_at"] for one in found] == [make.NOW + night, morning]
    lane = Lane(member_id, sms, deciding.TARGETS[Channel.SMS], programme.id, new_id())
    assert [one.due_at for one in await lanes.waiting(lane, 2)] == [make.NOW + night, morning]
    [due] = await rows("SELECT due_at FROM delivery_lane WHERE target = $1", sms)
    assert due["due_at"] == make.NOW + night
    assert await lanes.take(lane, morning, 5)
    await recording.end_turn(lane, [], morning)
    [due] = await rows("SELECT due_at FROM delivery_lane WHERE target = $1", sms)
    assert due["due_at"] == make.NOW + night


async def test_what_was_announced_until_midnight_is_not_told_in_the_morning() -> None:
    programme = await make.establish(
        make.shipped_document(notices={"kinds": {"announcement": ["sms"]}})
    )
    member_id = await make.enrol(programme, phone="+8613800138003")
    await make.consent(programme, member_id, Purpose.MARKETING)
    night, morning = [make.NOW + timedelta(hours=hours) for hours in (11, 22.5)]
    for code, until in (("sale", make.NOW + timedelta(hours=13)), ("always", None)):
        await make.announcement(programme, code=code, until_at=until)
        event = make.event(programme.id, member_id, "announcement.sent", {"code": code})
        assert await deciding.decide(programme, event, {Channel.SMS}, night)
        sms = targets.target_of(programme.id, deciding.TARGETS[Channel.SMS])
        lane = Lane(member_id, sms, deciding.TARGETS[Channel.SMS], programme.id, new_id())
        waits = (await lanes.waiting(lane, 2))[-1]
        for at in (night, morning):
            found = await sending.letter(programme, event, waits, Channel.SMS, at)
            over = code == "sale" and at == morning
            assert (found is Withheld.STALE) == over


async def tell_service(
    programme: Programme, member_id: UUID, now: datetime = make.NOW
) -> dict[str, Any]:
    event = make.event(programme.id, member_id, "feedback.answered", {"feedback_id": str(new_id())})
    assert await deciding.decide(programme, event, EVERY, now)
    [found] = await rows(
        "SELECT channels FROM notice WHERE member_id = $1 AND event_id = $2", member_id, event.id
    )
    said: dict[str, Any] = orjson.loads(found["channels"])
    return said
