"""GraphQL over HTTP: one address, both media types, and an `errors` body for every refusal.

A request passes in this order: method, media type and announced size, caller and rate, body,
the document's own size, permission, validation, cost, execution, all within one time limit.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData, process_result
from strawberry.http.base import BaseRequestProtocol
from strawberry.types import ExecutionResult

from api.edge import transport
from api.edge.auth import unauthenticated
from api.edge.documents import Documents
from api.edge.limits import Limits
from api.edge.logging import log, name_of
from api.edge.sent import check_values
from api.edge.turnstile import Authenticate, Turnstile, Visit, address_of
from api.kit.context import Anonymous, Context
from api.kit.loaders import Loaders
from api.kit.request_errors import RequestError, RequestErrorCode, of_failure
from api.schema import MilepostSchema
from api.wording.messages import choose_language
from domain.programmes import programmes
from domain.webhooks.outgoing import Outgoing

PARTS: Mapping[str, tuple[type, str]] = {
    "query": (str, "a string"),
    "variables": (dict, "an object"),
    "extensions": (dict, "an object"),
}
"""What a request is made of beside the operation's name: its class, and how that is called."""


class Endpoint(GraphQL[Context | Anonymous, None]):
    def __init__(
        self,
        schema: MilepostSchema,
        *,
        authenticate: Authenticate,
        limits: Limits,
        page: ASGIApp | None,
        outgoing: Outgoing,
        environment: str,
    ) -> None:
        super().__init__(schema, graphql_ide=None, subscription_protocols=())
        self.gate = schema.gate
        self.limits = limits
        self.page = page
        self.outgoing = outgoing
        self.environment = environment
        self.turnstile = Turnstile(authenticate, limits, schema.gate.production)
        self.documents = Documents(schema.gate.written.bodies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Cache-Control": "no-store", "Vary": "Accept, Authorization"}
        visit = Visit(self.turnstile, address_of(HTTPConnection(scope)), headers)
        body = transport.limited(receive, self.limits.body_bytes_max, visit.charge)
        request = Request(scope, body)
        request.state.headers, request.state.visit = headers, visit
        if self.page and request.method == "GET" and transport.wants_page(request):
            await self.page(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.limits.request_seconds_max):
                transport.check(request, self.limits.body_bytes_max)
                post = request.method == "POST"
                response = await (self.answer(request) if post else self.run(request))
        except ClientDisconnect:
            return
        except Exception as error:  # whatever happens, the client gets a GraphQL answer
            response = self._refused(request, _as_request_error(error, request))
        finally:
            visit.end()
        response.headers.update(request.state.headers)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """What `run` does, of one JSON object: nothing is looked for that is never served here, no
        page, form, batch or stream.

        Raises: RequestError, HTTPException
        """
        context = await self.get_context(request)
        sent = self._read(await request.body())
        try:
            result = await self.schema.execute(
                sent.query, sent.variables, context, operation_name=sent.operation_name
            )
        except MissingQueryError:
            raise HTTPException(400, "No GraphQL query found in the request") from None
        body = await self.process_result(request, result)
        return self._response(body, transport.media_type_of(request))

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        return False  # the page was served before, and only where text/html is asked for

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket | None = None
    ) -> Context | Anonymous:
        """
        Raises: RequestError UNAUTHENTICATED, RATE_LIMITED
        """
        request_id = str(getattr(request.state, "request_id", ""))
        told = request.state.told = {}
        visit: Visit = request.state.visit
        caller = await self.turnstile.enter(visit, request.headers.get("authorization"))
        if caller is None:
            return Anonymous(request_id, told, visit.charge)
        told.update(caller=caller.kind.value, programme=caller.programme)
        programme = await programmes.find(caller.programme)
        if programme is None:
            raise unauthenticated("The token names no programme that is served here.")
        return Context(
            request_id=request_id,
            caller=caller,
            programme=programme,
            now=programme.now(datetime.now(UTC)),
            loaders=Loaders(caller),
            outgoing=self.outgoing,
            environment=self.environment,
            told=told,
            asked_language=choose_language(request.headers.get("accept-language")),
            charge=visit.charge,
        )

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """
        Raises: RequestError BAD_REQUEST, BAD_USER_INPUT, TOO_COSTLY, PERSISTED_QUERY_NOT_FOUND
        """
        return self._sent(self.parse_query_params(dict(request.query_params)))

    def _read(self, body: bytes) -> GraphQLRequestData:
        """The operation that is sent as a JSON object.

        Raises: as `parse_http_body`, HTTPException
        """
        if not body.lstrip().startswith(b"{"):
            raise RequestError(
                RequestErrorCode.BAD_REQUEST, "Send one operation, as a JSON object."
            )
        return self._sent(self.parse_json(body))

    def _sent(self, said: Mapping[str, Any]) -> GraphQLRequestData:
        for part, (kind, words) in PARTS.items():
            if (found := said.get(part)) is not None and not isinstance(found, kind):
                raise HTTPException(
                    400, f"The GraphQL operation's `{part}` must be {words} or null, if provided."
                )
        name, variables = said.get("operationName"), said.get("variables")
        if not isinstance(name, str | None):
            raise RequestError(RequestErrorCode.BAD_REQUEST, "`operationName` must be a string.")
        check_values(variables)
        query = self.documents.resolve(said.get("query"), said.get("extensions"))
        return GraphQLRequestData(query, variables, name or None, said.get("extensions"))

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """An answer to a request that never ran has no `data` entry."""
        response = process_result(result)
        errors = result.errors or []
        if result.data is None and errors and all(error.path is None for error in errors):
            del response["data"]
        for error in errors:
            if isinstance(error, RequestError):
                request.state.headers.update(error.headers)
        return response

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        response = await super().get_sub_response(request)
        response.media_type = transport.media_type_of(request)
        return response

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        if isinstance(response_data, list):
            raise TypeError("operations come one at a time")
        return self._response(response_data, sub_response.media_type or transport.JSON)

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def _refused(self, request: Request, error: RequestError) -> Response:
        request.state.headers.update(error.headers)
        return self._response({"errors": [error.formatted]}, transport.media_type_of(request))

    def _response(self, body: GraphQLHTTPResponse, media_type: str) -> Response:
        return Response(
            self.encode_json(body),
            status_code=transport.status_of(body, media_type),
            media_type=f"{media_type}; charset=utf-8",
        )


def _as_request_error(error: Exception, request: Request) -> RequestError:
    if isinstance(error, RequestError):
        return error
    if (failure := of_failure(error)) is not None:
        log.warning("failure", code=failure.code.value, cause=name_of(error))
        return failure
    if isinstance(error, HTTPException):
        if "mutations are not allowed" in error.reason:
            return RequestError(
                RequestErrorCode.METHOD_NOT_ALLOWED, error.reason, headers={"Allow": "POST"}
            )
        return RequestError(RequestErrorCode.BAD_REQUEST, error.reason)
    log.error("bug", exc_info=error)
    request_id = getattr(request.state, "request_id", None)
    return RequestError(
        RequestErrorCode.INTERNAL,
        "Something went wrong here; tell us the request id.",
        requestId=request_id,
    )
