"""Paying part of a booking in points at a checkout: quote, hold, booking."""

from datetime import timedelta
from typing import Any

import pytest

from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
HOT = {"hot_route": True}
QUOTE = """query($input: QuoteOffsetInput!) { quoteOffset(input: $input) {
    maxPoints worth { amount } step minimum lines { line sharePercent maxWorth { amount } }
    explanation { code text(locale: "en") } errors { code path } } }"""
HELD = "redemption { id status points worth { amount } } balance { available held }"


def agency_document() -> dict[str, Any]:
    """1 point is worth CNY 1; of a hot route points pay 10 % in the peak and else 20 %."""
    return make.shipped_document(
        points={"worth": {"points": 1, "money": 1}, "available": "at_payment"},
        seasons=[
            {
                "code": "peak",
                "name": make.WORDS,
                "spans": [{"from": "2126-07-01", "through": "2126-08-31"}],
            }
        ],
        offset={
            "step": 1,
            "minimum": 1,
            "shares": [
                {"percent": 10, "attributes": HOT, "seasons": ["peak"]},
                {"percent": 20, "attributes": HOT},
                {"percent": 50},
            ],
        },
        redemption_rates=[],
    )


def hot(amount: str, day: str | None) -> dict[str, Any]:
    return {"product": "flight", "amount": amount, "attributes": HOT, "travelFrom": day}


async def open_account(
    document: dict[str, Any] | None = None, points: int = 5000
) -> tuple[Stage, Client]:
    stage = await open_stage(document)
    await make.rich_member(stage.programme, points, now=TODAY, reference="xiaoli")
    return stage, await stage.partner()


async def quote(client: Client, *lines: dict[str, Any], **sent: Any) -> Any:
    return (await client.read(QUOTE, input={"lines": list(lines), **sent}))["quoteOffset"]


@pytest.mark.parametrize(
    ("day", "percent", "points"),
    [("2126-08-01", "10", 300), ("2126-05-01", "20", 600), (None, "10", 300)],
)
async def test_a_hot_route_of_3000_in_its_seasons(
    day: str | None, percent: str, points: int
) -> None:
    """The quote says the most, which is held and paid; one more is refused."""
    stage, partner = await open_account(agency_document())
    line = hot("3000", day)
    before = await stage.everything()
    quoted = await quote(partner, line, member=HIM)
    assert await stage.everything() == before
    worth = {"amount": f"{points}.00"}
    assert (quoted["maxPoints"], quoted["worth"]) == (points, worth)
    assert quoted["lines"] == [{"line": 1, "sharePercent": percent, "maxWorth": worth}]
    assert quoted["explanation"][0]["code"] == "share"
    assert quoted["errors"] == []
    document = """mutation($input: RedeemOnBookingInput!) { redeemOnBooking(input: $input) {
        errors { code path ... on ShareExceeded { maxPoints sharePercent } } } }"""
    more = {"idempotencyKey": "more", "member": HIM, "points": points + 1, "lines": [line]}
    answer = await partner.read(document, input=more)
    assert answer["redeemOnBooking"]["errors"] == [
        {
            "code": "SHARE_EXCEEDED",
            "path": ["points"],
            "maxPoints": points,
            "sharePercent": f"{percent}.00",
        }
    ]
    assert await stage.everything() == before
    held = await partner.done("redeemOnBooking", HELD, member=HIM, points=points, lines=[line])
    assert held["redemption"]["worth"] == worth
    booked = await partner.done(
        "earnForBooking",
        "booking { paidInPoints { amount } total { amount } } balance { available held }",
        member=HIM,
        reference="B",
        lines=[line],
        redemptionId=held["redemption"]["id"],
    )
    assert booked["booking"] == {"paidInPoints": worth, "total": {"amount": "3000.00"}}
    # 500 more for a flight over CNY 2000 in cash
    assert booked["balance"] == {"available": 5000 - points + 3000 - points + 500, "held": 0}
    found = await partner.read(
        "query($id: ID!) { redemption(id: $id) { status booking { reference } } }",
        id=held["redemption"]["id"],
    )
    assert found["redemption"] == {"status": "CONFIRMED", "booking": {"reference": "B"}}


