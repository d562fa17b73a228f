"""What a booking loses when it is refunded or its price falls: points taken back and points
reinstated.

The snapshot's evaluation is run again on what is left. Points that are no longer earned are taken
from the booking's own lots, then as the policy says; points that paid for it go back to the lots
that they came from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil
from uuid import UUID

from domain.accounts.accounts import Account
from domain.bookings import booking_state
from domain.bookings.booking_state import BookingState, LineState
from domain.earning import budgets, earning, lot_keys, purses
from domain.earning.lot_keys import LotKey
from domain.earning.values import Award, Evaluation, Line
from domain.kernel import dates
from domain.kernel.values import value
from domain.ledger import clawbacks, ledger
from domain.ledger import entries as ledger_entries
from domain.ledger import journal as journals
from domain.ledger import lots as lot_rules
from domain.ledger.clawbacks import Clawback
from domain.ledger.journal import Journal
from domain.ledger.lots import Lot, Touch
from domain.ledger.values import Cause, EntryKind
from domain.transfers import transfers


@value(frozen=True, slots=True)
class LineRefund:
    """One line's refund: the gross amount, its parts in cash and by a coupon, and the points
    reinstated.
    """

    line: LineState
    gross_minor: int
    cash_minor: int
    points: int
    coupon_minor: int = 0


def split(line: LineState, gross: int) -> LineRefund:
    """`gross` minor units of a line, split by the ratio in which the line was paid.

    The coupon's part is the line's cumulative gross refund × its coupon's share, rounded up. Cash
    is gross − that part − worth of the points, wherever that is possible. The points part is the
    floor of the line's cumulative gross refund × its points share, and the full refund returns all;
    it is larger where the cash paid is not enough, and smaller where less than the points' worth is
    refunded. Points never turn into cash. A price reduction by an amendment counts as a refund, so
    that the steps do not matter; points reinstated before the line became dearer stay returned, and
    count at their worth.
    """
    coupon = _coupon_part(line, gross)
    refunded = line.refunded_gross_minor + gross
    share = Fraction(refunded * line.net_minor, line.amount_minor) if line.amount_minor else 0
    net = line.refunded_net_minor + gross - coupon
    cash, points = _paid_back(line, share, net)
    return LineRefund(line, gross, cash, points, coupon)


def _coupon_part(line: LineState, gross: int) -> int:
    """The coupon's part of `gross`; its part of the rest never exceeds the rest."""
    refunded, left = line.refunded_gross_minor + gross, line.left_minor - gross
    own = line.coupon_minor - line.refunded_coupon_minor
    part = -(-refunded * line.coupon_minor // line.amount_minor) if line.amount_minor else 0
    return min(max(part - line.refunded_coupon_minor, own - left, 0), own, gross)


def lower(line: LineState, net: int) -> LineRefund:
    """Split `net` minor units, by which an amendment lowers a line's price after its coupon, as by
    a refund.
    """
    reached = line.refunded_net_minor + net
    cash, points = _paid_back(line, reached, reached)
    return LineRefund(line, net, cash, points)


def _paid_back(line: LineState, share: Fraction | int, reached: int) -> tuple[int, int]:
    """Cash in minor units, and points, that this refund of a line returns.

    `reached` is the cumulative refund of its price after the coupon, in minor units; `share` is the
    same before rounding, by which points are divided.
    """
    off = line.lowered
    price, cash_paid = line.net_minor + off.net_minor, line.cash_minor + off.cash_minor
    paid, returned = line.paid_points + off.points, line.refunded_points + off.points
    share, reached = share + off.net_minor, reached + off.net_minor
    given, offset = line.refunded_cash_minor + off.cash_minor, price - cash_paid
    points = int(Fraction(paid * share) / price) if price else 0
    if paid and offset:
        least = ceil(Fraction((reached - cash_paid) * paid, offset))
        most = ceil(Fraction((reached - given + 1) * paid, offset)) - 1
        points = min(max(points, least), most)
    points = max(points, returned)
    worth = offset * points // paid if paid else 0
    cash = min(cash_paid, reached - worth)
    return max(0, cash - given), points - returned


def evaluate(state: BookingState, lines: Sequence[Line]) -> Evaluation:
    """What `lines`, all of the booking's or what is left of them, earn by its snapshot; those of
    guests and of rejected bookings earn nothing.
    """
    if state.rejected or not state.earns:
        nothing = {line.number: 0 for line in lines}
        return Evaluation(0, (), nothing, ())
    policy = state.version.policy
    return earning.evaluate(
        policy,
        lines,
        state.facts,
        day=dates.local_date(state.judged_at, policy.zone),
        payment_method=state.payment_method,
        allowances=state.allowances,
        booked=booking_state.paid_lines(state),
    )


def take(
    journal: Journal,
    state: BookingState,
    due: int,
    expired: int,
    losses: Mapping[LotKey, int],
    cause: Cause,
) -> Clawback:
    """Take `due` points: the booking's own pending ones, its own available ones, then as the policy
    says.

    Losses of rules (`losses`) are taken first from the booking's lots on the same terms. Of pending
    points, those of the lines that lost them come first. `expired` points of the booking were gone
    already and count as recovered; held points are not taken.
    """
    own = _own_touches(journal, state, losses, due)
    groups = [
        [touch for touch in own if journal.lots[touch.lot_id].pending is pending]
        for pending in (True, False)
    ]
    terms = state.version.policy.refunds.claw_back
    return clawbacks.take_chosen(journal, groups, due, expired=expired, terms=terms, cause=cause)


async def bring_back(
    account: Account, state: BookingState, due: int, expired: int, losses: Mapping[LotKey, int]
) -> None:
    """Return to a merged member what it lacks of these points, as far as the account that received
    its points has them.
    """
    if account.successor is None:
        return
    own = _own_touches(account.journal, state, losses, due)
    terms = state.version.policy.refunds.claw_back
    short = clawbacks.missing(account.journal, own, due, expired=expired, terms=terms)
    await transfers.bring_back(account, short)


def own_lots(journal: Journal, state: BookingState) -> list[Lot]:
    """The booking's own lots, with what is left of their points."""
    return [lot for lot in journal.lots.values() if lot.booking_id == state.id and lot.remaining]


def _own_touches(
    journal: Journal, state: BookingState, losses: Mapping[LotKey, int], wanted: int
) -> list[Touch]:
    """Take up to `wanted` of the booking's own points: first on the losses' terms, then others."""
    own = own_lots(journal, state)
    ordered = sorted((lot for lot in own if lot.pending), key=_by_line)
    ordered += sorted((lot for lot in own if lot.spendable(journal.now)), key=lot_rules.spend_order)
    taken = dict.fromkeys((lot.id for lot in ordered), 0)
    for terms in dict.fromkeys(key.terms for key in losses):
        lost = {key.line: points for key, points in losses.items() if key.terms == terms}
        lots = [lot for lot in ordered if (lot.rule, lot.line_number is not None) == terms]
        wanted -= _draw(lots, taken, min(wanted, max(0, sum(lost.values()))), lost)
    _draw(ordered, taken, wanted, lot_keys.by_line({p: n for p, n in losses.items() if p.waits}))
    return [Touch(lot_id, -points) for lot_id, points in taken.items() if points]


def _by_line(lot: Lot) -> tuple[int, UUID]:
    return lot.line_number or 0, lot.id


def _draw(lots: Sequence[Lot], taken: dict[UUID, int], wanted: int, lost: Mapping[int, int]) -> int:
    """Add to what is `taken` of these lots: of pending ones what their lines lost, then all in
    order; returns how much was added.
    """
    left, added = dict(lost), 0
    for first in (True, False):
        for lot in lots:
            own = left.get(lot.line_number or 0, 0) if lot.pending else 0
            most = own if first else lot.remaining
            points = max(0, min(wanted - added, most, lot.remaining - taken[lot.id]))
            taken[lot.id] += points
            added += points
            if first and points:
                left[lot.line_number or 0] = own - points
    return added


async def expired_of(journal: Journal, state: BookingState) -> int:
    """Number of the booking's own points that have expired and have not been counted yet."""
    written = await ledger_entries.expired_points(state.member_id, state.id)
    own = {lot.id for lot in journal.lots.values() if lot.booking_id == state.id}
    posted = -sum(
        touch.points
        for entry in journal.entries
        if entry.kind is EntryKind.EXPIRE
        for touch in entry.touches
        if touch.lot_id in own
    )
    return written + posted - state.found_expired


async def reinstate(
    journal: Journal,
    state: BookingState,
    points: int,
    cause: Cause,
    *,
    supplier_cancelled: bool = False,
) -> int:
    """Reinstate `points` of those that paid for the booking; returns how many expired at once."""
    if not points or state.redemption_id is None:
        return 0
    cause = replace(cause, redemption_id=state.redemption_id)
    drawn = await ledger.load_drawn(journal, state.redemption_id)
    before = len(journal.entries)
    if supplier_cancelled:
        touches = lot_rules.restore(drawn, points)
        lots = [anew(journal, state, touch) for touch in touches]
        journals.reinstate_anew(journal, touches, lots, cause)
    else:
        journals.reinstate(journal, drawn, points, cause)
    return sum(entry.points for entry in journal.entries[before:] if entry.kind is EntryKind.EXPIRE)


def anew(journal: Journal, state: BookingState, touch: Touch) -> Lot:
    """A lot on the old one's terms, valid at least for the grace period from now."""
    policy = state.version.policy
    grace = dates.add_days(dates.local_date(journal.now, policy.zone), policy.refunds.grace_days)
    at_least = dates.end_of_day(grace, policy.zone)
    own = journal.lots[touch.lot_id]
    return lot_rules.renewed(own, touch.points, journal.new_id(), at_least, journal.now)


async def give_back(account: Account, state: BookingState, returned: Sequence[Award]) -> None:
    """Return the points of negative awards to their budgets, and to partners that prepaid them."""
    policy, programme_id = state.version.policy, account.programme.id
    paid_by = await purses.of_rules(programme_id, policy, account.now)
    draws = budgets.draws_of(policy, returned, state.budget_periods, paid_by)
    await budgets.draw(programme_id, draws, account.now)
