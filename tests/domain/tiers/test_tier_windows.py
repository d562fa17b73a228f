"""Windows and periods: which local days count when, and until when a tier is then had."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.history.history_accounts import CreditLog
from domain.kernel import dates
from domain.kernel.ids import new_id
from domain.programmes import programmes, reader
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.tiers import qualification, tier_periods, tier_windows
from domain.tiers.tier_windows import Window
from domain.tiers.values import Credit, Holding, NewChange, Qualifying, Sum
from tests.support import factories as make
from tests.support import tiered

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """An instant (UTC) by the clock in the zone."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def rolling(months: int, zone: str = "Asia/Shanghai", **changes: Any) -> Policy:
    document = tiered.ctrip(window={"months": months}, **changes)
    document["refunds"]["tier"] = "never"
    return reader.validate({**document, "timezone": zone})


CALENDAR = reader.validate(tiered.calendar())
LIFETIME = reader.validate(make.shipped_document())


@pytest.mark.parametrize(
    ("day", "months", "first"),
    [
        ("2028-03-15", 24, "2026-03-15"),
        ("2025-02-28", 1, "2025-01-28"),
        ("2025-03-01", 1, "2025-02-01"),
        ("2024-02-29", 12, "2023-03-01"),  # 28 February 2023 lasted through 28 February 2024
        ("2025-02-28", 12, "2024-02-28"),
        ("2025-03-01", 12, "2024-03-01"),
        ("2025-05-31", 1, "2025-05-01"),
        ("2025-05-30", 1, "2025-04-30"),
        ("2025-03-01", 6, "2024-09-01"),
    ],
)
def test_the_first_day_that_still_counts(day: str, months: int, first: str) -> None:
    found = tier_windows.first_day(date.fromisoformat(day), months)
    assert found == date.fromisoformat(first)


days = st.dates(date(2023, 1, 1), date(2032, 12, 31))


@given(days, days, st.integers(1, 30))
def test_a_day_counts_through_the_same_day_so_many_months_later(
    counted: date, judged: date, months: int
) -> None:
    counts = judged <= dates.add_months(counted, months)
    assert (tier_windows.first_day(judged, months) <= counted) == counts


@given(days, st.integers(1, 30))
def test_no_day_counts_for_two_periods(began: date, months: int) -> None:
    """What a period was reached by is out of the window at its end; the day after it is in."""
    at = dates.start_of_day(began, SHANGHAI) + timedelta(hours=10)
    judged = rolling_of(months)
    until = tier_windows.period_end(judged, "silver", at, None)
    assert until is not None
    [window] = tier_windows.windows(judged, until, closed=True)
    assert window == Window(dates.end_of_day(began, SHANGHAI), until) or (
        # a month that ends sooner: what is left out of it lies before the window
        window.from_ is not None and window.from_ > dates.end_of_day(began, SHANGHAI)
    )
    assert not window.covers(at)


_POLICIES: dict[int, Policy] = {}


def rolling_of(months: int) -> Policy:
    if months not in _POLICIES:
        _POLICIES[months] = rolling(months)
    return _POLICIES[months]


@pytest.mark.parametrize(
    ("zone", "began", "months", "until"),
    [
        ("Asia/Shanghai", "2026-03-15T10:30", 24, "2028-03-16T00:00"),
        ("Asia/Shanghai", "2026-03-15T23:59:59", 24, "2028-03-16T00:00"),
        ("Asia/Shanghai", "2026-03-16T00:00", 24, "2028-03-17T00:00"),
        ("Asia/Shanghai", "2026-08-31T12:00", 6, "2027-03-01T00:00"),
        ("Asia/Shanghai", "2024-02-29T12:00", 12, "2025-03-01T00:00"),
        ("Europe/Berlin", "2026-02-28T12:00", 1, "2026-03-29T00:00"),  # clocks change at 02:00
        ("America/New_York", "2026-03-15T22:30", 12, "2027-03-16T00:00"),
    ],
)
def test_a_rolling_period_ends_with_its_last_day(
    zone: str, began: str, months: int, until: str
) -> None:
    judged = rolling(months, zone)
    found = tier_windows.period_end(judged, "gold", local(began, judged.zone), None)
    assert found == local(until, judged.zone)


def test_a_calendar_year_holds_through_the_end_of_the_next() -> None:
    at = local("2026-05-01T09:00")
    this, last = tier_windows.windows(CALENDAR, at)
    assert this == Window(local("2026-01-01T00:00"), local("2027-01-01T00:00"))
    assert last == Window(local("2025-01-01T00:00"), local("2026-01-01T00:00"))
    end = tier_windows.period_end
    assert end(CALENDAR, "gold", at, this) == local("2028-01-01T00:00")
    assert end(CALENDAR, "gold", at, last) == local("2027-01-01T00:00")
    assert end(CALENDAR, "gold", at, None) == local("2027-01-01T00:00")
    # the very midnight belongs to the year that begins
    assert tier_windows.windows(CALENDAR, local("2027-01-01T00:00"))[1] == this
    assert tier_windows.windows(CALENDAR, local("2026-12-31T23:59:59.999999"))[0] == this


