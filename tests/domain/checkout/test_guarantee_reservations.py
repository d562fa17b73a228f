"""What guaranteed quotes reserve of budgets and limits, and that it comes back when they die."""

import pytest

from domain.activities import activities
from domain.activities.contents import ActivitySent
from domain.bookings import quotes
from domain.bookings.quotes import QuoteSent
from domain.checkout import guarantees
from domain.checkout.refusals import QuoteExpired
from domain.earning import reservations
from domain.kernel.database import rows
from domain.members import members
from domain.members.identity import MemberKey
from tests.conftest import Database
from tests.domain.checkout.test_guarantees import (
    DAY,
    DEAD,
    INSTANT,
    MINUTE,
    earned,
    flight,
    used,
    within,
)
from tests.support import factories as make
from tests.support import travel
from tests.support.travel import guarantee, pay

pytestmark = pytest.mark.usefixtures("proved")


async def test_a_quote_reserves_its_budget_for_its_booking(database: Database) -> None:
    programme = await make.establish(within(1000))
    one, other = await make.enrol(programme), await make.enrol(programme)
    named = await guarantee(programme, one, flight("700"))
    assert await used(programme) == 700
    assert await earned(programme, other, "B1", flight("700")) == 300
    assert await earned(programme, one, "B2", flight("700"), quote=named) == 700
    assert await used(programme) == 1000
    await travel.refund(programme, "B2", "R", now=make.NOW + DAY)
    assert await used(programme) == 300


async def test_the_sweep_gives_a_dead_quotes_budget_back(database: Database) -> None:
    programme = await make.establish(within(1000))
    one, other = await make.enrol(programme), await make.enrol(programme)
    for member_id in (one, one, other):
        await guarantee(programme, member_id, flight("300"))
    assert await reservations.count_dead(programme.id, DEAD - INSTANT) == 0
    assert [one async for one in reservations.sweep(programme, DEAD - INSTANT)] == []
    assert await reservations.count_dead(programme.id, DEAD) == 2
    swept = [one async for one in reservations.sweep(programme, DEAD)]
    assert sorted(swept) == sorted([one, other])
    assert await used(programme) == 0
    assert await reservations.count_dead(programme.id, DEAD) == 0


async def test_who_meets_the_end_of_a_budget_releases_dead_quotes(database: Database) -> None:
    """No sweep has run: a booking, an amendment and a quote each find the budget free again."""
    programme = await make.establish(within(1000))
    one, other = await make.enrol(programme), await make.enrol(programme)
    await guarantee(programme, one, flight("900"))
    assert await earned(programme, other, "B1", flight("50"), now=DEAD) == 50
    assert await used(programme) == 950
    member = (await members.many([other]))[other]
    shown = await quotes.earning(programme, member, QuoteSent((flight("400"),)), DEAD)
    assert shown.evaluation.points == 400
    assert await earned(programme, other, "B2", flight("400"), now=DEAD) == 400
    assert await used(programme) == 450

    later = DEAD + DAY
    await guarantee(programme, one, flight("550"), now=later)
    later += 30 * MINUTE
    made = await travel.amend(programme, "B2", "A", flight("600"), now=later)
    assert made.figures["points_awarded"] == 200
    await guarantee(programme, one, flight("350"), now=later)
    later += 30 * MINUTE
    _, quote_id = await guarantee(programme, other, flight("340"), now=later)
    promise = (await guarantees.many(programme.id, [(other, quote_id)]))[quote_id]
    assert promise.points == 340
    assert await used(programme) == 990


async def test_an_activity_finds_what_a_dead_quote_kept(database: Database) -> None:
    document = make.variant(make.rule("rate", "base", points=1, budget={"points": 100}))
    document["activities"][0]["budget"] = {"points": 700}
    programme = await make.establish(document)
    member_id, other = await make.enrol(programme), await make.enrol(programme)
    await guarantee(programme, member_id, flight())
    for whom, paid in ((member_id, 500), (other, 200)):
        outcome = await activities.earn(
            make.request(make.partner(programme), now=DEAD),
            programme,
            MemberKey.of_id(whom),
            ActivitySent("verification", str(whom)),
        )
        assert outcome.figures["points_awarded"] == paid
    [quote] = await rows("SELECT status FROM quote WHERE member_id = $1", member_id)
    assert quote == {"status": "OPEN"}, "a budget that it does not keep is no reason to release"


async def test_a_quote_reserves_the_members_limits_until_its_instant(database: Database) -> None:
    bonus = make.rule("bonus", "first", points=500, limit={"times": 1, "per": "member"})
    base = make.rule("rate", "base", points=1, limit={"points": 150, "per": "month"})
    programme = await make.establish(make.variant(base, bonus))
    member_id = await make.enrol(programme)
    named = await guarantee(programme, member_id, flight())
    assert await earned(programme, member_id, "B1", flight()) == 50
    assert await earned(programme, member_id, "B2", flight(), quote=named) == 600
    await travel.refund(programme, "B2", "R")
    await guarantee(programme, member_id, flight("1"))
    assert await earned(programme, member_id, "B3", flight("1"), now=DEAD - INSTANT) == 1
    assert await earned(programme, member_id, "B4", flight("1"), now=DEAD) == 501


async def test_a_quote_that_was_seen_dead_is_dead(database: Database) -> None:
    """A request that was stamped before, and comes behind one that was given its limit."""
    bonus = make.rule("bonus", "first", points=500, limit={"times": 1, "per": "member"})
    programme = await make.establish(make.variant(bonus))
    member_id = await make.enrol(programme)
    old = await guarantee(programme, member_id, flight())
    new = await guarantee(programme, member_id, flight(), now=DEAD)
    async with make.refused(programme, QuoteExpired, "quoteId"):
        await pay(programme, member_id, "B", flight(), quote=old, now=DEAD - INSTANT)
    assert await earned(programme, member_id, "B", flight(), quote=new, now=DEAD - INSTANT) == 500
