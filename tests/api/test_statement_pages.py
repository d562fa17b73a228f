"""The page of a statement, as a member prints or reads it."""

import re
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from api import statement_page
from api.statement_page import Printed, render
from domain.accounts import sweeps
from domain.kernel import dates
from domain.kernel.database import transact
from domain.ledger import journal as journals
from domain.ledger import opening, statement_lines, statements
from domain.ledger.lots import Lot
from domain.ledger.statement_lines import LINES_MAX
from domain.ledger.statements import StatementInterval
from domain.ledger.values import Cause
from domain.programmes.programmes import Programme
from tests.support import browser
from tests.support import factories as make
from tests.support.browser import CHROMIUM
from tests.support.callers import TODAY, codes, open_stage
from tests.support.stated import FEBRUARY, MARCH, MINE, PAGE, PHONE, ZONE, opened

pytestmark = pytest.mark.usefixtures("database")


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
    over = StatementInterval(dates.start_of_day(date(2126, 2, 1), ZONE), TODAY)

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
    assert '<td>Total available</td><td class="number">141</td>' in page
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
        journal, _ = await opening.lock(member_id, TODAY)
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