async def test_a_quote_is_limited_by_what_the_member_has() -> None:
    stage, partner = await open_account(points=1234)
    line = {"product": "hotel", "amount": "100"}
    assert (await quote(partner, line))["maxPoints"] == 10_000
    for quoted in (await quote(partner, line, member=HIM), await quote(stage.member(), line)):
        assert (quoted["maxPoints"], quoted["worth"]) == (1200, {"amount": "12.00"})
        assert [reason["code"] for reason in quoted["explanation"]] == ["share", "available"]
        assert (quoted["step"], quoted["minimum"]) == (100, 100)
    await make.rich_member(stage.programme, 99, now=TODAY, reference="poor")
    quoted = await quote(partner, line, member={"reference": "poor"})
    assert quoted["maxPoints"] == 0
    assert quoted["explanation"][-1]["code"] == "below_minimum"


async def test_a_quote_that_cannot_be_made_says_why() -> None:
    stage, partner = await open_account()
    line = {"product": "hotel", "amount": "100"}
    quoted = await quote(partner, line, member={"reference": "nobody"})
    assert quoted["errors"] == [{"code": "NOT_FOUND", "path": ["member"]}]
    quoted = await quote(partner, {"product": "yacht", "amount": "1"})
    assert quoted["errors"] == [{"code": "INVALID_INPUT", "path": ["lines", "0", "product"]}]
    assert (await quote(await stage.public(), line))["maxPoints"] == 10_000


async def test_a_member_holds_its_own_points_only() -> None:
    stage, partner = await open_account()
    await make.rich_member(stage.programme, 700, now=TODAY, reference="other")
    line = {"product": "hotel", "amount": "100"}
    held = await stage.member().done("redeemOnBooking", HELD, points=1000, lines=[line])
    assert held["balance"] == {"available": 4000, "held": 1000}
    before = await stage.everything()
    other = stage.member("other")
    problem = await other.refused("redeemOnBooking", member=HIM, points=100, lines=[line])
    assert problem["code"] in ("NOT_FOUND", "INVALID_INPUT")
    problem = await other.refused("cancelRedemption", redemption=held["redemption"]["id"])
    assert problem["code"] == "NOT_FOUND"
    problem = await partner.refused(
        "earnForBooking",
        member={"reference": "other"},
        reference="B",
        lines=[line],
        redemptionId=held["redemption"]["id"],
    )
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["redemptionId"])
    for wrong in ("x", held["redemption"]["id"][:-4]):
        problem = await partner.refused(
            "earnForBooking", member=HIM, reference="B", lines=[line], redemptionId=wrong
        )
        assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["redemptionId"])
    assert await stage.everything() == before
    undone = await stage.member().done(
        "cancelRedemption",
        "pointsReinstated redemption { status } balance { available held }",
        redemption=held["redemption"]["id"],
    )
    assert (undone["pointsReinstated"], undone["redemption"]) == (1000, {"status": "RELEASED"})
    assert undone["balance"] == {"available": 5000, "held": 0}
    problem = await partner.refused(
        "earnForBooking",
        member=HIM,
        reference="B",
        lines=[line],
        redemptionId=held["redemption"]["id"],
    )
    assert (problem["code"], problem["status"]) == ("REDEMPTION_STATE", "RELEASED")


async def test_a_hold_dies_by_itself_and_is_taken_again() -> None:
    stage, partner = await open_account(points=1000)
    line = {"product": "hotel", "amount": "100"}
    held = await partner.done("redeemOnBooking", HELD, member=HIM, points=1000, lines=[line])
    later = await programmes.advance_clock(stage.programme, timedelta(hours=1))
    balance = "query($by: MemberBy!) { member(by: $by) { balance { available held } } }"
    found = await partner.read(balance, by=HIM)
    assert found["member"]["balance"] == {"available": 1000, "held": 0}
    reward = await make.reward(later, list_points=500)
    taken = await partner.done("redeemReward", "redemption { id }", member=HIM, reward=reward.code)
    sent = {"member": HIM, "reference": "B", "lines": [line]}
    cited = {**sent, "redemptionId": held["redemption"]["id"]}
    before = await stage.everything()
    problem = await partner.refused("earnForBooking", **cited)
    assert (problem["code"], problem["path"]) == ("HOLD_EXPIRED", ["redemptionId"])
    assert await stage.everything() == before
    await partner.done("cancelRedemption", redemption=taken["redemption"]["id"])
    booked = await partner.done("earnForBooking", "balance { available held }", **cited)
    assert booked["balance"] == {"available": 90, "held": 0}


