"""What a line of the table of ownership sends, and the thing that it is about."""

import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from api.kit.relay import to_global_id
from domain.kernel.callers import Caller
from domain.programmes.programmes import Programme
from tests.support import factories as make


@dataclass(frozen=True)
class Place:
    """The member that a thing will belong to, and the partner that makes it."""

    programme: Programme
    member_id: UUID
    reference: str
    maker: Caller


@dataclass(frozen=True)
class Asked:
    """The variables of one operation, and the name of its thing in them; `absent` names nothing."""

    variables: dict[str, Any]
    name: str
    absent: str

    def of_nothing(self) -> dict[str, Any]:
        """The same variables about a thing that does not exist."""
        text = json.dumps(self.variables).replace(self.name, self.absent)
        found: dict[str, Any] = json.loads(text)
        return found


@dataclass(frozen=True)
class Case:
    root: str
    ask: Callable[[Place, Place], Awaitable[Asked]]
    """Makes the thing at the first place; the second place is the caller's own."""


LINE = {"product": "hotel", "amount": "100"}

HOTEL = make.line_of("hotel", "100")

numbers = itertools.count(1)


def input_of(name: str, absent: str = "no-such-one", /, **sent: Any) -> Asked:
    return Asked({"input": sent}, name, absent)


def ids_of(kind: str, place: Place, own: UUID) -> tuple[str, str]:
    """The id of an existing thing, and one of nothing."""
    there = to_global_id(kind, own, member_id=place.member_id)
    return str(there), str(to_global_id(kind, uuid4(), member_id=uuid4()))


def of_member(**sent: Any) -> Callable[[Place, Place], Awaitable[Asked]]:
    async def ask(place: Place, own: Place) -> Asked:
        made = {
            name: value(place, own) if callable(value) else value for name, value in sent.items()
        }
        return input_of(place.reference, member={"reference": place.reference}, **made)

    return ask


def node_of(kind: str, made: Callable[[Place], Awaitable[UUID]]) -> Callable[..., Awaitable[Asked]]:
    async def ask(place: Place, _: Place) -> Asked:
        there, absent = ids_of(kind, place, await made(place))
        return Asked({"id": there}, there, absent)

    return ask


def new_reference(_: Place, __: Place) -> str:
    return f"N-{next(numbers)}"
