"""Verification of grants: each stands exactly while facts reach it, which are counted again."""

from copy import deepcopy
from uuid import UUID

import pytest

from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from tests.domain.proof.test_verification_movements import read
from tests.support import granted
from tests.support.granted import GRANTS, HIM, grant, told

pytestmark = pytest.mark.usefixtures("database")

STEP = {"code": "trip", "name": {"zh-CN": "行", "en": "Trip"}, "fact": "completion"}
SECOND = grant("second", "milestone", count="trips", at=2, gives={"points": 500})
MONTHLY = grant("monthly", "milestone", count="month", every=2, gives={"points": 10})
PAIR = grant(
    "pair",
    "mission",
    window={"days": 30, "after": "joining"},
    gives={"perk": {"benefit": "upgrade", "uses": 1, "days": 60}},
    steps=[STEP],
)
COUNTS = {"trips": {"of": "bookings"}, "month": {"of": "bookings", "per": "month"}}


async def read_known(member_id: UUID) -> tuple[MemberRows, Catalogue]:
    rows = await read(member_id)
    return rows, await verification.read_catalogue(Catalogue({}, {}), [rows])


def standing_faults(rows: MemberRows, known: Catalogue) -> list[str]:
    """Which grants do not stand as they should, of those that were given first."""
    names = {str(one["id"]): one["type"] for one in rows.tables["activity"]}
    return sorted(
        f"{names[str(fault.row_id)]}: {fault.found}, {fault.expected}"
        for fault in invariants.check(rows, known)
        if fault.what == "it"
    )


async def test_grants_that_do_not_stand_as_facts_do_are_found() -> None:
    stage, partner = await granted.open_granting(SECOND, MONTHLY, PAIR, counts=COUNTS)
    member_id = await granted.member_of(stage)
    hotel = {"product": "hotel", "amount": "100"}
    for reference in ("A", "B"):
        await partner.book(reference, hotel)
    done = await partner.done("completeBooking", GRANTS, booking="A")
    assert told(done) == [("pair", "RECORDED", 0)]
    assert await granted.faults(member_id) == []
    lost = await partner.done("refundBooking", GRANTS, booking="A", reference="R")
    assert sorted(told(lost)) == [
        ("monthly", "REVERSED", 10),
        ("pair", "REVERSED", 0),
        ("second", "REVERSED", 500),
    ]
    rows, known = await read_known(member_id)
    assert standing_faults(rows, known) == []
    planted = deepcopy(rows.tables)
    planted["activity_reversal"].clear()
    assert standing_faults(MemberRows(member_id, planted), known) == [
        f"{code}: there, reversed, by the facts that brought it"
        for code in ("monthly", "pair", "second")
    ]
    await partner.book("C", hotel)
    await partner.done("completeBooking", GRANTS, booking="C")
    rows, known = await read_known(member_id)
    assert standing_faults(rows, known) == []
    planted = deepcopy(rows.tables)
    planted["activity_reversal"] = [
        one for one in planted["activity_reversal"] if one["kind"] == "REVERSED"
    ]
    assert standing_faults(MemberRows(member_id, planted), known) == [
        f"{code}: reversed, there, by the facts that brought it"
        for code in ("monthly", "pair", "second")
    ]
    # used, it is kept, though what brought it is refunded
    await partner.done("useBenefit", member=HIM, benefit="upgrade", reference="U")
    kept = await partner.done("refundBooking", GRANTS, booking="C", reference="R")
    assert sorted(told(kept)) == [("monthly", "REVERSED", 10), ("second", "REVERSED", 500)]
    assert await granted.faults(member_id) == []
