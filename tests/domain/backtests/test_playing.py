"""The replay under the versions in force gives what the ledger has."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain.backtests import playing, reach, reading, sides
from domain.backtests.purse import Purse
from domain.backtests.sides import Rules
from domain.backtests.tally import Period, Scope, Tally, add_member
from domain.kernel.database import row, rows
from domain.ledger.values import Balances
from domain.programmes import programmes, reader
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.programmes.reader import to_document
from tests.soak import booking_steps, grant_steps, histories
from tests.soak.membership_steps import STEPS as MEMBERSHIPS
from tests.soak.story import Story
from tests.support import backtested, travel
from tests.support import factories as make
from tests.support import reading as ledger_reading

DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("database")


async def told(seed: int, number: int, length: int) -> Story:
    """A random history of all operations but those on memberships, which a back-test does not
    play.
    """
    story = await histories.begin(seed, number)
    drawn = {step: one for step, one in histories.STEPS.items() if step not in MEMBERSHIPS}
    steps, weights = list(drawn), list(drawn.values())
    for player in story.players:
        await booking_steps.book(story, player)
    for _ in range(length):
        [step] = story.draw.choices(steps, weights)
        if step is grant_steps.publish:
            # what happened at the instant of a new version would be judged by it when played
            story.now += timedelta(seconds=1)
        await step(story, story.draw.choice(story.players))
        story.look_away()
    return story


async def by_rule(story: Story) -> dict[str, int]:
    """What each rule granted in the ledger, net."""
    found = await rows(
        "SELECT rule, sum(points)::bigint AS points FROM award WHERE member_id = ANY($1::uuid[]) "
        "GROUP BY rule",
        [player.member_id for player in story.players],
    )
    return {one["rule"]: one["points"] for one in found if one["points"]}


@pytest.mark.parametrize("number", range(10))
async def test_a_random_history_is_replayed_to_the_same_account(number: int) -> None:
    """All rules together by the versions in force, and the same text beside them."""
    story = await told(3, number, 40)
    programme, now = await programmes.get(story.programme.code), story.now + timedelta(seconds=1)
    found = await backtested.compare(programme, now, from_=make.NOW - 2 * histories.IN_FORCE)
    played, told_of = found.sums, (story.terms, story.told)
    granted = {rule: pair for rule, pair in played["RULE"].items() if any(pair)}
    assert {r: baseline for r, (baseline, _) in granted.items() if baseline} == await by_rule(
        story
    ), told_of
    outstanding, owed, tiers = 0, 0, Counter[str]()
    for player in story.players:
        there = await ledger_reading.balances_at(player.member_id, now)
        outstanding += there.pending + there.available + there.held
        owed += there.owed
        account = await row("SELECT tier FROM account WHERE member_id = $1", player.member_id)
        assert account is not None
        tiers[account["tier"]] += 1
    figures = backtested.figures(found, programme)
    assert (figures["outstanding"][0], figures["owed"][0]) == (outstanding, owed), told_of
    assert {tier: pair[0] for tier, pair in played["TIER_MEMBERS"].items()} == tiers
    assert figures["drift"][0] == 0


def twice_the_points(programme: Programme) -> Policy:
    """The newest document, of which rules of bookings grant twice as much."""
    earning = [
        {**rule, "points": str(2 * Decimal(rule["points"]))} if rule["kind"] == "rate" else rule
        for rule in to_document(programme.versions[-1].policy)["earning"]
    ]
    return reader.parse(backtested.text_of(programme, earning=earning))


@pytest.mark.parametrize("number", range(4))
async def test_what_is_played_once_for_both_sides_comes_to_what_each_plays_alone(
    number: int,
) -> None:
    """From each third fact on, sides share what came before, and no more."""
    story = await told(7, number, 40)
    programme, now = await programmes.get(story.programme.code), story.now + timedelta(seconds=1)
    lives = await reading.load([player.member_id for player in story.players], now)
    policy = twice_the_points(programme)
    recorded = sorted(fact.recorded_at for life in lives for fact in life.facts)
    for parting in recorded[::3]:
        candidate = Version(UUID(int=1), 0, parting, policy)
        other = sides.versions_of(programme, candidate, now)
        rules = Rules(programme, programme), Rules(other, programme)
        scope = Scope(Period(parting, now), now, (programme.versions[-1].policy, policy))
        together, alone, reached = Tally(), Tally(), reach.of(rules)
        for life in lives:
            purses = Purse(UUID(int=0)), Purse(UUID(int=0), place=1)
            add_member(together, playing.play_both(life, rules, purses, now, reached), scope)
            one, two = (
                playing.play_life(life, ruled, Purse(UUID(int=0), place=place), now)
                for place, ruled in enumerate(rules)
            )
            add_member(alone, (one, two), scope)
        assert together == alone, (parting, story.terms, story.told)


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
    side = playing.play_life(life, Rules(programme, programme), Purse(UUID(int=0)), now)
    assert side.journal.balances == Balances()
