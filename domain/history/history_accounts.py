"""The account that a history is played to: found or opened, locked, and only history's own."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.earning import counting, judging, limits
from domain.earning.judging import Holder
from domain.earning.limits import Grant
from domain.earning.tallies import Tally
from domain.earning.values import Line
from domain.kernel.database import row, rows
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import InvalidInput, NotFound
from domain.members import enrolment, identity, particulars, returning
from domain.members.identity import MemberKey
from domain.members.particulars import Particulars
from domain.members.statuses import MemberStatus
from domain.programmes.counts import BookingCount
from domain.programmes.nodes import LOCALES
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.tiers import tier_windows, tiers
from domain.tiers.tier_windows import Window
from domain.tiers.values import Credit, Holding, Qualifying, Sum


class CreditLog:
    """What counts toward a member's tier, summed over any window without a query."""

    def __init__(self, facts: Iterable[tuple[datetime, Qualifying]] = ()) -> None:
        self._instants: list[datetime] = []
        self._totals = [Qualifying()]
        for occurred_at, qualifying in facts:
            self._append(occurred_at, qualifying)

    def add(self, credit: Credit) -> None:
        """Add a credit that occurs after all others: a history is played in time order."""
        self._append(credit.occurred_at, credit.qualifying)

    def sums(self, policy: Policy, at: datetime, *, closed: bool = False) -> list[Sum]:
        """The sums in each window on which the tier may be based at this instant."""
        judged = tier_windows.windows(policy, at, closed=closed)
        return [Sum(window, self._sum(window)) for window in judged]

    def _append(self, occurred_at: datetime, qualifying: Qualifying) -> None:
        self._instants.append(occurred_at)
        self._totals.append(self._totals[-1] + qualifying)

    def _sum(self, window: Window) -> Qualifying:
        instants = self._instants
        first = bisect_left(instants, window.from_) if window.from_ else 0
        end = bisect_left(instants, window.until) if window.until else len(instants)
        return self._totals[max(first, end)] - self._totals[first]


class PlayedBookings:
    """The bookings of this play so far, as counts read them: none is refunded."""

    def __init__(self) -> None:
        self._played: list[tuple[datetime, Sequence[Line]]] = []

    def add(self, booked_at: datetime, lines: Sequence[Line]) -> None:
        self._played.append((booked_at, lines))

    def onto(self, before: Tally, policy: Policy, at: datetime) -> Tally:
        """A tally of facts before all of these, plus these bookings until an instant."""
        found = dict(before.counts)
        for code in found:
            count = policy.counts[code]
            window = count.window(at, policy.zone)
            if isinstance(count, BookingCount):
                found[code] += sum(
                    counting.added(count, lines)
                    for booked_at, lines in self._played
                    if window.covers(booked_at)
                )
        return replace(before, counts=found)


@dataclass(slots=True)
class HistoryState:
    """How far a member's history is, under its lock.

    `hashes` are those of its bookings by reference; nothing may be played before `until`.
    """

    account: Account
    holder: Holder
    hashes: dict[str, bytes]
    until: datetime | None
    counted: CreditLog


async def find(
    programme: Programme, reference: str, joined_at: datetime, *, enrol: bool
) -> tuple[UUID, models.Member | None]:
    """The member, and its row if it was enrolled just now, joining at `joined_at`.

    Raises: NotFound, ReferenceTaken when another request enrols it meanwhile.
    """
    member_id = await identity.find(programme.id, MemberKey(LookupScope.REFERENCE, reference))
    if member_id is not None:
        return member_id, None
    if not enrol:
        raise NotFound("member", reference)
    member_id = new_id()
    await enrolment.claim_reference(programme.id, reference, member_id)
    [made] = await insert(programme, {member_id: (reference, joined_at)})
    return member_id, made


