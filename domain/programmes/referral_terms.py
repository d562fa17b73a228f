"""Referral terms: when a member who brings a friend along is paid, and how often."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from domain.programmes.nodes import Node, Period
from domain.programmes.refusals import FaultCode, PolicyFault
from domain.programmes.rules import ALWAYS, Validity
from domain.programmes.selectors import FactSelector
from domain.programmes.trees import value

WITHIN_DAYS_MAX = 3650
LINK_CHARACTERS_MAX = 500
CODE_IN_LINK = "{code}"
"""The place of the member's own referral code in a link."""

Qualifying = Literal["enrolled", "first_booking", "first_completed_booking"]


class TimesLimit(Node):
    """Largest number in a period; a friend counts on the day of the qualifying fact."""

    times: Annotated[int, Field(ge=1, strict=True)]
    per: Period


class ReferralTerms(Node):
    """What a friend must do, and for how many friends a member is paid.

    A friend is judged by the terms of its own enrolment.
    """

    qualifies: Qualifying = Field(description="What the friend must do.")
    within_days: Annotated[int, Field(ge=1, le=WITHIN_DAYS_MAX, strict=True)] | None = Field(
        None,
        description="Local days from joining within which it counts; without it, always.",
    )
    when: FactSelector = Field(
        FactSelector(), description="Conditions on the referrer on the day of the friend's fact."
    )
    limit: TimesLimit | None = Field(
        None,
        description="Largest number of friends for whom the referrer is paid; friends are "
        "always paid.",
    )
    link: (
        Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=LINK_CHARACTERS_MAX)]
        | None
    ) = Field(
        None,
        description="Link that a member sends to friends; {code} in it is replaced by the "
        "referral code.",
    )

    @property
    def code(self) -> str:
        """Code of the referral terms where a reason names a rule."""
        return "referrals"

    @property
    def valid(self) -> Validity:
        """The days on which a friend's fact counts: any, if it is in time."""
        return ALWAYS


def faults(tree: Any) -> Iterator[PolicyFault]:
    """A link that says nobody's code."""
    at = ("referrals", "link")
    link = value(tree, *at)
    if isinstance(link, str) and link.startswith("http") and CODE_IN_LINK not in link:
        yield PolicyFault(FaultCode.LINK_CODE, at, link, CODE_IN_LINK)
