"""Why a member is not enrolled or changed, and why nothing is done for one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class ReferenceTaken(Refusal):
    code: ClassVar[str] = "REFERENCE_TAKEN"
    template: ClassVar[str] = "Another member has this reference."


@dataclass(eq=False)
class EmailTaken(Refusal):
    code: ClassVar[str] = "EMAIL_TAKEN"
    template: ClassVar[str] = "Another member has this e-mail address."


@dataclass(eq=False)
class PhoneTaken(Refusal):
    code: ClassVar[str] = "PHONE_TAKEN"
    template: ClassVar[str] = "Another member has this phone number."


@dataclass(eq=False)
class ReferralInvalid(Refusal):
    code: ClassVar[str] = "REFERRAL_INVALID"
    template: ClassVar[str] = "No member has the referral code {referral_code!r}."

    referral_code: str


@dataclass(eq=False)
class MemberSuspended(Refusal):
    code: ClassVar[str] = "MEMBER_SUSPENDED"
    template: ClassVar[str] = "This member is not active; staff can tell why."


@dataclass(eq=False)
class MemberNotEnrolled(Refusal):
    code: ClassVar[str] = "MEMBER_NOT_ENROLLED"
    template: ClassVar[str] = "This member is not enrolled; call enrolMember first."


@dataclass(eq=False)
class LimitReached(Refusal):
    """`resets_at` is null where the limit never resets."""

    code: ClassVar[str] = "LIMIT_REACHED"
    template: ClassVar[str] = "The limit of {limit} is reached."

    limit: int
    resets_at: datetime | None = None
