"""Reading facts of others about a member: lists, friends' referrals, reversals by staff."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from domain.backtests.facts import Life, Listed, Referring, Reversed
from domain.kernel.database import Row, rows
from domain.ledger.values import SYSTEM
from domain.referrals.states import FRIEND_PAID, ReferralStatus

Lives = Mapping[UUID, Life]

MEMBERS = "f.member_id = ANY($1::uuid[]) AND f.recorded_at < $2"


def occurrence_of(reference: str) -> str:
    """The part of a grant's reference that names its occasion."""
    return reference.rpartition(":")[0]


async def _reversals(lives: Lives, cutoff: datetime) -> None:
    """Reversals by staff; those that facts cause are judged again."""
    found = await rows(
        "SELECT f.member_id, f.id, f.activity_id, f.recorded_at, a.type, a.reference, a.reporter "
        "FROM activity_reversal f JOIN activity a ON a.member_id = f.member_id "
        f"AND a.id = f.activity_id WHERE {MEMBERS} AND f.kind = 'REVERSED' "
        "AND f.reason IS NOT NULL",
        list(lives),
        cutoff,
    )
    for one in found:
        what = Reversed(one["activity_id"])
        if one["reporter"] == SYSTEM.actor:
            named = occurrence_of(one["reference"])
            what = Reversed(one["activity_id"], one["type"], named)
        lives[one["member_id"]].add(one["recorded_at"], one["id"], what)


async def _lists(lives: Lives, cutoff: datetime) -> None:
    found = await rows(
        "SELECT member_id, segment, added_at, removed_at FROM segment_member "
        "WHERE member_id = ANY($1::uuid[]) AND added_at < $2 ORDER BY added_at, id",
        list(lives),
        cutoff,
    )
    for one in found:
        listed = Listed(one["segment"], one["added_at"], one["removed_at"])
        lives[one["member_id"]].lists.append(listed)


_OUTCOMES = (
    "f.id, f.other_id, f.member_id AS referrer_id, f.version, f.status, f.joined_at, f.fact_at, "
    "f.recorded_at"
)


async def _friends(lives: Lives, cutoff: datetime) -> None:
    """Referrals of friends whom the members brought."""
    found = await rows(
        f"SELECT {_OUTCOMES} FROM referral f WHERE {MEMBERS} AND f.side = 'REFERRER' "
        "ORDER BY f.id, f.version",
        list(lives),
        cutoff,
    )
    _add(lives, found, "referrer_id")


async def _referrers(lives: Lives, cutoff: datetime) -> None:
    """Referrals of the members' own enrolment with another's code: their side knows of a change
    when the referrer's side has it.
    """
    found = await rows(
        f"SELECT {_OUTCOMES} FROM referral own JOIN referral f ON f.member_id = own.other_id "
        "AND f.id = own.id AND f.side = 'REFERRER' WHERE own.member_id = ANY($1::uuid[]) "
        "AND own.side = 'REFEREE' AND own.version = 1 AND f.recorded_at < $2 "
        "ORDER BY f.id, f.version",
        list(lives),
        cutoff,
    )
    _add(lives, found, "other_id")


def _add(lives: Lives, found: Sequence[Row], whose: str) -> None:
    for one in found:
        of_referrer = whose == "referrer_id"
        paid = {ReferralStatus.QUALIFIED} if of_referrer else FRIEND_PAID
        what = Referring(
            one["id"],
            "referrer" if of_referrer else "referee",
            one["other_id"],
            one["joined_at"],
            one["fact_at"],
            one["status"] in paid,
        )
        lives[one[whose]].add(one["recorded_at"], _last(one["id"]), what)


def _last(referral_id: UUID) -> UUID:
    """An id after those of all facts of the same instant, since the referral's own id is as old as
    the friend.
    """
    return UUID(int=referral_id.int | _INSTANT)


_INSTANT = 0xFFFF_FFFF_FFFF << 80


LIVES_READ = (_reversals, _lists, _friends, _referrers)
