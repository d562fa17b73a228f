"""A member's coupons, how long they last, and how staff let them be used longer."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

import models
from domain.kernel.callers import Scope
from domain.kernel.database import update
from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

COUPONS = """{ coupons { code status validThrough worth { amount } reward { code }
    minimumSpend { amount } products usedAt } }"""
COUPON = "coupon { code status validThrough }"


def day(days: int) -> str:
    """The local day so many days after today."""
    return (date(2126, 3, 15) + timedelta(days=days)).isoformat()


async def opened() -> Stage:
    stage = await open_stage()
    await make.rich_member(stage.programme, 10_000, now=TODAY, reference="xiaoli")
    return stage


async def bought(stage: Stage, reward: models.Reward, **sent: Any) -> list[str]:
    """The codes of a redemption."""
    shown = "redemption { codes }"
    made = await stage.member().done("redeemReward", shown, reward=reward.code, **sent)
    codes: list[str] = made["redemption"]["codes"]
    return codes


async def ended(code: str, days_ago: int) -> None:
    """Let a coupon have ended so many days ago."""
    end = TODAY - timedelta(days=days_ago)
    await update("UPDATE coupon_code SET ends_at = $2 WHERE code = $1", code, end)


async def test_a_member_has_its_coupons_the_usable_first() -> None:
    stage = await opened()
    lasting = await make.reward(stage.programme, kind="COUPON", list_points=10, worth_minor=1000)
    short = await make.reward(
        stage.programme,
        kind="COUPON",
        list_points=10,
        worth_minor=5000,
        valid_days=30,
        minimum_spend_minor=30_000,
        products=["hotel"],
    )
    [ever] = await bought(stage, lasting)
    first, second = await bought(stage, short, quantity=2)
    [used] = await bought(stage, lasting)
    [over] = await bought(stage, short)
    await (await stage.partner()).done("useCoupon", code=used)
    await ended(over, 1)

    found = (await stage.member().read(f"{{ me {COUPONS} }}"))["me"]["coupons"]

    assert [one["code"] for one in found[:3]] == [*sorted((first, second)), ever] or [
        one["code"] for one in found[:3]
    ] == [*sorted((first, second), reverse=True), ever]
    assert {one["code"]: (one["status"], one["validThrough"]) for one in found} == {
        first: ("ISSUED", day(30)),
        second: ("ISSUED", day(30)),
        ever: ("ISSUED", None),
        used: ("USED", None),
        over: ("EXPIRED", day(-1)),
    }
    assert {name: found[0][name] for name in ("worth", "minimumSpend", "products", "reward")} == {
        "worth": {"amount": "50.00"},
        "minimumSpend": {"amount": "300.00"},
        "products": ["hotel"],
        "reward": {"code": short.code},
    }


async def test_partners_see_coupons_with_their_scope_only_and_who_saw_them_is_kept() -> None:
    stage = await opened()
    reward = await make.reward(stage.programme, kind="COUPON", list_points=10)
    [code] = await bought(stage, reward)
    query = f'{{ member(by: {{reference: "xiaoli"}}) {COUPONS} }}'
    scopes = (Scope.READ, Scope.FULFIL)
    blind = await stage.partner(scopes, "blind")
    assert (await blind.read(query))["member"]["coupons"] == []
    seeing = await stage.partner((*scopes, Scope.CODES), "seeing")
    seen = (await seeing.read(query))["member"]["coupons"]
    assert [one["code"] for one in seen] == [code]
    kept = await models.CodeReveal.filter(member_id=await stage.member_id()).values_list(
        "actor", flat=True
    )
    assert len([actor for actor in kept if str(actor).startswith("partner:")]) == 1


async def test_a_code_of_a_pool_keeps_its_own_end_and_forgets_the_other_when_it_returns() -> None:
    stage = await opened()
    reward = await make.reward(
        stage.programme, kind="COUPON", list_points=10, pooled_codes=True, valid_days=30
    )
    own_end = TODAY + timedelta(days=2)
    await make.pool(reward, "OWN", valid_until=own_end)
    await make.pool(reward, "NONE")
    assert await bought(stage, reward) == ["OWN"]
    held = await stage.member().done(
        "redeemReward", "redemption { id }", reward=reward.code, hold=True
    )
    assert (await models.CouponCode.get(code="NONE")).ends_at is not None
    await stage.member().done("cancelRedemption", redemption=held["redemption"]["id"])
    back = await models.CouponCode.get(code="NONE")
    assert (back.status, back.ends_at) == ("IMPORTED", None)
    assert await bought(stage, reward) == ["NONE"]
    ends = {one.code: one.ends_at or one.valid_until for one in await models.CouponCode.all()}
    assert ends["OWN"] == own_end
    found = (await stage.member().read(f"{{ me {COUPONS} }}"))["me"]["coupons"]
    assert [(one["code"], one["validThrough"]) for one in found] == [
        ("OWN", day(2)),
        ("NONE", day(30)),
    ]
    assert await make.faults(await stage.member_id()) == []


async def test_staff_extend_what_is_issued_or_expired_of_late() -> None:
    stage = await opened()
    staff, shop = stage.staff().reading("en"), await stage.partner()
    reward = await make.reward(stage.programme, kind="COUPON", list_points=10, valid_days=30)
    [code] = await bought(stage, reward)
    sent = {"code": code.lower(), "reason": "goodwill"}

    problem = await staff.refused("extendCoupon", validUntil=day(30), **sent)
    assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["validUntil"])
    assert problem["message"].endswith(f"give {day(31)} or a later day.")
    longer = await staff.done("extendCoupon", COUPON, validUntil=day(31), **sent)
    assert longer["coupon"] == {"code": code, "status": "ISSUED", "validThrough": day(31)}

    await ended(code, 89)
    assert (await shop.refused("useCoupon", code=code))["code"] == "REDEMPTION_STATE"
    again = await staff.done("extendCoupon", COUPON, validUntil=day(1), **sent)
    assert again["coupon"]["status"] == "ISSUED"
    row = await models.CouponCode.get(code=code)
    assert (row.extended_by, row.extended_why) == ("staff:kim", "goodwill")
    extended = await make.payloads("coupon.extended", member_id=await stage.member_id())
    assert [payload["valid_until"] for payload in extended] == [day(31), day(1)]

    await ended(code, 91)
    problem = await staff.refused("extendCoupon", validUntil=day(1), **sent)
    assert (problem["code"], problem["path"]) == ("REDEMPTION_STATE", ["code"])
    await ended(code, 0)
    await staff.done("extendCoupon", validUntil=day(1), **sent)
    await shop.done("useCoupon", code=code)
    assert (await staff.refused("extendCoupon", validUntil=day(9), **sent))["code"] == (
        "REDEMPTION_STATE"
    )


async def test_what_never_ends_or_is_not_there_is_not_extended() -> None:
    stage = await opened()
    staff = stage.staff()
    [code] = await bought(stage, await make.reward(stage.programme, kind="COUPON", list_points=10))
    for named, path, refusal in (
        (code, ["code"], "INVALID_INPUT"),
        ("NOWHERE", ["code"], "NOT_FOUND"),
        ("", ["code"], "INVALID_INPUT"),
    ):
        problem = await staff.refused("extendCoupon", code=named, validUntil=day(9), reason="r")
        assert (problem["code"], problem["path"]) == (refusal, path)


async def test_a_coupon_is_used_or_extended_first_but_never_lost() -> None:
    stage = await opened()
    reward = await make.reward(stage.programme, kind="COUPON", list_points=10, valid_days=30)
    staff, shop = stage.staff(), await stage.partner()
    codes = await bought(stage, reward, quantity=4)
    for code in codes:
        extended, used = await asyncio.gather(
            staff.do("extendCoupon", code=code, validUntil=day(60), reason="goodwill"),
            shop.do("useCoupon", code=code),
        )
        assert used["errors"] == []
        assert [one["code"] for one in extended["errors"]] in ([], ["REDEMPTION_STATE"])
        row = await models.CouponCode.get(code=code)
        assert (row.status, row.extended_at is None) == ("USED", bool(extended["errors"]))
