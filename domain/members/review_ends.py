"""The end of the review of an enrolment: the member is accepted, or suspended."""

from domain.accounts.accounts import Account
from domain.kernel.database import row
from domain.kernel.refusals import StateConflict
from domain.members import endings, statuses
from domain.members.endings import Ending
from domain.members.statuses import GONE, MemberStatus
from domain.referrals import friends
from domain.risk import closing


async def end(account: Account, *, approve: bool, ending: Ending) -> None:
    """Accept the account's member, or suspend it. When accepted, its referral begins, on the terms
    of its enrolment. A membership that ended meanwhile does not change.

    Other reviews of a suspended member end, too.

    Raises: StateConflict where a suspended member would be accepted: it must be reinstated first.
    """
    status = await statuses.lock(account.member_id)
    if status is MemberStatus.SUSPENDED and approve:
        raise StateConflict("member", status, (MemberStatus.UNDER_REVIEW,), path=("review",))
    if status in GONE:
        return
    if status is MemberStatus.UNDER_REVIEW:
        after = MemberStatus.ENROLLED if approve else MemberStatus.SUSPENDED
        await endings.change(account, status, after, ending)
    if not approve:
        await closing.lapse(account, ending.actor, ending.reason)
        return
    found = await row(
        "SELECT referred_by, joined_at FROM member WHERE member_id = $1", account.member_id
    )
    if found is not None and found["referred_by"] is not None:
        joined_at = found["joined_at"]
        version = account.programme.as_of(joined_at)
        friends.join(account, found["referred_by"], version, joined_at)
