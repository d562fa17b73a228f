"""Publications: a version as it is stored, and who published which, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import models
from domain.kernel import audit, cache, outbox
from domain.kernel.database import row, rows
from domain.kernel.ids import new_id
from domain.kernel.pages import beyond
from domain.programmes.policy import Policy
from domain.programmes.reader import to_document

_COLUMNS = "id, version AS number, effective_from, published_at, published_by, approved_by, note"


@dataclass(frozen=True, slots=True)
class Publication:
    """One published version; `effective_from` is None for one that always was in force,
    `approved_by` where nobody else had to agree.
    """

    id: UUID
    number: int
    effective_from: datetime | None
    published_at: datetime
    published_by: str
    approved_by: str | None
    note: str


@dataclass(frozen=True, slots=True)
class SourcedPolicy:
    """A document, and the text that it was read from; None where it was read from none."""

    policy: Policy
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Imprint:
    """When a version is published, by whom and why; `approved_by` is the second person, where
    one was asked for.
    """

    at: datetime
    by: str
    note: str
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class VersionPosition:
    """A version's number among those before it, and from when it holds; without an instant it
    always held.
    """

    number: int
    effective_from: datetime | None


async def add(
    programme_id: UUID, written: SourcedPolicy, position: VersionPosition, imprint: Imprint
) -> None:
    """Store a version, and tell others of it."""
    await models.PolicyVersion.create(
        id=audit.adds("policy_version", new_id()),
        programme_id=programme_id,
        version=position.number,
        effective_from=position.effective_from,
        document=to_document(written.policy),
        source=written.source,
        note=imprint.note,
        published_by=imprint.by,
        published_at=imprint.at,
        approved_by=imprint.approved_by,
    )
    said = {"version": position.number, "effective_from": position.effective_from}
    event = outbox.Event(outbox.Topic.POLICY_PUBLISHED, programme_id, said)
    await outbox.announce(programme_id, imprint.at, [event])
    await cache.announce()


async def earliest(programme_id: UUID, now: datetime) -> datetime:
    """From when a version is in force that is published now, under the programme's lock: not before
    those that were published while this one waited for it, so that the last one rules.
    """
    last = await row(
        "SELECT max(published_at) AS at FROM policy_version WHERE programme_id = $1", programme_id
    )
    return max(now, last["at"]) if last and last["at"] else now


async def page(programme_id: UUID, *, limit: int, after: Sequence[Any] | None) -> list[Publication]:
    """At most `limit` versions, the last one first, after the number `after`."""
    found = await rows(
        f"SELECT {_COLUMNS} FROM policy_version WHERE programme_id = $1 "
        f"AND {beyond('version', 2, 'bigint', descending=True)} ORDER BY version DESC LIMIT $3",
        programme_id,
        after[0] if after else None,
        limit,
    )
    return [Publication(**version) for version in found]


async def count(programme_id: UUID) -> int:
    """Number of versions of the programme."""
    found = await row(
        "SELECT count(*) AS count FROM policy_version WHERE programme_id = $1", programme_id
    )
    return int(found["count"]) if found else 0


async def get(programme_id: UUID, version_id: UUID) -> Publication | None:
    """The version of this id, if it is one of the programme's."""
    found = await row(
        f"SELECT {_COLUMNS} FROM policy_version WHERE programme_id = $1 AND id = $2",
        programme_id,
        version_id,
    )
    return Publication(**found) if found else None
