"""The list of lines without a report of their completion, for people to check."""

from datetime import datetime
from uuid import UUID

import strawberry

from api.bookings import Booking, load_booking
from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing
from api.kit.context import Info
from api.kit.fields import field
from api.kit.scalars import Points
from domain.bookings import overdue


@strawberry.type(
    description="A line whose pending points become spendable only when its completion is "
    "reported, and whose completion is overdue."
)
class OverdueLine:
    line: int = strawberry.field(description="Number of the line, from 1.")
    points: Points = strawberry.field(description="Pending points of the line.")
    overdue_since: datetime = strawberry.field(
        description="Instant from which the completion is overdue."
    )
    raised_at: datetime = strawberry.field(
        description="Instant at which the line was put on the list."
    )
    row: strawberry.Private[overdue.OverdueLine]

    @field("Booking of the line; null when the caller may not see it.")
    async def booking(self, info: Info) -> Booking | None:
        return await load_booking(info, (self.row.member_id, self.row.booking_id))


@strawberry.type(description="One row of the list of overdue lines.")
class OverdueLineEdge(Edge[OverdueLine]):
    pass


@strawberry.type(description="One page of overdue lines.")
class OverdueLineConnection(Connection[OverdueLineEdge]):
    pass


LISTING: Listing[overdue.OverdueLine, OverdueLineConnection] = Listing(
    "overdue",
    OverdueLineConnection,
    OverdueLineEdge,
    (datetime, UUID),
    lambda row: (row.overdue_at, row.id),
)


def _to_line(row: overdue.OverdueLine) -> OverdueLine:
    return OverdueLine(
        line=row.line_number,
        points=Points(row.points),
        overdue_since=row.overdue_at,
        raised_at=row.raised_at,
        row=row,
    )


@strawberry.type
class OverdueQuery:
    @field(
        "Lines whose completion was not reported in time, longest overdue first; empty unless the "
        "policy requires such a review. A line leaves the list when it is completed, refunded or "
        "moved to other dates."
    )
    async def overdue_lines(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> OverdueLineConnection:
        programme, reporter = info.context.programme, info.context.caller.confined_to
        return await LISTING.page(
            first,
            after,
            rows=lambda limit, start: overdue.page(programme, reporter, limit=limit, after=start),
            node=_to_line,
            count=lambda: overdue.count(programme, reporter),
        )
