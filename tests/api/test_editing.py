"""Rewards kept by staff: offered and changed like a file of rewards does it, and their stock."""

import asyncio
from typing import Any

import pytest

import models
from domain.rewards import placing
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

COUPON: dict[str, Any] = {
    "code": "spring",
    "kind": "COUPON",
    "name": {"zh-CN": "春券", "en": "Spring coupon"},
    "description": {"zh-CN": "春季可用", "en": "For the spring"},
    "points": 5000,
    "worth": "50",
    "theme": "spring_sale",
    "minimumSpend": "300",
    "products": ["hotel"],
    "validDays": 30,
    "transferable": False,
    "cost": "45.50",
}
SHOWN = """reward { code kind listPoints worth { amount } theme minimumSpend { amount } products
    validDays transferable requires cost { amount currency } remaining }"""


async def kept(stage: Stage) -> Any:
    """The catalogue as a file of rewards."""
    return (await placing.document(stage.programme, stage.now()))["rewards"]


async def test_a_reward_is_offered_as_a_file_would_and_changed() -> None:
    stage = await open_stage()
    staff = stage.staff()
    made = await staff.done("saveReward", SHOWN, reward=COUPON)
    assert made["reward"] == {
        "code": "spring",
        "kind": "COUPON",
        "listPoints": 5000,
        "worth": {"amount": "50.00"},
        "theme": "spring_sale",
        "minimumSpend": {"amount": "300.00"},
        "products": ["hotel"],
        "validDays": 30,
        "transferable": False,
        "requires": None,
        "cost": {"amount": "45.50", "currency": "CNY"},
        "remaining": None,
    }
    assert await kept(stage) == [
        {
            "code": "spring",
            "kind": "coupon",
            "name": COUPON["name"],
            "description": COUPON["description"],
            "points": 5000,
            "worth": "50.00",
            "theme": "spring_sale",
            "cost": "45.50",
            "minimum_spend": "300.00",
            "products": ["hotel"],
            "valid_days": 30,
            "transferable": False,
        }
    ]
    query = 'query { reward(code: "spring") { theme cost { amount } } }'
    assert (await stage.member().read(query))["reward"] == {"theme": "spring_sale", "cost": None}

    changed = {**COUPON, "products": None, "active": False, "transferable": True}
    after = await staff.done("saveReward", SHOWN, reward=changed)
    assert (after["reward"]["products"], after["reward"]["transferable"]) == (None, True)
    assert (await stage.member().read("{ rewards { edges { node { code } } } }"))["rewards"][
        "edges"
    ] == []


WRONG: list[tuple[dict[str, Any], list[str], str]] = [
    ({"validDays": 0}, ["validDays"], "above"),
    ({"worth": "1.005"}, ["worth"], "decimals"),
    ({"minimumSpend": "0.001"}, ["minimumSpend"], "decimals"),
    ({"products": ["yacht"]}, ["products"], "undefined"),
    ({"requires": "ADDRESS"}, ["requires"], "requires_delivery"),
    ({"kind": "SERVICE", "products": None, "minimumSpend": None}, ["validDays"], "coupon_terms"),
    ({"name": {"en": "Spring"}}, ["name"], "missing"),
    ({"name": "Spring"}, ["name"], "mapping"),
    ({"code": "Spring"}, ["code"], "code"),
    ({"openValue": True}, ["worth"], "open_worth"),
    ({"worth": "0.00"}, ["worth"], "above"),
    ({"products": ["hotel", "flight", "hotel"]}, ["products"], "repeated"),
    ({"partner": "nobody"}, ["partner"], "undefined"),
    ({"theme": "Spring sale"}, ["theme"], "code"),
    ({"validFrom": "2026-12-01", "validUntil": "2026-11-01"}, ["validFrom"], "backwards"),
]


