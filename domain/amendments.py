"""Amendments: a booking changed after it was paid, in one step.

Lines become dearer or cheaper, move to other dates, are added or dropped. The snapshot judges
the booking as it is now: what it earns more is credited, what it earns less is taken back as
by a refund, and pending points wait for the new dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from uuid import UUID

from domain import (
    awards,
    booking_keys,
    booking_lines,
    booking_state,
    budgets,
    canonical,
    guarantees,
    ledger,
    limits,
    money,
    outbox,
    reversals,
    tier_completions,
    tier_reviews,
    tiers,
)
from domain import journal as journals
from domain.booking_keys import BookingKey
from domain.booking_lines import LineSent
from domain.booking_state import BookingState, LineState, Lowered
from domain.earning import Allowance, Award, Evaluation, Line
from domain.errors import InvalidInput, NotFound, ReferenceConflict, RefundExceedsBooking
from domain.idempotency import Figures, Outcome, Replayed, Request, once
from domain.ids import new_id
from domain.inputs import REFERENCE_CHARACTERS_MAX, check_occurred_at, check_text
from domain.journal import Cause, Journal
from domain.lots import Touch
from domain.outbox import Event, Topic
from domain.programmes import Programme, Version
from domain.reversals import LineRefund, Taken
from domain.tiers import Holding, NewChange, Qualifying
from models import Amendment, AmendmentLine, BookingLine
from models import Award as AwardTable


@dataclass(frozen=True, slots=True)
class AmendmentSent:
    """The booking's lines as they are now, in their order: line 1 first, new ones last.

    A line that is no more has the amount nought.
    """

    reference: str
    lines: tuple[LineSent, ...]
    amended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Points that an amendment credits: at once, and by line until its completion.

    `reissued` of the pending ones were there before, with the time-out of the old dates.
    """

    available: int = 0
    pending: Mapping[int, int] = field(default_factory=dict)
    reissued: int = 0

    @property
    def awarded(self) -> int:
        return self.available + sum(self.pending.values()) - self.reissued


@dataclass(frozen=True, slots=True)
class Decision:
    """What an amendment does; the journal has it posted, nothing is written.

    `whole` is what the amended booking earns in all, were nothing refunded.
    """

    amended: BookingState
    lowered: Sequence[LineRefund]
    whole: Evaluation
    awards: Sequence[Award]
    taken: Taken
    given: Given
    credits: Sequence[tiers.Credit]
    change: NewChange | None


