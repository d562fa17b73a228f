"""200 random operations at once on ten members: no deadlock occurs, and every invariant holds.

Each operation has a transaction and one of twenty connections of its own. Members give each other
points in both directions, compete for scarce rewards, expired holds and the budget of a grant, and
are swept meanwhile. What a member gains in a day is capped, and one rule has a budget for all
members; quotes reserve some of both.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import models
from domain.accounts import sweeps
from domain.kernel.database import row, rows
from domain.kernel.refusals import ConcurrentRequest, Refusal
from domain.programmes.programmes import Programme
from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.soak import proofs
from tests.soak.gifts import BUDGET, EVERY, Promise
from tests.soak.proofs import Proof, Tell
from tests.soak.trips import ZONE, Terms, midnight_after
from tests.support import factories as make
from tests.support import travel
from tests.support.servers import Database

MEMBERS = 10
AT_ONCE = 200
CONNECTIONS = 20
STOCK = 12
CODES = 8
CAP = 600
RULE_BUDGET = 40 * MEMBERS + 110
"""Points: what members have at the beginning comes near the cap and uses up the budget, until
quotes expire and bookings are refunded.
"""

WAITED_MAX = AT_ONCE // 10
"""How many operations may give up waiting for a lock on a busy machine; the database counts
deadlocks.
"""

HOLD_MINUTES = 30
MINUTE, MICROSECOND = timedelta(minutes=1), timedelta(microseconds=1)
TODAY = date(2026, 3, 15)
MIDNIGHT = midnight_after(TODAY)
BEGIN = MIDNIGHT - HOLD_MINUTES * MINUTE

GRANTS = Promise(every=20, tried=11, welcome=15)
LINES = (make.line_of("hotel", "100"), make.line_of("flight", "160"))

TERMS = Terms(
    claw_back="unlimited",
    waits="bonus",
    then="mature",
    overdue_days=3,
    tier="now",
    hold_minutes=HOLD_MINUTES,
    grace_days=30,
    through="day",
)

Planned = tuple[str, Coroutine[Any, Any, Any]]
"""A planned operation: its kind, and the call."""


@dataclass(slots=True)
class Crowd:
    """What operations act on; members begin with bookings, holds, redemptions and quotes."""

    programme: Programme
    members: list[UUID]
    rewards: list[models.Reward]
    draw: Random
    bookings: list[str] = field(default_factory=list)
    held: list[tuple[UUID, UUID]] = field(default_factory=list)
    spent: list[tuple[UUID, UUID]] = field(default_factory=list)
    offsets: list[tuple[UUID, UUID]] = field(default_factory=list)
    quotes: list[tuple[UUID, UUID]] = field(default_factory=list)


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    await proofs.write_behind(database)
    async with connected(database.serving, pool_max=CONNECTIONS, everywhere=False):
        for number in numbers:
            with proofs.unit(number):
                done += await rush(proofs.draw(seed, number))
            tell(1)
    # closed connections have reported their deadlocks to the statistics
    assert await deadlocks(database) == 0, "operations locked one another out"
    return done


async def deadlocks(database: Database) -> int:
    async with connection(database.owner) as owner:
        count: int = await owner.fetchval(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
    return count


async def rush(draw: Random) -> Counter[str]:
    crowd = await gather_crowd(draw)
    drawn = [draw.choice(OPERATIONS)(crowd) for _ in range(AT_ONCE)]
    answers = await asyncio.gather(*(call for _, call in drawn), return_exceptions=True)
    done, waited = Counter[str](), 0
    for (kind, _), answer in zip(drawn, answers, strict=True):
        if not isinstance(answer, BaseException):
            done[kind] += 1
        elif isinstance(answer, Refusal):
            done[f"{kind} refused: {answer.code}"] += 1
            waited += isinstance(answer, ConcurrentRequest)
        else:
            raise answer
    assert waited <= WAITED_MAX, f"{waited} waited for a lock in vain"
    found = await make.faults(*crowd.members)
    assert found == [], "\n".join(found)
    await check_stock(crowd)
    await check_budget(crowd)
    await check_caps(crowd)
    done["grants"] += await count_grants(crowd)
    return done


async def gather_crowd(draw: Random) -> Crowd:
    """Ten members with bookings and redemptions, and with holds and points that end at MIDNIGHT."""
    parts = {**TERMS.document(), **GRANTS.parts()}
    parts["earning"][-1]["budget"] = {"points": RULE_BUDGET}
    caps = [{"points": CAP, "per": "day"}]
    whole = make.shipped_document(redemption_rates=[], caps=caps, **parts)
    programme = await make.establish(whole)
    pooled = await make.reward(programme, list_points=5, kind="COUPON", pooled_codes=True)
    await make.pool(pooled, *(f"{pooled.code}-{n}" for n in range(CODES)))
    scarce = [await make.reward(programme, list_points=10, stock=STOCK) for _ in range(2)]
    members = [await make.enrol(programme, now=BEGIN) for _ in range(MEMBERS)]
    crowd = Crowd(programme, members, [*scarce, pooled], draw)
    for number, member_id in enumerate(members):
        await equip(crowd, number, member_id)
    return crowd


async def equip(crowd: Crowd, number: int, member_id: UUID) -> None:
    programme, [one, two, pooled] = crowd.programme, crowd.rewards
    reference = f"B{number}"
    await make.adjust(programme, member_id, 40, now=BEGIN, expires_on=TODAY)
    await travel.pay(programme, member_id, reference, *LINES, now=BEGIN)
    for reward in (one, two) if number % 2 else (two, one):
        crowd.held.append(
            (member_id, await make.redeem(programme, member_id, reward, hold=True, now=BEGIN))
        )
    if number < CODES // 2:
        crowd.spent.append((member_id, await make.redeem(programme, member_id, pooled, now=BEGIN)))
    offset = await travel.hold(programme, member_id, 20, LINES[0], now=BEGIN)
    crowd.offsets.append((member_id, offset))
    crowd.bookings.append(reference)
    crowd.quotes.append(await travel.guarantee(programme, member_id, LINES[1], now=BEGIN))


async def check_stock(crowd: Crowd) -> None:
    """Assert that what is left and what redemptions keep, expired holds too, is the whole stock."""
    for reward in crowd.rewards[:2]:
        kept = await row(
            "SELECT count(*) AS count FROM redemption "
            "WHERE reward_id = $1 AND status IN ('HELD', 'CONFIRMED', 'SHIPPED', 'FULFILLED')",
            reward.id,
        )
        assert kept is not None
        assert await make.stock(reward) == STOCK - kept["count"]
    codes = await rows(
        "SELECT c.status, count(*) AS count, count(DISTINCT r.id) AS redemptions "
        "FROM coupon_code c LEFT JOIN redemption r ON r.member_id = c.member_id "
        "AND r.id = c.redemption_id WHERE c.reward_id = $1 GROUP BY c.status",
        crowd.rewards[2].id,
    )
    assert sum(found["count"] for found in codes) == CODES
    for found in codes:
        given = 0 if found["status"] == "IMPORTED" else found["count"]
        assert found["redemptions"] == given


async def check_budget(crowd: Crowd) -> None:
    """Assert that the milestone's budget is not overdrawn, and that members have what is used."""
    found = await rows(
        "SELECT b.used, (SELECT sum(w.points) FROM award w WHERE w.rule = b.rule "
        "AND w.member_id = ANY($2::uuid[]))::bigint AS granted "
        "FROM rule_budget b WHERE b.programme_id = $1 AND b.rule = $3",
        crowd.programme.id,
        crowd.members,
        EVERY,
    )
    assert [one["used"] for one in found] == [one["granted"] for one in found]
    assert all(0 <= one["used"] <= BUDGET for one in found)
    assert len(found) <= 1


