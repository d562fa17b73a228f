"""A partner acts on what it reported and made itself: what is another's is not there for it."""

import asyncio
from dataclasses import replace
from uuid import UUID

import orjson
import pytest

from domain.bookings import booking_keys, refunds
from domain.bookings.booking_keys import BookingKey, ParkedFact
from domain.checkout.booking_lines import LineSent
from domain.kernel.callers import Caller, Scope
from domain.kernel.database import rows
from domain.kernel.refusals import InvalidInput, NotFound, ReferenceConflict
from domain.ledger.values import Balances
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import pages, there_for
from domain.redemptions.refusals import RedemptionState
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import balances

pytestmark = pytest.mark.usefixtures("database", "proved")

FLIGHT = make.line_of("flight", "1000")
SLOW = {"worth": {"points": 100, "money": 1}, "available": "on_completion"}


def shop(programme: Programme) -> Caller:
    return make.partner(programme, "other-shop")


def agency(programme: Programme) -> Caller:
    """A partner that acts for all of them."""
    return replace(shop(programme), identity="agency", scopes=frozenset(Scope))


async def test_another_partners_booking_is_not_there() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", FLIGHT)
    other = shop(programme)

    facts = {"what": "booking", "value": "B", "known": ()}
    async with make.refused(programme, NotFound, "booking", **facts):
        await travel.refund(programme, "B", "R", caller=other)
    async with make.refused(programme, NotFound, "booking", **facts):
        await travel.complete(programme, "B", caller=other)
    async with make.refused(programme, NotFound, "booking", **facts):
        await travel.amend(programme, "B", "A", FLIGHT, caller=other)
    async with make.refused(programme, NotFound, "booking", **facts):
        await refunds.preview(other, programme, "B", travel.refunded("R"), make.NOW)
    assert await booking_keys.find(other, "B") is None
    assert await booking_keys.find(make.partner(programme), "B") is not None


async def test_staff_and_a_key_for_all_partners_act_on_it() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", FLIGHT)

    await travel.refund(programme, "B", "R1", (1, "100"), caller=agency(programme))
    await travel.refund(programme, "B", "R2", (1, "100"), caller=make.staff(programme))
    again = await travel.pay(programme, member_id, "B", FLIGHT, caller=agency(programme))
    assert again.replayed
    assert await balances(member_id) == Balances(available=800)


async def test_a_reference_that_another_reported_is_taken() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", FLIGHT)
    async with make.refused(programme, ReferenceConflict, "reference", reference="B"):
        await travel.pay(programme, member_id, "B", FLIGHT, caller=shop(programme))
    assert (await travel.pay(programme, member_id, "B", FLIGHT)).replayed


async def test_another_partners_quote_cannot_be_cited() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    quote = await travel.guarantee(programme, member_id, FLIGHT)
    async with make.refused(programme, NotFound, "quoteId", what="quote", value=str(quote[1])):
        await travel.pay(programme, member_id, "B", FLIGHT, quote=quote, caller=shop(programme))
    booked = await travel.pay(programme, member_id, "B", FLIGHT, quote=quote)
    assert booked.figures["points_awarded"] == 1000


async def held(programme: Programme, member_id: UUID, line: LineSent, caller: Caller) -> UUID:
    return await travel.hold(programme, member_id, 1000, line, caller=caller)


async def test_another_partners_hold_cannot_be_spent_nor_given_back() -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 5000, reference="li")
    hotel, other = make.line_of("hotel", "100"), shop(programme)
    ours = await held(programme, member_id, hotel, make.partner(programme))
    async with make.refused(programme, NotFound, "redemptionId", value=str(ours)):
        await travel.pay(programme, member_id, "B", hotel, redemption=ours, caller=other)
    async with make.refused(programme, NotFound, "redemption", value=str(ours)):
        await make.cancel(programme, member_id, ours, caller=other)
    await travel.pay(programme, member_id, "B", hotel, redemption=ours)


async def test_a_hold_of_the_member_pays_for_whoever_it_books_with() -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 5000, reference="li")
    hotel, other = make.line_of("hotel", "100"), shop(programme)
    mine = await held(programme, member_id, hotel, make.member_caller(programme, "li", member_id))
    async with make.refused(programme, NotFound, "redemption", value=str(mine)):
        await make.cancel(programme, member_id, mine, caller=other)
    await travel.pay(programme, member_id, "B", hotel, redemption=mine, caller=other)
    assert (await make.redemption(programme, member_id, mine)).status == "CONFIRMED"


async def test_another_partners_redemption_is_not_there() -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 5000)
    coupon = await make.reward(programme, kind="COUPON", list_points=100)
    other = shop(programme)
    given = await make.redeem(programme, member_id, coupon)
    waiting = await make.redeem(programme, member_id, coupon, hold=True)
    async with make.refused(programme, NotFound, "redemption", value=str(given)):
        await make.cancel(programme, member_id, given, caller=other)
    async with make.refused(programme, NotFound, "redemption", value=str(waiting)):
        await make.confirm(programme, member_id, waiting, caller=other)
    async with make.refused(programme, RedemptionState, "redemption", status="HELD"):
        await make.fulfil(programme, member_id, waiting)
    await make.confirm(programme, member_id, waiting, caller=agency(programme))
    await make.cancel(programme, member_id, given)


