"""Statements: opening and movements make the closing, the same whenever it is asked."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import sweeps
from domain.kernel import dates
from domain.kernel.ids import new_id
from domain.kernel.refusals import InvalidInput, Refusal
from domain.ledger import statement_lines, statements, states
from domain.ledger.statement_lines import LINES_MAX, Line
from domain.ledger.statements import PERIOD_DAYS_MAX, Period, Span, Statement
from domain.ledger.values import Balances, Bucket
from domain.members import statuses
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading, travel

SHANGHAI = ZoneInfo("Asia/Shanghai")
TICK = timedelta(microseconds=1)
ONE_MONTH = {
    "worth": {"points": 100, "money": 1},
    "available": "on_completion",
    "expiry": {"months": 1, "through": "day"},
}


def local(month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """An instant of 2026 as a clock in Shanghai shows it."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def month(number: int) -> Period:
    return statements.month_of(date(2026, number, 1))


async def open_programme() -> Programme:
    """Bookings wait for completion and mature by themselves; points last a month to the day."""
    document = make.shipped_document(
        points=ONE_MONTH,
        completion={"overdue_days": 30, "then": "mature"},
        transfers={"account_age_days": 0},
    )
    return await make.establish(document)


async def asked(
    member_id: UUID, period: Period, now: datetime, zone: ZoneInfo = SHANGHAI
) -> Statement:
    first = (await statements.first_entries([member_id]))[member_id]
    since = statements.since((await statuses.membership(member_id)).joined_at, first)
    over = statements.span(period, since, now, zone)
    return (await statements.of_members([member_id], over))[member_id]


async def lines_of(statement: Statement) -> tuple[Line, ...]:
    [lines] = await statement_lines.of_statements([statement])
    return lines


Figures = dict[str, tuple[int, dict[str, tuple[int, int]], int]]


def figures(statement: Statement) -> Figures:
    """By bucket: opening, points and entries by kind, closing; without what stayed empty."""
    return {
        str(one.bucket): (
            one.opening,
            {str(moved.kind): (moved.points, moved.entries) for moved in one.movements},
            one.closing,
        )
        for one in statement.buckets
        if one.opening or one.movements or one.closing
    }


JANUARY: Figures = {
    "available": (0, {"EARN": (1050, 2)}, 1050),
    "pending": (0, {"EARN": (300, 1)}, 300),
}
FEBRUARY: Figures = {
    "available": (
        1050,
        {
            "EARN": (70, 1),
            "MATURE": (300, 1),
            "HOLD": (-300, 2),
            "RELEASE": (100, 1),
            "REDEEM": (-400, 1),
            "REINSTATE": (400, 1),
            "EXPIRE": (-700, 1),
            "TRANSFER_OUT": (-60, 1),
            "ADJUST": (-40, 1),
        },
        420,
    ),
    "pending": (300, {"MATURE": (-300, 1)}, 0),
    "held": (0, {"HOLD": (300, 2), "RELEASE": (-100, 1), "CAPTURE": (-200, 1)}, 0),
}
MARCH: Figures = {
    "available": (
        420,
        {
            "EARN": (100, 1),
            "REDEEM": (-250, 1),
            "EXPIRE": (-120, 2),
            "CLAW_BACK": (-50, 1),
            "SETTLE": (-250, 3),
            "TRANSFER_IN": (30, 1),
            "ADJUST": (200, 1),
        },
        80,
    ),
    "pending": (0, {"EARN": (90, 1)}, 90),
    "owed": (0, {"CLAW_BACK": (250, 1), "SETTLE": (-250, 3)}, 0),
}
APRIL: Figures = {
    "available": (80, {"MATURE": (90, 1), "EXPIRE": (-80, 1)}, 90),
    "pending": (90, {"MATURE": (-90, 1)}, 0),
}


async def january(programme: Programme) -> UUID:
    li = await make.enrol(programme, now=local(1, 10), reference="li")
    await make.give(programme, li, 1000, now=local(1, 12))  # through 12 February
    await travel.pay(programme, li, "B-1", make.line_of("hotel", "300"), now=local(1, 20))
    await make.give(programme, li, 50, now=local(2, 1, 0) - TICK)  # through 28 February
    return li


