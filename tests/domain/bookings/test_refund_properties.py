"""Any partition and any order of the same refunds comes to the same, over random bookings."""

import functools
from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.bookings import refund_rules, reversals
from domain.bookings.booking_coupons import UsedCoupon
from domain.bookings.booking_state import BookingState, LineState
from domain.bookings.refund_rules import RefundLineSent, RefundSent
from domain.checkout import caps
from domain.checkout.caps import Cap, LineCap
from domain.earning import earning
from domain.earning.clipping import EVERY_RULE
from domain.earning.values import Allowance, Line, MemberFacts
from domain.kernel import spreading
from domain.programmes import policy, reader
from domain.programmes.programmes import Version
from tests.support import factories as make

NOBODY = UUID(int=0)
LINES_MAX = 3


@functools.cache
def document(worth: int, over: int, campaign: str) -> policy.Policy:
    """Rules of every kind, some with a threshold: a base rate that pays less than the one that
    it replaces, and a larger factor of a class; and a tier that multiplies.
    """
    return reader.validate(
        make.variant(
            make.rule("rate", "base", points=1),
            make.rule(
                "rate", "bulk", points="0.1", when={"products": ["hotel"], "min_amount": over}
            ),
            make.rule("rate_add", "extra", add="0.15", when={"products": ["hotel"]}),
            make.rule("multiplier", "campaign", factor=campaign, _class="campaign"),
            make.rule(
                "multiplier", "large", factor="2.5", _class="campaign", when={"min_amount": over}
            ),
            make.rule(
                "multiplier", "card", factor="1.1", _class="payment", when={"min_amount": over}
            ),
            make.rule("bonus", "over", points=77, when={"min_amount": over}),
            points={"worth": {"points": worth, "money": 1}, "available": "at_payment"},
        )
    )


def booking(
    terms: policy.Policy,
    tier: str,
    lines: list[tuple[str, int, int]],
    allowances: Mapping[str, Allowance] | None = None,
    coupon_minor: int = 0,
) -> BookingState:
    """A booking just made: product, amount, and what of it points paid, in minor units; a coupon of
    that worth took its part off before.
    """
    amounts = {number: amount for number, (_, amount, _) in enumerate(lines, 1)}
    off = min(coupon_minor, sum(amounts.values()))
    parts = spreading.spread_whole(off, amounts)
    lines = [
        (product, amount, min(offset, amount - parts[number]))
        for number, (product, amount, offset) in enumerate(lines, 1)
    ]
    used = UsedCoupon(NOBODY, NOBODY, NOBODY, off, None) if off else None
    left = dict(allowances or {})
    worth_each = terms.minor_per_point
    paid = sum(int(offset / worth_each) for _, _, offset in lines)
    offsets = {
        number: int(int(offset / worth_each) * worth_each)
        for number, (_, _, offset) in enumerate(lines, 1)
    }
    judged = [
        Line(number, product, amount - parts[number] - offsets[number])
        for number, (product, amount, _) in enumerate(lines, 1)
    ]
    day = make.NOW.date()
    found = earning.evaluate(terms, judged, MemberFacts(tier), day=day, allowances=left)
    paid_for = spreading.spread(paid, {number: Fraction(of) for number, of in offsets.items()})
    awarded = {award.rule: award.points for award in found.awards}
    return BookingState(
        member_id=NOBODY,
        id=NOBODY,
        reference="B",
        reporter="staff:kim",
        version=Version(NOBODY, 1, make.NOW, terms),
        booked_at=make.NOW,
        payment_method=None,
        snapshot={
            "status": "ENROLLED",
            "tier": tier,
            "in_birthday_month": False,
            "profile": {},
            "allowances": {rule: asdict(allowance) for rule, allowance in left.items()},
        },
        points=found.points,
        redemption_id=None,
        lines=[
            LineState(
                number=line.number,
                product=line.product,
                attributes={},
                amount_minor=lines[line.number - 1][1],
                cash_minor=line.cash_minor,
                travel_from=None,
                travel_to=None,
                completed_at=None,
                refunded_gross_minor=0,
                refunded_cash_minor=0,
                refunded_points=0,
                paid_points=paid_for[line.number],
                coupon_minor=parts[line.number],
            )
            for line in judged
        ],
        awarded=awarded,
        granted=awarded,
        done=0,
        found_expired=0,
        coupon=used,
    )


def applied(state: BookingState, parts: list[tuple[int, int]] | None) -> BookingState:
    """The booking after a refund of these minor units by line, or of all that is left."""
    lines = [RefundLineSent(n, Decimal(minor) / 100) for n, minor in parts or ()]
    split = refund_rules.split(state, RefundSent("R", None if parts is None else tuple(lines)))
    left = reversals.evaluate(state, refund_rules.left_after(state, split))
    taken = refund_rules.reverse(state.granted, state.awarded, left, state.budget_periods)
    lost = {award.rule: award.points for award in taken}
    granted = {rule: points - lost.get(rule, 0) for rule, points in state.granted.items()}
    due = max(0, state.points - sum(granted.values()) - state.done)
    by_line = {part.line.number: part for part in split}
    return replace(
        state,
        granted=granted,
        done=state.done + due,
        lines=[
            replace(
                line,
                refunded_gross_minor=line.refunded_gross_minor + by_line[line.number].gross_minor,
                refunded_cash_minor=line.refunded_cash_minor + by_line[line.number].cash_minor,
                refunded_points=line.refunded_points + by_line[line.number].points,
                refunded_coupon_minor=line.refunded_coupon_minor
                + by_line[line.number].coupon_minor,
            )
            if line.number in by_line
            else line
            for line in state.lines
        ],
    )