async def insert(
    programme: Programme, joining: Mapping[UUID, tuple[str, datetime]]
) -> list[models.Member]:
    """Enrol members, by the ids for which their references were taken: each with its reference and
    the instant of its joining.
    """
    codes = await enrolment.take_referral_codes(programme.id, joining)
    members = [
        models.Member(
            member_id=member_id,
            programme_id=programme.id,
            reference=reference,
            locale=LOCALES[0],
            profile={},
            status=MemberStatus.ENROLLED,
            joined_at=joined_at,
            referral_code=codes[member_id],
        )
        for member_id, (reference, joined_at) in joining.items()
    ]
    if members:
        await enrolment.insert(members, programme)
    return members


def at_joining(member: models.Member, programme: Programme) -> HistoryState:
    """State of a member that was enrolled in this transaction."""
    member_id, joined_at = member.member_id, member.joined_at
    entry = programme.as_of(joined_at).policy.tiers.levels[0].code
    holding = Holding.at_joining(member_id, entry, joined_at)
    holder = Holder(
        member_id, MemberStatus.ENROLLED, None, {}, joined_at, tier=entry, holding=holding
    )
    account = accounts.of_new_member(programme, member, holding)
    return HistoryState(account, holder, {}, None, CreditLog())


async def lock(
    programme: Programme, member_id: UUID, first: datetime, reporter: str, now: datetime
) -> HistoryState:
    """Lock an account to which only `reporter` has posted, in its state at the `first` played
    instant; whether the member was erased before, and has had grants that are given once, is read
    as of `now`.

    Raises: MemberSuspended, InvalidInput when others have posted to it.
    """
    asked = returning.queries(programme.id, member_id, now) if _is_once(programme) else []
    account = await accounts.lock_as_recorded(programme, member_id, first, asked)
    member = await particulars.of(member_id, programme.as_of(first).policy)
    judging.check_status(member.status)
    if await _has_others_entries(member_id, reporter):
        raise InvalidInput("member_not_of_history", path=("member",))
    recorded = await rows(
        "SELECT reference, content_hash, booked_at FROM booking WHERE member_id = $1", member_id
    )
    instants = [booking["booked_at"] for booking in recorded]
    decided = (account.journal.last_recorded_at, account.recorded.recorded_at)
    instants += [instant for instant in decided if instant is not None]
    return HistoryState(
        account,
        await _holder(account, member, now),
        {booking["reference"]: booking["content_hash"] for booking in recorded},
        max(instants, default=None),
        await _counted(member_id),
    )


async def _counted(member_id: UUID) -> CreditLog:
    names = tiers.QUALIFYING_COLUMNS
    found = await rows(
        f"SELECT occurred_at, {', '.join(names)} FROM tier_credit WHERE member_id = $1 "
        "ORDER BY occurred_at",
        member_id,
    )
    return CreditLog(
        (credit["occurred_at"], Qualifying(*(credit[name] for name in names))) for credit in found
    )


async def _has_others_entries(member_id: UUID, reporter: str) -> bool:
    """Whether anything else than history made points, bookings or a tier; the passage of time is
    ignored.
    """
    found = await row(
        "SELECT EXISTS (SELECT FROM ledger_entry WHERE member_id = $1 AND actor <> $2 "
        "AND kind <> 'EXPIRE') "
        "OR EXISTS (SELECT FROM booking WHERE member_id = $1 AND reporter <> $2) "
        "OR EXISTS (SELECT FROM tier_change WHERE member_id = $1 AND booking_id IS NULL "
        "AND reason IN ('qualified', 'assigned', 'lifted')) AS others",
        member_id,
        reporter,
    )
    return bool(found and found["others"])


async def _holder(account: Account, member: Particulars, now: datetime) -> Holder:
    programme, member_id, holding = account.programme, account.member_id, account.recorded
    granted = await rows(
        "SELECT rule, points, occurred_at FROM award "
        "WHERE member_id = $1 AND booking_id IS NOT NULL",
        member_id,
    )
    return Holder(
        member_id,
        member.status,
        member.birthday,
        member.profile,
        member.joined_at,
        tier=holding.tier,
        holding=holding,
        granted=[Grant(**award) for award in granted],
        paid_before=_is_once(programme)
        and await returning.was_erased(programme.id, member_id, now),
    )


def _is_once(programme: Programme) -> bool:
    """Whether any version has a rule with a limit for life."""
    return any(limits.once(version.policy) for version in programme.versions)
