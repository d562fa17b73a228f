"""Very many multiples at once: what one fact brings of them, and in how many statements."""

from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import TODAY
from tests.support.granted import GRANTS, available, faults, grant, member_of, open_granting

pytestmark = pytest.mark.usefixtures("database")

SPENT: dict[str, Any] = {"counts": {"spent": {"of": "spend"}}, "earning": []}
CAPS = [{"points": 100_000, "per": "year"}]


def hundred(**gives: Any) -> dict[str, Any]:
    return grant("hundred", "milestone", count="spent", every=100, gives=gives)


def hotel(hundreds: int) -> dict[str, str]:
    return {"product": "hotel", "amount": str(100 * hundreds)}


async def test_one_fact_brings_a_thousand_multiples_and_tells_of_those_beyond() -> None:
    stage, partner = await open_granting(hundred(points=1), **SPENT)
    explained = "grants { reference explanation { code text } }"
    booked = await partner.book("A", hotel(1007), selection=explained)
    assert len(booked["grants"]) == 1000
    assert [len(one["explanation"]) for one in booked["grants"]] == [1] * 999 + [2]
    assert booked["grants"][-1]["reference"].startswith("every:1000:")
    assert booked["grants"][-1]["explanation"][1] == {
        "code": "at_once",
        "text": "One fact counts for at most 1000 multiples of hundred: "
        "7 more were reached but not given",
    }
    assert await available(partner) == 1000
    again = await partner.book("B", hotel(1), selection=GRANTS)
    assert [one["reference"].split(":")[1] for one in again["grants"]] == ["1008"]
    lost = await partner.done("refundBooking", GRANTS, booking="A", reference="R")
    # one multiple is left, which came with A: B's stands above it
    assert len(lost["grants"]) == 1000
    assert await available(partner) == 1
    assert await faults(await member_of(stage)) == []


async def test_what_one_fact_brings_back_is_part_of_its_thousand() -> None:
    stage, partner = await open_granting(hundred(points=1), **SPENT)
    for turn in ("first", "again"):
        booked = await partner.book(turn, hotel(2500), selection=GRANTS)
        numbers = [int(one["reference"].split(":")[1]) for one in booked["grants"]]
        assert sorted(numbers) == list(range(1, 1001))
        assert await available(partner) == 1000
        lost = await partner.done("refundBooking", GRANTS, booking=turn, reference=turn)
        assert len(lost["grants"]) == 1000
    assert await available(partner) == 0
    assert await faults(await member_of(stage)) == []


@pytest.mark.parametrize(
    "gives", [{"points": 1}, {"perk": {"benefit": "lounge_visit", "uses": 1, "days": 365}}]
)
async def test_many_multiples_take_no_more_statements_than_a_few(
    gives: dict[str, Any], statements: list[str]
) -> None:
    rule = {**hundred(**gives), "budget": {"points": 100_000}, "valid": {"from": "2020-01-01"}}
    stage, partner = await open_granting(rule, caps=CAPS, **SPENT)
    sent: dict[str, list[int]] = {"booked": [], "refunded": [], "again": []}
    # neither rises into another tier
    for name, hundreds in (("few", 2), ("many", 49)):
        await make.enrol(stage.programme, now=TODAY, reference=name)
        booking = {"member": {"reference": name}, "lines": [hotel(hundreds)]}
        for step, operation, facts in (
            ("booked", "earnForBooking", booking),
            ("refunded", "refundBooking", {"booking": f"{name} booked"}),
            ("again", "earnForBooking", booking),
        ):
            statements.clear()
            done = await partner.done(operation, GRANTS, reference=f"{name} {step}", **facts)
            assert len(done["grants"]) == hundreds
            sent[step].append(len(statements))
        assert await faults(await member_of(stage, name)) == []
    # a few are sent by whatever reads again after some seconds
    assert all(many < few + 10 for few, many in sent.values()), sent


async def test_a_booking_that_is_sent_again_lists_what_came_with_facts_that_had_waited() -> None:
    trip = {"code": "trip", "name": {"zh-CN": "行", "en": "Trip"}, "fact": "completion"}
    rules = (
        grant("first", "milestone", count="stays", at=1, gives={"points": 5}),
        grant(
            "tried",
            "mission",
            window={"days": 90, "after": "joining"},
            gives={"points": 50},
            steps=[trip],
        ),
    )
    stage, partner = await open_granting(*rules, counts={"stays": {"of": "bookings"}})
    for reference in ("A", "B"):
        assert (await partner.done("completeBooking", "parked", booking=reference))["parked"]
    first = await partner.book("A", hotel(1), selection=GRANTS)
    assert [one["type"] for one in first["grants"]] == ["first", "tried"]
    again = await partner.book("A", hotel(1), selection=GRANTS)
    assert (again["replayed"], again["grants"]) == (True, first["grants"])
    lost = await partner.done("refundBooking", GRANTS, booking="A", reference="R")
    assert [one["type"] for one in lost["grants"]] == ["first", "tried"]
    back = await partner.book("B", hotel(1), selection=GRANTS)
    assert [one["type"] for one in back["grants"]] == ["first", "tried"]
    same = await partner.book("B", hotel(1), selection=GRANTS)
    assert (same["replayed"], same["grants"]) == (True, back["grants"])
    assert await faults(await member_of(stage)) == []
