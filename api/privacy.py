"""A member's rights on personal data: erasure, and export as one document."""

from datetime import datetime

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, MemberBy, Sent, request, subject
from api.kit.mutations import Payload, mutation
from api.kit.personal import shown
from api.kit.scalars import JSON, Points
from domain.members import looks
from domain.privacy import erasing, exporting


@strawberry.input(description="Member to erase.")
class EraseMemberInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Member to erase; defaults to the calling member."
    )
    confirm: Points = strawberry.field(
        description="Number of points that the member gives up: all that are pending or available."
    )


@strawberry.type(description="Result of erasing a member.")
class EraseMemberPayload(Payload):
    erased_at: datetime | None = strawberry.field(
        default=None, description="Instant of the erasure; null when refused."
    )


@strawberry.input(description="Member whose data is exported.")
class ExportMemberInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Member whose data is exported; defaults to the calling member."
    )


@strawberry.type(description="Result of exporting a member's data.")
class ExportMemberPayload(Payload):
    document: JSON | None = strawberry.field(
        default=None,
        description="Rows of the member as an object with a list for each kind of row; null when "
        "refused.",
    )


@strawberry.type
class PrivacyMutation:
    @mutation(
        "Erase a member for good: its points are given up, and all personal data is removed. What "
        "happened stays recorded, without naming anybody. A member with held or owed points "
        "cannot be erased."
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
        "Export all data kept about a member, and about members merged into it, as one document "
        "with a list for each kind of row; encrypted values are decrypted. A repeated request "
        "exports the data kept at that time."
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
