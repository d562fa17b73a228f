"""The liability, the journal and what points earn, as controllers read them."""

import asyncio
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.report_tables import Words
from domain.finance import keeping
from domain.kernel import dates
from domain.kernel.callers import Role, Scope
from domain.kernel.database import rows
from domain.programmes import programmes
from ops.commands import reporting
from tests.support import factories as make
from tests.support import figured, tied, travel
from tests.support.callers import Client, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

LIABILITY = """query($day: Date) { liability(asOf: $day) { asOf points owed
    amount { amount currency }
    rows { expiryMonth funder points amount { amount } worth { amount } } } }"""
PNL = """query($period: PeriodInput!) { programmePnl(period: $period) { pointsRevenue { amount }
    breakage { amount } rewardCost { amount } marketing { amount } settlement { amount }
    result { amount } } }"""
HISTORY = """{ breakageHistory { month funder points redeemed expired left
    suggested { numerator denominator value } } }"""
JOURNAL = """query($period: PeriodInput!, $first: Int, $after: String) {
    journal(period: $period, first: $first, after: $after) { totalCount
        pageInfo { hasNextPage endCursor }
        edges { node {
            day account funder cohort debit { amount } credit { amount } points } } } }"""

LAST = date(2126, 6, 30)


def at(day: str) -> datetime:
    return make.NOW.replace(year=2126, month=int(day[:2]), day=int(day[3:]))


async def establish(months: int = 2) -> Stage:
    """A point for each CNY, worth 0.01, of which one in five is expected to die."""
    points = {
        "worth": {"points": 100, "money": 1},
        "available": "at_payment",
        "expiry": {"months": months},
    }
    terms = {"breakage": "0.2", "method": "proportional"}
    base = make.rule("rate", "base", points=1)
    document = make.variant(base, points=points, finance=terms)
    return await open_stage(document, stands_at="2126-07-02T00:00:00+08:00")


async def book(stage: Stage, member_id: UUID, amount: str, day: str) -> None:
    line = make.line_of("hotel", amount)
    await travel.pay(stage.programme, member_id, f"B-{day}-{amount}", line, now=at(day))


async def redeem(stage: Stage, member_id: UUID, points: int, day: str, cost: int = 0) -> None:
    reward = await make.reward(stage.programme, list_points=points, cost_minor=cost)
    await make.redeem(stage.programme, member_id, reward, now=at(day))


async def pnl(staff: Client, first: str, through: str) -> dict[str, str]:
    period = {"from": f"2126-{first}", "through": f"2126-{through}"}
    found = (await staff.read(PNL, period=period))["programmePnl"]
    return {name: one["amount"] for name, one in found.items()}


async def liability(staff: Client, day: str | None = None) -> Any:
    return (await staff.read(LIABILITY, day=day and f"2126-{day}"))["liability"]


async def journal(staff: Client, first: str, through: str, size: int = 100) -> list[Any]:
    """All rows of a period, page by page."""
    period = {"from": f"2126-{first}", "through": f"2126-{through}"}
    found: list[Any] = []
    after = None
    while True:
        page = (await staff.read(JOURNAL, period=period, first=size, after=after))["journal"]
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found


def journal_file(lines: reporting.Lines, reader: str, folder: Path) -> list[str]:
    """The lines of the journal as the command writes it."""
    assert reporting.write_journal(lines, Words(reader, {}, "CNY"), folder) == 1
    return (folder / "journal.csv").read_text(encoding="utf-8-sig").splitlines()


