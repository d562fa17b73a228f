"""Offers that are open to a member, told once each to whoever said yes to marketing."""

from collections.abc import AsyncGenerator
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.kernel.database import rows, transact
from domain.kernel.outbox import Topic
from domain.members import consents, members
from domain.members.consents import Purpose
from domain.notices import occasions
from domain.notices.kinds import Kind
from domain.offers import offers
from domain.offers.values import Offer
from domain.programmes.programmes import Programme, in_force
from domain.tiers import tier_reviews

BATCH = 500


async def candidates(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Enrolled members who said yes to marketing last, on any channel; nobody where the policy
    offers nothing.
    """
    version = in_force(programme.versions, now)
    if version is None or not offers.offered(version.policy):
        return
    after = UUID(int=0)
    while batch := await consents.agreeing(programme.id, Purpose.MARKETING, after, BATCH):
        for after in batch:
            yield after


async def tell(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Write an event of each offer that is open to the member and was not told before, in a
    transaction; how many.

    Raises: ConcurrentRequest.
    """
    member = (await members.many([member_id])).get(member_id)
    if member is None:
        return 0
    holding, _ = await tier_reviews.foresee(programme, member.holding, now)
    tier = programme.as_of(now).policy.tier_code(holding.tier)
    open_now = (await offers.of_members([member_id], programme, tier, now))[member_id]
    told = await _told(member_id)
    new = [one for one in open_now if one.rule.code not in told]
    return await transact(partial(_tell, programme, member_id, new, now)) if new else 0


async def _told(member_id: UUID) -> frozenset[str]:
    found = await rows(
        "SELECT key FROM reminder WHERE member_id = $1 AND kind = $2", member_id, Kind.OFFER.value
    )
    return frozenset(one["key"] for one in found)


async def _tell(programme: Programme, member_id: UUID, new: list[Offer], now: datetime) -> int:
    async with accounts.opened(programme, member_id, now) as account:
        return sum(
            [
                await occasions.write(
                    account,
                    Kind.OFFER,
                    one.rule.code,
                    Topic.OFFER_OPENED,
                    rule=one.rule.code,
                    until=one.until,
                )
                for one in new
            ]
        )
