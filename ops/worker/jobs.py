"""The scheduled jobs of a worker. A new job is one more function under `@job`."""

from collections.abc import AsyncGenerator
from datetime import datetime
from functools import partial
from uuid import UUID

from api.wording.messages import problem_messages
from domain.accounts import settled_days, sweeps, tier_sweeps
from domain.accounts.sweeps import SweepResult
from domain.activities import calendar_rules, referral_outcomes, tier_raises, waiting
from domain.activities.calendar_rules import DueDay
from domain.activities.waiting import WaitingGrant
from domain.backtests import claims, runs
from domain.bookings import overdue
from domain.delivery import forgetting
from domain.earning import reservations
from domain.experiments import stopping
from domain.finance import recording
from domain.insight import rollups
from domain.jobs import exports, running
from domain.kernel import rewriting
from domain.members import clear_contacts, contact_keys
from domain.memberships import merges
from domain.notices import announcing, opening, reminders, reminding, upcoming
from domain.privacy import erasing
from domain.programmes.programmes import Programme
from domain.proof import roots
from domain.reviews import releasing
from domain.settlement import closing
from ops import erasures
from ops.worker import cleaning, queue, root_files
from ops.worker.schedule import (
    JOBS,
    all_of,
    each_found,
    each_programme,
    job,
    step_by_step,
)
from ops.worker.turns import Turn

__all__ = ["DAY_RECORDS", "JOBS"]

DAY_RECORDS = (rollups.record_day, recording.record_day, roots.record_day)
"""Recorders of each settled day, in this order."""


@job("* * * * *", "writes due entries and releases expired quotes every minute")
async def sweep(turn: Turn) -> None:
    """Record what the passage of time has changed, each programme by its own clock."""

    async def work(programme: Programme, now: datetime) -> None:
        async def post(one: SweepResult | UUID) -> int:
            if isinstance(one, SweepResult):
                return one.entries
            return await sweeps.post(programme, one, now)

        async def release(member_id: UUID) -> int:
            await reservations.release_now(programme, member_id, now)
            return 1

        due, quotes = f"due entries of {programme.code}", f"expired quotes of {programme.code}"
        steps = {
            due: partial(turn.each, due, sweeps.together(programme, now), post),
            quotes: partial(turn.each, quotes, reservations.due(programme, now), release),
        }
        await all_of(turn, steps)

    await each_programme(turn, work)


@job("*/5 * * * *", "reviews every five minutes tiers whose period has ended")
async def tiers(turn: Turn) -> None:
    """Record what the passage of time does to tiers."""

    async def act(programme: Programme, member_id: UUID, now: datetime) -> int:
        await tier_sweeps.review(programme, member_id, now)
        return 1

    await each_found(turn, "tiers", tier_sweeps.due, act)


@job("* * * * *", "raises members whom a new policy puts in a higher tier, checking every minute")
async def raise_tiers(turn: Turn) -> None:
    """Raise members whom a version that has taken effect puts above their tier."""

    async def work(programme: Programme, now: datetime) -> None:
        async def raised(name: str, run: tier_raises.Run) -> None:
            async def review(member_id: UUID) -> int:
                await tier_raises.review(run, member_id)
                return 1

            await turn.each(name, tier_raises.members(run), review)

        begun = enumerate(await tier_raises.begin(programme, now), start=1)
        named = {f"new policy {number} of {programme.code}": run for number, run in begun}
        await all_of(turn, {name: partial(raised, name, run) for name, run in named.items()})

    await each_programme(turn, work)


@job("* * * * *", "settles days that have ended, checking every minute")
async def settle(turn: Turn) -> None:
    """Settle the days that have ended of each programme whose books are open, one by one."""

    async def work(programme: Programme, now: datetime) -> None:
        while await settled_days.settle_next(programme, now, DAY_RECORDS) is not None:
            turn.check()

    await each_programme(turn, work)


@job(
    "22 * * * *",
    "moves every hour matured points of merged members, and forfeits those of ended memberships",
)
async def follow_merges(turn: Turn) -> None:
    """Move newly spendable points of merged members to the accounts that have their points; points
    of ended memberships are forfeited.
    """

    async def act(programme: Programme, member_id: UUID, now: datetime) -> int:
        return await merges.follow(programme, member_id, now)

    await each_found(turn, "merged members", _left_behind, act)


