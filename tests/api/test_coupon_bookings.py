"""A coupon on a booking: what it takes off, what earns, and what refunds and amendments return."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

import models
from domain.kernel.database import update
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
BOOKED = """pointsAwarded booking { paidInPoints { amount }
    lines { amount { amount } coupon { amount } points } }"""
RETURNED = "pointsReinstated cashRefund { amount }"


def document(**changes: Any) -> dict[str, Any]:
    """A point for each yuan in cash; 100 points are worth CNY 1 and pay half of a booking."""
    return make.variant(
        make.rule("rate", "base", points=1, per=1),
        points={"worth": {"points": 100, "money": 1}, "available": "at_payment"},
        offset={"step": 1, "minimum": 1, "shares": [{"percent": 50}]},
        redemption_rates=[],
        **changes,
    )


async def opened(points: int = 30_000, **changes: Any) -> tuple[Stage, Client]:
    stage = await open_stage(document(**changes))
    await make.rich_member(stage.programme, points, now=TODAY, reference="xiaoli")
    return stage, await stage.partner()


async def bought(stage: Stage, worth_minor: int, who: str = "xiaoli", **terms: Any) -> str:
    """The code of a coupon that the member redeemed for a point."""
    reward = await make.reward(
        stage.programme, kind="COUPON", list_points=1, worth_minor=worth_minor, **terms
    )
    client = stage.member(who)
    made = await client.done("redeemReward", "redemption { codes }", reward=reward.code)
    [code] = made["redemption"]["codes"]
    return str(code)


def line(product: str, amount: str) -> dict[str, Any]:
    return {"product": product, "amount": amount}


def parts(made: Any, name: str = "coupon") -> list[str]:
    return [one[name]["amount"] for one in made["booking"]["lines"]]


async def status(code: str) -> str:
    return (await models.CouponCode.get(code=code)).status


async def clean(stage: Stage) -> None:
    assert await make.faults(await stage.member_id()) == []


async def booked(
    partner: Client, reference: str, code: str | None, *lines: Any, **sent: Any
) -> Any:
    return await partner.book(reference, *lines, selection=BOOKED, couponCode=code, **sent)


async def test_it_is_spread_over_lines_and_only_cash_earns() -> None:
    stage, partner = await opened()
    code = await bought(stage, 5000)
    lines = [line("hotel", "1000"), line("flight", "200")]
    quote = """query($input: QuoteOffsetInput!) { quoteOffset(input: $input) {
        coupon { amount } lines { maxWorth { amount } } errors { code } } }"""
    asked = {"lines": lines, "couponCode": code}
    offset = (await partner.read(quote, input={**asked, "member": HIM}))["quoteOffset"]
    assert offset == {
        "coupon": {"amount": "50.00"},
        "lines": [{"maxWorth": {"amount": "479.16"}}, {"maxWorth": {"amount": "95.83"}}],
        "errors": [],
    }
    quote = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
        points coupon { amount } errors { code } } }"""
    earning = (await stage.member().read(quote, input=asked))["quoteEarning"]
    assert earning == {"points": 1150, "coupon": {"amount": "50.00"}, "errors": []}
    assert await status(code) == "ISSUED"

    made = await booked(partner, "B", code.lower(), *lines)
    assert made["pointsAwarded"] == 1150
    assert parts(made) == ["41.67", "8.33"]
    assert made["booking"]["paidInPoints"] == {"amount": "0.00"}
    shown = "{ me { coupons { status usedAt booking { reference } } } }"
    [coupon] = (await stage.member().read(shown))["me"]["coupons"]
    assert (coupon["status"], coupon["booking"]) == ("USED", {"reference": "B"})
    await clean(stage)

    back = await partner.done(
        "refundBooking", RETURNED, booking="B", reference="R", lines=[{"line": 2, "amount": "200"}]
    )
    assert back["cashRefund"] == {"amount": "191.67"}
    [part] = await models.RefundLine.filter(member_id=await stage.member_id())
    assert (part.gross_minor, part.coupon_minor, part.cash_minor) == (20_000, 833, 19_167)
    assert await status(code) == "USED"
    await clean(stage)