async def test_a_price_is_shared_and_breakage_earned_as_points_are_redeemed(
    tmp_path: Path,
) -> None:
    """Cash 2000.00 for 2000 points: 15.87 of it is theirs. 1000 are redeemed, 600 more a month
    later, and the others die in the third.
    """
    stage = await establish()
    programme, staff = stage.programme, stage.staff()
    assert codes(await staff.ask(LIABILITY)) == ["BAD_USER_INPUT"]
    member_id = await make.enrol(programme, now=at("03-01"))
    await book(stage, member_id, "2000", "03-10")
    await redeem(stage, member_id, 1000, "03-20", cost=500)
    await redeem(stage, member_id, 600, "04-05")
    await figured.settle(programme, LAST, LAST)

    march = await journal(staff, "03-01", "03-31", size=2)
    assert [tuple(row.values()) for row in march] == [
        ("2126-03-10", "deferred", "programme", "2126-03", money("0"), money("15.87"), 2000),
        ("2126-03-10", "travel_revenue", "programme", "2126-03", money("15.87"), money("0"), -2000),
        ("2126-03-20", "deferred", "programme", "2126-03", money("7.93"), money("0"), -1000),
        ("2126-03-20", "payable", "programme", None, money("0"), money("5"), 0),
        ("2126-03-20", "points_revenue", "programme", "2126-03", money("0"), money("7.93"), 1000),
        ("2126-03-20", "reward_cost", "programme", None, money("5"), money("0"), 0),
        ("2126-03-31", "breakage", "programme", "2126-03", money("0"), money("1.98"), 0),
        ("2126-03-31", "contra", "programme", "2126-03", money("1.98"), money("0"), 0),
    ]
    lines = await keeping.lines(programme.id, (date(2126, 3, 1), date(2126, 3, 31)))
    headings = "日期,科目,承担方,获得月份,借方（CNY）,贷方（CNY）,积分"
    assert journal_file(lines, "zh-CN", tmp_path)[0] == headings
    assert journal_file(lines, "en", tmp_path)[:5] == [
        "Day,Account,Funder,Earned in,Debit (CNY),Credit (CNY),Points",
        "2126-03-10,deferred,programme,2126-03,0.00,15.87,2000",
        "2126-03-10,travel_revenue,programme,2126-03,15.87,0.00,-2000",
        "2126-03-20,deferred,programme,2126-03,7.93,0.00,-1000",
        "2126-03-20,payable,programme,,0.00,5.00,0",
    ]
    assert await pnl(staff, "03-01", "03-31") == {
        "pointsRevenue": "7.93",
        "breakage": "1.98",
        "rewardCost": "5.00",
        "marketing": "0.00",
        "settlement": "0.00",
        "result": "4.91",
    }
    since = await pnl(staff, "03-01", "04-30")
    assert (since["pointsRevenue"], since["breakage"]) == ("12.69", "3.18")
    ended = await pnl(staff, "03-01", "06-30")
    assert (ended["pointsRevenue"], ended["breakage"]) == ("12.69", "3.18")
    rows = await journal(staff, "03-01", "06-30")
    contra = [row for row in rows if row["account"] == "contra"]
    assert [row["debit"]["amount"] for row in contra] == ["1.98", "1.20", "0.00"]
    assert [row["credit"]["amount"] for row in contra] == ["0.00", "0.00", "3.18"]

    assert await liability(staff, "03-31") == {
        "asOf": "2126-03-31",
        "points": 1000,
        "owed": 0,
        "amount": {"amount": "7.94", "currency": "CNY"},
        "rows": [
            {
                "expiryMonth": "2126-05",
                "funder": "programme",
                "points": 1000,
                "amount": {"amount": "7.94"},
                "worth": {"amount": "10.00"},
            }
        ],
    }
    assert (await liability(staff, "04-30"))["amount"]["amount"] == "3.18"
    nothing = await liability(staff)
    assert (nothing["asOf"], nothing["points"], nothing["rows"]) == ("2126-06-30", 0, [])
    for day in ("03-30", "07-31"):
        answer = await staff.ask(LIABILITY, day=f"2126-{day}")
        assert codes(answer) == ["BAD_USER_INPUT"]
        assert "2126-06-30" in answer["errors"][0]["message"]
    assert (await staff.read(HISTORY))["breakageHistory"] == [
        {
            "month": "2126-03",
            "funder": "programme",
            "points": 2000,
            "redeemed": 1600,
            "expired": 400,
            "left": 0,
            "suggested": {"numerator": "0", "denominator": "0", "value": None},
        }
    ]


def money(amount: str) -> dict[str, str]:
    return {"amount": f"{Decimal(amount):.2f}"}


