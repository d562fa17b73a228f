"""Fields that are worked out: strawberry's decorator, typed, and never without a description."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar, cast

import strawberry

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

MaybeLater: TypeAlias = T | Awaitable[T]
"""The return type of a resolver that waits only if necessary; its field names the type itself."""


def field(description: str, **options: Any) -> Callable[[F], F]:
    """`@field("Name of it.") async def name(self, info: Info) -> …`; options are strawberry's."""
    return cast(Callable[[F], F], strawberry.field(description=description, **options))
