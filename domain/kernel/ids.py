"""UUIDv7 ids, made in the application so that rows of one member lie together in time."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["new_code", "new_id"]

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and letters that cannot be mistaken for one another when read aloud or typed."""


def new_id() -> UUID:
    return uuid7()


def new_code(length: int) -> str:
    """A random code that cannot be guessed: five bits a character."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))
