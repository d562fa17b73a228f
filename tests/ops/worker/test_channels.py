"""Channels that are no webhooks: what a sender does for any carrier, here for texts that a provider
takes at most once.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.delivery import lanes, recording, targets
from domain.delivery.events import NumberedEvent
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.recording import Result
from domain.delivery.retrying import AttemptOutcome
from domain.delivery.targets import Channel
from domain.kernel.database import rows
from domain.programmes.programmes import Programme
from domain.webhooks.endpoints import PAUSING_FAILURES
from ops.worker.carriers import Never, Post
from ops.worker.senders import Sender
from tests.support import factories as make
from tests.support import numbered
from tests.support.sending import NOON, Worker, next_of

pytestmark = pytest.mark.usefixtures("database")

Answer = Callable[[int], Result | None]
"""What a provider says of so many points; None where the member must not be told."""


@dataclass
class Texts:
    """Texts with the points of an event, to a provider that answers as it is told; what another
    test has left waiting is cancelled.
    """

    own: UUID
    answer: Answer
    at_most_once: bool = True
    got: list[int] = field(default_factory=list)
    closed: bool = False

    async def prepare(
        self,
        programme: Programme,
        lane: Lane,
        delivery: Delivery,
        event: NumberedEvent,
        now: datetime,
    ) -> Post | Never:
        if programme.id != self.own:
            return Never()
        points = event.payload["points"]
        if (result := self.answer(points)) is None:
            return Never("STALE")

        async def post(now: datetime) -> Result:
            self.got.append(points)
            return result

        return post

    async def close(self) -> None:
        self.closed = True


def accepted(_: int = 0) -> Result:
    return Result(NOON, 5, AttemptOutcome.ACCEPTED, 250, answer="queued")


def failed(outcome: AttemptOutcome, said: str = "no answer in time") -> Result:
    return Result(NOON, 5, outcome, error=said)


async def texting(answer: Answer, **said: Any) -> tuple[Worker, Texts, UUID]:
    programme = await make.establish()
    worker, texts = Worker(programme), Texts(programme.id, answer, **said)
    worker.sender = Sender({Channel.SMS: texts}, asyncio.Event(), lambda: worker.now)
    return worker, texts, await targets.opened(programme.id, Channel.SMS)


async def wait(worker: Worker, target: UUID, *points: int, at: datetime = NOON) -> UUID:
    """Texts of a new member that are due at an instant."""
    member_id = await make.enrol(worker.programme)
    await numbered.number(worker.programme, NOON)
    for one in points:
        await make.adjust(worker.programme, member_id, one)
    events = [
        event
        for event in await numbered.number(worker.programme, NOON)
        if event.topic == "points.adjusted"
    ]
    await lanes.add(worker.programme.id, member_id, [(event, target, at) for event in events])
    return member_id


async def states(target: UUID) -> list[tuple[str, int]]:
    """The status of each text, and how many attempts were written down."""
    found = await rows(
        "SELECT d.status, count(a.id) AS made FROM delivery d LEFT JOIN delivery_attempt a "
        "ON a.member_id = d.member_id AND a.delivery_id = d.id WHERE d.target = $1 "
        "GROUP BY d.member_id, d.id ORDER BY d.position",
        target,
    )
    return [(one["status"], one["made"]) for one in found]


async def counter(target: UUID) -> int:
    [found] = await rows("SELECT failures FROM delivery_target WHERE target = $1", target)
    failures: int = found["failures"]
    return failures


async def test_any_channel_has_its_lanes_and_only_who_sends_by_it_takes_them() -> None:
    worker, texts, sms = await texting(lambda points: accepted() if points < 3 else None)
    assert await targets.opened(worker.programme.id, Channel.SMS) == sms
    await wait(worker, sms, 1, 2, 3)
    await Worker(worker.programme).work()
    assert await states(sms) == [("WAITING", 0)] * 3

    await worker.work()
    assert texts.got == [1, 2]
    assert await states(sms) == [("DELIVERED", 1), ("DELIVERED", 1), ("CANCELLED", 0)]
    assert texts.closed


async def test_what_is_due_later_waits() -> None:
    worker, texts, sms = await texting(accepted)
    morning = NOON + timedelta(hours=21)
    await wait(worker, sms, 1, at=morning)
    await worker.work(morning - timedelta(seconds=1))
    assert texts.got == []
    await worker.work(morning)
    assert texts.got == [1]


async def test_a_text_that_may_have_arrived_is_left_to_staff() -> None:
    worker, texts, sms = await texting(
        lambda points: failed(AttemptOutcome.UNKNOWN) if points == 1 else accepted()
    )
    await wait(worker, sms, 1, 2)
    await worker.until(NOON + timedelta(days=4))
    assert texts.got == [1, 2]
    assert await states(sms) == [("UNKNOWN", 1), ("DELIVERED", 1)]


async def test_a_text_that_was_not_taken_is_sent_again() -> None:
    worker, texts, sms = await texting(
        lambda _: failed(AttemptOutcome.FAILED, "connection refused")
    )
    await wait(worker, sms, 1)
    await worker.work()
    texts.answer = accepted
    await worker.until(NOON + timedelta(minutes=1))
    assert texts.got == [1, 1]
    assert await states(sms) == [("DELIVERED", 2)]


async def test_who_dies_while_a_text_is_sent_leaves_it_unknown() -> None:
    worker, texts, sms = await texting(accepted)
    await wait(worker, sms, 1, 2)
    dead = await worker.lease(sms)
    delivery = await next_of(dead)
    assert await recording.begin(dead, delivery, worker.now)

    await worker.work(NOON + timedelta(seconds=61))
    assert texts.got == [2]
    assert await states(sms) == [("UNKNOWN", 1), ("DELIVERED", 1)]
    assert await counter(sms) == 0
    # the dead one neither begins nor writes down anything any more
    assert not await recording.begin(dead, delivery, worker.now)
    assert not await recording.lose(dead, delivery, NOON, worker.now)
    assert not await recording.record(worker.programme, dead, delivery, accepted(), worker.now)


async def test_a_channel_at_least_once_sends_again_what_was_begun() -> None:
    worker, texts, sms = await texting(accepted, at_most_once=False)
    await wait(worker, sms, 1)
    dead = await worker.lease(sms)
    delivery = await next_of(dead)
    await recording.begin(dead, delivery, worker.now)
    await worker.work(NOON + timedelta(seconds=61))
    assert (texts.got, await states(sms)) == ([1], [("DELIVERED", 1)])


async def test_a_channel_that_fails_is_paused_and_never_turned_off() -> None:
    worker, texts, sms = await texting(
        lambda _: failed(AttemptOutcome.FAILED, "connection refused")
    )
    members = [await wait(worker, sms, number) for number in range(1, 9)]
    await worker.until(NOON + timedelta(days=6))
    assert await counter(sms) >= 10 > PAUSING_FAILURES
    assert {status for status, _ in await states(sms)} == {"WAITING", "DEAD"}
    assert await make.payloads("webhook.disabled", programme_id=worker.programme.id) == []

    texts.answer = accepted
    await worker.until(NOON + timedelta(days=8))
    assert await counter(sms) == 0
    assert {status for status, _ in await states(sms)} == {"DELIVERED", "DEAD"}
    assert len(await states(sms)) == len(members)


async def test_a_step_that_sends_nothing_leaves_no_attempt() -> None:
    worker, _, sms = await texting(lambda _: Result(NOON, 0, AttemptOutcome.ACCEPTED))
    await wait(worker, sms, 1)
    await worker.work()
    assert await states(sms) == [("DELIVERED", 0)]
