"""Channels: where a notice goes beside the inbox, and why not: pure.

Which channels a kind has is the policy's to say; a service that it does not name goes by mail.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.members.consents import Channel
from domain.notices.kinds import LAST_DAYS, Kind
from domain.programmes.policy import Policy

STALE_AFTER: Mapping[Channel, timedelta] = {
    Channel.EMAIL: timedelta(days=3),
    Channel.SMS: timedelta(hours=24),
    Channel.PUSH: timedelta(hours=24),
}
"""Greatest age of news of which a member is still notified."""

DAILY_MAX: Mapping[Channel, int] = {Channel.EMAIL: 3, Channel.SMS: 2, Channel.PUSH: 5}
MONTHLY_MAX: Mapping[Channel, int] = {Channel.SMS: 10}
"""How many a member is sent on a local day, and in a local month; services are not counted."""


QUIET = frozenset({Channel.SMS, Channel.PUSH})
QUIET_FROM_HOUR, QUIET_UNTIL_HOUR = 21, 9
"""By these channels only services arrive between these local hours; the others wait."""


class Withheld(StrEnum):
    """Why a notice does not go out by a channel."""

    NOT_CONFIGURED = "NOT_CONFIGURED"
    NO_ADDRESS = "NO_ADDRESS"
    SUPPRESSED = "SUPPRESSED"
    NO_CONSENT = "NO_CONSENT"
    STALE = "STALE"
    CAPPED = "CAPPED"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many notices but services went out by a channel on a local day, and in its month."""

    day: int = 0
    month: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of a member when it is decided: the channels that are served at all, those by
    which it has a proved address, those that it consents to, what it was sent already, and those
    whose address nothing goes to any more.
    """

    served: frozenset[Channel]
    addressed: frozenset[Channel]
    granted: frozenset[Channel]
    counted: Mapping[Channel, Counted]
    suppressed: frozenset[Channel] = frozenset()


def age(
    kind: Kind,
    variables: Mapping[str, Any],
    happened_at: datetime,
    at: datetime,
    policy: Policy,
) -> timedelta:
    """How old news is at an instant; of what has ended, older than anything."""
    last = variables[LAST_DAYS[kind]] if kind in LAST_DAYS else None
    if last is not None and date.fromisoformat(last) < dates.local_date(at, policy.zone):
        return timedelta.max
    return at - happened_at


def quiet_for(kind: Kind, channel: Channel, at: datetime, zone: ZoneInfo) -> timedelta:
    """How long a notice waits, at an instant of the programme's clock, for the night to end."""
    day, hour = dates.local(at, zone)
    if kind.purpose is None or channel not in QUIET or QUIET_UNTIL_HOUR <= hour < QUIET_FROM_HOUR:
        return timedelta(0)
    morning = day if hour < QUIET_UNTIL_HOUR else dates.add_days(day, 1)
    return dates.at_hour(morning, QUIET_UNTIL_HOUR, zone) - at


def named(policy: Policy, kind: Kind) -> tuple[Channel, ...]:
    """Where notices of this kind go, each once."""
    kinds = policy.notices.kinds
    if kind.value in kinds:
        return tuple(dict.fromkeys(Channel(one.upper()) for one in kinds[kind.value]))
    return (Channel.EMAIL,) if kind.purpose is None else ()


def decided(
    policy: Policy, kind: Kind, age: timedelta, reach: Reach
) -> dict[Channel, Withheld | None]:
    """By channel the reason why a notice that is this old does not go out; None where it does."""
    return {
        channel: obstacle(kind, channel, age, reach) or _capped(kind, channel, reach)
        for channel in named(policy, kind)
    }


def obstacle(kind: Kind, channel: Channel, age: timedelta, reach: Reach) -> Withheld | None:
    """Why it does not go out, however much went out already: asked when it is decided, and again
    when it is sent.
    """
    if channel not in reach.served:
        return Withheld.NOT_CONFIGURED
    if channel not in reach.addressed:
        return Withheld.NO_ADDRESS
    if channel in reach.suppressed:
        return Withheld.SUPPRESSED
    if kind.purpose is not None and channel not in reach.granted:
        return Withheld.NO_CONSENT
    return Withheld.STALE if age > STALE_AFTER[channel] else None


def _capped(kind: Kind, channel: Channel, reach: Reach) -> Withheld | None:
    if kind.purpose is None:
        return None
    counted = reach.counted.get(channel, Counted())
    month = MONTHLY_MAX.get(channel)
    over = counted.day >= DAILY_MAX[channel] or (month is not None and counted.month >= month)
    return Withheld.CAPPED if over else None
