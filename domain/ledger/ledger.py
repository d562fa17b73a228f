"""The ledger of points: entries between buckets, held in lots, chained by hash; insert-only.

A write locks the member's account, posts in memory (`domain.ledger.journal`) and is written here in
a few statements. A read applies what has fallen due without writing it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from domain.kernel import dates
from domain.kernel.database import Row, row, rows, update
from domain.ledger import holds
from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.journal import Balances, Bucket, Entry, EntryKind, Journal
from domain.ledger.lots import Hold, Lot, Touch
from models import Allocation, LedgerEntry
from models import Lot as LotTable

_LOT_COLUMNS = (
    "id, points, remaining, earned_at, available_at, expires_at, policy_version_id, funder, "
    "booking_id, line_number, matures_at, matured_expires_at"
)
_LOT_FIELDS = tuple(_LOT_COLUMNS.split(", "))
_COLUMNS_OF_L = ", ".join(f"l.{name}" for name in _LOT_FIELDS)


async def lock(member_id: UUID, now: datetime) -> tuple[Journal, Row]:
    """Lock the member's account, load its live lots and holds, and post what has fallen due.

    Inside a transaction. The row is the account's, for what it says beside the balances.
    """
    return await _load(member_id, now, "FOR UPDATE")


async def post_due(member_id: UUID, now: datetime) -> int:
    """Write what has fallen due for the member, in a transaction; how many entries it took."""
    journal, _ = await lock(member_id, now)
    await write(journal)
    return len(journal.entries)


async def peek(member_id: UUID, now: datetime) -> tuple[Journal, Row]:
    """The same without the lock, for what is only asked; never write this journal."""
    return await _load(member_id, now, "")


async def _load(member_id: UUID, now: datetime, lock_clause: str) -> tuple[Journal, Row]:
    account = await row(f"SELECT * FROM account WHERE member_id = $1 {lock_clause}", member_id)
    if account is None:
        raise LookupError(f"member {member_id} has no account")
    live = (await live_state([member_id], held=account["held"] > 0))[member_id]
    journal = Journal(
        member_id=member_id,
        now=now,
        balances=_balances(account),
        sequence=account["sequence"],
        sequence_before=account["sequence"],
        last_hash=account["last_hash"],
        last_recorded_at=account["last_recorded_at"],
        last_effective_at=account["last_effective_at"],
        lots={lot.id: lot for lot in live.lots},
        holds={hold.redemption_id: hold for hold in live.holds},
    )
    # behind decisions about its tier too, so that what these rested on had come before them
    journals.advance(journal, max(now, account["tier_recorded_at"] or now))
    return journal, account


async def lock_both(first: UUID, second: UUID, now: datetime) -> dict[UUID, tuple[Journal, Row]]:
    """Lock two members' accounts in the order of their ids, so that no two calls deadlock."""
    return {member_id: await lock(member_id, now) for member_id in sorted((first, second))}


async def load_drawn(journal: Journal, redemption_id: UUID) -> tuple[Touch, ...]:
    """What a redemption has out of each lot, in the order last drawn, its lots brought in.

    Every entry of the redemption counts: what was given back before, to these lots or in new
    ones, is not out any more.
    """
    found = await rows(
        f"SELECT sum(a.points)::bigint AS touched, {_COLUMNS_OF_L} "
        "FROM allocation a "
        "JOIN ledger_entry e ON e.member_id = a.member_id AND e.id = a.entry_id "
        "JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id "
        "WHERE a.member_id = $1 AND e.member_id = $1 AND l.member_id = $1 "
        "AND e.redemption_id = $2 "
        f"GROUP BY {_COLUMNS_OF_L} HAVING sum(a.points) <> 0 "
        "ORDER BY max(a.id::text) FILTER (WHERE a.points < 0)",
        journal.member_id,
        redemption_id,
    )
    touches, returned = [], 0
    for lot in found:
        touch = Touch(lot["id"], lot.pop("touched"))
        journal.lots.setdefault(touch.lot_id, Lot(**lot))
        if touch.points < 0:
            touches.append(touch)
        else:
            returned += touch.points
    back = {touch.lot_id: touch.points for touch in lot_rules.restore(touches, returned)}
    left = (Touch(one.lot_id, one.points + back.get(one.lot_id, 0)) for one in touches)
    return tuple(touch for touch in left if touch.points)


