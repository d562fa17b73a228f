"""Calls as stored in a proposal: JSON with the names that clients know, and back."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel, to_snake

from domain.kernel.callers import EVERY_ROLE, person_of
from domain.kernel.idempotency import Request
from domain.proposals.proposals import Proposal

Sent = TypeVar("Sent")

LINES = "lines"


def told(sent: Any) -> Any:
    """A sent value as JSON; empty fields are left out."""
    if is_dataclass(sent):
        said = {to_camel(one.name): getattr(sent, one.name) for one in fields(sent)}
        return {name: told(value) for name, value in said.items() if value is not None}
    if isinstance(sent, tuple):
        return [told(one) for one in sent]
    return _plain(sent)


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return dict(value)
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case UUID():
            return str(value)
        case _:
            return value


def read(kind: type[Sent], said: Mapping[str, Any]) -> Sent:
    """The sent value from its JSON, which may contain names of other types' fields."""
    own = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    named = {to_snake(name): value for name, value in said.items() if to_snake(name) in own}
    if LINES in named:
        named[LINES] = [{to_snake(name): one[name] for name in one} for one in named[LINES]]
    return TypeAdapter(kind).validate_python(named)


def by_proposer(request: Request, proposal: Proposal) -> Request:
    """The approval as a request by the proposer, who had the right to it: its results name that
    person.
    """
    person = person_of(proposal.proposed_by)
    caller = replace(request.caller, identity=person, roles=EVERY_ROLE)
    return replace(request, caller=caller)
