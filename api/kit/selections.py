"""Selections: what an operation requests of a field, examined before the field is answered."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)

from api.kit.context import Info

Shown = Mapping[str, frozenset[str]]
"""Fields by the name of their type; of a type without a line everything is meant."""


def shows_only(info: Info, shown: Shown) -> bool:
    """Whether only these fields are selected on the field that is being answered, with no argument
    except a language. Fields left out by `@skip` or `@include` count as selected.
    """
    run = info._raw_info
    answered = get_named_type(run.return_type)
    nodes = [node.selection_set for node in run.field_nodes if node.selection_set]
    return all(_within(run, answered, node, shown) for node in nodes)


def _within(
    run: GraphQLResolveInfo[Any], of: object, asked: SelectionSetNode, shown: Shown
) -> bool:
    if not isinstance(of, GraphQLObjectType | GraphQLInterfaceType):
        return False
    allowed = shown.get(of.name)
    for node in fields(run, asked):
        name = node.name.value
        if name == "__typename":
            continue
        if allowed is not None and name not in allowed:
            return False
        if any(argument.name.value != "locale" for argument in node.arguments or ()):
            return False
        if node.selection_set is not None and name not in _EMPTY:
            inner = get_named_type(of.fields[name].type)
            if not _within(run, inner, node.selection_set, shown):
                return False
    return True


_EMPTY = ("errors", "grants")
"""Fields of a payload that are empty when this is used."""


def fields(run: GraphQLResolveInfo[Any], asked: SelectionSetNode | None) -> Iterator[FieldNode]:
    """The fields selected, wherever fragments have them; directives are passed over."""
    for node in asked.selections if asked else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from fields(run, node.selection_set)
        elif isinstance(node, FragmentSpreadNode):
            yield from fields(run, run.fragments[node.name.value].selection_set)
