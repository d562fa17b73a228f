"""Measures of a valid GraphQL document: its root fields, its depth, and the cost of a run.

Price: a leaf 0, an object 1, a page its size times what is inside, a mutation 10, a printed
statement 100, an item of a list that is sent 1; a list of requests has the price of the dearest of
them, and is charged once for each. Fragments are measured once each, so that a document that
spreads them a thousandfold costs no more time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)
from graphql.language import Visitor, visit

from api.edge import sent
from api.edge.rates import COST_PER_REQUEST
from api.edge.sent import Count
from api.kit.connections import PAGE_DEFAULT, PAGE_MAX
from api.kit.request_errors import RequestError, RequestErrorCode, in_variable

MUTATION_PRICE = 10
OBJECT_PRICE = 1
ITEM_PRICE = 1
LEAF_PRICES: Mapping[tuple[str, str], int] = {("Statement", "html"): 100}
"""Leaves that are no plain values: a printed statement may have a thousand lines."""

META_FIELDS: Mapping[str, GraphQLField] = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
}
STATEMENT = "statement"
"""The field that prints a statement of a member's points."""

READ_ONCE = ("me", "redemption", "quoteEarning", "rewards")
"""Queries of one statement, if no field below them needs the database too; a quote or a page of the
catalogue that needs more begins a snapshot.
"""

FIRST_LOOK = {"me", "balance", "nextExpiry", "ledger", "explanation"}
"""Fields that are read with a member in one query (`domain.members.first_looks`); if something is
due more queries are needed, and `api.members` begins a snapshot for these.
"""

SIZED_ARGUMENTS = ("first", "ids")
"""Arguments that set the number of objects in a field's answer."""

Sizes = tuple[tuple[str, int], ...]
"""Size requested by each variable that is used as a sized argument."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A document's operations and fragments by name."""

    operations: Mapping[str | None, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]


def parts(document: DocumentNode) -> Parts:
    operations: dict[str | None, OperationDefinitionNode] = {}
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations[definition.name.value if definition.name else None] = definition
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
    return Parts(operations, fragments)


def root_fields(operation: OperationDefinitionNode, found: Parts) -> frozenset[str]:
    """`Query.me`, `Mutation.redeemReward` …, through fragments; nothing need be valid yet."""
    root = operation.operation.value.capitalize()
    names: set[str] = set()
    seen: set[str] = set()
    pending = [operation.selection_set]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FieldNode):
                names.add(f"{root}.{node.name.value}")
            elif isinstance(node, InlineFragmentNode):
                pending.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = found.fragments.get(node.name.value)
                pending.extend([fragment.selection_set] if fragment else [])
    return frozenset(names)


