"""A side: one member's account in memory, as one set of rules would have made it.

Facts are judged by the functions that judge them live: `judging`, `earning`, the rules of refunds
and amendments, the journal, and the periods of tiers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import count, pairwise
from typing import Any
from uuid import UUID

from domain.backtests.facts import Booked, Life
from domain.backtests.purse import Purse
from domain.bookings.booking_state import BookingState
from domain.earning.limits import Grant
from domain.grants.values import GrantRecord, Occasion
from domain.kernel.values import value
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot, Touch
from domain.ledger.values import EntryKind
from domain.members import particulars
from domain.members.particulars import Particulars
from domain.members.statuses import MemberStatus
from domain.programmes.grants import CalendarGrant
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.tiers import qualification, tier_windows
from domain.tiers.values import Change, Credit, Holding, NewChange, Qualifying, Sum

IDS_KEPT = 10_000
"""Most ids of lots and entries that are kept for the next member."""

_NOTHING = Qualifying()


@value(frozen=True, slots=True)
class PaidActivity:
    """An activity as a limit counts it, and its points; nothing once it is reversed."""

    id: UUID
    version: Version
    type: str
    counted_at: datetime
    occurred_at: datetime
    within_limit: bool
    points: int
    tier: str
    funder: str


@dataclass(slots=True)
class PlayedGrant:
    """A grant of this side, with its remaining points; `tier` is the one that the member had."""

    given: GrantRecord
    points: int
    tier: str
    funder: str


@value(frozen=True, slots=True)
class Completion:
    """Lines of a booking that were completed together, under the id of that fact."""

    id: UUID
    completed_at: datetime
    numbers: Sequence[int]
    tier: str


@value(frozen=True, slots=True)
class DueGrant:
    """A day with a grant of the calendar, the instant of the grant, and its id."""

    at: datetime
    id: UUID
    occasion: Occasion


@dataclass(slots=True)
class PlayedRedemption:
    """A redemption of this side: of a reward by its code, or for a booking."""

    reward: str | None
    created_at: datetime
    confirmed: bool
    tier: str


@dataclass(slots=True)
class Running:
    """Contributions of bookings to one count, each with the instant that dates it, after this many
    changes of bookings.
    """

    read: int = 0
    numbers: dict[UUID, tuple[datetime, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """The versions that judge a side, and those that were really in force."""

    programme: Programme
    truth: Programme

    @cached_property
    def gives(self) -> bool:
        """Whether any version has grants that follow facts."""
        return any(
            grant.gives.points and not isinstance(grant, CalendarGrant)
            for version in self.programme.versions
            for grant in version.policy.grants
        )

    @cached_property
    def raising(self) -> tuple[Version, ...]:
        """The versions whose tiers differ from those of the version before."""
        pairs = pairwise(self.programme.versions)
        return tuple(after for before, after in pairs if after.policy.tiers != before.policy.tiers)

    @cached_property
    def profile_keys(self) -> dict[UUID, frozenset[str]]:
        """By version, the profile values that its rules use."""
        return {one.id: one.policy.profile_keys for one in reversed(self.programme.versions)}

    @cached_property
    def by_day(self) -> bool:
        """Whether any version has grants on a day of the year."""
        return any(
            grant.gives.points
            for version in self.programme.versions
            for grant in version.policy.calendar_grants.values()
        )


@dataclass(slots=True)
class Side:
    """State of the member by one set of rules.

    `programme` has the versions that judge, `raising` those of them that have not yet raised the
    member. `drawn` are the points that each redemption took from each lot, `unmet` the points that
    were really spent and are missing here. `assumed` says that a value of today replaced one of
    then. `grants` are by id, `taken` by redemption; `friends`, by referral, are those for whom the
    member is rewarded, with the instants of their facts; `days` are those with a grant of the
    calendar, the last one first. `decided` are changes of the tier by the current fact whose grants
    are not settled yet. `changed` are bookings in the order of their recording and changes,
    `counts` their contributions to each count, by its identity.
    """

    life: Life
    rules: Rules
    purse: Purse
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
    grants: dict[UUID, PlayedGrant] = field(default_factory=dict)
    completions: dict[UUID, list[Completion]] = field(default_factory=dict)
    taken: dict[UUID, PlayedRedemption] = field(default_factory=dict)
    friends: dict[UUID, datetime] = field(default_factory=dict)
    days: list[DueGrant] = field(default_factory=list)
    decided: list[NewChange] = field(default_factory=list)
    changed: list[UUID] = field(default_factory=list)
    counts: dict[int, Running] = field(default_factory=dict)

    @property
    def programme(self) -> Programme:
        return self.rules.programme

    @property
    def now(self) -> datetime:
        return self.journal.now

    @property
    def version(self) -> Version:
        """The version in force now."""
        return self.programme.as_of(self.now)

    def particulars(self, policy: Policy) -> Particulars:
        """The member's values that rules of this policy may use, as known today."""
        life = self.life
        profile = particulars.trusted(policy, life.profile, life.writers)
        return Particulars(MemberStatus(life.status), life.birthday, profile, life.joined_at)

    def sums(self, policy: Policy, at: datetime, *, closed: bool = False) -> list[Sum]:
        """The sums in each window on which the tier may rest."""
        windows = tier_windows.windows(policy, at, closed=closed)
        return [
            Sum(window, self.total)
            if window == tier_windows.ALWAYS
            else Sum(window, _NOTHING).plus(*self.credits)
            for window in windows
        ]

    def review(self, *made: Credit) -> NewChange | None:
        """Changes of the tier that these facts cause before they are counted, by the version in
        force now.
        """
        today = self.version
        if qualification.is_highest(today.policy, self.holding):
            return None
        sums = self.sums(today.policy, self.now)
        return qualification.review(today, self.holding, sums, *made)

    def downgrade(self, *made: Credit) -> NewChange | None:
        """Changes of the tier that these facts take away at once, by the same version."""
        today = self.version
        sums = self.sums(today.policy, self.now)
        return qualification.downgrade(today, self.holding, sums, *made)

    def count(self, counted: Sequence[Credit], change: NewChange | None) -> None:
        """Count facts toward the tier, with the change that they cause."""
        for credit in counted:
            if credit.qualifying != _NOTHING:
                self.credits.append(credit)
                self.total += credit.qualifying
        if change is not None:
            self.changes.append(Change(change.from_tier, change.to_tier, change.at))
            self.holding = change.holding
            self.decided.append(change)

    def keep(self, state: BookingState, line_points: Mapping[int, int] | None = None) -> None:
        """Store the booking's new state, with the points of its lines if they change."""
        self.bookings[state.id] = state
        self.changed.append(state.id)
        if line_points is not None:
            self.line_points[state.id] = line_points

    def tier_at(self, instant: datetime) -> str:
        """The tier recorded for an instant."""
        if instant >= self.holding.since:
            return self.holding.tier
        return qualification.recorded_at(self.changes, self.holding.tier, instant)

    def expired_of(self, lots: Collection[UUID]) -> int:
        """Number of points of these lots that have expired."""
        return -sum(
            touch.points
            for entry in self.journal.entries
            if entry.kind is EntryKind.EXPIRE
            for touch in entry.touches
            if touch.lot_id in lots
        )

    def earned(self, activity_id: UUID) -> tuple[list[Lot], int]:
        """The lots to which an activity or grant was credited, the oldest first, and the number of
        their points that have expired.
        """
        own = [
            touch.lot_id
            for entry in self.journal.entries
            if entry.kind is EntryKind.EARN and entry.cause.activity_id == activity_id
            for touch in entry.touches
        ]
        return [self.journal.lots[lot_id] for lot_id in own], self.expired_of(own)

    def gains(self, policy: Policy, besides: UUID | None = None) -> list[Grant]:
        """Points that all rules granted, net, if the member has caps that count them."""
        if not policy.caps:
            return []
        found = [
            Grant(rule, points, state.judged_at)
            for state in self.bookings.values()
            if state.id != besides
            for rule, points in state.granted.items()
        ]
        found += [Grant(one.type, one.points, one.occurred_at) for one in self.activities]
        found += [
            Grant(one.given.rule, one.points, one.given.occurred_at) for one in self.grants.values()
        ]
        return found

    def granted(self, policy: Policy, besides: UUID | None = None) -> list[Grant]:
        """Points that limited rules granted to each booking, net of refunds."""
        limited = policy.limits
        if not limited:
            return []
        return [
            Grant(rule, points, state.judged_at)
            for state in self.bookings.values()
            if state.id != besides
            for rule in limited
            if (points := state.granted.get(rule, 0)) > 0
        ]


