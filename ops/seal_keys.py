"""The keys of seals and of roots, as the settings name them."""

import base64
import binascii
import re
from typing import Protocol

from pydantic import SecretStr

from domain.kernel import sealing, signing
from domain.kernel.sealing import DEVELOPMENT, KEY_BYTES, Keys
from domain.kernel.signing import Signer
from ops.errors import SettingsError

SEAL_KEYS = "MILEPOST_SEAL_KEYS"
ROOT_KEY = "MILEPOST_ROOT_KEY"
ROOT_PUBLIC_KEYS = "MILEPOST_ROOT_PUBLIC_KEYS"
KEYS_MAX = 20

_WANTED = (
    "expected NAME:KEY, the newest first, as 2027:… of `openssl rand -base64 32`, commas between"
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


class Keyed(Protocol):
    """The settings that name keys."""

    @property
    def production(self) -> bool: ...
    @property
    def seal_keys(self) -> SecretStr | None: ...
    @property
    def root_key(self) -> SecretStr | None: ...
    @property
    def root_public_keys(self) -> str | None: ...


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


def of(settings: Keyed) -> Keys:
    """The keys of seals that are set, or the one that everybody knows, which production refuses.

    Raises: SettingsError
    """
    if settings.seal_keys is not None:
        return read(settings.seal_keys.get_secret_value())
    if settings.production:
        raise SettingsError(SEAL_KEYS, f"production needs one: {_WANTED}")
    return sealing.DEVELOPMENT_KEYS


def of_roots(settings: Keyed) -> tuple[Signer | None, tuple[bytes, ...]]:
    """The key that signs the roots of days, where one is set, and public ones that are believed.

    Raises: SettingsError
    """
    own = settings.root_key.get_secret_value() if settings.root_key else None
    return signer(own), publics(settings.root_public_keys)


def signer(text: str | None) -> Signer | None:
    """The key that signs roots; None where none is set.

    Raises: SettingsError
    """
    if text is None:
        return None
    try:
        seed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        seed = b""
    if len(seed) != signing.KEY_BYTES:
        raise SettingsError(
            ROOT_KEY, "expected base64 of 32 random bytes, as `openssl rand -base64 32` says"
        )
    return Signer(seed)


def publics(text: str | None) -> tuple[bytes, ...]:
    """The public keys by which roots are believed, as `ops roots key` prints them.

    Raises: SettingsError
    """
    found = []
    for named in (text or "").split(","):
        try:
            key = signing.decoded(named.strip())
        except ValueError:
            key = b""
        if named.strip() and len(key) != signing.KEY_BYTES:
            raise SettingsError(
                ROOT_PUBLIC_KEYS, "expected keys as `ops roots key` prints them, commas between"
            )
        found += [key] if named.strip() else []
    return tuple(found)
