"""Members of a programme: who they are, how they are found, and how they join."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import cache, dates, outbox
from domain.kernel.callers import CallerKind
from domain.kernel.database import Row, row, rows, update
from domain.kernel.errors import (
    ConcurrentRequest,
    DomainError,
    EmailTaken,
    InvalidInput,
    LimitReached,
    MemberNotEnrolled,
    MemberSuspended,
    NotFound,
    PhoneTaken,
    ReferenceTaken,
    ReferralInvalid,
)
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_code, new_id
from domain.kernel.inputs import (
    NAME_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    check_birthday,
    check_email,
    check_object,
    check_phone,
    check_text,
    listed,
)
from domain.kernel.outbox import Event, Topic
from domain.ledger.journal import FIRST_HASH, Balances
from domain.programmes.policy import LOCALES
from domain.programmes.programmes import Programme
from domain.tiers.tier_windows import ALWAYS, Window
from domain.tiers.tiers import (
    COUNTED,
    HOLDING_COLUMNS,
    QUALIFYING_COLUMNS,
    Holding,
    Qualifying,
    to_holding,
)
from models import Account, Lookup
from models import Member as MemberTable

REFERRAL_CODE_CHARACTERS = 8
REFERENCE_CHARACTERS = 12
LOOK_UPS_MAX = 10
"""How often a value is tried for that others take and free at the same time."""


class MemberStatus(StrEnum):
    ENROLLED = "ENROLLED"
    GUEST = "GUEST"
    SUSPENDED = "SUSPENDED"
    UNDER_REVIEW = "UNDER_REVIEW"
    ERASED = "ERASED"


class LookupScope(StrEnum):
    """What a lookup row is found by; its value is unique within programme and scope."""

    REFERENCE = "reference"
    EMAIL = "email"
    PHONE = "phone"
    REFERRAL_CODE = "referral_code"
    BOOKING = "booking"
    ACTIVITY = "activity"
    FULFILMENT = "fulfilment"


@dataclass(frozen=True, slots=True)
class MemberKey:
    """One way to name a member: by id, or by a lookup scope and value."""

    scope: LookupScope | None
    value: str

    @classmethod
    def of_id(cls, member_id: UUID) -> "MemberKey":
        return cls(None, str(member_id))

    def canonical(self) -> dict[str, Any]:
        return {"scope": self.scope, "value": self.value}


@dataclass(frozen=True, slots=True)
class Member:
    """A member with its account's cached state, as one statement reads it.

    `balances` are those last written: apply what is due before showing them
    (`ledger.state_now`) when `next_due_at` has come. `qualifying` is what counts
    toward tiers in the window that was asked for.
    """

    member_id: UUID
    programme_id: UUID
    reference: str
    name: str | None
    email: str | None
    phone: str | None
    birthday: date | None
    locale: str
    profile: dict[str, Any]
    status: MemberStatus
    joined_at: datetime
    referral_code: str
    balances: Balances
    next_due_at: datetime | None
    holding: Holding
    window: Window
    qualifying: Qualifying

    @property
    def tier(self) -> str:
        return self.holding.tier


@dataclass(frozen=True, slots=True)
class EnrolSent:
    """What a caller sent to enrol a member; a partner or staff may leave `reference` out."""

    reference: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    birthday: date | None = None
    locale: str | None = None
    referral_code: str | None = None
    profile: Mapping[str, Any] | None = None
    guest: bool = False

    def canonical(self) -> dict[str, Any]:
        return {
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


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """`text` is looked for in reference, name, e-mail and phone; instants are UTC."""

    text: str | None = None
    tier: str | None = None
    status: MemberStatus | None = None
    joined_from: datetime | None = None
    joined_until: datetime | None = None


async def enrol(request: Request, programme: Programme, sent: EnrolSent) -> Outcome:
    """Enrol a member, record a guest, or turn a guest into a member; figures: `member_id`.

    A member enrols itself only, as its token's subject.

    Raises: InvalidInput, ReferenceTaken, EmailTaken, PhoneTaken, ReferralInvalid,
        IdempotencyKeyReused.
    """
    if request.caller.kind is CallerKind.MEMBER:
        if sent.reference not in (None, request.caller.identity) or sent.guest:
            raise InvalidInput("not_oneself", path=("reference",))
        reference: str | None = request.caller.identity
    else:
        reference = sent.reference
    values = _checked(_given(sent), programme, request.now)

    async def perform() -> Figures:
        member_id = await _enrol(request, programme, sent, reference, values)
        return {"member_id": str(member_id)}

    return await once(request, "enrolMember", sent, perform)


async def change(
    request: Request, programme: Programme, key: MemberKey, changes: Mapping[str, Any]
) -> Outcome:
    """Change what is given and leave the rest; null clears. Figures: `member_id`.

    `changes` has any of name, email, phone, birthday, locale, profile. A birth date that
    was known changes once a calendar year, for staff always.

    Raises: NotFound, InvalidInput, EmailTaken, PhoneTaken, LimitReached,
        IdempotencyKeyReused.
    """
    values = _checked(changes, programme, request.now)

    async def perform() -> Figures:
        member_id = await find_or_refuse(programme.id, key, ("member",))
        await _change(request, programme, member_id, values)
        return {"member_id": str(member_id)}

    return await once(request, "updateMember", {"member": key, "changes": changes}, perform)


def _given(sent: EnrolSent) -> dict[str, Any]:
    names = ("name", "email", "phone", "birthday", "locale", "profile")
    return {name: getattr(sent, name) for name in names if getattr(sent, name) is not None}


def _checked(changes: Mapping[str, Any], programme: Programme, now: datetime) -> dict[str, Any]:
    values = dict(changes)
    if (name := values.get("name")) is not None:
        check_text(name, NAME_CHARACTERS_MAX, ("name",))
    if (email := values.get("email")) is not None:
        values["email"] = check_email(email, ("email",))
    if (phone := values.get("phone")) is not None:
        values["phone"] = check_phone(phone, ("phone",))
    if (birthday := values.get("birthday")) is not None:
        zone = programme.as_of(now).policy.zone
        check_birthday(birthday, dates.local_date(now, zone), ("birthday",))
    if "locale" in values:
        values["locale"] = values["locale"] or LOCALES[0]
        if values["locale"] not in LOCALES:
            raise InvalidInput("locale", values["locale"], listed(LOCALES), path=("locale",))
    if "profile" in values:
        profile = {} if values["profile"] is None else values["profile"]
        values["profile"] = check_object(profile, ("profile",))
    return values


async def _enrol(
    request: Request,
    programme: Programme,
    sent: EnrolSent,
    reference: str | None,
    values: dict[str, Any],
) -> UUID:
    if reference is not None:
        check_text(reference, REFERENCE_CHARACTERS_MAX, ("reference",))
        guest = await _guest(programme.id, reference)
        if guest is not None and not sent.guest:
            await _promote(request, programme, guest, sent.referral_code, values)
            return guest
    member_id = new_id()
    member = MemberTable(
        member_id=member_id,
        programme_id=programme.id,
        reference=reference or f"M{new_code(REFERENCE_CHARACTERS)}",
        **{name: values.get(name) for name in ("name", "email", "phone", "birthday")},
        locale=values.get("locale", LOCALES[0]),
        profile=values.get("profile", {}),
        status=MemberStatus.GUEST if sent.guest else MemberStatus.ENROLLED,
        joined_at=request.now,
        referral_code=new_code(REFERRAL_CODE_CHARACTERS),
        referred_by=await _referrer(programme.id, sent.referral_code),
    )
    for scope, value in _lookups(member):
        await claim(programme.id, scope, value, member_id, member_id)
    await insert([member], programme)
    await _tell_enrolled(request, programme, member_id, member.status)
    return member_id


def _lookups(member: MemberTable) -> list[tuple[LookupScope, str]]:
    found = [
        (LookupScope.REFERENCE, member.reference),
        (LookupScope.EMAIL, member.email and member.email.lower()),
        (LookupScope.PHONE, member.phone),
        (LookupScope.REFERRAL_CODE, member.referral_code),
    ]
    return [(scope, value) for scope, value in found if value]


async def insert(members: Sequence[MemberTable], programme: Programme) -> None:
    """Write new members with empty accounts at the entry tier of their joining."""
    await MemberTable.bulk_create(members)
    await Account.bulk_create(
        Account(
            member_id=member.member_id,
            programme_id=programme.id,
            pending=0,
            available=0,
            held=0,
            owed=0,
            sequence=0,
            last_hash=FIRST_HASH,
            tier=entry,
            tier_since=member.joined_at,
            tier_earned=entry,
        )
        for member, entry in ((one, _entry_tier(one, programme)) for one in members)
    )


def _entry_tier(member: MemberTable, programme: Programme) -> str:
    return programme.as_of(member.joined_at).policy.tiers.levels[0].code


async def _guest(programme_id: UUID, reference: str) -> UUID | None:
    member_id = await find_id(programme_id, reference)
    if member_id is None:
        return None
    found = await row("SELECT status FROM member WHERE member_id = $1 FOR UPDATE", member_id)
    return member_id if found and found["status"] == MemberStatus.GUEST else None


async def _promote(
    request: Request,
    programme: Programme,
    member_id: UUID,
    referral_code: str | None,
    values: dict[str, Any],
) -> None:
    referrer = await _referrer(programme.id, referral_code)
    if referrer == member_id:
        raise ReferralInvalid(str(referral_code), path=("referralCode",))
    await _change(request, programme, member_id, values)
    await update(
        "UPDATE member SET status = $2, joined_at = $3, "
        "referred_by = coalesce($4::uuid, referred_by) WHERE member_id = $1",
        member_id,
        MemberStatus.ENROLLED,
        request.now,
        referrer,
    )
    await _tell_enrolled(request, programme, member_id, MemberStatus.ENROLLED)


async def _tell_enrolled(
    request: Request, programme: Programme, member_id: UUID, status: str
) -> None:
    event = Event(Topic.MEMBER_ENROLLED, member_id, {"status": str(status)})
    await outbox.write(programme.id, request.now, [event])


async def _referrer(programme_id: UUID, referral_code: str | None) -> UUID | None:
    if referral_code is None:
        return None
    key = MemberKey(LookupScope.REFERRAL_CODE, referral_code)
    member_id = await find(programme_id, key)
    if member_id is None:
        raise ReferralInvalid(referral_code[:REFERENCE_CHARACTERS_MAX], path=("referralCode",))
    return member_id


_TAKEN: dict[LookupScope, type[DomainError]] = {
    LookupScope.REFERENCE: ReferenceTaken,
    LookupScope.EMAIL: EmailTaken,
    LookupScope.PHONE: PhoneTaken,
}


async def claim(
    programme_id: UUID, scope: LookupScope, value: str, member_id: UUID, row_id: UUID
) -> None:
    """Take a value for this member, waiting for whoever is taking it.

    Raises: ReferenceTaken, EmailTaken, PhoneTaken.
    """
    if await look_up(programme_id, scope, value, member_id, row_id) is not None:
        raise _TAKEN[scope](path=(scope,))


async def look_up(
    programme_id: UUID, scope: LookupScope, value: str, member_id: UUID, row_id: UUID
) -> Row | None:
    """Take a value for this member's row; or the row that has it already.

    Raises: ConcurrentRequest when others take and free the value all the time.
    """
    for _ in range(LOOK_UPS_MAX):
        taken = await row(
            "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (programme_id, scope, value) DO NOTHING "
            "RETURNING row_id",
            programme_id,
            scope,
            value,
            member_id,
            row_id,
        )
        if taken is not None:
            return None
        found = await row(
            "SELECT member_id, row_id FROM lookup "
            "WHERE programme_id = $1 AND scope = $2 AND value = $3",
            programme_id,
            scope,
            value,
        )
        if found is not None:
            return found
        # whoever had it has just freed it, between the two statements
    raise ConcurrentRequest


async def _change(
    request: Request, programme: Programme, member_id: UUID, values: dict[str, Any]
) -> None:
    current = await row("SELECT * FROM member WHERE member_id = $1 FOR UPDATE", member_id)
    if current is None:
        raise NotFound("member", str(member_id), path=("member",))
    for scope, name in ((LookupScope.EMAIL, "email"), (LookupScope.PHONE, "phone")):
        if name in values and values[name] != current[name]:
            await _replace_lookup(programme.id, scope, current[name], values[name], member_id)
    if "birthday" in values and values["birthday"] != current["birthday"]:
        values = {**values, **_birthday_change(request, programme, current)}
    if values:
        await MemberTable.filter(member_id=member_id).update(**values)


async def _replace_lookup(
    programme_id: UUID, scope: LookupScope, old: str | None, new: str | None, member_id: UUID
) -> None:
    if old is not None:
        await Lookup.filter(programme_id=programme_id, scope=scope, value=old.lower()).delete()
    if new is not None:
        await claim(programme_id, scope, new.lower(), member_id, member_id)


def _birthday_change(request: Request, programme: Programme, current: Row) -> dict[str, int]:
    """A birth date earns points, so members may not move it about."""
    zone = programme.as_of(request.now).policy.zone
    year = dates.local_date(request.now, zone).year
    if current["birthday"] is None or request.caller.kind is CallerKind.STAFF:
        return {}
    if current["birthday_changed_in"] == year:
        _, resets_at = dates.period_bounds(request.now, "year", zone)
        raise LimitReached(1, resets_at, path=("birthday",))
    return {"birthday_changed_in": year}


# Reads.

_SELECT = f"""
SELECT m.member_id, m.programme_id, m.reference, m.name, m.email, m.phone, m.birthday, m.locale,
    m.profile, m.status, m.joined_at, m.referral_code, a.pending, a.available, a.held, a.owed,
    a.next_due_at, {", ".join(f"a.{name}" for name in HOLDING_COLUMNS)}, q.*
