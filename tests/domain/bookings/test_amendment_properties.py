"""Properties of amendments: the lines count, and not the way that led to them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.bookings import amendment_rules, booking_state, reversals
from domain.bookings.amendment_rules import AmendmentSent
from domain.bookings.booking_state import BookingState
from domain.checkout.booking_lines import LineSent
from domain.ledger.clawbacks import Clawback
from tests.domain.bookings.test_refund_properties import applied, booking, coupons, document
from tests.support import factories as make

Lines = list[tuple[str, int]]
"""Product and amount in minor units."""


def sent(lines: Lines) -> AmendmentSent:
    return AmendmentSent(
        "A", tuple(LineSent(product, Decimal(minor) / 100) for product, minor in lines)
    )


def amended(state: BookingState, lines: Lines) -> tuple[BookingState, int]:
    """The booking after an amendment whose points were all there to take; cash paid for it."""
    new = amendment_rules.check(state, sent(lines))
    returned = {part.line.number: part for part in amendment_rules.lowered(state, new)}
    after = amendment_rules.amend_state(state, sent(lines), new, returned, {})
    before, left, whole = (
        reversals.evaluate(of, basis)
        for of, basis in (
            (state, booking_state.cash_left(state)),
            (after, booking_state.cash_left(after)),
            (after, booking_state.paid_lines(after)),
        )
    )
    target = amendment_rules.entitled(whole, left)
    total = sum(target.values())
    now = make.NOW + timedelta(days=1)
    given, losses = amendment_rules.balance(now, state, after, (before, left), total)
    taken = Clawback(clawed_back=sum(losses.values()))
    given = amendment_rules.at_most(given, amendment_rules.still_due(state, total, taken))
    cash = sum(line.cash_minor for line in after.lines) - sum(
        line.cash_minor for line in state.lines
    )
    made = replace(
        after,
        awarded={award.rule: award.points for award in whole.awards},
        granted=target,
        points=state.points + given.awarded,
        done=state.done + taken.clawed_back,
    )
    assert made.points - made.done == total
    return made, cash


products = st.sampled_from(["flight", "hotel"])


@st.composite
def stories(
    draw: st.DrawFn, *, paid_by_points: bool = False, with_coupon: bool = True
) -> tuple[BookingState, list[Lines]]:
    """A booking, and amendments of it: each keeps the lines there were, and may add one."""
    worth, over = draw(st.sampled_from([1, 3, 100])), draw(st.sampled_from([0, 7, 40]))
    terms = document(worth, over, draw(st.sampled_from(["1", "1.3", "2"])))
    tier = draw(st.sampled_from(["silver", "gold", "diamond"]))
    amounts = st.integers(0, 5000)
    first = [
        (draw(products), amount, draw(st.integers(0, amount)) if paid_by_points else 0)
        for amount in draw(st.lists(amounts, min_size=1, max_size=4))
    ]
    steps: list[Lines] = []
    count = len(first)
    for _ in range(draw(st.integers(1, 4))):
        count += draw(st.integers(0, 1))
        # the first line keeps something: all to nought is a refund
        steps.append([(draw(products), draw(amounts) + (n == 0)) for n in range(count)])
    return booking(terms, tier, first, coupon_minor=draw(coupons) if with_coupon else 0), steps


@given(story=stories())
def test_only_the_last_lines_count(story: tuple[BookingState, list[Lines]]) -> None:
    """Any way to the same lines ends with the same points by rule and the same cash."""
    state, steps = story
    direct, cash = amended(state, steps[-1])
    paid = 0
    for lines in steps:
        state, change = amended(state, lines)
        paid += change
    assert paid == cash
    assert [(line.amount_minor, line.cash_minor) for line in state.lines] == [
        (line.amount_minor, line.cash_minor) for line in direct.lines
    ]
    assert (state.awarded, state.granted) == (direct.awarded, direct.granted)
    coupon = state.coupon.discount_minor if state.coupon else 0
    made_so = booking(
        state.version.policy,
        state.facts.tier,
        [(*line, 0) for line in steps[-1]],
        coupon_minor=coupon,
    )
    assert {rule: points for rule, points in state.granted.items() if points} == {
        rule: points for rule, points in made_so.awarded.items() if points
    }


@given(story=stories(paid_by_points=True))
def test_a_full_refund_afterwards_gives_back_all_that_was_paid(
    story: tuple[BookingState, list[Lines]],
) -> None:
    """Cash and points out are those that came in, and at no time more."""
    state, steps = story
    cash = sum(line.cash_minor for line in state.lines)
    points = sum(line.paid_points for line in state.lines)
    for lines in steps:
        new = amendment_rules.check(state, sent(lines))
        returned = sum(part.points for part in amendment_rules.lowered(state, new))
        state, change = amended(state, lines)
        cash, points = cash + change, points - returned
        for line in state.lines:
            assert 0 <= line.cash_minor <= line.net_minor <= line.amount_minor
            assert line.paid_points >= 0
        assert sum(line.cash_minor for line in state.lines) == cash
        assert sum(line.paid_points for line in state.lines) == points
    state = applied(state, None)
    assert sum(line.refunded_cash_minor for line in state.lines) == cash
    assert sum(line.refunded_points for line in state.lines) == points
    assert [line.refunded_coupon_minor for line in state.lines] == [
        line.coupon_minor for line in state.lines
    ]
    assert not any(state.granted.values())
    assert state.done == state.points


@given(story=stories(paid_by_points=True), parts=st.data())
def test_refunds_between_amendments_never_give_more_than_their_gross(
    story: tuple[BookingState, list[Lines]], parts: st.DataObject
) -> None:
    """Points that came back are worth what they are; they never turn into cash."""
    state, steps = story
    for lines in steps:
        line = parts.draw(st.sampled_from(state.lines))
        gross = parts.draw(st.integers(0, line.left_minor))
        part = reversals.split(line, gross)
        assert part.cash_minor >= 0
        assert part.points >= 0
        if part.cash_minor:
            back, offset = line.refunded_points + part.points, line.net_minor - line.cash_minor
            worth = offset * back // line.paid_points if back else 0
            cash = line.refunded_cash_minor + part.cash_minor
            assert cash + worth <= line.refunded_net_minor + gross - part.coupon_minor
        state = applied(state, [(line.number, gross)])
        least = [of.refunded_gross_minor for of in state.lines] + [0]
        possible = [
            (product, max(minor, least[min(n, len(state.lines))]))
            for n, (product, minor) in enumerate(lines)
        ]
        state, _ = amended(state, possible)
        for after in state.lines:
            assert 0 <= after.refunded_cash_minor <= after.cash_minor <= after.net_minor
            assert 0 <= after.refunded_coupon_minor <= after.coupon_minor <= after.amount_minor
            assert after.refunded_net_minor <= after.net_minor
            assert after.refunded_points <= after.paid_points


@given(story=stories(paid_by_points=True, with_coupon=False), share=st.fractions(0, 1))
def test_lowered_is_as_refunded(story: tuple[BookingState, list[Lines]], share: Fraction) -> None:
    """In cash, in points that paid, and where no rule then grants more, in points taken.

    A refund leaves every line with the rules that it had; an amendment judges anew, and spreads a
    coupon anew.
    """
    state, _ = story
    parts = [(line.number, int(line.amount_minor * share)) for line in state.lines]
    less = dict(parts)
    lines = [(line.product, line.amount_minor - less[line.number]) for line in state.lines]
    if not any(minor for _, minor in lines):
        return
    rules = state.version.policy.earning
    refunded, (lowered, cash) = applied(state, parts), amended(state, lines)
    assert -cash == sum(line.refunded_cash_minor for line in refunded.lines)
    for one, other in zip(refunded.lines, lowered.lines, strict=True):
        assert one.cash_minor - one.refunded_cash_minor == other.cash_minor
        assert one.paid_points - one.refunded_points == other.paid_points
    for rule, points in refunded.granted.items():
        most = min(state.awarded[rule], lowered.granted.get(rule, 0))
        assert points <= most + 1
        assert points >= most or any(wanted.when.min_amount for wanted in rules)
    assert sum(refunded.granted.values()) <= sum(lowered.granted.values())


@given(story=stories(paid_by_points=True), cuts=st.lists(st.integers(0, 10**4), max_size=4))
def test_lowering_step_by_step_is_lowering_at_once(
    story: tuple[BookingState, list[Lines]], cuts: list[int]
) -> None:
    """Of a line's price the same comes back in cash and in points, in however many steps; where a
    point is worth more than money is fine, what comes back is the same but for less than a point.
    """
    state, _ = story
    [product, amount] = state.lines[0].product, state.lines[0].amount_minor
    rest = [(line.product, line.amount_minor) for line in state.lines[1:]]
    ends = sorted({max(1, amount - cut) for cut in cuts}, reverse=True)
    direct = state
    for end in ends:
        state, _ = amended(state, [(product, end), *rest])
    if ends:
        direct, _ = amended(direct, [(product, ends[-1]), *rest])
    stepwise, once = state.lines[0], direct.lines[0]
    each = state.version.policy.minor_per_point
    if each <= 1:
        assert (stepwise.cash_minor, stepwise.paid_points) == (once.cash_minor, once.paid_points)
    kept = [line.cash_minor + line.paid_points * each for line in (stepwise, once)]
    assert abs(kept[0] - kept[1]) < each + 1
    assert min(kept) > stepwise.net_minor - 1
