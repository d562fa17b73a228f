"""Back-tests: asked for by staff, run one at a time and batch by batch, cancelled, and read.

After each batch its sums and the last member played are written together, so a run that is
killed goes on from there. What a back-test leaves out is kept with it and shown with its figures.
"""

import asyncio
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import orjson

from domain.backtests import omissions, playing, reading, sides, tally
from domain.backtests.facts import Life
from domain.backtests.tally import Period, Tally
from domain.kernel import canonical
from domain.kernel.database import Row, row, rows, snapshot, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.refusals import InvalidInput, NotFound
from domain.programmes import reader, sources, succession
from domain.programmes.policy import Policy
from domain.programmes.programmes import BEGINNING, Programme, Version
from domain.programmes.sources import Source

BATCH = 500
WAITING_MAX = 20
DAYS_DEFAULT = 365
SHOWN_CHARACTERS_MAX = 128


class BacktestStatus(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


UNFINISHED = (BacktestStatus.QUEUED, BacktestStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class BacktestSent:
    """What is compared: a document with one version, or with those in force; over which time.

    What occurred in the period from `from_` until `until`, exclusive, and was recorded before
    `cutoff` (UTC).
    """

    candidate: Source
    baseline: int | None = None
    from_: datetime | None = None
    until: datetime | None = None
    cutoff: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backtest:
    """A back-test as it stands; `played` of its `members`, `sums` of these."""

    id: UUID
    programme_id: UUID
    status: BacktestStatus
    candidate: str
    baseline: int | None
    from_at: datetime
    until_at: datetime
    cutoff: datetime
    created_by: str
    created_at: datetime
    members: int
    played: int
    assumed: int
    position: UUID | None
    sums: dict[str, Any]
    omitted: list[str]
    failure: str | None
    finished_at: datetime | None
    hash: bytes | None

    @property
    def period(self) -> Period:
        return Period(self.from_at, self.until_at)

    @property
    def finished(self) -> bool:
        return self.status not in UNFINISHED


async def start(request: Request, programme: Programme, sent: BacktestSent) -> Outcome:
    """Put a back-test in the queue; figures: `backtest_id`.

    Raises: PolicyInvalid, InvalidInput, NotFound, IdempotencyKeyReused.
    """
    named = {
        "candidate": sources.named(sent.candidate),
        "baseline": sent.baseline,
        "from": sent.from_,
        "until": sent.until,
        "cutoff": sent.cutoff,
    }
    perform = partial(_start, request, programme, sent)
    return await once(request, "startBacktest", named, perform)


async def _start(request: Request, programme: Programme, sent: BacktestSent) -> Figures:
    text = await sources.read(programme.id, sent.candidate)
    candidate = await asyncio.to_thread(reader.parse, text)
    succession.check(candidate, [version.policy for version in programme.versions])
    baseline = _baseline(programme, sent.baseline)
    until = sent.until or request.now
    from_ = sent.from_ or until - timedelta(days=DAYS_DEFAULT)
    cutoff = sent.cutoff or until
    _check_period(programme, (from_, until, cutoff), request.now, chosen=sent)
    await _check_waiting(programme)
    backtest_id = new_id()
    left_out = omissions.omitted(candidate, *(one.policy for one in baseline.versions))
    await rows(
        "INSERT INTO backtest (id, programme_id, status, candidate, baseline, from_at, until_at, "
        "cutoff, created_by, created_at, members, sums, omitted) SELECT $1, $2, 'QUEUED', $3, "
        "$4::int, $5, $6, $7::timestamptz, $8, $9, (SELECT count(*) FROM member "
        "WHERE programme_id = $2 AND joined_at < $7), '{}', $10::jsonb RETURNING id",
        backtest_id,
        programme.id,
        text,
        sent.baseline,
        from_,
        until,
        cutoff,
        request.caller.actor,
        request.now,
        orjson.dumps(left_out).decode(),
    )
    return {"backtest_id": str(backtest_id)}


def _baseline(programme: Programme, number: int | None) -> Programme:
    """The versions in force, or one as if it always had been. Raises: NotFound."""
    if number is None:
        return programme
    for version in programme.versions:
        if version.number == number:
            return replace(programme, versions=(replace(version, effective_from=BEGINNING),))
    raise NotFound("version", str(number), path=("baseline",))


def in_force(programme: Programme, period: Period) -> list[Policy]:
    """The policies of a programme that judge what occurs in the period."""
    versions = [one for one in programme.versions if one.effective_from < period.until]
    later = [one.policy for one in versions if one.effective_from > period.from_]
    return [programme.as_of(period.from_).policy, *later]


def _check_period(
    programme: Programme,
    instants: tuple[datetime, datetime, datetime],
    now: datetime,
    *,
    chosen: BacktestSent,
) -> None:
    """Raises: InvalidInput."""
    from_, until, cutoff = instants
    names = {"until": until, "cutoff": cutoff}
    for name, instant in names.items():
        if instant > now:
            raise InvalidInput("in_future", instant.isoformat(), (now.isoformat(),), path=(name,))
    for name, instant in names.items():
        if instant <= from_:
            least = (from_.isoformat(),)
            raise InvalidInput("not_after_from", instant.isoformat(), least, path=(name,))
    first = programme.versions[0].effective_from
    if chosen.baseline is None and from_ < first:
        raise InvalidInput(
            "before_first_version", from_.isoformat(), (first.isoformat(),), path=("from",)
        )


async def _check_waiting(programme: Programme) -> None:
    found = await row(
        "SELECT count(*) AS count FROM backtest WHERE programme_id = $1 "
        "AND status IN ('QUEUED', 'RUNNING')",
        programme.id,
    )
    if found and found["count"] >= WAITING_MAX:
        most = (str(WAITING_MAX),)
        raise InvalidInput("too_many_backtests", str(found["count"]), most, path=("candidate",))


def unjudged(programme: Programme, backtest: Backtest) -> dict[str, list[str]]:
    """Codes of what the candidate changes without the figures showing it, by its kind."""
    baseline = _baseline(programme, backtest.baseline)
    return omissions.unjudged(_policy(backtest.candidate), in_force(baseline, backtest.period))


async def cancel(request: Request, programme: Programme, backtest_id: UUID) -> Outcome:
    """Stop a back-test that is not over; one that is over stays as it is.

    Raises: NotFound, IdempotencyKeyReused.
    """

    async def perform() -> Figures:
        found = await get(programme.id, backtest_id)
        await update(
            "UPDATE backtest SET status = 'CANCELLED', finished_at = $2 "
            "WHERE id = $1 AND status IN ('QUEUED', 'RUNNING')",
            found.id,
            request.now,
        )
        return {"backtest_id": str(found.id)}

    return await once(request, "cancelBacktest", {"backtest": backtest_id}, perform)


async def find(programme_id: UUID, backtest_id: UUID) -> Backtest | None:
    found = await row(f"{_SELECT} WHERE programme_id = $1 AND id = $2", programme_id, backtest_id)
    return _backtest(found) if found else None


async def get(programme_id: UUID, backtest_id: UUID) -> Backtest:
    """Raises: NotFound."""
    found = await find(programme_id, backtest_id)
    if found is None:
        raise NotFound("backtest", str(backtest_id), path=("backtest",))
    return found


async def page(programme_id: UUID, *, limit: int, after: Sequence[Any] | None) -> list[Backtest]:
    """At most `limit` back-tests, the last one first, after the instant and id of another."""
    found = await rows(
        f"{_SELECT} WHERE programme_id = $1 AND ($2::timestamptz IS NULL "
        "OR (created_at, id) < ($2, $3::uuid)) ORDER BY created_at DESC, id DESC LIMIT $4",
        programme_id,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [_backtest(one) for one in found]


async def count(programme_id: UUID) -> int:
    found = await row(
        "SELECT count(*) AS count FROM backtest WHERE programme_id = $1", programme_id
    )
    return int(found["count"]) if found else 0


async def next_of(programme_id: UUID) -> Backtest | None:
    """The back-test that is to be played now: the one that runs, else the first in the queue."""
    found = await row(
        f"{_SELECT} WHERE programme_id = $1 AND status IN ('QUEUED', 'RUNNING') "
        "ORDER BY status DESC, created_at, id LIMIT 1",
        programme_id,
    )
    return _backtest(found) if found else None


async def step(programme: Programme, backtest: Backtest, now: datetime) -> None:
    """Play the next batch of members and write its sums; after the last one, finish.

    A back-test that was cancelled, or played on by somebody else meanwhile, stays as it is.
    """
    async with snapshot():
        ids = await reading.batch(
            programme.id, backtest.cutoff, backtest.position or UUID(int=0), BATCH
        )
        lives = await reading.load(ids, backtest.cutoff) if ids else []
    try:
        added = await asyncio.to_thread(_played, programme, backtest, lives)
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"[:SHOWN_CHARACTERS_MAX]
        await _finish(backtest, BacktestStatus.FAILED, now, failure=failure)
        raise
    await _keep(backtest, added, ids)
    if len(ids) < BATCH:
        last = await get(programme.id, backtest.id)
        await _finish(last, BacktestStatus.DONE, now, hash_=_hash(last))


@lru_cache(maxsize=16)
def _policy(text: str) -> Policy:
    return reader.parse(text)


def both(programme: Programme, backtest: Backtest) -> tuple[Programme, Programme]:
    """The versions of each side: the baseline, and the same with the candidate in its period."""
    baseline = _baseline(programme, backtest.baseline)
    policy = _policy(backtest.candidate)
    candidate = Version(backtest.id, 0, backtest.from_at, policy)
    return baseline, sides.versions_of(baseline, candidate, backtest.until_at)


def figures(programme: Programme, backtest: Backtest) -> list[tally.Row]:
    """The figures of both sides."""
    baseline = programme if backtest.baseline is None else _baseline(programme, backtest.baseline)
    policies = baseline.as_of(backtest.until_at).policy, _policy(backtest.candidate)
    return tally.figures(backtest.sums, policies)


def _played(programme: Programme, backtest: Backtest, lives: Sequence[Life]) -> Tally:
    rules = both(programme, backtest)
    made = Tally(deepcopy(backtest.sums), backtest.played, backtest.assumed)
    for life in lives:
        baseline, candidate = (_play(life, versions, backtest.cutoff) for versions in rules)
        tally.add_member(made, (baseline, candidate), backtest.period)
    return made


def _play(life: Life, versions: Programme, cutoff: datetime) -> sides.Side:
    side = sides.begin(life, versions)
    for fact in life.facts:
        playing.play(side, fact)
    sides.advance(side, cutoff)
    return side


async def _keep(backtest: Backtest, made: Tally, ids: Sequence[UUID]) -> None:
    """Sums and position together, where nobody else has written them."""
    await update(
        "UPDATE backtest SET status = 'RUNNING', members = greatest(members, $2), "
        "played = $2, assumed = $3, position = $4, "
        "sums = $5::jsonb WHERE id = $1 AND status IN ('QUEUED', 'RUNNING') "
        "AND position IS NOT DISTINCT FROM $6",
        backtest.id,
        made.members,
        made.assumed,
        ids[-1] if ids else backtest.position,
        orjson.dumps(made.sums).decode(),
        backtest.position,
    )


async def _finish(
    backtest: Backtest,
    status: BacktestStatus,
    now: datetime,
    *,
    failure: str | None = None,
    hash_: bytes | None = None,
) -> None:
    await update(
        "UPDATE backtest SET status = $2, finished_at = $3, failure = $4, hash = $5 "
        "WHERE id = $1 AND status IN ('QUEUED', 'RUNNING')",
        backtest.id,
        status,
        now,
        failure,
        hash_,
    )


def _hash(backtest: Backtest) -> bytes:
    """Of what was asked and what came out: the same where both are."""
    asked = [backtest.candidate, backtest.baseline, backtest.from_at, backtest.until_at]
    said = [backtest.cutoff, backtest.members, backtest.assumed, backtest.omitted, backtest.sums]
    return canonical.sha256([*asked, *said])


_SELECT = "SELECT * FROM backtest"


def _backtest(found: Row) -> Backtest:
    return Backtest(
        **{
            **found,
            "status": BacktestStatus(found["status"]),
            "sums": orjson.loads(found["sums"]),
            "omitted": orjson.loads(found["omitted"]),
        }
    )
