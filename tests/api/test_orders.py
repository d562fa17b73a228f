"""Orders with a partner over HTTP, and who was shown which codes."""

from typing import Any

import pytest

import models
from domain.kernel.callers import Scope
from domain.kernel.database import rows
from domain.partners import partners
from tests.conftest import Database
from tests.support import factories as make
from tests.support import private
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

ORDER = """redemption { id status points quantity partnerAccount partnerUnits reference tracking
    reward { partnerUnits unitName } }"""
SEEN = "query($id: ID!) { redemption(id: $id) { codes reveals { actor } } }"


async def opened() -> tuple[Stage, Client, models.Reward]:
    """A programme, its airline as it calls, and 1000 miles for 2000 of a member's 10 000 points."""
    stage = await open_stage()
    airline = await stage.partner([Scope.FULFIL, Scope.REDEEM, Scope.READ, Scope.CODES], "airline")
    partner_id = await partners.find_id(stage.programme, "airline")
    await make.rich_member(stage.programme, 10_000, now=TODAY, reference="xiaoli")
    miles = await make.reward(
        stage.programme, kind="PARTNER", list_points=2000, partner_id=partner_id
    )
    return stage, airline, miles


async def order(client: Client, miles: models.Reward, **sent: Any) -> Any:
    sent = {"reward": miles.code, "partnerAccount": "CA-8001", **sent}
    return (await client.done("redeemReward", ORDER, **sent))["redemption"]


async def test_points_become_miles_that_nobody_takes_back() -> None:
    stage, airline, miles = await opened()
    member = stage.member()
    made = await order(member.reading("en"), miles, quantity=2)
    assert made == {
        "id": made["id"],
        "status": "CONFIRMED",
        "points": 4000,
        "quantity": 2,
        "partnerAccount": "CA-8001",
        "partnerUnits": 2000,
        "reference": None,
        "tracking": None,
        "reward": {"partnerUnits": 1000, "unitName": "miles"},
    }
    missing = await airline.reading("en").refused("fulfilRedemption", redemption=made["id"])
    assert (missing["code"], missing["path"]) == ("INVALID_INPUT", ["reference"])
    assert missing["message"] == (
        "This settles the order with the partner: give the partner's reference."
    )

    sent = {"redemption": made["id"], "reference": "AIR-1"}
    for replayed in (False, True):
        payload = await airline.done("fulfilRedemption", ORDER, **sent)
        assert payload["replayed"] is replayed
        assert (payload["redemption"]["status"], payload["redemption"]["reference"]) == (
            "FULFILLED",
            "AIR-1",
        )
    other = await order(member, miles)
    taken = await airline.refused("fulfilRedemption", redemption=other["id"], reference="AIR-1")
    assert (taken["code"], taken["path"], taken["reference"]) == (
        "REFERENCE_CONFLICT",
        ["reference"],
        "AIR-1",
    )
    for client in (member, airline, stage.staff()):
        settled = await client.refused("cancelRedemption", redemption=made["id"])
        assert (settled["code"], settled["status"], settled["allowed"]) == (
            "REDEMPTION_STATE",
            "FULFILLED",
            ["HELD", "CONFIRMED"],
        )


async def test_a_partner_rejects_an_order_and_the_points_are_back() -> None:
    stage, airline, miles = await opened()
    made = await order(stage.member(), miles)
    payload = await airline.done(
        "cancelRedemption",
        "redemption { status } pointsReinstated balance { available }",
        redemption=made["id"],
        reason="no such account",
    )
    assert payload == {
        "redemption": {"status": "CANCELLED"},
        "pointsReinstated": 2000,
        "balance": {"available": 10_000},
        "replayed": False,
    }
    late = await airline.refused("fulfilRedemption", redemption=made["id"], reference="AIR-1")
    assert (late["code"], late["status"]) == ("REDEMPTION_STATE", "CANCELLED")
    airline_id = await partners.find_id(stage.programme, "airline")
    [found] = await rows(
        "SELECT member_id, cancelled_by, cancel_reason FROM redemption WHERE programme_id = $1",
        stage.programme.id,
    )
    assert found["cancelled_by"] == f"partner:{airline_id}"
    assert await private.text(found["member_id"], found["cancel_reason"]) == "no such account"


