"""Calendar rules: what is paid by itself on a day of the member's own year.

Whoever is born on 29 February has 28 February in common years. Each rule pays once a calendar
year, whatever becomes of the birth date; a job that was down catches up.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from domain.activities import activities
from domain.activities.activities import ActivitySent
from domain.kernel import dates
from domain.kernel.database import Row, rows, transact
from domain.ledger.values import SYSTEM
from domain.members.refusals import MemberNotEnrolled, MemberSuspended
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme

BATCH = 500
DAY_OF_BIRTH = "(extract(month FROM m.birthday) * 100 + extract(day FROM m.birthday))::int"
"""The day of the year as `MMDD`, as the index `member_by_birthday` has it."""
CATCH_UP_DAYS = 30
"""How late it is still paid: a birth date given later than that waits a year."""


@dataclass(frozen=True, slots=True)
class DueDay:
    """A member for whom the rule of this code fell due on a local day."""

    member_id: UUID
    rule: str
    day: date


def day_in(year: int, birthday: date) -> date:
    """The member's day in this year."""
    last = dates.month_end(date(year, birthday.month, 1))
    return last.replace(day=min(birthday.day, last.day))


def due_on(birthday: date, joined: date, today: date) -> date | None:
    """The last of the member's days until today, unless it is too long ago or before it joined."""
    days = (day_in(year, birthday) for year in (today.year, today.year - 1))
    day = next(day for day in days if day <= today)
    return day if day >= joined and (today - day).days <= CATCH_UP_DAYS else None


async def candidates(programme: Programme, now: datetime) -> AsyncGenerator[DueDay, None]:
    """Enrolled members whose day has come and was not paid, read a batch at a time."""
    policy = programme.as_of(now).policy
    today = dates.local_date(now, policy.zone)
    for rule in policy.activities:
        after = UUID(int=0)
        while rule.on and (found := await _born(programme.id, rule.code, today, after)):
            for member in found:
                after = member["member_id"]
                joined = dates.local_date(member["joined_at"], policy.zone)
                day = due_on(member["birthday"], joined, today)
                if day is not None and _reference(after, day) not in member["paid"]:
                    yield DueDay(after, rule.code, day)


_BORN = (
    "SELECT m.member_id, m.birthday, m.joined_at, ARRAY(SELECT a.reference FROM activity a "
    "WHERE a.member_id = m.member_id AND a.type = $5 AND a.reporter = $6) AS paid "
    "FROM member m WHERE m.programme_id = $1 AND m.status = $2 AND m.member_id > $3 "
    f"AND m.birthday IS NOT NULL AND {DAY_OF_BIRTH} = ANY($4::int[]) "
    "ORDER BY m.member_id LIMIT $7"
)


async def _born(programme_id: UUID, rule: str, today: date, after: UUID) -> list[Row]:
    """A batch of members born around these days of a year, and what this rule paid them."""
    days = [today - timedelta(days=back) for back in range(CATCH_UP_DAYS + 1)]
    return await rows(
        _BORN,
        programme_id,
        MemberStatus.ENROLLED,
        after,
        [*(day.month * 100 + day.day for day in days), 229],
        rule,
        SYSTEM.actor,
        BATCH,
    )


async def pay(programme: Programme, due: DueDay, now: datetime) -> int:
    """Credit what the rule of that day pays, once a calendar year, in a transaction; the points.

    Raises: ConcurrentRequest.
    """
    try:
        return await transact(partial(_pay, programme, due, now))
    except (MemberNotEnrolled, MemberSuspended):
        # it was enrolled when it was found
        return 0


async def _pay(programme: Programme, due: DueDay, now: datetime) -> int:
    zone = programme.as_of(now).policy.zone
    occurred_at = dates.start_of_day(due.day, zone)
    rule = programme.as_of(occurred_at).policy.activity_types.get(due.rule)
    if rule is None or rule.on is None:
        return 0
    sent = ActivitySent(due.rule, _reference(due.member_id, due.day), occurred_at)
    return await activities.pay_once(programme, due.member_id, rule, sent, now)


def _reference(member_id: UUID, day: date) -> str:
    """The natural key of a calendar rule: the member and the year."""
    return f"{day.year}:{member_id}"
