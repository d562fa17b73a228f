"""Signed tokens (JWT), their permitted signers by programme, and these signers' public keys.

Keys are configured, or fetched from a JWKS address and fetched again when a token names a key
that is not known yet. Only Ed25519 and RSA keys are believed, whatever else the set contains.
"""

import asyncio
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import structlog
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import OKPKey, RSAKey

from domain.kernel.callers import Role
from domain.kernel.revocations import TOKEN_DAYS_MAX

ALGORITHMS = {"OKP": ("EdDSA", "Ed25519"), "RSA": ("RS256",)}
RSA_BITS_MIN = 2048
LEEWAY_SECONDS = 30
DAY_SECONDS = 86_400
UNKNOWN_SIGNATURE = "The token is not signed by a key that this programme believes."
JWKS_BYTES_MAX = 1_000_000
JWKS_FETCH_SECONDS = 5.0
JWKS_FRESH_SECONDS = 600.0
JWKS_RETRY_SECONDS = 10.0
"""The least time between two fetches, however many unknown key ids are presented."""

Claims = Mapping[str, Any]
PublicKey = OKPKey | RSAKey


class TokenError(Exception):
    """Why a token is refused, in words that its bearer may read."""


class UnknownSignature(TokenError):
    """No key of this signer has signed it."""


@dataclass(frozen=True, slots=True)
class StaffClaim:
    """The claim that identifies staff: it is `value`, or a list with `value` in it, which also
    names the roles of that person.

    A dotted name leads into objects, as `realm_access.roles`, unless a claim has the whole name.
    `true` also matches the JSON value.
    """

    name: str = "roles"
    value: str = "staff"

    def roles(self, claims: Claims) -> frozenset[Role] | None:
        """The roles of a person of staff; None for anybody else. All staff are viewers; other names
        in the list are ignored.
        """
        found = claims.get(self.name, _inside(claims, self.name))
        if isinstance(found, bool):
            found = str(found).lower()
        named = found if isinstance(found, list) else [found]
        if self.value not in named:
            return None
        return frozenset({Role.VIEWER, *(role for role in Role if role.value in named)})


ROLES = StaffClaim()


@dataclass(frozen=True, slots=True)
class Signer:
    """A trusted sign-in service: its public keys (JWK), its JWKS address, or both, and its
    programmes; None means any.

    If `issuer` or `audience` is given, a token must name it. Without `staff` it identifies no
    staff; without `members` it identifies no members, whatever its subject.
    """

    public_keys: Sequence[Mapping[str, Any]] = ()
    jwks_url: str | None = None
    issuer: str | None = None
    audience: str | None = None
    programmes: frozenset[str] | None = None
    staff: StaffClaim | None = ROLES
    members: bool = True

    def signs_for(self, programme: object) -> bool:
        if self.programmes is None:
            return True
        return isinstance(programme, str) and programme in self.programmes

    def claims_registry(self) -> jwt.JWTClaimsRegistry:
        required: dict[str, Any] = {name: {"essential": True} for name in ("exp", "iat", "sub")}
        if self.issuer is not None:
            required["iss"] = {"essential": True, "value": self.issuer}
        if self.audience is not None:
            required["aud"] = {"essential": True, "value": self.audience}
        return jwt.JWTClaimsRegistry(leeway=LEEWAY_SECONDS, **required)


@dataclass(frozen=True, slots=True)
class Verified:
    """The content of a token from a trusted signer, and the roles of its bearer; None if it is not
    staff.
    """

    claims: Claims
    roles: frozenset[Role] | None


@dataclass(slots=True)
class KeyRings:
    """All signers. A token is verified only by those that sign for the programme it names."""

    signers: Sequence[Signer]
    rings: list["KeyRing"] = field(init=False)

    def __post_init__(self) -> None:
        self.rings = [KeyRing(signer) for signer in self.signers]

    async def verify(self, token: str) -> Verified:
        """
        Raises: TokenError
        """
        programme = _claimed_programme(token)
        refused: TokenError = UnknownSignature(UNKNOWN_SIGNATURE)
        for ring in self.rings:
            if not ring.signer.signs_for(programme):
                continue
            try:
                claims = await ring.verify(token)
            except UnknownSignature:
                continue
            except TokenError as error:
                refused = error
                continue
            claim = ring.signer.staff
            roles = None if claim is None else claim.roles(claims)
            if roles is not None or ring.signer.members:
                return Verified(claims, roles)
            refused = TokenError("The token does not say that its bearer is staff.")
        raise refused


