"""Members imported from another system, with their contacts and consents, many at once.

The importer vouches for their contacts. There are no events about single new members, as they were
members before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

import models
from domain.accounts import accounts
from domain.books import books
from domain.kernel import lookups
from domain.kernel.database import Row, rows
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Refusal
from domain.members import (
    consents,
    contact_rows,
    contacts,
    enrolment,
    identity,
    joining,
    profile,
    proving,
)
from domain.members.consents import ConsentRecord, ConsentSent
from domain.members.contact_rows import Owner
from domain.members.contacts import ContactKind
from domain.members.enrolment import EnrolSent
from domain.members.statuses import MemberStatus
from domain.programmes.nodes import LOCALES
from domain.programmes.programmes import Programme


@dataclass(frozen=True, slots=True)
class Moving:
    """A member of another system, with personal details in their stored form."""

    reference: str
    values: Mapping[str, Any]
    consents: tuple[ConsentSent, ...] = ()

    @property
    def vouched(self) -> frozenset[ContactKind]:
        return frozenset(kind for kind in ContactKind if kind.column in self.values)


def check(
    request: Request,
    programme: Programme,
    reference: str,
    given: Mapping[str, Any],
    said: Sequence[ConsentSent],
) -> Moving:
    """Raises: InvalidInput."""
    identity.check_reference(reference)
    values = profile.checked(given, programme, request)
    profile.check_declared(request, programme, values)
    consents.check_all(said, ("consents",))
    return Moving(reference, values, tuple(said))


async def join(
    request: Request, programme: Programme, moving: Sequence[Moving]
) -> dict[str, UUID | Refusal]:
    """Enrol members with distinct references, in the caller's transaction; returns by reference the
    id of each, or the refusal. Members whose reference is taken are left out.
    """
    wanted = {one.reference: new_id() for one in moving}
    taken = await lookups.insert_many(
        programme.id, LookupScope.REFERENCE, {one: (own, own) for one, own in wanted.items()}
    )
    own = {wanted[one.reference]: one for one in moving if one.reference in taken}
    refused = await proving.prove_each(
        request, programme.id, {member_id: one.values for member_id, one in own.items()}
    )
    await lookups.free(
        programme.id, LookupScope.REFERENCE, [own[member_id].reference for member_id in refused]
    )
    new = {member_id: one for member_id, one in own.items() if member_id not in refused}
    await _insert(request, programme, new)
    why = {own[member_id].reference: refusal for member_id, refusal in refused.items()}
    return {one.reference: member_id for member_id, one in new.items()} | why


async def _insert(request: Request, programme: Programme, new: Mapping[UUID, Moving]) -> None:
    if not new:
        return
    # rows of theirs are inserted by now, so that a settling day waits for this
    now = await books.not_before(programme.id, request.now)
    codes = await enrolment.take_referral_codes(programme.id, new)
    members = [
        models.Member(
            member_id=own,
            programme_id=programme.id,
            reference=one.reference,
            name=one.values.get("name"),
            birthday=one.values.get("birthday"),
            locale=one.values.get("locale", LOCALES[0]),
            profile=one.values.get("profile", {}),
            profile_writers=dict.fromkeys(one.values.get("profile", {}), request.caller.kind),
            status=MemberStatus.ENROLLED,
            joined_at=now,
            referral_code=codes[own],
        )
        for own, one in new.items()
    ]
    await enrolment.insert(members, programme)
    opened = [joining.account(programme, member) for member in members]
    for account in opened:
        one = new[account.member_id]
        proofs = dict.fromkeys(one.vouched, proving.proof_of(request))
        owner = Owner(programme.id, account.member_id)
        account.record(*contact_rows.new(owner, one.values, proofs))
        consents.begin(account, one.consents, request.caller.actor)
    await accounts.close_all(opened, notify=False)


async def otherwise(moving: Mapping[UUID, Moving]) -> set[UUID]:
    """Those of these members whose stored data differs; a few queries."""
    ids = list(moving)
    found = await rows(
        "SELECT member_id, status, name, birthday, locale, profile FROM member "
        "WHERE member_id = ANY($1::uuid[])",
        ids,
    )
    said = await consents.last(ids)
    proved = {
        (one.member_id, one.kind, one.value)
        for one in await contacts.of_members(ids)
        if one.proved_at is not None
    }
    unproved = {
        own
        for own, one in moving.items()
        for kind in one.vouched
        if (own, kind, one.values[kind.column]) not in proved
    }
    return unproved | {
        one["member_id"]
        for one in found
        if _differs(moving[one["member_id"]], one, said[one["member_id"]])
    }


_COMPARED = frozenset({"name", "birthday", "locale"})


def _differs(moving: Moving, there: Row, stated: Collection[ConsentRecord]) -> bool:
    kept = orjson.loads(there["profile"])
    said = {one.key: one for one in stated}
    return (
        there["status"] == MemberStatus.GUEST
        or any(there[name] != value for name, value in moving.values.items() if name in _COMPARED)
        or any(kept.get(name) != value for name, value in moving.values.get("profile", {}).items())
        or any(
            not consents.repeats(one, said.get(key)) for one in moving.consents for key in one.keys
        )
    )


async def update(request: Request, programme: Programme, member_id: UUID, moving: Moving) -> None:
    """Change a member to the given data, in the caller's transaction; a guest is enrolled.

    Raises: InvalidInput, EmailTaken, PhoneTaken, LimitReached, MemberSuspended for who was erased.
    """
    found = await rows("SELECT status FROM member WHERE member_id = $1", member_id)
    if found and found[0]["status"] == MemberStatus.GUEST:
        sent = EnrolSent(moving.reference, **moving.values, consents=moving.consents)
        await enrolment.join(request, programme, sent)
        return
    await proving.prove_all(request, programme.id, member_id, moving.values, moving.vouched)
    async with accounts.opened(programme, member_id, request.now) as account:
        await profile.write(request, account, dict(moving.values), moving.vouched)
        await consents.add(account, moving.consents, request.caller.actor)
