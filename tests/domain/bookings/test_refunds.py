"""Refunds: what was not earned after all is taken back, whatever the order."""

import itertools
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.kernel.database import rows
from domain.ledger.values import Balances
from domain.programmes.programmes import Programme
from domain.tiers import tiers, values
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.refunded import FLIGHT_2400, kept, open_programme, terms
from tests.support.travel import balances, refund, taken

DAY = timedelta(days=1)


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


async def test_what_a_rule_lost_is_taken_from_its_own_points_then_from_pending_ones(
    database: Database,
) -> None:
    base = make.rule("rate", "base", points=1)
    niche = make.rule("bonus", "niche", points=100, available="on_completion")
    programme = await make.establish(make.variant(base, niche))
    member_id = await make.enrol(programme)
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1000"))
    assert await balances(member_id) == Balances(pending=100, available=1000)
    outcome = await refund(programme, "B", "R1", (1, "50"))
    assert taken(outcome.figures) == (50, 0, 0, 0, 5000)
    assert await balances(member_id) == Balances(pending=100, available=950)
    cup = await make.reward(programme, list_points=920)
    await make.redeem(programme, member_id, cup)
    outcome = await refund(programme, "B", "R2", (1, "80"))
    assert taken(outcome.figures) == (80, 0, 0, 0, 8000)
    assert await balances(member_id) == Balances(pending=50, available=0)
    assert await travel.entries(member_id, 4) == [
        ("CLAW_BACK", "pending", "clawed_back", 50),
        ("CLAW_BACK", "available", "clawed_back", 30),
    ]
    # the booking's own lots are one purse where those of a rule's terms are empty
    assert (await travel.complete(programme, "B")).figures["points_matured"] == 50


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


BELOW_1000 = {"min_amount": 500, "max_amount": 1000}
DISPLACING = {
    "base": (make.rule("rate", "middle", points=2, when=BELOW_1000), 2000, 400),
    "factor": (
        make.rule("multiplier", "middle", _class="campaign", factor=3, when=BELOW_1000),
        4000,
        800,
    ),
    "bonus": (
        make.rule("bonus", "middle", points=600, exclusive="group", when=BELOW_1000),
        2500,
        900,
    ),
}


@pytest.mark.parametrize("kind", DISPLACING)
async def test_what_was_too_dear_for_a_rule_is_not_brought_to_it_by_refunds(
    database: Database, kind: str
) -> None:
    middle, earned, left = DISPLACING[kind]
    whole = {
        "base": (),
        "factor": (make.rule("multiplier", "double", _class="campaign", factor=2),),
        "bonus": (make.rule("bonus", "large", points=500, exclusive="group"),),
    }
    rules = (make.rule("rate", "base", points=1), *whole[kind], middle)
    programme = await make.establish(make.variant(*rules))
    for steps in ((1600,), (1100, 500), (500, 1100), (1100, 450, 50), (800, 800)):
        member_id = await make.enrol(programme)
        booking = f"B{steps}"
        await travel.pay(programme, member_id, booking, make.line_of("flight", "2000"))
        assert await make.available(member_id) == earned
        for number, gross in enumerate(steps):
            await refund(programme, booking, f"R{number}", (1, str(gross)))
        assert await balances(member_id) == Balances(available=left)
        await refund(programme, booking, "rest")
        assert await balances(member_id) == Balances()
        assert await make.faults(member_id) == []


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
