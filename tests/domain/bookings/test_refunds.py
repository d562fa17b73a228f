"""Refunds: what was not earned after all is taken back, whatever the order."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.bookings import refunds
from domain.bookings.refusals import RefundExceedsBooking
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import (
    EventInFuture,
    EventTooOld,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    ReferenceConflict,
    Refusal,
)
from domain.ledger.refusals import AccountInArrears, InsufficientPoints
from domain.ledger.values import Balances
from domain.members import members
from domain.programmes.programmes import Programme
from domain.tiers import tiers, values
from tests.conftest import Database
from tests.support import factories as make
from tests.support import reading, travel
from tests.support.travel import balances, refund, taken

DAY = timedelta(days=1)
WORTH_ONE_YUAN = {"worth": {"points": 1, "money": 1}, "available": "at_payment"}
ANY_POINTS = {"step": 1, "minimum": 1, "shares": [{"percent": 100}]}
FLIGHT_2400 = (make.line_of("flight", "2400"),)


def terms(claw_back: str, tier: str = "now") -> dict[str, Any]:
    return {"claw_back": claw_back, "tier": tier, "grace_days": 30}


async def open_programme(**changes: Any) -> Programme:
    return await make.establish(make.shipped_document(**changes))


async def kept(member_id: UUID) -> list[dict[str, Any]]:
    """What each refund recorded, in order."""
    return await rows(
        "SELECT points_clawed_back, points_owed, points_forgiven, points_expired "
        "FROM refund WHERE member_id = $1 ORDER BY recorded_at, id",
        member_id,
    )


# The threshold of the example, in every order.


async def test_refunding_500_of_2400_claws_1000(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    assert await make.available(member_id) == 2900
    outcome = await refund(programme, "B", "R", (1, "500"))
    assert taken(outcome.figures) == (1000, 0, 0, 0, 50000)
    assert await make.available(member_id) == 1900
    assert await travel.entries(member_id, 1) == [("CLAW_BACK", "available", "clawed_back", 1000)]
    reversed_awards = await rows(
        "SELECT rule, points FROM award WHERE member_id = $1 AND refund_id IS NOT NULL "
        "ORDER BY rule",
        member_id,
    )
    assert reversed_awards == [
        {"rule": "base", "points": -500},
        {"rule": "flight_over_2000", "points": -500},
    ]


async def test_a_threshold_is_judged_anew(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", *FLIGHT_2400)
    first = await refund(programme, "B", "R1", (1, "250"))
    assert taken(first.figures) == (250, 0, 0, 0, 25000)
    second = await refund(programme, "B", "R2", (1, "250"))
    assert taken(second.figures) == (750, 0, 0, 0, 25000)
    assert await make.available(member_id) == 1900
    rest = await refund(programme, "B", "R3")
    assert taken(rest.figures) == (1900, 0, 0, 0, 190000)
    assert await make.available(member_id) == 0


PARTS = {"R1": "250", "R2": "150", "R3": "700"}


@pytest.mark.parametrize("order", list(itertools.permutations(["booking", *PARTS])))
async def test_the_order_of_booking_and_refunds_does_not_matter(
    database: Database, order: tuple[str, ...]
) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    clawed = 0
    for event in order:
        if event == "booking":
            await travel.pay(programme, member_id, "B", *FLIGHT_2400)
        else:
            outcome = await refund(programme, "B", event, (1, PARTS[event]))
            clawed += outcome.figures["points_clawed_back"]
    # 1300 are left of 2400: 1300 points, and no bonus
    assert await balances(member_id) == Balances(available=1300)
    recorded = await kept(member_id)
    assert sum(made["points_clawed_back"] for made in recorded) == 1600
    waited = order.index("booking")
    assert clawed == sum(made["points_clawed_back"] for made in recorded[waited:])
    assert (await tiers.qualifying(member_id)).spend_minor == 130000
    # and a full refund takes the rest
    rest = await refund(programme, "B", "R4")
    assert taken(rest.figures) == (1300, 0, 0, 0, 130000)
    assert await balances(member_id) == Balances()
    assert await tiers.qualifying(member_id) == values.Qualifying()


GOLD_FEN = [("0.90", "0.10"), ("0.10", "0.90"), ("1.00",)]


@pytest.mark.parametrize("amounts", GOLD_FEN)
async def test_shares_of_rules_do_not_make_the_order_matter(
    database: Database, amounts: tuple[str, ...]
) -> None:
    """CNY 11.90 at gold: floor 14.28 are 11 and 3; 10.90 left: floor 13.08 are 10 and 3."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "5000"))
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "11.90"), now=make.NOW + DAY)
    assert await make.available(member_id, make.NOW + DAY) == 5014
    clawed = 0
    for number, amount in enumerate(amounts):
        outcome = await refund(programme, "B", f"R{number}", (1, amount), now=make.NOW + DAY)
        clawed += outcome.figures["points_clawed_back"]
    assert clawed == 1
    assert await make.available(member_id, make.NOW + DAY) == 5013


