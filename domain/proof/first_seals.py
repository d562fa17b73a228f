"""The first seals of members, and first rows of audits, for databases from before there were any:
they cover all existing rows.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import models
from domain.accounts import seals
from domain.kernel import audit, sealed_rows
from domain.kernel.database import rows, transact
from domain.kernel.sealing import SealedRow
from domain.proof import stock_checks, verification
from domain.proof.evidence import MemberRows

BATCH = 200


async def seal(programme_id: UUID, now: datetime) -> AsyncIterator[int]:
    """Begin the audit of a programme that has none, record the remainder of unrecorded stock, and
    seal all members without a seal, one batch per transaction; yields the number of members of
    each.

    Run again, it continues with the rest.

    Raises: AuditIncomplete, ConcurrentRequest.
    """
    await audit.begin(programme_id, now)
    await stock_checks.take_over(programme_id, now)
    after = UUID(int=0)
    while found := await _unsealed(programme_id, after):
        yield await transact(partial(_seal, found, now))
        after = found[-1]


async def _unsealed(programme_id: UUID, after: UUID) -> list[UUID]:
    found = await rows(
        "SELECT member_id FROM account WHERE programme_id = $1 AND seal_number IS NULL "
        "AND member_id > $2 ORDER BY member_id LIMIT $3",
        programme_id,
        after,
        BATCH,
    )
    return [account["member_id"] for account in found]


async def _seal(found: Sequence[UUID], now: datetime) -> int:
    locked = await seals.lock(await seals.begin(found), now)
    loaded = await verification.read(UUID(int=found[0].int - 1), found[-1])
    own = {one.member_id: _all_of(one) for one in loaded if one.member_id in locked}
    await seals.write_all(locked, own)
    return len(own)


def _all_of(member: MemberRows) -> list[SealedRow]:
    return [
        sealed_rows.of(table, found) for table in models.SEALED for found in member.tables[table]
    ]
