"""A statement as a page to print or keep: one file, without scripts or external parts.

For a period it is the same before and after due entries are recorded; only the instant of its
making differs. Words are looked up here, figures come from `domain.ledger.statements`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.wording.catalogues import sentence
from api.wording.entry_words import entry_text, kind_text
from api.wording.messages import number_text
from domain.kernel import dates
from domain.ledger import states
from domain.ledger.statement_lines import StatementLine
from domain.ledger.statements import INSTANT, AccountStatement, BucketStatement, Period
from domain.ledger.states import Expiring
from domain.ledger.values import Bucket, EntryKind
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

EXPIRIES_MAX = 12
"""Days of the expiry schedule that are shown separately; later ones are one figure."""

_COLUMNS = {
    Bucket.AVAILABLE: "statement.available",
    Bucket.PENDING: "statement.pending",
    Bucket.HELD: "statement.held",
    Bucket.OWED: "statement.owed_column",
}

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Printed:
    """Contents of a page; `policy` is the one whose names it uses."""

    name: str | None
    reference: str
    policy: Policy
    programme: Programme
    period: Period
    statement: AccountStatement
    lines: Sequence[StatementLine]
    issued_at: datetime


def render(printed: Printed, reader: str) -> str:
    """The whole page as HTML, in `zh-CN` or `en`."""
    statement, policy = printed.statement, printed.policy
    shown = [one for one in statement.buckets if _said(one)]
    return _TEMPLATES.get_template("statement.html").render(
        language=reader,
        say=lambda msgid: sentence(msgid, reader),
        programme=policy.name.in_locale(reader),
        name=printed.name,
        reference=printed.reference,
        period=_period(printed.period, reader),
        issued=_instant(printed.issued_at, policy, reader),
        notes=_notes(printed, reader),
        columns=[sentence(_COLUMNS[one.bucket], reader) for one in shown],
        opening=[_number(one.opening, reader) for one in shown],
        closing=[_number(one.closing, reader) for one in shown],
        kinds=_kinds(statement, shown, reader),
        lines=[_line(line, shown, printed, reader) for line in printed.lines],
        available=[_number(end, reader) for end in _available(statement)],
        expiries=_expiries(statement, policy, reader),
        zone=sentence("statement.zone", reader, zone=policy.timezone),
    )


def _said(one: BucketStatement) -> bool:
    """The available bucket is always shown; others only if they have or had points."""
    return one.bucket is Bucket.AVAILABLE or bool(one.opening or one.movements or one.closing)


def _available(statement: AccountStatement) -> tuple[int, int]:
    [one] = [one for one in statement.buckets if one.bucket is Bucket.AVAILABLE]
    return one.opening, one.closing


def _notes(printed: Printed, reader: str) -> list[str]:
    statement, policy = printed.statement, printed.policy
    over = dates.end_of_day(printed.period.last, policy.zone)
    [owed] = [one.closing for one in statement.buckets if one.bucket is Bucket.OWED]
    as_of = statement.interval.as_of
    instant, points = _instant(as_of, policy, reader), _number(owed, reader)
    return [
        *(
            [sentence("statement.running", reader, instant=instant)]
            if as_of < over - INSTANT
            else []
        ),
        *([sentence("statement.owed", reader, points=points)] if owed else []),
    ]


def _kinds(
    statement: AccountStatement, shown: Sequence[BucketStatement], reader: str
) -> list[dict[str, object]]:
    """A row for each kind that moved anything, its changes in the order of the columns."""
    by_bucket = [{one.kind: one for one in bucket.movements} for bucket in shown]
    return [
        {
            "name": _kind(kind, reader),
            "entries": _number(entries, reader),
            "changes": [
                _signed(moved[kind].points, reader) if kind in moved else "" for moved in by_bucket
            ],
        }
        for kind, entries in statement.entries
    ]


def _kind(kind: EntryKind, reader: str) -> str:
    """The name of a kind; a CAPTURE, which would otherwise be named like REDEEM, mentions the
    earlier hold.
    """
    captured = kind is EntryKind.CAPTURE
    return sentence("statement.capture", reader) if captured else kind_text(kind, reader)


def _line(
    line: StatementLine, shown: Sequence[BucketStatement], printed: Printed, reader: str
) -> dict[str, object]:
    policy, text = printed.policy, entry_text(line, printed.programme, reader)
    if line.kind is EntryKind.REINSTATE and line.redeemed_at is not None:
        redeemed_on = _day(dates.local_date(line.redeemed_at, policy.zone), reader)
        text += sentence("statement.redeemed_on", reader, day=redeemed_on)
    return {
        "date": _day(dates.local_date(line.effective_at, policy.zone), reader),
        "text": text,
        "changes": [_signed(line.change(one.bucket), reader) for one in shown],
        "balance": _number(line.available_after, reader),
    }


def _expiries(statement: AccountStatement, policy: Policy, reader: str) -> list[tuple[str, str]]:
    schedule = states.expiry_schedule(statement.lots, statement.interval.as_of, policy.zone)
    rows = [_expiry(expiring, reader) for expiring in schedule[:EXPIRIES_MAX]]
    later = sum(expiring.points for expiring in schedule[EXPIRIES_MAX:])
    return [*rows, (sentence("statement.later", reader), _number(later, reader))] if later else rows


def _expiry(expiring: Expiring, reader: str) -> tuple[str, str]:
    forever = expiring.on == dates.FOREVER
    day = sentence("statement.forever", reader) if forever else _day(expiring.on, reader)
    return day, _number(expiring.points, reader)


def _signed(points: int, reader: str) -> str:
    """`+1,500`, `−40` with a true minus sign, nothing for nothing."""
    if not points:
        return ""
    return f"{'+' if points > 0 else '−'}{_number(abs(points), reader)}"


def _period(period: Period, reader: str) -> str:
    return f"{_day(period.first, reader)} – {_day(period.last, reader)}"


@lru_cache(maxsize=4096)
def _number(points: int, reader: str) -> str:
    return number_text(points, reader)


@lru_cache(maxsize=1024)
def _day(day: date, reader: str) -> str:
    return format_date(day, "medium", locale=_locale(reader))


def _instant(instant: datetime, policy: Policy, reader: str) -> str:
    local = instant.astimezone(policy.zone)
    shown = format_datetime(local.replace(tzinfo=None), "medium", locale=_locale(reader))
    return f"{shown} ({policy.timezone})"


def _locale(reader: str) -> str:
    return reader.replace("-", "_")