FROM member m
JOIN account a ON a.member_id = m.member_id
CROSS JOIN LATERAL (
    SELECT {COUNTED} FROM tier_credit t WHERE t.member_id = m.member_id
        AND ($%(from_)s::timestamptz IS NULL OR t.occurred_at >= $%(from_)s)
        AND ($%(until)s::timestamptz IS NULL OR t.occurred_at < $%(until)s)) q
"""
"""What counts in a window, whose ends are the parameters of these numbers."""

_FILTER = """
WHERE m.programme_id = $1
    AND ($2::text IS NULL OR m.status = $2)
    AND ($3::timestamptz IS NULL OR m.joined_at >= $3)
    AND ($4::timestamptz IS NULL OR m.joined_at < $4)
    AND ($5::text IS NULL OR a.tier = $5)
    AND ($6::text IS NULL OR m.reference ILIKE $6 OR m.name ILIKE $6 OR m.email ILIKE $6
        OR m.phone ILIKE $6)
"""


async def find_id(programme_id: UUID, reference: str) -> UUID | None:
    """The member of this reference; remembered while changes are listened for."""
    key = MemberKey(LookupScope.REFERENCE, reference)
    return await cache.remember(
        "member", f"{programme_id}:{reference}", lambda: find(programme_id, key)
    )


async def find(programme_id: UUID, key: MemberKey) -> UUID | None:
    """The id of the member that this names in the programme, or None."""
    if "\x00" in key.value:
        return None
    if key.scope is None:
        found = await row(
            "SELECT member_id FROM member WHERE programme_id = $1 AND member_id = $2",
            programme_id,
            UUID(key.value),
        )
    else:
        found = await row(
            "SELECT member_id FROM lookup WHERE programme_id = $1 AND scope = $2 AND value = $3",
            programme_id,
            key.scope,
            _normal(key),
        )
    return found["member_id"] if found else None


def _normal(key: MemberKey) -> str:
    try:
        if key.scope is LookupScope.PHONE:
            return check_phone(key.value, ())
    except InvalidInput:
        return key.value
    return key.value.strip().lower() if key.scope is LookupScope.EMAIL else key.value


async def find_or_refuse(
    programme_id: UUID, key: MemberKey, path: tuple[str, ...] = ("member",)
) -> UUID:
    """Raises: NotFound, which looks alike for another programme's member."""
    member_id = await find(programme_id, key)
    if member_id is None:
        raise NotFound("member", key.value[:REFERENCE_CHARACTERS_MAX], path=path)
    return member_id


