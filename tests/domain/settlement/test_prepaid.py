"""Prepaid points: the last clip, shared by all rules of a partner, and never passed."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from domain.bookings import batches
from domain.bookings.reports import BookingRequest, BookingSent
from domain.earning import reservations
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import InvalidInput, NotFound, ReferenceConflict
from domain.members.identity import MemberKey
from domain.partners import prepaid
from domain.partners.prepaid import PurchaseSent
from domain.programmes.programmes import Programme
from domain.proof import prepaid_checks
from tests.support import factories as make
from tests.support import granted, travel

pytestmark = pytest.mark.usefixtures("proved")

BANK = "bank"
APRIL = make.NOW + timedelta(days=20)
MAY = APRIL + timedelta(days=30)


async def trading(*rules: dict[str, Any], bought: int = 0, **changes: Any) -> Programme:
    """A programme whose base rule pays a point for each CNY, prepaid by the bank from April on."""
    base = make.rule("rate", "base", points=1, funder=BANK)
    programme = await make.funded(make.variant(base, *rules, **changes), BANK)
    await make.partner_of(programme, BANK)
    await make.agree(programme, BANK, from_month="2026-04", prepaid=True)
    if bought:
        await buy(programme, bought)
    return programme


async def buy(programme: Programme, points: int, reference: str = "first") -> None:
    sent = PurchaseSent(BANK, points, reference)
    await prepaid.buy(make.request(make.staff(programme), now=APRIL), programme, sent)


async def left(programme: Programme) -> int:
    bank = (await make.partner_of(programme, BANK)).partner_id
    assert bank is not None
    return (await prepaid.left([bank]))[bank]


async def book(programme: Programme, member_id: UUID, amount: str, reference: str) -> int:
    made = await travel.pay(
        programme, member_id, reference, make.line_of("hotel", amount), now=APRIL
    )
    return int(made.figures["points_awarded"])


async def proved() -> None:
    assert await prepaid_checks.counters() == []


async def test_an_award_is_clipped_to_what_is_left_and_gives_it_back() -> None:
    """100 left, a booking worth 300: 100 granted; full refund: 100 left."""
    programme = await trading(bought=100)
    member_id = await make.enrol(programme, now=APRIL)
    assert await book(programme, member_id, "300", "B") == 100
    assert await left(programme) == 0
    [kept] = await rows("SELECT explanation FROM booking WHERE member_id = $1", member_id)
    lost = {"code": "budget", "params": {"rule": "base", "lost": 200}, "points": None}
    assert lost in orjson.loads(kept["explanation"])
    await proved()
    # a third of it is worth the 100 that it got
    await travel.refund(programme, "B", "R-1", (1, "150"), now=APRIL)
    assert await left(programme) == 0
    await travel.refund(programme, "B", "R-2", now=APRIL)
    assert await left(programme) == 100
    await proved()


async def test_a_batch_never_passes_what_is_left() -> None:
    programme = await trading(bought=150)
    asked = [
        BookingRequest(
            make.request(make.partner(programme), now=APRIL),
            MemberKey.of_id(await make.enrol(programme, now=APRIL)),
            BookingSent(f"B-{place}", (make.line_of("hotel", "100"),)),
        )
        for place in range(3)
    ]
    answers = await batches.earn(programme, asked)
    points = [one.figures["points_awarded"] for one in answers if isinstance(one, Outcome)]
    assert points == [100, 50, 0]
    assert await left(programme) == 0
    await proved()


async def test_rules_of_a_partner_share_what_is_left() -> None:
    bonus = make.rule("bonus", "extra", points=50, funder=BANK, budget={"points": 40})
    free = make.rule("bonus", "free", points=7)
    programme = await trading(bonus, free, bought=120)
    member_id = await make.enrol(programme, now=APRIL)
    # 100 of the rate, 20 of the bonus (its budget would leave 40), and all of the programme's own
    assert await book(programme, member_id, "100", "B") == 127
    assert await left(programme) == 0
    await travel.refund(programme, "B", "R", now=APRIL)
    assert await left(programme) == 120
    # what the purse did not give was not taken of the budget
    assert await book(programme, member_id, "80", "C") == 127
    await proved()


async def test_an_amendment_takes_more_as_far_as_it_goes() -> None:
    programme = await trading(bought=150)
    member_id = await make.enrol(programme, now=APRIL)
    assert await book(programme, member_id, "100", "B") == 100
    dearer = make.line_of("hotel", "300")
    await travel.amend(programme, "B", "A-1", dearer, now=APRIL)
    assert (await left(programme), await make.available(member_id, APRIL)) == (0, 150)
    await travel.amend(programme, "B", "A-2", make.line_of("hotel", "30"), now=APRIL)
    assert (await left(programme), await make.available(member_id, APRIL)) == (120, 30)
    await proved()


async def test_a_month_that_is_not_prepaid_takes_nothing() -> None:
    programme = await trading(bought=100)
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "M", make.line_of("hotel", "70"))
    assert await left(programme) == 100
    # taken back while they are prepaid, they are given back
    await travel.refund(programme, "M", "R", now=APRIL)
    assert await left(programme) == 170
    await make.agree(programme, BANK, from_month="2026-05", now=APRIL)
    await travel.pay(programme, member_id, "Y", make.line_of("hotel", "500"), now=MAY)
    assert await left(programme) == 170
    await proved()


async def test_a_quote_reserves_until_it_is_over() -> None:
    programme = await trading(bought=100)
    member_id = await make.enrol(programme, now=APRIL)
    hotel = make.line_of("hotel", "60")
    kept = await travel.guarantee(programme, member_id, hotel, now=APRIL)
    await travel.guarantee(programme, member_id, hotel, now=APRIL)
    assert await left(programme) == 0
    await proved()
    paid = await travel.pay(programme, member_id, "Q", hotel, quote=kept, now=APRIL)
    assert paid.figures["points_awarded"] == 60
    assert await left(programme) == 0
    # the other one is over: who needs its points has them, as soon as they are needed
    later = APRIL + timedelta(days=2)
    made = await travel.pay(programme, member_id, "L", make.line_of("hotel", "50"), now=later)
    assert made.figures["points_awarded"] == 40
    assert [one async for one in reservations.sweep(programme, later)] == []
    await travel.refund(programme, "Q", "R", now=later)
    assert await left(programme) == 60
    await proved()


async def test_grants_and_activities_are_clipped_as_well() -> None:
    welcome = granted.grant(
        "welcome", "tier_entry", tiers=["gold"], gives={"points": 300}, funder=BANK
    )
    programme = await trading(grants=[welcome], bought=5100)
    member_id = await make.enrol(programme, now=APRIL)
    # 5000 by the rate, and what is left by the grant of the tier that it reaches
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "5000"), now=APRIL)
    assert (await left(programme), await make.available(member_id, APRIL)) == (0, 5100)
    await travel.refund(programme, "B", "R", now=APRIL)
    assert (await left(programme), await make.available(member_id, APRIL)) == (5100, 0)
    await proved()


async def test_parallel_bookings_never_pass_what_is_left(
    owner_connection: asyncpg.Connection,
) -> None:
    bonus = make.rule("bonus", "extra", points=3, funder=BANK, budget={"points": 25})
    programme = await trading(bonus, bought=1000)
    members = [await make.enrol(programme, now=APRIL) for _ in range(20)]

    async def one(number: int) -> int:
        async def call() -> Any:
            return await travel.pay(
                programme,
                members[number % 20],
                f"B{number}",
                make.line_of("hotel", "10"),
                now=APRIL,
            )

        return int((await travel.insist(call)).figures["points_awarded"])

    awarded = await asyncio.gather(*(one(number) for number in range(200)))
    assert sum(awarded) == 1000
    assert await left(programme) == 0
    await proved()
    # the database has the last word
    with pytest.raises(asyncpg.CheckViolationError):
        await owner_connection.execute(
            "UPDATE partner_points SET used = used + 1 WHERE programme_id = $1", programme.id
        )


async def test_a_partner_hears_once_a_purchase_that_little_is_left() -> None:
    programme = await trading(bought=100)
    member_id = await make.enrol(programme, now=APRIL)

    async def told() -> list[int]:
        found = await make.events("partner.points_low", programme_id=programme.id)
        return [payload["left"] for _, payload in found]

    await book(programme, member_id, "79", "A")
    assert await told() == []
    await book(programme, member_id, "1", "B")
    await book(programme, member_id, "5", "C")
    assert await told() == [20]
    await travel.refund(programme, "A", "R", now=APRIL)
    await book(programme, member_id, "90", "D")
    assert await told() == [20]
    await buy(programme, 50, "second")
    await book(programme, member_id, "45", "E")
    assert await told() == [20, 9]


async def outcome(programme: Programme, **sent: Any) -> str:
    whole = {"partner": BANK, "points": 5, "reference": "first", **sent}
    request = make.request(make.staff(programme), now=APRIL)
    try:
        bought = await prepaid.buy(request, programme, PurchaseSent(**whole))
    except (InvalidInput, NotFound, ReferenceConflict) as error:
        return getattr(error, "reason", error.code)
    return "replayed" if bought.replayed else "bought"


async def test_a_purchase_is_made_once_under_its_reference() -> None:
    programme = await trading()
    made = await asyncio.gather(*(outcome(programme) for _ in range(5)))
    assert sorted(made) == ["bought"] + ["replayed"] * 4
    assert await left(programme) == 5
    assert await outcome(programme, points=6) == "REFERENCE_CONFLICT"
    assert await outcome(programme, reference="", points=6) == "too_short"
    assert await outcome(programme, points=0, reference="x") == "not_positive"
    assert await outcome(programme, points=-5, reference="x") == "not_positive"
    assert await outcome(programme, points=10**13, reference="x") == "amount_too_large"
    assert await outcome(programme, partner="nobody") == "NOT_FOUND"
    assert await outcome(await make.establish()) == "NOT_FOUND"
    assert await left(programme) == 5


async def test_a_counter_that_is_not_the_sum_is_found(
    owner_connection: asyncpg.Connection,
) -> None:
    programme = await trading(bought=100)

    async def faults(change: str) -> list[str]:
        statement = f"UPDATE partner_points SET {change} WHERE programme_id = $1"
        await owner_connection.execute(statement, programme.id)
        return [fault.what for fault in await prepaid_checks.counters()]

    assert await faults("used = 1") == ["used"]
    assert await faults("used = 0, bought = 101") == ["bought"]
    assert await faults("bought = 100") == []
