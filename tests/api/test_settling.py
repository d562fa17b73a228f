"""What partners pay: terms of months, the rules whose points they pay for, and statements."""

import asyncio
import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.kernel.callers import Scope
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage, served

pytestmark = pytest.mark.usefixtures("database")

TERMS = "terms { fromMonth basis pricePerPoint feePercent prepaid }"
OWN = f"{{ partner {{ code {TERMS} rates {{ rule text }} }} }}"
NAMED = f"query($code: String!) {{ partner(code: $code) {{ {TERMS} rates {{ rule }} }} }}"


async def funded(*codes: str, since: datetime = TODAY) -> Stage:
    """A programme whose spending with a card is paid for by the partner `bank`."""
    stage = await open_stage()
    for code in ("bank", *codes):
        await stage.partner(code=code)
    document = make.shipped_document(
        grants=[
            {
                "code": "welcome",
                "name": make.WORDS,
                "kind": "tier_entry",
                "tiers": ["gold"],
                "gives": {"points": 300},
                "funder": "bank",
            }
        ]
    )
    [spending] = [one for one in document["activities"] if one["code"] == "partner_spend"]
    spending["funder"] = "bank"
    await make.publish(stage.programme, document, now=since)
    return stage


def of_month(month: str, price: str, **more: Any) -> dict[str, Any]:
    return {
        "partner": "bank",
        "fromMonth": month,
        "basis": "ISSUED",
        "pricePerPoint": price,
        **more,
    }


async def test_terms_hold_from_a_month_on_and_the_last_saved_count() -> None:
    stage = await funded("shop")
    staff = stage.staff()
    await staff.done("savePartnerTerms", **of_month("2126-01", "0.012", feePercent="5.0"))
    await staff.done("savePartnerTerms", **of_month("2126-02", "1"))
    saved = await staff.done(
        "savePartnerTerms",
        f"partner {{ {TERMS} }}",
        **of_month("2126-02", "0.00000001"),
    )
    later, first = saved["partner"]["terms"]
    assert later == {
        "fromMonth": "2126-02",
        "basis": "ISSUED",
        "pricePerPoint": "0.00000001",
        "feePercent": "0",
        "prepaid": False,
    }
    assert (first["fromMonth"], first["pricePerPoint"], first["feePercent"]) == (
        "2126-01",
        "0.012",
        "5",
    )

    bank = await stage.partner([Scope.READ], "bank")
    own = (await bank.read(OWN))["partner"]
    assert own["terms"] == [later, first]
    assert [one["rule"] for one in own["rates"]] == ["partner_spend", "welcome"]
    assert all(one["text"] for one in own["rates"])
    # another partner has none, and does not see these
    shop = await stage.partner([Scope.READ], "shop")
    assert (await shop.read(OWN))["partner"] == {"code": "shop", "terms": [], "rates": []}
    assert (await shop.read(NAMED, code="bank"))["partner"] is None
    assert (await staff.read(NAMED, code="bank"))["partner"]["terms"] == [later, first]


async def test_points_are_paid_when_issued_or_when_redeemed_in_all_months() -> None:
    stage = await funded()
    staff = stage.staff()
    # the only terms of a partner may say otherwise
    await staff.done("savePartnerTerms", **of_month("2126-04", "1"))
    await staff.done("savePartnerTerms", **of_month("2126-04", "1", basis="REDEEMED"))
    before = await stage.everything()
    for month in ("2126-03", "2126-05"):
        refused = await staff.refused("savePartnerTerms", **of_month(month, "1"))
        assert (refused["reason"], refused["path"]) == ("basis_fixed", ["basis"])
        assert (refused["value"], refused["allowed"]) == ("ISSUED", ["REDEEMED"])
        assert refused["message"] == (
            "If a partner paid for points when they are issued in one month and when they are "
            "redeemed in another, outstanding points would be paid for twice, or never: give "
            "REDEEMED here, or name another partner as the funder."
        )
        # what is prepaid is paid before it is issued
        bought = of_month(month, "1", basis="REDEEMED", prepaid=True)
        refused = await staff.refused("savePartnerTerms", **bought)
        assert (refused["reason"], refused["path"]) == ("basis_fixed", ["prepaid"])
        assert (refused["value"], refused["allowed"]) == ("true", ["false"])
    assert await stage.everything() == before
    await staff.done("savePartnerTerms", **of_month("2126-05", "2", basis="REDEEMED"))
    # between two months as between the first and the last
    refused = await staff.refused("savePartnerTerms", **of_month("2126-04", "1"))
    assert refused["reason"] == "basis_fixed"


