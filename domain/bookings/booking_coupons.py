"""Coupons of bookings: used up once, under the locks of the booking's account and of the coupon
owner's, and given back.
"""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

import orjson

import models
from domain.accounts.accounts import Account
from domain.checkout.coupon_payments import FoundCoupon
from domain.checkout.coupon_terms import PATH
from domain.kernel import dates
from domain.kernel.database import Beforehand, Row
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.ledger.values import Cause
from domain.programmes.policy import Policy
from domain.redemptions.refusals import RedemptionState
from domain.rewards import coupons

COUPON_COLUMNS = ("use_id", "coupon_id", "coupon_member_id", "discount_minor", "products")
"""Columns of `coupon_use` that a booking's state has of its coupon."""


@dataclass(frozen=True, slots=True)
class UsedCoupon:
    """The coupon of a booking: its original deduction in minor units, the products that it applies
    to, and its owner.
    """

    use_id: UUID
    coupon_id: UUID
    member_id: UUID
    discount_minor: int
    products: tuple[str, ...] | None

    @classmethod
    def of_row(cls, row: Row) -> "UsedCoupon | None":
        """The coupon from `COUPON_COLUMNS`; None where there was none."""
        if row["use_id"] is None:
            return None
        products = row["products"] and tuple(orjson.loads(row["products"]))
        return cls(
            row["use_id"],
            row["coupon_id"],
            row["coupon_member_id"],
            row["discount_minor"],
            products,
        )

    def covers(self, product: str) -> bool:
        return self.products is None or product in self.products


@dataclass(slots=True)
class CouponOwner:
    """Owner of the coupon with which a booking was paid: known once the booking was read, then
    locked, in the order of ids, before it is read again.
    """

    member_id: UUID | None = None

    def know(self, owner: Account, used: UsedCoupon) -> None:
        """Raises: Beforehand where the account that was opened with the booking's is another."""
        if owner.member_id != used.member_id:
            raise Beforehand(partial(self._learn, used.member_id))

    async def _learn(self, member_id: UUID) -> None:
        self.member_id = member_id


@dataclass(frozen=True, slots=True)
class BookingEnd:
    """A booking of which nothing is left that its coupon applied to, the policy that judged it, and
    whether its supplier cancelled.
    """

    booking_id: UUID
    policy: Policy
    by_supplier: bool = False


async def use(
    account: Account, owner: Account, coupon: FoundCoupon, booking: models.Booking
) -> None:
    """Use up the coupon of `owner` on a booking of the account, from which it has been deducted.

    Raises: RedemptionState where another use came first.
    """
    issued, now, actor = coupon.issued, account.now, booking.reporter
    on = (account.member_id, booking.id)
    if not await coupons.use(owner.journal, issued, actor, now, on):
        found = await coupons.find_issued(account.programme.id, coupon.code)
        raise RedemptionState((found or issued).state(now), ("ISSUED",), path=PATH)
    account.record(
        models.CouponUse(
            member_id=account.member_id,
            id=new_id(),
            booking_id=booking.id,
            coupon_id=issued.id,
            coupon_member_id=owner.member_id,
            discount_minor=booking.coupon_minor,
            products=coupon.terms.products and list(coupon.terms.products),
            actor=actor,
            recorded_at=now,
        )
    )
    owner.notify(
        Topic.COUPON_USED, partner_id=issued.partner_id, redemption_id=issued.redemption_id
    )


async def give_back(
    account: Account,
    owner: Account,
    used: UsedCoupon,
    ending: BookingEnd,
    cause: Cause,
) -> None:
    """Let the coupon be used again where nothing is left of the booking that it applied to and the
    policy says so; a coupon that has ended, only after the supplier cancelled, for the days of
    grace.
    """
    policy, rule = ending.policy, ending.policy.coupons.give_back
    if rule == "never" or (rule == "supplier" and not ending.by_supplier):
        return
    renewed = None
    if ending.by_supplier:
        today = dates.local_date(account.now, policy.zone)
        last = dates.add_days(today, policy.refunds.grace_days)
        renewed = dates.end_of_day(last, policy.zone)
    booking = (account.member_id, ending.booking_id)
    own = owner.journal
    back = await coupons.give_back(own, used.coupon_id, booking, account.now, renewed)
    if back is None:
        return
    account.record(
        models.CouponUse(
            member_id=account.member_id,
            id=new_id(),
            booking_id=ending.booking_id,
            coupon_id=used.coupon_id,
            coupon_member_id=used.member_id,
            discount_minor=used.discount_minor,
            products=used.products and list(used.products),
            use_id=used.use_id,
            refund_id=cause.refund_id,
            amendment_id=cause.amendment_id,
            actor=cause.actor,
            recorded_at=account.now,
        )
    )
    owner.notify(
        Topic.COUPON_RETURNED, partner_id=back["partner_id"], redemption_id=back["redemption_id"]
    )
