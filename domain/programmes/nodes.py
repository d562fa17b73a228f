"""Nodes: what every part of a policy document is made of, and the values in it."""

import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

POINTS_MAX = 10**12
"""The largest number of points that any one rule may name."""


LOCALES = ("zh-CN", "en")
"""Languages that every text of a programme is written in."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Points = Annotated[int, Field(ge=0, le=POINTS_MAX, strict=True)]
Price = Annotated[int, Field(ge=1, le=POINTS_MAX, strict=True)]
ReporterKind = Literal["member", "partner", "staff"]
Kind = Literal["boolean", "text", "number"]
"""What an attribute or a value of a profile is declared as; numbers are whole."""
KINDS: tuple[str, ...] = get_args(Kind)
Period = Literal["day", "month", "year", "member"]


def _exact_decimal(value: object) -> object:
    """A float is taken by its shortest text, which is what its author wrote."""
    return str(value) if isinstance(value, float) else value


class Unit(Enum):
    """What a number of a document counts, where words for it have to say so."""

    MONEY = "money"
    FACTOR = "factor"


def _number_schema(least: int, most: int) -> dict[str, Any]:
    """A number for editors; stored documents have it as a text."""
    number = {"type": "number", "minimum": least, "maximum": most}
    return {"anyOf": [number, {"type": "string"}]}


Rate = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=0, le=Decimal(1_000_000), decimal_places=6, allow_inf_nan=False),
    WithJsonSchema(_number_schema(0, 1_000_000)),
]
Portion = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=0, le=1, decimal_places=6, allow_inf_nan=False),
    WithJsonSchema(_number_schema(0, 1)),
]
Factor = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=1, le=Decimal(1_000), decimal_places=6, allow_inf_nan=False),
    WithJsonSchema(_number_schema(1, 1_000)),
    Unit.FACTOR,
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact_decimal),
    Field(ge=0, le=Decimal(10**11), decimal_places=4, allow_inf_nan=False),
    WithJsonSchema(_number_schema(0, 10**11)),
    Unit.MONEY,
]


BY_WORD, BY_NUMBER, BY_FLAG, BY_TERMS = "\0word", "\0number", "\0flag", "\0terms"
"""The ways of saying something; no key of a document is called so."""

WAYS = (BY_WORD, BY_NUMBER, BY_FLAG, BY_TERMS)


def word_or_terms(value: object) -> str:
    """Which of the two it is, of what is said in a word or by its terms."""
    return BY_WORD if isinstance(value, str) else BY_TERMS


def number_or_terms(value: object) -> str:
    """Which of the two it is, of what is said in a number or by its terms."""
    return BY_TERMS if isinstance(value, dict | BaseModel) else BY_NUMBER


def _iso_day(value: object) -> object:
    """Nothing else is a day: not an instant, and not a number of seconds."""
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            return value
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError("day", "a day such as 2026-07-01")


Day = Annotated[date, BeforeValidator(_iso_day)]
"""A local day, written 2026-07-01."""

_LEAP_YEAR = 2000


def span_day(value: object) -> date | str | None:
    """A date, or the same day of every year as it is written, 07-01; None for anything else."""
    with suppress(PydanticCustomError, ValueError):
        if isinstance(value, str) and re.fullmatch(r"\d{2}-\d{2}", value, re.ASCII):
            date.fromisoformat(f"{_LEAP_YEAR}-{value}")
            return value
        return date.fromisoformat(str(_iso_day(value)))
    return None


def _span_day(value: object) -> date | str:
    if (day := span_day(value)) is None:
        raise PydanticCustomError("span_day", "a day such as 2026-07-01, or each year's 07-01")
    return day


SpanDay = Annotated[date | str, BeforeValidator(_span_day)]
"""A local day, written 2026-07-01, or the same day of every year, written 07-01."""


def _profile_value(value: object) -> object:
    if isinstance(value, bool | str | int):
        return value
    raise PydanticCustomError("profile_value", "true, false, a text or a whole number")


ProfileValue = Annotated[str | bool | int, BeforeValidator(_profile_value)]
Flag = Annotated[bool, Strict()]
"""Words such as `yes` are no booleans."""


class Node(BaseModel):
    """A part of the document: immutable, and a misspelt key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Node):
    """One text in every language of the programme."""

    zh_cn: Text = Field(alias="zh-CN")
    en: Text

    def in_locale(self, locale: str) -> str:
        return self.zh_cn if locale.lower().startswith("zh") else self.en
