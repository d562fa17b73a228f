"""Finance against the ledger: values of lots against the entries that credited them, the journal
and the liability against all members' entries, and closed months against their SHA-256.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.books import books
from domain.finance import closing, days, keeping, reading, replay
from domain.finance.accounts import Account, Books, JournalKey, Moved, Position
from domain.finance.prices import Prices
from domain.finance.replay import Replayed
from domain.finance.valuing import Valuing
from domain.kernel import dates
from domain.kernel.database import rows, snapshot
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.programmes.rules import PROGRAMME_FUNDER
from domain.proof.evidence import Fault, MemberRows, judged, shown
from domain.proof.figure_checks import Sums, Through

KEY = "finance"
"""Prefix of keys of the journal's sums; those of figures begin with an id."""

_LINE, _LEVEL, _TRANSFER = "line", "level", "transfer"


@dataclass(frozen=True, slots=True)
class ProgrammeFinances:
    """A programme with its partners' prices, and the last day that is compared."""

    programme: Programme
    prices: Prices
    through: date


async def finances(through: Through) -> dict[UUID, ProgrammeFinances]:
    """The programmes with settled days."""
    found = {}
    for programme_id, last in through.items():
        programme = await programmes.get(await programmes.code_of(programme_id))
        found[programme_id] = ProgrammeFinances(programme, await reading.prices(programme), last)
    return found


def check(rows_of: MemberRows, of: ProgrammeFinances, sums: Sums) -> list[Fault]:
    """Faults of a member's lots; the effects of its entries are added to the sums. An altered
    ledger may be impossible to compute.
    """
    try:
        made = replay.of_member(rows_of.tables, of.programme, of.prices, of.through)
    except (LookupError, ValueError, ArithmeticError, StopIteration) as error:
        own, what = rows_of.member_id, f"{type(error).__name__} {error}"
        return [Fault("ledger_entry", own, own, "journal", what, "one that can be made of it")]
    _add(sums, of.programme.id, made)
    return list(_values(rows_of, of, made))


def _values(rows_of: MemberRows, of: ProgrammeFinances, made: Replayed) -> Iterator[Fault]:
    kept = {row["lot_id"]: row["amount"] for row in rows_of.tables["lot_value"]}
    for row in rows_of.tables["lot_value"]:
        source, expected = row["source_lot_id"], made.sources.get(row["lot_id"])
        if row["lot_id"] in made.lots and source != expected:
            yield _fault(rows_of, row["lot_id"], "source_lot_id", shown(source), shown(expected))
    for lot_id in made.lots:
        if lot_id not in kept:
            yield _fault(rows_of, lot_id, "amount", "missing", "there")
            continue
        amount = made.values.get(lot_id)
        if amount is None or kept[lot_id] == amount:
            continue
        if kept[lot_id] not in _once_right(rows_of, of, lot_id):
            yield _fault(rows_of, lot_id, "amount", shown(kept[lot_id]), shown(amount))


def _once_right(rows_of: MemberRows, of: ProgrammeFinances, lot_id: UUID) -> set[int]:
    """The values that a partner's lot may have, by the successive prices of its month."""
    lot = rows_of.lots[lot_id]
    entry = rows_of.touches_of_lots[lot_id][0][0]
    if lot["funder"] == PROGRAMME_FUNDER or entry["kind"] not in ("EARN", "ADJUST"):
        return set()
    valuing = Valuing({"lot": [lot]}, of.programme, of.prices)
    return {valuing.at(lot, price) for price in of.prices.ever(lot["funder"], valuing.day(entry))}


def _fault(rows_of: MemberRows, lot_id: UUID, what: str, found: str, expected: str) -> Fault:
    return Fault("lot_value", lot_id, rows_of.member_id, what, found, expected)


def _add(sums: Sums, programme_id: UUID, made: Replayed) -> None:
    own = KEY, programme_id
    for of, moved in made.books.lines.items():
        for name in ("debit", "credit", "points"):
            sums[*own, _LINE, *of, name] += getattr(moved, name)
    for position, points in made.books.points.items():
        sums[*own, _LEVEL, *position, "points"] += points
        sums[*own, _LEVEL, *position, "amount"] += made.books.amounts[position]
    for transfer, carried in made.given.items():
        sums[*own, _TRANSFER, transfer] += sum(one or 0 for one in carried)
    for transfer, lots in made.received.items():
        sums[*own, _TRANSFER, transfer] -= sum(made.lots[one].amount or 0 for one in lots)


