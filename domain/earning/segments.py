"""Segments as they are at an instant: which ones a member is in, and how large one is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.earning import counts, judging, tallies
from domain.kernel.refusals import NotFound
from domain.members import members, particulars
from domain.members.members import Member, MemberFilter
from domain.members.particulars import Particulars
from domain.members.statuses import MemberStatus
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.programmes.selectors import FactSelector
from domain.tiers import tier_reviews


async def named(
    member_ids: Sequence[UUID], programme_code: str, now: datetime
) -> dict[UUID, list[str]]:
    """By member, the codes of the segments that it is in now, in the order of the policy.

    Whoever is not enrolled is in none. Raises: NotFound.
    """
    programme = await programmes.get(programme_code)
    codes = tuple(segment.code for segment in programme.as_of(now).policy.segments)
    found: dict[UUID, list[str]] = {member_id: [] for member_id in member_ids}
    for start in range(0, len(member_ids), counts.MEMBERS_MAX):
        batch = await members.many(member_ids[start : start + counts.MEMBERS_MAX])
        found |= await of_batch(programme, list(batch.values()), codes, now)
    return found


async def size(programme: Programme, code: str, now: datetime) -> int:
    """How many enrolled members are in a segment of the policy in force.

    Raises: NotFound.
    """
    check_known(programme, code, now)
    wanted, after, found = MemberFilter(status=MemberStatus.ENROLLED), None, 0
    while batch := await members.page(programme.id, wanted, limit=counts.MEMBERS_MAX, after=after):
        after = (batch[-1].joined_at, batch[-1].member_id)
        found += sum(map(bool, (await of_batch(programme, batch, (code,), now)).values()))
    return found


def check_known(programme: Programme, code: str, now: datetime) -> None:
    """Whether the policy in force has this segment. Raises: NotFound."""
    known = tuple(segment.code for segment in programme.as_of(now).policy.segments)
    if code not in known:
        raise NotFound("segment", code, known)


async def of_batch(
    programme: Programme, batch: Sequence[Member], codes: tuple[str, ...], now: datetime
) -> dict[UUID, list[str]]:
    """By member, those of these segments that it is in; nobody is in any who is not enrolled. At
    most `counts.MEMBERS_MAX` members.
    """
    policy = programme.as_of(now).policy
    enrolled = [member for member in batch if member.status is MemberStatus.ENROLLED]
    if not codes or not enrolled:
        return {}
    asked = FactSelector(segments=codes)
    ids = [member.member_id for member in enrolled]
    tally = await tallies.load(ids, policy, now, asked)
    found = {}
    for member in enrolled:
        holding, _ = await tier_reviews.foresee(programme, member.holding, now)
        known = Particulars(
            member.status,
            member.birthday,
            particulars.trusted(policy, member.profile, member.profile_writers),
            member.joined_at,
        )
        facts = judging.to_facts(policy, known, holding.tier, now, tally[member.member_id])
        found[member.member_id] = [code for code, is_in in facts.segments.items() if is_in]
    return found
