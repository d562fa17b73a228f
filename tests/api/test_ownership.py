"""Every operation crossed with every caller and with whose thing it is about, by one table."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.edge.limits import Limits
from api.schema import build_schema
from domain.kernel.callers import Scope
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, fresh_key, mutation_text, open_stage
from tests.support.mutations import INPUTS
from tests.support.owned.cases import Asked, Case, Place
from tests.support.ownership import (
    ABOUT_NOTHING,
    CASES,
    COLUMNS,
    DOCUMENTS,
    expected,
    mark,
    unnamed,
)

pytestmark = pytest.mark.usefixtures("database")

EXPECTED = expected()
CALLERS = sorted({caller for _, caller in EXPECTED})


async def place(stage: Stage, reference: str, partner: str = "booking-engine") -> Place:
    """A member who joined two months ago and has points, before a partner."""
    member_id = await make.enrol(
        stage.programme, reference=reference, now=TODAY - timedelta(days=60)
    )
    await make.give(stage.programme, member_id, 10_000, now=TODAY)
    maker = await make.partner_of(stage.programme, partner)
    return Place(stage.programme, member_id, reference, maker)


async def places(stage: Stage, other: Stage) -> list[Place]:
    """In the order of the columns."""
    own = await place(stage, "xiaoli-own")
    shop = await make.partner_of(stage.programme, "other-shop")
    return [
        own,
        replace(own, maker=shop),
        await place(stage, "xiaoma-own"),
        await place(other, "xiaowu-own"),
    ]


async def calling(stage: Stage, caller: str) -> Client:
    if caller == "public":
        return await stage.public()
    if caller == "partner":
        return await stage.partner()
    if caller == "agency":
        return await stage.partner(tuple(Scope), "agency")
    return stage.member("xiaoli-own") if caller == "member" else stage.staff()


async def ask(client: Client, root: str, variables: dict[str, Any]) -> Any:
    if root not in INPUTS:
        return await client.ask(DOCUMENTS[root], **variables)
    sent = {**variables["input"], "idempotencyKey": fresh_key()}
    return await client.ask(mutation_text(root), input=sent)


async def answer(client: Client, case: Case, asked: Asked) -> str:
    """The mark of the answer. What is not there looks as if it had never been."""
    answered = await ask(client, case.root, asked.variables)
    found = mark(case.root, answered)
    waits = case.root in ("completeBooking", "refundBooking")
    if found == "-" and not waits:
        nothing = await ask(client, case.root, asked.of_nothing())
        assert unnamed(answered, asked.name) == unnamed(nothing, asked.absent)
    return found


async def check(
    client: Client, case: Case, there: list[Place], wanted: str, stage: Stage
) -> dict[str, str]:
    """The marks by whose thing it is. What is refused, which is asked last, changes nothing."""
    columns = list(zip(COLUMNS, there, wanted, strict=False))
    found = {
        column: await answer(client, case, await case.ask(whose, there[0]))
        for column, whose, expects in columns
        if expects == "+"
    }
    refused = {
        column: await case.ask(whose, there[0])
        for column, whose, expects in columns
        if expects != "+"
    }
    before = await stage.everything()
    found |= {column: await answer(client, case, asked) for column, asked in refused.items()}
    assert await stage.everything() == before, (case.root, found)
    return found


def test_the_table_has_every_operation() -> None:
    schema = build_schema(Limits(), production=False)._schema
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    roots = {*schema.query_type.fields, *schema.mutation_type.fields}
    assert {case.root for case in CASES.values()} | ABOUT_NOTHING == roots
    assert {line for line, _ in EXPECTED} == set(CASES)


@pytest.mark.parametrize("caller", CALLERS)
async def test_the_table_is_what_is_answered(caller: str) -> None:
    stage, other = await open_stage(), await open_stage()
    client, there = await calling(stage, caller), await places(stage, other)

    answered, wanted = {}, {}
    for line, case in CASES.items():
        marks = EXPECTED[line, caller]
        answered[line] = await check(client, case, there, marks, stage)
        wanted[line] = dict(zip(COLUMNS, marks, strict=False))

    assert answered == wanted


async def test_lists_and_the_ledger_show_a_partner_what_is_its_own() -> None:
    stage, other = await open_stage(), await open_stage()
    own, shops, *_ = await places(stage, other)
    for whose in (own, shops):
        for name in ("booking", "redemption"):
            await CASES[name].ask(whose, own)
    query = """{ member(by: {reference: "xiaoli-own"}) {
        bookings { totalCount edges { node { id } } }
        redemptions { totalCount edges { node { id } } }
        ledger { edges { node { description(locale: "en") booking { id } redemption { id }
            explanation { code } } } } } }"""

    for caller, seen in {"partner": 1, "agency": 2, "staff": 2, "member": 2}.items():
        client = await calling(stage, caller)
        if caller == "member":
            query = query.replace('member(by: {reference: "xiaoli-own"})', "member: me")
        member = (await client.read(query))["member"]
        for name in ("bookings", "redemptions"):
            assert (member[name]["totalCount"], len(member[name]["edges"])) == (seen, seen), caller
        entries = [edge["node"] for edge in member["ledger"]["edges"]]
        assert len(entries) == 5
        for name in ("booking", "redemption"):
            assert len([one for one in entries if one[name]]) == seen, caller
        named = [one for one in entries if one["description"].startswith("Booking B-")]
        assert len(named) == seen
        assert len([one for one in entries if one["explanation"]]) == seen + 1


PERSONAL = """{ member(by: {reference: "xiaoli-own"}) {
    reference name email phone birthday profile contacts { value } statement(period: {
        from: "2126-01-01", through: "2126-03-15"}) { html(locale: "en") }
    redemptions { edges { node { codes reveals { actor } } } } } }"""


async def test_personal_data_and_codes_need_scopes_of_their_own() -> None:
    stage = await open_stage()
    own = await place(stage, "xiaoli-own")
    wanted = await make.reward(stage.programme, kind="COUPON", list_points=10)
    await make.redeem(stage.programme, own.member_id, wanted, caller=own.maker, now=TODAY)
    told = {"name": "Li Xiao", "email": "li@example.com", "phone": "+8613800138000"}
    told |= {"birthday": "1990-05-01"}
    await stage.staff().done(
        "updateMember", member={"reference": own.reference}, profile={"airport": "PVG"}, **told
    )
    narrow = (Scope.MEMBERS, Scope.READ, Scope.EARN, Scope.REDEEM, Scope.FULFIL)

    for scopes, persons, coupons in (
        (narrow, False, False),
        ((*narrow, Scope.MEMBERS_READ), True, False),
        ((*narrow, Scope.CODES), False, True),
    ):
        member = (await (await stage.partner(scopes)).read(PERSONAL))["member"]
        assert {name: member[name] for name in told} == (
            told if persons else dict.fromkeys(told)
        ), scopes
        assert member["profile"] == ({"airport": "PVG"} if persons else {})
        assert len(member["contacts"]) == (2 if persons else 0)
        assert ("Li Xiao" in member["statement"]["html"]) is persons
        [redeemed] = member["redemptions"]["edges"]
        assert len(redeemed["node"]["codes"]) == coupons, scopes
