"""Mutations by which staff keep partners, and staff and partners keep their keys."""

from datetime import UTC, datetime
from uuid import UUID

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from api.partners import Partner, PartnerKey, load_key, load_partner
from domain.kernel.callers import Scope
from domain.partners import key_life, partners
from domain.partners.key_life import (
    OLD_KEY_HOURS,
    OLD_KEY_HOURS_MAX,
    KeyNamed,
    KeySent,
    Terms,
)
from domain.partners.partner_keys import LIVE_MAX
from domain.partners.partners import PartnerSent

_NAMED = "Id of the key; its prefix is accepted as well."
_SHOWN_ONCE = (
    "shown this once; null when refused, and when the request is replayed. Where the answer was "
    "lost, rotate the key."
)


@strawberry.input(description="Partner to make, or to change.")
class SavePartnerInput(KeyedInput):
    code: str = strawberry.field(
        description="Stable code of the partner, which never changes: 1 to 64 lower-case letters, "
        "digits, underscores and hyphens, beginning with a letter."
    )
    name: str = strawberry.field(description="Name of the partner, 1 to 200 characters.")
    scopes: list[Scope] = strawberry.field(
        description="Scopes that its keys may have; a scope that is left out is also removed from "
        "its keys."
    )


@strawberry.type(description="Result of saving a partner.")
class SavePartnerPayload(Payload):
    partner: Partner | None = strawberry.field(
        default=None, description="Partner as it stands; null when refused."
    )


@strawberry.input(description="Key to make.")
class CreateKeyInput(KeyedInput):
    partner: str | None = strawberry.field(
        default=None,
        description="Code of the partner that the key is for; null means the caller's own. Staff "
        "must name a partner.",
    )
    label: str = strawberry.field(description="Label to recognise the key by, 1 to 200 characters.")
    scopes: list[Scope] = strawberry.field(
        description="Permissions of the key, chosen from those that the partner's keys may have."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="Instant from which the key is refused; null means no end."
    )


@strawberry.type(description="Result of making a key.")
class CreateKeyPayload(Payload):
    key: PartnerKey | None = strawberry.field(
        default=None, description="Key as it stands; null when refused."
    )
    secret: str | None = strawberry.field(
        default=None, description=f"Whole of the key, which calls are made with, {_SHOWN_ONCE}"
    )


@strawberry.input(description="Key to replace by a new one.")
class RotateKeyInput(KeyedInput):
    key: strawberry.ID = strawberry.field(description=_NAMED)
    hours: int = strawberry.field(
        default=OLD_KEY_HOURS,
        description="Number of hours for which the old key is still accepted, 0 to "
        f"{OLD_KEY_HOURS_MAX}; less if its own end comes earlier.",
    )


@strawberry.type(description="Result of replacing a key.")
class RotateKeyPayload(Payload):
    key: PartnerKey | None = strawberry.field(
        default=None, description="New key; null when refused."
    )
    secret: str | None = strawberry.field(
        default=None, description=f"Whole of the new key, {_SHOWN_ONCE}"
    )


@strawberry.input(description="Key to revoke.")
class RevokeKeyInput(KeyedInput):
    key: strawberry.ID = strawberry.field(description=_NAMED)


@strawberry.type(description="Result of revoking a key.")
class RevokeKeyPayload(Payload):
    key: PartnerKey | None = strawberry.field(
        default=None, description="Revoked key; null when refused."
    )


@strawberry.type
class PartnerKeepingMutation:
    @mutation(
        "Create the partner with this code, or change its name and scopes. A scope that the "
        "partner loses is lost by all of its keys, in every process within ten seconds."
    )
    async def save_partner(
        self, info: Info, input: Sent[SavePartnerInput]
    ) -> SavePartnerPayload | None:
        sent = PartnerSent(input.code, input.name, tuple(sorted(set(input.scopes))))
        outcome = await partners.save(request(info, input), sent)
        return SavePartnerPayload(
            partner=await load_partner(info, UUID(outcome.figures["partner"])),
            replayed=outcome.replayed,
        )

    @mutation(
        f"Create a key for a partner, which can have at most {LIVE_MAX} live keys. The key's "
        "scopes must be among those that the partner's keys may have."
    )
    async def create_key(self, info: Info, input: Sent[CreateKeyInput]) -> CreateKeyPayload | None:
        scopes = tuple(sorted(set(input.scopes)))
        outcome, secret = await key_life.create(
            request(info, input),
            info.context.programme,
            KeySent(input.partner, input.label, scopes, input.expires_at),
            environment=info.context.environment,
            now=datetime.now(UTC),
        )
        return CreateKeyPayload(
            key=await load_key(info, outcome.figures["key"]),
            secret=secret,
            replayed=outcome.replayed,
        )

    @mutation(
        "Replace a key by a new one with the same partner, label, permissions and length of life. "
        "The old key is accepted for some more hours."
    )
    async def rotate_key(self, info: Info, input: Sent[RotateKeyInput]) -> RotateKeyPayload | None:
        outcome, made = await key_life.rotate_once(
            request(info, input),
            "rotateKey",
            _named(info, input.key),
            Terms(hours=input.hours),
            datetime.now(UTC),
        )
        return RotateKeyPayload(
            key=await load_key(info, outcome.figures["key"]),
            secret=made.secret if made else None,
            replayed=outcome.replayed,
        )

    @mutation(
        "Refuse a partner's key, or the programme's public key, from now on and for ever; every "
        "process refuses it within ten seconds."
    )
    async def revoke_key(self, info: Info, input: Sent[RevokeKeyInput]) -> RevokeKeyPayload | None:
        outcome = await key_life.revoke_once(
            request(info, input), "revokeKey", _named(info, input.key), datetime.now(UTC)
        )
        return RevokeKeyPayload(
            key=await load_key(info, outcome.figures["key"]), replayed=outcome.replayed
        )


def _named(info: Info, key: strawberry.ID) -> KeyNamed:
    context = info.context
    return KeyNamed(context.programme, str(key), context.caller, ("key",))