async def write(journal: Journal) -> None:
    """Write what was posted: entries, lots, allocations, and the account's new state."""
    if not journal.entries:
        return
    member_id = journal.member_id
    await LotTable.bulk_create(
        LotTable(
            member_id=member_id,
            matured_entry_id=journal.matured.get(lot.id),
            **{name: getattr(lot, name) for name in _LOT_FIELDS},
        )
        for lot in (journal.lots[lot_id] for lot_id in sorted(journal.new_lot_ids))
    )
    await LedgerEntry.bulk_create(_entry_row(member_id, entry) for entry in journal.entries)
    await Allocation.bulk_create(
        Allocation(
            member_id=member_id,
            id=journal.new_id(),
            entry_id=entry.id,
            lot_id=touch.lot_id,
            points=touch.points,
        )
        for entry in journal.entries
        for touch in entry.touches
    )
    await _write_remaining(journal)
    await _write_matured(journal)
    await holds.write_released(journal)
    await _write_account(journal)


def _entry_row(member_id: UUID, entry: Entry) -> LedgerEntry:
    return LedgerEntry(
        member_id=member_id,
        id=entry.id,
        sequence=entry.sequence,
        kind=entry.kind,
        from_bucket=entry.source,
        to_bucket=entry.target,
        points=entry.points,
        effective_at=entry.effective_at,
        recorded_at=entry.recorded_at,
        pending_after=entry.after.pending,
        available_after=entry.after.available,
        held_after=entry.after.held,
        owed_after=entry.after.owed,
        booking_id=entry.cause.booking_id,
        activity_id=entry.cause.activity_id,
        redemption_id=entry.cause.redemption_id,
        refund_id=entry.cause.refund_id,
        amendment_id=entry.cause.amendment_id,
        transfer_id=entry.cause.transfer_id,
        holds_until=entry.cause.holds_until,
        actor=entry.cause.actor,
        reason=entry.cause.reason,
        hash_version=entry.hash_version,
        hash=entry.hash,
    )


async def _write_remaining(journal: Journal) -> None:
    before = journal.remaining_before
    if not before:
        return
    touched = list(before)
    count = await update(
        "UPDATE lot SET remaining = new.remaining "
        "FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS new (id, before, remaining) "
        "WHERE lot.member_id = $1 AND lot.id = new.id AND lot.remaining = new.before",
        journal.member_id,
        touched,
        [before[lot_id] for lot_id in touched],
        [journal.lots[lot_id].remaining for lot_id in touched],
    )
    if count != len(touched):
        raise RuntimeError(f"lots of member {journal.member_id} changed outside its lock")


async def _write_matured(journal: Journal) -> None:
    """What a lot's maturing sets, set once; a lot that is new here was written with it."""
    matured = [lot_id for lot_id in journal.matured if lot_id not in journal.new_lot_ids]
    if not matured:
        return
    count = await update(
        "UPDATE lot SET available_at = new.available_at, expires_at = new.expires_at, "
        "matured_entry_id = new.entry_id "
        "FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::uuid[]) "
        "AS new (id, available_at, expires_at, entry_id) "
        "WHERE lot.member_id = $1 AND lot.id = new.id AND lot.available_at IS NULL",
        journal.member_id,
        matured,
        [journal.lots[lot_id].available_at for lot_id in matured],
        [journal.lots[lot_id].expires_at for lot_id in matured],
        [journal.matured[lot_id] for lot_id in matured],
    )
    if count != len(matured):
        raise RuntimeError(f"lots of member {journal.member_id} matured outside its lock")


async def _write_account(journal: Journal) -> None:
    after = journal.balances
    count = await update(
        "UPDATE account SET pending = $3, available = $4, held = $5, owed = $6, sequence = $7, "
        "last_hash = $8, last_recorded_at = $9, last_effective_at = $10, next_due_at = $11 "
        "WHERE member_id = $1 AND sequence = $2",
        journal.member_id,
        journal.sequence_before,
        after.pending,
        after.available,
        after.held,
        after.owed,
        journal.sequence,
        journal.last_hash,
        journal.last_recorded_at,
        journal.last_effective_at,
        lot_rules.next_due_at(journal.lots.values(), journal.holds.values()),
    )
    if count != 1:
        raise RuntimeError(f"account {journal.member_id} changed outside its lock")


def _balances(account: Mapping[str, Any]) -> Balances:
    return Balances(account["pending"], account["available"], account["held"], account["owed"])


