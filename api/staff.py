"""Staff: the roles that their tokens name, and sessions that admins end."""

from collections.abc import Collection
from datetime import UTC, datetime

import strawberry

from api.kit.context import Info
from api.kit.enums import describe
from api.kit.inputs import KeyedInput, Sent, request
from api.kit.mutations import Payload, mutation
from domain.kernel import revocations
from domain.kernel.callers import Role
from domain.kernel.revocations import TokenKind

describe(
    Role,
    "Role of a person of staff, which its token names.",
    {
        Role.VIEWER: "Sees figures, catalogue and policy, but no personal data; every person of "
        "staff has these rights.",
        Role.SUPPORT: "Sees members, and acts for them as partners may; also adjusts, reverses, "
        "cancels and exports.",
        Role.MANAGER: "Maintains policy, catalogue and partners, and decides reviews, in addition "
        "to the rights of SUPPORT.",
        Role.FINANCE: "Keeps the books, settles with partners and approves proposals, but sees no "
        "personal data.",
        Role.ADMIN: "May do everything; only this role manages keys, ends sessions, erases "
        "members and reads the audit.",
    },
)

describe(
    TokenKind,
    "Kind of a token of the sign-in service.",
    {
        TokenKind.MEMBER: "Token of a member, whose reference is its subject.",
        TokenKind.STAFF: "Token of a person of staff, whose name is its subject.",
    },
)


def roles_of(held: Collection[Role]) -> list[Role]:
    """These roles in their order."""
    return [role for role in Role if role in held]


@strawberry.input(description="Subject whose sessions are ended.")
class RevokeSessionsInput(KeyedInput):
    subject: str = strawberry.field(
        description="Subject of the tokens (`sub`): a member's reference, or the name of a person "
        "of staff; 1 to 128 characters."
    )
    kind: TokenKind | None = strawberry.field(
        default=None,
        description="Kind of the tokens to refuse; null means both kinds.",
    )
    reason: str | None = strawberry.field(default=None, description="Reason, kept in the audit.")


@strawberry.type(description="Result of ending sessions.")
class RevokeSessionsPayload(Payload):
    revoked_at: datetime | None = strawberry.field(
        default=None,
        description="Instant by the real clock; tokens issued until then are refused. Null when "
        "the mutation is refused.",
    )


@strawberry.type
class StaffMutation:
    @mutation(
        "Refuse all tokens of a subject that were issued until now, on every server within ten "
        "seconds, also on open connections. Tokens issued in a later second are accepted."
    )
    async def revoke_sessions(
        self, info: Info, input: Sent[RevokeSessionsInput]
    ) -> RevokeSessionsPayload | None:
        now = datetime.now(UTC)
        outcome = await revocations.revoke(request(info, input), input.subject, input.kind, now)
        return RevokeSessionsPayload(
            revoked_at=datetime.fromisoformat(outcome.figures["revoked_at"]),
            replayed=outcome.replayed,
        )