async def amend(
    request: Request, programme: Programme, booking: str, sent: AmendmentSent
) -> Outcome:
    """Record a booking's new lines and amounts, and credit or take back what they change.

    Figures: `points_awarded`, `points_clawed_back`, `points_owed`, `points_forgiven`,
    `points_reinstated`, `cash_change_minor` (signed), `member_id`, `booking_id`. The
    same reference of the same booking is answered as it was first.

    Raises: NotFound, InvalidInput, EventTooOld, EventInFuture, RefundExceedsBooking,
        ReferenceConflict, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(booking, REFERENCE_CHARACTERS_MAX, ("booking",))
    check_text(sent.reference, REFERENCE_CHARACTERS_MAX, ("reference",))

    async def perform() -> Figures | Replayed:
        key = await booking_keys.find(programme.id, booking)
        if key is None:
            raise NotFound("booking", booking, path=("booking",))
        return await _record(programme, key, sent, request.now, request.caller.actor)

    async def attempt() -> Outcome:
        return await once(request, "amendBooking", {"booking": booking, "sent": sent}, perform)

    return await guarantees.retried(programme.id, request.now, attempt)


async def _record(
    programme: Programme, key: BookingKey, sent: AmendmentSent, now: datetime, reporter: str
) -> Figures | Replayed:
    journal, account = await ledger.lock(key.member_id, now)
    first = await Amendment.filter(
        member_id=key.member_id, booking_id=key.id, reference=sent.reference
    ).first()
    if first is not None:
        if first.content_hash != canonical.sha256(sent):
            raise ReferenceConflict(sent.reference, path=("reference",))
        return Replayed(_figures(first))
    # not before: what was accepted once is answered, however old it has become
    policy = programme.as_of(journal.now).policy
    if sent.amended_at is not None:
        check_occurred_at(sent.amended_at, journal.now, policy, ("amendedAt",))
    state = await booking_state.load(programme, key.member_id, key.id)
    cause = Cause(reporter, booking_id=key.id, amendment_id=new_id())
    holding = await tier_reviews.settle(programme, account, journal.now)
    decision = await _decide(programme, journal, state, sent, holding, cause)
    made = await _write(journal, state, sent, decision, cause)
    await outbox.write(programme.id, journal.now, _events(decision, cause))
    return _figures(made)


async def _decide(
    programme: Programme,
    journal: Journal,
    state: BookingState,
    sent: AmendmentSent,
    holding: Holding,
    cause: Cause,
) -> Decision:
    lowered = check(state, sent)
    granted = await limits.granted(
        state.member_id, state.version.policy, journal.now, besides=state.id
    )
    allowances = limits.allowances(state.version.policy, granted, state.judged_at)
    amended = amend_state(state, sent, lowered, allowances)
    amended = await _within_budgets(programme.id, state, amended, journal.now)
    expired = await reversals.expired_of(journal, state)
    before = reversals.evaluate(state, booking_state.cash_left(state))
    whole, left = _evaluations(amended)
    target = entitled(whole, left)
    given, losses = balance(journal.now, state, amended, (before, left), sum(target.values()))
    taken = reversals.take(journal, state, sum(losses.values()), expired, losses, cause)
    given = at_most(given, still_due(state, sum(target.values()), taken))
    given = _reissue(journal, state, amended, given, cause)
    _credit(journal, amended, given, cause)
    await reversals.reinstate(journal, state, sum(part.points for part in lowered), cause)
    changed = _changed(state.granted, target)
    credit = tiers.Credit(
        state.member_id,
        state.booked_at,
        journal.now,
        _counted(state, amended, changed),
        booking_id=state.id,
    )
    counted = [credit, *tier_completions.counted(state, amended.lines, journal.now)]
    change = await _review(programme.as_of(journal.now), state, holding, counted)
    return Decision(amended, lowered, whole, changed, taken, given, counted, change)


def check(state: BookingState, sent: AmendmentSent) -> list[LineRefund]:
    """The lines that became cheaper, each with what comes back of it in cash and points.

    Raises: InvalidInput, RefundExceedsBooking.
    """
    policy = state.version.policy
    lines = booking_lines.check(policy, sent.lines)
    if len(lines) < len(state.lines):
        wanted, found = str(len(state.lines)), str(len(lines))
        raise InvalidInput("lines_missing", found, wanted, path=("lines",))
    lowered = []
    for was, now in zip(state.lines, lines, strict=False):
        if now.amount_minor < was.refunded_gross_minor:
            kept = money.to_amount(was.left_minor, policy.currency)
            path = ("lines", str(now.number - 1), "amount")
            raise RefundExceedsBooking(was.number, kept, policy.currency, path=path)
        if now.amount_minor < was.amount_minor:
            lowered.append(reversals.split(was, was.amount_minor - now.amount_minor))
    if not any(line.amount_minor for line in lines) and _total(state.lines):
        raise InvalidInput("nothing_left", path=("lines",))
    return lowered


def amend_state(
    state: BookingState,
    sent: AmendmentSent,
    lowered: Sequence[LineRefund],
    allowances: Mapping[str, Allowance],
) -> BookingState:
    """The booking with its new lines. What a line costs more is paid in cash."""
    returned = {part.line.number: part for part in lowered}
    was = {line.number: line for line in state.lines}
    lines = []
    for now, reported in zip(
        booking_lines.check(state.version.policy, sent.lines), sent.lines, strict=True
    ):
        old = was.get(now.number) or _new_line(now)
        part = returned.get(now.number)
        cash_more = -part.cash_minor if part else now.amount_minor - old.amount_minor
        lines.append(
            replace(
                old,
                product=now.product,
                attributes=now.attributes,
                amount_minor=now.amount_minor,
                cash_minor=old.cash_minor + cash_more,
                travel_from=reported.travel_from,
                travel_to=reported.travel_to,
                paid_points=old.paid_points - (part.points if part else 0),
                dropped=not now.amount_minor and (old.dropped or bool(old.amount_minor)),
                lowered=_lowered(old, now, part),
            )
        )
    return _allowed(replace(state, lines=lines), allowances)


def _allowed(state: BookingState, allowances: Mapping[str, Allowance]) -> BookingState:
    left = {rule: asdict(allowance) for rule, allowance in allowances.items()}
    return replace(state, snapshot={**state.snapshot, "allowances": left})


async def _within_budgets(
    programme_id: UUID, state: BookingState, amended: BookingState, now: datetime
) -> BookingState:
    """Settle with the budgets what rules grant more or less; these leave what they granted the
    booking before, and what they have left.
    """
    changed = _changed(state.granted, entitled(*_evaluations(amended)))
    claims = budgets.claims(state.version.policy, changed, state.budget_periods)
    left = await guarantees.settle(programme_id, claims, now)
    own = {rule: state.granted.get(rule, 0) + points for rule, points in left.items()}
    return _allowed(amended, budgets.within(amended.allowances, own))


def _evaluations(state: BookingState) -> tuple[Evaluation, Evaluation]:
    """What the booking earns in all, and what it earns on what is not refunded."""
    return (
        reversals.evaluate(state, paid_lines(state)),
        reversals.evaluate(state, booking_state.cash_left(state)),
    )


def _lowered(old: LineState, now: Line, part: LineRefund | None) -> Lowered:
    if now.amount_minor > old.amount_minor:
        return Lowered()
    if part is None:
        return old.lowered
    return Lowered(
        old.lowered.amount_minor + part.gross_minor,
        old.lowered.cash_minor + part.cash_minor,
        old.lowered.points + part.points,
    )


def _new_line(line: Line) -> LineState:
    """A line that costs nothing yet."""
    return LineState(
        number=line.number,
        product=line.product,
        attributes=line.attributes,
        amount_minor=0,
        cash_minor=0,
        travel_from=None,
        travel_to=None,
        completed_at=None,
        refunded_gross_minor=0,
        refunded_cash_minor=0,
        refunded_points=0,
    )


def balance(
    now: datetime,
    state: BookingState,
    amended: BookingState,
    evaluations: tuple[Evaluation, Evaluation],
    target: int,
) -> tuple[Given, dict[int, int]]:
    """What is credited, and by line what is taken of the points that wait for it; line 0 is
    for all that waits for nothing.

    Points stay with their line: one that is open gets and loses pending points of its own, and
    what is left between what the booking should have earned (`target`) and what it has been
    given comes or goes at once. `evaluations` are of what is not refunded, before and after.
    """
    before, after = evaluations
    changes = {
        line.number: after.line_pending.get(line.number, 0)
        - before.line_pending.get(line.number, 0)
        for line in amended.lines
        if _waits(amended, line, now)
    }
    at_once = target - (state.points - state.done) - sum(changes.values())
    gains = {number: points for number, points in changes.items() if points > 0}
    losses = {number: -points for number, points in changes.items() if points < 0}
    if at_once < 0:
        losses[_AT_ONCE] = -at_once
    return Given(max(0, at_once), gains), losses


_AT_ONCE = 0


def still_due(state: BookingState, target: int, taken: Taken) -> int:
    """How many points the booking may be given beside those that nobody took back.

    Forgiven and expired points are done with, but the member had them: a booking that becomes
    cheaper and dearer again does not earn them twice.
    """
    clawed_back = state.done - state.forgiven - state.found_expired + taken.clawed_back
    return max(0, target - (state.points - clawed_back))


def at_most(given: Given, points: int) -> Given:
    """Less is given where that is above `points`: first at once, then of the last lines."""
    pending = {}
    for number, waiting in sorted(given.pending.items()):
        pending[number] = min(waiting, points)
        points -= pending[number]
    return replace(given, available=min(given.available, points), pending=pending)


def _waits(state: BookingState, line: LineState, now: datetime) -> bool:
    """Whether the line's points wait: neither completed nor overdue."""
    policy = state.version.policy
    overdue = booking_state.overdue_at(policy, state.booked_at, line.travel_to)
    return line.completed_at is None and not (policy.completion.then == "mature" and overdue <= now)


