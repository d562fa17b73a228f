"""Proving contacts: a proved contact belongs to its member only, and is removed from others.

The lookup of a contact is locked first, then accounts in the order of their members' ids.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts, seals
from domain.accounts.accounts import Account
from domain.kernel import lookups, sealed_rows
from domain.kernel.database import rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.lookups import Proof
from domain.kernel.refusals import ConcurrentRequest, InvalidInput, Refusal
from domain.members import contact_rows, contacts
from domain.members.contacts import TAKEN, Contact, ContactKind, VouchSent, key
from domain.members.identity import MemberKey, find_or_refuse
from domain.programmes.programmes import Programme

TAKEN_MAX = 100
"""For each digest of what is proved together, most members who lose it unproved; the rest keep it,
identifying nobody.
"""


def proof_of(request: Request) -> Proof:
    """The proof that this caller gives now."""
    return Proof(request.now, request.caller.actor)


async def prove_all(
    request: Request,
    programme_id: UUID,
    member_id: UUID,
    values: Mapping[str, Any],
    kinds: Iterable[ContactKind],
) -> None:
    """Make these contacts find only this member, before its account is opened.

    Raises: EmailTaken, PhoneTaken.
    """
    given = {kind: values[kind.column] for kind in sorted(kinds)}
    for kind, value in given.items():
        for before in contacts.keys(value)[1:]:
            holder = await lookups.find(programme_id, kind.scope, before)
            if holder is not None and holder["member_id"] != member_id:
                raise TAKEN[kind](path=(kind.column,))
        proved = await lookups.prove(
            programme_id, kind.scope, key(value), member_id, proof_of(request)
        )
        if not proved:
            raise TAKEN[kind](path=(kind.column,))
    await _take(programme_id, [member_id], given.items(), request.now)


async def prove_each(
    request: Request, programme_id: UUID, given: Mapping[UUID, Mapping[str, Any]]
) -> dict[UUID, Refusal]:
    """The same for several new members at once, each with its contacts; returns by member the
    refusal.
    """
    refused: dict[UUID, Refusal] = {}
    for kind in sorted(ContactKind):
        said = [
            (own, key(values[kind.column]))
            for own, values in given.items()
            if own not in refused and values.get(kind.column) is not None
        ]
        # of two who say the same the first has it
        owners = {value: own for own, value in reversed(said)}
        proved = await lookups.prove_many(programme_id, kind.scope, owners, proof_of(request))
        for own, value in said:
            if value not in proved or owners[value] != own:
                refused[own] = TAKEN[kind](path=(kind.column,))
    for own in refused:
        for kind in ContactKind:
            if given[own].get(kind.column) is not None:
                await lookups.free_own(programme_id, kind.scope, key(given[own][kind.column]), own)
    proved_now = [
        (kind, values[kind.column])
        for own, values in given.items()
        if own not in refused
        for kind in ContactKind
        if values.get(kind.column) is not None
    ]
    await _take(programme_id, list(given), proved_now, request.now)
    return refused


async def _take(
    programme_id: UUID,
    owners: Sequence[UUID],
    proved: Collection[tuple[ContactKind, str]],
    now: datetime,
) -> None:
    """Remove proved contacts from all other members who have them unproved."""
    digests = [one for given in proved for one in contacts.digests(programme_id, *given)]
    if not digests:
        return
    said = await rows(
        "SELECT member_id, id FROM contact WHERE digest = ANY($1::bytea[]) "
        "AND proved_at IS NULL AND member_id <> ALL($2::uuid[]) LIMIT $3",
        digests,
        list(owners),
        TAKEN_MAX * len(digests),
    )
    if not said:
        return
    locked = await seals.lock({one["member_id"] for one in said} | set(owners), now)
    gone = await rows(
        "DELETE FROM contact WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND digest = ANY($3::bytea[]) AND proved_at IS NULL RETURNING member_id, id",
        [one["member_id"] for one in said],
        [one["id"] for one in said],
        digests,
    )
    await seals.write(locked, gone, partial(sealed_rows.removed, "contact"))


async def prove(
    request: Request, programme: Programme, member: MemberKey, sent: VouchSent
) -> Outcome:
    """Vouch for a contact of the member; figures: `member_id`. The caller has checked that it is
    the member's. An earlier proof stays.

    Raises: NotFound, InvalidInput, EmailTaken, PhoneTaken, IdempotencyKeyReused,
        ConcurrentRequest.
    """
    value = None if sent.value is None else contacts.check(sent.kind, sent.value, ("value",))

    async def perform() -> Figures:
        member_id = await find_or_refuse(programme.id, member)
        said = await contacts.one_of(member_id, sent.kind)
        if said is None:
            raise InvalidInput("contact_absent", sent.kind, path=("kind",))
        if value is not None and key(value) != key(said.value):
            raise InvalidInput("contact_differs", value, path=("value",))
        given = {sent.kind.column: said.value}
        await prove_all(request, programme.id, member_id, given, [sent.kind])
        async with accounts.opened(programme, member_id, request.now) as account:
            await confirm(request, account, said)
        return {"member_id": str(member_id)}

    return await once(request, "proveContact", {"member": member, "contact": sent}, perform)


async def confirm(request: Request, account: Account, said: Contact) -> None:
    """Record the proof of a contact that now finds its member; does nothing where it was proved
    before.

    Raises: ConcurrentRequest where it has changed meanwhile.
    """
    proof, programme_id = proof_of(request), request.caller.programme_id
    for before in contacts.keys(said.value)[1:]:
        await lookups.free_own(programme_id, said.kind.scope, before, said.member_id)
    if contact_rows.is_proved(programme_id, said):
        if await contacts.one_of(said.member_id, said.kind) != said:
            raise ConcurrentRequest(path=("member",))
        return
    proved = await rows(
        "UPDATE contact SET proved_at = coalesce(proved_at, $4), "
        "proved_by = coalesce(proved_by, $5), digest = $6 "
        "WHERE member_id = $1 AND id = $2 AND digest = $3 "
        f"RETURNING {sealed_rows.columns('contact')}",
        said.member_id,
        said.id,
        said.digest,
        proof.proved_at,
        proof.proved_by,
        contacts.digests(programme_id, said.kind, said.value)[0],
    )
    if not proved:
        raise ConcurrentRequest(path=("member",))
    if said.proved_at is None:
        account.journal.changed += sealed_rows.of_all("contact", proved)
