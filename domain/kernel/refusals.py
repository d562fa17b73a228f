"""A refusal: why a use-case did nothing, as a code with typed facts.

Nothing has happened when one is raised. A refusal stands in the `refusals` of the first room that
raises it; here stand those that any room may raise. Its words are in the catalogues of
`api/wording/locales/`, and what GraphQL shows is derived from the class.
"""

import re
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, ClassVar


class Unit(Enum):
    """What a fact counts, where its type does not say it."""

    POINTS = "points"
    CURRENCY = "currency"


Points = Annotated[int, Unit.POINTS]
Currency = Annotated[str, Unit.CURRENCY]


@dataclass(eq=False)
class Refusal(Exception):
    """A subclass is one kind of refusal; its docstring says in a sentence what it means.

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
        return " ".join([self.code, *(f"{name}={fact!r}" for name, fact in self.facts.items())])


@dataclass(eq=False)
class NotFound(Refusal):
    """There is no such thing in this programme, or not for this caller."""

    what: Annotated[str, "The kind of thing: member, reward, booking …"]
    value: Annotated[str, "What it was looked for by."]
    known: Annotated[str, "What there is, where that can be listed."] = ""


@dataclass(eq=False)
class InvalidInput(Refusal):
    """A field of the input cannot be; `path` names it."""

    reason: Annotated[str, "What is wrong with it, as a stable code."]
    value: Annotated[str, "What was given, where that helps."] = ""
    allowed: Annotated[str, "What is accepted, where that can be listed."] = ""


@dataclass(eq=False)
class ReferenceConflict(Refusal):
    """This reference was already reported with other content."""

    reference: Annotated[str, "The reference in question."]


@dataclass(eq=False)
class IdempotencyKeyReused(Refusal):
    """This idempotency key already stands for another request."""

    operation: Annotated[str, "The operation that it stands for."]


@dataclass(eq=False)
class ConcurrentRequest(Refusal):
    """Other requests hold the account; send this one again."""


@dataclass(eq=False)
class EventTooOld(Refusal):
    """What is reported happened too long ago."""

    occurred_at: Annotated[datetime, "When it is said to have happened."]
    oldest_days: Annotated[int, "How many days back are accepted."]


@dataclass(eq=False)
class EventInFuture(Refusal):
    """What is reported has not happened yet."""

    occurred_at: Annotated[datetime, "When it is said to have happened."]
    now: Annotated[datetime, "The programme's time."]