async def test_a_coupon_of_the_member_is_for_whoever_may_accept_it() -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 5000, reference="li")
    mine = make.member_caller(programme, "li", member_id)
    coupon = await make.reward(programme, kind="COUPON", list_points=100)
    service = await make.reward(programme, list_points=100)
    other = shop(programme)
    given = await make.redeem(programme, member_id, coupon, caller=mine)
    held = await make.redeem(programme, member_id, coupon, hold=True, caller=mine)
    ordered = await make.redeem(programme, member_id, service, caller=mine)
    wanted = there_for(other, None, make.NOW)
    assert [one.id for one in (await pages([member_id], wanted, 9, None))[member_id]] == [given]
    for strange in (held, ordered):
        async with make.refused(programme, NotFound, "redemption", value=str(strange)):
            await make.cancel(programme, member_id, strange, caller=other)
    await make.cancel(programme, member_id, given, caller=other)
    assert (await make.redemption(programme, member_id, given)).status == "CANCELLED"


async def refused_facts(programme: Programme) -> list[tuple[str, str]]:
    """References and problems of facts that waited in vain."""
    found = await rows(
        "SELECT payload FROM outbox_event WHERE programme_id = $1 AND topic = 'fact.refused'",
        programme.id,
    )
    payloads = [orjson.loads(event["payload"]) for event in found]
    return [(payload["reference"], payload["problem"]) for payload in payloads]


async def test_a_fact_that_waits_acts_on_its_own_reporters_booking() -> None:
    programme = await make.establish(make.shipped_document(points=SLOW))
    member_id, other = await make.enrol(programme), shop(programme)
    await travel.refund(programme, "B", "R", caller=other)
    await travel.complete(programme, "B", caller=other)
    await travel.pay(programme, member_id, "B", FLIGHT)
    assert await balances(member_id) == Balances(pending=1000)
    assert await refused_facts(programme) == [("all", "NOT_FOUND"), ("R", "NOT_FOUND")]
    found = await rows("SELECT FROM parked_fact WHERE programme_id = $1", programme.id)
    assert found == []


async def test_what_another_has_waiting_takes_nobodys_place() -> None:
    programme = await make.establish(make.shipped_document(points=SLOW))
    member_id, other = await make.enrol(programme), shop(programme)
    await travel.refund(programme, "B", "R", caller=other)
    await travel.complete(programme, "B", caller=other)
    own = await travel.refund(programme, "B", "R", (1, "400"))
    again = await travel.refund(programme, "B", "R", (1, "400.00"))
    assert (own.replayed, again.replayed) == (False, True)
    assert own.figures == again.figures
    async with make.refused(programme, ReferenceConflict, "reference", reference="R"):
        await travel.refund(programme, "B", "R", (1, "401"))
    assert (await travel.refund(programme, "B", "R", caller=other)).replayed
    await travel.complete(programme, "B")

    booked = await travel.pay(programme, member_id, "B", FLIGHT)

    assert await balances(member_id) == Balances(available=600)
    assert await refused_facts(programme) == [("all", "NOT_FOUND"), ("R", "NOT_FOUND")]
    assert await rows("SELECT FROM parked_fact WHERE programme_id = $1", programme.id) == []
    # it stands under the reference that it was reported by
    late = await travel.refund(programme, "B", "R", (1, "400"))
    assert (late.replayed, late.figures["booking_id"]) == (True, booked.figures["booking_id"])


async def test_what_waits_apart_stays_so_when_the_place_is_free() -> None:
    programme = await make.establish()
    member_id, other = await make.enrol(programme), shop(programme)
    await travel.refund(programme, "B", "R", caller=other)
    await travel.refund(programme, "B", "R", (1, "400"))
    await rows("DELETE FROM parked_fact WHERE reporter = $1", other.actor)
    assert (await travel.refund(programme, "B", "R", (1, "400"))).replayed
    [waiting] = await rows("SELECT kind FROM parked_fact WHERE programme_id = $1", programme.id)
    assert waiting == {"kind": "refund"}
    await travel.pay(programme, member_id, "B", FLIGHT)
    assert await balances(member_id) == Balances(available=600)


async def test_a_server_of_the_release_before_refuses_what_waits_apart() -> None:
    """It reads the content, and knows nothing of what stands beside it."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.refund(programme, "B", "R", caller=shop(programme))
    await travel.refund(programme, "B", "R", (1, "400"))
    [stored] = await rows(
        "SELECT kind, reference, sent, reporter, received_at FROM parked_fact "
        "WHERE programme_id = $1 AND reference <> 'R'",
        programme.id,
    )
    booked = await travel.pay(programme, member_id, "other", FLIGHT)
    key = BookingKey(member_id, UUID(booked.figures["booking_id"]))
    as_read = ParkedFact(**{**stored, "sent": orjson.loads(stored["sent"])})
    async with make.refused(programme, InvalidInput, "lines", "0", "line", reason="unknown_line"):
        await refunds.apply_parked(programme, key, as_read, make.NOW)


async def test_two_reporters_at_once_each_wait() -> None:
    programme = await make.establish()
    member_id, other = await make.enrol(programme), shop(programme)
    for number in range(5):
        await asyncio.gather(
            *(
                travel.refund(programme, f"B{number}", "R", (1, "400"), caller=caller)
                for caller in (other, make.partner(programme), other, make.partner(programme))
            )
        )
        await travel.pay(programme, member_id, f"B{number}", FLIGHT)
        assert await balances(member_id) == Balances(available=600 * (number + 1))


async def test_what_staff_has_waiting_acts_on_any_booking() -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.refund(programme, "B", "R", (1, "400"), caller=make.staff(programme))
    await travel.pay(programme, member_id, "B", FLIGHT)
    assert await balances(member_id) == Balances(available=600)
