"""Played bookings: the effects of bookings, completions, refunds and amendments on a side."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.backtests import counted, sides
from domain.backtests.facts import (
    Amended,
    Booked,
    Completed,
    Refunded,
)
from domain.backtests.sides import Completion, Side
from domain.bookings import (
    amendment_rules,
    booking_state,
    completions,
    refund_rules,
    reissues,
    reversals,
    tier_counts,
)
from domain.bookings.amended_lines import PriceReduction
from domain.bookings.booking_state import BookingState, LineState
from domain.bookings.overdue import overdue_at
from domain.bookings.reversals import LineRefund
from domain.earning import awards, budgets, judging, limits, member_caps, snapshots
from domain.earning.budgets import BudgetDraw
from domain.earning.judging import Holder, Judgement, Purchase
from domain.earning.values import Award, Line
from domain.kernel import dates
from domain.kernel.spreading import spread
from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.clawbacks import Clawback
from domain.ledger.values import SYSTEM, Cause
from domain.members.statuses import UNPAID
from domain.programmes.programmes import Version
from domain.tiers.values import Credit, NewChange, Qualifying


def book(what: Booked, side: Side) -> None:
    """Judge a booking, and credit its points."""
    version = side.programme.as_of(what.booked_at)
    policy, day = version.policy, dates.local_date(what.booked_at, version.policy.zone)
    month, profile = sides.known_of(side, policy, what, day)
    holder = Holder(
        side.life.member_id,
        what.snapshot["status"],
        month,
        profile,
        side.life.joined_at,
        tier=side.tier_at(what.booked_at),
        holding=side.holding,
        granted=side.granted(policy),
        tally=counted.of_booking(side, policy, what.booked_at),
        cap=member_caps.of_grants(policy, side.gains(policy), what.booked_at),
    )
    lines = what.lines
    purchase = Purchase(version, lines, what.booked_at, what.payment_method)
    judgement = judging.judge(purchase, holder)
    if policy.budgets and not what.imported:
        judgement = _within_budgets(side, what.booking_id, purchase, holder, judgement)
    state = _state(side, what, version, holder, judgement)
    side.keep(state, judgement.evaluation.line_points)
    evaluation, cause = judgement.evaluation, Cause(SYSTEM.actor, booking_id=state.id)
    awards.credit_lots(side.journal, version, evaluation.by_lot, _overdue(state), cause)
    qualifying = Qualifying(
        spend_minor=sum(line.cash_minor for line in lines),
        bookings=1,
        nights=tier_counts.nights(state),
        points=evaluation.points,
    )
    if holder.status in UNPAID or not any(line.amount_minor for line in lines):
        qualifying = Qualifying()
    credit = Credit(side.life.member_id, what.booked_at, side.now, qualifying, booking_id=state.id)
    side.count([credit], side.review(credit))


def _within_budgets(
    side: Side, booking_id: UUID, purchase: Purchase, holder: Holder, wanted: Judgement
) -> Judgement:
    """The same judgement, with points clipped to the budgets' remainders."""
    policy = purchase.version.policy
    periods = budgets.periods(policy, purchase.booked_at)
    draws = budgets.draws_of(policy, wanted.evaluation.awards, periods)
    left = {one.rule: side.purse.add(booking_id, one) for one in draws}
    clipped = any(one.points > left[one.rule] for one in draws)
    judged = judging.judge(purchase, replace(holder, budgets=left)) if clipped else wanted
    if not clipped:
        allowances = budgets.within(judged.allowances, left)
        judged = replace(judged, allowances=allowances)
    return replace(judged, budget_periods=periods)


def _state(
    side: Side, what: Booked, version: Version, holder: Holder, judgement: Judgement
) -> BookingState:
    paid, states = what.paid_points if what.redemption_id in side.drawn else 0, what.states
    if paid:
        points = spread(paid, {line.number: line.offset_minor for line in what.lines})
        states = [replace(line, paid_points=points[line.number]) for line in states]
    awarded = {award.rule: award.points for award in judgement.evaluation.awards}
    return BookingState(
        side.life.member_id,
        what.booking_id,
        "",
        "",
        version,
        what.booked_at,
        what.payment_method,
        snapshots.make(
            holder.status,
            judgement.facts,
            judgement.allowances,
            budget_periods=judgement.budget_periods,
        ),
        judgement.evaluation.points,
        what.redemption_id if paid else None,
        states,
        awarded,
        awarded,
        0,
        0,
    )


def _overdue(state: BookingState) -> dict[int, datetime]:
    """The instant at which each line matures without a completion, if the policy allows that."""
    policy = state.version.policy
    if policy.completion.then != "mature":
        return {}
    return {
        line.number: overdue_at(policy, state.booked_at, line.travel_from, line.travel_to)
        for line in state.lines
    }


