"""The report of a period as a page and as files, in both languages."""

import csv
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from api import charts, report_page
from api.charts import Series
from api.report_tables import Words
from api.wording.catalogues import LANGUAGES
from domain.insight import reports
from ops.commands import reporting
from tests.support import factories as make
from tests.support import figured, travel

pytestmark = pytest.mark.usefixtures("database")

LAST = date(2026, 4, 30)


async def reported() -> reports.Report:
    """Two months of a programme with a booking in a city that would be a formula."""
    programme = await make.establish()
    member_id = await make.enrol(programme)
    line = make.line_of("hotel", "6000", city="=HYPERLINK(1)")
    await travel.pay(programme, member_id, "B-1", line)
    later = make.NOW + timedelta(days=40)
    train = make.line_of("train", "0.50", city="<b>Dali</b>")
    await travel.pay(programme, member_id, "B-2", train, now=later)
    await travel.refund(programme, "B-1", "R-1", (1, "1000"), now=later)
    await figured.settle(programme, LAST, LAST)
    return await reports.of_period(programme, None, date(2026, 5, 31), later)


async def test_a_report_is_a_page_and_files(tmp_path: Path) -> None:
    found = await reported()
    assert (found.period.first, found.period.last) == (date(2025, 6, 1), date(2026, 5, 31))
    pages = {reader: report_page.render(found, reader) for reader in LANGUAGES}
    for reader, page in pages.items():
        assert page.startswith(f'<!doctype html>\n<html lang="{reader}">')
        assert "<script" not in page
        assert "&lt;b&gt;Dali&lt;/b&gt;" in page
        assert not re.search(r"https?:|//|url\(|@import|src=", page)
        assert page.count("<svg") == 4
        assert page.count("<table>") == 9
    assert ">5,000.50</td>" in pages["en"]
    assert "<dd>5,000.50</dd>" in pages["en"]
    assert 'data-label="Burn ratio">0.00%</td>' in pages["en"]
    assert "extends beyond the last settled day" in pages["en"]
    assert "<h1>会员计划报告</h1>" in pages["zh-CN"]
    assert 'scope="row">2026年3月</th>' in pages["zh-CN"]

    files = written(found, tmp_path)
    assert len(files) == 9
    assert all(text.startswith("\ufeff") for text in files.values())
    cities, months = (
        {row[0]: row[1:4] for row in csv.reader(files[name].lstrip("\ufeff").splitlines())}
        for name in ("cities", "months")
    )
    assert cities["City"] == ["Bookings", "Cash (CNY)", "Points for bookings"]
    assert cities["'=HYPERLINK(1)"] == ["1", "5000.00", "5000"]
    assert (months["2026-03"][1], months["2026-04"][1]) == ("5000.00", "0.50")


async def test_files_have_the_words_of_the_page(tmp_path: Path) -> None:
    found = await reported()
    for reader, names in {
        "en": {
            "products": ["Hotel", "Train"],
            "statuses": ["Members"],
            "tiers": ["Diamond", "Gold", "Platinum", "Silver"],
        },
        "zh-CN": {
            "products": ["酒店", "火车票"],
            "statuses": ["会员"],
            "tiers": ["白银会员", "黄金会员", "铂金会员", "钻石会员"],
        },
    }.items():
        page, files = report_page.render(found, reader), written(found, tmp_path, reader)
        for name, first in names.items():
            rows = list(csv.reader(files[name].lstrip("\ufeff").splitlines()))[1:]
            assert sorted(row[0] for row in rows) == sorted(first), (reader, name)
            assert all(f'scope="row">{row[0]}</th>' in page for row in rows)


def written(found: reports.Report, folder: Path, reader: str = "en") -> dict[str, str]:
    """The files of a report by their names."""
    assert reporting.write(found, Words.of(found, reader), folder) == 9
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.mark.parametrize(
    "cell", ["=1", "+A1", "-A1", "-1+A1", "@x", "-", "'=1", "＝1", "\t=1", "\r\n=1"]
)
def test_text_that_would_be_a_formula_is_text(cell: str) -> None:
    assert reporting.plain(cell) == f"'{cell}"


def test_numbers_and_other_text_stay() -> None:
    told = (-5, "a=b", None, "-5", "+86 138-0013", "'a")
    assert [reporting.plain(cell) for cell in told] == [-5, "a=b", "", *told[3:]]


def test_an_axis_has_round_numbers_and_its_zero() -> None:
    chart = charts.columns("C", ["a", "b"], [Series("S", [-30, 90])], str)
    assert [mark.text for mark in chart.ticks] == ["-50.0", "0.0", "50.0", "100.0"]
    low, high = sorted(chart.bars, key=lambda bar: bar.text)
    assert (low.y, high.y + high.height) == (chart.zero, chart.zero)
    assert [bar.text for bar in (low, high)] == ["a · S: -30", "b · S: 90"]
    empty = charts.lines("C", [], [Series("S", [])], str)
    assert [mark.at for mark in empty.ticks] == [charts.HEIGHT - charts.BOTTOM, charts.TOP]
