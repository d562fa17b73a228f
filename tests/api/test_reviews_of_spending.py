"""Spending and giving that wait for staff: let through, rejected, or undecided in time."""

from datetime import timedelta
from typing import Any

import pytest

from domain.accounts import sweeps
from domain.programmes import programmes
from tests.api.test_reviews import sound
from tests.support import factories as make
from tests.support.callers import Stage
from tests.support.risks import (
    BALANCE,
    decide,
    figures,
    open_guarded,
    rule,
    velocity,
    waiting,
)

pytestmark = pytest.mark.usefixtures("database")


async def test_who_redeems_or_gives_away_waits_for_staff() -> None:
    stage = await open_guarded(
        rule("spree", "redeem", "amount", "review", over=1000),
        rule("never", "redeem", "amount", "deny", over=5000),
        rule("gift", "transfer", "amount", "review", over=100),
        velocity("gifts", "transfer", "deny", more_than=2),
        hours=5,
        transfers={"account_age_days": 0},
    )
    partner, staff, xiaoli = await stage.partner(), stage.staff(), stage.member()
    for reference in ("xiaoli", "wang"):
        await partner.done("enrolMember", reference=reference)
    await partner.book("B-1", {"product": "hotel", "amount": "12000.00"})
    await make.reward(stage.programme, code="bag", kind="PRODUCT", list_points=1500, stock=3)
    await make.reward(stage.programme, code="card", kind="COUPON", list_points=2000)

    held = f"underReview redemption {{ id status holdExpiresAt codes }} {BALANCE}"
    bag = await xiaoli.done("redeemReward", held, reward="bag")
    assert (bag["underReview"], bag["redemption"]["status"]) == (True, "HELD")
    assert bag["balance"] == {"available": 10500, "pending": 0, "held": 1500, "owed": 0}
    own = bag["redemption"]["id"]
    refused = await xiaoli.refused("confirmRedemption", redemption=own)
    assert (refused["code"], refused["path"]) == ("REDEMPTION_UNDER_REVIEW", ["redemption"])
    card = await xiaoli.done("redeemReward", held, reward="card")
    assert (card["redemption"]["codes"], card["underReview"]) == ([], True)

    before = await stage.everything()
    refused = await xiaoli.reading("en").refused("redeemReward", reward="bag", quantity=4)
    assert (refused["code"], refused["message"]) == (
        "RISK_DENIED",
        "This is not possible at the moment; the programme's support team can help.",
    )
    after = await stage.everything()
    # that it was denied is sealed, and nothing else of the account is otherwise
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"risk_decision", "seal", "account"}
    now = await xiaoli.read(f"{{ me {{ {BALANCE} }} }}")
    assert now["me"]["balance"] == card["balance"]

    given = await xiaoli.done(
        "transferPoints",
        f"pointsTransferred underReview receiver {{ reference }} {BALANCE}",
        to={"reference": "wang"},
        points=500,
        note="for you",
    )
    assert (given["pointsTransferred"], given["underReview"], given["receiver"]) == (0, True, None)
    assert given["balance"] == {"available": 8000, "pending": 0, "held": 4000, "owed": 0}

    found = {one["on"]: one for one in await waiting(staff)}
    assert [one["on"] for one in await waiting(staff)] == ["redeem", "redeem", "transfer"]
    first, second, third = await waiting(staff)
    assert (third["reasons"][0]["code"], third["facts"][0]["__typename"]) == ("gift", "Redemption")
    assert found["transfer"]["ifApproved"][0]["code"] == "review_points_given"
    # the goods are sent, the coupon is not given, the gift arrives
    await decide(staff, first["id"], approve=True)
    await decide(staff, second["id"], approve=False)
    await decide(staff, third["id"], approve=True)
    shown = await xiaoli.read(
        "{ me { balance { available held } redemptions { edges { node { status points } } } } }"
    )
    assert shown["me"]["balance"] == {"available": 10000, "held": 0}
    # what was held to be given away is no redemption
    assert [one["node"]["status"] for one in shown["me"]["redemptions"]["edges"]] == [
        "RELEASED",
        "CONFIRMED",
    ]
    wang = await stage.member("wang").read("{ me { balance { available } } }")
    assert wang["me"]["balance"] == {"available": 500}

    await lapses(stage)


