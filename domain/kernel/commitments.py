"""Commitments: what a permanent row contains in place of a text that a person typed.

The row has `sha256:` and the SHA-256 of 16 random bytes followed by the text, in URL-safe base64
without padding. The text itself is kept apart, where it can be erased; without it and the random
bytes, the rest reveals nothing.
"""

import hashlib
import secrets

from domain.kernel.base64url import encoded

PREFIX = "sha256:"
SALT_BYTES = 16


def commitment(text: str, salt: bytes) -> str:
    """The commitment that replaces the text in permanent rows."""
    made = hashlib.sha256(salt + text.encode()).digest()
    return PREFIX + encoded(made)


class Committed(str):
    """A commitment with its text; the commitment is written and hashed in place of the text."""

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
