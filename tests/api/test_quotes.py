"""Quotes at the edge: points that would pay, and quotes that a booking cites."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.kit.relay import to_global_id
from domain.kernel.ids import new_id
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

GUARANTEED = timedelta(minutes=30)
HIM = {"reference": "xiaoli"}
FLIGHT = {"product": "flight", "amount": "2400"}
QUOTE = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
    points lines { line product points } discount { amount } errors { code path } } }"""
QUOTED = """quote { id status points lines { line product points }
    explanation { code points text } expiresAt }"""
MISMATCH = """mutation($input: EarnForBookingInput!) { earnForBooking(input: $input) {
    booking { id } errors { code message path
        ... on QuoteMismatch { what quoted found } ... on QuoteExpired { expiredAt } } } }"""


async def open_account(document: dict[str, Any] | None = None) -> tuple[Stage, Client]:
    stage = await open_stage(document)
    await make.rich_member(stage.programme, 100_000, now=TODAY, reference="xiaoli")
    return stage, await stage.partner()


async def test_points_that_pay_earn_nothing() -> None:
    """CNY 500 of 2400 in points: 1900 are left, and not the bonus from 2000."""
    stage, partner = await open_account()
    before = await stage.everything()
    for sent, points in (({}, 2900), ({"offsetPoints": 50_000}, 1900)):
        for client, member in ((partner, HIM), (partner, None), (stage.member(), None)):
            quoted = await client.read(QUOTE, input={"lines": [FLIGHT], "member": member, **sent})
            assert quoted["quoteEarning"] == {
                "points": points,
                "lines": [{"line": 1, "product": "flight", "points": points}],
                "discount": None,
                "errors": [],
            }
    found = await partner.read(QUOTE, input={"lines": [FLIGHT], "offsetPoints": 240_100})
    assert found["quoteEarning"]["errors"] == [{"code": "SHARE_EXCEEDED", "path": ["offsetPoints"]}]
    assert await stage.everything() == before


async def test_a_discount_is_on_the_price_also_where_points_pay() -> None:
    document = make.shipped_document()
    document["tiers"]["levels"][0]["discount_percent"] = 10
    _, partner = await open_account(document)
    for points in (None, 50_000):
        sent = {"lines": [FLIGHT], "member": HIM, "offsetPoints": points}
        quoted = await partner.read(QUOTE, input=sent)
        assert quoted["quoteEarning"]["discount"] == {"amount": "240.00"}


async def test_a_quote_is_guaranteed_shown_and_cited() -> None:
    stage, partner = await open_account()
    partner = partner.reading("en")
    before = stage.now()
    made = await partner.done("guaranteeQuote", QUOTED, member=HIM, lines=[FLIGHT])
    quote, after = made["quote"], stage.now()
    lines = [{"line": 1, "product": "flight", "points": 2900}]
    assert (quote["status"], quote["points"], quote["lines"]) == ("OPEN", 2900, lines)
    assert [(one["code"], one["points"], one["text"]) for one in quote["explanation"]] == [
        ("rate", 2400, "Points for spending: on CNY 2,400.00"),
        ("bonus", 500, "Bonus for flights from CNY 2000"),
    ]
    made_at = datetime.fromisoformat(quote["expiresAt"]) - GUARANTEED
    assert before <= made_at <= after
    shown = "query($id: ID!) { node(id: $id) { ... on GuaranteedQuote { status points } } }"
    for client in (partner, stage.member(), stage.staff()):
        found = await client.read(shown, id=quote["id"])
        assert found["node"] == {"status": "OPEN", "points": 2900}

    sent = {"member": HIM, "quoteId": quote["id"], "reference": "B-1"}
    dearer = {**sent, "lines": [{**FLIGHT, "amount": "2500"}], "idempotencyKey": "k-1"}
    answer = (await partner.read(MISMATCH, input=dearer))["earnForBooking"]
    assert answer == {
        "booking": None,
        "errors": [
            {
                "code": "QUOTE_MISMATCH",
                "message": "The quote is for another amount: 2400.00, not 2500.00.",
                "path": ["lines", "0", "amount"],
                "what": "amount",
                "quoted": "2400.00",
                "found": "2500.00",
            }
        ],
    }
    booked = await partner.done("earnForBooking", "pointsAwarded", lines=[FLIGHT], **sent)
    assert booked["pointsAwarded"] == 2900
    assert (await partner.read(shown, id=quote["id"]))["node"]["status"] == "USED"


