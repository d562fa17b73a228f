"""The key that signs tokens in development, and the signers that the API trusts.

A programme's own sign-in service signs its members' tokens; Milepost only holds public
keys. For development a key pair is made in the home, and the command line signs with it.
"""

import hashlib
import hmac
import json
import os
import secrets
import warnings
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OKPKey

from api.edge.tokens import Signer, StaffClaim
from domain.kernel.callers import EVERY_ROLE, Role
from ops.errors import KeyFileError, SettingsError
from ops.settings import Settings
from ops.trust import Trust

KEY_FILE = "development-key.json"
TOKEN_DAYS = 30
DEVELOPMENT_ISSUER = "milepost-development"
AUDIENCE = "milepost"
"""Audience of a token signed here, unless the settings name another."""


def development_key(home: Path) -> OKPKey:
    """The Ed25519 key pair of this home, made at first use and readable only by its owner.

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


def signers(settings: Settings) -> list[Signer]:
    """The trusted signers: the configured services, and, if the settings accept it, the development
    key, which signs for any programme.

    Raises: KeyFileError, SettingsError
    """
    configured = [_signer(service) for service in settings.trusted()]
    return configured + (
        [_development_signer(settings)] if settings.accepts_development_keys else []
    )


def _signer(service: Trust) -> Signer:
    named = service.programmes
    return Signer(
        public_keys=service.keys,
        jwks_url=service.jwks_url,
        issuer=service.issuer,
        audience=service.audience,
        programmes=None if named is None else frozenset(named),
        staff=StaffClaim(service.staff_claim, service.staff_value) if service.staff_claim else None,
        members=service.members,
    )


def _development_signer(settings: Settings) -> Signer:
    issuer, audience = _development_names(settings)
    asked = settings.production
    return Signer(
        public_keys=[development_key(settings.home).as_dict(private=False)],
        issuer=issuer if asked else settings.jwt_issuer,
        audience=audience if asked else settings.jwt_audience,
        staff=StaffClaim(settings.staff_claim, settings.staff_value),
    )


def _development_names(settings: Settings) -> tuple[str, str]:
    return settings.jwt_issuer or DEVELOPMENT_ISSUER, settings.jwt_audience or AUDIENCE


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
    *,
    roles: Collection[Role] = EVERY_ROLE,
) -> str:
    """A token by which the staff person `name` calls with these roles, valid for 30 days.

    Raises: KeyFileError, SettingsError
    """
    named = [settings.staff_value, *(role.value for role in Role if role in roles)]
    claims = {"sub": name, "programme": programme, settings.staff_claim: named}
    return _sign(settings, claims, now)


def partner_secret(settings: Settings, programme: str, partner: str, ended: int) -> str:
    """The secret of a partner's development key, always the same for this home and this number of
    ended ones.

    Raises: KeyFileError, SettingsError
    """
    _check_development(settings)
    private = development_key(settings.home).as_dict(private=True)["d"]
    named = f"partner:{programme}:{partner}" + (f":{ended}" if ended else "")
    return hmac.new(str(private).encode(), named.encode(), hashlib.sha256).hexdigest()


def _check_development(settings: Settings) -> None:
    if not settings.accepts_development_keys:
        raise SettingsError(
            "MILEPOST_ENVIRONMENT",
            "production does not accept tokens signed here; its sign-in service signs them",
        )


def _sign(settings: Settings, claims: Mapping[str, Any], now: datetime) -> str:
    _check_development(settings)
    key = development_key(settings.home)
    issuer, audience = _development_names(settings)
    body = {
        **claims,
        "iss": issuer,
        "aud": audience,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=TOKEN_DAYS)).timestamp()),
    }
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # the name EdDSA
        return jwt.encode({"alg": "EdDSA", "kid": key.kid}, body, key, algorithms=["EdDSA"])


def _create(path: Path) -> None:
    """Make the key; of concurrent processes the first one does, as linking does not replace an
    existing file.
    """
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
