"""Kinds of notices: the purpose and the variables of each."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import Any

from domain.members.consents import Purpose
from domain.members.statuses import MemberStatus


class Kind(StrEnum):
    REWARD_READY = "reward_ready"
    REWARD_SHIPPED = "reward_shipped"
    REWARD_FULFILLED = "reward_fulfilled"
    REWARD_REJECTED = "reward_rejected"
    CLAIM_DECIDED = "claim_decided"
    FEEDBACK_ANSWERED = "feedback_answered"
    POINTS_TAKEN_BACK = "points_taken_back"
    TRANSFER_RECEIVED = "transfer_received"
    CONTACT_CODE = "contact_code"
    WELCOME = "welcome"
    POINTS_EARNED = "points_earned"
    POINTS_MATURED = "points_matured"
    POINTS_EXPIRING = "points_expiring"
    TIER_UP = "tier_up"
    TIER_DOWN = "tier_down"
    MISSION_DONE = "mission_done"
    REFERRAL_PAID = "referral_paid"
    BIRTHDAY = "birthday"
    BALANCE = "balance"
    TIER_EXPIRING = "tier_expiring"
    COUPON_EXPIRING = "coupon_expiring"
    TRIP_SOON = "trip_soon"
    OFFER = "offer"
    ANNOUNCEMENT = "announcement"

    @property
    def purpose(self) -> Purpose | None:
        """The consent needed to send it outside the inbox; None for a service."""
        if self in SERVICE:
            return None
        return Purpose.MARKETING if self in MARKETING else Purpose.ACCOUNT


SERVICE = frozenset(
    {
        Kind.REWARD_READY,
        Kind.REWARD_SHIPPED,
        Kind.REWARD_FULFILLED,
        Kind.REWARD_REJECTED,
        Kind.CLAIM_DECIDED,
        Kind.FEEDBACK_ANSWERED,
        Kind.POINTS_TAKEN_BACK,
        Kind.TRANSFER_RECEIVED,
        Kind.CONTACT_CODE,
    }
)
"""Kinds about something that the member requested or must know: sent without consent."""

MARKETING = frozenset({Kind.OFFER, Kind.ANNOUNCEMENT})
"""Kinds about offers of the programme: sent outside the inbox only to members who consent."""


class Sort(Enum):
    """The type of a variable's value, and how it is shown."""

    NUMBER = "a whole number"
    DAY = "a local day"
    WORD = "a code that a text compares"
    REWARD = "the code of a reward, shown by its name"
    TIER = "the code of a tier, shown by its name"
    RULE = "the code of a rule or grant, shown by its name"
    RULES = "codes of rules, shown by their names"
    BENEFIT = "the code of a benefit, shown by its name"
    TITLE = "the code of an announcement, shown by its title"
    TEXT = "the code of an announcement, shown by its text"


_GIVEN = {
    "rule": Sort.RULE,
    "points": Sort.NUMBER,
    "reward": Sort.REWARD,
    "benefit": Sort.BENEFIT,
}
_TIER = {"tier": Sort.TIER, "before": Sort.TIER, "until": Sort.DAY}

VARIABLES: Mapping[Kind, Mapping[str, Sort]] = {
    Kind.REWARD_READY: {
        "reward": Sort.REWARD,
        "quantity": Sort.NUMBER,
        "points": Sort.NUMBER,
    },
    Kind.REWARD_SHIPPED: {"reward": Sort.REWARD},
    Kind.REWARD_FULFILLED: {"reward": Sort.REWARD},
    Kind.REWARD_REJECTED: {"reward": Sort.REWARD, "points": Sort.NUMBER},
    Kind.CLAIM_DECIDED: {"status": Sort.WORD, "points": Sort.NUMBER},
    Kind.FEEDBACK_ANSWERED: {},
    Kind.POINTS_TAKEN_BACK: {
        "points": Sort.NUMBER,
        "owed": Sort.NUMBER,
        "forgiven": Sort.NUMBER,
    },
    Kind.TRANSFER_RECEIVED: {"points": Sort.NUMBER},
    Kind.CONTACT_CODE: {"code": Sort.WORD},
    Kind.WELCOME: {},
    Kind.POINTS_EARNED: {
        "points": Sort.NUMBER,
        "pending": Sort.NUMBER,
        "rules": Sort.RULES,
    },
    Kind.POINTS_MATURED: {"points": Sort.NUMBER},
    Kind.POINTS_EXPIRING: {
        "points": Sort.NUMBER,
        "days": Sort.NUMBER,
        "expires_on": Sort.DAY,
    },
    Kind.TIER_UP: _TIER,
    Kind.TIER_DOWN: _TIER,
    Kind.MISSION_DONE: _GIVEN,
    Kind.REFERRAL_PAID: _GIVEN,
    Kind.BIRTHDAY: _GIVEN,
    Kind.BALANCE: {"available": Sort.NUMBER},
    Kind.TIER_EXPIRING: {"tier": Sort.TIER, "until": Sort.DAY},
    Kind.COUPON_EXPIRING: {"reward": Sort.REWARD, "until": Sort.DAY},
    Kind.TRIP_SOON: {"reference": Sort.WORD, "on": Sort.DAY},
    Kind.OFFER: {"rule": Sort.RULE, "until": Sort.DAY},
    Kind.ANNOUNCEMENT: {"title": Sort.TITLE, "text": Sort.TEXT},
}
"""Variables of each kind's texts, besides the programme's name; None where a value is missing."""


LAST_DAYS: Mapping[Kind, str] = {
    Kind.POINTS_EXPIRING: "expires_on",
    Kind.TIER_EXPIRING: "until",
    Kind.COUPON_EXPIRING: "until",
    Kind.TRIP_SOON: "on",
    Kind.OFFER: "until",
}
"""The variable with the last local day on which the notice makes sense."""


def codes_in(kind: Kind, variables: Mapping[str, Any], *sorts: Sort) -> list[str]:
    """The codes of these sorts among the variables of a notice, each once."""
    named = VARIABLES[kind].items()
    found = [variables[name] for name, sort in named if sort in sorts]
    return list(dict.fromkeys(code for code in found if code is not None))


def rewards_in(kind: Kind, variables: Mapping[str, Any]) -> list[str]:
    """The codes of rewards among the variables of a notice."""
    return codes_in(kind, variables, Sort.REWARD)


def announcements_in(kind: Kind, variables: Mapping[str, Any]) -> list[str]:
    """The codes of announcements among the variables of a notice."""
    return codes_in(kind, variables, Sort.TITLE, Sort.TEXT)


def hears(status: MemberStatus, kind: Kind) -> bool:
    """Whether a member with this status is notified; of a service even while suspended."""
    if status in (MemberStatus.SUSPENDED, MemberStatus.UNDER_REVIEW):
        return kind.purpose is None
    return status is MemberStatus.ENROLLED
