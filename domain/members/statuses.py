"""What each status of a member allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.kernel.database import row, rows
from domain.kernel.queries import Query, ask_one, query
from domain.kernel.refusals import NotFound
from domain.members.refusals import MemberNotEnrolled, MemberSuspended


class MemberStatus(StrEnum):
    ENROLLED = "ENROLLED"
    GUEST = "GUEST"
    SUSPENDED = "SUSPENDED"
    UNDER_REVIEW = "UNDER_REVIEW"
    ERASED = "ERASED"
    CLOSED = "CLOSED"
    MERGED = "MERGED"


UNPAID = frozenset({MemberStatus.GUEST, MemberStatus.SUSPENDED})
"""Statuses in which facts are recorded and earn nothing, then or later."""
NO_MORE = frozenset({MemberStatus.SUSPENDED, MemberStatus.CLOSED, MemberStatus.ERASED})
"""Statuses in which amendments of existing bookings earn nothing more."""
GONE = frozenset({MemberStatus.CLOSED, MemberStatus.MERGED, MemberStatus.ERASED})
"""Statuses of ended memberships: only changes of existing facts are recorded for them."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A member's status, and when it joined (UTC): a guest that enrolled joins then."""

    status: MemberStatus
    joined_at: datetime


def check_enrolled(status: str, path: tuple[str, ...] = ("member",)) -> None:
    """Check that the member may earn and spend: only an enrolled one may.

    Raises: MemberNotEnrolled, MemberSuspended.
    """
    if status == MemberStatus.GUEST:
        raise MemberNotEnrolled(path=path)
    if status != MemberStatus.ENROLLED:
        raise MemberSuspended(path=path)


def check_recorded(status: str, path: tuple[str, ...] = ("member",)) -> None:
    """Check that the member's facts are recorded: an enrolled one's are, also while suspended or
    under review.

    Raises: MemberNotEnrolled, MemberSuspended.
    """
    if status not in (MemberStatus.SUSPENDED, MemberStatus.UNDER_REVIEW):
        check_enrolled(status, path)


def check_there(status: str, path: tuple[str, ...] = ("member",)) -> None:
    """Check that the membership has not ended. Raises: MemberSuspended."""
    if status in GONE:
        raise MemberSuspended(path=path)


async def of(member_id: UUID) -> MemberStatus:
    """The member's status now.

    Raises: NotFound.
    """
    return (await membership(member_id)).status


async def of_many(member_ids: Sequence[UUID]) -> dict[UUID, MemberStatus]:
    """The status of each of these now; one statement for all."""
    found = await rows(
        "SELECT member_id, status FROM member WHERE member_id = ANY($1::uuid[])", list(member_ids)
    )
    return {one["member_id"]: MemberStatus(one["status"]) for one in found}


def query_of(member_id: UUID) -> Query:
    sql = "SELECT status, joined_at FROM member WHERE member_id = $1"
    return query(("status", "joined_at"), sql, member_id)


async def lock(member_id: UUID) -> MemberStatus | None:
    """The member's status, locked until the transaction ends; None without such a member."""
    found = await row("SELECT status FROM member WHERE member_id = $1 FOR NO KEY UPDATE", member_id)
    return MemberStatus(found["status"]) if found else None


async def membership(member_id: UUID) -> Membership:
    """The member's status now, and when it joined.

    Raises: NotFound.
    """
    found = await ask_one(query_of(member_id))
    if found is None:
        raise NotFound("member", str(member_id), path=("member",))
    return Membership(MemberStatus(found["status"]), found["joined_at"])
