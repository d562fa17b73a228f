"""Arguments as resolvers take them: strawberry's conversion, prepared once for each type.

Where strawberry examines the type for each value, functions made for that type are used. Types that
make their own values, or distinguish absent ones, are left to strawberry.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, cast

from strawberry import UNSET, Info, Schema
from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_argument
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.field import StrawberryField

Convert = Callable[[Any, Info[Any, Any]], Any]
"""Converts a sent value."""

ArgumentConversion = tuple[str, str, Convert | None]
"""The name in the schema, that in Python, and the conversion; without one the value is used as it
is.
"""


def taken(field: StrawberryField, schema: Schema) -> list[ArgumentConversion]:
    """The conversions of a field's arguments."""
    named = schema.config.name_converter.from_argument
    return [(named(one), one.python_name, _of(one.type, schema)) for one in field.arguments]


def converted(
    sent: Mapping[str, Any], wanted: list[ArgumentConversion], info: Info[Any, Any]
) -> dict[str, Any]:
    """By their names in Python, the arguments that were sent."""
    return {
        name: convert(sent[known], info) if convert else sent[known]
        for known, name, convert in wanted
        if known in sent
    }


def _of(type_: Any, schema: Schema) -> Convert | None:
    if isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe):
        return _of(type_.of_type, schema)
    if _is_leaf(type_, schema):
        return None
    if isinstance(type_, StrawberryList):
        return _of_list(_of(type_.of_type, schema))
    if has_object_definition(type_):
        definition = type_.__strawberry_definition__
        if definition.from_input is None and definition.is_input:
            return _Input(cast(type, type_), definition, schema)
    registry = schema.schema_converter.scalar_registry
    return lambda value, info: convert_argument(value, type_, registry, schema.config, info)


def _is_leaf(type_: Any, schema: Schema) -> bool:
    if type_ is GlobalID:
        return False
    of_enum = isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_)
    return of_enum or is_scalar(type_, schema.schema_converter.scalar_registry)


def _of_list(convert: Convert | None) -> Convert:
    def of_list(value: Any, info: Info[Any, Any]) -> Any:
        if value is None or value is UNSET:
            return value
        # a default list is shared by all calls that leave it out
        return [convert(one, info) for one in value] if convert else list(value)

    return of_list


class _Input:
    """Converts an input object; its fields are known at its first value, as one may hold
    another of its own type.
    """

    def __init__(self, type_: type, definition: StrawberryObjectDefinition, schema: Schema) -> None:
        self.type = type_
        self.definition = definition
        self.schema = schema
        self.fields: list[ArgumentConversion] | None = None
        self.absent = {
            field.python_name: None
            for field in definition.fields
            if field.default_value is MISSING and field.default_factory is MISSING
        }

    def __call__(self, value: Any, info: Info[Any, Any]) -> Any:
        if value is None or value is UNSET:
            return value
        if self.fields is None:
            self.fields = self._taken()
        return self.type(**(self.absent | converted(value, self.fields, info)))

    def _taken(self) -> list[ArgumentConversion]:
        named = self.schema.config.name_converter.from_field
        return [
            (
                named(field),
                field.python_name,
                _of(field.resolve_type(type_definition=self.definition), self.schema),
            )
            for field in self.definition.fields
        ]
