"""Reading of entries: filtered, page by page, by sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from domain.kernel import private_texts
from domain.kernel.callers import Caller
from domain.kernel.database import row, rows, tuples
from domain.kernel.pages import beyond
from domain.kernel.queries import Query, ask_one, of_each, positions, query
from domain.ledger.subjects import WITH_SUBJECT, gift, reasons
from domain.ledger.values import SYSTEM, Bucket, EntryKind

_AVAILABLE, _PENDING = str(Bucket.AVAILABLE), str(Bucket.PENDING)
"""As rows have them: looking a member of an enum up takes a call, some hundred times a page."""


class EntryCause(NamedTuple):
    """Cause of an entry."""

    kind: EntryKind
    recorded_at: datetime
    booking_id: UUID | None
    amendment_id: UUID | None
    refund_id: UUID | None
    activity_id: UUID | None


class EntryRow(NamedTuple):
    """One line of a member's ledger, as shown.

    An entry that is due but not `recorded` yet already has its later id and sequence; its
    `recorded_at` is the instant at which it was computed. `reasons` is why the booking or activity
    earned what it did, as JSON, and `judged_by` the policy version that decided, where these were
    requested (`with_reasons`). A `gift` is held until staff have reviewed it, and then goes to
    another member. What staff rejected is recorded as a refund of no money with a reason, and is
    not `refunded`.
    """

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
    booking_reporter: str | None
    amendment_id: UUID | None
    refunded: bool
    activity_id: UUID | None
    activity_type: str | None
    activity_version_id: UUID | None
    redemption_id: UUID | None
    redeemed_at: datetime | None
    transfer_id: UUID | None
    reward_names: dict[str, str] | None
    gift: bool
    reason: str | None
    reasons: str | None = None
    judged_by: UUID | None = None
    with_reasons: bool = False
    recorded: bool = True

    def shown_to(self, caller: Caller) -> "EntryRow":
        """The entry, without its booking where the caller may not see that, and without typed texts
        where the caller may see nothing personal.
        """
        if caller.is_kept_from_persons:
            return self._replace(reason=None)
        if self.booking_reporter is None or caller.owns(self.booking_reporter):
            return self
        hidden = self._replace(booking_id=None, booking_reference=None, booking_reporter=None)
        return hidden._replace(reasons=None, judged_by=None, with_reasons=False)

    @property
    def available_change(self) -> int:
        return self._change_of(_AVAILABLE)

    @property
    def pending_change(self) -> int:
        return self._change_of(_PENDING)

    def _change_of(self, bucket: str) -> int:
        came, went = self.to_bucket == bucket, self.from_bucket == bucket
        return (came - went) * self.points


def _entry_select(whose: str, now: str, *, with_reasons: bool = False) -> str:
    """Columns in the order of `EntryRow`.

    `whose` is a condition on the members, such as `= $1`; `now` names the parameter of the instant:
    points that matured by then have the expiry that they got by maturing.
    """
    return f"""
SELECT e.member_id, e.id, e.sequence, e.kind, e.from_bucket, e.to_bucket, e.points,
    e.available_after, e.effective_at, e.recorded_at,
    (SELECT min(CASE WHEN l.available_at IS NULL AND l.matures_at <= {now}
            THEN l.matured_expires_at ELSE l.expires_at END)
        FROM allocation a JOIN lot l ON l.member_id = a.member_id AND l.id = a.lot_id
        WHERE a.member_id = e.member_id AND a.member_id {whose} AND a.entry_id = e.id
        AND a.points > 0) AS expires_at,
    e.booking_id, b.reference, b.reporter, e.amendment_id,
    e.refund_id IS NOT NULL AND e.reason IS NULL, e.activity_id, v.type,
    v.policy_version_id, e.redemption_id, r.created_at, e.transfer_id, w.names,
    {gift(whose)},
    {private_texts.selected("e.reason", whose)},
    {reasons(whose) if with_reasons else "NULL::jsonb, NULL::uuid"}
