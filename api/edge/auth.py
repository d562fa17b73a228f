"""Authentication: a bearer token becomes a `Caller`, or the request is refused.

A token is a member's or a staff person's signed JWT, a partner's secret key
`mp_<environment>_<id>_<secret>`, or a public key `mp_<environment>_pub_<id>`. A caller that was
seen before costs no statement: signatures are remembered here, everything else in the domain.
"""

import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic, time
from typing import Any, TypeGuard

from api.edge.tokens import LEEWAY_SECONDS, KeyRings, Signer, TokenError, Verified
from api.kit.request_errors import RequestError, RequestErrorCode
from domain.kernel import revocations
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.revocations import TokenKind
from domain.members import identity
from domain.partners import key_uses, partner_keys
from domain.partners.partner_keys import KEY_PREFIX, PUBLIC_MARK
from domain.programmes import programmes

KEY_ID = re.compile(r"[0-9A-Za-z]{1,32}")
NAME_LENGTH_MAX = 128

VERIFIED = {"email": "email", "phone": "phone_number"}
"""By kind of contact, its claims in OpenID Connect: the value, and whether it is verified."""
TOKEN_LENGTH_MAX = 8192
EXPIRY_MAX = 2**40
WARM_MAX = 10_000
WARM_SECONDS = 60.0
"""Seconds that a verified signature is accepted without another check."""


@dataclass(slots=True)
class Authenticator:
    signers: Sequence[Signer]
    environment: str
    rings: KeyRings = field(init=False)
    warm: OrderedDict[bytes, tuple[Verified, float]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.rings = KeyRings(self.signers)

    async def __call__(self, authorization: str | None) -> Caller | None:
        """The caller that an Authorization header identifies; without one, None.

        Raises: RequestError UNAUTHENTICATED
        """
        if authorization is None:
            return None
        scheme, _, token = authorization.strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_LENGTH_MAX:
            raise unauthenticated("Send a token as `Authorization: Bearer <token>`.")
        if token.startswith(KEY_PREFIX):
            return await _key_holder(token, self.environment)
        return await _token_bearer(await self._verified(token))

    async def _verified(self, token: str) -> Verified:
        digest = sha256(token.encode()).digest()
        if digest in self.warm:
            verified, until = self.warm[digest]
            if monotonic() < until:
                self.warm.move_to_end(digest)
                return verified
        try:
            verified = await self.rings.verify(token)
        except TokenError as error:
            raise unauthenticated(str(error)) from None
        lives_seconds = min(verified.claims["exp"], EXPIRY_MAX) + LEEWAY_SECONDS - time()
        self.warm[digest] = (verified, monotonic() + min(lives_seconds, WARM_SECONDS))
        self.warm.move_to_end(digest)
        if len(self.warm) > WARM_MAX:
            self.warm.popitem(last=False)
        return verified


async def _key_holder(token: str, environment: str) -> Caller:
    _, named, name, rest = (token.split("_", 3) + [""] * 4)[:4]
    if named != environment:
        raise unauthenticated(f"This is not a key of the environment {environment}.")
    public = name == PUBLIC_MARK
    key_id = rest if public else name
    known = await partner_keys.find(key_id) if KEY_ID.fullmatch(key_id) else None
    key, now = known.key if known else None, datetime.now(UTC)
    if (
        known is None
        or key is None
        or not key.accepted(now)
        or key.environment != environment
        or key.public is not public
        or not (public or _same_secret(rest, key.secret_sha256))
    ):
        raise unauthenticated("This key is unknown, expired or revoked.")
    key_uses.note(key, now.date())
    if public:
        return Caller(CallerKind.PUBLIC, key.programme_id, known.programme, key.id)
    return Caller(
        kind=CallerKind.PARTNER,
        programme_id=key.programme_id,
        programme=known.programme,
        identity=str(key.partner_id),
        scopes=key.scopes,
        partner_id=key.partner_id,
        key_id=key.id,
    )


async def _token_bearer(verified: Verified) -> Caller:
    subject, code = verified.claims["sub"], verified.claims.get("programme")
    if not _is_name(subject):
        raise unauthenticated("The token's subject is not a reference.")
    programme = await programmes.find(code) if _is_name(code) else None
    if programme is None:
        raise unauthenticated("The token names no programme that is served here.")
    kind = TokenKind.MEMBER if verified.roles is None else TokenKind.STAFF
    issued_at, now = int(verified.claims["iat"]), datetime.now(UTC)
    if await revocations.ended(programme.id, kind, subject, issued_at, now):
        raise unauthenticated("Sessions of the token's subject were ended; sign in again.")
    valid_until = int(min(verified.claims["exp"], EXPIRY_MAX))
    if verified.roles is not None:
        return Caller(
            kind=CallerKind.STAFF,
            programme_id=programme.id,
            programme=programme.code,
            identity=subject,
            roles=verified.roles,
            valid_until=valid_until,
        )
    return Caller(
        kind=CallerKind.MEMBER,
        programme_id=programme.id,
        programme=programme.code,
        identity=subject,
        member_id=await identity.find_id(programme.id, subject),
        valid_until=valid_until,
        contacts=_verified_contacts(verified.claims),
    )


def _verified_contacts(claims: Mapping[str, Any]) -> dict[str, str]:
    """The contacts that the issuer says it has verified, by the kinds of OpenID Connect."""
    return {
        kind: claims[claim]
        for kind, claim in VERIFIED.items()
        if claims.get(f"{claim}_verified") is True and isinstance(claims.get(claim), str)
    }


def _is_name(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= NAME_LENGTH_MAX


def _same_secret(presented: str, secret_sha256: bytes | None) -> bool:
    digest = sha256(presented.encode()).digest()
    return secret_sha256 is not None and hmac.compare_digest(digest, secret_sha256)


def unauthenticated(message: str, *, token_given: bool = True) -> RequestError:
    error = ', error="invalid_token"' if token_given else ""
    challenge = f'Bearer realm="milepost"{error}'
    return RequestError(
        RequestErrorCode.UNAUTHENTICATED, message, headers={"WWW-Authenticate": challenge}
    )
