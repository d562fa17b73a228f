"""The gate: a document is parsed and measured, validated, and priced, each at most once.

Parsing and measuring take as long as the document is long; only what passes them is validated. Each
result is cached by the document's text, also a refusal, and results of persisted documents are
never removed. The price depends on the variables, and is cached by what they say.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import MaxIntrospectionDepthRule
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.edge import expansion, measure, nulls
from api.edge.expansion import Size
from api.edge.limits import Limits
from api.edge.manifests import NOTHING_PERSISTED, PersistedOperations
from api.edge.measure import Parts, Price, Sizes, Tally
from api.edge.sent import NUL_IN_TEXT, Items
from api.kit.request_errors import RequestError, RequestErrorCode

DOCUMENTS_MAX = 128
DOCUMENT_LENGTH_MAX = 65_536
FRAGMENTS_MAX = 50
SPREADS_MAX = 100
FIELDS_MAX = 2000
REPEATS_MAX = 200
"""Of one document, spread out: see `expansion.Size`. Within them validation takes some ten
milliseconds."""

PRICES_MAX = 64
"""Prices remembered of one document: it has few operations, and clients few page sizes."""

VALIDATION_ERRORS_MAX = 20
RULES: tuple[type[ASTValidationRule], ...] = (
    *specified_rules,
    MaxIntrospectionDepthRule,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)

Run = tuple[str | None, Sizes, Items]
"""An operation by its name, with the values of variables on which its price depends."""


@dataclass(slots=True, eq=False)
class Prepared:
    """Results for a document that depend only on its text; hashed by identity, as it is made
    once.
    """

    document: DocumentNode
    found: Parts
    counted: Tally
    size: Size
    roots: Mapping[str | None, frozenset[str]]
    errors: list[GraphQLError] | None = None
    """Errors of validation; None before it ran."""

    prices: dict[Run, Price] = field(default_factory=dict)
    reads_once: bool | None = None
    """Whether it needs at most one query; None before that was determined."""

    never_null: frozenset[str] | None = None
    """Its variables at places that do not accept null; None before that was determined."""


@dataclass(eq=False)
class Gate:
    """The checks that an operation must pass, with caches of documents and prices seen before."""

    limits: Limits
    production: bool
    persisted: PersistedOperations = NOTHING_PERSISTED
    known: OrderedDict[str, Prepared | GraphQLError] = field(default_factory=OrderedDict)
    kept: dict[str, Prepared | GraphQLError] = field(default_factory=dict)

    def knows(self, text: str) -> bool:
        return text in self.kept or text in self.known

    def keep(self, schema: GraphQLSchema, text: str) -> list[GraphQLError]:
        """Prepare and validate a document permanently, and return its errors."""
        outcome = self.kept[text] = self._parsed(text)
        return [outcome] if isinstance(outcome, GraphQLError) else self.validate(schema, outcome)

    def prepare(self, text: str) -> Prepared:
        """A document parsed and measured, in time that grows with its length only.

        Raises: RequestError GRAPHQL_PARSE_FAILED, TOO_COSTLY, TOO_DEEP, BAD_USER_INPUT
        """
        outcome = self.kept.get(text) or self._remembered(text)
        if isinstance(outcome, GraphQLError):
            # the same error is raised each time, and must not gather what it was raised through
            raise outcome.with_traceback(None)
        return outcome

    def _remembered(self, text: str) -> Prepared | GraphQLError:
        if text not in self.known:
            self.known[text] = self._parsed(text)
            if len(self.known) > DOCUMENTS_MAX:
                self.known.popitem(last=False)
        self.known.move_to_end(text)
        return self.known[text]

    def _parsed(self, text: str) -> Prepared | GraphQLError:
        try:
            document = _parse(text, self.limits.tokens_max)
            found, counted = measure.parts(document), measure.tally(document)
            _check_fragments(len(found.fragments))
            size = expansion.size(found, SPREADS_MAX)
            self._check_size(size)
        except GraphQLError as error:
            return error
        if counted.nul is not None:
            return RequestError(RequestErrorCode.BAD_USER_INPUT, NUL_IN_TEXT, node=counted.nul)
        roots = {name: measure.root_fields(node, found) for name, node in found.operations.items()}
        return Prepared(document, found, counted, size, roots)

    def _check_size(self, size: Size) -> None:
        """
        Raises: RequestError TOO_COSTLY
        """
        for count, most, what in (
            (size.aliases, self.limits.aliases_max, "aliases"),
            (size.fields, FIELDS_MAX, "fields"),
            (size.repeats, REPEATS_MAX, "fields in a place that has them"),
        ):
            if count > most:
                raise too_costly(f"{count} {what}", most)

    def validate(self, schema: GraphQLSchema, prepared: Prepared) -> list[GraphQLError]:
        """What is wrong with the document and its depth; worked out once."""
        if prepared.errors is None:
            errors = validate(schema, prepared.document, RULES, max_errors=VALIDATION_ERRORS_MAX)
            for error in errors:
                error.extensions = {"code": RequestErrorCode.GRAPHQL_VALIDATION_FAILED.value}
            prepared.errors = errors or self._too_deep(schema, prepared)
        return prepared.errors

    def _too_deep(self, schema: GraphQLSchema, prepared: Prepared) -> list[GraphQLError]:
        walk = measure.Walk(schema, prepared.found, free_introspection=not self.production)
        deepest = max(walk.depth(node.selection_set) for node in prepared.found.operations.values())
        if deepest <= self.limits.depth_max:
            return []
        message = f"{deepest} levels are too deep; at most {self.limits.depth_max}."
        return [RequestError(RequestErrorCode.TOO_DEEP, message, max=self.limits.depth_max)]

    def check_nulls(
        self,
        schema: GraphQLSchema,
        prepared: Prepared,
        name: str | None,
        variables: Mapping[str, Any],
    ) -> None:
        """No variable of a valid document's operation is null where null is not taken.

        Raises: RequestError BAD_USER_INPUT
        """
        if prepared.never_null is None:
            prepared.never_null = nulls.places(schema, prepared.document)
        if nulls.among(prepared.found.operations[name], variables, prepared.never_null):
            nulls.check(schema, prepared.found, name, variables)

    def price(self, schema: GraphQLSchema, prepared: Prepared, run: Run) -> Price:
        """What an operation costs with these page sizes and items.

        Raises: RequestError PAGE_TOO_LARGE, BAD_USER_INPUT, TOO_COSTLY
        """
        if (known := prepared.prices.get(run)) is not None:
            return known
        name, sizes, items = run
        free = not self.production
        walk = measure.Walk(schema, prepared.found, free, dict(sizes), dict(items))
        price = walk.price(prepared.found.operations[name])
        if len(prepared.prices) < PRICES_MAX:
            prepared.prices[run] = price
        return price

    def kind(self, text: str, name: str | None) -> OperationType | None:
        """Whether a document's operation is a query, a mutation or a subscription; None where it
        is none that could run.
        """
        try:
            operations = self.prepare(text).found.operations
        except GraphQLError:
            return None
        if name is None and len(operations) == 1:
            [name] = operations
        return operations[name].operation if name in operations else None

    def reads_once(self, schema: GraphQLSchema, text: str) -> bool:
        """Whether a valid document reads one statement at the most; worked out once."""
        prepared = self.prepare(text)
        if prepared.reads_once is None:
            prepared.reads_once = measure.reads_once(schema, prepared.document)
        return prepared.reads_once


def too_costly(what: str, most: int) -> RequestError:
    return RequestError(
        RequestErrorCode.TOO_COSTLY, f"{what} is too much; at most {most}.", max=most
    )


def _check_fragments(count: int) -> None:
    """
    Raises: RequestError TOO_COSTLY
    """
    if count > FRAGMENTS_MAX:
        raise too_costly(f"{count} fragments", FRAGMENTS_MAX)


def _parse(text: str, tokens_max: int) -> DocumentNode:
    if len(text) > DOCUMENT_LENGTH_MAX:
        raise too_costly("The length of this document", DOCUMENT_LENGTH_MAX)
    try:
        return _unchained(parse(text, max_tokens=tokens_max))
    except GraphQLSyntaxError as error:
        if "more than" in error.message and "tokens" in error.message:
            raise too_costly("The number of tokens of this document", tokens_max) from None
        if "nested too deeply" in error.message:
            raise RequestError(
                RequestErrorCode.TOO_DEEP, "The document is nested too deeply."
            ) from None
        error.extensions = {"code": RequestErrorCode.GRAPHQL_PARSE_FAILED.value}
        raise


def _unchained(document: DocumentNode) -> DocumentNode:
    """The document without the chain of its tokens, which nobody follows once it is parsed: it
    leads both ways, so that what is forgotten would stay until cycles are looked for.
    """
    token = document.loc.start_token if document.loc else None
    while token is not None:
        following, token.next, token.prev = token.next, None, None
        token = following
    return document