FROM ledger_entry e {WITH_SUBJECT}
"""


def _filter(whose: str, first: int) -> str:
    """Condition on these members' entries, with `_filter_values` from this parameter on."""
    return f"""
WHERE e.member_id {whose}
    AND (${first}::text[] IS NULL OR e.kind = ANY(${first}::text[]))
    AND (${first + 1}::timestamptz IS NULL OR e.effective_at >= ${first + 1})
    AND (${first + 2}::timestamptz IS NULL OR e.effective_at < ${first + 2})
"""


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Kinds, and effective instants from (inclusive) until (exclusive)."""

    kinds: tuple[EntryKind, ...] | None = None
    from_: datetime | None = None
    until: datetime | None = None

    def takes(self, entry: EntryRow) -> bool:
        """Whether the entry meets the conditions that `_filter` sets for recorded ones."""
        return (
            (self.kinds is None or entry.kind in self.kinds)
            and (self.from_ is None or entry.effective_at >= self.from_)
            and (self.until is None or entry.effective_at < self.until)
        )


def _filter_values(wanted: EntryFilter) -> tuple[Any, ...]:
    kinds = None if wanted.kinds is None else [str(kind) for kind in wanted.kinds]
    return kinds, wanted.from_, wanted.until


@dataclass(frozen=True, slots=True)
class PageAsked:
    """At most `limit` entries with a sequence below `before`, at the instant of the operation;
    `with_reasons` also reads the reasons for what each entry earned.
    """

    wanted: EntryFilter
    limit: int
    before: int | None
    now: datetime
    with_reasons: bool = False

    def values(self) -> tuple[Any, ...]:
        """Values of the parameters of `page_select`, in its order."""
        return *_filter_values(self.wanted), self.before, self.limit, self.now


def now_of(first: int) -> str:
    """Parameter of the instant in a page whose parameters begin at `first`."""
    return f"${first + 5}"


def page_select(whose: str, first: int, *, with_reasons: bool) -> str:
    """Statement for a page of the member that `whose` selects, such as `= $1`, with the columns of
    an `EntryRow`; its parameters begin at `first`, as `PageAsked.values` gives them.
    """
    return (
        f"{_entry_select(whose, now_of(first), with_reasons=with_reasons)} "
        f"{_filter(whose, first)} "
        f"AND {beyond('e.sequence', first + 3, 'bigint', descending=True)} "
        f"ORDER BY e.sequence DESC LIMIT ${first + 4}"
    )


async def pages(member_ids: Sequence[UUID], asked: PageAsked) -> dict[UUID, list[EntryRow]]:
    """The same page for each member's entries; one statement for all."""
    page = page_select("= $1", 2, with_reasons=asked.with_reasons)
    wanted = of_each(EntryRow._fields, page, member_ids, *asked.values())
    by_member: dict[UUID, list[EntryRow]] = {member_id: [] for member_id in member_ids}
    for entry in await positions(wanted):
        by_member[entry[0]].append(to_entry(entry, with_reasons=asked.with_reasons))
    return by_member


async def following(member_id: UUID, after: int, limit: int, now: datetime) -> list[EntryRow]:
    """The first `limit` recorded entries with a sequence above `after`, by sequence."""
    found = await tuples(
        f"{_entry_select('= $1', '$4')} WHERE e.member_id = $1 AND e.sequence > $2 "
        "ORDER BY e.sequence LIMIT $3",
        member_id,
        after,
        limit,
        now,
    )
    return [to_entry(entry) for entry in found]


async def last_sequence(member_id: UUID) -> int:
    """Sequence of the member's last recorded entry; 0 where there is none."""
    found = await rows("SELECT sequence FROM account WHERE member_id = $1", member_id)
    return int(found[0]["sequence"]) if found else 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """First and last instant, both inclusive, and the last sequence that counts."""

    member_id: UUID
    start: datetime
    as_of: datetime
    reached: int


async def stretches(asked: Sequence[Stretch], limit: int) -> list[list[EntryRow]]:
    """The first `limit` entries of each stretch, by sequence; one statement for all."""
    by_place: list[list[EntryRow]] = [[] for _ in asked]
    if not asked:
        return by_place
    parts, values = [], []
    for place, stretch in enumerate(asked):
        parts.append(_stretch_select(place))
        values += [stretch.member_id, stretch.start, stretch.as_of, stretch.reached]
    sql = f"{' UNION ALL '.join(parts)} ORDER BY place, sequence"
    for place, *entry in await tuples(sql, limit, *values):
        by_place[place].append(to_entry(entry))
    return by_place


def _stretch_select(place: int) -> str:
    """The stretch at this place as a query of its own, so that it runs on its member's shard."""
    whose, start, as_of, reached = (f"${2 + 4 * place + part}" for part in range(4))
    return (
        f"SELECT {place} AS place, page.* FROM ({_entry_select(f'= {whose}', as_of)} "
        f"WHERE e.member_id = {whose} AND e.effective_at >= {start} "
        f"AND e.effective_at <= {as_of} AND e.sequence <= {reached} "
        "ORDER BY e.sequence LIMIT $1) page"
    )


