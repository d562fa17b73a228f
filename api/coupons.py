"""Coupons as clients see them: issued codes, their rewards and their validity."""

from asyncio import gather
from datetime import date, datetime
from uuid import UUID

import strawberry

from api.bookings import Booking, load_booking
from api.catalogue import Reward, load_reward
from api.kit import family
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.loaders import Owned
from api.kit.scalars import Money, money
from api.wording.words import current_policy
from domain.kernel import dates
from domain.kernel.callers import Scope
from domain.members.members import Member
from domain.redemptions import member_coupons, redemption_reads
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.rewards import coupons
from domain.rewards.coupons import CouponStatus

describe(
    CouponStatus,
    "Status of a coupon.",
    {
        CouponStatus.ISSUED: "Can be used.",
        CouponStatus.USED: "Was accepted.",
        CouponStatus.VOID: "Cannot be used: its redemption was cancelled.",
        CouponStatus.EXPIRED: "Was not used before it ended.",
    },
)


@strawberry.type(
    description="Coupon that a member was given, with its code. Partners see it only with the "
    "scope CODES. The first time that each caller reads it is recorded."
)
class Coupon:
    code: str = strawberry.field(description="Code of the coupon.")
    status: CouponStatus = strawberry.field(description="Status of the coupon now.")
    worth: Money | None = strawberry.field(description="Value in money; null when none is set.")
    valid_until: datetime | None = strawberry.field(
        description="Instant from which the coupon cannot be used any more; null for never."
    )
    valid_from: datetime = strawberry.field(description="Instant at which the coupon was issued.")
    valid_through: date | None = strawberry.field(
        description="Last local day on which the coupon can be used; null when it has no end."
    )
    used_at: datetime | None = strawberry.field(
        description="Instant at which the coupon was accepted; null until then."
    )
    reward_id: strawberry.Private[UUID]
    used_on: strawberry.Private[Owned | None]

    @field("Reward that the coupon belongs to.")
    async def reward(self, info: Info) -> Reward:
        reward = await load_reward(info, self.reward_id)
        if reward is None:
            raise RuntimeError(f"reward {self.reward_id} is not there")
        return reward

    @field(
        "Booking that used the coupon; null when none did, or when the caller may not see it, "
        "such as another member's booking."
    )
    async def booking(self, info: Info) -> Booking | None:
        return await load_booking(info, self.used_on) if self.used_on else None

    @field(
        "Smallest total price of the booking lines that the coupon applies to; null when there is "
        "no minimum."
    )
    async def minimum_spend(self, info: Info) -> Money | None:
        return (await self.reward(info)).minimum_spend

    @field("Codes of the products that the coupon applies to; null for all.")
    async def products(self, info: Info) -> list[str] | None:
        return (await self.reward(info)).products


def to_coupon(info: Info, one: coupons.Coupon, reward_id: UUID, worth: Money | None) -> Coupon:
    zone, until = current_policy(info).zone, one.valid_until
    return Coupon(
        code=one.code,
        status=one.state(info.context.now),
        worth=worth,
        valid_from=one.issued_at,
        valid_until=until,
        valid_through=None if until is None else dates.last_valid_date(until, zone),
        used_at=one.used_at,
        reward_id=reward_id,
        used_on=(one.booking_member_id, one.booking_id)
        if one.booking_member_id and one.booking_id
        else None,
    )


async def coupons_of(info: Info, member: Member) -> list[Coupon]:
    """The coupons of a member, and those merged into it, that the caller may see; showing their
    codes is recorded.
    """
    context = info.context
    if not context.caller.sees(Scope.CODES):
        return []
    statuses = (RedemptionStatus.FULFILLED, RedemptionStatus.CANCELLED)
    wanted = redemption_reads.there_for(context.caller, statuses, context.now)
    of_member, whose = context.loaders.of_member, await family.of(info, member)
    given = await gather(*(of_member(member_coupons.of_members, one, wanted) for one in whose))
    found = given[0] if len(given) == 1 else member_coupons.together(given)
    context.revealed.update(one.redemption for one in found)
    return [
        to_coupon(
            info,
            one.coupon,
            one.reward_id,
            None if one.worth_minor is None else money(one.worth_minor, one.currency),
        )
        for one in found
    ]
