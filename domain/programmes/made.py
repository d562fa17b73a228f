"""Made: what is computed of a policy once, and kept with it as long as it is there."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from domain.programmes.policy import Policy

Made = TypeVar("Made")


def once(make: Callable[[Policy], Made]) -> Callable[[Policy], Made]:
    """The same function, which is computed once of each policy."""

    @wraps(make)
    def made(policy: Policy) -> Made:
        found: Made | None = policy.kept.get(make)
        if found is None:
            found = policy.kept[make] = make(policy)
        return found

    return made
