"""Reminders of points that are about to expire: once for all of a member's points that expire
together, as many days before as the policy says.

A reminder is an event; how the member is notified is decided elsewhere.
"""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.kernel import dates
from domain.kernel.database import row, rows, transact
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.kernel.refusals import EventTooOld
from domain.members.statuses import MemberStatus
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme

BATCH = 500
"""Number of candidates that one query finds."""

_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Expiring:
    """A member with points that expire together at an exclusive instant (UTC)."""

    member_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """Points that expire after `after` and until `until` are due a reminder of `days`."""

    days: int
    after: datetime
    until: datetime


def due(expires_at: datetime, now: datetime, days: Iterable[int], zone: ZoneInfo) -> int | None:
    """The reminder that is due by now, even if late; of several the nearest.

    It is due from the beginning of the local day N days before the last one on which the points can
    be spent, until they expire.
    """
    if expires_at <= now:
        return None
    left = days_left(expires_at, now, zone)
    return min((one for one in days if left <= one), default=None)


def days_left(expires_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Local days from today to the last one on which the points can be spent."""
    return (dates.last_valid_date(expires_at, zone) - dates.local_date(now, zone)).days


def windows(now: datetime, days: Iterable[int], zone: ZoneInfo) -> list[Window]:
    """The results of `due` as adjacent spans of expiry, the nearest first."""
    found, after, today = [], now, dates.local_date(now, zone)
    for one in sorted(days):
        until = dates.end_of_day(dates.add_days(today, one), zone)
        found.append(Window(one, after, until))
        after = until
    return found


async def candidates(programme: Programme, now: datetime) -> AsyncGenerator[Expiring, None]:
    """Enrolled members with remaining points for which a reminder is due and was not given.

    They are read a batch at a time, the nearest expiry first, and none is found twice.
    """
    policy = _policy(programme, now)
    if policy is None or policy.reminders is None:
        return
    for window in windows(now, policy.reminders.expiry_days, policy.zone):
        last = Expiring(_LAST, window.after)
        while batch := await _candidates(programme, window, last):
            for last in batch:
                yield last


def _policy(programme: Programme, now: datetime) -> Policy | None:
    """The policy in force; None before a programme's first version takes effect."""
    try:
        return programme.as_of(now).policy
    except EventTooOld:
        return None


async def _candidates(programme: Programme, window: Window, last: Expiring) -> list[Expiring]:
    found = await rows(
        "SELECT DISTINCT l.expires_at, l.member_id "
        "FROM lot l JOIN member m ON m.member_id = l.member_id "
        "WHERE l.remaining > 0 AND l.expires_at <= $3 "
        "AND (l.expires_at, l.member_id) > ($4, $5::uuid) "
        "AND m.programme_id = $1 AND m.status = $6 "
        "AND NOT EXISTS (SELECT FROM expiry_reminder r WHERE r.member_id = l.member_id "
        "AND r.expires_at = l.expires_at AND r.days <= $2) "
        "ORDER BY l.expires_at, l.member_id LIMIT $7",
        programme.id,
        window.days,
        window.until,
        last.expires_at,
        last.member_id,
        MemberStatus.ENROLLED,
        BATCH,
    )
    return [Expiring(**expiring) for expiring in found]


async def remind(programme: Programme, expiring: Expiring, now: datetime) -> int:
    """Remind of the remaining points, in a transaction; returns 1 if a reminder was needed.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_remind, programme, expiring, now))


async def _remind(programme: Programme, expiring: Expiring, now: datetime) -> int:
    async with accounts.opened(programme, expiring.member_id, now) as account:
        return await _remind_of(account, expiring.expires_at)


async def _remind_of(account: Account, expires_at: datetime) -> int:
    policy, now = account.version.policy, account.now
    terms = policy.reminders.expiry_days if policy.reminders else ()
    days = due(expires_at, now, terms, policy.zone)
    together = [lot for lot in account.journal.lots.values() if lot.expires_at == expires_at]
    points = sum(lot.remaining for lot in together if lot.spendable(now))
    expiring = Expiring(account.member_id, expires_at)
    if days is None or not points or await _reminded(expiring, days):
        return 0
    account.record(
        models.ExpiryReminder(
            member_id=account.member_id,
            id=new_id(),
            expires_at=expires_at,
            days=days,
            points=points,
            recorded_at=now,
        )
    )
    account.notify(
        Topic.POINTS_EXPIRING,
        points=points,
        expires_on=dates.last_valid_date(expires_at, policy.zone).isoformat(),
        days=days_left(expires_at, now, policy.zone),
    )
    return 1


async def _reminded(expiring: Expiring, days: int) -> bool:
    """Whether the member was reminded of these points already, this near to expiry or nearer."""
    earlier = await row(
        "SELECT id FROM expiry_reminder WHERE member_id = $1 AND expires_at = $2 AND days <= $3",
        expiring.member_id,
        expiring.expires_at,
        days,
    )
    return earlier is not None
