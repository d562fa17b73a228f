"""Callers: a member, a partner's system, a person of staff, or a public page."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

HISTORY = "system:history"
"""Reporter of facts in an import of history."""

_MEMBERS, _STAFF, _PARTNER = "member:", "staff:", "partner:"

SYSTEM = "system"
"""Actor of what nobody requested."""

OPERATOR = "ops:"
"""Prefix, among names of staff, of a person who types commands."""


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
    """Role of a person of staff. Everybody of staff is also a viewer."""

    VIEWER = "viewer"
    SUPPORT = "support"
    MANAGER = "manager"
    FINANCE = "finance"
    ADMIN = "admin"


EVERY_ROLE = frozenset(Role)
"""Roles of persons who type commands, and of the product's own work."""

SERVING = frozenset({Role.SUPPORT, Role.MANAGER, Role.ADMIN})
"""Roles that may do what partners may, and see personal data."""


OWN_SCOPES = tuple(scope for scope in Scope if scope is not Scope.ALL_PARTNERS)
"""Scopes that a partner needs to act on its own facts."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One authenticated caller inside one programme.

    `identity` names the person or partner and never the credential: the subject of a member's or
    staff token, or the partner's id. It scopes idempotency keys. A member who is not enrolled yet
    has no `member_id`; `formerly` are the members known to have been merged into this one;
    `contacts` are those, by kind, that the sign-in service has verified; only staff have `roles`.
    The credential ends at `valid_until`, in seconds of the epoch, if it states an end; a partner's
    credential is the key with this id.
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
        """Name in ledger entries, such as `partner:018f…`; for a member, a pseudonym."""
        return f"{self.kind}:{self.member_id or self.identity}"

    @property
    def serves(self) -> bool:
        """Whether it is a person of staff who serves members: it may do what a partner may, and
        sees personal data. A viewer and finance see nothing personal.
        """
        return self.kind is CallerKind.STAFF and not SERVING.isdisjoint(self.roles)

    @property
    def is_kept_from_persons(self) -> bool:
        """Whether it is a person of staff to whom nothing personal is shown."""
        return self.kind is CallerKind.STAFF and not self.serves

    def is_stranger_to(self, member_id: UUID) -> bool:
        """Whether it is a member other than this one: for it, no other member exists."""
        return self.kind is CallerKind.MEMBER and not self.is_itself(member_id)

    def is_itself(self, member_id: UUID) -> bool:
        """Whether it is this member, or became it by a merge."""
        return self.member_id == member_id or member_id in self.formerly

    @property
    def confined_to(self) -> str | None:
        """The only reporter whose facts the caller may see; None for callers that act for the
        agency.

        A partner sees its own facts, unless its key is for `all_partners`. A member is confined to
        its account instead (`is_stranger_to`).
        """
        if self.kind is not CallerKind.PARTNER or Scope.ALL_PARTNERS in self.scopes:
            return None
        return self.actor

    def owns(self, reporter: str) -> bool:
        """Whether the caller may see and act on facts of this reporter."""
        return self.confined_to in (None, reporter)

    def takes(self, maker: str) -> bool:
        """Whether it may accept a hold or a coupon that `maker` made as payment: its own, or the
        member's, who may give it to any seller.
        """
        return self.owns(maker) or maker.startswith(_MEMBERS)

    def delivers(self, partner_id: UUID | None) -> bool:
        """Whether it may deliver a reward of this partner, or of none: a partner delivers rewards
        that name it; staff who serve members, and callers for all partners, deliver all.
        """
        if self.kind is CallerKind.PARTNER and self.confined_to is not None:
            return partner_id is not None and partner_id == self.partner_id
        return self.serves or self.kind is CallerKind.PARTNER

    def accepts(self, partner_id: UUID | None) -> bool:
        """Whether it may accept a coupon for a reward of this partner; of none, any partner may."""
        unnamed = self.kind is CallerKind.PARTNER and partner_id is None
        return unnamed or self.delivers(partner_id)

    def sees(self, scope: Scope) -> bool:
        """Whether it may see what this scope covers, of an object that it may see: a partner with
        the scope, staff who serve members, and a member for its own.
        """
        return self.kind is CallerKind.MEMBER or self.may(scope)

    def may(self, scope: Scope) -> bool:
        """Staff who serve members may do what any scope allows, a partner what its own scopes
        allow; others need no scope.
        """
        return self.serves or (self.kind is CallerKind.PARTNER and scope in self.scopes)


def concerns(waiting: str, reporter: str) -> bool:
    """Whether a fact that `waiting` reported applies to what `reporter` reports later: only to its
    own, unless staff reported the fact.
    """
    return waiting == reporter or waiting.startswith(_STAFF)


def partner_of(actor: str) -> UUID | None:
    """The partner that a name denotes, such as a reporter's; None where it is not a partner's."""
    with suppress(ValueError):
        return UUID(actor.removeprefix(_PARTNER)) if actor.startswith(_PARTNER) else None
    return None


def person_of(actor: str) -> str:
    """The person that a name of staff denotes, whether it sent a token or typed a command."""
    return actor.removeprefix(_STAFF).removeprefix(OPERATOR)


def audited_name(actor: str) -> str:
    """Name of an actor in the audit: `staff:kim`, or `ops:kim` for a person who typed a command."""
    typed = actor.removeprefix(_STAFF)
    return typed if typed.startswith(OPERATOR) else actor


def same_person(actor: str, other: str) -> bool:
    """Whether two names of staff are one person's."""
    return person_of(actor) == person_of(other)
