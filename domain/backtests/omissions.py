"""Omissions: what a back-test does not play, or not anew, and so cannot judge a change of.

It is kept with each back-test and said with its figures.
"""

from collections.abc import Callable, Mapping, Sequence

from domain.programmes.counts import RedemptionCount, ReferralCount
from domain.programmes.policy import Policy

OMITTED: Mapping[str, Callable[[Policy], bool]] = {
    "budgets": lambda policy: bool(policy.budgets),
    "grants": lambda policy: bool(policy.grants),
    "lists": lambda policy: any(segment.listed for segment in policy.segments),
    "counts": lambda policy: any(
        isinstance(count, RedemptionCount | ReferralCount) for count in policy.counts.values()
    ),
    "birthdays": lambda policy: any(getattr(rule, "on", None) for rule in policy.activities),
}
"""What a document may say that a back-test does not play, or not anew."""


def omitted(*policies: Policy) -> list[str]:
    """What of these documents is left out, and is said so with the figures."""
    return [name for name, says in OMITTED.items() if any(map(says, policies))]


UNJUDGED: Mapping[str, Callable[[Policy], Mapping[str, object]]] = {
    "budgets": lambda policy: policy.budgets,
    "grants": lambda policy: policy.grant_codes,
    "lists": lambda policy: {one.code: one for one in policy.segments if one.listed},
}
"""By code, that of which a change cannot be judged, because both sides leave it out."""


def unjudged(candidate: Policy, baseline: Sequence[Policy]) -> dict[str, list[str]]:
    """By kind, codes of what the candidate has otherwise than any of these policies, or has and
    they have not, or the other way round.
    """
    found = {}
    for kind, of in UNJUDGED.items():
        said = [of(policy) for policy in (candidate, *baseline)]
        codes = dict.fromkeys(code for one in said for code in one)
        changed = [
            code for code in codes if any(one.get(code) != said[0].get(code) for one in said)
        ]
        if changed:
            found[kind] = changed
    return found
