"""The keys of seals and of roots, as the settings name them."""

import re
from typing import Protocol

from pydantic import SecretStr

from domain.kernel import sealing
from domain.kernel.sealing import DEVELOPMENT, Keys
from domain.kernel.signing import Signer
from ops import key_bytes
from ops.errors import SettingsError

SEAL_KEYS = "MILEPOST_SEAL_KEYS"
ROOT_KEY = "MILEPOST_ROOT_KEY"
ROOT_PUBLIC_KEYS = "MILEPOST_ROOT_PUBLIC_KEYS"
KEYS_MAX = 20

_WANTED = (
    "expected NAME:KEY, the newest first, separated by commas, KEY as `openssl rand -base64 32` "
    "prints it"
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
            raise SettingsError(SEAL_KEYS, f"{name} is given twice")
        named[name] = _key(name, key)
    if len(named) > KEYS_MAX:
        raise SettingsError(SEAL_KEYS, f"{len(named)} keys: {KEYS_MAX} at most")
    return Keys(named)


def _key(name: str, text: str) -> bytes:
    key = key_bytes.of(text)
    if key is None:
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
    seed = key_bytes.read(ROOT_KEY, settings.root_key)
    return None if seed is None else Signer(seed), publics(settings.root_public_keys)


def publics(text: str | None) -> tuple[bytes, ...]:
    """The public keys by which roots are believed, as `ops roots key` prints them.

    Raises: SettingsError
    """
    found = [key_bytes.of(named.strip()) for named in (text or "").split(",") if named.strip()]
    if None in found:
        raise SettingsError(
            ROOT_PUBLIC_KEYS, "expected keys as `ops roots key` prints them, separated by commas"
        )
    return tuple(key for key in found if key is not None)
