"""A quote and the booking that follows agree to the point."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest

import models
from domain.bookings import booking_reads, bookings, quotes
from domain.bookings.quotes import QuoteSent
from domain.bookings.reports import BookingSent
from domain.checkout.booking_lines import LineSent
from domain.earning import reservations
from domain.earning.awards import AwardRead, of_bookings
from domain.kernel.database import rows
from domain.kernel.refusals import EventInFuture, EventTooOld, InvalidInput
from domain.members import members
from domain.members.identity import MemberKey
from domain.members.members import Member
from domain.members.refusals import MemberSuspended
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

DAY = timedelta(days=1)


async def read(member_id: UUID) -> Member:
    return (await members.many([member_id]))[member_id]


async def test_a_quote_says_what_will_be_earned_and_how_long_it_lasts(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    before = await make.everything(programme)
    sent = QuoteSent((LineSent("flight", Decimal(1880)),))
    quote = await quotes.earning(programme, await read(member_id), sent, make.NOW)
    assert quote.evaluation.points == 1880
    assert quote.expires_on == date(2027, 3, 15)
    assert quote.version == programme.versions[0]
    assert [reason.code for reason in quote.evaluation.explanation] == ["rate", "near_miss"]
    assert await make.everything(programme) == before


async def test_without_a_member_it_is_one_at_the_entry_tier(database: Database) -> None:
    programme = await make.establish()
    sent = QuoteSent((LineSent("flight", Decimal(2400)),), payment_method="partner_card")
    quote = await quotes.earning(programme, None, sent, make.NOW)
    assert quote.evaluation.points == 5300


async def test_points_that_never_expire_have_no_last_day(database: Database) -> None:
    document = make.shipped_document()
    del document["points"]["expiry"]
    programme = await make.establish(document)
    sent = QuoteSent((LineSent("car", Decimal(1)),))
    quote = await quotes.earning(programme, None, sent, make.NOW)
    assert quote.expires_on is None


async def test_a_guest_is_quoted_nothing(database: Database) -> None:
    programme = await make.establish()
    guest = await read(await make.enrol(programme, guest=True))
    sent = QuoteSent((LineSent("car", Decimal(9)),))
    quote = await quotes.earning(programme, guest, sent, make.NOW)
    assert quote.evaluation.points == 0


async def test_a_quote_is_refused_as_the_booking_would_be(database: Database) -> None:
    programme = await make.establish()
    line = LineSent("car", Decimal(1))
    for lines, path in (
        ((), ("lines",)),
        ((LineSent("yacht", Decimal(1)),), ("lines", "0", "product")),
        ((line, LineSent("car", Decimal(-1))), ("lines", "1", "amount")),
    ):
        with pytest.raises(InvalidInput) as refused:
            await quotes.earning(programme, None, QuoteSent(lines), make.NOW)
        assert refused.value.path == path
    sent = QuoteSent((line,), payment_method="barter")
    with pytest.raises(InvalidInput) as refused:
        await quotes.earning(programme, None, sent, make.NOW)
    assert refused.value.path == ("paymentMethod",)
    with pytest.raises(EventInFuture):
        await quotes.earning(programme, None, QuoteSent((line,), make.NOW + DAY), make.NOW)
    with pytest.raises(EventTooOld):
        await quotes.earning(programme, None, QuoteSent((line,), make.NOW - 366 * DAY), make.NOW)


def limited_document() -> dict[str, object]:
    """Every kind of rule at once, with limits that run out on the way."""
    return make.variant(
        make.rule("rate", "base", points="1.07", limit={"points": 9000, "per": "month"}),
        make.rule("step", "trains", points=3, per=200, when={"products": ["train"]}),
        make.rule("rate_add", "hot", add="0.2", when={"attributes": {"hot_route": True}}),
        make.rule(
            "multiplier",
            "birthday",
            _class="birthday",
            factor=2,
            when={"member": {"birthday_month": True}},
            limit={"times": 3, "per": "year"},
        ),
        make.rule(
            "multiplier",
            "card",
            _class="payment",
            factor="1.5",
            when={"payment_methods": ["partner_card"]},
            limit={"points": 2000, "per": "member"},
        ),
        make.rule(
            "bonus",
            "flights",
            points=500,
            when={"products": ["flight"], "min_amount": 2000},
            limit={"times": 1, "per": "day"},
        ),
    )


@pytest.mark.parametrize("seed", range(4))
async def test_a_quote_and_the_booking_that_follows_agree(database: Database, seed: int) -> None:
    programme = await make.establish(limited_document())
    member_id = await make.enrol(programme, birthday=date(1990, 3, 3), now=make.NOW - 300 * DAY)
    draw = Random(seed)
    now = make.NOW
    for number in range(15):
        now += timedelta(hours=draw.choice((0, 5, 30)))
        booked_at = draw.choice((None, None, now, now - draw.randrange(60) * DAY))
        payment_method = draw.choice((None, "card", "partner_card"))
        lines = tuple(
            LineSent(
                draw.choice(("flight", "hotel", "train")),
                Decimal(draw.choice((0, draw.randrange(300_000)))) / 100,
                attributes={"hot_route": draw.random() < 0.5},
            )
            for _ in range(draw.randrange(1, 5))
        )
        quoted = QuoteSent(lines, booked_at, payment_method)
        quote = await quotes.earning(programme, await read(member_id), quoted, now)
        outcome = await bookings.earn(
            make.request(make.partner(programme), now=now),
            programme,
            MemberKey.of_id(member_id),
            BookingSent(str(number), lines, booked_at, payment_method=payment_method),
        )
        ids = [(member_id, UUID(outcome.figures["booking_id"]))]
        assert outcome.figures["points_awarded"] == quote.evaluation.points
        (awards,) = (await of_bookings(ids)).values()
        granted = [
            AwardRead(award.rule, award.points, award.points) for award in quote.evaluation.awards
        ]
        assert awards == granted
        (explained,) = (await booking_reads.explanations(ids)).values()
        assert explained.reasons == quote.evaluation.explanation
        (stored,) = (await booking_reads.lines(ids)).values()
        assert {line.number: line.points for line in stored} == quote.evaluation.line_points


async def test_a_member_whose_booking_would_be_refused_gets_no_quote(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await models.Member.filter(member_id=member_id).update(status="CLOSED")
    sent = QuoteSent((LineSent("flight", Decimal(100)),))
    with pytest.raises(MemberSuspended) as refused:
        await quotes.earning(programme, await read(member_id), sent, make.NOW)
    assert refused.value.path == ("member",)


async def test_expired_quotes_are_removed_when_nobody_asks_for_them(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    used = await travel.guarantee(programme, member_id, make.line_of("hotel", "100"))
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "100"), quote=used)
    await travel.guarantee(programme, member_id, make.line_of("hotel", "200"))
    expired = make.NOW + timedelta(hours=1)
    assert [one async for one in reservations.sweep(programme, expired)] == [member_id]
    assert await reservations.forget(programme.id, expired + timedelta(days=31)) == 0
    gone = expired + timedelta(days=31, seconds=1)
    assert await reservations.forget(programme.id, gone) == 1
    assert await reservations.forget(programme.id, gone) == 0
    left = await rows("SELECT id, status FROM quote WHERE member_id = $1", member_id)
    assert left == [{"id": used[1], "status": "USED"}]
    assert await make.faults(member_id) == []
