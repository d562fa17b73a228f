"""Who is asking: a member, a partner's system, a member of staff, or a public page."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

HISTORY = "system:history"
"""Who reports what an import of history plays."""

_MEMBERS, _STAFF, _PARTNER = "member:", "staff:", "partner:"

SYSTEM = "system"
"""Who does what nobody asked for."""

OPERATOR = "ops:"
"""What the name of a person begins with who types a command, among those of staff."""


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
    MEMBERS_READ = "members:read"
    CODES = "codes"
    MANAGE = "manage"
    ALL_PARTNERS = "all_partners"


class Role(StrEnum):
    """What a person of staff is trusted with. Whoever is staff is a viewer, too."""

    VIEWER = "viewer"
    SUPPORT = "support"
    MANAGER = "manager"
    FINANCE = "finance"
    ADMIN = "admin"


EVERY_ROLE = frozenset(Role)
"""Of whoever types commands, and of the product's own work."""

SERVING = frozenset({Role.SUPPORT, Role.MANAGER, Role.ADMIN})
"""Each of these may do what partners may, and sees what is personal."""


OWN_SCOPES = tuple(scope for scope in Scope if scope is not Scope.ALL_PARTNERS)
"""All that a partner needs to act on what is its own."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One authenticated caller inside one programme.

    `identity` names the person or partner and never the credential: the subject of a
    member's or staff token, or the partner's id. It scopes idempotency keys.
    A member who is not enrolled yet has no `member_id`, one into whom others were merged is each of
    those whom it is known to have been `formerly`, and `contacts` are those, by kind, that the
    sign-in service has verified; only staff have `roles`. The credential
    ends at `valid_until`, in seconds of the epoch, where it says so itself; a partner's is the key
    of this id.
    """

    kind: CallerKind
    programme_id: UUID
    programme: str
    identity: str
    scopes: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()
    member_id: UUID | None = None
    formerly: frozenset[UUID] = field(default=frozenset(), compare=False)
    partner_id: UUID | None = None
    valid_until: int | None = field(default=None, compare=False)
    key_id: str | None = field(default=None, compare=False)
    contacts: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def actor(self) -> str:
        """`partner:018f…`: how ledger entries name the caller; of a member the pseudonym."""
        return f"{self.kind}:{self.member_id or self.identity}"

    @property
    def serves(self) -> bool:
        """Whether it is a person of staff who deals with members: what a partner may do, it may,
        and what is personal is shown to it. To a viewer and to finance nothing personal is.
        """
        return self.kind is CallerKind.STAFF and not SERVING.isdisjoint(self.roles)

    @property
    def is_kept_from_persons(self) -> bool:
        """Whether it is a person of staff to whom nothing personal is shown."""
        return self.kind is CallerKind.STAFF and not self.serves

    def is_stranger_to(self, member_id: UUID) -> bool:
        """Whether it is a member, and not this one: to it there is no other member."""
        return self.kind is CallerKind.MEMBER and not self.is_itself(member_id)

    def is_itself(self, member_id: UUID) -> bool:
        """Whether it is this member, or became it by a merge."""
        return self.member_id == member_id or member_id in self.formerly

    @property
    def confined_to(self) -> str | None:
        """The one reporter whose facts are there for it; None for whoever acts for the agency.

        A partner has its own, unless its key is for `all_partners`. A member is confined by
        its account instead (`is_stranger_to`).
        """
        if self.kind is not CallerKind.PARTNER or Scope.ALL_PARTNERS in self.scopes:
            return None
        return self.actor

    def owns(self, reporter: str) -> bool:
        """Whether a fact of this reporter is its to act on and to see."""
        return self.confined_to in (None, reporter)

    def takes(self, maker: str) -> bool:
        """Whether it may take a hold or a coupon that `maker` made in payment: its own, or the
        member's, who hands it to whoever it buys from.
        """
        return self.owns(maker) or maker.startswith(_MEMBERS)

    def delivers(self, partner_id: UUID | None) -> bool:
        """Whether a reward of this partner, or of none, is its to deliver: a partner delivers
        what names it, staff who serve and who acts for all partners everything.
        """
        if self.kind is CallerKind.PARTNER and self.confined_to is not None:
            return partner_id is not None and partner_id == self.partner_id
        return self.serves or self.kind is CallerKind.PARTNER

    def accepts(self, partner_id: UUID | None) -> bool:
        """Whether it may accept a coupon for a reward of this partner: of none, any partner."""
        unnamed = self.kind is CallerKind.PARTNER and partner_id is None
        return unnamed or self.delivers(partner_id)

    def sees(self, scope: Scope) -> bool:
        """Whether what this scope is for is shown to it, where the thing itself is: to a partner
        with the scope, to staff who serve, and to a member of its own.
        """
        return self.kind is CallerKind.MEMBER or self.may(scope)

    def may(self, scope: Scope) -> bool:
        """Staff who serve may do what any scope allows, a partner what its own do; nobody else
        needs a scope.
        """
        return self.serves or (self.kind is CallerKind.PARTNER and scope in self.scopes)


def concerns(waiting: str, reporter: str) -> bool:
    """Whether a fact that `waiting` reported acts on what `reporter` reports later: on its own
    only, unless staff reported it.
    """
    return waiting == reporter or waiting.startswith(_STAFF)


def partner_of(actor: str) -> UUID | None:
    """The partner behind a name, such as a reporter's; None where it is no partner's."""
    with suppress(ValueError):
        return UUID(actor.removeprefix(_PARTNER)) if actor.startswith(_PARTNER) else None
    return None


def person_of(actor: str) -> str:
    """The person behind a name of staff, whether it sent a token or typed a command."""
    return actor.removeprefix(_STAFF).removeprefix(OPERATOR)


def audited_name(actor: str) -> str:
    """Who did something, as the audit says it: `staff:kim`, and `ops:kim` who typed a command."""
    typed = actor.removeprefix(_STAFF)
    return typed if typed.startswith(OPERATOR) else actor


def same_person(actor: str, other: str) -> bool:
    """Whether two names of staff are one person's."""
    return person_of(actor) == person_of(other)
