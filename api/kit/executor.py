"""The executor of operations: parts of an answer that need no waiting are written at once.

The selections of an operation are planned once per document. A field is read from its object, or
computed by a resolver that does not wait, and completed by a closure made for its type, down to its
leaves; every other field is left to graphql-core. Whatever a closure does not expect (a value of
another class, a null where none may be, a value to wait for, an error) sends the whole object that
way, and graphql-core then finds and reports the error: an answer is the same with a plan and
without one. So a resolver that does not wait must have no side effect, as it may be called twice.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any, ClassVar

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    OperationDefinitionNode,
)
from graphql.execution import get_argument_values
from graphql.execution.collect_fields import (
    CollectedFields,
    DeferUsage,
    FieldDetailsList,
    GroupedFieldSet,
)
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from api.kit import completions
from api.kit.completions import Attribute, Complete, Completion, Plan, Step, Unplanned
from api.kit.resolvers import Call

PLANS_MAX = 256
"""Operations, each with the values of its Boolean variables, whose plans are cached; permanent ones
are not counted.
"""

Sent = Callable[["PlanningExecutor"], dict[str, Any]]
"""Arguments of a resolver in this execution, besides its object."""


@dataclass(slots=True, eq=False)
class Planned:
    """Plans for an operation and the values of its Boolean variables.

    It keeps a reference to the operation, so that identities used as keys stay valid.
    """

    operation: OperationDefinitionNode
    roots: GroupedFieldSet
    collected: dict[tuple[GraphQLObjectType, int], tuple[FieldDetailsList, CollectedFields]] = (
        field(default_factory=dict)
    )
    plans: dict[int, Plan] = field(default_factory=dict)
    completions: dict[tuple[int, int], Completion | None] = field(default_factory=dict)


Key = tuple[int, tuple[tuple[str, bool], ...]]


class Plans:
    """Plans of the operations seen last, of one schema, and of those that are never forgotten."""

    def __init__(self) -> None:
        self.known: OrderedDict[Key, Planned] = OrderedDict()
        self.kept: dict[Key, Planned] = {}

    def keep(self, planned: Planned, values: dict[str, Any]) -> None:
        """Keep the plans of an operation with these values of variables permanently."""
        self.kept[_key(planned.operation, values)] = planned

    def recall(
        self, operation: OperationDefinitionNode, values: dict[str, Any], roots: GroupedFieldSet
    ) -> Planned:
        """Of an operation with these values of variables; begun with its root fields."""
        key = _key(operation, values)
        if key in self.kept:
            return self.kept[key]
        planned = self.known.get(key)
        if planned is None:
            planned = self.known[key] = Planned(operation, roots)
            if len(self.known) > PLANS_MAX:
                self.known.popitem(last=False)
        else:
            self.known.move_to_end(key)
        return planned


def _key(operation: OperationDefinitionNode, values: dict[str, Any]) -> Key:
    return id(operation), tuple(item for item in values.items() if isinstance(item[1], bool))


class PlanningExecutor(StrawberryGraphQLCoreExecutionContext):
    """strawberry's executor, with plans for fields that need no waiting."""

    plans: ClassVar[Plans]
    planned: Planned
    sent: dict[int, dict[str, Any]]

    def execute_collected_root_fields(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: GroupedFieldSet,
        serially: bool,
        new_defer_usages: Sequence[DeferUsage],
    ) -> AwaitableOrValue[dict[str, Any]]:
        values = self.variable_values.coerced
        self.begin(self.plans.recall(self.operation, values, grouped_field_set))
        return super().execute_collected_root_fields(
            root_type, root_value, self.planned.roots, serially, new_defer_usages
        )

    def begin(self, planned: Planned) -> None:
        """Begin with the existing plans, and add to them."""
        self.planned = planned
        self.sent = {}
        self._relevant_sub_fields = planned.collected

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        plan = self.plan(parent_type, grouped_field_set)
        try:
            answer = plan.read(source_value, self)
        except Exception:  # graphql-core finds it again, and says where
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        if not plan.resolved:
            return answer
        rest = super().execute_fields(
            parent_type, source_value, path, plan.resolved, position_context
        )
        if isinstance(rest, dict):
            return answer | rest
        return _joined(answer, rest)

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[Any]:
        completion = self.known_completion(return_type, field_details_list)
        if completion:
            with suppress(Exception):  # graphql-core finds it again, and says where
                return completion.complete(result, self)
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def known_completion(
        self, type_: GraphQLOutputType, fields: FieldDetailsList
    ) -> Completion | None:
        known = self.planned.completions
        key = (id(type_), id(fields))
        if key not in known:
            known[key] = self._completion(type_, fields)
        return known[key]

    def plan(self, parent_type: GraphQLObjectType, fields: GroupedFieldSet) -> Plan:
        plans = self.planned.plans
        plan = plans.get(id(fields))
        if plan is None:
            steps = [(name, self._step(parent_type, fields[name])) for name in fields]
            resolved = {name: fields[name] for name, step in steps if step is None}
            plan = plans[id(fields)] = Plan(steps, resolved)
        return plan

    def _step(self, parent_type: GraphQLObjectType, fields: FieldDetailsList) -> Step:
        """The way to answer a field; None if it waits, or one below it does."""
        asked = fields[0].node.name.value
        if asked == "__typename":
            return parent_type.name
        definition = self.schema.get_field(parent_type, asked)
        known = definition and definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if definition is None or not isinstance(known, StrawberryField) or known.is_async:
            return None
        completion = self._completion(definition.type, fields)
        if completion is None:
            return None
        if known.is_basic_field:
            return Attribute(known.python_name, completion)
        call = Call.of(definition)
        if call is None:
            return None
        return _of_resolver(call, _sent(parent_type, definition, call, fields), completion.complete)

    def _completion(self, type_: GraphQLOutputType, fields: FieldDetailsList) -> Completion | None:
        """The completion of a type's values; None if some field below waits."""
        if isinstance(type_, GraphQLNonNull):
            return self._completion_of_some(type_.of_type, fields)
        completion = self._completion_of_some(type_, fields)
        return completion and completions.or_null(completion)

    def _completion_of_some(
        self, type_: GraphQLOutputType, fields: FieldDetailsList
    ) -> Completion | None:
        """The same of values that are not null."""
        if isinstance(type_, GraphQLList):
            completion = self._completion(type_.of_type, fields)
            return completion and completions.of_list(completion.complete)
        if isinstance(type_, GraphQLScalarType | GraphQLEnumType):
            return completions.of_leaf(type_)
        if not isinstance(type_, GraphQLObjectType):
            return completions.OF_NOTHING
        plan = self.plan(type_, self.collect_subfields(type_, fields).grouped_field_set)
        definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if plan.resolved or definition is None:
            return None
        return completions.of_object(definition.origin, plan.read)


