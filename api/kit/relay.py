"""Opaque ids and cursors: Relay's Node, and the place of a row in its list.

An id names its type and, for what belongs to a member, that member. A cursor holds the sort key
of its row.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from uuid import UUID

import orjson
import strawberry

from api.kit.request_errors import RequestError, RequestErrorCode
from domain.kernel.base64url import decoded, encoded

CURSOR_VERSION = 1
CURSOR_LENGTH_MAX = 1024
CURSOR_INT_MAX = 2**63 - 1
ID_LENGTH_MAX = 256

Part = int | str | UUID | datetime | Decimal | None
"""Types of the parts of a sort key."""


@strawberry.interface(description="Object with a global id, which `Query.node` takes.")
class Node:
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")


@dataclass(frozen=True, slots=True)
class NodeId:
    """`member_id` is None for an object of no member."""

    type_name: str
    id: UUID
    member_id: UUID | None = None


def to_global_id(type_name: str, own: UUID, *, member_id: UUID | None = None) -> strawberry.ID:
    named = f"{type_name}:{member_id}:{own}" if member_id else f"{type_name}:{own}"
    return strawberry.ID(encoded(named.encode()))


def from_global_id(global_id: str) -> NodeId | None:
    """The parts of an id; None for a text that is no id of this API: it names nothing, like the id
    of a removed object.
    """
    if len(global_id) > ID_LENGTH_MAX:
        return None
    try:
        type_name, *uuids = decoded(global_id).decode("ascii").split(":")
        ids = [UUID(text) for text in uuids]
    except ValueError:
        return None
    if len(ids) == 1:
        return NodeId(type_name, ids[0])
    return NodeId(type_name, ids[1], member_id=ids[0]) if len(ids) == 2 else None


def to_cursor(listing: str, *key: Part) -> str:
    """The cursor of a row of `listing` (`ledger`, `rewards-by-points` …) with this sort key."""
    # the database's driver has its own UUID type, which the encoder does not know
    parts = [str(part) if isinstance(part, (Decimal, UUID)) else part for part in key]
    return encoded(orjson.dumps([CURSOR_VERSION, listing, *parts]))


def from_cursor(cursor: str, listings: Collection[str], *types: type[Any]) -> tuple[Any, ...]:
    """The sort key in a cursor of one of `listings`, one part per type; an absent part is None.

    Raises: RequestError BAD_CURSOR
    """
    if len(cursor) > CURSOR_LENGTH_MAX:
        _bad_cursor()
    try:
        version, named, *parts = orjson.loads(decoded(cursor))
        if version != CURSOR_VERSION or named not in listings or len(parts) != len(types):
            _bad_cursor()
        return tuple(_part(part, kind) for part, kind in zip(parts, types, strict=True))
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        _bad_cursor()


def _part(part: object, kind: type[Any]) -> object:
    if part is None:
        return None
    if kind is int:
        fits = isinstance(part, int) and not isinstance(part, bool) and abs(part) <= CURSOR_INT_MAX
        return part if fits else _bad_cursor()
    if not isinstance(part, str) or "\0" in part:
        _bad_cursor()
    if kind is datetime:
        instant = datetime.fromisoformat(part)
        return instant.astimezone(UTC) if instant.tzinfo else _bad_cursor()
    if kind is Decimal:
        number = Decimal(part)
        return number if number.is_finite() else _bad_cursor()
    return part if kind is str else kind(part)


def _bad_cursor() -> NoReturn:
    raise RequestError(
        RequestErrorCode.BAD_CURSOR, "This is not a cursor of this list; start without `after`."
    )
