"""Drafts: documents that are being written, which may be faulty and hold nowhere."""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import models
from domain.kernel.database import Row, row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_text
from domain.kernel.refusals import InvalidInput, NotFound, ReferenceConflict
from domain.programmes import programmes
from domain.programmes.reader import parse
from domain.programmes.refusals import FaultCode, PolicyFault, PolicyInvalid
from domain.programmes.text import DOCUMENT_BYTES_MAX

DRAFTS_MAX = 50
"""Most drafts that a programme may have."""

NAME_CHARACTERS_MAX = 100
FAULTS_REMEMBERED_MAX = 64

_COLUMNS = "id, name, revision, document, saved_at, saved_by"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was saved last; `revision` counts from 1."""

    id: UUID
    name: str
    revision: int
    document: str
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True, slots=True)
class DraftSent:
    """A text to save: of a new draft with a name, or over a revision of one that is there."""

    document: str
    draft_id: UUID | None = None
    revision: int | None = None
    name: str | None = None
    named: str = ""
    """What the caller knows the draft by."""


async def of_programme(programme_id: UUID) -> list[Draft]:
    """All drafts of the programme, the one that was saved last first."""
    found = await rows(
        f"SELECT {_COLUMNS} FROM policy_draft WHERE programme_id = $1 ORDER BY saved_at DESC, id",
        programme_id,
    )
    return [Draft(**draft) for draft in found]


async def find(programme_id: UUID, draft_id: UUID) -> Draft | None:
    """The draft of this id, if it is one of the programme's."""
    found = await row(
        f"SELECT {_COLUMNS} FROM policy_draft WHERE programme_id = $1 AND id = $2",
        programme_id,
        draft_id,
    )
    return Draft(**found) if found else None


@lru_cache(maxsize=FAULTS_REMEMBERED_MAX)
def faults(document: str) -> tuple[PolicyFault, ...]:
    """Faults that would prevent publishing the text; reading a long one takes seconds."""
    try:
        parse(document)
    except PolicyInvalid as refusal:
        return refusal.faults
    return ()


async def save(request: Request, sent: DraftSent) -> Outcome:
    """Save a new draft, or over the revision that the caller has read; figures: `draft`.

    Raises: InvalidInput, PolicyInvalid for a text that is too large, NotFound, ReferenceConflict
    where it was saved meanwhile, IdempotencyKeyReused.
    """
    _check(sent)
    asked = {
        "draft": sent.draft_id and str(sent.draft_id),
        "revision": sent.revision,
        "name": sent.name,
        "document": sent.document,
    }

    async def perform() -> Figures:
        # one lock for all drafts of a programme, so that they can be counted
        await programmes.lock(request.caller.programme_id)
        if sent.draft_id is None:
            return {"draft": str(await _insert(request, sent))}
        return {"draft": str(await _replace(request, sent, sent.draft_id))}

    return await once(request, "saveDraft", asked, perform)


async def delete(request: Request, draft_id: UUID, named: str) -> Outcome:
    """Remove a draft for ever; figures are the draft as it was.

    Raises: NotFound, IdempotencyKeyReused.
    """

    async def perform() -> Figures:
        found = await row(
            f"DELETE FROM policy_draft WHERE programme_id = $1 AND id = $2 RETURNING {_COLUMNS}",
            request.caller.programme_id,
            draft_id,
        )
        if found is None:
            raise NotFound("draft", named, path=("draft",))
        return _kept(found)

    return await once(request, "deleteDraft", {"draft": str(draft_id)}, perform)


def deleted(figures: Figures) -> Draft:
    """The draft that these figures of a deletion are."""
    return Draft(
        **{
            **figures,
            "id": UUID(figures["id"]),
            "saved_at": datetime.fromisoformat(figures["saved_at"]),
        }
    )


def _kept(found: Row) -> dict[str, Any]:
    draft = asdict(Draft(**found))
    return {**draft, "id": str(draft["id"]), "saved_at": draft["saved_at"].isoformat()}


def _check(sent: DraftSent) -> None:
    if sent.draft_id is None and sent.name is None:
        raise InvalidInput("name_required", path=("name",))
    if sent.draft_id is None and sent.revision is not None:
        raise InvalidInput("draft_required", path=("draft",))
    if sent.draft_id is not None and sent.revision is None:
        raise InvalidInput("revision_required", path=("revision",))
    if sent.name is not None:
        check_text(sent.name, NAME_CHARACTERS_MAX, ("name",))
    if len(sent.document.encode("utf-8", "surrogatepass")) > DOCUMENT_BYTES_MAX:
        raise PolicyInvalid((PolicyFault(FaultCode.TOO_LARGE, allowed=str(DOCUMENT_BYTES_MAX)),))
    if any(one == "\0" or "\ud800" <= one <= "\udfff" for one in sent.document):
        # the database takes neither; other control characters are faults that a draft may have
        raise InvalidInput("control_characters", path=("document",))


async def _insert(request: Request, sent: DraftSent) -> UUID:
    programme_id = request.caller.programme_id
    found = await row(
        "SELECT count(*) AS count FROM policy_draft WHERE programme_id = $1", programme_id
    )
    if found is not None and found["count"] >= DRAFTS_MAX:
        raise InvalidInput("too_many_drafts", allowed=(str(DRAFTS_MAX),), path=("draft",))
    made = await models.PolicyDraft.create(
        id=new_id(),
        programme_id=programme_id,
        name=sent.name,
        revision=1,
        document=sent.document,
        saved_at=request.now,
        saved_by=request.caller.actor,
    )
    return made.id


async def _replace(request: Request, sent: DraftSent, draft_id: UUID) -> UUID:
    found = await find(request.caller.programme_id, draft_id)
    if found is None:
        raise NotFound("draft", sent.named, path=("draft",))
    if found.revision != sent.revision:
        raise ReferenceConflict(found.name, path=("revision",))
    changed = await update(
        "UPDATE policy_draft SET name = $3, revision = revision + 1, document = $4, "
        "saved_at = $5, saved_by = $6 WHERE id = $1 AND revision = $2",
        draft_id,
        found.revision,
        found.name if sent.name is None else sent.name,
        sent.document,
        request.now,
        request.caller.actor,
    )
    if changed != 1:
        raise RuntimeError(f"draft {draft_id} was saved past the programme's lock")
    return draft_id