def _left_behind(programme: Programme, _: datetime) -> AsyncGenerator[UUID, None]:
    return merges.due(programme)


@job("* * * * *", "ends experiments that are over or whose budget is spent, checking every minute")
async def end_experiments(turn: Turn) -> None:
    """Add up what experiments cost, and end those whose budget is spent."""

    async def work(programme: Programme, now: datetime) -> None:
        await stopping.end_due(programme, now)

    await each_programme(turn, work)


@job("* * * * *", "copies the signed roots of days to MILEPOST_ROOTS, checking every minute")
async def publish_roots(turn: Turn) -> None:
    """Add the records of days that are settled to the files that others keep, where there are any.

    Raises: RootsDiffer
    """
    folder = root_files.folder()
    if folder is None:
        return

    async def work(programme: Programme, now: datetime) -> None:
        await root_files.publish(folder, programme)

    await each_programme(turn, work)


@job("12 * * * *", "closes settled months of partners every hour")
async def close_statements(turn: Turn) -> None:
    """Close months of partners whose days are settled, the oldest of each partner first."""

    async def work(programme: Programme, now: datetime) -> None:
        while months := await closing.due(programme, now):
            steps = {one.code: partial(closing.close_due, one, now) for one in months}
            await all_of(turn, steps)

    await each_programme(turn, work)


@job("*/10 * * * *", "reminds members of expiring points every ten minutes")
async def remind(turn: Turn) -> None:
    """Remind members of points that are about to expire."""
    await each_found(turn, "reminders", reminders.candidates, reminders.remind)


@job("* * * * *", "notifies members of announcements that have begun, checking every minute")
async def announce(turn: Turn) -> None:
    """Notify the audience of announcements, one announcement after the other."""
    await each_found(turn, "announcements", announcing.listeners, announcing.announce)


@job("3 * * * *", "reminds members of their points when a month has begun, checking every hour")
async def remind_of_balances(turn: Turn) -> None:
    """Remind members of the points that they have, on the first day of a month."""
    await each_found(turn, "balances", upcoming.balances, reminding.remind)


@job("20 1 * * *", "reminds members of ending tiers every day")
async def remind_of_tiers(turn: Turn) -> None:
    """Remind members whose tier ends soon, and of the amounts missing to keep it."""
    await each_found(turn, "tiers that end", upcoming.tiers, reminding.remind)


@job("25 1 * * *", "reminds members of expiring coupons every day")
async def remind_of_coupons(turn: Turn) -> None:
    """Remind members whose coupons end soon."""
    await each_found(turn, "coupons that end", upcoming.coupons, reminding.remind)


@job("30 1 * * *", "reminds members of coming trips every day")
async def remind_of_trips(turn: Turn) -> None:
    """Remind members whose bookings depart soon."""
    await each_found(turn, "trips", upcoming.trips, reminding.remind)


@job("35 1 * * *", "notifies members of new offers every day")
async def tell_of_offers(turn: Turn) -> None:
    """Notify members who consent to marketing of new offers, each offer once."""
    await each_found(turn, "offers", opening.candidates, opening.tell)


@job("5 * * * *", "gives grants of the calendar, and rewards for which grants wait, every hour")
async def pay_by_calendar(turn: Turn) -> None:
    """Give grants of the calendar, and record the progress if all went well; then give rewards for
    which grants wait.
    """

    async def work(programme: Programme, now: datetime) -> None:
        async def act(due: DueDay) -> int:
            await calendar_rules.pay(programme, due, now)
            return 1

        async def pay() -> None:
            found = calendar_rules.candidates(programme, now)
            await turn.each(f"calendar rules of {programme.code}", found, act)
            await calendar_rules.keep_mark(programme, now)

        async def retry(one: WaitingGrant) -> int:
            return int(await waiting.give(programme, one, now))

        name = f"waiting rewards of {programme.code}"
        given = partial(turn.each, name, waiting.candidates(programme, now), retry)
        await all_of(turn, {f"calendar rules of {programme.code}": pay, name: given})

    await each_programme(turn, work)


@job("* * * * *", "brings referrals up to date every minute")
async def referrals(turn: Turn) -> None:
    """Bring both sides of referrals up to date."""
    await each_found(turn, "referrals", referral_outcomes.due, referral_outcomes.apply)


