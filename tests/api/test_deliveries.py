"""Deliveries: what is required for them, who sees it until when, sent, rejected, and forgotten."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

import models
from domain.kernel.database import update
from domain.partners import partners
from domain.redemptions import delivery_details
from domain.redemptions.delivery_details import DeliverySent
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

ADDRESS = {"recipient": "Li Na", "phone": "+8613800138000", "address": "Nanjing Road 1"}
DETAILS = "delivery { recipient phone address note from until place }"
SHOWN = f"redemption {{ id status tracking shippedAt fulfilledAt {DETAILS} }}"
QUERY = f"query($id: ID!) {{ redemption(id: $id) {{ status {DETAILS} }} }}"
ORDERS = "{ ordersToFulfil { edges { node { id status } } totalCount } }"


async def opened(requires: str = "ADDRESS", **columns: Any) -> tuple[Stage, models.Reward, Client]:
    """A shop's reward that requires an address, and that shop."""
    stage = await open_stage()
    shop = await stage.partner(code="shop")
    partner_id = await partners.find_id(stage.programme, "shop")
    await make.rich_member(stage.programme, 10_000, now=TODAY, reference="xiaoli")
    kind = "PRODUCT" if requires == "ADDRESS" else "SERVICE"
    terms = {"kind": kind, "list_points": 100, "partner_id": partner_id, **columns}
    return stage, await make.reward(stage.programme, requires=requires, **terms), shop


async def ordered(stage: Stage, reward: models.Reward, **delivery: Any) -> str:
    """The id of a redemption with these details."""
    made = await stage.member().done(
        "redeemReward", SHOWN, reward=reward.code, delivery=delivery or ADDRESS
    )
    redemption_id: str = made["redemption"]["id"]
    return redemption_id


def at(days: float) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


async def test_an_order_is_sent_and_delivered_with_its_tracking() -> None:
    stage, reward, shop = await opened()
    made = await stage.member().done("redeemReward", SHOWN, reward=reward.code, delivery=ADDRESS)
    order = made["redemption"]
    nothing = dict.fromkeys(("note", "from", "until", "place"))
    assert (order["status"], order["delivery"]) == ("CONFIRMED", {**ADDRESS, **nothing})
    assert (await shop.read(ORDERS))["ordersToFulfil"] == {
        "edges": [{"node": {"id": order["id"], "status": "CONFIRMED"}}],
        "totalCount": 1,
    }

    sent = await shop.done("shipRedemption", SHOWN, redemption=order["id"], tracking="SF-1")
    assert (sent["redemption"]["status"], sent["redemption"]["tracking"]) == ("SHIPPED", "SF-1")
    [told] = await make.payloads("redemption.shipped", member_id=await stage.member_id())
    assert told["reward"] == reward.code
    for caller, refused in ((stage.member(), "cancelRedemption"), (shop, "rejectOrder")):
        reason = {"reason": "late"}
        problem = await caller.refused(refused, redemption=order["id"], **reason)
        assert problem["code"] == "REDEMPTION_STATE"
    problem = await stage.member().refused(
        "changeDelivery", redemption=order["id"], delivery=ADDRESS
    )
    assert problem["code"] == "REDEMPTION_STATE"

    done = await shop.done("fulfilRedemption", SHOWN, redemption=order["id"], reference="R-1")
    after = done["redemption"]
    assert (after["status"], after["tracking"]) == ("FULFILLED", "SF-1")
    assert sent["redemption"]["shippedAt"] == after["shippedAt"] < after["fulfilledAt"]
    again = await shop.done("fulfilRedemption", SHOWN, redemption=order["id"], reference="R-1")
    assert again["replayed"] is True
    assert (await shop.read(ORDERS))["ordersToFulfil"]["totalCount"] == 0
    assert await make.faults(await stage.member_id()) == []


