"""The report of a period as one page, without scripts or anything from outside."""

from pathlib import Path
from typing import Any

from babel.numbers import format_compact_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import charts, report_tables
from api.charts import Chart, Series
from api.report_tables import Table, Words
from api.wording.catalogues import sentence
from api.wording.messages import date_text
from domain.insight import kpis
from domain.insight.figures import Measure
from domain.insight.reports import Report

LINES_MAX = 4
"""Cohorts that have a line: those that can be followed for longest."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(report: Report, reader: str) -> str:
    """The whole page as HTML, in `zh-CN` or `en`."""
    words = Words.of(report, reader)
    drawn = _charts(report, words)
    return _TEMPLATES.get_template("report.html").render(
        language=reader,
        say=words.say,
        programme=report.policy.name.in_locale(reader),
        terms=_terms(report, words),
        notes=[sentence(f"figures.note.{name}", reader) for name in kpis.notes_of(report.by_month)],
        figures=report_tables.in_all(report, words),
        sections=[
            {"table": table, "rows": _shown(table), "chart": drawn.get(table.name)}
            for table in report_tables.tables(report, words)
            if table.rows
        ],
        width=charts.WIDTH,
        height=charts.HEIGHT,
        left=charts.LEFT,
        right=charts.RIGHT,
        bottom=charts.BOTTOM,
    )


def _terms(report: Report, words: Words) -> list[tuple[str, str]]:
    days = [date_text(day, words.reader) for day in (report.period.first, report.period.last)]
    terms = [
        (words.say("figures.period"), " – ".join(days)),
        (words.say("figures.settled"), date_text(report.by_month.settled_through, words.reader)),
    ]
    target = report.policy.target_return
    if target is not None:
        terms.append((words.say("figures.target"), words.percent(target.maximum / 100)))
    return terms


def _shown(table: Table) -> list[list[str]]:
    return [
        [column.show(value) for column, value in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]


def _charts(report: Report, words: Words) -> dict[str, Chart]:
    """Charts by the table below them."""

    def compact(value: float) -> str:
        return str(format_compact_decimal(value, locale=words.locale, fraction_digits=1))

    def series(name: str, measure: Measure) -> Series:
        return Series(words.say(f"figures.name.{name}"), [row.figures.of(measure) for row in rows])

    rows = report.by_month.rows
    labels = [words.month(row.first) for row in rows]
    short = [_short(row.first.month, label, words) for row, label in zip(rows, labels, strict=True)]
    cash = Series(words.say("figures.name.cash"), [float(row.figures.cash) for row in rows])
    points = [
        series("earned", Measure.EARNED),
        series("redeemed", Measure.REDEEMED),
        series("expired", Measure.EXPIRED),
    ]
    made = {
        "months": charts.columns(words.say("figures.name.cash"), short, [cash], compact),
        "points": charts.columns(words.say("figures.table.points"), short, points, compact),
    }
    if report.months:
        active = [
            Series(words.say("figures.column.active"), [one.active for one in report.months]),
            Series(
                words.say("figures.column.active_in_a_year"),
                [one.active_in_12_months for one in report.months],
            ),
        ]
        title = words.say("figures.table.activity")
        made["activity"] = charts.lines(title, short[: len(report.months)], active, compact)
    followed = [one for one in report.cohorts if len(one.ltv) > 1][:LINES_MAX]
    if followed:
        offsets = [str(offset) for offset in range(max(len(one.ltv) for one in followed))]
        lines = [
            Series(words.month(one.month), [float(ratio.value or 0) for ratio in one.ltv])
            for one in followed
        ]
        made["cohorts"] = charts.lines(words.say("figures.chart.ltv"), offsets, lines, compact)
    return made


def _short(month: int, label: str, words: Words) -> str:
    """The month without its year, except at the beginning of a year."""
    if words.reader == "en":
        name, _, year = label.partition(" ")
        return f"{name} {year[2:]}" if month == 1 else name
    year, _, name = label.partition("年")
    return f"{year[2:]}年{name}" if month == 1 else name


def cells(table: Table) -> list[list[Any]]:
    """A table as a file has it: headings, then numbers as they are."""
    return [[column.head for column in table.columns], *(list(row) for row in table.rows)]
