"""Bookings: what is stored, what is refused and where, and how they are read."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

import models
from domain.bookings import booking_keys, booking_reads, bookings
from domain.bookings.booking_keys import BookingKey
from domain.bookings.refusals import CurrencyNotSupported
from domain.bookings.reports import BookingSent
from domain.checkout import booking_lines
from domain.checkout.booking_lines import LineSent
from domain.earning.awards import AwardRead, of_bookings
from domain.earning.values import Reason
from domain.kernel import lookups
from domain.kernel.database import row, rows
from domain.kernel.refusals import (
    EventInFuture,
    EventTooOld,
    InvalidInput,
    NotFound,
)
from domain.ledger import states
from domain.members import members
from domain.members.identity import MemberKey
from domain.members.refusals import MemberSuspended
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading
from tests.support.booked import earn

DAY = timedelta(days=1)


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
        "counts": {"business_hotels": 0},
        "segments": {"business_traveller": False},
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
    booking = {"points": 5000, "booking_id": outcome.figures["booking_id"]}
    assert [(event["topic"], orjson.loads(event["payload"])) for event in told] == [
        ("member.enrolled", {"status": "ENROLLED"}),
        ("booking.recorded", {**booking, "reference": sent.reference}),
        ("points.earned", {**booking, "pending": 0, "rules": ["base"]}),
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
            "boolean",
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


@pytest.mark.parametrize("status", ["ERASED", "CLOSED", "MERGED"])
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
