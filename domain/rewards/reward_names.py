"""Names of rewards, by their codes, whether or not they are on offer."""

from collections.abc import Sequence
from uuid import UUID

import orjson

from domain.kernel.database import rows


async def of(programme_id: UUID, codes: Sequence[str]) -> dict[str, dict[str, str]]:
    """The names of these rewards by language; one statement for all of them."""
    if not codes:
        return {}
    found = await rows(
        "SELECT code, names FROM reward WHERE programme_id = $1 AND code = ANY($2::text[])",
        programme_id,
        list(codes),
    )
    return {one["code"]: orjson.loads(one["names"]) for one in found}