def summary(state: BookingState) -> dict[str, Any]:
    return {
        "points": state.done,
        "by rule": state.granted,
        "cash": [line.refunded_cash_minor for line in state.lines],
        "coupon": [line.refunded_coupon_minor for line in state.lines],
        "reinstated": [line.refunded_points for line in state.lines],
    }


coupons = st.just(0) | st.integers(1, 8000)
"""What a booking's coupon is worth, in minor units; 0 for none."""


@st.composite
def stories(
    draw: st.DrawFn, worths: tuple[int, ...] = (1, 3, 100), *, with_coupon: bool = True
) -> tuple[BookingState, list[list[tuple[int, int]]]]:
    """A booking, and refunds that leave some of it; so many points are worth CNY 1."""
    tier = draw(st.sampled_from(["silver", "gold", "platinum", "diamond"]))
    worth = draw(st.sampled_from(worths))
    over, campaign = draw(st.sampled_from([0, 7, 40])), draw(st.sampled_from(["1", "1.3", "2"]))
    terms = document(worth, over, campaign)
    amounts = st.integers(0, 5000)
    lines = []
    for _ in range(draw(st.integers(1, LINES_MAX))):
        amount = draw(amounts)
        product = draw(st.sampled_from(["flight", "hotel"]))
        lines.append((product, amount, draw(st.integers(0, amount))))
    left = {number: amount for number, (_, amount, _) in enumerate(lines, 1)}
    parts = []
    for _ in range(draw(st.integers(1, 5))):
        part = []
        for number, rest in left.items():
            minor = draw(st.integers(0, rest))
            left[number] = rest - minor
            part.append((number, minor))
        parts.append(part)
    limited = st.sampled_from(["base", "extra", "large", "card", "over"])
    used = draw(st.dictionaries(limited, st.integers(0, 100), max_size=2))
    if draw(st.booleans()):
        used[EVERY_RULE] = draw(st.integers(0, 250))
    allowances = {rule: Allowance(points=points) for rule, points in used.items()}
    return booking(terms, tier, lines, allowances, draw(coupons) if with_coupon else 0), parts


def together(parts: list[list[tuple[int, int]]]) -> list[tuple[int, int]]:
    total: dict[int, int] = {}
    for part in parts:
        for number, minor in part:
            total[number] = total.get(number, 0) + minor
    return sorted(total.items())


@given(story=stories((100,), with_coupon=False))
def test_no_partition_and_no_order_of_refunds_matters(
    story: tuple[BookingState, list[list[tuple[int, int]]]],
) -> None:
    state, parts = story
    at_once = applied(state, together(parts))
    for order in (parts, parts[::-1], sorted(parts)):
        one_by_one = state
        for part in order:
            one_by_one = applied(one_by_one, part)
        assert summary(one_by_one) == summary(at_once)


@given(story=stories())
def test_all_that_paid_comes_back_in_any_partition(
    story: tuple[BookingState, list[list[tuple[int, int]]]],
) -> None:
    """Cash, points and coupon, though parts may differ by a unit: a coupon's is rounded up."""
    state, parts = story
    for part in parts:
        state = applied(state, part)
    state = applied(state, None)
    for line in state.lines:
        assert line.refunded_cash_minor == line.cash_minor
        assert line.refunded_coupon_minor == line.coupon_minor
        assert line.refunded_points == line.paid_points


def worth(line: LineState, points: int) -> int:
    """Of so many of the points that paid for a line, in minor units."""
    offset = line.net_minor - line.cash_minor
    return offset * points // line.paid_points if line.paid_points else 0


def returned(line: LineState) -> int:
    """What came back of a line, in cash and points at their worth."""
    return line.refunded_cash_minor + worth(line, line.refunded_points)


def could_be_exact(was: LineState, now: LineState) -> bool:
    """Whether some number of whole points, and cash, were worth what is refunded by now."""
    return any(
        was.refunded_cash_minor <= now.refunded_net_minor - worth(now, points) <= now.cash_minor
        for points in range(was.refunded_points, now.paid_points + 1)
    )


def assert_worth_its_gross(before: BookingState, after: BookingState) -> None:
    for was, now in zip(before.lines, after.lines, strict=True):
        assert now.refunded_points >= was.refunded_points
        assert now.refunded_cash_minor >= was.refunded_cash_minor
        assert returned(now) <= now.refunded_net_minor
        assert returned(now) == now.refunded_net_minor or not could_be_exact(was, now)
        assert now.refunded_coupon_minor * now.amount_minor >= (
            now.refunded_gross_minor * now.coupon_minor
        )


