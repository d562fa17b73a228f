"""Subscriptions as server-sent events: one answer to a request that continues."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from graphql import OperationType as OperationKind
from starlette.requests import Request
from strawberry.http import GraphQLRequestData
from strawberry.types import ExecutionResult

from api.edge import streams, transport
from api.edge.admission import Admission
from api.edge.rates import CHARACTERS_PER_REQUEST
from api.edge.sockets import Porter
from api.edge.streams import Asked, Served
from api.kit.context import Anonymous, Context


@dataclass(frozen=True, slots=True)
class Events:
    """Answers as server-sent events, and the admission of their readers."""

    schema: Served
    porter: Porter

    async def of(
        self,
        request: Request,
        sent: GraphQLRequestData,
        context: Context | Anonymous,
        at_once: Callable[[], Awaitable[ExecutionResult]],
    ) -> AsyncGenerator[ExecutionResult, None] | None:
        """A subscription is answered by events, everything else, as it is answered `at_once`, where
        nothing but these will do: clients name all that they can read. None where it is not.

        Raises: RequestError, HTTPException
        """
        if not transport.wants_events(request):
            return None
        if self._subscribes(request, sent, context):
            return await self._begin(request, sent, context)
        if transport.accepts_json(request.headers["accept"].lower()):
            return None
        return _once(await at_once())

    def _subscribes(
        self, request: Request, sent: GraphQLRequestData, context: Context | Anonymous
    ) -> bool:
        """
        Raises: RequestError RATE_LIMITED, FORBIDDEN
        """
        text, gate = sent.query or "", self.schema.gate
        if "subscription" not in text:
            return False
        Admission(gate).check_written(context, text)
        if not gate.knows(text):
            request.state.visit.charge(len(text) // CHARACTERS_PER_REQUEST)
        return gate.kind(text, sent.operation_name) is OperationKind.SUBSCRIPTION

    async def _begin(
        self, request: Request, sent: GraphQLRequestData, context: Context | Anonymous
    ) -> AsyncGenerator[ExecutionResult, None]:
        if isinstance(context, Context):
            request.state.session = await self.porter.begin(
                context.caller,
                request.headers.get("authorization"),
                request.state.visit,
                context.kept_open.end,
            )
        asked = Asked(sent.query or "", sent.variables, sent.operation_name)
        return streams.answers(self.schema, asked, context)


async def _once(result: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    """An ordinary answer, for a client that reads only events."""
    yield result
