"""Refunds that are refused, sent again, asked for later, and sent at once."""

import asyncio
import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain.bookings.refusals import RefundExceedsBooking
from domain.kernel import ids
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import (
    EventInFuture,
    EventTooOld,
    IdempotencyKeyReused,
    InvalidInput,
    ReferenceConflict,
    Refusal,
)
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances
from domain.tiers import tiers, values
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading, travel
from tests.support.refunded import ANY_POINTS, FLIGHT_2400, open_programme, paid_in_part, terms
from tests.support.travel import balances, refund, taken

DAY = timedelta(days=1)


# Refusals and replays.


@pytest.mark.parametrize(
    ("parts", "error", "path"),
    [
        ([(1, "2400.01")], RefundExceedsBooking, ("lines", "0", "amount")),
        ([(2, "1")], InvalidInput, ("lines", "0", "line")),
        ([(0, "1")], InvalidInput, ("lines", "0", "line")),
        ([(1, "1"), (1, "1")], InvalidInput, ("lines", "1", "line")),
        ([(1, "-1")], InvalidInput, ("lines", "0", "amount")),
        ([(1, "0.001")], InvalidInput, ("lines", "0", "amount")),
    ],
)
async def test_a_refund_of_what_is_not_there_changes_nothing(
    database: Database,
    parts: list[tuple[int, str]],
    error: type[Refusal],
    path: tuple[str, ...],
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    async with make.refused(programme, error, *path):
        await refund(programme, "B", "R", *parts)


async def test_no_more_than_is_left_is_refunded(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    await refund(programme, "B", "R1", (1, "2000"))
    path = ("lines", "0", "amount")
    async with make.refused(programme, RefundExceedsBooking, *path, line=1, left=Decimal(400)):
        await refund(programme, "B", "R2", (1, "400.01"))
    assert taken((await refund(programme, "B", "R3")).figures)[4] == 40000
    # nothing is left: a refund of all of it is one of nothing
    assert taken((await refund(programme, "B", "R4")).figures) == (0, 0, 0, 0, 0)


async def test_a_refund_too_old_or_ahead_is_refused(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    for booking in ("B", "not come yet"):
        async with make.refused(programme, EventTooOld, "refundedAt"):
            await refund(programme, booking, "R", refunded_at=make.NOW - 366 * DAY)
        async with make.refused(programme, EventInFuture, "refundedAt"):
            await refund(programme, booking, "R", refunded_at=make.NOW + timedelta(minutes=6))


async def test_the_same_refund_again_is_answered_as_first(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    first = await refund(programme, "B", "R", (1, "500"), key="k")
    rest = await refund(programme, "B", "R2")
    before = await make.everything(programme)
    again = await refund(programme, "B", "R", (1, "500"), key="k")
    assert (again.replayed, again.figures) == (True, first.figures)
    assert await make.everything(programme) == before
    # under another key, however the amount is written, years later
    other = await refund(programme, "B", "R", (1, "500.00"), now=make.NOW + 800 * DAY)
    assert (other.replayed, other.figures) == (True, first.figures)
    async with make.refused(programme, ReferenceConflict, "reference", reference="R"):
        await refund(programme, "B", "R", (1, "501"))
    async with make.refused(programme, ReferenceConflict, "reference", reference="R2"):
        await refund(programme, "B", "R2", (1, "1"))
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await refund(programme, "B", "R9", (1, "500"), key="k")
    assert not rest.replayed


async def test_two_bookings_may_have_refunds_of_one_reference(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for booking in ("B1", "B2"):
        await make.book(programme, member_id, ("hotel", "100"), reference=booking)
        outcome = await refund(programme, booking, "R")
        assert taken(outcome.figures) == (100, 0, 0, 0, 10000)


async def test_a_guest_has_nothing_to_give_back(database: Database) -> None:
    programme = await make.establish()
    guest = await make.enrol(programme, guest=True)
    await travel.pay(programme, guest, "B", *FLIGHT_2400)
    outcome = await refund(programme, "B", "R", (1, "500"))
    assert taken(outcome.figures) == (0, 0, 0, 0, 50000)
    assert await balances(guest) == Balances()
    assert await tiers.qualifying(guest) == values.Qualifying()


async def test_a_booking_of_nothing_is_refunded_as_nothing(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "0"))
    assert taken((await refund(programme, "B", "R")).figures) == (0, 0, 0, 0, 0)


async def test_a_booking_is_refunded_by_the_rules_it_was_made_by(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    changed = make.shipped_document(
        earning=[make.rule("rate", "base", points=9)], refunds=terms("only_pending", "never")
    )
    programme = await make.publish(programme, changed, now=make.NOW + DAY)
    later = make.NOW + 2 * DAY
    outcome = await refund(programme, "B", "R", (1, "500"), now=later)
    assert taken(outcome.figures) == (1000, 0, 0, 0, 50000)
    assert await balances(member_id, later) == Balances(available=1900)


# History.


async def test_the_past_is_the_same_whenever_it_is_asked(database: Database) -> None:
    programme = await open_programme(offset=ANY_POINTS)
    member_id = await paid_in_part(programme)
    seen: dict[datetime, Balances] = {make.NOW: await balances(member_id)}

    async def look(now: datetime) -> None:
        seen[now] = await balances(member_id, now)

    reward = await make.reward(programme, list_points=120)
    await make.redeem(programme, member_id, reward, now=make.NOW + DAY)
    await look(make.NOW + DAY)
    await refund(programme, "B", "R1", (1, "60"), now=make.NOW + 2 * DAY)
    await look(make.NOW + 2 * DAY)
    # the lot that expires on 18 May has gone by then, whether or not anybody wrote it
    await look(make.NOW + 68 * DAY)
    await refund(programme, "B", "R2", now=make.NOW + 70 * DAY)
    await look(make.NOW + 70 * DAY)
    await make.give(programme, member_id, 1000, now=make.NOW + 80 * DAY)
    await look(make.NOW + 80 * DAY)
    for instant, then in seen.items():
        assert await reading.balances_at(member_id, instant) == then, instant


# Races.


def gone(answers: list[Outcome | BaseException]) -> list[Outcome]:
    return [answer for answer in answers if isinstance(answer, Outcome)]


@pytest.mark.usefixtures("proved")
async def test_two_refunds_of_one_booking_at_once_take_everything_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    for number in range(5):
        booking = f"B{number}"
        await travel.pay(programme, member_id, booking, *FLIGHT_2400)
        halves = [refund(programme, booking, f"R{n}", (1, "1200")) for n in range(2)]
        done = await asyncio.gather(*halves)
        assert sorted(taken(one.figures)[0] for one in done) == [1200, 1700]
        assert await balances(member_id) == Balances()


@pytest.mark.usefixtures("proved")
async def test_a_clock_that_is_behind_leaves_the_order_of_refunds_as_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    assert taken((await refund(programme, "B", "R1", (1, "1200"))).figures)[0] == 1700
    count = itertools.count()
    monkeypatch.setattr(ids, "uuid7", lambda: ids.id_of(make.NOW - 999 * DAY, next(count)))
    for number in range(2, 5):
        assert taken((await refund(programme, "B", f"R{number}", (1, "400"))).figures)[0] == 400
    made = await rows("SELECT reference FROM refund WHERE member_id = $1 ORDER BY id", member_id)
    assert [one["reference"] for one in made] == ["R1", "R2", "R3", "R4"]


@pytest.mark.usefixtures("proved")
async def test_two_whole_refunds_at_once_are_one(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    whole = [refund(programme, "B", f"R{n}") for n in range(5)]
    done = await asyncio.gather(*whole)
    assert sorted(taken(one.figures)[4] for one in done) == [0, 0, 0, 0, 240000]
    same = [refund(programme, "B", "S") for _ in range(5)]
    assert [one.replayed for one in await asyncio.gather(*same)].count(False) == 1


async def test_a_refund_and_a_redemption_of_the_same_points(database: Database) -> None:
    """Whoever comes first has them: the redemption is refused, or the refund is owed."""
    programme = await make.establish()
    reward = await make.reward(programme, list_points=1000)
    for number in range(10):
        member_id = await make.enrol(programme)
        booking = f"B{number}"
        await travel.pay(programme, member_id, booking, make.line_of("hotel", "1000"))
        spent, back = await asyncio.gather(
            make.redeem(programme, member_id, reward),
            refund(programme, booking, "R"),
            return_exceptions=True,
        )
        assert isinstance(back, Outcome)
        after = await balances(member_id)
        if isinstance(spent, InsufficientPoints):
            assert after == Balances()
            assert taken(back.figures) == (1000, 0, 0, 0, 100000)
        else:
            assert isinstance(spent, UUID)
            assert after == Balances(owed=1000)
            assert taken(back.figures) == (1000, 1000, 0, 0, 100000)
