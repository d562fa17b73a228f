"""Guaranteed quotes: what was promised is given, once, in time, and to nobody else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

import models
from domain.bookings import quotes
from domain.bookings.quotes import QuoteSent
from domain.checkout import guarantees
from domain.checkout.booking_lines import LineSent
from domain.checkout.promises import QuoteStatus
from domain.checkout.refusals import BelowMinimum, QuoteExpired, QuoteMismatch, ShareExceeded
from domain.kernel.database import row, rows
from domain.kernel.refusals import InvalidInput, NotFound, Refusal
from domain.members import members
from domain.members.refusals import LimitReached, MemberNotEnrolled, MemberSuspended
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import guarantee, pay

DAY, MINUTE, INSTANT = timedelta(days=1), timedelta(minutes=1), timedelta(microseconds=1)
DEAD = make.NOW + 30 * MINUTE
"""When a quote given now is over."""

pytestmark = pytest.mark.usefixtures("proved")


def flight(amount: str = "100") -> LineSent:
    return make.line_of("flight", amount)


def within(points: int, **limit: Any) -> dict[str, Any]:
    """A point for every yuan, no more than these in all."""
    return make.variant(
        make.rule("rate", "base", points=1, budget={"points": points}, **limit),
    )


async def used(programme: Programme) -> int:
    """What the one counter of the programme says."""
    found = await row("SELECT used FROM rule_budget WHERE programme_id = $1", programme.id)
    assert found is not None
    return int(found["used"])


async def status(programme: Programme, named: tuple[UUID, UUID], now: datetime) -> QuoteStatus:
    return (await guarantees.many(programme.id, [named]))[named[1]].as_of(now).status


async def earned(
    programme: Programme, member_id: UUID, reference: str, *lines: LineSent, **sent: Any
) -> int:
    points: int = (await pay(programme, member_id, reference, *lines, **sent)).figures[
        "points_awarded"
    ]
    return points


async def test_a_booking_earns_what_was_quoted_whatever_has_changed(database: Database) -> None:
    """2400 and 500, doubled but for the bonus: 5300. Since then the policy pays nothing, the
    birthday is another one, and the member is gold.
    """
    programme = await make.establish()
    member_id = await make.enrol(programme, birthday=date(1990, 3, 3))
    quoted = await guarantee(programme, member_id, flight("2400"))
    promise = (await guarantees.many(programme.id, [quoted]))[quoted[1]]
    assert (promise.points, promise.expires_at) == (5300, DEAD)
    assert [line.points for line in promise.lines] == [5300]
    assert [one.code for one in promise.explanation] == ["rate", "multiplier", "bonus"]
    await make.book(programme, member_id, ("hotel", "6000"))
    await models.Member.filter(member_id=member_id).update(birthday=date(1990, 7, 7))
    rule = make.rule("rate", "nothing", points=0, when={"products": ["car"]})
    programme = await make.publish(programme, make.variant(rule), now=make.NOW + MINUTE)
    later = make.NOW + 2 * MINUTE
    assert await earned(programme, member_id, "B", flight("2400"), quote=quoted, now=later) == 5300
    assert await status(programme, quoted, later) is QuoteStatus.USED
    assert await earned(programme, member_id, "C", flight("2400"), now=later) == 0
    back = await travel.refund(programme, "B", "R", (1, "500"), now=later)
    assert back.figures["points_clawed_back"] == 1500


async def test_a_quote_ends_with_its_instant(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    first = await guarantee(programme, member_id, flight())
    second = await guarantee(programme, member_id, flight())
    last = DEAD - INSTANT
    assert await status(programme, first, last) is QuoteStatus.OPEN
    assert await status(programme, first, DEAD) is QuoteStatus.EXPIRED
    async with make.refused(programme, QuoteExpired, "quoteId", expired_at=DEAD):
        await pay(programme, member_id, "B", flight(), quote=second, now=DEAD)
    assert await earned(programme, member_id, "B", flight(), quote=first, now=last) == 100


async def test_how_long_a_quote_stands_is_the_policys(database: Database) -> None:
    programme = await make.establish(make.shipped_document(quotes={"minutes": 5}))
    member_id = await make.enrol(programme)
    quoted = await guarantee(programme, member_id, flight())
    dead = make.NOW + 5 * MINUTE
    async with make.refused(programme, QuoteExpired, "quoteId", expired_at=dead):
        await pay(programme, member_id, "B", flight(), quote=quoted, now=dead)


MARCH = date(2026, 3, 20)
QUOTED = (
    replace(flight("1000"), travel_from=MARCH, travel_to=MARCH),
    make.line_of("hotel", "500", city="Sanya"),
)


@pytest.mark.parametrize(
    ("change", "path", "what", "quoted", "found"),
    [
        (lambda a, b: {"lines": (a,)}, ("lines",), "lines", "2", "1"),
        (
            lambda a, b: {"lines": (replace(a, product="train"), b)},
            ("lines", "0", "product"),
            "product",
            "flight",
            "train",
        ),
        (
            lambda a, b: {"lines": (a, replace(b, amount=Decimal("500.01")))},
            ("lines", "1", "amount"),
            "amount",
            "500.00",
            "500.01",
        ),
        (
            lambda a, b: {"lines": (replace(a, travel_from=MARCH - DAY), b)},
            ("lines", "0", "travelFrom"),
            "travelFrom",
            "2026-03-20",
            "2026-03-19",
        ),
        (
            lambda a, b: {"lines": (replace(a, travel_to=None), b)},
            ("lines", "0", "travelTo"),
            "travelTo",
            "2026-03-20",
            None,
        ),
        (
            lambda a, b: {"lines": (a, replace(b, attributes={"city": "Beijing"}))},
            ("lines", "1", "attributes"),
            "attributes",
            '{"city":"Sanya"}',
            '{"city":"Beijing"}',
        ),
        (
            lambda a, b: {"lines": (b, a)},
            ("lines", "0", "product"),
            "product",
            "flight",
            "hotel",
        ),
        (
            lambda a, b: {"lines": (a, b), "payment_method": "card"},
            ("paymentMethod",),
            "paymentMethod",
            "partner_card",
            "card",
        ),
        (
            lambda a, b: {"lines": (a, b), "booked_at": make.NOW - 5 * MINUTE - INSTANT},
            ("bookedAt",),
            "bookedAt",
            "2026-03-15T02:30:00+00:00",
            "2026-03-15T02:24:59.999999+00:00",
        ),
    ],
)
async def test_another_booking_than_was_quoted_is_refused(
    database: Database,
    change: Callable[[LineSent, LineSent], dict[str, Any]],
    path: tuple[str, ...],
    what: str,
    quoted: str,
    found: str | None,
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    named = await guarantee(programme, member_id, *QUOTED, payment_method="partner_card")
    sent = {"payment_method": "partner_card", **change(*QUOTED)}
    lines = sent.pop("lines")
    facts = {"what": what, "quoted": quoted, "found": found}
    async with make.refused(programme, QuoteMismatch, *path, **facts):
        await pay(programme, member_id, "B", *lines, quote=named, **sent)
    same = {"payment_method": "partner_card", "booked_at": make.NOW - 5 * MINUTE}
    equal = (replace(QUOTED[0], amount=Decimal("1000.00"), attributes={}), QUOTED[1])
    assert await earned(programme, member_id, "B", *equal, quote=named, **same) == 3000


async def test_a_quote_is_for_one_booking(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    named = await guarantee(programme, member_id, flight())
    first = await pay(programme, member_id, "B1", flight(), quote=named)
    again = await pay(programme, member_id, "B1", flight(), quote=named, now=DEAD)
    assert (again.replayed, again.figures) == (True, first.figures)
    facts = {"what": "reference", "quoted": "B1", "found": "B2"}
    async with make.refused(programme, QuoteMismatch, "quoteId", **facts):
        await pay(programme, member_id, "B2", flight(), quote=named)


async def test_a_quote_of_another_member_or_programme_is_not_there(database: Database) -> None:
    programme, elsewhere = await make.establish(), await make.establish()
    member_id, other = await make.enrol(programme), await make.enrol(programme)
    stranger = await make.enrol(elsewhere)
    for named in (
        await guarantee(programme, other, flight()),
        await guarantee(elsewhere, stranger, flight()),
        (member_id, UUID(int=7)),
        (member_id, (await guarantee(elsewhere, stranger, flight()))[1]),
    ):
        async with make.refused(programme, NotFound, "quoteId", what="quote"):
            await pay(programme, member_id, "B", flight(), quote=named)


async def test_one_key_is_one_quote(database: Database) -> None:
    programme = await make.establish(within(1000))
    member_id = await make.enrol(programme)
    found = [await guarantee(programme, member_id, flight(), key="k") for _ in range(2)]
    assert found[0] == found[1]
    assert await used(programme) == 100


async def test_a_refund_is_judged_by_the_day_of_the_quote(database: Database) -> None:
    """Quoted before midnight in a season that doubles, booked behind it."""
    season = {"from": "2026-03-01", "through": "2026-03-15"}
    spring = {"code": "spring", "name": make.WORDS, "spans": [season]}
    double = make.rule(
        "multiplier", "double", _class="campaign", factor=2, when={"seasons": ["spring"]}
    )
    limited = make.rule("rate", "base", points=1, budget={"points": 9000, "per": "day"})
    programme = await make.establish(
        make.variant(limited, double, seasons=[spring], redemption_rates=[])
    )
    member_id = await make.enrol(programme)
    before = datetime(2026, 3, 15, 15, 50, tzinfo=UTC)
    after = before + 20 * MINUTE
    named = await guarantee(programme, member_id, flight("1000"), now=before)
    assert await earned(programme, member_id, "B", flight("1000"), quote=named, now=after) == 2000
    half = await travel.refund(programme, "B", "R", (1, "500"), now=after)
    assert half.figures["points_clawed_back"] == 1000
    made = await travel.amend(programme, "B", "A", flight("1100"), now=after)
    assert made.figures["points_awarded"] == 200
    counters = await rows(
        "SELECT period, used FROM rule_budget WHERE programme_id = $1", programme.id
    )
    assert counters == [{"period": "2026-03-15", "used": 600}]
    stored = await row(
        "SELECT booked_at FROM booking WHERE member_id = $1 AND reference = 'B'", member_id
    )
    assert stored == {"booked_at": after}


ANY_POINTS = {"step": 100, "minimum": 100, "shares": [{"percent": 50}]}


async def test_points_count_on_the_part_paid_in_cash(database: Database) -> None:
    """CNY 300 and 100, 100 of it in 10 000 points: 300 earned, the offset spread 3 to 1."""
    programme = await make.establish(make.shipped_document(offset=ANY_POINTS))
    member_id = await make.rich_member(programme, 10_000)
    lines = (flight("300"), flight("100"))
    sent = QuoteSent(lines, offset_points=10_000)
    for whom in ((await members.many([member_id]))[member_id], None):
        quote = await quotes.earning(programme, whom, sent, make.NOW)
        assert [line.cash_minor for line in quote.lines] == [22_500, 7_500]
        assert quote.evaluation.line_points == {1: 225, 2: 75}
    named = await guarantee(programme, member_id, *lines, offset_points=10_000)
    facts = {"what": "offset", "quoted": "100.00", "found": "0.00"}
    async with make.refused(programme, QuoteMismatch, "redemptionId", **facts):
        await pay(programme, member_id, "B", *lines, quote=named)
    held = await travel.hold(programme, member_id, 10_000, *lines)
    paid = {"redemption": held, "quote": named}
    assert await earned(programme, member_id, "B", *lines, **paid) == 300


@pytest.mark.parametrize(
    ("points", "error"),
    [(0, BelowMinimum), (-100, BelowMinimum), (15_100, ShareExceeded)],
)
async def test_an_offset_that_could_not_be_held_is_not_quoted(
    database: Database, points: int, error: type[Refusal]
) -> None:
    programme = await make.establish(make.shipped_document(offset=ANY_POINTS))
    member_id = await make.enrol(programme)
    sent = QuoteSent((flight("300"),), offset_points=points)
    async with make.refused(programme, error, "offsetPoints"):
        await quotes.earning(programme, None, sent, make.NOW)
    async with make.refused(programme, error, "offsetPoints"):
        await guarantee(programme, member_id, flight("300"), offset_points=points)


async def test_where_no_points_are_taken_none_are_quoted(database: Database) -> None:
    document = make.shipped_document()
    document.pop("offset", None)
    programme = await make.establish(document)
    sent = QuoteSent((flight(),), offset_points=100)
    async with make.refused(programme, InvalidInput, "offsetPoints", reason="no_offset"):
        await quotes.earning(programme, None, sent, make.NOW)


async def test_guests_and_the_suspended_get_no_guarantee(database: Database) -> None:
    programme = await make.establish()
    guest, member_id = await make.enrol(programme, guest=True), await make.enrol(programme)
    named = await guarantee(programme, member_id, flight())
    await make.set_status(member_id, "SUSPENDED")
    async with make.refused(programme, MemberNotEnrolled, "member"):
        await guarantee(programme, guest, flight())
    async with make.refused(programme, MemberSuspended, "member"):
        await guarantee(programme, member_id, flight())
    async with make.refused(programme, MemberSuspended, "member"):
        await pay(programme, member_id, "B", flight(), quote=named)


async def test_a_member_has_twenty_open_quotes_at_most(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for number in range(guarantees.OPEN_MAX):
        now = make.NOW + number * MINUTE
        named = await guarantee(programme, member_id, flight(), now=now)
    facts = {"limit": 20, "resets_at": DEAD}
    now = make.NOW + 20 * MINUTE
    async with make.refused(programme, LimitReached, "member", **facts):
        await guarantee(programme, member_id, flight(), now=now)
    await pay(programme, member_id, "B", flight(), quote=named, now=now)
    await guarantee(programme, member_id, flight(), now=now)
    async with make.refused(programme, LimitReached, "member", **facts):
        await guarantee(programme, member_id, flight(), now=DEAD - INSTANT)
    await guarantee(programme, member_id, flight(), now=DEAD)


async def test_a_refused_quote_reserves_nothing(database: Database) -> None:
    programme = await make.establish(within(100))
    member_id = await make.enrol(programme)
    async with make.refused(programme, InvalidInput, "lines", "0", "product"):
        await guarantee(programme, member_id, make.line_of("yacht", "1"))
    async with make.refused(programme, InvalidInput, "paymentMethod"):
        await guarantee(programme, member_id, flight(), payment_method="barter")


# Races.


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("quote", "points = 99", "points is 99, should be 100, the sum of its awards"),
        (
            "quote",
            "status = 'OPEN'",
            "bookings that cite it is ['B'], should be none, being OPEN",
        ),
        ("booking", "points = 90", "points is 90, should be 100, as was quoted"),
        (
            "booking",
            "quote_id = NULL",
            "bookings that cite it is [], should be one, being USED",
        ),
    ],
)
async def test_verification_proves_that_promises_are_kept(
    database: Database, owner_connection: Any, table: str, change: str, said: str
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    named = await guarantee(programme, member_id, flight())
    await pay(programme, member_id, "B", flight(), quote=named)
    undo = "points = 100" if change.startswith("points") else "status = 'USED'"
    if table == "booking" and "quote_id" in change:
        undo = f"quote_id = '{named[1]}'"
    await owner_connection.execute(f"UPDATE {table} SET {change} WHERE member_id = $1", member_id)
    assert [fault for fault in await make.faults(member_id) if fault.endswith(said)] != []
    await owner_connection.execute(f"UPDATE {table} SET {undo} WHERE member_id = $1", member_id)