# Reads.


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points and the last local date on which they can be spent."""

    points: int
    on: date


@dataclass(frozen=True, slots=True)
class Live:
    """A member's lots with points left or held, and its open holds."""

    lots: tuple[Lot, ...] = ()
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """An account at an instant: its balances, and the lots that make them up."""

    balances: Balances = field(default_factory=Balances)
    lots: tuple[Lot, ...] = ()


def state_now(member_id: UUID, balances: Balances, live: Live, now: datetime) -> State:
    """The state with what has fallen due by `now` applied; nothing is written."""
    journal = Journal(
        member_id=member_id,
        now=now,
        balances=balances,
        lots={lot.id: lot for lot in live.lots},
        holds={hold.redemption_id: hold for hold in live.holds},
    )
    journals.advance(journal, now)
    return _state(journal)


def _state(journal: Journal) -> State:
    return State(journal.balances, tuple(lot for lot in journal.lots.values() if lot.remaining))


def expiry_schedule(lots: Iterable[Lot], now: datetime, zone: ZoneInfo) -> list[Expiring]:
    """Available points by their last valid date; they add up to the available balance."""
    by_day: dict[date, int] = {}
    for lot in lots:
        if lot.spendable(now):
            day = dates.last_valid_date(lot.expires_at, zone)
            by_day[day] = by_day.get(day, 0) + lot.remaining
    return [Expiring(points, day) for day, points in sorted(by_day.items())]


async def live_state(member_ids: Sequence[UUID], *, held: bool = True) -> dict[UUID, Live]:
    """Lots and holds of each member, a statement each for all of them.

    `held` false says that none of them holds any points.
    """
    found = await rows(
        f"SELECT member_id, {_LOT_COLUMNS} FROM lot "
        "WHERE member_id = ANY($1::uuid[]) AND remaining > 0",
        list(member_ids),
    )
    lots: dict[UUID, dict[UUID, Lot]] = {member_id: {} for member_id in member_ids}
    for lot in found:
        of_member = lots[lot.pop("member_id")]
        of_member[lot["id"]] = Lot(**lot)
    open_holds = await holds.of_members(member_ids) if held else {}
    for member_id, opened in open_holds.items():
        lots[member_id].update({lot.id: lot for lot in opened.lots})
    return {
        member_id: Live(
            tuple(lots[member_id].values()),
            tuple(open_holds[member_id].holds.values()) if member_id in open_holds else (),
        )
        for member_id in member_ids
    }


async def state_at(member_id: UUID, instant: datetime) -> State:
    """The account as it stood at `instant`, the same whenever it is asked.

    Entries effective by then, and what had fallen due by then whether or not it was posted.
    """
    return (await states_at([member_id], instant))[member_id]


async def states_at(member_ids: Sequence[UUID], instant: datetime) -> dict[UUID, State]:
    """Accounts as they stood at `instant`, a few statements for all of them."""
    found = await journals_at(member_ids, instant)
    return {member_id: _state(journal) for member_id, journal in found.items()}


async def journals_at(member_ids: Sequence[UUID], instant: datetime) -> dict[UUID, Journal]:
    """Accounts as they stood at `instant`, their entries what had fallen due and was not
    recorded behind the entry of `sequence_before`; never write these journals.
    """
    last = await _last_entries(member_ids, instant)
    reached = {member_id: entry["sequence"] for member_id, entry in last.items()}
    lots = await _lots_behind(reached)
    held = [member_id for member_id, entry in last.items() if entry["held"]]
    opened = await holds.of_members(held, reached) if held else {}
    found = {member_id: Journal(member_id=member_id, now=instant) for member_id in member_ids}
    for member_id, entry in last.items():
        member_holds = opened[member_id].holds if member_id in opened else {}
        found[member_id] = Journal(
            member_id=member_id,
            now=instant,
            balances=_balances(entry),
            sequence=entry["sequence"],
            sequence_before=entry["sequence"],
            last_effective_at=entry["effective_at"],
            lots={lot.id: lot for lot in lots[member_id]},
            holds=member_holds,
        )
        journals.advance(found[member_id], instant)
    return found


async def _last_entries(member_ids: Sequence[UUID], instant: datetime) -> dict[UUID, Row]:
    found = await rows(
        "SELECT last.* FROM unnest($1::uuid[]) AS whose (id) CROSS JOIN LATERAL ("
        "SELECT member_id, sequence, effective_at, pending_after AS pending, "
        "available_after AS available, held_after AS held, owed_after AS owed "
        "FROM ledger_entry e WHERE e.member_id = whose.id AND e.effective_at <= $2 "
        "ORDER BY e.effective_at DESC, e.sequence DESC LIMIT 1) AS last",
        list(member_ids),
        instant,
    )
    return {entry["member_id"]: entry for entry in found}


