"""An executor that answers everything with a plan and without one, and says where they differ."""

from collections import Counter
from typing import Any, ClassVar

from graphql import GraphQLError, GraphQLObjectType, Undefined
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.executor import CollectedErrors
from graphql.pyutils import Path
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.schema.schema import Schema, StrawberryGraphQLCoreExecutionContext

from api.edge.endpoint import Endpoint
from api.kit.executor import Plan, PlanningExecutor, Plans

differences: list[str] = []
"""What the two answered differently; a fixture asks after every test."""

COMPARED_MAX = 20
"""How many answers of one plan are compared: those that come after differ by values only."""


def install(app: Starlette) -> None:
    """Compare all that this application answers."""
    [endpoint] = [
        route.endpoint
        for route in app.routes
        if isinstance(route, Route) and isinstance(route.endpoint, Endpoint)
    ]
    schema = endpoint.schema
    assert isinstance(schema, Schema)
    schema.execution_context_class = ComparingExecutor


class ComparingExecutor(PlanningExecutor):
    """What nothing is waited for has no effect, and so is answered twice."""

    plans = Plans()
    compared: ClassVar[Counter[Plan]] = Counter()

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        plan = self.plan(parent_type, grouped_field_set)
        self.compared[plan] += 1
        if self.compared[plan] <= COMPARED_MAX:
            self.compare(plan, parent_type, source_value, path, grouped_field_set)
        return super().execute_fields(
            parent_type, source_value, path, grouped_field_set, position_context
        )

    def compare(
        self,
        plan: Plan,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
    ) -> None:
        names = [name for name, step in plan.steps if step]
        planned: Any
        try:
            whole = plan.read(source_value, self)
            planned = {name: whole[name] for name in names}
        except Exception:  # the standard way answers, whatever it is
            planned = Undefined
        if planned is not Undefined:
            fields = {name: grouped_field_set[name] for name in names}
            standard = self.standard(parent_type, source_value, path, fields)
            if planned != standard or list(planned) != list(standard):
                differences.append(f"{path and path.as_list()}: {planned} is not {standard}")

    def standard(
        self, parent_type: GraphQLObjectType, source: Any, path: Path | None, fields: Any
    ) -> Any:
        """What strawberry's own executor answers; its errors are left to the second run."""
        kept, self.collected_errors = self.collected_errors, CollectedErrors()
        try:
            own = StrawberryGraphQLCoreExecutionContext.execute_fields
            answer = own(self, parent_type, source, path, fields, None)
            return answer if not self.collected_errors.errors else self.collected_errors.errors
        except GraphQLError as error:
            return [error]
        finally:
            self.collected_errors = kept
