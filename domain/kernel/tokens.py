"""Signed tokens: a few bytes that only this installation can have made, as text for a URL."""

import hashlib
import hmac

from domain.kernel.base64url import decoded, encoded

MAC_BYTES = 16


def own_key(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, derived from the installation's key, so that a signature for one
    purpose is valid for no other.
    """
    return hmac.new(key, purpose.encode(), hashlib.sha256).digest()


def sign(own: bytes, said: bytes) -> str:
    """The content and its HMAC-SHA-256, cut to `MAC_BYTES`, in URL-safe base64."""
    return encoded(said + _mac(own, said))


def read(own: bytes, token: str, least: int) -> bytes | None:
    """The content of a token, `least` bytes or more; None for one that this key did not sign."""
    try:
        found = decoded(token)
    except ValueError:
        return None
    said, mac = found[:-MAC_BYTES], found[-MAC_BYTES:]
    return said if len(said) >= least and hmac.compare_digest(mac, _mac(own, said)) else None


def _mac(own: bytes, said: bytes) -> bytes:
    return hmac.new(own, said, hashlib.sha256).digest()[:MAC_BYTES]