async def test_the_account_at_the_partner_is_shown_to_whom_it_concerns() -> None:
    stage, airline, miles = await opened()
    member = stage.member()
    everybodys = await make.reward(stage.programme, kind="PARTNER", list_points=10)
    hotel = await stage.partner([Scope.FULFIL, Scope.READ], "hotel")
    reading = await stage.partner([Scope.READ, Scope.ALL_PARTNERS], "reader")
    agency = await stage.partner([Scope.FULFIL, Scope.READ, Scope.ALL_PARTNERS], "agency")
    query = "query($id: ID!) { redemption(id: $id) { partnerAccount partnerUnits } }"
    made, unowned = await order(member, miles), await order(member, everybodys)
    whole: dict[str, Any] = {"partnerAccount": "CA-8001", "partnerUnits": 1000}
    without = {**whole, "partnerAccount": None}
    shown: dict[Client, tuple[dict[str, Any] | None, dict[str, Any] | None]] = {
        member: (whole, whole),
        stage.staff(): (whole, whole),
        agency: (whole, whole),
        airline: (whole, None),
        hotel: (None, None),
        reading: (without, without),
    }
    for client, orders in shown.items():
        for one, expected in zip((made, unowned), orders, strict=True):
            data = await client.read(query, id=one["id"])
            assert data["redemption"] == expected


async def test_an_account_is_for_a_partner_only() -> None:
    stage, _, miles = await opened()
    service = await make.reward(stage.programme, list_points=10)
    before = await stage.everything()
    english = stage.member().reading("en")
    missing = await english.refused("redeemReward", reward=miles.code)
    assert (missing["code"], missing["path"]) == ("INVALID_INPUT", ["partnerAccount"])
    assert missing["message"] == (
        f"'{miles.code}' is credited to an account with its partner: say which in `partnerAccount`."
    )
    wrong = await english.refused("redeemReward", reward=service.code, partnerAccount="CA-1")
    assert wrong["message"] == (
        f"'{service.code}' is not credited to an account with a partner; "
        "leave `partnerAccount` out."
    )
    assert await stage.everything() == before
    plain = await english.read(
        "query($code: String!) { reward(code: $code) { partnerUnits unitName } }",
        code=service.code,
    )
    assert plain == {"reward": {"partnerUnits": None, "unitName": None}}


async def test_who_was_shown_codes_is_kept_once_and_told_to_staff() -> None:
    stage, airline, _ = await opened()
    coupon = await make.reward(stage.programme, kind="COUPON", list_points=10)
    member, staff = stage.member(), stage.staff()
    payload = await airline.done(
        "redeemReward", "redemption { id }", member={"reference": "xiaoli"}, reward=coupon.code
    )
    made = payload["redemption"]["id"]
    for client in (member, airline):
        unread = await client.read("query($id: ID!) { redemption(id: $id) { status } }", id=made)
        assert unread == {"redemption": {"status": "FULFILLED"}}
    assert (await staff.read(SEEN, id=made))["redemption"]["reveals"] == [
        {"actor": await actor(stage, "partner")}
    ]
    for _ in range(2):
        for client in (member, airline):
            seen = (await client.read(SEEN, id=made))["redemption"]
            assert (len(seen["codes"]), seen["reveals"]) == (1, [])
    told = (await staff.read(SEEN, id=made))["redemption"]["reveals"]
    assert told == [
        {"actor": await actor(stage, "partner")},
        {"actor": await actor(stage, "staff")},
        {"actor": await actor(stage, "member")},
    ]


