"""Secrets of endpoints, and the signatures of Standard Webhooks made with them.

A secret is shown once, as `whsec_` and base64 of 32 bytes, and kept as a JWE.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

SECRET_BYTES = 32
PREFIX = "whsec_"

_HEADER = {"alg": "dir", "enc": "A256GCM"}


class Unreadable(Exception):
    """A secret that was encrypted with another key."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its id, which is the same at each attempt, and its body."""

    id: str
    body: bytes


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether it has the form of `new_secret`."""
    try:
        found = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return False
    return text.startswith(PREFIX) and len(found) == SECRET_BYTES


def sealed(secret: str, key: bytes) -> str:
    """The secret as stored, encrypted with a key of 32 bytes."""
    return jwe.encrypt_compact(_HEADER, secret, OctKey.import_key(key))


def opened(kept: str, key: bytes) -> str:
    """Raises: Unreadable."""
    try:
        found = jwe.decrypt_compact(kept, OctKey.import_key(key)).plaintext
    except (JoseError, ValueError):
        raise Unreadable from None
    return (found or b"").decode()


def headers(message: Message, secrets_now: Sequence[str], at: datetime) -> dict[str, str]:
    """The three headers of a message, signed by each of these secrets, at a real instant."""
    stamp = str(int(at.timestamp()))
    signed = b".".join([message.id.encode(), stamp.encode(), message.body])
    return {
        "webhook-id": message.id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{_signature(one, signed)}" for one in secrets_now),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def key_of(text: str) -> bytes:
    """The key that encrypts stored secrets, from base64 of 32 bytes.

    Raises: ValueError.
    """
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        key = b""
    if len(key) != SECRET_BYTES:
        raise ValueError("not 32 bytes")
    return key
