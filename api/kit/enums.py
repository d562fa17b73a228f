"""Enumerations of the domain, shown in GraphQL with a description on every value."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

E = TypeVar("E", bound=Enum)


def describe(
    enum: type[E], description: str, values: Mapping[E, str], *, name: str | None = None
) -> type[E]:
    """Registers `enum` with strawberry; its members' names are the GraphQL values.

    Every member needs its description: KeyError at import time otherwise.
    """
    shown = strawberry.enum(enum, name=name, description=description)
    # strawberry adds it to the class, which its types do not say
    definition: StrawberryEnumDefinition = shown.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[enum[value.name]]
    return shown
