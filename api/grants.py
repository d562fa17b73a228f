"""Activities as clients see them: reported ones, and grants by the programme."""

import asyncio
from datetime import datetime
from uuid import UUID

import strawberry

from api.kit.connections import Connection, Edge, Listing
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.loaders import Owned
from api.kit.relay import Node, to_global_id
from api.kit.scalars import JSON, Points
from api.redemptions import Redemption, load_redemption
from api.wording.words import (
    ExplanationLine,
    InLocale,
    explain,
    language,
    names_of,
    version_policy,
)
from domain.grants import activity_list
from domain.grants.activity_list import ActivityFilter, ActivityRow
from domain.grants.values import GrantStatus
from domain.kernel.idempotency import Outcome

describe(
    GrantStatus,
    "Status of an activity.",
    {
        GrantStatus.RECORDED: "Recorded; what it gives has been given.",
        GrantStatus.WAITING: "Its reward is not available; this is tried again every hour, for 90 "
        "days.",
        GrantStatus.REVERSED: "Taken back.",
        GrantStatus.LAPSED: "Its reward was not available for 90 days, and is not given any more.",
    },
    name="ActivityStatus",
)


@strawberry.type(
    description="Something a member did that is not a booking, or something that the programme "
    "granted by itself."
)
class Activity(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    type: str = strawberry.field(description="Code of the activity, or of the grant.")
    reference: str = strawberry.field(
        description="Reporter's own reference; for a grant, the occurrence and the member."
    )
    grant: bool = strawberry.field(
        description="Whether the programme granted it by itself; false when somebody reported it."
    )
    status: GrantStatus = strawberry.field(description="Status now.")
    occurred_at: datetime = strawberry.field(
        description="Instant of the activity; for a grant, that of the fact that caused it, or "
        "the start of its day."
    )
    attributes: JSON = strawberry.field(description="Facts reported with it, as an object.")
    points: Points = strawberry.field(
        description="Points granted at first, before anything was taken back."
    )
    benefit: str | None = strawberry.field(
        description="Code of the benefit that it gives for a number of days; null when it gives "
        "none."
    )
    row: strawberry.Private[ActivityRow]

    @field("Name of the activity or grant.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        policy = version_policy(info.context.programme, self.row.policy_version_id)
        return names_of(policy, language(info, locale)).get(self.type, self.type)

    @field(
        "Reward that it gave; null when it gives none, while the reward is not available, and "
        "when the caller may not see it."
    )
    async def redemption(self, info: Info) -> Redemption | None:
        given = self.row.redemption_id
        return await load_redemption(info, (self.row.member_id, given)) if given else None

    @field("Reasons for what it gave, also when it gave nothing.")
    def explanation(self, info: Info) -> list[ExplanationLine]:
        policy = version_policy(info.context.programme, self.row.policy_version_id)
        return explain(policy, self.row.reasons)


@strawberry.type(description="One row of a list of activities.")
class ActivityEdge(Edge[Activity]):
    pass


@strawberry.type(description="One page of activities.")
class ActivityConnection(Connection[ActivityEdge]):
    pass


LISTING: Listing[ActivityRow, ActivityConnection] = Listing(
    "activities", ActivityConnection, ActivityEdge, (UUID,), lambda row: (row.id,)
)


def to_activity(row: ActivityRow, now: datetime) -> Activity:
    return Activity(
        id=to_global_id("Activity", row.id, member_id=row.member_id),
        type=row.type,
        reference=row.reference,
        grant=row.granted,
        status=row.status(now),
        occurred_at=row.occurred_at,
        attributes=JSON(row.attributes),
        points=Points(row.points),
        benefit=row.benefit,
        row=row,
    )


async def load_activity(info: Info, key: Owned) -> Activity | None:
    """The activity, if the caller may see it."""
    row = await info.context.loaders.find(activity_list.many, key)
    there = row is not None and row.is_there_for(info.context.caller)
    return to_activity(row, info.context.now) if row and there else None


async def load_grants(info: Info, outcome: Outcome) -> list[Activity]:
    """Grants that the fact gave, reversed and restored, in their present state."""
    changed = outcome.figures.get("grants") or []
    keys = [(outcome.member_id, UUID(one)) for one in changed]
    found = await asyncio.gather(*(load_activity(info, key) for key in keys))
    return [activity for activity in found if activity is not None]


async def page(
    info: Info, member_id: UUID, grants: bool | None, first: int | None, after: str | None
) -> ActivityConnection:
    now, of_member = info.context.now, info.context.loaders.of_member
    wanted = ActivityFilter(info.context.caller.confined_to, grants)
    return await LISTING.page(
        first,
        after,
        owner=member_id,
        rows=lambda limit, start: of_member(activity_list.pages, member_id, wanted, limit, start),
        node=lambda row: to_activity(row, now),
        count=lambda: of_member(activity_list.counts, member_id, wanted),
    )
