"""Raises: when a new version asks for less, who qualifies by it already is raised.

When a version takes effect the members are reviewed once, a batch at a time, each under its own
lock. How far that has come is kept after each batch in which none failed, so a run that was
killed goes on there; whoever is reviewed twice is raised once.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.grants.values import Fact
from domain.kernel.database import row, rows, transact, update
from domain.kernel.refusals import EventTooOld
from domain.programmes.programmes import Programme, Version
from domain.redemptions import settling
from domain.tiers import qualification, tiers

BATCH = 500


@dataclass(slots=True)
class Run:
    """A run over the members for the version in force, from `position` on."""

    programme: Programme
    version: Version
    now: datetime
    position: UUID
    given: int = 0
    reviewed: int = 0


async def begin(programme: Programme, now: datetime) -> Run | None:
    """The run that is to be done or goes on; None where all were reviewed for this version."""
    try:
        version = programme.as_of(now)
    except EventTooOld:
        return None
    if version.number == 1:
        return None
    await update(
        "INSERT INTO policy_raise (policy_version_id, programme_id) VALUES ($1, $2) "
        "ON CONFLICT (policy_version_id) DO NOTHING",
        version.id,
        programme.id,
    )
    found = await row("SELECT * FROM policy_raise WHERE policy_version_id = $1", version.id)
    if found is None or found["finished_at"] is not None:
        return None
    return Run(programme, version, now, found["position"] or UUID(int=0))


async def members(run: Run) -> AsyncGenerator[UUID, None]:
    """Members of whom anything counts and who are not at the top, each once.

    What was reviewed is kept as far as none has failed; the rest is met again by the next run.
    """
    while batch := await _batch(run):
        for member_id in batch:
            run.given += 1
            yield member_id
        run.position = batch[-1]
        if run.reviewed == run.given:
            await _keep(run, None)
    if run.reviewed == run.given:
        await _keep(run, run.now)


async def review(run: Run, member_id: UUID) -> None:
    """Raise one member to what it qualifies for, in a transaction.

    Raises: ConcurrentRequest.
    """
    await transact(partial(_review, run, member_id))
    run.reviewed += 1


async def _review(run: Run, member_id: UUID) -> None:
    async with accounts.opened(run.programme, member_id, run.now) as account:
        sums = await tiers.sums(member_id, account.version.policy, account.now)
        account.count((), qualification.raised(account.version, account.holding, sums, account.now))
        await settling.settle_tier(account, Fact(account.version.id, account.now))


async def _batch(run: Run) -> list[UUID]:
    policy = run.version.policy
    found = await rows(
        "SELECT a.member_id FROM account a WHERE a.programme_id = $1 AND a.member_id > $2 "
        "AND a.tier_earned <> ALL($3::text[]) "
        "AND EXISTS (SELECT FROM tier_credit c WHERE c.member_id = a.member_id) "
        "ORDER BY a.member_id LIMIT $4",
        run.programme.id,
        run.position,
        policy.tier_codes([policy.tiers.levels[-1].code]),
        BATCH,
    )
    return [account["member_id"] for account in found]


async def _keep(run: Run, finished_at: datetime | None) -> None:
    await update(
        "UPDATE policy_raise SET position = $2, finished_at = $3 "
        "WHERE policy_version_id = $1 AND finished_at IS NULL",
        run.version.id,
        run.position,
        finished_at,
    )
