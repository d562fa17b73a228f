"""Runs: back-tests played one at a time, batch by batch.

After each batch its sums, its claims on budgets and the last member played are written together, so
a run that is killed goes on from there. Where rules have budgets, all claims are clipped after the
last member; if a claim got more or less than it took, all members are played once more with the
budgets' remainders, until no claim differs.
"""

import asyncio
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

import orjson

from domain.backtests import backtests, claims, playing, reach, reading, tally
from domain.backtests.backtests import SHOWN_CHARACTERS_MAX, Backtest, BacktestStatus
from domain.backtests.claims import Clipping, Left
from domain.backtests.facts import Life
from domain.backtests.purse import BacktestClaim, Purse
from domain.backtests.sides import Rules
from domain.backtests.tally import Scope, Tally
from domain.kernel import canonical
from domain.kernel.database import is_outage, row, snapshot, transact, update
from domain.kernel.refusals import ConcurrentRequest
from domain.members import identity
from domain.programmes.programmes import Programme

BATCH = 500

ROUNDS_MAX = 8
"""Most rounds in which members are played until they take from budgets what these leave."""

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of members: the facts of each, and the budgets' remainders for each in the previous
    round.
    """

    ids: Sequence[UUID]
    lives: Sequence[Life]
    left: Left

    @property
    def last(self) -> UUID | None:
        return self.ids[-1] if self.ids else None


@dataclass(frozen=True, slots=True)
class Played:
    """Sums of a batch with those before it, and its claims by member and side."""

    tally: Tally
    claims: Sequence[tuple[UUID, int, Sequence[BacktestClaim]]]


async def next_of(programme_id: UUID) -> Backtest | None:
    """The back-test to play now: the running one, otherwise the first in the queue."""
    found = await row(
        "SELECT id FROM backtest WHERE programme_id = $1 AND status IN ('QUEUED', 'RUNNING') "
        "ORDER BY status DESC, created_at, id LIMIT 1",
        programme_id,
    )
    return await backtests.find(programme_id, found["id"]) if found else None


async def step(programme: Programme, backtest: Backtest, now: datetime) -> None:
    """Play the next batch of members, or clip the next claims, and write the progress; after the
    last one, finish.

    A back-test that was cancelled, or continued by another worker meanwhile, stays as it is. One
    that cannot be played becomes FAILED, so that the next ones are played; if the database is not
    reachable, it continues once it is.
    """
    try:
        if backtest.clipping is None:
            await _play_on(programme, backtest, now)
        else:
            await _clip_on(backtest, Clipping.from_json(backtest.clipping), now)
    except Exception as error:
        if not (is_outage(error) or isinstance(error, ConcurrentRequest)):
            failure = f"{type(error).__name__}: {error}"[:SHOWN_CHARACTERS_MAX]
            await _finish(backtest, BacktestStatus.FAILED, now, failure=failure)
        raise


async def _play_on(programme: Programme, backtest: Backtest, now: datetime) -> None:
    rules, scope = _rules(programme, backtest)
    async with snapshot():
        batch = await _read(programme, backtest, claiming=bool(scope.budgeted))
    played = await asyncio.to_thread(_played, backtest, batch, rules, scope)
    claiming = bool(scope.budgeted)
    kept = await transact(partial(_keep, backtest, batch, played, claiming=claiming))
    if not kept or len(batch.ids) == BATCH:
        return
    if claiming and played.tally.members:
        await _begin_clipping(backtest, batch)
    else:
        last = await backtests.get(programme.id, backtest.id)
        await _finish(last, BacktestStatus.DONE, now)


async def _read(programme: Programme, backtest: Backtest, *, claiming: bool) -> Batch:
    ids = await identity.next_after(
        programme.id, backtest.position or _NOBODY, BATCH, joined_before=backtest.cutoff
    )
    lives = await reading.load(ids, backtest.cutoff) if ids else []
    before = claiming and backtest.round > 1
    return Batch(ids, lives, await claims.left(backtest.id, ids) if before else {})


def _rules(programme: Programme, backtest: Backtest) -> tuple[tuple[Rules, Rules], Scope]:
    baseline, candidate = backtests.both(programme, backtest)
    budgeted = frozenset(
        code
        for side in (baseline, candidate)
        for version in side.versions
        for code in version.policy.budgets
    )
    scope = Scope(
        backtest.period,
        backtest.cutoff,
        backtests.read_by(programme, backtest),
        budgeted,
        backtest.segment,
    )
    return (Rules(baseline, programme), Rules(candidate, programme)), scope


def _played(backtest: Backtest, batch: Batch, rules: tuple[Rules, Rules], scope: Scope) -> Played:
    made, claimed = Tally(deepcopy(backtest.sums), backtest.played, backtest.assumed), []
    reached = reach.of(rules)
    for life in batch.lives:
        left = batch.left.get(life.member_id, {})
        purses = Purse(backtest.id, left, 0), Purse(backtest.id, left, 1)
        both = playing.play_both(life, rules, purses, backtest.cutoff, reached)
        tally.add_member(made, both, scope)
        claimed += [(life.member_id, purse.place, purse.claims) for purse in purses]
    return Played(made, claimed)


async def _keep(backtest: Backtest, batch: Batch, played: Played, *, claiming: bool) -> bool:
    """Write sums, claims and position together, unless another worker has; returns whether they
    were written.
    """
    made = played.tally
    kept = await update(
        "UPDATE backtest SET status = 'RUNNING', members = greatest(members, $2), "
        "played = $2, assumed = $3, position = $4, sums = $5::jsonb "
        "WHERE id = $1 AND status IN ('QUEUED', 'RUNNING') AND round = $7 AND clipping IS NULL "
        "AND position IS NOT DISTINCT FROM $6",
        backtest.id,
        made.members,
        made.assumed,
        batch.last or backtest.position,
        orjson.dumps(made.sums).decode(),
        backtest.position,
        backtest.round,
    )
    if kept and claiming and batch.ids:
        await claims.replace(backtest.id, batch.ids, played.claims)
    return kept > 0


async def _begin_clipping(backtest: Backtest, batch: Batch) -> None:
    """Begin to clip, as all members of this round were played."""
    await update(
        "UPDATE backtest SET clipping = $2::jsonb WHERE id = $1 AND status = 'RUNNING' "
        "AND round = $3 AND clipping IS NULL AND position = $4",
        backtest.id,
        orjson.dumps(Clipping().to_json()).decode(),
        backtest.round,
        batch.last or backtest.position,
    )


async def _clip_on(backtest: Backtest, before: Clipping, now: datetime) -> None:
    async def work() -> bool:
        if not await _is_there(backtest):
            return True
        clipped = await claims.clip(backtest.id, before)
        if clipped is not None:
            await update(
                "UPDATE backtest SET clipping = $2::jsonb WHERE id = $1",
                backtest.id,
                orjson.dumps(clipped.to_json()).decode(),
            )
        return clipped is not None

    if await transact(work):
        return
    if before.unlike and backtest.round < ROUNDS_MAX:
        await _play_again(backtest)
    else:
        nearly = ["budgets"] if before.unlike else []
        await _finish(backtest, BacktestStatus.DONE, now, omitted=nearly)


async def _is_there(backtest: Backtest) -> bool:
    """Whether no other worker has continued clipping; locks the back-test's row."""
    found = await row(
        "SELECT id FROM backtest WHERE id = $1 AND status = 'RUNNING' AND round = $2 "
        "AND clipping = $3::jsonb FOR UPDATE",
        backtest.id,
        backtest.round,
        orjson.dumps(backtest.clipping).decode(),
    )
    return found is not None


