"""Rows from which the journal is computed, and values of lots credited before values were
stored.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

from domain.accounts import seals
from domain.finance import replay
from domain.finance.prices import Prices
from domain.finance.replay import Replayed, Rows
from domain.insight import reading as members
from domain.kernel import dates, sealed_rows
from domain.kernel.database import row, rows, transact
from domain.partners import terms
from domain.programmes.programmes import Programme

SELECTS = {
    "booking": "SELECT member_id, id, cash_minor FROM booking",
    "amendment": "SELECT member_id, id, cash_minor FROM amendment",
    "ledger_entry": (
        "SELECT member_id, id, sequence, kind, from_bucket, to_bucket, points, effective_at, "
        "owed_after, booking_id, amendment_id, redemption_id, transfer_id, actor FROM ledger_entry"
    ),
    "lot": (
        "SELECT member_id, id, points, earned_at, expires_at, matured_entry_id, "
        "policy_version_id, funder FROM lot"
    ),
    "allocation": "SELECT member_id, id, entry_id, lot_id, points FROM allocation",
    "redemption": "SELECT member_id, id, reward_id, cost_minor FROM redemption",
    "lot_value": "SELECT member_id, lot_id, amount FROM lot_value",
    "transfer": "SELECT member_id, id, counterpart_id FROM transfer",
}
"""The columns of each table that the journal uses; `verify` reads these and more."""


_Value = tuple[UUID, UUID, int, UUID | None]
"""The member, the lot, its value and the source of that."""


async def prices(programme: Programme) -> Prices:
    """Prices that the programme's partners pay for points."""
    return Prices(await terms.saved(programme.id))


async def has_entries(programme: Programme) -> bool:
    """Whether any member ever had points."""
    sql = "SELECT 1 AS one FROM account WHERE programme_id = $1 AND sequence > 0 LIMIT 1"
    return await row(sql, programme.id) is not None


async def of_members(member_ids: Sequence[UUID]) -> dict[UUID, Rows]:
    """Rows of each of these members by table."""
    return await members.of_members(member_ids, SELECTS)


async def replayed(
    programme: Programme, known: Prices, member_ids: Sequence[UUID], through: date
) -> list[Replayed]:
    """Results of these members' entries; lots without a value get theirs first, permanently.

    Raises: ConcurrentRequest.
    """
    found = await of_members(member_ids)
    of_member = partial(replay.of_member, programme=programme, prices=known, through=through)
    made = {one: of_member(tables) for one, tables in found.items()}
    without = [one for one, tables in found.items() if _without(tables, made[one])]
    if not without:
        return list(made.values())
    at = dates.end_of_day(through, programme.versions[0].policy.zone)
    await _value(programme, known, without, at)
    found = await of_members(without)
    made.update({one: of_member(tables) for one, tables in found.items()})
    return list(made.values())


def _without(tables: Rows, made: Replayed) -> set[UUID]:
    """Lots without a value, of those credited by the end of the replay."""
    return made.lots.keys() - {one["lot_id"] for one in tables.get("lot_value", ())}


async def _value(
    programme: Programme, known: Prices, member_ids: Sequence[UUID], at: datetime
) -> None:
    """Value lots that were credited before values were stored: as they would have been, by the
    facts that credited them. Points from another member carry the amount that they had there, so
    givers are valued with them, and their givers too; each round knows more values, until all are
    known.
    """
    whose = set(member_ids)
    while True:
        found = await of_members(sorted(whose))
        of_member = partial(replay.of_member, programme=programme, prices=known, through=date.max)
        made = {one: of_member(tables) for one, tables in found.items()}
        missing = {one: _without(tables, made[one]) for one, tables in found.items()}
        carried = {
            transfer: carries for each in made.values() for transfer, carries in each.given.items()
        }
        new, givers = list[_Value](), set[UUID]()
        for one, lots in missing.items():
            own = {**made[one].values, **_received(made[one], carried)}
            sources = made[one].sources
            new += [(one, lot, own[lot], sources.get(lot)) for lot in lots & own.keys()]
            givers |= _givers(found[one], made[one], lots)
        if new:
            await transact(partial(_insert, new, at))
        elif givers <= whose:
            return
        whose |= givers


def _received(made: Replayed, carried: dict[UUID, list[int | None]]) -> dict[UUID, int]:
    """Values of lots received by transfers, as far as their givers are known."""
    return {
        lot: carry
        for transfer, lots in made.received.items()
        for lot, carry in zip(lots, carried.get(transfer, ()), strict=False)
        if carry is not None
    }


def _givers(tables: Rows, made: Replayed, missing: set[UUID]) -> set[UUID]:
    """The givers of those of these lots that were received."""
    wanted = {transfer for transfer, lots in made.received.items() if missing & set(lots)}
    return {one["counterpart_id"] for one in tables.get("transfer", ()) if one["id"] in wanted}


async def _insert(new: Sequence[_Value], at: datetime) -> None:
    locked = await seals.lock({member_id for member_id, *_ in new}, at)
    made = await rows(
        "INSERT INTO lot_value (member_id, lot_id, amount, source_lot_id) SELECT * FROM "
        "unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[]) ON CONFLICT DO NOTHING "
        f"RETURNING {sealed_rows.columns('lot_value')}",
        *([one[place] for one in new] for place in range(4)),
    )
    await seals.write(locked, made, partial(sealed_rows.of, "lot_value"))
