"""Contacts: the e-mail address and phone number of a member.

A contact identifies nobody until it is proved, that is, until a partner or staff vouches for it;
from then on it is that member's alone. What a member says itself may be anybody's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import lookups
from domain.kernel.callers import CallerKind
from domain.kernel.database import row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import check_email, check_phone
from domain.kernel.lookups import LookupScope, Proof
from domain.kernel.refusals import ConcurrentRequest, InvalidInput, Refusal
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import EmailTaken, PhoneTaken
from domain.programmes.programmes import Programme

TAKEN_MAX = 100
"""From how many members who only said so a contact is taken when another's is proved; from any
more it is left as it is, identifying nobody.
"""


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


_TAKEN: dict[ContactKind, type[Refusal]] = {
    ContactKind.EMAIL: EmailTaken,
    ContactKind.PHONE: PhoneTaken,
}


@dataclass(frozen=True, slots=True)
class VouchSent:
    """Which contact of a member is vouched for; with `value` only while it is that."""

    kind: ContactKind
    value: str | None = None

    def canonical(self) -> dict[str, Any]:
        return {"kind": self.kind, "value": self.value}


def check(kind: ContactKind, value: str, path: tuple[str, ...]) -> str:
    """The contact in the form that it is kept in. Raises: InvalidInput."""
    return check_email(value, path) if kind is ContactKind.EMAIL else check_phone(value, path)


def key(value: str) -> str:
    """What a contact is found and compared by."""
    return value.lower()


def check_vouched(
    request: Request, given: Mapping[str, Any], wanted: Collection[ContactKind] | None
) -> frozenset[ContactKind]:
    """The kinds of those given that the caller vouches for: a partner and staff for all of them,
    unless it says for which (`wanted`), a member for none.

    Raises: InvalidInput.
    """
    there = frozenset(kind for kind in ContactKind if given.get(kind.column) is not None)
    if request.caller.kind is CallerKind.MEMBER:
        if wanted:
            raise InvalidInput("own_contact", path=("contactsProved",))
        return frozenset()
    if wanted is None:
        return there
    if absent := [kind for kind in wanted if kind not in there]:
        raise InvalidInput("contact_absent", absent[0], path=("contactsProved",))
    return frozenset(wanted)


async def prove_all(
    request: Request,
    programme_id: UUID,
    member_id: UUID,
    values: Mapping[str, Any],
    kinds: Iterable[ContactKind],
) -> None:
    """Make these contacts the member's alone, before its row is locked or written.

    Raises: EmailTaken, PhoneTaken.
    """
    proof = Proof(request.now, request.caller.actor)
    for kind in sorted(kinds):
        value = key(values[kind.column])
        if not await lookups.prove(programme_id, kind.scope, value, member_id, proof):
            raise _TAKEN[kind](path=(kind.column,))


async def taken(
    programme_id: UUID, said: Mapping[int, tuple[UUID | None, Mapping[str, Any]]]
) -> dict[int, Refusal]:
    """Of what several members, by number, are known by, each of an id or None for one who is not
    there yet: whose contacts are proved to be another's.
    """
    keys = {
        (number, kind): (kind.scope, key(values[kind.column]))
        for number, (_, values) in said.items()
        for kind in ContactKind
        if values.get(kind.column) is not None
    }
    proved = await lookups.find_many(programme_id, set(keys.values()))
    refused: dict[int, Refusal] = {}
    for (number, kind), wanted in keys.items():
        holder = proved.get(wanted)
        if holder is not None and holder["member_id"] != said[number][0]:
            refused.setdefault(number, _TAKEN[kind](path=(kind.column,)))
    return refused


async def prove_each(
    request: Request, programme_id: UUID, given: Mapping[UUID, Mapping[str, Any]]
) -> dict[UUID, Refusal]:
    """The same of several new members at once, with what each is known by; by member, why it has
    none of them.
    """
    proof = Proof(request.now, request.caller.actor)
    refused: dict[UUID, Refusal] = {}
    for kind in sorted(ContactKind):
        said = [
            (own, key(values[kind.column]))
            for own, values in given.items()
            if own not in refused and values.get(kind.column) is not None
        ]
        # of two who say the same the first has it
        owners = {value: own for own, value in reversed(said)}
        proved = await lookups.prove_many(programme_id, kind.scope, owners, proof)
        for own, value in said:
            if value not in proved or owners[value] != own:
                refused[own] = _TAKEN[kind](path=(kind.column,))
    for own in refused:
        for kind in ContactKind:
            if given[own].get(kind.column) is not None:
                await lookups.free_own(programme_id, kind.scope, key(given[own][kind.column]), own)
    return refused


async def take_all(
    programme_id: UUID,
    member_id: UUID,
    values: Mapping[str, Any],
    kinds: Iterable[ContactKind],
) -> None:
    """Take contacts that have been proved from everybody else who said that they were theirs.

    The database finds them by its own idea of lower case, which may be wider than ours.
    """
    for kind in sorted(kinds):
        said = await rows(
            f"SELECT member_id, {kind.column} AS said FROM member WHERE programme_id = $1 "
            f"AND lower({kind.column}) = lower($2) AND member_id <> $3 "
            "ORDER BY member_id LIMIT $4 FOR NO KEY UPDATE",
            programme_id,
            values[kind.column],
            member_id,
            TAKEN_MAX,
        )
        own = key(values[kind.column])
        await update(
            f"UPDATE member SET {kind.column} = NULL WHERE member_id = ANY($1::uuid[])",
            [one["member_id"] for one in said if key(one["said"]) == own],
        )


async def take_each(programme_id: UUID, given: Mapping[UUID, Mapping[str, Any]]) -> None:
    """The same of several new members at once."""
    for kind in sorted(ContactKind):
        values = [said[kind.column] for said in given.values() if said.get(kind.column)]
        # each by itself (OFFSET): joined as a whole, all members might be read for each of them
        found = await rows(
            "SELECT m.member_id, m.said FROM unnest($2::text[]) AS own (value) "
            f"CROSS JOIN LATERAL (SELECT member_id, {kind.column} AS said FROM member "
            f"WHERE programme_id = $1 AND lower({kind.column}) = lower(own.value) "
            "LIMIT $3 OFFSET 0) m",
            programme_id,
            values,
            TAKEN_MAX,
        )
        own_keys = {key(value) for value in values}
        others = sorted(
            one["member_id"]
            for one in found
            if one["member_id"] not in given and key(one["said"]) in own_keys
        )
        if others:
            await update(
                f"UPDATE member SET {kind.column} = NULL WHERE member_id = ANY($1::uuid[]) "
                f"AND lower({kind.column}) = ANY($2::text[])",
                others,
                list(own_keys),
            )


async def free_replaced(
    programme_id: UUID, member_id: UUID, before: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Let go of the contacts that a change replaces, so that they identify nobody."""
    for kind in ContactKind:
        old, new = before[kind.column], values.get(kind.column)
        if kind.column in values and old is not None and (new is None or key(new) != key(old)):
            await lookups.free_own(programme_id, kind.scope, key(old), member_id)


