"""Announcements as clients see them: those that the reader sees, and saving them by staff."""

from datetime import datetime

import strawberry

from api.balances import learn_language, load_row
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.scalars import JSON
from api.wording.words import InLocale, language
from domain.kernel.callers import CallerKind
from domain.notices import announcements, announcing
from domain.notices.announcements import LISTED_MAX, AnnouncementSent


@strawberry.type(description="Announcement to members, shown for a limited time.")
class Announcement:
    code: str = strawberry.field(description="Code of the announcement.")
    image_url: str | None = strawberry.field(description="URL of a picture; null when none.")
    link_url: str | None = strawberry.field(
        description="URL of a page with more information; null when none."
    )
    from_: datetime = strawberry.field(name="from", description="Instant from which it is shown.")
    until: datetime | None = strawberry.field(
        description="Instant from which it is no longer shown; null when it has no end."
    )
    tiers: list[str] | None = strawberry.field(
        description="Codes of the tiers whose members it is for; null for all."
    )
    segment: str | None = strawberry.field(
        description="Code of the segment whose members it is for; null for all, and for callers "
        "other than staff."
    )
    notify: bool = strawberry.field(description="Whether members are notified when it begins.")
    row: strawberry.Private[announcements.Announcement]

    @field("Title in one line.")
    async def title(self, info: Info, locale: InLocale = None) -> str:
        return self.row.title[language(info, locale)]

    @field("Text of the announcement, as plain text.")
    async def text(self, info: Info, locale: InLocale = None) -> str:
        return self.row.text[language(info, locale)]


def to_announcement(info: Info, row: announcements.Announcement) -> Announcement:
    of_staff = info.context.caller.kind is CallerKind.STAFF
    return Announcement(
        code=row.code,
        image_url=row.image_url,
        link_url=row.link_url,
        from_=row.from_at,
        until=row.until_at,
        tiers=None if row.tiers is None else list(row.tiers),
        segment=row.segment if of_staff else None,
        notify=row.notify,
        row=row,
    )


@strawberry.type
class AnnouncementsQuery:
    @field(
        "Announcements that the reader sees now, latest beginning first: a member sees those for "
        "everybody, for its tier and for its segments; staff see all, including past and future "
        f"ones. At most {LISTED_MAX}."
    )
    async def announcements(self, info: Info) -> list[Announcement]:
        context = info.context
        await learn_language(info)
        programme_id = context.caller.programme_id
        if context.caller.kind is CallerKind.STAFF:
            found = await announcements.saved(programme_id)
        else:
            found = await announcements.shown(programme_id, context.now)
            found = await _for_member(info, found)
        return [to_announcement(info, one) for one in found]


async def _for_member(
    info: Info, found: list[announcements.Announcement]
) -> list[announcements.Announcement]:
    """Announcements for the calling member; without enrolment, only those for everybody."""
    member_id, now = info.context.caller.member_id, info.context.now
    member = await load_row(info, member_id) if member_id else None
    if member is None:
        return [one for one in found if one.is_for(None, ())]
    own = await announcing.of_members(info.context.programme, [member], found, now)
    return own[member.member_id]


@strawberry.input(description="Announcement to save, complete: it replaces the earlier one.")
class SaveAnnouncementInput(KeyedInput):
    code: str = strawberry.field(
        description="Code of the announcement; a code not used before creates a new announcement."
    )
    title: JSON = strawberry.field(description='Title in each language: {"zh-CN": "…", "en": "…"}.')
    text: JSON = strawberry.field(description="Text in each language.")
    image_url: str | None = strawberry.field(default=None, description="URL of a picture.")
    link_url: str | None = strawberry.field(
        default=None, description="URL of a page with more information."
    )
    from_: datetime = strawberry.field(name="from", description="Instant from which it is shown.")
    until: datetime | None = strawberry.field(
        default=None, description="Instant from which it is no longer shown; null for no end."
    )
    tiers: list[str] | None = strawberry.field(
        default=None, description="Codes of the tiers whose members it is for; null for all."
    )
    segment: str | None = strawberry.field(
        default=None, description="Code of the segment whose members it is for; null for all."
    )
    notify: bool = strawberry.field(
        default=False,
        description="Whether members are notified when it begins, each once.",
    )


@strawberry.type(description="Result of saving an announcement.")
class SaveAnnouncementPayload(Payload):
    announcement: Announcement | None = strawberry.field(
        default=None, description="Announcement as it stands; null when refused."
    )


@strawberry.type
class AnnouncementsMutation:
    @mutation("Create an announcement, or change the one that has this code.")
    async def save_announcement(
        self, info: Info, input: Sent[SaveAnnouncementInput]
    ) -> SaveAnnouncementPayload | None:
        sent = AnnouncementSent(
            code=input.code,
            title=input.title,
            text=input.text,
            from_at=input.from_,
            until_at=input.until,
            image_url=input.image_url,
            link_url=input.link_url,
            tiers=None if input.tiers is None else tuple(input.tiers),
            segment=input.segment,
            notify=input.notify,
        )
        programme = info.context.programme
        outcome = await announcements.save(request(info, input), programme, sent)
        row = await announcements.find(programme.id, outcome.figures["code"])
        return SaveAnnouncementPayload(
            announcement=to_announcement(info, row) if row else None, replayed=outcome.replayed
        )
