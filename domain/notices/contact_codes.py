"""Codes of contacts: a member proves that it receives messages at its address or number.

The code is stored as a digest under the secret key, which is valid only for that address; the code
itself is stored encrypted until it is sent. Events never contain it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts
from domain.delivery import lanes, targets
from domain.delivery.events import NumberedEvent
from domain.kernel import idempotency
from domain.kernel.database import row, transact, update
from domain.kernel.idempotency import KEY_CHARACTERS_MAX, Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput
from domain.members import contacts, profile, proving, statuses
from domain.members.consents import Channel
from domain.members.contacts import Contact, ContactKind
from domain.members.refusals import LimitReached, MemberSuspended
from domain.members.statuses import GONE
from domain.notices import deciding, suppressing
from domain.notices.channels import Withheld
from domain.notices.inbox import Notice
from domain.notices.kinds import Kind, hears
from domain.notices.reaching import CHANNELS
from domain.notices.refusals import ContactCodeRefused
from domain.notices.sending import Letter
from domain.programmes.programmes import Programme
from domain.webhooks import signing
from domain.webhooks.outgoing import Outgoing

DIGITS = 6
LASTS = timedelta(minutes=10)
CODE_CHARACTERS_MAX = 32
TRIES_MAX = 5
ASKED_MAX = 5
"""Most codes of a contact that are sent in an hour."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Guess:
    """A member's guess at the code of its contact; with `value` only for that value of the
    contact.
    """

    kind: ContactKind
    code: str
    value: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {"kind": self.kind, "value": self.value, "code": self.code}


async def ask(
    request: Request,
    programme: Programme,
    member_id: UUID,
    kind: ContactKind,
    outgoing: Outgoing,
) -> Outcome:
    """Send a new code to an unproved contact of the member; the previous code ends.
    Figures: `at`.

    Raises: InvalidInput, LimitReached, MemberSuspended, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def work() -> Figures:
        if CHANNELS[kind] not in outgoing.told_by:
            raise InvalidInput("contact_not_served", kind, path=("kind",))
        async with accounts.opened(programme, member_id, request.now) as account:
            value = await _unproved(member_id, kind)
            await _keep(member_id, kind, value, outgoing.key, request.now)
            account.notify(Topic.CONTACT_CODE_REQUESTED, kind=kind.value)
        return {"at": request.now.isoformat()}

    return await once(request, "requestContactCode", [member_id, kind], work)


async def _unproved(member_id: UUID, kind: ContactKind) -> str:
    """The member's contact as it is under the lock of its row. Raises: InvalidInput,
    MemberSuspended.
    """
    status = await statuses.lock(member_id)
    if status is None or not hears(status, Kind.CONTACT_CODE):
        raise MemberSuspended(path=("member",))
    said = await contacts.one_of(member_id, kind)
    if said is None:
        raise InvalidInput("contact_absent", kind, path=("kind",))
    if said.proved_at is not None:
        raise InvalidInput("contact_proved", kind, path=("kind",))
    return said.value


async def _keep(member_id: UUID, kind: ContactKind, value: str, key: bytes, now: datetime) -> None:
    """Store a new code in place of the last. Raises: LimitReached."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    kept = await row(
        "INSERT INTO contact_code AS c (member_id, id, kind, digest, sealed, tries, asked_at, "
        "hour_from, asked) VALUES ($1, $2, $3, $4, $5, 0, $6, $6, 1) "
        "ON CONFLICT (member_id, kind) DO UPDATE SET digest = excluded.digest, "
        "sealed = excluded.sealed, tries = 0, asked_at = excluded.asked_at, "
        "hour_from = CASE WHEN c.hour_from <= $7 THEN excluded.hour_from ELSE c.hour_from END, "
        "asked = CASE WHEN c.hour_from <= $7 THEN 1 ELSE c.asked + 1 END "
        "WHERE c.hour_from <= $7 OR c.asked < $8 RETURNING id",
        member_id,
        new_id(),
        kind.value,
        digest_of(key, member_id, value, code),
        signing.sealed(code, key),
        now,
        now - HOUR,
        ASKED_MAX,
    )
    if kept is None:
        found = await row(
            "SELECT hour_from FROM contact_code WHERE member_id = $1 AND kind = $2",
            member_id,
            kind.value,
        )
        raise LimitReached(ASKED_MAX, found["hour_from"] + HOUR if found else None, path=("kind",))


def digest_of(key: bytes, member_id: UUID, value: str, code: str) -> bytes:
    """The stored digest of a code: useless without the secret key, or for another contact."""
    said = "\x00".join(["contact code", str(member_id), contacts.key(value), code])
    return hmac.new(key, said.encode(), hashlib.sha256).digest()


