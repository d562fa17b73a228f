"""The account that a history is played to: found or opened, locked, and only history's own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from domain import ledger, members, tiers
from domain.bookings import Holder
from domain.database import Row, row, rows
from domain.errors import MemberSuspended, NotFound
from domain.ids import new_code, new_id
from domain.journal import Journal
from domain.limits import Granted
from domain.members import LookupScope, MemberKey, MemberStatus
from domain.policy import LOCALES
from domain.programmes import Programme
from models import Member as MemberTable

NOT_OURS = "This member has entries that no import of history made."


@dataclass(slots=True)
class Standing:
    """Where a member's history stands under its lock.

    `hashes` are those of its bookings by reference; nothing may be played before `until`.
    """

    journal: Journal
    holder: Holder
    hashes: dict[str, bytes]
    until: datetime | None


class MemberRefused(Exception):
    """Nothing of this member can be played; the message says why."""


async def find(
    programme: Programme, reference: str, joined_at: datetime, *, enrol: bool
) -> tuple[UUID, bool]:
    """The member, and whether it was enrolled just now, joining at `joined_at`.

    Raises: MemberRefused, ReferenceTaken when it is enrolled by somebody else meanwhile.
    """
    member_id = await members.find(programme.id, MemberKey(LookupScope.REFERENCE, reference))
    if member_id is not None:
        return member_id, False
    if not enrol:
        raise MemberRefused(NotFound("member", reference).message)
    return await _enrol(programme, reference, joined_at), True


async def _enrol(programme: Programme, reference: str, joined_at: datetime) -> UUID:
    member_id, code = new_id(), new_code(members.REFERRAL_CODE_CHARACTERS)
    await members.claim(programme.id, LookupScope.REFERENCE, reference, member_id, member_id)
    scope = LookupScope.REFERRAL_CODE
    while await members.look_up(programme.id, scope, code, member_id, member_id) is not None:
        code = new_code(members.REFERRAL_CODE_CHARACTERS)
    member = MemberTable(
        member_id=member_id,
        programme_id=programme.id,
        reference=reference,
        locale=LOCALES[0],
        profile={},
        status=MemberStatus.ENROLLED,
        joined_at=joined_at,
        referral_code=code,
    )
    await members.insert([member], programme)
    return member_id


def at_joining(member_id: UUID, programme: Programme, joined_at: datetime) -> Standing:
    """Where a member stands that was enrolled in this transaction."""
    entry = programme.as_of(joined_at).policy.tiers.levels[0].code
    holder = Holder(member_id, MemberStatus.ENROLLED, None, {}, tier=entry, current_tier=entry)
    return Standing(Journal(member_id, joined_at), holder, {}, None)


async def lock(member_id: UUID, now: datetime, reporter: str) -> Standing:
    """Lock an account to which only `reporter` has posted.

    Raises: MemberRefused
    """
    journal, account = await ledger.lock(member_id, now)
    member = await row(
        "SELECT status, birthday, profile FROM member WHERE member_id = $1", member_id
    )
    if member is None or member["status"] not in (MemberStatus.ENROLLED, MemberStatus.GUEST):
        raise MemberRefused(MemberSuspended().message)
    if await _has_others_entries(member_id, reporter):
        raise MemberRefused(NOT_OURS)
    recorded = await rows(
        "SELECT reference, content_hash, booked_at FROM booking WHERE member_id = $1", member_id
    )
    instants = [booking["booked_at"] for booking in recorded]
    if account["last_recorded_at"] is not None:
        instants.append(account["last_recorded_at"])
    return Standing(
        journal,
        await _holder(member_id, member, account["tier"]),
        {booking["reference"]: booking["content_hash"] for booking in recorded},
        max(instants, default=None),
    )


async def _has_others_entries(member_id: UUID, reporter: str) -> bool:
    """Whether anything but history made points, bookings or a tier; expiry is nobody's doing."""
    found = await row(
        "SELECT EXISTS (SELECT FROM ledger_entry WHERE member_id = $1 AND actor <> $2 "
        "AND kind <> 'EXPIRE') "
        "OR EXISTS (SELECT FROM booking WHERE member_id = $1 AND reporter <> $2) "
        "OR EXISTS (SELECT FROM tier_change WHERE member_id = $1 AND booking_id IS NULL) AS others",
        member_id,
        reporter,
    )
    return bool(found and found["others"])


async def _holder(member_id: UUID, member: Row, tier: str) -> Holder:
    granted = await rows(
        "SELECT rule, points, occurred_at FROM award "
        "WHERE member_id = $1 AND booking_id IS NOT NULL",
        member_id,
    )
    return Holder(
        member_id,
        member["status"],
        member["birthday"],
        orjson.loads(member["profile"]),
        tier=tier,
        current_tier=tier,
        qualifying=await tiers.qualifying(member_id),
        granted=[Granted(**award) for award in granted],
    )
