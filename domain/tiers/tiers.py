"""Tiers: what counts toward them, the tier for which a member qualifies, and each change.

Members qualify by purchases or earned points, never by their balance, so redeeming or expiring
points never moves a tier. An upgrade is immediate: effective when recorded. The duration of a tier
is decided in `tier_periods`.
"""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from uuid import UUID

import models
from domain.kernel.database import Row, rows
from domain.kernel.ids import new_id
from domain.kernel.queries import Query, ask, ask_one, query
from domain.kernel.writes import Writes
from domain.programmes.policy import Policy
from domain.tiers import tier_windows
from domain.tiers.qualification import recorded_at
from domain.tiers.tier_windows import ALWAYS, Window
from domain.tiers.values import Change, Credit, Holding, NewChange, Qualifying, Sum

HOLDING_COLUMNS = {
    "tier": "tier",
    "tier_since": "since",
    "tier_earned": "earned",
    "tier_until": "until",
    "tier_grace_until": "grace_until",
    "tier_assigned": "assigned",
    "tier_assigned_until": "assigned_until",
    "tier_recorded_at": "recorded_at",
}
"""The parts of a `Holding` by the account's columns."""

QUALIFYING_COLUMNS = tuple(field.name for field in fields(Qualifying))
_COUNTED = ", ".join(
    f"(coalesce(sum(t.{name}), 0) + coalesce(o.{name}, 0))::bigint AS {name}"
    for name in QUALIFYING_COLUMNS
)
SUMMED_EVERY = 64
"""About one in this many counting rows updates the member's total."""
SETTLED = timedelta(days=30)
"""A time after which no fact is recorded with an earlier instant any more, even if servers' clocks
differ.
"""


def counted(from_: str, until: str, whose: str = "") -> str:
    """Joins to each member `m` what counts in a window, as `q` with a `Qualifying`'s columns.

    `whose` restricts the members, as `= $1`; without it, all are read. The window's ends are names
    of parameters; without ends everything counts, with old rows summed up in one.
    """
    of_total, of_credit = (whose and f"AND {table}.member_id {whose}" for table in "ot")
    return (
        f"LEFT JOIN tier_total o ON o.member_id = m.member_id {of_total} "
        f"AND {from_}::timestamptz IS NULL AND {until}::timestamptz IS NULL "
        f"CROSS JOIN LATERAL (SELECT {_COUNTED} FROM tier_credit t "
        f"WHERE t.member_id = m.member_id {of_credit} "
        "AND t.recorded_at >= coalesce(o.through, '-infinity') "
        f"AND ({from_}::timestamptz IS NULL OR t.occurred_at >= {from_}) "
        f"AND ({until}::timestamptz IS NULL OR t.occurred_at < {until})) q"
    )


async def at(holding: Holding, instant: datetime, unwritten: Iterable[NewChange] = ()) -> str:
    """The member's recorded tier at `instant`; a look-up only for an instant before its tier's.

    `unwritten` are decided changes that are not recorded yet, in order.
    """
    if instant >= holding.since:
        return holding.tier
    found = await ask(query_of_changes(holding.member_id))
    changes = [Change(**change) for change in found]
    changes += [Change(change.from_tier, change.to_tier, change.at) for change in unwritten]
    return recorded_at(changes, holding.tier, instant)


def query_of_changes(member_id: UUID) -> Query:
    """The query of `at` for an instant before the member's tier."""
    return query(
        ("from_tier", "to_tier", "effective_at"),
        "SELECT from_tier, to_tier, effective_at FROM tier_change WHERE member_id = $1 "
        "ORDER BY recorded_at, id",
        member_id,
    )


async def qualifying(member_id: UUID, window: Window = ALWAYS) -> Qualifying:
    """Everything that counts towards the member's tier in this window."""
    found = await ask_one(_query_of(member_id, window))
    return Qualifying(**found) if found else Qualifying()


def _query_of(member_id: UUID, window: Window) -> Query:
    return query(
        QUALIFYING_COLUMNS,
        f"SELECT q.* FROM (SELECT $1::uuid AS member_id) m {counted('$2', '$3', '= $1')}",
        member_id,
        window.from_,
        window.until,
    )


def queries(member_id: UUID, policy: Policy, at: datetime) -> list[Query]:
    """The queries of `sums` at this instant."""
    return [_query_of(member_id, window) for window in tier_windows.windows(policy, at)]


