"""Charges: cost of a month's points by a partner's terms, less its deliveries.

Sums are exact, and each is rounded once, half away from zero, to minor units of the currency.
"""

from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, Inexact

from domain.partners.terms import Terms, TermsBasis

_EXACT = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
"""Exact arithmetic: products of points below 2^63, a price and a fee lose no digit; a lost one
would raise.
"""

_ROUNDING = Context(prec=100, rounding=ROUND_HALF_UP, Emax=MAX_EMAX, Emin=MIN_EMIN)
_WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Volumes:
    """A partner's points of a month, and the cost of its deliveries, in minor units.

    `issued` and `reversed` are both counted upwards; `redeemed` is reduced by returned points, and
    so may be below zero, as may `delivered_minor`.
    """

    issued: int = 0
    reversed: int = 0
    redeemed: int = 0
    expired: int = 0
    delivered_minor: int = 0

    def plus(self, other: "Volumes") -> "Volumes":
        return Volumes(
            self.issued + other.issued,
            self.reversed + other.reversed,
            self.redeemed + other.redeemed,
            self.expired + other.expired,
            self.delivered_minor + other.delivered_minor,
        )


@dataclass(frozen=True, slots=True)
class Charge:
    """Amounts of a month in minor units; above zero the partner pays `net_minor`."""

    charge_minor: int
    fee_minor: int
    delivered_minor: int

    @property
    def net_minor(self) -> int:
        return self.charge_minor + self.fee_minor - self.delivered_minor


def charge(volumes: Volumes, terms: Terms, digits: int) -> Charge:
    """Amounts of a month, in a currency with this many decimals.

    Prepaid points are charged when they are bought, so not here.
    """
    points = volumes.redeemed
    if terms.basis is TermsBasis.ISSUED:
        points = volumes.issued - volumes.reversed
    exact = Decimal(0)
    if not terms.prepaid:
        exact = _EXACT.multiply(terms.price_per_point, Decimal(points))
    fee = _EXACT.scaleb(_EXACT.multiply(exact, terms.fee_percent), -2)
    return Charge(_minor(exact, digits), _minor(fee, digits), volumes.delivered_minor)


def _minor(amount: Decimal, digits: int) -> int:
    """In minor units, half away from zero."""
    return int(_EXACT.scaleb(amount, digits).quantize(_WHOLE, context=_ROUNDING))