async def _lots_behind(reached: Mapping[UUID, int]) -> dict[UUID, list[Lot]]:
    """Each member's lots as they stood behind its entry of this sequence.

    What the entries left in each lot is added up first: joined in one go, the planner may pair
    every entry of a member with every lot.
    """
    columns = _COLUMNS_OF_L.replace("l.remaining, ", "")
    found = await rows(
        "WITH left_in AS MATERIALIZED ("
        "SELECT a.member_id, a.lot_id, whose.sequence, sum(a.points)::bigint AS remaining "
        "FROM unnest($1::uuid[], $2::bigint[]) AS whose (id, sequence) "
        "JOIN ledger_entry e ON e.member_id = whose.id AND e.sequence <= whose.sequence "
        "JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id "
        "GROUP BY a.member_id, a.lot_id, whose.sequence) "
        f"SELECT l.member_id, left_in.sequence, {columns}, left_in.remaining, "
        "m.sequence AS matured_by FROM left_in "
        "JOIN lot l ON l.member_id = left_in.member_id AND l.id = left_in.lot_id "
        "LEFT JOIN ledger_entry m ON m.member_id = l.member_id AND m.id = l.matured_entry_id",
        list(reached),
        list(reached.values()),
    )
    lots: dict[UUID, list[Lot]] = {member_id: [] for member_id in reached}
    for lot in found:
        of_member = lots[lot.pop("member_id")]
        of_member.append(_lot_then(lot, lot.pop("sequence")))
    return lots


def _lot_then(found: Row, sequence: int) -> Lot:
    """A lot as it stood behind that entry: one that matured later was still pending."""
    matured_by = found.pop("matured_by")
    lot = Lot(**found)
    if matured_by is None or matured_by <= sequence:
        return lot
    return replace(lot, available_at=None, expires_at=None)


async def balances_at(member_id: UUID, instant: datetime) -> Balances:
    """The balances of `state_at`."""
    return (await state_at(member_id, instant)).balances


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of a member's ledger as it is shown."""

    member_id: UUID
    id: UUID
    sequence: int
    kind: EntryKind
    from_bucket: str
    to_bucket: str
    points: int
    available_after: int
    effective_at: datetime
    recorded_at: datetime
    expires_at: datetime | None
    booking_id: UUID | None
    booking_reference: str | None
    amendment_id: UUID | None
    activity_id: UUID | None
    activity_type: str | None
    redemption_id: UUID | None
    redeemed_at: datetime | None
    transfer_id: UUID | None
    reward_names: dict[str, str] | None
    reason: str | None

    @property
    def available_change(self) -> int:
        return (self.to_bucket == Bucket.AVAILABLE) * self.points - (
            self.from_bucket == Bucket.AVAILABLE
        ) * self.points

    @property
    def pending_change(self) -> int:
        return (self.to_bucket == Bucket.PENDING) * self.points - (
            self.from_bucket == Bucket.PENDING
        ) * self.points


_ENTRY_SELECT = """
SELECT e.member_id, e.id, e.sequence, e.kind, e.from_bucket, e.to_bucket, e.points,
    e.available_after, e.effective_at, e.recorded_at, e.reason,
    (SELECT min(l.expires_at)
        FROM allocation a JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id
        WHERE a.member_id = e.member_id AND a.entry_id = e.id AND a.points > 0) AS expires_at,
    e.booking_id, b.reference AS booking_reference, e.amendment_id,
    e.activity_id, v.type AS activity_type,
    e.redemption_id, r.created_at AS redeemed_at, e.transfer_id, w.names AS reward_names
FROM ledger_entry e
LEFT JOIN booking b ON b.member_id = e.member_id AND b.id = e.booking_id
LEFT JOIN activity v ON v.member_id = e.member_id AND v.id = e.activity_id
LEFT JOIN redemption r ON r.member_id = e.member_id AND r.id = e.redemption_id
LEFT JOIN reward w ON w.id = r.reward_id
"""

