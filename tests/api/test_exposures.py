"""Exposures: a member meets its variant where a variant could change what it sees, whichever of
them it has.
"""

from typing import Any

import pytest

from domain.experiments import exposures
from tests.support import factories as make
from tests.support import risks, trials
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.experimented import (
    DAYS,
    HOTEL,
    book,
    earned,
    exposed,
    of,
    quoted,
    read,
    stage_of,
    tried,
)

pytestmark = pytest.mark.usefixtures("database")

FLIGHT = {"product": "flight", "amount": "1000"}
OF_HOTELS = make.rule("bonus", "hotels", points=10, when={"products": ["hotel"]})
BATCH = """mutation($some: [EarnForBookingInput!]!) { earnForBookings(input: {bookings: $some}) {
    results { pointsAwarded } } }"""
AMENDED = "pointsAwarded pointsClawedBack"


def hotels(**settings: Any) -> dict[str, Any]:
    """10 points for a booking of hotels beside what is set."""
    set_to = {f"earning.hotels.{path}": to for path, to in settings.items()}
    return trials.of("hotels", set_to, **DAYS)


async def stage_of_hotels(experiment: dict[str, Any], *more: Any, **rule: Any) -> Stage:
    base = make.rule("rate", "base", points=1, per=1)
    rules = [base, {**OF_HOTELS, **rule}]
    return await open_stage(
        make.shipped_document(earning=rules, experiments=[experiment, *more], grants=[])
    )


async def met(stage: Stage, *members: str) -> list[list[str]]:
    """The experiments that each of these has met, once all is written that was noted."""
    await exposures.record()
    return [[code for code, _ in await exposed(await stage.member_id(one))] for one in members]


async def faults(stage: Stage, *members: str) -> list[str]:
    return await make.faults(*[await stage.member_id(one) for one in members])


async def test_who_books_what_the_experiment_is_not_about_does_not_meet_it() -> None:
    stage = await stage_of_hotels(hotels(points=40))
    engine, public = await stage.partner(), await stage.public()
    pair = [await of(stage, "hotels", code) for code in "ab"]
    for one in pair:
        assert await earned(engine, one, f"{one}-1", lines=[FLIGHT]) == 1000
        sent = {
            "idempotencyKey": f"{one}-batch",
            "member": {"reference": one},
            "reference": f"{one}-2",
        }
        [done] = (await engine.read(BATCH, some=[{**sent, "lines": [FLIGHT]}]))["earnForBookings"][
            "results"
        ]
        assert done == {"pointsAwarded": 1000}
        asked = {"lines": [FLIGHT], "member": {"reference": one}}
        query = "query($input: QuoteEarningInput!) { quoteEarning(input: $input) { points } }"
        assert (await stage.member(one).read(query, input=asked))["quoteEarning"]["points"] == 1000
        await engine.done(
            "guaranteeQuote", "quote { points }", member={"reference": one}, lines=[FLIGHT]
        )
        # refunds are judged by what the snapshot names, so that names it all the same
        assert len(await tried(await stage.member_id(one))) == 2
    assert await met(stage, *pair) == [[], []]
    assert [one["members"] for one in (await read(stage.staff(), "hotels"))["variants"]] == [0, 0]
    assert await quoted(public) == 1010
    assert [await earned(engine, one, f"{one}-3") for one in pair] == [1010, 1040]
    assert await met(stage, *pair) == [["hotels"], ["hotels"]]
    assert [one["members"] for one in (await read(stage.staff(), "hotels"))["variants"]] == [1, 1]
    assert await faults(stage, *pair) == []


