"""Windows and periods: the local days over which a tier is judged, and the period for which it is
then kept.

A fact counts in a rolling window through the same local day N months later, clamped to its month's
end, as with the expiry of points. A tier reached in a calendar year is kept through the end of the
next one. Both end at a local midnight, so that no day counts twice.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.kernel import dates
from domain.kernel.values import value
from domain.programmes.levels import Downgrade, RollingWindow
from domain.programmes.policy import Policy


@value(frozen=True, slots=True)
class Window:
    """From an instant until another, exclusive (UTC); None without an end."""

    from_: datetime | None = None
    until: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        return (self.from_ is None or self.from_ <= instant) and (
            self.until is None or instant < self.until
        )


ALWAYS = Window()
_EVER = (ALWAYS,)


def windows(policy: Policy, at: datetime, *, closed: bool = False) -> tuple[Window, ...]:
    """Windows on which a tier may be based at this instant, first the one that is shown.

    A tier of the last calendar year still holds, so both years count, each separately. A rolling
    window is open toward what occurs just ahead of `at`, unless it is `closed`.
    """
    match policy.tiers.window:
        case RollingWindow(months=months):
            first = first_day(dates.local_date(at, policy.zone), months)
            start = dates.start_of_day(first, policy.zone)
            return (Window(start, at if closed else None),)
        case "calendar_year":
            year = dates.local_date(at, policy.zone).year
            return (_year(year, policy.zone), _year(year - 1, policy.zone))
        case _:
            return (Window(None, at),) if closed else _EVER


def first_day(day: date, months: int) -> date:
    """The earliest day that still counts on `day`: N months later is `day` or after it."""
    earliest = dates.add_months(day, -months)
    return earliest if dates.add_months(earliest, months) >= day else dates.add_days(earliest, 1)


def _year(year: int, zone: ZoneInfo) -> Window:
    first = date(year, 1, 1)
    return Window(
        dates.start_of_day(first, zone), dates.start_of_day(dates.add_months(first, 12), zone)
    )


def can_fall(policy: Policy, code: str) -> bool:
    """Whether this level is lost if the member does not qualify again."""
    terms = policy.tiers.terms
    return terms is not None and policy.rank(code) > floor_rank(policy, terms)


def floor_rank(policy: Policy, terms: Downgrade) -> int:
    return policy.rank(terms.floor) if terms.floor else 0


def period_end(policy: Policy, code: str, at: datetime, by: Window | None) -> datetime | None:
    """The exclusive end of the period that begins at `at` on this level; None without one.

    `by` is the window in which the member qualifies for the level, None if it does not.
    """
    if not can_fall(policy, code):
        return None
    day = dates.local_date(at, policy.zone)
    if isinstance(policy.tiers.window, RollingWindow):
        last = dates.add_months(day, policy.tiers.window.months)
        return dates.end_of_day(last, policy.zone)
    this_year = _year(day.year, policy.zone)
    return _year(day.year + 1, policy.zone).until if by == this_year else this_year.until


def grace_end(policy: Policy, until: datetime) -> datetime:
    """End of the grace period after a period's end: N local days later."""
    terms = policy.tiers.terms
    day = dates.local_date(until, policy.zone)
    last = dates.add_days(day, terms.grace_days if terms else 0)
    return dates.start_of_day(last, policy.zone)


def last_second(until: datetime | None) -> datetime | None:
    """The last whole second before an exclusive end: the date that a reader expects."""
    return until and until.astimezone(UTC) - timedelta(seconds=1)
