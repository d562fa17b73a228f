"""Why an entry has its points: every step, exactly, and that each comes out again."""

from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest

from domain.proof import judgement_checks, verification
from domain.proof.evidence import Catalogue, MemberRows
from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

EXPLAIN = """query($entry: ID!) { explain(entry: $entry) {
    entry { id } reproduced steps { code points text } } }"""
LEDGER = "{ me { ledger(first: 50) { edges { node { id kind points } } } } }"


def document() -> dict[str, Any]:
    """Gold members earn 1.2 points, and 0.2 more on flights; hotels once more a half."""
    return make.variant(
        *make.shipped_rules(),
        make.rule("rate_add", "flight_extra", when={"products": ["flight"]}, add="0.2"),
        make.rule(
            "multiplier", "weekend", when={"products": ["hotel"]}, factor="1.5", _class="campaign"
        ),
    )


async def lifted(stage: Stage) -> Client:
    """A gold member."""
    member, partner = stage.member().reading("en"), await stage.partner()
    await member.done("enrolMember")
    await book(partner, "H-1", hotel="5000")
    return member


async def book(partner: Client, reference: str, **amounts: str) -> None:
    lines = [{"product": product, "amount": amount} for product, amount in amounts.items()]
    await partner.done(
        "earnForBooking", member={"reference": "xiaoli"}, reference=reference, lines=lines
    )


async def entries(member: Client) -> list[dict[str, Any]]:
    """The member's entries, the newest first."""
    return [edge["node"] for edge in (await member.read(LEDGER))["me"]["ledger"]["edges"]]


async def explained(member: Client, entry: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await member.read(EXPLAIN, entry=entry["id"]))["explain"]
    assert found["entry"] == {"id": entry["id"]}
    return found


def texts(found: dict[str, Any]) -> list[str]:
    return [step["text"] for step in found["steps"]]


async def test_a_flight_of_45_is_63_points_step_by_step() -> None:
    stage = await open_stage(document())
    member = await lifted(stage)
    await book(await stage.partner(), "F-1", flight="45")

    [earned, *_] = await entries(member)
    found = await explained(member, earned)

    assert found["reproduced"] is True
    assert found["steps"] == [
        {
            "code": "line_rate",
            "points": None,
            "text": "Line 1, Points for spending: CNY 45.00 × 1 per CNY 1.00 = 45",
        },
        {"code": "rate", "points": 45, "text": "Points for spending: on CNY 45.00"},
        {"code": "line_tier", "points": None, "text": "Line 1: × 1.2 for tier Gold = 54"},
        {"code": "tier_multiplier", "points": 9, "text": "Tier Gold: ×1.2"},
        {"code": "line_rate_add", "points": None, "text": "Line 1, Rule: × (1.2 + 0.2) = 63"},
        {"code": "rate_add", "points": 9, "text": "Rule: rate +0.2"},
        {"code": "rounded", "points": None, "text": "63 rounded down: 63"},
        {
            "code": "near_miss",
            "points": None,
            "text": "CNY 1,955.00 short of Bonus for flights from CNY 2000 (+500)",
        },
    ]
    assert await stage.staff().read(EXPLAIN, entry=earned["id"])


async def test_what_was_amended_refunded_and_done_is_explained_as_it_was_judged() -> None:
    stage = await open_stage(document())
    member, partner = await lifted(stage), await stage.partner()
    await book(partner, "B-1", flight="45.55", hotel="10.01")
    await partner.done(
        "amendBooking",
        booking="B-1",
        reference="A-1",
        lines=[
            {"product": "flight", "amount": "100.50"},
            {"product": "hotel", "amount": "10.01"},
        ],
    )
    await partner.done(
        "refundBooking", booking="B-1", reference="R-1", lines=[{"line": 1, "amount": "33.33"}]
    )
    await partner.done(
        "earnForActivity", member={"reference": "xiaoli"}, type="verification", reference="v-1"
    )

    verified, refunded, amended, earned, _ = await entries(member)

    # 45.55 × 1.4 + 10.01 × 1.2 × 1.5, and so on with what was paid then
    for entry, points, exact in (
        (earned, 81, "81.788"),
        (amended, 77, "158.718"),
        (refunded, -46, "112.056"),
    ):
        found = await explained(member, entry)
        assert (entry["points"], found["reproduced"]) == (points, True)
        assert f"{exact} rounded down: {exact.partition('.')[0]}" in texts(found)
    paid = await explained(member, verified)
    assert (paid["reproduced"], [step["code"] for step in paid["steps"]]) == (True, ["activity"])


async def test_only_what_a_rule_decided_is_explained_and_only_to_whom_it_is_there() -> None:
    stage = await open_stage(document())
    member, partner = await lifted(stage), await stage.partner()
    other = stage.member("other")
    await other.done("enrolMember")
    await stage.staff().done(
        "adjustPoints", member={"reference": "xiaoli"}, points=5, reason="goodwill"
    )

    adjusted, earned, *_ = await entries(member)

    assert (await member.read(EXPLAIN, entry=adjusted["id"])) == {"explain": None}
    assert (await other.read(EXPLAIN, entry=earned["id"])) == {"explain": None}
    for nonsense in ("", "x", "TGVkZ2VyRW50cnk6eA==", adjusted["id"][:-4], "\u4f1a\u5458"):
        assert (await member.read(EXPLAIN, entry=nonsense)) == {"explain": None}
    refused = await partner.ask(EXPLAIN, entry=earned["id"])
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("booking", "snapshot", "{}"),
        ("booking", "snapshot", '{"status": "GUEST"}'),
        ("booking_line", "cash_minor", 4_999_00),
        ("booking_line", "product", "flight"),
        ("award", "rule", "weekend"),
        ("activity", "explanation", '[{"code": "guest", "params": {}}]'),
        ("activity", "type", "unheard_of"),
    ],
)
async def test_what_does_not_come_out_again_is_a_fault(
    table: str, column: str, value: str | int
) -> None:
    stage = await open_stage(document())
    await lifted(stage)
    await (await stage.partner()).done(
        "earnForActivity", member={"reference": "xiaoli"}, type="verification", reference="v-1"
    )
    member_id = await stage.member_id()
    [rows] = await verification.read(UUID(int=member_id.int - 1), member_id)
    known = await verification.read_catalogue(Catalogue({}, {}), [rows])
    assert list(judgement_checks.check(rows, known)) == []

    altered = MemberRows(member_id, deepcopy(rows.tables))
    altered.tables[table][0][column] = value

    [fault] = judgement_checks.check(altered, known)
    assert fault.table == ("activity" if table == "activity" else "booking")
    assert fault.what in ("points by rule", "what it was judged by")
