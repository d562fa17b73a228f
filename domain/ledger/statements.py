"""A statement: a member's points at the beginning of a period, the movements, and the points at its
end.

Both ends are the account's state at an instant, and changes by the passage of time are among the
movements whether or not they were recorded: the same period gives the same statement at any time. A
period consists of local days; it ends at the last instant before the following day, so points that
can be spent through its last day belong to it and expire in the next one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.kernel.database import rows
from domain.kernel.refusals import InvalidInput
from domain.ledger import lots, states
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot
from domain.ledger.values import Balances, Bucket, Entry, EntryKind

PERIOD_DAYS_MAX = 366
"""A year, leap or not."""

BUCKETS = (Bucket.AVAILABLE, Bucket.PENDING, Bucket.HELD, Bucket.OWED)
"""The member's own, in the order in which they are shown."""

INSTANT = timedelta(microseconds=1)
"""Resolution of instants in the database: nothing lies between one instant and the next."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days in the programme's zone, both inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class StatementInterval:
    """The instants (UTC) of a period, both inclusive; `as_of` is its end, or now before that."""

    start: datetime
    as_of: datetime


def month_of(day: date) -> Period:
    """The calendar month of `day`."""
    return Period(day.replace(day=1), dates.month_end(day))


def interval(period: Period, since: datetime, now: datetime, zone: ZoneInfo) -> StatementInterval:
    """The instants of a period for an account that exists since `since`; the period may still be
    running.

    Raises: InvalidInput.
    """
    first, last = period.first, period.last
    begun, today = dates.local_date(since, zone), dates.local_date(now, zone)
    days = (last - first).days + 1
    if days < 1:
        raise InvalidInput("period_backwards", str(last), (str(first),), path=("period", "through"))
    if days > PERIOD_DAYS_MAX:
        most = str(PERIOD_DAYS_MAX)
        raise InvalidInput("period_too_long", str(days), (most,), path=("period", "through"))
    if first > today:
        raise InvalidInput("period_in_future", str(first), (str(today),), path=("period", "from"))
    if last < begun:
        ends, path = str(last), ("period", "through")
        raise InvalidInput("period_before_joining", ends, (str(begun),), path=path)
    end = dates.end_of_day(last, zone) - INSTANT
    return StatementInterval(dates.start_of_day(first, zone), min(end, now))


@dataclass(frozen=True, slots=True)
class Movement:
    """Effect of all entries of one kind on one bucket: signed points, and their number."""

    kind: EntryKind
    points: int
    entries: int


@dataclass(frozen=True, slots=True)
class BucketStatement:
    """`closing` is `opening` and the movements together; `owed` counts what the member owes."""

    bucket: Bucket
    opening: int
    movements: tuple[Movement, ...]
    closing: int


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """One member's statement; two are equal when a reader sees no difference.

    `entries` is the number of each kind; `lots` are those left at the end. `due` of the entries are
    not recorded yet; the others have a sequence of at most `reached`.
    """

    member_id: UUID
    interval: StatementInterval
    buckets: tuple[BucketStatement, ...]
    entries: tuple[tuple[EntryKind, int], ...]
    lots: tuple[Lot, ...]
    reached: int = field(compare=False)
    due: tuple[Entry, ...] = field(compare=False)


async def of_members(
    member_ids: Sequence[UUID], over: StatementInterval
) -> dict[UUID, AccountStatement]:
    """Each member's statement, by a few queries for all.

    What is recorded while they are read is in both figures or in neither: entries count up to the
    sequence after which the closing balance was read.
    """
    opening = await states.states_at(member_ids, over.start - INSTANT)
    closing = await states.journals_at(member_ids, over.as_of)
    recorded = await _recorded(closing, over)
    return {
        member_id: _statement(
            over, opening[member_id].balances, closing[member_id], recorded[member_id]
        )
        for member_id in member_ids
    }


async def first_entries(member_ids: Sequence[UUID]) -> dict[UUID, datetime | None]:
    """The effective instant of each member's first entry, where there is one."""
    found = await rows(
        "SELECT member_id, effective_at FROM ledger_entry "
        "WHERE member_id = ANY($1::uuid[]) AND sequence = 1",
        list(member_ids),
    )
    first = {entry["member_id"]: entry["effective_at"] for entry in found}
    return {member_id: first.get(member_id) for member_id in member_ids}


