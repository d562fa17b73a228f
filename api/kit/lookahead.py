"""Fields that an operation requests below a field, so that they can be read together with it."""

from collections.abc import Iterable
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLObjectType,
    Undefined,
    value_from_ast,
)

from api.kit.context import Info
from api.kit.selections import fields

MAY_WAIT = {"may_wait": True}
"""Metadata of a field whose resolver waits only if its data were not read in advance."""


def below(info: Info, nodes: Iterable[FieldNode], name: str) -> list[FieldNode]:
    """The fields of this name below these, wherever fragments have them; directives, which may
    leave them out, are passed over.
    """
    return [
        node
        for above in nodes
        for node in fields(info._raw_info, above.selection_set)
        if node.name.value == name
    ]


def own(info: Info) -> list[FieldNode]:
    """The field that is resolved, as often as it is written."""
    return info._raw_info.field_nodes


def arguments(info: Info, type_name: str, node: FieldNode) -> dict[str, Any]:
    """The arguments of a field of this type that are given, by their names in the schema."""
    type_ = cast(GraphQLObjectType, info._raw_info.schema.get_type(type_name))
    args = type_.fields[node.name.value].args
    given = {
        one.name.value: value_from_ast(one.value, args[one.name.value].type, info.variable_values)
        for one in node.arguments or ()
    }
    return {name: value for name, value in given.items() if value is not Undefined}