def begin(life: Life, rules: Rules, purse: Purse) -> Side:
    """The member as it joined."""
    at, versions = life.joined_at, rules.programme.versions
    known = [one for one in versions if one.effective_from <= at]
    entry = (known or versions)[-1].policy.tiers.levels[0].code
    holding = Holding.at_joining(life.member_id, entry, at)
    later = [version for version in rules.raising if version.effective_from > at]
    journal = Journal(life.member_id, at, digest_of=None, new_id=map(_id, count(1)).__next__)
    return Side(life, rules, purse, journal, holding, later)


@lru_cache(maxsize=IDS_KEPT)
def _id(number: int) -> UUID:
    """The id of a lot or entry, which is used only within its side: all members have the same
    ones.
    """
    return UUID(int=number)


def known_of(side: Side, policy: Policy, booked: Booked, day: date) -> tuple[date | None, Any]:
    """The member's birthday and profile as rules may use them for a booking.

    The booking's own snapshot has the values that its version used; further values are those of
    today.
    """
    snapshot = booked.snapshot
    month = date(2000, day.month, 1) if snapshot["in_birthday_month"] else None
    kept = side.rules.profile_keys.get(booked.policy_version_id, frozenset())
    missing = policy.profile_keys - kept - snapshot["profile"].keys()
    if not missing:
        return month, snapshot["profile"]
    known = particulars.trusted(policy, side.life.profile, side.life.writers)
    today = {key: known[key] for key in missing if key in known}
    side.assumed = side.assumed or bool(today)
    return month, {**snapshot["profile"], **today}


def versions_of(programme: Programme, candidate: Version, until: datetime) -> Programme:
    """The baseline, with the candidate in force from its instant until another one."""
    begins = candidate.effective_from
    before = [one for one in programme.versions if one.effective_from < begins]
    after = [one for one in programme.versions if one.effective_from >= until]
    back = replace(_at(programme.versions, until), effective_from=until)
    if after and after[0].effective_from == until:
        return replace(programme, versions=(*before, candidate, *after))
    return replace(programme, versions=(*before, candidate, back, *after))


def _at(versions: Iterable[Version], instant: datetime) -> Version:
    return [one for one in versions if one.effective_from <= instant][-1]