async def test_what_a_delivery_requires_is_asked_for_at_its_field() -> None:
    stage, box, _ = await opened()
    massage = await make.reward(stage.programme, list_points=100, requires="APPOINTMENT")
    plain = await make.reward(stage.programme, list_points=100)
    member = stage.member().reading("en")
    someone = {"recipient": "Li Na", "phone": "1"}
    before = await stage.everything()
    for reward, delivery, path in (
        (box, None, ["delivery"]),
        (plain, ADDRESS, ["delivery"]),
        (box, someone, ["delivery", "address"]),
        (box, {**ADDRESS, "phone": None}, ["delivery", "phone"]),
        (box, {**ADDRESS, "phone": " "}, ["delivery", "phone"]),
        (box, {**ADDRESS, "address": "x" * 501}, ["delivery", "address"]),
        (box, {**ADDRESS, "note": "a\nb"}, ["delivery", "note"]),
        (box, {**ADDRESS, "from": at(2)}, ["delivery", "from"]),
        (massage, ADDRESS, ["delivery", "from"]),
        (massage, {**someone, "from": at(-1)}, ["delivery", "from"]),
        (massage, {**someone, "from": at(731)}, ["delivery", "from"]),
        (massage, {**someone, "from": at(2), "until": at(2)}, ["delivery", "until"]),
        (massage, {**someone, "until": at(2)}, ["delivery", "from"]),
        (massage, {**someone, "from": at(2), "address": "here"}, ["delivery", "address"]),
    ):
        problem = await member.refused("redeemReward", reward=reward.code, delivery=delivery)
        assert (problem["code"], problem["path"]) == ("INVALID_INPUT", path), delivery
    assert await stage.everything() == before


async def test_details_change_until_the_day_before_an_appointment() -> None:
    stage, reward, shop = await opened("APPOINTMENT")
    someone: dict[str, Any] = {"recipient": "Li Na", "phone": "1"}
    order = await ordered(stage, reward, **someone, **{"from": at(3), "place": "Lobby"})
    sent: dict[str, Any] = {
        "redemption": order,
        "delivery": {**someone, "from": at(0.9), "until": at(1)},
    }
    changed = await stage.staff().done("changeDelivery", SHOWN, **sent)
    assert changed["redemption"]["delivery"]["place"] is None
    problem = await stage.member().refused("changeDelivery", **sent)
    assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["redemption"])
    answer = await shop.ask(
        "mutation($input: ChangeDeliveryInput!) { changeDelivery(input: $input) { replayed } }",
        input={**sent, "idempotencyKey": "k"},
    )
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await models.DeliveryDetail.filter(member_id=await stage.member_id()).count() == 1


async def test_who_sees_details_and_until_when() -> None:
    stage, reward, shop = await opened()
    order = await ordered(stage, reward)
    stranger = await stage.partner(code="airline")
    booking_engine = await stage.partner(code="booking-engine")
    made = await booking_engine.done(
        "redeemReward",
        SHOWN,
        member={"reference": "xiaoli"},
        reward=reward.code,
        delivery=ADDRESS,
    )
    # who orders for its member need not deliver
    assert made["redemption"]["delivery"] is None
    assert (await stranger.read(QUERY, id=order))["redemption"] is None
    await shop.done("fulfilRedemption", redemption=order)
    callers = (stage.member(), stage.staff(), shop)
    for caller in callers:
        found = (await caller.read(QUERY, id=order))["redemption"]
        assert found["delivery"]["address"] == ADDRESS["address"]
    await _delivered(stage, 30)
    for caller in callers:
        assert (await caller.read(QUERY, id=order))["redemption"]["delivery"] is None


async def _delivered(stage: Stage, days_ago: int) -> None:
    """Let what was delivered have been so long ago."""
    await update(
        "UPDATE redemption SET fulfilled_at = $2 WHERE member_id = $1 AND fulfilled_at IS NOT NULL",
        await stage.member_id(),
        stage.now() - timedelta(days=days_ago),
    )


async def forgotten(stage: Stage) -> int:
    """How many details a run of the job removes."""
    now, programme = stage.now(), stage.programme
    found = [one async for one in delivery_details.outlived(programme, now)]
    return sum([await delivery_details.forget(programme, one, now) for one in found])


async def test_details_are_gone_in_time() -> None:
    stage, reward, shop = await opened()
    member_id = await stage.member_id()
    delivered, cancelled, held, kept = [await ordered(stage, reward) for _ in range(4)]
    await shop.done("fulfilRedemption", redemption=delivered)
    await stage.member().done("cancelRedemption", redemption=cancelled)
    there = models.DeliveryDetail.filter(member_id=member_id)
    assert await there.count() == 3
    await _delivered(stage, 179)
    assert await forgotten(stage) == 0
    await _delivered(stage, 180)
    assert await forgotten(stage) == 1
    on_hold = await stage.member().done(
        "redeemReward", SHOWN, reward=reward.code, delivery=ADDRESS, hold=True
    )
    await stage.member().done("cancelRedemption", redemption=on_hold["redemption"]["id"])
    assert await forgotten(stage) == 1
    assert await there.count() == 2
    await update("UPDATE member SET status = 'ERASED' WHERE member_id = $1", member_id)
    assert await forgotten(stage) == 2
    assert held != kept
    assert await delivery_details.of_redemptions(stage.programme.id, []) == {}


