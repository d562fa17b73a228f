"""States of a referral, and what a friend's fact makes of it; nothing here is read or written."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.programmes.referral_terms import ReferralTerms


class ReferralStatus(StrEnum):
    JOINED = "JOINED"
    REACHED = "REACHED"
    QUALIFIED = "QUALIFIED"
    FLAGGED = "FLAGGED"
    LIMITED = "LIMITED"
    LOST = "LOST"
    REJECTED = "REJECTED"
    LAPSED = "LAPSED"


class Side(StrEnum):
    REFERRER = "REFERRER"
    REFEREE = "REFEREE"


class Flag(StrEnum):
    """What is remarkable of a friend; staff decide then."""

    SAME_EMAIL = "same_email"
    MANY_FRIENDS = "many_friends"
    REFERRER_SUSPENDED = "referrer_suspended"


OPEN = frozenset({ReferralStatus.JOINED, ReferralStatus.LOST, ReferralStatus.LAPSED})
"""What a fact of the friend's can still turn into one that counts."""

REACHED = frozenset(
    {
        ReferralStatus.REACHED,
        ReferralStatus.QUALIFIED,
        ReferralStatus.FLAGGED,
        ReferralStatus.LIMITED,
    }
)
"""What rests on a fact of the friend's, and is lost with it."""


OUTCOMES = REACHED - {ReferralStatus.REACHED}
"""What the referrer's side makes of a fact that counts; the friend's only copies it."""


FRIEND_PAID = frozenset({ReferralStatus.QUALIFIED, ReferralStatus.LIMITED})
"""What the friend is paid for, whether or not the referrer is."""


@dataclass(frozen=True, slots=True)
class Referral:
    """A version of one side of a referral, as `models.Referral` has it; instants are UTC."""

    member_id: UUID
    id: UUID
    version: int
    side: Side
    other_id: UUID
    status: ReferralStatus
    joined_at: datetime
    fact_at: datetime | None
    recorded_at: datetime
    policy_version_id: UUID
    answers: int | None = None
    flags: tuple[str, ...] = ()
    actor: str | None = None
    reason: str | None = None


def ends_at(terms: ReferralTerms, joined_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The exclusive instant until which a friend's fact counts; None where there is no end.

    `within_days` ends with that local day after joining.
    """
    if terms.within_days is None:
        return None
    last = dates.add_days(dates.local_date(joined_at, zone), terms.within_days)
    return dates.end_of_day(last, zone)


def counts(terms: ReferralTerms, joined_at: datetime, zone: ZoneInfo, at: datetime | None) -> bool:
    """Whether a fact at this instant is one of a friend who joined then, and in time."""
    end = ends_at(terms, joined_at, zone)
    return at is not None and joined_at <= at and (end is None or at < end)