async def count_grants(crowd: Crowd) -> int:
    found = await row(
        "SELECT count(*) AS count FROM activity "
        "WHERE member_id = ANY($1::uuid[]) AND reporter = 'system'",
        crowd.members,
    )
    return int(found["count"]) if found else 0


async def check_caps(crowd: Crowd) -> None:
    """Assert that no member gained more than the cap in a day, nor all more than the budget."""
    gained = await rows(GAINED, crowd.members, ZONE.key)
    assert max(found["points"] for found in gained) <= CAP
    [budget] = await rows(
        "SELECT used, total FROM rule_budget WHERE programme_id = $1 AND rule = 'far'",
        crowd.programme.id,
    )
    [granted] = await rows(
        "SELECT sum(points)::bigint AS points FROM award "
        "WHERE member_id = ANY($1::uuid[]) AND rule = 'far'",
        crowd.members,
    )
    assert granted["points"] <= budget["used"] <= budget["total"] == RULE_BUDGET


GAINED = """
SELECT sum(points)::bigint AS points FROM (
    SELECT member_id, points, occurred_at AS at FROM award
    UNION ALL SELECT member_id, points, booked_at FROM quote WHERE status = 'OPEN'
) AS gain WHERE member_id = ANY($1::uuid[]) GROUP BY member_id, (at AT TIME ZONE $2)::date
"""


