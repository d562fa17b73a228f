"""The lists in what an operation is sent with: their items cost, and none is too long.

Counted in literals and in variables as they came, by the types of the schema and before GraphQL
coerces any of them. What is inside a JSON value is not a list of the schema: its own bounds are
those of the scalar.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    type_from_ast,
)

from api.kit.request_errors import RequestError, RequestErrorCode, in_variable

LIST_ITEMS_MAX = 200
"""More than any rule of the domain takes, so that a list that is a little too long is answered
by the rule that it breaks."""

VALUES_MAX = 20_000
"""Values in all variables together; a hundred lines with full attributes have fewer."""

Items = tuple[tuple[str, int], ...]
"""How many items of lists each variable holds; variables without any are left out."""


NUL_IN_TEXT = "Text must not contain the character NUL."

Place = tuple[Any, str | int] | None
"""Where a value is inside the variables: the place of what it is in, and its key there."""


def check_values(variables: Any) -> None:
    """Variables are few enough to look at, and no text in them has the character NUL.

    However deep it lies; JSON may be nested deeper than Python calls functions.

    Raises: RequestError TOO_COSTLY, BAD_USER_INPUT
    """
    pending: list[tuple[Any, Place]] = [(variables, None)]
    met = 0
    while pending:
        met += 1
        if met + len(pending) > VALUES_MAX:
            raise RequestError(
                RequestErrorCode.TOO_COSTLY,
                f"The variables hold too many values; at most {VALUES_MAX}.",
                max=VALUES_MAX,
            )
        found, place = pending.pop()
        if isinstance(found, str) and "\0" in found:
            raise RequestError(RequestErrorCode.BAD_USER_INPUT, NUL_IN_TEXT, **_named(place))
        if isinstance(found, dict):
            pending.extend((key, place) for key in found)
            pending.extend((value, (place, key)) for key, value in found.items())
        elif isinstance(found, list):
            pending.extend((value, (place, index)) for index, value in enumerate(found))


def _named(place: Place) -> dict[str, Any]:
    """The fact that says where that is; nothing where it is in no variable."""
    path: list[str | int] = []
    while place is not None and len(path) < PLACE_LEVELS_MAX:
        place, key = place
        path.append(key)
    return in_variable(str(path.pop()), path[::-1]) if path and place is None else {}


PLACE_LEVELS_MAX = 64
"""Deeper in the variables than any input, a place is not named."""


def in_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Items:
    """By variable of a valid operation, the items in its lists; ill-typed ones are GraphQL's, but
    for an input that is one of several, of which GraphQL would not say where it is.

    Raises: RequestError TOO_COSTLY, BAD_USER_INPUT
    """
    counted = []
    for node in operation.variable_definitions or ():
        name, kind = node.variable.name.value, type_from_ast(schema, node.type)
        count = (
            _in_value(kind, variables[name], (None, name), node)
            if name in variables
            else in_literal(kind, node.default_value, {})
        )
        if count:
            counted.append((name, count))
    return tuple(counted)


def in_literal(kind: Any, node: ValueNode | None, variables: Mapping[str, int]) -> int:
    """Items in the lists of a literal of this type, with those of variables in it.

    Raises: RequestError TOO_COSTLY
    """
    if isinstance(node, VariableNode):
        return variables.get(node.name.value, 0)
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(kind, GraphQLList):
        if not isinstance(node, ListValueNode):
            return in_literal(kind.of_type, node, variables)
        inside = sum(in_literal(kind.of_type, item, variables) for item in node.values)
        return _checked(len(node.values), node) + inside
    if isinstance(kind, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return sum(
            in_literal(kind.fields[given.name.value].type, given.value, variables)
            for given in node.fields
            if given.name.value in kind.fields
        )
    return 0


def _in_value(kind: Any, value: Any, place: Place, node: VariableDefinitionNode) -> int:
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(kind, GraphQLList):
        if not isinstance(value, list):
            return _in_value(kind.of_type, value, place, node)
        return _checked(len(value), node, place) + sum(
            _in_value(kind.of_type, item, (place, index), node) for index, item in enumerate(value)
        )
    if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        _check_one_of(kind, value, place, node)
        return sum(
            _in_value(member.type, value[name], (place, name), node)
            for name, member in kind.fields.items()
            if name in value
        )
    return 0


def _check_one_of(
    kind: GraphQLInputObjectType, value: dict[str, Any], place: Place, node: VariableDefinitionNode
) -> None:
    made_from = kind.extensions.get("strawberry-definition")
    if made_from is None or not made_from.is_one_of:
        return
    if len(value) != 1 or None in value.values():
        raise RequestError(
            RequestErrorCode.BAD_USER_INPUT,
            f"OneOf Input Object '{kind.name}' must specify exactly one key, which is not null.",
            node=node,
            **_named(place),
        )


def _checked(length: int, node: Node, place: Place = None) -> int:
    if length > LIST_ITEMS_MAX:
        raise RequestError(
            RequestErrorCode.TOO_COSTLY,
            f"{length} items in one list are too much; at most {LIST_ITEMS_MAX}.",
            node=node,
            max=LIST_ITEMS_MAX,
            **_named(place),
        )
    return length
