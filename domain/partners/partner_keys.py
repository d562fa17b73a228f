"""The keys that partners call with: made, found, listed.

A key is `mp_<environment>_<id>_<secret>`; the secret is 256 random bits, of which only the SHA-256
is stored. A public key, `mp_<environment>_pub_<id>`, has no secret and no partner. Its instants are
real ones, whatever a programme's clock says.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import audit, cache, dates
from domain.kernel.callers import Caller, Role, Scope
from domain.kernel.database import Row, row, rows
from domain.kernel.inputs import NAME_CHARACTERS_MAX, Path, check_day, check_text
from domain.kernel.pages import beyond
from domain.kernel.refusals import Instant, InvalidInput
from domain.partners import partners
from domain.partners.refusals import PartnerKeyState
from domain.programmes import programmes
from domain.programmes.programmes import Programme

KEY_ID_BYTES = 8
SECRET_BYTES = 32
KEY_PREFIX = "mp_"
PUBLIC_MARK = "pub"
LIVE_MAX = 10
"""Most valid keys of a partner at once; a replaced one is not counted."""

COLUMNS = (
    "id, programme_id, partner_id, environment, secret_sha256, scopes, created_at, revoked_at, "
    "label, expires_at, last_used_on, replaced_by"
)


class KeyStatus(StrEnum):
    LIVE = "LIVE"
    REPLACED = "REPLACED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """A credential, as used for checks and shown; a public key has neither partner nor secret."""

    id: str
    programme_id: UUID
    partner_id: UUID | None
    environment: str
    secret_sha256: bytes | None
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None
    label: str | None
    expires_at: datetime | None
    last_used_on: date | None
    replaced_by: str | None

    @property
    def public(self) -> bool:
        return self.secret_sha256 is None

    @property
    def prefix(self) -> str:
        """The key without its secret: enough to recognise it by."""
        mark = f"{PUBLIC_MARK}_" if self.public else ""
        return f"{KEY_PREFIX}{self.environment}_{mark}{self.id}"

    def status(self, now: datetime) -> KeyStatus:
        """Its status. A key that was replaced is accepted until it expires."""
        if self.revoked_at is not None:
            return KeyStatus.REVOKED
        if self.expires_at is not None and self.expires_at <= now:
            return KeyStatus.EXPIRED
        return KeyStatus.LIVE if self.replaced_by is None else KeyStatus.REPLACED

    def accepted(self, now: datetime) -> bool:
        return self.status(now) in (KeyStatus.LIVE, KeyStatus.REPLACED)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key, and the code of its programme, from which a caller is made."""

    key: PartnerKey
    programme: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A row to be written; a `digest` of None is a public key."""

    id: str
    partner_id: UUID | None
    digest: bytes | None
    environment: str
    scopes: Iterable[str] = ()
    label: str | None = None
    expires_at: datetime | None = None


async def find(key_id: str) -> KnownKey | None:
    """The key of this id, whatever its status; cached while changes are notified."""
    return await cache.remember("partner_key", key_id, lambda: _load(key_id))


async def issue(
    programme: Programme,
    partner_id: UUID,
    scopes: Iterable[str],
    now: datetime,
    *,
    environment: str,
    secret: str | None = None,
    label: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a new key of the partner, shown only now; the caller may grant these scopes. The same
    `secret` gives the same key again, with the scopes of the last time.

    Raises: InvalidInput; PartnerKeyState for the secret of a key that has ended.
    """
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in tuple(Scope):
            raise InvalidInput("unknown_attribute", scope, tuple(Scope), path=("scopes",))
    check_label(label)
    check_expiry(programme, expires_at, now)
    secret = secret or new_secret()
    key_id, digest = id_and_digest(secret)
    made = NewKey(key_id, partner_id, digest, environment, wanted, label, expires_at)

    async def work() -> None:
        await partners.allow(await partners.lock(partner_id), wanted)
        if not await insert(programme.id, made, now):
            await _give_again(made, now)
        await cache.announce()

    await audit.act(programme.id, now, "createKey", work)
    cache.forget()
    return f"{KEY_PREFIX}{environment}_{key_id}_{secret}"


async def issue_public(programme: Programme, now: datetime, *, environment: str) -> str:
    """The programme's public key, for pages shown before sign-in; a new one if the last has
    ended.
    """
    first = hashlib.sha256(f"{environment}:{programme.id}".encode()).digest()[:KEY_ID_BYTES].hex()

    async def work() -> PartnerKey:
        await insert(programme.id, NewKey(first, None, None, environment), now)
        if (living := await _public(programme.id, environment, now)) is not None:
            return living
        further = NewKey(secrets.token_hex(KEY_ID_BYTES), None, None, environment)
        await insert(programme.id, further, now)
        return await _read(further.id)

    key = await audit.act(programme.id, now, "createKey", work)
    return key.prefix


def id_and_digest(secret: str) -> tuple[str, bytes]:
    """The stored digest of a secret, which begins with the key's id."""
    digest = hashlib.sha256(secret.encode()).digest()
    return digest[:KEY_ID_BYTES].hex(), digest


def new_secret() -> str:
    return secrets.token_hex(SECRET_BYTES)


