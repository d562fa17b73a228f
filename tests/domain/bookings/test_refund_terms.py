"""Refunds, limits, budgets and tiers: what a policy says of them."""

from datetime import timedelta

import pytest

from domain.kernel.database import rows
from domain.ledger.values import Balances
from domain.members import members
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel
from tests.support.refunded import open_programme, terms
from tests.support.travel import balances, refund

DAY = timedelta(days=1)


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
