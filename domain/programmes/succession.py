"""Succession: what a programme's next version keeps of the versions before it.

Amounts, dates and balances that are stored were written in the programme's currency and zone,
so no version changes what these are. Rows name tiers by their codes, so each version says what
every code of an earlier one means. Members were drawn into experiments that have begun.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.kernel import dates
from domain.kernel.inputs import check_day, listed
from domain.kernel.refusals import Instant, InvalidInput
from domain.programmes.policy import Policy

FIXED = ("programme", "currency", "timezone")
"""Fields that are the same in every version, besides whether there are points."""


def following(
    published: Sequence[Policy], policy: Policy, effective_from: datetime | None, now: datetime
) -> tuple[int, datetime | None]:
    """The number of the version after these, and from when it is in force; None is always.

    Raises: InvalidInput where the document cannot follow them.
    """
    check(policy, published)
    check_experiments(policy, published, now)
    if effective_from is not None:
        check_day(dates.local_date(effective_from, policy.zone), ("effectiveFrom",))
    if not published:
        return 1, effective_from
    begins = effective_from or now
    if begins < now:
        raise InvalidInput(
            "effective_in_past", Instant.of(begins), (Instant.of(now),), path=("effectiveFrom",)
        )
    return len(published) + 1, begins


def check(policy: Policy, published: Sequence[Policy]) -> None:
    """Whether this document can be the version after these, oldest first.

    Raises: InvalidInput.
    """
    for before in published[-1:]:
        for name in FIXED:
            wanted, kept = getattr(policy, name), getattr(before, name)
            if wanted != kept:
                raise InvalidInput("fixed", wanted, (kept,), path=("document", name))
        if policy.has_points != before.has_points:
            said = {True: "points", False: "none"}
            wanted, kept = said[policy.has_points], said[before.has_points]
            raise InvalidInput("fixed", wanted, (kept,), path=("document", "points"))
    _check_tiers(policy, published)


def _check_tiers(policy: Policy, published: Sequence[Policy]) -> None:
    told = dict.fromkeys(level.code for before in published for level in before.tiers.levels)
    levels = [level.code for level in policy.tiers.levels]
    missing = [code for code in told if policy.tier_code(code) not in levels]
    if missing:
        path = ("document", "tiers", "levels")
        raise InvalidInput("tier_code_missing", listed(missing), tuple(levels), path=path)


def check_experiments(policy: Policy, published: Sequence[Policy], now: datetime) -> None:
    """Whether experiments that have begun are as they were, or left out: who was drawn into a
    variant stays there, and what is compared is what was said before.

    Raises: InvalidInput.
    """
    known = {one.code: one for before in published for one in before.experiments}
    for place, one in enumerate(policy.experiments):
        before = known.get(one.code)
        begun = before is not None and dates.start_of_day(before.from_, policy.zone) <= now
        if begun and one != before:
            path = ("document", "experiments", str(place))
            raise InvalidInput("experiment_begun", one.code, path=path)
