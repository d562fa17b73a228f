"""How much one operation may ask for, decided from its text and variables before it runs.

A document is parsed, validated and measured once and remembered by its text; only its price,
which depends on the page sizes in the variables, is worked out per operation, and remembered
too. Price: a leaf 0, an object 1, a page its size times what is inside, a mutation 10, a
printed statement 100.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import MaxIntrospectionDepthRule
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext

from api.edge import measure
from api.edge.auth import unauthenticated
from api.edge.measure import Parts, Sizes, Tally
from api.edge.rates import Rate
from api.kit import permissions
from api.kit.context import Anonymous, Context
from api.kit.request_errors import RequestError, RequestErrorCode

DOCUMENTS_MAX = 128
DOCUMENT_LENGTH_MAX = 65_536
PRICES_MAX = 64
"""Prices remembered of one document: it has few operations, and clients few page sizes."""

VALIDATION_ERRORS_MAX = 20
RULES: tuple[type[ASTValidationRule], ...] = (
    *specified_rules,
    MaxIntrospectionDepthRule,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and one caller, may ask of the API."""

    depth_max: int = 12
    aliases_max: int = 30
    tokens_max: int = 2000
    cost_max: int = 1000
    body_bytes_max: int = 1_000_000
    request_seconds_max: float = 10.0
    member_rate_per_second: float = 20
    member_rate_burst: int = 100
    partner_rate_per_second: float = 200
    partner_rate_burst: int = 1000

    @property
    def member_rate(self) -> Rate:
        return Rate(self.member_rate_per_second, self.member_rate_burst)

    @property
    def partner_rate(self) -> Rate:
        return Rate(self.partner_rate_per_second, self.partner_rate_burst)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A document as far as its text alone decides; hashed by identity, as it is made once."""

    document: DocumentNode
    found: Parts
    counted: Tally
    roots: Mapping[str | None, frozenset[str]]
    errors: list[GraphQLError]
    prices: dict[tuple[str | None, Sizes], int] = field(default_factory=dict)


@dataclass(eq=False)
class Gate:
    """What an operation must pass, with the memory of the documents and prices seen before."""

    limits: Limits
    production: bool
    prepare: Callable[[GraphQLSchema, str], Prepared] = field(init=False)
    seen: Callable[[], Any] = field(init=False)

    def __post_init__(self) -> None:
        prepare = lru_cache(DOCUMENTS_MAX)(self._prepare)
        self.prepare, self.seen = prepare, prepare.cache_info

    def _prepare(self, schema: GraphQLSchema, text: str) -> Prepared:
        """
        Raises: RequestError GRAPHQL_PARSE_FAILED, TOO_COSTLY, BAD_USER_INPUT
        """
        document = _parse(text, self.limits.tokens_max)
        found, counted = measure.parts(document), measure.tally(document)
        if counted.aliases > self.limits.aliases_max:
            raise too_costly(f"{counted.aliases} aliases", self.limits.aliases_max)
        if counted.has_nul:
            raise RequestError(
                RequestErrorCode.BAD_USER_INPUT, "Text must not contain the character NUL."
            )
        errors = validate(schema, document, RULES, max_errors=VALIDATION_ERRORS_MAX)
        for error in errors:
            error.extensions = {"code": RequestErrorCode.GRAPHQL_VALIDATION_FAILED.value}
        roots = {name: measure.root_fields(node, found) for name, node in found.operations.items()}
        prepared = Prepared(document, found, counted, roots, errors)
        return prepared if errors else self._checked_depth(schema, prepared)

    def _checked_depth(self, schema: GraphQLSchema, prepared: Prepared) -> Prepared:
        walk = measure.Walk(schema, prepared.found, free_introspection=not self.production)
        deepest = max(walk.depth(node.selection_set) for node in prepared.found.operations.values())
        if deepest > self.limits.depth_max:
            prepared.errors.append(
                RequestError(
                    RequestErrorCode.TOO_DEEP,
                    f"{deepest} levels are too deep; at most {self.limits.depth_max}.",
                    max=self.limits.depth_max,
                )
            )
        return prepared

    def price(
        self, schema: GraphQLSchema, prepared: Prepared, name: str | None, sizes: Sizes
    ) -> int:
        """What the operation `name` costs with these page sizes.

        Raises: RequestError PAGE_TOO_LARGE, BAD_USER_INPUT
        """
        known = prepared.prices.get((name, sizes))
        if known is not None:
            return known
        free = not self.production
        walk = measure.Walk(schema, prepared.found, free, dict(sizes))
        price = walk.price(prepared.found.operations[name])
        if len(prepared.prices) < PRICES_MAX:
            prepared.prices[name, sizes] = price
        return price


class Admission(SchemaExtension):
    """Lets one operation through the gate, or not; strawberry makes one per operation."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate
        self.cost: int | None = None
        self.errors: list[GraphQLError] = []

    def on_parse(self) -> Iterator[None]:
        """Who may run it comes before what is wrong with it: a stranger learns no schema.

        Raises: RequestError
        """
        run = self.execution_context
        if run.query:
            self._admit(run, run.query)
        yield

    def _admit(self, run: ExecutionContext, text: str) -> None:
        schema = run.schema._schema
        prepared = self.gate.prepare(schema, text)
        name = _chosen(prepared, run._provided_operation_name)
        roots = prepared.roots[name]
        run.context.told["fields"] = sorted(roots & permissions.ALLOWED.keys())
        self._check_caller(run.context, roots)
        self.errors = prepared.errors
        if not prepared.errors:
            self._check_price(schema, prepared, name, run.variables or {})
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
        variables: Mapping[str, Any],
    ) -> None:
        operation = prepared.found.operations[name]
        sizes = measure.asked_sizes(operation, prepared.counted.sized_variables, variables)
        self.cost = self.gate.price(schema, prepared, name, sizes)
        if self.cost > self.gate.limits.cost_max:
            raise too_costly(f"A cost of {self.cost}", self.gate.limits.cost_max)


def too_costly(what: str, most: int) -> RequestError:
    return RequestError(
        RequestErrorCode.TOO_COSTLY, f"{what} is too much; at most {most}.", max=most
    )


def _parse(text: str, tokens_max: int) -> DocumentNode:
    if len(text) > DOCUMENT_LENGTH_MAX:
        raise too_costly("The length of this document", DOCUMENT_LENGTH_MAX)
    try:
        return parse(text, max_tokens=tokens_max)
    except GraphQLSyntaxError as error:
        if "more than" in error.message and "tokens" in error.message:
            raise too_costly("The number of tokens of this document", tokens_max) from None
        if "nested too deeply" in error.message:
            raise RequestError(
                RequestErrorCode.TOO_DEEP, "The document is nested too deeply."
            ) from None
        error.extensions = {"code": RequestErrorCode.GRAPHQL_PARSE_FAILED.value}
        raise


def _chosen(prepared: Prepared, name: str | None) -> str | None:
    """The operation to run. GraphQL wants its name where there are several: none is guessed."""
    operations = prepared.found.operations
    if name is None and len(operations) == 1:
        return next(iter(operations))
    if name is None or name not in operations:
        raise RequestError(
            RequestErrorCode.BAD_REQUEST,
            f"`operationName` must name one of the document's {len(operations)} operation(s).",
        )
    return name
