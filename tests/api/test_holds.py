"""Holds over HTTP: taken, confirmed, given up, delivered, used, and dead with the clock."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import models
from api.wording.messages import moment_text
from domain.kernel.callers import Scope
from domain.partners import partners
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

HALF_AN_HOUR = timedelta(minutes=30)
SHOWN = """redemption { id status points quantity codes createdAt holdExpiresAt fulfilledAt tracking
    worth { amount currency } reward { code remaining } }"""
BALANCE = "balance { available held }"
ACCOUNT = f"""{{ me {{ {BALANCE} expirySchedule {{ points }} redemptions {{ totalCount edges {{
    node {{ status codes }} }} }} held: redemptions(status: [HELD]) {{ totalCount }}
    released: redemptions(status: [RELEASED]) {{ totalCount }} }} }}"""


async def opened(kind: str = "SERVICE", **columns: Any) -> tuple[Stage, Client, models.Reward]:
    """A programme, a member with 1000 points as it calls, and a reward for 100 of them."""
    stage = await open_stage()
    await make.rich_member(stage.programme, 1000, now=TODAY, reference="xiaoli")
    sort: dict[str, Any] = {"kind": kind, "list_points": 100, "stock": 5, **columns}
    return stage, stage.member(), await make.reward(stage.programme, **sort)


async def wait(stage: Stage, time: timedelta) -> None:
    await programmes.advance_clock(stage.programme, time)


async def hold(client: Client, reward: models.Reward, **sent: Any) -> str:
    payload = await client.done("redeemReward", SHOWN, reward=reward.code, hold=True, **sent)
    made: str = payload["redemption"]["id"]
    return made


async def expiry(client: Client, made: str) -> datetime:
    data = await client.read("query($id: ID!) { redemption(id: $id) { holdExpiresAt } }", id=made)
    return datetime.fromisoformat(data["redemption"]["holdExpiresAt"])


async def ledger(client: Client) -> list[tuple[Any, ...]]:
    data = await client.read(
        """{ me { ledger { edges { node { kind from to points availableChange pendingChange
            description redemption { status } } } } } }"""
    )
    return [tuple(edge["node"].values()) for edge in reversed(data["me"]["ledger"]["edges"])]


async def test_a_hold_is_confirmed_and_delivered() -> None:
    stage, member, reward = await opened(
        names={"zh-CN": "贵宾厅", "en": "Lounge"}, worth_minor=12_000
    )
    held = await member.done(
        "redeemReward", f"{SHOWN} {BALANCE}", reward=reward.code, hold=True, quantity=2
    )

    made = held["redemption"]
    assert held["balance"] == {"available": 800, "held": 200}
    assert made["holdExpiresAt"] > made["createdAt"]
    died, born = (datetime.fromisoformat(made[k]) for k in ("holdExpiresAt", "createdAt"))
    assert died - born == HALF_AN_HOUR
    for name in ("id", "createdAt", "holdExpiresAt"):
        del made[name]
    assert made == {
        "status": "HELD",
        "points": 200,
        "quantity": 2,
        "codes": [],
        "fulfilledAt": None,
        "tracking": None,
        "worth": {"amount": "240.00", "currency": "CNY"},
        "reward": {"code": reward.code, "remaining": 3},
    }

    found = await member.read("{ me { redemptions { edges { node { id } } } } }")
    made_id = found["me"]["redemptions"]["edges"][0]["node"]["id"]
    confirmed = await member.done("confirmRedemption", SHOWN, redemption=made_id)
    assert confirmed["redemption"]["status"] == "CONFIRMED"
    shop = await stage.partner([Scope.FULFIL, Scope.ALL_PARTNERS])
    delivered = await shop.done("fulfilRedemption", SHOWN, redemption=made_id, tracking="SF-1234")
    assert delivered["redemption"]["status"] == "FULFILLED"
    assert delivered["redemption"]["tracking"] == "SF-1234"
    assert delivered["redemption"]["fulfilledAt"] is not None
    assert await ledger(member.reading("en")) == [
        ("EARN", "ISSUED", "AVAILABLE", 1000, 1000, 0, "Spending at a partner", None),
        ("HOLD", "AVAILABLE", "HELD", -200, -200, 0, "Reserved: Lounge", {"status": "FULFILLED"}),
        ("CAPTURE", "HELD", "REDEEMED", 0, 0, 0, "Redeemed: Lounge", {"status": "FULFILLED"}),
    ]


async def test_a_hold_that_is_given_up_was_never_spent() -> None:
    _, member, reward = await opened()
    made = await hold(member, reward)
    payload = await member.done(
        "cancelRedemption", f"{SHOWN} pointsReinstated {BALANCE}", redemption=made, reason="changed"
    )
    assert payload["redemption"]["status"] == "RELEASED"
    assert payload["redemption"]["reward"]["remaining"] == 5
    assert (payload["pointsReinstated"], payload["balance"]) == (
        100,
        {"available": 1000, "held": 0},
    )
    assert [(row[0], row[3]) for row in await ledger(member)] == [
        ("EARN", 1000),
        ("HOLD", -100),
        ("RELEASE", 100),
    ]


async def test_a_hold_dies_with_the_clock_and_nothing_is_written() -> None:
    stage, member, reward = await opened("COUPON", stock=1, per_member_limit=1)
    made = await hold(member, reward)
    assert await member.read(ACCOUNT) == {
        "me": {
            "balance": {"available": 900, "held": 100},
            "expirySchedule": [{"points": 900}],
            "redemptions": {"totalCount": 1, "edges": [{"node": {"status": "HELD", "codes": []}}]},
            "held": {"totalCount": 1},
            "released": {"totalCount": 0},
        }
    }
    before = await stage.everything()
    await wait(stage, HALF_AN_HOUR)

    dead = {"node": {"status": "RELEASED", "codes": []}}
    assert await member.read(ACCOUNT) == {
        "me": {
            "balance": {"available": 1000, "held": 0},
            "expirySchedule": [{"points": 1000}],
            "redemptions": {"totalCount": 1, "edges": [dead]},
            "held": {"totalCount": 0},
            "released": {"totalCount": 1},
        }
    }
    for query in ("redemption(id: $id) { status }", "node(id: $id) { ... on Redemption {status} }"):
        data = await member.read(f"query($id: ID!) {{ found: {query} }}", id=made)
        assert data["found"] == {"status": "RELEASED"}
    refused = await member.reading("en").refused("confirmRedemption", redemption=made)
    assert (refused["code"], refused["path"]) == ("HOLD_EXPIRED", ["redemption"])
    died = moment_text(await expiry(member, made), "en", ZoneInfo("Asia/Shanghai"))
    assert refused["message"] == f"The hold expired at {died}; its points are available again."
    late = await member.refused("cancelRedemption", redemption=made)
    assert (late["code"], late["status"]) == ("REDEMPTION_STATE", "RELEASED")
    assert await stage.everything() == before

    again = await member.done("redeemReward", f"{SHOWN} {BALANCE}", reward=reward.code)
    assert again["redemption"]["status"] == "FULFILLED"
    assert len(again["redemption"]["codes"]) == 1
    assert again["balance"] == {"available": 900, "held": 0}


async def test_a_balance_of_the_past_does_not_change_with_what_is_posted_later() -> None:
    stage, member, reward = await opened()
    query = "query($at: DateTime!) { me { balance(asOf: $at) { available held } } }"
    await hold(member, reward)
    during = stage.now()
    await wait(stage, HALF_AN_HOUR)
    after = stage.now() + HALF_AN_HOUR

    async def then(at: datetime) -> Any:
        return (await member.read(query, at=at.isoformat()))["me"]["balance"]

    for _ in range(2):
        assert await then(during) == {"available": 900, "held": 100}
        assert await then(after) == {"available": 1000, "held": 0}
        await wait(stage, timedelta(hours=1))
        await member.done("earnForActivity", type="share", reference=str(stage.now()))


async def test_a_coupon_is_shown_when_confirmed_and_used_once() -> None:
    stage, member, reward = await opened("COUPON", pooled_codes=True)
    await make.pool(reward, "WELCOME-1", "WELCOME-2")
    made = await hold(member, reward)
    shop = await stage.partner([Scope.FULFIL])
    early = await shop.refused("useCoupon", code="WELCOME-1")
    assert (early["code"], early["path"]) == ("NOT_FOUND", ["code"])
    confirmed = await member.done("confirmRedemption", SHOWN, redemption=made)
    assert confirmed["redemption"]["codes"] == ["WELCOME-1"]
    revealed = await member.refused("cancelRedemption", redemption=made)
    assert (revealed["code"], revealed["path"]) == ("CODE_REVEALED", ["redemption"])

    used = await shop.done("useCoupon", "redemption { id status }", code="WELCOME-1")
    assert used["redemption"] == {"id": made, "status": "FULFILLED"}
    again = await shop.reading("en").refused("useCoupon", code="WELCOME-1")
    assert (again["code"], again["status"]) == ("REDEMPTION_STATE", "USED")
    spent = await stage.staff().refused("cancelRedemption", redemption=made)
    assert (spent["code"], spent["status"]) == ("REDEMPTION_STATE", "USED")

    other = await hold(member, reward)
    await member.done("confirmRedemption", redemption=other)
    voided = await stage.staff().done(
        "cancelRedemption", "redemption { status } pointsReinstated", redemption=other
    )
    assert voided["redemption"] == {"status": "CANCELLED"}
    assert voided["pointsReinstated"] == 100
    refused = await shop.refused("useCoupon", code="WELCOME-2")
    assert (refused["code"], refused["status"]) == ("REDEMPTION_STATE", "VOID")
    empty = await member.refused("redeemReward", reward=reward.code, hold=True)
    assert empty["code"] == "CODE_POOL_EXHAUSTED"


async def test_the_end_of_a_coupon_is_shown() -> None:
    stage, member, reward = await opened("COUPON", pooled_codes=True, worth_minor=1000)
    await make.pool(reward, "WELCOME-1")
    await make.pool(reward, "WELCOME-2", valid_until=TODAY + timedelta(days=1))
    shown = """redemption { validFrom validUntil usedAt coupons {
        code status validUntil usedAt worth { amount } } }"""
    bought = await member.done("redeemReward", shown, reward=reward.code, quantity=2)
    end = (TODAY + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    new = {"status": "ISSUED", "usedAt": None, "worth": {"amount": "10.00"}}
    assert bought["redemption"]["coupons"] == [
        {"code": "WELCOME-1", "validUntil": None, **new},
        {"code": "WELCOME-2", "validUntil": end, **new},
    ]
    assert bought["redemption"]["validFrom"] > "2126-03-15"
    assert bought["redemption"]["validUntil"] is None
    held = await hold(member, await make.reward(stage.programme, kind="COUPON", list_points=1))
    query = "query($id: ID!) { redemption(id: $id) { coupons { code } } }"
    assert (await member.read(query, id=held))["redemption"] == {"coupons": []}


async def test_what_became_of_coupons_is_shown_also_without_their_codes() -> None:
    stage, member, reward = await opened("COUPON", pooled_codes=True, worth_minor=1000)
    end = TODAY + timedelta(days=1)
    await make.pool(reward, "WELCOME-1", "WELCOME-2", valid_until=end)
    shown = """validFrom validUntil usedAt cancelledAt cancelReason
        coupons { code status usedAt }"""
    bought = await member.done("redeemReward", f"redemption {{ id {shown} }}", reward=reward.code)
    redemption = bought["redemption"]
    shop = await stage.partner([Scope.FULFIL])

    used = await shop.done("useCoupon", f"redemption {{ {shown} }}", code="WELCOME-1")

    after = used["redemption"]
    assert (after["coupons"], after["validUntil"]) == ([], end.isoformat().replace("+00:00", "Z"))
    assert after["validFrom"] == redemption["validFrom"] < after["usedAt"]
    query = f"query($id: ID!) {{ redemption(id: $id) {{ {shown} }} }}"
    own = (await member.read(query, id=redemption["id"]))["redemption"]
    told = {"code": "WELCOME-1", "status": "USED", "usedAt": after["usedAt"]}
    assert (own["coupons"], own["usedAt"]) == ([told], after["usedAt"])

    second = await member.done("redeemReward", "redemption { id }", reward=reward.code)
    cancelled = await stage.staff().done(
        "cancelRedemption",
        f"redemption {{ {shown} releasedAt }}",
        redemption=second["redemption"]["id"],
        reason="wrong reward",
    )
    gone = cancelled["redemption"]
    assert (gone["cancelReason"], gone["usedAt"], gone["releasedAt"]) == (
        "wrong reward",
        None,
        None,
    )
    assert gone["cancelledAt"] > after["usedAt"]
    assert gone["coupons"] == [{"code": "WELCOME-2", "status": "VOID", "usedAt": None}]
    query = "query($id: ID!) { redemption(id: $id) { status cancelReason } }"
    for reader, reason in ((member, "wrong reward"), (shop, None)):
        seen = await reader.read(query, id=second["redemption"]["id"])
        assert seen["redemption"] == {"status": "CANCELLED", "cancelReason": reason}
    ledger = """{ member(by: {reference: "xiaoli"}) { ledger(first: 1) {
        edges { node { kind reason } } } } }"""
    [entry] = (await stage.staff().read(ledger))["member"]["ledger"]["edges"]
    assert entry["node"] == {"kind": "REINSTATE", "reason": "wrong reward"}
    [own] = (await member.read(ledger.replace('member(by: {reference: "xiaoli"})', "me")))["me"][
        "ledger"
    ]["edges"]
    assert own["node"] == {"kind": "REINSTATE", "reason": None}


async def test_one_of_three_coupons_is_worth_a_third() -> None:
    stage, member, reward = await opened("COUPON", pooled_codes=True, worth_minor=1000)
    await make.pool(reward, "WELCOME-1", "WELCOME-2", "WELCOME-3")
    worths = "redemption { worth { amount } worthEach { amount } }"
    bought = await member.done("redeemReward", worths, reward=reward.code, quantity=3)
    of_all = {"worth": {"amount": "30.00"}, "worthEach": {"amount": "10.00"}}
    assert bought["redemption"] == of_all
    shop = await stage.partner([Scope.FULFIL])
    used = await shop.done("useCoupon", f"worth {{ amount }} {worths}", code="WELCOME-2")
    assert (used["worth"], used["redemption"]) == ({"amount": "10.00"}, of_all)


async def test_another_partners_reward_is_not_there_to_deliver() -> None:
    stage = await open_stage()
    owner = await stage.partner([Scope.FULFIL], "shop")
    partner_id = await partners.find_id(stage.programme, "shop")
    await make.rich_member(stage.programme, 1000, now=TODAY, reference="xiaoli")
    service = await make.reward(stage.programme, list_points=100, partner_id=partner_id)
    coupon = await make.reward(
        stage.programme, kind="COUPON", list_points=100, partner_id=partner_id
    )
    member, stranger = stage.member(), await stage.partner([Scope.FULFIL], "airline")
    made = await member.done("redeemReward", SHOWN, reward=service.code)
    given = await member.done("redeemReward", SHOWN, reward=coupon.code)
    redemption, [code] = made["redemption"]["id"], given["redemption"]["codes"]
    before = await stage.everything()

    problem = await stranger.refused("fulfilRedemption", redemption=redemption)
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["redemption"])
    problem = await stranger.refused("useCoupon", code=code)
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["code"])
    assert await stage.everything() == before
    await owner.done("fulfilRedemption", redemption=redemption)
    await owner.done("useCoupon", code=code)


async def test_a_hold_left_out_or_null_is_none() -> None:
    _, member, reward = await opened()
    choices: list[dict[str, Any]] = [{}, {"hold": None}, {"hold": False}]
    for sent in choices:
        payload = await member.done("redeemReward", SHOWN, reward=reward.code, **sent)
        assert payload["redemption"]["status"] == "CONFIRMED"
        assert payload["redemption"]["holdExpiresAt"] is None
