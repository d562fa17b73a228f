"""`sweep`: records what the passage of time has changed; for the operator's own schedule."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from domain.accounts import sweeps, tier_sweeps
from domain.activities import tier_raises
from domain.earning import reservations
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops import progress
from ops.commands.administration import administer
from ops.console import counted, notes, read_settings


def sweep(programme: Annotated[str, typer.Option(help="Code of the programme.")]) -> None:
    """Write expiries, maturings, expired holds and quotes, review tiers whose period has ended, and
    raise members whom a new policy puts above their tier.

    Nothing else depends on it: every read and write applies the due changes of points itself, and
    every write those of its member's tier. It can be stopped and run again at any time.

    It does not number events, send reminders, give grants of the calendar, list overdue lines or
    remove old data: those are jobs of the worker.
    """

    async def work() -> tuple[int, int, int, int, int]:
        found = await programmes.get(programme)
        now = found.now(datetime.now(UTC))
        members = entries = 0
        with progress.bar("sweeping", await sweeps.count_due(found, now)) as advance:
            async for swept in sweeps.sweep(found, now):
                members += 1
                entries += swept.entries
                advance(1)
        tiers = 0
        with progress.bar("reviewing", await tier_sweeps.count_due(found, now)) as advance:
            async for _ in tier_sweeps.sweep(found, now):
                tiers += 1
                advance(1)
        quotes = 0
        with progress.bar("releasing", await reservations.count_dead(found.id, now)) as advance:
            async for _ in reservations.sweep(found, now):
                quotes += 1
                advance(1)
        return members, entries, tiers, await _raise(found, now), quotes

    members, entries, tiers, raised, quotes = administer(read_settings(), work)
    wrote = f"wrote {counted(entries, 'entry', 'entries')} of {counted(members, 'member')}"
    done = f"{wrote}, reviewed the tiers of {tiers}"
    by_policy = f"and of {raised} by a new policy"
    notes.print(f"{done} {by_policy}, released expired quotes of {quotes}")


async def _raise(programme: Programme, now: datetime) -> int:
    """Review members once for each version that has taken effect; returns how many."""
    reviewed = 0
    for run in await tier_raises.begin(programme, now):
        async for member_id in tier_raises.members(run):
            await tier_raises.review(run, member_id)
        reviewed += run.reviewed
    return reviewed
