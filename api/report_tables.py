"""The tables of a report: their words, and each number as it is and as it is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from api.wording.catalogues import sentence
from api.wording.words import names_of
from domain.insight.booking_figures import MIXED
from domain.insight.figures import NONE, Measure
from domain.insight.kpis import Kpis
from domain.insight.ratios import Ratio
from domain.insight.reports import Report
from domain.kernel import money

OFFSETS = (0, 1, 3, 6, 12)
"""Months after its first at which a cohort is shown."""

KEYS = {NONE: "none", MIXED: "mixed", "ENROLLED": "enrolled", "GUEST": "guest"}
"""Values of dimensions that have words of their own."""

Value = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and the format of its values."""

    head: str
    show: Callable[[Value], str]
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table by the name of its file; the first column has the key of a row."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Numbers and codes in a reader's language."""

    reader: str
    names: Mapping[str, str]
    currency: str

    @classmethod
    def of(cls, report: Report, reader: str) -> "Words":
        policy = report.policy
        products = {code: name.in_locale(reader) for code, name in policy.product_names.items()}
        plain = {name: sentence(f"figures.key.{key}", reader) for name, key in KEYS.items()}
        names = {**names_of(policy, reader), **products, **plain}
        return cls(reader, names, policy.currency)

    @property
    def locale(self) -> str:
        return self.reader.replace("-", "_")

    def say(self, msgid: str) -> str:
        return sentence(msgid, self.reader, currency=self.currency)

    def text(self, value: Value) -> str:
        return "–" if value is None else str(value)

    def code(self, code: str) -> str:
        return self.names.get(code, code)

    def number(self, value: Value) -> str:
        return self._written(value, "#,##0.##")

    def amount(self, value: Value) -> str:
        digits = money.digits_of(self.currency)
        return self._written(value, "#,##0" + ("." + "0" * digits if digits else ""))

    def percent(self, value: Value) -> str:
        return self._written(value, "#,##0.00%")

    def _written(self, value: Value, pattern: str) -> str:
        if value is None or isinstance(value, str):
            return self.text(value)
        return str(format_decimal(value, format=pattern, locale=self.locale)).replace("-", "−")

    def month(self, day: date) -> str:
        return str(format_date(day, "MMM y" if self.reader == "en" else "y年M月", self.locale))