@pytest.mark.parametrize("way", ["quote", "guarantee", "batch"])
async def test_who_is_shown_or_gets_what_a_variant_changes_meets_it(way: str) -> None:
    stage = await stage_of_hotels(hotels(points=40))
    engine = await stage.partner()
    pair = [await of(stage, "hotels", code) for code in "ab"]
    if way == "quote":
        assert [await quoted(stage.member(one), one) for one in pair] == [1010, 1040]
    for one in pair if way == "guarantee" else ():
        await engine.done(
            "guaranteeQuote", "quote { points }", member={"reference": one}, lines=[HOTEL]
        )
    if way == "batch":
        some = [
            {
                "idempotencyKey": f"{one}-{product['product']}",
                "member": {"reference": one},
                "reference": f"{one}-{product['product']}",
                "lines": [product],
            }
            for one in pair
            for product in (FLIGHT, HOTEL)
        ]
        done = (await engine.read(BATCH, some=some))["earnForBookings"]["results"]
        assert [one["pointsAwarded"] for one in done] == [1000, 1010, 1000, 1040]
    assert await met(stage, *pair) == [["hotels"], ["hotels"]]
    assert await faults(stage, *pair) == []


async def test_what_an_amendment_adds_may_be_the_first_that_differs() -> None:
    stage = await stage_of_hotels(hotels(points=40))
    engine = await stage.partner()
    pair = [await of(stage, "hotels", code) for code in "ab"]
    late = [await of(stage, "hotels", code) for code in "ab"]
    for one in (*pair, *late):
        await book(engine, one, f"{one}-1", lines=[FLIGHT])

    async def amend(one: str, reference: str, *lines: dict[str, str]) -> int:
        done = await engine.done(
            "amendBooking", AMENDED, booking=f"{one}-1", reference=reference, lines=list(lines)
        )
        return int(done["pointsAwarded"])

    # more of the same is none of it
    dearer = {**FLIGHT, "amount": "1200"}
    assert [await amend(one, f"{one}-a", dearer) for one in pair] == [200, 200]
    assert await met(stage, *pair) == [[], []]
    assert [await amend(one, f"{one}-b", dearer, HOTEL) for one in pair] == [1010, 1040]
    assert await met(stage, *pair) == [["hotels"], ["hotels"]]
    await stage.staff().done("stopExperiment", experiment="hotels", reason="enough")
    # judged by the snapshot still, but nobody meets what is over
    assert [await amend(one, f"{one}-b", FLIGHT, HOTEL) for one in late] == [1010, 1040]
    assert await met(stage, *late) == [[], []]
    assert await faults(stage, *pair, *late) == []


async def test_what_a_refund_leaves_may_be_the_first_that_differs() -> None:
    """A bonus from 500 on beside one from 800 on: of 1000 both give it, of 700 one does."""
    of_least = {"when": {"products": ["hotel"], "min_amount": 500}}
    stage = await stage_of_hotels(hotels(**{"when.min_amount": 800}), **of_least)
    engine = await stage.partner()
    pair = [await of(stage, "hotels", code) for code in "ab"]
    assert [await earned(engine, one, f"{one}-1") for one in pair] == [1010, 1010]

    async def refund(one: str, reference: str, amount: str) -> int:
        done = await engine.done(
            "refundBooking",
            "pointsClawedBack",
            booking=f"{one}-1",
            reference=reference,
            lines=[{"line": 1, "amount": amount}],
        )
        return int(done["pointsClawedBack"])

    assert [await refund(one, f"{one}-r", "100") for one in pair] == [100, 100]
    assert await met(stage, *pair) == [[], []]
    assert [await refund(one, f"{one}-s", "200") for one in pair] == [200, 210]
    assert await met(stage, *pair) == [["hotels"], ["hotels"]]
    assert await faults(stage, *pair) == []