def _books(sums: Sums, programme_id: UUID) -> tuple[Books, dict[UUID, int]]:
    """Sums over all members' entries, and transfers by the points lost on the way."""
    made, lost = Books(), dict[UUID, int]()
    for key, value in sums.items():
        if key[:2] != (KEY, programme_id):
            continue
        if key[2] == _LINE:
            journal_key = JournalKey(*key[3:7])
            moved = {"debit": 0, "credit": 0, "points": 0, key[7]: value}
            made.add(journal_key, Moved(**moved))
        elif key[2] == _LEVEL:
            (made.points if key[6] == "points" else made.amounts)[Position(*key[3:6])] += value
        elif value:
            lost[key[3]] = value
    return made, lost


async def compare(sums: Sums, through: Through) -> list[Fault]:
    """Faults where the journal or the liability differs from the sums over all members' entries."""
    faults = []
    for programme_id, last in through.items():
        programme = await programmes.get(await programmes.code_of(programme_id))
        made, lost = _books(sums, programme_id)
        faults += [
            Fault("lot_value", transfer, None, "carried by a transfer", str(-value), "0")
            for transfer, value in sorted(lost.items())
        ]
        async with snapshot():
            faults += await judged(_journal, programme, made, last, of=programme_id)
            faults += await judged(_liability, programme, made, last, of=programme_id)
            faults += await judged(_closed, programme_id, of=programme_id)
    return faults


async def _journal(programme: Programme, made: Books, last: date) -> list[Fault]:
    span = date.min, last
    expected = days.journal(programme, {}, made, span)
    kept = dict(await keeping.lines(programme.id, span))
    found = list(_differences("journal_day", programme.id, kept, expected))
    by_day: dict[date, int] = {}
    for of, moved in kept.items():
        by_day[of.day] = by_day.get(of.day, 0) + moved.balance
    found += [
        Fault("journal_day", programme.id, None, f"{day} credit less debit", str(value), "0")
        for day, value in sorted(by_day.items())
        if value
    ]
    return found


async def _liability(programme: Programme, made: Books, last: date) -> list[Fault]:
    """Faults of the liability. That of the last day is kept only until the next one is written."""
    expected = days.liability({}, made, (date.min, last))
    left = sum(level.amount for level in expected[last].values())
    kept = await keeping.all_levels(programme.id, last)
    has_last = last == dates.month_end(last) or any(day == last for day, *_ in kept)
    if not has_last and await _has_followed(programme, last):
        del expected[last]
    flat = {(day, *of): level for day, own in expected.items() for of, level in own.items()}
    faults = list(_differences("liability_day", programme.id, kept, flat))
    deferred = await keeping.balance(programme.id, Account.DEFERRED, last)
    if deferred != left:
        what = f"{last} deferred"
        fault = Fault("journal_day", programme.id, None, what, str(deferred), str(left))
        faults.append(fault)
    return faults


async def _has_followed(programme: Programme, last: date) -> bool:
    """Whether the day after this one is settled or being settled."""
    found = await books.get(programme.id)
    ends = dates.end_of_day(last, programme.versions[0].policy.zone)
    return found is None or found.settled_until > ends


def _differences(
    table: str, programme_id: UUID, kept: Mapping[Any, Any], expected: Mapping[Any, Any]
) -> Iterator[Fault]:
    for key in sorted(kept.keys() | expected.keys()):
        found, wanted = kept.get(key, "missing"), expected.get(key, "missing")
        if found != wanted:
            what = " ".join(shown(part) for part in key)
            yield Fault(table, programme_id, None, what, str(found), str(wanted))


async def _closed(programme_id: UUID) -> list[Fault]:
    """Closed months whose journal has changed since."""
    found = await rows(
        "SELECT month, sha256 FROM closed_period WHERE programme_id = $1 ORDER BY month",
        programme_id,
    )
    faults = []
    for one in found:
        month = one["month"]
        lines = await keeping.lines(programme_id, (month, dates.month_end(month)))
        digest = closing.digest(lines).hex()
        if digest != bytes(one["sha256"]).hex():
            was = bytes(one["sha256"]).hex()
            what = f"{shown(month)} sha256"
            faults.append(Fault("closed_period", programme_id, None, what, was, digest))
    return faults
