"""Channels: where a notice is sent besides the inbox, or why not: pure.

The policy names the channels of each kind; a service that it does not name goes by mail.
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
"""Most notices sent to a member on a local day, and in a local month; services are not counted."""


QUIET = frozenset({Channel.SMS, Channel.PUSH})
QUIET_FROM_HOUR, QUIET_UNTIL_HOUR = 21, 9
"""Between these local hours only services are sent by these channels; other notices wait."""


class Withheld(StrEnum):
    """Why a notice is not sent by a channel."""

    NOT_CONFIGURED = "NOT_CONFIGURED"
    NO_ADDRESS = "NO_ADDRESS"
    SUPPRESSED = "SUPPRESSED"
    NO_CONSENT = "NO_CONSENT"
    STALE = "STALE"
    CAPPED = "CAPPED"


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers of notices, without services, sent by a channel on a local day, and in its month."""

    day: int = 0
    month: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """The member's data at the decision: the channels that are served at all, those with a proved
    address, those that it consents to, the numbers already sent, and those whose address is
    suppressed.
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
    """Age of a notice at an instant; unlimited if its object has ended."""
    last = variables[LAST_DAYS[kind]] if kind in LAST_DAYS else None
    if last is not None and date.fromisoformat(last) < dates.local_date(at, policy.zone):
        return timedelta.max
    return at - happened_at


def quiet_for(kind: Kind, channel: Channel, at: datetime, zone: ZoneInfo) -> timedelta:
    """Time that a notice waits, from an instant of the programme's clock, for the end of the
    night.
    """
    day, hour = dates.local(at, zone)
    if kind.purpose is None or channel not in QUIET or QUIET_UNTIL_HOUR <= hour < QUIET_FROM_HOUR:
        return timedelta(0)
    morning = day if hour < QUIET_UNTIL_HOUR else dates.add_days(day, 1)
    return dates.at_hour(morning, QUIET_UNTIL_HOUR, zone) - at


def named(policy: Policy, kind: Kind) -> tuple[Channel, ...]:
    """The channels of this kind, each once."""
    kinds = policy.notices.kinds
    if kind.value in kinds:
        return tuple(dict.fromkeys(Channel(one.upper()) for one in kinds[kind.value]))
    return (Channel.EMAIL,) if kind.purpose is None else ()


def decided(
    policy: Policy, kind: Kind, age: timedelta, reach: Reach
) -> dict[Channel, Withheld | None]:
    """By channel, the reason why a notice of this age is not sent; None where it is."""
    return {
        channel: obstacle(kind, channel, age, reach) or _capped(kind, channel, reach)
        for channel in named(policy, kind)
    }


def obstacle(kind: Kind, channel: Channel, age: timedelta, reach: Reach) -> Withheld | None:
    """Why it is not sent, apart from the numbers already sent; checked at the decision, and again
    at sending.
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
