"""Raises: when a new version requires less, members who already qualify are raised.

When a version takes effect the members are reviewed once, a batch at a time, each under its own
lock. The position is stored after each batch without a failure, so a run that was killed continues
there; a member reviewed twice is raised once. For a version that was replaced before its run ended,
the run is finished too, with the facts recorded while it was in force.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from uuid import UUID

from domain.accounts import accounts
from domain.grants import grant_evaluation
from domain.grants.values import Fact
from domain.kernel.database import rows, transact, update
from domain.programmes.programmes import Programme, Version
from domain.redemptions.granted import GIFTS
from domain.tiers import qualification, tier_windows, tiers
from domain.tiers.values import Qualifying, Sum

BATCH = 500


@dataclass(slots=True)
class Run:
    """A run over the members for one version, from `position` on.

    `until` is the last instant at which the version was in force; null while it is.
    """

    programme: Programme
    version: Version
    until: datetime | None
    now: datetime
    position: UUID
    given: int = 0
    reviewed: int = 0


async def begin(programme: Programme, now: datetime) -> list[Run]:
    """The runs to begin or continue, one for each version that took effect after the first
    and for which not all members were reviewed, the oldest first.
    """
    effective = taken_effect(programme.versions, now)[1:]
    if not effective:
        return []
    found = await rows(
        "SELECT policy_version_id, position, finished_at FROM policy_raise WHERE programme_id = $1",
        programme.id,
    )
    known = {one["policy_version_id"]: one for one in found}
    runs = []
    for version, until in effective:
        kept = known.get(version.id)
        if kept is None:
            await _keep_begun(programme, version)
        elif kept["finished_at"] is not None:
            continue
        position = kept["position"] if kept else None
        runs.append(Run(programme, version, until, now, position or UUID(int=0)))
    return runs


def taken_effect(
    versions: Sequence[Version], now: datetime
) -> list[tuple[Version, datetime | None]]:
    """The versions that have been in force, in order, each with its last instant in force. Of
    several for one instant only the newest takes effect.
    """
    begun = [version for version in versions if version.effective_from <= now]
    newest = {
        version.effective_from: version for version in sorted(begun, key=lambda one: one.number)
    }
    ordered = [newest[instant] for instant in sorted(newest)]
    replaced = [
        (before, after.effective_from - timedelta(microseconds=1))
        for before, after in pairwise(ordered)
    ]
    return [*replaced, *((last, None) for last in ordered[-1:])]


async def members(run: Run) -> AsyncGenerator[UUID, None]:
    """Members with something that counts, and below the highest tier, each once.

    The position is stored up to the first failure; the next run does the rest again.
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
    """Raise one member to the tier for which it qualifies, in a transaction.

    Raises: ConcurrentRequest.
    """
    await transact(partial(_review, run, member_id))
    run.reviewed += 1


async def _review(run: Run, member_id: UUID) -> None:
    version = run.version
    async with accounts.opened(run.programme, member_id, run.now) as account:
        sums = await _sums(run, member_id, account.now)
        newest = account.version.policy
        account.count((), qualification.raised(version, account.holding, sums, account.now, newest))
        await grant_evaluation.evaluate_tier(
            account, Fact(version.id, run.until or account.now), GIFTS
        )


async def _sums(run: Run, member_id: UUID, now: datetime) -> list[Sum]:
    """Sums of what counts under the version now, or had been recorded when it was replaced."""
    policy, until = run.version.policy, run.until
    if until is None:
        return await tiers.sums(member_id, policy, now)
    counted = [one for one in await tiers.credits_of(member_id) if one.recorded_at <= until]
    return [
        Sum(window, Qualifying()).plus(*counted) for window in tier_windows.windows(policy, until)
    ]


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


async def _keep_begun(programme: Programme, version: Version) -> None:
    await update(
        "INSERT INTO policy_raise (policy_version_id, programme_id) VALUES ($1, $2) "
        "ON CONFLICT (policy_version_id) DO NOTHING",
        version.id,
        programme.id,
    )


async def _keep(run: Run, finished_at: datetime | None) -> None:
    await update(
        "UPDATE policy_raise SET position = $2, finished_at = $3 "
        "WHERE policy_version_id = $1 AND finished_at IS NULL",
        run.version.id,
        run.position,
        finished_at,
    )
