"""Random histories through the database, every invariant checked after each step.

A second account is kept beside it, point by point: what can be spent, what is put aside until
when, and when it is gone.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest

from domain import activities, dates, invariants, ledger, redemption_reads, verification
from domain.activities import ActivitySent
from domain.errors import (
    HoldExpired,
    InsufficientPoints,
    LimitReached,
    OutOfStock,
    RedemptionState,
)
from domain.evidence import Catalogue
from domain.members import MemberKey
from domain.programmes import Programme
from models import Reward
from tests import factories as make
from tests.conftest import Database

LIMITED = {"limit": 2, "resets_at": None}

Token = tuple[datetime, datetime, int]
"""One point: when it is gone, when it came, and which credit of the member's it is of."""


@dataclass
class Played:
    """One member's history: what is there, what was spent on what, and what was seen."""

    member_id: UUID
    tokens: list[Token] = field(default_factory=list)
    spent: dict[UUID, list[Token]] = field(default_factory=dict)
    held: dict[UUID, tuple[datetime, list[Token]]] = field(default_factory=dict)
    seen: dict[datetime, tuple[int, int]] = field(default_factory=dict)
    credits: int = 0

    def earn(self, points: int, now: datetime, gone: datetime) -> None:
        self.credits += 1
        self.tokens += [(gone, now, self.credits)] * points

    def get(self, tokens: list[Token]) -> None:
        """Lots of one's own, on the terms of those that they were given out of."""
        for gone, came, credit in sorted(set(tokens)):
            self.earn(tokens.count((gone, came, credit)), came, gone)

    def left(self, now: datetime) -> int:
        for made, (until, tokens) in list(self.held.items()):
            if until <= now:
                self.tokens += tokens
                del self.held[made]
        self.tokens = [token for token in self.tokens if now < token[0]]
        return len(self.tokens)

    def aside(self) -> int:
        return sum(len(tokens) for _, tokens in self.held.values())

    def take(self, points: int) -> list[Token]:
        self.tokens.sort()
        taken, self.tokens = self.tokens[:points], self.tokens[points:]
        return taken