async def _play_again(backtest: Backtest) -> None:
    """Begin again with the first member, with the budgets' remainders."""
    await update(
        "UPDATE backtest SET round = round + 1, clipping = NULL, position = NULL, played = 0, "
        "assumed = 0, sums = '{}' WHERE id = $1 AND status = 'RUNNING' AND round = $2 "
        "AND clipping IS NOT NULL",
        backtest.id,
        backtest.round,
    )


async def _finish(
    backtest: Backtest,
    status: BacktestStatus,
    now: datetime,
    *,
    failure: str | None = None,
    omitted: Sequence[str] = (),
) -> None:
    done = replace(backtest, omitted=list(omitted))
    await update(
        "UPDATE backtest SET status = $2, finished_at = $3, failure = $4, hash = $5, "
        "omitted = $6::jsonb, clipping = NULL WHERE id = $1 AND status IN ('QUEUED', 'RUNNING')",
        backtest.id,
        status,
        now,
        failure,
        _hash(done) if status is BacktestStatus.DONE else None,
        orjson.dumps(done.omitted).decode(),
    )
    while await claims.forget(backtest.programme_id):
        pass


def _hash(backtest: Backtest) -> bytes:
    """Hash of the request and the result: equal where both are equal."""
    asked = [backtest.candidate, backtest.baseline, backtest.from_at, backtest.until_at]
    asked += [backtest.segment] if backtest.segment is not None else []
    said = [backtest.cutoff, backtest.members, backtest.assumed, backtest.omitted, backtest.sums]
    return canonical.sha256([*asked, *said])
