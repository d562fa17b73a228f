"""Enrolment: a member joins, a guest is recorded, a guest becomes a member."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts
from domain.books import books
from domain.kernel import audit, lookups, sealed_rows
from domain.kernel.callers import CallerKind
from domain.kernel.database import row, rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_code, new_id
from domain.kernel.inputs import REFERENCE_CHARACTERS_MAX
from domain.kernel.lookups import LookupScope
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput
from domain.kernel.sealing import UNSEALED, SealedRow
from domain.ledger.values import FIRST_HASH
from domain.members import consents, contact_rows, contacts, profile, proving
from domain.members.consents import ConsentSent
from domain.members.contact_rows import Owner
from domain.members.contacts import ContactKind
from domain.members.identity import MemberKey, check_reference, find, find_id
from domain.members.refusals import ReferenceTaken, ReferralInvalid
from domain.members.statuses import MemberStatus
from domain.programmes.nodes import LOCALES
from domain.programmes.programmes import Programme
from domain.referrals import friends
from domain.risk import screening
from domain.risk.screening import Screening
from domain.risk.verdicts import NOTHING, Verdict

REFERRAL_CODE_CHARACTERS = 8
OPERATION = "enrolMember"
"""Operation name of idempotency keys for enrolments."""
REFERENCE_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class EnrolSent:
    """What a caller sent to enrol a member; a partner or staff may leave `reference` out.

    `contacts_proved` are the kinds of contacts that the caller vouches for; None means all that are
    given, if it may vouch. `consents` are statements that the member makes when joining.
    """

    reference: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    birthday: date | None = None
    locale: str | None = None
    referral_code: str | None = None
    profile: Mapping[str, Any] | None = None
    guest: bool = False
    contacts_proved: tuple[ContactKind, ...] | None = None
    consents: tuple[ConsentSent, ...] = ()

    def canonical(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "reference": self.reference,
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "birthday": self.birthday,
            "locale": self.locale,
            "referral_code": self.referral_code,
            "profile": self.profile,
            "guest": self.guest,
        }
        if self.contacts_proved is not None:
            said["contacts_proved"] = self.contacts_proved
        if self.consents:
            said["consents"] = self.consents
        return said


async def enrol(request: Request, programme: Programme, sent: EnrolSent) -> Outcome:
    """Enrol a member, record a guest, or turn a guest into a member; figures: `member_id`.

    A member enrols itself only, as its token's subject. Contacts are proved as by `profile.change`.
    A member with a referral code, given now or when recorded as a guest, becomes a friend of the
    code's owner, on the terms of this instant.

    Raises: InvalidInput, ReferenceTaken, EmailTaken, PhoneTaken, ReferralInvalid, RiskDenied,
        IdempotencyKeyReused.
    """
    if request.caller.kind is CallerKind.MEMBER:
        if sent.reference not in (None, request.caller.identity) or sent.guest:
            raise InvalidInput("not_oneself", path=("reference",))
        reference: str | None = request.caller.identity
    else:
        reference = sent.reference
    joining = _prepared(request, programme, sent, reference)

    async def perform() -> Figures:
        profile.check_declared(request, programme, joining.values)
        audit.personal(*(name for name, value in joining.values.items() if value))
        member_id, status = await _enrol(request, programme, joining)
        said: Figures = {"member_id": str(member_id)}
        return {**said, "under_review": True} if status == MemberStatus.UNDER_REVIEW else said

    return await screening.recorded(partial(once, request, OPERATION, sent, perform))


async def join(request: Request, programme: Programme, sent: EnrolSent) -> UUID:
    """The same for a new member, in the transaction of an import; returns its id.

    Raises: InvalidInput, ReferenceTaken, EmailTaken, PhoneTaken, ReferralInvalid.
    """
    joining = _prepared(request, programme, sent, sent.reference)
    profile.check_declared(request, programme, joining.values)
    return (await _enrol(request, programme, joining))[0]


@dataclass(frozen=True, slots=True)
class _Joining:
    """The checked input: personal details by name, the contacts among them that are proved, and the
    result of rules against fraud once evaluated.
    """

    sent: EnrolSent
    reference: str | None
    values: dict[str, Any]
    vouched: frozenset[ContactKind]
    looked: Screening | None = None
    verdict: Verdict = NOTHING

    @property
    def status(self) -> MemberStatus:
        """Status of a member who joins in this way."""
        if self.sent.guest:
            return MemberStatus.GUEST
        reviewed = self.verdict.decision == "review"
        return MemberStatus.UNDER_REVIEW if reviewed else MemberStatus.ENROLLED


def _prepared(
    request: Request, programme: Programme, sent: EnrolSent, reference: str | None
) -> _Joining:
    """Raises: InvalidInput."""
    values = profile.checked(_given(sent), programme, request)
    consents.check_all(sent.consents, ("consents",))
    return _Joining(
        sent, reference, values, contacts.check_vouched(request, values, sent.contacts_proved)
    )


def _given(sent: EnrolSent) -> dict[str, Any]:
    names = ("name", "email", "phone", "birthday", "locale", "profile")
    return {name: getattr(sent, name) for name in names if getattr(sent, name) is not None}


async def _enrol(
    request: Request, programme: Programme, joining: _Joining
) -> tuple[UUID, MemberStatus]:
    sent, reference, values = joining.sent, joining.reference, joining.values
    # the key of the request is inserted by now, so that a settling day waits for this
    request = replace(request, now=await books.not_before(programme.id, request.now))
    joining = await _screened(request, programme, joining)
    if reference is not None:
        check_reference(reference)
        guest = await _guest(programme.id, reference)
        if guest is not None and not sent.guest:
            await _promote(request, programme, guest, joining)
            return guest, joining.status
    member_id = new_id()
    said = {key: value for key, value in values.get("profile", {}).items() if value is not None}
    member = models.Member(
        member_id=member_id,
        programme_id=programme.id,
        reference=reference or f"M{new_code(REFERENCE_CHARACTERS)}",
        name=values.get("name"),
        birthday=values.get("birthday"),
        locale=values.get("locale", LOCALES[0]),
        profile=said,
        profile_writers=dict.fromkeys(said, request.caller.kind),
        status=joining.status,
        joined_at=request.now,
        referred_by=await _referrer(programme.id, sent.referral_code, member_id),
    )
    await claim_reference(programme.id, member.reference, member_id)
    await proving.prove_all(request, programme.id, member_id, values, joining.vouched)
    codes = await take_referral_codes(programme.id, [member_id])
    member.referral_code = codes[member_id]
    await insert([member], programme)
    proofs = dict.fromkeys(joining.vouched, proving.proof_of(request))
    known_by = contact_rows.new(Owner(programme.id, member_id), values, proofs)
    first = _First(vars(member), known_by)
    await _begin(request, programme, joining, first, member.referred_by)
    return member_id, joining.status


async def _screened(request: Request, programme: Programme, joining: _Joining) -> _Joining:
    """The input with the result of rules against fraud; not evaluated for a guest, which earns
    nothing.

    Raises: RiskDenied.
    """
    if joining.sent.guest:
        return joining
    looked = await screening.look(request, programme, None, "enrol")
    verdict = looked.judge(0)
    screening.refuse(looked, verdict, None, 0)
    return replace(joining, looked=looked, verdict=verdict)


async def claim_reference(programme_id: UUID, reference: str, member_id: UUID) -> None:
    """Take a reference for this member, waiting for others that are taking it.

    Raises: ReferenceTaken.
    """
    scope = LookupScope.REFERENCE
    if await lookups.look_up(programme_id, scope, reference, member_id, member_id) is not None:
        raise ReferenceTaken(path=("reference",))


async def take_referral_codes(programme_id: UUID, member_ids: Iterable[UUID]) -> dict[UUID, str]:
    """By member, a unique referral code; usually one statement for all."""
    found: dict[UUID, str] = {}
    missing = list(member_ids)
    while missing:
        codes = {new_code(REFERRAL_CODE_CHARACTERS): member_id for member_id in missing}
        taken = await lookups.insert_many(
            programme_id,
            LookupScope.REFERRAL_CODE,
            {code: (member_id, member_id) for code, member_id in codes.items()},
        )
        found |= {codes[code]: code for code in taken}
        missing = [member_id for member_id in missing if member_id not in found]
    return found


async def insert(members: Sequence[models.Member], programme: Programme) -> None:
    """Write new members with empty accounts at the entry tier of their joining."""
    first = UNSEALED
    await models.Member.bulk_create(members)
    await models.Account.bulk_create(
        models.Account(
            member_id=member.member_id,
            programme_id=programme.id,
            pending=0,
            available=0,
            held=0,
            owed=0,
            sequence=0,
            last_hash=FIRST_HASH,
            seal_number=first.number,
            seal_hash=first.hash,
            tier=entry,
            tier_since=member.joined_at,
            tier_earned=entry,
        )
        for member, entry in ((one, _entry_tier(one, programme)) for one in members)
    )


def _entry_tier(member: models.Member, programme: Programme) -> str:
    return programme.as_of(member.joined_at).policy.tiers.levels[0].code


async def _guest(programme_id: UUID, reference: str) -> UUID | None:
    member_id = await find_id(programme_id, reference)
    if member_id is None:
        return None
    found = await row("SELECT status FROM member WHERE member_id = $1 FOR UPDATE", member_id)
    return member_id if found and found["status"] == MemberStatus.GUEST else None


async def _promote(
    request: Request, programme: Programme, member_id: UUID, joining: _Joining
) -> None:
    code = joining.sent.referral_code
    referrer = await _referrer(programme.id, code, member_id)
    await proving.prove_all(request, programme.id, member_id, joining.values, joining.vouched)
    _, sealed = await profile.change_row(
        request, programme, member_id, joining.values, joining.vouched
    )
    [kept] = await rows(
        "UPDATE member SET status = $2, joined_at = $3, "
        "referred_by = coalesce($4::uuid, referred_by) WHERE member_id = $1 "
        f"RETURNING {sealed_rows.columns('member')}",
        member_id,
        joining.status,
        request.now,
        referrer,
    )
    said = kept["referred_by"]
    if referrer is None and said is not None and await _may_refer(said, member_id):
        referrer = said
    first = _First(kept, changed=sealed, guest=True)
    await _begin(request, programme, joining, first, referrer)


@dataclass(frozen=True, slots=True)
class _First:
    """The joining member's row, its contacts that are not written yet, and other changed rows; the
    member was a `guest`, or is new.
    """

    member: Mapping[str, Any]
    known_by: Sequence[models.Contact] = ()
    changed: Sequence[SealedRow] = ()
    guest: bool = False


async def _begin(
    request: Request,
    programme: Programme,
    joining: _Joining,
    first: _First,
    referrer: UUID | None,
) -> None:
    """Write the first event of a new member or former guest; a friend's referral begins when it
    enrols, not as a guest.
    """
    status, looked, member_id = joining.status, joining.looked, first.member["member_id"]
    own = request.caller.kind is CallerKind.MEMBER
    async with accounts.opened(programme, member_id, request.now) as account:
        account.journal.changed += [sealed_rows.of("member", first.member), *first.changed]
        account.record(*first.known_by)
        partner_id = request.caller.partner_id
        account.notify(Topic.MEMBER_ENROLLED, partner_id=partner_id, status=str(status))
        if first.guest:
            account.notify(Topic.MEMBER_STATUS_CHANGED, from_="GUEST", to=str(status))
        # who enrols itself is called by what it is from here on, not by what its token says
        by = replace(request.caller, member_id=member_id) if own else request.caller
        await consents.add(account, joining.sent.consents, by.actor)
        if referrer is not None and status == MemberStatus.ENROLLED:
            friends.join(account, referrer, programme.as_of(request.now), request.now)
        if looked is not None:
            reviewed = joining.verdict.decision == "review"
            review_id = screening.open_review(account, "enrol", member_id, 0) if reviewed else None
            screening.add_decisions(account, looked, joining.verdict, (member_id, review_id), 0)
            await looked.keep(member_id, 0, account.now)


async def _referrer(programme_id: UUID, referral_code: str | None, friend: UUID) -> UUID | None:
    """Owner of the code. Raises: ReferralInvalid, the same whatever is wrong with it."""
    if referral_code is None:
        return None
    key = MemberKey(LookupScope.REFERRAL_CODE, referral_code)
    member_id = await find(programme_id, key)
    if member_id is None or not await _may_refer(member_id, friend):
        raise ReferralInvalid(referral_code[:REFERENCE_CHARACTERS_MAX], path=("referralCode",))
    return member_id


async def _may_refer(member_id: UUID, friend: UUID) -> bool:
    """Whether it is enrolled, and neither the friend itself nor a friend of the friend's."""
    found = await row("SELECT status, referred_by FROM member WHERE member_id = $1", member_id)
    return (
        found is not None
        and found["status"] == MemberStatus.ENROLLED
        and friend not in (member_id, found["referred_by"])
    )