async def test_coupon_points_and_cash_come_back_half_and_half_again() -> None:
    stage, partner = await opened()
    code = await bought(stage, 10_000)
    lines = [line("hotel", "1000")]
    held = await stage.member().done(
        "redeemOnBooking", "redemption { id }", points=20_000, lines=lines, couponCode=code
    )
    made = await booked(partner, "B", code, *lines, redemptionId=held["redemption"]["id"])
    assert made["pointsAwarded"] == 700
    assert made["booking"]["paidInPoints"] == {"amount": "200.00"}
    for reference in ("R1", "R2"):
        part = [{"line": 1, "amount": "500"}]
        back = await partner.done(
            "refundBooking", RETURNED, booking="B", reference=reference, lines=part
        )
        assert (back["pointsReinstated"], back["cashRefund"]["amount"]) == (10_000, "350.00")
    refunded = await models.RefundLine.filter(member_id=await stage.member_id())
    assert [one.coupon_minor for one in refunded] == [5000, 5000]
    assert await status(code) == "ISSUED"
    assert await make.payloads("coupon.returned", member_id=await stage.member_id()) != []
    await clean(stage)

    again = await booked(partner, "B2", code, line("hotel", "300"))
    assert parts(again) == ["100.00"]
    await clean(stage)


async def test_an_amendment_spreads_it_again_and_never_more_than_at_first() -> None:
    stage, partner = await opened()
    code = await bought(stage, 5000, minimum_spend_minor=100_000)
    await booked(partner, "B", code, line("hotel", "1000"), line("flight", "200"))
    shown = "cashChange { amount } booking { lines { coupon { amount } } }"
    down = await partner.done(
        "amendBooking",
        shown,
        booking="B",
        reference="A1",
        lines=[line("hotel", "30"), line("flight", "10")],
    )
    assert (parts(down), down["cashChange"]["amount"]) == (["30.00", "10.00"], "-1150.00")
    up = await partner.done(
        "amendBooking",
        shown,
        booking="B",
        reference="A2",
        lines=[line("hotel", "1000"), line("flight", "200")],
    )
    assert (parts(up), up["cashChange"]["amount"]) == (["41.67", "8.33"], "1150.00")
    await clean(stage)


async def test_one_whose_lines_are_gone_goes_back_and_the_booking_stays_without() -> None:
    stage, partner = await opened()
    code = await bought(stage, 5000, products=["hotel"])
    made = await booked(partner, "B", code, line("hotel", "100"), line("flight", "200"))
    assert parts(made) == ["50.00", "0.00"]
    shown = "cashChange { amount } booking { lines { coupon { amount } } }"
    gone = [line("hotel", "0"), line("flight", "200")]
    down = await partner.done("amendBooking", shown, booking="B", reference="A1", lines=gone)
    assert (parts(down), down["cashChange"]["amount"]) == (["0.00", "0.00"], "-50.00")
    assert await status(code) == "ISSUED"
    there = [line("hotel", "100"), line("flight", "200")]
    up = await partner.done("amendBooking", shown, booking="B", reference="A2", lines=there)
    assert (parts(up), up["cashChange"]["amount"]) == (["0.00", "0.00"], "100.00")
    await clean(stage)


async def test_one_of_which_nothing_is_left_but_what_was_refunded_goes_back() -> None:
    stage, partner = await opened()
    code = await bought(stage, 5000)
    await booked(partner, "B", code, line("hotel", "100"))
    part = [{"line": 1, "amount": "40"}]
    back = await partner.done("refundBooking", RETURNED, booking="B", reference="R", lines=part)
    assert back["cashRefund"] == {"amount": "20.00"}
    shown = "cashChange { amount } booking { lines { coupon { amount } } }"
    left = await partner.done(
        "amendBooking", shown, booking="B", reference="A", lines=[line("hotel", "40")]
    )
    assert (parts(left), left["cashChange"]["amount"]) == (["20.00"], "-30.00")
    assert await status(code) == "ISSUED"
    await clean(stage)


async def test_twenty_bookings_at_once_use_it_once() -> None:
    stage, partner = await opened()
    code = await bought(stage, 5000)
    hotel = [line("hotel", "100")]
    answers = await asyncio.gather(
        *(
            partner.do(
                "earnForBooking", member=HIM, reference=f"B{n}", lines=hotel, couponCode=code
            )
            for n in range(20)
        )
    )
    found = [[problem["code"] for problem in answer["errors"]] for answer in answers]
    assert sorted(found) == [[]] + [["REDEMPTION_STATE"]] * 19
    assert await models.Booking.filter(member_id=await stage.member_id()).count() == 1
    await clean(stage)


