"""Verification of what refunds, completions and offsets write: sound as it is, found altered."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from domain.kernel.database import Row
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from tests.conftest import Database
from tests.domain.bookings.test_completions import slow_document
from tests.domain.proof.test_verification import with_altered
from tests.support import factories as make
from tests.support import travel

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Played:
    member: UUID
    catalogue: Catalogue


@pytest.fixture(scope="module")
async def played(database: Database) -> Played:
    """Pending points that matured in both ways and did not, every kind of refund, arrears."""
    programme = await make.establish(slow_document("mature"))
    member_id = await make.enrol(programme, now=make.NOW - 90 * DAY)
    await make.give(programme, member_id, 1000)
    lines = (make.line_of("flight", "300"), make.line_of("hotel", "200"))
    redemption = await travel.hold(programme, member_id, 900, *lines)
    await travel.refund(programme, "B1", "R0", (1, "10"))
    await travel.pay(programme, member_id, "B1", *lines, redemption=redemption)
    await travel.complete(programme, "B1", 1, now=make.NOW + DAY)
    await travel.refund(programme, "B1", "R1", (1, "50"), now=make.NOW + 2 * DAY)
    await travel.refund(
        programme, "B1", "R2", (2, "70"), supplier_cancelled=True, now=make.NOW + 3 * DAY
    )
    # line 2 matures by itself
    later = make.NOW + 60 * DAY
    now = await make.available(member_id, later)
    await make.redeem(
        programme, member_id, await make.reward(programme, list_points=now), now=later
    )
    await travel.refund(programme, "B1", "R3", now=later + DAY)
    # all of it is spent, and then not earned after all
    await travel.pay(programme, member_id, "B4", *lines, now=later + DAY)
    await travel.complete(programme, "B4", 1, now=later + DAY)
    now = await make.available(member_id, later + DAY)
    await make.redeem(
        programme,
        member_id,
        await make.reward(programme, list_points=now),
        now=later + DAY,
    )
    await travel.refund(programme, "B4", "R", now=later + DAY)
    await travel.pay(programme, member_id, "B2", *lines, now=later + 2 * DAY)
    await make.give(programme, member_id, 2000, now=later + 3 * DAY)
    await make.give(programme, member_id, 1, now=later + 900 * DAY)
    await travel.refund(programme, "B2", "R", now=later + 901 * DAY)
    await travel.pay(programme, member_id, "B3", *lines, now=later + 902 * DAY)
    known = await verification.read_catalogue(Catalogue({}, {}), [await read(member_id)])
    return Played(member_id, known)


async def read(member_id: UUID) -> MemberRows:
    [rows] = await verification.read(UUID(int=member_id.int - 1), member_id)
    return rows


async def test_what_was_written_has_no_fault(played: Played) -> None:
    rows = await read(played.member)
    assert [str(fault) for fault in invariants.check(rows, played.catalogue)] == []
    assert {entry["kind"] for entry in rows.entries} == {
        *("EARN", "MATURE", "HOLD", "CAPTURE", "REDEEM"),
        *("CLAW_BACK", "REINSTATE", "SETTLE", "EXPIRE"),
    }


UNSAID = {
    "allocation": {"id"},
}
"""Values that nothing else says."""


@pytest.mark.parametrize("table", ["ledger_entry", "lot", "allocation", "account"])
async def test_every_altered_value_is_found_in_its_row(played: Played, table: str) -> None:
    rows = await read(played.member)
    for place, original in enumerate(rows.tables[table]):
        for column in original.keys() - {"member_id"} - UNSAID.get(table, set()):
            if column == "tier_since" and not rows.tables["tier_change"]:
                continue
            planted = with_altered(rows, table, place, column)
            target = planted.tables[table][place]
            faults = invariants.check(planted, played.catalogue)
            named = {(fault.table, fault.row_id) for fault in faults}
            assert (table, target.get("id", rows.member_id)) in named, (column, original)


ALTERATIONS: dict[str, tuple[str, Callable[[Row], object]]] = {
    "more clawed back": ("refund", lambda row: row.update(points_clawed_back=9999)),
    "more owed": ("refund", lambda row: row.update(points_owed=9999)),
    "more forgiven": ("refund", lambda row: row.update(points_forgiven=9999)),
    "more reinstated": ("refund", lambda row: row.update(points_reinstated=9999)),
    "more cash": ("refund", lambda row: row.update(cash_minor=9999)),
    "more gross of a line": ("refund_line", lambda row: row.update(gross_minor=99_999)),
    "another line": ("refund_line", lambda row: row.update(line_number=9)),
    "another line completed": ("completion", lambda row: row.update(line_number=9)),
    "more granted": ("award", lambda row: row.update(points=9999)),
}


@pytest.mark.parametrize("name", ALTERATIONS)
async def test_an_altered_fact_is_found(played: Played, name: str) -> None:
    table, alter = ALTERATIONS[name]
    rows = await read(played.member)
    for place in range(len(rows.tables[table])):
        planted = MemberRows(rows.member_id, deepcopy(rows.tables))
        alter(planted.tables[table][place])
        assert list(invariants.contradictions(planted, played.catalogue)), place