async def test_what_is_wrong_is_told_at_its_field_and_changes_nothing() -> None:
    stage = await open_stage()
    staff = stage.staff().reading("en")
    await make.reward(stage.programme, code="fixed", kind="COUPON", pooled_codes=True)
    before = await stage.everything()
    for change, path, code in WRONG:
        payload = await staff.do(
            "saveReward",
            "errors { code path message ... on PolicyInvalid { faults { code path } } }",
            reward={**COUPON, **change},
        )
        [problem] = payload["errors"]
        assert (problem["code"], problem["path"]) == ("POLICY_INVALID", ["reward", *path]), change
        assert problem["faults"][0]["code"] == code
        assert problem["message"].startswith("The reward has ")
    problem = await staff.refused("saveReward", reward={**COUPON, "code": "fixed"})
    assert (problem["code"], problem["path"]) == ("POLICY_INVALID", ["reward", "pooled"])
    assert await stage.everything() == before


async def test_a_stock_is_corrected_and_never_below_zero() -> None:
    stage = await open_stage()
    staff = stage.staff().reading("en")
    product = {**COUPON, "kind": "PRODUCT", "requires": "ADDRESS", "stock": 5}
    bare = {name: product[name] for name in ("code", "kind", "name", "description", "points")}
    made = await staff.done("saveReward", SHOWN, reward={**bare, "stock": 5, "requires": "ADDRESS"})
    assert (made["reward"]["remaining"], made["reward"]["requires"]) == (5, "ADDRESS")

    gone = await staff.done("adjustStock", SHOWN, reward="spring", change=-3, reason="broken")
    assert gone["reward"]["remaining"] == 2
    problem = await staff.refused("adjustStock", reward="spring", change=-3, reason="broken")
    assert (problem["code"], problem["path"]) == ("OUT_OF_STOCK", ["change"])
    spring = await models.Reward.get(programme_id=stage.programme.id, code="spring")
    changes = await models.StockChange.filter(reward_id=spring.id).order_by("id")
    assert [(one.kind, one.change) for one in changes] == [("OPENED", 5), (None, -3)]
    row = changes[1]
    assert (row.change, row.remaining, row.reason, row.actor) == (-3, 2, "broken", "staff:kim")

    # what is there keeps its stock, whatever the reward is saved with
    again = await staff.done("saveReward", SHOWN, reward={**bare, "stock": 9, "points": 1})
    assert again["reward"]["remaining"] == 2
    uncounted = await make.reward(stage.programme)
    pooled = await make.reward(stage.programme, kind="COUPON", pooled_codes=True)
    for reward, change, path, message in (
        (uncounted.code, 1, ["reward"], "cannot run out: it has no stock to correct."),
        (pooled.code, 1, ["reward"], "is the codes in its pool; import codes instead."),
        ("spring", 0, ["change"], "A correction cannot be zero"),
    ):
        problem = await staff.refused("adjustStock", reward=reward, change=change, reason="r")
        assert (problem["code"], problem["path"]) == ("INVALID_INPUT", path)
        assert message in problem["message"]
    problem = await staff.refused("adjustStock", reward="spring", change=1, reason=" ")
    assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["reason"])


async def test_of_twenty_corrections_at_once_as_many_are_made_as_there_are() -> None:
    stage = await open_stage()
    reward = await make.reward(stage.programme, stock=7)
    staff = stage.staff()
    payloads = await asyncio.gather(
        *(staff.do("adjustStock", reward=reward.code, change=-1, reason="lost") for _ in range(20))
    )
    codes = [problem["code"] for payload in payloads for problem in payload["errors"]]
    assert codes == ["OUT_OF_STOCK"] * 13
    assert (await models.RewardStock.get(reward_id=reward.id)).remaining == 0
    assert await models.StockChange.filter(reward_id=reward.id, change=-1).count() == 7


async def test_only_its_partner_and_staff_deliver_a_reward() -> None:
    stage = await open_stage()
    shop = await stage.partner(code="shop")
    await make.rich_member(stage.programme, 10_000, now=TODAY, reference="xiaoli")
    unnamed = await make.reward(stage.programme, list_points=10)
    made = await shop.done(
        "redeemReward", "redemption { id }", member={"reference": "xiaoli"}, reward=unnamed.code
    )
    redemption = made["redemption"]["id"]
    before = await stage.everything()
    problem = await shop.refused("fulfilRedemption", redemption=redemption)
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["redemption"])
    assert await stage.everything() == before
    await stage.staff().done("fulfilRedemption", redemption=redemption)
    problem = await shop.refused("cancelRedemption", redemption=redemption)
    assert problem["code"] == "REDEMPTION_STATE"
