"""Random histories of one member: after each step every grant stands exactly as its facts do."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

import models
from domain.activities import activities, reversals
from domain.activities.contents import ActivitySent
from domain.grants import given
from domain.kernel.refusals import Refusal
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import granted, travel
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
STEPS, HISTORIES = 30, 5


def task(code: str, fact: str, **terms: object) -> dict[str, object]:
    return {"code": code, "name": make.WORDS, "fact": fact, **terms}


COUNTS = {
    "trips": {"of": "bookings"},
    "stays": {"of": "completed_bookings", "products": ["hotel"], "days": 5},
    "spent": {"of": "spend", "per": "month"},
    "reviews": {"of": "activities", "types": ["review"]},
    "cups": {"of": "redemptions"},
}
JOINING = {"days": 12, "after": "joining"}
GRANTS = [
    grant("third", "milestone", count="trips", at=3, gives={"points": 90}),
    grant("stayed", "milestone", count="stays", at=2, gives={"points": 70}),
    grant("spender", "milestone", count="spent", every=1000, gives={"points": 50}),
    grant("critic", "milestone", count="reviews", every=2, gives={"reward": "mug"}),
    grant("collector", "milestone", count="cups", at=2, gives={"points": 30}),
    grant(
        "pair",
        "mission",
        window=JOINING,
        gives={"points": 40},
        steps=[task("stay", "completion", when={"products": ["hotel"]}), task("cup", "redemption")],
    ),
    grant(
        "row",
        "mission",
        window=JOINING,
        ordered=True,
        gives={"perk": {"benefit": "upgrade", "uses": 1, "days": 60}},
        steps=[
            task("book", "booking", when={"min_amount": 300}),
            task("review", "activity", types=["review"], times=2),
        ],
    ),
    grant("gold", "tier_entry", tiers=["gold"], gives={"points": 20}),
]


@dataclass(slots=True)
class Life:
    """What the member did, by reference or id, and the day that it is."""

    programme: Programme
    id: UUID
    cup: models.Reward
    draw: Random
    day: int = 0
    number: int = 0
    done: int = 0
    booked: list[str] = field(default_factory=list)
    reviews: list[UUID] = field(default_factory=list)
    cups: list[UUID] = field(default_factory=list)

    def name(self, letter: str) -> str:
        self.number += 1
        return f"{letter}-{self.number}"


TRIPS = ("book", "book", "complete", "complete", "refund", "refund", "amend")
REST = ("review", "review", "reverse", "redeem", "redeem", "cancel", "use", "wait")


async def step(life: Life) -> None:
    """One thing that happens; some are late, some are refused, as of a booking that is over."""
    what = life.draw.choice((*TRIPS, *REST))
    now, late = (make.NOW + day * DAY for day in (life.day, life.draw.randrange(life.day + 1)))
    at = life.draw.choice((now, late))
    if what in TRIPS:
        await travel_on(life, what, now, at)
    else:
        await do_else(life, what, now, at)


async def travel_on(life: Life, what: str, now: datetime, at: datetime) -> None:
    programme, draw = life.programme, life.draw
    line = make.line_of(draw.choice(("hotel", "hotel", "train")), str(draw.randrange(1, 20) * 100))
    reference = draw.choice(life.booked) if life.booked else ""
    if what == "book":
        life.booked.append(life.name("B"))
        await travel.pay(programme, life.id, life.booked[-1], line, now=now, booked_at=at)
    elif what == "complete":
        await travel.complete(programme, reference, now=now)
    elif what == "refund":
        parts = draw.choice(((), ((1, "100"),)))
        await travel.refund(programme, reference, life.name("R"), *parts, now=now)
    else:
        await travel.amend(programme, reference, life.name("A"), line, now=now)


async def do_else(life: Life, what: str, now: datetime, at: datetime) -> None:
    programme, draw = life.programme, life.draw
    request = make.request(make.staff(programme), now=now)
    if what == "review":
        sent = ActivitySent("review", life.name("V"), at)
        made = await activities.earn(request, programme, MemberKey.of_id(life.id), sent)
        life.reviews.append(UUID(made.figures["activity_id"]))
    elif what == "reverse" and life.reviews:
        review = draw.choice(life.reviews)
        await reversals.reverse(request, programme, (life.id, review), "copied")
    elif what == "redeem":
        life.cups.append(await make.redeem(programme, life.id, life.cup, now=now))
    elif what == "cancel" and life.cups:
        await make.cancel(programme, life.id, draw.choice(life.cups), now=now)
    elif what == "use":
        await make.use_benefit(programme, life.id, "upgrade", now=now)
    elif what == "wait":
        life.day += draw.choice((1, 2, 6))


@pytest.mark.parametrize("seed", range(HISTORIES))
async def test_whatever_happens_grants_stand_as_facts_do(seed: int) -> None:
    draw = Random(seed)
    policy = make.variant(make.rule("rate", "base", points=1), counts=COUNTS, grants=GRANTS)
    programme = await make.establish(policy)
    await make.reward(programme, code="mug", list_points=0, stock=4)
    cup = await make.reward(programme, list_points=10)
    life = Life(programme, await make.enrol(programme), cup, draw)
    for _ in range(STEPS):
        with suppress(Refusal):
            await step(life)
            life.done += 1
        assert await granted.faults(life.id) == []
    assert life.done > STEPS // 2
    assert await given.of_member(life.id) != []