async def test_two_lines_are_judged_together_and_refunded_apart(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    lines = (make.line_of("flight", "1200"), make.line_of("flight", "900"))
    await travel.pay(programme, member_id, "B", *lines)
    assert await make.available(member_id) == 2600
    outcome = await refund(programme, "B", "R1", (2, "200.50"))
    # 1899.50 are left: 1899 points, the threshold is missed
    assert taken(outcome.figures) == (701, 0, 0, 0, 20050)
    outcome = await refund(programme, "B", "R2", (1, "1200"), (2, "699.50"))
    assert taken(outcome.figures) == (1899, 0, 0, 0, 189950)
    assert await balances(member_id) == Balances()


# Where the points are taken from.


async def spent_partly(programme: Programme) -> tuple[UUID, datetime]:
    """1000 of a booking of which 800 are spent, and 500 of something else, later to expire."""
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    await make.give(programme, member_id, 500, now=make.NOW + DAY)
    reward = await make.reward(programme, list_points=800)
    await make.redeem(programme, member_id, reward, now=make.NOW + DAY)
    return member_id, make.NOW + DAY


@pytest.mark.parametrize(
    ("claw_back", "clawed", "owed", "forgiven", "after"),
    [
        ("only_pending", 200, 0, 800, Balances(available=500)),
        ("within_balance", 700, 0, 300, Balances()),
        ("unlimited", 1000, 300, 0, Balances(owed=300)),
    ],
)
async def test_the_policy_says_what_is_taken_of_other_points(
    database: Database, claw_back: str, clawed: int, owed: int, forgiven: int, after: Balances
) -> None:
    programme = await open_programme(refunds=terms(claw_back))
    member_id, now = await spent_partly(programme)
    outcome = await refund(programme, "B", "R", now=now)
    assert taken(outcome.figures) == (clawed, owed, forgiven, 0, 100000)
    assert await balances(member_id, now) == after


@pytest.mark.parametrize("claw_back", ["only_pending", "within_balance", "unlimited"])
@pytest.mark.parametrize("halves", [1, 2])
async def test_what_was_forgiven_or_owed_counts_as_done(
    database: Database, claw_back: str, halves: int
) -> None:
    programme = await open_programme(refunds=terms(claw_back))
    _, now = await spent_partly(programme)
    done = 0
    for number in range(halves):
        outcome = await refund(programme, "B", f"R{number}", (1, str(1000 // halves)), now=now)
        clawed, _, forgiven, *_ = taken(outcome.figures)
        done += clawed + forgiven
        assert done == 1000 // halves * (number + 1)


async def test_a_bookings_own_pending_points_go_first(database: Database) -> None:
    base = make.rule("rate", "base", points=1)
    niche = make.rule("bonus", "niche", points=100, available="on_completion")
    programme = await make.establish(make.variant(base, niche))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    assert await balances(member_id) == Balances(pending=100, available=1000)
    outcome = await refund(programme, "B", "R1", (1, "50"))
    assert taken(outcome.figures) == (50, 0, 0, 0, 5000)
    assert await balances(member_id) == Balances(pending=50, available=1000)
    outcome = await refund(programme, "B", "R2", (1, "80"))
    assert taken(outcome.figures) == (80, 0, 0, 0, 8000)
    assert await balances(member_id) == Balances(available=970)
    assert await travel.entries(member_id, 2) == [
        ("CLAW_BACK", "pending", "clawed_back", 50),
        ("CLAW_BACK", "pending", "clawed_back", 50),
        ("CLAW_BACK", "available", "clawed_back", 30),
    ]
    # what is left of the bonus was available: the booking's own lots are one purse
    assert (await travel.complete(programme, "B")).figures["points_matured"] == 0


async def test_pending_points_of_the_refunded_line_go_first(database: Database) -> None:
    points = {"worth": {"points": 100, "money": 1}, "available": "on_completion"}
    programme = await open_programme(points=points)
    member_id = await make.enrol(programme)
    lines = (make.line_of("hotel", "300"), make.line_of("car", "200"))
    await travel.pay(programme, member_id, "B", *lines)
    outcome = await refund(programme, "B", "R", (2, "150"))
    assert taken(outcome.figures) == (150, 0, 0, 0, 15000)
    assert (await travel.complete(programme, "B", 1)).figures["points_matured"] == 300
    assert (await travel.complete(programme, "B", 2)).figures["points_matured"] == 50
    assert await balances(member_id) == Balances(available=350)


async def test_own_points_that_expired_count_as_recovered(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    reward = await make.reward(programme, list_points=400)
    await make.redeem(programme, member_id, reward)
    later = make.NOW + 400 * DAY
    await make.give(programme, member_id, 150, now=later)
    # 600 of 1000 expired: the first 500 are recovered by them, of the rest only 100
    first = await refund(programme, "B", "R1", (1, "500"), now=later)
    assert taken(first.figures) == (0, 0, 0, 0, 50000)
    assert await balances(member_id, later) == Balances(available=150)
    second = await refund(programme, "B", "R2", now=later)
    assert taken(second.figures) == (400, 250, 0, 0, 50000)
    assert await balances(member_id, later) == Balances(owed=250)
    assert [made["points_expired"] for made in await kept(member_id)] == [500, 100]


async def test_expiry_counts_whether_or_not_it_was_posted(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    later = make.NOW + 400 * DAY
    outcome = await refund(programme, "B", "R", now=later)
    assert taken(outcome.figures) == (0, 0, 0, 0, 100000)
    assert await travel.entries(member_id, 1) == [("EXPIRE", "available", "expired", 1000)]
    assert await balances(member_id, later) == Balances()


async def test_held_points_are_not_taken(database: Database) -> None:
    programme = await open_programme(refunds=terms("within_balance"))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    reward = await make.reward(programme, list_points=600)
    held = await make.redeem(programme, member_id, reward, hold=True)
    outcome = await refund(programme, "B", "R")
    assert taken(outcome.figures) == (400, 0, 600, 0, 100000)
    assert await balances(member_id) == Balances(held=600)
    await make.confirm(programme, member_id, held)
    assert await balances(member_id) == Balances()


async def test_a_hold_that_dies_settles_what_was_not_taken(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    reward = await make.reward(programme, list_points=700)
    await make.redeem(programme, member_id, reward, hold=True)
    outcome = await refund(programme, "B", "R", (1, "900"))
    assert taken(outcome.figures) == (900, 600, 0, 0, 90000)
    assert await balances(member_id) == Balances(held=700, owed=600)
    dead = make.NOW + timedelta(minutes=30)
    assert await balances(member_id, dead) == Balances(available=100)
    await make.give(programme, member_id, 5, now=dead)
    assert (await travel.entries(member_id))[-3:] == [
        ("RELEASE", "held", "available", 700),
        ("SETTLE", "available", "owed", 600),
        ("EARN", "issued", "available", 5),
    ]


# Arrears.


async def in_arrears(programme: Programme, owed: int = 300) -> UUID:
    """A member who owes this much and has nothing."""
    member_id = await make.enrol(programme, now=make.NOW - 90 * DAY)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", str(owed)))
    await make.redeem(programme, member_id, await make.reward(programme, list_points=owed))
    await refund(programme, "B", "R")
    assert await balances(member_id) == Balances(owed=owed)
    return member_id


async def test_in_arrears_nothing_can_be_spent(database: Database) -> None:
    programme = await make.establish()
    member_id = await in_arrears(programme)
    other = await make.enrol(programme)
    reward = await make.reward(programme, list_points=100)
    line = make.line_of("hotel", "100")
    async with make.refused(programme, AccountInArrears, "member", owed=300):
        await make.redeem(programme, member_id, reward)
    async with make.refused(programme, AccountInArrears, "member", owed=300):
        await make.redeem(programme, member_id, reward, hold=True)
    async with make.refused(programme, AccountInArrears, "member", owed=300):
        await travel.hold(programme, member_id, 100, line)
    async with make.refused(programme, AccountInArrears, "from", owed=300):
        await make.transfer(programme, member_id, other, 1)


async def test_later_points_settle_first_and_count_as_earned(database: Database) -> None:
    programme = await make.establish()
    member_id = await in_arrears(programme)
    before = await travel.sequence(member_id)
    assert await make.book(programme, member_id, ("hotel", "120")) == 120
    assert await balances(member_id) == Balances(owed=180)
    await make.give(programme, member_id, 500)
    assert await balances(member_id) == Balances(available=320)
    assert await travel.entries(member_id, before) == [
        ("EARN", "issued", "available", 120),
        ("SETTLE", "available", "owed", 120),
        ("EARN", "issued", "available", 500),
        ("SETTLE", "available", "owed", 180),
    ]
    # 120 of the booking; the one of 300 was refunded
    counted = await tiers.qualifying(member_id)
    assert (counted.spend_minor, counted.points) == (12000, 620)


async def test_points_of_every_origin_settle_arrears(database: Database) -> None:
    programme = await make.establish()
    giver = await make.rich_member(programme, 1000, now=make.NOW - 90 * DAY)
    for credit in ("transfer", "adjust", "reinstate"):
        member_id = await make.enrol(programme, now=make.NOW - 90 * DAY)
        reward = await make.reward(programme, list_points=400)
        await make.give(programme, member_id, 100, now=make.NOW - DAY)
        await travel.pay(programme, member_id, credit, make.line_of("hotel", "300"))
        redemption = await make.redeem(programme, member_id, reward)
        await refund(programme, credit, "R")
        assert await balances(member_id) == Balances(owed=300)
        before = await travel.sequence(member_id)
        if credit == "transfer":
            await make.transfer(programme, giver, member_id, 400)
        elif credit == "adjust":
            await make.adjust(programme, member_id, 400)
        else:
            await make.cancel(programme, member_id, redemption)
        settled = (await travel.entries(member_id, before))[1:]
        assert settled == [("SETTLE", "available", "owed", 300)]
        assert await balances(member_id) == Balances(available=100)


async def test_maturing_points_settle_arrears(database: Database) -> None:
    slow = make.rule("rate", "slow", points=1, available="on_completion")
    programme = await make.establish(make.variant(slow))
    member_id = await make.rich_member(programme, 50)
    await travel.pay(programme, member_id, "B1", make.line_of("hotel", "100"))
    await travel.pay(programme, member_id, "B2", make.line_of("hotel", "200"))
    await travel.complete(programme, "B1")
    await make.redeem(programme, member_id, await make.reward(programme, list_points=150))
    await refund(programme, "B1", "R")
    assert await balances(member_id) == Balances(pending=200, owed=100)
    done = await travel.complete(programme, "B2")
    assert done.figures["points_matured"] == 200
    assert await balances(member_id) == Balances(available=100)


# Limits, tiers.


async def test_a_refund_gives_a_limited_bonus_back(database: Database) -> None:
    base = make.rule("rate", "base", points=1)
    once = make.rule("bonus", "first", points=500, limit={"times": 1, "per": "member"})
    programme = await make.establish(make.variant(base, once))
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("hotel", "100"), reference="B1") == 600
    assert await make.book(programme, member_id, ("hotel", "100"), reference="B2") == 100
    # half of it leaves the bonus where it is
    await refund(programme, "B1", "R1", (1, "50"))
    assert await make.book(programme, member_id, ("hotel", "100"), reference="B3") == 100
    await refund(programme, "B1", "R2")
    # B2 and B3 are not awarded again; the next booking has it
    assert await make.available(member_id) == 200
    assert await make.book(programme, member_id, ("hotel", "100"), reference="B4") == 600


async def test_a_refund_gives_its_share_of_a_budget_back(database: Database) -> None:
    base = make.rule("rate", "base", points=1)
    double = make.rule(
        "multiplier", "double", factor=2, _class="campaign", limit={"points": 300, "per": "month"}
    )
    programme = await make.establish(make.variant(base, double))
    member_id = await make.enrol(programme)
    assert await make.book(programme, member_id, ("hotel", "200"), reference="B1") == 400
    assert await make.book(programme, member_id, ("hotel", "200"), reference="B2") == 300
    outcome = await refund(programme, "B2", "R1", (1, "50"))
    # 150 left would be doubled by 150, and were by 100
    assert outcome.figures["points_clawed_back"] == 50
    outcome = await refund(programme, "B1", "R1", (1, "80"))
    assert outcome.figures["points_clawed_back"] == 160
    assert await make.book(programme, member_id, ("hotel", "200"), reference="B3") == 280


@pytest.mark.parametrize(("tier", "after"), [("now", "silver"), ("never", "gold")])
async def test_the_policy_says_what_a_refund_does_to_the_tier(
    database: Database, tier: str, after: str
) -> None:
    programme = await open_programme(refunds=terms("unlimited", tier))
    member_id = await make.enrol(programme)
    booked_at = make.NOW - 5 * DAY
    await make.book(programme, member_id, ("hotel", "6000"), reference="B", booked_at=booked_at)
    assert (await members.many([member_id]))[member_id].tier == "gold"
    await refund(programme, "B", "R", (1, "1000.01"), now=make.NOW + DAY)
    member = (await members.many([member_id]))[member_id]
    assert member.tier == after
    given_back = [(booked_at, make.NOW + DAY, -100001, 0)] if tier == "now" else []
    assert member.qualifying.spend_minor == (499999 if given_back else 600000)
    counted = await rows(
        "SELECT occurred_at, recorded_at, spend_minor, bookings FROM tier_credit "
        "WHERE member_id = $1 ORDER BY recorded_at",
        member_id,
    )
    assert [tuple(credit.values()) for credit in counted] == [
        (booked_at, make.NOW, 600000, 1),
        *given_back,
    ]
    changed = await rows(
        "SELECT from_tier, to_tier, effective_at, reason FROM tier_change "
        "WHERE member_id = $1 ORDER BY recorded_at OFFSET 1",
        member_id,
    )
    lost = [("gold", "silver", make.NOW + DAY, "refund")] if tier == "now" else []
    assert [tuple(change.values()) for change in changed] == lost
    told = await travel.topics(member_id)
    assert told.count("tier.changed") == 1 + len(lost)


async def test_what_was_earned_at_the_higher_tier_stays(database: Database) -> None:
    programme = await make.establish()
    member_id = await make.enrol(programme)
    await make.book(programme, member_id, ("hotel", "6000"), reference="B1")
    assert await make.book(programme, member_id, ("hotel", "100"), now=make.NOW + DAY) == 120
    later = make.NOW + 2 * DAY
    await refund(programme, "B1", "R", now=later)
    assert await balances(member_id, later) == Balances(available=120)
    assert await make.book(programme, member_id, ("hotel", "100"), now=later + DAY) == 100


# Points that paid come back.


async def paid_in_part(programme: Programme) -> UUID:
    """CNY 100 of which 150 points paid CNY 1.50: 100 that expire first, 50 of 100 later ones."""
    member_id = await make.enrol(programme, now=make.NOW - 310 * DAY)
    await make.give(programme, member_id, 100, now=make.NOW - 300 * DAY)
    await make.give(programme, member_id, 100, now=make.NOW - 100 * DAY)
    line = make.line_of("flight", "100")
    redemption = await travel.hold(programme, member_id, 150, line)
    outcome = await travel.pay(programme, member_id, "B", line, redemption=redemption)
    assert outcome.figures["points_awarded"] == 98
    return member_id


async def lots_left(member_id: UUID) -> list[int]:
    """What is left of each lot, in the order earned."""
    found = await rows(
        "SELECT remaining FROM lot WHERE member_id = $1 ORDER BY earned_at, id", member_id
    )
    return [lot["remaining"] for lot in found]


async def test_points_come_back_to_their_own_lots_newest_first(database: Database) -> None:
    programme = await open_programme(offset=ANY_POINTS)
    member_id = await paid_in_part(programme)
    assert await lots_left(member_id) == [0, 50, 98]
    first = await refund(programme, "B", "R1", (1, "50"))
    # half of 150; CNY 50 less their worth of 0.75; 98 points were for 98.50, 49 are for 49.25
    assert taken(first.figures) == (49, 0, 0, 75, 4925)
    assert await lots_left(member_id) == [25, 100, 49]
    second = await refund(programme, "B", "R2")
    assert taken(second.figures) == (49, 0, 0, 75, 4925)
    assert await lots_left(member_id) == [100, 100, 0]
    assert await balances(member_id) == Balances(available=200)


async def test_points_that_are_past_their_expiry_come_back_and_expire(database: Database) -> None:
    programme = await open_programme(offset=ANY_POINTS)
    member_id = await paid_in_part(programme)
    later = make.NOW + 70 * DAY
    before = await travel.sequence(member_id)
    outcome = await refund(programme, "B", "R", now=later)
    assert taken(outcome.figures) == (98, 0, 0, 150, 9850)
    assert await travel.entries(member_id, before) == [
        ("CLAW_BACK", "available", "clawed_back", 98),
        ("REINSTATE", "redeemed", "available", 150),
        ("EXPIRE", "available", "expired", 100),
    ]
    assert await balances(member_id, later) == Balances(available=100)


async def test_points_last_longer_when_the_supplier_cancelled(database: Database) -> None:
    programme = await open_programme(offset=ANY_POINTS)
    member_id = await paid_in_part(programme)
    later = make.NOW + 70 * DAY
    outcome = await refund(programme, "B", "R", supplier_cancelled=True, now=later)
    assert taken(outcome.figures) == (98, 0, 0, 150, 9850)
    assert await balances(member_id, later) == Balances(available=200)
    found = await rows(
        "SELECT points, remaining, earned_at, available_at, expires_at FROM lot "
        "WHERE member_id = $1 AND available_at = $2 ORDER BY expires_at",
        member_id,
        later,
    )
    # 24 May + 30 days, through 23 June; what lasts until 5 December keeps that
    assert [tuple(lot.values()) for lot in found] == [
        (100, 100, make.NOW - 300 * DAY, later, datetime(2026, 6, 23, 16, tzinfo=UTC)),
        (50, 50, make.NOW - 100 * DAY, later, datetime(2026, 12, 5, 16, tzinfo=UTC)),
    ]


async def test_a_refund_and_its_rest_give_each_point_back_once(database: Database) -> None:
    """First by the supplier in new lots, then by the member to the old ones."""
    programme = await open_programme(offset=ANY_POINTS)
    member_id = await paid_in_part(programme)
    await refund(programme, "B", "R1", (1, "50"), supplier_cancelled=True)
    # 50 of the later lot and 25 of the earlier one came back in lots of their own
    await refund(programme, "B", "R2")
    assert await lots_left(member_id) == [75, 25, 50, 50, 0]
    assert await balances(member_id) == Balances(available=200)


THIRDS = ["33.33", "33.33", "33.33"]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        # 49 points for 99.99: floor(16.33) = 16, floor(32.67) = 32, 49
        (THIRDS, [(16, 1733), (16, 1733), (17, 1633)]),
        # floor(48.995) = 48 and no more cash than was paid; the last point for the last fen
        (["99.98", "0.01"], [(48, 5099), (1, 0)]),
        (["0.01", "99.98"], [(0, 1), (49, 5098)]),
        (["99.99"], [(49, 5099)]),
    ],
)
async def test_a_refund_is_split_as_the_line_was_paid(
    database: Database, amounts: list[str], expected: list[tuple[int, int]]
) -> None:
    """1 point is worth CNY 1: of CNY 99.99 points may pay half, which is 49 of them."""
    half = {"step": 1, "minimum": 1, "shares": [{"percent": 50}]}
    programme = await open_programme(points=WORTH_ONE_YUAN, offset=half)
    member_id = await make.rich_member(programme, 100)
    line = make.line_of("hotel", "99.99")
    redemption = await travel.hold(programme, member_id, 49, line)
    await travel.pay(programme, member_id, "B", line, redemption=redemption)
    assert await balances(member_id) == Balances(available=51 + 50)
    found = []
    for number, amount in enumerate(amounts):
        figures = (await refund(programme, "B", f"R{number}", (1, amount))).figures
        found.append((figures["points_reinstated"], figures["cash_minor"]))
    assert found == expected
    assert sum(points for points, _ in found) == 49
    assert sum(cash for _, cash in found) == 5099
    assert await balances(member_id) == Balances(available=100)


async def test_each_line_has_its_own_ratio(database: Database) -> None:
    shares = [{"percent": 50, "products": ["hotel"]}, {"percent": 0}]
    offset = {"step": 1, "minimum": 1, "shares": shares}
    programme = await open_programme(points=WORTH_ONE_YUAN, offset=offset)
    member_id = await make.rich_member(programme, 1000)
    lines = (make.line_of("hotel", "200"), make.line_of("flight", "300"))
    redemption = await travel.hold(programme, member_id, 100, *lines)
    await travel.pay(programme, member_id, "B", *lines, redemption=redemption)
    flight = await refund(programme, "B", "R1", (2, "300"))
    assert taken(flight.figures) == (300, 0, 0, 0, 30000)
    hotel = await refund(programme, "B", "R2", (1, "100"))
    assert taken(hotel.figures) == (50, 0, 0, 50, 5000)
    rest = await refund(programme, "B", "R3")
    assert taken(rest.figures) == (50, 0, 0, 50, 5000)
    assert await balances(member_id) == Balances(available=1000)


async def test_reinstated_points_are_not_earned_again(database: Database) -> None:
    programme = await open_programme(offset=ANY_POINTS)
    member_id = await paid_in_part(programme)
    before = await tiers.qualifying(member_id)
    await refund(programme, "B", "R")
    after = await tiers.qualifying(member_id)
    assert (before.points - after.points, before.spend_minor - after.spend_minor) == (98, 9850)


# The preview.


async def test_a_preview_is_the_refund_that_follows_and_writes_nothing(database: Database) -> None:
    programme = await open_programme(offset=ANY_POINTS)
    member_id = await paid_in_part(programme)
    await make.book(programme, member_id, ("hotel", "5000"))
    later = make.NOW + 70 * DAY
    for reference, parts, supplier in [
        ("R1", [(1, "10.01")], False),
        ("R2", [(1, "20")], True),
        ("R3", [], False),
    ]:
        sent = travel.refunded(reference, *parts, supplier_cancelled=supplier)
        before = await make.everything(programme)
        _, decision = await refunds.preview(make.staff(programme), programme, "B", sent, later)
        assert await make.everything(programme) == before
        member = (await members.many([member_id]))[member_id]
        standing = refunds.standing_after(member, decision)
        at = await travel.sequence(member_id)
        outcome = await refund(
            programme, "B", reference, *parts, supplier_cancelled=supplier, now=later
        )
        assert taken(outcome.figures) == (
            decision.taken.clawed_back,
            decision.taken.owed,
            decision.taken.forgiven,
            decision.reinstated,
            decision.cash_minor,
        )
        expired = [e[3] for e in await travel.entries(member_id, at) if e[0] == "EXPIRE"]
        assert sum(expired) == decision.expired_on_return
        after = (await members.many([member_id]))[member_id]
        assert (after.tier, after.qualifying) == (standing.tier, standing.qualifying)


async def test_a_preview_of_what_is_not_there_is_refused(database: Database) -> None:
    programme = await make.establish()
    other = await make.establish()
    member_id = await make.enrol(other)
    await make.book(other, member_id, ("hotel", "100"), reference="B")
    with pytest.raises(NotFound) as raised:
        await refunds.preview(
            make.partner(programme), programme, "B", travel.refunded("R"), make.NOW
        )
    assert raised.value.path == ("booking",)
    with pytest.raises(RefundExceedsBooking):
        await refunds.preview(
            make.partner(other), other, "B", travel.refunded("R", (1, "100.01")), make.NOW
        )


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
