"""Conditions of rules through the API: what is refused at publishing, and what they decide."""

import json
from typing import Any

import pytest

from tests.support import factories as make
from tests.support.callers import Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
BASE = make.rule("rate", "base", points=1, per=1)
COUNTS = {
    "nights": {"of": "nights"},
    "stays": {"of": "bookings", "products": ["hotel"]},
    "spent": {"of": "spend"},
}
REFUSED = """mutation($input: PublishPolicyInput!) { publishPolicy(input: $input) {
    errors { ... on PolicyInvalid { faults { line path message suggestion } } } } }"""

LAST = """{ member(by: {reference: "xiaoli"}) { ledger(first: 1) {
    edges { node { explanation { code text } } } } } }"""


def bonus(cel: str, **changes: Any) -> dict[str, Any]:
    """A bonus of 100 where this is true, beside 1 point for every yuan."""
    rules = [BASE, make.rule("bonus", "asked", points=100, when={"cel": cel})]
    return make.variant(*rules, counts=COUNTS, **changes)


async def opened(document: dict[str, Any], **member: Any) -> tuple[Stage, Client]:
    stage = await open_stage(document)
    partner = (await stage.partner()).reading("en")
    await partner.done("enrolMember", **HIM, **member)
    return stage, partner


async def booked(client: Client, reference: str, *lines: Any, **sent: Any) -> tuple[int, list[str]]:
    """The points of a booking, and the reasons that are no base rate."""
    made = await client.book(reference, *lines, **sent)
    codes = [line["code"] for line in await explained(client) if line["code"] != "rate"]
    return made["pointsAwarded"], codes


async def explained(client: Client) -> list[dict[str, str]]:
    """The reasons of the last entry."""
    found = await client.read(LAST)
    lines: list[dict[str, str]] = found["member"]["ledger"]["edges"][0]["node"]["explanation"]
    return lines


def hotel(amount: str = "500", **line: Any) -> dict[str, Any]:
    return {"product": "hotel", "amount": amount, **line}


@pytest.mark.parametrize(
    ("cel", "message"),
    [
        (
            "line.amount >= 2000.0",
            'At 1:13 of the condition, "int >= double" cannot be computed: ',
        ),
        (
            "line.amuont > 1",
            'At 1:5 of the condition, "line.amuont" is not known. Did you mean line.amount?',
        ),
        (
            "line.product.matches('h')",
            'At 1:21 of the condition, the function "matches" is not available.',
        ),
        ("activity.attributes.score > 1", 'At 1:20 of the condition, "activity.attributes.score" '),
        ("line.amount > 1 " * 70, "1000"),
    ],
)
async def test_what_can_never_be_asked_is_refused(cel: str, message: str) -> None:
    stage, _ = await opened(make.shipped_document())
    document = {**bonus(cel), "programme": stage.programme.code}
    text = json.dumps(document, default=str, indent=1)
    before = await stage.everything()
    answer = await (
        stage.staff().reading("en").read(REFUSED, input={"idempotencyKey": "k", "document": text})
    )
    [error] = answer["publishPolicy"]["errors"]
    fault = error["faults"][0]
    assert fault["path"] == "earning.1.when.cel"
    assert '"cel":' in text.splitlines()[fault["line"] - 1]
    assert message in fault["message"]
    assert await stage.everything() == before


async def test_a_condition_that_errs_is_the_reason() -> None:
    _, partner = await opened(bonus("count.nights / count.stays >= 3"))
    assert await booked(partner, "B", hotel()) == (500, ["condition_error"])
    readers = (partner, partner.reading("zh-CN"))
    worded = [(await explained(reader))[-1]["text"] for reader in readers]
    assert worded == ["Rule: its condition could not be computed", "规则：其条件无法计算"]
    _, careful = await opened(bonus("count.stays > 0 && count.nights / count.stays >= 3"))
    assert await booked(careful, "B", hotel()) == (500, [])
    nights = {"travelFrom": "2126-04-01", "travelTo": "2126-04-04"}
    assert await booked(careful, "N", hotel(**nights)) == (500, [])
    await careful.done("refundBooking", booking="B", reference="R")
    # three nights in one stay
    assert await booked(careful, "D", hotel()) == (600, ["bonus"])


async def test_too_many_iterations_do_not_match() -> None:
    nested = "booking.products.all(a, booking.products.all(b, a == b))"
    _, partner = await opened(bonus(nested))
    assert await booked(partner, "B99", *[hotel("1")] * 99) == (199, ["bonus"])
    assert await booked(partner, "B100", *[hotel("1")] * 100) == (100, ["condition_error"])


