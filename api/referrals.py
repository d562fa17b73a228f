"""Referrals as clients see them: the friends whom a member referred."""

from datetime import date
from typing import Any

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.relay import Node, to_global_id
from api.kit.scalars import Points
from api.wording.catalogues import sentence
from api.wording.words import InLocale, current_policy, language
from domain.grants import given
from domain.kernel import dates
from domain.kernel.callers import CallerKind, Scope
from domain.members import members
from domain.members.statuses import MemberStatus
from domain.programmes.referral_terms import CODE_IN_LINK
from domain.referrals.referral_reads import FriendRow
from domain.referrals.states import ReferralStatus

REFERRAL_TYPE = "Referral"

describe(
    ReferralStatus,
    "State of a referral.",
    {
        ReferralStatus.JOINED: "The friend has enrolled, but has not yet done what the terms "
        "require.",
        ReferralStatus.REACHED: "The friend has done what the terms require; the result follows "
        "within a minute.",
        ReferralStatus.QUALIFIED: "Both have received their points.",
        ReferralStatus.FLAGGED: "Something looks suspicious; nobody receives points unless staff "
        "approve it.",
        ReferralStatus.LIMITED: "The friend has received points, but the referrer has not: it is "
        "over its limit, or does not meet the terms.",
        ReferralStatus.LOST: "The friend's last booking that counted was refunded.",
        ReferralStatus.REJECTED: "Staff rejected it.",
        ReferralStatus.LAPSED: "The friend did not do what the terms require in time.",
    },
)


@strawberry.type
class ReferralFields(Node):
    """Fields of a referral without the friend, which `Referral` adds."""

    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    status: ReferralStatus = strawberry.field(description="State of the referral.")
    joined_on: date = strawberry.field(description="Local day on which the friend enrolled.")
    flags: list[str] = strawberry.field(
        description="Codes of what looked suspicious when the referral was judged: same_email, "
        "many_friends, referrer_suspended; shown to staff, empty for others."
    )
    row: strawberry.Private[FriendRow]

    @field("State of the referral, in words.")
    def text(self, info: Info, locale: InLocale = None) -> str:
        return sentence(f"referral.{self.status}", language(info, locale))

    @field(
        "First character of the friend's name; null when the friend gave no name, and for a "
        "caller that may not see members."
    )
    async def initial(self, info: Info) -> str | None:
        if not info.context.caller.sees(Scope.MEMBERS_READ):
            return None
        return await info.context.loaders.of_member(members.initials, self.row.friend_id)

    @field("Points granted to the referrer for this friend, less those taken back.")
    async def points(self, info: Info) -> Points:
        key = (self.row.member_id, self.row.friend_id)
        return Points(await info.context.loaders.of_owned(given.points_for_friends, key))


def fields_of(info: Info, row: FriendRow) -> dict[str, Any]:
    """The plain fields of a referral, without the fields for staff, unless the caller is staff."""
    staff = info.context.caller.kind is CallerKind.STAFF
    return {
        "id": to_global_id(REFERRAL_TYPE, row.id, member_id=row.member_id),
        "status": row.status,
        "joined_on": dates.local_date(row.joined_at, current_policy(info).zone),
        "flags": list(row.flags) if staff else [],
        "row": row,
    }


def link(info: Info, member: members.Member) -> str | None:
    """The address that an enrolled member sends to friends; None where the policy has none."""
    terms = current_policy(info).referrals
    if terms is None or terms.link is None or member.status is not MemberStatus.ENROLLED:
        return None
    return terms.link.replace(CODE_IN_LINK, member.referral_code)