async def sum_up(member_id: UUID, now: datetime) -> None:
    """Bring the member's total up to `SETTLED` ago; inside a transaction that has locked the
    account.
    """
    names = ", ".join(QUALIFYING_COLUMNS)
    await rows(
        f"INSERT INTO tier_total (member_id, through, {names}) "
        f"SELECT $1, $2, {', '.join(f'q.{name}' for name in QUALIFYING_COLUMNS)} "
        "FROM (SELECT $1::uuid AS member_id) m "
        "LEFT JOIN tier_total o ON o.member_id = $1 "
        f"CROSS JOIN LATERAL (SELECT {_COUNTED} FROM tier_credit t "
        "WHERE t.member_id = $1 AND t.recorded_at >= coalesce(o.through, '-infinity') "
        "AND t.recorded_at < $2) q "
        "ON CONFLICT (member_id) DO UPDATE SET through = excluded.through, "
        f"{', '.join(f'{name} = excluded.{name}' for name in QUALIFYING_COLUMNS)} "
        "WHERE tier_total.through < excluded.through RETURNING member_id",
        member_id,
        now - SETTLED,
    )


async def sums(member_id: UUID, policy: Policy, at: datetime, *, closed: bool = False) -> list[Sum]:
    """What counts for the member in each window on which its tier may be based at this instant."""
    judged = tier_windows.windows(policy, at, closed=closed)
    return [Sum(window, await qualifying(member_id, window)) for window in judged]


async def credits_of(member_id: UUID) -> list[Credit]:
    """Everything that counts towards the member's tier, one by one."""
    names = ", ".join(QUALIFYING_COLUMNS)
    found = await rows(
        f"SELECT id, occurred_at, recorded_at, {names} FROM tier_credit WHERE member_id = $1 "
        "ORDER BY occurred_at, id",
        member_id,
    )
    return [
        Credit(
            member_id,
            one["occurred_at"],
            one["recorded_at"],
            Qualifying(**{name: one[name] for name in QUALIFYING_COLUMNS}),
            id=one["id"],
        )
        for one in found
    ]


def to_holding(account: Row) -> Holding:
    """The member's tier, from its account's row."""
    parts = {part: account[column] for column, part in HOLDING_COLUMNS.items()}
    return Holding(member_id=account["member_id"], **parts)


def add(writes: Writes, counts: Iterable[Credit], changes: Iterable[NewChange]) -> datetime | None:
    """Write what counts, and each change; returns the instant for which the member's total must
    then be updated (`sum_up`), or None.
    """
    made = [
        {
            "member_id": credit.member_id,
            "id": credit.id or new_id(),
            "booking_id": credit.booking_id,
            "activity_id": credit.activity_id,
            "source_member_id": credit.source and credit.source[0],
            "source_id": credit.source and credit.source[1],
            "job_id": credit.job_id,
            "occurred_at": credit.occurred_at,
            "recorded_at": credit.recorded_at,
            **asdict(credit.qualifying),
        }
        for credit in counts
        if credit.qualifying != Qualifying()
    ]
    writes.insert(models.TierCredit, made)
    decided = list(changes)
    writes.add(*map(_change_row, decided))
    if decided:
        add_holding(writes, decided[-1].holding)
    return max(
        (credit["recorded_at"] for credit in made if credit["id"].int % SUMMED_EVERY == 0),
        default=None,
    )


def _change_row(change: NewChange) -> models.TierChange:
    window, after = change.judged.window, change.holding
    return models.TierChange(
        member_id=change.member_id,
        id=new_id(),
        from_tier=change.from_tier,
        to_tier=change.to_tier,
        effective_at=change.at,
        recorded_at=change.at,
        judged_at=change.judged_at,
        reason=change.reason,
        inputs={
            **asdict(change.judged.qualifying),
            "from": window.from_ and window.from_.isoformat(),
            "until": window.until and window.until.isoformat(),
        },
        policy_version_id=change.policy_version_id,
        booking_id=change.booking_id,
        earned_tier=after.earned,
        until=after.until,
        assigned_tier=after.assigned,
        assigned_until=after.assigned_until,
        actor=change.actor,
        note=change.note,
    )


def add_holding(writes: Writes, after: Holding) -> None:
    """Store the member's holding on its account."""
    columns = {column: getattr(after, part) for column, part in HOLDING_COLUMNS.items()}
    writes.change_own(models.Account, {**columns, "tier_review_due_at": after.due_at}, {})
