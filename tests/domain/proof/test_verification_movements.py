"""Verification of what holds, transfers and corrections write: each altered value is found."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.kernel.ids import new_id
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from domain.proof.fact_checks import STATUS_MOVES
from domain.redemptions import redemption_reads
from tests.conftest import Database
from tests.domain.proof.test_verification import with_altered
from tests.support import factories as make

JOINED = make.NOW - timedelta(days=90)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Played:
    """Two members between whom everything but booking has happened, and one redemption each."""

    giver: UUID
    receiver: UUID
    held: UUID
    fulfilled: UUID
    released: UUID
    cancelled: UUID
    catalogue: Catalogue


@pytest.fixture(scope="module")
async def played(database: Database) -> Played:
    programme = await make.establish()
    giver = await make.rich_member(programme, 1000, now=JOINED)
    await make.give(programme, giver, 500)
    receiver = await make.enrol(programme, now=JOINED)
    reward = await make.reward(programme, list_points=100, stock=9)
    await make.redeem(programme, giver, reward)
    fulfilled = await make.redeem(programme, giver, reward, hold=True)
    await make.confirm(programme, giver, fulfilled)
    await make.fulfil(programme, giver, fulfilled, "SF-1")
    cancelled = await make.redeem(programme, giver, reward, hold=True)
    await make.confirm(programme, giver, cancelled)
    await make.cancel(programme, giver, cancelled)
    given_up = await make.redeem(programme, giver, reward, hold=True)
    await make.cancel(programme, giver, given_up)
    released = await make.redeem(programme, giver, reward, hold=True)
    # the hold before has died, which is written with the next thing that happens
    await make.adjust(programme, giver, 50, now=make.NOW + HOUR)
    await make.adjust(programme, giver, -20, now=make.NOW + HOUR)
    await make.transfer(programme, giver, receiver, 950, now=make.NOW + HOUR)
    held = await make.redeem(programme, giver, reward, hold=True, now=make.NOW + 6 * HOUR)
    loaded = [await read(giver), await read(receiver)]
    known = await verification.read_catalogue(Catalogue({}, {}), loaded)
    return Played(giver, receiver, held, fulfilled, released, cancelled, known)


async def read(member_id: UUID) -> MemberRows:
    [rows] = await verification.read(UUID(int=member_id.int - 1), member_id)
    return rows


def found(played: Played, rows: MemberRows) -> list[str]:
    whole = MemberRows(rows.member_id, rows.tables)
    return [str(fault) for fault in invariants.contradictions(whole, played.catalogue)]


def row(rows: MemberRows, table: str, **values: object) -> dict[str, Any]:
    [only] = [r for r in rows.tables[table] if values.items() <= r.items()]
    return only


async def test_what_was_written_has_no_fault(played: Played) -> None:
    giver, receiver = await read(played.giver), await read(played.receiver)
    assert found(played, giver) == found(played, receiver) == []
    assert {entry["kind"] for entry in (*giver.entries, *receiver.entries)} == {
        *("EARN", "REDEEM", "REINSTATE", "ADJUST"),
        *("HOLD", "RELEASE", "CAPTURE", "TRANSFER_OUT", "TRANSFER_IN"),
    }


async def test_a_hold_that_is_dead_and_not_posted_is_no_fault(played: Played) -> None:
    in_time = (await make.state(played.giver, make.NOW + 6 * HOUR)).balances
    late = (await make.state(played.giver, make.NOW + 7 * HOUR)).balances
    assert (in_time.held, late.held) == (100, 0)
    assert found(played, await read(played.giver)) == []


UNSAID = {
    "allocation": {"id"},
    "account": {"tier_since"},
    "redemption": {"codes", "code_count", "partner_units"},
}
"""Values that nothing else says, and JSON, which cannot be altered like text."""


@pytest.mark.parametrize(
    "table", ["ledger_entry", "lot", "allocation", "account", "transfer", "redemption"]
)
async def test_every_altered_value_is_found_in_its_row(played: Played, table: str) -> None:
    tried = 0
    for member in (await read(played.giver), await read(played.receiver)):
        for place, original in enumerate(member.tables[table]):
            for column in original.keys() - {"member_id"} - UNSAID.get(table, set()):
                planted = with_altered(member, table, place, column)
                target = planted.tables[table][place]
                faults = invariants.check(planted, played.catalogue)
                named = {(fault.table, fault.row_id) for fault in faults}
                assert (table, target.get("id", member.member_id)) in named, (column, original)
                tried += 1
    assert tried >= 8


STATES: dict[str, tuple[str, dict[str, object], str]] = {
    "held as released": (
        "held",
        {"status": "RELEASED"},
        "points held is 100, should be 0, being RELEASED",
    ),
    "held as confirmed": (
        "held",
        {"status": "CONFIRMED"},
        "points spent is 0, should be 100, being CONFIRMED",
    ),
    "held for longer": (
        "held",
        {"hold_expires_at": make.NOW + 7 * HOUR},
        "hold_expires_at is 2026-03-15 09:30:00+00:00, should be 2026-03-15 09:00:00+00:00",
    ),
    "held of other points": ("held", {"points": 99}, "points is 99, should be 100, as its HOLD"),
    "fulfilled as held": (
        "fulfilled",
        {"status": "HELD"},
        "points spent is 100, should be 0, being HELD",
    ),
    "fulfilled as cancelled": (
        "fulfilled",
        {"status": "CANCELLED"},
        "points reinstated is 0, should be 100, being CANCELLED",
    ),
    "fulfilled of other points": (
        "fulfilled",
        {"points": 101},
        "points is 101, should be 100, as its CAPTURE entry",
    ),
    "released as held": (
        "released",
        {"status": "HELD"},
        "points held is 0, should be 100, being HELD",
    ),
    "cancelled as fulfilled": (
        "cancelled",
        {"status": "FULFILLED"},
        "points reinstated is 100, should be 0, being FULFILLED",
    ),
    "of no entry": ("held", {"id": new_id()}, "points is 100, should be 0, having no"),
}


@pytest.mark.parametrize("name", STATES)
async def test_a_redemption_in_a_state_that_its_entries_do_not_make(
    played: Played, name: str
) -> None:
    which, changes, said = STATES[name]
    rows = await read(played.giver)
    row(rows, "redemption", id=getattr(played, which)).update(changes)
    assert any(f"of member {played.giver}: {said}" in text for text in found(played, rows))


TRANSFERS: dict[str, tuple[Callable[[MemberRows], object], str]] = {
    "the other side is missing": (
        lambda rows: rows.tables["counterpart"].clear(),
        "its other side is null, should be IN of 950: {sides}",
    ),
    "the other side has other points": (
        lambda rows: rows.tables["counterpart"][0].update(points=940),
        "its other side is IN of 940: {sides}, should be IN of 950: {sides}",
    ),
    "both sides give": (
        lambda rows: rows.tables["counterpart"][0].update(direction="OUT"),
        "its other side is OUT of 950: {sides}, should be IN of 950: {sides}",
    ),
    "the other side names somebody else": (
        lambda rows: rows.tables["counterpart"][0].update(counterpart_id=UUID(int=7)),
        "00007, should be IN of 950: {sides}",
    ),
    "the entry is missing": (
        lambda rows: row(rows, "ledger_entry", kind="TRANSFER_OUT").update(transfer_id=None),
        "its entries is [], should be one TRANSFER_OUT of 950",
    ),
    "the entry is in the other direction": (
        lambda rows: row(rows, "ledger_entry", kind="TRANSFER_OUT").update(kind="TRANSFER_IN"),
        "its entries is [('TRANSFER_IN', 950)], should be one TRANSFER_OUT of 950",
    ),
}


@pytest.mark.parametrize("name", TRANSFERS)
async def test_transfers_whose_sides_disagree(played: Played, name: str) -> None:
    alter, said = TRANSFERS[name]
    rows = await read(played.giver)
    transfer_id = row(rows, "transfer")["id"]
    alter(rows)
    [text] = [t for t in found(played, rows) if t.startswith("transfer")]
    assert text.startswith(f"transfer {transfer_id} of member {played.giver}: ")
    assert text.endswith(said.format(sides=f"{played.receiver}, {played.giver}"))


async def test_what_is_held_is_what_the_open_holds_took(played: Played) -> None:
    rows = await read(played.giver)
    row(rows, "account").update(held=0, next_due_at=None)
    prefix = f"account {played.giver} of member {played.giver}: "
    assert found(played, rows) == [
        f"{prefix}held is 0, should be 100",
        f"{prefix}held is 0, should be 100, the sum of its open holds' allocations",
        f"{prefix}next_due_at is null, should be 2026-03-15 09:00:00+00:00",
    ]


@pytest.mark.parametrize("kind", ["HOLD", "TRANSFER_OUT", "ADJUST"])
async def test_points_are_held_given_or_taken_out_of_spendable_lots_only(
    played: Played, kind: str
) -> None:
    rows = await read(played.giver)
    for lot in rows.tables["lot"]:
        lot["expires_at"] = make.NOW
    assert any(f"instant of its {kind} is" in text for text in found(played, rows))


def test_every_status_of_a_redemption_is_verified() -> None:
    assert set(STATUS_MOVES) == set(map(str, redemption_reads.RedemptionStatus))
