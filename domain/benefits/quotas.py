"""Quotas: the number of times that a member may use a benefit by its level, and by perks."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from domain.grants.perks import Perk
from domain.kernel import dates
from domain.programmes.policy import Policy

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Quota:
    """A level's quota around one instant: `uses` from `start` until before `end` (UTC).

    All three are None without a limit.
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
    """A use that was recorded and not returned.

    `activity_id` is the grant that gave it, None for one of the level's quota.
    """

    id: UUID
    benefit: str
    used_at: datetime
    number: int | None = None
    activity_id: UUID | None = None


def of_level(policy: Policy, tier: str, benefit: str, instant: datetime) -> Quota | None:
    """The level's quota of this benefit around the instant; None if it gives none."""
    given = policy.level(tier).benefit(benefit)
    if given is None:
        return None
    if given.uses is None or given.per is None:
        return Quota(None)
    return Quota(given.uses, *dates.period_bounds(instant, given.per, policy.zone))


def used(quota: Quota, benefit: str, uses: Iterable[Use]) -> list[Use]:
    """The uses of quotas of this benefit in the period, whatever the tier or the quota was then."""
    return [
        use
        for use in uses
        if use.benefit == benefit and use.activity_id is None and quota.covers(use.used_at)
    ]


def used_of(perk: Perk, uses: Iterable[Use]) -> list[Use]:
    """The uses of this perk."""
    return [use for use in uses if use.activity_id == perk.activity_id]


def next_number(taken: Collection[Use]) -> int:
    """The least number that no use has; it is within the quota while any is left."""
    numbers = {use.number for use in taken}
    return next(number for number in range(1, len(taken) + 2) if number not in numbers)


@dataclass(frozen=True, slots=True)
class Source:
    """Source of a use: `number` of `most`, both None without limit.

    A level's quota has a period from `start` to `end`; otherwise `activity_id` gave it.
    """

    most: int | None
    number: int | None
    start: datetime | None = None
    end: datetime | None = None
    activity_id: UUID | None = None


def source(
    quota: Quota | None, perks: Iterable[Perk], benefit: str, uses: Collection[Use]
) -> Source | None:
    """The source of the next use, of the level's quota and the perks: the one that ends first, and
    the quota if several end together. None if nothing is left.
    """
    found: list[tuple[datetime, Source]] = []
    if quota is not None:
        taken = used(quota, benefit, uses)
        if quota.uses is None:
            found.append((_NEVER, Source(None, None)))
        elif len(taken) < quota.uses and quota.end is not None:
            number = next_number(taken)
            found.append((quota.end, Source(quota.uses, number, quota.start, quota.end)))
    for perk in perks:
        taken = used_of(perk, uses)
        if len(taken) < perk.uses:
            of_perk = Source(perk.uses, next_number(taken), activity_id=perk.activity_id)
            found.append((perk.end, of_perk))
    return min(found, key=lambda one: one[0], default=(_NEVER, None))[1]


@dataclass(frozen=True, slots=True)
class Allowance:
    """A member's allowance of a benefit; `uses` and `left` are None without a limit.

    `uses` and `used` are those of the level's quota, `left` includes perks, too.
    """

    benefit: str
    uses: int | None
    used: int
    left: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """A member's perks, and its uses that were not returned."""

    perks: Collection[Perk] = ()
    uses: Collection[Use] = ()


def allowance(
    policy: Policy, tier: str, benefit: str, held: Held, now: datetime
) -> Allowance | None:
    """The member's allowance of the benefit now; None if nothing gives it.

    For a benefit without limit the uses of this local year are counted.
    """
    quota = of_level(policy, tier, benefit, now)
    perks = [perk for perk in held.perks if perk.benefit == benefit and perk.covers(now)]
    if quota is None and not perks:
        return None
    if quota is not None and quota.uses is None:
        year = Quota(None, *dates.period_bounds(now, "year", policy.zone))
        return Allowance(benefit, None, len(used(year, benefit, held.uses)), None, None)
    most, end = (quota.uses or 0, quota.end) if quota is not None else (0, None)
    count = len(used(quota, benefit, held.uses)) if quota is not None else 0
    besides = sum(perk.uses - len(used_of(perk, held.uses)) for perk in perks)
    return Allowance(benefit, most, count, max(0, most - count) + besides, end)


def allowances(policy: Policy, tier: str, held: Held, now: datetime) -> list[Allowance]:
    """Every benefit that the member has now, in the order of the document, then those that only an
    earlier version declared.
    """
    codes = dict.fromkeys([*policy.declared_benefits, *(perk.benefit for perk in held.perks)])
    found = (allowance(policy, tier, code, held, now) for code in codes)
    return [one for one in found if one is not None]
