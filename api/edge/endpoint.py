"""GraphQL over HTTP: one address, both media types, and an `errors` body for every refusal.

A request passes in this order: method, media type and announced size, caller and rate, body,
the document's own size, permission, validation, cost, execution, all within one time limit.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
from cross_web import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData, process_result
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UnsetType

from api.edge import requests, transport
from api.edge.auth import unauthenticated
from api.edge.documents import Documents
from api.edge.events import Events
from api.edge.failures import as_request_error
from api.edge.limits import Limits
from api.edge.logging import log, name_of
from api.edge.sessions import USUAL, Sessions, Terms
from api.edge.sockets import Adapter, Handler, Opening, Porter
from api.edge.turnstile import Authenticate, Turnstile, Visit
from api.kit.context import Anonymous, Context
from api.kit.live import Live
from api.kit.loaders import Loaders
from api.kit.request_errors import RequestError
from api.kit.watching import Watches
from api.schema import MilepostSchema
from api.wording.messages import choose_language
from domain.kernel.callers import Caller
from domain.kernel.database import Unavailable
from domain.programmes import programmes
from domain.webhooks.outgoing import Outgoing

TRY_AGAIN_LATER = 1013


class Endpoint(GraphQL[Context | Anonymous | Opening, None]):
    websocket_adapter_class = Adapter
    graphql_transport_ws_handler_class = Handler

    def __init__(
        self,
        schema: MilepostSchema,
        *,
        authenticate: Authenticate,
        limits: Limits,
        page: ASGIApp | None,
        outgoing: Outgoing,
        environment: str,
        terms: Terms = USUAL,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=timedelta(seconds=terms.init_seconds),
            max_subscriptions_per_connection=None,
        )
        self.stream_transport_classes_by_protocol = {GRAPHQL_SSE_PROTOCOL: transport.Events}
        for stream in self._stream_transport_map.values():
            stream.heartbeat_interval = terms.heartbeat_seconds
        self.graphql = schema
        self.gate = schema.gate
        self.limits = limits
        self.page = page
        self.outgoing = outgoing
        self.environment = environment
        self.turnstile = Turnstile(authenticate, limits, schema.gate.production)
        self.documents = Documents(schema.gate.persisted.bodies)
        self.origins = terms.origins
        watches = Watches(_not_followed, terms.poll_seconds)
        self.porter = Porter(self.turnstile, Sessions(authenticate, terms), watches)
        self.events = Events(schema, self.porter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._keep(WebSocket(scope, receive, send))
            return
        headers = {"Cache-Control": "no-store", "Vary": "Accept, Authorization"}
        with self.turnstile.visit(HTTPConnection(scope), headers) as visit:
            body = transport.limited(receive, self.limits.body_bytes_max, visit.charge)
            request = Request(scope, body)
            request.state.headers, request.state.visit = headers, visit
            if self.page and request.method == "GET" and transport.wants_page(request):
                await self.page(scope, receive, send)
                return
            try:
                async with asyncio.timeout(self.limits.request_seconds_max):
                    transport.check(request, self.limits.body_bytes_max)
                    response = await self.answer(request)
            except ClientDisconnect:
                return
            except Exception as error:  # whatever happens, the client gets a GraphQL answer
                response = self._refused(request, as_request_error(error, _id_of(request)))
        response.headers.update(request.state.headers)
        try:
            await response(scope, receive, send)
        finally:
            self.porter.leave(getattr(request.state, "session", None))

    async def _keep(self, socket: WebSocket) -> None:
        try:
            async with self.porter.opening(socket) as opening:
                socket.state.opening = opening
                await self.run(socket)
        except RequestError:
            await socket.close()

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        return self.origins.allow(origin)

    async def on_ws_connect(self, context: Any) -> UnsetType:
        """Admit the caller of a socket whose first message has arrived."""
        try:
            context.session = await self.porter.let_in(context)
        except RequestError as error:
            raise ConnectionRejectionError from error
        except Unavailable:
            await context.socket.close(TRY_AGAIN_LATER, "Try again later")
            raise WebSocketDisconnected from None
        return UnsetType()

    async def context_of(self, opening: Opening) -> Context:
        """The context of an operation on a socket whose caller was admitted."""
        if opening.session is None:
            raise LookupError("nobody was let in by this socket")
        caller, request_id = opening.session.caller, opening.request_id
        return await self._context(opening.socket, caller, request_id, {}, opening.visit)

    async def answer(self, request: Request) -> Response:
        """The same as `run` for one JSON object, without checks for pages, forms and batches, which
        are never served here.

        Raises: RequestError, HTTPException
        """
        context: Any = await self.get_context(request)
        if request.method == "POST":
            sent = requests.read(self.parse_json(await requests.body(request)), self.documents)
        else:
            sent = self._by_address(request)
        at_once = partial(self._at_once, request, sent, context)
        events = await self.events.of(request, sent, context, at_once)
        if events is not None:
            return await self._stream(request, events)
        answer = await self.process_result(request, await at_once())
        return self._response(answer, transport.media_type_of(request))

    async def _stream(self, request: Request, events: Any) -> Response:
        request.state.headers["Cache-Control"] = "no-store, no-transform"
        request.state.streams = True
        return await self._create_streaming_response(
            request, events, "sse", await self.get_sub_response(request)
        )

    async def _at_once(
        self, request: Request, sent: GraphQLRequestData, context: Any
    ) -> ExecutionResult:
        allowed = OperationType.from_http("POST" if request.method == "POST" else "GET")
        try:
            return await self.schema.execute(
                sent.query,
                sent.variables,
                context,
                operation_name=sent.operation_name,
                allowed_operation_types=allowed,
            )
        except MissingQueryError:
            raise HTTPException(400, "No GraphQL query found in the request") from None
        except InvalidOperationTypeError as error:
            raise HTTPException(400, error.as_http_error_reason("GET")) from None

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket | None = None
    ) -> Context | Anonymous | Opening:
        """
        Raises: RequestError UNAUTHENTICATED, RATE_LIMITED
        """
        if isinstance(request, WebSocket):
            opened: Opening = request.state.opening
            return opened
        request_id = _id_of(request) or ""
        told: dict[str, Any] = {}
        request.state.told = told
        visit: Visit = request.state.visit
        caller = await self.turnstile.enter(visit, request.headers.get("authorization"))
        if caller is None:
            return Anonymous(request_id, told, visit.charge)
        return await self._context(request, caller, request_id, told, visit)

    async def _context(
        self,
        request: HTTPConnection,
        caller: Caller,
        request_id: str,
        told: dict[str, Any],
        visit: Visit,
    ) -> Context:
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
            live=Live(self.porter.watches),
        )

    def _by_address(self, request: Request) -> GraphQLRequestData:
        said = self.parse_query_params(dict(request.query_params))
        return requests.read(said, self.documents)

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

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def _refused(self, request: Request, error: RequestError) -> Response:
        request.state.headers.update(error.headers)
        request.scope["state"].setdefault("told", {})["code"] = error.code.value
        return self._response({"errors": [error.formatted]}, transport.media_type_of(request))

    def _response(self, body: GraphQLHTTPResponse, media_type: str) -> Response:
        return Response(
            self.encode_json(body),
            status_code=transport.status_of(body, media_type),
            media_type=f"{media_type}; charset=utf-8",
        )


def _id_of(request: Request) -> str | None:
    found: str | None = getattr(request.state, "request_id", None)
    return found


def _not_followed(error: Exception) -> None:
    log.warning("feed_not_followed", cause=name_of(error))
