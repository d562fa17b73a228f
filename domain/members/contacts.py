"""Contacts: the e-mail address and phone number of a member.

A contact identifies nobody until it is proved, that is, until a partner or staff vouches for it;
from then on it belongs to that member only. A contact that only the member states may be anybody's.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import lookups, secrecy
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.kernel.inputs import check_email, check_phone, email_key
from domain.kernel.lookups import LookupScope
from domain.kernel.queries import Query, ask, query
from domain.kernel.refusals import InvalidInput, Refusal
from domain.members.refusals import EmailTaken, PhoneTaken


class ContactKind(StrEnum):
    """How a member can be reached."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"

    @property
    def column(self) -> str:
        return self.lower()

    @property
    def scope(self) -> LookupScope:
        return LookupScope(self.column)


COLUMNS = frozenset(kind.column for kind in ContactKind)
"""Names of contacts among a member's personal details."""

TAKEN: Mapping[ContactKind, type[Refusal]] = {
    ContactKind.EMAIL: EmailTaken,
    ContactKind.PHONE: PhoneTaken,
}


@dataclass(frozen=True, slots=True)
class VouchSent:
    """The contact of a member that is vouched for; with `value`, only if it is still that."""

    kind: ContactKind
    value: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {"kind": self.kind, "value": self.value}


def check(kind: ContactKind, value: str, path: tuple[str, ...]) -> str:
    """The contact in its stored form. Raises: InvalidInput."""
    return check_email(value, path) if kind is ContactKind.EMAIL else check_phone(value, path)


def key(value: str) -> str:
    """Key by which a contact is found and compared, the same for all its spellings."""
    return email_key(value) if "@" in value else value.lower()


def keys(value: str) -> tuple[str, ...]:
    """The same, and the older key for contacts stored when only case was folded."""
    return tuple(dict.fromkeys((key(value), value.lower())))


def digests(programme_id: UUID, kind: ContactKind, value: str) -> list[bytes]:
    """Digests with which a contact is stored and found, newest first."""
    return [
        one for known in keys(value) for one in lookups.digests(programme_id, kind.scope, known)
    ]


def check_vouched(
    request: Request, given: Mapping[str, Any], wanted: Collection[ContactKind] | None
) -> frozenset[ContactKind]:
    """The given kinds for which the caller vouches: a partner or staff for all, unless it names
    them (`wanted`); a member for those that its token has verified.

    Raises: InvalidInput.
    """
    there = frozenset(kind for kind in ContactKind if given.get(kind.column) is not None)
    if request.caller.kind is CallerKind.MEMBER:
        if wanted:
            raise InvalidInput("own_contact", path=("contactsProved",))
        return frozenset(
            kind for kind in there if is_verified(request.caller, kind, given[kind.column])
        )
    if wanted is None:
        return there
    if absent := [kind for kind in wanted if kind not in there]:
        raise InvalidInput("contact_absent", absent[0], path=("contactsProved",))
    return frozenset(wanted)


def is_verified(caller: Caller, kind: ContactKind, value: str) -> bool:
    """Whether the calling member's sign-in service has verified this contact."""
    verified = caller.contacts.get(kind.column)
    if verified is None:
        return False
    with suppress(InvalidInput):
        return key(check(kind, verified, ())) == key(check(kind, value, ()))
    return False


async def taken(
    programme_id: UUID, said: Mapping[int, tuple[UUID | None, Mapping[str, Any]]]
) -> dict[int, Refusal]:
    """Given contacts of several members, by number, each with an id or None for a new member: the
    numbers whose contacts are proved to be another's.
    """
    wanted = [
        (number, kind, (kind.scope, known))
        for number, (_, values) in said.items()
        for kind in ContactKind
        if values.get(kind.column) is not None
        for known in keys(values[kind.column])
    ]
    proved = await lookups.find_many(programme_id, {place for _, _, place in wanted})
    refused: dict[int, Refusal] = {}
    for number, kind, place in wanted:
        holder = proved.get(place)
        if holder is not None and holder["member_id"] != said[number][0]:
            refused.setdefault(number, TAKEN[kind](path=(kind.column,)))
    return refused


# Reads.


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact of a member, in clear; `proved_at` (UTC) is None for one that identifies nobody.

    `digest` is the stored one.
    """

    member_id: UUID
    id: UUID
    kind: ContactKind
    value: str
    digest: bytes
    proved_at: datetime | None


_COLUMNS = ("member_id", "id", "kind", "value", "digest", "proved_at")


def query_of(member_ids: Sequence[UUID]) -> Query:
    """What `of_members` asks."""
    return query(
        _COLUMNS,
        f"SELECT {', '.join(_COLUMNS)} FROM contact "
        "WHERE member_id = ANY($1::uuid[]) ORDER BY member_id, kind",
        list(member_ids),
    )


async def of_members(member_ids: Sequence[UUID]) -> list[Contact]:
    """Contacts of members, proved or not; one statement for all.

    Contacts that no key can decrypt any more are left out.
    """
    return [
        Contact(**one | {"kind": ContactKind(one["kind"]), "value": value})
        for one in await ask(query_of(member_ids))
        if (value := secrecy.shown(one["value"])) is not None
    ]


async def proved_digests(programme_id: UUID, member_id: UUID) -> list[bytes]:
    """Digests of a member's proved contacts under each key, while there are several keys; empty for
    one key, as these are the stored digests.
    """
    if secrecy.is_one_key():
        return []
    return [
        own
        for one in await of_members([member_id])
        if one.proved_at is not None
        for own in digests(programme_id, one.kind, one.value)
    ]


async def by_member(member_ids: Sequence[UUID]) -> dict[UUID, list[Contact]]:
    """Contacts of each of these members, an e-mail address first."""
    found: dict[UUID, list[Contact]] = {member_id: [] for member_id in member_ids}
    for one in await of_members(member_ids):
        found[one.member_id].append(one)
    return found


async def one_of(member_id: UUID, kind: ContactKind) -> Contact | None:
    """The member's contact of a kind, if it has one."""
    return next((one for one in await of_members([member_id]) if one.kind is kind), None)


GMAIL = ("gmail.com", "googlemail.com")
"""Domains whose mailboxes are the same with and without dots."""


def mailbox(email: str) -> str:
    """The mailbox of an address: without case, the part after +, and Gmail's dots."""
    local, _, domain = key(email).rpartition("@")
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if domain in GMAIL else local}@{domain}"


async def share_mailbox(member_id: UUID, others: Sequence[UUID]) -> bool:
    """Whether any of the others, which must be few, has an e-mail address for the member's
    mailbox.
    """
    said = await of_members([member_id, *others])
    boxes = {one.member_id: mailbox(one.value) for one in said if one.kind is ContactKind.EMAIL}
    own = boxes.pop(member_id, None)
    return own is not None and own in boxes.values()


async def members_of(programme_id: UUID, text: str) -> list[UUID]:
    """Members for whom this text, a whole address or number, is a proved contact."""
    sent = text.replace("\x00", "").strip()
    wanted = {(LookupScope.EMAIL, known) for known in keys(sent)}
    with suppress(InvalidInput):
        wanted.add((LookupScope.PHONE, key(check_phone(sent, ()))))
    found = await lookups.find_many(programme_id, wanted)
    return list(dict.fromkeys(one["member_id"] for one in found.values()))