def _reissue(
    journal: Journal, state: BookingState, amended: BookingState, given: Given, cause: Cause
) -> Given:
    """Take pending points whose line moved to other dates, to be given with the new time-out."""
    if amended.version.policy.completion.then != "mature":
        return given
    dates = {line.number: line.travel_to for line in state.lines}
    moved = {
        line.number
        for line in amended.lines
        if line.number in dates and dates[line.number] != line.travel_to
    }
    lots = [
        lot
        for lot in reversals.own_lots(journal, state)
        if lot.pending and lot.line_number in moved
    ]
    if not lots:
        return given
    touches = [Touch(lot.id, -lot.remaining) for lot in lots]
    points = journals.claw_back(journal, touches, cause).points
    pending = dict(given.pending)
    for lot, touch in zip(lots, touches, strict=True):
        number = lot.line_number or _AT_ONCE
        pending[number] = pending.get(number, 0) - touch.points
    return replace(given, pending=pending, reissued=points)


def _credit(journal: Journal, amended: BookingState, given: Given, cause: Cause) -> None:
    policy = amended.version.policy
    overdue = {
        line.number: booking_state.overdue_at(policy, amended.booked_at, line.travel_to)
        for line in amended.lines
    }
    awards.credit(journal, amended.version, given.available, cause)
    awards.credit_pending(journal, amended.version, given.pending, overdue, cause)


