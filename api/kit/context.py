"""Context of an operation for every resolver: the caller, the language, the instant.

A context serves one operation and ends with the answer. A request without a token has an
`Anonymous` one; it may read the schema outside production and reaches no resolver.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from strawberry.types import Info as StrawberryInfo

from api.kit.live import Live, Turn
from api.kit.loaders import Loaders
from api.wording.catalogues import DEFAULT_LANGUAGE
from domain.kernel.callers import Caller
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.webhooks.outgoing import Outgoing

Charge = Callable[[int], None]
"""Charges this many further requests to the caller's rate, if above zero.

Raises: RequestError RATE_LIMITED
"""


def free(_: int) -> None:
    """A charge function that charges nobody."""


@dataclass(frozen=True, slots=True)
class Anonymous:
    request_id: str
    told: dict[str, Any] = field(default_factory=dict)
    charge: Charge = free


@dataclass(slots=True, eq=False)
class Context:
    """`now` is the instant of the operation by the programme's clock (UTC); every rule of the
    operation is judged at it. `asked_language` is that of Accept-Language; a resolver that has read
    the calling member sets `member_language`, which is used after it. `told` are the operation's
    values for the log's line about the request. `revealed` are the redemptions, by (member id, id),
    whose codes are in the answer, `redeemed` those that the operation has made: the reveal of their
    codes is recorded with them. `shown` are the personal data of members, by their ids, that the
    answer shows to others. `policy` is that in force at `now`, once `current_policy` has read it.
    `outgoing` are the settings for sending to endpoints, and `environment` is that of the accepted
    keys. An operation that `failed_elsewhere`, on a standby, runs again `at_home`. A subscription
    has its open connection (`live`), and each of its answers its `turn`.
    """

    request_id: str
    caller: Caller
    programme: Programme
    now: datetime
    loaders: Loaders
    outgoing: Outgoing
    environment: str
    told: dict[str, Any] = field(default_factory=dict)
    asked_language: str | None = None
    member_language: str | None = None
    charge: Charge = free
    revealed: set[tuple[UUID, UUID]] = field(default_factory=set)
    redeemed: set[tuple[UUID, UUID]] = field(default_factory=set)
    shown: dict[UUID, set[str]] = field(default_factory=dict)
    policy: Policy | None = None
    at_home: bool = False
    failed_elsewhere: bool = False
    live: Live | None = None
    turn: Turn | None = None

    def again(self) -> None:
        """Discard everything read, and read the primary; nothing is charged twice."""
        self.loaders = Loaders(self.caller)
        self.policy = self.member_language = None
        self.revealed.clear()
        self.shown.clear()
        self.told.pop("code", None)
        self.at_home, self.failed_elsewhere, self.charge = True, False, free

    @property
    def kept_open(self) -> Live:
        """The connection of a subscription."""
        if self.live is None:
            raise LookupError("only a subscription waits for anything")
        return self.live

    @property
    def subject(self) -> Turn:
        """The subject of a subscription's present answer."""
        if self.turn is None:
            raise LookupError("only a subscription has turns")
        return self.turn

    @property
    def language(self) -> str:
        """`zh-CN` or `en`."""
        return self.asked_language or self.member_language or DEFAULT_LANGUAGE


Info = StrawberryInfo[Context, None]
