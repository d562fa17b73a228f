"""The keys that secrets and personal values are kept under, by the settings."""

import hashlib
import hmac

from ops.commands.keys import development_key
from ops.settings import Settings


def keys(settings: Settings) -> list[bytes]:
    """The newest first; without a key of its own, one that the home's key makes.

    Raises: KeyFileError, SettingsError
    """
    old = settings.kept_under_before()
    return [settings.kept_under() or _of_home(settings), *([old] if old else [])]


def _of_home(settings: Settings) -> bytes:
    private = str(development_key(settings.home).as_dict(private=True)["d"])
    return hmac.new(private.encode(), b"secrets of endpoints", hashlib.sha256).digest()