async def test_points_become_prepaid_with_a_month_that_is_ahead() -> None:
    stage = await funded()
    staff = stage.staff()
    before = await stage.everything()
    for month in ("2126-03", "2125-12"):
        refused = await staff.refused("savePartnerTerms", **of_month(month, "1", prepaid=True))
        assert (refused["reason"], refused["path"]) == ("prepaid_ahead", ["fromMonth"])
        assert refused["allowed"] == ["2126-04"]
    assert await stage.everything() == before
    await staff.done("savePartnerTerms", **of_month("2126-04", "1", prepaid=True))
    # what stays prepaid may be priced anew, also for a month before
    await staff.done("savePartnerTerms", **of_month("2126-05", "2", prepaid=True))
    await staff.done("savePartnerTerms", **of_month("2126-03", "2"))


async def test_terms_that_are_saved_at_once_stand_in_some_order() -> None:
    stage = await funded()
    staff = stage.staff()
    await asyncio.gather(
        *(staff.done("savePartnerTerms", **of_month("2126-03", f"{n}")) for n in range(6))
    )
    [one] = (await staff.read(NAMED, code="bank"))["partner"]["terms"]
    kept = (await stage.everything())["partner_terms"]
    assert len(kept) == 6
    assert int(one["pricePerPoint"]) in range(6)


SAID = """statement { id month status issued reversed redeemed expired charge { amount currency }
    fee { amount } delivered { amount } net { amount } settled { amount } sha256 csvUrl }"""
STATEMENTS = """query($first: Int, $after: String, $month: String!) { partner {
    statement(month: $month) { id }
    statements(first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        edges { node { month } } } } }"""