async def actor(stage: Stage, kind: str) -> str:
    """How the one caller of this kind that was shown codes is named."""
    [found] = await rows(
        "SELECT DISTINCT actor FROM code_reveal WHERE actor LIKE $1 "
        "AND member_id IN (SELECT member_id FROM member WHERE programme_id = $2)",
        f"{kind}:%",
        stage.programme.id,
    )
    named: str = found["actor"]
    return named


async def test_held_codes_are_shown_to_nobody_and_confirming_shows_them() -> None:
    stage, _, _ = await opened()
    coupon = await make.reward(stage.programme, kind="COUPON", list_points=10)
    member, staff = stage.member(), stage.staff()
    payload = await member.done(
        "redeemReward", "redemption { id codes }", reward=coupon.code, hold=True
    )
    made = payload["redemption"]["id"]
    assert await staff.read(SEEN, id=made) == {"redemption": {"codes": [], "reveals": []}}
    before = await stage.everything()
    await member.read(SEEN, id=made)
    assert await stage.everything() == before
    await member.done("confirmRedemption", redemption=made)
    [told] = (await staff.read(SEEN, id=made))["redemption"]["reveals"]
    assert told["actor"].startswith("member:")


async def test_a_page_of_codes_is_kept_in_one_statement(
    database: Database, statements: list[str]
) -> None:
    stage, _, _ = await opened()
    coupon = await make.reward(stage.programme, kind="COUPON", list_points=10)
    service = await make.reward(stage.programme, list_points=10)
    for reward in (coupon, service, coupon, coupon):
        await stage.member().done("redeemReward", reward=reward.code)
    query = """query($more: Boolean!) { member(by: {reference: "xiaoli"}) { redemptions { edges {
        node { status codes @include(if: $more) reveals @include(if: $more) { actor } } } } } }"""
    reader = await stage.partner([Scope.READ, Scope.CODES, Scope.ALL_PARTNERS], "reader")
    found: dict[bool, int] = {}
    for more in (False, True):
        statements.clear()
        await reader.read(query, more=more)
        found[more] = len(statements)
    # the first look of a reader is sealed, under the account's lock
    assert found[True] == found[False] + 5
    statements.clear()
    await stage.staff().read(query, more=True)
    # staff are asked of whether their session was ended, which servers remember
    assert len(statements) == found[False] + 7
    kept = await rows(
        "SELECT actor, count(*) AS count FROM code_reveal WHERE member_id IN "
        "(SELECT member_id FROM member WHERE programme_id = $1) GROUP BY actor ORDER BY actor",
        stage.programme.id,
    )
    assert [(row["actor"].partition(":")[0], row["count"]) for row in kept] == [
        ("member", 3),
        ("partner", 3),
        ("staff", 3),
    ]


async def test_points_of_a_partners_card_are_funded_by_the_partner() -> None:
    """CNY 88.80 at the partner: 88 points in a lot of the partner's, beside the programme's."""
    document = make.shipped_document()
    [spending] = [one for one in document["activities"] if one["code"] == "partner_spend"]
    spending["funder"] = "co_brand_bank"
    stage = await open_stage()
    await partners.create(stage.programme, "co_brand_bank", "Bank", TODAY)
    await make.publish(stage.programme, document, now=TODAY)
    await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    bank = await stage.partner([Scope.EARN], "bank")
    who: dict[str, Any] = {"member": {"reference": "xiaoli"}}
    card = await bank.done(
        "earnForActivity",
        "pointsAwarded balance { available }",
        **who,
        type="partner_spend",
        reference="CARD-1",
        attributes={"amount": "88.80"},
    )
    assert card == {"pointsAwarded": 88, "balance": {"available": 88}, "replayed": False}
    await bank.done("earnForActivity", **who, type="review", reference="R-1")
    lots = await rows(
        "SELECT funder, points FROM lot WHERE member_id IN "
        "(SELECT member_id FROM member WHERE programme_id = $1) ORDER BY points",
        stage.programme.id,
    )
    assert lots == [
        {"funder": "co_brand_bank", "points": 88},
        {"funder": "programme", "points": 100},
    ]
