"""Verification: every invariant of the ledger, checked over the whole database.

Members are read in batches by id, each batch in one read-only snapshot (REPEATABLE READ): changes
made while it runs are seen completely or not at all, member by member, and memory stays bounded
however large the database is.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

import models
from domain.insight.reading import CITY
from domain.kernel import sealed_rows
from domain.kernel.database import row, rows, snapshot
from domain.proof import (
    audit_checks,
    books_checks,
    budget_checks,
    coupon_checks,
    delivery_checks,
    feed_checks,
    figure_checks,
    finance_checks,
    invariants,
    job_checks,
    lookup_checks,
    member_checks,
    policy_checks,
    pool_checks,
    prepaid_checks,
    proposal_checks,
    root_checks,
    seal_checks,
    standings,
    statement_checks,
    stock_checks,
)
from domain.proof.evidence import UNREADABLE, Catalogue, Fault, MemberRows, guarded, judged
from domain.proof.figure_checks import Settled, Sums, Through
from domain.proof.finance_checks import ProgrammeFinances

MEMBERS_MAX = 500
ENTRIES_MAX = 5_000
"""A batch ends with the member that reaches either; one member is always read whole."""

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)

_ALSO = {
    "member": "email, phone, reference",
    "contact": "value, digest, salt",
    "booking": "snapshot->>'status' AS member_status, snapshot->>'tier' AS tier",
    "booking_line": CITY,
    "amendment_line": CITY,
    "redemption": "jsonb_array_length(codes) AS code_count",
    "referral": "due_at, applied_at",
}
"""Columns of sealed tables that are read in addition to the sealed ones."""

_FROM = {
    # a denied enrolment has no member
    "risk_decision": "(SELECT * FROM risk_decision WHERE member_id <> programme_id) d",
}

_UNSEALED = (
    *("account", "ledger_entry", "lot", "allocation", "seal", "day_leaf"),
    *("private_text", "exposure"),
    *("tier_total", "lookup", "member_month", "member_span"),
)

_SELECTS = {
    table: f"SELECT {', '.join((sealed_rows.columns(table), *also))} FROM {_FROM.get(table, table)}"
    for table in models.SEALED
    if table not in models.CATALOGUE_TABLES
    for also in [[_ALSO[table]] if table in _ALSO else []]
} | {table: f"SELECT * FROM {table}" for table in _UNSEALED}
_SELECTS["lookup"] = (
    "SELECT member_id, row_id AS id, programme_id, scope, value, proved_at FROM lookup"
)


_JUDGED = ("lot", "tier_change", "booking", "activity")
"""Tables whose rows name the version that judged them."""


@dataclass(frozen=True, slots=True)
class Part:
    """The members after one id through another; the last part also has rows without an account."""

    after: UUID = _FIRST
    until: UUID = _LAST


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Batch:
    """The members checked in one snapshot, and their faults.

    The last batch of a part that is not everything has the sums of its members' figures. Seals by
    keys named in `unchecked` prove nothing without these keys.
    """

    members: int
    entries: int
    faults: tuple[Fault, ...]
    figures: Sums = field(default_factory=Counter)
    unchecked: frozenset[str] = frozenset()


async def count() -> int:
    """Number of accounts to check."""
    found = await row("SELECT count(*) AS count FROM account")
    return int(found["count"]) if found else 0


async def parts(members: int) -> list[Part]:
    """All members in parts with equal numbers of accounts, by id."""
    found = await rows(
        "SELECT member_id FROM (SELECT member_id, row_number() OVER (ORDER BY member_id) AS place "
        "FROM account) a WHERE place % $1::bigint = 0 ORDER BY member_id",
        members,
    )
    ends = [_FIRST, *(account["member_id"] for account in found), _LAST]
    return [Part(after, until) for after, until in pairwise(ends)]


async def batches(part: Part = WHOLE, through: Through | None = None) -> AsyncIterator[Batch]:
    """Check the members of this part, by id; at the end of the last part also all budgets and
    pools, texts, proposals, statements and the feed.

    Figures of all members are compared at the end. With `through`, the last day of figures of each
    programme, the caller gets the sums and passes them to `compare`.
    """
    compared = through is None and part == WHOLE
    known, after, sums = Catalogue({}, {}), part.after, Sums()
    if through is None:
        through = await figure_checks.settled_through()
    finances = await finance_checks.finances(through)
    while after != part.until:
        async with snapshot():
            until, size = await _end(Part(after, part.until))
            loaded = await read(after, until)
            known = await read_catalogue(known, loaded)
            ends = [member.member_id for member in loaded]
            faults = await _of_members(delivery_checks.of_members, after, until, ends)
            faults += await _of_members(job_checks.of_members, after, until, ends)
            faults += await _counters() if until == _LAST else []
            settled = await figure_checks.settled()
            days = await root_checks.read_days()
        faults += [fault for member in loaded for fault in invariants.check(member, known)]
        for member in loaded:
            faults += guarded(root_checks.of_member, member, days)
            faults += guarded(_figures, member, known, settled, through, sums)
            faults += guarded(_finances, member, finances, sums)
        entries = sum(len(member.entries) for member in loaded)
        unchecked = frozenset().union(*map(seal_checks.unchecked, loaded))
        yield Batch(size, entries, tuple(faults), unchecked=unchecked)
        after = until
    faults = await compare(sums, through) if compared else []
    yield Batch(0, 0, tuple(faults), Sums() if compared else sums)


def _figures(
    member: MemberRows,
    known: Catalogue,
    settled: Mapping[UUID, Settled],
    through: Through,
    sums: Sums,
) -> list[Fault]:
    """Faults of a member's own figures, which are added to the sums."""
    if member.account is None or not member.tables["member"]:
        return []
    programme_id = member.account["programme_id"]
    if programme_id not in settled or programme_id not in known.programmes:
        return []
    programme = known.programmes[programme_id]
    made, faults = figure_checks.check(member, programme, settled[programme_id])
    if programme_id in through:
        figure_checks.add(sums, programme_id, made, through[programme_id])
    return faults


