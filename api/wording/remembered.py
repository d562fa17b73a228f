"""What is worked out once of a policy: it never changes, and there are few of them."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import ref

from domain.programmes.policy import Policy

POLICIES_MAX = 512
"""Policies, each in a language, of which something is remembered by one function."""

Value = TypeVar("Value")


def once_of_policy(
    work_out: Callable[[Policy, str], Value],
) -> Callable[[Policy, str], Value]:
    """Remember what the function makes of each policy in a language.

    A policy is known by its identity: to compare two would take longer than what is worked out.
    """
    known: dict[tuple[int, str], tuple[ref[Policy], Value]] = {}

    @wraps(work_out)
    def remembered(policy: Policy, reader: str) -> Value:
        key = (id(policy), reader)
        found = known.get(key)
        # an identity is given anew once its owner is gone
        if found is not None and found[0]() is policy:
            return found[1]
        value = work_out(policy, reader)
        if len(known) >= POLICIES_MAX:
            known.clear()
        known[key] = (ref(policy), value)
        return value

    return remembered