async def fetch(client: Client, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {client.token}"} if client.token else {}
    transport = httpx.ASGITransport(served(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://milepost.test") as http:
        return await http.get(path, headers=headers)


async def delivering() -> tuple[Stage, Client]:
    """The bank delivered a night at 80.00 in February 2126, and its card earned 5000."""
    stage = await funded("shop", since=TODAY - timedelta(days=30))
    bank = await stage.partner((Scope.EARN, Scope.READ), "bank")
    inn = (await make.partner_of(stage.programme, "bank")).partner_id
    programme, then = await programmes.get(stage.programme.code), TODAY - timedelta(days=20)
    member_id = await make.rich_member(programme, 5000, now=then, reference="xiaoli")
    night = await make.reward(programme, list_points=10, partner_id=inn, cost_minor=80_00)
    given = await make.redeem(programme, member_id, night, now=then)
    await make.fulfil(programme, member_id, given, now=then)
    await stage.staff().done("savePartnerTerms", **of_month("2126-01", "0.012", feePercent="5"))
    return stage, bank


async def test_a_month_is_closed_read_and_settled() -> None:
    stage, bank = await delivering()
    staff, month = stage.staff(), {"partner": "bank", "month": "2126-02"}
    refused = await staff.refused("closeStatement", **month)
    assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["month"])
    assert refused["message"] == (
        "The account book is closed; this is possible only when it is open."
    )
    await make.settle_through(stage.programme, date(2126, 2, 28))

    closed = (await staff.done("closeStatement", SAID, **month))["statement"]
    again = await staff.done("closeStatement", SAID, **month)
    assert (again["statement"], again["replayed"]) == (closed, True)
    own, url, sha256 = (closed.pop(name) for name in ("id", "csvUrl", "sha256"))
    assert closed == {
        "month": "2126-02",
        "status": "CLOSED",
        "issued": 5000,
        "reversed": 0,
        "redeemed": 10,
        "expired": 0,
        "charge": {"amount": "60.00", "currency": "CNY"},
        "fee": {"amount": "3.00"},
        "delivered": {"amount": "80.00"},
        "net": {"amount": "-17.00"},
        "settled": {"amount": "0.00"},
    }
    # the file is read from the ledger, by who may see the statement
    for client in (staff, bank):
        file = await fetch(client, url)
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        assert hashlib.sha256(file.content).hexdigest() == sha256
        assert len(file.text.splitlines()) == 4
    nobody = await stage.partner((Scope.EARN,), "bank")
    for client, status in (
        (await stage.partner(code="shop"), 404),
        (nobody, 404),
        (stage.member(), 404),
        ((await open_stage()).staff(), 404),
        (Client("a.b.c"), 401),
        (Client(), 401),
    ):
        assert (await fetch(client, url)).status_code == status
    assert (await fetch(staff, "/partner-statements/x.csv")).status_code == 404

    sent = {"statement": own, "amount": "17", "reference": "P-1"}
    nothing = await staff.refused("settleStatement", **{**sent, "amount": "0"})
    assert nothing["message"] == "0 is too little; give more than 0, at most 17.00."
    settled = await staff.done("settleStatement", "statement { status settled { amount } }", **sent)
    assert settled["statement"] == {"status": "SETTLED", "settled": {"amount": "17.00"}}
    later = await staff.refused("settleStatement", **{**sent, "reference": "P-2"})
    assert later["message"] == "The statement is settled; this is possible only when it is closed."
    other = (await open_stage()).staff()
    for client, named in ((other, own), (staff, "nonsense"), (staff, "")):
        gone = await client.refused("settleStatement", **{**sent, "statement": named})
        assert (gone["code"], gone["path"]) == ("NOT_FOUND", ["statement"])
    terms = await staff.refused("savePartnerTerms", **of_month("2126-02", "1"))
    assert (terms["code"], terms["path"]) == ("STATE_CONFLICT", ["fromMonth"])

    # found again by its id, its month, and page by page
    node = "query($id: ID!) { node(id: $id) { ... on PartnerStatement { month } } }"
    shop = await stage.partner(code="shop")
    for client, seen in ((staff, {"month": "2126-02"}), (bank, {"month": "2126-02"}), (shop, None)):
        assert (await client.read(node, id=own))["node"] == seen
    await staff.done("closeStatement", partner="bank", month="2126-01")
    page = (await bank.read(STATEMENTS, first=1, month="2126-02"))["partner"]
    assert page["statement"] == {"id": own}
    assert (page["statements"]["totalCount"], page["statements"]["pageInfo"]["hasNextPage"]) == (
        2,
        True,
    )
    cursor = page["statements"]["pageInfo"]["endCursor"]
    rest = (await bank.read(STATEMENTS, after=cursor, month="nonsense"))["partner"]
    assert rest["statement"] is None
    assert rest["statements"]["edges"] == [{"node": {"month": "2126-01"}}]
    hidden = (await nobody.ask(STATEMENTS, month="2126-02"))["errors"][0]["extensions"]["code"]
    assert hidden == "FORBIDDEN"


async def test_points_that_are_bought_are_left_until_they_are_granted() -> None:
    stage = await open_stage(stands_at="2126-03-31T20:00:00+08:00")
    bank, staff = await stage.partner((Scope.READ,), "bank"), stage.staff()
    await staff.done("savePartnerTerms", **of_month("2126-04", "1", prepaid=True))
    shown = "query($code: String) { partner(code: $code) { prepaidLeft } }"
    sent: dict[str, Any] = {"partner": "bank", "points": 100, "reference": "PO-1"}
    bought = await staff.done("buyPoints", "partner { prepaidLeft }", **sent)
    assert bought["partner"] == {"prepaidLeft": None}
    again = await staff.done("buyPoints", "partner { prepaidLeft }", **sent)
    assert (again["partner"], again["replayed"]) == ({"prepaidLeft": None}, True)
    other = await staff.refused("buyPoints", **{**sent, "points": 5})
    assert (other["code"], other["path"]) == ("REFERENCE_CONFLICT", ["reference"])

    document = make.variant(make.rule("rate", "base", points=1, funder="bank"))
    await make.publish(stage.programme, document, now=stage.now())
    await programmes.advance_clock(stage.programme, timedelta(hours=5))
    assert (await bank.read(shown))["partner"] == {"prepaidLeft": 100}
    shop = await stage.partner(code="shop")
    assert (await shop.read(shown, code="bank"))["partner"] is None
    assert (await (await stage.partner((Scope.EARN, Scope.MANAGE), "bank")).read(shown)) == {
        "partner": {"prepaidLeft": 100}
    }
    await staff.done("enrolMember", reference="xiaoli")
    # a quote says what is left, and takes nothing
    line = {"product": "hotel", "amount": "300"}
    quoted = await staff.read(
        """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
            points explanation { code } } }""",
        input={"member": {"reference": "xiaoli"}, "lines": [line]},
    )
    assert quoted["quoteEarning"]["points"] == 100
    assert {"code": "budget"} in quoted["quoteEarning"]["explanation"]
    engine = await stage.partner()
    assert (await engine.book("B", line))["pointsAwarded"] == 100
    assert (await bank.read(shown))["partner"] == {"prepaidLeft": 0}
    await engine.done("refundBooking", booking="B", reference="R")
    assert (await bank.read(shown))["partner"] == {"prepaidLeft": 100}
