"""Partners: the systems that report bookings and redeem."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import models
from domain.kernel.database import row, rows, transact
from domain.kernel.ids import new_id
from domain.kernel.inputs import (
    NAME_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
    check_identifier,
    check_text,
)
from domain.kernel.refusals import NotFound
from domain.programmes.programmes import Programme

CODE_CHARACTERS_MAX = 64


async def create(programme: Programme, code: str, name: str, now: datetime) -> UUID:
    """The partner of this code, created if there is none.

    Raises: InvalidInput.
    """
    check_identifier(code, ("code",), CODE_CHARACTERS_MAX)
    check_text(name, NAME_CHARACTERS_MAX, ("name",))

    async def work() -> UUID:
        created = await row(
            "INSERT INTO partner (id, programme_id, code, name, created_at) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (programme_id, code) DO NOTHING RETURNING id",
            new_id(),
            programme.id,
            code,
            name,
            now,
        )
        return created["id"] if created else await find_id(programme, code)

    return await transact(work)


async def find_id(programme: Programme, code: str, path: tuple[str, ...] = ()) -> UUID:
    """Raises: NotFound."""
    # not by the model, which raises for a code that is longer than any
    found = await row(
        "SELECT id FROM partner WHERE programme_id = $1 AND code = $2", programme.id, code
    )
    if found is None:
        raise NotFound("partner", code[:REFERENCE_CHARACTERS_MAX], path=path)
    return UUID(str(found["id"]))


async def names(ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Code and name by partner id; one statement for all of them."""
    found = await models.Partner.filter(id__in=ids).values("id", "code", "name")
    return {partner["id"]: (partner["code"], partner["name"]) for partner in found}


async def ids(programme_id: UUID) -> dict[str, UUID]:
    """The programme's partners by code."""
    found = await rows("SELECT id, code FROM partner WHERE programme_id = $1", programme_id)
    return {partner["code"]: partner["id"] for partner in found}
