"""Joining: members given only by references, enrolled in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.books import books
from domain.kernel import idempotency, lookups
from domain.kernel.database import is_outage, transact
from domain.kernel.idempotency import Outcome, Request
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.outbox import Topic
from domain.kernel.refusals import Refusal
from domain.members import enrolment, identity
from domain.members.enrolment import EnrolSent
from domain.members.statuses import MemberStatus
from domain.programmes.nodes import LOCALES
from domain.programmes.programmes import Programme
from domain.tiers.values import Holding


async def enrol_all(
    requests: Mapping[str, Request], programme: Programme
) -> dict[str, Outcome | Exception]:
    """By reference, the result of `enrolment.enrol` for each, or its refusal; all have one caller,
    a partner or staff, and one instant.

    Raises: what says that the database is away.
    """
    good = {one: request for one, request in requests.items() if _is_reference(one)}
    joined: dict[str, Outcome] = {}
    if good:
        try:
            joined = await transact(partial(_enrol, good, programme))
        except Exception as error:  # alone it is seen which one it is
            if is_outage(error):
                raise
    return {
        reference: joined.get(reference) or await _enrol_alone(request, programme, reference)
        for reference, request in requests.items()
    }


def _is_reference(text: str) -> bool:
    try:
        identity.check_reference(text)
    except Refusal:
        return False
    return True


async def _enrol_alone(
    request: Request, programme: Programme, reference: str
) -> Outcome | Exception:
    try:
        return await enrolment.enrol(request, programme, EnrolSent(reference=reference))
    except Exception as error:
        if is_outage(error):
            raise
        return error


async def _enrol(requests: Mapping[str, Request], programme: Programme) -> dict[str, Outcome]:
    """Enrol those whose keys and references are free; nothing is changed for the others."""
    [caller, *_] = (request.caller for request in requests.values())
    [now, *_] = (request.now for request in requests.values())
    digests = {
        request.key: idempotency.digest(enrolment.OPERATION, EnrolSent(reference=reference))
        for reference, request in requests.items()
    }
    keys = await idempotency.claim_all(caller, enrolment.OPERATION, digests, now)
    wanted = {one: new_id() for one, request in requests.items() if request.key in keys}
    taken = await lookups.insert_many(
        programme.id, LookupScope.REFERENCE, {one: (own, own) for one, own in wanted.items()}
    )
    # keys and references are inserted by now, so that a settling day waits for this
    now = await books.not_before(programme.id, now)
    members = await _insert(programme, {one: wanted[one] for one in taken}, now)
    joined = [account(programme, member) for member in members]
    for one in joined:
        status = str(MemberStatus.ENROLLED)
        one.notify(Topic.MEMBER_ENROLLED, partner_id=caller.partner_id, status=status)
    await accounts.close_all(joined)
    figures = {requests[one.reference].key: {"member_id": str(one.member_id)} for one in members}
    await idempotency.keep_all(caller, figures)
    await idempotency.release(caller, [key for key in keys if key not in figures])
    return {one.reference: Outcome(figures[requests[one.reference].key], False) for one in members}


async def _insert(
    programme: Programme, joining: Mapping[str, UUID], now: datetime
) -> list[models.Member]:
    codes = await enrolment.take_referral_codes(programme.id, joining.values())
    members = [
        models.Member(
            member_id=own,
            programme_id=programme.id,
            reference=reference,
            locale=LOCALES[0],
            profile={},
            profile_writers={},
            status=MemberStatus.ENROLLED,
            joined_at=now,
            referral_code=codes[own],
        )
        for reference, own in joining.items()
    ]
    if members:
        await enrolment.insert(members, programme)
    return members


def account(programme: Programme, member: models.Member) -> Account:
    """The empty account of a member that this transaction made; the caller closes it."""
    entry = programme.as_of(member.joined_at).policy.tiers.levels[0].code
    holding = Holding.at_joining(member.member_id, entry, member.joined_at)
    return accounts.of_new_member(programme, member, holding)
