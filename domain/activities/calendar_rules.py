"""Calendar rules: what is paid by itself on a day of the member's own year.

Whoever is born on 29 February has 28 February in common years. Each rule pays once a calendar
year, whatever becomes of the birth date. How far the job has come is kept for each programme: a
job that was down catches up day by day, however long that was, while who joins or says the birth
date later has it paid for days of the last 30 only.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from domain.activities import activities
from domain.activities.activities import ActivitySent
from domain.kernel import dates
from domain.kernel.database import Row, row, rows, transact
from domain.ledger.values import SYSTEM
from domain.members.refusals import MemberNotEnrolled, MemberSuspended
from domain.members.statuses import MemberStatus
from domain.programmes.programmes import Programme
from domain.programmes.rules import ActivityRule

BATCH = 500
DAY_OF_BIRTH = "(extract(month FROM m.birthday) * 100 + extract(day FROM m.birthday))::int"
"""The day of the year as `MMDD`, as the index `member_by_birthday` has it."""
CATCH_UP_DAYS = 30
"""How late it is still paid, but for days on which the job was down: a birth date given later
than that waits a year."""


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


def due_days(birthday: date, joined: date, since: date, today: date) -> list[date]:
    """The member's days from `since` until today, but for those before it joined."""
    days = (day_in(year, birthday) for year in range(since.year, today.year + 1))
    return [day for day in days if max(since, joined) <= day <= today]


async def candidates(programme: Programme, now: datetime) -> AsyncGenerator[DueDay, None]:
    """Enrolled members whose day has come and was not paid, read a batch at a time."""
    zone = programme.as_of(now).policy.zone
    today = dates.local_date(now, zone)
    since = await _since(programme, today)
    for rule in _rules(programme, dates.start_of_day(since, zone), now):
        after = UUID(int=0)
        while found := await _born(programme.id, rule, (since, today), after):
            for member in found:
                after = member["member_id"]
                joined = dates.local_date(member["joined_at"], zone)
                for day in due_days(member["birthday"], joined, since, today):
                    if _reference(after, day) in member["paid"]:
                        continue
                    if _rule_of(programme, rule, day) is not None:
                        yield DueDay(after, rule, day)


async def keep_mark(programme: Programme, now: datetime) -> None:
    """All members were looked through at `now`: later days are all that can be missed."""
    await rows(
        "INSERT INTO calendar_mark (programme_id, covered_through) VALUES ($1, $2) "
        "ON CONFLICT (programme_id) DO UPDATE SET "
        "covered_through = greatest(calendar_mark.covered_through, excluded.covered_through) "
        "RETURNING programme_id",
        programme.id,
        dates.local_date(now, programme.as_of(now).policy.zone),
    )


async def _since(programme: Programme, today: date) -> date:
    """The first day that may have to be paid yet."""
    late = today - timedelta(days=CATCH_UP_DAYS)
    found = await row(
        "SELECT covered_through FROM calendar_mark WHERE programme_id = $1", programme.id
    )
    return late if found is None else min(late, found["covered_through"] + timedelta(days=1))


def _rules(programme: Programme, since: datetime, now: datetime) -> list[str]:
    """Codes of all calendar rules that were in force at any time since."""
    first = programme.as_of(since)
    versions = [v for v in programme.versions if v is first or since < v.effective_from <= now]
    codes = (rule.code for v in versions for rule in v.policy.activities if rule.on)
    return list(dict.fromkeys(codes))


_BORN = (
    "SELECT m.member_id, m.birthday, m.joined_at, ARRAY(SELECT a.reference FROM activity a "
    "WHERE a.member_id = m.member_id AND a.type = $5 AND a.reporter = $6) AS paid "
    "FROM member m WHERE m.programme_id = $1 AND m.status = $2 AND m.member_id > $3 "
    f"AND m.birthday IS NOT NULL AND {DAY_OF_BIRTH} = ANY($4::int[]) "
    "ORDER BY m.member_id LIMIT $7"
)


async def _born(programme_id: UUID, rule: str, span: tuple[date, date], after: UUID) -> list[Row]:
    """A batch of members born around these days of a year, and what this rule paid them."""
    since, today = span
    days = [today - timedelta(days=back) for back in range(min((today - since).days, 366) + 1)]
    return await rows(
        _BORN,
        programme_id,
        MemberStatus.ENROLLED,
        after,
        sorted({*(day.month * 100 + day.day for day in days), 229}),
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
    """What comes later than it may is counted from its day, so that it can have expired."""
    zone = programme.as_of(now).policy.zone
    occurred_at = dates.start_of_day(due.day, zone)
    rule = _rule_of(programme, due.rule, due.day)
    if rule is None:
        return 0
    sent = ActivitySent(due.rule, _reference(due.member_id, due.day), occurred_at)
    late = (dates.local_date(now, zone) - due.day).days > CATCH_UP_DAYS
    return await activities.pay_once(
        programme, due.member_id, rule, sent, now, counted_from=occurred_at if late else None
    )


def _rule_of(programme: Programme, code: str, day: date) -> ActivityRule | None:
    """The calendar rule of this code that was in force when the day began."""
    zone = programme.versions[-1].policy.zone
    rule = programme.as_of(dates.start_of_day(day, zone)).policy.activity_types.get(code)
    return rule if rule is not None and rule.on else None


def _reference(member_id: UUID, day: date) -> str:
    """The natural key of a calendar rule: the member and the year."""
    return f"{day.year}:{member_id}"
