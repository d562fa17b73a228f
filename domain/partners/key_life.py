"""What becomes of a key: it is replaced, given an end or a label, and revoked.

What is revoked, replaced or has expired never comes back. Every process hears of a change when
it commits, and forgets what it remembers; one that cannot hear remembers nothing.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel import cache, idempotency
from domain.kernel.database import row, rows, transact
from domain.kernel.idempotency import Figures, Outcome, Request
from domain.kernel.refusals import NotFound
from domain.partners import partner_keys
from domain.partners.partner_keys import KEY_ID_BYTES, KeyStatus, NewKey, PartnerKey
from domain.partners.refusals import PartnerKeyState
from domain.programmes.programmes import Programme

ID_CHARACTERS_MAX = 128
OLD_KEY_HOURS = 24
"""How long a key is accepted after another has replaced it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a key may be given: each is left as it was unless it `says` so.

    Of a key that replaces another the label stays, and its life is as long as the old one's was
    to be.
    """

    label: str | None = None
    expires_at: datetime | None = None
    says_label: bool = False
    says_expiry: bool = False

    def content(self) -> dict[str, object]:
        """What requests are compared by: only what was said."""
        label = {"label": self.label} if self.says_label else {}
        expiry = {"expires_at": self.expires_at} if self.says_expiry else {}
        return {**label, **expiry}


@dataclass(frozen=True, slots=True)
class Rotation:
    """The new key, and `secret`, the whole of it, which is shown only now."""

    key_id: str
    replaced_id: str
    secret: str


async def revoke(programme: Programme, key_id: str, now: datetime) -> None:
    """Refuse a key from now on, in every process as soon as it hears of it; for ever.

    One that was revoked before stays as it is.

    Raises: NotFound, ConcurrentRequest.
    """
    await transact(lambda: _revoke(programme.id, partner_keys.named(key_id), now))
    cache.forget()


async def revoke_once(request: Request, key_id: str, now: datetime) -> Outcome:
    """The same, under the key of a request.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """
    named = partner_keys.named(key_id)
    return await _once(
        request,
        "revokePartnerKey",
        [named],
        lambda: _revoke(request.caller.programme_id, named, now),
    )


async def rotate(programme: Programme, key_id: str, terms: Terms, now: datetime) -> Rotation:
    """Replace a key: the new one has its partner and scopes, and the old one is accepted for
    24 hours more, or until its own end where that comes first.

    Raises: InvalidInput, NotFound, ConcurrentRequest; PartnerKeyState for a key that was revoked
        or replaced before.
    """
    secret, named = partner_keys.new_secret(), partner_keys.named(key_id)
    figures = await transact(lambda: _rotate(programme.id, named, terms, secret, now))
    cache.forget()
    return await _rotation(programme.id, figures, secret)


async def rotate_once(
    request: Request, key_id: str, terms: Terms, now: datetime
) -> tuple[Outcome, Rotation | None]:
    """The same, under the key of a request; replayed, the new key is not shown again.

    Raises: as `rotate`, and IdempotencyKeyReused.
    """
    secret, named = partner_keys.new_secret(), partner_keys.named(key_id)
    programme_id = request.caller.programme_id
    outcome = await _once(
        request,
        "rotatePartnerKey",
        [named, terms.content()],
        lambda: _rotate(programme_id, named, terms, secret, now),
    )
    if outcome.replayed:
        return outcome, None
    return outcome, await _rotation(programme_id, outcome.figures, secret)


async def change(programme: Programme, key_id: str, terms: Terms, now: datetime) -> None:
    """Label a key, or move its end; only one that lives, and has not been replaced, gets another
    end.

    Raises: InvalidInput, NotFound, PartnerKeyState, ConcurrentRequest.
    """
    named = partner_keys.named(key_id)
    await transact(lambda: _change(programme.id, named, terms, now))
    cache.forget()


async def change_once(request: Request, key_id: str, terms: Terms, now: datetime) -> Outcome:
    """The same, under the key of a request.

    Raises: as `change`, and IdempotencyKeyReused.
    """
    named = partner_keys.named(key_id)
    return await _once(
        request,
        "updatePartnerKey",
        [named, terms.content()],
        lambda: _change(request.caller.programme_id, named, terms, now),
    )


async def _once(
    request: Request, operation: str, sent: list[object], work: Callable[[], Awaitable[Figures]]
) -> Outcome:
    outcome = await idempotency.once(request, operation, sent, work)
    cache.forget()
    return outcome


def _check(terms: Terms, now: datetime) -> None:
    partner_keys.check_label(terms.label)
    partner_keys.check_expiry(terms.expires_at, now)


async def _rotation(programme_id: UUID, figures: Figures, secret: str) -> Rotation:
    made = await partner_keys.get(programme_id, figures["key"])
    if made is None:
        raise LookupError("a key that was just written is gone")
    whole = made.prefix if made.public else f"{made.prefix}_{secret}"
    return Rotation(made.id, figures["replaced"], whole)


async def _revoke(programme_id: UUID, key_id: str, now: datetime) -> Figures:
    key = await _lock(programme_id, key_id)
    if key.revoked_at is None:
        await rows("UPDATE partner_key SET revoked_at = $2 WHERE id = $1", key.id, now)
        await cache.announce()
    return {"key": key.id}


async def _rotate(
    programme_id: UUID, key_id: str, terms: Terms, secret: str, now: datetime
) -> Figures:
    _check(terms, now)
    old = await _lock(programme_id, key_id)
    if old.revoked_at is not None or old.replaced_by is not None:
        # one that has expired can still be replaced, by a secret that nobody has yet
        replaced = old.revoked_at is None
        raise PartnerKeyState(old.id, KeyStatus.REPLACED if replaced else KeyStatus.REVOKED)
    new = _successor(old, terms, secret, now)
    if not await partner_keys.insert(programme_id, new, now):
        raise LookupError("a random key was there already")
    ends = now + timedelta(hours=OLD_KEY_HOURS)
    await rows(
        "UPDATE partner_key SET replaced_by = $2, expires_at = least(expires_at, $3) WHERE id = $1",
        old.id,
        new.id,
        ends,
    )
    await cache.announce()
    return {"key": new.id, "replaced": old.id}


def _successor(old: PartnerKey, terms: Terms, secret: str, now: datetime) -> NewKey:
    if old.public:
        key_id, digest = secrets.token_hex(KEY_ID_BYTES), None
    else:
        key_id, digest = partner_keys.id_and_digest(secret)
    life = old.expires_at - old.created_at if old.expires_at else None
    return NewKey(
        key_id,
        old.partner_id,
        digest,
        old.environment,
        old.scopes,
        terms.label if terms.says_label else old.label,
        terms.expires_at if terms.says_expiry else (now + life if life else None),
    )


async def _change(programme_id: UUID, key_id: str, terms: Terms, now: datetime) -> Figures:
    _check(terms, now)
    key = await _lock(programme_id, key_id)
    if terms.says_expiry and key.status(now) is not KeyStatus.LIVE:
        raise PartnerKeyState(key.id, key.status(now))
    await rows(
        "UPDATE partner_key SET label = $2, expires_at = $3 WHERE id = $1",
        key.id,
        terms.label if terms.says_label else key.label,
        terms.expires_at if terms.says_expiry else key.expires_at,
    )
    await cache.announce()
    return {"key": key.id}


async def _lock(programme_id: UUID, key_id: str) -> PartnerKey:
    found = None
    if key_id.isascii() and key_id.isalnum():
        found = await row(
            f"SELECT {partner_keys.COLUMNS} FROM partner_key WHERE programme_id = $1 AND id = $2 "
            "FOR UPDATE",
            programme_id,
            key_id,
        )
    if found is None:
        raise NotFound("key", key_id[:ID_CHARACTERS_MAX], path=("keyId",))
    return partner_keys.to_key(found)
