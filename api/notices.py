"""Notices as clients see them: notifications of a member, in the reader's language."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from api.event_deliveries import load_attempts
from api.kit import family
from api.kit.connections import Connection, Edge, Listing
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.loaders import Owned
from api.kit.personal import shown
from api.kit.relay import Node, to_global_id
from api.webhooks import Attempt
from api.wording.notice_words import Names, Text, text
from api.wording.words import InLocale, language
from domain.delivery import deliveries
from domain.delivery.deliveries import ATTEMPTS_MAX, DeliveryStatus
from domain.kernel.callers import Caller, CallerKind
from domain.members.consents import Channel
from domain.members.looks import CONTACTS
from domain.members.members import Member
from domain.notices import deciding, inbox, kinds, naming, reaching
from domain.notices.channels import Withheld
from domain.notices.naming import AnnouncementWords, Called
from domain.rewards import reward_names

NOTICE_TYPE = "Notice"


describe(
    Withheld,
    "Reason why a notice is not sent by a channel.",
    {
        Withheld.NOT_CONFIGURED: "The channel is not configured here.",
        Withheld.NO_ADDRESS: "The member has no proved address for the channel.",
        Withheld.SUPPRESSED: "Nothing is sent to the member's address until staff lift the "
        "suppression.",
        Withheld.NO_CONSENT: "The member does not consent, or has made no statement and the "
        "policy does not consent for it.",
        Withheld.STALE: "The notice was older than 24 hours (three days by mail), or about "
        "something that has ended.",
        Withheld.CAPPED: "The member has been sent the largest number of notices permitted for "
        "the day or the month.",
    },
    name="NoticeReason",
)


@strawberry.type(description="Channel chosen for a notice, and the result.")
class NoticeChannel:
    channel: Channel = strawberry.field(description="Channel, other than the inbox.")
    reason: Withheld | None = strawberry.field(
        description="Reason why the notice is not sent by it; null when it is sent."
    )
    status: DeliveryStatus | None = strawberry.field(
        description="Status of the delivery, for as long as it is kept: at least 30 days; null "
        "when there is none."
    )
    delivery: strawberry.Private[Owned]

    @field("Proved address of the member now; null when it has none for this channel.")
    async def address(self, info: Info) -> str | None:
        member_id, _ = self.delivery
        proved = await info.context.loaders.of_member(reaching.addresses, member_id)
        return shown(info, member_id, CONTACTS, proved.get(self.channel))

    @field(f"Attempts, oldest first; the last {ATTEMPTS_MAX} when there were more.")
    async def attempts(self, info: Info) -> list[Attempt]:
        return await load_attempts(info, self.delivery)


@strawberry.type(description="One thing about which a member was notified, once.")
class Notice(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    kind: str = strawberry.field(
        description="Kind of the notice, such as points_earned or tier_up."
    )
    at: datetime = strawberry.field(description="Instant of what the notice is about.")
    read_at: datetime | None = strawberry.field(
        description="Instant at which it was first read; null until then."
    )
    row: strawberry.Private[inbox.Notice]

    @field("Title in one line.")
    async def title(self, info: Info, locale: InLocale = None) -> str:
        return (await _text(info, self.row, language(info, locale))).title

    @field("Text of the notice, as plain text.")
    async def body(self, info: Info, locale: InLocale = None) -> str:
        return (await _text(info, self.row, language(info, locale))).body

    @field(
        "Channels chosen for the notice in addition to the inbox; shown to staff, empty for others."
    )
    async def channels(self, info: Info) -> list[NoticeChannel]:
        return await _channels(info, self.row)


async def _rewards(caller: Caller, codes: list[str]) -> list[dict[str, str]]:
    found = await reward_names.of(caller.programme_id, codes)
    return [found.get(code, {}) for code in codes]


async def _announced(caller: Caller, codes: list[str]) -> list[AnnouncementWords | None]:
    found = await naming.announcements(caller.programme_id, codes)
    return [found.get(code) for code in codes]


async def _text(info: Info, row: inbox.Notice, reader: str) -> Text:
    programme = info.context.programme
    loaders = info.context.loaders
    rewards = kinds.rewards_in(row.kind, row.variables)
    announced = kinds.announcements_in(row.kind, row.variables)
    called = Called(
        {code: await loaders.load(_rewards, code) for code in rewards},
        {code: words for code in announced if (words := await loaders.load(_announced, code))},
    )
    names = Names(programme, reaching.policy_at(programme, row.happened_at), called)
    return text(row.kind, row.variables, names, reader)


async def _channels(info: Info, row: inbox.Notice) -> list[NoticeChannel]:
    if info.context.caller.kind is not CallerKind.STAFF:
        return []
    found, of_owned = [], info.context.loaders.of_owned
    for channel, decided in row.channels.items():
        key = row.member_id, deciding.delivery_of(row.programme_id, row.event_id, channel)
        state = await of_owned(deliveries.states, key)
        reason = Withheld(state.reason) if state and state.reason else decided
        found.append(
            NoticeChannel(
                channel=channel,
                reason=reason,
                status=state.status if state else None,
                delivery=key,
            )
        )
    return found


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
    info: Info, member: Member, first: int | None, after: str | None
) -> NoticeConnection:
    """Notices of a member, and of those merged into it."""
    whose = await _shown(info, member)
    return await NOTICES.page(
        first,
        after,
        owner=member.member_id,
        rows=family.pages(info, whose, NOTICES.key, inbox.pages),
        node=to_notice,
        count=family.counts(info, whose, inbox.counts),
    )


async def unread_of(info: Info, member: Member) -> int:
    return await family.counts(info, await _shown(info, member), inbox.unread)()


async def _shown(info: Info, member: Member) -> Sequence[UUID]:
    """The member and those merged into it whose notices the caller may see."""
    shown = inbox.shows_of(info.context.caller, member.member_id)
    return await family.of(info, member) if shown else ()
