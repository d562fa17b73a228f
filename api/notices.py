"""Notices as clients see them: what a member was told, in the reader's language."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from api.kit.connections import Connection, Edge, Listing
from api.kit.context import Info
from api.kit.fields import field
from api.kit.loaders import Owned
from api.kit.relay import Node, to_global_id
from api.wording.notice_words import Names, Text, text
from api.wording.words import InLocale, language
from domain.kernel.callers import Caller
from domain.notices import deciding, inbox
from domain.notices.kinds import VARIABLES, Sort
from domain.rewards import reward_names

NOTICE_TYPE = "Notice"


@strawberry.type(description="One thing that a member was told, once.")
class Notice(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    kind: str = strawberry.field(description="Kind of the notice, as points_earned or tier_up.")
    at: datetime = strawberry.field(description="Instant of what the member is told.")
    read_at: datetime | None = strawberry.field(
        description="Instant at which it was first read; null until then."
    )
    row: strawberry.Private[inbox.Notice]

    @field("Title in one line.")
    async def title(self, info: Info, locale: InLocale = None) -> str:
        return (await _text(info, self.row, language(info, locale))).title

    @field("Text of the notice, plain.")
    async def body(self, info: Info, locale: InLocale = None) -> str:
        return (await _text(info, self.row, language(info, locale))).body


async def _rewards(caller: Caller, codes: list[str]) -> list[dict[str, str]]:
    found = await reward_names.of(caller.programme_id, codes)
    return [found.get(code, {}) for code in codes]


async def _text(info: Info, row: inbox.Notice, reader: str) -> Text:
    programme = info.context.programme
    codes = [
        row.variables[name]
        for name, sort in VARIABLES[row.kind].items()
        if sort is Sort.REWARD and row.variables[name] is not None
    ]
    rewards = {code: await info.context.loaders.load(_rewards, code) for code in codes}
    names = Names(programme, deciding.policy_at(programme, row.happened_at), rewards)
    return text(row.kind, row.variables, names, reader)


@strawberry.type(description="One row of a list of notices.")
class NoticeEdge(Edge[Notice]):
    pass


@strawberry.type(description="One page of notices.")
class NoticeConnection(Connection[NoticeEdge]):
    pass


NOTICES: Listing[inbox.Notice, NoticeConnection] = Listing(
    "notices",
    NoticeConnection,
    NoticeEdge,
    (datetime, UUID),
    lambda row: (row.happened_at, row.event_id),
)


def to_notice(row: inbox.Notice) -> Notice:
    return Notice(
        id=to_global_id(NOTICE_TYPE, row.id, member_id=row.member_id),
        kind=row.kind,
        at=row.happened_at,
        read_at=row.read_at,
        row=row,
    )


async def load_notice(info: Info, key: Owned) -> Notice | None:
    row = await info.context.loaders.find(inbox.by_ids, key)
    return to_notice(row) if row and inbox.is_there_for(info.context.caller, row) else None


async def page_of_member(
    info: Info, member_id: UUID, first: int | None, after: str | None
) -> NoticeConnection:
    of_member = info.context.loaders.of_member
    shown = inbox.shows_of(info.context.caller, member_id)

    async def rows(limit: int, start: Any) -> list[inbox.Notice]:
        return await of_member(inbox.pages, member_id, limit, start) if shown else []

    async def count() -> int:
        return await of_member(inbox.counts, member_id) if shown else 0

    return await NOTICES.page(first, after, owner=member_id, rows=rows, node=to_notice, count=count)


async def unread_of(info: Info, member_id: UUID) -> int:
    if not inbox.shows_of(info.context.caller, member_id):
        return 0
    return await info.context.loaders.of_member(inbox.unread, member_id)
