"""States of a referral, and the effects of a friend's fact; nothing here is read or written."""

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
    """Suspicious features of a friend; staff then decide."""

    SAME_EMAIL = "same_email"
    MANY_FRIENDS = "many_friends"
    REFERRER_SUSPENDED = "referrer_suspended"


OPEN = frozenset({ReferralStatus.JOINED, ReferralStatus.LOST, ReferralStatus.LAPSED})
"""States in which a fact of the friend can still make the referral count."""

REACHED = frozenset(
    {
        ReferralStatus.REACHED,
        ReferralStatus.QUALIFIED,
        ReferralStatus.FLAGGED,
        ReferralStatus.LIMITED,
    }
)
"""States that rest on a fact of the friend, and are lost with it."""


OUTCOMES = REACHED - {ReferralStatus.REACHED}
"""Outcomes of a fact that counts, decided on the referrer's side; the friend's only copies them."""


FRIEND_PAID = frozenset({ReferralStatus.QUALIFIED, ReferralStatus.LIMITED})
"""States in which the friend is rewarded, whether or not the referrer is."""


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
    """The exclusive instant until which a friend's fact counts; None without an end.

    `within_days` ends with that local day after joining.
    """
    if terms.within_days is None:
        return None
    last = dates.add_days(dates.local_date(joined_at, zone), terms.within_days)
    return dates.end_of_day(last, zone)


def counts(terms: ReferralTerms, joined_at: datetime, zone: ZoneInfo, at: datetime | None) -> bool:
    """Whether a fact at this instant counts for a friend who joined then: after joining, and in
    time.
    """
    end = ends_at(terms, joined_at, zone)
    return at is not None and joined_at <= at and (end is None or at < end)
