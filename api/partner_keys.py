"""Partners' keys, as staff see and manage them; a secret is shown once, when a key is rotated."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing, Start
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.partners import PartnerKey, load_key, to_partner_key
from domain.kernel.refusals import NotFound
from domain.partners import key_life, partner_keys, partners
from domain.partners.key_life import OLD_KEY_HOURS, KeyNamed, Terms

T = TypeVar("T")


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


@strawberry.type
class PartnerKeysQuery:
    @field("Keys of the programme, newest first. Secrets are never shown.")
    async def partner_keys(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        partner: Annotated[
            str | None,
            strawberry.argument(
                description="Code of the partner whose keys are listed; null lists all keys, "
                "including the public key."
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
            node=lambda row: to_partner_key(row, names, now),
            count=lambda: partner_keys.count(programme.id, partner_id),
        )


_NAMED = "Id of the key; its prefix is accepted as well."


@strawberry.input(description="Key to revoke.")
class RevokePartnerKeyInput(KeyedInput):
    key_id: strawberry.ID = strawberry.field(description=_NAMED)


@strawberry.input(description="Key to replace by a new one.")
class RotatePartnerKeyInput(KeyedInput):
    key_id: strawberry.ID = strawberry.field(description=_NAMED)
    label: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Label of the new key; absent means that of the old one, null none.",
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Instant from which the new key is refused; absent gives it the same length "
        "of life as the old one, null no end.",
    )


@strawberry.input(description="Label and end of a key.")
class UpdatePartnerKeyInput(KeyedInput):
    key_id: strawberry.ID = strawberry.field(description=_NAMED)
    label: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Label to recognise the key by; absent leaves it as it is, null removes it.",
    )
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Instant from which the key is refused; absent leaves it as it is, null means "
        "no end. The end of a key that was replaced, has expired or was revoked cannot change.",
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


def _named(
    info: Info, input: RevokePartnerKeyInput | RotatePartnerKeyInput | UpdatePartnerKeyInput
) -> KeyNamed:
    return KeyNamed(info.context.programme, str(input.key_id), info.context.caller)


def _given(value: T | None) -> T | None:
    return None if value is strawberry.UNSET else value


@strawberry.type
class PartnerKeysMutation:
    @mutation(
        "Refuse a partner's key, or the programme's public key, from now on and for ever; every "
        "process refuses it within ten seconds.",
        deprecated="Use `revokeKey`. Removal on 2027-12-31.",
    )
    async def revoke_partner_key(
        self, info: Info, input: Sent[RevokePartnerKeyInput]
    ) -> RevokePartnerKeyPayload | None:
        outcome = await key_life.revoke_once(
            request(info, input), "revokePartnerKey", _named(info, input), datetime.now(UTC)
        )
        return RevokePartnerKeyPayload(
            key=await load_key(info, outcome.figures["key"]), replayed=outcome.replayed
        )

    @mutation(
        "Replace a key by a new one with the same partner and permissions. The old key is "
        f"accepted for {OLD_KEY_HOURS} more hours, or until its own end if that is earlier.",
        deprecated="Use `rotateKey`. Removal on 2027-12-31.",
    )
    async def rotate_partner_key(
        self, info: Info, input: Sent[RotatePartnerKeyInput]
    ) -> RotatePartnerKeyPayload | None:
        outcome, made = await key_life.rotate_once(
            request(info, input),
            "rotatePartnerKey",
            _named(info, input),
            _terms(input),
            datetime.now(UTC),
        )
        return RotatePartnerKeyPayload(
            key=await load_key(info, outcome.figures["key"]),
            secret=made.secret if made else None,
            replaced=await load_key(info, outcome.figures["replaced"]),
            replayed=outcome.replayed,
        )

    @mutation("Change the label of a key, or its end.")
    async def update_partner_key(
        self, info: Info, input: Sent[UpdatePartnerKeyInput]
    ) -> UpdatePartnerKeyPayload | None:
        outcome = await key_life.change_once(
            request(info, input), _named(info, input), _terms(input), datetime.now(UTC)
        )
        return UpdatePartnerKeyPayload(
            key=await load_key(info, outcome.figures["key"]), replayed=outcome.replayed
        )
