"""The viewer is the caller as it sees itself: what kind of caller, in which programme."""

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.members import Member, load_member
from api.partners import Partner, load_partner
from api.programmes import Programme, load_programme
from api.staff import roles_of
from domain.kernel.callers import CallerKind, Role, Scope

describe(
    CallerKind,
    "Kind of caller that a token identifies.",
    {
        CallerKind.MEMBER: "A member of the programme, acting for itself only.",
        CallerKind.PARTNER: "A partner's system, limited to the scopes of its key.",
        CallerKind.STAFF: "A person who runs the programme.",
        CallerKind.PUBLIC: "A page that is shown before sign-in.",
    },
)


@strawberry.type(description="The caller, as the token identifies it.")
class Viewer:
    kind: CallerKind = strawberry.field(description="Kind of caller.")
    scopes: list[Scope] = strawberry.field(
        description="Permissions of a partner's key; empty for every other kind of caller."
    )
    roles: list[Role] = strawberry.field(
        description="Roles of a person of staff; empty for every other kind of caller."
    )

    @field("The calling member; null for other callers, and before enrolment.")
    async def member(self, info: Info) -> Member | None:
        member_id = info.context.caller.member_id
        return await load_member(info, member_id) if member_id else None

    @field("The calling partner; null for other callers.")
    async def partner(self, info: Info) -> Partner | None:
        return await load_partner(info, info.context.caller.partner_id)

    @field("The programme that the token belongs to.")
    async def programme(self, info: Info) -> Programme:
        return await load_programme(info)


@strawberry.type
class ViewerQuery:
    @field("The caller: kind, permissions and programme.")
    def viewer(self, info: Info) -> Viewer | None:
        caller = info.context.caller
        return Viewer(
            kind=caller.kind,
            scopes=sorted(Scope(scope) for scope in caller.scopes),
            roles=roles_of(caller.roles),
        )