async def february(programme: Programme, li: UUID) -> UUID:
    """Its last two entries, a hold that died and what expired, are nobody's to record yet."""
    friend = await make.enrol(programme, now=local(2, 1), reference="friend")
    lounge = await make.reward(programme, list_points=100)
    await make.give(programme, li, 70, now=local(2, 1, 0))  # through 1 March
    await travel.complete(programme, "B-1", now=local(2, 3))  # through 3 March
    held = await make.redeem(programme, li, lounge, quantity=2, hold=True, now=local(2, 5))
    await make.confirm(programme, li, held, now=local(2, 5, 12, 10))
    redeemed = await make.redeem(programme, li, lounge, quantity=4, now=local(2, 6))
    await make.cancel(programme, li, redeemed, now=local(2, 7))
    await make.adjust(programme, li, -40, "counted twice", now=local(2, 8))
    await make.transfer(programme, li, friend, 60, now=local(2, 9))
    await make.redeem(programme, li, lounge, hold=True, now=local(2, 10))
    return friend


async def march(programme: Programme, li: UUID, friend: UUID) -> None:
    bought = await make.reward(programme, list_points=250)
    await make.redeem(programme, li, bought, now=local(3, 2, 10))
    await travel.refund(programme, "B-1", "R-1", now=local(3, 3))
    await make.give(programme, li, 100, now=local(3, 5))
    await make.give(programme, friend, 30, now=local(3, 5))
    await make.transfer(programme, friend, li, 30, now=local(3, 6))
    await make.adjust(programme, li, 200, "goodwill", now=local(3, 7))  # through 7 April
    await travel.pay(programme, li, "B-2", make.line_of("hotel", "90"), now=local(3, 20))


async def test_three_months_by_hand(proved: None) -> None:
    programme = await open_programme()
    li = await january(programme)
    first = await asked(li, month(1), local(2, 1, 0))
    friend = await february(programme, li)
    second = await asked(li, month(2), local(3, 1, 0))
    lines = await lines_of(second)
    assert [str(entry.kind) for entry in second.due] == ["RELEASE", "EXPIRE"]
    await march(programme, li, friend)
    later = local(5, 15)
    third, fourth = await asked(li, month(3), local(4, 2)), await asked(li, month(4), later)
    quarter = await asked(li, Period(date(2026, 1, 1), date(2026, 3, 31)), later)

    assert [figures(one) for one in (first, second, third, fourth)] == [
        *(JANUARY, FEBRUARY, MARCH, APRIL)
    ]
    assert [str(entry.kind) for entry in fourth.due] == ["EXPIRE", "MATURE"]
    for number, before in enumerate((first, second, third), start=1):
        assert await asked(li, month(number), later) == before
    whole = sum((Counter(dict(one.entries)) for one in (first, second, third)), Counter())
    assert Counter(dict(quarter.entries)) == whole
    assert sum(whole.values()) == 3 + 11 + 12
    assert await lines_of(await asked(li, month(2), later)) == lines

    expiring = await lines_of(fourth)
    assert len([one async for one in sweeps.sweep(programme, later)]) >= 1
    assert await asked(li, month(4), later) == fourth
    assert (await asked(li, month(4), later)).due == ()
    assert await lines_of(await asked(li, month(4), later)) == expiring


async def test_the_lines_carry_the_balance_on_and_say_what_they_are_about(proved: None) -> None:
    programme = await open_programme()
    li = await january(programme)
    await february(programme, li)

    lines = await lines_of(await asked(li, month(2), local(2, 28)))

    shown = [(one.sequence, str(one.kind), one.change(Bucket.AVAILABLE)) for one in lines]
    assert shown == [
        (4, "EARN", 70),
        (5, "MATURE", 300),
        (6, "HOLD", -200),
        (7, "CAPTURE", 0),
        (8, "REDEEM", -400),
        (9, "REINSTATE", 400),
        (10, "ADJUST", -40),
        (11, "TRANSFER_OUT", -60),
        (12, "HOLD", -100),
        (13, "RELEASE", 100),
        (14, "EXPIRE", -700),
    ]
    after = [one.available_after for one in lines]
    assert after == [1120, 1420, 1220, 1220, 820, 1220, 1180, 1120, 1020, 1120, 420]
    reinstated, corrected, released, expired = lines[5], lines[6], lines[9], lines[10]
    assert reinstated.redeemed_at == local(2, 6)
    assert reinstated.reward_names == released.reward_names == {"zh-CN": "贵宾厅", "en": "Lounge"}
    assert corrected.reason == "counted twice"
    assert lines[1].booking_reference == "B-1"
    assert released.effective_at == local(2, 10, 12, 30)
    assert expired.effective_at == local(2, 13, 0)


