"""History: the bookings of a programme that moves here, played as if it had always run here.

A member's bookings are played in time order with the clock set to each one's instant, in one
transaction, and nobody is notified: no outbox rows. Only a member whose every entry came this way
can be played further, so nothing is ever written before existing facts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings import bookings
from domain.bookings.reports import BookingDecision, BookingReport, BookingSent
from domain.books import books
from domain.books.refusals import DaySettled
from domain.earning import member_caps, tallies
from domain.earning.tallies import Tally
from domain.earning.values import Line
from domain.history import history_accounts
from domain.history.history_accounts import CreditLog, HistoryState, PlayedBookings
from domain.kernel import canonical, lookups
from domain.kernel.callers import HISTORY
from domain.kernel.database import Beforehand, transact
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import EventInFuture, InvalidInput, NotFound, ReferenceConflict, Refusal
from domain.ledger import journal as journals
from domain.members import identity
from domain.members.refusals import MemberSuspended, ReferenceTaken
from domain.members.statuses import UNPAID
from domain.programmes.programmes import Programme, Version
from domain.tiers import tier_periods
from domain.tiers.values import NewChange

REPORTER = HISTORY
"""The reporter and actor of played bookings, by which an import recognises its own."""


@dataclass(frozen=True, slots=True)
class PastBooking:
    """One booking of the past; `number` is its place in the file, `booked_at` is UTC."""

    number: int
    booked_at: datetime
    sent: BookingSent


@dataclass(frozen=True, slots=True)
class Rejection:
    """Reason why the booking of this number was not accepted."""

    number: int
    reason: Refusal


@dataclass(frozen=True, slots=True)
class PlayResult:
    """Result for one member's bookings; `known` ones existed before."""

    recorded: int = 0
    known: int = 0
    points: int = 0
    enrolled: int = 0
    refused: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedBooking:
    """A booking that the policy of its instant accepts, with the id that it will have."""

    past: PastBooking
    version: Version
    lines: Sequence[Line]
    id: UUID


class _NothingNew(Exception):
    """All bookings of a member that would join by them are refused, so it does not join."""

    def __init__(self, refused: Sequence[Rejection]) -> None:
        self.refused = refused


async def play(
    programme: Programme, reference: str, past: Iterable[PastBooking], now: datetime, *, enrol: bool
) -> PlayResult:
    """Record one member's bookings as they would have been at their own instants.

    All or none of them are written, so an interrupted play is finished by playing it again. With
    `enrol` a missing member joins at its first booking. Refusals are values: a refused booking does
    not affect the others.

    Raises: ConcurrentRequest.
    """
    checked, repeats, refused = check(programme, past, now)
    played = PlayResult()
    try:
        identity.check_reference(reference, ())
        if checked:
            played = await transact(partial(_play, programme, reference, checked, now, enrol=enrol))
    except _NothingNew as ended:
        refused += ended.refused
    except (NotFound, MemberSuspended, InvalidInput, ReferenceTaken) as error:
        refused += [Rejection(item.past.number, error) for item in checked]
    return with_repeats(replace(played, refused=(*refused, *played.refused)), repeats)


def with_repeats(played: PlayResult, repeats: dict[int, int]) -> PlayResult:
    """Count repeated bookings like the first of them: known, or refused."""
    reasons = {refusal.number: refusal.reason for refusal in played.refused}
    refused = [
        Rejection(number, reasons[first]) for number, first in repeats.items() if first in reasons
    ]
    known = played.known + len(repeats) - len(refused)
    return replace(played, known=known, refused=(*played.refused, *refused))


