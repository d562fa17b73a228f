"""Figures of settled days, as staff read them."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from domain.insight import rollups
from domain.kernel.database import update
from tests.support import factories as make
from tests.support import figured, travel
from tests.support.callers import TODAY, Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

RATIOS = "pointsPerBooking pointsPerUnit burn returnRate returnWithActivities"
KPIS = (
    """{ bookings joined upgraded fell cash { amount currency } rewardCost { amount }
    granted activityGranted earned redeemed expired """
    + " ".join(f"{name} {{ numerator denominator value }}" for name in RATIOS.split())
    + " }"
)
ASK = f"""query($period: PeriodInput!, $by: KpiDimension, $grain: Grain! = MONTH, $known: Date) {{
    kpis(period: $period, by: $by, grain: $grain, knownAt: $known) {{
        settledThrough notes(locale: "en") total {KPIS} rows {{ key from figures {KPIS} }} }} }}"""
DAY = TODAY.date()


def days(first: str, through: str) -> dict[str, Any]:
    return {"period": {"from": first, "through": through}}


async def asked(staff: Client, first: str, through: str, **more: Any) -> Any:
    return (await staff.read(ASK, **days(first, through), **more))["kpis"]


def values(figures: Any) -> list[Any]:
    return [figures[name]["value"] for name in RATIOS.split()]


async def play() -> Stage:
    """The golden example on TODAY, of which 1000 points are redeemed and 200 come back."""
    stage = await open_stage()
    programme = stage.programme
    member_id = await make.enrol(programme, reference="xiaoli", now=TODAY)
    for activity in ("verification", "profile_completed", "share", "review"):
        await make.act(programme, member_id, activity, activity, now=TODAY)
    for product, amount in (("flight", "1500"), ("hotel", "2000")):
        line = make.line_of(product, amount, city="Kunming")
        await travel.pay(programme, member_id, product, line, now=TODAY)
    lounge = await make.reward(programme, list_points=800, cost_minor=3300)
    coupon = await make.reward(programme, list_points=200, cost_minor=500)
    await make.redeem(programme, member_id, lounge, now=TODAY)
    given = await make.redeem(programme, member_id, coupon, now=TODAY)
    await make.cancel(programme, member_id, given, now=TODAY)
    return stage


async def test_figures_of_the_golden_example(statements: list[str]) -> None:
    stage = await play()
    staff = stage.staff()
    assert codes(await staff.ask(ASK, **days("2126-03-01", "2126-03-31"))) == ["BAD_USER_INPUT"]
    await figured.settle(stage.programme, DAY, DAY)

    statements.clear()
    found = await asked(staff, "2126-03-01", "2126-04-15")
    total = found["total"]
    # beside the policy and ended sessions, which servers remember, the roll-up alone is read, once
    # it is known how far days are settled
    read = {table for sql in statements for table in re.findall(r"FROM (\w+)(?!\w|\))", sql)}
    assert read - {"programme", "policy_version", "revocation"} == {"books", "figure_day"}
    assert found["settledThrough"] == "2126-03-15"
    assert [note.split(" ")[:3] for note in found["notes"]] == [
        ["The", "period", "extends"],
        ["Comparing", "members", "with"],
    ]
    assert {name: total[name] for name in ("granted", "activityGranted", "earned")} == {
        "granted": 3500,
        "activityGranted": 850,
        "earned": 4350,
    }
    assert (total["bookings"], total["joined"], total["redeemed"]) == (2, 1, 800)
    assert total["cash"] == {"amount": "3500.00", "currency": "CNY"}
    assert total["rewardCost"] == {"amount": "33.00"}
    assert total["burn"] == {"numerator": "800", "denominator": "4350", "value": "0.183908"}
    assert values(total) == ["1750.000000", "1.000000", "0.183908", "0.010000", "0.012429"]
    # parts of the period add up to it, by month, day and each dimension
    assert [row["from"] for row in found["rows"]] == ["2126-03-01", "2126-04-01"]
    assert found["rows"][0]["figures"] == total
    assert values(found["rows"][1]["figures"]) == [None] * 5
    by_product = await asked(staff, "2126-03-01", "2126-03-31", by="PRODUCT", grain="YEAR")
    assert [(row["key"], row["figures"]["granted"]) for row in by_product["rows"]] == [
        ("-", 0),
        ("flight", 1500),
        ("hotel", 2000),
    ]
    for by, keys in (("CITY", ["-", "Kunming"]), ("TIER", ["silver"]), ("STATUS", ["ENROLLED"])):
        split = await asked(staff, "2126-03-14", "2126-03-16", by=by, grain="DAY")
        assert [row["key"] for row in split["rows"]] == keys
        assert {row["from"] for row in split["rows"]} == {"2126-03-15"}
        assert split["total"] == total

    # what is asked wrongly, and by whom
    for first, through in (("2126-03-02", "2126-03-01"), ("2026-01-01", "2126-01-01")):
        assert codes(await staff.ask(ASK, **days(first, through))) == ["BAD_USER_INPUT"]
    wide = await staff.ask(ASK, **days("2120-01-01", "2126-01-01"), grain="DAY")
    assert codes(wide) == ["BAD_USER_INPUT"]
    for caller in (stage.member(), await stage.partner(), await stage.public(), Client()):
        assert codes(await caller.ask(ASK, **days("2126-03-01", "2126-03-31"))) != []
    other = await open_stage()
    await figured.settle(other.programme, DAY, DAY)
    assert (await asked(other.staff(), "2126-03-01", "2126-03-31"))["total"]["bookings"] == 0


async def test_a_late_fact_leaves_what_was_known_before() -> None:
    """CNY 2400 on 5 March, of which 500 are refunded on 2 April."""
    stage = await open_stage()
    programme, staff = stage.programme, stage.staff()
    first, refunded = TODAY - timedelta(days=10), TODAY + timedelta(days=18)
    member_id = await make.enrol(programme, now=first)
    line = make.line_of("flight", "2400")
    await travel.pay(programme, member_id, "B-1", line, now=first)
    last = date(2126, 3, 31)
    await figured.settle(programme, last, last)
    march = ("2126-03-01", "2126-03-31")
    before = await asked(staff, *march)
    await travel.refund(programme, "B-1", "R-1", (1, "500"), now=refunded)
    await figured.settle(programme, last, date(2126, 4, 2))

    known = await asked(staff, *march, known="2126-03-31")
    assert known["total"] == before["total"]
    assert known["total"]["pointsPerUnit"] == {
        "numerator": "2900",
        "denominator": "2400.00",
        "value": "1.208333",
    }
    assert [note[:24] for note in known["notes"]] == ["These figures are as the"]
    since = await asked(staff, *march, known="2126-04-02")
    assert since["total"]["pointsPerUnit"] == {
        "numerator": "1900",
        "denominator": "1900.00",
        "value": "1.000000",
    }
    assert (await asked(staff, "2126-04-01", "2126-04-30"))["total"]["bookings"] == 0
    # computed again, all is as it was, whatever was there
    kept = await figured.kept(programme)
    lost = "DELETE FROM figure_day WHERE programme_id = $1 AND measure <> 'cash'"
    await update(lost, programme.id)
    await update("DELETE FROM member_month WHERE member_id = $1", member_id)
    assert [batch.members async for batch in rollups.rebuild(programme)] == [1]
    assert await figured.kept(programme) == kept
    assert [month["cash"] for month in kept["member_month"]] == [190000]


async def test_a_month_of_lots_is_followed() -> None:
    """10 000 earned, 1000 clawed back, 3000 drawn and 400 of these restored."""
    stage = await open_stage()
    programme = stage.programme
    member_id = await make.enrol(programme, now=TODAY)
    await travel.pay(programme, member_id, "B-1", make.line_of("hotel", "10000"), now=TODAY)
    await travel.refund(programme, "B-1", "R-1", (1, "1000"), now=TODAY)
    spent = [(await make.reward(programme, list_points=points)) for points in (2600, 400)]
    given = [await make.redeem(programme, member_id, reward, now=TODAY) for reward in spent]
    await make.cancel(programme, member_id, given[1], now=TODAY)
    await figured.settle(programme, DAY, DAY)
    rows_ = (await figured.kept(programme))["figure_day"]
    sums = {row["measure"]: row["value"] for row in rows_ if row["measure"].startswith("lot")}
    assert sums == {"lot_points": 9000, "lot_drawn": 2600}
    total = (await asked(stage.staff(), "2126-03-15", "2126-03-15"))["total"]
    assert total["burn"]["value"] == "0.288889"


RETURNING = """query($period: PeriodInput!, $known: Date) {
    kpis(period: $period, knownAt: $known) {
        repurchase { days members { numerator denominator } guests { numerator denominator } }
        months { month redemptionRate { value } active activeIn12Months }
        tiers { tier { code } members cash { amount } share { value } risen { value } } } }"""
COHORTS = """query($period: PeriodInput!, $status: MemberStatus! = ENROLLED) {
    cohorts(period: $period, status: $status) {
        month members active ltv { value } ltvNet { value } } }"""


def shares(found: Any) -> list[tuple[str, str]]:
    return [(one["numerator"], one["denominator"]) for one in found]


async def test_who_came_again_and_what_they_were_worth() -> None:
    """On one day three members and a guest book, one of them twice and one for nothing in the end;
    one comes again after 60 days, and becomes gold by it, and the guest after 100.
    """
    stage = await open_stage()
    programme, staff = stage.programme, stage.staff()
    after = {number: TODAY + timedelta(days=number) for number in (0, 1, 60, 100, 190)}
    ids = {name: await make.enrol(programme, reference=name, now=TODAY) for name in "abc"}
    ids["guest"] = await make.enrol(programme, guest=True, reference="guest", now=TODAY)
    for name, number, amount in (
        *(("a", 0, "1000"), ("b", 0, "100"), ("b", 0, "100"), ("c", 0, "300")),
        *(("guest", 0, "500"), ("a", 60, "4000"), ("guest", 100, "50")),
    ):
        line, reference = make.line_of("hotel", amount), f"{name}-{number}-{amount}"
        while reference in ids:
            reference += "+"
        ids[reference] = ids[name]
        await travel.pay(programme, ids[name], reference, line, now=after[number])
    await travel.refund(programme, "c-0-300", "R-1", now=after[1])
    reward = await make.reward(programme, list_points=100, cost_minor=1200)
    await make.redeem(programme, ids["b"], reward, now=after[60])
    await figured.settle(programme, after[190].date(), after[190].date())

    year = days("2126-01-01", "2126-12-31")
    found = (await staff.read(RETURNING, **year))["kpis"]
    assert [one["days"] for one in found["repurchase"]] == [90, 180, 365]
    assert shares(one["members"] for one in found["repurchase"]) == [
        ("1", "2"),
        ("1", "2"),
        ("0", "0"),
    ]
    assert shares(one["guests"] for one in found["repurchase"]) == [
        ("0", "1"),
        ("1", "1"),
        ("0", "0"),
    ]
    months = {one.pop("month"): one for one in found["months"]}
    assert list(months) == [f"2126-{number:02}" for number in range(1, 10)]
    assert [months[f"2126-{number:02}"]["active"] for number in (2, 3, 5, 6)] == [0, 3, 2, 1]
    assert months["2126-06"]["activeIn12Months"] == 3
    # 1000 and 200 were earned in March, the points of c were taken back
    assert months["2126-03"]["redemptionRate"] == {"value": "0.083333"}
    silver, gold = found["tiers"][:2]
    assert (silver["tier"]["code"], silver["members"], silver["risen"]["value"]) == (
        "silver",
        2,
        None,
    )
    assert (gold["members"], gold["cash"]["amount"]) == (1, "0.00")
    assert silver["share"] == {"value": "1.000000"}
    spring = (await staff.read(RETURNING, **days("2126-05-01", "2126-05-31")))["kpis"]
    assert spring["tiers"][0]["risen"] == {"value": "0.333333"}
    assert [one["members"] for one in spring["tiers"]] == [2, 1, 0, 0]
    known = (await staff.read(RETURNING, **year, known="2126-12-31"))["kpis"]
    assert known == {"repurchase": None, "months": None, "tiers": None}

    [cohort] = (await staff.read(COHORTS, **year))["cohorts"]
    assert (cohort["month"], cohort["members"]) == ("2126-03", 2)
    assert cohort["active"] == [2, 0, 2, 0, 0, 0]
    assert [one["value"] for one in cohort["ltv"]] == ["600.000000"] * 2 + ["2600.000000"] * 4
    assert [one["value"] for one in cohort["ltvNet"]][1:3] == ["600.000000", "2594.000000"]
    [guests] = (await staff.read(COHORTS, **year, status="GUEST"))["cohorts"]
    assert (guests["members"], guests["active"]) == (1, [1, 0, 0, 1, 0, 0])
    assert (await staff.read(COHORTS, **year, status="SUSPENDED"))["cohorts"] == []
    assert codes(await staff.ask(COHORTS, **days("2126-03-02", "2126-03-01"))) == ["BAD_USER_INPUT"]
