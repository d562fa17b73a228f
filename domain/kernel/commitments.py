"""Commitments: what a row that stays says of a text that somebody typed.

The row has `sha256:` and the SHA-256 of 16 random bytes before the text, in URL-safe base64 without
padding. The text itself stands apart, where it can go; who has neither it nor the random bytes
learns nothing from the rest.
"""

import hashlib
import secrets

from domain.kernel.base64url import encoded

PREFIX = "sha256:"
SALT_BYTES = 16


def commitment(text: str, salt: bytes) -> str:
    """What stands for the text where rows are kept for ever."""
    made = hashlib.sha256(salt + text.encode()).digest()
    return PREFIX + encoded(made)


class Committed(str):
    """A commitment, which is what is written, and hashed, in place of the text that it is to."""

    __slots__ = ("salt", "text")

    salt: bytes
    text: str

    @classmethod
    def to(cls, text: str, salt: bytes | None = None) -> "Committed":
        """A commitment to the text, by new random bytes."""
        chosen = salt or secrets.token_bytes(SALT_BYTES)
        made = cls(commitment(text, chosen))
        made.text, made.salt = text, chosen
        return made


def committed(text: str | None) -> Committed | None:
    """A commitment to the text, where there is one."""
    return None if text is None else Committed.to(text)
