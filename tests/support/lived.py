"""Random actions of members of any programme, with what jobs do between them."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import models
from domain.activities import activities, calendar_rules, reversals
from domain.activities.contents import ActivitySent
from domain.kernel.refusals import Refusal
from domain.members import segment_lists
from domain.members.identity import MemberKey
from domain.programmes.programmes import Programme
from tests.support import factories as make
from tests.support import referred, travel

DAY = timedelta(days=1)
BORN = date(1990, 4, 10)


@dataclass(slots=True)
class Lives:
    """Members of one programme; `now` advances with every step."""

    programme: Programme
    draw: Random
    now: datetime
    members: list[UUID] = field(default_factory=list)
    bookings: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    redeemed: list[tuple[UUID, UUID]] = field(default_factory=list)
    rewards: list[models.Reward] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def name(self, of: str) -> str:
        self.done["names"] += 1
        return f"{of}{self.done['names']}"


async def begin(programme: Programme, seed: int, now: datetime = make.NOW) -> Lives:
    """Enrol four members; the first one refers the others where the policy has referrals."""
    lives = Lives(programme, Random(seed), now)
    first = await make.enrol(programme, now=now, reference="first", birthday=BORN)
    lives.members.append(first)
    for number in range(3):
        sent: dict[str, Any] = {"reference": f"friend{number}", "email": f"f{number}@example.com"}
        if programme.versions[-1].policy.referrals is not None:
            sent["referral_code"] = await referred.code_of(first)
        lives.members.append(await make.enrol(programme, now=now + number * DAY / 24, **sent))
    lives.now += DAY
    for points in (20, 150):
        lives.rewards.append(await make.reward(programme, list_points=points))
    return lives


async def live(lives: Lives, steps: int) -> None:
    """Take this many random steps; refused ones are only counted."""
    kinds, weights = list(_STEPS), list(_STEPS.values())
    for _ in range(steps):
        lives.now += timedelta(minutes=lives.draw.choice((1, 90, 2000, 9000)))
        await by_itself(lives)
        lives.now += timedelta(minutes=1)
        [step] = lives.draw.choices(kinds, weights)
        try:
            await step(lives, lives.draw.choice(lives.members))
        except Refusal as refusal:
            lives.done[f"{step.__name__} refused: {refusal.code}"] += 1
        else:
            lives.done[step.__name__] += 1
    lives.now += timedelta(minutes=1)
    await by_itself(lives)
    lives.now += timedelta(minutes=1)


async def by_itself(lives: Lives) -> None:
    """Run the jobs for grants of the calendar and for outcomes of referrals that are due."""
    programme, now = lives.programme, lives.now
    for due in [found async for found in calendar_rules.candidates(programme, now)]:
        await calendar_rules.pay(programme, due, now)
    await calendar_rules.keep_mark(programme, now)
    if programme.versions[-1].policy.referrals is not None:
        lives.done["outcomes"] += await referred.run(programme, now)


async def book(lives: Lives, member_id: UUID) -> None:
    policy, draw = lives.programme.versions[-1].policy, lives.draw
    lines = [
        (draw.choice(policy.products), draw.choice((80, 340, 2000, 2600, 9000)))
        for _ in range(draw.choice((1, 1, 2)))
    ]
    reference = lives.name("B")
    at = lives.now - draw.choice((0, 0, 0, 3)) * DAY
    sent = [(product, str(amount)) for product, amount in lines]
    report = make.booking(*sent, reference=reference, booked_at=at)
    await make.report(lives.programme, member_id, report, now=lives.now)
    lives.bookings[reference] = lines


async def complete(lives: Lives, _: UUID) -> None:
    reference = lives.draw.choice(sorted(lives.bookings) or ["none"])
    await travel.complete(lives.programme, reference, now=lives.now)


async def refund(lives: Lives, _: UUID) -> None:
    reference = lives.draw.choice(sorted(lives.bookings) or ["none"])
    parts = lives.draw.choice(([], [(1, "40")]))
    await travel.refund(lives.programme, reference, lives.name("R"), *parts, now=lives.now)


async def amend(lives: Lives, _: UUID) -> None:
    reference = lives.draw.choice(sorted(lives.bookings) or ["none"])
    lines = [
        (product, lives.draw.choice((amount // 2, amount, amount * 2)))
        for product, amount in lives.bookings.get(reference, [])
    ]
    sent = [make.line_of(product, str(amount)) for product, amount in lines]
    await travel.amend(lives.programme, reference, lives.name("A"), *sent, now=lives.now)
    lives.bookings[reference] = lines


async def act(lives: Lives, member_id: UUID) -> None:
    types = [one.code for one in lives.programme.versions[-1].policy.activities if not one.on]
    sent = ActivitySent(lives.draw.choice(types or ["none"]), lives.name("X"), None, {"score": 20})
    request = make.request(make.partner(lives.programme), now=lives.now)
    await activities.earn(request, lives.programme, MemberKey.of_id(member_id), sent)


async def reverse(lives: Lives, member_id: UUID) -> None:
    """Reverse an activity as staff, perhaps a grant of the programme."""
    found = await models.Activity.filter(member_id=member_id).order_by("id")
    if found:
        request = make.request(make.staff(lives.programme), now=lives.now)
        key = (member_id, lives.draw.choice(found).id)
        await reversals.reverse(request, lives.programme, key, "copied")


async def redeem(lives: Lives, member_id: UUID) -> None:
    wanted = lives.draw.choice(lives.rewards)
    made = await make.redeem(lives.programme, member_id, wanted, now=lives.now)
    lives.redeemed.append((member_id, made))


async def cancel(lives: Lives, _: UUID) -> None:
    if lives.redeemed:
        member_id, redemption_id = lives.draw.choice(lives.redeemed)
        caller = make.staff(lives.programme)
        await make.cancel(lives.programme, member_id, redemption_id, caller=caller, now=lives.now)


async def adjust(lives: Lives, member_id: UUID) -> None:
    await make.adjust(lives.programme, member_id, lives.draw.choice((50, -20)), now=lives.now)


async def enlist(lives: Lives, _: UUID) -> None:
    """Add one member to a list of a segment, or remove all."""
    if lives.draw.random() < 0.7:
        reference = lives.draw.choice(("first", "friend0", "friend1"))
        await segment_lists.add(lives.programme, "listed", [reference], lives.now, by="staff:kim")
    else:
        await segment_lists.keep_only(lives.programme, "listed", [], lives.now, by="staff:kim")


_STEPS: dict[Callable[[Lives, UUID], Awaitable[None]], int] = {
    book: 8,
    complete: 4,
    refund: 2,
    amend: 2,
    act: 4,
    reverse: 1,
    redeem: 2,
    cancel: 1,
    adjust: 1,
    enlist: 1,
}
