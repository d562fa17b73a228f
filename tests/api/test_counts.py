"""Rules that ask what a member has done: counted, judged by, and stored with what they judged."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from domain.earning import counts
from domain.programmes import programmes
from tests.support import factories as make
from tests.support.callers import TODAY, Client, Stage, open_stage

pytestmark = pytest.mark.usefixtures("database")

HIM = {"reference": "xiaoli"}
BUSINESS = {"product": "hotel", "amount": "1000", "attributes": {"business": True}}
TWO_NIGHTS = {
    "product": "hotel",
    "amount": "300",
    "travelFrom": "2126-03-01",
    "travelTo": "2126-03-03",
}
BASE = make.rule("rate", "base", points=1, per=1)
QUOTE = """query($input: QuoteEarningInput!) { quoteEarning(input: $input) {
    points errors { code } } }"""


def doubling(**count: Any) -> dict[str, Any]:
    """Hotels count twice from the third counted fact on."""
    when = {"products": ["hotel"], "counts": {"stays": {"min": 3}}}
    double = make.rule("multiplier", "double", _class="campaign", factor=2, when=when)
    return make.variant(BASE, double, counts={"stays": count}, facts={"oldest_days": 400})


async def opened(document: dict[str, Any]) -> tuple[Stage, Client]:
    stage = await open_stage(document)
    partner = await stage.partner()
    await partner.done("enrolMember", **HIM)
    return stage, partner


async def quoted(client: Client, *lines: dict[str, Any]) -> int:
    quote = (await client.read(QUOTE, input={"lines": list(lines), "member": HIM}))["quoteEarning"]
    assert quote["errors"] == []
    points: int = quote["points"]
    return points


async def refund(client: Client, booking: str, line: int, amount: str, **sent: Any) -> int:
    part = [{"line": line, "amount": amount}]
    done = await client.done(
        "refundBooking", "pointsClawedBack", booking=booking, reference="R", lines=part, **sent
    )
    points: int = done["pointsClawedBack"]
    return points


async def test_the_third_business_hotel_counts_double_by_what_was_recorded_before() -> None:
    """Quoted after two: 1000. A third recorded, then booked: 2000; half refunded: 1000 taken."""
    stage, partner = await opened(
        doubling(of="bookings", products=["hotel"], attributes={"business": True}, days=365)
    )
    old = (TODAY - timedelta(days=365)).isoformat()
    await partner.book("old", {**BUSINESS, "amount": "10"}, bookedAt=old)
    plain = {**BUSINESS, "amount": "10", "attributes": {"business": False}}
    await partner.book("plain", plain)
    assert (await partner.book("B1", BUSINESS))["pointsAwarded"] == 1000
    assert (await partner.book("B2", BUSINESS))["pointsAwarded"] == 1000
    promise = await partner.done(
        "guaranteeQuote", "quote { id points }", member=HIM, lines=[BUSINESS]
    )
    assert promise["quote"]["points"] == await quoted(partner, BUSINESS) == 1000
    assert (await partner.book("B3", BUSINESS))["pointsAwarded"] == 1000
    assert await quoted(partner, BUSINESS) == 2000
    kept = await partner.book("Q", BUSINESS, quoteId=promise["quote"]["id"])
    assert kept["pointsAwarded"] == 1000
    assert (await partner.book("B4", BUSINESS))["pointsAwarded"] == 2000
    # what is booked now is judged anew, what was booked by what it was judged by
    for gone in ("B1", "B2", "Q"):
        await partner.done("refundBooking", booking=gone, reference="gone")
    assert await quoted(partner, BUSINESS) == 1000
    assert await refund(partner, "B4", 1, "500") == 1000
    amended = await partner.done(
        "amendBooking",
        "pointsAwarded",
        booking="B4",
        reference="A",
        lines=[{**BUSINESS, "amount": "1100"}],
    )
    assert amended["pointsAwarded"] == 200
    assert await make.faults(await stage.member_id()) == []


async def test_the_first_booking_is_the_first_that_is_recorded() -> None:
    first = make.rule("bonus", "first", points=100, when={"counts": {"ever": {"max": 0}}})
    stage, partner = await opened(make.variant(BASE, first, counts={"ever": {"of": "bookings"}}))
    line = {"product": "hotel", "amount": "10"}
    public = await stage.public()
    assert (await public.read(QUOTE, input={"lines": [line]}))["quoteEarning"]["points"] == 110
    assert (await partner.book("B1", line))["pointsAwarded"] == 110
    earlier = (TODAY - timedelta(days=30)).isoformat()
    assert (await partner.book("B2", line, bookedAt=earlier))["pointsAwarded"] == 10


async def test_of_bookings_at_once_one_is_the_first() -> None:
    first = make.rule("bonus", "first", points=100, when={"counts": {"ever": {"max": 0}}})
    _, partner = await opened(make.variant(BASE, first, counts={"ever": {"of": "bookings"}}))
    line = {"product": "hotel", "amount": "10"}
    made = await asyncio.gather(*(partner.book(f"B{number}", line) for number in range(5)))
    assert sorted(booked["pointsAwarded"] for booked in made) == [10, 10, 10, 10, 110]


async def test_an_activity_asks_for_counts_of_its_own_kind() -> None:
    share: dict[str, Any] = {"code": "share", "name": make.WORDS, "reporters": ["partner"]}
    third = {**share, "code": "third", "points": 70, "when": {"counts": {"shared": {"min": 2}}}}
    limited = {**share, "points": 1, "limit": {"times": 2, "per": "day"}}
    shared = {"of": "activities", "types": ["share"], "per": "day"}
    document = make.shipped_document(activities=[limited, third], counts={"shared": shared})
    _, partner = await opened(document)

    async def report(kind: str, reference: str) -> tuple[int, list[str]]:
        shown = "pointsAwarded explanation { code }"
        done = await partner.done(
            "earnForActivity", shown, member=HIM, type=kind, reference=reference
        )
        return done["pointsAwarded"], [line["code"] for line in done["explanation"]]

    assert await report("share", "S1") == (1, ["activity"])
    assert await report("third", "T1") == (0, ["not_matching"])
    assert await report("share", "S2") == (1, ["activity"])
    assert await report("share", "S3") == (0, ["limit_reached"])
    assert await report("third", "T2") == (70, ["activity"])


EVERY: dict[str, dict[str, Any]] = {
    "booked": {"of": "bookings"},
    "flights": {"of": "bookings", "products": ["flight"]},
    "completed": {"of": "completed_bookings"},
    "spent": {"of": "spend"},
    "spent_on_hotels": {"of": "spend", "products": ["hotel"], "days": 30},
    "slept": {"of": "nights"},
    "stars": {"of": "bookings", "attributes": {"stars": {"min": 4}}},
    "five": {"of": "bookings", "attributes": {"stars": 5, "business": True}},
    "did": {"of": "activities", "per": "year"},
    "took": {"of": "redemptions"},
    "cups": {"of": "redemptions", "rewards": ["cup"]},
}


async def test_every_count_has_what_is_left_of_facts() -> None:
    attributes = {"stars": "number", "business": "boolean", "city": "text"}
    rules = [make.rule("bonus", "b", points=1, when={"counts": {"spent": {"min": 10**6}}})]
    document = make.variant(BASE, *rules, counts=EVERY, attributes=attributes, redemption_rates=[])
    stage, partner = await opened(document)
    programme = await programmes.get(stage.programme.code)
    policy = programme.as_of(stage.now()).policy
    member_id = await stage.member_id()

    async def counted(*codes: str) -> list[int]:
        found = await counts.of(member_id, policy, codes, stage.now())
        return [found[code] for code in codes]

    assert await counted(*EVERY) == [0] * len(EVERY)
    flight = {"product": "flight", "amount": "200.50"}
    starred = {**TWO_NIGHTS, "attributes": {"stars": 4}}
    await partner.book("B1", flight, starred)
    whole = {**TWO_NIGHTS, "attributes": {"stars": 5, "business": True, "city": "x"}}
    long_ago = (TODAY - timedelta(days=40)).isoformat()
    await partner.book("B2", whole, bookedAt=long_ago)
    assert await counted("booked", "flights", "spent", "spent_on_hotels", "slept") == [
        *(2, 1, 800_50, 300_00, 4)
    ]
    assert await counted("stars", "five") == [2, 1]
    # a line refunded whole is gone, another that is completed then completes its booking
    await partner.done("completeBooking", booking="B1", lines=[2])
    assert await counted("completed") == [0]
    await refund(partner, "B1", 1, "200.50")
    assert await counted("booked", "flights", "spent", "completed") == [2, 0, 600_00, 1]
    # as amended: dearer, and one night less
    shorter = {**whole, "amount": "310", "travelTo": "2126-03-02"}
    await partner.done("amendBooking", booking="B2", reference="A", lines=[shorter])
    assert await counted("spent", "slept", "spent_on_hotels") == [610_00, 3, 300_00]
    await partner.done("refundBooking", booking="B2", reference="R")
    assert await counted("booked", "spent", "slept", "five") == [1, 300_00, 2, 0]
    cup = await make.reward(programme, code="cup", list_points=10)
    other = await make.reward(programme, list_points=10)
    taken = [
        (await partner.done("redeemReward", "redemption { id }", member=HIM, reward=one.code))
        for one in (cup, other)
    ]
    await partner.done("earnForActivity", member=HIM, type="review", reference="V")
    assert await counted("took", "cups", "did") == [2, 1, 1]
    await partner.done("cancelRedemption", redemption=taken[0]["redemption"]["id"])
    assert await counted("took", "cups") == [1, 0]
    # of several members at once, as many as there are; nothing of one is another's
    friend = await make.enrol(programme, now=stage.now(), reference="wang")
    both = await counts.load([member_id, friend], policy, ["booked", "took"], stage.now())
    assert both == {member_id: {"booked": 1, "took": 1}, friend: {"booked": 0, "took": 0}}
    with pytest.raises(ValueError, match="501 members"):
        await counts.load([friend] * 501, policy, ["booked"], stage.now())


@pytest.mark.parametrize("of", ["bookings", "spend", "nights", "completed_bookings"])
async def test_a_line_counts_as_what_it_was_amended_to(of: str) -> None:
    stays = {"of": of, "products": ["hotel"]}
    stage, partner = await opened(make.variant(BASE, counts={"stays": stays}))
    policy = (await programmes.get(stage.programme.code)).as_of(stage.now()).policy
    member_id = await stage.member_id()
    stay = {**TWO_NIGHTS, "amount": "1"}
    flight = {**stay, "product": "flight"}

    async def counted() -> bool:
        return (await counts.of(member_id, policy, ["stays"], stage.now()))["stays"] > 0

    await partner.book("B", flight, flight)
    assert not await counted()
    await partner.done("amendBooking", booking="B", reference="A1", lines=[flight, stay])
    await partner.done("completeBooking", booking="B")
    assert await counted()
    await partner.done("amendBooking", booking="B", reference="A2", lines=[flight, flight])
    assert not await counted()


async def test_a_guests_bookings_do_not_count() -> None:
    stage = await open_stage(doubling(of="bookings"))
    partner = await stage.partner()
    await partner.done("enrolMember", **HIM, guest=True)
    for number in range(3):
        await partner.book(f"G{number}", BUSINESS)
    await partner.done("enrolMember", **HIM)
    assert (await partner.book("B", BUSINESS))["pointsAwarded"] == 1000


@pytest.mark.parametrize(
    ("counted", "paths"),
    [
        ({"of": "bookings", "days": 5, "per": "year"}, ["counts.stays.per"]),
        ({"of": "bookings", "days": 0}, ["counts.stays.days"]),
        ({"of": "bookings", "products": ["boat"]}, ["counts.stays.products.0"]),
        (
            {"of": "bookings", "attributes": {"business": "yes"}},
            ["counts.stays.attributes.business"],
        ),
        ({"of": "bookings", "types": ["review"]}, ["counts.stays.types"]),
        ({"of": "activities", "products": ["hotel"]}, ["counts.stays.products"]),
        ({"of": "activities", "types": ["revue"]}, ["counts.stays.types.0"]),
        ({"of": "visits"}, ["counts.stays.of"]),
        ({"days": 5}, ["counts.stays.of"]),
    ],
)
async def test_a_count_that_nothing_could_be_is_refused(
    counted: dict[str, Any], paths: list[str]
) -> None:
    stage, _ = await opened(make.shipped_document())
    document = {**doubling(**counted), "programme": stage.programme.code}
    assert await refused(stage, document) == paths


async def test_a_rule_asks_only_for_counts_that_there_are() -> None:
    stage, _ = await opened(make.shipped_document())
    document = {**doubling(of="bookings"), "programme": stage.programme.code}
    when = document["earning"][1]["when"]
    when["counts"] = {"stay": {"min": 3}, "stays": {"min": 3, "max": 2}}
    assert await refused(stage, document) == [
        "earning.1.when.counts.stay",
        "earning.1.when.counts.stays.min",
    ]


async def refused(stage: Stage, document: dict[str, Any]) -> list[str]:
    """The places of what is wrong with a document that staff publish."""
    payload = await stage.staff().ask(
        """mutation($input: PublishPolicyInput!) { publishPolicy(input: $input) {
            errors { ... on PolicyInvalid { faults { path } } } } }""",
        input={"idempotencyKey": "k", "document": json.dumps(document, default=str)},
    )
    return [
        fault["path"]
        for error in payload["data"]["publishPolicy"]["errors"]
        for fault in error["faults"]
    ]
