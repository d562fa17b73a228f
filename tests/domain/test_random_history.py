"""Random histories through the database, every invariant checked after each step.

A second account is kept beside it, point by point: what can be spent, and when it is gone.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest

from domain import activities, dates, invariants, ledger, redemptions, verification
from domain.activities import ActivitySent
from domain.errors import InsufficientPoints, LimitReached, OutOfStock, RedemptionState
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
    seen: dict[datetime, int] = field(default_factory=dict)
    credits: int = 0

    def earn(self, points: int, now: datetime, gone: datetime) -> None:
        self.credits += 1
        self.tokens += [(gone, now, self.credits)] * points

    def left(self, now: datetime) -> int:
        self.tokens = [token for token in self.tokens if now < token[0]]
        return len(self.tokens)

    def take(self, points: int) -> list[Token]:
        self.tokens.sort()
        taken, self.tokens = self.tokens[:points], self.tokens[points:]
        return taken


@dataclass
class Story:
    programme: Programme
    rewards: list[Reward]
    draw: Random
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
        reward = self.draw.choice(self.rewards)
        price = reward.list_points
        left = who.left(self.now)
        if left < price:
            with pytest.raises((InsufficientPoints, LimitReached)) as refused:
                await make.redeem(self.programme, who.member_id, reward, now=self.now)
            facts = refused.value.facts
            assert facts in ({"available": left, "required": price}, LIMITED)
            return
        try:
            made = await make.redeem(self.programme, who.member_id, reward, now=self.now)
        except (OutOfStock, LimitReached) as error:
            assert error.facts in (LIMITED, {"reward": reward.code, "remaining": 0})  # noqa: PT017
        else:
            who.spent[made] = who.take(price)

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
        hours = self.draw.choice((0, 1, 13, 24, 24 * 9, 24 * 20))
        self.now += timedelta(hours=hours, microseconds=self.draw.randrange(2))
        assert await make.available(who.member_id, self.now) == who.left(self.now)

    async def check(self, who: Played) -> None:
        assert await make.available(who.member_id, self.now) == who.left(self.now)
        who.seen[self.now] = len(who.tokens)
        lots = (await ledger.live_state([who.member_id]))[who.member_id].lots
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
    programme = await make.establish(document)
    rewards = [
        await make.reward(programme, list_points=30, stock=3),
        await make.reward(programme, list_points=120, kind="COUPON"),
        await make.reward(programme, list_points=300, per_member_limit=2),
    ]
    story = Story(programme, rewards, Random(seed))  # noqa: S311
    players = [Played(await make.enrol(programme)) for _ in range(2)]
    steps = [story.book, story.report, story.redeem, story.redeem, story.cancel, story.wait]
    for _ in range(40):
        who = story.draw.choice(players)
        await story.draw.choice(steps)(who)
        await story.check(who)
    for who in players:
        asked = {at: (await ledger.balances_at(who.member_id, at)).available for at in who.seen}
        assert asked == who.seen
        made = await redemptions.count(who.member_id, None, self.now)
        assert made >= len(who.spent)
