"""Experiments: who is judged by which variant, how one ends, and what staff read of it."""

from datetime import timedelta
from typing import Any

import pytest

from domain.experiments import exposures
from domain.kernel.database import rows
from domain.programmes import programmes, variants
from tests.support import factories as make
from tests.support import trials
from tests.support.callers import TODAY, Client, codes, open_stage
from tests.support.experimented import (
    DAYS,
    HOTEL,
    READ,
    book,
    earned,
    exposed,
    of,
    quoted,
    read,
    stage_of,
    tried,
)
from tests.support.granted import grant

pytestmark = pytest.mark.usefixtures("database")


async def test_a_member_is_judged_by_its_variant_until_the_experiment_is_stopped() -> None:
    stage = await stage_of(trials.earn_rate(**DAYS, budget=20000), trials.expiry(**DAYS))
    programme, staff, engine = stage.programme, stage.staff(), await stage.partner()
    a, b = [await of(stage, "earn_rate", code) for code in "ab"]
    ids = {one: await stage.member_id(one) for one in (a, b)}

    # a quote is the first that b sees of it, and is told once it was noted
    assert await quoted(await stage.public()) == 1000
    assert await quoted(stage.member(b)) == 1500
    assert await exposed(ids[b]) == []
    await exposures.record()
    assert [code for code, _ in await exposed(ids[b])] == ["earn_rate", "points_expiry"]
    assert ("earn_rate", "b") in await exposed(ids[b])
    promised = await engine.done(
        "guaranteeQuote", "quote { id points }", member={"reference": b}, lines=[HOTEL]
    )
    assert promised["quote"]["points"] == 1500
    assert [await earned(engine, one, f"{one}-1") for one in (a, b)] == [1200, 1500]
    assert ("earn_rate", "a") in await exposed(ids[a])
    snapshots = await rows(
        "SELECT snapshot -> 'experiments' -> 'earn_rate' AS kept FROM booking "
        "WHERE member_id = ANY($1) ORDER BY points",
        list(ids.values()),
    )
    assert [one["kept"] for one in snapshots] == [
        '{"variant": "a", "control_points": 1200}',
        '{"variant": "b", "control_points": 1200}',
    ]
    assert ("earn_rate", 1500, 1200, 300) in await tried(ids[b])
    [batched] = (
        await engine.read(
            """mutation($one: EarnForBookingInput!) { earnForBookings(input: {bookings: [$one]}) {
                results { pointsAwarded } } }""",
            one={
                "idempotencyKey": f"{b}-batch",
                "member": {"reference": b},
                "reference": f"{b}-2",
                "lines": [HOTEL],
            },
        )
    )["earnForBookings"]["results"]
    assert batched["pointsAwarded"] == 1500
    # one of before the experiment, and a guest's, are of none
    early = (TODAY - timedelta(days=20)).isoformat()
    assert await earned(engine, b, f"{b}-early", bookedAt=early) == 1000
    assert len(await tried(ids[b])) == 4
    found = await read(staff)
    assert found["state"] == "RUNNING"
    assert (found["cost"], found["budget"]) == ({"amount": "6.00"}, {"amount": "20000.00"})
    assert [one["members"] for one in found["variants"]] == [1, 1]
    assert found["variants"][1] == {
        **dict.fromkeys(("metric", "difference", "costPerExtra")),
        "code": "b",
        "members": 1,
    }

    # what is wrong, and by whom
    asked = {"experiment": "earn_rate", "reason": "dear"}
    assert (await staff.refused("stopExperiment", **asked | {"experiment": "no"}))["known"] == [
        *("earn_rate", "points_expiry")
    ]
    assert (await staff.refused("stopExperiment", **asked | {"reason": ""}))["path"] == ["reason"]
    assert await read(staff, "no") is None
    other = (await open_stage()).staff()
    assert (await other.refused("stopExperiment", **asked))["code"] == "NOT_FOUND"
    assert await read(other) is None
    for caller in (stage.member(a), engine, Client()):
        assert codes(await caller.ask(READ, code="earn_rate")) != []

    ended = await staff.done("stopExperiment", "experiment { state }", key="stop", **asked)
    assert ended == {"experiment": {"state": "STOPPED"}, "replayed": False}
    again = await staff.done("stopExperiment", "experiment { state }", key="stop", **asked)
    assert again["replayed"] is True
    over = await staff.refused("stopExperiment", **asked)
    assert (over["reason"], over["value"]) == ("experiment_over", "earn_rate")

    # what comes from now on is judged by the control, what was promised and given as it was
    assert await quoted(stage.member(b)) == 1200
    assert await earned(engine, b, f"{b}-3") == 1200
    assert await earned(engine, b, f"{b}-4", quoteId=promised["quote"]["id"]) == 1500
    refunded = await engine.done(
        "refundBooking",
        "pointsClawedBack",
        booking=f"{b}-1",
        reference=f"{b}-r1",
        lines=[{"line": 1, "amount": "500"}],
    )
    assert refunded["pointsClawedBack"] == 750
    amended = await engine.done(
        "amendBooking",
        "pointsAwarded",
        booking=f"{b}-2",
        reference=f"{b}-a1",
        lines=[{**HOTEL, "amount": "2000"}],
    )
    assert amended["pointsAwarded"] == 1500
    assert (await programmes.get(programme.code)).stops.keys() == {"earn_rate"}
    assert await make.faults(*ids.values()) == []


