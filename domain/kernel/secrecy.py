"""Personal values as they are kept: encrypted, and looked up by a keyed digest.

The keys are the process's, as its database is: whoever starts it says which they are. While there
are two, what is new is kept under the first, and what was kept under the other is still read and
found.
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
    """A value that was kept under a key that is not there any more."""


_OWN: Keys = (secrets.token_bytes(KEY_BYTES),)
_said: Callable[[], Keys] = lambda: _OWN  # noqa: E731 - replaced by `keep_under`


def keep_under(keys: Callable[[], Keys]) -> None:
    """Say which keys are this process's; they are asked for when one is needed first.

    Without any the process has one of its own, and what is kept under that is gone with it.
    """
    global _said  # noqa: PLW0603
    _said = cache(keys)


def concealed(text: str) -> str:
    """The text as it is kept, a JWE under the newest key."""
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
    """Whether it is kept under any key: what was written before there were keys is not."""
    return kept.startswith(_JWE)


def shown(kept: str | None) -> str | None:
    """What is shown of a value: nothing where it is gone, or its key is."""
    if kept is None or not is_concealed(kept):
        return kept
    try:
        return revealed(kept)
    except Unreadable:
        return None


def is_one_key() -> bool:
    """Whether nothing is read or found any more that was kept under a key before."""
    return len(_said()) == 1


def current_beginning() -> str:
    """What all begins with that is kept under the newest key, and nothing else."""
    return _beginning(_said()[0])


def digests(purpose: str, value: str) -> list[bytes]:
    """What a value may be kept as where it is only compared: its digest under each key, the newest
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
"""How long the beginning is that names the key; indexes are of it."""

_JWE = "eyJhbGciOiJkaXIi"
"""The beginning of the header of every JWE that is made here."""


@cache
def _beginning(key: bytes) -> str:
    return encoded(orjson.dumps(_header(key))) + "."
