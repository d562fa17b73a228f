"""Permission to run an operation, and its cost: decided in advance from its text and variables.

Its caller is checked before it is validated, its cost is charged to its caller's rate, and only
then does it run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode

from api.edge import measure, sent
from api.edge.auth import unauthenticated
from api.edge.gate import Gate, Prepared, too_costly
from api.edge.rates import CHARACTERS_PER_REQUEST, COST_PER_REQUEST
from api.kit import permissions
from api.kit.context import Anonymous, Context
from api.kit.request_errors import RequestError, RequestErrorCode
from domain.kernel.callers import CallerKind

ONLY_WRITTEN = frozenset({CallerKind.MEMBER, CallerKind.PUBLIC})
"""Kinds of callers whose token is public."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A sent operation: a document, the name of the operation in it, and its variables."""

    schema: GraphQLSchema
    text: str
    name: str | None
    variables: dict[str, Any]
    context: Context | Anonymous


@dataclass(frozen=True, slots=True)
class Admitted:
    """An operation of a document by its name, and the errors for which it does not run."""

    prepared: Prepared
    name: str | None
    errors: Sequence[GraphQLError]

    @property
    def definition(self) -> OperationDefinitionNode:
        return self.prepared.found.operations[self.name]


@dataclass(slots=True, eq=False)
class Admission:
    """Lets one operation through the gate, or not."""

    gate: Gate
    cost: int | None = None
    requests: int = 1
    """Number of requests that it was charged as."""

    def admit(self, run: Operation) -> Admitted:
        """The operation ready to run, or the errors of validation.

        Permission is checked before validation: an unknown caller learns nothing about the schema,
        and causes no work.

        Raises: RequestError
        """
        text, schema = run.text, run.schema
        self.check_written(run.context, text)
        if not self.gate.knows(text):
            run.context.charge(len(text) // CHARACTERS_PER_REQUEST)
        prepared = self.gate.prepare(text)
        name = _chosen(prepared, run.name)
        roots = prepared.roots[name]
        run.context.told["fields"] = sorted(roots & permissions.ALLOWED.keys())
        self._check_caller(run.context, roots)
        if prepared.errors is None:
            run.context.charge(prepared.size.work // COST_PER_REQUEST)
        errors = self.gate.validate(schema, prepared)
        if not errors:
            self.gate.check_nulls(schema, prepared, name, run.variables)
            self._check_price(prepared, name, run)
        return Admitted(prepared, name, errors)

    @property
    def said(self) -> dict[str, Any]:
        """Its part of the answer's `extensions`."""
        if self.cost is None:
            return {}
        return {"cost": {"requested": self.cost, "max": self.gate.limits.cost_max}}

    def check_written(self, context: Context | Anonymous, text: str) -> None:
        """
        Raises: RequestError FORBIDDEN
        """
        if (
            self.gate.persisted.only
            and isinstance(context, Context)
            and context.caller.kind in ONLY_WRITTEN
            and text not in self.gate.kept
        ):
            raise RequestError(
                RequestErrorCode.FORBIDDEN,
                f"A {context.caller.kind} caller may send only operations that are written down "
                "in the manifest of this server.",
            )

    def _check_caller(self, context: Context | Anonymous, roots: frozenset[str]) -> None:
        if isinstance(context, Context):
            permissions.require(context.caller, roots)
        elif self.gate.production or not all(".__" in name for name in roots):
            raise unauthenticated(
                "This needs a token: `Authorization: Bearer …`.", token_given=False
            )

    def _check_price(
        self,
        prepared: Prepared,
        name: str | None,
        run: Operation,
    ) -> None:
        operation, variables, schema = prepared.found.operations[name], run.variables, run.schema
        sizes = measure.asked_sizes(operation, prepared.counted.sized_variables, variables)
        items = sent.in_variables(schema, operation, variables)
        price = self.gate.price(schema, prepared, (name, sizes, items))
        self.cost = price.cost
        if self.cost > self.gate.limits.cost_max:
            raise too_costly(f"A cost of {self.cost}", self.gate.limits.cost_max)
        # its first request was charged on arrival
        run.context.charge(price.requests - 1)
        self.requests = max(1, price.requests)


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
