"""Resolvers as the schema calls them: with what they ask for, and nothing in between.

strawberry surrounds each resolver with what field extensions and handlers of exceptions need.
Fields here have neither, and are called some hundred times for one answer.
"""

from collections.abc import Callable
from typing import Any, cast

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo
from strawberry import Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

Resolve = Callable[..., Any]


def call_directly(schema: Schema) -> None:
    """Have the fields of a schema call their resolvers themselves."""
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field in type_.fields.values():
                field.resolve = _direct(field, schema) or field.resolve


def _direct(field: GraphQLField, schema: Schema) -> Resolve | None:
    """The call of a field's resolver; none where strawberry has something to add."""
    known = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(known, StrawberryField) or known.extensions or schema.exception_handlers:
        return None
    resolver = known.base_resolver
    if resolver is None or resolver.parent_parameter or resolver.root_parameter:
        return None
    return _called(known, resolver, schema)


def _called(field: StrawberryField, resolver: StrawberryResolver[Any], schema: Schema) -> Resolve:
    function = cast(Resolve, resolver.wrapped_func)
    has_self = resolver.self_parameter is not None
    info_name = resolver.info_parameter and resolver.info_parameter.name
    make_info = schema.config.info_class
    converter = schema.schema_converter

    def resolve(source: Any, raw: GraphQLResolveInfo[Any], /, **sent: Any) -> Any:
        info = make_info(_raw_info=raw, _field=field) if info_name or sent else None
        kwargs: dict[str, Any] = {}
        if sent:
            kwargs = convert_arguments(
                sent, field.arguments, converter.scalar_registry, schema.config, info
            )
        if info_name:
            kwargs[info_name] = info
        return function(source, **kwargs) if has_self else function(**kwargs)

    return resolve