async def test_breakage_is_earned_faster_once_many_have_died() -> None:
    """Cash 600.00 and 1400.00 in one month: 15.87. Once 600 are dead and 1000 redeemed, 3.40 of
    breakage is earned; where 1800 of 2000 are redeemed, 1.59. 1500.00 for 1500 points: 11.90.
    """
    stage = await establish(months=1)
    programme, staff = stage.programme, stage.staff()
    member_id = await make.enrol(programme, now=at("02-01"))
    await book(stage, member_id, "600", "03-01")
    await book(stage, member_id, "1400", "03-31")
    await redeem(stage, member_id, 1000, "04-20")
    other = await make.enrol(programme, now=at("02-01"))
    await book(stage, other, "1500", "06-20")
    await figured.settle(programme, LAST, LAST)
    april = await pnl(staff, "03-01", "04-30")
    assert (april["pointsRevenue"], april["breakage"]) == ("7.93", "3.40")
    assert (await liability(staff))["amount"]["amount"] == "11.90"

    stage = await establish()
    member_id = await make.enrol(stage.programme, now=at("03-01"))
    await book(stage, member_id, "2000", "03-10")
    await redeem(stage, member_id, 1800, "03-20")
    await figured.settle(stage.programme, LAST, LAST)
    march = await pnl(stage.staff(), "03-01", "03-31")
    assert (march["pointsRevenue"], march["breakage"]) == ("14.28", "1.59")


async def test_a_partner_pays_for_its_points_afterwards_or_has_paid_for_them(
    statements: list[str],
) -> None:
    """0.01 a point in March, and 0.012 from April on, of points that were bought before."""
    stage = await open_stage(stands_at="2126-03-31T20:00:00+08:00")
    await stage.partner((Scope.READ,), "bank")
    staff, engine = stage.staff(), await stage.partner()
    for month, price, prepaid in (("2126-03", "0.01", False), ("2126-04", "0.012", True)):
        terms: dict[str, Any] = {
            "fromMonth": month,
            "basis": "ISSUED",
            "pricePerPoint": price,
            "prepaid": prepaid,
        }
        await staff.done("savePartnerTerms", partner="bank", **terms)
    document = make.variant(make.rule("rate", "base", points=1, funder="bank"))
    await make.publish(stage.programme, document, now=stage.now())
    await staff.done("enrolMember", reference="xiaoli")
    await staff.done("buyPoints", partner="bank", points=1000, reference="PO-1")
    await engine.book("B-1", {"product": "hotel", "amount": "100"})
    await programmes.advance_clock(stage.programme, timedelta(hours=5))
    assert (await engine.book("B-2", {"product": "hotel", "amount": "500"}))["pointsAwarded"] == 500
    await programmes.advance_clock(stage.programme, timedelta(days=1))
    lines = [{"line": 1, "amount": "200"}]
    await engine.done("refundBooking", booking="B-2", reference="R-2", lines=lines)
    programme = await programmes.get(stage.programme.code)
    await figured.settle(programme, date(2126, 3, 31), date(2126, 4, 2))

    statements.clear()
    found = await journal(staff, "03-01", "04-30", size=2)
    # a cursor means the same on a server that sorts otherwise
    pages = [sql for sql in statements if "FROM journal_day" in sql and "ORDER BY" in sql]
    assert [sql.count('COLLATE "C"') for sql in pages] == [6, 6, 6]
    assert [tuple(row.values()) for row in found] == [
        ("2126-03-31", "deferred", "bank", "2126-03", money("0"), money("1"), 100),
        ("2126-03-31", "receivable:bank", "bank", "2126-03", money("1"), money("0"), -100),
        ("2126-04-01", "deferred", "bank", "2126-04", money("0"), money("6"), 500),
        ("2126-04-01", "prepaid:bank", "bank", "2126-04", money("6"), money("0"), -500),
        ("2126-04-02", "deferred", "bank", "2126-04", money("2.40"), money("0"), -200),
        ("2126-04-02", "prepaid:bank", "bank", "2126-04", money("0"), money("2.40"), 200),
    ]
    assert (await liability(staff))["amount"]["amount"] == "4.60"


