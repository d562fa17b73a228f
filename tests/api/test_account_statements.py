"""Statements over HTTP: figures, entries, the page to print, and who may see them."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from api import statement_page
from api.kit.relay import to_global_id
from api.statement_page import Printed, render
from domain.accounts import sweeps
from domain.kernel import cache, dates
from domain.kernel.callers import Scope
from domain.kernel.database import transact
from domain.ledger import journal as journals
from domain.ledger import ledger, statement_lines, statements
from domain.ledger.lots import Lot
from domain.ledger.statement_lines import LINES_MAX
from domain.ledger.statements import Span
from domain.ledger.values import Cause
from domain.programmes.programmes import Programme
from tests.conftest import Database
from tests.support import browser
from tests.support import factories as make
from tests.support.browser import CHROMIUM
from tests.support.callers import TODAY, Stage, codes, open_stage

pytestmark = pytest.mark.usefixtures("database")

LONG_AGO = TODAY - timedelta(days=400)
"""8 February 2125: what was granted then was valid through 8 February 2126."""

FIGURES = "buckets { bucket opening movements { kind points entries } closing }"
MINE = f"""query($period: StatementPeriod!) {{ me {{ statement(period: $period) {{
    from through asOf {FIGURES}
    entries {{ totalCount edges {{ node {{ kind points }} }} }} }} }} }}"""
PAGE = """query($period: StatementPeriod!, $locale: Locale) { me {
    statement(period: $period) { html(locale: $locale) } } }"""
FEBRUARY = {"from": "2126-02-01", "through": "2126-02-28"}
MARCH = {"from": "2126-03-01", "through": "2126-03-31"}
ZONE = ZoneInfo("Asia/Shanghai")
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
NOTHING = {"opening": 0, "movements": [], "closing": 0}


async def opened(**sent: Any) -> tuple[Stage, UUID]:
    """A member with 700 points that expired on 9 February, which nobody has recorded."""
    amply = {"adjust_limit": 10**9, "adjust_daily": 10**9}
    stage = await open_stage(make.shipped_document(staff=amply))
    member_id = await make.enrol(stage.programme, now=LONG_AGO, reference="xiaoli", **sent)
    await make.give(stage.programme, member_id, 700, now=LONG_AGO)
    return stage, member_id


async def test_a_statement_has_what_expired_before_and_after_it_is_recorded() -> None:
    stage, member_id = await opened()
    member = stage.member()
    expected = {
        "from": "2126-02-01",
        "through": "2126-02-28",
        "asOf": "2126-02-28T15:59:59.999999Z",
        "buckets": [
            {
                "bucket": "AVAILABLE",
                "opening": 700,
                "movements": [{"kind": "EXPIRE", "points": -700, "entries": 1}],
                "closing": 0,
            },
            *({"bucket": bucket, **NOTHING} for bucket in ("PENDING", "HELD", "OWED")),
        ],
    }

    before = (await member.read(MINE, period=FEBRUARY))["me"]["statement"]
    await sweeps.post(stage.programme, member_id, TODAY)
    after = (await member.read(MINE, period=FEBRUARY))["me"]["statement"]

    expired = {"node": {"kind": "EXPIRE", "points": -700}}
    assert before.pop("entries") == after.pop("entries") == {"totalCount": 1, "edges": [expired]}
    assert before == after == expected


async def test_the_running_month_goes_up_to_now_and_closes_as_the_balance_then() -> None:
    stage, member_id = await opened()
    await make.give(stage.programme, member_id, 30, now=TODAY)
    member = stage.member()
    from_ = dates.start_of_day(date(2126, 3, 1), ZONE)

    found = (await member.read(MINE, period=MARCH))["me"]["statement"]

    as_of = datetime.fromisoformat(found["asOf"])
    assert from_ < TODAY < as_of < stage.now()
    then = "query($at: DateTime!) { me { balance(asOf: $at) { available pending held owed } } }"
    balance = (await member.read(then, at=found["asOf"]))["me"]["balance"]
    assert balance == {one["bucket"].lower(): one["closing"] for one in found["buckets"]}
    assert balance["available"] == 30
    assert found["entries"]["totalCount"] == 1


BAD = [
    (
        {"from": "2126-03-02", "through": "2126-03-01"},
        ("period_backwards", "period.through"),
        "The period ends on 2126-03-01, before it begins on 2126-03-02.",
        "结束日 2126-03-01 早于开始日 2126-03-02。",
    ),
    (
        {"from": "2125-02-27", "through": "2126-02-28"},
        ("period_too_long", "period.through"),
        "367 days are too long a period; at most 366.",
        "期间为 367 天，过长；最多 366 天。",
    ),
    (
        {"from": "2126-03-16", "through": "2126-03-31"},
        ("period_in_future", "period.from"),
        "The period begins on 2126-03-16, in the future; today is 2126-03-15.",
        "期间自 2126-03-16 开始，在将来；今天是 2126-03-15。",
    ),
    (
        {"from": "2125-01-01", "through": "2125-02-07"},
        ("period_before_joining", "period.through"),
        "The period ends on 2125-02-07; the account begins on 2125-02-08.",
        "期间至 2125-02-07 结束；该账户自 2125-02-08 才开始。",
    ),
]


@pytest.mark.parametrize(("period", "facts", "english", "chinese"), BAD)
async def test_a_period_that_cannot_be_is_refused_with_what_would_do(
    period: dict[str, str], facts: tuple[str, str], english: str, chinese: str
) -> None:
    stage, _ = await opened()
    query = """query($period: StatementPeriod!) {
        me { reference statement(period: $period) { asOf } } }"""

    for language, sentence in (("en", english), ("zh-CN", chinese)):
        answer = await stage.member().reading(language).ask(query, period=period)

        assert answer["data"] == {"me": {"reference": "xiaoli", "statement": None}}
        [error] = answer["errors"]
        assert error["message"] == sentence
        assert error["path"] == ["me", "statement"]
        said = error["extensions"]
        assert (said["code"], said["reason"], said["field"]) == ("BAD_USER_INPUT", *facts)


async def test_a_correction_names_what_it_corrects() -> None:
    stage, member_id = await opened()
    programme = stage.programme
    await make.adjust(programme, member_id, 500, "投诉补偿", now=TODAY)
    lounge = await make.reward(programme, list_points=400)
    redeemed = await make.redeem(programme, member_id, lounge, now=TODAY)
    own = to_global_id("Redemption", redeemed, member_id=member_id)
    await stage.staff().done("cancelRedemption", redemption=str(own), reason="changed plans")
    query = """query($period: StatementPeriod!) { me { statement(period: $period) { entries {
        edges { node { kind reason en: description(locale: "en") description(locale: "zh-CN")
            redemption { reward { code } } } } } } } }"""

    data = await stage.member().read(query, period=MARCH)

    returned, _, corrected = [e["node"] for e in data["me"]["statement"]["entries"]["edges"]]
    assert corrected == {
        "kind": "ADJUST",
        "reason": "投诉补偿",
        "en": "Correction: 投诉补偿",
        "description": "人工调整：投诉补偿",
        "redemption": None,
    }
    assert returned == {
        "kind": "REINSTATE",
        "reason": None,
        "en": "Returned: Lounge",
        "description": "退回：贵宾厅",
        "redemption": {"reward": {"code": lounge.code}},
    }
    page = (await stage.member().read(PAGE, period=MARCH, locale="en"))["me"]["statement"]["html"]
    assert "Returned: Lounge (redeemed on Mar 15, 2126)" in page


async def test_points_held_for_a_booking_are_said_to_be() -> None:
    stage, member_id = await opened()
    await make.give(stage.programme, member_id, 900, now=TODAY)
    member = stage.member()
    lines = [{"product": "hotel", "amount": "500"}]
    await member.done("redeemOnBooking", "balance { held }", points=300, lines=lines)
    query = """{ me { ledger(first: 1) { edges { node {
        en: description(locale: "en") zh: description(locale: "zh-CN") } } } } }"""

    [edge] = (await member.read(query))["me"]["ledger"]["edges"]

    assert edge["node"] == {"en": "Reserved: payment for a booking", "zh": "预留：订单抵扣"}


# Who may see it.


async def test_a_statement_is_for_the_member_and_who_may_read_it() -> None:
    stage, _ = await opened()
    strange, _ = await opened()
    await make.enrol(stage.programme, now=LONG_AGO, reference="wang")
    query = """query($by: MemberBy!, $period: StatementPeriod!) {
        member(by: $by) { statement(period: $period) { asOf } } }"""
    sent = {"by": {"reference": "xiaoli"}, "period": FEBRUARY}
    expected = {"member": {"statement": {"asOf": "2126-02-28T15:59:59.999999Z"}}}

    reader = await stage.partner([Scope.READ], "reader")
    for client in (reader, stage.staff()):
        assert await client.read(query, **sent) == expected
    for client in (await stage.partner([Scope.EARN], "earner"), stage.member("wang")):
        assert codes(await client.ask(query, **sent)) == ["FORBIDDEN"]
    await make.enrol(strange.programme, now=LONG_AGO, reference="only-there")
    elsewhere = {"by": {"reference": "only-there"}, "period": FEBRUARY}
    assert await reader.read(query, **elsewhere) == {"member": None}
    own = (await strange.member().read("{ me { id } }"))["me"]["id"]
    by_id = """query($id: ID!, $period: StatementPeriod!) {
        node(id: $id) { ... on Member { statement(period: $period) { asOf } } } }"""
    for client in (reader, stage.member("wang")):
        assert await client.read(by_id, id=own, period=FEBRUARY) == {"node": None}
    assert (await strange.member().read(by_id, id=own, period=FEBRUARY))["node"] is not None


# The page.


async def test_the_page_is_whole_safe_and_in_the_readers_language() -> None:
    name = "<script>alert(1)</script>"
    stage, member_id = await opened(name=name, locale="zh-CN")
    await make.adjust(stage.programme, member_id, 500, '<b>sorry</b> & "so"', now=TODAY)
    member = stage.member()

    own = (await member.read(PAGE, period=MARCH))["me"]["statement"]["html"]
    english = (await member.read(PAGE, period=MARCH, locale="en"))["me"]["statement"]["html"]

    for page, language in ((own, "zh-CN"), (english, "en")):
        assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "&lt;b&gt;sorry&lt;/b&gt; &amp; &#34;so&#34;" in page
        assert not re.search(r"https?:|//|url\(|@import|src=", page)
    assert "积分对账单" in own
    assert "本期尚未结束" in own
    assert 'data-label="可用">+500</td>' in own
    assert "Points statement" in english
    assert "<td>Mar 15, 2127</td>" in english


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("locale", ["en", "zh-CN"])
async def test_the_page_can_be_read_on_a_phone(tmp_path: Path, locale: str) -> None:
    stage, member_id = await opened(name="王芳")
    await make.adjust(stage.programme, member_id, 123_456_789, "so sorry " * 20, now=TODAY)
    sent = {"period": MARCH, "locale": locale}
    html = (await stage.member().read(PAGE, **sent))["me"]["statement"]["html"]
    file = tmp_path / "statement.html"
    file.write_text(html, encoding="utf-8")

    async with browser.opened("about:blank") as page:
        await page.command("Emulation.setDeviceMetricsOverride", **PHONE)
        await page.command("Page.navigate", url=file.as_uri())
        widths = await page.until(
            """document.readyState === 'complete' && document.querySelector('.what') &&
            [...document.querySelectorAll('.what')].map((cell) => cell.clientWidth)"""
        )
        assert await page.run("document.documentElement.scrollWidth") == PHONE["width"]

    assert len(widths) == 6
    assert min(widths) > 300


async def test_the_page_is_the_same_before_and_after_the_sweep() -> None:
    stage, member_id = await opened()
    programme = stage.programme
    over = Span(dates.start_of_day(date(2126, 2, 1), ZONE), TODAY)

    async def page(reader: str) -> str:
        found = (await statements.of_members([member_id], over))[member_id]
        [lines] = await statement_lines.of_statements([found])
        printed = Printed(
            name=None,
            reference="xiaoli",
            policy=programme.versions[0].policy,
            programme=programme,
            period=statements.month_of(date(2126, 2, 1)),
            statement=found,
            lines=lines,
            issued_at=TODAY,
        )
        return render(printed, reader)

    before = [await page("en"), await page("zh-CN")]
    assert await sweeps.post(stage.programme, member_id, TODAY) == 1

    assert [await page("en"), await page("zh-CN")] == before
    assert 'data-label="Available">−700</td>' in before[0]
    assert 'class="what">积分过期</td>' in before[1]


async def test_arrears_are_pointed_out_and_distant_expiries_put_together() -> None:
    stage, member_id = await opened()
    programme = stage.programme
    for day in range(statement_page.EXPIRIES_MAX + 2):
        await make.give(programme, member_id, 10, now=TODAY - timedelta(days=20 - day))
    await make.adjust(programme, member_id, 1, now=TODAY, expires_on=dates.FOREVER)

    page = (await stage.member().read(PAGE, period=MARCH, locale="en"))["me"]["statement"]["html"]

    assert page.count('<td class="number">10</td>') == statement_page.EXPIRIES_MAX
    assert '<td>Later</td><td class="number">21</td>' in page
    assert '<td>Available in all</td><td class="number">141</td>' in page
    assert "are owed" not in page

    owing = await make.rich_member(programme, 1, now=TODAY, reference="wang")
    await make.book(programme, owing, ("hotel", "1000"), reference="B", now=TODAY)
    reward = await make.reward(programme, list_points=1001)
    await make.redeem(programme, owing, reward, now=TODAY)
    await stage.staff().done("refundBooking", booking="B", reference="R")
    wang = stage.member("wang")
    page = (await wang.read(PAGE, period=MARCH, locale="en"))["me"]["statement"]["html"]
    assert "1,000 points are owed. Points that are credited" in page
    assert "What expires next" not in page


async def credited(programme: Programme, member_id: UUID, times: int) -> None:
    """So many entries of a point each, in one transaction."""

    async def work() -> None:
        journal, _ = await ledger.lock(member_id, TODAY)
        for _ in range(times):
            terms = (TODAY, TODAY, None, programme.versions[0].id, "programme")
            lot = Lot(journal.new_id(), 1, 1, *terms)
            journals.adjust_up(journal, lot, Cause("staff:kim", reason="one more"))
        await make.post(journal)

    await transact(work)


async def test_a_page_with_too_many_lines_is_refused_where_the_figures_are_not() -> None:
    stage = await open_stage()
    member_id = await make.enrol(stage.programme, now=TODAY, reference="xiaoli")
    await credited(stage.programme, member_id, LINES_MAX)
    member = stage.member()
    page = (await member.read(PAGE, period=MARCH, locale="en"))["me"]["statement"]["html"]
    assert page.count("one more") == LINES_MAX

    await credited(stage.programme, member_id, 1)

    sentences = {
        "en": "1001 movements are too many for one page, which has at most 1000; choose a "
        "shorter period.",
        "zh-CN": "1001 笔变动太多，一页最多 1000 笔；请选择更短的期间。",
    }
    for locale, sentence in sentences.items():
        [error] = (await member.reading(locale).ask(PAGE, period=MARCH))["errors"]
        assert error["message"] == sentence
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    figures = (await member.read(MINE, period=MARCH))["me"]["statement"]["buckets"]
    assert figures[0]["movements"] == [{"kind": "ADJUST", "points": 1001, "entries": 1001}]


# What it costs.


async def test_a_page_is_dear_and_many_are_too_dear() -> None:
    stage, _ = await opened()
    staff = stage.staff()
    query = """query($first: Int!, $period: StatementPeriod!) { members(first: $first) {
        edges { node { statement(period: $period) { html } } } } }"""

    answer = await staff.ask(query, first=1, period=FEBRUARY)
    refused = await staff.ask(query, first=10, period=FEBRUARY)

    assert answer["extensions"]["cost"] == {"requested": 104, "max": 1000}
    assert codes(refused) == ["TOO_COSTLY"]


async def test_a_list_of_members_takes_no_statement_per_member(
    database: Database, statements: list[str]
) -> None:
    stage = await open_stage()
    programme = stage.programme
    reward = await make.reward(programme, list_points=10, stock=100)
    for _ in range(12):
        member_id = await make.enrol(programme, now=LONG_AGO)
        await make.book(programme, member_id, ("hotel", "100"), now=LONG_AGO)
        await make.give(programme, member_id, 50, now=TODAY - timedelta(days=30))
        await make.redeem(programme, member_id, reward, now=TODAY - timedelta(days=8), hold=True)
    staff = stage.staff()
    listed = """query($first: Int!, $period: StatementPeriod!) { list: members(first: $first) {
        edges { node { statement(period: $period) { WHAT } } } } }"""

    async with cache.listening(database.serving):
        for what, counts in ((FIGURES, (3, 3, 12)), ("html", (3, 3, 9))):
            query = listed.replace("WHAT", what)
            taken = []
            for first in counts:
                statements.clear()
                data = await staff.read(query, first=first, period=MARCH)
                assert len(data["list"]["edges"]) == first
                taken.append(len(statements))
            assert taken[1] == taken[2] <= 12, (what, taken, statements)


async def test_one_statement_takes_few_statements(
    database: Database, statements: list[str]
) -> None:
    stage, _ = await opened()
    member = stage.member()

    async with cache.listening(database.serving):
        taken = []
        for query in (MINE, PAGE):
            await member.read(query, period=FEBRUARY)
            statements.clear()
            await member.read(query, period=FEBRUARY)
            taken.append(len(statements))

    assert taken == [11, 8], statements
