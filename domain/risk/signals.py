"""Stored signals: the devices, cards, addresses and keys with which facts were sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel.database import update
from domain.kernel.ids import new_id
from domain.kernel.queries import ask, of_each
from domain.kernel.signals import Signals
from domain.programmes.risk_terms import KEPT_DAYS

FORGOTTEN_MAX = 10_000
"""Number of old signals that one statement removes."""
LINKED_MAX = 50
"""Most members listed that share a signal with one."""


@dataclass(frozen=True, slots=True)
class Came:
    """A fact at its instant, with its points; if it earns, the kind of `fact`."""

    moment: str
    fact: str | None
    points: int
    at: datetime


async def keep(programme_id: UUID, member_id: UUID, sent: Signals, came: Came) -> None:
    """Record that a fact of this member was sent with these signals; in its transaction."""
    if not sent.digests:
        return
    await update(
        "INSERT INTO signal "
        "(programme_id, kind, digest, id, member_id, moment, fact, points, at) "
        "SELECT $1, s.kind, s.digest, s.id, $2, $3, $4, $5, $6 "
        "FROM unnest($7::text[], $8::bytea[], $9::uuid[]) AS s (kind, digest, id)",
        programme_id,
        member_id,
        came.moment,
        came.fact,
        came.points,
        came.at,
        list(sent.digests),
        list(sent.digests.values()),
        [new_id() for _ in sent.digests],
    )


async def linked(
    member_ids: Sequence[UUID], programme_id: UUID, since: datetime
) -> dict[UUID, list[UUID]]:
    """By member, others with the same device, card or address, at most `LINKED_MAX`; ordered by the
    number of shared signals, then by id. An API key belongs to its partner, and links nobody.
    """
    asked = of_each(("own_id", "member_id"), _LINKED, member_ids, programme_id, since, LINKED_MAX)
    by_member: dict[UUID, list[UUID]] = {one: [] for one in member_ids}
    for one in await ask(asked):
        by_member[one["own_id"]].append(one["member_id"])
    return by_member


_LINKED = (
    "SELECT $1::uuid AS own_id, o.member_id FROM signal o WHERE o.programme_id = $2 "
    "AND o.at >= $3 AND o.member_id <> $1 AND o.digest IN (SELECT s.digest FROM signal s "
    "WHERE s.member_id = $1 AND s.at >= $3 AND s.kind <> 'key') "
    "GROUP BY o.member_id ORDER BY count(DISTINCT o.digest) DESC, o.member_id LIMIT $4"
)


def oldest(now: datetime) -> datetime:
    """The oldest instant of signals that are kept at this instant."""
    return now - timedelta(days=KEPT_DAYS)


async def forget_old(programme_id: UUID, now: datetime) -> int:
    """Remove those of a programme that are older than `KEPT_DAYS`, at most `FORGOTTEN_MAX`; returns
    how many.
    """
    return await update(
        "DELETE FROM signal WHERE (digest, id) IN (SELECT digest, id FROM signal "
        "WHERE programme_id = $1 AND at < $2 ORDER BY at LIMIT $3)",
        programme_id,
        oldest(now),
        FORGOTTEN_MAX,
    )


async def forget(member_id: UUID) -> int:
    """Remove all of a member; returns how many. Inside the transaction that erases it."""
    return await update("DELETE FROM signal WHERE member_id = $1", member_id)