@given(story=stories((1, 3)))
def test_a_refund_is_worth_its_gross_wherever_cash_and_whole_points_can_be(
    story: tuple[BookingState, list[list[tuple[int, int]]]],
) -> None:
    state, parts = story
    for part in parts:
        after = applied(state, part)
        assert_worth_its_gross(state, after)
        state = after


@st.composite
def paid_bookings(draw: st.DrawFn) -> tuple[BookingState, list[tuple[int, int]], bool]:
    """A booking as it is captured, refunds of its lines, and whether its points fit whole."""
    each = Fraction(draw(st.sampled_from([1, 2, 50, 100, 250])))
    amounts = draw(st.lists(st.integers(1, 1000), min_size=1, max_size=4))
    percents = draw(st.lists(st.sampled_from([0, 10, 50, 100]), min_size=4, max_size=4))
    limits = tuple(
        LineCap(number, Decimal(percent), amount * percent // 100)
        for number, (amount, percent) in enumerate(zip(amounts, percents, strict=False), 1)
    )
    terms = document(1, 0, "1")
    assert terms.offset is not None
    cap = Cap(limits, sum(amounts), each, terms.offset)
    points = draw(st.integers(0, int(cap.cap_minor / each)))
    lines = caps.pay(cap, [Line(n, "hotel", amount) for n, amount in enumerate(amounts, 1)], points)
    offsets = {line.number: line.offset_minor for line in lines}
    assert sum(offsets.values()) == points * each
    assert all(0 <= offset <= amounts[number - 1] for number, offset in offsets.items())
    assert all(offsets[limit.line] == 0 for limit in limits if not limit.cap_minor)
    fits = points <= sum(amounts[one.line - 1] // each for one in limits if one.cap_minor)
    assert not fits or all(offset % each == 0 for offset in offsets.values())
    within = points <= sum(one.cap_minor // each for one in limits)
    assert not within or all(offsets[one.line] <= one.cap_minor for one in limits)
    shares = spreading.spread(points, {n: Fraction(offset) for n, offset in offsets.items()})
    state = booking(terms, "silver", [("hotel", amount, 0) for amount in amounts])
    paid = [
        replace(
            one, cash_minor=one.amount_minor - offsets[one.number], paid_points=shares[one.number]
        )
        for one in state.lines
    ]
    left = dict(enumerate(amounts, 1))
    refunds = []
    for _ in range(draw(st.integers(1, 8))):
        number = draw(st.integers(1, len(amounts)))
        minor = draw(st.sampled_from([left[number], left[number] // 2, min(left[number], 10)]))
        left[number] -= minor
        refunds.append((number, minor))
    return replace(state, lines=paid), refunds, fits


@given(paid_bookings())
def test_lines_paid_with_few_points_are_refunded_at_their_gross(
    story: tuple[BookingState, list[tuple[int, int]], bool],
) -> None:
    """A whole line always, where every point fits into one; and all of it in any case."""
    state, refunds, fits = story
    for number, minor in refunds:
        after = applied(state, [(number, minor)])
        assert_worth_its_gross(state, after)
        line = after.lines[number - 1]
        if fits and line.refunded_gross_minor == line.amount_minor:
            assert returned(line) == line.amount_minor
        state = after
    state = applied(state, None)
    for line in state.lines:
        assert line.refunded_cash_minor == line.cash_minor
        assert line.refunded_points == line.paid_points


@given(story=stories())
def test_a_full_refund_takes_and_returns_everything(
    story: tuple[BookingState, list[list[tuple[int, int]]]],
) -> None:
    state, parts = story
    for part in parts:
        before = state
        state = applied(state, part)
        assert state.done >= before.done
        for line in state.lines:
            assert 0 <= line.refunded_cash_minor <= line.cash_minor
    state = applied(state, None)
    assert state.done == state.points
    assert not any(state.granted.values())
    for line in state.lines:
        assert line.refunded_gross_minor == line.amount_minor
        assert line.refunded_cash_minor == line.cash_minor
        assert line.refunded_points == line.paid_points


@given(story=stories())
def test_points_never_turn_into_cash(
    story: tuple[BookingState, list[list[tuple[int, int]]]],
) -> None:
    """What a refund returns is worth no more than it is, and the points are a floor but for those
    without which more cash would be due than was paid.
    """
    state, parts = story
    after = applied(state, together(parts))
    for line in after.lines:
        if line.amount_minor:
            share = line.paid_points * line.refunded_gross_minor // line.amount_minor
            net, points = line.refunded_net_minor, range(share, line.paid_points + 1)
            needed = [n for n in points if net - line.cash_minor <= worth(line, n) <= net]
            if line.coupon_minor == 0 or worth(line, share) <= net:
                assert line.refunded_points == (needed[0] if needed else share)
        assert returned(line) <= line.refunded_net_minor
