"""What a refund takes back and what no longer counts, independent of the order of refunds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.bookings import booking_state, reversals, tier_counts
from domain.bookings.booking_state import BookingState, LineState
from domain.bookings.refusals import RefundExceedsBooking
from domain.bookings.reversals import LineRefund
from domain.earning import entitlements, lot_keys
from domain.earning.lot_keys import LotKey
from domain.earning.values import Award, Evaluation, Line
from domain.kernel import money
from domain.kernel.refusals import InvalidInput
from domain.kernel.values import value
from domain.tiers.values import Qualifying


@dataclass(frozen=True, slots=True)
class RefundLineSent:
    """Refund of a line, gross, in the currency's units."""

    line: int
    amount: Decimal

    def canonical(self) -> dict[str, Any]:
        return {"line": self.line, "amount": self.amount}


@dataclass(frozen=True, slots=True)
class RefundSent:
    """`lines` None means all that is left; `refunded_at` None means now, or for a refund that
    waited for its booking, when it was received (`came_at`, which callers do not send).
    """

    reference: str
    lines: tuple[RefundLineSent, ...] | None = None
    refunded_at: datetime | None = None
    supplier_cancelled: bool = False
    came_at: datetime | None = field(default=None, compare=False)

    def happened_at(self, now: datetime) -> datetime:
        return self.refunded_at or self.came_at or now

    def canonical(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "lines": self.lines,
            "refunded_at": self.refunded_at,
            "supplier_cancelled": self.supplier_cancelled,
        }


def split(state: BookingState, sent: RefundSent) -> list[LineRefund]:
    """Each line's gross, split into cash and points by the ratio in which it was paid.

    Raises: InvalidInput, RefundExceedsBooking.
    """
    return [
        reversals.split(line, gross)
        for line, gross in _gross(state, sent)
        if gross or sent.lines is None
    ]


def _gross(state: BookingState, sent: RefundSent) -> list[tuple[LineState, int]]:
    if sent.lines is None:
        return [(line, line.left_minor) for line in state.lines if line.left_minor]
    currency = state.version.policy.currency
    lines = {line.number: line for line in state.lines}
    wanted, seen = [], set()
    for index, part in enumerate(sent.lines):
        path = ("lines", str(index))
        if part.line not in lines:
            known = tuple(str(number) for number in lines)
            raise InvalidInput("unknown_line", str(part.line), known, path=(*path, "line"))
        if part.line in seen:
            raise InvalidInput("line_twice", str(part.line), path=(*path, "line"))
        seen.add(part.line)
        line = lines[part.line]
        gross = money.to_minor_units(part.amount, currency, path=(*path, "amount"))
        if gross > line.left_minor:
            left = money.to_amount(line.left_minor, currency)
            raise RefundExceedsBooking(line.number, left, currency, path=(*path, "amount"))
        wanted.append((line, gross))
    return wanted


def leaves_nothing(state: BookingState, parts: Sequence[LineRefund]) -> bool:
    """Whether nothing of the booking is left after this refund."""
    left = sum(line.left_minor for line in state.lines)
    return left == sum(part.gross_minor for part in parts)


def left_after(state: BookingState, parts: Sequence[LineRefund]) -> list[Line]:
    """The lines as rules read them, with the cash that this refund leaves."""
    refunded = {part.line.number: part.cash_minor for part in parts}
    return [
        replace(line, cash_minor=max(0, line.cash_minor - refunded.get(line.number, 0)))
        for line in booking_state.cash_left(state)
    ]


def reverse(
    granted: Mapping[str, int],
    awarded: Mapping[str, int],
    left: Evaluation,
    budgeted: Iterable[str],
) -> list[Award]:
    """Loss of each rule: its grant less what the rest of the booking lets it keep. `budgeted` are
    the rules whose points count in a budget.

    One rule's share may grow again where another's rounding falls, so that only the rest decides,
    not the order of refunds.
    """
    target = _within_budgets(granted, entitlements.entitled(awarded, left), budgeted)
    return [
        Award(rule, points - target.get(rule, 0))
        for rule, points in granted.items()
        if points != target.get(rule, 0)
    ]


def _within_budgets(
    granted: Mapping[str, int], target: dict[str, int], budgeted: Iterable[str]
) -> dict[str, int]:
    """The same in total, but no rule takes back what it returned to its budget, which others may
    have used since: another rule keeps that much of its loss.
    """
    found = dict(target)
    for rule in budgeted:
        if rule in found:
            found[rule] = min(found[rule], granted.get(rule, 0))
    moved = sum(target.values()) - sum(found.values())
    for rule, points in granted.items():
        more = min(moved, max(0, points - found.get(rule, 0)))
        if more:
            found[rule], moved = found.get(rule, 0) + more, moved - more
    return found


@value(frozen=True, slots=True)
class Weighed:
    """Points that a refund takes: `due` in total, `lost` by rule, `losses` by their terms.

    `left` is what the rest of the booking earns.
    """

    left: Evaluation
    lost: list[Award]
    due: int
    losses: dict[LotKey, int]


def weigh(state: BookingState, parts: Sequence[LineRefund]) -> Weighed:
    """What the booking no longer earns, given what these parts leave."""
    before = reversals.evaluate(state, booking_state.cash_left(state))
    left = reversals.evaluate(state, left_after(state, parts))
    lost = reverse(state.granted, state.awarded, left, state.budget_periods)
    target = sum(state.granted.values()) - sum(award.points for award in lost)
    due = max(0, state.points - target - state.done)
    return Weighed(left, lost, due, lot_keys.changes(left.by_lot, before.by_lot))


def counted(
    state: BookingState, parts: Sequence[LineRefund], reversed_awards: Sequence[Award]
) -> Qualifying:
    """What no longer counts towards tiers, subtracted at the booking's own date."""
    if not state.counts or state.keeps_counting:
        return Qualifying()
    gross = {part.line.number: part.gross_minor for part in parts}
    after = replace(state, lines=tier_counts.refunded(state.lines, gross))
    return Qualifying(
        spend_minor=-sum(part.cash_minor for part in parts),
        bookings=tier_counts.bookings(after) - tier_counts.bookings(state),
        nights=tier_counts.nights(after) - tier_counts.nights(state),
        points=-sum(award.points for award in reversed_awards),
    )