async def test_a_variant_has_its_own_prices_and_expiry() -> None:
    experiments = (trials.price(**DAYS), trials.expiry(**DAYS))
    stage = await stage_of(*experiments)
    coupon = await make.reward(stage.programme, code="coupon_10", list_points=1000, stock=9)
    a, b = [await of(stage, "coupon_price", code) for code in "ab"]
    price = (
        'query($first: Int!) { reward(code: "coupon_10") { points listPoints affordable } '
        "rewards(first: $first, filter: {affordable: true}) { edges { node { points } } } }"
    )
    for member, points in ((a, 1000), (b, 800)):
        member_id = await stage.member_id(member)
        await make.give(stage.programme, member_id, 900, now=TODAY)
        shown = await stage.member(member).read(price, first=5)
        assert shown["reward"] == {
            "points": points,
            "listPoints": points,
            "affordable": points <= 900,
        }
        listed = [one["node"]["points"] for one in shown["rewards"]["edges"]]
        assert listed == [points] * (points <= 900)
        await exposures.record()
        assert ("coupon_price", "ab"[points == 800]) in await exposed(member_id)
    assert (await stage.staff().read(price, first=5))["reward"]["points"] == 1000
    redeemed = await stage.member(b).done(
        "redeemReward", "redemption { points }", reward="coupon_10"
    )
    assert redeemed["redemption"] == {"points": 800}
    short = await stage.member(a).refused("redeemReward", reward="coupon_10")
    assert (short["code"], short["required"]) == ("INSUFFICIENT_POINTS", 1000)
    member_id = await stage.member_id(b)
    assert ("coupon_price", 800, 1000, 200) in await tried(member_id)
    assert (await read(stage.staff(), "coupon_price"))["cost"] == {"amount": "2.00"}
    assert await make.stock(coupon) == 8

    # points of members of the shorter life end half a year earlier, by bookings and activities
    engine = await stage.partner()
    for variant, year in (("a", 2127), ("b", 2126)):
        member = await of(stage, "points_expiry", variant)
        await book(engine, member, f"{member}-1")
        await make.give(stage.programme, await stage.member_id(member), 5, now=TODAY)
        ends = await rows(
            "SELECT DISTINCT expires_at AT TIME ZONE 'Asia/Shanghai' AS ends FROM lot "
            "WHERE member_id = $1",
            await stage.member_id(member),
        )
        assert [(one["ends"].year, one["ends"].month) for one in ends] == [
            (year, 3 if year == 2127 else 9)
        ]
        assert await make.faults(await stage.member_id(member)) == []
    assert await make.faults(member_id) == []


async def test_a_grant_lasts_as_long_for_everybody() -> None:
    """What the programme gives by itself is of no experiment, whatever fact brings it about."""
    first = grant("first", "milestone", count="orders", at=1, gives={"points": 50})
    document = make.shipped_document(
        counts={"orders": {"of": "bookings"}},
        earning=[],
        experiments=[trials.expiry(**DAYS)],
        grants=[first],
    )
    stage = await open_stage(document)
    engine = await stage.partner()
    pair = [await of(stage, "points_expiry", code) for code in "ab"]
    for one in pair:
        assert await earned(engine, one, f"{one}-1", lines=[HOTEL]) == 0
        [lot] = await rows(
            "SELECT remaining, expires_at AT TIME ZONE 'Asia/Shanghai' AS ends FROM lot "
            "WHERE member_id = $1",
            await stage.member_id(one),
        )
        assert (lot["remaining"], lot["ends"].year, lot["ends"].month) == (50, 2127, 3)
        assert await make.faults(await stage.member_id(one)) == []


EXPLAINED = """{ me { ledger(first: 20) { edges { node { id points } } } } }"""
EXPLAIN = """query($entry: ID!) { explain(entry: $entry) {
    variant reproduced steps { code points text } } }"""


async def test_an_entry_is_explained_by_the_variant_that_judged_it() -> None:
    share = trials.of("share", {"activities.share.points": 80}, **DAYS)
    stage = await stage_of(trials.earn_rate(**DAYS), share)
    staff, engine = stage.staff(), await stage.partner()
    b = await of(stage, "earn_rate", "b")
    member = stage.member(b).reading("en")
    of_share = variants.experiment_of(stage.programme.versions[-1].policy, "share")
    drawn = variants.of_member(of_share, await stage.member_id(b))
    assert drawn is not None
    assert await earned(engine, b, f"{b}-1") == 1500
    await engine.done(
        "refundBooking", booking=f"{b}-1", reference="R", lines=[{"line": 1, "amount": "500"}]
    )
    sent: dict[str, Any] = {"member": {"reference": b}, "type": "share", "reference": "S"}
    await engine.done("earnForActivity", **sent)
    await staff.done("stopExperiment", experiment="earn_rate", reason="enough")
    assert await earned(engine, b, f"{b}-2") == 1200
    early = (TODAY - timedelta(days=20)).isoformat()
    assert await earned(engine, b, f"{b}-3", bookedAt=early) == 1000

    found = []
    for edge in (await member.read(EXPLAINED))["me"]["ledger"]["edges"]:
        entry = edge["node"]
        why = (await member.read(EXPLAIN, entry=entry["id"]))["explain"]
        rates = [one["text"] for one in why["steps"] if one["text"].startswith("Rate: ")]
        found.append((entry["points"], why["variant"], why["reproduced"], rates))
    assert found == [
        (1000, None, True, ["Rate: ×1"]),
        (1200, "earn_rate.a", True, ["Rate: ×1.2"]),
        ({"a": 50, "b": 80}[drawn.code], f"share.{drawn.code}", True, []),
        (-750, "earn_rate.b", True, ["Rate: ×1.5"]),
        (1500, "earn_rate.b", True, ["Rate: ×1.5"]),
    ]
