"""A side: one member's account in memory, as one set of rules would have made it.

What a fact means is decided by the functions that decide it live: `judging`, `earning`, the rules
of refunds and amendments, the journal, and the periods of tiers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from domain.backtests.facts import Booked, Life
from domain.bookings.booking_state import BookingState
from domain.earning.limits import Grant
from domain.ledger import journal as journals
from domain.ledger.journal import Journal
from domain.ledger.lots import Touch
from domain.ledger.values import EntryKind
from domain.members import particulars
from domain.members.particulars import Particulars
from domain.members.statuses import MemberStatus
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.tiers import qualification, tier_periods, tier_windows
from domain.tiers.values import Change, Credit, Holding, NewChange, Qualifying, Sum

_NOTHING = Qualifying()


@dataclass(frozen=True, slots=True)
class PaidActivity:
    """An activity as a limit counts it, and what it was paid; nothing once it is reversed."""

    id: UUID
    version: Version
    type: str
    counted_at: datetime
    occurred_at: datetime
    within_limit: bool
    points: int
    tier: str
    funder: str
    by_itself: bool


@dataclass(slots=True)
class Side:
    """How the member stands by one set of rules.

    `programme` has the versions that judge, `raising` those of them that have not yet raised the
    member. `drawn` is what each redemption took of which lots, `unmet` the points that were
    spent in truth and are not there. `assumed` says that something of today stood in for what was
    known then.
    """

    life: Life
    programme: Programme
    journal: Journal
    holding: Holding
    raising: list[Version]
    bookings: dict[UUID, BookingState] = field(default_factory=dict)
    line_points: dict[UUID, Mapping[int, int]] = field(default_factory=dict)
    activities: list[PaidActivity] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    total: Qualifying = _NOTHING
    changes: list[Change] = field(default_factory=list)
    drawn: dict[UUID, tuple[Touch, ...]] = field(default_factory=dict)
    unmet: list[tuple[datetime, int]] = field(default_factory=list)
    assumed: bool = False

    @property
    def now(self) -> datetime:
        return self.journal.now

    @property
    def version(self) -> Version:
        """The version in force now."""
        return self.programme.as_of(self.now)

    def particulars(self, policy: Policy) -> Particulars:
        """What rules of this policy may ask of the member, as it is known today."""
        life = self.life
        profile = particulars.trusted(policy, life.profile, life.writers)
        return Particulars(MemberStatus(life.status), life.birthday, profile, life.joined_at)

    def sums(self, policy: Policy, at: datetime, *, closed: bool = False) -> list[Sum]:
        """What counts in each window that the tier may rest on."""
        windows = tier_windows.windows(policy, at, closed=closed)
        return [
            Sum(window, self.total)
            if window == tier_windows.ALWAYS
            else Sum(window, _NOTHING).plus(*self.credits)
            for window in windows
        ]

    def count(self, counted: Sequence[Credit], change: NewChange | None) -> None:
        """Count facts toward the tier, with the change that they bring."""
        for credit in counted:
            if credit.qualifying != _NOTHING:
                self.credits.append(credit)
                self.total += credit.qualifying
        if change is not None:
            self.changes.append(Change(change.from_tier, change.to_tier, change.at))
            self.holding = change.holding

    def tier_at(self, instant: datetime) -> str:
        """The tier recorded for an instant."""
        if instant >= self.holding.since:
            return self.holding.tier
        return qualification.recorded_at(self.changes, self.holding.tier, instant)

    def expired_of(self, lots: Collection[UUID]) -> int:
        """How many points of these lots have expired."""
        return -sum(
            touch.points
            for entry in self.journal.entries
            if entry.kind is EntryKind.EXPIRE
            for touch in entry.touches
            if touch.lot_id in lots
        )

    def gains(self, policy: Policy, besides: UUID | None = None) -> list[Grant]:
        """What all rules granted, net, where the member has caps that count it."""
        if not policy.caps:
            return []
        found = [
            Grant(rule, points, state.judged_at)
            for state in self.bookings.values()
            if state.id != besides
            for rule, points in state.granted.items()
        ]
        found += [Grant(one.type, one.points, one.occurred_at) for one in self.activities]
        return found

    def granted(self, policy: Policy, besides: UUID | None = None) -> list[Grant]:
        """What limited rules granted to each booking, net of refunds."""
        limited = [rule.code for rule in policy.earning if rule.limit is not None]
        if not limited:
            return []
        return [
            Grant(rule, points, state.judged_at)
            for state in self.bookings.values()
            if state.id != besides
            for rule in limited
            if (points := state.granted.get(rule, 0)) > 0
        ]


def begin(life: Life, programme: Programme) -> Side:
    """The member as it joined."""
    at = life.joined_at
    versions = [one for one in programme.versions if one.effective_from <= at]
    entry = (versions or programme.versions)[-1].policy.tiers.levels[0].code
    holding = Holding.at_joining(life.member_id, entry, at)
    later = [
        after
        for before, after in pairwise(programme.versions)
        if after.effective_from > at and after.policy.tiers != before.policy.tiers
    ]
    journal = Journal(life.member_id, at, digest_of=_unsealed)
    return Side(life, programme, journal, holding, later)


def _unsealed(*_: object) -> bytes:
    """No chain is made of what is only played."""
    return b""


def advance(side: Side, now: datetime) -> None:
    """Let time pass: points expire, tiers are reviewed, and versions that begin raise who then
    qualifies.
    """
    for version in [one for one in side.raising if one.effective_from <= now]:
        side.raising.remove(version)
        _pass(side, version.effective_from)
        sums = side.sums(version.policy, side.now)
        side.count((), qualification.raised(version, side.holding, sums, side.now))
    _pass(side, now)


def _pass(side: Side, now: datetime) -> None:
    while (due := tier_periods.next_due(side.programme, side.holding, now)) is not None:
        journals.advance(side.journal, due.at)
        sums = side.sums(due.version.policy, due.at, closed=True)
        decided = tier_periods.decide(due, side.holding, due.at, sums)
        if isinstance(decided, NewChange):
            side.count((), decided)
        else:
            side.holding = decided
    journals.advance(side.journal, now)


def known_of(side: Side, policy: Policy, booked: Booked, day: date) -> tuple[date | None, Any]:
    """The member's birthday and profile as a rule may ask for them of a booking.

    The booking's own snapshot has what its version asked for; what the other rules ask beside it
    is today's.
    """
    snapshot = booked.snapshot
    month = date(2000, day.month, 1) if snapshot["in_birthday_month"] else None
    kept = next(
        (
            v.policy.profile_keys
            for v in side.programme.versions
            if v.id == booked.policy_version_id
        ),
        frozenset(),
    )
    missing = policy.profile_keys - kept - snapshot["profile"].keys()
    known = particulars.trusted(policy, side.life.profile, side.life.writers)
    today = {key: known[key] for key in missing if key in known}
    side.assumed = side.assumed or bool(today)
    return month, {**snapshot["profile"], **today}


def versions_of(programme: Programme, candidate: Version, until: datetime) -> Programme:
    """The baseline with the candidate in force from its own instant until another."""
    begins = candidate.effective_from
    before = [one for one in programme.versions if one.effective_from < begins]
    after = [one for one in programme.versions if one.effective_from >= until]
    back = replace(_at(programme.versions, until), effective_from=until)
    if after and after[0].effective_from == until:
        return replace(programme, versions=(*before, candidate, *after))
    return replace(programme, versions=(*before, candidate, back, *after))


def _at(versions: Iterable[Version], instant: datetime) -> Version:
    return [one for one in versions if one.effective_from <= instant][-1]