async def test_a_correction_stands_where_it_was_recorded(proved: None) -> None:
    programme = await open_programme()
    li = await january(programme)
    await travel.complete(programme, "B-1", now=local(1, 21))
    before = await asked(li, month(1), local(2, 1, 0))

    await travel.refund(programme, "B-1", "R-1", (1, "100"), now=local(2, 4))

    assert await asked(li, month(1), local(2, 5)) == before
    [*_, taken] = await lines_of(await asked(li, month(2), local(2, 5)))
    assert (str(taken.kind), taken.booking_reference) == ("CLAW_BACK", "B-1")


async def test_what_had_expired_when_it_came_goes_when_it_came(proved: None) -> None:
    """The receiver's account is ahead of the clock by which the giver's points still lived."""
    programme = await open_programme()
    giver = await make.rich_member(programme, 50, now=local(1, 15))  # through 15 February
    receiver = await make.rich_member(programme, 1, now=local(2, 20))
    await make.transfer(programme, giver, receiver, 50, now=local(2, 14))
    days, now = Period(date(2026, 2, 18), date(2026, 2, 28)), local(3, 1)

    found = await asked(receiver, days, now)

    moved = {"EARN": (1, 1), "EXPIRE": (-50, 1), "TRANSFER_IN": (50, 1)}
    assert figures(found) == {"available": (0, moved, 1)}
    [expired] = found.due
    assert expired.effective_at == local(2, 20)
    await sweeps.post(programme, receiver, now)
    assert await asked(receiver, days, now) == found


async def test_midnight_belongs_to_the_day_that_begins(database: Database) -> None:
    programme = await open_programme()
    li = await make.enrol(programme, now=local(1, 10))
    for points, instant in ((1, local(2, 1, 0) - TICK), (20, local(2, 1, 0))):
        await make.give(programme, li, points, now=instant)

    for end in (local(2, 1, 0), local(2, 28)):
        assert figures(await asked(li, month(1), end))["available"] == (0, {"EARN": (1, 1)}, 1)
    opening = figures(await asked(li, month(2), local(2, 1, 0)))
    assert opening["available"] == (1, {"EARN": (20, 1)}, 21)
    # the point of 31 January can be spent through 28 February: it is in that day's closing
    last_day = Period(date(2026, 2, 28), date(2026, 2, 28))
    assert figures(await asked(li, last_day, local(3, 9)))["available"] == (21, {}, 21)
    next_day = Period(date(2026, 3, 1), date(2026, 3, 1))
    gone = figures(await asked(li, next_day, local(3, 9)))
    assert gone["available"] == (21, {"EXPIRE": (-1, 1)}, 20)


async def test_the_running_period_goes_up_to_now(database: Database) -> None:
    programme = await open_programme()
    li = await make.rich_member(programme, 100, now=local(3, 10))

    running = await asked(li, month(3), local(3, 15))
    await make.give(programme, li, 5, now=local(3, 16))

    assert running.span == Span(local(3, 1, 0), local(3, 15))
    assert figures(running) == {"available": (0, {"EARN": (100, 1)}, 100)}
    closed = await asked(li, month(3), local(4, 1, 0))
    assert closed.span.as_of == local(4, 1, 0) - TICK
    assert figures(closed) == {"available": (0, {"EARN": (105, 2)}, 105)}


async def test_an_account_is_as_old_as_its_first_entry(database: Database) -> None:
    programme = await open_programme()
    guest = await make.enrol(programme, guest=True, reference="li", now=local(1, 5))
    await make.adjust(programme, guest, 9, now=local(1, 6))
    assert await make.enrol(programme, reference="li", now=local(3, 5)) == guest

    found = await asked(guest, month(1), local(3, 6))

    assert figures(found) == {"available": (0, {"ADJUST": (9, 1)}, 9)}
    with pytest.raises(InvalidInput):
        await asked(guest, Period(date(2025, 12, 1), date(2026, 1, 5)), local(3, 6))


