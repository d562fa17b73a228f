"""Variables that are null where null is not accepted, found before anything runs.

A variable with a default may be used where null is not accepted, and still be sent as null. GraphQL
notices that only at that place, which may be after a mutation was done.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    SKIP,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NonNullTypeNode,
    NullValueNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    is_non_null_type,
)
from graphql.language import Visitor, VisitorAction, visit

from api.edge.measure import Parts
from api.kit.request_errors import RequestError, RequestErrorCode, in_variable


def places(schema: GraphQLSchema, document: DocumentNode) -> frozenset[str]:
    """The variables of a valid document at places that do not accept null."""
    types = TypeInfo(schema)
    stands = _Places(types)
    visit(document, TypeInfoVisitor(types, stands))
    return frozenset(stands.names)


def check(
    schema: GraphQLSchema, found: Parts, name: str | None, variables: Mapping[str, Any]
) -> None:
    """Check that no variable of a valid operation is null where null is not accepted, unless its
    field is skipped.

    Raises: RequestError BAD_USER_INPUT
    """
    operation, seen = found.operations[name], set[str]()
    types = TypeInfo(schema)
    uses = _Uses(types, _sent(operation, variables))
    visitor = TypeInfoVisitor(types, uses)
    visit(operation, visitor)
    while waiting := uses.spread - seen:
        for fragment in sorted(waiting):
            visit(found.fragments[fragment], visitor)
        seen |= waiting


def among(
    operation: OperationDefinitionNode, variables: Mapping[str, Any], names: frozenset[str]
) -> bool:
    """Whether one of these variables of an operation is null, and may be."""
    return any(
        value is None and name in names for name, value in _sent(operation, variables).items()
    )


def _sent(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables as they were sent, with those defaults that are null, true or false; one that
    may never be null is GraphQL's.
    """
    defined = {node.variable.name.value: node for node in operation.variable_definitions or ()}
    defaults = {
        name: getattr(node.default_value, "value", None)
        for name, node in defined.items()
        if isinstance(node.default_value, BooleanValueNode | NullValueNode)
    }
    return {
        name: value
        for name, value in {**defaults, **variables}.items()
        if name in defined
        and not (value is None and isinstance(defined[name].type, NonNullTypeNode))
    }


class _Places(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        if is_non_null_type(self.types.get_input_type()):
            self.names.add(node.name.value)


class _Uses(Visitor):
    """Refuses null where it is not accepted; `spread` are the fragments on the way to the place."""

    def __init__(self, types: TypeInfo, sent: Mapping[str, Any]) -> None:
        super().__init__()
        self.types = types
        self.sent = sent
        self.spread: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> VisitorAction:
        return SKIP if self._is_left_out(node) else None

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> VisitorAction:
        return SKIP if self._is_left_out(node) else None

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> VisitorAction:
        if self._is_left_out(node):
            return SKIP
        self.spread.add(node.name.value)
        return None

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        name, kind = node.name.value, self.types.get_input_type()
        if self.sent.get(name, name) is None and is_non_null_type(kind):
            place: dict[str, Any] = in_variable(name, ())
            raise RequestError(
                RequestErrorCode.BAD_USER_INPUT,
                f"Variable '${name}' has invalid value: "
                f"Expected value of non-null type '{kind}' not to be None.",
                node=node,
                **place,
            )

    def _is_left_out(self, node: FieldNode | InlineFragmentNode | FragmentSpreadNode) -> bool:
        says = {one.name.value: self._said(one) for one in node.directives or ()}
        return says.get("skip") is True or says.get("include") is False

    def _said(self, directive: DirectiveNode) -> Any:
        for given in directive.arguments or ():
            if given.name.value == "if":
                value = given.value
                if isinstance(value, VariableNode):
                    return self.sent.get(value.name.value)
                return value.value if isinstance(value, BooleanValueNode) else None
        return None
