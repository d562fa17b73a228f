"""Reveals: who was shown the codes of a redemption, and when that was first.

The redeemer sees them in the answer to its redemption; everybody else when it first reads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import models
from domain.kernel.database import rows
from domain.kernel.ids import new_id

Key = tuple[UUID, UUID]
"""A redemption, by (member id, id)."""


@dataclass(frozen=True, slots=True)
class Reveal:
    redemption_id: UUID
    actor: str
    revealed_at: datetime


def to_the_redeemer(redemption: models.Redemption) -> models.CodeReveal:
    """The redeemer sees the codes in the answer to its redemption."""
    return models.CodeReveal(
        member_id=redemption.member_id,
        id=new_id(),
        redemption_id=redemption.id,
        actor=redemption.actor,
        revealed_at=redemption.created_at,
    )


async def record(actor: str, shown: Sequence[Key], now: datetime) -> None:
    """Keep that `actor` sees the codes of these redemptions, unless it saw them before.

    One statement for all of them, before the answer leaves: rather one reveal too many.
    """
    keys = sorted(set(shown))  # in one order, so that two that are shown the same never deadlock
    if not keys:
        return
    await rows(
        "INSERT INTO code_reveal (member_id, id, redemption_id, actor, revealed_at) "
        "SELECT new.member_id, new.id, new.redemption_id, $4, $5 "
        "FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS new (member_id, id, redemption_id) "
        "ON CONFLICT (member_id, redemption_id, actor) DO NOTHING RETURNING id",
        [member_id for member_id, _ in keys],
        [new_id() for _ in keys],
        [redemption_id for _, redemption_id in keys],
        actor,
        now,
    )


async def of_redemptions(ids: Sequence[Key], now: datetime) -> dict[UUID, list[Reveal]]:
    """The reveals before `now` by redemption id, the first one first; one statement for all."""
    found = await rows(
        "SELECT redemption_id, actor, revealed_at FROM code_reveal "
        "WHERE member_id = ANY($1::uuid[]) AND redemption_id = ANY($2::uuid[]) "
        "AND revealed_at < $3 ORDER BY revealed_at, id",
        [member_id for member_id, _ in ids],
        [redemption_id for _, redemption_id in ids],
        now,
    )
    by_redemption: dict[UUID, list[Reveal]] = {redemption_id: [] for _, redemption_id in ids}
    for reveal in found:
        by_redemption[reveal["redemption_id"]].append(Reveal(**reveal))
    return by_redemption
