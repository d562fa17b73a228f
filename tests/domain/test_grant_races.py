"""Races of grants on real connections: facts, refunds, jobs and members that want the same."""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.activities import calendar_rules, waiting
from domain.activities.waiting import WaitingGrant
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.domain.test_races import in_turn, together
from tests.support import factories as make
from tests.support import travel
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("proved")

SECOND = grant("second", "milestone", count="stays", at=2, gives={"points": 200})
GOLD = grant("gold_gift", "tier_entry", tiers=["gold"], gives={"reward": "gold_coupon"})
COUNTS = {"stays": {"of": "bookings", "products": ["hotel"]}}


async def granting(*grants: dict[str, Any]) -> Programme:
    """A point for every yuan, these grants, and nothing else that gives points."""
    base = make.rule("rate", "base", points=1)
    return await make.establish(make.variant(base, grants=list(grants), counts=COUNTS))


def book(
    programme: Programme, member_id: UUID, reference: str, amount: str = "10"
) -> Coroutine[Any, Any, Outcome]:
    return travel.pay(programme, member_id, reference, make.line_of("hotel", amount))


async def given(member_id: UUID) -> list[tuple[str, list[tuple[str, int]]]]:
    """Type and history of each grant: how many points were given, reversed and restored."""
    found = await rows(
        "SELECT a.type, a.points, ARRAY(SELECT r.kind || ' ' || r.points FROM activity_reversal r "
        "WHERE r.member_id = a.member_id AND r.activity_id = a.id ORDER BY r.number) AS later "
        "FROM activity a WHERE a.member_id = $1 AND a.reporter = 'system' ORDER BY a.id",
        member_id,
    )
    return [
        (
            one["type"],
            [
                ("GIVEN", one["points"]),
                *((kind, int(points)) for kind, points in map(str.split, one["later"])),
            ],
        )
        for one in found
    ]


async def test_of_two_facts_that_reach_a_milestone_one_brings_it(database: Database) -> None:
    programme = await granting(SECOND)
    member_id = await make.enrol(programme)
    await book(programme, member_id, "B0")
    made = await in_turn(
        database, member_id, *(book(programme, member_id, reference) for reference in ("B1", "B2"))
    )
    brought = [one.figures["grants"] for one in made if isinstance(one, Outcome)]
    assert sorted(map(len, brought)) == [0, 1]
    assert await given(member_id) == [("second", [("GIVEN", 200)])]
    assert await make.available(member_id) == 230


async def test_a_fact_and_its_refund_at_once_bring_the_grant_and_take_it(
    database: Database,
) -> None:
    """Whichever comes first: a refund before its booking waits for it."""
    for _ in range(3):
        programme = await granting(SECOND)
        member_id = await make.enrol(programme)
        await book(programme, member_id, "B1")
        done, refused = await together(
            [book(programme, member_id, "B2"), travel.refund(programme, "B2", "R")]
        )
        assert (len(done), refused) == (2, [])
        assert await given(member_id) == [("second", [("GIVEN", 200), ("REVERSED", 200)])]
        assert await make.available(member_id) == 10


@pytest.mark.parametrize("refund_first", [True, False])
async def test_a_refund_below_a_milestone_beside_a_fact_that_keeps_it(
    database: Database, refund_first: bool
) -> None:
    programme = await granting(SECOND)
    member_id = await make.enrol(programme)
    for reference in ("B1", "B2"):
        await book(programme, member_id, reference)
    calls = [travel.refund(programme, "B1", "R"), book(programme, member_id, "B3")]
    await in_turn(database, member_id, *(calls if refund_first else calls[::-1]))
    anew = [("REVERSED", 200), ("RESTORED", 200)] if refund_first else []
    assert await given(member_id) == [("second", [("GIVEN", 200), *anew])]
    assert await make.available(member_id) == 220


