"""Plans of operations that are written down: made when the process starts, and never forgotten."""

from collections.abc import Iterator
from itertools import product
from typing import cast

from graphql import (
    DocumentNode,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableDefinitionNode,
    get_named_type,
    is_abstract_type,
    is_wrapping_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields
from graphql.execution.values import VariableValues
from graphql.language import NamedTypeNode, NonNullTypeNode

from api.kit.executor import Planned, PlanningExecutor

SWITCHES_MAX = 4
"""Most Boolean variables of an operation planned ahead; one with more is planned when sent."""


def plan(executor: type[PlanningExecutor], schema: GraphQLSchema, document: DocumentNode) -> None:
    """Plan each operation of a valid document for good, for all values of its Boolean variables."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    others = [one for one in document.definitions if not isinstance(one, OperationDefinitionNode)]
    for operation in operations:
        # other variables change no plan, and are not known yet
        bare = OperationDefinitionNode(
            operation=operation.operation, selection_set=operation.selection_set
        )
        document = DocumentNode(definitions=(bare, *others))
        for values in _switches(operation):
            run = cast(PlanningExecutor, executor.build(schema, document))
            run.operation, run.variable_values = operation, VariableValues({}, dict(values))
            _plan(run, cast(GraphQLObjectType, schema.get_root_type(operation.operation)))


def _switches(operation: OperationDefinitionNode) -> Iterator[dict[str, bool]]:
    """All values that Boolean variables can have together, but for null."""
    defined = operation.variable_definitions or ()
    names = [one.variable.name.value for one in defined if _is_switch(one)]
    if len(names) <= SWITCHES_MAX:
        for values in product((True, False), repeat=len(names)):
            yield dict(zip(names, values, strict=True))


def _is_switch(variable: VariableDefinitionNode) -> bool:
    kind = variable.type.type if isinstance(variable.type, NonNullTypeNode) else variable.type
    return isinstance(kind, NamedTypeNode) and kind.name.value == "Boolean"


def _plan(run: PlanningExecutor, root_type: GraphQLObjectType) -> None:
    operation, values = run.operation, run.variable_values
    found = collect_fields(
        run.schema, run.fragments, values, root_type, operation, run.hide_suggestions
    )
    planned = Planned(operation, found.grouped_field_set)
    run.begin(planned)
    _plan_fields(run, root_type, planned.roots)
    run.plans.keep(planned, values.coerced)


def _plan_fields(
    run: PlanningExecutor, parent_type: GraphQLObjectType, fields: GroupedFieldSet
) -> None:
    """Plan the selections on a type, and on all below it, also below fields that are left to
    graphql-core.
    """
    run.plan(parent_type, fields)
    for selected in fields.values():
        definition = run.schema.get_field(parent_type, selected[0].node.name.value)
        if definition is not None:
            _plan_value(run, definition.type, selected)


def _plan_value(
    run: PlanningExecutor, type_: GraphQLOutputType, selected: FieldDetailsList
) -> None:
    """As values are completed: from without to within."""
    run.known_completion(type_, selected)
    while is_wrapping_type(type_):
        type_ = type_.of_type
        run.known_completion(type_, selected)
    named = get_named_type(type_)
    possible = run.schema.get_possible_types(named) if is_abstract_type(named) else [named]
    for one in possible:
        if isinstance(one, GraphQLObjectType):
            below = run.collect_subfields(one, selected).grouped_field_set
            _plan_fields(run, one, below)
