"""The rules of amendments: their effect on a booking's lines, its points, and what counts of it.

The snapshot judges the booking as it is now. Points stay with their line, and in total the member
has what the amended booking would have earned from the start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.bookings import booking_state, reversals, tier_counts
from domain.bookings.amended_lines import PriceReduction
from domain.bookings.booking_state import BookingState, LineState
from domain.bookings.overdue import overdue_at
from domain.bookings.refusals import RefundExceedsBooking
from domain.bookings.reversals import LineRefund
from domain.checkout import booking_lines, coupon_terms
from domain.checkout.booking_lines import LineSent
from domain.earning import budgets, entitlements, lot_keys, snapshots
from domain.earning.budgets import BudgetDraw
from domain.earning.lot_keys import AT_ONCE, LotKey, PointsByLot
from domain.earning.values import Allowance, Award, Evaluation, Line
from domain.kernel import money, spreading
from domain.kernel.refusals import InvalidInput
from domain.ledger.clawbacks import Clawback
from domain.tiers.values import Qualifying


@dataclass(frozen=True, slots=True)
class AmendmentSent:
    """The booking's lines as they are now, in their order: line 1 first, new ones last.

    A removed line has the amount zero.
    """

    reference: str
    lines: tuple[LineSent, ...]
    amended_at: datetime | None = None

    def canonical(self) -> dict[str, Any]:
        return {"reference": self.reference, "lines": self.lines, "amended_at": self.amended_at}


@dataclass(frozen=True, slots=True)
class AmendmentCredit:
    """Points that an amendment credits, by their terms: spendable at once, and pending by line.

    `reissued` of the pending points existed before, with the time-out of the old dates.
    """

    by_lot: PointsByLot = field(default_factory=dict)
    reissued: int = 0

    @property
    def awarded(self) -> int:
        return sum(self.by_lot.values()) - self.reissued


def check(state: BookingState, sent: AmendmentSent) -> list[Line]:
    """The lines as rules read them, each less the booking's coupon's deduction now.

    Raises: InvalidInput, RefundExceedsBooking.
    """
    policy = state.version.policy
    lines = booking_lines.check(policy, sent.lines)
    if len(lines) < len(state.lines):
        wanted, found = str(len(state.lines)), str(len(lines))
        raise InvalidInput("lines_missing", found, (wanted,), path=("lines",))
    for was, now in zip(state.lines, lines, strict=False):
        if now.amount_minor < was.refunded_gross_minor:
            kept = money.to_amount(was.left_minor, policy.currency)
            path = ("lines", str(now.number - 1), "amount")
            raise RefundExceedsBooking(was.number, kept, policy.currency, path=path)
    if not any(line.amount_minor for line in lines) and total(state.lines):
        raise InvalidInput("nothing_left", path=("lines",))
    return coupon_terms.take_off(lines, coupon_parts(state, lines))


def coupon_parts(state: BookingState, lines: Sequence[Line]) -> dict[int, int]:
    """By line, the deduction by the booking's coupon now: at most the original amount, spread over
    what is not refunded; the coupon's part of what was refunded stays with that.
    """
    used, was = state.coupon, {line.number: line for line in state.lines}
    kept = {line.number: line.refunded_coupon_minor for line in state.lines}
    if used is None:
        return kept
    left = {
        line.number: line.amount_minor - gross
        for line in lines
        if used.covers(line.product)
        for gross in (was[line.number].refunded_gross_minor if line.number in was else 0,)
    }
    rest = min(used.discount_minor - sum(kept.values()), sum(left.values()))
    for number, part in spreading.spread_whole(rest, left).items():
        kept[number] = kept.get(number, 0) + part
    return kept


def lowered(state: BookingState, lines: Sequence[Line]) -> list[LineRefund]:
    """The lines that cost less now, after the coupon, each with what is returned of it."""
    return [
        reversals.lower(was, was.net_minor - now.net_minor)
        for was, now in zip(state.lines, lines, strict=False)
        if now.net_minor < was.net_minor
    ]


def amend_state(
    state: BookingState,
    sent: AmendmentSent,
    new: Sequence[Line],
    returned: Mapping[int, LineRefund],
    allowances: Mapping[str, Allowance],
) -> BookingState:
    """The booking with its new lines; `returned` has what is returned by line number. Price
    increases are paid in cash.
    """
    was = {line.number: line for line in state.lines}
    lines = []
    for now, reported in zip(new, sent.lines, strict=True):
        old = was.get(now.number) or _new_line(now)
        part = returned.get(now.number)
        cash_more = -part.cash_minor if part else now.net_minor - old.net_minor
        lines.append(
            replace(
                old,
                product=now.product,
                attributes=now.attributes,
                amount_minor=now.amount_minor,
                cash_minor=old.cash_minor + cash_more,
                coupon_minor=now.coupon_minor,
                travel_from=reported.travel_from,
                travel_to=reported.travel_to,
                paid_points=old.paid_points - (part.points if part else 0),
                dropped=not now.amount_minor and (old.dropped or bool(old.amount_minor)),
                lowered=_lowered(old, now, part),
            )
        )
    return allowed(replace(state, lines=lines), allowances)


def allowed(state: BookingState, allowances: Mapping[str, Allowance]) -> BookingState:
    return replace(state, snapshot={**state.snapshot, "allowances": snapshots.said(allowances)})


def evaluate(state: BookingState) -> tuple[Evaluation, Evaluation]:
    """What the booking earns in all, and what it earns on what is not refunded."""
    return (
        reversals.evaluate(state, booking_state.paid_lines(state)),
        reversals.evaluate(state, booking_state.cash_left(state)),
    )


def _lowered(old: LineState, now: Line, part: LineRefund | None) -> PriceReduction:
    if now.net_minor > old.net_minor:
        return PriceReduction()
    if part is None:
        return old.lowered
    return PriceReduction(
        old.lowered.net_minor + part.gross_minor,
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
) -> tuple[AmendmentCredit, dict[LotKey, int]]:
    """Points credited, by terms, and points taken.

    Points stay with their line: an open line gains and loses its own pending points, and the
    remaining difference between what the booking should have earned (`target`) and what it was
    given is credited or taken at once. Points once pending are taken on their own terms.
    `evaluations` are those of what is not refunded, before and after.
    """
    before, after = evaluations
    open_lines = {line.number for line in amended.lines if _waits(amended, line, now)}
    changes: dict[LotKey, int] = {}
    matured: dict[LotKey, int] = {}
    for key, points in lot_keys.changes(before.by_lot, after.by_lot).items():
        waits = key.waits and key.line in open_lines
        lot_keys.add(changes, key if waits else LotKey(key.rule, AT_ONCE), points)
        if key.waits and not waits:
            lot_keys.add(matured, LotKey(key.rule, AT_ONCE), points)
    rest = target - (state.points - state.done) - sum(changes.values())
    lot_keys.add(changes, LotKey(None, AT_ONCE), _less(changes, rest))
    gains = {key: points for key, points in changes.items() if points > 0}
    losses = {key: -points for key, points in changes.items() if points < 0}
    for key, points in matured.items():
        moved = min(losses.get(key, 0), max(0, -points))
        lot_keys.add(losses, key, -moved)
        lot_keys.add(losses, key._replace(waits=True), moved)
    return AmendmentCredit(gains), losses


def _less(changes: dict[LotKey, int], rest: int) -> int:
    """Subtract from what would be credited or taken what nobody was given: what a cap kept from
    other rules, or what the member had already had, forgiven or expired. Returns what is left of
    `rest`.
    """
    for key in sorted(changes, key=lambda one: (one.waits, -one.line, one.rule is None)):
        if changes[key] * rest < 0:
            part = min(abs(changes[key]), abs(rest)) * (1 if rest > 0 else -1)
            changes[key] += part
            rest -= part
    return rest


def still_due(state: BookingState, target: int, taken: Clawback) -> int:
    """Number of points that the booking may be given in addition to those not taken back.

    Forgiven and expired points are settled, but the member had them: a booking that becomes cheaper
    and then dearer again does not earn them twice. Nor are they lost twice: points taken beyond
    what is due, because their terms changed, are given again.
    """
    kept = state.points - state.done
    had = kept + state.forgiven + state.found_expired
    change = max(0, target - had) - max(0, kept - target)
    return max(0, taken.clawed_back + change)


def at_most(given: AmendmentCredit, points: int) -> AmendmentCredit:
    """Reduce what is given to at most `points`: first what is spendable at once, then last
    lines.
    """
    by_lot = {}
    ordered = sorted(given.by_lot, key=lambda one: (not one.waits, one.line, one.rule or ""))
    for key in ordered:
        by_lot[key] = min(given.by_lot[key], points)
        points -= by_lot[key]
    return replace(given, by_lot=by_lot)


def _waits(state: BookingState, line: LineState, now: datetime) -> bool:
    """Whether the line's points are pending: it is neither completed nor overdue."""
    policy = state.version.policy
    overdue = overdue_at(policy, state.booked_at, line.travel_from, line.travel_to)
    return line.completed_at is None and not (policy.completion.then == "mature" and overdue <= now)