def _finances(
    member: MemberRows, finances: Mapping[UUID, ProgrammeFinances], sums: Sums
) -> list[Fault]:
    """Faults of the values of a member's lots; the effects of its entries are added to the sums."""
    of = finances.get(member.account["programme_id"]) if member.account else None
    return finance_checks.check(member, of, sums) if of else []


async def _of_members(
    check: Callable[[UUID, UUID], Awaitable[list[Fault]]],
    after: UUID,
    until: UUID,
    ends: Sequence[UUID],
) -> list[Fault]:
    """Faults that a check finds in all of these members at once; if it cannot read the rows, in one
    member after the other, to find the one concerned.
    """
    try:
        return await check(after, until)
    except UNREADABLE:
        faults = []
        for one, following in pairwise(dict.fromkeys([after, *ends, until])):
            faults += await judged(check, one, following, of=following)
        return faults


async def compare(sums: Sums, through: Through) -> list[Fault]:
    """Faults where figures, journal or liability differ from the sums over all members."""
    faults = []
    for programme_id, last in through.items():
        own = {programme_id: last}
        faults += await judged(figure_checks.compare, sums, own, of=programme_id)
        faults += await judged(finance_checks.compare, sums, own, of=programme_id)
    return faults


_COUNTERS = (
    budget_checks.counters,
    pool_checks.counts,
    stock_checks.left,
    coupon_checks.once,
    policy_checks.programmes_read,
    policy_checks.texts,
    figure_checks.without_books,
    books_checks.days,
    proposal_checks.digests,
    audit_checks.chains,
    prepaid_checks.counters,
    job_checks.counts,
    statement_checks.statements_read_again,
    statement_checks.points_paid_once,
    feed_checks.positions,
    root_checks.of_days,
)
"""Checks of programmes, not of members."""


async def _counters() -> list[Fault]:
    return [fault for check in _COUNTERS for fault in await judged(check)]


async def _end(left: Part) -> tuple[UUID, int]:
    """The last id of the next batch, and its number of accounts.

    The last batch ends where the part does, so that rows without an account are included.
    """
    found = await rows(
        "SELECT member_id, sequence FROM account WHERE member_id > $1 AND member_id <= $2 "
        "ORDER BY member_id LIMIT $3",
        left.after,
        left.until,
        MEMBERS_MAX,
    )
    entries = 0
    for size, account in enumerate(found, start=1):
        entries += account["sequence"]
        if entries >= ENTRIES_MAX or size == MEMBERS_MAX:
            return account["member_id"], size
    return left.until, len(found)