async def test_the_same_hold_again_is_replayed() -> None:
    stage, partner = await open_account()
    sent = {"member": HIM, "points": 1000, "lines": [{"product": "hotel", "amount": "100"}]}
    first = await partner.done("redeemOnBooking", HELD, key="k", **sent)
    before = await stage.everything()
    again = await partner.done("redeemOnBooking", HELD, key="k", **sent)
    assert again == {**first, "replayed": True}
    problem = await partner.refused("redeemOnBooking", key="k", **{**sent, "points": 1100})
    assert problem["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await stage.everything() == before


async def test_a_stranger_may_not_hold() -> None:
    stage, _ = await open_account()
    document = (
        "mutation($input: RedeemOnBookingInput!) { redeemOnBooking(input: $input) { replayed } }"
    )
    line = {"product": "hotel", "amount": "100"}
    sent = {"idempotencyKey": "x", "member": HIM, "points": 100, "lines": [line]}
    public = await stage.public()
    assert codes(await public.ask(document, input=sent)) == ["FORBIDDEN"]
    assert codes(await Client().ask(document, input=sent)) == ["UNAUTHENTICATED"]


async def test_whoever_may_not_spend_is_told_so_by_the_quote_too() -> None:
    stage, partner = await open_account()
    line = {"product": "hotel", "amount": "1000"}
    await make.enrol(stage.programme, guest=True, reference="guest", now=TODAY)
    owing: dict[str, Any] = {"member": {"reference": "owing"}}
    await make.enrol(stage.programme, reference="owing", now=TODAY)
    await partner.done("earnForBooking", reference="B", lines=[line], **owing)
    cup = await make.reward(stage.programme, list_points=1000)
    await partner.done("redeemReward", reward=cup.code, **owing)
    await partner.done("refundBooking", booking="B", reference="R")
    await make.suspend(stage.programme, await stage.member_id("xiaoli"), now=TODAY)
    held = "mutation($input: RedeemOnBookingInput!) { redeemOnBooking(input: $input) { "
    held += "errors { code path } } }"
    for who, code in (
        ("xiaoli", "MEMBER_SUSPENDED"),
        ("guest", "MEMBER_NOT_ENROLLED"),
        ("owing", "ACCOUNT_IN_ARREARS"),
    ):
        member = {"reference": who}
        quoted = await quote(partner, line, member=member)
        assert quoted["maxPoints"] == 0
        sent = {"idempotencyKey": f"hold-{who}", "member": member, "lines": [line], "points": 100}
        refused = (await partner.read(held, input=sent))["redeemOnBooking"]
        assert quoted["errors"] == refused["errors"] == [{"code": code, "path": ["member"]}]


async def test_nothing_is_affordable_to_whoever_may_not_spend() -> None:
    stage, partner = await open_account()
    cup = await make.reward(stage.programme, list_points=1)
    shown = """query($by: MemberBy, $code: String!) { reward(code: $code, for: $by) { affordable }
        rewards(for: $by, filter: {affordable: true}) { totalCount } }"""

    async def seen() -> tuple[bool, bool]:
        found = await partner.read(shown, by={"reference": "xiaoli"}, code=cup.code)
        return found["reward"]["affordable"], found["rewards"]["totalCount"] > 0

    member_id, who = await stage.member_id("xiaoli"), {"reference": "xiaoli"}
    assert await seen() == (True, True)
    await make.suspend(stage.programme, member_id, now=TODAY)
    assert await seen() == (False, False)
    assert (await partner.refused("redeemReward", reward=cup.code, member=who))["code"] == (
        "MEMBER_SUSPENDED"
    )
    await stage.staff().done("reinstateMember", member=who, reason="it was her own phone")
    assert await seen() == (True, True)