def complete(what: Completed, side: Side) -> None:
    """Make the points of lines spendable, and count the booking once it is complete."""
    state = side.bookings.get(what.booking_id)
    if state is None:
        return
    tier = side.tier_at(what.completed_at)
    done = Completion(what.completion_id, what.completed_at, what.numbers, tier)
    side.completions.setdefault(state.id, []).append(done)
    cause = Cause(SYSTEM.actor, booking_id=state.id)
    completions.mature(side.journal, state, what.numbers, cause)
    over = tier_counts.completed(state.lines, what.numbers, what.completed_at)
    made = tier_counts.counted(state, over, side.now)
    side.keep(replace(state, lines=over))
    if made:
        side.count(made, side.review(*made))


def refund(what: Refunded, side: Side) -> None:
    """Take back the points that the remaining lines would not have earned; a rejected booking
    counts as fully refunded.
    """
    state = side.bookings.get(what.booking_id)
    if state is None:
        return
    parts = [
        reversals.split(line, min(gross, line.left_minor))
        for line in state.lines
        if (gross := what.gross.get(line.number)) is not None
    ]
    uncounted = parts
    if what.rejected:
        open_lines = [line for line in state.lines if line.left_minor]
        uncounted = [reversals.split(line, line.left_minor) for line in open_lines]
        state = replace(state, rejected=True)
    weighed = refund_rules.weigh(state, parts)
    for one in _returned(state, weighed.lost):
        side.purse.keep(state.id, one, state.granted[one.rule])
    cause, expired = Cause(SYSTEM.actor, booking_id=state.id), _expired_of(side, state)
    _reinstate(side, state, parts, cause, anew=what.supplier_cancelled)
    taken = reversals.take(side.journal, state, weighed.due, expired, weighed.losses, cause)
    credit = Credit(
        state.member_id,
        state.booked_at,
        side.now,
        refund_rules.counted(state, uncounted, weighed.lost),
        booking_id=state.id,
    )
    off = {part.line.number: part.gross_minor for part in uncounted}
    lines = tier_counts.refunded(state.lines, off)
    made = [credit, *tier_counts.counted(state, lines, side.now)]
    left = replace(
        _done(state, taken),
        lines=[_less(line, parts) for line in state.lines],
        granted=_less_granted(state, weighed.lost),
        counted_out=state.counted_out + (not state.keeps_counting),
        taken_out=state.taken_out or (what.rejected and not state.keeps_counting),
    )
    side.keep(left, weighed.left.line_points)
    side.count(made, _after_refund(side, state, made))


def _returned(state: BookingState, lost: Sequence[Award]) -> list[BudgetDraw]:
    """Points that return to budgets."""
    back = [Award(award.rule, -award.points) for award in lost]
    return budgets.draws_of(state.version.policy, back, state.budget_periods)


def _after_refund(side: Side, state: BookingState, made: Sequence[Credit]) -> NewChange | None:
    at_once, completes = state.version.policy.refunds.tier == "now", len(made) > 1
    change = side.review(*made) if completes else None
    if change is None and at_once:
        change = side.downgrade(*made)
    return change


def _less(line: LineState, parts: Sequence[LineRefund]) -> LineState:
    for part in parts:
        if part.line.number == line.number:
            return replace(
                line,
                refunded_gross_minor=line.refunded_gross_minor + part.gross_minor,
                refunded_cash_minor=line.refunded_cash_minor + part.cash_minor,
                refunded_points=line.refunded_points + part.points,
                refunded_coupon_minor=line.refunded_coupon_minor + part.coupon_minor,
            )
    return line


def _less_granted(state: BookingState, lost: Sequence[Award]) -> dict[str, int]:
    gone = {award.rule: award.points for award in lost}
    return {rule: points - gone.get(rule, 0) for rule, points in state.granted.items()}


def _done(state: BookingState, taken: Clawback) -> BookingState:
    done = taken.clawed_back + taken.forgiven + taken.expired
    return replace(
        state,
        done=state.done + done,
        found_expired=state.found_expired + taken.expired,
        forgiven=state.forgiven + taken.forgiven,
    )


def _expired_of(side: Side, state: BookingState) -> int:
    """Number of the booking's own points that have expired and were not counted yet."""
    own = {lot.id for lot in side.journal.lots.values() if lot.booking_id == state.id}
    return side.expired_of(own) - state.found_expired


