"""Made: what is computed of a policy once, and kept with it as long as it is there."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from domain.programmes.policy import Policy

Made = TypeVar("Made")
Terms = ParamSpec("Terms")


def once(
    make: Callable[Concatenate[Policy, Terms], Made],
) -> Callable[Concatenate[Policy, Terms], Made]:
    """The same function, which is computed once of each policy, and of each of its other
    arguments, of which there are few, as languages.
    """

    @wraps(make)
    def made(policy: Policy, /, *terms: Terms.args, **named: Terms.kwargs) -> Made:
        key = (make, *terms, *named.items())
        found: Made | None = policy.kept.get(key)
        if found is None:
            found = policy.kept[key] = make(policy, *terms, **named)
        return found

    return made