class _Tally(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.nul: StringValueNode | None = None
        self.sized_variables: set[str] = set()
        self.has_statement = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.has_statement = self.has_statement or node.name.value == STATEMENT

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        if self.nul is None and "\0" in node.value:
            self.nul = node

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if node.name.value in SIZED_ARGUMENTS and isinstance(node.value, VariableNode):
            self.sized_variables.add(node.value.name.value)


@dataclass(frozen=True, slots=True)
class Tally:
    """Properties of the whole text: text with NUL, variables that set the size of a page, and
    whether a statement is printed.
    """

    nul: StringValueNode | None
    sized_variables: frozenset[str]
    has_statement: bool


def tally(document: DocumentNode) -> Tally:
    counted = _Tally()
    visit(document, counted)
    return Tally(counted.nul, frozenset(counted.sized_variables), counted.has_statement)


class _Reads(Visitor):
    """Names of the fields whose resolvers wait for something, once for each occurrence."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.names: list[str] = []
        self.given: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        definition = self.types.get_field_def()
        shown = (definition.extensions if definition else {}).get("strawberry-definition")
        resolver = getattr(shown, "base_resolver", None)
        may_wait = "may_wait" in getattr(shown, "metadata", ())
        if resolver is not None and (resolver.is_async or may_wait):
            self.names.append(node.name.value)
            self.given |= {(node.name.value, one.name.value) for one in node.arguments or ()}


def reads_once(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Whether a valid document needs at most one database statement."""
    types = TypeInfo(schema)
    reads = _Reads(types)
    visit(document, TypeInfoVisitor(types, reads))
    if len(reads.names) <= 1:
        return set(reads.names) <= set(READ_ONCE)
    once = len(set(reads.names)) == len(reads.names) and ("balance", "asOf") not in reads.given
    return once and {"me", "ledger"} <= set(reads.names) <= FIRST_LOOK


class Price(NamedTuple):
    """Cost of a run, and the number of requests that it is charged as; the first was charged on
    arrival.
    """

    cost: int
    requests: int


@dataclass(slots=True)
class Walk:
    """One walk over a valid document; `free_introspection` leaves `__schema` and `__type` out.

    `repeated` is the number of requests charged for its lists of requests, beyond the first of
    each.
    """

    schema: GraphQLSchema
    found: Parts
    free_introspection: bool
    sizes: Mapping[str, int] = field(default_factory=dict)
    items: Mapping[str, Count] = field(default_factory=dict)
    repeated: int = 0
    _depths: dict[str, int] = field(default_factory=dict)
    _prices: dict[str, int] = field(default_factory=dict)

    def depth(self, selections: SelectionSetNode | None) -> int:
        return max((self._depth(node) for node in self._nodes(selections)), default=0)

    def price(self, operation: OperationDefinitionNode) -> Price:
        """
        Raises: RequestError PAGE_TOO_LARGE, BAD_USER_INPUT
        """
        root = self.schema.get_root_type(operation.operation)
        cost = self._price(operation.selection_set, root)
        return Price(cost, cost // COST_PER_REQUEST + self.repeated)

    def _nodes(self, selections: SelectionSetNode | None) -> Iterator[Any]:
        for node in selections.selections if selections else ():
            meta = isinstance(node, FieldNode) and node.name.value in META_FIELDS
            if not (meta and self.free_introspection):
                yield node

    def _depth(self, node: FieldNode | InlineFragmentNode | FragmentSpreadNode) -> int:
        if isinstance(node, FieldNode):
            return 1 + self.depth(node.selection_set)
        if isinstance(node, InlineFragmentNode):
            return self.depth(node.selection_set)
        name = node.name.value
        if name not in self._depths:
            self._depths[name] = self.depth(self.found.fragments[name].selection_set)
        return self._depths[name]

    def _price(self, selections: SelectionSetNode | None, parent: Any) -> int:
        total = 0
        for node in self._nodes(selections):
            if isinstance(node, FieldNode):
                total += self._field_price(node, parent)
            elif isinstance(node, InlineFragmentNode):
                total += self._price(node.selection_set, self._narrowed(node, parent))
            else:
                total += self._fragment_price(node.name.value, parent)
        return total

    def _fragment_price(self, name: str, parent: Any) -> int:
        if name not in self._prices:
            fragment = self.found.fragments[name]
            narrowed = self._narrowed(fragment, parent)
            self._prices[name] = self._price(fragment.selection_set, narrowed)
        return self._prices[name]

    def _narrowed(self, node: InlineFragmentNode | FragmentDefinitionNode, parent: Any) -> Any:
        condition = node.type_condition
        return self.schema.type_map[condition.name.value] if condition else parent

    def _field_price(self, node: FieldNode, parent: Any) -> int:
        name = node.name.value
        if name == "__typename":
            return 0
        definition = META_FIELDS.get(name) or parent.fields[name]
        answer = get_named_type(definition.type)
        items = self._items(node, definition)
        if is_leaf_type(answer):
            return items.items * ITEM_PRICE + LEAF_PRICES.get((parent.name, name), 0)
        own = MUTATION_PRICE if parent is self.schema.mutation_type else OBJECT_PRICE
        inside = self._size(node, definition) * self._price(node.selection_set, answer)
        price = own + items.items * ITEM_PRICE + inside
        self.repeated += max(items.requests - 1, 0) * (price // COST_PER_REQUEST)
        return price

    def _items(self, node: FieldNode, definition: GraphQLField) -> Count:
        """Items, once for each use of a variable, as every field processes its arguments."""
        return sent.together(
            sent.in_literal(definition.args[given.name.value].type, given.value, self.items)
            for given in node.arguments or ()
        )

    def _size(self, node: FieldNode, definition: GraphQLField) -> int:
        sized = [name for name in SIZED_ARGUMENTS if name in definition.args]
        if not sized:
            return 1
        given = next(
            (arg.value for arg in node.arguments or () if arg.name.value == sized[0]), None
        )
        return checked_size(self._asked(given), given)

    def _asked(self, given: ValueNode | None) -> int:
        if isinstance(given, VariableNode):
            return self.sizes.get(given.name.value, PAGE_DEFAULT)
        if isinstance(given, IntValueNode):
            return int(given.value)
        return len(given.values) if isinstance(given, ListValueNode) else PAGE_DEFAULT


def checked_size(asked: int, given: ValueNode | None) -> int:
    """Number of objects requested; `given` is the literal or variable that sets it.

    Raises: RequestError PAGE_TOO_LARGE, BAD_USER_INPUT
    """
    variable = given.name.value if isinstance(given, VariableNode) else None
    named: dict[str, Any] = in_variable(variable, ()) if variable else {}
    if asked > PAGE_MAX:
        raise RequestError(
            RequestErrorCode.PAGE_TOO_LARGE,
            f"{asked} at once are too many; ask for at most {PAGE_MAX}.",
            node=given,
            max=PAGE_MAX,
            **named,
        )
    if asked < 0:
        message = f"A page of {asked} is impossible."
        raise RequestError(RequestErrorCode.BAD_USER_INPUT, message, node=given, **named)
    return max(asked, 1)


def asked_sizes(
    operation: OperationDefinitionNode, names: frozenset[str], variables: Mapping[str, Any]
) -> Sizes:
    """Sizes requested by the variables used as sized arguments; ill-typed ones are left to
    GraphQL.
    """
    defaults = {
        node.variable.name.value: node.default_value
        for node in operation.variable_definitions or ()
        if isinstance(node.default_value, IntValueNode | ListValueNode)
    }
    sizes = []
    for name in sorted(names):
        value = variables.get(name, defaults.get(name))
        if isinstance(value, IntValueNode):
            sizes.append((name, int(value.value)))
        elif isinstance(value, ListValueNode):
            sizes.append((name, len(value.values)))
        elif isinstance(value, list):
            sizes.append((name, len(value)))
        elif isinstance(value, int | float) and value == int(value):
            sizes.append((name, int(value)))
    return tuple(sizes)
