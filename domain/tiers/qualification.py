"""Qualification: the tier for which a member qualifies, and the effect of facts on it; pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from math import ceil
from operator import attrgetter

from domain.kernel import money
from domain.programmes.levels import Tier, TierBasis
from domain.programmes.made import once
from domain.programmes.policy import Policy
from domain.programmes.programmes import Version
from domain.tiers import tier_windows
from domain.tiers.values import (
    POLICY,
    REFUND,
    RENEWED,
    UPGRADE,
    Change,
    Credit,
    Holding,
    Measure,
    NewChange,
    Progress,
    Qualifying,
    Sum,
)


def downgrade(
    version: Version, holding: Holding, sums: Sequence[Sum], *refunded: Credit
) -> NewChange | None:
    """The immediate loss by a refund, or None if the member still qualifies for its tier.

    `sums` are those before it; a tier for which the member did not qualify before either is not
    taken by this refund, nor does it fall below the policy's floor.
    """
    policy, last = version.policy, refunded[-1]
    before, _ = best(policy, sums)
    after, left = best(policy, [counted.plus(*refunded) for counted in sums])
    terms = policy.tiers.terms
    target = max(policy.rank(after.code), tier_windows.floor_rank(policy, terms) if terms else 0)
    if target >= min(policy.rank(before.code), policy.rank(holding.earned)):
        return None
    level, at = policy.tiers.levels[target], holding.instant(last.recorded_at)
    until = tier_windows.period_end(policy, level.code, at, left.window if level == after else None)
    return NewChange(
        holding.tier,
        holding.moved(policy, at, earned=level.code, until=until, grace_until=None),
        at,
        at,
        version.id,
        left,
        REFUND,
        last.booking_id,
    )


def review(
    version: Version, holding: Holding, sums: Sequence[Sum], *facts: Credit
) -> NewChange | None:
    """The effect of these facts: an upgrade, effective when recorded, or the end of a grace period.

    `sums` are those before them.
    """
    policy, last = version.policy, facts[-1]
    level, judged = best(policy, [counted.plus(*facts) for counted in sums])
    rises = policy.rank(level.code) > policy.rank(holding.earned)
    kept = holding.grace_until is not None and level.code == policy.tier_code(holding.earned)
    if not (rises or kept):
        return None
    at = holding.instant(last.recorded_at)
    until = tier_windows.period_end(policy, level.code, at, judged.window)
    return NewChange(
        holding.tier,
        holding.moved(policy, at, earned=level.code, until=until, grace_until=None),
        at,
        at,
        version.id,
        judged,
        UPGRADE if rises else RENEWED,
        last.booking_id,
    )


def is_highest(policy: Policy, holding: Holding) -> bool:
    """Whether further credits cannot change the tier: it is the highest, and in no grace."""
    top = len(policy.tiers.levels) - 1
    return holding.grace_until is None and policy.rank(holding.earned) == top


def raised(
    version: Version, holding: Holding, sums: Sequence[Sum], now: datetime, newest: Policy
) -> NewChange | None:
    """The upgrade by this version, from what counted before it, or None.

    `newest` is the policy in force now, which knows the codes of every level before it: the
    member may have risen by it already.
    """
    policy = version.policy
    level, judged = best(policy, sums)
    if newest.rank(level.code) <= newest.rank(holding.earned):
        return None
    at = holding.instant(now)
    until = tier_windows.period_end(policy, level.code, at, judged.window)
    after = holding.moved(newest, at, earned=level.code, until=until, grace_until=None)
    return NewChange(holding.tier, after, at, at, version.id, judged, POLICY)


def best(policy: Policy, sums: Sequence[Sum]) -> tuple[Tier, Sum]:
    """The highest level that any of the windows qualifies for, and the first such window."""
    found = [(qualified(policy, counted.qualifying), counted) for counted in sums]
    return found[0] if len(found) == 1 else max(found, key=lambda one: policy.rank(one[0].code))


_COUNTED: Mapping[TierBasis, Callable[[Qualifying], int]] = {
    "spend": attrgetter("spend_minor"),
    "bookings": attrgetter("bookings"),
    "completed_bookings": attrgetter("completed_bookings"),
    "nights": attrgetter("nights"),
    "points": attrgetter("points"),
}
"""Amount that a measure counts, in minor units for money."""


def amount(policy: Policy, measure: TierBasis, qualifying: Qualifying) -> Decimal:
    """Amount that thresholds are compared with: money in the currency's units, or a count."""
    counted = _COUNTED[measure](qualifying)
    return money.to_amount(counted, policy.currency) if measure == "spend" else Decimal(counted)


def qualified(policy: Policy, qualifying: Qualifying) -> Tier:
    """The highest level with a measure that reaches its threshold."""
    for level, thresholds in _thresholds(policy):
        for counted, least in thresholds:
            if counted(qualifying) >= least:
                return level
    raise ValueError("there is a level that everybody qualifies for")


@once
def _thresholds(policy: Policy) -> list[tuple[Tier, list[tuple[Callable[[Qualifying], int], int]]]]:
    """Thresholds of each measure, the highest level first; spend in minor units."""
    digits = {"spend": money.digits_of(policy.currency)}
    return [
        (
            level,
            [
                (_COUNTED[measure], ceil(least.scaleb(digits.get(measure, 0))))
                for measure, least in policy.tiers.thresholds(level).items()
            ],
        )
        for level in reversed(policy.tiers.levels)
    ]


def progress(policy: Policy, current: str, qualifying: Qualifying) -> Progress:
    """Progress to the next level above the current one, by each measure."""
    above = policy.tiers.levels[policy.rank(current) + 1 :]
    level = above[0] if above else None
    required = policy.tiers.thresholds(level) if level else {}
    measures = [
        Measure(measure, amount(policy, measure, qualifying), required.get(measure))
        for measure in policy.tiers.measures
    ]
    return Progress(tuple(measures), level)


def recorded_at(changes: Sequence[Change], current: str, instant: datetime) -> str:
    """The tier recorded for `instant`; `changes` are in the order recorded.

    It is that of the last recorded change effective at or before it; before the first change, the
    tier from which that changed.
    """
    tier = changes[0].from_tier if changes else current
    for change in changes:
        if change.effective_at <= instant:
            tier = change.to_tier
    return tier
