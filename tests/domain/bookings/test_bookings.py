"""Bookings: what is refused and where, late facts, replays, and what is stored."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

import models
from domain.bookings import booking_keys, booking_reads, bookings
from domain.bookings.booking_keys import BookingKey
from domain.bookings.bookings import BookingSent
from domain.bookings.refusals import CurrencyNotSupported
from domain.checkout import booking_lines
from domain.checkout.booking_lines import LineSent
from domain.earning.awards import AwardRead, of_bookings
from domain.earning.values import Reason
from domain.kernel import lookups
from domain.kernel.database import row, rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import (
    EventInFuture,
    EventTooOld,
    InvalidInput,
    NotFound,
    ReferenceConflict,
)
from domain.ledger import states
from domain.members import members
from domain.members.identity import MemberKey
from domain.members.refusals import MemberSuspended
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading

DAY = timedelta(days=1)


async def earn(
    programme: Programme, member_id: UUID, sent: BookingSent, *, now: datetime = make.NOW
) -> Outcome:
    request = make.request(make.partner(programme), now=now)
    return await bookings.earn(request, programme, MemberKey.of_id(member_id), sent)


async def tier_of(member_id: UUID) -> str:
    return (await members.many([member_id]))[member_id].tier


async def test_a_booking_is_stored_with_what_it_was_judged_by(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, birthday=date(1990, 3, 1))
    sent = BookingSent(
        "B-1",
        (
            LineSent(
                "flight",
                Decimal(2400),
                date(2026, 5, 1),
                date(2026, 5, 8),
                {"city": "上海", "hot_route": True},
            ),
            LineSent("hotel", Decimal("99.90")),
        ),
        payment_method="partner_card",
    )
    outcome = await earn(programme, member_id, sent)

    # 2400 × 2 × 2 = 9600 and 99.90 × 2 × 2 = 399.6 are 9999.6; + 500
    assert outcome.figures["points_awarded"] == 10499
    booking_id = UUID(outcome.figures["booking_id"])
    ids = [(member_id, booking_id)]
    booking = (await booking_reads.many(programme.id, ids))[booking_id]
    assert (booking.reference, booking.total_minor, booking.cash_minor, booking.currency) == (
        "B-1",
        249990,
        249990,
        "CNY",
    )
    assert (booking.booked_at, booking.points) == (make.NOW, 10499)
    assert booking.policy_version_id == programme.versions[0].id
    # 9600 and 399.6 are 9999 in all: nothing is left over for the hotel's remainder
    lines = (await booking_reads.lines(ids))[booking_id]
    assert [(n.number, n.product, n.amount_minor, n.travel_from, n.points) for n in lines] == [
        (1, "flight", 240000, date(2026, 5, 1), 10100),
        (2, "hotel", 9990, None, 399),
    ]
    assert (await of_bookings(ids))[booking_id] == [
        AwardRead("base", 2499, 2499),
        AwardRead("birthday_month", 2500, 2500),
        AwardRead("partner_card", 5000, 5000),
        AwardRead("flight_over_2000", 500, 500),
    ]
    explained = (await booking_reads.explanations(ids))[booking_id].reasons
    assert [(r.code, r.points) for r in explained] == [
        ("rate", 2499),
        ("multiplier", 2500),
        ("multiplier", 5000),
        ("bonus", 500),
    ]
    stored = await row("SELECT snapshot, reporter FROM booking WHERE member_id = $1", member_id)
    assert stored is not None
    assert orjson.loads(stored["snapshot"]) == {
        "status": "ENROLLED",
        "tier": "silver",
        "in_birthday_month": True,
        "profile": {},
        "allowances": {},
    }
    assert stored["reporter"] == "partner:booking-engine"
    (entry,) = await reading.entries(member_id, limit=9)
    assert (entry.kind, entry.points, entry.booking_reference) == ("EARN", 10499, "B-1")
    (lot,) = (await states.live_state([member_id]))[member_id].lots
    assert (lot.points, lot.remaining, lot.funder) == (10499, 10499, "programme")
    assert lot.earned_at == lot.available_at == make.NOW


async def test_points_earned_and_a_tier_reached_are_told_outside(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = make.booking(("hotel", "5000"))
    outcome = await earn(programme, member_id, sent)
    told = await rows(
        "SELECT topic, payload FROM outbox_event WHERE member_id = $1 ORDER BY id", member_id
    )
    assert [(event["topic"], orjson.loads(event["payload"])) for event in told] == [
        ("member.enrolled", {"status": "ENROLLED"}),
        ("points.earned", {"points": 5000, "booking_id": outcome.figures["booking_id"]}),
        ("tier.changed", {"from": "silver", "to": "gold"}),
    ]


LINE = LineSent("flight", Decimal(100))


@pytest.mark.parametrize(
    ("changed", "reason", "path", "allowed"),
    [
        ({"reference": " "}, "too_short", ("reference",), ""),
        ({"reference": "x" * 129}, "too_long", ("reference",), "128"),
        ({"reference": "a\x00b"}, "control_characters", ("reference",), ""),
        ({"reference": "\ud800"}, "control_characters", ("reference",), ""),
        ({"lines": ()}, "no_lines", ("lines",), "100"),
        ({"lines": (LINE,) * 101}, "too_many_lines", ("lines",), "100"),
        (
            {"lines": (LINE, replace(LINE, product="yacht"))},
            "unknown_product",
            ("lines", "1", "product"),
            "flight, hotel, train, car, ticket, holiday_package, local_experience",
        ),
        (
            {"lines": (LINE, replace(LINE, amount=Decimal("-0.01")))},
            "negative_amount",
            ("lines", "1", "amount"),
            "",
        ),
        (
            {"lines": (replace(LINE, amount=Decimal("0.001")),)},
            "too_many_decimals",
            ("lines", "0", "amount"),
            "2",
        ),
        (
            {"lines": (replace(LINE, amount=Decimal("1E+12")),)},
            "amount_too_large",
            ("lines", "0", "amount"),
            "100000000000.00",
        ),
        (
            {"lines": (replace(LINE, attributes={"colour": "red"}),)},
            "unknown_attribute",
            ("lines", "0", "attributes", "colour"),
            "city, niche, business, hot_route, destination",
        ),
        (
            {"lines": (replace(LINE, attributes={"hot_route": "yes"}),)},
            "attribute_type",
            ("lines", "0", "attributes", "hot_route"),
            "true or false",
        ),
        (
            {"lines": (replace(LINE, attributes={"city": 1}),)},
            "attribute_type",
            ("lines", "0", "attributes", "city"),
            "text",
        ),
        (
            {"lines": (replace(LINE, attributes={"city": "a\x00"}),)},
            "control_characters",
            ("lines", "0", "attributes"),
            "",
        ),
        (
            {"lines": (replace(LINE, attributes={"city": "x" * 9000}),)},
            "too_long",
            ("lines", "0", "attributes"),
            "4096 bytes",
        ),
        (
            {"lines": (replace(LINE, travel_from=date(2026, 5, 2), travel_to=date(2026, 5, 1)),)},
            "travel_dates",
            ("lines", "0", "travelTo"),
            "2026-05-02",
        ),
        (
            {"payment_method": "barter"},
            "unknown_payment_method",
            ("paymentMethod",),
            "card, partner_card, wechat, alipay",
        ),
    ],
    ids=range(17),
)
async def test_what_cannot_be_is_refused_with_its_path_and_what_is_allowed(
    database: Database,
    changed: Mapping[str, Any],
    reason: str,
    path: tuple[str, ...],
    allowed: str,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = replace(BookingSent("B-1", (LINE,)), **changed)
    facts = {"reason": reason, "allowed": tuple(allowed.split(", ")) if allowed else ()}
    async with make.refused(programme, InvalidInput, *path, **facts):
        await earn(programme, member_id, sent)


async def test_the_most_lines_that_are_allowed_are_taken(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LINE,) * booking_lines.LINES_MAX)
    assert (await earn(programme, member_id, sent)).figures["points_awarded"] == 10500


async def test_a_currency_that_is_not_priced_is_refused(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    async with make.refused(
        programme, CurrencyNotSupported, "currency", currency="USD", supported=("CNY",)
    ):
        await earn(programme, member_id, make.booking(("hotel", "1"), currency="USD"))
    sent = make.booking(("hotel", "1"), currency="CNY")
    assert (await earn(programme, member_id, sent)).figures["points_awarded"] == 1


async def test_facts_too_old_are_refused_to_the_instant(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 800 * DAY)
    oldest = make.NOW - 365 * DAY
    too_old = oldest - timedelta(microseconds=1)
    async with make.refused(programme, EventTooOld, "bookedAt", oldest_days=365):
        await earn(programme, member_id, make.booking(("hotel", "1"), booked_at=too_old))
    await earn(programme, member_id, make.booking(("hotel", "1"), booked_at=oldest))


async def test_facts_ahead_are_refused_beyond_five_minutes(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    ahead = make.NOW + timedelta(minutes=5)
    too_far = ahead + timedelta(microseconds=1)
    async with make.refused(programme, EventInFuture, "bookedAt", now=make.NOW):
        await earn(programme, member_id, make.booking(("hotel", "1"), booked_at=too_far))
    await earn(programme, member_id, make.booking(("hotel", "1"), booked_at=ahead))


async def test_a_member_that_is_not_there_is_refused(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    stranger = await make.enrol(other)
    for key in (
        MemberKey.of_id(stranger),
        MemberKey.of_id(UUID(int=0)),
        MemberKey(lookups.LookupScope.REFERENCE, "nobody"),
        MemberKey(lookups.LookupScope.EMAIL, "a\x00b@example.com"),
    ):
        async with make.refused(programme, NotFound, "member", what="member"):
            await bookings.earn(
                make.request(make.partner(programme)), programme, key, make.booking(("hotel", "1"))
            )


@pytest.mark.parametrize("status", ["SUSPENDED", "UNDER_REVIEW", "ERASED"])
async def test_a_member_that_is_not_active_earns_nothing(database: Database, status: str) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await models.Member.filter(member_id=member_id).update(status=status)
    async with make.refused(programme, MemberSuspended, "member"):
        await earn(programme, member_id, make.booking(("hotel", "1")))


async def test_a_guests_booking_is_kept_and_earns_nothing(database: Database) -> None:
    programme = await make.establish()
    guest = await make.enrol(programme, reference="guest", guest=True)
    outcome = await earn(programme, guest, make.booking(("flight", "6000")))
    assert outcome.figures["points_awarded"] == 0
    ids = [(guest, UUID(outcome.figures["booking_id"]))]
    (explained,) = (await booking_reads.explanations(ids)).values()
    assert explained.reasons == (Reason("guest", {}, 0),)
    assert await reading.count_entries(guest) == 0

    # enrolled later, the guest starts from nothing and at the entry tier
    assert await make.enrol(programme, reference="guest") == guest
    member = (await members.many([guest]))[guest]
    assert (member.status, member.tier, member.qualifying.spend_minor) == ("ENROLLED", "silver", 0)
    assert await make.book(programme, guest, ("hotel", "100")) == 100


async def test_a_zero_amount_is_kept_and_earns_nothing(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    outcome = await earn(programme, member_id, make.booking(("flight", "0"), ("hotel", "0.00")))
    assert outcome.figures["points_awarded"] == 0
    assert await booking_reads.counts([member_id], None) == {member_id: 1}
    assert await reading.count_entries(member_id) == 0
    assert (await states.live_state([member_id]))[member_id].lots == ()
    assert await make.available(member_id) == 0


async def test_less_than_a_point_is_nothing(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("hotel", "0.99")) == 0


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


# The same booking again.


async def test_a_booking_seen_again_is_answered_as_it_was_first(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(5000)),), booked_at=make.NOW)
    first = await earn(programme, member_id, sent)
    before = await make.everything(programme)

    # the member is gold by now, the amount is written differently, the zone is another
    shanghai = timezone(timedelta(hours=8))
    again = BookingSent(
        "B-1",
        (LineSent("hotel", Decimal("5000.00")),),
        booked_at=make.NOW.astimezone(shanghai),
    )
    second = await earn(programme, member_id, again, now=make.NOW + DAY)
    assert (second.figures, second.replayed, first.replayed) == (first.figures, True, False)
    after = await make.everything(programme)
    # the new request key is kept, nothing else is
    keys = after.pop("idempotency_key")
    assert len(keys) == len(before.pop("idempotency_key")) + 1
    assert after == before


async def test_a_booking_seen_again_long_after_is_answered_as_it_was_first(
    database: Database,
) -> None:
    """Natural keys never expire, though the fact has become too old to be reported."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(100)),), booked_at=make.NOW)
    first = await earn(programme, member_id, sent)
    second = await earn(programme, member_id, sent, now=make.NOW + 400 * DAY)
    assert (second.figures, second.replayed) == (first.figures, True)


