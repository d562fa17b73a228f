"""Refunds of what points paid: they come back to their own lots."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.kernel.database import rows
from domain.ledger.values import Balances
from domain.tiers import tiers
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.refunded import ANY_POINTS, open_programme, paid_in_part
from tests.support.travel import balances, refund, taken

DAY = timedelta(days=1)
WORTH_ONE_YUAN = {"worth": {"points": 1, "money": 1}, "available": "at_payment"}


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
        ("REINSTATE", "redeemed", "available", 150),
        ("EXPIRE", "available", "expired", 100),
        ("CLAW_BACK", "available", "clawed_back", 98),
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
        # floor(48.995) = 48 would be 51.98 in cash, of which 50.99 were paid
        (["99.98", "0.01"], [(49, 5098), (0, 1)]),
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


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
async def test_each_of_three_lines_paid_with_two_points_is_refunded_at_its_gross(
    database: Database, order: tuple[int, ...]
) -> None:
    """Points of CNY 1 pay whole, so two of the lines of 3.00 are paid with one each."""
    any_points = {"step": 1, "minimum": 1, "shares": [{"percent": 100}]}
    programme = await open_programme(points=WORTH_ONE_YUAN, offset=any_points)
    member_id = await make.rich_member(programme, 2)
    lines = [make.line_of("hotel", "3") for _ in order]
    redemption = await travel.hold(programme, member_id, 2, *lines)
    await travel.pay(programme, member_id, "B", *lines, redemption=redemption)
    found = {}
    for number in order:
        figures = (await refund(programme, "B", f"R{number}", (number, "3"))).figures
        found[number] = figures["points_reinstated"], figures["cash_minor"]
    assert found == {1: (1, 200), 2: (1, 200), 3: (0, 300)}
    assert await make.faults(member_id) == []


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
