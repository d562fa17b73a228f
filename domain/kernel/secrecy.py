"""Stored personal values: encrypted, and looked up by a keyed digest.

The keys belong to the process, as its database does, and are given at its start. While there are
two, new values are encrypted under the first, and values under the other are still read and found.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from functools import cache

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from domain.kernel.base64url import encoded

KEY_BYTES = 32
Keys = Sequence[bytes]
"""Keys of 32 bytes, the newest first."""


class Unreadable(Exception):
    """A value was encrypted under a key that is no longer available."""


_OWN: Keys = (secrets.token_bytes(KEY_BYTES),)


def _own() -> Keys:
    return _OWN


_said: Callable[[], Keys] = _own


def keep_under(keys: Callable[[], Keys]) -> None:
    """Set this process's keys; they are fetched when first needed.

    Without any, the process makes one of its own, and values under that are lost with it.
    """
    global _said  # noqa: PLW0603 - it is the state of the process
    _said = cache(keys)


def concealed(text: str) -> str:
    """The text encrypted, as a JWE under the newest key."""
    key = _said()[0]
    return jwe.encrypt_compact(_header(key), text.encode(), OctKey.import_key(key))


def revealed(kept: str) -> str:
    """Raises: Unreadable."""
    for key in _said():
        if kept.startswith(_beginning(key)):
            try:
                found = jwe.decrypt_compact(kept, OctKey.import_key(key)).plaintext
            except (JoseError, ValueError):
                break
            return (found or b"").decode()
    raise Unreadable


def is_concealed(kept: str) -> bool:
    """Whether the value is encrypted under any key; values older than the keys are not."""
    return kept.startswith(_JWE)


def shown(kept: str | None) -> str | None:
    """The decrypted value; None where the value or its key is gone."""
    if kept is None or not is_concealed(kept):
        return kept
    try:
        return revealed(kept)
    except Unreadable:
        return None


def is_one_key() -> bool:
    """Whether one key is in use, so that values under earlier keys are no longer read or found."""
    return len(_said()) == 1


def current_beginning() -> str:
    """The beginning of every value that is encrypted under the newest key, and of no other."""
    return _beginning(_said()[0])


def digests(purpose: str, value: str) -> list[bytes]:
    """The digests under which a value that is only compared may be stored: one for each key, newest
    first.
    """
    said = f"{purpose}\x00{value}".encode()
    return [hmac.new(key, said, hashlib.sha256).digest() for key in _said()]


@cache
def _header(key: bytes) -> dict[str, str]:
    return {
        "alg": "dir",
        "enc": "A256GCM",
        "kid": hmac.new(key, b"name of the key", hashlib.sha256).hexdigest()[:8],
    }


BEGINNING_CHARACTERS = 63
"""Length of the beginning that names the key; indexes use it."""

_JWE = "eyJhbGciOiJkaXIi"
"""Beginning of the header of every JWE that is made here."""


@cache
def _beginning(key: bytes) -> str:
    return encoded(orjson.dumps(_header(key))) + "."