def give(crowd: Crowd) -> Planned:
    one, other = crowd.draw.sample(crowd.members, 2)
    points = crowd.draw.randrange(1, 60)
    return "transfer", make.transfer(crowd.programme, one, other, points, now=now(crowd))


def redeem(crowd: Crowd) -> Planned:
    member_id, reward = crowd.draw.choice(crowd.members), crowd.draw.choice(crowd.rewards)
    hold = crowd.draw.random() < 0.5
    call = make.redeem(crowd.programme, member_id, reward, hold=hold, now=now(crowd))
    return "hold" if hold else "redemption", call


def confirm(crowd: Crowd) -> Planned:
    return "confirmation", make.confirm(
        crowd.programme, *crowd.draw.choice(crowd.held), now=now(crowd)
    )


def cancel(crowd: Crowd) -> Planned:
    made = crowd.draw.choice((*crowd.held, *crowd.spent))
    return "cancelling", make.cancel(crowd.programme, *made, now=now(crowd))


def pay_with_points(crowd: Crowd) -> Planned:
    member_id, redemption = crowd.draw.choice(crowd.offsets)
    reference = f"P{crowd.draw.randrange(2 * MEMBERS)}"
    return "booking paid in points", travel.pay(
        crowd.programme, member_id, reference, LINES[0], redemption=redemption, now=now(crowd)
    )


def book(crowd: Crowd) -> Planned:
    member_id, reference = crowd.draw.choice(crowd.members), f"N{crowd.draw.randrange(MEMBERS)}"
    return "booking", travel.pay(crowd.programme, member_id, reference, *LINES, now=now(crowd))


def ask(crowd: Crowd) -> Planned:
    member_id = crowd.draw.choice(crowd.members)
    return "quote", travel.guarantee(crowd.programme, member_id, *LINES, now=now(crowd))


def book_as_quoted(crowd: Crowd) -> Planned:
    """A booking by a quote that is open, expired, or used meanwhile."""
    (member_id, quote), number = crowd.draw.choice(crowd.quotes), crowd.draw.randrange(2 * MEMBERS)
    return "booking as quoted", travel.pay(
        crowd.programme,
        member_id,
        f"Q{number}",
        LINES[1],
        quote=(member_id, quote),
        now=now(crowd),
    )


def refund(crowd: Crowd) -> Planned:
    """A refund of a booking that exists, or of one that may be made meanwhile."""
    reference = crowd.draw.choice((*crowd.bookings, f"N{crowd.draw.randrange(MEMBERS)}"))
    number, line = f"R{crowd.draw.randrange(4)}", crowd.draw.randrange(1, 3)
    part = crowd.draw.choice(((), ((line, "60"),)))
    return "refund", travel.refund(crowd.programme, reference, number, *part, now=now(crowd))


def complete(crowd: Crowd) -> Planned:
    reference = crowd.draw.choice((*crowd.bookings, f"N{crowd.draw.randrange(MEMBERS)}"))
    return "completion", travel.complete(crowd.programme, reference, now=now(crowd))


def adjust(crowd: Crowd) -> Planned:
    member_id, points = crowd.draw.choice(crowd.members), crowd.draw.choice((-30, 30))
    return "adjustment", make.adjust(crowd.programme, member_id, points, now=now(crowd))


def sweep(crowd: Crowd) -> Planned:
    member_id = crowd.draw.choice(crowd.members)
    return "sweep", sweeps.post(crowd.programme, member_id, now(crowd))


def now(crowd: Crowd) -> datetime:
    """An instant around the one at which holds and points expire."""
    before = MIDNIGHT - MICROSECOND
    return crowd.draw.choice((before, before, before, MIDNIGHT, MIDNIGHT + MINUTE))


OPERATIONS = (
    *(give, give, give, redeem, redeem, redeem, confirm, cancel, pay_with_points, book),
    *(book, ask, book_as_quoted, refund, refund, complete, adjust, sweep, sweep),
)

PROOF = Proof(
    name="crowd",
    what=f"{AT_ONCE} random operations at once on {MEMBERS} members",
    count=100,
    part=25,
    run=run,
)