async def test_the_last_points_of_a_budget_go_to_one_of_two_members(database: Database) -> None:
    programme = await granting({**SECOND, "budget": {"points": 200}})
    ids = [await make.enrol(programme) for _ in range(2)]
    for number, member_id in enumerate(ids):
        await book(programme, member_id, f"A{number}")
    done, refused = await together(
        book(programme, member_id, f"B{number}") for number, member_id in enumerate(ids)
    )
    assert (len(done), refused) == (2, [])
    points = {one: await given(one) for one in ids}
    assert sorted(points.values()) == [
        [("second", [("GIVEN", 0)])],
        [("second", [("GIVEN", 200)])],
    ]
    # what a refund gives back is nobody's who was clipped, and the next one's
    winner = max(ids, key=lambda one: points[one])
    await travel.refund(programme, f"B{ids.index(winner)}", "R")
    third = await make.enrol(programme)
    for number in range(2):
        await book(programme, third, f"C{number}")
    assert await given(third) == [("second", [("GIVEN", 200)])]


async def test_the_last_reward_goes_to_one_of_two_who_enter_a_tier(database: Database) -> None:
    programme = await granting(GOLD)
    reward = await make.reward(programme, code="gold_coupon", list_points=0, stock=1)
    ids = [await make.enrol(programme) for _ in range(2)]
    done, refused = await together(
        book(programme, member_id, f"B{number}", "5000") for number, member_id in enumerate(ids)
    )
    assert (len(done), refused) == (2, [])
    assert [len(one.figures["grants"]) for one in done] == [1, 1]
    assert await make.stock(reward) == 0
    made = await rows("SELECT status FROM redemption WHERE member_id = ANY($1::uuid[])", ids)
    assert [one["status"] for one in made] == ["CONFIRMED"]
    found = await waiters(programme)
    assert len(found) == 1
    # two workers at once, and one reward more
    await make.set_stock(reward, 1)
    gave, _ = await together(waiting.give(programme, found[0], make.NOW) for _ in range(2))
    assert sorted(gave) == [False, True]
    assert await make.stock(reward) == 0


async def waiters(programme: Programme) -> list[WaitingGrant]:
    return [one async for one in waiting.candidates(programme, make.NOW)]


@pytest.mark.parametrize("job_first", [True, False])
async def test_the_job_of_waiting_rewards_beside_the_refund_that_ends_the_grant(
    database: Database, job_first: bool
) -> None:
    programme = await granting(GOLD)
    coupon = await make.reward(
        programme, code="gold_coupon", kind="COUPON", list_points=0, pooled_codes=True
    )
    member_id = await make.enrol(programme)
    await book(programme, member_id, "B", "5000")
    [found] = await waiters(programme)
    await make.pool(coupon, "C-1")
    calls: list[Coroutine[Any, Any, object]] = [
        waiting.give(programme, found, make.NOW),
        travel.refund(programme, "B", "R"),
    ]
    answers = await in_turn(database, member_id, *(calls if job_first else calls[::-1]))
    assert [one for one in answers if isinstance(one, BaseException)] == []
    assert job_first in answers
    assert await given(member_id) == [("gold_gift", [("GIVEN", 0), ("REVERSED", 0)])]
    codes = await rows("SELECT status FROM coupon_code WHERE reward_id = $1", coupon.id)
    assert [one["status"] for one in codes] == ["VOID" if job_first else "IMPORTED"]
    assert await waiters(programme) == []


async def test_two_workers_on_one_day_give_each_member_its_grant_once(database: Database) -> None:
    day = grant("day", "calendar", day="03-15", gives={"points": 100}, budget={"points": 250})
    programme = await granting(day)
    long_ago = make.NOW - timedelta(days=20)
    ids = [await make.enrol(programme, now=long_ago) for _ in range(3)]

    async def work() -> int:
        found = [one async for one in calendar_rules.candidates(programme, make.NOW)]
        return sum([await calendar_rules.pay(programme, one, make.NOW) for one in found])

    done, refused = await together(work() for _ in range(2))
    assert (sum(done), refused) == (250, [])
    assert sorted([await make.available(one) for one in ids]) == [50, 100, 100]
    assert [len(await given(one)) for one in ids] == [1, 1, 1]
