"""Statements of random histories, cut anywhere: they follow each other without a gap."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest

from domain.accounts import sweeps
from domain.kernel import dates
from domain.kernel.ids import new_id
from domain.kernel.refusals import Refusal
from domain.ledger.statement_lines import StatementLine
from domain.ledger.statements import PERIOD_DAYS_MAX, AccountStatement, Period
from domain.ledger.values import Bucket
from domain.programmes.programmes import Programme
from tests.domain.ledger.test_statements import (
    SHANGHAI,
    TICK,
    asked,
    lines_of,
    local,
    open_programme,
)
from tests.support import factories as make
from tests.support import reading, travel


class Story:
    """Two members to whom things happen at odd instants, midnights among them."""

    def __init__(self, programme: Programme, members: list[UUID], seed: int) -> None:
        self.programme, self.members, self.draw = programme, members, Random(seed)
        self.now = local(1, 10)
        self.booked: list[str] = []
        self.redeemed: list[tuple[UUID, UUID]] = []
        self.seen: list[tuple[UUID, Period, AccountStatement, tuple[StatementLine, ...]]] = []

    async def give(self, who: UUID) -> None:
        await make.give(self.programme, who, self.draw.randrange(1, 200), now=self.now)

    async def book(self, who: UUID) -> None:
        reference = f"B{len(self.booked)}"
        self.booked.append(reference)
        lines = [make.line_of("hotel", str(self.draw.randrange(1, 300))) for _ in range(2)]
        await travel.pay(self.programme, who, reference, *lines, now=self.now)

    async def complete(self, _: UUID) -> None:
        if self.booked:
            await travel.complete(self.programme, self.draw.choice(self.booked), now=self.now)

    async def refund(self, _: UUID) -> None:
        if self.booked:
            booking = self.draw.choice(self.booked)
            await travel.refund(self.programme, booking, new_id().hex, now=self.now)

    async def redeem(self, who: UUID) -> None:
        reward = await make.reward(self.programme, list_points=self.draw.randrange(1, 150))
        hold = self.draw.random() < 0.6
        made = await make.redeem(self.programme, who, reward, hold=hold, now=self.now)
        self.redeemed.append((who, made))

    async def confirm(self, _: UUID) -> None:
        if self.redeemed:
            await make.confirm(self.programme, *self.draw.choice(self.redeemed), now=self.now)

    async def cancel(self, _: UUID) -> None:
        if self.redeemed:
            await make.cancel(self.programme, *self.draw.choice(self.redeemed), now=self.now)

    async def transfer(self, who: UUID) -> None:
        [other] = [member for member in self.members if member != who]
        await make.transfer(self.programme, who, other, self.draw.randrange(1, 90), now=self.now)

    async def adjust(self, who: UUID) -> None:
        points = self.draw.choice((-30, -3, 4, 50))
        await make.adjust(self.programme, who, points, now=self.now)

    async def wait(self, _: UUID) -> None:
        self.now += timedelta(hours=self.draw.choice((0.3, 1, 13, 24 * 3, 24 * 12)))

    async def wait_for_midnight(self, _: UUID) -> None:
        tomorrow = dates.local_date(self.now, SHANGHAI) + timedelta(days=1)
        self.now = dates.start_of_day(tomorrow, SHANGHAI) - self.draw.randrange(2) * TICK

    async def look(self, who: UUID) -> None:
        """Ask for a period that is over; it must stay what it is."""
        end = dates.local_date(self.now, SHANGHAI) - timedelta(days=1)
        period = Period(max(date(2026, 1, 1), end - timedelta(days=self.draw.randrange(60))), end)
        if end >= date(2026, 1, 10):
            found = await asked(who, period, self.now)
            self.seen.append((who, period, found, await lines_of(found)))


async def check_lines(statement: AccountStatement) -> None:
    lines = await lines_of(statement)
    for one in statement.buckets:
        assert one.opening + sum(line.change(one.bucket) for line in lines) == one.closing
    [available] = [one for one in statement.buckets if one.bucket is Bucket.AVAILABLE]
    running = available.opening
    for line in lines:
        running += line.change(Bucket.AVAILABLE)
        assert line.available_after == running
    assert all(after.sequence == line.sequence + 1 for line, after in pairwise(lines))
    assert Counter(str(line.kind) for line in lines) == {str(k): n for k, n in statement.entries}


async def check_chain(who: UUID, days: list[date], now: datetime) -> None:
    """Adjacent statements begin where the last one ended, and together are the whole."""
    cuts = [Period(a, b - timedelta(days=1)) for a, b in pairwise(days)]
    parts = [await asked(who, cut, now) for cut in cuts]
    whole = await asked(who, Period(days[0], days[-1] - timedelta(days=1)), now)
    for part in (*parts, whole):
        closing = await reading.balances_at(who, part.interval.as_of)
        assert {str(one.bucket): one.closing for one in part.buckets} == {
            str(one.bucket): getattr(closing, one.bucket) for one in part.buckets
        }
        await check_lines(part)
    for index, one in enumerate(whole.buckets):
        pieces = [part.buckets[index] for part in parts]
        ends = [piece.opening for piece in pieces[1:]] + [one.closing]
        assert [piece.closing for piece in pieces] == ends
        assert pieces[0].opening == one.opening
        moved, entries = Counter[str](), Counter[str]()
        for movement in (movement for piece in pieces for movement in piece.movements):
            moved[movement.kind] += movement.points
            entries[movement.kind] += movement.entries
        assert {m.kind: (m.points, m.entries) for m in one.movements} == {
            kind: (moved[kind], entries[kind]) for kind in entries
        }


@pytest.mark.parametrize("seed", range(2))
async def test_any_history_cut_anywhere(proved: None, seed: int) -> None:
    programme = await open_programme()
    members = [await make.enrol(programme, now=local(1, 10)) for _ in range(2)]
    story = Story(programme, members, seed)
    steps: list[Callable[[UUID], Awaitable[None]]] = [
        *(story.give, story.book, story.complete, story.refund, story.redeem, story.redeem),
        *(story.confirm, story.cancel, story.transfer, story.adjust, story.look, story.look),
        *(story.wait, story.wait, story.wait_for_midnight, story.wait_for_midnight),
    ]
    done = Counter[str]()
    for _ in range(110):
        step = story.draw.choice(steps)
        try:
            await step(story.draw.choice(members))
            done[step.__name__] += 1
        except Refusal:
            done["refused"] += 1
    for who in members:
        await story.book(who)
        await story.give(who)
    story.now += timedelta(days=45)

    today = dates.local_date(story.now, SHANGHAI)
    length = (today - date(2026, 1, 1)).days
    assert length < PERIOD_DAYS_MAX
    inner = sorted(story.draw.sample(range(10, length), 5))
    days = [date(2026, 1, 1) + timedelta(days=n) for n in (0, *inner, length + 1)]
    before = {who: await asked(who, Period(days[0], today), story.now) for who in members}
    assert all(len(one.due) >= 3 for one in before.values())
    for swept in (False, True):
        if swept:
            assert [one async for one in sweeps.sweep(programme, story.now)]
        for who in members:
            await check_chain(who, days, story.now)
            found = await asked(who, Period(days[0], today), story.now)
            assert found == before[who]
        for who, period, was, lines in story.seen:
            again = await asked(who, period, story.now)
            assert again == was
            assert await lines_of(again) == lines
    assert len(story.seen) > 5