def month_of(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


Cells = Sequence[tuple[str, Callable[[Value], str], Callable[[Kpis], Value]]]
"""Headings of figures, with their formats and values."""


def _of(measure: Measure) -> Callable[[Kpis], Value]:
    return lambda figures: figures.of(measure)


def _cells(words: Words) -> Cells:
    def cost(figures: Kpis) -> Value:
        return money.to_amount(figures.of(Measure.REWARD_COST), figures.currency)

    return (
        ("figures.name.bookings", words.number, _of(Measure.BOOKINGS)),
        ("figures.name.cash", words.amount, lambda figures: figures.cash),
        ("figures.name.granted", words.number, _of(Measure.GRANTED)),
        ("figures.name.activity_granted", words.number, _of(Measure.ACTIVITY_GRANTED)),
        ("figures.name.earned", words.number, _of(Measure.EARNED)),
        ("figures.name.redeemed", words.number, _of(Measure.REDEEMED)),
        ("figures.name.expired", words.number, _of(Measure.EXPIRED)),
        ("figures.name.reward_cost", words.amount, cost),
        ("figures.name.joined", words.number, _of(Measure.JOINED)),
        ("figures.name.upgraded", words.number, _of(Measure.UPGRADED)),
        ("figures.name.fell", words.number, _of(Measure.FELL)),
        ("figures.name.points_per_booking", words.number, lambda one: one.points_per_booking.value),
        ("figures.name.points_per_unit", words.number, lambda one: one.points_per_unit.value),
        ("figures.name.burn", words.percent, lambda one: one.burn.value),
        ("figures.name.return_rate", words.percent, lambda one: one.return_rate.value),
        (
            "figures.name.return_with_activities",
            words.percent,
            lambda one: one.return_with_activities.value,
        ),
    )


HEADS = ("month", "product", "city", "status")
"""Headings of the keys of rows."""

JOURNAL = (
    "figures.journal.day",
    "figures.journal.account",
    "figures.journal.funder",
    "figures.journal.cohort",
    "figures.journal.debit",
    "figures.journal.credit",
    "figures.journal.points",
)

OF_MONTHS = ("bookings", "cash", "granted", "activity_granted", "reward_cost", "joined")
OF_POINTS = ("earned", "redeemed", "expired", "burn", "upgraded", "fell")
OF_BOOKINGS = ("bookings", "cash", "granted", "points_per_booking", "return_rate")
IN_ALL = (
    *("cash", "bookings", "points_per_booking", "return_rate"),
    *("return_with_activities", "earned", "redeemed", "burn", "expired", "reward_cost"),
    *("joined", "upgraded"),
)


def tables(report: Report, words: Words) -> list[Table]:
    """All tables of a report, in their order."""
    months = [(f"{row.first:%Y-%m}", row.figures) for row in report.by_month.rows]
    return [
        _figures(words, "months", "month", months, OF_MONTHS),
        _figures(words, "points", "month", months, OF_POINTS),
        *(
            _figures(words, name, head, list(found.items()), OF_BOOKINGS)
            for name, head, found in (
                ("products", "product", report.by_product),
                ("cities", "city", report.by_city),
                ("statuses", "status", report.by_status),
            )
        ),
        _active(report, words),
        _tiers(report, words),
        _repurchase(report, words),
        _cohorts(report, words),
    ]


def of_journal(words: Words) -> list[str]:
    """The headings of the journal, whose rows have the same account codes in every language."""
    return [words.say(head) for head in JOURNAL]


def in_all(report: Report, words: Words) -> list[tuple[str, str]]:
    """The figures of the whole period, each with its name."""
    cells = {name: (show, of) for name, show, of in _cells(words)}
    found = [(f"figures.name.{name}", *cells[f"figures.name.{name}"]) for name in IN_ALL]
    return [(words.say(name), show(of(report.by_month.total))) for name, show, of in found]


def _of_month(words: Words, head: str) -> Column:
    """A column of months as rows name them, `2027-03`; `head` is its heading's message."""
    return Column(
        words.say(head),
        lambda value: words.month(month_of(str(value))),
        is_number=False,
    )


def _figures(
    words: Words,
    name: str,
    head: str,
    found: Sequence[tuple[str, Kpis]],
    shown: Sequence[str],
) -> Table:
    cells = [one for one in _cells(words) if one[0].removeprefix("figures.name.") in shown]
    by_month = head == "month"
    first = (
        _of_month(words, f"figures.column.{head}")
        if by_month
        else Column(words.say(f"figures.column.{head}"), words.text, is_number=False)
    )
    kept = [
        (key, figures)
        for key, figures in found
        if by_month or any(figures.of(one) for one in (Measure.BOOKINGS, Measure.CASH))
    ]
    if {key for key, _ in kept} == {NONE}:
        kept = []
    rows = tuple(
        (key if by_month else words.code(key), *(of(figures) for _, _, of in cells))
        for key, figures in kept
    )
    heads = tuple(Column(words.say(said), show) for said, show, _ in cells)
    return Table(name, words.say(f"figures.table.{name}"), (first, *heads), rows)


def _active(report: Report, words: Words) -> Table:
    columns = (
        _of_month(words, "figures.column.month"),
        Column(words.say("figures.column.active"), words.number),
        Column(words.say("figures.column.active_in_a_year"), words.number),
        Column(words.say("figures.column.redemption_rate"), words.percent),
    )
    rows = tuple(
        (f"{one.month:%Y-%m}", one.active, one.active_in_12_months, one.redemption_rate.value)
        for one in report.months
    )
    return Table("activity", words.say("figures.table.activity"), columns, rows)


def _tiers(report: Report, words: Words) -> Table:
    columns = (
        Column(words.say("figures.column.tier"), words.text, is_number=False),
        Column(words.say("figures.column.members"), words.number),
        Column(words.say("figures.name.cash"), words.amount),
        Column(words.say("figures.column.share"), words.percent),
        Column(words.say("figures.column.risen"), words.percent),
    )
    currency = report.policy.currency
    rows = tuple(
        (
            words.code(one.code),
            one.members,
            money.to_amount(one.cash_minor, currency),
            one.share.value,
            one.risen.value,
        )
        for one in report.tiers
    )
    return Table("tiers", words.say("figures.table.tiers"), columns, rows)


def _repurchase(report: Report, words: Words) -> Table:
    columns = (
        Column(words.say("figures.column.days"), words.text, is_number=False),
        Column(words.say("figures.column.of_members"), words.percent),
        Column(words.say("figures.column.members"), words.number),
        Column(words.say("figures.column.of_guests"), words.percent),
        Column(words.say("figures.column.guests"), words.number),
    )
    rows = tuple(
        (
            one.days,
            one.members.value,
            one.members.denominator,
            one.guests.value,
            one.guests.denominator,
        )
        for one in report.repurchase
    )
    return Table("repurchase", words.say("figures.table.repurchase"), columns, rows)


def _cohorts(report: Report, words: Words) -> Table:
    columns = (
        _of_month(words, "figures.column.cohort"),
        Column(words.say("figures.column.members"), words.number),
        *(
            Column(sentence("figures.column.ltv", words.reader, months=offset), words.amount)
            for offset in OFFSETS
        ),
    )
    rows = tuple(
        (f"{one.month:%Y-%m}", one.members, *(_at(one.ltv, offset) for offset in OFFSETS))
        for one in report.cohorts
    )
    return Table("cohorts", words.say("figures.table.cohorts"), columns, rows)


def _at(ratios: Sequence[Ratio], offset: int) -> Decimal | None:
    return ratios[offset].value if offset < len(ratios) else None
