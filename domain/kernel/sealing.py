"""Seals: proofs that rows are as they were written, made with keys that no database contains.

A row's digest is SHA-256 of its canonical JSON. A seal lists the digests of all rows that one
transaction wrote for one account, names the seal before it, and is signed by a MAC. A change of a
row by anybody who cannot make that MAC is detected (`domain.proof`).
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from numbers import Real
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

import orjson

FIRST_HASH = bytes(32)
"""Hash of the previous seal in a first seal, and of the last entry where there is no entry."""

REMOVED = bytes(32)
"""Digest of a removed row."""

ID_BYTES = 16
KEY_BYTES = 32

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86_400
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def row_digest(table: str, columns: Mapping[str, Any]) -> bytes:
    """SHA-256 of the row as canonical JSON; null columns are left out, so that a new column changes
    no digest.
    """
    return hashlib.sha256(row_text(table, columns)).digest()


def row_text(table: str, columns: Mapping[str, Any]) -> bytes:
    """The hashed text of a row: `[table, {column: value}]` with sorted keys and without spaces.

    Instants are microseconds since 1970, bytes are hexadecimal, fractions are decimal text.
    """
    said = {
        name: value if (how := _said.get(value.__class__)) is None else how(value)
        for name, value in columns.items()
        if value is not None
    }
    return orjson.dumps([table, said], _default, _OPTIONS)


def _document(value: Any) -> orjson.Fragment:
    """JSON as stored: values in it have no column types."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if _FRACTION.search(text) or _LONG.search(text):
        text = orjson.dumps(_numbers(orjson.loads(text)), option=orjson.OPT_SORT_KEYS)
    return orjson.Fragment(text)


@lru_cache(maxsize=1024)
def stored(text: str) -> Any:
    """The value of a JSON column from the database's text; cached, as many rows have the same."""
    value = orjson.loads(text)
    return _document(value) if isinstance(value, dict | list) else value


_FRACTION, _LONG = re.compile(rb"[:,\[]-?\d+[.e]"), re.compile(rb"\d{19}")
"""Numbers that the database may write differently from how they were sent."""

_WHOLE_MAX = 2**63


def _numbers(value: Any) -> Any:
    """JSON whose numbers are whole and small, or decimal text, however they were written."""
    if isinstance(value, dict):
        return {name: _numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    number = Decimal(str(value))
    whole = number == number.to_integral_value() and abs(number) < _WHOLE_MAX
    return int(number) if whole else format(number.normalize(), "f")


def _default(value: Any) -> Any:
    """A JSON form for a type that JSON lacks; remembered for the next value of its class."""
    of = value.__class__
    for kind, how in _KINDS:
        if issubclass(of, kind):
            _said[of] = how
            return how(value)
    raise TypeError(f"a column cannot be sealed as {of.__name__}")


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970."""
    since = instant - _EPOCH
    return (since.days * _DAY_SECONDS + since.seconds) * 1_000_000 + since.microseconds


_KINDS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (datetime, microseconds),
    (date, str),
    (UUID, str),
    (bytes, bytes.hex),
    (memoryview, memoryview.hex),
    (Decimal, lambda value: format(value.normalize(), "f")),
)
_said: dict[type, Callable[[Any], Any]] = {dict: _document, list: _document}


class SealedRow(NamedTuple):
    """A row that a seal names: the number of its table, its id, and its digest."""

    number: int
    id: bytes
    digest: bytes


_ROW = Struct(f"B{ID_BYTES}s32s")
ROW_BYTES = _ROW.size


def row_id(named: UUID | str) -> bytes:
    """The id of a row in 16 bytes: for a longer id, the beginning of its SHA-256."""
    if isinstance(named, UUID):
        return named.bytes
    return hashlib.sha256(named.encode()).digest()[:ID_BYTES]


def packed(rows: Iterable[SealedRow]) -> bytes:
    """The rows of a seal in their order, each in `ROW_BYTES` bytes."""
    return b"".join(number.to_bytes(1) + row_id + digest for number, row_id, digest in sorted(rows))


def unpacked(rows: bytes) -> list[SealedRow]:
    """The rows that a seal names.

    Raises: ValueError where it is not a whole number of rows.
    """
    if len(rows) % ROW_BYTES:
        raise ValueError(f"{len(rows)} bytes are no whole number of rows of {ROW_BYTES}")
    return [SealedRow._make(one) for one in _ROW.iter_unpack(rows)]


class Head(NamedTuple):
    """The last seal of an account; number 0 where there is none yet."""

    number: int = 0
    hash: bytes = FIRST_HASH


UNSEALED = Head()
"""Head of an account without seals."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Content of a seal besides its place: when it was made, the account's last entry, its rows."""

    recorded_at: datetime
    sequence: int
    last_hash: bytes
    rows: bytes


def seal_hash(member_id: UUID, before: Head, sealed: Sealed) -> bytes:
    """SHA-256 of the whole content of a seal and of the hash of the one before it."""
    numbers = (before.number + 1, microseconds(sealed.recorded_at), sealed.sequence)
    said = b"".join(
        (
            before.hash,
            member_id.bytes,
            *(number.to_bytes(8, signed=number < 0) for number in numbers),
            sealed.last_hash,
            sealed.rows,
        )
    )
    return hashlib.sha256(said).digest()


@dataclass(frozen=True)
class Keys:
    """Keys of seals by name; the first makes new seals, each verifies those that it made."""

    named: Mapping[str, bytes]

    @property
    def current(self) -> str:
        return next(iter(self.named))

    @property
    def are_public(self) -> bool:
        """Whether the keys are publicly known, so that a MAC proves nothing."""
        return DEVELOPMENT in self.named

    def mac(self, key: str, digest: bytes) -> bytes:
        """HMAC-SHA-256 of a hash under the key of this name.

        Raises: KeyError for a name that is not there.
        """
        return hmac.digest(self.named[key], digest, "sha256")

    def has_signed(self, key: str, digest: bytes, mac: bytes) -> bool:
        """Whether the key of this name made the MAC. True for an unknown key where only the public
        development key is known; the caller then reports the seal as unchecked.
        """
        if key not in self.named:
            return self.are_public
        return hmac.compare_digest(self.mac(key, digest), mac)


DEVELOPMENT = "development"
"""Name of the public development key: it reveals mistakes, but stops no attacker."""

DEVELOPMENT_KEYS = Keys({DEVELOPMENT: hashlib.sha256(b"milepost development seals").digest()})

_keys = DEVELOPMENT_KEYS


def use(keys: Keys) -> None:
    """Seal with these keys from now on, in the whole process."""
    global _keys  # noqa: PLW0603 - it is the state of the process
    _keys = keys


def keys() -> Keys:
    """The keys of this process."""
    return _keys
