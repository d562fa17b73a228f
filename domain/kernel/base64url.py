"""Base64 of URLs without padding, as JWTs have it: short, and nothing in it needs an escape."""

import base64


def encoded(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Padding may be there or not.

    Raises: ValueError
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