def named(text: str) -> str:
    """The id of a key that is named by its id, by its prefix, or by its full text, so that no
    answer repeats a secret.
    """
    if not text.startswith(KEY_PREFIX):
        return text
    _, _, name, rest = (text.split("_", 3) + [""] * 3)[:4]
    return rest if name == PUBLIC_MARK else name


def is_there_for(caller: Caller, key: PartnerKey) -> bool:
    """Whether the caller may manage it: an admin manages all, a partner its own, whatever else its
    key lets it do for others.
    """
    own = key.partner_id is not None and key.partner_id == caller.partner_id
    return key.programme_id == caller.programme_id and (
        Role.ADMIN in caller.roles or (own and caller.may(Scope.MANAGE))
    )


def check_label(label: str | None) -> None:
    """Raises: InvalidInput."""
    if label is not None:
        check_text(label, NAME_CHARACTERS_MAX, ("label",))


def check_expiry(programme: Programme, expires_at: datetime | None, now: datetime) -> None:
    """Check that an end is in the future, and within the supported years. Raises: InvalidInput."""
    path: Path = ("expiresAt",)
    if expires_at is None:
        return
    if expires_at <= now:
        raise InvalidInput(
            "end_in_past", Instant(shown(expires_at)), (Instant(shown(now)),), path=path
        )
    check_day(dates.local_date(expires_at, programme.versions[-1].policy.zone), path)


def shown(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def insert(programme_id: UUID, key: NewKey, now: datetime) -> bool:
    """Insert a key, inside a transaction; returns whether there was none with this id."""
    made = await row(
        "INSERT INTO partner_key (id, programme_id, partner_id, environment, secret_sha256, "
        "scopes, label, expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
        key.id,
        programme_id,
        key.partner_id,
        key.environment,
        key.digest,
        " ".join(sorted(key.scopes)),
        key.label,
        key.expires_at,
        now,
    )
    if made is not None:
        audit.adds("partner_key", key.id)
    return made is not None


async def check_number(partner_id: UUID | None, now: datetime) -> None:
    """Check the number of keys, in a transaction that has locked the partner.

    Raises: InvalidInput when too many are valid.
    """
    found = await row(
        "SELECT count(*) AS number FROM partner_key WHERE partner_id = $1 "
        "AND revoked_at IS NULL AND replaced_by IS NULL "
        "AND (expires_at IS NULL OR expires_at > $2)",
        partner_id,
        now,
    )
    if found and found["number"] > LIVE_MAX:
        raise InvalidInput("too_many_keys", str(found["number"]), (str(LIVE_MAX),))


async def page(
    programme_id: UUID, partner_id: UUID | None, *, limit: int, after: Sequence[Any] | None
) -> list[PartnerKey]:
    """Keys of a programme, or of one of its partners, the newest first."""
    found = await rows(
        f"SELECT {COLUMNS} FROM partner_key WHERE programme_id = $1 "
        "AND ($2::uuid IS NULL OR partner_id = $2) "
        f"AND {beyond('created_at, id', 3, 'timestamptz', 'text', descending=True)} "
        "ORDER BY created_at DESC, id DESC LIMIT $5",
        programme_id,
        partner_id,
        *(after or (None, None)),
        limit,
    )
    return [to_key(found_row) for found_row in found]


async def count(programme_id: UUID, partner_id: UUID | None) -> int:
    found = await row(
        "SELECT count(*) AS number FROM partner_key WHERE programme_id = $1 "
        "AND ($2::uuid IS NULL OR partner_id = $2)",
        programme_id,
        partner_id,
    )
    return int(found["number"]) if found else 0


async def get(programme_id: UUID, key_id: str) -> PartnerKey | None:
    found = await row(
        f"SELECT {COLUMNS} FROM partner_key WHERE programme_id = $1 AND id = $2",
        programme_id,
        key_id,
    )
    return to_key(found) if found else None


def to_key(found: Row) -> PartnerKey:
    return PartnerKey(**{**found, "scopes": frozenset(found["scopes"].split())})


async def _give_again(key: NewKey, now: datetime) -> None:
    found = await _read(key.id)
    if not found.accepted(now):
        raise PartnerKeyState(key.id, found.status(now))
    await audit.writes("partner_key", key.id)
    await rows(
        "UPDATE partner_key SET scopes = $2 WHERE id = $1", key.id, " ".join(sorted(key.scopes))
    )


async def _public(programme_id: UUID, environment: str, now: datetime) -> PartnerKey | None:
    """The newest valid public key."""
    found = await row(
        f"SELECT {COLUMNS} FROM partner_key WHERE programme_id = $1 AND environment = $2 "
        "AND secret_sha256 IS NULL AND revoked_at IS NULL AND replaced_by IS NULL "
        "AND (expires_at IS NULL OR expires_at > $3) ORDER BY created_at DESC, id DESC LIMIT 1",
        programme_id,
        environment,
        now,
    )
    return to_key(found) if found else None


async def _read(key_id: str) -> PartnerKey:
    found = await row(f"SELECT {COLUMNS} FROM partner_key WHERE id = $1", key_id)
    if found is None:
        raise LookupError("a key that was just written is gone")
    return to_key(found)


async def _load(key_id: str) -> KnownKey | None:
    found = await row(f"SELECT {COLUMNS} FROM partner_key WHERE id = $1", key_id)
    if found is None:
        return None
    key = to_key(found)
    return KnownKey(key, await programmes.code_of(key.programme_id))
