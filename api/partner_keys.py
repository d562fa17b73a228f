"""Partners' keys, as staff see and keep them; a secret is shown once, to who rotates a key."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing, Start
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.partners import Partner
from domain.kernel.callers import Scope
from domain.kernel.refusals import NotFound
from domain.partners import key_life, partner_keys, partners
from domain.partners.key_life import OLD_KEY_HOURS, Terms
from domain.partners.partner_keys import KeyStatus

describe(
    KeyStatus,
    "Status of a partner's key.",
    {
        KeyStatus.LIVE: "Accepted.",
        KeyStatus.REPLACED: "Accepted until it expires; another key has replaced it.",
        KeyStatus.EXPIRED: "Refused, as its end has come.",
        KeyStatus.REVOKED: "Refused for ever, as staff revoked it.",
    },
    name="PartnerKeyStatus",
)

T = TypeVar("T")


@strawberry.type(description="A key that a partner's system calls with, without its secret.")
class PartnerKey:
    key_id: strawberry.ID = strawberry.field(description="Id of the key, a part of its prefix.")
    prefix: str = strawberry.field(
        description="Beginning of the key, to recognise it by; of a public key the whole of it."
    )
    label: str | None = strawberry.field(
        description="Words that staff gave the key; null when they gave none."
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
        "first."
    )
    partner: Partner | None = strawberry.field(
        description="Partner whose key it is; null for the programme's public key."
    )


@strawberry.type(description="One row of the list of keys.")
class PartnerKeyEdge(Edge[PartnerKey]):
    pass


@strawberry.type(description="One page of keys.")
class PartnerKeyConnection(Connection[PartnerKeyEdge]):
    pass


LISTING: Listing[partner_keys.PartnerKey, PartnerKeyConnection] = Listing(
    "partner keys",
    PartnerKeyConnection,
    PartnerKeyEdge,
    (datetime, str),
    lambda row: (row.created_at, row.id),
)

Names = Mapping[UUID, tuple[str, str]]
"""Code and name of partners, by their ids."""


def _to_key(row: partner_keys.PartnerKey, names: Names, now: datetime) -> PartnerKey:
    named = names.get(row.partner_id) if row.partner_id else None
    return PartnerKey(
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
        partner=Partner(code=named[0], name=named[1]) if named else None,
    )


async def _load_key(info: Info, key_id: str) -> PartnerKey | None:
    row = await partner_keys.get(info.context.programme.id, key_id)
    if row is None:
        return None
    names = await partners.names([row.partner_id] if row.partner_id else [])
    return _to_key(row, names, datetime.now(UTC))


@strawberry.type
class PartnerKeysQuery:
    @field("Keys of the programme, the newest first. Secrets are never shown.")
    async def partner_keys(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        partner: Annotated[
            str | None,
            strawberry.argument(
                description="Code of the partner whose keys are listed; null lists all, the public "
                "key as well."
            ),
        ] = None,
    ) -> PartnerKeyConnection:
        programme, now = info.context.programme, datetime.now(UTC)
        names: dict[UUID, tuple[str, str]] = {}
        try:
            partner_id = None if partner is None else await partners.find_id(programme, partner)
        except NotFound:
            partner_id = programme.id  # no partner's

        async def rows(limit: int, start: Start) -> list[partner_keys.PartnerKey]:
            found = await partner_keys.page(programme.id, partner_id, limit=limit, after=start)
            names.update(await partners.names([row.partner_id for row in found if row.partner_id]))
            return found

        return await LISTING.page(
            first,
            after,
            rows=rows,
            node=lambda row: _to_key(row, names, now),
            count=lambda: partner_keys.count(programme.id, partner_id),
        )


_NAMED = "Id of the key; its prefix is understood as well."


@strawberry.input(description="Key to refuse from now on.")
class RevokePartnerKeyInput(KeyedInput):
    key_id: strawberry.ID = strawberry.field(description=_NAMED)


@strawberry.input(description="Key to replace by a new one.")
class RotatePartnerKeyInput(KeyedInput):
    key_id: strawberry.ID = strawberry.field(description=_NAMED)
    label: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words for the new key; absent means those of the old one, null none.",
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Instant from which the new key is refused; absent means as long a life as "
        "the old one was given, null no end.",
    )


@strawberry.input(description="Label and end of a key.")
class UpdatePartnerKeyInput(KeyedInput):
    key_id: strawberry.ID = strawberry.field(description=_NAMED)
    label: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words to know the key by; absent leaves them as they are, null removes them.",
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Instant from which the key is refused; absent leaves it as it is, null means "
        "no end. A key that was replaced, has expired or was revoked is given no other end.",
    )


@strawberry.type(description="Result of revoking a key.")
class RevokePartnerKeyPayload(Payload):
    key: PartnerKey | None = strawberry.field(
        default=None, description="Revoked key; null when refused."
    )


@strawberry.type(description="Result of rotating a key.")
class RotatePartnerKeyPayload(Payload):
    key: PartnerKey | None = strawberry.field(
        default=None, description="New key; null when refused."
    )
    secret: str | None = strawberry.field(
        default=None,
        description="Whole of the new key, shown this once; null when refused, and when the "
        "request is replayed. Where the answer was lost, rotate the new key.",
    )
    replaced: PartnerKey | None = strawberry.field(
        default=None, description="Old key, with the instant of its end; null when refused."
    )


@strawberry.type(description="Result of changing a key.")
class UpdatePartnerKeyPayload(Payload):
    key: PartnerKey | None = strawberry.field(
        default=None, description="Key as it is now; null when refused."
    )


def _terms(input: RotatePartnerKeyInput | UpdatePartnerKeyInput) -> Terms:
    return Terms(
        label=_given(input.label),
        expires_at=_given(input.expires_at),
        says_label=input.label is not strawberry.UNSET,
        says_expiry=input.expires_at is not strawberry.UNSET,
    )


def _given(value: T | None) -> T | None:
    return None if value is strawberry.UNSET else value


@strawberry.type
class PartnerKeysMutation:
    @mutation(
        "Refuse a partner's key, or the programme's public key, from now on and for ever; every "
        "process refuses it within ten seconds."
    )
    async def revoke_partner_key(
        self, info: Info, input: Sent[RevokePartnerKeyInput]
    ) -> RevokePartnerKeyPayload | None:
        outcome = await key_life.revoke_once(
            request(info, input), str(input.key_id), datetime.now(UTC)
        )
        return RevokePartnerKeyPayload(
            key=await _load_key(info, outcome.figures["key"]), replayed=outcome.replayed
        )

    @mutation(
        "Replace a key by a new one of the same partner and permissions. The old key is accepted "
        f"for {OLD_KEY_HOURS} hours more, or until its own end where that comes first."
    )
    async def rotate_partner_key(
        self, info: Info, input: Sent[RotatePartnerKeyInput]
    ) -> RotatePartnerKeyPayload | None:
        outcome, made = await key_life.rotate_once(
            request(info, input), str(input.key_id), _terms(input), datetime.now(UTC)
        )
        return RotatePartnerKeyPayload(
            key=await _load_key(info, outcome.figures["key"]),
            secret=made.secret if made else None,
            replaced=await _load_key(info, outcome.figures["replaced"]),
            replayed=outcome.replayed,
        )

    @mutation("Label a key, or give it another end.")
    async def update_partner_key(
        self, info: Info, input: Sent[UpdatePartnerKeyInput]
    ) -> UpdatePartnerKeyPayload | None:
        outcome = await key_life.change_once(
            request(info, input), str(input.key_id), _terms(input), datetime.now(UTC)
        )
        return UpdatePartnerKeyPayload(
            key=await _load_key(info, outcome.figures["key"]), replayed=outcome.replayed
        )