async def test_a_rejected_order_gives_back_points_that_last_and_no_stock() -> None:
    stage, reward, shop = await opened(stock=5)
    member_id = await stage.member_id()
    # the points that pay end tomorrow
    await update(
        "UPDATE lot SET expires_at = $2 WHERE member_id = $1",
        member_id,
        TODAY + timedelta(days=1),
    )
    first, second = [await ordered(stage, reward) for _ in range(2)]
    shown = "redemption { status cancelReason } pointsReinstated balance { available }"
    gone = await shop.done("rejectOrder", shown, redemption=first, reason="sold out")
    assert gone["redemption"] == {"status": "CANCELLED", "cancelReason": "sold out"}
    assert (gone["pointsReinstated"], gone["balance"]["available"]) == (100, 9900)
    await stage.staff().done("rejectOrder", shown, redemption=second, reason="closed", restock=True)
    assert (await models.RewardStock.get(reward_id=reward.id)).remaining == 4
    grace = stage.programme.versions[-1].policy.refunds.grace_days
    lots = await models.Lot.filter(member_id=member_id, points=100).values_list(
        "expires_at", flat=True
    )
    least = TODAY + timedelta(days=grace)
    assert len(lots) == 2
    assert all(end >= least for end in lots)  # type: ignore[operator]
    [told, _] = await make.payloads("redemption.rejected", member_id=member_id)
    assert (told["reward"], told["points"]) == (reward.code, 100)
    assert await models.DeliveryDetail.filter(member_id=member_id).count() == 0


async def test_only_who_delivers_sees_sends_and_rejects() -> None:
    stage, reward, shop = await opened()
    unnamed = await make.reward(stage.programme, kind="PRODUCT", list_points=10)
    order = await ordered(stage, reward)
    made = await shop.done(
        "redeemReward", SHOWN, member={"reference": "xiaoli"}, reward=unnamed.code
    )
    nobodys = made["redemption"]["id"]
    stranger = await stage.partner(code="airline")
    before = await stage.everything()
    for caller, named in ((stranger, order), (shop, nobodys)):
        for mutation, sent in (("shipRedemption", {}), ("rejectOrder", {"reason": "r"})):
            problem = await caller.refused(mutation, redemption=named, **sent)
            assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["redemption"])
    assert await stage.everything() == before
    listed = {
        name: [one["node"]["id"] for one in (await caller.read(ORDERS))["ordersToFulfil"]["edges"]]
        for name, caller in (("shop", shop), ("stranger", stranger), ("staff", stage.staff()))
    }
    assert listed == {"shop": [order], "stranger": [], "staff": [order, nobodys]}
    miles = await make.reward(stage.programme, kind="PARTNER", list_points=10)
    ordered_miles = await stage.member().done(
        "redeemReward", SHOWN, reward=miles.code, partnerAccount="CA-1"
    )
    problem = await stage.staff().refused(
        "shipRedemption", redemption=ordered_miles["redemption"]["id"]
    )
    assert (problem["code"], problem["path"]) == ("INVALID_INPUT", ["redemption"])


async def test_of_a_shipment_and_a_rejection_at_once_one_is_done() -> None:
    stage, reward, shop = await opened()
    for _ in range(4):
        order = await ordered(stage, reward)
        sent, rejected, cancelled = await asyncio.gather(
            shop.do("shipRedemption", redemption=order),
            stage.staff().do("rejectOrder", redemption=order, reason="broken"),
            stage.member().do("cancelRedemption", redemption=order),
        )
        refused = [one["errors"][0]["code"] for one in (sent, rejected, cancelled) if one["errors"]]
        assert refused == ["REDEMPTION_STATE"] * 2
    assert await make.faults(await stage.member_id()) == []


def test_what_a_delivery_is_compared_by_names_all_of_it() -> None:
    said = DeliverySent("a", "b", "c", "d", TODAY, TODAY, "e").canonical()
    assert list(said) == ["recipient", "phone", "address", "note", "from", "until", "place"]
    assert None not in said.values()