async def prove(
    request: Request, programme: Programme, member_id: UUID, guess: Guess, outgoing: Outgoing
) -> Outcome:
    """Prove the member's own contact by the code that was sent to it; figures: `member_id`.

    Each guess counts, and is recorded before it is checked: a refused one stays counted.

    Raises: ContactCodeRefused, InvalidInput, EmailTaken, PhoneTaken, MemberSuspended,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(request.key, ("idempotencyKey",), KEY_CHARACTERS_MAX)
    check_identifier(guess.code, ("code",), CODE_CHARACTERS_MAX)
    sent = {"member": member_id, "contact": guess}
    asked = {request.key: idempotency.digest("proveContact", sent)}
    if earlier := await idempotency.answered(request.caller, asked, request.now):
        return earlier[request.key]
    value = None if guess.value is None else contacts.check(guess.kind, guess.value, ("value",))
    live = await transact(partial(_guess, member_id, guess.kind, request.now))

    async def perform() -> Figures:
        said = await contacts.one_of(member_id, guess.kind)
        if said is None or live is None:
            raise ContactCodeRefused(path=("code",))
        if value is not None and contacts.key(value) != contacts.key(said.value):
            raise InvalidInput("contact_differs", value, path=("value",))
        made = digest_of(outgoing.key, member_id, said.value, guess.code)
        if not hmac.compare_digest(made, live):
            raise ContactCodeRefused(path=("code",))
        await _prove(request, programme, said, live)
        return {"member_id": str(member_id)}

    return await once(request, "proveContact", sent, perform)


async def _guess(member_id: UUID, kind: ContactKind, now: datetime) -> bytes | None:
    """Count a guess; returns the digest to match, None if there is none any more."""
    found = await row(
        "UPDATE contact_code SET tries = tries + 1 WHERE member_id = $1 AND kind = $2 "
        "AND digest IS NOT NULL AND tries < $3 AND asked_at > $4 RETURNING digest",
        member_id,
        kind.value,
        TRIES_MAX,
        now - LASTS,
    )
    return bytes(found["digest"]) if found else None


async def _prove(request: Request, programme: Programme, said: Contact, live: bytes) -> None:
    """Use the code, and make the contact unique to the member: its look-up is locked before its
    row.
    """
    member_id, given = said.member_id, {said.kind.column: said.value}
    await proving.prove_all(request, programme.id, member_id, given, [said.kind])
    async with accounts.opened(programme, member_id, request.now) as account:
        if await statuses.lock(member_id) in (None, *GONE):
            raise MemberSuspended(path=("member",))
        used = await update(
            "UPDATE contact_code SET digest = NULL, sealed = NULL WHERE member_id = $1 "
            "AND kind = $2 AND digest = $3",
            member_id,
            said.kind.value,
            live,
        )
        if not used:
            raise ContactCodeRefused(path=("code",))
        await proving.confirm(request, account, said)


# Sending.


def _channel(event: NumberedEvent) -> Channel:
    return CHANNELS[ContactKind(event.payload["kind"])]


async def decide(
    programme: Programme, event: NumberedEvent, served: Collection[Channel], now: datetime
) -> bool:
    """Queue a code for its contact, in a transaction, at a real instant, if that channel is served;
    returns whether it was queued. It goes into no inbox, and a repetition adds nothing.

    Raises: ConcurrentRequest.
    """
    if _channel(event) not in served:
        return False
    await transact(partial(_wait, programme, event, now))
    return True


async def _wait(programme: Programme, event: NumberedEvent, now: datetime) -> None:
    channel = deciding.TARGETS[_channel(event)]
    target = await targets.opened(programme.id, channel)
    waits = [(event, target, now)]
    await lanes.add(programme.id, event.member_id, waits, in_turn=channel.in_turn)


async def letter(
    programme: Programme, event: NumberedEvent, key: bytes, now: datetime
) -> Letter | Withheld | None:
    """The code in the member's language, for the contact that it belongs to, at a real instant;
    None if it was sent, used or replaced, or the contact has changed.
    """
    kind, member_id = ContactKind(event.payload["kind"]), event.member_id
    found = await row(
        "SELECT digest, sealed FROM contact_code WHERE member_id = $1 AND kind = $2 "
        "AND asked_at = $3 AND sealed IS NOT NULL",
        member_id,
        kind.value,
        event.recorded_at,
    )
    said = await contacts.one_of(member_id, kind)
    if found is None or said is None or not hears(await statuses.of(member_id), Kind.CONTACT_CODE):
        return None
    if programme.now(now) - event.recorded_at >= LASTS:
        await forget(event)
        return Withheld.STALE
    try:
        code = signing.opened(found["sealed"], key)
    except signing.Unreadable:
        return None
    if not hmac.compare_digest(digest_of(key, member_id, said.value, code), bytes(found["digest"])):
        return None
    if await suppressing.suppressed(programme.id, {_channel(event): said.value}):
        return Withheld.SUPPRESSED
    return Letter(_notice(event, code), said.value, await profile.locale_of(member_id))


def _notice(event: NumberedEvent, code: str) -> Notice:
    return Notice(
        event.member_id,
        deciding.id_of(event),
        event.programme_id,
        event.id,
        Kind.CONTACT_CODE,
        deciding.TEMPLATE,
        {"code": code},
        event.recorded_at,
        decided_at=None,
        channels={},
        read_at=None,
    )


async def forget(event: NumberedEvent) -> None:
    """Remove the code itself once it was sent or has ended; its digest stays."""
    await update(
        "UPDATE contact_code SET sealed = NULL WHERE member_id = $1 AND kind = $2 "
        "AND asked_at = $3",
        event.member_id,
        event.payload["kind"],
        event.recorded_at,
    )


async def erase(member_id: UUID) -> None:
    """End the codes of a member's contacts."""
    await update(
        "UPDATE contact_code SET digest = NULL, sealed = NULL WHERE member_id = $1", member_id
    )
