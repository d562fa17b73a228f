"""Budgets under many at once, and in any order: spent to the last point and never over."""

import asyncio
from collections.abc import Awaitable
from functools import partial
from random import Random
from uuid import UUID

import pytest

from domain.kernel.database import row
from domain.kernel.idempotency import Outcome
from tests.conftest import Database
from tests.domain.earning.test_budgets import base_within, counters
from tests.support import factories as make
from tests.support import travel

pytestmark = pytest.mark.usefixtures("proved")


async def test_two_hundred_bookings_at_once_spend_a_budget_to_the_last_point_and_refunds_return_it(
    database: Database,
) -> None:
    """142 times 70 and once 60 are 10 000; who was clipped is not topped up by what comes back."""
    programme = await make.establish(base_within(10_000))
    ids = [await make.enrol(programme) for _ in range(20)]
    hotel = make.line_of("hotel", "70")

    def book(reference: str, number: int) -> Awaitable[Outcome]:
        # under a load others may be in its way for longer than a statement waits
        return travel.insist(partial(travel.pay, programme, ids[number % 20], reference, hotel))

    calls = [book(f"B{n}", n) for n in range(200)]
    made = [one.figures["points_awarded"] for one in await asyncio.gather(*calls)]
    assert sorted(made) == [0] * 57 + [60] + [70] * 142
    assert await counters(programme) == [("base", "always", 10_000, 10_000)]

    paid = [number for number, points in enumerate(made) if points == 70][:30]
    more = [book(f"C{n}", n) for n in range(40)]
    back = [travel.insist(partial(travel.refund, programme, f"B{number}", "R")) for number in paid]
    again, returned = await asyncio.gather(asyncio.gather(*more), asyncio.gather(*back))
    assert {one.figures["points_clawed_back"] for one in returned} == {70}
    points = sum(one.figures["points_awarded"] for one in again)
    assert points <= 30 * 70
    assert await counters(programme) == [("base", "always", 10_000 - 30 * 70 + points, 10_000)]
    last = [book(f"D{n}", n) for n in range(31)]
    points += sum(one.figures["points_awarded"] for one in await asyncio.gather(*last))
    assert points == 30 * 70
    assert await counters(programme) == [("base", "always", 10_000, 10_000)]


async def test_two_rules_and_refunds_never_wait_in_a_ring(database: Database) -> None:
    """Every booking takes both counters, and half of them are refunded meanwhile."""
    programme = await make.establish(
        make.variant(
            make.rule("rate", "zeta", points=1, budget={"points": 10_000}),
            make.rule("bonus", "alpha", points=7, budget={"points": 10_000}),
        )
    )
    ids = [await make.enrol(programme) for _ in range(16)]

    async def live(number: int, member_id: UUID) -> None:
        await travel.pay(programme, member_id, f"B{number}", make.line_of("hotel", "100"))
        if number % 2:
            await travel.refund(programme, f"B{number}", "R")

    await asyncio.gather(*(live(number, one) for number, one in enumerate(ids)))
    assert await counters(programme) == [
        ("alpha", "always", 56, 10_000),
        ("zeta", "always", 800, 10_000),
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_of_events_stays_within_the_budget(database: Database, seed: int) -> None:
    budget, draw = 900, Random(seed)
    programme = await make.establish(base_within(budget))
    ids = [await make.enrol(programme) for _ in range(3)]
    references: list[str] = []
    for number in range(14):
        match draw.choice("bbra" if references else "b"):
            case "b":
                references.append(f"B{number}")
                line = make.line_of("hotel", str(draw.randrange(400)))
                await travel.pay(programme, draw.choice(ids), references[-1], line)
            case "r":
                gone = references.pop(draw.randrange(len(references)))
                await travel.refund(programme, gone, "R")
            case _:
                line = make.line_of("hotel", str(draw.randrange(1, 400)))
                await travel.amend(programme, draw.choice(references), f"A{number}", line)
        [(_, _, used, _)] = await counters(programme)
        granted = await row(
            "SELECT coalesce(sum(points), 0)::bigint AS net FROM award "
            "WHERE member_id = ANY($1::uuid[])",
            ids,
        )
        assert granted == {"net": used}
        assert used <= budget
