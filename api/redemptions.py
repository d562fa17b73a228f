"""Redemptions as clients see them: the object of spent points, and its status."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.bookings import Booking, to_booking
from api.catalogue import Reward, load_reward
from api.coupons import Coupon, to_coupon
from api.delivery_details import DeliveryDetails, to_details
from api.kit import family, personal
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
from domain.bookings import booking_reads
from domain.kernel.callers import CallerKind, Scope
from domain.kernel.inputs import code_key
from domain.kernel.refusals import NotFound
from domain.members.looks import DELIVERY
from domain.members.members import Member
from domain.redemptions import delivery_details, redemption_reads, reveals
from domain.redemptions.redemption_reads import RedemptionStatus
from domain.rewards import coupons

describe(
    RedemptionStatus,
    "Status of a redemption.",
    {
        RedemptionStatus.HELD: "Points are reserved until the hold expires.",
        RedemptionStatus.CONFIRMED: "Points are spent; the reward is to be delivered.",
        RedemptionStatus.SHIPPED: "The reward is on its way.",
        RedemptionStatus.FULFILLED: "The reward was delivered.",
        RedemptionStatus.RELEASED: "The hold was cancelled or expired; the points are available "
        "again.",
        RedemptionStatus.CANCELLED: "Cancelled after the points were spent; the points went back "
        "to the lots that they came from.",
    },
)


@strawberry.type(description="First time that a reader read the codes of a redemption.")
class CodeReveal:
    actor: str = strawberry.field(
        description="Identity of the reader, prefixed with `member:`, `partner:` or `staff:`."
    )
    revealed_at: datetime = strawberry.field(
        description="Instant at which this reader first read the codes."
    )


@strawberry.type(
    description="Points held for or spent on a reward or part of a booking, or a reward that the "
    "programme gave by itself."
)
class Redemption(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    status: RedemptionStatus = strawberry.field(description="Status of the redemption.")
    points: Points = strawberry.field(
        description="Points redeemed in all, for the whole quantity; 0 for a reward that the "
        "programme gave."
    )
    quantity: int = strawberry.field(description="Number of units of the reward.")
    worth: Money | None = strawberry.field(
        description="Value of the whole redemption in money; null when none is set."
    )
    worth_each: Money | None = strawberry.field(
        description="Value of one unit of the reward in money; null when none is set."
    )
    created_at: datetime = strawberry.field(
        description="Instant at which the points were first held or spent."
    )
    hold_expires_at: datetime | None = strawberry.field(
        description="Instant at which the hold expires; null when there was no hold."
    )
    fulfilled_at: datetime | None = strawberry.field(
        description="Instant of delivery; null until delivered."
    )
    shipped_at: datetime | None = strawberry.field(
        description="Instant at which the reward was sent; null until sent, and when it was "
        "delivered without being sent."
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
        description="Partner's units, such as miles, credited in all, for the whole quantity; "
        "null unless the reward's kind is PARTNER."
    )
    row: strawberry.Private[redemption_reads.Redemption]
    now: strawberry.Private[datetime]

    @field(
        "Coupon codes that were issued; empty when there are none, and for a partner without the "
        "scope CODES. The first time that each caller reads them is recorded."
    )
    def codes(self, info: Info) -> list[str]:
        return _shown_codes(info, self)

    @field(
        "Coupons that were issued; empty for a partner without the scope CODES. The first time "
        "that each caller reads their codes is recorded."
    )
    async def coupons(self, info: Info) -> list[Coupon]:
        reward_id = self.row.reward_id
        if not _shown_codes(info, self) or reward_id is None:
            return []
        return [
            to_coupon(info, one, reward_id, self.worth_each) for one in await _coupons(info, self)
        ]

    @field("Instant at which the first of its coupons was issued; null when there are none.")
    async def valid_from(self, info: Info) -> datetime | None:
        return min((one.issued_at for one in await _coupons(info, self)), default=None)

    @field(
        "Instant from which none of its coupons can be used any more; null when there are none, "
        "and when one of them has no end."
    )
    async def valid_until(self, info: Info) -> datetime | None:
        return _last([one.valid_until for one in await _coupons(info, self)])

    @field(
        "Instant at which the last of its coupons was used; null until all have been used, and "
        "when there are none."
    )
    async def used_at(self, info: Info) -> datetime | None:
        return _last([one.used_at for one in await _coupons(info, self)])

    @field(
        "First time that each caller read the codes, before this operation; earliest first; empty "
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
        own = caller.kind is CallerKind.MEMBER and caller.is_itself(self.row.member_id)
        delivers = caller.may(Scope.FULFIL) and caller.delivers(self.row.partner_id)
        return self.row.partner_account if own or delivers else None

    @field(
        "Details of the delivery: recipient and address, or an appointment; null when none were "
        "given, from 30 days after the delivery, and for callers other than the member, staff and "
        "partners that may deliver it."
    )
    async def delivery(self, info: Info) -> DeliveryDetails | None:
        if not delivery_details.is_shown(info.context.caller, self.row, self.now):
            return None
        key = (self.row.member_id, self.row.id)
        found = await info.context.loaders.find(delivery_details.of_redemptions, key)
        if found is None:
            return None
        personal.note(info, self.row.member_id, DELIVERY)
        return to_details(found)

    @field(
        "Reason given for the cancellation; null when none was given, for a partner that neither "
        "made nor delivers the redemption, and for staff whose roles show no personal data."
    )
    def cancel_reason(self, info: Info) -> str | None:
        caller, row = info.context.caller, self.row
        if caller.is_kept_from_persons:
            return None
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
        shipped_at=row.shipped_at,
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
    """The redemption, if the caller may see it."""
    row = await info.context.loaders.find(redemption_reads.many, key)
    there = row is not None and row.is_there_for(info.context.caller)
    return to_redemption(row, info.context.now) if row and there else None


async def load_accepted(info: Info, key: Owned) -> Redemption | None:
    """The redemption of a coupon that the caller has just accepted, whichever caller made it."""
    row = await info.context.loaders.find(redemption_reads.many, key)
    return to_redemption(row, info.context.now) if row else None


async def load_coupon(info: Info, key: Owned, code: str) -> Coupon | None:
    """The coupon with this code, as people type it, of a redemption that the caller may see."""
    redemption = await load_redemption(info, key)
    found = await redemption.coupons(info) if redemption else []
    return next((one for one in found if code_key(one.code) == code_key(code)), None)


async def page(
    info: Info,
    member: Member,
    statuses: list[RedemptionStatus] | None,
    first: int | None,
    after: str | None,
) -> RedemptionConnection:
    """Redemptions of a member, and of those merged into it."""
    now, whose = info.context.now, await family.of(info, member)
    wanted = redemption_reads.there_for(info.context.caller, statuses, now)
    return await LISTING.page(
        first,
        after,
        owner=member.member_id,
        rows=family.pages(info, whose, LISTING.key, redemption_reads.pages, wanted),
        node=lambda row: to_redemption(row, now),
        count=family.counts(info, whose, redemption_reads.counts, wanted),
    )


async def to_redemption_key(info: Info, global_id: str) -> Owned:
    """(member id, id), with the calling member's own id if that member was merged into it.

    Raises: NotFound for an id that is no redemption's.
    """
    key = to_owned(global_id, "Redemption", what="redemption", path=("redemption",))
    await family.know(info, key[0])
    return key


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
            key = await to_redemption_key(info, id)
        except NotFound:
            return None
        return await load_redemption(info, key)