def paid_lines(state: BookingState) -> list[Line]:
    """The lines as rules read them, with all that was paid in cash."""
    return [
        Line(line.number, line.product, line.cash_minor, line.attributes) for line in state.lines
    ]


def entitled(whole: Evaluation, left: Evaluation) -> dict[str, int]:
    """By rule, what the booking should have earned: no rule above what it grants in all."""
    found = {award.rule: award.points for award in left.awards}
    return {award.rule: min(award.points, found.get(award.rule, 0)) for award in whole.awards}


def _changed(granted: Mapping[str, int], target: Mapping[str, int]) -> list[Award]:
    """What each rule gives more, or less."""
    changes = {rule: target.get(rule, 0) - granted.get(rule, 0) for rule in {**target, **granted}}
    return [Award(rule, points) for rule, points in changes.items() if points]


def _counted(state: BookingState, amended: BookingState, changed: Sequence[Award]) -> Qualifying:
    """What counts toward tiers more, or less, at the booking's own date."""
    if state.snapshot["status"] == "GUEST":
        return Qualifying()
    return Qualifying(
        spend_minor=_cash(amended.lines) - _cash(state.lines),
        bookings=_bookings(amended) - _bookings(state),
        nights=_nights(amended) - _nights(state),
        points=sum(award.points for award in changed),
    )


def _bookings(state: BookingState) -> int:
    refunded = any(line.refunded_gross_minor for line in state.lines)
    return 0 if refunded and not any(line.left_minor for line in state.lines) else 1


def _nights(state: BookingState) -> int:
    ended = (line for line in state.lines if not line.left_minor and line.refunded_gross_minor)
    gone = {line.number for line in (*ended, *(line for line in state.lines if line.dropped))}
    return reversals.nights(state, (line for line in state.lines if line.number not in gone))


def _cash(lines: Sequence[LineState]) -> int:
    return sum(line.cash_minor for line in lines)


def _total(lines: Sequence[LineState]) -> int:
    return sum(line.amount_minor for line in lines)