async def test_what_it_is_not_for_is_refused_and_changes_nothing() -> None:
    stage, partner = await opened()
    least = await bought(stage, 5000, minimum_spend_minor=30_000, products=["hotel"])
    before = await stage.everything()
    asked: dict[str, Any] = {"member": HIM, "reference": "B"}
    lines = [line("hotel", "299.99"), line("flight", "5000")]
    english = partner.reading("en")
    for sent, reason, eligible, message in (
        (lines, "MINIMUM_SPEND", "299.99", "299.99; the minimum is CNY 300.00."),
        (lines[1:], "PRODUCTS", "0.00", "none of the products of this booking."),
    ):
        problem = await english.refused("earnForBooking", **asked, lines=sent, couponCode=least)
        assert problem["message"].endswith(message)
        assert (problem["code"], problem["path"]) == ("COUPON_NOT_APPLICABLE", ["couponCode"])
        assert (problem["reason"], problem["eligible"]["amount"]) == (reason, eligible)
        assert problem["minimumSpend"] == {"amount": "300.00"}
    for code in ("NOSUCHCODE12", "", "x" * 200):
        problem = await partner.refused("earnForBooking", **asked, lines=lines, couponCode=code)
        assert problem["code"] in ("NOT_FOUND", "INVALID_INPUT")
        assert problem["path"] == ["couponCode"]
    worthless = await bought(stage, 5000)
    await update("UPDATE redemption SET worth_minor = NULL WHERE codes ->> 0 = $1", worthless)
    problem = await partner.refused("earnForBooking", **asked, lines=lines, couponCode=worthless)
    assert problem["reason"] == "NO_WORTH"
    assert (await stage.everything())["booking"] == before["booking"]


async def test_another_members_is_used_where_it_can_be_passed_on() -> None:
    stage, partner = await opened()
    await make.rich_member(stage.programme, 100, now=TODAY, reference="friend")
    own = await bought(stage, 5000, "friend", transferable=False)
    passed = await bought(stage, 5000, "friend")
    asked: dict[str, Any] = {"member": HIM, "lines": [line("hotel", "100")]}
    problem = await partner.refused("earnForBooking", **asked, reference="B", couponCode=own)
    assert problem["code"] == "NOT_FOUND"
    quote = "query($input: QuoteEarningInput!) { quoteEarning(input: $input) { errors { code } } }"
    for code, errors in ((own, [{"code": "NOT_FOUND"}]), (passed, [])):
        sent = {"lines": asked["lines"], "couponCode": code}
        assert (await stage.member().read(quote, input=sent))["quoteEarning"]["errors"] == errors

    await booked(partner, "B", passed, *asked["lines"])
    shown = "{ me { coupons { code status booking { reference } } } }"
    coupons = (await stage.member("friend").read(shown))["me"]["coupons"]
    assert {"code": passed, "status": "USED", "booking": None} in coupons
    friend = await stage.member_id("friend")
    assert len(await make.payloads("coupon.used", member_id=friend)) == 1

    await partner.done("refundBooking", RETURNED, booking="B", reference="R")
    assert await status(passed) == "ISSUED"
    assert len(await make.payloads("coupon.returned", member_id=friend)) == 1
    for who in ("xiaoli", "friend"):
        assert await make.faults(await stage.member_id(who)) == []


async def test_two_who_use_each_others_at_once_do_not_lock_each_other_out() -> None:
    stage, partner = await opened()
    await make.rich_member(stage.programme, 100, now=TODAY, reference="friend")
    mine = [await bought(stage, 100) for _ in range(4)]
    theirs = [await bought(stage, 100, "friend") for _ in range(4)]
    asked = [("xiaoli", code) for code in theirs] + [("friend", code) for code in mine]
    await asyncio.gather(
        *(
            partner.done(
                "earnForBooking",
                member={"reference": who},
                reference=f"B{n}",
                lines=[line("hotel", "100")],
                couponCode=code,
            )
            for n, (who, code) in enumerate(asked)
        )
    )
    await asyncio.gather(
        *(
            partner.done("refundBooking", RETURNED, booking=f"B{n}", reference="R")
            for n in range(len(asked))
        )
    )
    assert {await status(code) for code in (*mine, *theirs)} == {"ISSUED"}
    for who in ("xiaoli", "friend"):
        assert await make.faults(await stage.member_id(who)) == []


