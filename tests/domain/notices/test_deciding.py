"""Deciding what members are told: each thing once, whoever decides and how often."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from domain.delivery import fan_out, lanes
from domain.delivery.lanes import Lane
from domain.delivery.targets import Channel, target_of
from domain.kernel.database import rows, update
from domain.kernel.ids import new_id
from domain.members.consents import Channel as Sent
from domain.members.statuses import MemberStatus
from domain.notices import deciding, kinds, sending, telling
from domain.notices.arriving import Arrivals
from domain.notices.kinds import Kind
from domain.notices.sending import Letter
from domain.programmes import reader
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import granted, numbered
from tests.support.sending import NOON, Worker, next_of

pytestmark = pytest.mark.usefixtures("database")


async def told(programme: Programme) -> list[tuple[str, dict[str, Any]]]:
    found = await rows(
        "SELECT kind, variables FROM notice WHERE programme_id = $1 ORDER BY happened_at, event_id",
        programme.id,
    )
    return [(one["kind"], orjson.loads(one["variables"])) for one in found]


def test_whoever_numbers_knows_what_may_be_told() -> None:
    assert set(telling.TOPICS) == set(fan_out.NOTICED)


def test_what_is_a_service_is_told_to_whoever_is_suspended_too() -> None:
    heard = {
        status: {kind for kind in Kind if kinds.hears(status, kind)} for status in MemberStatus
    }
    assert heard == {
        MemberStatus.ENROLLED: set(Kind),
        MemberStatus.SUSPENDED: set(kinds.SERVICE),
        MemberStatus.UNDER_REVIEW: set(kinds.SERVICE),
        MemberStatus.GUEST: set(),
        MemberStatus.ERASED: set(),
        MemberStatus.CLOSED: set(),
        MemberStatus.MERGED: set(),
    }


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("member.enrolled", {"status": "GUEST"}, None),
        ("claim.decided", {"claim_id": "c", "status": "WITHDRAWN", "points": 0}, None),
        ("points.transferred", {"transfer_id": "t", "direction": "OUT", "points": 5}, None),
        (
            "points.transferred",
            {"transfer_id": "t", "direction": "IN", "points": 5},
            (Kind.TRANSFER_RECEIVED, "t", {"points": 5}),
        ),
        (
            "points.expiring",
            {"points": 5, "expires_on": "2026-12-31", "days": 7},
            (
                Kind.POINTS_EXPIRING,
                "2026-12-31:7",
                {"points": 5, "days": 7, "expires_on": "2026-12-31"},
            ),
        ),
        (
            "tier.changed",
            {"from": "silver", "to": "gold", "until": "2026-12-31T16:00:00Z"},
            (
                Kind.TIER_UP,
                None,
                {"tier": "gold", "before": "silver", "until": "2026-12-31"},
            ),
        ),
        (
            "tier.changed",
            {"from": "gold", "to": "silver"},
            (Kind.TIER_DOWN, None, {"tier": "silver", "before": "gold", "until": None}),
        ),
        ("grant.made", {"rule": "perk", "activity_id": "a", "points": 0, "benefit": "x"}, None),
        (
            "grant.made",
            {"rule": "gift", "activity_id": "a", "points": 9},
            (Kind.POINTS_EARNED, "a", {"points": 9, "pending": 0, "rules": ["gift"]}),
        ),
        (
            "grant.restored",
            {"rule": "gift", "activity_id": "a", "points": 9},
            (Kind.POINTS_EARNED, None, {"points": 9, "pending": 0, "rules": ["gift"]}),
        ),
        ("grant.restored", {"rule": "gift", "activity_id": "a", "points": 0}, None),
        ("points.earned", {"points": 9, "pending": 0, "rules": ["gift"]}, None),
        ("points.earned", {"points": 9, "pending": 0, "rules": ["party"]}, None),
        (
            "points.earned",
            {"points": 9, "pending": 0, "rules": ["gone"]},
            (Kind.POINTS_EARNED, None, {"points": 9, "pending": 0, "rules": ["gone"]}),
        ),
        ("grant.made", {"rule": "gone", "activity_id": "a", "points": 9}, None),
        ("grant.restored", {"rule": "gone", "activity_id": "a", "points": 9}, None),
        (
            "grant.made",
            {"rule": "party", "activity_id": "a", "points": 9},
            (
                Kind.BIRTHDAY,
                "a",
                {"rule": "party", "points": 9, "reward": None, "benefit": None},
            ),
        ),
        ("booking.recorded", {}, None),
    ],
)
def test_an_event_brings_its_notice(topic: str, payload: dict[str, Any], expected: Any) -> None:
    party = granted.grant("party", "calendar", day="birthday", gives={"points": 9})
    gift = granted.grant("gift", "calendar", day="joining", gives={"points": 9})
    policy = reader.validate(make.shipped_document(grants=[party, gift]))
    event = make.event(new_id(), new_id(), topic, payload)
    found = telling.told(event, policy)
    if expected is None:
        assert found is None
    else:
        kind, key, variables = expected
        assert found == telling.NoticeDraft(kind, key or str(event.id), variables)


async def opened() -> tuple[Worker, UUID]:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    worker = Worker(programme)
    await worker.work()
    return worker, member_id


async def test_a_worker_tells_members_of_what_happened_to_them() -> None:
    worker, member_id = await opened()
    await make.enrol(worker.programme, guest=True)
    await make.book(worker.programme, member_id, ("hotel", "100"))
    await worker.work()
    found = await told(worker.programme)
    assert [kind for kind, _ in found] == ["welcome", "points_earned"]
    assert found[1][1] == {"points": 100, "pending": 0, "rules": ["base"]}
    lane = await rows(
        "SELECT due_at FROM delivery_lane WHERE member_id = $1 AND target = $2",
        member_id,
        target_of(worker.programme.id, Channel.NOTICES),
    )
    assert lane == [{"due_at": None}]


async def test_a_notice_is_told_once_also_by_workers_that_die() -> None:
    worker, member_id = await opened()
    await make.book(worker.programme, member_id, ("hotel", "100"))
    events = await numbered.number(worker.programme, NOON)
    # one decides and dies before it writes down that it did
    dead = await worker.lease(target_of(worker.programme.id, Channel.NOTICES))
    delivery = await next_of(dead)
    assert delivery.event is not None
    assert await deciding.decide(worker.programme, delivery.event, (), NOON)
    before = await told(worker.programme)
    await worker.work(NOON + lanes.LEASE * 2)
    assert await told(worker.programme) == before
    # and all of them once more, at once
    again = [deciding.decide(worker.programme, event, (), NOON) for event in [*events, *events]]
    assert not any(await asyncio.gather(*again))
    assert await told(worker.programme) == before
    [waiting] = await rows(
        "SELECT count(*) AS count FROM delivery WHERE programme_id = $1 AND status = 'WAITING'",
        worker.programme.id,
    )
    assert waiting["count"] == 0


async def test_two_who_decide_at_once_tell_once() -> None:
    worker, member_id = await opened()
    event = make.event(
        worker.programme.id, member_id, "feedback.answered", {"feedback_id": str(new_id())}
    )
    other = make.event(worker.programme.id, member_id, "feedback.answered", event.payload)
    did = await asyncio.gather(
        *(deciding.decide(worker.programme, one, (), NOON) for one in (event, event, other, other))
    )
    assert sorted(did) == [False, False, False, True]
    assert [kind for kind, _ in await told(worker.programme)] == ["welcome", "feedback_answered"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [("SUSPENDED", ["transfer_received"]), ("ERASED", []), ("GUEST", [])],
)
async def test_who_is_not_to_be_told_is_not(status: str, expected: list[str]) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await update("UPDATE member SET status = $2 WHERE member_id = $1", member_id, status)
    transfer = {"transfer_id": str(new_id()), "direction": "IN", "points": 5}
    for topic, payload in (
        ("points.transferred", transfer),
        ("points.matured", {"points": 5}),
    ):
        event = make.event(programme.id, member_id, topic, payload)
        await deciding.decide(programme, event, (), NOON)
    assert [kind for kind, _ in await told(programme)] == expected


async def test_of_whom_nothing_is_known_nothing_is_told() -> None:
    programme = await make.establish()
    event = make.event(programme.id, new_id(), "points.matured", {"points": 5})
    assert not await deciding.decide(programme, event, (), NOON)


async def test_what_a_merged_member_asked_for_is_told_to_who_it_became() -> None:
    """An order that is shipped, to the address of the member that stays; what it earned is not."""
    kinds_told = {"reward_shipped": ["email"]}
    programme = await make.establish(make.shipped_document(notices={"kinds": kinds_told}))
    old, new = [await make.enrol(programme, email=f"{one}@example.com") for one in ("old", "new")]
    await make.prove(programme, old)
    await make.prove(programme, new)
    await make.merge(programme, old, new)
    arrivals = Arrivals(new, programme.now(make.NOW))
    assert await arrivals.more() == []
    shipped = {"redemption_id": str(new_id()), "reward": "lounge"}
    event, other = [
        make.event(programme.id, old, topic, payload)
        for topic, payload in (("redemption.shipped", shipped), ("points.matured", {"points": 5}))
    ]
    assert await deciding.decide(programme, event, (Sent.EMAIL,), make.NOW)
    assert not await deciding.decide(programme, other, (Sent.EMAIL,), make.NOW)
    [notice] = await arrivals.more()
    assert (notice.member_id, notice.kind) == (old, Kind.REWARD_SHIPPED)
    target = target_of(programme.id, Channel.EMAIL)
    [row] = await rows("SELECT * FROM delivery WHERE target = $1", target)
    assert row["member_id"] == old
    delivery = await next_of(Lane(old, target, Channel.EMAIL, programme.id, new_id()))
    letter = await sending.letter(programme, event, delivery, Sent.EMAIL, make.NOW)
    assert isinstance(letter, Letter)
    assert letter.address == "new@example.com"