async def _joined(answer: dict[str, Any], rest: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    return answer | await rest


def _of_resolver(call: Call, sent: Sent, complete: Complete) -> Complete:
    """A resolver that does not wait."""
    function, has_self = call.function, call.has_self

    def resolved(source: Any, run: PlanningExecutor) -> Any:
        arguments = run.sent.get(id(sent))
        if arguments is None:
            arguments = run.sent[id(sent)] = sent(run)
        # as `call` does, a function less for each object
        value = function(source, **arguments) if has_self else function(**arguments)
        if type(value) is CoroutineType:
            value.close()
            raise Unplanned
        return complete(value, run)

    return resolved


def _sent(
    parent_type: GraphQLObjectType, definition: GraphQLField, call: Call, fields: FieldDetailsList
) -> Sent:
    """The arguments and the info of a resolver, which are the same for every row: a resolver that
    does not wait does not use its place in the answer.
    """
    first, nodes = fields[0], [one.node for one in fields]
    name = first.node.alias.value if first.node.alias else first.node.name.value

    def sent(run: PlanningExecutor) -> dict[str, Any]:
        path = Path(None, name, parent_type.name)
        raw = run.build_resolve_info(definition, nodes, parent_type, path)
        values = get_argument_values(
            definition, first.node, run.variable_values, first.fragment_variable_values
        )
        return call.arguments(raw, values)

    return sent


def planning() -> type[PlanningExecutor]:
    """The executor of one schema, whose plans are that schema's."""
    return type("PlanningExecutor", (PlanningExecutor,), {"plans": Plans()})
