"""The key that signs tokens in development, and whose signatures the API believes.

A programme's own sign-in service signs its members' tokens; Milepost only holds public
keys. For development a key pair is made in the home, and the command line signs with it.
"""

import hashlib
import hmac
import json
import os
import secrets
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OKPKey

from ops.errors import KeyFileError, SettingsError
from ops.settings import Settings

KEY_FILE = "development-key.json"
TOKEN_DAYS = 30
STAFF_ROLES = ("staff",)


def development_key(home: Path) -> OKPKey:
    """The Ed25519 key pair of this home, made at first use and readable by its owner alone.

    Raises: KeyFileError
    """
    path = home / KEY_FILE
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            _create(path)
        return OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, JoseError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a key"
        raise KeyFileError(f"cannot use {path}: {reason}") from None


def verification_keys(settings: Settings) -> list[dict[str, Any]]:
    """The public keys (JWK) whose tokens are believed: those configured, and the development
    key's where the settings accept it.

    Raises: KeyFileError, SettingsError
    """
    keys = settings.public_keys()
    if settings.accepts_development_keys:
        keys.append(dict(development_key(settings.home).as_dict(private=False)))
    return keys


def member_token(settings: Settings, programme: str, reference: str, now: datetime) -> str:
    """A token by which the member `reference` calls, valid for 30 days.

    Raises: KeyFileError, SettingsError
    """
    return _sign(settings, {"sub": reference, "programme": programme}, now)


def staff_token(
    settings: Settings,
    programme: str,
    name: str,
    now: datetime,
    roles: Sequence[str] = STAFF_ROLES,
) -> str:
    """A token by which the staff person `name` calls, valid for 30 days.

    Raises: KeyFileError, SettingsError
    """
    return _sign(settings, {"sub": name, "programme": programme, "roles": list(roles)}, now)


def partner_secret(settings: Settings, programme: str, partner: str) -> str:
    """The secret of a partner's development key, the same whenever this home is asked.

    Raises: KeyFileError, SettingsError
    """
    _check_development(settings)
    private = development_key(settings.home).as_dict(private=True)["d"]
    named = f"partner:{programme}:{partner}"
    return hmac.new(str(private).encode(), named.encode(), hashlib.sha256).hexdigest()


def _check_development(settings: Settings) -> None:
    if not settings.accepts_development_keys:
        raise SettingsError(
            "MILEPOST_ENVIRONMENT",
            "production does not believe tokens signed here; its sign-in service signs them",
        )


def _sign(settings: Settings, claims: Mapping[str, Any], now: datetime) -> str:
    _check_development(settings)
    key = development_key(settings.home)
    named = {"iss": settings.jwt_issuer, "aud": settings.jwt_audience}
    body = {
        **claims,
        **{name: value for name, value in named.items() if value is not None},
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=TOKEN_DAYS)).timestamp()),
    }
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # the name EdDSA
        return jwt.encode({"alg": "EdDSA", "kid": key.kid}, body, key, algorithms=["EdDSA"])


def _create(path: Path) -> None:
    """Whoever comes first makes the key; linking does not replace another's."""
    key = OKPKey.generate_key("Ed25519", private=True)
    body = {**key.as_dict(private=True), "kid": key.thumbprint()}
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(body, file)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
