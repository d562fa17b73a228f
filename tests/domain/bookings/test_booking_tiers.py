"""Bookings, tiers and limits: what a booking is judged by, and what it changes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import orjson
import pytest

from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.kernel.database import rows
from domain.ledger import states
from domain.members import members
from tests.conftest import Database
from tests.support import factories as make
from tests.support.booked import earn, tier_of

DAY = timedelta(days=1)


# Tiers.


async def test_the_booking_that_lifts_a_member_earns_at_the_tier_before(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("hotel", "4999.99")) == 4999
    assert await tier_of(member_id) == "silver"
    assert await make.book(programme, member_id, ("hotel", "0.01")) == 0
    assert await tier_of(member_id) == "gold"
    assert await make.book(programme, member_id, ("hotel", "100")) == 120
    changes = await rows(
        "SELECT from_tier, to_tier, effective_at, recorded_at, reason, inputs FROM tier_change "
        "WHERE member_id = $1",
        member_id,
    )
    assert [{**change, "inputs": orjson.loads(change["inputs"])} for change in changes] == [
        {
            "from_tier": "silver",
            "to_tier": "gold",
            "effective_at": make.NOW,
            "recorded_at": make.NOW,
            "reason": "qualified",
            "inputs": {
                "spend_minor": 500000,
                "bookings": 2,
                "nights": 0,
                "points": 4999,
                "completed_bookings": 0,
                "from": None,
                "until": None,
            },
        }
    ]


async def test_a_member_may_rise_several_levels_at_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("hotel", "50000")) == 50000
    assert await tier_of(member_id) == "diamond"
    assert await make.book(programme, member_id, ("hotel", "1")) == 2


async def test_a_late_booking_is_judged_by_the_tier_of_its_own_instant(
    database: Database,
) -> None:
    programme = await make.establish()
    joined = make.NOW - 100 * DAY
    member_id = await make.enrol(programme, now=joined)
    await make.book(programme, member_id, ("hotel", "5000"), now=make.NOW - 50 * DAY)
    lifted = make.NOW - 50 * DAY
    before = lifted - timedelta(microseconds=1)
    assert await make.book(programme, member_id, ("hotel", "100"), booked_at=before) == 100
    assert await make.book(programme, member_id, ("hotel", "100"), booked_at=lifted) == 120
    assert await make.book(programme, member_id, ("hotel", "100")) == 120
    # before joining it is the tier that the member started at
    long_ago = joined - 10 * DAY
    assert await make.book(programme, member_id, ("hotel", "100"), booked_at=long_ago) == 100


async def test_an_upgrade_by_a_late_booking_holds_from_its_recording(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 100 * DAY)
    late = make.NOW - 50 * DAY
    await make.book(programme, member_id, ("hotel", "5000"), booked_at=late)
    assert await tier_of(member_id) == "gold"
    assert await make.book(programme, member_id, ("hotel", "100"), booked_at=make.NOW - DAY) == 100
    assert await make.book(programme, member_id, ("hotel", "100")) == 120


async def test_a_late_booking_is_judged_by_the_policy_of_its_own_instant(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 100 * DAY)
    doubled = make.shipped_document(earning=[make.rule("rate", "base", points=2)])
    programme = await make.publish(programme, doubled)
    before = make.NOW - timedelta(microseconds=1)
    assert await make.book(programme, member_id, ("hotel", "100"), booked_at=before) == 100
    assert await make.book(programme, member_id, ("hotel", "100"), booked_at=make.NOW) == 200
    # its points last from when they were posted
    lots = (await states.live_state([member_id]))[member_id].lots
    assert {lot.earned_at for lot in lots} == {make.NOW}
    assert {lot.expires_at for lot in lots} == {datetime(2027, 3, 15, 16, tzinfo=UTC)}
    assert {lot.policy_version_id for lot in lots} == {v.id for v in programme.versions}


async def test_a_late_booking_reviews_the_tier_by_the_policy_of_its_recording(
    database: Database,
) -> None:
    """The levels of an older policy may be others: nobody falls back to one of them."""
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 9 * DAY)
    await make.book(programme, member_id, ("hotel", "60000"), now=make.NOW - 9 * DAY)
    document = make.shipped_document()
    emerald = {"code": "emerald", "name": make.WORDS, "threshold": 60_000, "multiplier": 2}
    document["tiers"]["levels"].append(emerald)
    programme = await make.publish(programme, document)
    await make.book(programme, member_id, ("hotel", "1"))
    assert await tier_of(member_id) == "emerald"
    late = make.NOW - DAY
    assert await make.book(programme, member_id, ("hotel", "100"), booked_at=late) == 200
    assert await tier_of(member_id) == "emerald"
    assert await make.book(programme, member_id, ("hotel", "100")) == 200


async def test_the_birthday_month_is_that_of_the_booking_in_the_local_zone(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, birthday=date(1996, 2, 29))
    last = datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)  # 23:59:59 on 28 February in Shanghai
    first = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    january = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)  # 1 February in Shanghai
    for booked_at, points in ((last, 200), (first, 100), (january, 200)):
        earned = await make.book(programme, member_id, ("hotel", "100"), booked_at=booked_at)
        assert earned == points


async def test_nights_of_the_products_that_count_by_nights(database: Database) -> None:
    document = make.shipped_document()
    document["tiers"] = {
        "basis": "nights",
        "window": "lifetime",
        "night_products": ["hotel"],
        "levels": [
            {"code": "one", "name": make.WORDS, "threshold": 0},
            {"code": "two", "name": make.WORDS, "threshold": 5},
        ],
    }
    programme = await make.establish(document)
    member_id = await make.enrol(programme)
    stay = (date(2026, 5, 1), date(2026, 5, 5))
    sent = BookingSent(
        "B-1",
        (
            LineSent("hotel", Decimal(100), *stay),
            LineSent("car", Decimal(100), *stay),
            LineSent("hotel", Decimal(100)),
        ),
    )
    await earn(programme, member_id, sent)
    member = (await members.many([member_id]))[member_id]
    assert (member.qualifying.nights, member.tier) == (4, "one")
    one_more = LineSent("hotel", Decimal(1), date(2026, 6, 1), date(2026, 6, 2))
    await earn(programme, member_id, BookingSent("B-2", (one_more,)))
    assert await tier_of(member_id) == "two"


# Limits.


async def test_a_limited_bonus_is_counted_per_local_month_of_the_booking(
    database: Database,
) -> None:
    bonus = make.rule("bonus", "extra", points=500, limit={"times": 2, "per": "month"})
    base = make.rule("rate", "base", points=1)
    programme = await make.establish(make.variant(base, bonus))
    member_id = await make.enrol(programme, now=make.NOW - 100 * DAY)
    march = datetime(2026, 2, 28, 16, tzinfo=UTC)
    february = march - timedelta(microseconds=1)
    for booked_at, points in (
        (march, 510),
        (make.NOW, 510),
        (make.NOW, 10),
        (february, 510),
        (march, 10),
    ):
        assert await make.book(programme, member_id, ("hotel", "10"), booked_at=booked_at) == points


@pytest.mark.parametrize("per", ["day", "month", "year", "member"])
async def test_a_limit_of_points_is_used_up_over_its_period(database: Database, per: str) -> None:
    base = make.rule("rate", "base", points=1, limit={"points": 150, "per": per})
    programme = await make.establish(make.variant(base))
    member_id = await make.enrol(programme, now=make.NOW - 400 * DAY)
    earned = [
        await make.book(programme, member_id, ("hotel", "100"), booked_at=make.NOW - age)
        for age in (timedelta(), timedelta(hours=2), DAY, 31 * DAY, 365 * DAY)
    ]
    assert (
        earned
        == {
            "day": [100, 50, 100, 100, 100],
            "month": [100, 50, 0, 100, 100],
            "year": [100, 50, 0, 0, 100],
            "member": [100, 50, 0, 0, 0],
        }[per]
    )
