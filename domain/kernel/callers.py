"""Who is asking: a member, a partner's system, a member of staff, or a public page."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

HISTORY = "system:history"
"""Who reports what an import of history plays."""


class CallerKind(StrEnum):
    MEMBER = "member"
    PARTNER = "partner"
    STAFF = "staff"
    PUBLIC = "public"


class Scope(StrEnum):
    """What a partner's key may do."""

    MEMBERS = "members"
    EARN = "earn"
    REDEEM = "redeem"
    FULFIL = "fulfil"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Caller:
    """One authenticated caller inside one programme.

    `identity` names the person or partner and never the credential: the subject of a
    member's or staff token, or the partner's id. It scopes idempotency keys.
    A member who is not enrolled yet has no `member_id`.
    """

    kind: CallerKind
    programme_id: UUID
    programme: str
    identity: str
    scopes: frozenset[str] = frozenset()
    member_id: UUID | None = None
    partner_id: UUID | None = None

    @property
    def actor(self) -> str:
        """`partner:018f…`: how ledger entries name the caller; of a member the pseudonym."""
        return f"{self.kind}:{self.member_id or self.identity}"

    def is_stranger_to(self, member_id: UUID) -> bool:
        """Whether it is a member, and not this one: to it there is no other member."""
        return self.kind is CallerKind.MEMBER and self.member_id != member_id

    def delivers(self, partner_id: UUID | None) -> bool:
        """Whether it may deliver a reward of this partner, or of none: staff every one, a
        partner its own and those of nobody.
        """
        return self.kind is CallerKind.STAFF or (
            self.kind is CallerKind.PARTNER and partner_id in (None, self.partner_id)
        )

    def may(self, scope: Scope) -> bool:
        """Staff may do everything; a partner what its scopes say; nobody else needs a scope."""
        return self.kind is CallerKind.STAFF or (
            self.kind is CallerKind.PARTNER and scope in self.scopes
        )
