"""Who may run an operation, and at what cost: decided from its text and variables beforehand.

Its caller is looked at before it is validated, its cost is charged to its caller's rate, and
only then does it run.
"""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
)
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from api.edge import measure, sent
from api.edge.auth import unauthenticated
from api.edge.gate import Gate, Prepared, too_costly
from api.edge.rates import CHARACTERS_PER_REQUEST, COST_PER_REQUEST
from api.kit import permissions
from api.kit.context import Anonymous, Context
from api.kit.request_errors import RequestError, RequestErrorCode


class Admission(SchemaExtension):
    """Lets one operation through the gate, or not; strawberry makes one per operation."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate
        self.cost: int | None = None
        self.errors: list[GraphQLError] = []

    def on_parse(self) -> Iterator[None]:
        """Who may run it comes before what is wrong with it: a stranger learns no schema, and
        nobody is validated for nothing.

        Raises: RequestError
        """
        run = self.execution_context
        if run.query:
            self._admit(run, run.query)
        yield

    def _admit(self, run: ExecutionContext, text: str) -> None:
        schema = run.schema._schema
        if text not in self.gate.known:
            run.context.charge(len(text) // CHARACTERS_PER_REQUEST)
        prepared = self.gate.prepare(text)
        name = _chosen(prepared, run._provided_operation_name)
        roots = prepared.roots[name]
        run.context.told["fields"] = sorted(roots & permissions.ALLOWED.keys())
        self._check_caller(run.context, roots)
        if prepared.errors is None:
            run.context.charge(prepared.size.work // COST_PER_REQUEST)
        self.errors = self.gate.validate(schema, prepared)
        if not self.errors:
            self._check_price(schema, prepared, name, run)
        run.graphql_document = prepared.document

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = list(self.errors)
        yield

    def get_results(self) -> dict[str, Any]:
        if self.cost is None:
            return {}
        return {"cost": {"requested": self.cost, "max": self.gate.limits.cost_max}}

    def _check_caller(self, context: Context | Anonymous, roots: frozenset[str]) -> None:
        if isinstance(context, Context):
            permissions.require(context.caller, roots)
        elif self.gate.production or not all(".__" in name for name in roots):
            raise unauthenticated(
                "This needs a token: `Authorization: Bearer …`.", token_given=False
            )

    def _check_price(
        self,
        schema: GraphQLSchema,
        prepared: Prepared,
        name: str | None,
        run: ExecutionContext,
    ) -> None:
        operation, variables = prepared.found.operations[name], run.variables or {}
        sizes = measure.asked_sizes(operation, prepared.counted.sized_variables, variables)
        items = sent.in_variables(schema, operation, variables)
        price = self.gate.price(schema, prepared, (name, sizes, items))
        self.cost = price.cost
        if self.cost > self.gate.limits.cost_max:
            raise too_costly(f"A cost of {self.cost}", self.gate.limits.cost_max)
        # its first request's worth was taken when it came
        run.context.charge(price.requests - 1)


def _chosen(prepared: Prepared, name: str | None) -> str | None:
    """The operation to run. GraphQL wants its name where there are several: none is guessed."""
    operations = prepared.found.operations
    if name is None and len(operations) == 1:
        return next(iter(operations))
    if name is None or name not in operations:
        raise RequestError(
            RequestErrorCode.BAD_REQUEST,
            f"`operationName` must name an operation of the document, which has {len(operations)}.",
        )
    return name