def test_what_cannot_be_lost_has_no_period() -> None:
    at = make.NOW
    held = rolling(24, downgrade="never")
    floored = rolling(24, downgrade={"floor": "gold"})
    for judged, code in (
        (LIFETIME, "diamond"),
        (held, "diamond"),
        (floored, "gold"),
        (floored, "silver"),
        (rolling(24), "member"),
        (rolling(24), "unheard_of"),
    ):
        assert tier_windows.period_end(judged, code, at, None) is None
        assert not tier_windows.can_fall(judged, code)
    assert tier_windows.can_fall(floored, "platinum")
    assert tier_windows.windows(LIFETIME, at) == (Window(),)


@pytest.mark.parametrize(
    ("grace_days", "until"),
    [(0, "2028-03-16T00:00"), (1, "2028-03-17T00:00"), (30, "2028-04-15T00:00")],
)
def test_a_grace_lasts_so_many_days(grace_days: int, until: str) -> None:
    judged = rolling(24, downgrade={"grace_days": grace_days})
    assert tier_windows.grace_end(judged, local("2028-03-16T00:00")) == local(until)


def test_the_last_second_is_shown() -> None:
    assert tier_windows.last_second(local("2028-03-16T00:00")) == local("2028-03-15T23:59:59")
    assert tier_windows.last_second(None) is None


instants = st.integers(0, 5 * 365 * 24 * 60).map(
    lambda minutes: local("2024-01-01T00:00") + timedelta(minutes=minutes)
)
facts = st.lists(st.tuples(instants, st.integers(-500, 500)), max_size=12)


def of(occurred_at: datetime, spend: int) -> Credit:
    return Credit(new_id(), occurred_at, occurred_at, Qualifying(spend_minor=spend, bookings=1))


@given(facts, instants, st.sampled_from([1, 7, 24]), st.booleans(), st.randoms())
def test_a_window_counts_what_occurred_in_it_in_whatever_order(
    found: list[tuple[datetime, int]], at: datetime, months: int, closed: bool, random: Any
) -> None:
    judged = rolling_of(months)
    today = dates.local_date(at, SHANGHAI)
    wanted = sum(
        spend
        for occurred_at, spend in found
        if dates.add_months(dates.local_date(occurred_at, SHANGHAI), months) >= today
        and not (closed and occurred_at >= at)
    )
    [window] = tier_windows.windows(judged, at, closed=closed)
    shuffled = list(found)
    random.shuffle(shuffled)
    counted = Sum(window, Qualifying()).plus(*(of(*fact) for fact in shuffled))
    assert counted.qualifying.spend_minor == wanted
    log = CreditLog((of(*fact).occurred_at, of(*fact).qualifying) for fact in sorted(found))
    assert log.sums(judged, at, closed=closed) == [counted]


# However late an end is found out, the same is decided.


def programme_of(judged: Policy) -> Programme:
    version = Version(new_id(), 1, programmes.BEGINNING, judged)
    return Programme(new_id(), judged.programme, timedelta(), (version,))


def play(programme: Programme, found: list[tuple[datetime, int]], looks: list[datetime]) -> Any:
    """A member's decisions and holding, by facts in time order and looks in between."""
    member_id, start = new_id(), local("2024-01-01T00:00")
    version = programme.versions[0]
    entry = version.policy.tiers.levels[0].code
    holding, log = Holding.at_joining(member_id, entry, start), CreditLog()
    decided: list[tuple[Any, ...]] = []
    spends: dict[datetime, int] = dict(found)
    for at in sorted({*spends, *looks}):
        while (due := tier_periods.next_due(programme, holding, at)) is not None:
            sums = log.sums(version.policy, due.at, closed=True)
            step = tier_periods.decide(due, holding, at, sums)
            if isinstance(step, NewChange):
                assert step.at >= step.judged_at
                decided.append((step.reason, step.to_tier, step.judged_at, step.judged))
                step = step.holding
            holding = step
        if at in spends:
            credit = of(at, spends[at])
            change = qualification.review(version, holding, log.sums(version.policy, at), credit)
            log.add(credit)
            holding = change.holding if change else holding
            decided += [(change.reason, change.to_tier)] if change else []
    return decided, replace(holding, member_id=_NOBODY, since=start, recorded_at=None)


_NOBODY = new_id()
TERMS: list[dict[str, Any]] = [
    {"window": {"months": 1}, "downgrade": {"grace_days": 10}},
    {"window": {"months": 3}, "downgrade": {"to": "qualified", "floor": "silver"}},
    {"window": "calendar_year", "downgrade": {"grace_days": 30}},
    {"window": "calendar_year", "downgrade": {"to": "qualified"}},
]
PROGRAMMES = [programme_of(reader.validate(tiered.ctrip(**terms))) for terms in TERMS]
spends = st.lists(
    st.tuples(instants, st.sampled_from([1000, 300_000, 700_000, 2_000_000, 8_000_000])),
    max_size=12,
    unique_by=lambda fact: fact[0],
)


@settings(max_examples=60)
@given(st.sampled_from(PROGRAMMES), spends, st.lists(instants, max_size=20))
def test_what_is_found_out_late_is_decided_as_in_time(
    programme: Programme, found: list[tuple[datetime, int]], looks: list[datetime]
) -> None:
    end = local("2031-01-01T00:00")
    late = play(programme, found, [end])
    assert play(programme, found, [*looks, end]) == late
    decided, holding = late
    terms = programme.versions[0].policy.tiers.terms
    assert terms is not None
    # after two years without any fact nobody has more than the floor, unless step by step
    if terms.to == "qualified":
        assert holding.earned in ("member", terms.floor)
    judged = [one[2] for one in decided if len(one) > 2]
    assert judged == sorted(judged)
    assert holding.due_at is None or holding.due_at > end
