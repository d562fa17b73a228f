"""Which notice an event brings: pure.

Its *key* is the object of the notice, so that it is made once: the event's object, or the event
itself where the same object may cause it again, as points of one booking that are granted and
taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from domain.delivery.events import NumberedEvent
from domain.kernel import dates
from domain.kernel.outbox import Topic
from domain.notices.kinds import VARIABLES, Kind
from domain.programmes.grants import (
    BIRTHDAY,
    AnyGrant,
    CalendarGrant,
    Mission,
    ReferralGrant,
)
from domain.programmes.policy import Policy


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A notice as an event causes it: ids, codes, days and numbers."""

    kind: Kind
    key: str
    variables: Mapping[str, Any]


Tell = Callable[[NumberedEvent, Policy], NoticeDraft | None]


def told(event: NumberedEvent, policy: Policy) -> NoticeDraft | None:
    """The notice of an event, by the policy of its instant; None where there is none."""
    tell = TOPICS.get(event.topic)
    return tell(event, policy) if tell else None


def _told(kind: Kind, key: object, found: Mapping[str, Any]) -> NoticeDraft:
    return NoticeDraft(kind, str(key), {name: found.get(name) for name in VARIABLES[kind]})


def _about(kind: Kind, named: str, event: NumberedEvent, _: Policy) -> NoticeDraft:
    """A notice about the object that the event names, to which this happens once."""
    return _told(kind, event.payload[named], event.payload)


def _itself(kind: Kind, event: NumberedEvent, _: Policy) -> NoticeDraft:
    return _told(kind, event.id, event.payload)


def _claim(event: NumberedEvent, policy: Policy) -> NoticeDraft | None:
    # who withdrew a claim knows it
    if event.payload["status"] == "WITHDRAWN":
        return None
    return _about(Kind.CLAIM_DECIDED, "claim_id", event, policy)


def _transfer(event: NumberedEvent, policy: Policy) -> NoticeDraft | None:
    if event.payload["direction"] != "IN":
        return None
    return _about(Kind.TRANSFER_RECEIVED, "transfer_id", event, policy)


def _welcome(event: NumberedEvent, _: Policy) -> NoticeDraft | None:
    if event.payload["status"] != "ENROLLED":
        return None
    return _told(Kind.WELCOME, event.member_id, {})


def _expiring(event: NumberedEvent, _: Policy) -> NoticeDraft:
    key = f"{event.payload['expires_on']}:{event.payload['days']}"
    return _told(Kind.POINTS_EXPIRING, key, event.payload)


def _tier(event: NumberedEvent, policy: Policy) -> NoticeDraft:
    before, tier, until = (event.payload.get(name) for name in ("from", "to", "until"))
    up = policy.rank(str(tier)) > policy.rank(str(before))
    last = until and dates.last_valid_date(datetime.fromisoformat(until), policy.zone).isoformat()
    found = {"tier": tier, "before": before, "until": last}
    return _told(Kind.TIER_UP if up else Kind.TIER_DOWN, event.id, found)


def _grant_of(code: str, policy: Policy) -> AnyGrant | None:
    return policy.grant_codes.get(code) or policy.calendar_grants.get(code)


def _earned(event: NumberedEvent, policy: Policy) -> NoticeDraft | None:
    """Notice of earned points; those of a grant are covered by the grant's own event."""
    rules = event.payload["rules"]
    if rules and all(_grant_of(code, policy) for code in rules):
        return None
    return _itself(Kind.POINTS_EARNED, event, policy)


def _grant(event: NumberedEvent, policy: Policy) -> NoticeDraft | None:
    """Notice of a grant, with its own kind if it has one; of another one with points, as of any
    points.
    """
    activity = event.payload["activity_id"]
    grant = _grant_of(event.payload["rule"], policy)
    if isinstance(grant, Mission):
        return _told(Kind.MISSION_DONE, activity, event.payload)
    if isinstance(grant, ReferralGrant):
        return _told(Kind.REFERRAL_PAID, activity, event.payload)
    if isinstance(grant, CalendarGrant) and grant.day == BIRTHDAY:
        return _told(Kind.BIRTHDAY, activity, event.payload)
    return _points_of_grant(activity, event, policy)


def _restored(event: NumberedEvent, policy: Policy) -> NoticeDraft | None:
    """Notice of restored points, as of any points."""
    return _points_of_grant(event.id, event, policy)


def _points_of_grant(key: object, event: NumberedEvent, policy: Policy) -> NoticeDraft | None:
    code, points = event.payload["rule"], event.payload["points"]
    # one that this policy does not know is covered by the event of its points
    if not points or _grant_of(code, policy) is None:
        return None
    return _told(Kind.POINTS_EARNED, key, {"points": points, "pending": 0, "rules": [code]})


def _tier_expiring(event: NumberedEvent, policy: Policy) -> NoticeDraft:
    until = datetime.fromisoformat(event.payload["until"])
    last = dates.last_valid_date(until, policy.zone).isoformat()
    tier = event.payload["tier"]
    return _told(Kind.TIER_EXPIRING, f"{tier}:{last}", {"tier": tier, "until": last})


def _coupon_expiring(event: NumberedEvent, _: Policy) -> NoticeDraft:
    last = event.payload["valid_until"]
    key = f"{event.payload['redemption_id']}:{last}"
    return _told(Kind.COUPON_EXPIRING, key, {**event.payload, "until": last})


def _departing(event: NumberedEvent, _: Policy) -> NoticeDraft:
    key = f"{event.payload['booking_id']}:{event.payload['on']}"
    return _told(Kind.TRIP_SOON, key, event.payload)


def _announcement(event: NumberedEvent, _: Policy) -> NoticeDraft:
    code = event.payload["code"]
    return _told(Kind.ANNOUNCEMENT, code, {"title": code, "text": code})


TOPICS: Mapping[str, Tell] = {
    Topic.REWARD_REDEEMED: partial(_about, Kind.REWARD_READY, "redemption_id"),
    Topic.REDEMPTION_SHIPPED: partial(_about, Kind.REWARD_SHIPPED, "redemption_id"),
    Topic.REDEMPTION_FULFILLED: partial(_about, Kind.REWARD_FULFILLED, "redemption_id"),
    Topic.REDEMPTION_REJECTED: partial(_about, Kind.REWARD_REJECTED, "redemption_id"),
    Topic.FEEDBACK_ANSWERED: partial(_about, Kind.FEEDBACK_ANSWERED, "feedback_id"),
    Topic.CLAIM_DECIDED: _claim,
    Topic.POINTS_TRANSFERRED: _transfer,
    Topic.MEMBER_ENROLLED: _welcome,
    Topic.POINTS_CLAWED_BACK: partial(_itself, Kind.POINTS_TAKEN_BACK),
    Topic.POINTS_EARNED: _earned,
    Topic.POINTS_MATURED: partial(_itself, Kind.POINTS_MATURED),
    Topic.POINTS_EXPIRING: _expiring,
    Topic.TIER_CHANGED: _tier,
    Topic.GRANT_MADE: _grant,
    Topic.GRANT_RESTORED: _restored,
    Topic.BALANCE_REMINDER: partial(_about, Kind.BALANCE, "month"),
    Topic.TIER_EXPIRING: _tier_expiring,
    Topic.COUPON_EXPIRING: _coupon_expiring,
    Topic.BOOKING_DEPARTING: _departing,
    Topic.OFFER_OPENED: partial(_about, Kind.OFFER, "rule"),
    Topic.ANNOUNCEMENT_SENT: _announcement,
}
"""By type of event. `fan_out.NOTICED` names the same types, for numbering."""