@dataclass
class Story:
    programme: Programme
    rewards: list[Reward]
    draw: Random
    players: list[Played]
    now: datetime = make.NOW

    def gone(self) -> datetime:
        """One month to the day: through that local day."""
        zone = self.programme.versions[0].policy.zone
        last = dates.add_months(self.now.astimezone(zone).date(), 1)
        return datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)

    async def book(self, who: Played) -> None:
        amount = str(Decimal(self.draw.randrange(20_000)) / 100)
        points = await make.book(self.programme, who.member_id, ("hotel", amount), now=self.now)
        who.left(self.now)
        who.earn(points, self.now, self.gone())

    async def report(self, who: Played) -> None:
        sent = ActivitySent("review", str(self.draw.randrange(10**9)))
        outcome = await activities.earn(
            make.request(make.partner(self.programme), now=self.now),
            self.programme,
            MemberKey.of_id(who.member_id),
            sent,
        )
        who.earn(outcome.figures["points_awarded"], self.now, self.gone())

    async def redeem(self, who: Played) -> None:
        reward, hold = self.draw.choice(self.rewards), self.draw.random() < 0.5
        price = reward.list_points
        left = who.left(self.now)
        if left < price:
            with pytest.raises((InsufficientPoints, LimitReached)) as refused:
                await make.redeem(self.programme, who.member_id, reward, hold=hold, now=self.now)
            facts = refused.value.facts
            assert facts in ({"available": left, "required": price}, LIMITED)
            return
        try:
            made = await make.redeem(self.programme, who.member_id, reward, hold=hold, now=self.now)
        except (OutOfStock, LimitReached) as error:
            assert error.facts in (LIMITED, {"reward": reward.code, "remaining": 0})  # noqa: PT017
        else:
            if hold:
                until = self.now + timedelta(minutes=self.hold_minutes())
                who.held[made] = (until, who.take(price))
            else:
                who.spent[made] = who.take(price)

    def hold_minutes(self) -> int:
        return self.programme.versions[0].policy.holds.minutes

    async def confirm(self, who: Played) -> None:
        if not who.held:
            return
        made = self.draw.choice(sorted(who.held))
        who.left(self.now)
        if made in who.held:
            await make.confirm(self.programme, who.member_id, made, now=self.now)
            who.spent[made] = who.held.pop(made)[1]
        else:
            with pytest.raises(HoldExpired):
                await make.confirm(self.programme, who.member_id, made, now=self.now)

    async def give_up(self, who: Played) -> None:
        if not who.held:
            return
        made = self.draw.choice(sorted(who.held))
        who.left(self.now)
        if made in who.held:
            await make.cancel(self.programme, who.member_id, made, now=self.now)
            who.tokens += who.held.pop(made)[1]
        else:
            with pytest.raises(RedemptionState):
                await make.cancel(self.programme, who.member_id, made, now=self.now)

    async def give(self, who: Played) -> None:
        [other] = [player for player in self.players if player is not who]
        points, left = self.draw.randrange(1, 150), who.left(self.now)
        other.left(self.now)
        sent = (self.programme, who.member_id, other.member_id, points)
        if points > left:
            with pytest.raises(InsufficientPoints):
                await make.transfer(*sent, now=self.now)
            return
        await make.transfer(*sent, now=self.now)
        other.get(who.take(points))

    async def adjust(self, who: Played) -> None:
        points, left = self.draw.choice((-40, -7, 3, 60)), who.left(self.now)
        if -points > left:
            with pytest.raises(InsufficientPoints):
                await make.adjust(self.programme, who.member_id, points, now=self.now)
            return
        await make.adjust(self.programme, who.member_id, points, now=self.now)
        if points > 0:
            who.earn(points, self.now, self.gone())
        else:
            who.take(-points)

    async def cancel(self, who: Played) -> None:
        if not who.spent:
            return
        made = self.draw.choice(sorted(who.spent))
        cancelled = await make.cancel(self.programme, who.member_id, made, now=self.now)
        assert cancelled.figures["points_reinstated"] == len(who.spent[made])
        who.tokens += who.spent.pop(made)
        with pytest.raises(RedemptionState):
            await make.cancel(self.programme, who.member_id, made, now=self.now)

    async def wait(self, who: Played) -> None:
        hours = self.draw.choice((0, 0.2, 0.5, 1, 13, 24, 24 * 9, 24 * 20))
        self.now += timedelta(hours=hours, microseconds=self.draw.randrange(2))
        assert await make.available(who.member_id, self.now) == who.left(self.now)

    async def check(self, who: Played) -> None:
        assert await make.available(who.member_id, self.now) == who.left(self.now)
        state = await make.state(who.member_id, self.now)
        assert state.balances.held == who.aside()
        who.seen[self.now] = (len(who.tokens), who.aside())
        lots = state.lots
        by_credit = Counter(token[:2] for token in who.tokens)
        in_lots: Counter[tuple[datetime, datetime]] = Counter()
        for lot in lots:
            if lot.spendable(self.now):
                assert lot.expires_at is not None
                in_lots[lot.expires_at, lot.earned_at] += lot.remaining
        assert in_lots == by_credit
        before = UUID(int=who.member_id.int - 1)
        (rows,) = await verification.read(before, who.member_id)
        versions = {version.id: version for version in self.programme.versions}
        catalogue = Catalogue({self.programme.id: self.programme}, versions)
        assert list(invariants.check(rows, catalogue)) == []


@pytest.mark.parametrize("seed", range(4))
async def test_every_invariant_holds_after_each_step(database: Database, seed: int) -> None:
    document = make.shipped_document()
    document["points"]["expiry"] = {"months": 1, "through": "day"}
    document["transfers"] = {"account_age_days": 0}
    programme = await make.establish(document)
    rewards = [
        await make.reward(programme, list_points=30, stock=3),
        await make.reward(programme, list_points=120, kind="COUPON"),
        await make.reward(programme, list_points=300, per_member_limit=2),
    ]
    players = [Played(await make.enrol(programme)) for _ in range(2)]
    story = Story(programme, rewards, Random(seed), players)  # noqa: S311
    steps = [
        *(story.book, story.report, story.redeem, story.redeem, story.cancel, story.wait),
        *(story.confirm, story.give_up, story.give, story.adjust),
    ]
    for _ in range(60):
        who = story.draw.choice(players)
        await story.draw.choice(steps)(who)
        for player in players:
            await story.check(player)
    for who in players:
        then = {at: await ledger.balances_at(who.member_id, at) for at in who.seen}
        assert {at: (found.available, found.held) for at, found in then.items()} == who.seen
        made = await redemption_reads.counts([who.member_id], None, story.now)
        assert made[who.member_id] >= len(who.spent)