async def _review(
    today: Version, state: BookingState, holding: Holding, counted: Sequence[tiers.Credit]
) -> NewChange | None:
    """What it does to the tier: it may rise at once, and fall as by a refund."""
    if all(credit.qualifying == Qualifying() for credit in counted):
        return None
    sums = await tiers.sums(state.member_id, today.policy, counted[0].recorded_at)
    risen = tiers.review(today, holding, sums, *counted)
    if risen or state.version.policy.refunds.tier != "now":
        return risen
    return tiers.downgrade(today, holding, sums, *counted)


async def _write(
    journal: Journal, state: BookingState, sent: AmendmentSent, decision: Decision, cause: Cause
) -> Amendment:
    amended, taken, given = decision.amended, decision.taken, decision.given
    made = await Amendment.create(
        member_id=state.member_id,
        id=cause.amendment_id,
        booking_id=state.id,
        version=state.amendments + 1,
        reference=sent.reference,
        reporter=cause.actor,
        amended_at=sent.amended_at or journal.now,
        recorded_at=journal.now,
        total_minor=_total(amended.lines),
        cash_minor=_cash(amended.lines),
        cash_change_minor=_cash(amended.lines) - _cash(state.lines),
        points=decision.whole.points,
        points_awarded=given.awarded,
        points_reissued=given.reissued,
        points_clawed_back=taken.clawed_back,
        points_owed=taken.owed,
        points_forgiven=taken.forgiven,
        points_expired=taken.expired,
        points_reinstated=sum(part.points for part in decision.lowered),
        awarded=[[award.rule, award.points] for award in decision.whole.awards],
        allowances=amended.snapshot["allowances"],
        explanation=awards.to_json(decision.whole.explanation),
        content_hash=canonical.sha256(sent),
    )
    await _write_lines(state, decision, made)
    changes = awards.to_rows(
        state.member_id,
        decision.awards,
        state.judged_at,
        booking_id=state.id,
        amendment_id=made.id,
        budget_periods=state.budget_periods,
    )
    await AwardTable.bulk_create(changes)
    await tiers.write(decision.credits, [decision.change] if decision.change else [])
    await ledger.write(journal)
    return made


async def _write_lines(state: BookingState, decision: Decision, made: Amendment) -> None:
    """A new line as it came, and every line as it is since."""
    points = decision.whole.line_points
    returned = {part.line.number: part.points for part in decision.lowered}
    known = {line.number for line in state.lines}
    of_booking = {"member_id": made.member_id, "amendment_id": made.id, "booking_id": state.id}
    terms = {
        line.number: {
            "product": line.product,
            "amount_minor": line.amount_minor,
            "cash_minor": line.cash_minor,
            "travel_from": line.travel_from,
            "travel_to": line.travel_to,
            "attributes": dict(line.attributes),
            "points": points[line.number],
        }
        for line in decision.amended.lines
    }
    await BookingLine.bulk_create(
        BookingLine(id=new_id(), number=number, **of_booking, **line)
        for number, line in terms.items()
        if number not in known
    )
    await AmendmentLine.bulk_create(
        AmendmentLine(
            id=new_id(),
            line_number=number,
            version=made.version,
            points_returned=returned.get(number, 0),
            **of_booking,
            **line,
        )
        for number, line in terms.items()
    )


def _events(decision: Decision, cause: Cause) -> list[Event]:
    member_id, taken = decision.amended.member_id, decision.taken
    told = awards.events(member_id, cause, decision.given.awarded, decision.change)
    if taken.clawed_back:
        payload = {"booking_id": str(cause.booking_id), "points": taken.clawed_back}
        told.append(Event(Topic.POINTS_CLAWED_BACK, member_id, payload))
    return told


def _figures(made: Amendment) -> Figures:
    return {
        "member_id": str(made.member_id),
        "booking_id": str(made.booking_id),
        "points_awarded": made.points_awarded,
        "points_clawed_back": made.points_clawed_back,
        "points_owed": made.points_owed,
        "points_forgiven": made.points_forgiven,
        "points_reinstated": made.points_reinstated,
        "cash_change_minor": made.cash_change_minor,
    }
