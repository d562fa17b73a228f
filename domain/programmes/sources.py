"""Sources: where a document's text comes from: somebody sends it, or a draft or version has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import row, rows
from domain.kernel.refusals import NotFound
from domain.programmes.reader import validate
from domain.programmes.writing import canonical_text


@dataclass(frozen=True, slots=True)
class OfVersion:
    """The text of the programme's version of this number."""

    number: int


@dataclass(frozen=True, slots=True)
class OfDraft:
    """The text of the programme's draft of this id, which the caller knows by `named`."""

    id: UUID
    named: str


Source = str | OfDraft | OfVersion
"""A text, or what has one."""


def named(source: Source) -> dict[str, Any]:
    """Value by which a request that names it is compared."""
    if isinstance(source, OfVersion):
        return {"version": source.number}
    return {"draft": str(source.id)} if isinstance(source, OfDraft) else {"document": source}


async def read(programme_id: UUID, source: Source) -> str:
    """The document's text, as it was written.

    Raises: NotFound.
    """
    if isinstance(source, str):
        return source
    if isinstance(source, OfDraft):
        return await _of_draft(programme_id, source)
    found = await row(
        "SELECT source, document FROM policy_version "
        "WHERE programme_id = $1 AND version = $2::bigint",
        programme_id,
        source.number,
    )
    if found is None:
        raise NotFound("version", str(source.number), path=("version",))
    return _text(found)


async def _of_draft(programme_id: UUID, source: OfDraft) -> str:
    found = await row(
        "SELECT document FROM policy_draft WHERE programme_id = $1 AND id = $2",
        programme_id,
        source.id,
    )
    if found is None:
        raise NotFound("draft", source.named, path=("draft",))
    return str(found["document"])


async def of_versions(version_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The texts of these versions, as they were written."""
    found = await rows(
        "SELECT id, source, document FROM policy_version WHERE id = ANY($1::uuid[])",
        list(version_ids),
    )
    return {version["id"]: _text(version) for version in found}


def _text(version: Mapping[str, Any]) -> str:
    """The document, as we write it, of a version published before texts were kept."""
    source: str | None = version["source"]
    return canonical_text(validate(orjson.loads(version["document"]))) if source is None else source
