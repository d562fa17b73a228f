"""Resolvers as the schema calls them: with their arguments, and without layers in between.
strawberry wraps each resolver for field extensions and handlers of exceptions.

Fields here have neither, and are called some hundred times for one answer.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo
from strawberry import Info, Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from api.kit import arguments
from api.kit.arguments import ArgumentConversion

Resolve = Callable[..., Any]


def call_directly(schema: Schema) -> None:
    """Have the fields of a schema, which has no handlers of exceptions, call their resolvers
    themselves.
    """
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for one in type_.fields.values():
                one.resolve = _direct(one) or one.resolve


@dataclass(frozen=True, slots=True)
class Call:
    """A field's resolver, and its arguments besides those that are sent."""

    field: StrawberryField
    function: Resolve
    has_self: bool
    info_name: str | None
    taken: list[ArgumentConversion] = dataclasses.field(default_factory=list, compare=False)
    """Conversions of its arguments; made when some are first sent."""

    @classmethod
    def of(cls, field: GraphQLField) -> "Call | None":
        """The call of a field; none where it has no resolver, or strawberry something to add."""
        known = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if not isinstance(known, StrawberryField) or known.extensions:
            return None
        resolver = known.base_resolver
        if resolver is None or resolver.parent_parameter or resolver.root_parameter:
            return None
        parameter = resolver.info_parameter
        info_name = parameter.name if parameter else None
        function = cast(Resolve, resolver.wrapped_func)
        return cls(known, function, resolver.self_parameter is not None, info_name)

    def arguments(self, raw: GraphQLResolveInfo[Any], sent: dict[str, Any]) -> dict[str, Any]:
        """The resolver's arguments for the sent values, without its object."""
        if not (sent or self.info_name):
            return {}
        info: Info[Any, Any] = Info(_raw_info=raw, _field=self.field)
        given: dict[str, Any] = {}
        if sent:
            if not self.taken:
                self.taken.extend(arguments.taken(self.field, info.schema))
            given = arguments.converted(sent, self.taken, info)
        if self.info_name:
            given[self.info_name] = info
        return given

    def __call__(self, source: Any, arguments: dict[str, Any]) -> Any:
        return self.function(source, **arguments) if self.has_self else self.function(**arguments)


def _direct(field: GraphQLField) -> Resolve | None:
    call = Call.of(field)
    if call is None:
        return None

    def resolve(source: Any, raw: GraphQLResolveInfo[Any], /, **sent: Any) -> Any:
        return call(source, call.arguments(raw, sent))

    return resolve
