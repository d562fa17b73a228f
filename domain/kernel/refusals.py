"""A refusal: the reason why a use-case did nothing, as a code with typed facts.

Nothing has changed when one is raised. A refusal is defined in the `refusals` of the first room
that raises it; this module has those that any room may raise. Its words are in the catalogues of
`api/wording/locales/`, and its GraphQL type is derived from the class.
"""

import re
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, cast


class Unit(Enum):
    """Unit of a fact, where its type does not show it."""

    POINTS = "points"
    CURRENCY = "currency"


Points = Annotated[int, Unit.POINTS]
Currency = Annotated[str, Unit.CURRENCY]


class Instant(str):
    """An instant in ISO 8601, as in a refusal; sentences give it in words."""

    __slots__ = ()

    @classmethod
    def of(cls, instant: datetime) -> "Instant":
        return cls(instant.isoformat())


CountedUnit = Literal["bytes", "keys", "levels", "points", "rows"]


class Quantity(str):
    """A number of units, as in a refusal, such as `4096 bytes`; sentences give it in words."""

    __slots__ = ()

    @classmethod
    def of(cls, number: int, unit: CountedUnit) -> "Quantity":
        return cls(f"{number} {unit}")


@dataclass(frozen=True, slots=True)
class Price:
    """An amount of money, in the units of its currency."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


@dataclass(eq=False)
class Refusal(Exception):
    """Base of refusals: each subclass is one kind, and its docstring says in a sentence what it
    means.

    Its `code` is the name of the class: `InsufficientPoints` is INSUFFICIENT_POINTS. Each field is
    a fact with its description; `path` names the input field at fault, from the outside in.
    """

    code: ClassVar[str]

    path: tuple[str, ...] = field(default=(), kw_only=True)

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()

    @property
    def facts(self) -> dict[str, Any]:
        """The typed facts by name, without the path."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "path"}

    def __str__(self) -> str:
        said = {name: fact for name, fact in self.facts.items() if fact not in (None, ())}
        return " ".join([self.code, *(f"{name}={_said(fact)!r}" for name, fact in said.items())])


def _said(fact: object) -> object:
    texts = isinstance(fact, tuple) and all(isinstance(part, str) for part in fact)
    return ", ".join(cast(tuple[str, ...], fact)) if texts else fact


@dataclass(eq=False)
class NotFound(Refusal):
    """The object does not exist in this programme, or the caller may not see it."""

    what: Annotated[str, "Kind of object: member, reward, booking …"]
    value: Annotated[
        str | None, "Value by which the object was looked up; null when there is none."
    ] = None
    known: Annotated[
        tuple[str, ...], "Existing values, when they can be listed; otherwise empty."
    ] = ()


@dataclass(eq=False)
class InvalidInput(Refusal):
    """An input field has a value that is not accepted; `path` names the field."""

    reason: Annotated[str, "Stable code of the fault."]
    value: Annotated[str | None, "Value at fault; null when showing it does not help."] = None
    allowed: Annotated[
        tuple[str, ...],
        "Accepted values, when they can be listed; otherwise the bound or form that a value must "
        "respect; empty when there is none.",
    ] = ()


@dataclass(eq=False)
class ReferenceConflict(Refusal):
    """This reference was already reported with different content."""

    reference: Annotated[str, "Reference that was reported again."]


@dataclass(eq=False)
class StateConflict(Refusal):
    """The status of the object does not allow this."""

    what: Annotated[str, "Kind of object: claim, statement …"]
    status: Annotated[str, "Status of the object."]
    allowed: Annotated[tuple[str, ...], "Statuses that allow this."]


@dataclass(eq=False)
class IdempotencyKeyReused(Refusal):
    """This idempotency key was already used for a different request."""

    operation: Annotated[str, "Operation that the key was used for."]


@dataclass(eq=False)
class ConcurrentRequest(Refusal):
    """The account is busy with other requests; send this one again."""


@dataclass(eq=False)
class EventTooOld(Refusal):
    """The reported event is too long ago."""

    occurred_at: Annotated[datetime, "Reported instant of the event."]
    oldest_days: Annotated[int, "Largest age that is accepted, in days."]


@dataclass(eq=False)
class EventInFuture(Refusal):
    """The reported event is in the future."""

    occurred_at: Annotated[datetime, "Reported instant of the event."]
    now: Annotated[datetime, "Current time of the programme."]
