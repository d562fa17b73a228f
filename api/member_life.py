"""Possessions and facts of a member: fields of the type `Member` that name no other member."""

from typing import Annotated

import strawberry

from api import bookings, redemptions, referrals
from api.benefits import MemberBenefit, load_benefits
from api.consents import Consent, load_consents
from api.coupons import Coupon, coupons_of
from api.feedback import FeedbackConnection, page_of_member
from api.grants import ActivityConnection
from api.grants import page as page_of_activities
from api.kit.connections import PAGE_DEFAULT, After, First
from api.kit.context import Info
from api.kit.fields import field
from api.missions import Mission, load_missions
from api.notices import NoticeConnection, unread_of
from api.notices import page_of_member as page_of_notices
from api.offers import Offer, load_offers
from domain.earning import segments
from domain.kernel.callers import CallerKind
from domain.members import members
from domain.redemptions.redemption_reads import RedemptionStatus


@strawberry.type
class MemberLife:
    """The type `Member` begins with these; `row` is the member as one statement read it."""

    row: strawberry.Private[members.Member]

    @field(
        "Benefits that the member has now, with the uses left; empty for a member who is not "
        "enrolled."
    )
    async def benefits(self, info: Info) -> list[MemberBenefit]:
        return await load_benefits(info, self.row)

    @field(
        "Codes of the segments that the member is in now, in the order of the policy. Shown to "
        "staff; empty for everybody else, and for a member who is not enrolled."
    )
    async def segments(self, info: Info) -> list[str]:
        caller = info.context.caller
        if caller.kind is not CallerKind.STAFF:
            return []
        terms = (caller.programme, info.context.now)
        return await info.context.loaders.of_member(segments.named, self.row.member_id, *terms)

    @field(
        "Offers from which the member can gain now, those that end first before the others, at "
        "most 50; empty for a member who is not enrolled."
    )
    async def offers(self, info: Info) -> list[Offer]:
        return await load_offers(info, self.row)

    @field("Bookings that the caller may see, newest first.")
    async def bookings(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> bookings.BookingConnection:
        return await bookings.page(info, self.row, first, after)

    @field(
        "Missions of the policy in force and missions completed under earlier ones, with the "
        "member's progress; empty for a member who is not enrolled."
    )
    async def missions(self, info: Info) -> list[Mission]:
        return await load_missions(info, self.row.member_id)

    @field("Activities and grants that the caller may see, most recently recorded first.")
    async def activities(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        grants: Annotated[
            bool | None,
            strawberry.argument(
                description="True for grants of the programme only, false for everything except "
                "grants; null means all."
            ),
        ] = None,
    ) -> ActivityConnection:
        return await page_of_activities(info, self.row.member_id, grants, first, after)

    @field("Redemptions that the caller may see, newest first.")
    async def redemptions(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        status: Annotated[
            list[RedemptionStatus] | None,
            strawberry.argument(description="Statuses to include; null means all."),
        ] = None,
    ) -> redemptions.RedemptionConnection:
        return await redemptions.page(info, self.row, status, first, after)

    @field(
        "Coupons that the caller may see, at most 200; usable ones first, then by their end, "
        "earliest first."
    )
    async def coupons(self, info: Info) -> list[Coupon]:
        return await coupons_of(info, self.row)

    @field(
        "Consent of the member for every purpose and channel, recorded or not; empty for partners "
        "whose key can neither enrol members nor read them."
    )
    async def consents(self, info: Info) -> list[Consent]:
        return await load_consents(info, self.row.member_id)

    @field(
        "Feedback of the member, newest first; shown to the member and to staff, empty for others."
    )
    async def feedback(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> FeedbackConnection:
        return await page_of_member(info, self.row, first, after)

    @field(
        "Notices of the member, newest first; shown to the member and to staff, empty for others."
    )
    async def notices(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> NoticeConnection:
        return await page_of_notices(info, self.row, first, after)

    @field(
        "Number of notices that the member has not read; 0 for callers other than the member and "
        "staff."
    )
    async def unread_notices(self, info: Info) -> int:
        return await unread_of(info, self.row)

    @field(
        "Link that the member sends to friends, which contains its referral code; null when the "
        "policy has no such link, and for a member who is not enrolled."
    )
    def referral_link(self, info: Info) -> str | None:
        return referrals.link(info, self.row)