def check(
    programme: Programme, past: Iterable[PastBooking], now: datetime
) -> tuple[list[CheckedBooking], dict[int, int], list[Rejection]]:
    """Playable bookings, in time order; repetitions with their originals; and refused ones."""
    checked: dict[str, CheckedBooking] = {}
    repeats, refused = {}, []
    for item in sorted(past, key=lambda item: (item.booked_at, item.number)):
        earlier = checked.get(item.sent.reference)
        try:
            if earlier is not None:
                if earlier.past.sent != item.sent:
                    raise ReferenceConflict(item.sent.reference, path=("reference",))
                repeats[item.number] = earlier.past.number
                continue
            if item.booked_at > now:
                raise EventInFuture(item.booked_at, now, path=("bookedAt",))
            version, lines = bookings.check(programme, item.sent, item.booked_at)
        except Refusal as error:
            refused.append(Rejection(item.number, error))
        else:
            checked[item.sent.reference] = CheckedBooking(item, version, lines, new_id())
    return list(checked.values()), repeats, refused


async def _play(
    programme: Programme,
    reference: str,
    checked: Sequence[CheckedBooking],
    now: datetime,
    *,
    enrol: bool,
) -> PlayResult:
    """The lock order of every booking: its look-up row first, then the account."""
    settled = await books.settled_until(programme.id)
    over = [item for item in checked if settled and item.past.booked_at < settled]
    played = await _play_open(programme, reference, checked[len(over) :], now, enrol=enrol)
    if await books.settled_until(programme.id) != settled:
        # read again under the account's lock: a day was settled meanwhile
        raise Beforehand(nothing)
    refused = [Rejection(item.past.number, DaySettled(settled)) for item in over if settled]
    return replace(played, refused=(*refused, *played.refused))


async def nothing() -> None:
    """Do nothing before the transaction is run again."""


async def _play_open(
    programme: Programme,
    reference: str,
    checked: Sequence[CheckedBooking],
    now: datetime,
    *,
    enrol: bool,
) -> PlayResult:
    """Play the bookings of days that are not settled."""
    if not checked:
        return PlayResult()
    first = checked[0].past.booked_at
    member_id, enrolled = await history_accounts.find(programme, reference, first, enrol=enrol)
    claimed = await _claim(programme.id, member_id, checked)
    if enrolled:
        state = history_accounts.at_joining(enrolled, programme)
    else:
        state = await history_accounts.lock(programme, member_id, first, REPORTER, now)
    played, late = await post_all(state, checked, claimed)
    if enrolled and not played.recorded:
        raise _NothingNew(played.refused)
    await lookups.free(programme.id, LookupScope.BOOKING, late)
    await accounts.close(state.account, notify=False)
    return replace(played, enrolled=int(enrolled is not None))


async def post_all(
    state: HistoryState, checked: Sequence[CheckedBooking], claimed: Collection[str]
) -> tuple[PlayResult, list[str]]:
    """Post those of a member's bookings whose references were `claimed` for them, and return the
    result of all, with the references of those that are too late, which must be freed.
    """
    fresh = [item for item in checked if item.past.sent.reference in claimed]
    late = [item for item in fresh if state.until and item.past.booked_at < state.until]
    expected = await _expected(state, checked, claimed)
    known, refused = _compare(checked, claimed, state.hashes, expected)
    items = fresh[len(late) :]
    decisions = _decide(state, items, await _tallies(state, items))
    played = PlayResult(
        recorded=len(decisions),
        known=known,
        points=sum(decision.booking.points for decision in decisions),
        refused=(*refused, *(Rejection(item.past.number, _too_late()) for item in late)),
    )
    return played, [item.past.sent.reference for item in late]


def _too_late() -> Refusal:
    return InvalidInput("before_what_is_recorded", path=("bookedAt",))


async def _tallies(state: HistoryState, items: Iterable[CheckedBooking]) -> dict[UUID, Tally]:
    """By booking, the counts for its judgement from facts before all of these; counts that are
    equal at every instant are read once per version.
    """
    known: dict[tuple[UUID, datetime | None], Tally] = {}
    by_booking = {}
    for item in items:
        policy, at = item.version.policy, item.past.booked_at
        asked = policy.asked_of_bookings
        key = item.version.id, None if tallies.is_timeless(policy, *asked) else at
        if key not in known:
            known[key] = (
                await tallies.of(state.account.member_id, policy, at, *asked)
                if state.hashes
                else tallies.empty(policy, *asked)
            )
        by_booking[item.id] = known[key]
    return by_booking


