"""Reminders of what is coming: once each, in time, late for a week, and of what is still so."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.members.consents import Purpose
from domain.notices import opening, reminding, upcoming
from domain.notices.reminding import missing
from domain.notices.upcoming import Days, Occasion
from domain.programmes import reader
from domain.programmes.programmes import Programme
from domain.tiers.tier_windows import ALWAYS
from domain.tiers.values import Qualifying, Sum
from tests.support import factories as make
from tests.support import tiered, travel

pytestmark = pytest.mark.usefixtures("database", "proved")

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
Find = Callable[[Programme, datetime], AsyncGenerator[Occasion, None]]


def at(month: int, day: int, hour: int = 12) -> datetime:
    """An instant of 2026 in Shanghai."""
    return datetime.combine(date(2026, month, day), time(hour), SHANGHAI).astimezone(UTC)


async def run(programme: Programme, find: Find, now: datetime) -> int:
    """What a job does, by two workers at once; how many events that wrote."""
    found = [one async for one in find(programme, now)]
    both = [reminding.remind(programme, one, now) for one in found for _ in range(2)]
    return sum(await asyncio.gather(*both))


def test_days_are_those_of_a_week_and_never_over() -> None:
    noon = at(12, 1)
    assert upcoming.days(noon, 30, SHANGHAI) == Days(date(2026, 12, 25), date(2026, 12, 31))
    assert upcoming.days(noon, 3, SHANGHAI) == Days(date(2026, 12, 1), date(2026, 12, 4))


async def test_a_balance_is_told_once_a_month_and_late_for_a_week() -> None:
    programme = await make.establish()
    rich = await make.rich_member(programme, 400)
    await make.enrol(programme)
    assert await run(programme, upcoming.balances, at(11, 30)) == 0
    assert await run(programme, upcoming.balances, at(12, 1, 10) - timedelta(seconds=1)) == 0
    # the worker was down from 30 November to 3 December
    assert await run(programme, upcoming.balances, at(12, 3)) == 1
    told = await make.payloads("balance.reminder", member_id=rich)
    assert told == [{"available": 400, "month": "2026-12"}]
    # and who joined by then hears of the next month
    await make.rich_member(programme, 10, now=at(12, 2))
    assert [one async for one in upcoming.balances(programme, at(12, 4))] == []
    assert await run(programme, upcoming.balances, at(12, 4)) == 0
    other = await make.establish()
    await make.rich_member(other, 400)
    assert await run(other, upcoming.balances, at(12, 12)) == 0


async def test_a_tier_that_ends_is_told_with_what_is_missing() -> None:
    programme = await make.establish(tiered.calendar())
    falls, keeps = [await make.enrol(programme, now=at(3, 1)) for _ in range(2)]
    for member_id in (falls, keeps):
        await make.book(programme, member_id, ("hotel", "6000"), now=at(3, 2))
    until = at(12, 31) + timedelta(hours=12)
    await tiered.sweep_on_time(programme, until + 3 * DAY)
    ends = (await tiered.holding(falls)).until
    assert ends == until.replace(year=2027)
    now = ends - 30 * DAY
    await make.book(programme, keeps, ("hotel", "6000"), now=now - DAY)
    await make.book(programme, falls, ("hotel", "1500"), now=now - DAY)
    assert await run(programme, upcoming.tiers, now - 2 * DAY) == 0
    assert await run(programme, upcoming.tiers, now) == 1
    assert await run(programme, upcoming.tiers, now + DAY) == 0
    [said] = await make.payloads("tier.expiring", member_id=falls)
    assert (said["tier"], said["missing"]) == ("gold", {"spend": "3500.00"})


def test_of_several_windows_the_nearest_says_what_is_missing() -> None:
    policy = reader.validate(make.shipped_document())
    sums = [Sum(ALWAYS, Qualifying(spend_minor=spent)) for spent in (100_000, 450_000)]
    assert missing(policy, "gold", sums) == {"spend": Decimal("500.00")}
    assert missing(policy, "gold", [*sums, Sum(ALWAYS, Qualifying(spend_minor=500_000))]) == {}


async def test_coupons_that_end_are_told_once_for_a_redemption() -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 100)
    gift = await make.reward(programme, kind="COUPON", list_points=10, valid_days=30)
    given = await make.redeem(programme, member_id, gift, quantity=2)
    back = await make.redeem(programme, member_id, gift)
    end = make.NOW + 30 * DAY
    assert await run(programme, upcoming.coupons, end - 8 * DAY) == 0
    await make.cancel(programme, member_id, back, caller=make.staff(programme))
    assert await run(programme, upcoming.coupons, end - 5 * DAY) == 1
    assert await run(programme, upcoming.coupons, end) == 0
    [said] = await make.payloads("coupon.expiring", member_id=member_id)
    assert (said["redemption_id"], said["reward"]) == (str(given), gift.code)


async def test_a_trip_is_told_once_a_day_of_what_was_not_refunded() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    leaves = make.NOW.date() + 20 * DAY
    room, flight = (
        replace(make.line_of(product, "100"), travel_from=leaves, travel_to=leaves + 2 * DAY)
        for product in ("hotel", "flight")
    )
    for reference in ("T-1", "T-2", "T-3"):
        await travel.pay(programme, member_id, reference, room, flight)
    await travel.refund(programme, "T-2", "R-2")
    later = [replace(one, travel_from=leaves + DAY) for one in (room, flight)]
    await travel.amend(programme, "T-3", "A-3", *later)
    due = make.NOW + 17 * DAY
    assert await run(programme, upcoming.trips, due - DAY) == 0
    assert await run(programme, upcoming.trips, due) == 1
    assert await run(programme, upcoming.trips, due + DAY) == 1
    assert await run(programme, upcoming.trips, due + 2 * DAY) == 0
    said = await make.payloads("booking.departing", member_id=member_id)
    assert [(one["reference"], one["line"], one["on"]) for one in said] == [
        ("T-1", 1, leaves.isoformat()),
        ("T-3", 1, (leaves + DAY).isoformat()),
    ]


async def test_offers_are_told_once_to_whoever_said_yes_last() -> None:
    bonus = make.rule("bonus", "launch", points=50, offer=True, valid={"through": "2027-01-31"})
    rules = [make.rule("rate", "base", points=1), bonus]
    programme = await make.establish(make.variant(*rules))
    said_yes, said_no, _ = [await make.enrol(programme) for _ in range(3)]
    for member_id in (said_yes, said_no):
        await make.consent(programme, member_id, Purpose.MARKETING)
    await make.consent(programme, said_no, Purpose.MARKETING, granted=False)
    found = [one async for one in opening.candidates(programme, make.NOW)]
    assert [one.member_id for one in found] == [said_yes]
    twice = [opening.tell(programme, found[0], make.NOW) for _ in range(2)]
    assert sorted(await asyncio.gather(*twice)) == [0, 1]
    assert [one async for one in opening.candidates(programme, make.NOW + DAY)] == []
    told = await make.payloads("offer.opened", member_id=said_yes)
    assert told == [{"rule": "launch", "until": "2027-01-31"}]
    bare = await make.establish()
    assert [one async for one in opening.candidates(bare, make.NOW)] == []


async def test_whoever_is_not_enrolled_any_more_is_reminded_of_nothing() -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 400)
    [one] = [one async for one in upcoming.balances(programme, at(12, 1))]
    await make.set_status(member_id, "SUSPENDED")
    assert await reminding.remind(programme, one, at(12, 1)) == 0
    assert await run(programme, upcoming.balances, at(12, 1)) == 0
