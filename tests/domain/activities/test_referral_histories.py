"""Random histories of a friend, beside what they should come to by a few lines of arithmetic."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

import pytest

from domain.activities import referral_outcomes, referral_reviews
from domain.activities.referral_outcomes import DueReferral
from domain.activities.referral_reviews import ReviewSent
from domain.kernel.database import transact
from domain.programmes.programmes import Programme
from domain.referrals import friends
from tests.support import factories as make
from tests.support import granted, referred, travel

DAY = timedelta(days=1)
WITHIN_DAYS, STEPS, HISTORIES = 20, 18, 6
GIVES = {"referrer": 300, "referee": 100}


@dataclass(slots=True)
class Friend:
    """What the friend did: what is left of its bookings in time, and what was decided."""

    id: UUID
    now: int = 0
    left: dict[str, int] = field(default_factory=dict)
    in_time: set[str] = field(default_factory=set)
    reached: bool = False
    rejected: bool = False
    number: int = 0

    @property
    def counts(self) -> bool:
        return any(self.left[reference] for reference in self.in_time)

    @property
    def expected(self) -> str:
        if self.rejected:
            return "REJECTED"
        if self.counts:
            return "QUALIFIED"
        if self.reached:
            return "LOST"
        return "LAPSED" if self.now > WITHIN_DAYS else "JOINED"


async def step(programme: Programme, referrer: UUID, friend: Friend, draw: Random) -> None:
    """One thing that happens; the job may come at any time, and be killed half-way."""
    what = draw.choice(("book", "book late", "refund", "refund", "part", "wait", "job", "half"))
    now = make.NOW + friend.now * DAY
    open_ones = [reference for reference, left in friend.left.items() if left > 100]
    if what.startswith("book"):
        friend.number += 1
        reference, booked = f"B-{friend.number}", draw.randrange(friend.now + 1)
        at = now if what == "book late" else make.NOW + booked * DAY
        line = make.line_of("hotel", "500")
        await travel.pay(programme, friend.id, reference, line, now=now, booked_at=at)
        friend.left[reference] = 500
        if (booked if what == "book" else friend.now) <= WITHIN_DAYS:
            friend.in_time.add(reference)
            friend.reached = True
    elif what in ("refund", "part") and open_ones:
        reference = draw.choice(open_ones)
        amount = friend.left[reference] if what == "refund" else 100
        friend.number += 1
        named = f"R-{friend.number}"
        await travel.refund(programme, reference, named, (1, str(amount)), now=now)
        friend.left[reference] -= amount
    elif what == "wait":
        friend.now += draw.choice((1, 3, 9))
    elif what == "half":
        latest = await friends.latest(friend.id)
        assert latest is not None
        due = DueReferral(friend.id, latest.id)
        await transact(partial(referral_outcomes.decide, programme, due, now))
    elif what == "job":
        await referred.run(programme, now)


async def reject(programme: Programme, referrer: UUID, friend: Friend) -> None:
    now = make.NOW + friend.now * DAY
    await referred.run(programme, now)
    [row] = await referred.friends_of(referrer)
    request = make.request(make.staff(programme), now=now)
    await referral_reviews.review(request, programme, (referrer, row.id), ReviewSent(False, "x"))
    friend.rejected = True


@pytest.mark.parametrize("seed", range(HISTORIES))
async def test_whatever_happens_both_sides_come_to_the_same(database: object, seed: int) -> None:
    draw = Random(seed)
    grants = [
        granted.grant(side, "referral", side=side, gives={"points": points})
        for side, points in GIVES.items()
    ]
    free = make.rule("rate", "base", points=0)
    document = make.variant(
        free,
        referrals={"qualifies": "first_booking", "within_days": WITHIN_DAYS},
        grants=grants,
    )
    programme = await make.establish(document)
    referrer = await make.enrol(programme)
    friend = Friend(await referred.bring(programme, referrer))
    for place in range(STEPS):
        await step(programme, referrer, friend, draw)
        if seed % 2 and place == STEPS * 2 // 3:
            await reject(programme, referrer, friend)
    now = make.NOW + friend.now * DAY
    await referred.run(programme, now)
    [(status, _)] = await referred.outcomes(referrer)
    assert (status, (await referred.sides(friend.id))[-1]) == (friend.expected, friend.expected)
    paid = friend.expected == "QUALIFIED"
    for member_id, points in zip((referrer, friend.id), GIVES.values(), strict=True):
        assert await make.available(member_id, now) == (points if paid else 0)
        assert await granted.faults(member_id) == []
    assert await referred.run(programme, now) == 0
