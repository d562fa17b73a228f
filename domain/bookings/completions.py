"""Completions: a flight flown, a stay ended, a ticket used. They make pending points spendable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import models
from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.bookings import booking_events, booking_keys, booking_state, referral_facts, tier_counts
from domain.bookings.booking_keys import BookingKey, ParkedFact
from domain.bookings.booking_state import BookingState, FactReport, LineState
from domain.bookings.refusals import CompletionTooEarly
from domain.earning import awards
from domain.grants import grant_evaluation
from domain.grants.values import Fact
from domain.kernel import canonical, dates
from domain.kernel.commitments import committed
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import (
    NOTE_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    check_identifier,
    check_occurred_at,
    check_text,
)
from domain.kernel.refusals import InvalidInput
from domain.ledger.journal import Journal
from domain.ledger.values import Cause
from domain.programmes.programmes import Programme
from domain.redemptions.granted import GIFTS
from domain.tiers import qualification, tiers

PARKED_KIND = "completion"


@dataclass(frozen=True, slots=True)
class CompletionSent:
    """Line numbers from 1, None for all; `completed_at` None for now. With a `reason`, staff
    complete lines whose travel has not begun.
    """

    lines: tuple[int, ...] | None = None
    completed_at: datetime | None = None
    reason: str | None = None

    def canonical(self) -> dict[str, Any]:
        """`reason` came later."""
        said: dict[str, Any] = {"lines": self.lines, "completed_at": self.completed_at}
        if self.reason is not None:
            said["reason"] = self.reason
        return said


async def complete(
    request: Request, programme: Programme, booking: str, sent: CompletionSent
) -> Outcome:
    """Record that lines of a booking were completed, and make their points spendable.

    Figures: `points_matured`, `grants` (ids), and `member_id`, `booking_id`, or `parked` where the
    booking has not been reported yet. A line completed before stays as it is. A line whose travel
    has not begun is refused, unless staff give a reason; returning early is normal.

    Raises: NotFound for another partner's booking, InvalidInput, CompletionTooEarly, EventTooOld,
        EventInFuture, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(booking, ("booking",))
    if sent.reason is not None:
        check_text(sent.reason, NOTE_CHARACTERS_MAX, ("reason",))
    perform = partial(_complete, request, programme, booking, sent)
    return await once(request, "completeBooking", {"booking": booking, "sent": sent}, perform)


async def _complete(
    request: Request, programme: Programme, booking: str, sent: CompletionSent
) -> Figures:
    # checked only after the replay: a fact accepted once is answered again however old it is
    if sent.completed_at is not None:
        oldest_days = programme.as_of(request.now).policy.facts.oldest_days
        check_occurred_at(sent.completed_at, request.now, oldest_days, ("completedAt",))
    key = await booking_keys.find_or_expect(request.caller, booking)
    if key is None:
        fact = _to_parked(sent, request)
        apart = replace(fact, reference=booking_keys.reference_apart(fact))
        await booking_keys.park(programme.id, booking, fact, apart)
        return {"parked": True, "points_matured": 0, "grants": []}
    return await record(programme, key, sent, FactReport(request.caller.actor, request.now))


async def record(
    programme: Programme, key: BookingKey, sent: CompletionSent, report: FactReport
) -> Figures:
    """Complete lines of a reported booking; inside a transaction.

    Raises: InvalidInput, CompletionTooEarly.
    """
    async with accounts.opened(programme, key.member_id, report.now) as account:
        state = await booking_state.load(programme, key.member_id, key.id)
        booking_state.check_after_booking(state, report, sent.completed_at, ("completedAt",))
        numbers = _check_lines(state, sent.lines)
        completed_at = sent.completed_at or account.now
        if sent.reason is None or not report.by_staff:
            _check_begun(state, sent.lines, numbers, completed_at)
        made = [
            models.Completion(
                member_id=key.member_id,
                id=new_id(),
                booking_id=key.id,
                line_number=number,
                completed_at=completed_at,
                recorded_at=account.now,
                reporter=report.reporter,
            )
            for number in numbers
        ]
        account.record(*made)
        why = committed(sent.reason)
        cause = Cause(report.reporter, booking_id=key.id, reason=why)
        matured = mature(account.journal, state, numbers, cause)
        over = tier_counts.completed(state.lines, numbers, completed_at)
        await _count(account, state, over)
        before, after = (referral_facts.of(state, lines) for lines in (state.lines, over))
        await referral_facts.follow(account, before, after)
        booking_events.completed(account, state, numbers, matured)
        fact = _fact(state, made)
        grants = await grant_evaluation.evaluate(account, fact, GIFTS) if fact else []
    return {
        "member_id": str(key.member_id),
        "booking_id": str(key.id),
        "points_matured": matured,
        "parked": False,
        "grants": grants,
    }


