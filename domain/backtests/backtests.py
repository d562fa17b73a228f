"""Back-tests: asked for by staff, cancelled, and read; old ones are removed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import orjson

from domain.backtests import sides, tally
from domain.backtests.tally import Period
from domain.kernel import dates
from domain.kernel.database import Row, row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_day
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.refusals import Instant, InvalidInput, NotFound, Refusal
from domain.programmes import reader, sources, succession
from domain.programmes.policy import Policy
from domain.programmes.programmes import BEGINNING, Programme, Version
from domain.programmes.sources import OfVersion, Source

WAITING_MAX = 20
KEPT_MAX = 100
"""Most finished back-tests kept of each programme, the latest ones."""

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
    """What a back-test compares: a document with another one, as if that had always been in force,
    or with the versions in force.

    Facts count that occurred from `from_` until `until`, exclusive, and were recorded before
    `cutoff` (UTC).
    """

    candidate: Source
    baseline: Source | None = None
    from_: datetime | None = None
    until: datetime | None = None
    cutoff: datetime | None = None
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A back-test as lists show it; `played` of its `members` are done in this `round`.

    `clipping` is the progress of clipping claims on budgets, None while members are played.
    """

    id: UUID
    programme_id: UUID
    status: BacktestStatus
    baseline: int | None
    segment: str | None
    from_at: datetime
    until_at: datetime
    cutoff: datetime
    created_by: str
    created_at: datetime
    members: int
    played: int
    assumed: int
    round: int
    clipping: list[Any] | None
    position: UUID | None
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


@dataclass(frozen=True, slots=True)
class Backtest(Listed):
    """A back-test with the text of its candidate, and the sums so far.

    `baseline_text` is the document that it is compared with, if that is not a published version.
    """

    candidate: str
    baseline_text: str | None
    sums: dict[str, Any]


async def start(request: Request, programme: Programme, sent: BacktestSent) -> Outcome:
    """Put a back-test in the queue; figures: `backtest_id`.

    Raises: PolicyInvalid, InvalidInput, NotFound, IdempotencyKeyReused.
    """
    named = {
        "candidate": sources.named(sent.candidate),
        "baseline": _named(sent.baseline),
        "from": sent.from_,
        "until": sent.until,
        "cutoff": sent.cutoff,
        **({"segment": sent.segment} if sent.segment is not None else {}),
    }
    perform = partial(_start, request, programme, sent)
    return await once(request, "startBacktest", named, perform)


def _named(baseline: Source | None) -> int | dict[str, Any] | None:
    """The content by which repeated requests are compared; a version is its number."""
    if isinstance(baseline, OfVersion):
        return baseline.number
    return None if baseline is None else sources.named(baseline)


async def _start(request: Request, programme: Programme, sent: BacktestSent) -> Figures:
    text, candidate = await _document(programme, sent.candidate, "candidate")
    number, compared = await _compared(programme, sent.baseline)
    baseline = _baseline(programme, number, compared)
    until = sent.until or request.now
    from_ = sent.from_ or until - timedelta(days=DAYS_DEFAULT)
    cutoff = sent.cutoff or until
    _check_period(programme, (from_, until, cutoff), request.now, chosen=sent)
    _check_segment(sent.segment, (baseline.as_of(until).policy, candidate))
    await _make_room(programme)
    backtest_id = new_id()
    await rows(
        "INSERT INTO backtest (id, programme_id, status, candidate, baseline, baseline_text, "
        "from_at, until_at, cutoff, created_by, created_at, segment, members, sums, omitted) "
        "SELECT $1, $2, 'QUEUED', $3, $4::int, $11::text, $5, $6, $7::timestamptz, $8, $9, $10, "
        "(SELECT count(*) FROM member WHERE programme_id = $2 AND joined_at < $7), '{}', '[]' "
        "RETURNING id",
        backtest_id,
        programme.id,
        text,
        number,
        from_,
        until,
        cutoff,
        request.caller.actor,
        request.now,
        sent.segment,
        compared,
    )
    return {"backtest_id": str(backtest_id)}


def _check_segment(code: str | None, policies: Sequence[Policy]) -> None:
    """Raises: NotFound."""
    known = dict.fromkeys(one.code for policy in policies for one in policy.segments)
    if code is not None and code not in known:
        raise NotFound("segment", code[:SHOWN_CHARACTERS_MAX], tuple(known), path=("segment",))


async def _document(programme: Programme, source: Source, name: str) -> tuple[str, Policy]:
    """The text in the input field of this name, and its policy for the programme.

    Raises: PolicyInvalid, InvalidInput, NotFound.
    """
    try:
        text = await sources.read(programme.id, source)
        policy = await asyncio.to_thread(reader.parse, text)
        succession.check(policy, [version.policy for version in programme.versions])
    except Refusal as refusal:
        [kind] = sources.named(source)
        refusal.path = (name, kind, *refusal.path[1:])
        raise
    return text, policy


async def _compared(programme: Programme, baseline: Source | None) -> tuple[int | None, str | None]:
    """The number of the version to compare with, or the text of a document that is no version.

    Raises: PolicyInvalid, InvalidInput, NotFound.
    """
    if isinstance(baseline, OfVersion):
        return baseline.number, None
    if baseline is None:
        return None, None
    return None, (await _document(programme, baseline, "baseline"))[0]


