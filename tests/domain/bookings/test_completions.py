"""Completions: pending points become spendable line by line, once, or by themselves."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import completions
from domain.bookings.completions import CompletionSent
from domain.checkout.booking_lines import LineSent
from domain.kernel.database import rows
from domain.kernel.refusals import EventInFuture, EventTooOld, IdempotencyKeyReused, InvalidInput
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import RedemptionStatus
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading, travel
from tests.support.travel import balances, complete, refund

DAY = timedelta(days=1)
LINES = (make.line_of("flight", "300"), make.line_of("hotel", "200"), make.line_of("car", "100"))
TWO_YEARS_THEN_MONTH_END = {
    "worth": {"points": 100, "money": 1},
    "available": "on_completion",
    "expiry": {"months": 24, "through": "month"},
}


def slow_document(then: str = "review", **changes: Any) -> dict[str, Any]:
    """Points wait for completion; they last 24 months, then to the end of that month."""
    return make.shipped_document(
        points=TWO_YEARS_THEN_MONTH_END,
        completion={"overdue_days": 30, "then": then},
        **changes,
    )


async def open_slow(then: str = "review", **changes: Any) -> Programme:
    return await make.establish(slow_document(then, **changes))


async def lots(member_id: UUID) -> list[tuple[Any, ...]]:
    """Line, points, remaining, since when available, and until when, by line."""
    found = await rows(
        "SELECT line_number, points, remaining, available_at, expires_at FROM lot "
        "WHERE member_id = $1 ORDER BY line_number",
        member_id,
    )
    return [tuple(lot.values()) for lot in found]


async def test_points_wait_line_by_line(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    outcome = await travel.pay(programme, member_id, "B", *LINES)
    assert outcome.figures["points_awarded"] == 600
    assert await balances(member_id) == Balances(pending=600)
    assert await lots(member_id) == [
        (1, 300, 300, None, None),
        (2, 200, 200, None, None),
        (3, 100, 100, None, None),
    ]
    reward = await make.reward(programme, list_points=1)
    async with make.refused(programme, InsufficientPoints, "points", available=0, required=1):
        await make.redeem(programme, member_id, reward)


async def test_a_line_is_completed_once(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *LINES)
    later = make.NOW + 10 * DAY
    first = await complete(programme, "B", 2, now=later)
    assert (first.figures["points_matured"], first.figures["parked"]) == (200, False)
    assert await balances(member_id, later) == Balances(pending=400, available=200)
    again = await complete(programme, "B", 2, now=later + DAY)
    assert again.figures["points_matured"] == 0
    rest = await complete(programme, "B", now=later + 2 * DAY)
    assert rest.figures["points_matured"] == 400
    assert await balances(member_id, later + 2 * DAY) == Balances(available=600)
    assert await travel.entries(member_id, 3) == [
        ("MATURE", "pending", "available", 200),
        ("MATURE", "pending", "available", 300),
        ("MATURE", "pending", "available", 100),
    ]
    completed = await rows(
        "SELECT line_number, completed_at FROM completion WHERE member_id = $1 ORDER BY 1",
        member_id,
    )
    assert [tuple(line.values()) for line in completed] == [
        (1, later + 2 * DAY),
        (2, later),
        (3, later + 2 * DAY),
    ]
    assert (await travel.topics(member_id))[-4:] == ["booking.completed", "points.matured"] * 2


async def test_expiry_counts_from_maturing(database: Database) -> None:
    """Through 31 May 2028: 24 months after 9 May 2026, then to the end of that month."""
    programme = await open_slow()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", LINES[0])
    later = datetime(2026, 5, 9, 4, tzinfo=UTC)
    # that it was flown a week before does not matter
    await complete(programme, "B", now=later, at=later - 7 * DAY)
    end = datetime(2028, 5, 31, 16, tzinfo=UTC)
    assert await lots(member_id) == [(1, 300, 300, later, end)]
    assert await make.available(member_id, end - timedelta(microseconds=1)) == 300
    assert await make.available(member_id, end) == 0


async def test_only_what_waits_is_pending(database: Database) -> None:
    """Points at payment, and the bonus of a niche route on completion."""
    base = make.rule("rate", "base", points=1)
    niche = make.rule(
        "bonus", "niche", points=90, available="on_completion", when={"attributes": {"niche": True}}
    )
    programme = await make.establish(make.variant(base, niche))
    member_id = await make.enrol(programme)
    lines = (make.line_of("hotel", "100"), make.line_of("ticket", "200", niche=True))
    await travel.pay(programme, member_id, "B", *lines)
    assert await balances(member_id) == Balances(pending=90, available=300)
    assert (await complete(programme, "B", 1)).figures["points_matured"] == 0
    assert (await complete(programme, "B", 2)).figures["points_matured"] == 90
    assert await balances(member_id) == Balances(available=390)


@pytest.mark.parametrize("order", list(itertools.permutations(["booking", 1, 2, 3])))
async def test_no_order_of_booking_and_completions_matters(
    database: Database, order: tuple[str | int, ...]
) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    for number, event in enumerate(order):
        now = make.NOW + number * timedelta(hours=1)
        if event == "booking":
            await travel.pay(programme, member_id, "B", *LINES, now=now)
        else:
            assert isinstance(event, int)
            outcome = await complete(programme, "B", event, now=now)
            waits = number < order.index("booking")
            assert outcome.figures["parked"] == waits
            assert outcome.figures["points_matured"] == (0 if waits else 400 - 100 * event)
    assert await balances(member_id, now) == Balances(available=600)
    completed = await rows(
        "SELECT completed_at FROM completion WHERE member_id = $1 ORDER BY line_number", member_id
    )
    # when it was reported, although it was recorded with the booking
    assert [line["completed_at"] for line in completed] == [
        make.NOW + order.index(number) * timedelta(hours=1) for number in (1, 2, 3)
    ]


EVENTS = ["booking", "complete", "refund 2", "refund 1"]


async def test_no_order_of_booking_completion_and_refund_matters(database: Database) -> None:
    programme = await open_slow()
    for number, order in enumerate(itertools.permutations(EVENTS)):
        booking, member_id = f"B{number}", await make.enrol(programme)
        for event in order:
            what, _, which = event.partition(" ")
            if what == "booking":
                await travel.pay(programme, member_id, booking, *LINES)
            elif what == "refund":
                amount = {"1": "120", "2": "200"}[which]
                await refund(programme, booking, event, (int(which), amount))
            else:
                await complete(programme, booking)
        assert await balances(member_id) == Balances(available=280), order
        found = await rows(
            "SELECT sum(points_clawed_back)::int AS clawed, sum(points_owed)::int AS owed "
            "FROM refund WHERE member_id = $1",
            member_id,
        )
        assert found == [{"clawed": 320, "owed": 0}], order
    assert not await rows("SELECT 1 FROM parked_fact WHERE programme_id = $1", programme.id)


# Nobody says anything.


async def test_overdue_points_mature_by_themselves(database: Database) -> None:
    """The last day of travel is 20 April: 30 days later, when 20 May is over, they are there."""
    programme = await open_slow("mature")
    member_id = await make.enrol(programme)
    travelled = LineSent("flight", Decimal(300), date(2026, 4, 10), date(2026, 4, 20))
    await travel.pay(programme, member_id, "B", travelled, make.line_of("hotel", "200"))
    overdue = datetime(2026, 5, 20, 16, tzinfo=UTC)
    # without a day of travel it counts from the booking: 15 March + 30 days
    undated = datetime(2026, 4, 14, 16, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert await balances(member_id, undated - second) == Balances(pending=500)
    assert await balances(member_id, undated) == Balances(pending=300, available=200)
    assert await balances(member_id, overdue - second) == Balances(pending=300, available=200)
    assert await balances(member_id, overdue) == Balances(available=500)
    # a write posts it at its own instant, with an expiry that counts from there
    await make.give(programme, member_id, 1, now=overdue + 9 * DAY)
    assert await lots(member_id) == [
        (1, 300, 300, overdue, datetime(2028, 5, 31, 16, tzinfo=UTC)),
        (2, 200, 200, undated, datetime(2028, 4, 30, 16, tzinfo=UTC)),
        (None, 1, 1, overdue + 9 * DAY, datetime(2028, 5, 31, 16, tzinfo=UTC)),
    ]
    posted = await rows(
        "SELECT kind, effective_at, recorded_at FROM ledger_entry "
        "WHERE member_id = $1 AND kind = 'MATURE' ORDER BY sequence",
        member_id,
    )
    assert [(e["effective_at"], e["recorded_at"]) for e in posted] == [
        (undated, overdue + 9 * DAY),
        (overdue, overdue + 9 * DAY),
    ]


async def test_a_booking_reported_when_it_is_overdue_matures_at_once(database: Database) -> None:
    programme = await open_slow("mature")
    member_id = await make.enrol(programme, now=make.NOW - 200 * DAY)
    booked_at = make.NOW - 100 * DAY
    await travel.pay(programme, member_id, "B", LINES[0], booked_at=booked_at)
    assert await balances(member_id) == Balances(available=300)


async def test_overdue_points_wait_for_review(database: Database) -> None:
    programme = await open_slow("review")
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", LINES[0])
    years = make.NOW + 1000 * DAY
    assert await balances(member_id, years) == Balances(pending=300)
    assert (await complete(programme, "B", now=years)).figures["points_matured"] == 300


async def test_matured_by_time_and_completed_later(database: Database) -> None:
    programme = await open_slow("mature")
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", LINES[0])
    later = make.NOW + 40 * DAY
    outcome = await complete(programme, "B", now=later)
    assert outcome.figures["points_matured"] == 0
    assert await balances(member_id, later) == Balances(available=300)
    assert [e[0] for e in await travel.entries(member_id)] == ["EARN", "MATURE"]


# What is refused, and replays.


async def test_what_cannot_be_completed_changes_nothing(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *LINES)
    async with make.refused(programme, InvalidInput, "lines", "1", reason="unknown_line"):
        await complete(programme, "B", 1, 4)
    async with make.refused(programme, EventTooOld, "completedAt"):
        await complete(programme, "B", at=make.NOW - 366 * DAY)
    async with make.refused(programme, EventInFuture, "completedAt"):
        await complete(programme, "not come yet", at=make.NOW + timedelta(minutes=6))
    async with make.refused(programme, InvalidInput, "booking"):
        await complete(programme, "")


async def test_the_same_request_again_is_answered_as_first(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *LINES)
    first = await complete(programme, "B", 1, key="k")
    before = await make.everything(programme)
    again = await complete(programme, "B", 1, key="k")
    assert (again.replayed, again.figures) == (True, first.figures)
    assert await make.everything(programme) == before
    async with make.refused(programme, IdempotencyKeyReused, "idempotencyKey"):
        await complete(programme, "B", 2, key="k")


async def test_the_same_request_again_is_answered_however_old_it_has_become(
    database: Database,
) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    booked = make.booking(("flight", "300"), reference="B", booked_at=make.NOW - 361 * DAY)
    await make.report(programme, member_id, booked)
    caller, sent = make.partner(programme), CompletionSent(completed_at=make.NOW - 360 * DAY)
    first, again = [
        await completions.complete(
            make.request(caller, key="k", now=make.NOW + days * DAY), programme, "B", sent
        )
        for days in (0, 10)
    ]
    assert (again.replayed, again.figures) == (True, first.figures)
    async with make.refused(programme, EventTooOld, "completedAt"):
        request = make.request(caller, now=make.NOW + 10 * DAY)
        await completions.complete(request, programme, "B", sent)


async def test_another_programmes_booking_is_not_completed(database: Database) -> None:
    programme, other = await open_slow(), await open_slow()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *LINES)
    before = await make.everything(programme)
    assert (await complete(other, "B")).figures["parked"]
    assert await make.everything(programme) == before


# The past, and races.


async def test_the_past_is_the_same_whenever_it_is_asked(database: Database) -> None:
    programme = await open_slow("mature")
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B1", *LINES)
    seen = {make.NOW: await balances(member_id)}
    acts: dict[int, Callable[[datetime], Awaitable[object]]] = {
        3: lambda now: complete(programme, "B1", 2, now=now),
        5: lambda now: refund(programme, "B1", "R1", (1, "100"), now=now),
        8: lambda now: travel.pay(programme, member_id, "B2", LINES[1], now=now),
        # lines 1 and 3 of the first booking are overdue on the 31st day
        40: lambda now: refund(programme, "B1", "R2", (3, "100"), now=now),
        60: lambda now: complete(programme, "B2", now=now),
    }
    for days, act in acts.items():
        before = make.NOW + days * DAY - timedelta(hours=1)
        seen[before] = await balances(member_id, before)
        await act(make.NOW + days * DAY)
        seen[make.NOW + days * DAY] = await balances(member_id, make.NOW + days * DAY)
    for instant, then in seen.items():
        assert await reading.balances_at(member_id, instant) == then, instant


async def test_completion_and_refund_at_once(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    for number in range(10):
        booking = f"B{number}"
        await travel.pay(programme, member_id, booking, LINES[0])
        done, back = await asyncio.gather(
            complete(programme, booking), refund(programme, booking, "R", (1, "100"))
        )
        assert back.figures["points_clawed_back"] == 100
        assert done.figures["points_matured"] in (200, 300)
        assert await balances(member_id) == Balances(available=200 * (number + 1))


async def test_a_line_completed_twenty_times_at_once_matures_once(database: Database) -> None:
    programme = await open_slow()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *LINES)
    done = await asyncio.gather(*(complete(programme, "B") for _ in range(20)))
    matured = sorted(one.figures["points_matured"] for one in done)
    assert matured == [0] * 19 + [600]
    assert await balances(member_id) == Balances(available=600)


async def test_confirmation_and_time_out_at_once(database: Database) -> None:
    """A booking in time and a write after the hold died: the points are spent once, or again."""
    programme = await make.establish()
    line = make.line_of("hotel", "10")
    died = make.NOW + timedelta(minutes=30)
    for number in range(10):
        member_id = await make.rich_member(programme, 1000)
        redemption = await travel.hold(programme, member_id, 1000, line)
        await asyncio.gather(
            travel.pay(programme, member_id, f"B{number}", line, redemption=redemption),
            make.give(programme, member_id, 7, now=died),
        )
        assert await balances(member_id, died) == Balances(available=7)
        kinds = [e[0] for e in await travel.entries(member_id)]
        assert kinds in (
            ["EARN", "HOLD", "CAPTURE", "EARN"],
            ["EARN", "HOLD", "RELEASE", "EARN", "HOLD", "CAPTURE"],
        )
        found = await make.redemption(programme, member_id, redemption)
        assert found.status == RedemptionStatus.CONFIRMED
