"""Agreeing on terms: prices that a partner pays from an open month on."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.kernel import dates
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.inputs import check_decimal
from domain.kernel.refusals import InvalidInput, StateConflict
from domain.partners import partners, terms
from domain.partners.terms import (
    FEE_DECIMALS_MAX,
    FEE_PERCENT_MAX,
    PREPAID_AHEAD,
    PRICE_DECIMALS_MAX,
    PRICE_MAX,
    Terms,
    TermsBasis,
)
from domain.programmes.programmes import Programme
from domain.settlement import statements


@dataclass(frozen=True, slots=True)
class TermsSent:
    """Terms for the partner of a code, from a month such as `2026-12`."""

    partner: str
    from_month: str
    basis: TermsBasis
    price_per_point: Decimal
    fee_percent: Decimal = Decimal(0)
    prepaid: bool = False

    def canonical(self) -> dict[str, Any]:
        return {
            "partner": self.partner,
            "from_month": self.from_month,
            "basis": self.basis,
            "price_per_point": self.price_per_point,
            "fee_percent": self.fee_percent,
            "prepaid": self.prepaid,
        }


async def agree(request: Request, programme: Programme, sent: TermsSent) -> Outcome:
    """Save terms that hold from the first day of a month; figures: `partner`.

    Whether points are prepaid can change only for a future month; whether they are paid when issued
    or when redeemed is set only by the first terms.

    Raises: InvalidInput, NotFound, StateConflict where a month from this one on is closed,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    month = terms.to_month(sent.from_month, ("fromMonth",))
    check_decimal(sent.price_per_point, PRICE_MAX, PRICE_DECIMALS_MAX, ("pricePerPoint",))
    check_decimal(sent.fee_percent, FEE_PERCENT_MAX, FEE_DECIMALS_MAX, ("feePercent",))
    agreed = Terms(month, sent.basis, sent.price_per_point, sent.fee_percent, sent.prepaid)

    async def work() -> Figures:
        owner = await partners.find_id(programme, sent.partner, ("partner",))
        await partners.lock(owner)
        closed = await statements.last_closed(owner)
        if closed is not None and closed >= month:
            raise StateConflict("month", "CLOSED", ("OPEN",), path=("fromMonth",))
        for other in await terms.beside(owner, month):
            _check_paid_alike(agreed, other)
        standing = await terms.in_force(owner, month)
        if sent.prepaid != (standing is not None and standing.prepaid):
            _check_ahead(programme, month, request.now)
        await terms.insert(request, owner, agreed)
        return {"partner": str(owner)}

    return await once(request, "savePartnerTerms", sent, work)


def _check_paid_alike(agreed: Terms, other: Terms) -> None:
    """Raises: InvalidInput."""
    if agreed.paid_when is other.paid_when:
        return
    if agreed.basis is other.paid_when:
        raise InvalidInput("basis_fixed", "true", ("false",), path=("prepaid",))
    raise InvalidInput("basis_fixed", agreed.basis, (other.paid_when,), path=("basis",))


def _check_ahead(programme: Programme, month: date, now: datetime) -> None:
    zone = programme.as_of(now).policy.zone
    if dates.start_of_day(month, zone) < now + PREPAID_AHEAD:
        least = dates.add_months(dates.local_date(now + PREPAID_AHEAD, zone).replace(day=1), 1)
        allowed = (terms.month_text(least),)
        raise InvalidInput("prepaid_ahead", terms.month_text(month), allowed, path=("fromMonth",))
