"""History: the bookings of a programme that moves here, played as if it had always run here.

A member's bookings are played in time order with the clock standing at each one's instant,
in one transaction, and nobody is told: no outbox rows. Only a member whose every entry came
this way can be played further, so nothing is ever written before what already happened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from domain import bookings, canonical, ledger, members, tiers
from domain import journal as journals
from domain.bookings import BookingSent, Decision, Holder
from domain.database import Row, row, rows, transact, update
from domain.earning import Line
from domain.errors import (
    DomainError,
    EventInFuture,
    InvalidInput,
    MemberSuspended,
    NotFound,
    ReferenceConflict,
    ReferenceTaken,
)
from domain.ids import new_code, new_id
from domain.inputs import REFERENCE_CHARACTERS_MAX, check_text
from domain.journal import Journal
from domain.limits import Granted
from domain.members import LookupScope, MemberKey, MemberStatus
from domain.policy import LOCALES
from domain.programmes import Programme, Version
from models import Member as MemberTable

REPORTER = "system:history"
"""Who reported and caused what was played: by it an import knows its own."""

NOT_OURS = "This member has entries that no import of history made."
TOO_LATE = "This lies before what is already recorded for this member."


@dataclass(frozen=True, slots=True)
class Past:
    """One booking of the past; `number` is its place in the file, `booked_at` is UTC."""

    number: int
    booked_at: datetime
    sent: BookingSent


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the booking of this number was not taken."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one member's bookings; `known` ones were there before."""

    recorded: int = 0
    known: int = 0
    points: int = 0
    enrolled: int = 0
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Checked:
    """A booking that its own instant's policy accepts, under the id that it will have."""

    past: Past
    version: Version
    lines: Sequence[Line]
    id: UUID


@dataclass(slots=True)
class _Standing:
    """Where a member's history stands under its lock; `hashes` are those of its bookings."""

    journal: Journal
    holder: Holder
    hashes: dict[str, bytes]
    until: datetime | None


class _MemberRefused(Exception):
    """Nothing of this member can be played; the message says why."""


class _NothingNew(Exception):
    """All bookings of a member that would join by them are refused, so it does not join."""

    def __init__(self, refused: Sequence[Refusal]) -> None:
        self.refused = refused


async def play(
    programme: Programme, reference: str, past: Iterable[Past], now: datetime, *, enrol: bool
) -> Played:
    """Record one member's bookings as they would have been at their own instants.

    All or none of it is written, so what was interrupted is finished by playing it again.
    With `enrol` a missing member joins at its first booking. Refusals are values: a booking
    that cannot be taken leaves the others alone.

    Raises: ConcurrentRequest.
    """
    checked, known, refused = _check(programme, past, now)
    if not checked:
        return Played(known=known, refused=tuple(refused))
    try:
        check_text(reference, REFERENCE_CHARACTERS_MAX, ("member",))
        played = await transact(lambda: _play(programme, reference, checked, enrol=enrol))
    except _NothingNew as ended:
        return Played(known=known, refused=(*refused, *ended.refused))
    except (_MemberRefused, InvalidInput, ReferenceTaken) as error:
        refused += [Refusal(item.past.number, str(error)) for item in checked]
        return Played(refused=tuple(refused))
    return replace(played, known=played.known + known, refused=(*refused, *played.refused))


def _check(
    programme: Programme, past: Iterable[Past], now: datetime
) -> tuple[list[_Checked], int, list[Refusal]]:
    """What can be played, in time order; how many stand there twice; and what is refused."""
    checked: dict[str, _Checked] = {}
    repeated, refused = 0, []
    for item in sorted(past, key=lambda item: (item.booked_at, item.number)):
        earlier = checked.get(item.sent.reference)
        try:
            if earlier is not None:
                if earlier.past.sent != item.sent:
                    raise ReferenceConflict(item.sent.reference, path=("reference",))
                repeated += 1
                continue
            if item.booked_at > now:
                raise EventInFuture(item.booked_at, now, path=("bookedAt",))
            version, lines = bookings.check(programme, item.sent, item.booked_at)
        except DomainError as error:
            refused.append(Refusal(item.number, worded(error)))
        else:
            checked[item.sent.reference] = _Checked(item, version, lines, new_id())
    return list(checked.values()), repeated, refused


def worded(error: DomainError) -> str:
    """The refusal with the field that it is about."""
    return f"{'.'.join(error.path)}: {error.message}" if error.path else error.message


async def _play(
    programme: Programme, reference: str, checked: Sequence[_Checked], *, enrol: bool
) -> Played:
    """The lock order of every booking: its look-up row first, then the account."""
    first = checked[0].past.booked_at
    member_id, enrolled = await _find(programme, reference, first, enrol=enrol)
    claimed = await _claim(programme.id, member_id, checked)
    if enrolled:
        standing = _at_joining(member_id, programme, first)
    else:
        standing = await _lock(member_id, first)
    fresh = [item for item in checked if item.past.sent.reference in claimed]
    late = [item for item in fresh if standing.until and item.past.booked_at < standing.until]
    await _release(programme.id, late)
    known, refused = _compare(checked, claimed, standing.hashes)
    if enrolled and not fresh:
        raise _NothingNew(refused)
    decisions = _decide(programme, standing, fresh[len(late) :])
    await bookings.write(programme.id, decisions)
    await ledger.write(standing.journal)
    return Played(
        recorded=len(decisions),
        known=known,
        points=sum(decision.booking.points for decision in decisions),
        enrolled=int(enrolled),
        refused=(*refused, *(Refusal(item.past.number, TOO_LATE) for item in late)),
    )


