"""Missions: a member's progress with their steps; computed from its facts, never stored.

If steps are unordered, a fact counts for every step that it matches. If they are ordered, it counts
only for the next open step, and must have occurred after the fact before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.earning import judging, matching
from domain.earning.matching import Sale
from domain.earning.tallies import Tally
from domain.earning.values import Line
from domain.kernel import dates
from domain.members.particulars import Particulars
from domain.programmes.grants import Mission, Step
from domain.programmes.policy import Policy

JOINED = "1"
"""The occurrence of a mission whose window begins with joining."""


@dataclass(frozen=True, slots=True)
class Days:
    """The local days of a mission for one member, both included."""

    opens: date
    ends: date

    def covers(self, day: date) -> bool:
        return self.opens <= day <= self.ends

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The first instant, and the exclusive last one (UTC)."""
        return dates.start_of_day(self.opens, zone), dates.end_of_day(self.ends, zone)


@dataclass(frozen=True, slots=True)
class Deed:
    """A fact of a member as steps read it: its remaining lines, or its type."""

    id: UUID
    fact: str
    occurred_at: datetime
    tier: str
    type: str | None = None
    lines: tuple[Line, ...] = ()
    payment_method: str | None = None


def days(mission: Mission, joined: date) -> Days:
    """`days: 30` ends with the 30th local day after that of joining."""
    window = mission.window
    if window.from_ is not None and window.through is not None:
        return Days(window.from_, window.through)
    return Days(joined, dates.add_days(joined, window.days or 0))


def span(of: Iterable[tuple[datetime, datetime]]) -> tuple[datetime, datetime]:
    """The smallest span that contains all of these."""
    since, until = zip(*of, strict=True)
    return min(since), max(until)


def occurrence(mission: Mission) -> str:
    first = mission.window.from_
    return JOINED if first is None else first.isoformat()


def progress(
    policy: Policy, mission: Mission, member: Particulars, deeds: Iterable[Deed]
) -> tuple[int, ...]:
    """Number of times that these facts do each step, at most the number that it requires."""
    window = days(mission, dates.local_date(member.joined_at, policy.zone))
    inside = [
        deed
        for deed in sorted(deeds, key=lambda deed: (deed.occurred_at, deed.id))
        if window.covers(dates.local_date(deed.occurred_at, policy.zone))
    ]
    if mission.ordered:
        return _in_order(policy, mission.steps, member, inside)
    served = (sum(_serves(policy, step, member, deed) for deed in inside) for step in mission.steps)
    return tuple(min(step.times, times) for step, times in zip(mission.steps, served, strict=True))


def is_done(mission: Mission, done: Sequence[int]) -> bool:
    return all(times >= step.times for step, times in zip(mission.steps, done, strict=True))


def _in_order(
    policy: Policy, steps: Sequence[Step], member: Particulars, deeds: Iterable[Deed]
) -> tuple[int, ...]:
    done, place, last = [0] * len(steps), 0, None
    for deed in deeds:
        if place == len(steps):
            break
        if last is not None and deed.occurred_at <= last:
            continue
        if _serves(policy, steps[place], member, deed):
            done[place] += 1
            last = deed.occurred_at
            place += done[place] == steps[place].times
    return tuple(done)


def _serves(policy: Policy, step: Step, member: Particulars, deed: Deed) -> bool:
    """Whether the fact matches the step, judged by what refunds left."""
    if step.fact != deed.fact or (step.types is not None and deed.type not in step.types):
        return False
    day = dates.local_date(deed.occurred_at, policy.zone)
    facts = judging.to_facts(policy, member, deed.tier, deed.occurred_at, Tally())
    if deed.fact not in ("booking", "completion"):
        return matching.holds(policy, step, facts, day)
    sale = Sale(policy, facts, day, deed.payment_method)
    return bool(matching.question(policy, step).reached(sale, deed.lines))