def since(joined_at: datetime, first_entry: datetime | None) -> datetime:
    """The instant at which an account begins: joining, or the first entry if that is older."""
    return joined_at if first_entry is None else min(joined_at, first_entry)


@dataclass(frozen=True, slots=True)
class _Movement:
    """Points that `entries` entries of one kind between two buckets moved together."""

    kind: EntryKind
    source: Bucket
    target: Bucket
    points: int
    entries: int


async def _recorded(
    closing: Mapping[UUID, Journal], over: StatementInterval
) -> dict[UUID, list[_Movement]]:
    found = await rows(
        "SELECT e.member_id, e.kind, e.from_bucket, e.to_bucket, "
        "sum(e.points)::bigint AS points, count(*) AS entries "
        "FROM unnest($1::uuid[], $2::bigint[]) AS whose (id, reached) "
        "JOIN ledger_entry e ON e.member_id = whose.id AND e.sequence <= whose.reached "
        "WHERE e.member_id = ANY($1::uuid[]) AND e.effective_at >= $3 AND e.effective_at <= $4 "
        "GROUP BY e.member_id, e.kind, e.from_bucket, e.to_bucket",
        list(closing),
        [journal.sequence_before for journal in closing.values()],
        over.start,
        over.as_of,
    )
    moved: dict[UUID, list[_Movement]] = {member_id: [] for member_id in closing}
    for one in found:
        kind, source, target = EntryKind(one["kind"]), one["from_bucket"], one["to_bucket"]
        moved[one["member_id"]].append(
            _Movement(kind, Bucket(source), Bucket(target), one["points"], one["entries"])
        )
    return moved


def _statement(
    over: StatementInterval, opening: Balances, closing: Journal, recorded: Sequence[_Movement]
) -> AccountStatement:
    due = tuple(entry for entry in closing.entries if entry.effective_at >= over.start)
    unrecorded = (
        _Movement(entry.kind, entry.source, entry.target, entry.points, 1) for entry in due
    )
    moved = [*recorded, *unrecorded]
    left = (lot for lot in closing.lots.values() if lot.remaining)
    return AccountStatement(
        member_id=closing.member_id,
        interval=over,
        buckets=tuple(_bucket(bucket, opening, closing, moved) for bucket in BUCKETS),
        entries=_counts(moved),
        lots=tuple(sorted(left, key=lots.spend_order)),
        reached=closing.sequence_before,
        due=due,
    )


def _counts(moved: Sequence[_Movement]) -> tuple[tuple[EntryKind, int], ...]:
    by_kind = {kind: sum(one.entries for one in moved if one.kind is kind) for kind in EntryKind}
    return tuple((kind, entries) for kind, entries in by_kind.items() if entries)


def _bucket(
    bucket: Bucket, opening: Balances, closing: Journal, moved: Sequence[_Movement]
) -> BucketStatement:
    begin: int = getattr(opening, bucket)
    end: int = getattr(closing.balances, bucket)
    by_kind = [
        (kind, [one for one in moved if one.kind is kind and bucket in (one.source, one.target)])
        for kind in EntryKind
    ]
    movements = tuple(
        Movement(
            kind,
            sum(change(one.points, one.source, one.target, bucket) for one in those),
            sum(one.entries for one in those),
        )
        for kind, those in by_kind
        if those
    )
    if begin + sum(movement.points for movement in movements) != end:
        raise RuntimeError(f"{bucket} of member {closing.member_id} does not add up over a period")
    return BucketStatement(bucket, begin, movements, end)


def change(points: int, source: Bucket, target: Bucket, bucket: Bucket) -> int:
    """The signed change of a member's bucket, as shown, when points move."""
    changed: int = getattr(Balances().moved(points, source, target), bucket)
    return changed