def _decide(programme: Programme, standing: _Standing, items: Iterable[_Checked]) -> list[Decision]:
    """Post each booking with the clock at its instant and the member as it was by then."""
    limited = {
        rule.code
        for version in programme.versions
        for rule in version.policy.earning
        if rule.limit is not None
    }
    journal, holder, decisions = standing.journal, standing.holder, []
    granted = list(holder.granted)
    for item in items:
        journals.advance(journal, item.past.booked_at)
        decision = bookings.decide(
            item.version,
            journal,
            replace(holder, granted=granted),
            item.past.sent,
            item.lines,
            booking_id=item.id,
            reporter=REPORTER,
        )
        tier = decision.change.to_tier if decision.change else holder.tier
        qualifying = holder.qualifying + decision.credit.qualifying
        holder = replace(holder, tier=tier, current_tier=tier, qualifying=qualifying)
        granted += [
            Granted(award.rule, award.points, award.occurred_at)
            for award in decision.awards
            if award.rule in limited
        ]
        decisions.append(decision)
    return decisions


def _compare(
    checked: Iterable[_Checked], claimed: set[str], hashes: dict[str, bytes]
) -> tuple[int, list[Refusal]]:
    """Of the bookings whose reference was taken: how many are the same, and which are not."""
    known, refused = 0, []
    for item in checked:
        sent = item.past.sent
        if sent.reference in claimed:
            continue
        if hashes.get(sent.reference) == canonical.sha256(sent):
            known += 1
        else:
            conflict = ReferenceConflict(sent.reference, path=("reference",))
            refused.append(Refusal(item.past.number, worded(conflict)))
    return known, refused


async def _find(
    programme: Programme, reference: str, joined_at: datetime, *, enrol: bool
) -> tuple[UUID, bool]:
    """The member, and whether it was enrolled just now."""
    member_id = await members.find(programme.id, MemberKey(LookupScope.REFERENCE, reference))
    if member_id is not None:
        return member_id, False
    if not enrol:
        raise _MemberRefused(NotFound("member", reference).message)
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


async def _claim(programme_id: UUID, member_id: UUID, items: Iterable[_Checked]) -> set[str]:
    """Take the references that nobody has, in one order so that two imports never deadlock."""
    wanted = sorted((item.past.sent.reference, item.id) for item in items)
    taken = await rows(
        "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
        "SELECT $1::uuid, $2, wanted.value, $3::uuid, wanted.row_id "
        "FROM unnest($4::text[], $5::uuid[]) AS wanted (value, row_id) "
        "ON CONFLICT (programme_id, scope, value) DO NOTHING RETURNING value",
        programme_id,
        LookupScope.BOOKING,
        member_id,
        [reference for reference, _ in wanted],
        [row_id for _, row_id in wanted],
    )
    return {found["value"] for found in taken}


async def _release(programme_id: UUID, items: Sequence[_Checked]) -> None:
    if items:
        await update(
            "DELETE FROM lookup WHERE programme_id = $1 AND scope = $2 AND value = ANY($3::text[])",
            programme_id,
            LookupScope.BOOKING,
            [item.past.sent.reference for item in items],
        )


def _at_joining(member_id: UUID, programme: Programme, joined_at: datetime) -> _Standing:
    entry = programme.as_of(joined_at).policy.tiers.levels[0].code
    holder = Holder(member_id, MemberStatus.ENROLLED, None, {}, tier=entry, current_tier=entry)
    return _Standing(Journal(member_id, joined_at), holder, {}, None)


async def _lock(member_id: UUID, now: datetime) -> _Standing:
    journal, account = await ledger.lock(member_id, now)
    member = await row(
        "SELECT status, birthday, profile FROM member WHERE member_id = $1", member_id
    )
    if member is None or member["status"] not in (MemberStatus.ENROLLED, MemberStatus.GUEST):
        raise _MemberRefused(MemberSuspended().message)
    if await _has_others_entries(member_id):
        raise _MemberRefused(NOT_OURS)
    recorded = await rows(
        "SELECT reference, content_hash, booked_at FROM booking WHERE member_id = $1", member_id
    )
    instants = [booking["booked_at"] for booking in recorded]
    if account["last_recorded_at"] is not None:
        instants.append(account["last_recorded_at"])
    return _Standing(
        journal,
        await _holder(member_id, member, account["tier"]),
        {booking["reference"]: booking["content_hash"] for booking in recorded},
        max(instants, default=None),
    )


async def _has_others_entries(member_id: UUID) -> bool:
    """Whether anything but history made points, bookings or a tier; expiry is nobody's doing."""
    found = await row(
        "SELECT EXISTS (SELECT FROM ledger_entry WHERE member_id = $1 AND actor <> $2 "
        "AND kind <> 'EXPIRE') "
        "OR EXISTS (SELECT FROM booking WHERE member_id = $1 AND reporter <> $2) "
        "OR EXISTS (SELECT FROM tier_change WHERE member_id = $1 AND booking_id IS NULL) AS others",
        member_id,
        REPORTER,
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
