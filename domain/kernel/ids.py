"""UUIDv7 ids, made in the application so that rows of one member lie together in time."""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["earlier", "id_of", "new_code", "new_id", "next_id"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and letters that cannot be mistaken for one another when read aloud or typed."""


def new_id() -> UUID:
    return uuid7()


def next_id(last: UUID | None) -> UUID:
    """A new id greater than `last`, the last one of an ordered series, even if that one's maker had
    a clock ahead of ours. The caller holds the lock under which the series grows.
    """
    made = new_id()
    return made if last is None or made > last else UUID(int=last.int + 1)


def earlier(made: UUID, by: timedelta) -> UUID:
    """A lower bound for every id made at most this long before the given one."""
    return UUID(int=max(0, (made.int >> 80) - by // timedelta(milliseconds=1)) << 80)


def id_of(at: datetime, *what: object) -> UUID:
    """The id of something computed: a UUIDv7 of that instant, the same each time it is made.

    74 bits of the digest of `what` replace the random bits.
    """
    digest = int.from_bytes(sha256(":".join(map(str, what)).encode()).digest())
    milliseconds = max(0, (at - _EPOCH) // timedelta(milliseconds=1))
    high = milliseconds << 80 | 0x7 << 76 | (digest >> 62 & 0xFFF) << 64
    return UUID(int=high | 0b10 << 62 | digest & (1 << 62) - 1)


def new_code(length: int) -> str:
    """A random code that cannot be guessed: five bits a character."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))