_ENTRY_FILTER = """
WHERE e.member_id = whose.id
    AND ($2::text[] IS NULL OR e.kind = ANY($2::text[]))
    AND ($3::timestamptz IS NULL OR e.effective_at >= $3)
    AND ($4::timestamptz IS NULL OR e.effective_at < $4)
"""


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Kinds, and effective instants from (inclusive) until (exclusive)."""

    kinds: tuple[EntryKind, ...] | None = None
    from_: datetime | None = None
    until: datetime | None = None


def _filter_values(member_ids: Sequence[UUID], wanted: EntryFilter) -> tuple[Any, ...]:
    kinds = None if wanted.kinds is None else [str(kind) for kind in wanted.kinds]
    return list(member_ids), kinds, wanted.from_, wanted.until


async def entries(
    member_id: UUID, wanted: EntryFilter, *, limit: int, before: int | None = None
) -> list[EntryRow]:
    """At most `limit` entries, newest first, those with a sequence below `before`."""
    return (await pages([member_id], wanted, limit, before))[member_id]


async def pages(
    member_ids: Sequence[UUID], wanted: EntryFilter, limit: int, before: int | None
) -> dict[UUID, list[EntryRow]]:
    """The same page of each member's entries, one statement for all of them."""
    found = await rows(
        f"SELECT page.* FROM unnest($1::uuid[]) AS whose (id) CROSS JOIN LATERAL ("
        f"{_ENTRY_SELECT} {_ENTRY_FILTER} AND ($5::bigint IS NULL OR e.sequence < $5) "
        "ORDER BY e.sequence DESC LIMIT $6) AS page ORDER BY page.sequence DESC",
        *_filter_values(member_ids, wanted),
        before,
        limit,
    )
    by_member: dict[UUID, list[EntryRow]] = {member_id: [] for member_id in member_ids}
    for found_row in found:
        by_member[found_row["member_id"]].append(_entry(found_row))
    return by_member


@dataclass(frozen=True, slots=True)
class Stretch:
    """Instants, both inclusive, and the sequence behind which nothing counts."""

    member_id: UUID
    start: datetime
    as_of: datetime
    reached: int


async def stretches(asked: Sequence[Stretch], limit: int) -> list[list[EntryRow]]:
    """The first `limit` entries of each stretch in their order, one statement for all."""
    found = await rows(
        "SELECT asked.place, page.* FROM "
        "unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::bigint[]) "
        "WITH ORDINALITY AS asked (id, start, as_of, reached, place) CROSS JOIN LATERAL ("
        f"{_ENTRY_SELECT} WHERE e.member_id = asked.id AND e.effective_at >= asked.start "
        "AND e.effective_at <= asked.as_of AND e.sequence <= asked.reached "
        "ORDER BY e.sequence LIMIT $5) AS page ORDER BY asked.place, page.sequence",
        [stretch.member_id for stretch in asked],
        [stretch.start for stretch in asked],
        [stretch.as_of for stretch in asked],
        [stretch.reached for stretch in asked],
        limit,
    )
    by_place: list[list[EntryRow]] = [[] for _ in asked]
    for found_row in found:
        by_place[found_row.pop("place") - 1].append(_entry(found_row))
    return by_place


async def count_entries(member_id: UUID, wanted: EntryFilter) -> int:
    return (await counts([member_id], wanted))[member_id]


async def counts(member_ids: Sequence[UUID], wanted: EntryFilter) -> dict[UUID, int]:
    """How many entries each member has, one statement for all of them."""
    found = await rows(
        "SELECT whose.id, (SELECT count(*) FROM ledger_entry e "
        f"{_ENTRY_FILTER}) AS count FROM unnest($1::uuid[]) AS whose (id)",
        *_filter_values(member_ids, wanted),
    )
    return {member["id"]: member["count"] for member in found}


async def entries_by_id(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> list[EntryRow]:
    """Entries of the programme's members by (member id, id); what does not exist is left out."""
    found = await rows(
        f"{_ENTRY_SELECT} JOIN account c ON c.member_id = e.member_id "
        "WHERE e.member_id = ANY($1::uuid[]) AND e.id = ANY($2::uuid[]) AND c.programme_id = $3",
        [member_id for member_id, _ in ids],
        [entry_id for _, entry_id in ids],
        programme_id,
    )
    return [_entry(found_row) for found_row in found]


def _entry(found: Row) -> EntryRow:
    names = found.pop("reward_names")
    kind = EntryKind(found.pop("kind"))
    return EntryRow(**found, kind=kind, reward_names=orjson.loads(names) if names else None)
