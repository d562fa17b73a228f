"""Tallies: values computed about members for a fact, besides their stored facts: counts and lists.

A tally serves certain selectors, and has only what these use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from uuid import UUID

from domain.earning import counts
from domain.kernel.queries import Query
from domain.kernel.values import value
from domain.members import segment_lists
from domain.programmes.policy import Policy
from domain.programmes.segments import Segment
from domain.programmes.selectors import FactSelector


@value(frozen=True, slots=True)
class Tally:
    """A member's counts, spend in minor units; the segments used, and the lists that it is on."""

    counts: Mapping[str, int] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    lists: frozenset[str] = frozenset()


def empty(policy: Policy, *selectors: FactSelector) -> Tally:
    """The tally for these selectors of a member who has done nothing yet and is on no list."""
    segments, codes = policy.tallied(*selectors)
    return Tally(dict.fromkeys(codes, 0), segments)


def is_timeless(policy: Policy, *selectors: FactSelector) -> bool:
    """Whether a tally for these is the same at every instant: no windows, and no lists."""
    segments, codes = policy.tallied(*selectors)
    counted = (policy.counts[code] for code in codes)
    return all(one.days is None and one.per is None for one in counted) and not any(
        segment.listed for segment in segments
    )


async def of(
    member_id: UUID,
    policy: Policy,
    judged_at: datetime,
    *selectors: FactSelector,
    besides: UUID | None = None,
) -> Tally:
    """One member's tally, as `load`."""
    return (await load([member_id], policy, judged_at, *selectors, besides=besides))[member_id]


def queries(
    member_id: UUID,
    policy: Policy,
    judged_at: datetime,
    *selectors: FactSelector,
    besides: UUID | None = None,
) -> list[Query]:
    """What `of` asks."""
    segments, codes = policy.tallied(*selectors)
    listed = [segment.code for segment in segments if segment.listed]
    return [
        *counts.queries([member_id], policy, codes, judged_at, besides=besides),
        *segment_lists.queries([member_id], listed, judged_at),
    ]


async def load(
    member_ids: Sequence[UUID],
    policy: Policy,
    judged_at: datetime,
    *selectors: FactSelector,
    besides: UUID | None = None,
) -> dict[UUID, Tally]:
    """By member, what these selectors ask for at an instant, by all that is recorded now
    `besides` one fact, if it is given.

    At most `counts.MEMBERS_MAX` members.
    """
    segments, codes = policy.tallied(*selectors)
    listed = [segment.code for segment in segments if segment.listed]
    counted = await counts.load(
        member_ids,
        policy,
        codes,
        judged_at,
        besides=besides,
    )
    lists = await segment_lists.of_members(member_ids, listed, judged_at)
    return {
        member_id: Tally(counted[member_id], segments, lists.get(member_id, frozenset()))
        for member_id in member_ids
    }