def _decide(
    state: HistoryState,
    items: Iterable[CheckedBooking],
    before: Mapping[UUID, Tally],
) -> list[BookingDecision]:
    """Post each booking with the clock at its instant and the member in the state of then.

    `before` has, by booking, the counts from facts before all of these.
    """
    account, programme = state.account, state.account.programme
    limited = {
        rule.code
        for version in programme.versions
        for rule in version.policy.earning
        if rule.limit is not None
    }
    capped = any(version.policy.caps for version in programme.versions)
    journal, holder, decisions = account.journal, state.holder, []
    granted, counted, played = list(holder.granted), state.counted, PlayedBookings()
    for item in items:
        at = item.past.booked_at
        _review(account, counted, at)
        journals.advance(journal, at)
        decision = bookings.decide(
            journal,
            replace(
                holder,
                tier=account.holding.tier,
                holding=account.holding,
                sums=counted.sums(item.version.policy, at),
                granted=granted,
                tally=played.onto(before[item.id], item.version.policy, at),
                cap=member_caps.of_grants(item.version.policy, granted, at),
            ),
            BookingReport(item.id, REPORTER, item.past.sent, item.version),
            item.lines,
        )
        decision.booking.programme_id = programme.id
        account.record(*decision.facts)
        account.count([decision.credit], decision.change)
        counted.add(decision.credit)
        if holder.status not in UNPAID:
            played.add(at, item.lines)
        granted += [grant for grant in decision.granted if capped or grant.rule in limited]
        decisions.append(decision)
    return decisions


def _review(account: Account, counted: CreditLog, at: datetime) -> None:
    """Decide ends of tier periods before a booking, each at its own instant as by a timely
    sweep.
    """
    while (due := tier_periods.next_due(account.programme, account.holding, at)) is not None:
        journals.advance(account.journal, due.at)
        sums = counted.sums(due.version.policy, due.at, closed=True)
        decided = tier_periods.decide(due, account.holding, due.at, sums)
        if isinstance(decided, NewChange):
            account.count((), decided)
        else:
            account.holding = decided


async def _expected(
    state: HistoryState, checked: Iterable[CheckedBooking], claimed: Collection[str]
) -> set[str]:
    """The references that no booking has taken, although refunds or completions wait for one."""
    references = {item.past.sent.reference for item in checked}
    wanted = {(LookupScope.BOOKING, one) for one in references - {*claimed, *state.hashes}}
    if not wanted:
        return set()
    taken = await lookups.find_many(state.account.programme.id, wanted)
    return {reference for _, reference in wanted - taken.keys()}


def _compare(
    checked: Iterable[CheckedBooking],
    claimed: Collection[str],
    hashes: dict[str, bytes],
    expected: Collection[str],
) -> tuple[int, list[Rejection]]:
    """Of the bookings whose reference was not free: the number of equal ones, and the different
    ones.
    """
    known, refused = 0, []
    for item in checked:
        sent = item.past.sent
        if sent.reference in claimed:
            continue
        if hashes.get(sent.reference) == canonical.sha256(sent):
            known += 1
        elif sent.reference in expected:
            waiting = InvalidInput("booking_expected", sent.reference, path=("reference",))
            refused.append(Rejection(item.past.number, waiting))
        else:
            conflict = ReferenceConflict(sent.reference, path=("reference",))
            refused.append(Rejection(item.past.number, conflict))
    return known, refused


async def _claim(programme_id: UUID, member_id: UUID, items: Iterable[CheckedBooking]) -> set[str]:
    """Take the references that are free."""
    wanted = {item.past.sent.reference: (member_id, item.id) for item in items}
    return await lookups.insert_many(programme_id, LookupScope.BOOKING, wanted)