@job(
    "*/10 * * * *", "puts booking lines whose completion is overdue up for review every ten minutes"
)
async def review(turn: Turn) -> None:
    """List lines whose completion is overdue."""
    await each_found(turn, "overdue lines", overdue.members, overdue.put_up)


@job("* * * * *", "releases points whose hold has ended, checking every minute")
async def release_held(turn: Turn) -> None:
    """Release points whose hold by a risk rule has just ended."""
    just_ended = partial(releasing.members, held_within=releasing.JUST_ENDED)
    await each_found(turn, "held points", just_ended, releasing.release_due)


@job(
    "40 * * * *",
    "releases or takes back points that no review withholds any more, checking every hour",
)
async def release(turn: Turn) -> None:
    """Release, or take back, points that no review withholds any more."""
    await each_found(turn, "reviews", releasing.members, releasing.release_due)


@job("* * * * *", "runs waiting back-tests, checking every minute")
async def play_backtests(turn: Turn) -> None:
    """Play one back-test of each programme after the other, batch by batch; claims of stopped ones
    are removed first.
    """

    async def step(programme: Programme, now: datetime) -> bool:
        if await claims.forget(programme.id):
            return True
        found = await runs.next_of(programme.id)
        if found is not None:
            await runs.step(programme, found, now)
        return found is not None

    await step_by_step(turn, step)


@job("* * * * *", "runs waiting imports, checking every minute")
async def do_imports(turn: Turn) -> None:
    """Do one import of each programme after the other, batch by batch."""

    async def step(programme: Programme, now: datetime) -> bool:
        found = await running.next_of(programme, turn.now(), now)
        if found is not None:
            await running.step(programme, found, now, problem_messages)
        return found is not None

    await step_by_step(turn, step)


@job("* * * * *", "runs waiting exports, checking every minute")
async def make_exports(turn: Turn) -> None:
    """Make one export of each programme after the other, part by part."""

    async def step(programme: Programme, now: datetime) -> bool:
        found = await exports.next_of(programme, now)
        if found is not None:
            await exports.step(programme, found, now)
        return found is not None

    await step_by_step(turn, step)


@job("* * * * *", "adds erased members to the file MILEPOST_ERASURES every minute")
async def note_erasures(turn: Turn) -> None:
    """Append erased members to the file in the settings, so that they are erased again after a
    restore.
    """
    if turn.erasures is None:
        return
    last = erasures.last(turn.erasures)
    erasures.append(turn.erasures, await erasing.everybody(since=last))


@job("41 * * * *", "encrypts contacts and typed texts with the newest key, checking every hour")
async def encrypt(turn: Turn) -> None:
    """Keep values under the newest key that were kept under the one before, or typed when there was
    none.
    """

    async def contact(named: tuple[UUID, UUID]) -> int:
        return await contact_keys.rewrite(*named)

    values = partial(turn.each, "encrypted values", rewriting.rewritable(), rewriting.rewrite)
    contacts = partial(turn.each, "contacts", contact_keys.rewritable(), contact)
    await all_of(turn, {"encrypted values": values, "contacts": contacts})


@job(
    "* * * * *",
    "encrypts contacts that servers of the release before wrote in clear, checking every minute",
)
async def move_contacts(turn: Turn) -> None:
    """Encrypt contacts that are stored in clear."""

    async def work(programme: Programme, now: datetime) -> None:
        async def move(member_ids: tuple[UUID, ...]) -> int:
            return await clear_contacts.move(programme, member_ids, now)

        found = clear_contacts.left(programme)
        await turn.each(f"contacts in clear of {programme.code}", found, move)

    await each_programme(turn, work)


@job("17 3 * * *", "removes expired data once a day")
async def clean_up(turn: Turn) -> None:
    """Remove expired data: events, free idempotency keys, expired quotes, facts
    that wait in vain for their booking, details of deliveries that are over, signals, who looked
    at members, digests of contacts of who was erased, sessions that were ended so long ago that no
    token from before is valid, contacts of guests who booked long ago, rows of imports that ended
    long ago, and the queue's log.
    """

    now = turn.now()
    steps = cleaning.removals(
        turn,
        {
            "events": partial(forgetting.forget, now),
            "the queue's log": partial(queue.forget, turn.queue, now),
        },
    )
    every = partial(each_programme, turn, partial(cleaning.clean_up, turn))
    await all_of(turn, {**steps, "programmes": every})
