"""Paying part of a booking in points: the hold, and its capture."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.checkout.booking_lines import LineSent
from domain.checkout.refusals import BelowMinimum, NotAStep, ShareExceeded
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import InvalidInput, NotFound
from domain.ledger.refusals import InsufficientPoints
from domain.ledger.values import Balances
from domain.members import members
from domain.members.refusals import MemberNotEnrolled
from domain.programmes.programmes import Programme
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.redemptions.refusals import HoldExpired, RedemptionState
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.sharing import sharing
from tests.support.travel import balances

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LINE = make.line_of("hotel", "100")


async def hold(
    programme: Programme, member_id: UUID, points: int, *lines: LineSent, **sent: Any
) -> UUID:
    return await travel.hold(programme, member_id, points, *(lines or (LINE,)), **sent)


async def test_what_may_not_be_held_changes_nothing(database: Database) -> None:
    document = sharing({"percent": 50}, step=100, minimum=200, worth=100)
    programme = await make.establish(document)
    member_id = await make.rich_member(programme, 10_000)
    async with make.refused(programme, BelowMinimum, "points", minimum=200):
        await hold(programme, member_id, 100)
    async with make.refused(programme, NotAStep, "points", step=100):
        await hold(programme, member_id, 250)
    facts = {"max_points": 5000, "share_percent": Decimal("50.00")}
    async with make.refused(programme, ShareExceeded, "points", **facts):
        await hold(programme, member_id, 5100)
    async with make.refused(programme, InvalidInput, "lines"):
        await travel.hold(programme, member_id, 200)
    poor = await make.rich_member(programme, 250)
    async with make.refused(programme, InsufficientPoints, "points", available=250, required=300):
        await hold(programme, poor, 300)
    guest = await make.enrol(programme, guest=True)
    async with make.refused(programme, MemberNotEnrolled, "member"):
        await hold(programme, guest, 200)


async def test_a_programme_may_take_no_points_for_bookings(database: Database) -> None:
    document = make.shipped_document()
    del document["offset"]
    programme = await make.establish(document)
    member_id = await make.rich_member(programme, 1000)
    async with make.refused(programme, InvalidInput, "points", reason="no_offset"):
        await hold(programme, member_id, 100)


async def test_a_point_that_buys_nothing_is_not_taken(database: Database) -> None:
    """300 points are worth CNY 1: 4 points buy no more than 3."""
    programme = await make.establish(sharing({"percent": 100}, worth=300))
    member_id = await make.rich_member(programme, 1000)
    async with make.refused(programme, InvalidInput, "points", reason="worth_nothing"):
        await hold(programme, member_id, 2)
    redemption = await hold(programme, member_id, 5)
    found = await make.redemption(programme, member_id, redemption)
    assert (found.points, found.worth_minor) == (3, 1)
    assert await balances(member_id) == Balances(available=997, held=3)


# From the hold to the booking.


async def test_a_hold_is_spent_by_its_booking(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 2000)
    redemption = await hold(programme, member_id, 1000)
    assert await balances(member_id) == Balances(available=1000, held=1000)
    held = await make.redemption(programme, member_id, redemption)
    assert (held.status, held.points, held.worth_minor, held.reward_id) == (
        RedemptionStatus.HELD,
        1000,
        1000,
        None,
    )
    assert held.hold_expires_at == make.NOW + timedelta(minutes=30)
    outcome = await travel.pay(programme, member_id, "B", LINE, redemption=redemption)
    # CNY 90 of 100 in cash earn 90
    assert outcome.figures["points_awarded"] == 90
    assert await balances(member_id) == Balances(available=1090)
    spent = await make.redemption(programme, member_id, redemption)
    assert (spent.status, spent.points) == (RedemptionStatus.CONFIRMED, 1000)
    assert await travel.entries(member_id, 1) == [
        ("HOLD", "available", "held", 1000),
        ("CAPTURE", "held", "redeemed", 1000),
        ("EARN", "issued", "available", 90),
    ]


async def held_before_the_tier_fell() -> tuple[Programme, UUID, UUID]:
    """1000 points held for CNY 20, then the refund of an older booking takes the tier for which
    points are worth twice as much.
    """
    document = sharing({"percent": 50}, worth=100)
    document["refunds"] = {"claw_back": "unlimited", "tier": "now", "grace_days": 30}
    document["redemption_rates"] = [
        {"code": "double", "name": make.WORDS, "factor": 2, "tiers": ["gold"]}
    ]
    programme = await make.establish(document)
    member_id = await make.rich_member(programme, 10_000)
    await travel.pay(programme, member_id, "OLD", make.line_of("hotel", "5000"))
    redemption = await hold(programme, member_id, 1000)
    held = await make.redemption(programme, member_id, redemption)
    assert (held.points, held.worth_minor) == (1000, 2000)
    await travel.refund(programme, "OLD", "R")
    assert (await members.many([member_id]))[member_id].tier == "silver"
    return programme, member_id, redemption


@pytest.mark.parametrize("died", [False, True])
async def test_what_was_told_when_held_is_what_is_paid(database: Database, died: bool) -> None:
    programme, member_id, redemption = await held_before_the_tier_fell()

    now = make.NOW + HOUR if died else make.NOW
    await travel.pay(programme, member_id, "B", LINE, redemption=redemption, now=now)
    spent = await make.redemption(programme, member_id, redemption)
    assert (spent.points, spent.worth_minor) == (1000, 2000)
    paid = await rows(
        "SELECT cash_minor FROM booking WHERE member_id = $1 AND reference = 'B'", member_id
    )
    assert paid == [{"cash_minor": 8000}]


async def test_of_a_booking_that_became_cheaper_points_pay_at_the_worth_told(
    database: Database,
) -> None:
    programme, member_id, redemption = await held_before_the_tier_fell()
    cheaper = make.line_of("hotel", "20")
    await travel.pay(programme, member_id, "B", cheaper, redemption=redemption)
    spent = await make.redemption(programme, member_id, redemption)
    assert (spent.points, spent.worth_minor) == (500, 1000)


async def test_a_threshold_looks_at_what_is_paid_in_cash(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 50_000)
    line = make.line_of("flight", "2400")
    for points, earned in ((40_000, 2500), (10_000, 2300 + 500)):
        redemption = await hold(programme, member_id, points, line)
        reference = f"B{points}"
        outcome = await travel.pay(programme, member_id, reference, line, redemption=redemption)
        assert outcome.figures["points_awarded"] == earned


async def test_a_hold_that_nobody_confirms_comes_back(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    redemption = await hold(programme, member_id, 1000)
    died = make.NOW + timedelta(minutes=30)
    assert await balances(member_id, died - timedelta(seconds=1)) == Balances(held=1000)
    assert await balances(member_id, died) == Balances(available=1000)
    another = await hold(programme, member_id, 500, now=died)
    outcome = await make.cancel(programme, member_id, another, now=died)
    assert outcome.figures["points_reinstated"] == 500
    assert (await make.redemption(programme, member_id, redemption)).status == "RELEASED"
    assert await balances(member_id, died) == Balances(available=1000)


async def test_where_the_price_fell_the_excess_comes_back(database: Database) -> None:
    programme = await make.establish(sharing({"percent": 50}, step=100, minimum=100, worth=100))
    member_id = await make.rich_member(programme, 5000)
    redemption = await hold(programme, member_id, 5000)
    cheaper = make.line_of("hotel", "61.99")
    await travel.pay(programme, member_id, "B", cheaper, redemption=redemption)
    # half of 61.99 is 30.99: 3000 points in whole steps; CNY 31.99 in cash earn 31
    assert await balances(member_id) == Balances(available=2000 + 31)
    assert (await make.redemption(programme, member_id, redemption)).points == 3000
    back = await travel.refund(programme, "B", "R")
    assert travel.taken(back.figures) == (31, 0, 0, 3000, 3199)
    assert await balances(member_id) == Balances(available=5000)


async def test_an_excess_past_its_expiry_expires(database: Database) -> None:
    programme = await make.establish()
    posted = datetime(2025, 3, 14, 15, 59, tzinfo=make.NOW.tzinfo)
    member_id = await make.rich_member(programme, 1000, now=posted)
    # its points last through 14 March in Shanghai, and the hold twenty minutes longer
    held_at = datetime(2026, 3, 14, 15, 50, tzinfo=make.NOW.tzinfo)
    line = make.line_of("hotel", "10")
    redemption = await hold(programme, member_id, 1000, line, now=held_at)
    paid_at = held_at + timedelta(minutes=15)
    half = make.line_of("hotel", "5")
    await travel.pay(programme, member_id, "B", half, redemption=redemption, now=paid_at)
    assert [e[0] for e in await travel.entries(member_id)] == [
        "EARN",
        "HOLD",
        "CAPTURE",
        "RELEASE",
        "EXPIRE",
    ]
    assert await balances(member_id, paid_at) == Balances()


async def test_a_dead_hold_is_taken_again(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    now = make.NOW
    for written in (False, True):
        redemption = await hold(programme, member_id, 400, now=now)
        now += HOUR
        if written:
            await make.give(programme, member_id, 1, now=now)
            assert (await make.redemption(programme, member_id, redemption)).status == "RELEASED"
        outcome = await travel.pay(
            programme, member_id, f"B{written}", LINE, redemption=redemption, now=now
        )
        assert outcome.figures["points_awarded"] == 96
        found = await make.redemption(programme, member_id, redemption)
        assert (found.status, found.points) == (RedemptionStatus.CONFIRMED, 400)
    assert await balances(member_id, now) == Balances(available=1000 - 800 + 96 * 2 + 1)
    assert (await travel.topics(member_id)).count("reward.released") == 1


@pytest.mark.parametrize("written", [False, True])
async def test_a_dead_hold_that_was_given_up_is_not_taken_again(
    database: Database, proved: None, written: bool
) -> None:
    """It came back when it died; that the member gave it up says that no booking takes it."""
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000, reference="li")
    oneself = make.member_caller(programme, "li", member_id)
    redemption = await hold(programme, member_id, 400)
    later = make.NOW + HOUR
    if written:
        await make.give(programme, member_id, 1, now=later)
    outcome = await make.cancel(programme, member_id, redemption, caller=oneself, now=later)
    assert outcome.figures["points_reinstated"] == 0
    found = await make.redemption(programme, member_id, redemption)
    assert (found.status, found.cancelled_at) == ("RELEASED", later)
    assert await balances(member_id, later) == Balances(available=1000 + written)

    async with make.refused(programme, RedemptionState, "redemptionId", status="RELEASED"):
        await travel.pay(programme, member_id, "B", LINE, redemption=redemption, now=later)
    async with make.refused(programme, RedemptionState, "redemption", status="RELEASED"):
        await make.cancel(programme, member_id, redemption, caller=oneself, now=later)


async def test_giving_a_dead_hold_up_while_its_booking_takes_it(
    database: Database, proved: None
) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    later = make.NOW + HOUR
    for n in range(4):
        redemption = await hold(programme, member_id, 100)
        calls = [
            make.cancel(programme, member_id, redemption, now=later),
            travel.pay(programme, member_id, f"B{n}", LINE, redemption=redemption, now=later),
        ]
        found = await make.outcomes(*calls[:: 1 if n % 2 else -1])
        assert found == {"Outcome": 1, "REDEMPTION_STATE": 1}


async def test_a_dead_hold_whose_points_are_gone_refuses_the_booking(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    redemption = await hold(programme, member_id, 600)
    later = make.NOW + HOUR
    await make.redeem(
        programme, member_id, await make.reward(programme, list_points=500), now=later
    )
    died = make.NOW + timedelta(minutes=30)
    async with make.refused(programme, HoldExpired, "redemptionId", expired_at=died):
        await travel.pay(programme, member_id, "B", LINE, redemption=redemption, now=later)
    # with points again it goes through
    await make.give(programme, member_id, 100, now=later)
    await travel.pay(programme, member_id, "B", LINE, redemption=redemption, now=later)
    assert await balances(member_id, later) == Balances(available=94)


async def test_a_dead_hold_that_the_cap_forbids_refuses_the_booking(database: Database) -> None:
    programme = await make.establish(sharing({"percent": 50, "products": ["hotel"]}))
    member_id = await make.rich_member(programme, 100)
    redemption = await hold(programme, member_id, 50)
    other = make.line_of("flight", "100")
    async with make.refused(programme, ShareExceeded, "redemptionId", max_points=0):
        await travel.pay(programme, member_id, "B", other, redemption=redemption)
    later = make.NOW + HOUR
    async with make.refused(programme, HoldExpired, "redemptionId"):
        await travel.pay(programme, member_id, "B", other, redemption=redemption, now=later)


async def test_what_is_no_open_hold_of_the_member_cannot_be_cited(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 5000)
    other = await make.rich_member(programme, 5000)
    path = "redemptionId"
    cancelled = await hold(programme, member_id, 100)
    await make.cancel(programme, member_id, cancelled)
    async with make.refused(programme, RedemptionState, path, status="RELEASED"):
        await travel.pay(programme, member_id, "B", LINE, redemption=cancelled)
    used = await hold(programme, member_id, 100)
    await travel.pay(programme, member_id, "B1", LINE, redemption=used)
    async with make.refused(programme, RedemptionState, path, status="CONFIRMED"):
        await travel.pay(programme, member_id, "B2", LINE, redemption=used)
    strange = await hold(programme, other, 100)
    async with make.refused(programme, NotFound, path):
        await travel.pay(programme, member_id, "B", LINE, redemption=strange)
    async with make.refused(programme, NotFound, path):
        await travel.pay(programme, member_id, "B", LINE, redemption=strange, owner=other)
    reward = await make.reward(programme, list_points=100)
    of_reward = await make.redeem(programme, member_id, reward, hold=True)
    async with make.refused(programme, NotFound, path):
        await travel.pay(programme, member_id, "B", LINE, redemption=of_reward)


async def test_what_paid_a_booking_is_undone_by_its_refund_only(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    redemption = await hold(programme, member_id, 100)
    async with make.refused(programme, RedemptionState, "redemption", allowed=("earnForBooking",)):
        await make.confirm(programme, member_id, redemption)
    await travel.pay(programme, member_id, "B", LINE, redemption=redemption)
    async with make.refused(programme, RedemptionState, "redemption", allowed=("refundBooking",)):
        await make.cancel(programme, member_id, redemption)


async def test_an_offset_is_spread_over_the_lines(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 10_000)
    lines = tuple(make.line_of("hotel", amount) for amount in ("10", "10", "10.01"))
    redemption = await hold(programme, member_id, 1000, *lines)
    await travel.pay(programme, member_id, "B", *lines, redemption=redemption)
    paid = await rows(
        "SELECT amount_minor - cash_minor AS offset_minor FROM booking_line "
        "WHERE member_id = $1 ORDER BY number",
        member_id,
    )
    # 333.22, 333.22, 333.56: the one left over goes to the largest remainder
    assert [line["offset_minor"] for line in paid] == [333, 333, 334]


# Replays.


async def test_the_same_hold_and_booking_again_are_answered_as_first(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    redemption = await hold(programme, member_id, 300, key="hold")
    assert await hold(programme, member_id, 300, key="hold") == redemption
    first = await travel.pay(programme, member_id, "B", LINE, redemption=redemption, key="pay")
    before = await make.everything(programme)
    later = make.NOW + 40 * DAY
    again = await travel.pay(programme, member_id, "B", LINE, redemption=redemption, key="pay")
    assert (again.replayed, again.figures) == (True, first.figures)
    assert await make.everything(programme) == before
    other = await travel.pay(programme, member_id, "B", LINE, redemption=redemption, now=later)
    assert (other.replayed, other.figures) == (True, first.figures)


@pytest.mark.usefixtures("proved")
async def test_one_hold_pays_one_of_many_bookings_at_once(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    redemption = await hold(programme, member_id, 1000)
    answers = await asyncio.gather(
        *(
            travel.pay(programme, member_id, f"B{n}", LINE, redemption=redemption)
            for n in range(10)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Outcome) for answer in answers) == 1
    assert sum(isinstance(answer, RedemptionState) for answer in answers) == 9
    assert await balances(member_id) == Balances(available=90)


@pytest.mark.usefixtures("proved")
async def test_holds_at_once_never_hold_more_than_there_is(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.rich_member(programme, 1000)
    answers = await asyncio.gather(
        *(hold(programme, member_id, 400) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(answer, UUID) for answer in answers) == 2
    assert sum(isinstance(answer, InsufficientPoints) for answer in answers) == 8
    assert await balances(member_id) == Balances(available=200, held=800)
