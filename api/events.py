"""The feed: events, for systems that poll them, and the types of events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, NoReturn
from uuid import UUID

import strawberry

from api import event_shapes
from api.kit.connections import (
    PAGE_DEFAULT,
    After,
    Connection,
    Edge,
    First,
    Listing,
    PageInfo,
    limit_of,
)
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import MemberBy, visible_member
from api.kit.relay import to_cursor
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.scalars import JSON
from domain.delivery import feed
from domain.delivery.events import NumberedEvent
from domain.delivery.feed import EventFilter, Kept, Page, Positions, Read
from domain.kernel.callers import Caller, Scope
from domain.kernel.event_types import TYPES
from domain.kernel.outbox import PARTS
from domain.kernel.refusals import NotFound
from domain.members import identity

TYPE_CHARACTERS_SHOWN_MAX = 64

NOBODY = UUID(int=0)
"""An id of no member, which has no events."""

Topics = Annotated[
    list[str] | None,
    strawberry.argument(description=f"Types of events, at most {feed.TOPICS_MAX}; null means all."),
]
Named = Annotated[
    MemberBy | None,
    strawberry.argument(description="Member whose events are read; null means everybody's."),
]


@strawberry.type(description="The member that an event is about.")
class EventMember:
    id: strawberry.ID = strawberry.field(description="Global id of the member.")
    reference: str | None = strawberry.field(
        description="Reference under which the member was enrolled; null once erased."
    )


@strawberry.type(description="Something that happened; its position in the feed never changes.")
class Event:
    id: strawberry.ID = strawberry.field(
        description="Global id of the event, the same each time it is sent or read."
    )
    type: str = strawberry.field(description="Type of the event, one of `eventTypes`.")
    occurred_at: datetime = strawberry.field(
        description="Instant of the change by the programme's clock."
    )
    sequence: int | None = strawberry.field(
        description="Number of the member's last ledger entry after the change; null when the "
        "event is not about a member."
    )
    member: EventMember | None = strawberry.field(
        description="Member that the event is about; null when there is none."
    )
    data: JSON = strawberry.field(
        description="Ids, codes, numbers and money, as the schema of the event's type describes."
    )


@strawberry.type(description="A type of event. Its schema only ever gains optional fields.")
class EventType:
    type: str = strawberry.field(description="Name of the event type, such as points.earned.")
    schema: JSON = strawberry.field(description="JSON Schema of `Event.data`.")


@strawberry.type(description="One row of the feed.")
class EventEdge(Edge[Event]):
    pass


@strawberry.type(
    description="One page of the feed. Its `endCursor` says how far the feed was read, even when "
    "the page is empty."
)
class EventConnection(Connection[EventEdge]):
    pass


LISTING: Listing[Read, EventConnection] = Listing(
    "events",
    EventConnection,
    EventEdge,
    (UUID, *(int,) * PARTS),
    lambda row: (row.event.programme_id, *row.positions),
)


def seen_by(caller: Caller) -> UUID | None:
    """The only partner whose events the caller may see; None for a caller that sees all."""
    return None if caller.may(Scope.READ) else caller.partner_id


def _checked(topics: list[str] | None) -> tuple[str, ...] | None:
    """Raises: RequestError BAD_USER_INPUT"""
    if topics is None:
        return None
    if len(topics) > feed.TOPICS_MAX:
        raise RequestError(
            RequestErrorCode.BAD_USER_INPUT,
            f"`topics` names {len(topics)} types, at most {feed.TOPICS_MAX}; null means all.",
        )
    for topic in topics:
        if topic not in TYPES:
            raise RequestError(
                RequestErrorCode.BAD_USER_INPUT,
                f"`topics` names {topic[:TYPE_CHARACTERS_SHOWN_MAX]!r}, which is not a type of "
                f"events: {', '.join(sorted(TYPES))}.",
            )
    return tuple(dict.fromkeys(topics))


def _start(after: str | None, programme_id: UUID, there: Kept) -> Positions:
    """Raises: RequestError BAD_CURSOR"""
    start = LISTING.start(after)
    if start is None:
        return there.gone
    of_programme, *found = start
    if of_programme != programme_id or None in found or min(found) < 0:
        raise RequestError(
            RequestErrorCode.BAD_CURSOR, "This is not a cursor of this list; start without `after`."
        )
    positions = tuple(found)
    if not there.reaches(positions):
        _expired(there)
    return positions


def _expired(there: Kept) -> NoReturn:
    oldest = None if there.oldest is None else event_shapes.instant(there.oldest)
    raise RequestError(
        RequestErrorCode.BAD_CURSOR,
        "Events behind this cursor are no longer kept; start without `after`, which begins with "
        "the oldest that are.",
        reason="EXPIRED",
        oldest=oldest,
    )


async def _filter(info: Info, topics: list[str] | None, member: MemberBy | None) -> EventFilter:
    """Raises: RequestError BAD_USER_INPUT"""
    caller = info.context.caller
    whose = None
    if member is not None:
        try:
            whose = await visible_member(info, member)
        except NotFound:
            whose = NOBODY
    return EventFilter(caller.programme_id, _checked(topics), whose, seen_by(caller))


def to_event(references: Mapping[UUID, str], event: NumberedEvent) -> Event:
    """The event as clients see it, with the references of members that are not erased."""
    member = event_shapes.member_of(event, references)
    return Event(
        id=strawberry.ID(event_shapes.id_of(event)),
        type=event.topic,
        occurred_at=event.recorded_at,
        sequence=event.sequence,
        member=None
        if member is None
        else EventMember(id=strawberry.ID(str(member["id"])), reference=member["reference"]),
        data=JSON(event_shapes.data_of(event)),
    )


async def references_of(events: Sequence[NumberedEvent]) -> Mapping[UUID, str]:
    """The references of the members that events are of, but for those that are erased."""
    of_members = {event.member_id for event in events if not event.of_no_member}
    return await identity.references(list(of_members)) if of_members else {}


async def _connection(wanted: EventFilter, found: Page, after: str | None) -> EventConnection:
    references = await references_of([read.event for read in found.events])
    edges = [
        EventEdge(node=to_event(references, read.event), position=partial(LISTING.cursor, read))
        for read in found.events
    ]
    info = PageInfo(
        has_next_page=found.more,
        has_previous_page=after is not None,
        start_cursor=LISTING.cursor(found.events[0]) if edges else None,
        end_cursor=to_cursor(LISTING.name, wanted.programme_id, *found.positions),
    )
    return EventConnection(edges=edges, page_info=info, count=partial(feed.count, wanted))


@strawberry.type
class EventsQuery:
    @field(
        "Events, oldest first, for as long as they are kept, which is at least 30 days. Staff, "
        "and partners whose key has the scope READ, see all events; other partners see those "
        "about bookings and activities that they reported, members that they enrolled and their "
        "own rewards. Events of one member come in the order in which they happened; events of "
        "several members, in the order in which they were numbered."
    )
    async def events(
        self,
        info: Info,
        topics: Topics = None,
        member: Named = None,
        first: First = PAGE_DEFAULT,
        after: After = None,
    ) -> EventConnection:
        there = await feed.kept(info.context.caller.programme_id)
        wanted = await _filter(info, topics, member)
        start = _start(after, info.context.caller.programme_id, there)
        found = await feed.page(wanted, there, start, limit_of(first) - 1)
        return await _connection(wanted, found, after)

    @field("Types of events, ordered by name, each with the schema of its data.")
    def event_types(self) -> list[EventType]:
        return [
            EventType(type=name, schema=JSON(event_shapes.schema_of(name)))
            for name in sorted(TYPES)
        ]
