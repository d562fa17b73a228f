"""Refunds: what was not earned after all is taken back, whatever the order."""

from decimal import Decimal
from uuid import UUID

from domain import bookings, completions, offsets, refunds
from domain.booking_lines import LineSent
from domain.bookings import BookingSent
from domain.completions import CompletionSent
from domain.idempotency import Outcome
from domain.members import MemberKey
from domain.offsets import HoldSent
from domain.programmes import Programme
from domain.refunds import RefundLineSent, RefundSent
from tests import factories as make
from tests.conftest import Database


async def give_back(
    programme: Programme, booking: str, reference: str, *amounts: str, now=make.NOW, **sent
) -> Outcome:
    lines = tuple(RefundLineSent(n, Decimal(a)) for n, a in enumerate(amounts, 1)) or None
    return await refunds.refund(
        make.request(make.partner(programme), now=now),
        programme,
        booking,
        RefundSent(reference, lines, **sent),
    )


async def test_a_threshold_is_judged_anew(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("flight", "2400"), reference="B") == 2900
    first = await give_back(programme, "B", "R1", "250")
    assert first.figures["points_clawed_back"] == 250
    second = await give_back(programme, "B", "R2", "250")
    assert second.figures["points_clawed_back"] == 750
    assert second.figures["cash_minor"] == 25000
    assert await make.available(member_id) == 1900
    rest = await give_back(programme, "B", "R3")
    assert rest.figures["points_clawed_back"] == 1900
    assert await make.available(member_id) == 0


async def test_points_pay_for_a_booking_and_come_back(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "2000"))
    key = MemberKey.of_id(member_id)
    lines = (LineSent("flight", Decimal(100)),)
    held = await offsets.hold(
        make.request(make.partner(programme)), programme, key, HoldSent(1000, lines)
    )
    redemption_id = UUID(held.figures["redemption_id"])
    sent = BookingSent("B", lines, redemption=(member_id, redemption_id))
    outcome = await bookings.earn(make.request(make.partner(programme)), programme, key, sent)
    assert outcome.figures["points_awarded"] == 90
    assert await make.available(member_id) == 1090
    done = await completions.complete(
        make.request(make.partner(programme)), programme, "B", CompletionSent()
    )
    assert done.figures["points_matured"] == 0
    back = await give_back(programme, "B", "R1")
    assert back.figures["points_reinstated"] == 1000
    assert back.figures["cash_minor"] == 9000
    assert await make.available(member_id) == 2000


async def test_parked_refund_is_applied_when_the_booking_comes(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    parked = await give_back(programme, "B", "R1", "250")
    assert parked.figures["parked"]
    assert await make.book(programme, member_id, ("flight", "2400"), reference="B") == 2900
    assert await make.available(member_id) == 2650
