"""Checks of plain values before any of them reaches a rule or the database.

Every refusal is an `InvalidInput` that names the field by its path.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from string import ascii_lowercase
from typing import Any

import orjson
import phonenumbers

from domain.kernel.callers import Caller, CallerKind
from domain.kernel.money import plain
from domain.kernel.refusals import EventInFuture, EventTooOld, Instant, InvalidInput, Quantity

REFERENCE_CHARACTERS_MAX = 128
NAME_CHARACTERS_MAX = 200
NOTE_CHARACTERS_MAX = 1000
EMAIL_CHARACTERS_MAX = 254
OBJECT_BYTES_MAX = 4096
OBJECT_LEVELS_MAX = 8
OBJECT_KEYS_MAX = 64
"""Most keys of a JSON value in all, so that every answer that contains it can be encoded."""

LATE_MINUTES_MAX = 10
"""How far back a member may date what it reports itself."""

AHEAD_MAX = timedelta(minutes=5)
"""How far in the future a reported instant may lie: clocks differ a little."""
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
"""No date of a fact lies outside these, so that a sum of dates never leaves the calendar."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
"""Pattern of a number written as text, as in a Decimal of the API."""

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of control and format characters, and of breaks of lines."""

Path = tuple[str, ...]


def check_text(value: str, characters_max: int, path: Path) -> str:
    """Plain, non-empty, bounded text, which is read in the order in which it is written.

    Raises: InvalidInput.
    """
    if not value.strip():
        raise InvalidInput("too_short", path=path)
    if len(value) > characters_max:
        raise InvalidInput("too_long", str(len(value)), (str(characters_max),), path=path)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise InvalidInput("control_characters", path=path)
    if not _REORDERING.isdisjoint(value):
        raise InvalidInput("control_characters", path=path)
    return value


_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that show what follows them in another order (Unicode TR 9, explicit directions)."""


def check_identifier(value: str, path: Path, characters_max: int = REFERENCE_CHARACTERS_MAX) -> str:
    """Text that names one thing and cannot be confused with another: surrounding blanks, invisible
    characters and other Unicode forms are refused, not corrected.

    Raises: InvalidInput.
    """
    check_text(value, characters_max, path)
    if any(unicodedata.category(character) in _UNSEEN for character in value):
        raise InvalidInput("control_characters", path=path)
    if value != value.strip():
        raise InvalidInput("outer_blanks", value, path=path)
    if not unicodedata.is_normalized("NFC", value):
        raise InvalidInput("not_nfc", value, path=path)
    return value


def code_key(code: str) -> str:
    """Form in which a code is compared: without blanks, letters a to z as capitals.

    The migration that added `coupon_code.code_key` says the same in SQL.
    """
    return code.translate(_AS_CAPITALS)


_BLANKS = " \u00a0\u202f\u3000"
_AS_CAPITALS = {
    **dict.fromkeys(map(ord, _BLANKS)),
    **{ord(letter): letter.upper() for letter in ascii_lowercase},
}


def check_object(value: object, path: Path) -> dict[str, Any]:
    """A JSON object that can be stored: bounded, without NUL. Raises: InvalidInput."""
    if value == {}:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput("not_an_object", allowed=('{"city": "Sanya"}',), path=path)
    if excess := json_excess(value):
        found, most = excess
        raise InvalidInput("too_long", found, (most,), path=path)
    encoded = _encoded(value, path)
    if len(encoded) > OBJECT_BYTES_MAX:
        found, most = (Quantity.of(n, "bytes") for n in (len(encoded), OBJECT_BYTES_MAX))
        raise InvalidInput("too_long", found, (most,), path=path)
    if rb"\u0000" in encoded:
        raise InvalidInput("control_characters", path=path)
    return dict(value)


def _encoded(value: Mapping[str, Any], path: Path) -> bytes:
    try:
        return orjson.dumps(dict(value))
    except (TypeError, ValueError):
        raise InvalidInput("control_characters", path=path) from None


def json_excess(value: object) -> tuple[Quantity, Quantity] | None:
    """What a JSON value has too much of, levels or keys, and what is allowed.

    A plain value has none of the levels, `{"a": [1]}` has two.
    """
    level, keys, inside = 0, 0, [value]
    while inside := [found for found in inside if isinstance(found, Mapping | list | tuple)]:
        level += 1
        if level > OBJECT_LEVELS_MAX:
            return Quantity.of(level, "levels"), Quantity.of(OBJECT_LEVELS_MAX, "levels")
        keys += sum(len(found) for found in inside if isinstance(found, Mapping))
        if keys > OBJECT_KEYS_MAX:
            return Quantity.of(keys, "keys"), Quantity.of(OBJECT_KEYS_MAX, "keys")
        inside = [
            item
            for found in inside
            for item in (found.values() if isinstance(found, Mapping) else found)
        ]
    return None


