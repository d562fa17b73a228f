"""Lookups: what is unique across members, one row for each value that somebody has taken."""

from enum import StrEnum
from uuid import UUID

from domain.kernel.database import Row, row
from domain.kernel.refusals import ConcurrentRequest

LOOK_UPS_MAX = 10
"""How often a value is tried for that others take and free at the same time."""


class LookupScope(StrEnum):
    """What a lookup row is found by; its value is unique within programme and scope."""

    REFERENCE = "reference"
    EMAIL = "email"
    PHONE = "phone"
    REFERRAL_CODE = "referral_code"
    BOOKING = "booking"
    ACTIVITY = "activity"
    FULFILMENT = "fulfilment"


async def look_up(
    programme_id: UUID, scope: LookupScope, value: str, member_id: UUID, row_id: UUID
) -> Row | None:
    """Take a value for this member's row; or the row that has it already.

    Raises: ConcurrentRequest when others take and free the value all the time.
    """
    for _ in range(LOOK_UPS_MAX):
        taken = await row(
            "INSERT INTO lookup (programme_id, scope, value, member_id, row_id) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (programme_id, scope, value) DO NOTHING "
            "RETURNING row_id",
            programme_id,
            scope,
            value,
            member_id,
            row_id,
        )
        if taken is not None:
            return None
        found = await row(
            "SELECT member_id, row_id FROM lookup "
            "WHERE programme_id = $1 AND scope = $2 AND value = $3",
            programme_id,
            scope,
            value,
        )
        if found is not None:
            return found
        # whoever had it has just freed it, between the two statements
    raise ConcurrentRequest
