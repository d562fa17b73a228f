"""Reveals: who was shown the codes of a redemption, and when for the first time.

The redeemer sees them in the answer to its redemption; others when they first read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import models
from domain.accounts import seals
from domain.kernel import sealed_rows
from domain.kernel.database import Row, rows, transact
from domain.kernel.ids import new_id
from domain.ledger.journal import Journal

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
    """Record that `actor` sees the codes of these redemptions, unless it saw them before.

    This happens before the answer is sent: one reveal too many is better than one too few.

    Raises: ConcurrentRequest.
    """
    known = await rows(
        "SELECT member_id, redemption_id FROM code_reveal WHERE member_id = ANY($1::uuid[]) "
        "AND redemption_id = ANY($2::uuid[]) AND actor = $3",
        [member_id for member_id, _ in shown],
        [redemption_id for _, redemption_id in shown],
        actor,
    )
    keys = set(shown) - {(one["member_id"], one["redemption_id"]) for one in known}
    if keys:
        await transact(partial(_record, actor, sorted(keys), now))


async def _record(actor: str, keys: Sequence[Key], now: datetime) -> None:
    locked = await seals.lock({member_id for member_id, _ in keys}, now)
    await seals.write(locked, await _insert(actor, keys, now), _sealed)


async def under_lock(journal: Journal, redemption_id: UUID, actor: str) -> None:
    """The same for one redemption, by a caller that has its account's lock and closes it."""
    made = await _insert(actor, [(journal.member_id, redemption_id)], journal.now)
    journal.changed += map(_sealed, made)


_sealed = partial(sealed_rows.of, "code_reveal")


async def _insert(actor: str, keys: Sequence[Key], now: datetime) -> list[Row]:
    return await rows(
        "INSERT INTO code_reveal (member_id, id, redemption_id, actor, revealed_at) "
        "SELECT new.member_id, new.id, new.redemption_id, $4, $5 "
        "FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS new (member_id, id, redemption_id) "
        "ON CONFLICT (member_id, redemption_id, actor) DO NOTHING "
        f"RETURNING {sealed_rows.columns('code_reveal')}",
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
