"""Base64 of URLs without padding, as JWTs have it: short, and nothing in it needs an escape."""

import base64
from binascii import b2a_base64

OF_URLS = bytes.maketrans(b"+/", b"-_")
PADDING = b"="


def encoded(said: bytes) -> str:
    # some hundred times an answer: what `base64.urlsafe_b64encode` does, without its calls
    return b2a_base64(said, newline=False).translate(OF_URLS).rstrip(PADDING).decode()


def decoded(text: str) -> bytes:
    """Padding may be there or not.

    Raises: ValueError
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
