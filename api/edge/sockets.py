"""Subscriptions by WebSocket: the protocol graphql-transport-ws, only for subscriptions.

The credential comes with the first message, or with the handshake; a caller that is not admitted
gets the code 4403, after which clients reconnect with another credential.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, ClassVar

import orjson
import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    Message,
    SubscribeMessage,
)
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from api.edge import streams
from api.edge.auth import unauthenticated
from api.edge.logging import log
from api.edge.sent import check_values
from api.edge.sessions import Session, Sessions
from api.edge.streams import Asked
from api.edge.turnstile import Turnstile, Visit
from api.kit.live import Live
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.watching import Watches
from domain.kernel.callers import Caller
from domain.kernel.ids import new_id

SUBSCRIPTIONS_MAX = 20
"""Of one socket."""
FORBIDDEN = 4403
INVALID = 4400
ID_LENGTH_MAX = 128


@dataclass(slots=True, eq=False)
class Opening:
    """A socket from its handshake on; it is a session once its caller was let in."""

    socket: WebSocket
    visit: Visit
    request_id: str
    live: Live
    begun: float = field(default_factory=perf_counter)
    connection_params: dict[str, object] = field(default_factory=dict)
    session: Session | None = None
    closing: asyncio.Task[None] | None = None

    @property
    def authorization(self) -> str | None:
        """Of the first message, or else of the handshake; the scheme may be left out there."""
        sent = self.connection_params.get("authorization")
        if isinstance(sent, str):
            return sent if " " in sent.strip() else f"Bearer {sent}"
        return self.socket.headers.get("authorization")

    def end(self) -> None:
        """Close the socket without waiting. No subscription is completed: the client reconnects
        with another credential, and continues.
        """
        if self.closing is None:
            self.closing = asyncio.create_task(self._close())

    def line(self) -> dict[str, Any]:
        """The line that is logged at its end."""
        caller = self.session.caller if self.session else None
        return {
            "seconds": round(perf_counter() - self.begun, 1),
            "caller": caller.kind.value if caller else None,
            "programme": caller.programme if caller else None,
        }

    async def _close(self) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
            await self.socket.close(FORBIDDEN, "Forbidden")


@dataclass(slots=True, eq=False)
class Porter:
    """Admission of callers whose connections stay open."""

    turnstile: Turnstile
    sessions: Sessions
    watches: Watches

    @asynccontextmanager
    async def opening(self, socket: WebSocket) -> AsyncIterator[Opening]:
        """A socket from its handshake to its end, for which one line is logged.

        Raises: RequestError RATE_LIMITED
        """
        with self.turnstile.visit(socket, {}) as visit:
            self.turnstile.knock(visit)
            opening = Opening(socket, visit, new_id().hex, Live(self.watches))
            with structlog.contextvars.bound_contextvars(request_id=opening.request_id):
                try:
                    yield opening
                finally:
                    self.leave(opening.session)
                    log.info("socket", **opening.line())

    async def let_in(self, opening: Opening) -> Session:
        """The session of a socket whose first message has arrived.

        Raises: RequestError, Unavailable
        """
        visit, authorization = opening.visit, opening.authorization
        caller = await self.turnstile.enter(visit, authorization)
        visit.end()
        self.turnstile.know(visit)
        if caller is None:
            raise unauthenticated("This needs a token.", token_given=False)
        return await self.begin(caller, authorization, visit, opening.end)

    async def begin(
        self, caller: Caller, authorization: str | None, visit: Visit, end: Callable[[], None]
    ) -> Session:
        """The session of a caller that has entered.

        Raises: RequestError, Unavailable
        """
        if authorization is None or visit.terms is None:
            raise LookupError("only who has entered has a session")
        session = Session(caller, authorization, visit.terms.key, end)
        await self.sessions.begin(session)
        return session

    def leave(self, session: Session | None) -> None:
        if session is not None:
            self.sessions.close(session)


class Adapter(ASGIWebSocketAdapter):
    """Sends messages as text, which is what browsers expect of this protocol."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        try:
            await self.ws.send_text(orjson.dumps(message).decode())
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # it is closed already
            await self.ws.close(code, reason)


class Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """strawberry's, with messages of a known shape and subscriptions that are counted."""

    SHAPES: ClassVar[Mapping[str, type]] = {"query": str, "variables": dict, "operationName": str}

    async def handle_message(self, message: Message) -> None:
        if not self._is_well_formed(message):
            await self.handle_invalid_message("Invalid message")
            return
        await super().handle_message(message)

    def _is_well_formed(self, message: Any) -> bool:
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            return False
        if message["type"] not in ("subscribe", "complete"):
            return True
        named = message.get("id")
        if not isinstance(named, str) or not 0 < len(named) <= ID_LENGTH_MAX:
            return False
        if message["type"] == "complete":
            return True
        sent = message.get("payload")
        return (
            isinstance(sent, dict)
            and isinstance(sent.get("query"), str)
            and all(isinstance(sent.get(name), kind | None) for name, kind in self.SHAPES.items())
        )

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        known = message["id"] in self.operations
        if not known and len(self.operations) >= SUBSCRIPTIONS_MAX:
            error = RequestError(
                RequestErrorCode.RATE_LIMITED,
                f"Too many subscriptions of one connection; at most {SUBSCRIPTIONS_MAX}.",
                max=SUBSCRIPTIONS_MAX,
            )
            await self._refuse(message["id"], error)
            return
        await super().handle_subscribe(message)

    async def _refuse(self, named: str, error: GraphQLError) -> None:
        await self.send_message({"id": named, "type": "error", "payload": [error.formatted]})

    async def run_operation(self, operation: Operation[Any, None]) -> None:
        opening: Opening = self.context
        try:
            async with aclosing(self._answers(opening, operation)) as stream:
                await self._send_result_stream(operation, stream)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except WebSocketDisconnected:
            return

    async def _answers(
        self, opening: Opening, operation: Operation[Any, None]
    ) -> AsyncGenerator[ExecutionResult, None]:
        try:
            opening.visit.charge(1)
            check_values(operation.variables)
        except RequestError as error:
            yield PreExecutionError(data=None, errors=[error])
            return
        asked = Asked(operation.query, operation.variables, operation.operation_name or None)
        endpoint: Any = self.view
        context = await endpoint.context_of(opening)
        async with aclosing(streams.answers(endpoint.graphql, asked, context)) as found:
            async for result in found:
                yield result

    @staticmethod
    def _get_pre_execution_close_reason(_: GraphQLError) -> None:
        """One operation at fault is answered; the others of its socket go on."""
