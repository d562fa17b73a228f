"""Members as clients see them: who they are, what they have, where they stand."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api import bookings, ledger, redemptions
from api.balances import (
    Balance,
    ExpiringPoints,
    balance_at,
    balance_now,
    load_row,
    load_state,
    shown_window,
    to_expiring,
)
from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import MemberBy, visible_member
from api.kit.relay import Node, to_global_id
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.scalars import JSON, Locale
from api.ledger import LedgerConnection
from api.statements import Statement, StatementPeriod, load_statement
from api.tiers import Standing, to_standing
from api.wording.words import current_policy
from domain.kernel.callers import Caller, Scope
from domain.kernel.refusals import NotFound
from domain.ledger import states
from domain.ledger.entries import EntryFilter
from domain.ledger.values import EntryKind
from domain.members import members
from domain.members.members import MemberFilter
from domain.members.statuses import MemberStatus
from domain.programmes.policy import Policy
from domain.redemptions.redemption_reads import RedemptionStatus

describe(
    MemberStatus,
    "What a member may do.",
    {
        MemberStatus.ENROLLED: "Earns and spends.",
        MemberStatus.GUEST: "Bookings are recorded and earn nothing; may enrol later.",
        MemberStatus.SUSPENDED: "Neither earns nor spends.",
        MemberStatus.UNDER_REVIEW: "Neither earns nor spends until staff have looked.",
        MemberStatus.ERASED: "Personal data is gone; the ledger stays.",
    },
)


@strawberry.type(description="A member of the programme.")
class Member(Node):
    id: strawberry.ID = strawberry.field(description="Opaque and stable.")
    reference: str = strawberry.field(description="What the platform calls the member.")
    name: str | None = strawberry.field(description="Its name.")
    email: str | None = strawberry.field(description="Its e-mail address.")
    phone: str | None = strawberry.field(description="Its phone number, in E.164.")
    birthday: date | None = strawberry.field(description="Its date of birth.")
    locale: Locale = strawberry.field(description="The language it reads.")
    profile: JSON = strawberry.field(description="Travel preferences and the like.")
    joined_at: datetime = strawberry.field(description="When it joined.")
    status: MemberStatus = strawberry.field(description="What it may do.")
    referral_code: str = strawberry.field(description="What it recommends the programme with.")
    row: strawberry.Private[members.Member]

    @field("Its tier, and how far it is to the next.")
    def standing(self, info: Info) -> Standing:
        return to_standing(current_policy(info), self.row)

    @field("Its points; with `asOf` as they were then, the same whenever it is asked.")
    async def balance(
        self,
        info: Info,
        as_of: Annotated[
            datetime | None, strawberry.argument(description="An instant that has passed.")
        ] = None,
    ) -> Balance:
        if as_of is None:
            return await balance_now(info, self.row)
        if as_of > info.context.now:
            raise RequestError(RequestErrorCode.BAD_USER_INPUT, "`asOf` lies in the future.")
        return await balance_at(info, self.row.member_id, as_of)

    @field("When the available points expire; adds up to them.")
    async def expiry_schedule(self, info: Info) -> list[ExpiringPoints]:
        lots = (await load_state(info, self.row)).lots
        zone = current_policy(info).zone
        schedule = states.expiry_schedule(lots, info.context.now, zone)
        return [to_expiring(expiring) for expiring in schedule]

    @field("Every movement of points, the newest first.")
    async def ledger(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        kinds: Annotated[
            list[EntryKind] | None, strawberry.argument(description="Only of these kinds.")
        ] = None,
        from_: Annotated[
            datetime | None,
            strawberry.argument(name="from", description="Effective then or later."),
        ] = None,
        until: Annotated[
            datetime | None, strawberry.argument(description="Effective before then.")
        ] = None,
    ) -> LedgerConnection:
        wanted = EntryFilter(None if kinds is None else tuple(kinds), from_, until)
        return await ledger.page(info, self.row.member_id, wanted, first, after)

    @field("Its points over a period, as a statement; null where the period cannot be.")
    async def statement(
        self,
        info: Info,
        period: Annotated[
            StatementPeriod, strawberry.argument(description="Which days; it may still run.")
        ],
    ) -> Statement | None:
        return await load_statement(info, self.row, period)

    @field("Its bookings, the newest first.")
    async def bookings(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> bookings.BookingConnection:
        return await bookings.page(info, self.row.member_id, first, after)

    @field("What it redeemed, the newest first.")
    async def redemptions(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        status: Annotated[
            list[RedemptionStatus] | None,
            strawberry.argument(description="Only in these states."),
        ] = None,
    ) -> redemptions.RedemptionConnection:
        return await redemptions.page(info, self.row.member_id, status, first, after)


@strawberry.type(description="A row of a list of members.")
class MemberEdge(Edge[Member]):
    pass


@strawberry.type(description="A page of members.")
class MemberConnection(Connection[MemberEdge]):
    pass


LISTING: Listing[members.Member, MemberConnection] = Listing(
    "members",
    MemberConnection,
    MemberEdge,
    (datetime, UUID),
    lambda row: (row.joined_at, row.member_id),
)


def to_member(row: members.Member, caller: Caller) -> Member:
    """The member, without what is personal where the caller's key does not show it."""
    if not caller.sees(Scope.MEMBERS_READ):
        row = replace(row, name=None, email=None, phone=None, birthday=None, profile={})
    return Member(
        id=to_global_id("Member", row.member_id),
        reference=row.reference,
        name=row.name,
        email=row.email,
        phone=row.phone,
        birthday=row.birthday,
        locale=Locale(row.locale),
        profile=JSON(row.profile),
        joined_at=row.joined_at,
        status=row.status,
        referral_code=row.referral_code,
        row=row,
    )


