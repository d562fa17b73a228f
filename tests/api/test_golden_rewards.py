"""The rewards of the golden example: bought in parts or for points alone, and given back."""

import pytest

from tests.support.callers import EXPIRES_ON
from tests.support.golden import played

pytestmark = pytest.mark.usefixtures("database")


async def test_all_of_it_for_a_coupon_which_only_a_partner_takes_back() -> None:
    stage, member, partner = await played()
    key = "coupon-1"

    bought = await member.done(
        "redeemReward",
        """redemption { id status points quantity worth { amount currency } codes
            reward { code } } balance { available worth { amount } }""",
        key=key,
        reward="coupon_open",
        points=4350,
    )

    redemption = bought["redemption"]
    identity, coupons = redemption.pop("id"), redemption.pop("codes")
    assert redemption == {
        "status": "FULFILLED",
        "points": 4350,
        "quantity": 1,
        "worth": {"amount": "43.50", "currency": "CNY"},
        "reward": {"code": "coupon_open"},
    }
    assert len(coupons) == 1
    assert len(coupons[0]) == 12
    assert bought["balance"] == {"available": 0, "worth": {"amount": "0.00"}}
    again = await member.done(
        "redeemReward", "redemption { id }", key=key, reward="coupon_open", points=4350
    )
    assert again == {"redemption": {"id": identity}, "replayed": True}

    before = await stage.everything()
    revealed = await member.refused("cancelRedemption", redemption=identity)
    assert revealed["code"] == "CODE_REVEALED"
    assert await stage.everything() == before

    undone = await partner.done(
        "cancelRedemption",
        "redemption { id status } pointsReinstated balance { available }",
        redemption=identity,
        reason="asked by telephone",
    )
    assert undone == {
        "redemption": {"id": identity, "status": "CANCELLED"},
        "pointsReinstated": 4350,
        "balance": {"available": 4350},
        "replayed": False,
    }


@pytest.mark.parametrize(
    ("code", "name", "price", "left"),
    [("lounge", "Airport lounge", 4000, 350), ("backpack", "Backpack", 3000, 1350)],
)
async def test_a_reward_is_bought_and_given_back(
    code: str, name: str, price: int, left: int
) -> None:
    _, member, _ = await played()

    bought = await member.done(
        "redeemReward",
        "redemption { id status points worth { amount } codes fulfilledAt } balance { available }",
        reward=code,
    )
    identity = bought["redemption"].pop("id")
    assert bought["redemption"] == {
        "status": "CONFIRMED",
        "points": price,
        "worth": None,
        "codes": [],
        "fulfilledAt": None,
    }
    assert bought["balance"] == {"available": left}
    stock = await member.read("query($c: String!) { reward(code: $c) { remaining } }", c=code)
    assert stock["reward"] == {"remaining": 999}

    undone = await member.done(
        "cancelRedemption",
        "redemption { status } pointsReinstated balance { available }",
        redemption=identity,
    )
    assert undone == {
        "redemption": {"status": "CANCELLED"},
        "pointsReinstated": price,
        "balance": {"available": 4350},
        "replayed": False,
    }

    data = await member.read(
        """query($c: String!) { reward(code: $c) { remaining } me {
            expirySchedule { points on }
            redemptions { totalCount edges { node { id status } } }
            ledger(first: 2) { edges { node { kind from to points availableAfter expiresOn
                description(locale: "en") redemption { id reward { code } } } } } } }""",
        c=code,
    )
    about = {"id": identity, "reward": {"code": code}}
    assert data["reward"] == {"remaining": 1000}
    assert data["me"] == {
        "expirySchedule": [{"points": 4350, "on": EXPIRES_ON}],
        "redemptions": {
            "totalCount": 1,
            "edges": [{"node": {"id": identity, "status": "CANCELLED"}}],
        },
        "ledger": {
            "edges": [
                {
                    "node": {
                        "kind": "REINSTATE",
                        "from": "REDEEMED",
                        "to": "AVAILABLE",
                        "points": price,
                        "availableAfter": 4350,
                        "expiresOn": EXPIRES_ON,
                        "description": f"Returned: {name}",
                        "redemption": about,
                    }
                },
                {
                    "node": {
                        "kind": "REDEEM",
                        "from": "AVAILABLE",
                        "to": "REDEEMED",
                        "points": -price,
                        "availableAfter": left,
                        "expiresOn": None,
                        "description": f"Redeemed: {name}",
                        "redemption": about,
                    }
                },
            ]
        },
    }


async def test_4350_points_do_not_buy_lounge_and_backpack_both() -> None:
    stage, member, _ = await played()
    await member.done("redeemReward", reward="lounge")
    before = await stage.everything()

    problem = await member.refused("redeemReward", reward="backpack")

    assert problem == {
        "__typename": "InsufficientPoints",
        "code": "INSUFFICIENT_POINTS",
        "message": "This takes 3000 points; 350 are available.",
        "path": ["points"],
        "available": 350,
        "required": 3000,
    }
    assert await stage.everything() == before
