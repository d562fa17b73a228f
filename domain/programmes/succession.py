"""Succession: what a programme's next version keeps of the versions before it.

Amounts, dates and balances that are stored were written in the programme's currency and zone,
so no version changes what these are. Rows name tiers by their codes, so each version says what
every code of an earlier one means.
"""

from collections.abc import Sequence

from domain.kernel.inputs import listed
from domain.kernel.refusals import InvalidInput
from domain.programmes.policy import Policy

FIXED = ("programme", "currency", "timezone")
"""What every version says alike, beside whether there are points."""


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
    told = dict.fromkeys(level.code for before in published for level in before.tiers.levels)
    levels = [level.code for level in policy.tiers.levels]
    missing = [code for code in told if policy.tier_code(code) not in levels]
    if missing:
        path = ("document", "tiers", "levels")
        raise InvalidInput("tier_code_missing", listed(missing), tuple(levels), path=path)
