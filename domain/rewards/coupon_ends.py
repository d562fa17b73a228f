"""Ends of coupons that were issued and can be used."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.kernel.database import rows
from domain.rewards.coupons import END


@dataclass(frozen=True, slots=True)
class Ending:
    """End of usable coupons of one reward."""

    ends_at: datetime
    reward: str
    partner_id: UUID | None


async def ending(member_id: UUID, redemption_id: UUID) -> list[Ending]:
    """The ends of a redemption's coupons that can be used, each once, the first one first."""
    found = await rows(
        f"SELECT DISTINCT {END} AS ends_at, w.code AS reward, w.partner_id FROM coupon_code c "
        "JOIN reward w ON w.id = c.reward_id WHERE c.redemption_id = $2 AND c.member_id = $1 "
        f"AND c.status = 'ISSUED' AND {END} IS NOT NULL ORDER BY ends_at",
        member_id,
        redemption_id,
    )
    return [Ending(**one) for one in found]
