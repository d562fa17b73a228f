"""Looks: which personal data of members was shown, and to which person of staff or partner."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.kernel.database import rows, update
from domain.kernel.ids import new_id

KEPT_DAYS = 365
"""How long looks are kept, 12 months."""

FORGOTTEN_MAX = 10_000
"""How many old ones one statement removes."""

NAME, BIRTHDAY, CONTACTS, PROFILE = "name", "birthday", "contacts", "profile"
ALL = (NAME, BIRTHDAY, CONTACTS, PROFILE)
"""Personal data of a member, by the names used in looks."""

DELIVERY = "delivery"
"""Delivery details of a reward, shown only to those who may deliver it."""


@dataclass(frozen=True, slots=True)
class Look:
    """Who was shown something, by which answer or export, and when, by the programme's clock."""

    actor: str
    request_id: str
    at: datetime


async def record(look: Look, shown: Mapping[UUID, Collection[str]]) -> None:
    """Record, by one statement, that this data of each member is about to be shown to somebody."""
    if not shown:
        return
    members = sorted(shown)
    await update(
        "INSERT INTO access (member_id, id, actor, fields, request_id, at) "
        "SELECT new.member_id, new.id, $4, new.fields, $5, $6 "
        "FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS new (member_id, id, fields)",
        members,
        [new_id() for _ in members],
        [" ".join(sorted(shown[member_id])) for member_id in members],
        look.actor,
        look.request_id,
        look.at,
    )


async def of_request(request_id: str, after: UUID, through: UUID) -> list[UUID]:
    """Members, in a range of ids, whose data an answer or an export showed."""
    found = await rows(
        "SELECT DISTINCT member_id FROM access WHERE request_id = $1 AND member_id > $2 "
        "AND member_id <= $3",
        request_id,
        after,
        through,
    )
    return [one["member_id"] for one in found]


async def forget_old(programme_id: UUID, now: datetime) -> int:
    """Remove looks of a programme older than `KEPT_DAYS`, at most `FORGOTTEN_MAX`; returns how
    many.
    """
    return await update(
        "DELETE FROM access WHERE (member_id, id) IN (SELECT a.member_id, a.id FROM access a "
        "JOIN member m ON m.member_id = a.member_id "
        "WHERE m.programme_id = $1 AND a.at < $2 LIMIT $3)",
        programme_id,
        now - timedelta(days=KEPT_DAYS),
        FORGOTTEN_MAX,
    )
