"""The executor of operations: parts of an answer that are attributes alone are written at once.

What an operation selects of a type is planned once a document. A field without a resolver is read
off its object and completed by a closure that was made for its type, down to its leaves; every
other field goes the way of graphql-core. Whatever a closure does not expect (a value of another
class, a null where none may be, an error) sends the whole object that way, which then finds and
words what is wrong: an answer is the same with a plan and without one.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any, ClassVar

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    OperationDefinitionNode,
    Undefined,
)
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

PLANS_MAX = 256
"""Operations, each with the values of its Boolean variables, whose plans are kept."""

PLAIN = frozenset((str, int, bool, Decimal, date, datetime, dict, list))
"""Classes of the values that leaves are made of; the members of an enum are, too."""

Complete = Callable[[Any], Any]
"""What a value becomes in the answer.

Raises: Exception where graphql-core has to decide.
"""


class Unplanned(Exception):
    """A value that no plan expects."""


Step = tuple[Callable[[Any], Any], Complete]
"""How a field is read off its object, and completed."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is selected of a type."""

    steps: list[tuple[str, Step | None]]
    """Names of the answer in their order; a step where neither the field nor one below it has
    a resolver."""

    resolved: GroupedFieldSet
    """The fields without a step."""

    def read(self, value: Any) -> dict[str, Any]:
        """The answer about an object, with `Undefined` in the places of the other fields.

        Raises: Exception where graphql-core has to decide.
        """
        return {name: step[1](step[0](value)) if step else Undefined for name, step in self.steps}


@dataclass(slots=True, eq=False)
class Planned:
    """What follows from an operation and the values of its Boolean variables.

    It keeps the operation, and so what is known by an identity stays what it was.
    """

    operation: OperationDefinitionNode
    roots: GroupedFieldSet
    collected: dict[tuple[GraphQLObjectType, int], tuple[FieldDetailsList, CollectedFields]] = (
        field(default_factory=dict)
    )
    plans: dict[int, Plan] = field(default_factory=dict)
    completions: dict[tuple[int, int], Complete | None] = field(default_factory=dict)


class Plans:
    """Plans of the operations seen last, of one schema."""

    def __init__(self) -> None:
        self.known: OrderedDict[tuple[int, tuple[tuple[str, bool], ...]], Planned] = OrderedDict()

    def recall(
        self, operation: OperationDefinitionNode, values: dict[str, Any], roots: GroupedFieldSet
    ) -> Planned:
        """Of an operation with these values of variables; begun with its root fields."""
        switches = tuple(item for item in values.items() if isinstance(item[1], bool))
        key = (id(operation), switches)
        planned = self.known.get(key)
        if planned is None:
            planned = self.known[key] = Planned(operation, roots)
            if len(self.known) > PLANS_MAX:
                self.known.popitem(last=False)
        else:
            self.known.move_to_end(key)
        return planned


class PlanningExecutor(StrawberryGraphQLCoreExecutionContext):
    """strawberry's executor, with plans for what needs no resolver."""

    plans: ClassVar[Plans]
    planned: Planned

    def execute_collected_root_fields(
        self,
        root_type: GraphQLObjectType,
        root_value: Any,
        grouped_field_set: GroupedFieldSet,
        serially: bool,
        new_defer_usages: Sequence[DeferUsage],
    ) -> AwaitableOrValue[dict[str, Any]]:
        values = self.variable_values.coerced
        self.planned = self.plans.recall(self.operation, values, grouped_field_set)
        self._relevant_sub_fields = self.planned.collected
        return super().execute_collected_root_fields(
            root_type, root_value, self.planned.roots, serially, new_defer_usages
        )

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
            answer = plan.read(source_value)
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
        complete = self._known_completion(return_type, field_details_list)
        if complete:
            with suppress(Exception):  # graphql-core finds it again, and says where
                return complete(result)
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _known_completion(
        self, type_: GraphQLOutputType, fields: FieldDetailsList
    ) -> Complete | None:
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

    def _step(self, parent_type: GraphQLObjectType, fields: FieldDetailsList) -> Step | None:
        """How a field is answered without a resolver; none where it has one, or one below it."""
        asked = fields[0].node.name.value
        if asked == "__typename":
            return (lambda _: parent_type.name), str
        definition = self.schema.get_field(parent_type, asked)
        name = _attribute(definition) if definition else None
        if definition is None or name is None:
            return None
        complete = self._completion(definition.type, fields)
        return (attrgetter(name), complete) if complete else None

    def _completion(self, type_: GraphQLOutputType, fields: FieldDetailsList) -> Complete | None:
        """How values of a type are completed; none where some field below has a resolver."""
        if isinstance(type_, GraphQLNonNull):
            return self._completion_of_some(type_.of_type, fields)
        complete = self._completion_of_some(type_, fields)
        return complete and (lambda value: None if value is None else complete(value))

    def _completion_of_some(
        self, type_: GraphQLOutputType, fields: FieldDetailsList
    ) -> Complete | None:
        """The same of values that are not null."""
        if isinstance(type_, GraphQLList):
            complete = self._completion(type_.of_type, fields)
            return complete and _of_list(complete)
        if isinstance(type_, GraphQLScalarType | GraphQLEnumType):
            return _of_leaf(type_)
        if not isinstance(type_, GraphQLObjectType):
            return None
        plan = self.plan(type_, self.collect_subfields(type_, fields).grouped_field_set)
        definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if plan.resolved or definition is None:
            return None
        return _of_object(definition.origin, plan.read)


async def _joined(answer: dict[str, Any], rest: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    return answer | await rest


def _attribute(definition: GraphQLField) -> str | None:
    """The attribute that a field without a resolver is read from."""
    known = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if isinstance(known, StrawberryField) and known.is_basic_field:
        return known.python_name
    return None


def _of_list(complete: Complete) -> Complete:
    def completed(value: Any) -> list[Any]:
        if type(value) not in (list, tuple):
            raise Unplanned
        return [complete(item) for item in value]

    return completed


def _of_leaf(type_: GraphQLLeafType) -> Complete:
    coerce = type_.coerce_output_value

    def completed(value: Any) -> Any:
        if type(value) not in PLAIN and not isinstance(value, Enum):
            raise Unplanned
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise Unplanned
        return coerced

    return completed


def _of_object(origin: type, read: Complete) -> Complete:
    def completed(value: Any) -> Any:
        if type(value) is not origin:
            raise Unplanned
        return read(value)

    return completed


def planning() -> type[PlanningExecutor]:
    """The executor of one schema, whose plans are that schema's."""
    return type("PlanningExecutor", (PlanningExecutor,), {"plans": Plans()})
