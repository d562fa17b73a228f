"""Groups of bonuses of which a booking gets one: booked, refunded and amended."""

from uuid import UUID

from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

BASE = make.rule("rate", "base", points=1)
LARGE = make.rule(
    "bonus",
    "large",
    points=500,
    when={"min_amount": 2000},
    limit={"times": 1, "per": "month"},
    exclusive="spring",
)
SMALL = make.rule("bonus", "small", points=300, when={"min_amount": 1000}, exclusive="spring")


async def opened() -> tuple[Programme, UUID]:
    programme = await make.establish(make.variant(BASE, LARGE, SMALL))
    return programme, await make.enrol(programme)


async def test_a_bonus_that_lost_its_group_gains_nothing_by_a_refund(database: Database) -> None:
    """2400 earns 2900; refunding 500 takes 1000: the large one falls, the small one stays out."""
    programme, member_id = await opened()
    assert await make.book(programme, member_id, ("flight", "2400"), reference="A") == 2900
    refunded = await travel.refund(programme, "A", "R", (1, "500"))
    assert refunded.figures["points_clawed_back"] == 1000
    assert await make.available(member_id) == 1900
    assert await make.faults(member_id) == []


async def test_when_the_large_one_is_used_up_the_small_one_counts(database: Database) -> None:
    programme, member_id = await opened()
    await make.book(programme, member_id, ("flight", "2400"))
    assert await make.book(programme, member_id, ("flight", "2400")) == 2700
    assert await make.faults(member_id) == []


async def test_an_amendment_judges_the_group_anew(database: Database) -> None:
    programme, member_id = await opened()
    assert await make.book(programme, member_id, ("flight", "2400"), reference="A") == 2900
    await travel.amend(programme, "A", "A1", make.line_of("flight", "1900"))
    assert await make.available(member_id) == 2200
    await travel.amend(programme, "A", "A2", make.line_of("flight", "2400"))
    assert await make.available(member_id) == 2900
    assert await make.faults(member_id) == []
