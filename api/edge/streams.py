"""Streams: the answers of a subscription, each made like that of an ordinary operation.

A subscription is admitted once, as an operation is: parsed, permitted, validated, priced. For each
turn of its source the operation then runs again, at one instant, and is charged to its caller's
rate; a caller without any left waits, and changes meanwhile are sent as one.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from graphql import ExecutionResult as GraphQLResult
from graphql import GraphQLError, GraphQLSchema
from graphql import OperationType as OperationKind
from graphql.execution import create_source_event_stream
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from api.edge.admission import Admission, Operation
from api.edge.gate import Gate, Prepared
from api.edge.logging import log, name_of
from api.kit.context import Anonymous, Context, free
from api.kit.live import Turn
from api.kit.loaders import Loaders
from api.kit.request_errors import RETRY_SECONDS, RequestError, RequestErrorCode
from domain.programmes import programmes

AGAIN = frozenset({RequestErrorCode.UNAVAILABLE.value, RequestErrorCode.TIMEOUT.value})
"""Codes of failures that are not sent to a subscriber: the turn is tried again."""

SUBSCRIPTIONS_ONLY = "Only subscriptions are served here; send this as an ordinary request."


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation as it was sent."""

    text: str
    variables: dict[str, Any] | None
    name: str | None


class Served(Protocol):
    """The schema, as `api.schema` has it."""

    gate: Gate
    execution_context_class: Any
    _schema: GraphQLSchema

    def for_strangers(
        self, errors: Iterable[Exception], request_id: str | None
    ) -> list[GraphQLError]: ...

    async def execute(self, *arguments: Any, **options: Any) -> ExecutionResult: ...


async def answers(
    schema: Served, asked: Asked, context: Context | Anonymous
) -> AsyncGenerator[ExecutionResult, None]:
    """The answers of a subscription for as long as its connection lasts, or why there are none."""
    said: Any = None
    try:
        if not isinstance(context, Context):
            admitted(schema, asked, context)
            return
        price, source = _begun(schema, asked, context)
        async with aclosing(source) as turns:
            async for turn in turns:
                if said is not None and not turn.paid:
                    await _pay(context, price)
                result = await _answer(schema, asked, context, turn)
                # an addition to a list is news even if the answer equals the last one
                if turn.news or result.errors or result.data != said:
                    yield result
                said = result.data
    except Refused as refused:
        yield PreExecutionError(data=None, errors=refused.errors)
    except Exception as error:  # of the source, or a bug
        before = PreExecutionError if said is None else ExecutionResult
        yield before(data=None, errors=schema.for_strangers([error], context.request_id))


class Refused(Exception):
    """An operation that is not admitted, with its answer."""

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = list(errors)


def admitted(schema: Served, asked: Asked, context: Context | Anonymous) -> tuple[Prepared, int]:
    """The document of a subscription that may run, and the number of requests charged for an
    answer.

    Raises: RequestError, Refused
    """
    admission = Admission(schema.gate)
    run = Operation(schema._schema, asked.text, asked.name, asked.variables or {}, context)
    found = admission.admit(run)
    if found.errors:
        raise Refused(found.errors)
    if found.definition.operation is not OperationKind.SUBSCRIPTION:
        raise RequestError(RequestErrorCode.BAD_REQUEST, SUBSCRIPTIONS_ONLY)
    return found.prepared, admission.requests


def _begun(
    schema: Served, asked: Asked, context: Context
) -> tuple[int, AsyncGenerator[Turn, None]]:
    """The number of requests charged for an answer, and the source of turns.

    Raises: RequestError, Refused
    """
    prepared, requests = admitted(schema, asked, context)
    executor = schema.execution_context_class.build(
        schema._schema, prepared.document, None, context, asked.variables, asked.name
    )
    if isinstance(executor, list):
        raise Refused(schema.for_strangers(executor, context.request_id))
    source = create_source_event_stream(executor)
    if isinstance(source, GraphQLResult):
        raise Refused(schema.for_strangers(source.errors or (), context.request_id))
    return requests, cast(AsyncGenerator[Turn, None], source)


async def _pay(context: Context, requests: int) -> None:
    """Charge an answer to the caller's rate, as soon as there is any left."""
    while True:
        try:
            context.charge(requests)
        except RequestError as error:
            await asyncio.sleep(float((error.extensions or {}).get("retryAfterSeconds", 1)))
        else:
            return


async def _answer(schema: Served, asked: Asked, context: Context, turn: Turn) -> ExecutionResult:
    """The operation's answer now, once the database is reachable."""
    while True:
        try:
            async with asyncio.timeout(schema.gate.limits.request_seconds_max):
                result = await schema.execute(
                    asked.text,
                    asked.variables,
                    await _at_this_instant(context, turn),
                    operation_name=asked.name,
                    allowed_operation_types=(OperationType.SUBSCRIPTION,),
                )
        except TimeoutError as error:
            log.warning("answer_not_sent", cause=name_of(error))
        else:
            codes = {(error.extensions or {}).get("code") for error in result.errors or ()}
            if not codes & AGAIN:
                return result
        await asyncio.sleep(RETRY_SECONDS)


async def _at_this_instant(context: Context, turn: Turn) -> Context:
    """The context of one answer: nothing that was read for the one before is known to it."""
    programme = await programmes.find(context.programme.code) or context.programme
    return replace(
        context,
        programme=programme,
        now=programme.now(datetime.now(UTC)),
        loaders=Loaders(context.caller),
        told={},
        charge=free,
        revealed=set(),
        redeemed=set(),
        policy=None,
        turn=turn,
    )