def check_email(value: str, path: Path) -> str:
    """A deliverable-looking address and nothing around it, trimmed. Parts with more than one
    spelling, such as quoted names and comments, are refused. Raises: InvalidInput.
    """
    address = check_identifier(value.strip(), path, EMAIL_CHARACTERS_MAX)
    read = unicodedata.normalize("NFKC", address)
    if not _AROUND_ADDRESSES.isdisjoint(read):
        raise InvalidInput("email_not_plain", value, ("anna@example.com",), path=path)
    name, _, domain = read.rpartition("@")
    blanks = any(character.isspace() for character in read)
    if not name or "@" in name or "." not in domain.strip(".") or blanks:
        raise InvalidInput("email", value, path=path)
    return address


_AROUND_ADDRESSES = frozenset('"()<>[]\\,:;')
"""Characters by which RFC 5322 allows several spellings of an address."""


def email_key(address: str) -> str:
    """Form in which an address is compared: one for all spellings of a mailbox. Similar letters of
    another script stay different.
    """
    name, at, domain = _folded(address).rpartition("@")
    labels = domain.replace("\u3002", ".").rstrip(".").split(".")
    return f"{name}{at}{'.'.join(map(_shown_label, labels))}"


def _folded(text: str) -> str:
    """Without case, widths, and what nobody sees, about as Unicode's NFKC_Casefold."""
    seen = unicodedata.normalize("NFKC", text).translate(_IGNORED)
    return unicodedata.normalize("NFKC", seen.casefold())


_IGNORED = dict.fromkeys(
    (
        0x034F,
        0x115F,
        0x1160,
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    )
)
"""Invisible marks and fillers: variation selectors, the grapheme joiner and Hangul's fillers."""


def _shown_label(label: str) -> str:
    """A part of a host's name in its own letters, even if written in ASCII (RFC 3492)."""
    if not label.startswith("xn--"):
        return label
    try:
        shown = label.removeprefix("xn--").encode("ascii").decode("punycode")
        return _folded(shown.encode().decode())
    except UnicodeError:
        return label


def check_phone(value: str, path: Path) -> str:
    """E.164 of a number written with its country code. An extension is refused: without it, the
    number would belong to everybody on the same line.

    Raises: InvalidInput.
    """
    check_text(value, 64, path)
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        raise InvalidInput("phone", value, ("+86 138 0013 8000",), path=path) from None
    if number.extension or not phonenumbers.is_possible_number(number):
        raise InvalidInput("phone", value, ("+86 138 0013 8000",), path=path)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_day(day: date, path: Path) -> date:
    """A date within the years that facts can have, 1900 to 2999. Raises: InvalidInput."""
    if not EARLIEST <= day <= LATEST:
        raise InvalidInput("date_range", str(day), (f"{EARLIEST} – {LATEST}",), path=path)
    return day


def check_decimal(value: Decimal, most: Decimal, decimals: int, path: Path) -> Decimal:
    """From 0 to `most`, with so many decimals at most. Raises: InvalidInput."""
    shown = plain(value)
    if value < 0:
        raise InvalidInput("negative_amount", shown, path=path)
    if value > most:
        raise InvalidInput("amount_too_large", shown, (str(most),), path=path)
    # a zero with any exponent is a zero
    if value and -int(value.normalize(_EXACT).as_tuple().exponent) > decimals:
        raise InvalidInput("decimals", shown, (str(decimals),), path=path)
    return value


_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def check_occurred_at(instant: datetime, now: datetime, oldest_days: int, path: Path) -> None:
    """Check that a fact is at most this many days old, not in the future, and within 1900 to 2999.

    Raises: InvalidInput, EventTooOld, EventInFuture.
    """
    if instant - now > AHEAD_MAX:
        raise EventInFuture(instant, now, path=path)
    if now - instant > timedelta(days=oldest_days):
        raise EventTooOld(instant, oldest_days, path=path)
    check_day(instant.astimezone(UTC).date(), path)


def check_own(caller: Caller, instant: datetime, now: datetime, path: Path) -> None:
    """Check what members report themselves, which counts when it is recorded: they may date it back
    by at most `LATE_MINUTES_MAX`. Other callers say when it happened.

    Raises: InvalidInput.
    """
    earliest = now - timedelta(minutes=LATE_MINUTES_MAX)
    if caller.kind is CallerKind.MEMBER and instant < earliest:
        told, most = Instant.of(instant.astimezone(UTC)), Instant.of(earliest)
        raise InvalidInput("too_late_for_member", told, (most,), path=path)


def check_birthday(value: date, today: date, path: Path) -> date:
    """A day that is not in the future. Raises: InvalidInput."""
    check_day(value, path)
    if value > today:
        raise InvalidInput("birthday_in_future", str(value), path=path)
    return value


def to_number(value: object, path: Path, name: str) -> Decimal:
    """A JSON number, or one written as text, as an exact decimal. Raises: InvalidInput."""
    wanted = InvalidInput("attribute_type", name, ("decimal",), path=path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wanted
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise wanted
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        raise wanted from None
    if not number.is_finite() or number < 0 or number > 10**15 or len(str(number)) > 40:
        raise wanted
    return number


def listed(codes: Iterable[str]) -> str:
    """Accepted values in a sentence, such as `flight, hotel, train`."""
    return ", ".join(codes) or "none"
