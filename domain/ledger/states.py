"""Account states: balances and lots now or at an instant, with everything due applied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.kernel.database import Row
from domain.kernel.queries import Query, ask, of_each, query
from domain.ledger import holds
from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.journal import Journal
from domain.ledger.lots import Hold, Lot
from domain.ledger.new_lots import NewLots
from domain.ledger.values import Balances

_LOT_COLUMNS = (
    "id, points, remaining, earned_at, available_at, expires_at, policy_version_id, funder, "
    "booking_id, line_number, matures_at, matured_expires_at, rule"
)
_LOT_FIELDS = tuple(_LOT_COLUMNS.split(", "))
_COLUMNS_OF_L = ", ".join(f"l.{name}" for name in _LOT_FIELDS)


def _balances(account: Mapping[str, Any]) -> Balances:
    return Balances(account["pending"], account["available"], account["held"], account["owed"])


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
    """An account at an instant: its balances, the lots that make them up, and the next instant at
    which the passage of time changes them.
    """

    balances: Balances = field(default_factory=Balances)
    lots: tuple[Lot, ...] = ()
    next_due_at: datetime | None = field(default=None, compare=False)


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
    lots, holds = journal.lots.values(), journal.holds.values()
    left = tuple(lot for lot in lots if lot.remaining)
    return State(journal.balances, left, lot_rules.next_due_at(left, holds))


def expiry_schedule(lots: Iterable[Lot], now: datetime, zone: ZoneInfo) -> list[Expiring]:
    """Available points by their last valid date; they add up to the available balance."""
    by_day: dict[date, int] = {}
    for lot in lots:
        if lot.spendable(now):
            day = dates.last_valid_date(lot.expires_at, zone)
            by_day[day] = by_day.get(day, 0) + lot.remaining
    return [Expiring(points, day) for day, points in sorted(by_day.items())]


EXPIRING = """
SELECT l.expires_at, sum(l.remaining)::bigint FROM lot l
WHERE l.member_id = {whose} AND l.remaining > 0 AND l.available_at <= {now}
    AND l.expires_at < (SELECT min(f.expires_at) FROM lot f WHERE f.member_id = {whose}
        AND f.remaining > 0 AND f.available_at <= {now} AND f.expires_at > {now})
        + interval '25 hours'
    AND l.expires_at > {now}
GROUP BY l.expires_at ORDER BY l.expires_at
"""
"""Available points of a member by expiry, for the longest possible day from the first expiry on;
`whose` and `now` name parameters.
"""


def next_expiring(found: Sequence[tuple[datetime, int]], zone: ZoneInfo) -> Expiring | None:
    """The first row of `expiry_schedule`, from `EXPIRING`; None where nothing expires."""
    days = [dates.last_valid_date(expires_at, zone) for expires_at, _ in found]
    if not days:
        return None
    points = sum(of[1] for of, day in zip(found, days, strict=True) if day == days[0])
    return Expiring(points, days[0])


def live_lots(member_ids: Sequence[UUID]) -> Query:
    """These members' lots with points left."""
    return query(
        ("member_id", *_LOT_FIELDS),
        f"SELECT member_id, {_LOT_COLUMNS} FROM lot "
        "WHERE member_id = ANY($1::uuid[]) AND remaining > 0",
        list(member_ids),
    )


async def live_state(member_ids: Sequence[UUID], *, held: bool = True) -> dict[UUID, Live]:
    """Lots and holds of each member; one query for all lots and one for all holds.

    `held` false means that none of them has points on hold.
    """
    found = await ask(live_lots(member_ids))
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


def live_of(journal: Journal) -> Live | None:
    """The account as its journal leaves it; None where only new lots are known."""
    if isinstance(journal.lots, NewLots):
        return None
    opened = tuple(journal.holds.values())
    held = {touch.lot_id for hold in opened for touch in hold.touches}
    lots = (lot for lot in journal.lots.values() if lot.remaining or lot.id in held)
    return Live(tuple(lots), opened)


async def states_at(member_ids: Sequence[UUID], instant: datetime) -> dict[UUID, State]:
    """Accounts as they stood at `instant`; the same at any later time.

    They contain the entries effective by then, and what had fallen due by then whether or not it
    was posted; a few queries for all.
    """
    found = await journals_at(member_ids, instant)
    return {member_id: _state(journal) for member_id, journal in found.items()}


async def journals_at(member_ids: Sequence[UUID], instant: datetime) -> dict[UUID, Journal]:
    """Accounts as they stood at `instant`; their entries are what had fallen due by then and was
    not recorded up to `sequence_before`. Never write these journals.
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
    wanted = of_each(
        ("member_id", "sequence", "effective_at", "pending", "available", "held", "owed"),
        "SELECT member_id, sequence, effective_at, pending_after AS pending, "
        "available_after AS available, held_after AS held, owed_after AS owed "
        "FROM ledger_entry e WHERE e.member_id = $1 AND e.effective_at <= $2 "
        "ORDER BY e.effective_at DESC, e.sequence DESC LIMIT 1",
        member_ids,
        instant,
    )
    return {entry["member_id"]: entry for entry in await ask(wanted)}


async def _lots_behind(reached: Mapping[UUID, int]) -> dict[UUID, list[Lot]]:
    """Each member's lots as they stood after its entry of this sequence.

    The entries of each lot are added up first: in a single join, the planner may pair every entry
    of a member with every lot.
    """
    columns = tuple(name for name in _LOT_FIELDS if name != "remaining")
    wanted = query(
        ("member_id", "sequence", *columns, "remaining", "matured_by"),
        "WITH left_in AS MATERIALIZED ("
        "SELECT a.member_id, a.lot_id, whose.sequence, sum(a.points)::bigint AS remaining "
        "FROM unnest($2::uuid[], $3::bigint[]) AS whose (id, sequence) "
        "JOIN ledger_entry e ON e.member_id = whose.id AND e.sequence <= whose.sequence "
        "JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id "
        "WHERE e.member_id = ANY($1::uuid[]) GROUP BY a.member_id, a.lot_id, whose.sequence) "
        f"SELECT l.member_id, left_in.sequence, {', '.join(f'l.{name}' for name in columns)}, "
        "left_in.remaining, m.sequence AS matured_by FROM left_in "
        "JOIN lot l ON l.member_id = left_in.member_id AND l.id = left_in.lot_id "
        "LEFT JOIN ledger_entry m ON m.member_id = l.member_id AND m.id = l.matured_entry_id "
        "WHERE l.member_id = ANY($1::uuid[])",
        list(reached),
        list(reached),
        list(reached.values()),
    )
    lots: dict[UUID, list[Lot]] = {member_id: [] for member_id in reached}
    for lot in await ask(wanted):
        of_member = lots[lot.pop("member_id")]
        of_member.append(_lot_then(lot, lot.pop("sequence")))
    return lots


def _lot_then(found: Row, sequence: int) -> Lot:
    """A lot as it stood after that entry: one that matured later was still pending."""
    matured_by = found.pop("matured_by")
    lot = Lot(**found)
    if matured_by is None or matured_by <= sequence:
        return lot
    return replace(lot, available_at=None, expires_at=None)
