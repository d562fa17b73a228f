"""Values of lots, written with them: each is fixed by the fact that credited it, permanently."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import models
from domain.kernel import dates
from domain.kernel.database import rows
from domain.kernel.writes import Writes
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot
from domain.ledger.values import Entry, EntryKind
from domain.partners import terms
from domain.programmes.programmes import Programme
from domain.programmes.rules import PROGRAMME_FUNDER
from domain.valuation import amounts

Prices = Mapping[tuple[date, str], Decimal]
"""Price that a partner pays for a point, by the first day of the month and its code."""

Amounts = dict[UUID, int]


@dataclass(frozen=True, slots=True)
class Outside:
    """Data outside the journals by which their new lots are valued: partners' prices, the values of
    lots by id, and the numbers of their points that returned in other lots.
    """

    prices: Prices
    values: Mapping[UUID, int]
    moved: Mapping[UUID, int]


NOTHING = Outside({}, {}, {})
"""The empty data, for journals that credit no lots."""


async def outside(programme: Programme, journals: Iterable[Journal]) -> Outside:
    """The data for these journals' new lots; no query if the programme pays for all of them."""
    prices: dict[tuple[date, str], Decimal] = {}
    values: dict[UUID, int] = {}
    moved: dict[UUID, int] = {}
    funders: defaultdict[date, set[str]] = defaultdict(set)
    for journal in journals:
        for lot_id in journal.new_lot_ids:
            if (funder := journal.lots[lot_id].funder) != PROGRAMME_FUNDER:
                funders[_month(programme, journal)].add(funder)
        if journal.sources:
            await _read_sources(journal, values, moved)
    for month, codes in funders.items():
        found = await terms.of_codes(programme.id, codes, month)
        prices.update({(month, code): held.price_per_point for code, held in found.items()})
    return Outside(prices, values, moved)


async def _read_sources(journal: Journal, values: dict[UUID, int], moved: dict[UUID, int]) -> None:
    found = await rows(
        "SELECT v.lot_id, v.amount, (SELECT coalesce(sum(l.points), 0) FROM lot_value w "
        "JOIN lot l ON l.member_id = w.member_id AND l.id = w.lot_id WHERE w.member_id = $1 "
        "AND l.member_id = $1 AND w.source_lot_id = v.lot_id)::bigint AS moved "
        "FROM lot_value v WHERE v.member_id = $1 AND v.lot_id = ANY($2::uuid[])",
        journal.member_id,
        sorted(set(journal.sources.values())),
    )
    values.update({one["lot_id"]: one["amount"] for one in found})
    moved.update({one["lot_id"]: one["moved"] for one in found})


def add(writes: Writes, programme: Programme, journal: Journal, known: Outside) -> None:
    """Write the value of each posted lot, except unknown ones: those that came out of a lot from
    before there were values.
    """
    if not journal.new_lot_ids:
        return
    found = of_new(programme, journal, known)
    writes.insert(
        models.LotValue,
        (_row(journal, lot_id, amount) for lot_id, amount in sorted(found.items())),
    )


def _row(journal: Journal, lot_id: UUID, amount: int) -> dict[str, Any]:
    return {
        "member_id": journal.member_id,
        "lot_id": lot_id,
        "amount": amount,
        "source_lot_id": journal.sources.get(lot_id),
    }


def of_new(programme: Programme, journal: Journal, known: Outside) -> Amounts:
    """Values of the lots that a journal posted (pure)."""
    found, moved = dict(journal.amounts), dict(known.moved)
    month = _month(programme, journal)
    of_bookings: defaultdict[UUID, list[Lot]] = defaultdict(list)
    for entry, lot in _credits(journal):
        if entry.kind is EntryKind.REINSTATE:
            _renew(lot, journal.sources[lot.id], (journal.lots, known.values), moved, found)
        elif entry.kind is EntryKind.TRANSFER_IN:
            continue
        elif lot.funder != PROGRAMME_FUNDER:
            price = known.prices.get((month, lot.funder), Decimal(0))
            currency = programme.version(lot.policy_version_id).policy.currency
            found[lot.id] = amounts.paid(lot.points, price, currency)
        elif entry.kind is EntryKind.EARN and entry.cause.booking_id is not None:
            of_bookings[entry.cause.amendment_id or entry.cause.booking_id].append(lot)
        else:
            policy = programme.version(lot.policy_version_id).policy
            found[lot.id] = amounts.expected(policy, lot.points)
    for fact_id, lots in of_bookings.items():
        found.update(of_booking(programme, journal.cash[fact_id], lots))
    return found


def of_booking(programme: Programme, cash: int, lots: Sequence[Lot]) -> Amounts:
    """Values of lots paid by a booking's cash, together with its trip."""
    policy = programme.version(lots[0].policy_version_id).policy
    found = amounts.of_booking(policy, cash, [lot.points for lot in lots])
    return {lot.id: amount for lot, amount in zip(lots, found, strict=True)}


def _credits(journal: Journal) -> Iterable[tuple[Entry, Lot]]:
    """Each new lot with the entry that credited it, in order."""
    seen = set[UUID]()
    for entry in journal.entries:
        for touch in entry.touches:
            if touch.lot_id in journal.new_lot_ids and touch.lot_id not in seen:
                seen.add(touch.lot_id)
                yield entry, journal.lots[touch.lot_id]


def _renew(
    lot: Lot,
    source: UUID,
    known: tuple[Mapping[UUID, Lot], Mapping[UUID, int]],
    moved: dict[UUID, int],
    found: Amounts,
) -> None:
    """Values of returned points in a new lot: they carry the amount of the first points that left
    their old lot.
    """
    lots, values = known
    if source in values:
        before = moved.get(source, 0)
        found[lot.id] = amounts.carry(values[source], lots[source].points, before, lot.points)
        moved[source] = before + lot.points


async def given(journal: Journal, entry: Entry) -> list[int | None]:
    """Amounts carried by each allocation of an entry that took points; None for a lot without a
    value.

    The journal is in the state after that entry, its last one.
    """
    ids = sorted({touch.lot_id for touch in entry.touches})
    found = await rows(
        "SELECT lot_id, amount FROM lot_value WHERE member_id = $1 AND lot_id = ANY($2::uuid[])",
        journal.member_id,
        ids,
    )
    values = {one["lot_id"]: one["amount"] for one in found}
    held: defaultdict[UUID, int] = defaultdict(int)
    for hold in journal.holds.values():
        for touch in hold.touches:
            held[touch.lot_id] -= touch.points
    carries: list[int | None] = []
    for touch in entry.touches:
        lot = journal.lots[touch.lot_id]
        gone = lot.points - lot.remaining - held[lot.id] + touch.points
        value = values.get(lot.id)
        own = None if value is None else amounts.carry(value, lot.points, gone, -touch.points)
        carries.append(own)
    return carries


def _month(programme: Programme, journal: Journal) -> date:
    return dates.local_date(journal.now, programme.versions[0].policy.zone).replace(day=1)
