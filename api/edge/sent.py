"""The lists in the input of an operation: their items have a cost, and their length is limited.

They are counted in literals and in variables as sent, by the types of the schema and before GraphQL
coerces any of them. Lists inside a JSON value are not counted: the scalar has its own bounds.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

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
    get_named_type,
    get_nullable_type,
    type_from_ast,
)

from api.kit.request_errors import RequestError, RequestErrorCode, in_variable

LIST_ITEMS_MAX = 200
"""More than any rule of the domain takes, so that a list that is a little too long is answered
by the rule that it breaks."""

BATCH_ITEMS_MAX = 1000
"""The same for a list of requests, each with its own key."""

KINDS_MAX = 1000
"""Most types of input, and of variables, that are remembered."""

VALUES_MAX = 20_000
"""Values in all variables together; a hundred lines with full attributes have fewer."""


class Count(NamedTuple):
    """Numbers of items of lists, and of requests: for a list of requests, items are those of the
    largest one. Zero requests means no such list.
    """

    items: int = 0
    requests: int = 0


NOTHING = Count()

Items = tuple[tuple[str, Count], ...]
"""Counts of each variable; variables without any items are left out."""


NUL_IN_TEXT = "Text must not contain the character NUL."

ValuePath = tuple[Any, str | int] | None
"""Where a value is inside the variables: the path of what contains it, and its key there."""


def check_values(variables: Any) -> None:
    """Variables are few enough to look at, and no text in them has the character NUL.

    However deep it lies; JSON may be nested deeper than Python calls functions.

    Raises: RequestError TOO_COSTLY, BAD_USER_INPUT
    """
    pending: list[tuple[Any, ValuePath]] = [(variables, None)]
    met = 0
    while pending:
        met += 1
        found, at = pending.pop()
        if isinstance(found, str) and "\0" in found:
            raise RequestError(RequestErrorCode.BAD_USER_INPUT, NUL_IN_TEXT, **_named(at))
        # counted before they are taken apart, which takes longer than reading them did
        if met + len(pending) + _inside(found) >= VALUES_MAX:
            raise RequestError(
                RequestErrorCode.TOO_COSTLY,
                f"The variables hold too many values; at most {VALUES_MAX}.",
                max=VALUES_MAX,
            )
        if isinstance(found, dict):
            pending.extend((key, at) for key in found)
            pending.extend((value, (at, key)) for key, value in found.items())
        elif isinstance(found, list):
            pending.extend((value, (at, index)) for index, value in enumerate(found))


def _inside(value: Any) -> int:
    """How many values a value consists of; the keys of an object are values too."""
    if isinstance(value, dict):
        return 2 * len(value)
    return len(value) if isinstance(value, list) else 0


def _named(at: ValuePath) -> dict[str, Any]:
    """The fact that says where that is; nothing where it is in no variable."""
    path: list[str | int] = []
    while at is not None and len(path) < PLACE_LEVELS_MAX:
        at, key = at
        path.append(key)
    return in_variable(str(path.pop()), path[::-1]) if path and at is None else {}


PLACE_LEVELS_MAX = 64
"""Most levels of a path that are named: deeper in the variables than any input is."""


def in_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> Items:
    """By variable of a valid operation, the items in its lists; ill-typed ones are left to GraphQL,
    except a oneOf input, whose place GraphQL would not name.

    Raises: RequestError TOO_COSTLY, BAD_USER_INPUT
    """
    counted = []
    for node in operation.variable_definitions or ():
        name, kind = node.variable.name.value, _type_of(schema, node.type)
        count = (
            _in_value(kind, variables[name], (None, name), node)
            if name in variables
            else in_literal(kind, node.default_value, {})
        )
        if count != NOTHING:
            counted.append((name, count))
    return tuple(counted)


def in_literal(kind: Any, node: ValueNode | None, variables: Mapping[str, Count]) -> Count:
    """Items in the lists of a literal of this type, with those of variables in it.

    Raises: RequestError TOO_COSTLY
    """
    if isinstance(node, VariableNode):
        return variables.get(node.name.value, NOTHING)
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(kind, GraphQLList):
        if not isinstance(node, ListValueNode):
            return _of_one(kind, in_literal(kind.of_type, node, variables))
        _check_length(kind, len(node.values), node)
        return _of_list(kind, [in_literal(kind.of_type, one, variables) for one in node.values])
    if isinstance(kind, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return together(
            in_literal(kind.fields[given.name.value].type, given.value, variables)
            for given in node.fields
            if given.name.value in kind.fields
        )
    return NOTHING


def _in_value(kind: Any, value: Any, at: ValuePath, node: VariableDefinitionNode) -> Count:
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if isinstance(kind, GraphQLList):
        if not isinstance(value, list):
            return _of_one(kind, _in_value(kind.of_type, value, at, node))
        _check_length(kind, len(value), node, at)
        return _of_list(
            kind,
            [_in_value(kind.of_type, one, (at, index), node) for index, one in enumerate(value)],
        )
    if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        _check_one_of(kind, value, at, node)
        return together(
            _in_value(member, value[name], (at, name), node)
            for name, member in _holding(kind)
            if name in value
        )
    return NOTHING


@lru_cache(KINDS_MAX)
def _holding(kind: GraphQLInputObjectType) -> tuple[tuple[str, Any], ...]:
    """The members of an input that are lists or inputs, by name; others hold no items."""
    return tuple(
        (name, member.type)
        for name, member in kind.fields.items()
        if isinstance(get_nullable_type(member.type), GraphQLList | GraphQLInputObjectType)
    )


_type_of = lru_cache(KINDS_MAX)(type_from_ast)


def _of_one(kind: GraphQLList[Any], count: Count) -> Count:
    """The count of a single value, which GraphQL accepts as a list of one."""
    return Count(count.items, 1) if is_batch(kind) else count


def _of_list(kind: GraphQLList[Any], counts: Sequence[Count]) -> Count:
    """Of a list with these items in it."""
    if is_batch(kind):
        return Count(max((one.items for one in counts), default=0), len(counts))
    inside = together(counts)
    return Count(inside.items + len(counts), inside.requests)


def together(counts: Iterable[Count]) -> Count:
    """The sum of these counts."""
    items = requests = 0
    for one in counts:
        items, requests = items + one.items, requests + one.requests
    return Count(items, requests)


def is_batch(kind: GraphQLList[Any]) -> bool:
    """Whether its items are requests, each with its own key."""
    item = get_named_type(kind)
    return isinstance(item, GraphQLInputObjectType) and "idempotencyKey" in item.fields


def _check_one_of(
    kind: GraphQLInputObjectType, value: dict[str, Any], at: ValuePath, node: VariableDefinitionNode
) -> None:
    made_from = kind.extensions.get("strawberry-definition")
    if made_from is None or not made_from.is_one_of:
        return
    if len(value) != 1 or None in value.values():
        raise RequestError(
            RequestErrorCode.BAD_USER_INPUT,
            f"OneOf Input Object '{kind.name}' must specify exactly one key, which is not null.",
            node=node,
            **_named(at),
        )


def _check_length(kind: GraphQLList[Any], length: int, node: Node, at: ValuePath = None) -> None:
    most = BATCH_ITEMS_MAX if is_batch(kind) else LIST_ITEMS_MAX
    if length > most:
        raise RequestError(
            RequestErrorCode.TOO_COSTLY,
            f"{length} items in one list are too much; at most {most}.",
            node=node,
            max=most,
            **_named(at),
        )
