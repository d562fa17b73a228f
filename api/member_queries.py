"""How members are found: the caller itself, one by its name, and the members of a programme."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.balances import shown_window
from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import MemberBy, visible_member
from api.kit.permissions import require_serving
from api.members import Member, load_member, to_member
from api.wording.words import current_policy
from domain.kernel.refusals import NotFound
from domain.members import members
from domain.members.members import MemberFilter
from domain.members.statuses import MemberStatus


@strawberry.type(description="One row of a list of members.")
class MemberEdge(Edge[Member]):
    pass


@strawberry.type(description="One page of members.")
class MemberConnection(Connection[MemberEdge]):
    pass


LISTING: Listing[members.Member, MemberConnection] = Listing(
    "members",
    MemberConnection,
    MemberEdge,
    (datetime, UUID),
    lambda row: (row.joined_at, row.member_id),
)


@strawberry.input(
    name="MemberFilter", description="Conditions on members; all that are given apply."
)
class MemberFilterInput:
    text: str | None = strawberry.field(
        default=None,
        description="Beginning of a reference or name, or a whole proved e-mail address or phone "
        "number. Where the database has the extension pg_trgm, a text of three characters or more "
        "is found anywhere in a reference or name. Case is ignored.",
    )
    tier: str | None = strawberry.field(default=None, description="Code of the current tier.")
    status: MemberStatus | None = strawberry.field(
        default=None, description="Status of the membership."
    )
    joined_from: datetime | None = strawberry.field(
        default=None, description="Earliest instant of enrolment, inclusive."
    )
    joined_until: datetime | None = strawberry.field(
        default=None, description="Latest instant of enrolment, exclusive."
    )


async def _to_filter(info: Info, wanted: MemberFilterInput) -> MemberFilter:
    sent = dict(vars(wanted))
    if wanted.text:
        require_serving(info.context.caller, "filter.text")
    code, text = sent.pop("tier"), sent.pop("text")
    tiers = None if code is None else current_policy(info).tier_codes([code])
    search = await members.search(info.context.caller.programme_id, text) if text else None
    return MemberFilter(**sent, tiers=tiers, search=search)


@strawberry.type
class MembersQuery:
    @field("The calling member; null for other callers, and before enrolment.")
    async def me(self, info: Info) -> Member | None:
        member_id = info.context.caller.member_id
        return await load_member(info, member_id) if member_id else None

    @field("Member named by `by`; null when there is none that the caller may see.")
    async def member(
        self,
        info: Info,
        by: Annotated[MemberBy, strawberry.argument(description="One way to name the member.")],
    ) -> Member | None:
        try:
            member_id = await visible_member(info, by)
        except NotFound:
            return None
        return await load_member(info, member_id) if member_id else None

    @field("Members of the programme, most recently joined first.")
    async def members(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        filter: Annotated[
            MemberFilterInput | None,
            strawberry.argument(description="Conditions on members; null means all."),
        ] = None,
    ) -> MemberConnection:
        programme_id = info.context.caller.programme_id
        wanted = await _to_filter(info, filter) if filter else MemberFilter()
        window = shown_window(info)
        return await LISTING.page(
            first,
            after,
            rows=lambda limit, start: members.page(
                programme_id, wanted, limit=limit, after=start, window=window
            ),
            node=to_member,
            count=lambda: members.count(programme_id, wanted),
        )
