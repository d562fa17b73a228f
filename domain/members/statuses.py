"""What a member's status allows."""

from enum import StrEnum

from domain.members.refusals import MemberNotEnrolled, MemberSuspended


class MemberStatus(StrEnum):
    ENROLLED = "ENROLLED"
    GUEST = "GUEST"
    SUSPENDED = "SUSPENDED"
    UNDER_REVIEW = "UNDER_REVIEW"
    ERASED = "ERASED"


def check_enrolled(status: str, path: tuple[str, ...] = ("member",)) -> None:
    """Only an enrolled member earns and spends.

    Raises: MemberNotEnrolled, MemberSuspended.
    """
    if status == MemberStatus.GUEST:
        raise MemberNotEnrolled(path=path)
    if status != MemberStatus.ENROLLED:
        raise MemberSuspended(path=path)
