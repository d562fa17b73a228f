"""Calendar grants: grants on a local day of every year.

The day is the member's birthday, the anniversary of its joining, or the same for everybody; 29
February is 28 February in common years. Each is given once a calendar year, even if the birth date
changes. The progress of the job is stored for each programme: after a stop it catches up day by
day, for 30 days, and without limit for the older form of a birthday, an activity with `on`. A
member who joins or gives the birth date later gets the grant of that day if it is one of the last
30 and not before joining; a day for everybody is given to members who had joined before it began.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.activities import activity_reads
from domain.earning import clipping, earning
from domain.earning.values import Reason
from domain.grants import giving, grant_evaluation
from domain.grants.values import Occasion
from domain.kernel import dates
from domain.kernel.database import Row, row, rows, transact
from domain.ledger.values import SYSTEM
from domain.members import endings, returning
from domain.members.statuses import MemberStatus
from domain.programmes.grants import BIRTHDAY, JOINING, CalendarGrant
from domain.programmes.programmes import Programme, Version
from domain.redemptions.granted import GIFTS

BATCH = 500
DAY_OF_BIRTH = "(extract(month FROM m.birthday) * 100 + extract(day FROM m.birthday))::int"
"""The day of the year as `MMDD`, as the index `member_by_birthday` has it."""
CATCH_UP_DAYS = 30
"""Days after which a grant is no longer given, except in the older form for days on which the job
was stopped: a birth date given later than that waits a year.
"""

YEARS_MAX = 100
"""Most anniversaries of joining."""

_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class DueDay:
    """A member for whom the grant of this code fell due on a local day."""

    member_id: UUID
    rule: str
    day: date


@dataclass(frozen=True, slots=True)
class CalendarSearch:
    """A look through these days for the grants of one code on one kind of day."""

    rule: str
    kind: str
    since: date
    today: date


def day_in(year: int, anniversary: date) -> date:
    """The day of this year."""
    last = dates.month_end(date(year, anniversary.month, 1))
    return last.replace(day=min(anniversary.day, last.day))


def due_days(anniversary: date, joined: date, since: date, today: date) -> list[date]:
    """The days from `since` until today, but for those before the member joined."""
    days = (day_in(year, anniversary) for year in range(since.year, today.year + 1))
    return [day for day in days if max(since, joined) <= day <= today]


async def candidates(programme: Programme, now: datetime) -> AsyncGenerator[DueDay, None]:
    """Enrolled members whose day has come and was not judged, read a batch at a time."""
    zone = programme.as_of(now).policy.zone
    for search in await _searches(programme, now):
        after = UUID(int=0)
        while found := await _batch(programme, search, after):
            for member in found:
                after = member["member_id"]
                for day in _days(search, member, dates.local_date(member["joined_at"], zone)):
                    if giving.reference(str(day.year), after) in member["given"]:
                        continue
                    ruled = _grant_of(programme, search.rule, day)
                    if ruled is not None and ruled[1].day == search.kind:
                        yield DueDay(after, search.rule, day)


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


async def _searches(programme: Programme, now: datetime) -> list[CalendarSearch]:
    """The rules and days to search: rules in force at any time since the last run."""
    zone = programme.as_of(now).policy.zone
    today = dates.local_date(now, zone)
    late = today - timedelta(days=CATCH_UP_DAYS)
    found = await row(
        "SELECT covered_through FROM calendar_mark WHERE programme_id = $1", programme.id
    )
    missed = late if found is None else found["covered_through"] + timedelta(days=1)
    first = programme.as_of(dates.start_of_day(min(late, missed), zone))
    since = dates.start_of_day(min(late, missed), zone)
    searches: dict[CalendarSearch, None] = {}
    for version in programme.versions:
        if version is first or since < version.effective_from <= now:
            for grant in version.policy.calendar_grants.values():
                begins = min(late, missed) if _is_older(version, grant) else late
                if grant.day not in (BIRTHDAY, JOINING):
                    # nobody who joins later, or is changed later, had it come on that day
                    begins = max(late, missed)
                searches[CalendarSearch(grant.code, grant.day, begins, today)] = None
    return list(searches)


def _days(search: CalendarSearch, member: Row, joined: date) -> list[date]:
    return days_of(search.kind, (member["birthday"], joined), search.since, search.today)


def days_of(kind: str, member: tuple[date | None, date], since: date, today: date) -> list[date]:
    """The days of this kind from `since` until today, of a member by its birth date and the day
    on which it joined.
    """
    birthday, joined = member
    if kind == BIRTHDAY:
        return [] if birthday is None else due_days(birthday, joined, since, today)
    if kind == JOINING:
        return due_days(joined, dates.add_days(joined, 1), since, today)
    month, day = map(int, kind.split("-"))
    # as for a member who joins on a day already searched: the day had begun without the member
    return due_days(date(_LEAP_YEAR, month, day), dates.add_days(joined, 1), since, today)


_FOUND = (
    "SELECT m.member_id, m.birthday, m.joined_at, ARRAY(SELECT a.reference FROM activity a "
    "WHERE a.member_id = m.member_id AND a.type = $5 AND a.reporter = $6) AS given "
    "FROM member m WHERE m.programme_id = $1 AND m.status = $2 AND m.member_id > $3 "
)
_BORN = (
    f"{_FOUND} AND m.birthday IS NOT NULL AND {DAY_OF_BIRTH} = ANY($4::int[]) "
    "ORDER BY m.member_id LIMIT $7"
)
_JOINED = (
    f"{_FOUND} AND EXISTS (SELECT FROM unnest($4::timestamptz[], $8::timestamptz[]) "
    "AS w (since, until) WHERE m.joined_at >= w.since AND m.joined_at < w.until) "
    "ORDER BY m.member_id LIMIT $7"
)
_MEMBERS = f"{_FOUND} AND m.joined_at < $4 ORDER BY m.member_id LIMIT $7"


async def _batch(programme: Programme, search: CalendarSearch, after: UUID) -> list[Row]:
    """A batch of members whose day this can be, with their grants by this rule."""
    if search.since > search.today:
        return []
    select, wanted, *more = _wanted(programme, search)
    return await rows(
        select,
        programme.id,
        MemberStatus.ENROLLED,
        after,
        wanted,
        search.rule,
        SYSTEM.actor,
        BATCH,
        *more,
    )


def _wanted(programme: Programme, search: CalendarSearch) -> tuple[Any, ...]:
    """The query, and its parameters."""
    zone = programme.versions[-1].policy.zone
    length = min((search.today - search.since).days, 366)
    days = [search.today - timedelta(days=back) for back in range(length + 1)]
    if search.kind == BIRTHDAY:
        return _BORN, sorted({*(day.month * 100 + day.day for day in days), 229})
    if search.kind != JOINING:
        return _MEMBERS, dates.start_of_day(search.today, zone)
    ago = range(1, YEARS_MAX + 1)
    first, last = dates.add_days(min(days), -1), dates.add_days(max(days), 2)
    return (
        _JOINED,
        [dates.start_of_day(dates.add_months(first, -12 * years), zone) for years in ago],
        [dates.start_of_day(dates.add_months(last, -12 * years), zone) for years in ago],
    )


async def pay(programme: Programme, due: DueDay, now: datetime) -> int:
    """Give the grant of that day, once a calendar year, in a transaction; returns its points.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_pay, programme, due, now))


