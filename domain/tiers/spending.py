"""Spending elsewhere: a member's spending on a day before it moved here, from an import. It counts
toward tiers as of that day, and earns nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from domain.kernel.database import rows
from domain.tiers.values import Credit, Qualifying


@dataclass(frozen=True, slots=True)
class Spent:
    """Amount spent on a local day, which begins at an instant (UTC), in minor units."""

    day: date
    began_at: datetime
    minor: int

    def id_of(self, member_id: UUID) -> UUID:
        """The id of its credit: a member has one per day, whichever import it is from."""
        return uuid5(member_id, f"spent_on:{self.day}")

    def credit(self, member_id: UUID, job_id: UUID, now: datetime) -> Credit:
        counted = Qualifying(spend_minor=self.minor)
        own = self.id_of(member_id)
        return Credit(member_id, self.began_at, now, counted, id=own, job_id=job_id)


async def counted(wanted: Iterable[tuple[UUID, Spent]]) -> Mapping[tuple[UUID, UUID], int]:
    """Spending already counted for these members and days, in minor units, by member and id."""
    ids = sorted({(member_id, spent.id_of(member_id)) for member_id, spent in wanted})
    if not ids:
        return {}
    found = await rows(
        "SELECT c.member_id, c.id, c.spend_minor FROM unnest($1::uuid[], $2::uuid[]) "
        "AS w (member_id, id) JOIN tier_credit c ON c.member_id = w.member_id AND c.id = w.id "
        "WHERE c.member_id = ANY($1::uuid[])",
        [member_id for member_id, _ in ids],
        [own for _, own in ids],
    )
    return {(one["member_id"], one["id"]): one["spend_minor"] for one in found}