async def test_points_that_members_owe_are_those_at_the_end_of_the_day(
    statements: list[str],
) -> None:
    """2000 points are spent, and their booking refunded: as many are owed, until 500 are earned."""
    stage = await establish()
    programme, staff = stage.programme, stage.staff()
    member_id = await make.enrol(programme, now=at("03-01"))
    await book(stage, member_id, "2000", "03-10")
    await redeem(stage, member_id, 2000, "03-20")
    await travel.refund(programme, "B-03-10-2000", "R-1", now=at("03-30"))
    await book(stage, member_id, "500", "04-05")
    await figured.settle(programme, LAST, LAST)
    statements.clear()
    found = [(await liability(staff, day))["owed"] for day in ("03-31", "04-30", None)]
    assert found == [2000, 1500, 1500]
    # of the whole journal only what the index of arrears has is read
    journal = [sql for sql in statements if "FROM journal_day" in sql]
    assert len(journal) == 3
    assert all("account = 'arrears'" in sql for sql in journal)


async def test_a_month_that_is_closed_never_changes() -> None:
    stage = await establish()
    programme, staff = stage.programme, stage.staff()
    refused = await staff.refused("closePeriod", month="2126-03")
    assert refused["message"] == (
        "The account book is closed; this is possible only when it is open."
    )
    member_id = await make.enrol(programme, now=at("03-01"))
    await book(stage, member_id, "2000", "03-10")
    await redeem(stage, member_id, 1000, "04-20")
    await figured.settle(programme, date(2126, 4, 30), date(2126, 4, 30))
    refused = await staff.refused("closePeriod", month="2126-05")
    assert (refused["code"], refused["path"]) == ("STATE_CONFLICT", ["month"])
    assert refused["message"] == "The month is open; this is possible only when it is settled."
    late = await staff.refused("closePeriod", month="2126-04")
    assert (late["code"], late["path"]) == ("INVALID_INPUT", ["month"])
    assert late["message"] == "2126-04 cannot be closed yet: the next month to close is 2126-03."
    early = await staff.refused("closePeriod", month="2126-02")
    assert (early["code"], early["path"]) == ("INVALID_INPUT", ["month"])
    assert early["message"].startswith("The books begin with 2126-03; 2126-02 is before that")
    for month in ("2126-13", "march", "", "0000-01"):
        refused = await staff.refused("closePeriod", month=month)
        assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["month"])

    both = [staff.done("closePeriod", "sha256", month="2126-03") for _ in range(2)]
    closed, again = sorted(await asyncio.gather(*both), key=lambda one: bool(one["replayed"]))
    assert (closed["replayed"], again["replayed"]) == (False, True)
    assert again["sha256"] == closed["sha256"]
    kept = await tied.kept(programme)
    # another policy from now on, and the same refunds as ever: entries of open days
    line = make.line_of("hotel", "2000")
    changed = make.variant(make.rule("rate", "base", points=1))
    programme = await make.publish(programme, changed, now=at("05-02"))
    await travel.refund(programme, "B-03-10-2000", "R-1", now=at("05-03"))
    await travel.pay(programme, member_id, "late", line, now=at("05-04"), booked_at=at("03-12"))
    await figured.settle(programme, date(2126, 5, 1), date(2126, 5, 5))
    assert await tied.prove(programme) > 3
    before = dates.month_end(date(2126, 4, 1))
    for whole in (await tied.kept(programme), await tied.rebuilt(programme)):
        for table in ("journal_day", "liability_day"):
            own = [row for row in whole[table] if row["day"] <= before]
            assert own == kept[table]
    april = await staff.done("closePeriod", "sha256", month="2126-04")
    assert april["sha256"] != closed["sha256"]
    assert len(april["sha256"]) == 64
    audited = await rows(
        "SELECT subject, after::jsonb ->> 'sha256' AS sha256 FROM audit WHERE programme_id = $1 "
        "AND operation = 'closePeriod' ORDER BY sequence",
        programme.id,
    )
    assert [tuple(one.values()) for one in audited] == [
        ("period:2126-03", closed["sha256"]),
        ("period:2126-04", april["sha256"]),
    ]

    others = [stage.staff("vic", role) for role in (Role.VIEWER, Role.SUPPORT, Role.MANAGER)]
    for caller in (*others, stage.member(), await stage.partner(), await stage.public(), Client()):
        assert codes(await caller.ask(LIABILITY)) != []
    assert (await liability(stage.staff("fin", Role.FINANCE)))["asOf"] == "2126-05-05"
    other = await establish()
    await figured.settle(other.programme, LAST, LAST)
    assert await journal(other.staff(), "01-01", "12-31") == []
    problem = await other.staff().do("closePeriod", "sha256", month="2126-06")
    assert problem["errors"] == []
