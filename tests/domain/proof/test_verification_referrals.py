"""Verification of referrals: both sides agree once applied, and each altered value is found."""

from copy import deepcopy
from functools import partial
from operator import itemgetter
from typing import Any
from uuid import UUID

import pytest

from domain.activities import referral_outcomes
from domain.activities.referral_outcomes import DueReferral
from domain.kernel.database import transact
from domain.proof import invariants, verification
from domain.proof.evidence import Catalogue, MemberRows
from domain.referrals import friends
from tests.domain.proof.test_verification import altered
from tests.domain.proof.test_verification_movements import read
from tests.support import factories as make
from tests.support import granted, referred, travel


async def faults(*member_ids: UUID) -> list[str]:
    found = []
    for member_id in member_ids:
        rows = await read(member_id)
        known = await verification.read_catalogue(Catalogue({}, {}), [rows])
        found += [str(fault) for fault in invariants.contradictions(rows, known)]
    return found


async def played() -> tuple[UUID, UUID]:
    """A referrer and a friend whose booking was refunded, and who booked again."""
    programme = await referred.programme_with("first_booking")
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    stay = make.line_of("hotel", "500")
    for number in (1, 2):
        await travel.pay(programme, friend, f"B-{number}", stay)
        assert await faults(referrer, friend) == []
        await referred.run(programme)
        assert await faults(referrer, friend) == []
        if number == 1:
            await travel.refund(programme, "B-1", "R")
            await referred.run(programme)
    return referrer, friend


NOT_SAID_TWICE = {"recorded_at", "due_at", "applied_at", "flags", "actor", "reason", "member_id"}
"""What is only said once, or is about the job."""


async def test_every_altered_value_is_found(database: object) -> None:
    tried = 0
    for member_id in await played():
        rows = await read(member_id)
        known = await verification.read_catalogue(Catalogue({}, {}), [rows])
        last = max(version["version"] for version in rows.tables["referral"])
        [place] = [
            place
            for place, version in enumerate(rows.tables["referral"])
            if version["version"] == last
        ]
        original: dict[str, Any] = rows.tables["referral"][place]
        for column in original.keys() - NOT_SAID_TWICE:
            if column == "answers" and original[column] is None:
                continue
            planted = MemberRows(member_id, deepcopy(rows.tables))
            planted.tables["referral"][place][column] = altered(original[column], column)
            named = {fault.table for fault in invariants.contradictions(planted, known)}
            assert "referral" in named, (column, original)
            tried += 1
    assert tried >= 16


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("referral_counterpart", {"status": "LIMITED"}, "its other side is"),
        ("referral_counterpart", {"fact_at": None}, "its other side is"),
        ("referral_counterpart", None, "its other side is null, should be there"),
    ],
)
async def test_sides_that_differ_are_a_fault(
    database: object, table: str, change: dict[str, Any] | None, said: str
) -> None:
    referrer, _ = await played()
    rows = await read(referrer)
    known = await verification.read_catalogue(Catalogue({}, {}), [rows])
    if change is None:
        rows.tables[table] = []
    else:
        max(rows.tables[table], key=itemgetter("version")).update(change)
    found = [str(fault) for fault in invariants.contradictions(rows, known)]
    assert any(said in fault for fault in found), found


async def test_what_has_not_come_to_the_friend_is_no_fault(database: object) -> None:
    programme = await referred.programme_with()
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    latest = await friends.latest(friend)
    assert latest is not None
    due = DueReferral(friend, latest.id)
    await transact(partial(referral_outcomes.decide, programme, due, make.NOW))
    assert await faults(referrer, friend) == []


async def test_a_grant_stands_exactly_while_its_referral_does(database: object) -> None:
    gives = granted.grant("thanks", "referral", side="referrer", gives={"points": 300})
    programme = await make.establish(referred.document("first_booking", {"grants": [gives]}))
    referrer = await make.enrol(programme)
    friend = await referred.bring(programme, referrer)
    await travel.pay(programme, friend, "B-1", make.line_of("hotel", "500"))
    await referred.run(programme)
    paid = await read(referrer)
    await travel.refund(programme, "B-1", "R")
    await referred.run(programme)
    lost = await read(referrer)
    known = await verification.read_catalogue(Catalogue({}, {}), [paid])
    assert [*invariants.contradictions(paid, known), *invariants.contradictions(lost, known)] == []
    states = paid.tables["referral"], lost.tables["referral"]
    lost.tables["referral"], paid.tables["referral"] = states
    for rows, wanted in ((paid, "there"), (lost, "reversed")):
        found = [str(fault) for fault in invariants.contradictions(rows, known)]
        assert any(f"it is {wanted}, should be" in fault for fault in found), found
