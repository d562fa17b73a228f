"""Notification of offers open to a member who consents to marketing, each once."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Invited:
    """A member with open offers of which it was not notified."""

    member_id: UUID
    offers: tuple[Offer, ...]

    def __str__(self) -> str:
        return str(self.member_id)


async def candidates(programme: Programme, now: datetime) -> AsyncGenerator[Invited, None]:
    """Enrolled members who consent to marketing on any channel, and have an offer that they were
    not notified of; nobody where the policy has no offers. Open offers are read a batch at a time.
    """
    version = in_force(programme.versions, now)
    if version is None or not offers.offered(version.policy):
        return
    after = UUID(int=0)
    while batch := await consents.agreeing(programme.id, Purpose.MARKETING, after, BATCH):
        after = batch[-1]
        for one in await _invited(programme, batch, now):
            yield one


async def _invited(programme: Programme, batch: Sequence[UUID], now: datetime) -> list[Invited]:
    alike: defaultdict[tuple[str, bool], list[UUID]] = defaultdict(list)
    policy = programme.as_of(now).policy
    for member in (await members.many(batch)).values():
        holding, _ = await tier_reviews.foresee(programme, member.holding, now)
        alike[policy.tier_code(holding.tier), member.has_merged].append(member.member_id)
    told, open_now = await _told(batch), dict[UUID, list[Offer]]()
    for (tier, has_merged), some in alike.items():
        open_now |= await offers.of_members(some, programme, tier, now, has_merged)
    found = [
        Invited(
            own, tuple(one for one in open_now.get(own, ()) if (own, one.rule.code) not in told)
        )
        for own in batch
    ]
    return [one for one in found if one.offers]


async def _told(member_ids: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """The offers of which these members were notified, by member."""
    found = await rows(
        "SELECT member_id, key FROM reminder WHERE member_id = ANY($1::uuid[]) AND kind = $2",
        list(member_ids),
        Kind.OFFER.value,
    )
    return {(one["member_id"], one["key"]) for one in found}


async def tell(programme: Programme, invited: Invited, now: datetime) -> int:
    """Write an event for each of these offers not notified before, in a transaction; returns how
    many.

    Raises: ConcurrentRequest.
    """
    return await transact(partial(_tell, programme, invited, now))


async def _tell(programme: Programme, invited: Invited, now: datetime) -> int:
    async with accounts.opened(programme, invited.member_id, now) as account:
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
                for one in invited.offers
            ]
        )
