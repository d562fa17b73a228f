"""Partners as clients see them: the scopes of their keys, and these keys without their secrets."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.kit.connections import PAGE_DEFAULT, After, First
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.scalars import Points
from api.settlement import (
    FundedRule,
    PartnerStatement,
    PartnerStatementConnection,
    PartnerTerms,
    funded_rules,
    load_prepaid,
    load_terms,
    statement_of,
    statements_of,
)
from domain.kernel.callers import CallerKind, Role, Scope
from domain.kernel.refusals import NotFound
from domain.partners import partner_keys, partners, terms
from domain.partners.partner_keys import KeyStatus
from domain.settlement import statements

_READERS = "the partner's own keys with the scope READ or MANAGE"

KEYS_MAX = 100
"""Keys of a partner that are shown with it, the newest first; `partnerKeys` lists all."""

describe(
    Scope,
    "Permission of a partner's key.",
    {
        Scope.MEMBERS: "Enrol, change and find members.",
        Scope.EARN: "Report bookings and activities.",
        Scope.REDEEM: "Redeem, confirm and cancel for a member.",
        Scope.FULFIL: "Deliver redemptions, accept coupons, and record the use of benefits.",
        Scope.READ: "Read everything that a partner may see.",
        Scope.MEMBERS_READ: "Read names, contacts, birthdays and profiles of members, and the "
        "list of members; without it these fields are empty.",
        Scope.CODES: "Read coupon codes; without it they are not shown.",
        Scope.MANAGE: "Manage the partner's own keys and webhook endpoints.",
        Scope.ALL_PARTNERS: "Act on what other partners reported and created; without it a "
        "partner sees and changes only its own.",
    },
)

describe(
    KeyStatus,
    "Status of a partner's key.",
    {
        KeyStatus.LIVE: "Accepted.",
        KeyStatus.REPLACED: "Accepted until it expires; another key has replaced it.",
        KeyStatus.EXPIRED: "Refused: its end has passed.",
        KeyStatus.REVOKED: "Refused for good: it was revoked.",
    },
    name="PartnerKeyStatus",
)


@strawberry.type(description="A partner of the programme.")
class Partner:
    code: str = strawberry.field(description="Stable code of the partner.")
    name: str = strawberry.field(description="Name of the partner.")
    own: strawberry.Private[UUID]

    @field(
        "Scopes that the partner's keys may have; empty to every caller except staff who serve "
        "members and the partner's own keys with the scope MANAGE."
    )
    async def scopes(self, info: Info) -> list[Scope]:
        if not _manages(info, self):
            return []
        found = await partners.get(self.own)
        return sorted(Scope(scope) for scope in found.scopes) if found else []

    @field(
        f"Keys of the partner, newest first, at most {KEYS_MAX}; empty for every caller except "
        "staff with the role admin and the partner's own keys with the scope MANAGE."
    )
    async def keys(self, info: Info) -> list["PartnerKey"]:
        caller = info.context.caller
        if caller.kind is CallerKind.STAFF and Role.ADMIN not in caller.roles:
            return []
        if not _manages(info, self):
            return []
        programme_id, now = info.context.programme.id, datetime.now(UTC)
        found = await partner_keys.page(programme_id, self.own, limit=KEYS_MAX, after=None)
        names = {self.own: (self.code, self.name)}
        return [to_partner_key(row, names, now) for row in found]

    @field(
        "Terms of each month that has its own, the latest month first, at most "
        f"{terms.SHOWN_MAX}; empty to every caller except staff and {_READERS}."
    )
    async def terms(self, info: Info) -> list[PartnerTerms]:
        return await load_terms(self.own) if _settles(info, self) else []

    @field(
        "Rules, activities and grants of the policy in force whose points the partner pays for; "
        f"empty to every caller except staff and {_READERS}."
    )
    def rates(self, info: Info) -> list[FundedRule]:
        return funded_rules(info, self.code) if _settles(info, self) else []

    @field(
        "Points left of those that the partner bought in advance; null while its points are not "
        f"prepaid, and for every caller except staff and {_READERS}."
    )
    async def prepaid_left(self, info: Info) -> Points | None:
        return await load_prepaid(info, self.own, self.code) if _settles(info, self) else None

    @field(
        "Statements of closed months, the latest month first; empty to every caller except staff "
        f"and {_READERS}."
    )
    async def statements(
        self, info: Info, first: First = PAGE_DEFAULT, after: After = None
    ) -> PartnerStatementConnection:
        return await statements_of(self.own, first, after, shown=_settles(info, self))

    @field(
        "Statement of a month; null while that is not closed, and to every caller except staff "
        f"and {_READERS}."
    )
    async def statement(
        self,
        info: Info,
        month: Annotated[str, strawberry.argument(description="Month, such as `2026-12`.")],
    ) -> PartnerStatement | None:
        return await statement_of(self.own, month) if _settles(info, self) else None


@strawberry.type(description="A key that a partner's system calls with, without its secret.")
class PartnerKey:
    id: strawberry.ID = strawberry.field(description="Id of the key, a part of its prefix.")
    key_id: strawberry.ID = strawberry.field(
        description="Id of the key.", deprecation_reason="Read `id`. Removal on 2027-12-31."
    )
    prefix: str = strawberry.field(
        description="Beginning of the key, to recognise it by; the whole key when it is a public "
        "key."
    )
    label: str | None = strawberry.field(
        description="Label given to the key to recognise it by; null when there is none."
    )
    scopes: list[Scope] = strawberry.field(
        description="Permissions of the key; empty for a public key."
    )
    status: KeyStatus = strawberry.field(description="Status of the key now.")
    created_at: datetime = strawberry.field(description="Instant at which the key was made.")
    expires_at: datetime | None = strawberry.field(
        description="Instant from which the key is refused; null when it has no end."
    )
    revoked_at: datetime | None = strawberry.field(
        description="Instant at which the key was revoked; null when it was not."
    )
    replaced_by: strawberry.ID | None = strawberry.field(
        description="Id of the key that has replaced this one; null when none has."
    )
    last_used_on: date | None = strawberry.field(
        description="Day (UTC) of the key's last use, recorded within a minute; null before the "
        "first use."
    )
    partner: Partner | None = strawberry.field(
        description="Partner whose key it is; null for the programme's public key."
    )


Names = Mapping[UUID, tuple[str, str]]
"""Code and name of partners, by their ids."""


def to_partner_key(row: partner_keys.PartnerKey, names: Names, now: datetime) -> PartnerKey:
    named = names.get(row.partner_id) if row.partner_id else None
    return PartnerKey(
        id=strawberry.ID(row.id),
        key_id=strawberry.ID(row.id),
        prefix=row.prefix,
        label=row.label,
        scopes=sorted(Scope(scope) for scope in row.scopes),
        status=row.status(now),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        replaced_by=strawberry.ID(row.replaced_by) if row.replaced_by else None,
        last_used_on=row.last_used_on,
        partner=Partner(own=row.partner_id, code=named[0], name=named[1])
        if row.partner_id and named
        else None,
    )


async def load_key(info: Info, key_id: str) -> PartnerKey | None:
    row = await partner_keys.get(info.context.programme.id, key_id)
    if row is None:
        return None
    names = await partners.names([row.partner_id] if row.partner_id else [])
    return to_partner_key(row, names, datetime.now(UTC))


async def load_partner(info: Info, partner_id: UUID | None) -> Partner | None:
    """The partner of this id; read once for all that are shown."""
    if partner_id is None:
        return None
    code, name = await info.context.loaders.of_member(partners.names, partner_id)
    return Partner(own=partner_id, code=code, name=name)


def _manages(info: Info, partner: Partner) -> bool:
    """Whether the caller may manage this partner's objects."""
    caller = info.context.caller
    return caller.may(Scope.MANAGE) and caller.partner_id in (None, partner.own)


def _settles(info: Info, partner: Partner) -> bool:
    """Whether it is the caller that pays, or that is paid."""
    return statements.is_there_for(info.context.caller, partner.own)


@strawberry.type
class PartnersQuery:
    @field("Partner with this code; null when there is none, and for another partner.")
    async def partner(
        self,
        info: Info,
        code: Annotated[
            str | None,
            strawberry.argument(
                description="Code of the partner; null means the calling partner. Staff have to "
                "name a partner."
            ),
        ] = None,
    ) -> Partner | None:
        try:
            found = await partners.owner_of(info.context.programme, info.context.caller, code)
        except NotFound:
            return None
        return await load_partner(info, found)
