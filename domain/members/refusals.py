"""Reasons for which a member is not enrolled or changed, or nothing is done for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class ReferenceTaken(Refusal):
    """Another member has this reference."""


@dataclass(eq=False)
class EmailTaken(Refusal):
    """This e-mail address is proved to be another member's."""


@dataclass(eq=False)
class PhoneTaken(Refusal):
    """This phone number is proved to be another member's."""


@dataclass(eq=False)
class ReferralInvalid(Refusal):
    """No enrolled member has this referral code, or it is one's own or that of one's own friend."""

    referral_code: Annotated[str, "Referral code that was given."]


@dataclass(eq=False)
class MemberSuspended(Refusal):
    """The member is suspended or under review, or its membership has ended."""


@dataclass(eq=False)
class MemberNotEnrolled(Refusal):
    """The member is a guest, or is not enrolled yet."""


@dataclass(eq=False)
class LimitReached(Refusal):
    """A limit per member is reached."""

    limit: Annotated[int, "Number that the limit allows."]
    resets_at: Annotated[
        datetime | None, "Instant from which it is allowed again; null when there is none."
    ] = None
