"""Redemptions as clients see them: what points were spent on, and where that is in its life."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.bookings import Booking, to_booking
from api.catalogue import Reward, load_reward
from api.kit.connections import Connection, Edge, Listing
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import (
    to_owned,
)
from api.kit.loaders import Owned
from api.kit.relay import Node, to_global_id
from api.kit.scalars import Money, Points, money
from api.wording.words import current_policy
from domain.bookings import booking_reads
from domain.kernel import dates
from domain.kernel.callers import CallerKind, Scope
from domain.kernel.inputs import code_key
from domain.kernel.refusals import NotFound
from domain.redemptions import member_coupons, redemption_reads, reveals
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.rewards import coupons
from domain.rewards.coupons import CouponStatus

describe(
    RedemptionStatus,
    "Status of a redemption.",
    {
        RedemptionStatus.HELD: "Points are reserved until the hold expires.",
        RedemptionStatus.CONFIRMED: "Points are spent; the reward is to be delivered.",
        RedemptionStatus.FULFILLED: "The reward was delivered.",
        RedemptionStatus.RELEASED: "The hold was cancelled or expired; the points are available "
        "again.",
        RedemptionStatus.CANCELLED: "Cancelled after the points were spent; they went back to the "
        "lots that they came from.",
    },
)


describe(
    CouponStatus,
    "Status of a coupon.",
    {
        CouponStatus.ISSUED: "Can be used.",
        CouponStatus.USED: "Was accepted.",
        CouponStatus.VOID: "Cannot be used: its redemption was cancelled.",
        CouponStatus.EXPIRED: "Was not used before its end.",
    },
)


@strawberry.type(description="First time that somebody read the codes of a redemption.")
class CodeReveal:
    actor: str = strawberry.field(
        description="Identity of the reader, prefixed with `member:`, `partner:` or `staff:`."
    )
    revealed_at: datetime = strawberry.field(
        description="Instant at which this reader first read the codes."
    )


@strawberry.type(description="Coupon of a redemption.")
class Coupon:
    code: str = strawberry.field(description="Code of the coupon.")
    status: CouponStatus = strawberry.field(description="Status of the coupon now.")
    worth: Money | None = strawberry.field(description="Value in money; null when none is set.")
    valid_until: datetime | None = strawberry.field(
        description="Instant from which the coupon cannot be used any more; null for never."
    )
    valid_from: datetime = strawberry.field(description="Instant at which the coupon was issued.")
    valid_through: date | None = strawberry.field(
        description="Last local day on which the coupon can be used; null for never ending."
    )
    used_at: datetime | None = strawberry.field(
        description="Instant at which the coupon was accepted; null until then."
    )
    reward_id: strawberry.Private[UUID]

    @field("Reward that the coupon is of.")
    async def reward(self, info: Info) -> Reward:
        reward = await load_reward(info, self.reward_id)
        if reward is None:
            raise RuntimeError(f"reward {self.reward_id} is not there")
        return reward

    @field("Least that the lines of a booking cost that the coupon is for; null for any.")
    async def minimum_spend(self, info: Info) -> Money | None:
        return (await self.reward(info)).minimum_spend

    @field("Codes of the products that the coupon is for; null for all.")
    async def products(self, info: Info) -> list[str] | None:
        return (await self.reward(info)).products


@strawberry.type(
    description="Points held for or spent on a reward, or on part of a booking; or a reward that "
    "the programme gave by itself."
)
class Redemption(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    status: RedemptionStatus = strawberry.field(description="Status of the redemption.")
    points: Points = strawberry.field(
        description="Points redeemed in all, over the whole quantity; 0 for a reward that the "
        "programme gave."
    )
    quantity: int = strawberry.field(description="Number of units of the reward.")
    worth: Money | None = strawberry.field(
        description="Value of the whole redemption in money; null when none is set."
    )
    worth_each: Money | None = strawberry.field(
        description="Value of one of its rewards or coupons in money; null when none is set."
    )
    created_at: datetime = strawberry.field(
        description="Instant at which the points were first held or spent."
    )
    hold_expires_at: datetime | None = strawberry.field(
        description="Instant at which the hold expires; null when there was no hold."
    )
    fulfilled_at: datetime | None = strawberry.field(
        description="Instant of delivery; null until then."
    )
    released_at: datetime | None = strawberry.field(
        description="Instant at which the hold was cancelled or expired; null unless it was."
    )
    cancelled_at: datetime | None = strawberry.field(
        description="Instant of the cancellation; null unless somebody cancelled it."
    )
    tracking: str | None = strawberry.field(
        description="Tracking information for the delivery; null when there is none."
    )
    reference: str | None = strawberry.field(
        description="Partner's or supplier's reference for the delivery; null when there is none."
    )
    partner_units: int | None = strawberry.field(
        description="Partner's units, such as miles, credited in all, over the whole quantity; "
        "null unless the reward's kind is PARTNER."
    )
    row: strawberry.Private[redemption_reads.Redemption]
    now: strawberry.Private[datetime]

    @field(
        "Coupon codes that were issued; empty when there are none, and to a partner without the "
        "scope CODES. The first time that each caller reads them is recorded."
    )
    def codes(self, info: Info) -> list[str]:
        return _shown_codes(info, self)

    @field(
        "Coupons that were issued, each with its end; empty to a partner without the scope CODES. "
        "The first time that each caller reads their codes is recorded."
    )
    async def coupons(self, info: Info) -> list[Coupon]:
        reward_id = self.row.reward_id
        if not _shown_codes(info, self) or reward_id is None:
            return []
        return [
            _to_coupon(info, one, reward_id, self.worth_each) for one in await _coupons(info, self)
        ]

    @field("Instant at which the first of its coupons was issued; null when there are none.")
    async def valid_from(self, info: Info) -> datetime | None:
        return min((one.issued_at for one in await _coupons(info, self)), default=None)

    @field(
        "Instant from which none of its coupons can be used any more; null when there are none, "
        "and when one never ends."
    )
    async def valid_until(self, info: Info) -> datetime | None:
        return _last([one.valid_until for one in await _coupons(info, self)])

    @field(
        "Instant at which the last of its coupons was used; null until all are, and when there "
        "are none."
    )
    async def used_at(self, info: Info) -> datetime | None:
        return _last([one.used_at for one in await _coupons(info, self)])

    @field(
        "First reading of the codes by each caller before this operation, earliest first; empty "
        "for every caller except staff."
    )
    async def reveals(self, info: Info) -> list[CodeReveal]:
        if info.context.caller.kind is not CallerKind.STAFF or not self.row.codes:
            return []
        key = (self.row.member_id, self.row.id)
        found = await info.context.loaders.of_owned(reveals.of_redemptions, key, self.now)
        return [CodeReveal(actor=one.actor, revealed_at=one.revealed_at) for one in found]

    @field(
        "Account with the partner to which its units are credited; null for rewards of other "
        "kinds and for callers other than the member, staff and partners that may deliver the "
        "redemption."
    )
    def partner_account(self, info: Info) -> str | None:
        caller = info.context.caller
        own = caller.kind is CallerKind.MEMBER and caller.member_id == self.row.member_id
        delivers = caller.may(Scope.FULFIL) and caller.delivers(self.row.partner_id)
        return self.row.partner_account if own or delivers else None

    @field(
        "Reason given for the cancellation; null when none was given, and to a partner that "
        "neither made nor delivers the redemption."
    )
    def cancel_reason(self, info: Info) -> str | None:
        caller, row = info.context.caller, self.row
        concerned = caller.owns(row.actor) or caller.delivers(row.partner_id)
        return row.cancel_reason if concerned else None

    @field(
        "Booking that the points paid for; null until it is recorded, for rewards, and when the "
        "caller may not see it."
    )
    async def booking(self, info: Info) -> Booking | None:
        if self.row.reward_id is not None:
            return None
        key = (self.row.member_id, self.row.id)
        row = await info.context.loaders.find(booking_reads.of_redemptions, key)
        there = row is not None and row.is_there_for(info.context.caller)
        return to_booking(row, info.context.now) if row and there else None

    @field("Reward that the points were spent on; null when they pay for a booking.")
    async def reward(self, info: Info) -> Reward | None:
        reward_id = self.row.reward_id
        return await load_reward(info, reward_id) if reward_id else None


@strawberry.type(description="One row of a list of redemptions.")
class RedemptionEdge(Edge[Redemption]):
    pass


@strawberry.type(description="One page of redemptions.")
class RedemptionConnection(Connection[RedemptionEdge]):
    pass


LISTING: Listing[redemption_reads.Redemption, RedemptionConnection] = Listing(
    "redemptions",
    RedemptionConnection,
    RedemptionEdge,
    (datetime, UUID),
    lambda row: (row.created_at, row.id),
)


def _to_coupon(info: Info, one: coupons.Coupon, reward_id: UUID, worth: Money | None) -> Coupon:
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
    )


async def of_member(info: Info, member_id: UUID) -> list[Coupon]:
    """The coupons of a member that the caller may see; that it is shown their codes is kept."""
    context = info.context
    if not context.caller.sees(Scope.CODES):
        return []
    statuses = (RedemptionStatus.FULFILLED, RedemptionStatus.CANCELLED)
    wanted = redemption_reads.there_for(context.caller, statuses, context.now)
    found = await context.loaders.of_member(member_coupons.of_members, member_id, wanted)
    context.revealed.update(one.redemption for one in found)
    return [
        _to_coupon(
            info,
            one.coupon,
            one.reward_id,
            None if one.worth_minor is None else money(one.worth_minor, one.currency),
        )
        for one in found
    ]


async def _coupons(info: Info, redemption: Redemption) -> list[coupons.Coupon]:
    """The coupons that it issued, whether or not their codes are shown to the caller."""
    if not redemption.row.codes:
        return []
    key = (redemption.row.member_id, redemption.row.id)
    return await info.context.loaders.of_owned(coupons.of_redemptions, key)


def _last(instants: list[datetime | None]) -> datetime | None:
    """The last of them, or None when there are none or one is missing."""
    there = [instant for instant in instants if instant is not None]
    return max(there) if there and len(there) == len(instants) else None


def _shown_codes(info: Info, redemption: Redemption) -> list[str]:
    row = redemption.row
    if not row.codes or not info.context.caller.sees(Scope.CODES):
        return []
    info.context.revealed.add((row.member_id, row.id))
    return row.codes


def to_redemption(row: redemption_reads.Redemption, now: datetime) -> Redemption:
    row, worth, each = row.as_of(now), row.worth_minor, row.worth_each_minor
    return Redemption(
        id=to_global_id("Redemption", row.id, member_id=row.member_id),
        status=row.status,
        points=Points(row.points),
        quantity=row.quantity,
        worth=None if worth is None else money(worth, row.currency),
        worth_each=None if each is None else money(each, row.currency),
        created_at=row.created_at,
        hold_expires_at=row.hold_expires_at,
        fulfilled_at=row.fulfilled_at,
        released_at=row.released_at,
        cancelled_at=row.cancelled_at,
        tracking=row.tracking,
        reference=row.reference,
        partner_units=row.partner_units,
        row=row,
        now=now,
    )


async def load_redemption(info: Info, key: Owned) -> Redemption | None:
    """The redemption, if it is there for the caller."""
    row = await info.context.loaders.find(redemption_reads.many, key)
    there = row is not None and row.is_there_for(info.context.caller)
    return to_redemption(row, info.context.now) if row and there else None


async def load_accepted(info: Info, key: Owned) -> Redemption | None:
    """The redemption of a coupon that the caller has just accepted, whoever made it."""
    row = await info.context.loaders.find(redemption_reads.many, key)
    return to_redemption(row, info.context.now) if row else None


async def load_coupon(info: Info, key: Owned, code: str) -> Coupon | None:
    """The coupon of this code, as people type it, of a redemption that is there for the caller."""
    redemption = await load_redemption(info, key)
    found = await redemption.coupons(info) if redemption else []
    return next((one for one in found if code_key(one.code) == code_key(code)), None)


async def page(
    info: Info,
    member_id: UUID,
    statuses: list[RedemptionStatus] | None,
    first: int | None,
    after: str | None,
) -> RedemptionConnection:
    now, of_member = info.context.now, info.context.loaders.of_member
    wanted = redemption_reads.there_for(info.context.caller, statuses, now)
    return await LISTING.page(
        first,
        after,
        owner=member_id,
        rows=lambda limit, start: of_member(
            redemption_reads.pages, member_id, wanted, limit, start
        ),
        node=lambda row: to_redemption(row, now),
        count=lambda: of_member(redemption_reads.counts, member_id, wanted),
    )


def to_redemption_key(global_id: str) -> Owned:
    """(member id, id). Raises: NotFound for an id that is no redemption's."""
    return to_owned(global_id, "Redemption", what="redemption", path=("redemption",))


@strawberry.type
class RedemptionsQuery:
    @field("Redemption with this id; null when there is none that the caller may see.")
    async def redemption(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="Global id of the redemption.")
        ],
    ) -> Redemption | None:
        try:
            key = to_redemption_key(id)
        except NotFound:
            return None
        return await load_redemption(info, key)
