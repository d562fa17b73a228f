"""What points are valued at, and what leaves with them."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.finance.lots import Followed
from domain.kernel.ids import new_id
from domain.valuation import amounts
from tests.support import documents

MINOR = st.integers(0, 10**13)
POINTS = st.integers(1, 10**9)

KEPT = documents.policy({}, "finance: {breakage: 0.2, method: remote}")


def test_points_are_expected_to_cost_less_than_they_are_worth() -> None:
    assert [amounts.expected(KEPT, points) for points in (2000, 1500, 1)] == [1600, 1200, 0]
    assert amounts.expected(documents.policy({}), 2000) == 2000
    assert documents.policy({}, "finance: {breakage: 1}").finance.breakage == 1


def test_a_price_is_shared_with_the_points_by_what_each_is_worth_alone() -> None:
    assert amounts.share(200_000, 1600) == 1587
    assert amounts.share(150_000, 1200) == 1190
    assert amounts.share(0, 1600) == amounts.share(200_000, 0) == amounts.share(0, 0) == 0
    # IFRS 15, illustrative example 52: products 91 324, points 8 676
    assert amounts.share(100_000_00, 9_500_00) == 8_675_79


def test_a_partner_pays_its_price_to_the_last_decimal() -> None:
    assert amounts.paid(1000, Decimal("0.012"), "CNY") == 1200
    assert amounts.paid(3, Decimal("0.00333333"), "CNY") == 0
    assert amounts.paid(3000, Decimal("0.00333333"), "CNY") == 999
    assert amounts.paid(1000, Decimal("0.6"), "JPY") == 600


def test_lots_share_by_largest_remainder() -> None:
    assert amounts.spread(1587, [1000, 1000]) == [794, 793]
    assert amounts.spread(100, [1, 1, 1]) == [34, 33, 33]
    assert amounts.spread(0, [5, 7]) == [0, 0]


@given(MINOR, MINOR)
def test_a_share_is_less_than_either(cash: int, worth: int) -> None:
    found = amounts.share(cash, worth)
    assert 0 <= found <= min(cash, worth)
    if cash and worth:
        assert found * (cash + worth) <= cash * worth < (found + 1) * (cash + worth)


def lot(amount: int, points: int) -> Followed:
    return Followed(new_id(), points, "programme", "2026-03", "-", amount)


@given(MINOR, POINTS, st.data())
def test_all_points_carry_all_of_it_in_any_order(
    amount: int, points: int, data: st.DataObject
) -> None:
    """They leave and return, to the lot or to others, in parts of any size; what is deferred is
    never less than nothing, and what came back in others is never more than what left.
    """
    own, carried, returned = lot(amount, points), 0, 0
    others: list[Followed] = []
    for _ in range(data.draw(st.integers(0, 12))):
        least, most = own.moved - own.gone, own.left
        moving = data.draw(st.integers(least, most))
        carried += own.leave(moving)
        if own.gone > own.moved and data.draw(st.booleans()):
            back = data.draw(st.integers(1, own.gone - own.moved))
            value = own.renew(back)
            assert value is not None
            others.append(lot(value, back))
            returned += value
        assert own.left_amount == amount - carried >= 0
        assert 0 <= returned <= carried
    carried += own.leave(own.left)
    assert carried == amount
    if own.gone > own.moved:
        value = own.renew(own.gone - own.moved)
        assert value is not None
        others.append(lot(value, own.points - sum(one.points for one in others)))
        returned += value
    assert returned == amount
    assert sum(one.leave(one.left) for one in others) == amount
    assert own.left_amount == 0
