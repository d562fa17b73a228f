"""What every resolver knows of its operation: the caller, the language, the instant.

A context serves one operation and nothing in it outlives the answer. A request without a token
has an `Anonymous` one; it may look at the schema outside production and reaches no resolver.
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
    """Charges nobody."""


@dataclass(frozen=True, slots=True)
class Anonymous:
    request_id: str
    told: dict[str, Any] = field(default_factory=dict)
    charge: Charge = free


@dataclass(slots=True, eq=False)
class Context:
    """`now` is the instant of the operation by the programme's clock (UTC); every rule of the
    operation is judged at it. `asked_language` is what Accept-Language asks for; a resolver
    that has the calling member at hand sets `member_language`, which comes after it. `told` is
    what the log's line about the request says of the operation. `revealed` are the redemptions,
    by (member id, id), whose codes are in the answer, `redeemed` those that the operation has
    made: that their codes are seen is recorded with them. `shown` is what the answer shows of
    members, by their ids, to somebody else. `policy` is that in force at `now`,
    once `current_policy` was asked for it. `outgoing` says how endpoints are sent to, and
    `environment` whose keys are accepted here. An operation that `failed_elsewhere`, on a
    standby, runs again `at_home`. A subscription has the connection that is kept open for it
    (`live`), and each of its answers the `turn` that it is about.
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
        """Forget what was read, and read the primary; nobody pays twice."""
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
        """What a subscription answers about now."""
        if self.turn is None:
            raise LookupError("only a subscription has turns")
        return self.turn

    @property
    def language(self) -> str:
        """`zh-CN` or `en`."""
        return self.asked_language or self.member_language or DEFAULT_LANGUAGE


Info = StrawberryInfo[Context, None]