def check_enrolled(status: str, path: tuple[str, ...] = ("member",)) -> None:
    """Only an enrolled member earns and spends.

    Raises: MemberNotEnrolled, MemberSuspended.
    """
    if status == MemberStatus.GUEST:
        raise MemberNotEnrolled(path=path)
    if status != MemberStatus.ENROLLED:
        raise MemberSuspended(path=path)


async def many(member_ids: Sequence[UUID], window: Window = ALWAYS) -> dict[UUID, Member]:
    """Members by id with their account's state, one statement for all of them."""
    select = _SELECT % {"from_": 2, "until": 3}
    found = await rows(
        f"{select} WHERE m.member_id = ANY($1::uuid[])",
        list(member_ids),
        window.from_,
        window.until,
    )
    return {member["member_id"]: _member(member, window) for member in found}


async def page(
    programme_id: UUID,
    wanted: MemberFilter,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    window: Window = ALWAYS,
) -> list[Member]:
    """At most `limit` members, the newest first, those behind `after` (joined at, id)."""
    select = _SELECT % {"from_": 10, "until": 11}
    found = await rows(
        f"{select} {_FILTER} "
        "AND ($7::timestamptz IS NULL OR (m.joined_at, m.member_id) < ($7, $8::uuid)) "
        "ORDER BY m.joined_at DESC, m.member_id DESC LIMIT $9",
        *_filter_values(programme_id, wanted),
        after[0] if after else None,
        after[1] if after else None,
        limit,
        window.from_,
        window.until,
    )
    return [_member(member, window) for member in found]


