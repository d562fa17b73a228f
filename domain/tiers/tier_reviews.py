"""Reviews: tier changes by the passage of time, recorded by the sweep or the member's next write.

Opening an account reviews its tier, so that nothing is judged by an expired one.
"""

from collections.abc import Iterable
from datetime import datetime

from domain.kernel.outbox import Event, Topic
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.tiers import tier_periods, tiers
from domain.tiers.values import Holding, NewChange


async def foresee(
    programme: Programme, holding: Holding, now: datetime
) -> tuple[Holding, list[NewChange]]:
    """The member's tier after decisions on everything that has ended by now; nothing is written."""
    changes: list[NewChange] = []
    while (due := tier_periods.next_due(programme, holding, now)) is not None:
        policy = due.version.policy
        counted = await tiers.sums(holding.member_id, policy, due.at, closed=True)
        decided = tier_periods.decide(due, holding, now, counted)
        if isinstance(decided, NewChange):
            changes.append(decided)
            decided = decided.holding
        holding = decided
    return holding, changes


def moved(policy: Policy, changes: Iterable[NewChange]) -> list[Event]:
    """Each tier that a member rose or fell to, by the codes of this policy.

    A decision that keeps a tier is no event.
    """
    return [
        Event(
            Topic.TIER_CHANGED,
            change.member_id,
            {
                "from": policy.tier_code(change.from_tier),
                "to": policy.tier_code(change.to_tier),
                "until": change.holding.until,
            },
        )
        for change in changes
        if change.from_tier != change.to_tier
    ]
