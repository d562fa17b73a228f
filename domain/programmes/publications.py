"""Publications: who published a programme's versions, when and why, without what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel.database import row, rows

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


async def page(programme_id: UUID, *, limit: int, after: Sequence[Any] | None) -> list[Publication]:
    """At most `limit` versions, the last one first, after the number `after`."""
    found = await rows(
        f"SELECT {_COLUMNS} FROM policy_version WHERE programme_id = $1 "
        "AND ($2::bigint IS NULL OR version < $2) ORDER BY version DESC LIMIT $3",
        programme_id,
        after[0] if after else None,
        limit,
    )
    return [Publication(**version) for version in found]


async def count(programme_id: UUID) -> int:
    """How many versions the programme has."""
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