def entitled(whole: Evaluation, left: Evaluation) -> dict[str, int]:
    """By rule, what the booking should have earned; no rule exceeds what it grants in total."""
    return entitlements.entitled({award.rule: award.points for award in whole.awards}, left)


def within_budgets(
    state: BookingState, amended: BookingState, draws: Sequence[BudgetDraw], left: Mapping[str, int]
) -> tuple[BookingState, dict[str, int]]:
    """The booking within its budgets: what they granted it before, and what is `left` for each
    draw. Returns by rule with a budget the points taken from it for this booking in total;
    it grants no more.
    """
    own = {rule: state.granted.get(rule, 0) + points for rule, points in left.items()}
    taken = {rule: state.granted.get(rule, 0) for rule in state.budget_periods}
    for draw in draws:
        had = taken.get(draw.rule, state.granted.get(draw.rule, 0))
        taken[draw.rule] = had + min(draw.points, left[draw.rule])
    return allowed(amended, budgets.within(amended.allowances, own)), taken


def at_most_by_rule(target: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
    """The same, with each rule limited to its number in `most`, if it has one."""
    return {rule: min(points, most.get(rule, points)) for rule, points in target.items()}


def changed(granted: Mapping[str, int], target: Mapping[str, int]) -> list[Award]:
    """Change of what each rule gives, signed."""
    changes = {rule: target.get(rule, 0) - granted.get(rule, 0) for rule in {**target, **granted}}
    return [Award(rule, points) for rule, points in changes.items() if points]


def counted(state: BookingState, amended: BookingState, changed: Sequence[Award]) -> Qualifying:
    """Change of what counts towards tiers, signed, at the booking's own date."""
    if not state.counts:
        return Qualifying()
    return Qualifying(
        spend_minor=cash(amended.lines) - cash(state.lines),
        bookings=tier_counts.bookings(amended) - tier_counts.bookings(state),
        nights=tier_counts.nights(amended) - tier_counts.nights(state),
        points=sum(award.points for award in changed),
    )


def cash(lines: Sequence[LineState]) -> int:
    return sum(line.cash_minor for line in lines)


def total(lines: Sequence[LineState]) -> int:
    return sum(line.amount_minor for line in lines)