async def load_member(info: Info, member_id: UUID) -> Member | None:
    row = await load_row(info, member_id)
    return to_member(row, info.context.caller) if row else None


@strawberry.input(name="MemberFilter", description="Which members.")
class MemberFilterInput:
    text: str | None = strawberry.field(
        default=None, description="Part of a reference, name, e-mail address or phone number."
    )
    tier: str | None = strawberry.field(default=None, description="The code of their tier.")
    status: MemberStatus | None = strawberry.field(default=None, description="What they may do.")
    joined_from: datetime | None = strawberry.field(
        default=None, description="Joined then or later."
    )
    joined_until: datetime | None = strawberry.field(
        default=None, description="Joined before then."
    )


def _to_filter(policy: Policy, wanted: MemberFilterInput) -> MemberFilter:
    sent = dict(vars(wanted))
    code = sent.pop("tier")
    return MemberFilter(**sent, tiers=None if code is None else policy.tier_codes([code]))


@strawberry.type
class MembersQuery:
    @field("The calling member; null for other callers, and before it is enrolled.")
    async def me(self, info: Info) -> Member | None:
        member_id = info.context.caller.member_id
        return await load_member(info, member_id) if member_id else None

    @field("The member that this names; null where there is none for the caller to see.")
    async def member(
        self,
        info: Info,
        by: Annotated[MemberBy, strawberry.argument(description="One way to name it.")],
    ) -> Member | None:
        try:
            member_id = await visible_member(info, by)
        except NotFound:
            return None
        return await load_member(info, member_id) if member_id else None

    @field("The programme's members, those who joined last first.")
    async def members(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        filter: Annotated[
            MemberFilterInput | None, strawberry.argument(description="Only these.")
        ] = None,
    ) -> MemberConnection:
        programme_id = info.context.caller.programme_id
        wanted = _to_filter(current_policy(info), filter) if filter else MemberFilter()
        window = shown_window(info)
        return await LISTING.page(
            first,
            after,
            rows=lambda limit, start: members.page(
                programme_id, wanted, limit=limit, after=start, window=window
            ),
            node=lambda row: to_member(row, info.context.caller),
            count=lambda: members.count(programme_id, wanted),
        )
