"""Experiments: who is judged by which variant, how one ends, and what staff read of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.experiments import exposures, stopping
from domain.kernel.database import rows
from domain.programmes import programmes, variants
from tests.support import factories as make
from tests.support import trials
from tests.support.callers import TODAY, Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

DAYS = {"from": "2126-03-01", "until": "2126-03-31"}
HOTEL = {"product": "hotel", "amount": "1000"}

READ = """query($code: String!) { experiment(code: $code) { code state cost { amount }
    budget { amount } variants { code members metric { numerator denominator value }
        difference { estimate low high proved } costPerExtra { estimate low high proved } } } }"""


async def of(stage: Stage, code: str, variant: str) -> str:
    """A new member who is drawn for this variant; its reference."""
    member_id = await trials.member(stage.programme, code, variant, now=TODAY)
    [found] = await rows("SELECT reference FROM member WHERE member_id = $1", member_id)
    return str(found["reference"])


async def book(client: Client, member: str, reference: str, **sent: Any) -> Any:
    return await client.done(
        "earnForBooking",
        "pointsAwarded booking { id }",
        member={"reference": member},
        reference=reference,
        **{"lines": [HOTEL], **sent},
    )


async def earned(client: Client, member: str, reference: str, **sent: Any) -> int:
    return int((await book(client, member, reference, **sent))["pointsAwarded"])


async def exposed(member_id: UUID) -> list[tuple[str, str]]:
    found = await rows(
        "SELECT experiment, variant FROM exposure WHERE member_id = $1 ORDER BY 1", member_id
    )
    return [(one["experiment"], one["variant"]) for one in found]


async def tried(member_id: UUID) -> list[tuple[str, int, int, int]]:
    found = await rows(
        "SELECT experiment, points, control_points, extra_points FROM trial WHERE member_id = $1 "
        "ORDER BY recorded_at, experiment",
        member_id,
    )
    return [tuple(one.values()) for one in found]


async def quoted(client: Client, member: str | None = None) -> int:
    asked = {"lines": [HOTEL], **({"member": {"reference": member}} if member else {})}
    query = "query($input: QuoteEarningInput!) { quoteEarning(input: $input) { points } }"
    return int((await client.read(query, input=asked))["quoteEarning"]["points"])


async def read(client: Client, code: str = "earn_rate") -> Any:
    return (await client.read(READ, code=code))["experiment"]


async def stage_of(*experiments: dict[str, Any], **changes: Any) -> Stage:
    return await open_stage(trials.document(*experiments, **changes))


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


async def test_an_experiment_ends_on_its_last_day_and_by_its_budget() -> None:
    cheap = trials.earn_rate(**DAYS, budget=3)
    stage = await stage_of(cheap, trials.price(**DAYS | {"until": "2126-03-15"}))
    engine, b = await stage.partner(), await of(stage, "earn_rate", "b")

    async def end(now: Any) -> list[str]:
        return await stopping.end_due(await programmes.get(stage.programme.code), now)

    assert await earned(engine, b, f"{b}-1", lines=[{**HOTEL, "amount": "996"}]) == 1494
    assert await end(stage.now()) == []
    assert await earned(engine, b, f"{b}-2", lines=[{**HOTEL, "amount": "4"}]) == 6
    assert (await read(stage.staff()))["state"] == "RUNNING"
    # with 3.00 more than the control the next look ends it
    assert await end(stage.now()) == ["earn_rate"]
    assert await end(stage.now()) == []
    assert (await read(stage.staff()))["state"] == "STOPPED"
    assert await earned(engine, b, f"{b}-3") == 1200
    tomorrow = stage.now() + timedelta(days=1)
    assert await end(tomorrow) == ["coupon_price"]
    [kept] = await rows(
        "SELECT cause, at AT TIME ZONE 'Asia/Shanghai' AS at FROM experiment_stop "
        "WHERE programme_id = $1 AND experiment = 'coupon_price'",
        stage.programme.id,
    )
    assert (kept["cause"], kept["at"].isoformat()) == ("UNTIL", "2126-03-16T00:00:00")


async def test_an_experiment_ends_with_the_version_that_is_without_it() -> None:
    ahead = trials.price(**{"from": "2126-05-01", "until": "2126-05-31"})
    stage = await stage_of(trials.earn_rate(**DAYS), ahead)
    staff, engine, b = stage.staff(), await stage.partner(), await of(stage, "earn_rate", "b")
    assert await earned(engine, b, f"{b}-1") == 1500
    begins = (stage.now() + timedelta(hours=2)).replace(microsecond=0)
    without = {**trials.document(), "programme": stage.programme.code}

    async def publish(document: Any, **sent: Any) -> None:
        text = trials.written(document)
        await staff.done("publishPolicy", "version", document=text, **sent)

    async def end() -> list[str]:
        found = await programmes.get(stage.programme.code)
        return await stopping.end_due(found, Stage(found).now())

    await publish(without, effectiveFrom=begins.isoformat())
    # until then it goes on
    assert (await read(staff))["state"] == "RUNNING"
    assert await earned(engine, b, f"{b}-2") == 1500
    assert await end() == []
    await programmes.advance_clock(stage.programme, timedelta(hours=3))
    assert (await read(staff))["state"] == "STOPPED"
    assert await earned(engine, b, f"{b}-3") == 1000
    # what is reported late of before is judged by the control, as after any end
    late = (begins - timedelta(hours=1)).isoformat()
    assert await earned(engine, b, f"{b}-late", bookedAt=late) == 1200
    assert await end() == ["earn_rate"]
    assert await end() == []
    kept = await rows(
        "SELECT experiment, cause, at, reason, actor FROM experiment_stop WHERE programme_id = $1",
        stage.programme.id,
    )
    said = ("STAFF", begins, "version 2 is without it", "staff:kim")
    assert [tuple(one.values()) for one in kept] == [("earn_rate", *said)]
    refused = await staff.refused("stopExperiment", experiment="earn_rate", reason="late")
    assert refused["reason"] == "experiment_over"
    # a version that has it again does not begin it again; one that was ahead of its first day does
    again = trials.document(trials.earn_rate(**DAYS), ahead)
    await publish({**again, "programme": stage.programme.code})
    assert await earned(engine, b, f"{b}-4") == 1200
    states = [(await read(staff, code))["state"] for code in ("earn_rate", "coupon_price")]
    assert states == ["STOPPED", "RUNNING"]
    assert await make.faults(await stage.member_id(b)) == []


async def test_what_was_taken_back_costs_nothing() -> None:
    """Booked for 1000: 1500 points instead of 1200, of which half are taken back, then all."""
    share = trials.of("share", {"activities.share.points": 80}, **DAYS)
    stage = await stage_of(trials.earn_rate(**DAYS, budget=3), trials.price(**DAYS), share)
    programme, staff, engine = stage.programme, stage.staff(), await stage.partner()
    b = await of(stage, "earn_rate", "b")

    async def cost(code: str = "earn_rate") -> str:
        return str((await read(staff, code))["cost"]["amount"])

    async def refund(reference: str, amount: str) -> None:
        lines, booking = [{"line": 1, "amount": amount}], f"{b}-1"
        await engine.done("refundBooking", booking=booking, reference=reference, lines=lines)

    assert await earned(engine, b, f"{b}-1") == 1500
    assert await cost() == "3.00"
    await refund("half", "500")
    assert await cost() == "1.50"
    # what it would have come to, ends nothing
    assert await stopping.end_due(programme, stage.now()) == []
    await refund("rest", "500")
    assert await cost() == "0.00"
    assert await earned(engine, b, f"{b}-2", lines=[{**HOTEL, "amount": "400"}]) == 600
    assert await cost() == "1.20"
    lines = [{**HOTEL, "amount": "900"}]
    await engine.done("amendBooking", booking=f"{b}-2", reference="more", lines=lines)
    assert await cost() == "2.70"
    await engine.done(
        "refundBooking", booking=f"{b}-2", reference="some", lines=[{"line": 1, "amount": "0.01"}]
    )
    # the control would have 480 of 600, and so 1079 of the 1349 that are left
    assert await cost() == "2.70"

    member = await of(stage, "coupon_price", "b")
    member_id = await stage.member_id(member)
    await make.give(programme, member_id, 2000, now=TODAY)
    reward = await make.reward(programme, code="coupon_10", list_points=1000)
    redeemed = [await make.redeem(programme, member_id, reward, now=stage.now()) for _ in range(2)]
    assert await cost("coupon_price") == "4.00"
    await make.cancel(programme, member_id, redeemed[0], now=stage.now())
    assert await cost("coupon_price") == "2.00"

    sharer = await of(stage, "share", "b")
    sent: dict[str, Any] = {"member": {"reference": sharer}, "type": "share", "reference": "S-1"}
    shared = await engine.done("earnForActivity", "pointsAwarded activity { id }", **sent)
    assert (shared["pointsAwarded"], await cost("share")) == (80, "0.30")
    await staff.done("reverseActivity", activity=shared["activity"]["id"], reason="twice")
    assert await cost("share") == "0.00"
    ids = [await stage.member_id(one) for one in (b, member, sharer)]
    assert await make.faults(*ids) == []


async def test_what_a_variant_did_not_give_is_counted_as_long_as_the_booking_stands() -> None:
    """From 500 on the control gives 100 points, and the other variant from 2000 on."""
    rule = make.rule("bonus", "big", points=100, when={"min_amount": 500})
    later = trials.of("later", {"earning.big.when.min_amount": 2000}, **DAYS)
    stage = await open_stage(make.variant(rule, experiments=[later]))
    engine, b = await stage.partner(), await of(stage, "later", "b")
    assert await earned(engine, b, "B") == 0
    costs = []
    for reference in ("half", "rest"):
        costs.append((await read(stage.staff(), "later"))["cost"]["amount"])
        lines = [{"line": 1, "amount": "500"}]
        await engine.done("refundBooking", booking="B", reference=reference, lines=lines)
    costs.append((await read(stage.staff(), "later"))["cost"]["amount"])
    assert costs == ["-1.00", "-0.50", "0.00"]


async def test_what_it_changed_is_read_once_all_that_counts_has_happened() -> None:
    days = {"from": "2126-03-01", "until": "2126-03-15", "days": 5}
    stage = await stage_of(trials.earn_rate(**days, metric="cash"))
    engine, staff = await stage.partner(), stage.staff()
    for variant, amounts in (("a", ("100", "200")), ("b", ("400", "600"))):
        for amount in amounts:
            member = await of(stage, "earn_rate", variant)
            line = {"product": "hotel", "amount": amount}
            await book(engine, member, f"{member}-1", lines=[line])
            # of what is refunded nothing is left, and a part of what is refunded in part
            for number, back in ((2, "70"), (3, "30")):
                extra = [{"product": "hotel", "amount": "70"}]
                await book(engine, member, f"{member}-{number}", lines=extra)
                await engine.done(
                    "refundBooking",
                    booking=f"{member}-{number}",
                    reference=f"{member}-r{number}",
                    lines=[{"line": 1, "amount": back}],
                )

    async def after(whole_days: int) -> Any:
        now = Stage(await programmes.get(stage.programme.code)).now()
        moved = TODAY + timedelta(days=whole_days) - now
        await programmes.advance_clock(stage.programme, max(moved, timedelta()))
        return await read(staff)

    assert (await after(0))["state"] == "RUNNING"
    early = await after(1)
    assert early["state"] == "TOO_EARLY"
    assert [(one["members"], one["metric"]) for one in early["variants"]] == [(2, None), (2, None)]
    # what is booked after the days that count, does not
    late = await of(stage, "earn_rate", "b")
    await book(engine, late, f"{late}-1")
    assert (await after(5))["state"] == "TOO_EARLY"

    found = await after(6)
    assert found["state"] == "READ"
    assert found["cost"] == {"amount": "3.24"}
    a, b = found["variants"]
    assert a["metric"] == {"numerator": "380.00", "denominator": "2", "value": "190.000000"}
    assert a["difference"] is a["costPerExtra"] is None
    assert b["metric"] == {"numerator": "1080.00", "denominator": "2", "value": "540.000000"}
    assert b["difference"] == {
        "estimate": "350.000000",
        "low": "130.869363",
        "high": "569.130637",
        "proved": True,
    }
    assert b["costPerExtra"] == {
        "estimate": "0.004629",
        "low": "0.002846",
        "high": "0.012379",
        "proved": True,
    }