async def _pay(programme: Programme, due: DueDay, now: datetime) -> int:
    """Give the grant; the expiry of a late one counts from its day, so it may have passed."""
    zone = programme.as_of(now).policy.zone
    ruled = _grant_of(programme, due.rule, due.day)
    if ruled is None:
        return 0
    version, grant = ruled
    occurred_at = dates.start_of_day(due.day, zone)
    late = (dates.local_date(now, zone) - due.day).days > CATCH_UP_DAYS
    occasion = Occasion(
        grant,
        version,
        str(due.day.year),
        occurred_at,
        counted_from=occurred_at if late else None,
    )
    async with accounts.opened(programme, due.member_id, now) as account:
        used_up = await _used_up(account, version, due, occurred_at)
        return await grant_evaluation.give_on_day(account, occasion, GIFTS, used_up)


async def _used_up(
    account: Account, version: Version, due: DueDay, occurred_at: datetime
) -> Reason | None:
    """Why an older form with a limit gives nothing more to this member."""
    rule = version.policy.activity_types.get(due.rule)
    if rule is None or rule.limit is None:
        return None
    whose = await endings.family_of(account)
    left = await activity_reads.times_left(whose, rule, occurred_at, version.policy)
    if left is not None and left <= 0:
        return earning.over_limit(rule)
    if rule.limit.per != "member":
        return None
    known = await returning.was_erased(account.programme.id, due.member_id, account.now)
    return clipping.paid_before(rule.code) if known else None


def _grant_of(programme: Programme, code: str, day: date) -> tuple[Version, CalendarGrant] | None:
    """The calendar grant of this code that was in force when the day began."""
    zone = programme.versions[-1].policy.zone
    version = programme.as_of(dates.start_of_day(day, zone))
    grant = version.policy.calendar_grants.get(code)
    return None if grant is None else (version, grant)


def _is_older(version: Version, grant: CalendarGrant) -> bool:
    """Whether it is written as an activity with a day (`on`)."""
    return grant.code in version.policy.activity_types
