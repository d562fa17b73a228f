"""Paying part of a booking with a coupon, which is found by its code by callers that may use it.

Quotes and holds only check whether it applies; a booking uses it (`bookings.booking_coupons`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.checkout.coupon_terms import PATH, CouponTerms
from domain.checkout.refusals import QuoteMismatch
from domain.kernel.callers import Caller
from domain.kernel.inputs import check_text
from domain.kernel.refusals import NotFound
from domain.ledger import ledger
from domain.redemptions import coupon_uses
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.redemptions.refusals import RedemptionState
from domain.rewards import coupons
from domain.rewards.coupons import CODE_CHARACTERS_MAX, Issued


@dataclass(frozen=True, slots=True)
class FoundCoupon:
    """A coupon by its code, and its discount on a booking."""

    code: str
    issued: Issued
    terms: CouponTerms

    @property
    def member_id(self) -> UUID:
        """The member that owns it."""
        return self.issued.member_id


async def find(
    caller: Caller, member_id: UUID | None, code: str | None, now: datetime
) -> FoundCoupon | None:
    """The coupon of this code, for a booking of the member; None where no code is given.

    One that is not transferable is found for its own member only, also after a merge.

    Raises: InvalidInput, NotFound, RedemptionState where it cannot be used.
    """
    if code is None:
        return None
    check_text(code, CODE_CHARACTERS_MAX, PATH)
    issued, redemption = await coupon_uses.find(caller, code, path=PATH)
    if not (
        issued.transferable
        or issued.member_id == member_id
        or await ledger.became(issued.member_id) == member_id
    ):
        raise NotFound("coupon", code, path=PATH)
    if redemption.status is not RedemptionStatus.FULFILLED:
        raise RedemptionState(redemption.status, ("FULFILLED",), path=PATH)
    if issued.state(now) != "ISSUED":
        raise RedemptionState(issued.state(now), ("ISSUED",), path=PATH)
    terms = CouponTerms(
        redemption.worth_each_minor,
        redemption.currency,
        issued.minimum_spend_minor,
        issued.products,
    )
    return FoundCoupon(code, issued, terms)


async def check_quoted(coupon_id: UUID | None, coupon: FoundCoupon | None) -> None:
    """Check that the coupon is the one of the quote. Raises: QuoteMismatch."""
    found = coupon.issued.id if coupon else None
    if found != coupon_id:
        quoted = await coupons.code_of(coupon_id) if coupon_id else None
        raise QuoteMismatch("couponCode", quoted, coupon.code if coupon else None, path=PATH)
