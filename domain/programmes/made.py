"""Made: what is computed of a policy once, and kept with it as long as it is there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

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
        key: Any = (make, *terms, *named.items()) if terms or named else make
        found: Made | None = policy.kept.get(key)
        if found is None:
            found = policy.kept[key] = make(policy, *terms, **named)
        return found

    return made


def recently(
    most: int,
) -> Callable[
    [Callable[Concatenate[Policy, Terms], Made]], Callable[Concatenate[Policy, Terms], Made]
]:
    """As `once`, where there are many other arguments: of each policy only what was asked for last
    is kept, of so many of them at the `most`.
    """

    def of(
        make: Callable[Concatenate[Policy, Terms], Made],
    ) -> Callable[Concatenate[Policy, Terms], Made]:
        @wraps(make)
        def made(policy: Policy, /, *terms: Terms.args, **named: Terms.kwargs) -> Made:
            kept: dict[Any, Made] = policy.kept.setdefault(make, {})
            key = (*terms, *named.items())
            found = kept.pop(key, None)
            if found is None:
                found = make(policy, *terms, **named)
            kept[key] = found  # as the last of them
            if len(kept) > most:
                del kept[next(iter(kept))]
            return found

        return made

    return of
