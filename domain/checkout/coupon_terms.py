"""The discount of a coupon on a booking: per line, before points pay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.checkout.refusals import CouponNotApplicable
from domain.earning.values import Line
from domain.kernel import money, spreading
from domain.kernel.refusals import Price

PATH = ("couponCode",)


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """Worth of a coupon in minor units of `currency`, the `products` of its lines (None: any), and
    the least total price of these.
    """

    worth_minor: int | None
    currency: str
    minimum_spend_minor: int | None = None
    products: tuple[str, ...] | None = None

    def covers(self, product: str) -> bool:
        return self.products is None or product in self.products


def apply(terms: CouponTerms, lines: Sequence[Line]) -> list[Line]:
    """The lines, each less its part of the coupon's discount: the coupon's worth, never more than
    its lines cost, spread over them by largest remainder.

    Raises: CouponNotApplicable.
    """
    eligible = {line.number: line.amount_minor for line in lines if terms.covers(line.product)}
    total, least = sum(eligible.values()), terms.minimum_spend_minor or 0
    if not terms.worth_minor:
        raise _refusal("NO_WORTH", terms, total)
    if not total:
        raise _refusal("PRODUCTS", terms, total)
    if total < least:
        raise _refusal("MINIMUM_SPEND", terms, total)
    return take_off(lines, spreading.spread_whole(min(terms.worth_minor, total), eligible))


def take_off(lines: Sequence[Line], parts: Mapping[int, int]) -> list[Line]:
    """The lines, each less its part of the discount, by number, in minor units: its cash part is
    reduced.
    """
    return [
        replace(line, cash_minor=line.cash_minor - part, coupon_minor=part)
        for line in lines
        for part in (parts.get(line.number, 0),)
    ]


def _refusal(reason: str, terms: CouponTerms, eligible_minor: int) -> CouponNotApplicable:
    least, eligible = (
        Price(money.to_amount(minor, terms.currency), terms.currency)
        for minor in (terms.minimum_spend_minor or 0, eligible_minor)
    )
    return CouponNotApplicable(reason, least, eligible, path=PATH)