async def _count(account: Account, state: BookingState, over: Sequence[LineState]) -> None:
    """Count the booking towards the tier once it is completed."""
    made = tier_counts.counted(state, over, account.now)
    if not made:
        return
    today = account.version
    counted = await tiers.sums(account.member_id, today.policy, account.now)
    account.count(made, qualification.review(today, account.holding, counted, *made))


def mature(journal: Journal, state: BookingState, numbers: Sequence[int], cause: Cause) -> int:
    """Post the maturing of these lines' pending points; returns how many.

    Withheld points keep waiting until their time is over, and those of a booking that staff
    rejected until they are taken back.
    """
    if state.rejected or state.withheld(journal.now) is not None:
        return 0
    waiting = [
        lot
        for lot in journal.lots.values()
        if lot.pending
        and lot.remaining
        and lot.booking_id == state.id
        and lot.line_number in numbers
    ]
    waiting.sort(key=lambda lot: lot.line_number or 0)
    return awards.mature(journal, state.version, waiting, cause)


def _check_lines(state: BookingState, wanted: tuple[int, ...] | None) -> list[int]:
    """The lines to complete that were not completed before. Raises: InvalidInput."""
    open_lines = {line.number: line for line in state.lines}
    for index, number in enumerate(wanted or ()):
        if number not in open_lines:
            known = tuple(str(line) for line in open_lines)
            raise InvalidInput("unknown_line", str(number), known, path=("lines", str(index)))
    numbers = open_lines if wanted is None else sorted(set(wanted))
    return [number for number in numbers if open_lines[number].completed_at is None]


def _check_begun(
    state: BookingState,
    wanted: tuple[int, ...] | None,
    numbers: Sequence[int],
    completed_at: datetime,
) -> None:
    """Check that no line is completed before its travel begins. Raises: CompletionTooEarly."""
    day = dates.local_date(completed_at, state.version.policy.zone)
    for line in state.lines:
        left = line.number in numbers and tier_counts.is_left(line)
        if not left or not line.travel_from or day >= line.travel_from:
            continue
        named = () if wanted is None else (str(wanted.index(line.number)),)
        raise CompletionTooEarly(line.number, day, line.travel_from, path=("lines", *named))


def _fact(state: BookingState, made: Sequence[models.Completion]) -> Fact | None:
    """The completion as the fact that grants are judged by, if it completes any line: under the id
    of a line of which something is left, without which the booking is not completed.
    """
    left = {line.number for line in state.lines if tier_counts.is_left(line)}
    named = next((one for one in made if one.line_number in left), made[0] if made else None)
    return Fact(named.id, named.completed_at) if named else None


def _to_parked(sent: CompletionSent, request: Request) -> ParkedFact:
    completed_at = sent.completed_at or request.now
    content: dict[str, Any] = {
        "lines": None if sent.lines is None else list(sent.lines),
        "completed_at": completed_at.astimezone(UTC).isoformat(),
    }
    if sent.completed_at is None:
        content["undated"] = True
    if sent.reason is not None:
        content["reason"] = sent.reason
    reference = "all" if sent.lines is None else ",".join(str(n) for n in sorted(sent.lines))
    if len(reference) > REFERENCE_CHARACTERS_MAX:
        reference = canonical.sha256(reference).hex()
    return ParkedFact(PARKED_KIND, reference, content, request.caller.actor, request.now)


async def apply_parked(
    programme: Programme, key: BookingKey, fact: ParkedFact, now: datetime
) -> Figures:
    """Record a completion that waited; lines that the booking does not have are ignored."""
    lines = fact.sent["lines"]
    state = await booking_state.load(programme, key.member_id, key.id)
    known = {line.number for line in state.lines}
    completed_at = datetime.fromisoformat(fact.sent["completed_at"])
    if fact.sent.get("undated"):
        completed_at = fact.came_after(state.booked_at, now)
    sent = CompletionSent(
        None if lines is None else tuple(number for number in lines if number in known),
        completed_at,
        fact.sent.get("reason"),
    )
    return await record(programme, key, sent, FactReport(fact.reporter, now, waited=True))
