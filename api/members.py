"""Members as clients see them: their identity, balance and tier."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api import claims, ledger, referrals
from api.balances import (
    Balance,
    ExpiringPoints,
    balance_at,
    balance_cached,
    balance_now,
    know_row,
    load_row,
    load_state,
    shown_window,
    to_expiring,
)
from api.contacts import Contact, load_contacts, load_value
from api.kit import family
from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import MaybeLater, field
from api.kit.loaders import Owned
from api.kit.lookahead import MAY_WAIT
from api.kit.permissions import ALLOWED
from api.kit.personal import shown
from api.kit.relay import Node, to_global_id
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.scalars import JSON, Locale
from api.ledger import LedgerConnection
from api.member_life import MemberLife
from api.statements import Statement, StatementPeriod, load_statement
from api.tiers import Standing, to_standing
from api.wording.words import current_policy
from domain.claims import claims as claim_rows
from domain.kernel import database
from domain.kernel.callers import CallerKind
from domain.ledger import states
from domain.ledger.entries import EntryFilter
from domain.ledger.values import EntryKind
from domain.members import first_looks, members
from domain.members.contacts import ContactKind
from domain.members.first_looks import FirstLook
from domain.members.looks import BIRTHDAY, NAME, PROFILE
from domain.members.statuses import MemberStatus
from domain.referrals import referral_reads
from domain.referrals.referral_reads import FriendRow

describe(
    MemberStatus,
    "Status of a membership.",
    {
        MemberStatus.ENROLLED: "May earn and spend points.",
        MemberStatus.GUEST: "Bookings are recorded without earning points; the guest may enrol "
        "later.",
        MemberStatus.SUSPENDED: "Can neither earn nor spend points; what happens is still "
        "recorded.",
        MemberStatus.UNDER_REVIEW: "May neither earn nor spend points until staff have reviewed "
        "the account.",
        MemberStatus.ERASED: "Personal data has been erased; the ledger remains.",
        MemberStatus.CLOSED: "The membership has ended for good; the ledger remains.",
        MemberStatus.MERGED: "Merged into another membership, which continues; the ledger remains.",
    },
)


@strawberry.type(description="A member of the programme.")
class Member(MemberLife, Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    reference: str = strawberry.field(description="Platform's own reference for the member.")
    locale: Locale = strawberry.field(description="Language of texts for the member.")
    joined_at: datetime = strawberry.field(description="Instant of enrolment.")
    status: MemberStatus = strawberry.field(description="Status of the membership.")
    referral_code: str = strawberry.field(
        description="Code that the member passes on to refer others."
    )
    look: strawberry.Private[FirstLook | None] = None

    @field("Full name; null when not given or erased.")
    def name(self, info: Info) -> str | None:
        return shown(info, self.row.member_id, NAME, self.row.name)

    @field("Date of birth; null when not given or erased.")
    def birthday(self, info: Info) -> date | None:
        return shown(info, self.row.member_id, BIRTHDAY, self.row.birthday)

    @field("Travel preferences and similar details, as an object.")
    def profile(self, info: Info) -> JSON:
        return JSON(shown(info, self.row.member_id, PROFILE, self.row.profile) or {})

    @field(
        "E-mail address, proved or not; null when not given, when erased, and when it has since "
        "been proved to be another member's."
    )
    async def email(self, info: Info) -> str | None:
        return await load_value(info, self.row, ContactKind.EMAIL)

    @field(
        "Phone number in E.164, proved or not; null when not given, when erased, and when it has "
        "since been proved to be another member's."
    )
    async def phone(self, info: Info) -> str | None:
        return await load_value(info, self.row, ContactKind.PHONE)

    @field("E-mail address and phone number, and whether each is proved.")
    async def contacts(self, info: Info) -> list[Contact]:
        return await load_contacts(info, self.row)

    @field("Current tier, and progress to the next.")
    def standing(self, info: Info) -> Standing:
        return to_standing(current_policy(info), self.row)

    @field(
        "Balance now or at a past instant. The balance at a given past instant never changes.",
        graphql_type=Balance,
        metadata=MAY_WAIT,
    )
    def balance(
        self,
        info: Info,
        as_of: Annotated[
            datetime | None,
            strawberry.argument(description="Instant in the past; defaults to now."),
        ] = None,
    ) -> MaybeLater[Balance]:
        if as_of is None:
            expiring = self.look.expiring if self.look else None
            return balance_cached(info, self.row, expiring) or balance_now(info, self.row)
        if as_of > info.context.now:
            raise RequestError(RequestErrorCode.BAD_USER_INPUT, "`asOf` lies in the future.")
        return balance_at(info, self.row.member_id, as_of)

    @field(
        "Available points by the last date on which they can be spent, earliest first; they add "
        "up to the available balance."
    )
    async def expiry_schedule(self, info: Info) -> list[ExpiringPoints]:
        lots = (await load_state(info, self.row)).lots
        zone = current_policy(info).zone
        schedule = states.expiry_schedule(lots, info.context.now, zone)
        return [to_expiring(expiring) for expiring in schedule]

    @field(
        "Ledger entries, newest first, including those that are due but not recorded yet.",
        graphql_type=LedgerConnection,
        metadata=MAY_WAIT,
    )
    def ledger(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        kinds: Annotated[
            list[EntryKind] | None,
            strawberry.argument(description="Kinds to include; null means all."),
        ] = None,
        from_: Annotated[
            datetime | None,
            strawberry.argument(name="from", description="Earliest effective instant, inclusive."),
        ] = None,
        until: Annotated[
            datetime | None, strawberry.argument(description="Latest effective instant, exclusive.")
        ] = None,
    ) -> MaybeLater[LedgerConnection]:
        wanted = EntryFilter(None if kinds is None else tuple(kinds), from_, until)
        if self.look is not None:
            looked_at = ledger.page_looked_at(info, self.look, wanted, first, after)
            if looked_at is not None:
                return looked_at
        return ledger.page(info, self.row, wanted, first, after)

    @field(
        "Statement of the member's points over a period; null, with a top-level error, when the "
        "period is not valid."
    )
    async def statement(
        self,
        info: Info,
        period: Annotated[
            StatementPeriod,
            strawberry.argument(
                description="Days that the statement covers; the last may be in the future."
            ),
        ],
    ) -> Statement | None:
        return await load_statement(info, self.row, period)

    @field("Friends who enrolled with the member's referral code, most recently joined first.")
    async def referrals(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> "ReferralConnection":
        member_id, of_member = self.row.member_id, info.context.loaders.of_member
        return await REFERRALS.page(
            first,
            after,
            owner=member_id,
            rows=lambda limit, start: of_member(referral_reads.pages, member_id, limit, start),
            node=lambda row: Referral(**referrals.fields_of(info, row)),
            count=lambda: of_member(referral_reads.counts, member_id),
        )

    @field("Claims of the member for points of missing bookings, newest first.")
    async def claims(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> "ClaimConnection":
        whose = await family.of(info, self.row)
        moved = len(whose) == 1
        return await CLAIMS.page(
            first,
            after,
            owner=self.row.member_id,
            rows=family.pages(info, whose, CLAIMS.key, claim_rows.pages, moved),
            node=to_claim,
            count=family.counts(info, whose, claim_rows.counts, moved),
        )


@strawberry.type(description="A member's claim for the points of a booking that is missing.")
class Claim(claims.ClaimFields):
    @field("Member who made the claim; null for a caller that may not see the member.")
    async def member(self, info: Info) -> Member | None:
        seen = shows_member(info, self.row.member_id)
        return await load_member(info, self.row.member_id) if seen else None


@strawberry.type(description="One row of a list of claims.")
class ClaimEdge(Edge[Claim]):
    pass


@strawberry.type(description="One page of claims.")
class ClaimConnection(Connection[ClaimEdge]):
    pass


CLAIMS: Listing[claim_rows.Claim, ClaimConnection] = Listing(
    "claims",
    ClaimConnection,
    ClaimEdge,
    (datetime, UUID),
    lambda row: (row.opened_at, row.id),
)


def to_claim(row: claim_rows.Claim) -> Claim:
    return Claim(**claims.fields_of(row))


@strawberry.type(description="A friend who enrolled with a member's referral code.")
class Referral(referrals.ReferralFields):
    @field("The friend; shown to staff, null for others.")
    async def friend(self, info: Info) -> Member | None:
        staff = info.context.caller.kind is CallerKind.STAFF
        return await load_member(info, self.row.friend_id) if staff else None


@strawberry.type(description="One row of a list of referrals.")
class ReferralEdge(Edge[Referral]):
    pass


@strawberry.type(description="One page of referrals.")
class ReferralConnection(Connection[ReferralEdge]):
    pass


REFERRALS: Listing[FriendRow, ReferralConnection] = Listing(
    "referrals",
    ReferralConnection,
    ReferralEdge,
    (datetime, UUID),
    lambda row: (row.joined_at, row.id),
)


def to_member(row: members.Member, look: FirstLook | None = None) -> Member:
    return Member(
        id=to_global_id("Member", row.member_id),
        reference=row.reference,
        locale=Locale(row.locale),
        joined_at=row.joined_at,
        status=row.status,
        referral_code=row.referral_code,
        row=row,
        look=look,
    )


def shows_member(info: Info, member_id: UUID) -> bool:
    """Whether the caller may see the member: itself, or one that it may look up."""
    caller = info.context.caller
    return caller.is_itself(member_id) or ALLOWED["Query.member"].allows(caller)


async def load_member(info: Info, member_id: UUID) -> Member | None:
    look = await _look(info, member_id)
    row = look.member if look else await load_row(info, member_id)
    return to_member(row, look) if row else None


async def _look(info: Info, member_id: UUID) -> FirstLook | None:
    """The member with the requested page of the ledger; None if none is requested, or if the answer
    needs more than one query anyway.
    """
    asked = ledger.asked_below(info, member_id)
    if asked is not None:
        look = await first_looks.read(member_id, shown_window(info), asked)
        own = look is not None and look.member.programme_id == info.context.caller.programme_id
        if look is not None and own and not look.is_due:
            know_row(info, look.member)
            return look
    if ledger.is_asked_below(info):
        database.return_to_snapshot()
    return None


async def load_referral(info: Info, key: Owned) -> Referral | None:
    row = await info.context.loaders.find(referral_reads.by_ids, key)
    return Referral(**referrals.fields_of(info, row)) if row else None
