"""What partners pay: terms of months, and the rules whose points they pay for."""

import asyncio
from typing import Any

import pytest

from domain.kernel.callers import Scope
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

TERMS = "terms { fromMonth basis pricePerPoint feePercent prepaid }"
OWN = f"{{ partner {{ code {TERMS} rates {{ rule text }} }} }}"
NAMED = f"query($code: String!) {{ partner(code: $code) {{ {TERMS} rates {{ rule }} }} }}"


async def funded(*codes: str) -> Stage:
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
    await make.publish(stage.programme, document, now=TODAY)
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
        **of_month("2126-02", "0.00000001", basis="REDEEMED"),
    )
    later, first = saved["partner"]["terms"]
    assert later == {
        "fromMonth": "2126-02",
        "basis": "REDEEMED",
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
