"""Reads of uses of benefits for other rooms."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.benefits.quotas import Use
from domain.kernel.database import rows


async def standing(member_ids: Sequence[UUID], since: datetime) -> dict[UUID, list[Use]]:
    """By member, the uses that were not returned; one query for all.

    Uses of quotas before `since` are left out, those of perks never.
    """
    found = await rows(
        "SELECT member_id, id, benefit, used_at, number, activity_id FROM benefit_use "
        "WHERE member_id = ANY($1::uuid[]) AND (used_at >= $2 OR activity_id IS NOT NULL) "
        "AND returned_at IS NULL ORDER BY recorded_at, id",
        list(member_ids),
        since,
    )
    by_member: dict[UUID, list[Use]] = {member_id: [] for member_id in member_ids}
    for use in found:
        by_member[use.pop("member_id")].append(Use(**use))
    return by_member


async def used(member_id: UUID, activity_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these activities whose perk has a use that was not returned."""
    if not activity_ids:
        return set()
    found = await rows(
        "SELECT DISTINCT activity_id FROM benefit_use WHERE member_id = $1 "
        "AND activity_id = ANY($2::uuid[]) AND returned_at IS NULL",
        member_id,
        list(activity_ids),
    )
    return {use["activity_id"] for use in found}
