"""The replay under the versions in force gives what the ledger has."""

from datetime import timedelta

import pytest

from domain.backtests import playing, reading, sides
from domain.backtests.facts import Booked
from domain.backtests.sides import Side
from domain.kernel.database import row
from domain.ledger.values import Balances
from domain.programmes import programmes
from tests.soak import booking_steps, grant_steps, histories
from tests.soak.story import Story
from tests.support import factories as make
from tests.support import reading as ledger_reading
from tests.support import travel

DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("database")


async def told(seed: int, number: int, length: int) -> Story:
    """A random history of all operations but grants, which are not played."""
    story = await histories.begin(seed, number, gives=False)
    played = {s: weight for s, weight in histories.STEPS.items() if s not in grant_steps.STEPS}
    steps, weights = list(played), list(played.values())
    for player in story.players:
        await booking_steps.book(story, player)
    for _ in range(length):
        [step] = story.draw.choices(steps, weights)
        await step(story, story.draw.choice(story.players))
        story.look_away()
    return story


async def played(story: Story) -> list[Side]:
    """Each member's account as the versions in force make it until now."""
    programme = await programmes.get(story.programme.code)
    cutoff = story.now + timedelta(seconds=1)
    made = []
    for life in await reading.load([player.member_id for player in story.players], cutoff):
        side = sides.begin(life, programme)
        for fact in life.facts:
            playing.play(side, fact)
        sides.advance(side, story.now)
        made.append(side)
    return made


@pytest.mark.parametrize("number", range(8))
async def test_a_random_history_is_replayed_to_the_same_account(number: int) -> None:
    story = await told(3, number, 30)
    for side in await played(story):
        booked = [f.what for f in side.life.facts if isinstance(f.what, Booked)]
        for one in booked:
            granted = {r: p for r, p in side.bookings[one.booking_id].granted.items() if p}
            assert granted == {r: p for r, p in one.granted.items() if p}, (story.terms, story.told)
        there = await ledger_reading.balances_at(side.life.member_id, story.now)
        ours = side.journal.balances
        found = (ours.pending, ours.available + ours.held, ours.owed)
        expected = (there.pending, there.available + there.held, there.owed)
        assert found == expected, (story.terms, story.told)
        account = await row("SELECT tier FROM account WHERE member_id = $1", side.life.member_id)
        assert account is not None
        assert side.holding.tier == account["tier"]


async def test_a_refund_gives_points_back_before_it_takes_any() -> None:
    """100 points that paid come back, and are taken for what was earned and is spent: so it is in
    the ledger, and so in the replay.
    """
    terms = {"claw_back": "within_balance", "tier": "now", "grace_days": 30}
    programme = await make.establish(
        make.shipped_document(
            points={"worth": {"points": 1, "money": 1}, "available": "at_payment"},
            offset={"step": 1, "minimum": 1, "shares": [{"percent": 100}]},
            refunds=terms,
        )
    )
    member_id = await make.enrol(programme, now=make.NOW - 90 * DAY)
    await make.adjust(programme, member_id, 100, now=make.NOW - DAY)
    line = make.line_of("hotel", "400")
    redemption = await travel.hold(programme, member_id, 100, line)
    await travel.pay(programme, member_id, "B", line, redemption=redemption)
    await make.redeem(programme, member_id, await make.reward(programme, list_points=300))
    await travel.refund(programme, "B", "R", now=make.NOW + DAY)
    now = make.NOW + 2 * DAY
    assert await travel.balances(member_id, now) == Balances()

    [life] = await reading.load([member_id], now)
    side = sides.begin(life, programme)
    for fact in life.facts:
        playing.play(side, fact)
    sides.advance(side, now)
    assert side.journal.balances == Balances()