async def counts(member_ids: Sequence[UUID], wanted: EntryFilter) -> dict[UUID, int]:
    """Number of entries of each member; one statement for all."""
    found = await rows(
        "SELECT e.member_id, count(*) AS count FROM ledger_entry e "
        f"{_filter('= ANY($1::uuid[])', 2)} GROUP BY e.member_id",
        list(member_ids),
        *_filter_values(wanted),
    )
    of_member = {member["member_id"]: member["count"] for member in found}
    return {member_id: of_member.get(member_id, 0) for member_id in member_ids}


async def of_others(member_ids: Sequence[UUID], actor: str) -> list[UUID]:
    """Those of these members with an entry that neither this actor nor the passage of time
    caused.
    """
    found = await rows(
        "SELECT DISTINCT member_id FROM ledger_entry WHERE member_id = ANY($1::uuid[]) "
        "AND actor NOT IN ($2, $3)",
        list(member_ids),
        actor,
        SYSTEM.actor,
    )
    return [one["member_id"] for one in found]


async def many(
    programme_id: UUID, ids: Sequence[tuple[UUID, UUID]], now: datetime
) -> dict[UUID, EntryRow]:
    """Entries by id, named by (member id, id), of members of this programme only."""
    wanted = of_each(
        EntryRow._fields,
        f"{_entry_select('= $1', '$4')} JOIN account c ON c.member_id = e.member_id "
        "WHERE e.member_id = $1 AND e.id = ANY($2::uuid[]) AND c.programme_id = $3",
        [member_id for member_id, _ in ids],
        [entry_id for _, entry_id in ids],
        programme_id,
        now,
    )
    return {entry[1]: to_entry(entry) for entry in await positions(wanted)}


async def expired_points(member_id: UUID, booking_id: UUID) -> int:
    """Number of points of the booking's own lots whose expiry is recorded."""
    found = await ask_one(query_of_expired(member_id, booking_id))
    return int(found["points"]) if found else 0


def query_of_expired(member_id: UUID, booking_id: UUID) -> Query:
    return query(
        ("points",),
        "SELECT coalesce(-sum(a.points), 0)::bigint AS points FROM lot l "
        "JOIN allocation a ON a.member_id = l.member_id AND a.lot_id = l.id "
        "JOIN ledger_entry e ON e.member_id = a.member_id AND e.id = a.entry_id "
        "WHERE l.member_id = $1 AND l.booking_id = $2 AND e.kind = 'EXPIRE'",
        member_id,
        booking_id,
    )


_KIND, _NAMES = EntryRow._fields.index("kind"), EntryRow._fields.index("reward_names")
_REASON = EntryRow._fields.index("reason")
_KINDS = {str(kind): kind for kind in EntryKind}


def to_entry(found: Sequence[Any], *, with_reasons: bool = False) -> EntryRow:
    """The entry that `page_select` found, as shown."""
    columns = [*found, with_reasons]
    columns[_KIND] = _KINDS[columns[_KIND]]
    if columns[_NAMES] is not None:
        columns[_NAMES] = orjson.loads(columns[_NAMES])
    columns[_REASON] = private_texts.shown(columns[_REASON])
    return EntryRow(*columns)


async def reasons_of(
    keys: Sequence[tuple[UUID, UUID]],
) -> dict[UUID, tuple[str | None, UUID | None]]:
    """`reasons` and `judged_by`, as in an `EntryRow`, of recorded entries; keys are (member id,
    id). One statement for all.
    """
    whose = "= ANY($1::uuid[])"
    found = await tuples(
        f"SELECT e.id, {reasons(whose)} FROM ledger_entry e {WITH_SUBJECT} "
        f"WHERE e.member_id {whose} AND e.id = ANY($2::uuid[])",
        [member_id for member_id, _ in keys],
        [entry_id for _, entry_id in keys],
    )
    known = {entry_id: (said, judged_by) for entry_id, said, judged_by in found}
    return {entry_id: known.get(entry_id, (None, None)) for _, entry_id in keys}


async def cause_of(member_id: UUID, entry_id: UUID) -> EntryCause | None:
    """Cause of a recorded entry; None where there is no such entry."""
    found = await row(
        f"SELECT {', '.join(EntryCause._fields)} FROM ledger_entry "
        "WHERE member_id = $1 AND id = $2",
        member_id,
        entry_id,
    )
    return EntryCause(**{**found, "kind": EntryKind(found["kind"])}) if found else None
