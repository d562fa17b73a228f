"""Personal data as a member may ask about them: erased, or given out as one document."""

from datetime import datetime

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from api.kit.personal import shown
from api.kit.scalars import JSON, Points
from domain.members import looks
from domain.privacy import erasing, exporting


@strawberry.input(description="Member who is erased.")
class EraseMemberInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Member who is erased; defaults to the calling member."
    )
    confirm: Points = strawberry.field(
        description="Points that the member gives up: all that are pending and available."
    )


@strawberry.type(description="Result of erasing a member.")
class EraseMemberPayload(Payload):
    erased_at: datetime | None = strawberry.field(
        default=None, description="Instant of the erasure; null when refused."
    )


@strawberry.input(description="Member of whom all that is kept is given out.")
class ExportMemberInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Member of whom it is; defaults to the calling member."
    )


@strawberry.type(description="Result of giving out all that is kept of a member.")
class ExportMemberPayload(Payload):
    document: JSON | None = strawberry.field(
        default=None,
        description="Rows of the member as an object, a list for each kind of row; null when "
        "refused.",
    )


@strawberry.type
class PrivacyMutation:
    @mutation(
        "Erase a member for good: its points are given up, and nothing says any more who it was. "
        "What happened stays, of nobody; a member with points held or owed is refused."
    )
    async def erase_member(
        self, info: Info, input: Sent[EraseMemberInput]
    ) -> EraseMemberPayload | None:
        member = await subject(info, input.member)
        outcome = await erasing.erase(
            request(info, input), info.context.programme, member, input.confirm
        )
        return EraseMemberPayload(
            erased_at=datetime.fromisoformat(outcome.figures["erased_at"]),
            replayed=outcome.replayed,
        )

    @mutation(
        "Give out all that is kept of a member, and of all who were merged into it, as one "
        "document: a list for each kind of row, and in clear what is kept encrypted. A call that "
        "is sent again gives what is kept by then."
    )
    async def export_member(
        self, info: Info, input: Sent[ExportMemberInput]
    ) -> ExportMemberPayload | None:
        member = await subject(info, input.member)
        outcome = await exporting.export(request(info, input), info.context.programme, member)
        context, family = info.context, await exporting.family(outcome.member_id)
        document = await exporting.document(context.programme.id, family)
        context.revealed.update(exporting.revealed(document))
        for own in family:
            for what in looks.ALL:
                shown(info, own, what, document)
        return ExportMemberPayload(document=JSON(document), replayed=outcome.replayed)
