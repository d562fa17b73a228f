"""The plain values of the API, strict in input and plain in output.

Amounts and points never pass through floating point: an amount is a decimal in a string, points
are whole numbers. Instants name their offset.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType, cast

import orjson
import strawberry
from babel.core import get_global
from graphql import GraphQLError, ValueNode, value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from api.kit.request_errors import RequestErrorCode
from domain.kernel.inputs import (
    OBJECT_BYTES_MAX,
    OBJECT_KEYS_MAX,
    OBJECT_LEVELS_MAX,
    json_excess,
)
from domain.kernel.money import to_amount

POINTS_MAX = 2**53
INT_MAX = 2**31 - 1
"""The largest Int of GraphQL; a count that is larger is shown as this."""
DECIMAL_PATTERN = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
DATETIME_PATTERN = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,18})?)?(Z|[+-]\d\d:\d\d)", re.ASCII
)
DATE_PATTERN = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LOCALE_PATTERN = re.compile(r"[A-Za-z]{2,3}([-_][0-9A-Za-z]{2,8}){0,3}")
CURRENCIES = frozenset(get_global("all_currencies"))

Points = NewType("Points", int)
Locale = NewType("Locale", str)
CurrencyCode = NewType("CurrencyCode", str)
JSON = NewType("JSON", object)


def _refuse(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": RequestErrorCode.BAD_USER_INPUT.value})


def _parse_points(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse("Points are a whole number, without quotes or a decimal point.")
    if abs(value) > POINTS_MAX:
        raise _refuse(f"Points are at most {POINTS_MAX} in size.")
    return value


def _show_points(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > POINTS_MAX:
        raise TypeError("a value that is no points was given as points")
    return value


def _parse_decimal(value: object) -> Decimal:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not DECIMAL_PATTERN.fullmatch(text):
        raise _refuse('A Decimal is a plain number in a string, as "19.90".')
    return Decimal(text)


def _parse_datetime(value: object) -> datetime:
    if isinstance(value, str) and DATETIME_PATTERN.fullmatch(value):
        try:
            # truncates to microseconds
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _refuse("A DateTime is ISO 8601 with its offset, as 2025-03-15T10:30:00+08:00.")


def _show_datetime(value: datetime) -> str:
    instant = value if value.tzinfo is UTC else value.astimezone(UTC)
    return f"{instant.isoformat()[:-6]}Z"


def _parse_date(value: object) -> date:
    if isinstance(value, str) and DATE_PATTERN.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _refuse("A Date is ISO 8601, as 2025-03-15.")


def _parse_locale(value: object) -> str:
    if not isinstance(value, str) or not LOCALE_PATTERN.fullmatch(value):
        raise _refuse("A Locale is a language tag, as zh-CN or en.")
    return value


def _parse_currency(value: object) -> str:
    if not isinstance(value, str) or value not in CURRENCIES:
        raise _refuse("A CurrencyCode is three capital letters of ISO 4217, as CNY.")
    return value


def _parse_json(value: object) -> object:
    try:
        size = len(orjson.dumps(value))
    except orjson.JSONEncodeError:
        raise _refuse("This is no JSON that can be kept.") from None
    if size > OBJECT_BYTES_MAX:
        raise _refuse(f"{size} bytes of JSON are too many; at most {OBJECT_BYTES_MAX}.")
    if excess := json_excess(value):
        raise _refuse("{} of JSON are too many; at most {}.".format(*excess))
    return value


def _scalar(
    name: str, description: str, *, parse_value: Callable[[object], Any], **functions: Any
) -> ScalarDefinition:
    """A literal is parsed as its value is, and a fault names its place in the document."""

    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        try:
            return parse_value(value_from_ast_untyped(node, variables))
        except GraphQLError as error:
            raise GraphQLError(error.message, node, extensions=error.extensions) from None

    functions |= {"parse_value": parse_value, "parse_literal": parse_literal}
    return cast(
        ScalarDefinition, strawberry.scalar(name=name, description=description, **functions)
    )


SCALARS: dict[object, ScalarDefinition] = {
    Points: _scalar(
        "Points",
        "Whole number of points, from -2^53 to 2^53.",
        serialize=_show_points,
        parse_value=_parse_points,
    ),
    Decimal: _scalar(
        "Decimal",
        'Exact decimal number in a string, such as "19.90"; never a float.',
        serialize=lambda value: format(value, "f"),
        parse_value=_parse_decimal,
    ),
    datetime: _scalar(
        "DateTime",
        "Instant in ISO 8601 with its offset, such as 2025-03-15T10:30:00+08:00, to the "
        "microsecond: decimals beyond the sixth are cut. Answers are in UTC.",
        serialize=_show_datetime,
        parse_value=_parse_datetime,
    ),
    date: _scalar(
        "Date",
        "Calendar day in ISO 8601, such as 2025-03-15, in the programme's time zone.",
        serialize=date.isoformat,
        parse_value=_parse_date,
    ),
    Locale: _scalar(
        "Locale",
        "Language tag of BCP 47; texts exist in zh-CN and en.",
        serialize=str,
        parse_value=_parse_locale,
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        "Currency code of ISO 4217, such as CNY.",
        serialize=str,
        parse_value=_parse_currency,
    ),
    JSON: _scalar(
        "JSON",
        f"Any JSON value. A value that is sent has at most {OBJECT_BYTES_MAX} bytes, "
        f"{OBJECT_LEVELS_MAX} levels and {OBJECT_KEYS_MAX} keys in all.",
        serialize=lambda value: value,
        parse_value=_parse_json,
    ),
}
"""The GraphQL scalar of each Python type of the API; the schema is built with this map."""


@strawberry.type(description="Amount of money.")
class Money:
    amount: Decimal = strawberry.field(
        description="Amount in major units, with the number of decimals that the currency has."
    )
    currency: CurrencyCode = strawberry.field(description="Currency of the amount.")


def money(minor: int, currency: str) -> Money:
    """1990 CNY → 19.90 CNY."""
    return Money(amount=to_amount(minor, currency), currency=CurrencyCode(currency))
