"""The keys of seals, as the settings name them."""

import base64
import binascii
import re

from domain.kernel import sealing
from domain.kernel.sealing import DEVELOPMENT, KEY_BYTES, Keys
from ops.errors import SettingsError

SEAL_KEYS = "MILEPOST_SEAL_KEYS"
KEYS_MAX = 20

_WANTED = (
    "expected NAME:KEY, the newest first, as 2027:… of `openssl rand -base64 32`, commas between"
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


def read(text: str) -> Keys:
    """The keys by name, in their order.

    Raises: SettingsError
    """
    named: dict[str, bytes] = {}
    for number, entry in enumerate(text.split(","), start=1):
        name, _, key = entry.strip().partition(":")
        if not _NAME.fullmatch(name) or name == DEVELOPMENT:
            raise SettingsError(SEAL_KEYS, f"key {number}: {_WANTED}")
        if name in named:
            raise SettingsError(SEAL_KEYS, f"{name} is there twice")
        named[name] = _key(name, key)
    if len(named) > KEYS_MAX:
        raise SettingsError(SEAL_KEYS, f"{len(named)} keys: {KEYS_MAX} at the most")
    return Keys(named)


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(SEAL_KEYS, f"{name}: {_WANTED}")
    return key


def keys(text: str | None, *, production: bool) -> Keys:
    """Those that are set, or the one that everybody knows, which production refuses.

    Raises: SettingsError
    """
    if text is not None:
        return read(text)
    if production:
        raise SettingsError(SEAL_KEYS, f"production needs one: {_WANTED}")
    return sealing.DEVELOPMENT_KEYS