def _reinstate(
    side: Side, state: BookingState, parts: Sequence[LineRefund], cause: Cause, *, anew: bool
) -> None:
    points = sum(part.points for part in parts)
    if not points or state.redemption_id is None:
        return
    drawn = side.drawn[state.redemption_id]
    points = min(points, -sum(touch.points for touch in drawn))
    touches = lot_rules.restore(drawn, points)
    if anew:
        lots = [reversals.anew(side.journal, state, touch) for touch in touches]
        journals.reinstate_anew(side.journal, touches, lots, cause)
    else:
        journals.reinstate(side.journal, drawn, points, cause)
    side.drawn[state.redemption_id] = (*drawn, *touches)


def amend(what: Amended, side: Side) -> None:
    """Judge a booking again with its new lines."""
    state = side.bookings.get(what.booking_id)
    if state is None:
        return
    lowered = [
        reversals.lower(was, was.net_minor - now.net_minor)
        for was, now in zip(state.lines, what.lines, strict=False)
        if now.net_minor < was.net_minor
    ]
    policy = state.version.policy
    granted = side.granted(policy, besides=state.id)
    cap = member_caps.of_grants(policy, side.gains(policy, besides=state.id), state.judged_at)
    allowances = limits.allowances(policy, granted, state.judged_at, cap)
    amended = amendment_rules.allowed(_amended(state, what, lowered), allowances)
    amended, from_budgets = _amended_within_budgets(side, state, amended)
    before = reversals.evaluate(state, booking_state.cash_left(state))
    whole, left = amendment_rules.evaluate(amended)
    target = amendment_rules.at_most_by_rule(amendment_rules.entitled(whole, left), from_budgets)
    total = sum(target.values())
    given, losses = amendment_rules.balance(side.now, state, amended, (before, left), total)
    cause = Cause(SYSTEM.actor, booking_id=state.id)
    expired = _expired_of(side, state)
    _reinstate(side, state, lowered, cause, anew=False)
    taken = reversals.take(side.journal, state, sum(losses.values()), expired, losses, cause)
    given = amendment_rules.at_most(given, amendment_rules.still_due(state, total, taken))
    given = reissues.reissue(side.journal, state, amended, given, cause)
    awards.credit_lots(side.journal, amended.version, given.by_lot, _overdue(amended), cause)
    changed = amendment_rules.changed(state.granted, target)
    qualifying = amendment_rules.counted(state, amended, changed)
    credit = Credit(state.member_id, state.booked_at, side.now, qualifying, booking_id=state.id)
    made = [credit, *tier_counts.counted(state, amended.lines, side.now)]
    done = replace(
        _done(amended, taken),
        points=state.points + given.awarded,
        awarded={award.rule: award.points for award in whole.awards},
        granted=target,
        amendments=state.amendments + 1,
    )
    side.keep(done, left.line_points)
    side.count(made, _after_amendment(side, state, made))


def _amended_within_budgets(
    side: Side, state: BookingState, amended: BookingState
) -> tuple[BookingState, dict[str, int]]:
    """Result of `amendment_rules.within_budgets` with the budgets of this side."""
    target = amendment_rules.entitled(*amendment_rules.evaluate(amended))
    changed = amendment_rules.changed(state.granted, target)
    draws = budgets.draws_of(state.version.policy, changed, state.budget_periods)
    left = {
        draw.rule: side.purse.make(state.id, draw, state.granted.get(draw.rule, 0))
        for draw in draws
    }
    return amendment_rules.within_budgets(state, amended, draws, left)


def _after_amendment(side: Side, state: BookingState, made: Sequence[Credit]) -> NewChange | None:
    risen = side.review(*made)
    if risen or state.version.policy.refunds.tier != "now":
        return risen
    return side.downgrade(*made)


def _amended(state: BookingState, what: Amended, lowered: Sequence[LineRefund]) -> BookingState:
    """The booking with the amended lines as recorded, and the points that return."""
    returned = {part.line.number: part for part in lowered}
    was = {line.number: line for line in state.lines}
    lines = []
    for now in what.lines:
        old = was.get(now.number) or _nothing(now)
        part = returned.get(now.number)
        off = PriceReduction() if now.net_minor > old.net_minor else old.lowered
        if part is not None:
            off = PriceReduction(
                off.net_minor + part.gross_minor,
                off.cash_minor + part.cash_minor,
                off.points + part.points,
            )
        lines.append(
            replace(
                old,
                product=now.product,
                attributes=now.attributes,
                amount_minor=now.amount_minor,
                cash_minor=now.cash_minor,
                coupon_minor=now.coupon_minor,
                travel_from=now.travel_from,
                travel_to=now.travel_to,
                paid_points=old.paid_points - (part.points if part else 0),
                dropped=not now.amount_minor and (old.dropped or bool(old.amount_minor)),
                lowered=off,
            )
        )
    return replace(state, lines=lines)


def _nothing(line: Line) -> LineState:
    return LineState(line.number, line.product, line.attributes, 0, 0, None, None, None, 0, 0, 0)