async def prove(
    request: Request, programme: Programme, member: MemberKey, sent: VouchSent
) -> Outcome:
    """Vouch for a contact that the member has; figures: `member_id`. Whoever calls has checked
    that it is the member's. Proved before, it stays as it was.

    Raises: NotFound, InvalidInput, EmailTaken, PhoneTaken, IdempotencyKeyReused,
        ConcurrentRequest.
    """
    value = None if sent.value is None else check(sent.kind, sent.value, ("value",))

    async def perform() -> Figures:
        member_id = await find_or_refuse(programme.id, member)
        said = await _said(member_id, sent.kind)
        if value is not None and key(value) != key(said):
            raise InvalidInput("contact_differs", value, path=("value",))
        given = {sent.kind.column: said}
        await prove_all(request, programme.id, member_id, given, [sent.kind])
        if await _said(member_id, sent.kind, lock=True) != said:
            raise ConcurrentRequest(path=("member",))
        await take_all(programme.id, member_id, given, [sent.kind])
        return {"member_id": str(member_id)}

    return await once(request, "proveContact", {"member": member, "contact": sent}, perform)


async def _said(member_id: UUID, kind: ContactKind, *, lock: bool = False) -> str:
    """What the member's contact is now, and with `lock` until the end of the transaction."""
    locking = " FOR NO KEY UPDATE" if lock else ""
    found = await row(
        f"SELECT {kind.column} AS said FROM member WHERE member_id = $1{locking}", member_id
    )
    said: str | None = found["said"] if found else None
    if said is None:
        raise InvalidInput("contact_absent", kind, path=("kind",))
    return said


# Reads.


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact of a member; `proved_at` (UTC) is None for one that identifies nobody."""

    kind: ContactKind
    value: str
    proved_at: datetime | None


async def of_members(member_ids: Sequence[UUID]) -> list[tuple[UUID, ContactKind, str]]:
    """What members have said that their contacts are, proved or not; one statement for all."""
    found = await rows(
        "SELECT member_id, email, phone FROM member WHERE member_id = ANY($1::uuid[])",
        list(member_ids),
    )
    return [
        (one["member_id"], kind, one[kind.column])
        for one in found
        for kind in ContactKind
        if one[kind.column]
    ]


async def proofs(
    programme_id: UUID, said: Iterable[tuple[UUID, ContactKind, str]]
) -> dict[tuple[UUID, ContactKind, str], datetime | None]:
    """Since when each of these, of a member, kind and value, is proved; one statement for all."""
    asked = list(said)
    found = await lookups.find_many(
        programme_id, {(kind.scope, key(value)) for _, kind, value in asked}
    )
    proved: dict[tuple[UUID, ContactKind, str], datetime | None] = {}
    for one in asked:
        member_id, kind, value = one
        holder = found.get((kind.scope, key(value)))
        proved[one] = holder["proved_at"] if holder and holder["member_id"] == member_id else None
    return proved


GMAIL = ("gmail.com", "googlemail.com")
"""Whose mailboxes are the same with and without dots."""


def mailbox(email: str) -> str:
    """The mailbox that an address reaches: without case, what follows +, and Gmail's dots."""
    local, _, domain = key(email).rpartition("@")
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if domain in GMAIL else local}@{domain}"


async def share_mailbox(member_id: UUID, others: Sequence[UUID]) -> bool:
    """Whether any of the others, of whom the caller names few at once, has said an e-mail address
    that reaches the member's mailbox.
    """
    found = await rows(
        "SELECT member_id, email FROM member WHERE member_id = ANY($1::uuid[]) "
        "AND email IS NOT NULL",
        [member_id, *others],
    )
    boxes = {one["member_id"]: mailbox(one["email"]) for one in found}
    own = boxes.pop(member_id, None)
    return own is not None and own in boxes.values()


async def members_of(programme_id: UUID, text: str) -> list[UUID]:
    """Whom this text, a whole address or number, has been proved to reach."""
    sent = text.replace("\x00", "").strip()
    wanted = {(LookupScope.EMAIL, key(sent))}
    with suppress(InvalidInput):
        wanted.add((LookupScope.PHONE, key(check_phone(sent, ()))))
    found = await lookups.find_many(programme_id, wanted)
    return [one["member_id"] for one in found.values()]
