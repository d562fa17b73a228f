"""Quotas: how often a level lets a member use a benefit, and what uses have left of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.kernel import dates
from domain.programmes.policy import Policy


@dataclass(frozen=True, slots=True)
class Quota:
    """What a level gives around one instant: `uses` from `start` until before `end` (UTC).

    All three are null where it sets no limit.
    """

    uses: int | None
    start: datetime | None = None
    end: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        if self.start is None or self.end is None:
            return True
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class Use:
    """A use that stands: it was recorded, and not returned since."""

    id: UUID
    benefit: str
    used_at: datetime
    number: int | None = None


def of_level(policy: Policy, tier: str, benefit: str, instant: datetime) -> Quota | None:
    """What the level gives of this benefit around the instant; None where it gives none of it."""
    given = policy.level(tier).benefit(benefit)
    if given is None:
        return None
    if given.uses is None or given.per is None:
        return Quota(None)
    return Quota(given.uses, *dates.period_bounds(instant, given.per, policy.zone))


def used(quota: Quota, benefit: str, uses: Collection[Use]) -> list[Use]:
    """The uses of this benefit in the quota's period, whatever the tier or the quota was then."""
    return [use for use in uses if use.benefit == benefit and quota.covers(use.used_at)]


def next_number(taken: Collection[Use]) -> int:
    """The least number that none of these has, which is one of the quota while any is left."""
    numbers = {use.number for use in taken}
    return next(number for number in range(1, len(taken) + 2) if number not in numbers)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How a member stands with a benefit; `uses` and `left` are null where nothing limits it."""

    benefit: str
    uses: int | None
    used: int
    left: int | None
    resets_at: datetime | None


def allowance(
    policy: Policy, tier: str, benefit: str, uses: Collection[Use], now: datetime
) -> Allowance | None:
    """The benefit as the level gives it now; None where it does not.

    Of a benefit without limit the uses of this local year are counted.
    """
    quota = of_level(policy, tier, benefit, now)
    if quota is None:
        return None
    if quota.uses is None:
        year = Quota(None, *dates.period_bounds(now, "year", policy.zone))
        return Allowance(benefit, None, len(used(year, benefit, uses)), None, None)
    count = len(used(quota, benefit, uses))
    return Allowance(benefit, quota.uses, count, max(0, quota.uses - count), quota.end)


def allowances(policy: Policy, tier: str, uses: Collection[Use], now: datetime) -> list[Allowance]:
    """Every benefit that the member has now, in the order of the document."""
    found = (allowance(policy, tier, code, uses, now) for code in policy.declared_benefits)
    return [one for one in found if one is not None]