async def test_nothing_is_counted_twice_when_it_is_recorded_meanwhile(proved: None) -> None:
    """The sweep runs behind the closing balance, before the movements are read."""
    programme = await open_programme()
    li = await make.rich_member(programme, 100, now=local(1, 10))
    over = Span(local(2, 1, 0), local(3, 1, 0) - TICK)
    quiet = (await statements.of_members([li], over))[li]

    opening = await reading.balances_at(li, over.start - TICK)
    closing = await states.journals_at([li], over.as_of)
    assert await sweeps.post(programme, li, local(3, 2)) == 1
    recorded = await statements._recorded(closing, over)
    found = statements._statement(over, opening, closing[li], recorded[li])

    assert found == quiet
    assert figures(found) == {"available": (100, {"EXPIRE": (-100, 1)}, 0)}
    assert [str(one.kind) for one in await lines_of(found)] == ["EXPIRE"]


async def test_figures_that_do_not_add_up_are_not_shown(database: Database) -> None:
    programme = await open_programme()
    li = await make.rich_member(programme, 100, now=local(1, 10))
    over = Span(local(1, 1, 0), local(1, 31))
    opening = Balances(available=1)
    [closing] = (await states.journals_at([li], over.as_of)).values()

    with pytest.raises(RuntimeError, match="does not add up"):
        statements._statement(over, opening, closing, [])


async def test_a_page_has_so_many_lines(database: Database) -> None:
    programme = await open_programme()
    li = await make.rich_member(programme, 100, now=local(1, 10))
    statement = await asked(li, month(1), local(1, 31))
    [(kind, one)] = statement.entries
    assert one == 1

    statement_lines.check(replace(statement, entries=((kind, LINES_MAX),)))
    with pytest.raises(InvalidInput) as refused:
        statement_lines.check(replace(statement, entries=((kind, LINES_MAX), (kind, 1))))

    assert refused.value.facts == {
        "reason": "too_many_movements",
        "value": "1001",
        "allowed": ("1000",),
    }


# What a period may be.

SINCE, NOW = local(1, 10), local(3, 15)


@pytest.mark.parametrize(
    ("first", "last", "reason", "value", "allowed", "at"),
    [
        ("2026-03-02", "2026-03-01", "period_backwards", "2026-03-01", "2026-03-02", "through"),
        ("2025-03-15", "2026-03-16", "period_too_long", "367", "366", "through"),
        ("2026-03-16", "2026-03-31", "period_in_future", "2026-03-16", "2026-03-15", "from"),
        ("9999-12-31", "9999-12-31", "period_in_future", "9999-12-31", "2026-03-15", "from"),
        (
            "2026-01-01",
            "2026-01-09",
            "period_before_joining",
            "2026-01-09",
            "2026-01-10",
            "through",
        ),
        (
            "0001-01-01",
            "0001-01-31",
            "period_before_joining",
            "0001-01-31",
            "2026-01-10",
            "through",
        ),
    ],
)
def test_a_period_that_cannot_be(
    first: str, last: str, reason: str, value: str, allowed: str, at: str
) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last))
    with pytest.raises(InvalidInput) as refused:
        statements.span(period, SINCE, NOW, SHANGHAI)
    assert refused.value.facts == {"reason": reason, "value": value, "allowed": (allowed,)}
    assert refused.value.path == ("period", at)


def test_the_longest_period_is_a_leap_year() -> None:
    assert statements.month_of(date(2024, 2, 5)) == Period(date(2024, 2, 1), date(2024, 2, 29))
    joined = datetime(2023, 1, 1, tzinfo=UTC)
    year = Period(date(2024, 1, 1), date(2024, 12, 31))
    over = statements.span(year, joined, NOW, SHANGHAI)
    assert over.start == datetime(2023, 12, 31, 16, tzinfo=UTC)
    assert over.as_of == datetime(2024, 12, 31, 16, tzinfo=UTC) - TICK
    assert PERIOD_DAYS_MAX == 366


