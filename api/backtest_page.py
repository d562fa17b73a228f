"""The report of a back-test as one page, without scripts or anything from outside."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.wording.catalogues import sentence
from api.wording.messages import number_text
from api.wording.words import names_of
from domain.backtests import backtests, tally
from domain.backtests.backtests import Backtest, Listed
from domain.backtests.tally import Dimension
from domain.kernel import money
from domain.programmes import reader as policies
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.programmes.rules import PROGRAMME_FUNDER

SHOWN = (
    Dimension.RULE,
    Dimension.PRODUCT,
    Dimension.TIER,
    Dimension.TIER_MEMBERS,
    Dimension.SEGMENT,
    Dimension.FUNDER,
    Dimension.BUDGET_WEEK,
    Dimension.WON,
    Dimension.LOST,
)

PERCENT_DECIMALS = 2

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(programme: Programme, found: Backtest, reader: str) -> str:
    """The whole page as HTML, in `zh-CN` or `en`."""
    policy = policies.parse(found.candidate)
    names = _names(programme, policy, reader)
    # a partner's code has no other name, and may equal that of a rule
    funders = {PROGRAMME_FUNDER: sentence("backtest.programme", reader)}
    figures = backtests.figures(programme, found)
    return _TEMPLATES.get_template("backtest.html").render(
        language=reader,
        say=lambda msgid: sentence(msgid, reader),
        programme=policy.name.in_locale(reader),
        terms=_terms(found, policy, reader),
        notes=to_notes(found, reader),
        figures_rows=[
            _row(row, _figure(row.key, policy, reader), policy.currency, reader) for row in figures
        ],
        tables=[
            {
                "title": sentence(f"backtest.{dimension}", reader),
                "rows": [_row(row, _key(row.key, known), None, reader) for row in rows],
            }
            for dimension in SHOWN
            if (rows := tally.rows(found.sums, dimension))
            for known in [funders if dimension is Dimension.FUNDER else names]
        ],
        hash=found.hash.hex() if found.hash else "",
    )


def _names(programme: Programme, candidate: Policy, reader: str) -> dict[str, str]:
    """Names of codes, from the candidate if it has them."""
    names: dict[str, str] = {}
    for policy in (*(one.policy for one in programme.versions), candidate):
        names |= {one.code: one.name.in_locale(reader) for one in policy.segments}
        names |= {**names_of(policy, reader), **_product_names(policy, reader)}
    return names


def _key(key: str, names: Mapping[str, str]) -> str:
    """The text of a key; a week after a code is kept."""
    code, _, week = key.partition(" ")
    return f"{names.get(code, code)} {week}" if week else names.get(key, key)


def _product_names(policy: Policy, reader: str) -> dict[str, str]:
    return {code: words.in_locale(reader) for code, words in policy.product_names.items()}


def _figure(key: str, policy: Policy, reader: str) -> str:
    return sentence(f"backtest.figure.{key}", reader, currency=policy.currency)


def _terms(found: Backtest, policy: Policy, reader: str) -> list[tuple[str, str]]:
    if found.baseline is not None:
        compared = sentence("backtest.version", reader, number=found.baseline)
    else:
        given = found.baseline_text is not None
        compared = sentence("backtest.document" if given else "backtest.in_force", reader)
    return [
        (sentence("backtest.baseline", reader), compared),
        (sentence("backtest.from", reader), _instant(found.from_at, policy, reader)),
        (sentence("backtest.until", reader), _instant(found.until_at, policy, reader)),
        (sentence("backtest.cutoff", reader), _instant(found.cutoff, policy, reader)),
        (sentence("backtest.members", reader), number_text(found.played, reader)),
        *_segment(found, policy, reader),
    ]


def _segment(found: Backtest, policy: Policy, reader: str) -> list[tuple[str, str]]:
    if found.segment is None:
        return []
    names = {one.code: one.name.in_locale(reader) for one in policy.segments}
    said = sentence("backtest.segment", reader)
    return [(said, names.get(found.segment, found.segment))]


def to_notes(found: Listed, reader: str) -> list[str]:
    """Notes for the reader: facts left out, and values of today used."""
    notes = [sentence("backtest.as_recorded", reader)]
    notes += [sentence(f"backtest.omitted.{name}", reader) for name in found.omitted]
    if not found.finished or found.played < found.members:
        played, members = (number_text(n, reader) for n in (found.played, found.members))
        notes.append(sentence("backtest.part", reader, played=played, members=members))
    if found.assumed:
        count = number_text(found.assumed, reader)
        notes.append(sentence("backtest.assumed", reader, count=count))
    return notes


def cells(row: tally.Row, currency: str | None, reader: str) -> list[str]:
    """Baseline, candidate and change as they are read; `currency` is that of figures."""
    change = row.candidate - row.baseline
    shown = [
        _number(value, _decimals(row.key, currency), reader)
        for value in (row.baseline, row.candidate, change)
    ]
    return [*shown[:2], f"+{shown[2]}" if change > 0 else shown[2]]


def _row(row: tally.Row, name: str, currency: str | None, reader: str) -> dict[str, str]:
    baseline, candidate, change = cells(row, currency, reader)
    return {"name": name, "baseline": baseline, "candidate": candidate, "change": change}


def _decimals(key: str, currency: str | None) -> int | None:
    """Decimals of money and percentages among the figures; other figures keep theirs."""
    if currency is None:
        return None
    if key in tally.MONEY_FIGURES:
        return money.digits_of(currency)
    return PERCENT_DECIMALS if key == tally.PERCENT_FIGURE else None


def _number(value: Fraction, decimals: int | None, reader: str) -> str:
    """`2,500.5`, or `2,500.50` by its decimals, and with a true minus sign below zero."""
    shown = tally.to_decimal(value)
    if decimals is None:
        text = number_text(abs(shown).normalize() if shown else Decimal(0), reader)
    else:
        text = f"{abs(shown):,.{decimals}f}"
    return f"−{text}" if shown < 0 else text


def _instant(instant: datetime, policy: Policy, reader: str) -> str:
    local = instant.astimezone(policy.zone).replace(tzinfo=None)
    return str(format_datetime(local, "medium", locale=reader.replace("-", "_")))
