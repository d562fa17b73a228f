"""Partners: the systems that report bookings and redeem, and the API keys they call with.

A key is `mp_<environment>_<id>_<secret>`; the secret is 256 random bits, of which only
SHA-256 is kept. A public key, `mp_<environment>_pub_<id>`, has no secret and no partner.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import models
from domain.kernel import cache
from domain.kernel.callers import Scope
from domain.kernel.database import row, rows, transact
from domain.kernel.ids import new_id
from domain.kernel.inputs import NAME_CHARACTERS_MAX, check_identifier, check_text, listed
from domain.kernel.refusals import InvalidInput, NotFound
from domain.programmes import programmes
from domain.programmes.programmes import Programme

CODE_CHARACTERS_MAX = 64
KEY_ID_BYTES = 8
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """A credential as it is checked; a public key has neither partner nor secret."""

    id: str
    programme_id: UUID
    programme: str
    partner_id: UUID | None
    environment: str
    secret_sha256: bytes | None
    scopes: frozenset[str]
    revoked: bool

    @property
    def public(self) -> bool:
        return self.secret_sha256 is None


async def find_key(key_id: str) -> PartnerKey | None:
    """The key of this id, revoked or not; remembered while changes are listened for."""
    return await cache.remember("partner_key", key_id, lambda: _load_key(key_id))


async def create(programme: Programme, code: str, name: str, now: datetime) -> UUID:
    """The partner of this code, created if there is none.

    Raises: InvalidInput.
    """
    check_identifier(code, ("code",), CODE_CHARACTERS_MAX)
    check_text(name, NAME_CHARACTERS_MAX, ("name",))

    async def work() -> UUID:
        created = await row(
            "INSERT INTO partner (id, programme_id, code, name, created_at) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (programme_id, code) DO NOTHING RETURNING id",
            new_id(),
            programme.id,
            code,
            name,
            now,
        )
        return created["id"] if created else await find_id(programme, code)

    return await transact(work)


async def find_id(programme: Programme, code: str) -> UUID:
    """Raises: NotFound."""
    found = await models.Partner.filter(programme_id=programme.id, code=code).values_list(
        "id", flat=True
    )
    if not found:
        raise NotFound("partner", code)
    return UUID(str(found[0]))


async def names(ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Code and name by partner id; one statement for all of them."""
    found = await models.Partner.filter(id__in=ids).values("id", "code", "name")
    return {partner["id"]: (partner["code"], partner["name"]) for partner in found}


async def ids(programme_id: UUID) -> dict[str, UUID]:
    """The programme's partners by code."""
    found = await rows("SELECT id, code FROM partner WHERE programme_id = $1", programme_id)
    return {partner["code"]: partner["id"] for partner in found}


async def issue_key(
    programme: Programme,
    partner_id: UUID,
    scopes: Iterable[str],
    now: datetime,
    *,
    environment: str,
    secret: str | None = None,
) -> str:
    """A new key of the partner, shown only now. The same `secret` gives the same key again,
    with the scopes of the last time.

    Raises: InvalidInput for an unknown scope.
    """
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in tuple(Scope):
            raise InvalidInput("unknown_attribute", scope, listed(Scope), path=("scopes",))
    secret = secret or secrets.token_hex(SECRET_BYTES)
    digest = hashlib.sha256(secret.encode()).digest()
    key_id = digest[:KEY_ID_BYTES].hex()
    await _insert_key(programme, key_id, partner_id, digest, wanted, now, environment)
    return f"mp_{environment}_{key_id}_{secret}"


async def issue_public_key(programme: Programme, now: datetime, *, environment: str) -> str:
    """The programme's public key, for pages shown before sign-in."""
    key_id = hashlib.sha256(f"{environment}:{programme.id}".encode()).digest()[:KEY_ID_BYTES].hex()
    await _insert_key(programme, key_id, None, None, [], now, environment)
    return f"mp_{environment}_pub_{key_id}"


async def revoke_key(programme: Programme, key_id: str, now: datetime) -> None:
    """Refuse a key from now on, in every process as soon as it hears of it; for ever.

    One that was revoked before stays as it is.

    Raises: NotFound.
    """

    async def work() -> None:
        revoked = await row(
            "UPDATE partner_key SET revoked_at = coalesce(revoked_at, $3) "
            "WHERE programme_id = $1 AND id = $2 RETURNING id",
            programme.id,
            key_id,
            now,
        )
        if revoked is None:
            raise NotFound("key", key_id, path=("key",))
        await cache.announce()

    await transact(work)
    cache.forget()


async def _insert_key(
    programme: Programme,
    key_id: str,
    partner_id: UUID | None,
    digest: bytes | None,
    scopes: list[str],
    now: datetime,
    environment: str,
) -> None:
    async def work() -> None:
        await row(
            "INSERT INTO partner_key "
            "(id, programme_id, partner_id, environment, secret_sha256, scopes, created_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) "
            "ON CONFLICT (id) DO UPDATE SET scopes = EXCLUDED.scopes RETURNING id",
            key_id,
            programme.id,
            partner_id,
            environment,
            digest,
            " ".join(scopes),
            now,
        )
        await cache.announce()

    await transact(work)
    cache.forget()


async def _load_key(key_id: str) -> PartnerKey | None:
    key = await models.PartnerKey.filter(id=key_id).first()
    if key is None:
        return None
    return PartnerKey(
        id=key.id,
        programme_id=key.programme_id,
        programme=await programmes.code_of(key.programme_id),
        partner_id=key.partner_id,
        environment=key.environment,
        secret_sha256=key.secret_sha256,
        scopes=frozenset(key.scopes.split()),
        revoked=key.revoked_at is not None,
    )
