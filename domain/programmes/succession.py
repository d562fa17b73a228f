"""Succession: what a programme's next version keeps of the versions before it.

Amounts, dates and balances that are stored were written in the programme's currency and zone,
so no version changes what these are.
"""

from collections.abc import Sequence

from domain.kernel.refusals import InvalidInput
from domain.programmes.policy import Policy

FIXED = ("programme", "currency", "timezone")
"""What every version says alike; that there are points is what the reader asks of any document."""


def check(policy: Policy, published: Sequence[Policy]) -> None:
    """Whether this document can be the version after these, oldest first.

    Raises: InvalidInput.
    """
    for before in published[-1:]:
        for name in FIXED:
            wanted, kept = getattr(policy, name), getattr(before, name)
            if wanted != kept:
                raise InvalidInput("fixed", wanted, kept, path=("document", name))
