"""How an experiment ends, and what it has cost and changed by then."""

from datetime import timedelta
from typing import Any

import pytest

from domain.experiments import stopping
from domain.kernel.database import rows
from domain.programmes import programmes
from tests.support import factories as make
from tests.support import trials
from tests.support.callers import TODAY, Stage, open_stage
from tests.support.experimented import DAYS, HOTEL, book, earned, of, read, stage_of

pytestmark = pytest.mark.usefixtures("database")


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
