"""Changes of a key: it is made, replaced, given an end or a label, and revoked.

A key that was revoked or replaced or has expired is never valid again. Every process is notified of
a change at its commit, and forgets its cache; a process without notifications caches nothing.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel import audit, cache
from domain.kernel.callers import Caller, Scope
from domain.kernel.database import row, rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.refusals import InvalidInput, NotFound
from domain.partners import partner_keys, partners
from domain.partners.partner_keys import KEY_ID_BYTES, KeyStatus, NewKey, PartnerKey
from domain.partners.partners import Partner
from domain.partners.refusals import PartnerKeyState
from domain.programmes.programmes import Programme

ID_CHARACTERS_MAX = 128
OLD_KEY_HOURS = 24
OLD_KEY_HOURS_MAX = 168
"""Hours that a key is accepted after its replacement: by default, and at most."""


@dataclass(frozen=True, slots=True)
class KeySent:
    """Settings of a new key; no `partner` means the caller's own."""

    partner: str | None
    label: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None

    def canonical(self) -> dict[str, object]:
        return {
            "partner": self.partner,
            "label": self.label,
            "scopes": self.scopes,
            "expires_at": self.expires_at,
        }


@dataclass(frozen=True, slots=True)
class KeyNamed:
    """A key that a caller names, and the place in the request; without a caller an operator names
    one of the programme.
    """

    programme: Programme
    text: str
    caller: Caller | None = None
    path: tuple[str, ...] = ("keyId",)

    @property
    def id(self) -> str:
        return partner_keys.named(self.text)


@dataclass(frozen=True, slots=True)
class Terms:
    """Changes of a key: each value stays unless it is among `says`.

    A replacement keeps the label, and lives as long as the old key was meant to; the old one is
    accepted for `hours` more.
    """

    label: str | None = None
    expires_at: datetime | None = None
    says_label: bool = False
    says_expiry: bool = False
    hours: int = OLD_KEY_HOURS

    def content(self) -> dict[str, object]:
        """The content by which repeated requests are compared: only values that were sent."""
        label = {"label": self.label} if self.says_label else {}
        expiry = {"expires_at": self.expires_at} if self.says_expiry else {}
        hours = {"hours": self.hours} if self.hours != OLD_KEY_HOURS else {}
        return {**label, **expiry, **hours}


@dataclass(frozen=True, slots=True)
class Rotation:
    """The new key, and `secret`, its full text, which is shown only now."""

    key_id: str
    replaced_id: str
    secret: str


async def create(
    request: Request, programme: Programme, sent: KeySent, environment: str, now: datetime
) -> tuple[Outcome, str | None]:
    """A further key of a partner, with scopes among the partner's; figures: `key`. The full key is
    returned too, only this time: a replay does not show it.

    Raises: InvalidInput, NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """
    partner_keys.check_label(sent.label)
    secret = partner_keys.new_secret()
    key_id, digest = partner_keys.id_and_digest(secret)

    async def work() -> Figures:
        partner_keys.check_expiry(programme, sent.expires_at, now)
        owner = await partners.owner_of(programme, request.caller, sent.partner)
        if owner is None:
            raise InvalidInput("partner_required", path=("partner",))
        partner = await partners.lock(owner)
        _check_scopes(sent.scopes, partner)
        made = NewKey(
            key_id, owner, digest, environment, set(sent.scopes), sent.label, sent.expires_at
        )
        if not await partner_keys.insert(programme.id, made, now):
            raise LookupError("a random key was there already")
        await partner_keys.check_number(owner, now)
        return {"key": key_id}

    outcome = await once(request, "createKey", sent, work)
    if outcome.replayed:
        return outcome, None
    return outcome, await _whole(programme.id, key_id, secret)


def _check_scopes(scopes: tuple[Scope, ...], partner: Partner) -> None:
    for scope in scopes:
        if scope not in partner.scopes:
            allowed = tuple(sorted(partner.scopes))
            raise InvalidInput("scope_of_partner", scope.value, allowed, path=("scopes",))


async def revoke(programme: Programme, key_id: str, now: datetime) -> None:
    """Refuse a key permanently, in every process as soon as it is notified.

    One that was revoked before stays as it is.

    Raises: NotFound, ConcurrentRequest.
    """
    named = KeyNamed(programme, key_id)
    await audit.act(programme.id, now, "revokeKey", lambda: _revoke(named, now))
    cache.forget()


async def revoke_once(request: Request, operation: str, named: KeyNamed, now: datetime) -> Outcome:
    """The same for a caller that may manage the key, under its idempotency key.

    Raises: NotFound, IdempotencyKeyReused, ConcurrentRequest.
    """
    return await _once(request, operation, (named.id,), lambda: _revoke(named, now))


async def rotate(programme: Programme, key_id: str, terms: Terms, now: datetime) -> Rotation:
    """Replace a key: the new one has its partner and scopes, and the old one is accepted for a
    number of hours more, or until its own end if that is earlier.

    Raises: InvalidInput, NotFound, ConcurrentRequest; PartnerKeyState for a key that was revoked
        or replaced before.
    """
    secret, named = partner_keys.new_secret(), KeyNamed(programme, key_id)
    figures = await audit.act(
        programme.id, now, "rotateKey", lambda: _rotate(named, terms, secret, now)
    )
    cache.forget()
    return await _rotation(programme.id, figures, secret)


