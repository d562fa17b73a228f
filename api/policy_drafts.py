"""Drafts of the policy: documents that staff write, with their faults while they have any."""

import asyncio
from datetime import datetime
from uuid import UUID

import strawberry

from api.kit import faults
from api.kit.context import Info
from api.kit.faults import PolicyFault
from api.kit.fields import field
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.kit.relay import Node, from_global_id, to_global_id
from domain.kernel.callers import CallerKind
from domain.kernel.refusals import NotFound
from domain.programmes import drafts
from domain.programmes.drafts import DRAFTS_MAX, NAME_CHARACTERS_MAX, DraftSent
from domain.programmes.sources import OfDraft

DRAFT_TYPE = "PolicyDraft"


@strawberry.type(description="A policy document that is being written; it has no effect.")
class PolicyDraft(Node):
    name: str = strawberry.field(description="Name that staff gave the draft.")
    revision: int = strawberry.field(
        description="Number of times that the draft was saved, from 1. Whoever saves it again "
        "must name the revision that was read."
    )
    document: str = strawberry.field(description="Text of the draft, as it was written.")
    saved_at: datetime = strawberry.field(description="Instant at which the draft was last saved.")
    saved_by: str = strawberry.field(description="Person or system that last saved the draft.")

    @field("Faults because of which the document could not be published; empty when it has none.")
    async def faults(self, info: Info) -> list[PolicyFault]:
        # reading a long document takes a while, in which others are answered
        found = await asyncio.to_thread(drafts.faults, self.document)
        return [faults.worded(one, info.context.language) for one in found]


def to_draft(draft: drafts.Draft) -> PolicyDraft:
    return PolicyDraft(
        id=to_global_id(DRAFT_TYPE, draft.id),
        name=draft.name,
        revision=draft.revision,
        document=draft.document,
        saved_at=draft.saved_at,
        saved_by=draft.saved_by,
    )


async def load_draft(info: Info, draft_id: UUID) -> PolicyDraft | None:
    """The draft of this id; None to anybody but staff."""
    if info.context.caller.kind is not CallerKind.STAFF:
        return None
    found = await drafts.find(info.context.programme.id, draft_id)
    return to_draft(found) if found else None


async def all_drafts(info: Info) -> list[PolicyDraft]:
    """The programme's drafts; none to anybody but staff."""
    if info.context.caller.kind is not CallerKind.STAFF:
        return []
    return [to_draft(one) for one in await drafts.of_programme(info.context.programme.id)]


def draft_named(global_id: str) -> OfDraft:
    """The draft that a client means by this id.

    Raises: NotFound for an id of no draft.
    """
    found, shown = from_global_id(global_id), global_id[:SHOWN_CHARACTERS_MAX]
    if found is None or found.type_name != DRAFT_TYPE or found.member_id is not None:
        raise NotFound("draft", shown, path=("draft",))
    return OfDraft(found.id, shown)


@strawberry.input(
    description=f"Text to save as a draft; a programme can have at most {DRAFTS_MAX} drafts."
)
class SaveDraftInput(KeyedInput):
    draft: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the draft to save over; null for a new one."
    )
    revision: int | None = strawberry.field(
        default=None,
        description="Revision of the draft that was read; required to save over it, and refused "
        "when it has been saved since.",
    )
    name: str | None = strawberry.field(
        default=None,
        description=f"Name of the draft, 1 to {NAME_CHARACTERS_MAX} characters; required for a "
        "new one, otherwise null leaves it as it is.",
    )
    document: str = strawberry.field(description="Whole text, in YAML or JSON; it may have faults.")


@strawberry.input(description="Draft to delete for good.")
class DeleteDraftInput(KeyedInput):
    draft: strawberry.ID = strawberry.field(description="Global id of the draft.")


@strawberry.type(description="Result of saving a draft.")
class SaveDraftPayload(Payload):
    draft: PolicyDraft | None = strawberry.field(
        default=None,
        description="Draft as it is now; null when refused, or when it has been deleted since.",
    )


@strawberry.type(description="Result of deleting a draft.")
class DeleteDraftPayload(Payload):
    draft: PolicyDraft | None = strawberry.field(
        default=None, description="Draft as it was; null when refused."
    )


@strawberry.type
class DraftsMutation:
    @mutation("Save a policy document that is being written; it may have faults.")
    async def save_draft(self, info: Info, input: Sent[SaveDraftInput]) -> SaveDraftPayload | None:
        over = None if input.draft is None else draft_named(str(input.draft))
        sent = DraftSent(
            input.document,
            draft_id=over.id if over else None,
            revision=input.revision,
            name=input.name,
            named=over.named if over else "",
        )
        outcome = await drafts.save(request(info, input), sent)
        draft = await load_draft(info, UUID(outcome.figures["draft"]))
        return SaveDraftPayload(draft=draft, replayed=outcome.replayed)

    @mutation("Delete a draft for good.")
    async def delete_draft(
        self, info: Info, input: Sent[DeleteDraftInput]
    ) -> DeleteDraftPayload | None:
        named = draft_named(str(input.draft))
        outcome = await drafts.delete(request(info, input), named.id, named.named)
        return DeleteDraftPayload(
            draft=to_draft(drafts.deleted(outcome.figures)), replayed=outcome.replayed
        )