async def test_a_booking_of_a_product_sold_no_more_is_answered_as_it_was_first(
    database: Database,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("train", Decimal(100)),))
    first = await earn(programme, member_id, sent)
    products = make.shipped_document(products=["flight", "hotel"])
    programme = await make.publish(programme, products, now=make.NOW + DAY)
    second = await earn(programme, member_id, sent, now=make.NOW + 2 * DAY)
    assert (second.figures, second.replayed) == (first.figures, True)
    async with make.refused(
        programme, InvalidInput, "lines", "0", "product", allowed=("flight", "hotel")
    ):
        await earn(programme, member_id, replace(sent, reference="B-2"), now=make.NOW + 2 * DAY)


@pytest.mark.parametrize(
    "changed",
    [
        {"lines": (LineSent("hotel", Decimal(101)),)},
        {"lines": (LineSent("flight", Decimal(100)),)},
        {"lines": (LineSent("hotel", Decimal(100)), LineSent("hotel", Decimal(0)))},
        {"booked_at": make.NOW},
        {"payment_method": "card"},
        {"currency": "CNY"},
    ],
    ids=range(6),
)
async def test_a_reference_with_other_content_is_refused(
    database: Database, changed: Mapping[str, Any]
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(100)),))
    await earn(programme, member_id, sent)
    async with make.refused(programme, ReferenceConflict, "reference", reference="B-1"):
        await earn(programme, member_id, replace(sent, **changed))


