"""Verification of grants: each stands exactly while facts reach it, which are counted again."""

from copy import deepcopy
from uuid import UUID

import pytest

from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from tests.domain.proof.test_verification_movements import read
from tests.support import factories as make
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
        for fault in invariants.contradictions(rows, known)
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


def credit_faults(rows: MemberRows, known: Catalogue) -> list[str]:
    """What is said of what activities count toward tiers, by their types."""
    names = {one["id"]: one["type"] for one in rows.tables["activity"]}
    return sorted(
        f"{names[fault.row_id]}: {fault.what} {fault.found}, {fault.expected}"
        for fault in invariants.contradictions(rows, known)
        if fault.what.endswith(" counted") and fault.row_id in names
    )


@pytest.mark.parametrize(("refunded", "kept"), [("now", 0), ("never", 500)])
async def test_a_grant_that_counts_more_or_less_than_it_gave_is_found(
    refunded: str, kept: int
) -> None:
    shipped = make.shipped_document()
    stage, partner = await granted.open_granting(
        SECOND,
        grant("welcome", "tier_entry", tiers=["gold"], gives={"points": 70}),
        counts=COUNTS,
        tiers={**shipped["tiers"], "basis": "points"},
        refunds={**shipped["refunds"], "tier": refunded},
    )
    member_id = await granted.member_of(stage)
    await partner.book("A", {"product": "hotel", "amount": "100"})
    await partner.book("B", {"product": "hotel", "amount": "6000"})
    await partner.done("earnForActivity", "pointsAwarded", member=HIM, type="review", reference="V")
    rows, known = await read_known(member_id)
    assert credit_faults(rows, known) == []
    of_type = {one["id"]: one["type"] for one in rows.tables["activity"]}
    assert sorted(of_type.values()) == ["review", "second", "welcome"]
    paid = {
        of_type[one["activity_id"]]: one["points"]
        for one in rows.tables["tier_credit"]
        if one["activity_id"]
    }
    assert paid == {"second": 500, "review": 100}
    planted = deepcopy(rows.tables)
    for one in planted["tier_credit"]:
        if one["activity_id"] is not None:
            one["points"] += 1
    assert credit_faults(MemberRows(member_id, planted), known) == [
        "review: points counted 101, 100, what it gave",
        "second: points counted 501, 500, what it gave",
    ]
    planted = deepcopy(rows.tables)
    [welcome] = [key for key, name in of_type.items() if name == "welcome"]
    next(one for one in planted["tier_credit"] if one["activity_id"])["activity_id"] = welcome
    assert "welcome: points counted 500, 0, what it gave" in credit_faults(
        MemberRows(member_id, planted), known
    )
    await partner.done("refundBooking", GRANTS, booking="B", reference="R")
    rows, known = await read_known(member_id)
    assert credit_faults(rows, known) == []
    planted = deepcopy(rows.tables)
    planted["tier_credit"] = [one for one in planted["tier_credit"] if not one["activity_id"]]
    assert credit_faults(MemberRows(member_id, planted), known) == [
        "review: points counted 0, 100, what it gave",
        *([f"second: points counted 0, {kept}, what it gave"] if kept else []),
    ]
    assert await granted.faults(member_id) == []