async def test_it_is_asked_of_each_line_and_again_by_a_refund() -> None:
    """Half of the lines count; what is refunded below the amount counts no more."""
    double = make.rule(
        "multiplier",
        "double",
        _class="campaign",
        factor=2,
        when={
            "products": ["hotel", "car"],
            "cel": "line.amount >= 20000 && 100 / line.nights < 60",
        },
    )
    stage, partner = await opened(make.variant(BASE, double))
    two = {"travelFrom": "2126-04-01", "travelTo": "2126-04-03"}
    lines = [hotel("300", **two), hotel("100", **two), hotel("400")]
    quote = await partner.done("guaranteeQuote", "quote { id points }", member=HIM, lines=lines)
    assert quote["quote"]["points"] == 1100
    # the line without nights errs, and it alone
    assert await booked(partner, "B", *lines) == (1100, ["multiplier", "condition_error"])
    part = [{"line": 1, "amount": "100.01"}]
    refunded = await partner.done(
        "refundBooking", "pointsClawedBack", booking="B", reference="R", lines=part
    )
    assert refunded["pointsClawedBack"] == 1100 - 699
    dearer = [{**lines[0], "amount": "500"}, *lines[1:]]
    amended = await partner.done(
        "amendBooking", "pointsAwarded", booking="B", reference="A", lines=dearer
    )
    assert amended["pointsAwarded"] == 1299 - 699
    assert await make.faults(await stage.member_id()) == []


EVERYTHING = " && ".join(
    [
        "line.product == 'hotel' && line.travel_from == '2126-04-01' && line.travel_to == ''",
        "line.amount == 50000 && line.nights == 0 && line.lead_days == 17",
        "line.attributes.city == '杭州' && !line.attributes.niche && line.attributes.rooms == 2",
        "booking.payment_method == 'card' && booking.amount == 51000",
        "booking.products == ['hotel', 'car']",
        "fact.date == '2126-03-15' && fact.weekday == 5 && fact.hour == 10",
        "member.tier == 'gold' && member.tier_rank == 1 && member.joined_days == 0",
        "member.birthday_month && member.profile.travel_style == 'independent'",
        "member.profile.seat == '' && count.stays == 1 && count.spent == 500000",
    ]
)


async def test_every_name_is_what_it_says() -> None:
    attributes = {"city": "text", "niche": "boolean", "rooms": "number"}
    style = {"type": "text", "writable_by": ["member", "partner", "staff"]}
    document = bonus(
        EVERYTHING, attributes=attributes, profile={"travel_style": style, "seat": style}
    )
    stage, partner = await opened(
        document, birthday="1990-03-02", profile={"travel_style": "independent", "free": 1}
    )
    await partner.book("B", hotel("5000"))
    line = hotel(travelFrom="2126-04-01", attributes={"city": "杭州", "rooms": 2})
    at = "2126-03-15T10:59:59+08:00"
    # the gold member joined a moment ago and books at this very instant
    lines = [line, {"product": "car", "amount": "10"}]
    instant = stage.now().isoformat()
    made = await partner.book(
        "C", *lines, paymentMethod="card", bookedAt=instant, selection="awards { rule points }"
    )
    assert instant[:13] <= at
    assert {"rule": "asked", "points": 100} in made["awards"]
    assert (await booked(partner, "D", *lines))[1] == ["tier_multiplier"]


async def test_an_activity_asks_for_its_declared_attributes() -> None:
    quiz = {
        "code": "quiz",
        "name": make.WORDS,
        "points": 30,
        "attributes": {"score": "number", "topic": "text"},
        "limit": {"times": 1, "per": "day"},
        "reporters": ["partner", "member"],
        "when": {"cel": "60 / activity.attributes.score < 20 && fact.hour < 24"},
    }
    stage, partner = await opened(make.shipped_document(activities=[quiz]))

    async def report(reference: str, by: Client = partner, **attributes: Any) -> tuple[int, str]:
        shown = "pointsAwarded explanation { code text }"
        sent: dict[str, Any] = {"type": "quiz", "reference": reference, "attributes": attributes}
        if by is partner:
            sent["member"] = HIM
        done = await by.done("earnForActivity", shown, **sent)
        return done["pointsAwarded"], done["explanation"][0]["code"]

    assert await report("A1", score=2) == (0, "not_matching")
    assert await report("A2", score=0) == (0, "condition_error")
    # of another type it is not known
    assert await report("A3", score="4") == (0, "condition_error")
    mine = stage.member()
    assert await report("A4", mine, score=0) == (0, "condition_error")
    # none of these used the limit
    assert await report("A5", score=4) == (30, "activity")
    assert await report("A6", score=4) == (0, "limit_reached")