async def lapses(stage: Stage) -> None:
    """What nobody decides comes back by itself."""
    staff, xiaoli = stage.staff(), stage.member()
    held = "underReview redemption { id }"
    lapsing = await xiaoli.done("redeemReward", held, reward="bag")
    again = await xiaoli.do("redeemReward", held, reward="bag")
    assert again["underReview"] is True
    [_, other] = await waiting(staff)
    await xiaoli.done("cancelRedemption", redemption=lapsing["redemption"]["id"])
    assert [one["id"] for one in await waiting(staff)] == [other["id"]]
    later = Stage(await programmes.advance_clock(stage.programme, timedelta(hours=5)))
    assert await waiting(later.staff()) == []
    states = [one["state"] for one in await waiting(later.staff(), undecided=False)]
    assert states == ["LAPSED", "LAPSED", "APPROVED", "REJECTED", "APPROVED"]
    refused = await later.staff().refused(
        "decideReview", review=other["id"], approve=True, reason="too late"
    )
    assert refused["code"] == "STATE_CONFLICT"
    assert await figures(later.staff()) == {
        "spree": (5, 2, 1, "0.500000"),
        "never": (1, 0, 0, None),
        "gift": (1, 1, 0, "0.000000"),
        "gifts": (0, 0, 0, None),
    }
    await sound(later, "xiaoli", "wang")


TOLD = """{ me { redemptions { totalCount } ledger { edges { node {
    en: description(locale: "en") zh: description(locale: "zh-CN") } } }
    statement(period: {from: "2126-03-01", through: "2126-03-31"}) { html(locale: "en") } } }"""


async def test_a_transfer_that_waits_is_said_to_be_one() -> None:
    stage = await open_guarded(
        rule("gift", "transfer", "amount", "review", over=100),
        hours=5,
        transfers={"account_age_days": 0},
    )
    partner, xiaoli = await stage.partner(), stage.member()
    for reference in ("xiaoli", "wang"):
        await partner.done("enrolMember", reference=reference)
    await partner.book("B-1", {"product": "hotel", "amount": "900"})
    to = {"reference": "wang"}
    given = await xiaoli.done("transferPoints", "underReview", to=to, points=500)
    assert given["underReview"] is True
    held = {"en": "Reserved: a transfer to another member", "zh": "预留：转赠给其他会员"}
    back = {
        "en": "Reservation released: a transfer to another member",
        "zh": "预留已释放：转赠给其他会员",
    }
    found = (await xiaoli.read(TOLD))["me"]
    assert found["ledger"]["edges"][0]["node"] == held
    assert found["redemptions"]["totalCount"] == 0
    # its hold dies; nobody has recorded that yet
    later = Stage(await programmes.advance_clock(stage.programme, timedelta(hours=5)))
    found = (await later.member().read(TOLD))["me"]
    assert [one["node"] for one in found["ledger"]["edges"][:2]] == [back, held]
    assert back["en"] in found["statement"]["html"]
    await sweeps.post(later.programme, await later.member_id(), later.now())
    recorded = (await later.member().read(TOLD))["me"]
    assert recorded["ledger"] == found["ledger"]
    assert back["en"] in recorded["statement"]["html"]


async def test_a_checkout_that_was_rejected_is_told_so_to_its_booking() -> None:
    stage = await open_guarded(rule("spree", "redeem", "amount", "review", over=1000))
    partner, staff = await stage.partner(), stage.staff()
    await partner.done("enrolMember", reference="xiaoli")
    await partner.book("B-1", {"product": "hotel", "amount": "12000.00"})
    hotel: dict[str, Any] = {
        "member": {"reference": "xiaoli"},
        "lines": [{"product": "hotel", "amount": "1000"}],
    }
    held = await partner.done("redeemOnBooking", "redemption { id }", **hotel, points=3000)
    booking = {**hotel, "reference": "B-2", "redemptionId": held["redemption"]["id"]}
    waits = await partner.refused("earnForBooking", **booking)
    assert (waits["code"], waits["path"]) == ("REDEMPTION_UNDER_REVIEW", ["redemptionId"])
    [review] = await waiting(staff)
    await decide(staff, review["id"], approve=False)
    over = await partner.refused("earnForBooking", **booking)
    assert (over["code"], over["path"]) == ("REDEMPTION_STATE", ["redemptionId"])
    await sound(stage)
