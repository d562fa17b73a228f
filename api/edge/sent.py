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
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    type_from_ast,
)

from api.kit.request_errors import RequestError, RequestErrorCode

LIST_ITEMS_MAX = 200
"""More than any rule of the domain takes, so that a list that is a little too long is answered
by the rule that it breaks."""

VALUES_MAX = 20_000
"""Values in all variables together; a hundred lines with full attributes have fewer."""

Items = tuple[tuple[str, int], ...]
"""How many items of lists each variable holds; variables without any are left out."""


def check_values(variables: Any) -> None:
    """Variables are few enough to look at, and no text in them has the character NUL.

    However deep it lies; JSON may be nested deeper than Python calls functions.

    Raises: RequestError TOO_COSTLY, BAD_USER_INPUT
    """
    pending, met = [variables], 0
    while pending:
        met += 1
        if met + len(pending) > VALUES_MAX:
            raise RequestError(
                RequestErrorCode.TOO_COSTLY,
                f"The variables hold too many values; at most {VALUES_MAX}.",
                max=VALUES_MAX,
            )
        found = pending.pop()
        if isinstance(found, str) and "\0" in found:
            raise RequestError(
                RequestErrorCode.BAD_USER_INPUT, "Text must not contain the character NUL."
            )
        if isinstance(found, dict):
            pending.extend(found.keys())
            pending.extend(found.values())
        elif isinstance(found, list):
            pending.extend(found)


def in_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Items:
    """By variable of a valid operation, the items in its lists; ill-typed ones are GraphQL's.

    Raises: RequestError TOO_COSTLY
    """
    counted = []
    for node in operation.variable_definitions or ():
        name, kind = node.variable.name.value, type_from_ast(schema, node.type)
        count = (
            _in_value(kind, variables[name])
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
        return _checked(len(node.values)) + inside
    if isinstance(kind, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return sum(
            in_literal(kind.fields[given.name.value].type, given.value, variables)
            for given in node.fields
            if given.name.value in kind.fields
        )
    return 0


def _in_value(kind: Any, value: Any) -> int:
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(kind, GraphQLList):
        if not isinstance(value, list):
            return _in_value(kind.of_type, value)
        return _checked(len(value)) + sum(_in_value(kind.of_type, item) for item in value)
    if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        return sum(
            _in_value(member.type, value[name])
            for name, member in kind.fields.items()
            if name in value
        )
    return 0


def _checked(length: int) -> int:
    if length > LIST_ITEMS_MAX:
        raise RequestError(
            RequestErrorCode.TOO_COSTLY,
            f"{length} items in one list are too much; at most {LIST_ITEMS_MAX}.",
            max=LIST_ITEMS_MAX,
        )
    return length