async def test_a_reference_of_another_member_is_refused(database: Database) -> None:
    programme = await make.establish()
    one, other = await make.enrol(programme), await make.enrol(programme)
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(100)),))
    await earn(programme, one, sent)
    async with make.refused(programme, ReferenceConflict, "reference", reference="B-1"):
        await earn(programme, other, sent)


async def test_another_programme_may_use_the_same_reference(database: Database) -> None:
    sent = BookingSent("B-1", (LineSent("hotel", Decimal(100)),))
    for programme in (await make.establish(), await make.establish()):
        member_id = await make.enrol(programme)
        assert not (await earn(programme, member_id, sent)).replayed


# Reads.


async def test_a_booking_is_found_by_its_reference(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    member_id = await make.enrol(programme)
    outcome = await earn(programme, member_id, make.booking(("hotel", "1"), reference="B-1"))
    booking_id = UUID(outcome.figures["booking_id"])
    assert await booking_keys.find(make.partner(programme), "B-1") == BookingKey(
        member_id, booking_id
    )
    assert await booking_keys.find(make.partner(programme), "b-1") is None
    assert await booking_keys.find(make.partner(programme), "B-1\x00") is None
    assert await booking_keys.find(make.partner(other), "B-1") is None
    assert await booking_reads.many(other.id, [(member_id, booking_id)]) == {}


async def test_bookings_are_paged_newest_first(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme, now=make.NOW - 9 * DAY)
    for age in (3, 1, 2, 2):
        booked_at = make.NOW - age * DAY
        await make.book(programme, member_id, ("hotel", "1"), booked_at=booked_at)
    seen = []
    after = None
    while found := (await booking_reads.pages([member_id], None, 1, after))[member_id]:
        seen += found
        after = (found[0].booked_at, found[0].id)
    assert [(make.NOW - booking.booked_at).days for booking in seen] == [1, 2, 2, 3]
    assert len({booking.id for booking in seen}) == 4
    assert await booking_reads.counts([member_id], None) == {member_id: 4}
