"""Mutations about notices: which a member has read, and one that is sent again."""

from datetime import UTC, datetime

import strawberry

from api.kit.context import Info
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.relay import from_global_id
from api.notices import NOTICE_TYPE, Notice, load_notice
from domain.kernel.callers import CallerKind
from domain.members.consents import Channel
from domain.members.refusals import MemberNotEnrolled
from domain.notices import inbox, resending
from domain.notices.inbox import NAMED_MAX, Named
from domain.notices.resending import ResendRequest


@strawberry.input(description="Notices that a member has read.")
class ReadNoticesInput(KeyedInput):
    notices: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"Global ids of notices of one member, at most {NAMED_MAX}; null means all "
        "notices of the calling member. Staff have to name them.",
    )


@strawberry.type(description="Result of marking notices as read.")
class ReadNoticesPayload(Payload):
    unread: int = strawberry.field(
        default=0, description="Number of notices that are still unread; 0 when refused."
    )


@strawberry.input(description="Notice that is to be sent again.")
class ResendNoticeInput(KeyedInput):
    notice: strawberry.ID = strawberry.field(description="Global id of the notice.")
    channel: Channel = strawberry.field(
        description="Channel by which to send it, whether or not it was chosen before."
    )


@strawberry.type(description="Result of sending a notice again.")
class ResendNoticePayload(Payload):
    notice: Notice | None = strawberry.field(
        default=None, description="Notice as it stands; null when refused."
    )


@strawberry.type
class InboxMutation:
    @mutation(
        "Send a notice again, even if the member has received the permitted number. It is not "
        "sent if the member does not consent or has no address, or if what the notice is about "
        "has ended."
    )
    async def resend_notice(
        self, info: Info, input: Sent[ResendNoticeInput]
    ) -> ResendNoticePayload | None:
        context, wanted = info.context, ResendRequest(_named(str(input.notice)), input.channel)
        outcome = await resending.resend(
            request(info, input), context.programme, wanted, context.outgoing, datetime.now(UTC)
        )
        return ResendNoticePayload(
            notice=await load_notice(info, resending.key_of(outcome)), replayed=outcome.replayed
        )

    @mutation("Mark some or all notices of a member as read; this cannot be undone.")
    async def read_notices(
        self, info: Info, input: Sent[ReadNoticesInput]
    ) -> ReadNoticesPayload | None:
        caller = info.context.caller
        if caller.kind is CallerKind.MEMBER and caller.member_id is None:
            raise MemberNotEnrolled(path=("notices",))
        named = None if input.notices is None else [_named(str(one)) for one in input.notices]
        outcome = await inbox.read(request(info, input), caller.member_id, named)
        return ReadNoticesPayload(unread=outcome.figures["unread"], replayed=outcome.replayed)


def _named(global_id: str) -> Named:
    found = from_global_id(global_id)
    own = found is not None and found.type_name == NOTICE_TYPE and found.member_id is not None
    key = (found.member_id, found.id) if own and found and found.member_id else None
    return Named(global_id[:SHOWN_CHARACTERS_MAX], key)
