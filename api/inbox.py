"""The mutation that notes which notices a member has read."""

import strawberry

from api.kit.context import Info
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.relay import from_global_id
from api.notices import NOTICE_TYPE
from domain.kernel.callers import CallerKind
from domain.members.refusals import MemberNotEnrolled
from domain.notices import inbox
from domain.notices.inbox import NAMED_MAX, Named


@strawberry.input(description="Notices that were read.")
class ReadNoticesInput(KeyedInput):
    notices: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"Global ids of notices of one member, at most {NAMED_MAX}; null means all of "
        "the calling member, and staff name them.",
    )


@strawberry.type(description="Result of noting which notices were read.")
class ReadNoticesPayload(Payload):
    unread: int = strawberry.field(
        default=0, description="Number of notices that are unread after it; 0 when refused."
    )


@strawberry.type
class InboxMutation:
    @mutation("Note that a member has read notices, or all of them. What was read stays so.")
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
