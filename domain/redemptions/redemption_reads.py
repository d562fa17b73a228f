"""Redemptions as they are shown: rows of just the columns that a client sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from domain.kernel.database import rows


class RedemptionStatus(StrEnum):
    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    FULFILLED = "FULFILLED"
    RELEASED = "RELEASED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redemption as it was last written; codes only once they were given.

    `partner_units` is what its account at the partner gets in all, `partner_id` who delivers its
    reward where that is one partner's, `reference` what the deliverer calls it.
    """

    member_id: UUID
    id: UUID
    programme_id: UUID
    reward_id: UUID | None
    status: RedemptionStatus
    points: int
    quantity: int
    worth_minor: int | None
    currency: str
    codes: list[str]
    created_at: datetime
    hold_expires_at: datetime | None
    released_at: datetime | None
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
    tracking: str | None
    reference: str | None
    partner_account: str | None
    partner_units: int | None
    partner_id: UUID | None

    @property
    def timed_out(self) -> bool:
        """Whether its hold died, rather than being given up before."""
        died_at, released_at = self.hold_expires_at, self.released_at
        return died_at is not None and released_at is not None and released_at >= died_at

    def as_of(self, now: datetime) -> "Redemption":
        """As it is at `now`: a hold dies whether or not anything was written."""
        died_at = self.hold_expires_at
        if self.status is not RedemptionStatus.HELD or died_at is None or now < died_at:
            return self
        return replace(self, status=RedemptionStatus.RELEASED, released_at=died_at)


_SELECT = (
    "SELECT member_id, id, programme_id, reward_id, status, points, quantity, worth_minor, "
    "currency, codes, created_at, hold_expires_at, released_at, fulfilled_at, cancelled_at, "
    "tracking, reference, partner_account, partner_units, "
    "(SELECT w.partner_id FROM reward w WHERE w.id = redemption.reward_id) AS partner_id "
    "FROM redemption"
)

_FILTER = (
    "WHERE member_id = whose.id AND ($2::text[] IS NULL OR CASE WHEN status = 'HELD' "
    "AND hold_expires_at <= $3 THEN 'RELEASED' ELSE status END = ANY($2::text[]))"
)


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Redemption]:
    """Redemptions by id, named by (member id, id); one statement for all of them."""
    found = await rows(
        f"{_SELECT} WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND programme_id = $3",
        [member_id for member_id, _ in ids],
        [redemption_id for _, redemption_id in ids],
        programme_id,
    )
    return {redemption["id"]: _redemption(redemption) for redemption in found}


async def pages(
    member_ids: Sequence[UUID],
    statuses: Sequence[RedemptionStatus] | None,
    now: datetime,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> dict[UUID, list[Redemption]]:
    """The same page of each member's redemptions, one statement for all of them."""
    found = await rows(
        f"SELECT page.* FROM unnest($1::uuid[]) AS whose (id) CROSS JOIN LATERAL ("
        f"{_SELECT} {_FILTER} "
        "AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5::uuid)) "
        "ORDER BY created_at DESC, id DESC LIMIT $6) AS page "
        "ORDER BY page.created_at DESC, page.id DESC",
        list(member_ids),
        _texts(statuses),
        now,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    by_member: dict[UUID, list[Redemption]] = {member_id: [] for member_id in member_ids}
    for redemption in found:
        by_member[redemption["member_id"]].append(_redemption(redemption).as_of(now))
    return by_member


async def counts(
    member_ids: Sequence[UUID], statuses: Sequence[RedemptionStatus] | None, now: datetime
) -> dict[UUID, int]:
    """How many redemptions each member has, one statement for all of them."""
    found = await rows(
        f"SELECT whose.id, (SELECT count(*) FROM redemption {_FILTER}) AS count "
        "FROM unnest($1::uuid[]) AS whose (id)",
        list(member_ids),
        _texts(statuses),
        now,
    )
    return {member["id"]: member["count"] for member in found}


def _texts(statuses: Sequence[RedemptionStatus] | None) -> list[str] | None:
    return None if statuses is None else [str(status) for status in statuses]


def _redemption(found: dict[str, Any]) -> Redemption:
    codes, status = orjson.loads(found.pop("codes")), RedemptionStatus(found.pop("status"))
    if status in (RedemptionStatus.HELD, RedemptionStatus.RELEASED):
        codes = []
    return Redemption(**found, codes=codes, status=status)
