"""Amendments: a booking changed after it was paid, in one step.

Lines become dearer or cheaper, move to other dates, are added or dropped. The snapshot judges
the booking as it is now: what it earns more is credited, what it earns less is taken back as
by a refund, and pending points wait for the new dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.bookings import amendment_rules as rules
from domain.bookings import booking_keys, booking_state, reversals, tier_completions
from domain.bookings.amendment_rules import AmendmentSent, Given
from domain.bookings.booking_keys import BookingKey
from domain.bookings.booking_state import BookingState
from domain.bookings.reversals import LineRefund, Taken
from domain.earning import awards, budgets, limits, reservations
from domain.earning.values import Award, Evaluation
from domain.kernel import canonical, outbox
from domain.kernel.errors import NotFound, ReferenceConflict
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import REFERENCE_CHARACTERS_MAX, check_occurred_at, check_text
from domain.kernel.outbox import Event, Topic
from domain.ledger import journal as journals
from domain.ledger import ledger
from domain.ledger.journal import Journal
from domain.ledger.lots import Touch
from domain.ledger.values import Cause
from domain.programmes.programmes import Programme, Version
from domain.tiers import qualification, tier_reviews, tiers, values
from domain.tiers.values import Holding, NewChange, Qualifying
from models import Amendment, AmendmentLine, BookingLine
from models import Award as AwardTable


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
    credits: Sequence[values.Credit]
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

    return await reservations.retried(programme.id, request.now, attempt)


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
        check_occurred_at(sent.amended_at, journal.now, policy.facts.oldest_days, ("amendedAt",))
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
    lowered = rules.check(state, sent)
    granted = await limits.granted(
        state.member_id, state.version.policy, journal.now, besides=state.id
    )
    allowances = limits.allowances(state.version.policy, granted, state.judged_at)
    amended = rules.amend_state(state, sent, lowered, allowances)
    amended = await _within_budgets(programme.id, state, amended, journal.now)
    expired = await reversals.expired_of(journal, state)
    before = reversals.evaluate(state, booking_state.cash_left(state))
    whole, left = rules.evaluate(amended)
    target = rules.entitled(whole, left)
    given, losses = rules.balance(journal.now, state, amended, (before, left), sum(target.values()))
    taken = reversals.take(journal, state, sum(losses.values()), expired, losses, cause)
    given = rules.at_most(given, rules.still_due(state, sum(target.values()), taken))
    given = _reissue(journal, state, amended, given, cause)
    _credit(journal, amended, given, cause)
    await reversals.reinstate(journal, state, sum(part.points for part in lowered), cause)
    changed = rules.changed(state.granted, target)
    credit = values.Credit(
        state.member_id,
        state.booked_at,
        journal.now,
        rules.counted(state, amended, changed),
        booking_id=state.id,
    )
    counted = [credit, *tier_completions.counted(state, amended.lines, journal.now)]
    change = await _review(programme.as_of(journal.now), state, holding, counted)
    return Decision(amended, lowered, whole, changed, taken, given, counted, change)


async def _within_budgets(
    programme_id: UUID, state: BookingState, amended: BookingState, now: datetime
) -> BookingState:
    """Settle with the budgets what rules grant more or less; these leave what they granted the
    booking before, and what they have left.
    """
    changed = rules.changed(state.granted, rules.entitled(*rules.evaluate(amended)))
    claims = budgets.claims(state.version.policy, changed, state.budget_periods)
    left = await reservations.settle(programme_id, claims, now)
    own = {rule: state.granted.get(rule, 0) + points for rule, points in left.items()}
    return rules.allowed(amended, budgets.within(amended.allowances, own))


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
        number = lot.line_number or rules.AT_ONCE
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


async def _review(
    today: Version, state: BookingState, holding: Holding, counted: Sequence[values.Credit]
) -> NewChange | None:
    """What it does to the tier: it may rise at once, and fall as by a refund."""
    if all(credit.qualifying == Qualifying() for credit in counted):
        return None
    sums = await tiers.sums(state.member_id, today.policy, counted[0].recorded_at)
    risen = qualification.review(today, holding, sums, *counted)
    if risen or state.version.policy.refunds.tier != "now":
        return risen
    return qualification.downgrade(today, holding, sums, *counted)


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
        total_minor=rules.total(amended.lines),
        cash_minor=rules.cash(amended.lines),
        cash_change_minor=rules.cash(amended.lines) - rules.cash(state.lines),
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
