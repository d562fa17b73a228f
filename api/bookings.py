"""Bookings as clients see them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.balances import learn_language
from api.kit import family
from api.kit.connections import Connection, Edge, Listing
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.loaders import Owned
from api.kit.relay import Node, to_global_id
from api.kit.scalars import Money, Points, money
from api.wording.words import (
    ExplanationLine,
    InLocale,
    explained,
    language,
    names_of,
    product_name,
    version_policy,
)
from domain.bookings import booking_keys, booking_reads
from domain.bookings.booking_reads import BookingStatus
from domain.earning import awards
from domain.earning.awards import AwardRead
from domain.members.members import Member
from domain.programmes.policy import Policy

describe(
    BookingStatus,
    "Status of a booking.",
    {
        BookingStatus.PAID: "Paid, with nothing refunded and not every line completed.",
        BookingStatus.PARTLY_REFUNDED: "Partly refunded.",
        BookingStatus.REFUNDED: "Fully refunded.",
        BookingStatus.COMPLETED: "Every line is completed.",
    },
)


@strawberry.type(description="Points granted by one rule.")
class Award:
    rule: str = strawberry.field(description="Code of the rule.")
    points: Points = strawberry.field(description="Points granted, before refunds.")
    net_points: Points = strawberry.field(
        description="Points granted, less those taken back by refunds."
    )
    policy: strawberry.Private[Policy]

    @field("Name of the rule.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return names_of(self.policy, language(info, locale)).get(self.rule, self.rule)


def to_awards(info: Info, granted: list[AwardRead], version_id: UUID | None) -> list[Award]:
    """Awards in the words of the version that judged; the newest where nothing is known of it."""
    programme = info.context.programme
    policy = version_policy(programme, version_id or programme.versions[-1].id)
    return [
        Award(
            rule=award.rule,
            points=Points(award.points),
            net_points=Points(award.net),
            policy=policy,
        )
        for award in granted
    ]


@strawberry.type(description="One line of a booking.")
class BookingLine:
    number: int = strawberry.field(description="Number of the line, from 1 in the order reported.")
    product: str = strawberry.field(description="Code of the product.")
    amount: Money = strawberry.field(description="Gross price of the line.")
    travel_from: date | None = strawberry.field(
        description="First day of travel, inclusive; null when not reported."
    )
    travel_to: date | None = strawberry.field(
        description="Last day of travel, inclusive; null when not reported."
    )
    coupon: Money = strawberry.field(description="Amount that a coupon deducted from the price.")
    completed_at: datetime | None = strawberry.field(
        description="Instant of completion, such as the end of a flight or a stay; null until then."
    )
    refunded: Money = strawberry.field(description="Gross amount refunded so far.")
    points: Points = strawberry.field(description="Points that the line earned, before refunds.")
    net_points: Points = strawberry.field(
        description="Share of this line in the booking's net points, which are divided in "
        "proportion to the part of each line that is not refunded."
    )

    @field("Name of the product; its code where the policy has no name for it.")
    def product_name(self, info: Info, locale: InLocale = None) -> str:
        return product_name(info.context.programme, self.product, language(info, locale))


@strawberry.type(description="A booking reported by the booking system.")
class Booking(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    reference: str = strawberry.field(description="Booking system's own reference.")
    status: BookingStatus = strawberry.field(description="Status of the booking.")
    booked_at: datetime = strawberry.field(description="Instant of booking.")
    total: Money = strawberry.field(description="Gross price of all lines, as last amended.")
    paid_in_points: Money = strawberry.field(
        description="Part of the total that was paid in points."
    )
    refunded: Money = strawberry.field(description="Gross amount refunded so far.")
    points_awarded: Points = strawberry.field(
        description="Points that the booking earned, as last amended, before refunds."
    )
    net_points: Points = strawberry.field(
        description="Points earned, less those taken back by refunds, whether or not the member "
        "still had those points."
    )
    points_pending: Points = strawberry.field(
        description="Part of those points that is not spendable until lines are completed."
    )
    row: strawberry.Private[booking_reads.Booking]

    @field("Lines of the booking, in order.")
    async def lines(self, info: Info) -> list[BookingLine]:
        key = (self.row.member_id, self.row.id)
        lines = await info.context.loaders.of_owned(booking_reads.lines, key)
        return [
            BookingLine(
                number=line.number,
                product=line.product,
                amount=money(line.amount_minor, self.row.currency),
                coupon=money(line.coupon_minor, self.row.currency),
                travel_from=line.travel_from,
                travel_to=line.travel_to,
                completed_at=line.completed_at,
                refunded=money(line.refunded_minor, self.row.currency),
                points=Points(line.points),
                net_points=Points(line.net_points),
            )
            for line in lines
        ]

    @field("Points granted for the booking, by rule.")
    async def awards(self, info: Info) -> list[Award]:
        key = (self.row.member_id, self.row.id)
        granted = await info.context.loaders.of_owned(awards.of_bookings, key)
        return to_awards(info, granted, self.row.policy_version_id)

    @field("Reasons for what the booking earned, as last amended, or why it earned nothing.")
    async def explanation(self, info: Info) -> list[ExplanationLine]:
        key = (self.row.member_id, self.row.id)
        return explained(info, await info.context.loaders.of_owned(booking_reads.explanations, key))


@strawberry.type(description="One row of a list of bookings.")
class BookingEdge(Edge[Booking]):
    pass


@strawberry.type(description="One page of bookings.")
class BookingConnection(Connection[BookingEdge]):
    pass


LISTING: Listing[booking_reads.Booking, BookingConnection] = Listing(
    "bookings",
    BookingConnection,
    BookingEdge,
    (datetime, UUID),
    lambda row: (row.booked_at, row.id),
)


def to_booking(row: booking_reads.Booking, now: datetime) -> Booking:
    return Booking(
        id=to_global_id("Booking", row.id, member_id=row.member_id),
        reference=row.reference,
        status=row.status,
        booked_at=row.booked_at,
        total=money(row.total_minor, row.currency),
        paid_in_points=money(row.total_minor - row.coupon_minor - row.cash_minor, row.currency),
        refunded=money(row.refunded_minor, row.currency),
        points_awarded=Points(row.points),
        net_points=Points(row.net_points),
        points_pending=Points(row.pending(now)),
        row=row,
    )


async def load_booking(info: Info, key: Owned) -> Booking | None:
    """The booking, if the caller may see it."""
    row = await info.context.loaders.find(booking_reads.many, key)
    there = row is not None and row.is_there_for(info.context.caller)
    return to_booking(row, info.context.now) if row and there else None


async def page(
    info: Info, member: Member, first: int | None, after: str | None
) -> BookingConnection:
    """Bookings of a member, and of those merged into it."""
    now, whose = info.context.now, await family.of(info, member)
    reporter = info.context.caller.confined_to
    return await LISTING.page(
        first,
        after,
        owner=member.member_id,
        rows=family.pages(info, whose, LISTING.key, booking_reads.pages, reporter),
        node=lambda row: to_booking(row, now),
        count=family.counts(info, whose, booking_reads.counts, reporter),
    )


@strawberry.type
class BookingsQuery:
    @field("Booking with this reference; null when there is none that the caller may see.")
    async def booking(
        self,
        info: Info,
        reference: Annotated[
            str, strawberry.argument(description="Booking system's own reference.")
        ],
    ) -> Booking | None:
        key = await booking_keys.find(info.context.caller, reference)
        if key is None:
            return None
        await family.know(info, key.member_id)
        await learn_language(info)
        return await load_booking(info, (key.member_id, key.id))