def test_the_first_and_the_last_day_count() -> None:
    for day in (date(2026, 1, 10), date(2026, 3, 15)):
        statements.span(Period(day, day), SINCE, NOW, SHANGHAI)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Santiago", date(2026, 9, 6), 23),  # where midnight itself is left out
        ("America/Havana", date(2026, 11, 1), 25),  # where it comes twice
        ("Asia/Shanghai", date(2026, 3, 8), 24),
    ],
)
def test_a_day_lasts_as_long_as_it_does_there(zone: str, day: date, hours: int) -> None:
    place, long_ago = ZoneInfo(zone), datetime(2020, 1, 1, tzinfo=UTC)
    now = datetime(2027, 1, 1, tzinfo=UTC)
    days = [
        statements.span(Period(day + timedelta(n), day + timedelta(n)), long_ago, now, place)
        for n in (-1, 0, 1)
    ]
    assert days[1].as_of + TICK - days[1].start == timedelta(hours=hours)
    assert days[0].as_of + TICK == days[1].start
    assert days[1].as_of + TICK == days[2].start


@given(
    zone=st.sampled_from(["Asia/Shanghai", "America/New_York", "Africa/Cairo", "Asia/Kathmandu"]),
    first=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    days=st.integers(1, PERIOD_DAYS_MAX),
    more=st.integers(1, PERIOD_DAYS_MAX),
)
def test_periods_that_follow_each_other_leave_nothing_between(
    zone: str, first: date, days: int, more: int
) -> None:
    place, long_ago = ZoneInfo(zone), datetime(2019, 1, 1, tzinfo=UTC)
    now = datetime(2030, 1, 1, tzinfo=UTC)
    then = first + timedelta(days=days)
    one = statements.span(Period(first, then - timedelta(1)), long_ago, now, place)
    following = Period(then, then + timedelta(more - 1))
    two = statements.span(following, long_ago, now, place)
    assert one.as_of + TICK == two.start
    assert dates.local_date(one.start, place) == first
    assert dates.local_date(one.as_of, place) == then - timedelta(1)


# Random histories.


class Story:
    """Two members to whom things happen at odd instants, midnights among them."""

    def __init__(self, programme: Programme, members: list[UUID], seed: int) -> None:
        self.programme, self.members, self.draw = programme, members, Random(seed)  # noqa: S311
        self.now = local(1, 10)
        self.booked: list[str] = []
        self.redeemed: list[tuple[UUID, UUID]] = []
        self.seen: list[tuple[UUID, Period, Statement, tuple[Line, ...]]] = []

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


async def check_lines(statement: Statement) -> None:
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
        closing = await reading.balances_at(who, part.span.as_of)
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


async def test_what_matures_together_has_one_order(proved: None) -> None:
    """Told of before it is recorded, lines of one instant stand as they will be recorded."""
    programme = await open_programme()
    li = await make.enrol(programme, now=local(1, 10))
    for number in range(12):
        line = make.line_of("hotel", str(number + 1))
        await travel.pay(programme, li, f"B-{number}", line, now=local(1, 20, 12, 59 - number))
    for number in range(0, 12, 2):
        # rows that were written again lie elsewhere in the table
        await travel.refund(programme, f"B-{number}", "R", (1, "1"), now=local(1, 21, number))
    period, now = month(2), local(2, 25)
    before = await lines_of(await asked(li, period, now))
    assert len(before) == 11

    await sweeps.post(programme, li, now)

    assert await lines_of(await asked(li, period, now)) == before


async def test_many_members_are_read_together(database: Database) -> None:
    programme = await open_programme()
    members = [await make.rich_member(programme, n + 1, now=local(1, 12)) for n in range(4)]
    over = Span(local(1, 1, 0), local(4, 1, 0))

    together = await statements.of_members(members, over)
    apart = await asyncio.gather(*(statements.of_members([who], over) for who in members))

    assert together == {who: found for one in apart for who, found in one.items()}
    lines = await statement_lines.of_statements([together[who] for who in members])
    assert [[line.points for line in of_one] for of_one in lines] == [[n, n] for n in (1, 2, 3, 4)]