def _baseline(programme: Programme, number: int | None, text: str | None) -> Programme:
    """The versions in force, or one document as if it had always been in force. Raises:
    NotFound.
    """
    if text is not None:
        given = Version(programme.id, 0, BEGINNING, _policy(text))
        return replace(programme, versions=(given,))
    if number is None:
        return programme
    for version in programme.versions:
        if version.number == number:
            return replace(programme, versions=(replace(version, effective_from=BEGINNING),))
    raise NotFound("version", str(number), path=("baseline", "version"))


def _check_period(
    programme: Programme,
    instants: tuple[datetime, datetime, datetime],
    now: datetime,
    *,
    chosen: BacktestSent,
) -> None:
    """Raises: InvalidInput."""
    from_, until, cutoff = instants
    check_day(dates.local_date(from_, programme.versions[-1].policy.zone), ("from",))
    names = {"until": until, "cutoff": cutoff}
    for name, instant in names.items():
        if instant > now:
            raise InvalidInput("in_future", Instant.of(instant), (Instant.of(now),), path=(name,))
    for name, instant in names.items():
        if instant <= from_:
            least = (Instant.of(from_),)
            raise InvalidInput("not_after_from", Instant.of(instant), least, path=(name,))
    first = programme.versions[0].effective_from
    if chosen.baseline is None and from_ < first:
        raise InvalidInput(
            "before_first_version", Instant.of(from_), (Instant.of(first),), path=("from",)
        )


async def _make_room(programme: Programme) -> None:
    """Remove the oldest finished back-tests to make room for one more; another start at the same
    time waits here.

    Raises: InvalidInput.
    """
    await row("SELECT id FROM programme WHERE id = $1 FOR NO KEY UPDATE", programme.id)
    found = await row(
        "SELECT count(*) AS count FROM backtest WHERE programme_id = $1 "
        "AND status IN ('QUEUED', 'RUNNING')",
        programme.id,
    )
    if found and found["count"] >= WAITING_MAX:
        most = (str(WAITING_MAX),)
        raise InvalidInput("too_many_backtests", str(found["count"]), most, path=("candidate",))
    # a lookup for each back-test; the planner may turn NOT EXISTS into a join with all claims
    await update(
        "DELETE FROM backtest WHERE id IN (SELECT b.id FROM backtest b WHERE b.programme_id = $1 "
        "AND b.finished_at IS NOT NULL AND (SELECT c.backtest_id FROM backtest_claim c "
        "WHERE c.backtest_id = b.id LIMIT 1) IS NULL "
        "ORDER BY b.created_at DESC, b.id DESC OFFSET $2)",
        programme.id,
        KEPT_MAX - 1,
    )


async def cancel(request: Request, programme: Programme, backtest_id: UUID) -> Outcome:
    """Stop a back-test; one that is finished stays as it is.

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
    return Backtest(**_read(found)) if found else None


async def get(programme_id: UUID, backtest_id: UUID) -> Backtest:
    """Raises: NotFound."""
    found = await find(programme_id, backtest_id)
    if found is None:
        raise NotFound("backtest", str(backtest_id), path=("backtest",))
    return found


async def page(programme_id: UUID, *, limit: int, after: Sequence[Any] | None) -> list[Listed]:
    """At most `limit` back-tests, the latest first, after the one with this instant and id."""
    found = await rows(
        f"SELECT {_LISTED} FROM backtest WHERE programme_id = $1 "
        f"AND {beyond('created_at, id', 2, *AT_ID, descending=True)} "
        "ORDER BY created_at DESC, id DESC LIMIT $4",
        programme_id,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [Listed(**_read(one)) for one in found]


async def whole(backtest_ids: Sequence[UUID]) -> dict[UUID, Backtest]:
    """These back-tests with texts and sums; one query for all of them."""
    found = await rows(f"{_SELECT} WHERE id = ANY($1::uuid[])", list(backtest_ids))
    return {one["id"]: Backtest(**_read(one)) for one in found}


async def count(programme_id: UUID) -> int:
    found = await row(
        "SELECT count(*) AS count FROM backtest WHERE programme_id = $1", programme_id
    )
    return int(found["count"]) if found else 0


@lru_cache(maxsize=16)
def _policy(text: str) -> Policy:
    return reader.parse(text)


def both(programme: Programme, backtest: Backtest) -> tuple[Programme, Programme]:
    """The versions of each side: the baseline, and the baseline with the candidate in its
    period.
    """
    baseline = _baseline(programme, backtest.baseline, backtest.baseline_text)
    policy = _policy(backtest.candidate)
    candidate = Version(backtest.id, 0, backtest.from_at, policy)
    return baseline, sides.versions_of(baseline, candidate, backtest.until_at)


def read_by(programme: Programme, backtest: Backtest) -> tuple[Policy, Policy]:
    """The policy with which each side is reported at the end of the period."""
    baseline = _baseline(programme, backtest.baseline, backtest.baseline_text)
    return baseline.as_of(backtest.until_at).policy, _policy(backtest.candidate)


def figures(programme: Programme, backtest: Backtest) -> list[tally.Row]:
    """The figures of both sides."""
    return tally.figures(backtest.sums, read_by(programme, backtest))


_LISTED = ", ".join(one.name for one in fields(Listed))
_SELECT = f"SELECT {_LISTED}, candidate, baseline_text, sums FROM backtest"
_JSON = ("clipping", "omitted", "sums")


def _read(found: Row) -> dict[str, Any]:
    read = {key: orjson.loads(found[key]) for key in _JSON if found.get(key) is not None}
    return {**found, **read, "status": BacktestStatus(found["status"])}
