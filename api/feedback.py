"""Feedback as clients see it: texts of members, and answers of staff."""

from datetime import datetime
from uuid import UUID

import strawberry

from api.bookings import load_booking
from api.kit import family
from api.kit.connections import Connection, Edge, Listing
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.loaders import Owned
from api.kit.relay import Node, to_global_id
from api.ledger import load_entry
from api.redemptions import load_redemption
from domain.feedback import feedback
from domain.feedback.feedback import CLOSES_DAYS, FeedbackStatus
from domain.members.members import Member

FEEDBACK_TYPE = "Feedback"

describe(
    FeedbackStatus,
    "Status of a feedback.",
    {
        FeedbackStatus.OPEN: "Nobody has answered it.",
        FeedbackStatus.ANSWERED: "Staff have answered it.",
        FeedbackStatus.CLOSED: f"Staff closed it, or answered it at least {CLOSES_DAYS} days ago.",
    },
)


@strawberry.type(description="Feedback of a member, about something in particular or in general.")
class Feedback(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    rating: int | None = strawberry.field(description="Rating from 1 to 5; null when none.")
    text: str = strawberry.field(description="Text that the member wrote.")
    status: FeedbackStatus = strawberry.field(description="Status of the feedback now.")
    at: datetime = strawberry.field(description="Instant at which it was submitted.")
    answer: str | None = strawberry.field(description="Answer of staff; null until answered.")
    answered_at: datetime | None = strawberry.field(
        description="Instant of the answer; null until answered."
    )
    row: strawberry.Private[feedback.Feedback]

    @field(
        "Booking, redemption or ledger entry that it is about; null when there is none, and when "
        "the caller may not see it."
    )
    async def about(self, info: Info) -> Node | None:
        row = self.row
        if row.booking_id is not None:
            return await load_booking(info, (row.member_id, row.booking_id))
        if row.redemption_id is not None:
            return await load_redemption(info, (row.member_id, row.redemption_id))
        if row.entry_id is not None:
            return await load_entry(info, (row.member_id, row.entry_id))
        return None


@strawberry.type(description="One row of a list of feedback.")
class FeedbackEdge(Edge[Feedback]):
    pass


@strawberry.type(description="One page of feedback.")
class FeedbackConnection(Connection[FeedbackEdge]):
    pass


FEEDBACK: Listing[feedback.Feedback, FeedbackConnection] = Listing(
    "feedback",
    FeedbackConnection,
    FeedbackEdge,
    (datetime, UUID),
    lambda row: (row.given_at, row.id),
)


def to_feedback(info: Info, row: feedback.Feedback) -> Feedback:
    return Feedback(
        id=to_global_id(FEEDBACK_TYPE, row.id, member_id=row.member_id),
        rating=row.rating,
        text=row.text,
        status=row.status(info.context.now),
        at=row.given_at,
        answer=row.answer,
        answered_at=row.answered_at,
        row=row,
    )


async def load_feedback(info: Info, key: Owned) -> Feedback | None:
    row = await info.context.loaders.find(feedback.by_ids, key)
    seen = row is not None and feedback.is_there_for(info.context.caller, row)
    return to_feedback(info, row) if row and seen else None


async def page_of_member(
    info: Info, member: Member, first: int | None, after: str | None
) -> FeedbackConnection:
    """Feedback of a member, and of those merged into it."""
    shown = feedback.shows_of(info.context.caller, member.member_id)
    whose = await family.of(info, member) if shown else ()
    return await FEEDBACK.page(
        first,
        after,
        owner=member.member_id,
        rows=family.pages(info, whose, FEEDBACK.key, feedback.pages),
        node=lambda row: to_feedback(info, row),
        count=family.counts(info, whose, feedback.counts),
    )