async def rotate_once(
    request: Request, operation: str, named: KeyNamed, terms: Terms, now: datetime
) -> tuple[Outcome, Rotation | None]:
    """The same for a caller that may manage the key, under its idempotency key; a replay does not
    show the new key again.

    Raises: as `rotate`, and IdempotencyKeyReused.
    """
    secret, sent = partner_keys.new_secret(), (named.id, terms.content())
    outcome = await _once(request, operation, sent, lambda: _rotate(named, terms, secret, now))
    if outcome.replayed:
        return outcome, None
    return outcome, await _rotation(named.programme.id, outcome.figures, secret)


async def change(programme: Programme, key_id: str, terms: Terms, now: datetime) -> None:
    """Label a key, or move its end; only a valid key that has not been replaced gets another end.

    Raises: InvalidInput, NotFound, PartnerKeyState, ConcurrentRequest.
    """
    named = KeyNamed(programme, key_id)
    await audit.act(programme.id, now, "updateKey", lambda: _change(named, terms, now))
    cache.forget()


async def change_once(request: Request, named: KeyNamed, terms: Terms, now: datetime) -> Outcome:
    """The same for a caller that may manage the key, under its idempotency key.

    Raises: as `change`, and IdempotencyKeyReused.
    """
    sent = (named.id, terms.content())
    return await _once(request, "updatePartnerKey", sent, lambda: _change(named, terms, now))


async def _once(
    request: Request,
    operation: str,
    sent: tuple[object, ...],
    work: Callable[[], Awaitable[Figures]],
) -> Outcome:
    outcome = await once(request, operation, sent, work)
    cache.forget()
    return outcome


def _check(programme: Programme, terms: Terms, now: datetime) -> None:
    partner_keys.check_label(terms.label)
    partner_keys.check_expiry(programme, terms.expires_at, now)
    if not 0 <= terms.hours <= OLD_KEY_HOURS_MAX:
        most = (str(OLD_KEY_HOURS_MAX),)
        raise InvalidInput("hours_of_key", str(terms.hours), most, path=("hours",))


async def _rotation(programme_id: UUID, figures: Figures, secret: str) -> Rotation:
    whole = await _whole(programme_id, figures["key"], secret)
    return Rotation(figures["key"], figures["replaced"], whole)


async def _whole(programme_id: UUID, key_id: str, secret: str) -> str:
    made = await partner_keys.get(programme_id, key_id)
    if made is None:
        raise LookupError("a key that was just written is gone")
    return made.prefix if made.public else f"{made.prefix}_{secret}"


async def _revoke(named: KeyNamed, now: datetime) -> Figures:
    key = await _lock(named)
    if key.revoked_at is None:
        await audit.writes("partner_key", key.id)
        await rows("UPDATE partner_key SET revoked_at = $2 WHERE id = $1", key.id, now)
        await cache.announce()
    return {"key": key.id}


async def _rotate(named: KeyNamed, terms: Terms, secret: str, now: datetime) -> Figures:
    _check(named.programme, terms, now)
    owner = (await _find(named)).partner_id
    if owner is not None:
        # so that the new key has no scope that the partner loses meanwhile
        await partners.lock(owner)
    old = await _lock(named)
    if old.revoked_at is not None or old.replaced_by is not None:
        # one that has expired can still be replaced, by a new secret
        replaced = old.revoked_at is None
        raise PartnerKeyState(old.id, KeyStatus.REPLACED if replaced else KeyStatus.REVOKED)
    new = _successor(old, terms, secret, now)
    if not await partner_keys.insert(named.programme.id, new, now):
        raise LookupError("a random key was there already")
    ends = now + timedelta(hours=terms.hours)
    await audit.writes("partner_key", old.id)
    await rows(
        "UPDATE partner_key SET replaced_by = $2, expires_at = least(expires_at, $3) WHERE id = $1",
        old.id,
        new.id,
        ends,
    )
    if old.status(now) is KeyStatus.EXPIRED:
        await partner_keys.check_number(owner, now)
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


async def _change(named: KeyNamed, terms: Terms, now: datetime) -> Figures:
    _check(named.programme, terms, now)
    key = await _lock(named)
    if terms.says_expiry and key.status(now) is not KeyStatus.LIVE:
        raise PartnerKeyState(key.id, key.status(now))
    await audit.writes("partner_key", key.id)
    await rows(
        "UPDATE partner_key SET label = $2, expires_at = $3 WHERE id = $1",
        key.id,
        terms.label if terms.says_label else key.label,
        terms.expires_at if terms.says_expiry else key.expires_at,
    )
    await cache.announce()
    return {"key": key.id}


async def _find(named: KeyNamed) -> PartnerKey:
    """Raises: NotFound where the caller may not see it."""
    found = None
    if named.id.isascii() and named.id.isalnum():
        found = await partner_keys.get(named.programme.id, named.id)
    caller = named.caller
    if found is None or (caller is not None and not partner_keys.is_there_for(caller, found)):
        raise NotFound("key", named.id[:ID_CHARACTERS_MAX], path=named.path)
    return found


async def _lock(named: KeyNamed) -> PartnerKey:
    """The same under its lock."""
    await row(
        "SELECT id FROM partner_key WHERE programme_id = $1 AND id = $2 FOR UPDATE",
        named.programme.id,
        (await _find(named)).id,
    )
    # only now: the locking statement may have waited
    return await _find(named)