async def test_how_long_points_last_is_met_where_points_are_given_for_so_long() -> None:
    """Points of hotels last for their own year; those of all else as an experiment says."""
    own = {"expiry": {"months": 12}}
    rules = [{**OF_HOTELS, **own}]
    document = make.shipped_document(earning=rules, experiments=[trials.expiry(**DAYS)], grants=[])
    stage = await open_stage(document)
    engine = await stage.partner()
    pair = [await of(stage, "points_expiry", code) for code in "ab"]
    for one in pair:
        # a flight gives nothing, a hotel 10 points that last as long for both
        assert await earned(engine, one, f"{one}-1", lines=[FLIGHT]) == 0
        assert await earned(engine, one, f"{one}-2") == 10
    assert await met(stage, *pair) == [[], []]
    for amount, found in ((0, []), (5, ["points_expiry"])):
        for one in pair:
            await engine.done(
                "earnForActivity",
                member={"reference": one},
                type="partner_spend",
                reference=f"{one}-{amount}",
                attributes={"amount": amount},
            )
        assert await met(stage, *pair) == [found, found]
    assert await faults(stage, *pair) == []


async def test_what_budgets_leave_does_not_choose_who_meets_it() -> None:
    """Of 15 points 10 go to the first member; the others of both variants find 5, then nothing."""
    stage = await stage_of_hotels(hotels(points=40), budget={"points": 15})
    engine = await stage.partner()
    first = await of(stage, "hotels", "a")
    assert await earned(engine, first, f"{first}-1") == 1010
    for left in (5, 0):
        pair = [await of(stage, "hotels", code) for code in ("ab" if left else "ba")]
        found = [await earned(engine, one, f"{one}-1") for one in pair]
        assert found == [1000 + left, 1000]
        assert await met(stage, *pair) == [["hotels"], ["hotels"]]
        assert await faults(stage, *pair) == []


async def test_who_is_denied_by_its_variant_has_met_it() -> None:
    """More than 60 points look like fraud: a member of one variant is paid, and of one denied."""
    share = trials.of("share", {"activities.share.points": 80}, **DAYS)
    large = risks.rule("large", "earn", "amount", "deny", over=60)
    stage = await risks.open_guarded(large, experiments=[share])
    engine = await stage.partner()
    pair = [await of(stage, "share", code) for code in "ab"]
    for one, points in zip(pair, (50, 0), strict=True):
        done = await engine.done(
            "earnForActivity",
            "pointsAwarded",
            member={"reference": one},
            type="share",
            reference=f"{one}-s",
        )
        assert done["pointsAwarded"] == points
    assert await met(stage, *pair) == [["share"], ["share"]]
    assert await faults(stage, *pair) == []


async def test_who_is_refused_by_a_price_has_met_it() -> None:
    stage = await stage_of(trials.price(**DAYS))
    await make.reward(stage.programme, code="coupon_10", list_points=1000)
    await make.reward(stage.programme, code="lounge", list_points=100)
    pair = [await of(stage, "coupon_price", code) for code in "ab"]
    callers: list[Client] = [stage.member(one) for one in pair]
    for one, caller in zip(pair, callers, strict=True):
        await make.give(stage.programme, await stage.member_id(one), 950, now=TODAY)
        await caller.done("redeemReward", "redemption { points }", reward="lounge")
    assert await met(stage, *pair) == [[], []]
    refused = await callers[0].refused("redeemReward", reward="coupon_10")
    assert (refused["code"], refused["required"]) == ("INSUFFICIENT_POINTS", 1000)
    done = await callers[1].done("redeemReward", "redemption { points }", reward="coupon_10")
    assert done["redemption"] == {"points": 800}
    assert await met(stage, *pair) == [["coupon_price"], ["coupon_price"]]
    assert await faults(stage, *pair) == []


async def test_variants_that_set_one_thing_alike_are_met_by_nobody() -> None:
    stage = await stage_of_hotels(hotels(points=10))
    engine = await stage.partner()
    pair = [await of(stage, "hotels", code) for code in "ab"]
    assert [await earned(engine, one, f"{one}-1") for one in pair] == [1010, 1010]
    assert await met(stage, *pair) == [[], []]
    assert await faults(stage, *pair) == []
