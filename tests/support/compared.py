"""An executor that answers with a plan and without one, and records where the answers differ."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from graphql import GraphQLError, GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from graphql.execution.executor import CollectedErrors
from graphql.pyutils import Path
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.schema.schema import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Standard

from api.edge.endpoint import Endpoint
from api.kit.executor import PlanningExecutor, Plans

differences: list[str] = []
"""Where the two answers differed; a fixture checks this after every test."""

COMPARED_MAX = 20
"""How many answers of one plan are compared: later ones differ only in their values."""


def install(app: Starlette) -> None:
    """Have this application compare all its answers."""
    [endpoint] = [
        route.endpoint
        for route in app.routes
        if isinstance(route, Route) and isinstance(route.endpoint, Endpoint)
    ]
    schema = endpoint.schema
    assert isinstance(schema, Schema)
    schema.execution_context_class = ComparingExecutor


class ComparingExecutor(PlanningExecutor):
    """Resolves fields that await nothing twice, since they have no effects."""

    plans = Plans()
    compared: ClassVar[Counter[object]] = Counter()
    """How often each plan, and each completion, was compared."""

    without_plans = False
    """Whether fields are resolved the standard way at present, down to the leaves."""

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,
    ) -> Any:
        asked = (parent_type, source_value, path, grouped_field_set, position_context)
        if self.without_plans:
            return Standard.execute_fields(self, *asked)
        plan = self.plan(parent_type, grouped_field_set)
        if self.is_new(plan):
            names = [name for name in plan.blank if name not in plan.resolved]
            fields = {name: grouped_field_set[name] for name in names}
            standard = partial(Standard.execute_fields, self, parent_type, source_value, path)

            def planned() -> Any:
                whole = plan.read(source_value, self)
                return {name: whole[name] for name in names}

            self.compare(path, planned, partial(standard, fields, None))
        return super().execute_fields(*asked)

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        asked = (return_type, field_details_list, info, path, result, position_context)
        if self.without_plans:
            return Standard.complete_value(self, *asked)
        completion = self.known_completion(return_type, field_details_list)
        if completion and self.is_new(completion):
            standard = partial(Standard.complete_value, self, *asked)
            self.compare(path, partial(completion.complete, result, self), standard)
        return super().complete_value(*asked)

    def is_new(self, made: object) -> bool:
        """Whether this plan or completion is to be compared once more."""
        self.compared[made] += 1
        return self.compared[made] <= COMPARED_MAX

    def compare(
        self, path: Path | None, planned: Callable[[], Any], standard: Callable[[], Any]
    ) -> None:
        try:
            answer = planned()
        except Exception:  # whatever it is, the standard executor will answer
            return
        expected = self.standard(standard)
        # unlike ==, repr compares the order of names, and tells 1 from True
        if repr(answer) != repr(expected):
            differences.append(f"{path and path.as_list()}: {answer} is not {expected}")

    def standard(self, answered: Callable[[], Any]) -> Any:
        """The answer of strawberry's own executor, or its errors, which are not reported here."""
        kept, self.collected_errors = self.collected_errors, CollectedErrors()
        self.without_plans = True
        try:
            answer = answered()
            return answer if not self.collected_errors.errors else self.collected_errors.errors
        except GraphQLError as error:
            return [error]
        finally:
            self.without_plans = False
            self.collected_errors = kept
