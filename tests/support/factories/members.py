"""Enrol, change, prove, suspend, close, merge and erase members."""

import functools
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.accounts import seals
from domain.approvals import approvals
from domain.kernel import sealed_rows
from domain.kernel.callers import Caller
from domain.kernel.database import rows, transact
from domain.kernel.idempotency import Outcome
from domain.members import consents, contacts, endings, enrolment, profile, proving
from domain.members.consents import ConsentSent, Purpose
from domain.members.contacts import ContactKind, VouchSent
from domain.members.enrolment import EnrolSent
from domain.members.identity import MemberKey
from domain.memberships import closing as closing_of_members
from domain.memberships import merges
from domain.memberships.closing import ClosingSent
from domain.memberships.merges import MergeSent
from domain.notices import contact_codes
from domain.privacy import erasing
from domain.programmes.programmes import Programme
from domain.webhooks import signing
from tests.support.factories.calls import NOW, partner, request, staff
from tests.support.factories.points import give
from tests.support.factories.webhooks import OUTGOING


async def enrol(programme: Programme, *, now: datetime = NOW, **sent: Any) -> UUID:
    outcome = await enrolment.enrol(
        request(partner(programme), now=now), programme, EnrolSent(**sent)
    )
    return UUID(outcome.figures["member_id"])


async def change(
    programme: Programme,
    member_id: UUID,
    *,
    caller: Caller | None = None,
    now: datetime = NOW,
    **changes: Any,
) -> None:
    sent = request(caller or partner(programme), now=now)
    await profile.change(sent, programme, MemberKey.of_id(member_id), changes)


async def known_by(member_id: UUID) -> tuple[str | None, str | None]:
    """The e-mail address and the phone number of a member, proved or not."""
    said = {one.kind: one.value for one in await contacts.of_members([member_id])}
    return said.get(ContactKind.EMAIL), said.get(ContactKind.PHONE)


async def prove(
    programme: Programme,
    member_id: UUID,
    kind: ContactKind = ContactKind.EMAIL,
    value: str | None = None,
    *,
    now: datetime = NOW,
) -> Outcome:
    sent = request(partner(programme), now=now)
    key = MemberKey.of_id(member_id)
    return await proving.prove(sent, programme, key, VouchSent(kind, value))


async def suspend(programme: Programme, member_id: UUID, *, now: datetime = NOW) -> None:
    by = request(staff(programme), now=now)
    await endings.suspend(by, programme, MemberKey.of_id(member_id), "looks stolen")


async def reinstate(programme: Programme, member_id: UUID, *, now: datetime = NOW) -> None:
    by = request(staff(programme), now=now)
    await endings.reinstate(by, programme, MemberKey.of_id(member_id), "it was not")


async def close(
    programme: Programme, member_id: UUID, forfeit: int, *, now: datetime = NOW
) -> None:
    by, sent = request(staff(programme), now=now), ClosingSent("asked for it", forfeit)
    await closing_of_members.close(by, programme, MemberKey.of_id(member_id), sent)


async def merge(programme: Programme, from_id: UUID, into_id: UUID, *, now: datetime = NOW) -> None:
    """Merge one member into another: one person proposes it, a second one approves it."""
    keys = (MemberKey.of_id(from_id), MemberKey.of_id(into_id))
    by, other = (request(staff(programme, name), now=now) for name in ("kim", "lee"))
    proposed = await merges.merge(by, programme, MergeSent(*keys, "enrolled twice"))
    await approvals.approve(other, programme, UUID(proposed.figures["proposal_id"]), "a proposal")


async def contact_code(
    programme: Programme,
    member_id: UUID,
    kind: ContactKind = ContactKind.EMAIL,
    *,
    now: datetime = NOW,
) -> str:
    """Request a code for an unproved contact; the code, read with the secret key."""
    sent = request(staff(programme), now=now)
    await contact_codes.ask(sent, programme, member_id, kind, OUTGOING)
    found = await models.ContactCode.get(member_id=member_id, kind=kind.value)
    return signing.opened(str(found.sealed), OUTGOING.key)


async def consent(
    programme: Programme, member_id: UUID, purpose: Purpose, *, granted: bool = True
) -> None:
    """Record a member's consent to all channels of a purpose, or its refusal."""
    member, sent = MemberKey.of_id(member_id), ConsentSent(purpose, granted)
    await consents.record(request(staff(programme)), programme, member, sent)


async def set_status(member_id: UUID, status: str) -> None:
    """Give a member a status that no operation gives, with the seal that one would write."""

    async def work() -> None:
        locked = await seals.lock([member_id], NOW)
        changed = await rows(
            "UPDATE member SET status = $2 WHERE member_id = $1 "
            f"RETURNING {sealed_rows.columns('member')}",
            member_id,
            status,
        )
        await seals.write(locked, changed, functools.partial(sealed_rows.of, "member"))

    await transact(work)


async def rich_member(
    programme: Programme, points: int, *, now: datetime = NOW, **sent: Any
) -> UUID:
    """A new member with this balance."""
    member_id = await enrol(programme, now=now, **sent)
    await give(programme, member_id, points, now=now)
    return member_id


async def erase(
    programme: Programme, member_id: UUID, points: int = 0, *, now: datetime = NOW
) -> Outcome:
    """Erase a member that has these points."""
    key = MemberKey.of_id(member_id)
    return await erasing.erase(request(staff(programme), now=now), programme, key, points)
