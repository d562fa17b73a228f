"""A statement as a page to be printed or kept: one file, without scripts or anything from outside.

It says the same of a period before and after what was due is recorded; only the instant at which
it was made differs. Words are looked up here, figures come from `domain.ledger.statements`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.wording.entry_words import KINDS, entry_text
from api.wording.messages import number_text
from domain.kernel import dates
from domain.ledger import states
from domain.ledger.statement_lines import Line
from domain.ledger.statements import INSTANT, BucketStatement, Period, Statement
from domain.ledger.states import Expiring
from domain.ledger.values import Bucket, EntryKind
from domain.programmes.policy import Policy

EXPIRIES_MAX = 12
"""Days of the expiry schedule that are shown one by one; what comes later is one figure."""

LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Points statement",
        "member": "Member",
        "reference": "Reference",
        "period": "Period",
        "issued": "Issued",
        "running": "The period is not over: figures up to {}.",
        "summary": "Summary",
        "movement": "Movement",
        "entries": "Entries",
        "opening": "Opening balance",
        "closing": "Closing balance",
        "movements": "Movements",
        "date": "Date",
        "description": "Description",
        "balance": "Available balance",
        "nothing": "Nothing moved in this period.",
        "redeemed_on": " (redeemed on {})",
        "expiries": "What expires next",
        "valid_through": "Valid through",
        "points": "Points",
        "later": "Later",
        "forever": "Never expires",
        "total": "Available in all",
        "owed": "{} points are owed. Points that are credited from now on settle them first.",
        "zone": "Days are those of the time zone {}. Points can be spent through the last day "
        "shown and leave the account as the next one begins.",
        "available": "Available",
        "pending": "Pending",
        "held": "Reserved",
        "owed_column": "Owed",
        "capture": "Redeemed after a reservation",
    },
    "zh-CN": {
        "title": "积分对账单",
        "member": "会员",
        "reference": "会员编号",
        "period": "账期",
        "issued": "出具时间",
        "running": "本期尚未结束，以下数据截至 {}。",
        "summary": "汇总",
        "movement": "变动类型",
        "entries": "笔数",
        "opening": "期初余额",
        "closing": "期末余额",
        "movements": "明细",
        "date": "日期",
        "description": "说明",
        "balance": "可用余额",
        "nothing": "本期没有变动。",
        "redeemed_on": "（兑换于 {}）",
        "expiries": "即将到期",
        "valid_through": "有效期至",
        "points": "积分",
        "later": "更晚到期",
        "forever": "永久有效",
        "total": "可用合计",
        "owed": "账户欠 {} 积分，今后到账的积分将先用于补足。",
        "zone": "日期均为时区 {} 的当地日期。积分在所示最后一天仍可使用，次日零时起失效。",
        "available": "可用",
        "pending": "待生效",
        "held": "预留",
        "owed_column": "欠分",
        "capture": "预留后兑换",
    },
}
"""By language; at the end the buckets as columns, and what would else be called as REDEEM is."""

_COLUMNS = {
    Bucket.AVAILABLE: "available",
    Bucket.PENDING: "pending",
    Bucket.HELD: "held",
    Bucket.OWED: "owed_column",
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
    """What a page is made of; `policy` is the one whose words it uses."""

    name: str | None
    reference: str
    policy: Policy
    period: Period
    statement: Statement
    lines: Sequence[Line]
    issued_at: datetime


def render(printed: Printed, reader: str) -> str:
    """The whole page as HTML, in `zh-CN` or `en`."""
    statement, policy = printed.statement, printed.policy
    shown = [one for one in statement.buckets if _said(one)]
    return _TEMPLATES.get_template("statement.html").render(
        language=reader,
        words=LABELS[reader],
        programme=policy.name.in_locale(reader),
        name=printed.name,
        reference=printed.reference,
        period=_period(printed.period, reader),
        issued=_instant(printed.issued_at, policy, reader),
        notes=_notes(printed, reader),
        columns=[LABELS[reader][_COLUMNS[one.bucket]] for one in shown],
        opening=[_number(one.opening, reader) for one in shown],
        closing=[_number(one.closing, reader) for one in shown],
        kinds=_kinds(statement, shown, reader),
        lines=[_line(line, shown, policy, reader) for line in printed.lines],
        available=[_number(end, reader) for end in _available(statement)],
        expiries=_expiries(statement, policy, reader),
        zone=LABELS[reader]["zone"].format(policy.timezone),
    )


def _said(one: BucketStatement) -> bool:
    """What is available always stands there; of the others, what there was or is anything in."""
    return one.bucket is Bucket.AVAILABLE or bool(one.opening or one.movements or one.closing)


def _available(statement: Statement) -> tuple[int, int]:
    [one] = [one for one in statement.buckets if one.bucket is Bucket.AVAILABLE]
    return one.opening, one.closing


def _notes(printed: Printed, reader: str) -> list[str]:
    statement, policy, words = printed.statement, printed.policy, LABELS[reader]
    over = dates.end_of_day(printed.period.last, policy.zone)
    [owed] = [one.closing for one in statement.buckets if one.bucket is Bucket.OWED]
    as_of = statement.span.as_of
    running = words["running"].format(_instant(as_of, policy, reader))
    return [
        *([running] if as_of < over - INSTANT else []),
        *([words["owed"].format(_number(owed, reader))] if owed else []),
    ]


def _kinds(
    statement: Statement, shown: Sequence[BucketStatement], reader: str
) -> list[dict[str, object]]:
    """A row for each kind that moved anything, its changes in the order of the columns."""
    words = LABELS[reader]
    by_bucket = [{one.kind: one for one in bucket.movements} for bucket in shown]
    return [
        {
            "name": words["capture"] if kind is EntryKind.CAPTURE else KINDS[kind][reader],
            "entries": _number(entries, reader),
            "changes": [
                _signed(moved[kind].points, reader) if kind in moved else "" for moved in by_bucket
            ],
        }
        for kind, entries in statement.entries
    ]


def _line(
    line: Line, shown: Sequence[BucketStatement], policy: Policy, reader: str
) -> dict[str, object]:
    text = entry_text(line, policy, reader)
    if line.kind is EntryKind.REINSTATE and line.redeemed_at is not None:
        redeemed_on = _day(dates.local_date(line.redeemed_at, policy.zone), reader)
        text += LABELS[reader]["redeemed_on"].format(redeemed_on)
    return {
        "date": _day(dates.local_date(line.effective_at, policy.zone), reader),
        "text": text,
        "changes": [_signed(line.change(one.bucket), reader) for one in shown],
        "balance": _number(line.available_after, reader),
    }


def _expiries(statement: Statement, policy: Policy, reader: str) -> list[tuple[str, str]]:
    schedule = states.expiry_schedule(statement.lots, statement.span.as_of, policy.zone)
    rows = [_expiry(expiring, reader) for expiring in schedule[:EXPIRIES_MAX]]
    later = sum(expiring.points for expiring in schedule[EXPIRIES_MAX:])
    return [*rows, (LABELS[reader]["later"], _number(later, reader))] if later else rows


def _expiry(expiring: Expiring, reader: str) -> tuple[str, str]:
    forever = expiring.on == dates.FOREVER
    day = LABELS[reader]["forever"] if forever else _day(expiring.on, reader)
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