async def test_a_guaranteed_quote_is_kept_with_its_coupon_only() -> None:
    stage, partner = await opened()
    code, other = await bought(stage, 5000), await bought(stage, 5000)
    lines = [line("hotel", "100")]
    quoted = await partner.done(
        "guaranteeQuote", "quote { id points }", member=HIM, lines=lines, couponCode=code
    )
    assert quoted["quote"]["points"] == 50
    cited = {"member": HIM, "reference": "B", "lines": lines, "quoteId": quoted["quote"]["id"]}
    for wrong in (None, other):
        problem = await partner.refused("earnForBooking", **cited, couponCode=wrong)
        assert problem["code"] == "QUOTE_MISMATCH"
        assert (problem["what"], problem["quoted"], problem["found"]) == ("couponCode", code, wrong)
    coupons = models.Reward.filter(programme_id=stage.programme.id, kind="COUPON")
    await coupons.update(minimum_spend_minor=10**8)
    made = await partner.done("earnForBooking", BOOKED, **cited, couponCode=code)
    assert (made["pointsAwarded"], parts(made)) == (50, ["50.00"])
    await clean(stage)


async def test_the_same_booking_again_is_answered_as_it_was() -> None:
    stage, partner = await opened()
    code = await bought(stage, 5000)
    first = await booked(partner, "B", code, line("hotel", "100"))
    assert await booked(partner, "B", code, line("hotel", "100")) == {**first, "replayed": True}
    problem = await partner.refused(
        "earnForBooking", member=HIM, reference="B", lines=[line("hotel", "100")]
    )
    assert problem["code"] == "REFERENCE_CONFLICT"
    await clean(stage)


@pytest.mark.parametrize(
    ("rule", "by_supplier", "back"),
    [
        ("always", False, "ISSUED"),
        ("supplier", False, "USED"),
        ("supplier", True, "ISSUED"),
        ("never", True, "USED"),
    ],
)
async def test_the_policy_says_when_it_goes_back(
    rule: str, *, by_supplier: bool, back: str
) -> None:
    stage, partner = await opened(coupons={"give_back": rule})
    code = await bought(stage, 5000)
    await booked(partner, "B", code, line("hotel", "100"))
    await partner.done(
        "refundBooking", RETURNED, booking="B", reference="R", supplierCancelled=by_supplier
    )
    assert await status(code) == back
    await clean(stage)


@pytest.mark.parametrize("by_supplier", [True, False])
async def test_one_that_has_ended_comes_back_for_the_days_of_grace(*, by_supplier: bool) -> None:
    stage, partner = await opened()
    code = await bought(stage, 5000, valid_days=1)
    await booked(partner, "B", code, line("hotel", "100"))
    ended = TODAY - timedelta(days=5)
    await update("UPDATE coupon_code SET ends_at = $2 WHERE code = $1", code, ended)
    await partner.done(
        "refundBooking", RETURNED, booking="B", reference="R", supplierCancelled=by_supplier
    )
    shown = "{ me { coupons { status validThrough } } }"
    [coupon] = (await stage.member().read(shown))["me"]["coupons"]
    grace = (date(2126, 3, 15) + timedelta(days=30)).isoformat()
    assert coupon == (
        {"status": "ISSUED", "validThrough": grace}
        if by_supplier
        else {"status": "USED", "validThrough": (date(2126, 3, 15) - timedelta(days=5)).isoformat()}
    )
    # the end was moved behind its seal, which the return of the coupon writes anew
    faults = await make.faults(await stage.member_id())
    assert ["coupon_code" in fault for fault in faults] == ([] if by_supplier else [True])


async def test_a_refund_that_came_first_gives_it_back_at_once() -> None:
    stage, partner = await opened()
    await make.rich_member(stage.programme, 100, now=TODAY, reference="friend")
    code = await bought(stage, 5000, "friend")
    await partner.done("refundBooking", RETURNED, booking="B", reference="R")
    made = await booked(partner, "B", code, line("hotel", "100"))
    assert parts(made) == ["50.00"]
    assert await status(code) == "ISSUED"
    await clean(stage)