@dataclass(slots=True)
class KeyRing:
    """The believed keys, and the fetched ones among them kept fresh."""

    signer: Signer
    configured: list[PublicKey] = field(init=False)
    fetched: list[PublicKey] = field(default_factory=list)
    fetched_at: float = float("-inf")
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.configured = believable(self.signer.public_keys)

    async def verify(self, token: str) -> Claims:
        """The claims of a token that is well signed and in its time.

        Raises: TokenError
        """
        for key in await self._candidates(_extracted(token).headers().get("kid")):
            try:
                claims = _decode(token, key)
            except (JoseError, ValueError):
                continue
            if self.signer.signs_for(claims.get("programme")):
                return self._in_its_time(claims)
        raise UnknownSignature(UNKNOWN_SIGNATURE)

    def _in_its_time(self, claims: Claims) -> Claims:
        try:
            self.signer.claims_registry().validate(dict(claims))
        except ExpiredTokenError:
            raise TokenError("The token has expired.") from None
        except JoseError as error:
            raise TokenError(f"The token's claims are refused: {error.description}.") from None
        if claims["exp"] - claims["iat"] > TOKEN_DAYS_MAX * DAY_SECONDS:
            raise TokenError(f"The token is valid for more than {TOKEN_DAYS_MAX} days.")
        return claims

    async def _candidates(self, kid: object) -> list[PublicKey]:
        known = self._named(kid)
        stale = monotonic() - self.fetched_at > JWKS_FRESH_SECONDS
        if self.signer.jwks_url is not None and (stale or not known):
            await self._fetch(self.signer.jwks_url)
            known = self._named(kid)
        return known

    def _named(self, kid: object) -> list[PublicKey]:
        believed = [*self.configured, *self.fetched]
        return believed if kid is None else [key for key in believed if key.kid in (kid, None)]

    async def _fetch(self, url: str) -> None:
        async with self.fetching:
            if monotonic() - self.fetched_at < JWKS_RETRY_SECONDS:
                return
            self.fetched_at = monotonic()
            try:
                self.fetched = believable(await asyncio.to_thread(_read_jwks, url))
            except (URLError, TimeoutError, OSError, ValueError) as error:
                structlog.get_logger().warning("jwks_unavailable", error=type(error).__name__)


def believable(jwks: Sequence[Mapping[str, Any]]) -> list[PublicKey]:
    """The Ed25519 and strong RSA keys of a set; one odd key in it spoils nothing."""
    keys: list[PublicKey] = []
    for jwk in jwks:
        if jwk.get("use", "sig") != "sig":
            continue
        try:
            if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
                keys.append(OKPKey.import_key(_public_part(jwk)))
            elif jwk.get("kty") == "RSA":
                with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # weak
                    key = RSAKey.import_key(_public_part(jwk))
                if key.public_key.key_size >= RSA_BITS_MIN:
                    keys.append(key)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            structlog.get_logger().warning("jwk_refused", error=type(error).__name__)
    return keys


def _extracted(token: str) -> jws.CompactSignature:
    try:
        return jws.extract_compact(token.encode())
    except (JoseError, ValueError):
        raise TokenError("This is not a token.") from None


def _claimed_programme(token: str) -> object:
    """The token's programme before verification: it only selects the signer."""
    try:
        claims = json.loads(_extracted(token).payload)
    except (ValueError, RecursionError):
        raise TokenError("This is not a token.") from None
    return claims.get("programme") if isinstance(claims, dict) else None


def _inside(claims: Claims, path: str) -> object:
    found: object = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _public_part(jwk: Mapping[str, Any]) -> dict[str, Any]:
    return {name: jwk[name] for name in ("kty", "crv", "x", "n", "e", "kid") if name in jwk}


def _decode(token: str, key: PublicKey) -> Claims:
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # the name EdDSA
        return jwt.decode(token, key, algorithms=ALGORITHMS[key.key_type]).claims


def _read_jwks(url: str) -> list[Mapping[str, Any]]:
    with urlopen(url, timeout=JWKS_FETCH_SECONDS) as response:  # noqa: S310 - configured, not sent
        document = json.loads(response.read(JWKS_BYTES_MAX))
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValueError("not a JWKS document")
    return [key for key in keys if isinstance(key, dict)]
