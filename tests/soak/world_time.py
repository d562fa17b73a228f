"""Steps of a random world that pass time, run jobs, publish versions, repeat calls, and read."""

from datetime import timedelta
from typing import Any

from domain.accounts import sweeps, tier_sweeps
from domain.activities import calendar_rules, referral_outcomes, tier_raises, waiting
from domain.bookings import overdue
from domain.earning import reservations
from domain.notices import reminders
from domain.programmes.programmes import Programme
from tests.soak import world_grants, written
from tests.soak.world import Person, World, publish, set_clock
from tests.support.callers import Stage

HOURS = (0, 0, 1, 7, 24, 24, 24 * 5, 24 * 17, 24 * 40)

VERSIONS_MAX = 3

DASHBOARD = """{ me {
    standing { since until tier { code name discounts benefits { code uses per text } }
        progress { text current required measures { basis current required } } }
    benefits { code uses used left resetsAt name } segments referralLink
    offers { rule name text until mostPoints why { code text } }
    missions { code status ordered opensOn endsOn gives steps { code done times name } }
    balance { available pending held owed } expirySchedule { points }
    ledger { totalCount edges { node { id kind points reason } } }
    bookings { edges { node { id netPoints lines { number points netPoints }
        awards { rule points netPoints text } } } }
    activities { edges { node { type name status points attributes
        explanation { code text points } redemption { id } benefit } } }
    redemptions { edges { node { id status } } }
    referrals { totalCount edges { node { status joinedOn points } } } } }"""


async def wait(world: World, _: Person) -> None:
    world.now += timedelta(
        hours=world.draw.choice(HOURS), minutes=world.draw.randrange(60), seconds=1
    )
    world.note("wait")


async def work(world: World, _: Person) -> None:
    """Run every job of the worker once."""
    programme, now = world.programme, world.now
    async for swept in sweeps.sweep(programme, now):
        world.done["job: due"] += swept.entries
    async for member_id in reservations.due(programme, now):
        await reservations.release_now(programme, member_id, now)
        world.done["job: dead quotes"] += 1
    for run in await tier_raises.begin(programme, now):
        async for member_id in tier_raises.members(run):
            await tier_raises.review(run, member_id)
            await world_grants.observe(world)
            world.done["job: raises"] += 1
    async for member_id in tier_sweeps.due(programme, now):
        await tier_sweeps.review(programme, member_id, now)
        world.done["job: tiers"] += 1
    await world_grants.observe(world)
    await world_grants.begin_days(world)
    async for due in calendar_rules.candidates(programme, now):
        world.done["job: calendar"] += await calendar_rules.pay(programme, due, now)
        await world_grants.observe(world)
    await calendar_rules.keep_mark(programme, now)
    await world_grants.end_days(world)
    async for one in waiting.candidates(programme, now):
        world.done["job: waiting"] += await waiting.give(programme, one, now)
    async for friend in referral_outcomes.due(programme, now):
        world.done["job: referrals"] += await referral_outcomes.apply(programme, friend, now)
        await world_grants.observe(world)
    await _tell(world, programme)
    world.note("jobs")


async def _tell(world: World, programme: Programme) -> None:
    async for member_id in overdue.members(programme, world.now):
        world.done["job: overdue"] += await overdue.put_up(programme, member_id, world.now)
    async for expiring in reminders.candidates(programme, world.now):
        world.done["job: reminders"] += await reminders.remind(programme, expiring, world.now)


async def send_again(world: World, _: Person) -> None:
    if world.past:
        await world.again(world.draw.choice(world.past))


async def publish_another(world: World, _: Person) -> None:
    """Publish another random document of the same programme, in force now or in two days."""
    if len(world.documents) >= VERSIONS_MAX or world.documents[-1][0] >= world.now:
        return
    published = [before for _, before in world.documents]
    document = written.drawn(f"{world.name}:{len(published)}", *published)
    document["programme"] = world.programme.code
    ahead = world.draw.choice((None, timedelta(days=2)))
    await publish(world, document, ahead=ahead)


async def look(world: World, person: Person) -> None:
    """Read what a member is shown, and assert that nothing of it fails."""
    await set_clock(world)
    answer: dict[str, Any] = await Stage(world.programme).member(person.reference).ask(DASHBOARD)
    assert "errors" not in answer, answer
    world.note("dashboard")


STEPS = {wait: 8, work: 6, send_again: 2, publish_another: 2, look: 2}