async def read(after: UUID, until: UUID) -> list[MemberRows]:
    """All rows of the members after `after` through `until`, one query per table."""
    members: dict[UUID, MemberRows] = {}
    for table, select in _SELECTS.items():
        for found in await rows(f"{select} WHERE member_id > $1 AND member_id <= $2", after, until):
            member_id = found["member_id"]
            owner = members.get(member_id)
            if owner is None:
                owner = members[member_id] = MemberRows(member_id)
            owner.tables[table].append(found)
    await _read_codes(members)
    await _read_counterparts(members)
    await lookup_checks.read(members)
    await standings.read(members)
    return [members[member_id] for member_id in sorted(members)]


async def _read_codes(members: Mapping[UUID, MemberRows]) -> None:
    """The codes of each redemption, by its member."""
    owners = {
        redemption["id"]: owner
        for owner in members.values()
        for redemption in owner.tables["redemption"]
    }
    if owners:
        for code in await rows(
            f"SELECT {sealed_rows.columns('coupon_code')} FROM coupon_code "
            "WHERE redemption_id = ANY($1::uuid[])",
            list(owners),
        ):
            owners[code["redemption_id"]].tables["coupon_code"].append(code)


async def _read_counterparts(members: Mapping[UUID, MemberRows]) -> None:
    """The other side of each transfer, referral and merge, by the member concerned."""
    await _read_referrals(members)
    await _read_copies(members)
    await member_checks.read_ends(members)
    owners = {
        (transfer["counterpart_id"], transfer["id"]): owner
        for owner in members.values()
        for transfer in owner.tables["transfer"]
    }
    found = await rows(
        "SELECT member_id AS counterpart, id, direction, counterpart_id, points FROM transfer "
        "WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[])",
        [counterpart_id for counterpart_id, _ in owners],
        [transfer_id for _, transfer_id in owners],
    )
    for other in found:
        owner = owners.get((other["counterpart"], other["id"]))
        if owner is not None:
            owner.tables["counterpart"].append(other)


async def _read_referrals(members: Mapping[UUID, MemberRows]) -> None:
    owners = {
        (version["other_id"], version["id"]): owner
        for owner in members.values()
        for version in owner.tables["referral"]
    }
    found = await rows(
        "SELECT r.* FROM unnest($1::uuid[], $2::uuid[]) AS w (member_id, id) "
        "JOIN referral r ON r.member_id = w.member_id AND r.id = w.id "
        "WHERE r.member_id = ANY($1::uuid[])",
        [other_id for other_id, _ in owners],
        [referral_id for _, referral_id in owners],
    )
    for other in found:
        owners[other["member_id"], other["id"]].tables["referral_counterpart"].append(other)


async def _read_copies(members: Mapping[UUID, MemberRows]) -> None:
    """Copies, at the account that received a merged member's points, of what counts for that
    member.
    """
    merged = {
        owner.member_id: owner.account["merged_into"]
        for owner in members.values()
        if owner.account is not None and owner.account["merged_into"] is not None
    }
    if not merged:
        return
    found = await rows(
        "SELECT * FROM tier_credit WHERE member_id = ANY($1::uuid[]) "
        "AND source_member_id = ANY($2::uuid[])",
        list(merged.values()),
        list(merged),
    )
    for copy in found:
        if merged[copy["source_member_id"]] == copy["member_id"]:
            members[copy["source_member_id"]].tables["copied"].append(copy)


async def read_catalogue(known: Catalogue, loaded: Sequence[MemberRows]) -> Catalogue:
    """The programmes and versions that these rows name, read again only if one is new."""
    named = {owner.account["programme_id"] for owner in loaded if owner.account}
    judged = [row for owner in loaded for table in _JUDGED for row in owner.tables[table]]
    versions = {row["policy_version_id"] for row in judged}
    if named <= known.programmes.keys() and versions <= known.versions.keys():
        return known
    ids = await rows(
        "SELECT id FROM programme WHERE id = ANY($1::uuid[]) OR id IN "
        "(SELECT programme_id FROM policy_version WHERE id = ANY($2::uuid[]))",
        list(named),
        list(versions),
    )
    read_now = [await policy_checks.readable(one["id"]) for one in ids]
    found = [programme for programme in read_now if programme is not None]
    return Catalogue(
        {**known.programmes, **{programme.id: programme for programme in found}},
        {
            **known.versions,
            **{version.id: version for programme in found for version in programme.versions},
        },
    )
