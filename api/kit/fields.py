"""Fields that are worked out: strawberry's decorator, typed, and never without a description."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

F = TypeVar("F", bound=Callable[..., Any])


def field(description: str, **options: Any) -> Callable[[F], F]:
    """`@field("Name of it.") async def name(self, info: Info) -> …`; options are strawberry's."""
    return cast(Callable[[F], F], strawberry.field(description=description, **options))