async def count(programme_id: UUID, wanted: MemberFilter) -> int:
    found = await row(
        f"SELECT count(*) AS count FROM member m JOIN account a ON a.member_id = m.member_id "
        f"{_FILTER}",
        *_filter_values(programme_id, wanted),
    )
    return int(found["count"]) if found else 0


def _filter_values(programme_id: UUID, wanted: MemberFilter) -> tuple[Any, ...]:
    text = None
    if wanted.text:
        escaped = wanted.text.replace("\x00", "").replace("\\", r"\\")
        text = "%" + escaped.replace("%", r"\%").replace("_", r"\_") + "%"
    return (
        programme_id,
        wanted.status,
        wanted.joined_from,
        wanted.joined_until,
        wanted.tier,
        text,
    )


def _member(found: Row, window: Window) -> Member:
    balances = Balances(*(found.pop(name) for name in ("pending", "available", "held", "owed")))
    qualifying = Qualifying(**{name: found.pop(name) for name in QUALIFYING_COLUMNS})
    holding = to_holding(found)
    for name in HOLDING_COLUMNS:
        del found[name]
    profile = orjson.loads(found.pop("profile"))
    status = MemberStatus(found.pop("status"))
    return Member(
        **found,
        balances=balances,
        holding=holding,
        window=window,
        qualifying=qualifying,
        profile=profile,
        status=status,
    )