async def test_a_quote_expires_with_the_programmes_clock() -> None:
    stage, partner = await open_account()
    made = await partner.done("guaranteeQuote", QUOTED, member=HIM, lines=[FLIGHT])
    quote = made["quote"]
    await programmes.advance_clock(stage.programme, GUARANTEED)
    before = await stage.everything()
    shown = "query($id: ID!) { node(id: $id) { ... on GuaranteedQuote { status } } }"
    assert (await partner.read(shown, id=quote["id"]))["node"] == {"status": "EXPIRED"}
    sent = {"member": HIM, "quoteId": quote["id"], "reference": "B-1", "lines": [FLIGHT]}
    answer = await partner.read(MISMATCH, input={**sent, "idempotencyKey": "k-1"})
    [problem] = answer["earnForBooking"]["errors"]
    assert (problem["code"], problem["path"]) == ("QUOTE_EXPIRED", ["quoteId"])
    assert problem["expiredAt"] == quote["expiresAt"]
    assert await stage.everything() == before


async def test_what_is_somebody_elses_is_named_as_it_was_sent() -> None:
    """A quote, points that are held, and an activity: not by the id of the row that is hidden."""
    stage, partner = await open_account()
    other = await stage.partner(code="other-engine")
    made = await partner.done("guaranteeQuote", QUOTED, member=HIM, lines=[FLIGHT])
    quote = made["quote"]["id"]
    sent = {"member": HIM, "quoteId": quote, "reference": "B-1", "lines": [FLIGHT]}
    problem = await other.refused("earnForBooking", **sent)
    assert (problem["code"], problem["path"]) == ("NOT_FOUND", ["quoteId"])
    assert problem["value"] == quote
    batch = """mutation($one: EarnForBookingInput!) { earnForBookings(input: {bookings: [$one]}) {
        results { errors { message ... on NotFound { value } } } } }"""
    answer = await other.reading("en").read(batch, one={**sent, "idempotencyKey": "k-2"})
    [[told]] = [one["errors"] for one in answer["earnForBookings"]["results"]]
    assert told["value"] == quote
    assert quote in told["message"]
    held = to_global_id("Redemption", new_id(), member_id=new_id())
    sent = {"member": HIM, "redemptionId": held, "reference": "B-1", "lines": [FLIGHT]}
    assert (await partner.refused("earnForBooking", **sent))["value"] == held
    hidden = to_global_id("Activity", new_id(), member_id=new_id())
    asked = {"activity": hidden, "reason": "not so"}
    assert (await stage.staff().refused("reverseActivity", **asked))["value"] == hidden
    hidden = to_global_id("Redemption", new_id(), member_id=new_id())
    assert (await stage.member().refused("confirmRedemption", redemption=hidden))["value"] == hidden


async def test_what_a_budget_took_off_is_said_in_both_languages() -> None:
    rules = make.shipped_rules()
    rules[0]["budget"] = {"points": 1000}
    _, partner = await open_account(make.shipped_document(earning=rules))
    hotel = {"product": "hotel", "amount": "1500"}
    for language, said in (
        ("en", "The budget of Points for spending is used up: 500 points less"),
        ("zh-CN", "消费积分 的预算已用完：少得 500 积分"),
    ):
        found = await partner.reading(language).read(
            """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
                points explanation { code points text } } }""",
            input={"lines": [hotel]},
        )
        assert found["quoteEarning"]["points"] == 1000
        assert found["quoteEarning"]["explanation"][1] == {
            "code": "budget",
            "points": None,
            "text": said,
        }
