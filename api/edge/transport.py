"""HTTP rules of requests and answers: methods, media types, size, status."""

from collections.abc import MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive
from starlette.websockets import WebSocket
from strawberry.http import GraphQLHTTPResponse
from strawberry.http.streaming import SSETransport

from api.edge.rates import BYTES_PER_REQUEST
from api.kit.context import Charge
from api.kit.request_errors import HTTP_STATUS, RequestError, RequestErrorCode

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
EVENTS = "text/event-stream"
HTML = "text/html"
METHODS = ("GET", "POST")


class Events(SSETransport):
    """strawberry's server-sent events, with lines that every client can read: urql accepts
    only LF.
    """

    def encode_event(self, event: str, data: str | None = None) -> str:
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        return super().encode_comment(comment).replace("\r\n", "\n")


def limited(receive: Receive, bytes_max: int, charge: Charge) -> Receive:
    """Reads no more than the largest body allowed, whatever length was announced, and no more than
    its caller's rate allows: bytes are charged as they arrive.
    """
    received = charged = 0

    async def counting() -> Message:
        nonlocal received, charged
        message: MutableMapping[str, Any] = await receive()
        received += len(message.get("body", b""))
        if received > bytes_max:
            raise _body_too_large(bytes_max)
        if (worth := received // BYTES_PER_REQUEST) > charged:
            charge(worth - charged)
            charged = worth
        return message

    return counting


def _body_too_large(bytes_max: int) -> RequestError:
    return RequestError(
        RequestErrorCode.BODY_TOO_LARGE, f"A body has at most {bytes_max} bytes.", max=bytes_max
    )


def wants_page(request: Request) -> bool:
    """Whether a browser requests a page, rather than a client an answer."""
    accepts = request.headers.get("accept", "")
    return HTML in accepts and "query" not in request.query_params and JSON not in accepts


def wants_events(request: Request) -> bool:
    """Whether the client accepts events, perhaps among other media types."""
    return EVENTS in request.headers.get("accept", "").lower()


def media_type_of(request: Request | WebSocket) -> str:
    """The newer media type if requested, otherwise the older one."""
    accepts = request.headers.get("accept", "")
    return GRAPHQL_JSON if GRAPHQL_JSON in accepts.lower() else JSON


def accepts_json(accepts: str) -> bool:
    """Whether an ordinary answer will do, as this header says."""
    return any(known in accepts for known in (JSON, GRAPHQL_JSON, "*/*", "application/*"))


def check(request: Request, bytes_max: int) -> None:
    """The method, both media types, the character set and the size that is announced.

    Raises: RequestError METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE
    """
    if request.method not in METHODS:
        raise RequestError(
            RequestErrorCode.METHOD_NOT_ALLOWED,
            f"Use {' or '.join(METHODS)}.",
            headers={"Allow": ", ".join(METHODS)},
        )
    accepts = request.headers.get("accept", "*/*").lower()
    if not accepts_json(accepts) and EVENTS not in accepts:
        raise RequestError(
            RequestErrorCode.NOT_ACCEPTABLE, f"This answers {GRAPHQL_JSON} or {JSON}."
        )
    content_type = request.headers.get("content-type", "").lower()
    kind, _, parameters = (part.strip() for part in content_type.partition(";"))
    if request.method == "POST" and kind != JSON:
        raise RequestError(RequestErrorCode.UNSUPPORTED_MEDIA_TYPE, f"Send the request as {JSON}.")
    if "charset=" in parameters and "utf-8" not in parameters:
        raise RequestError(RequestErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send the request in UTF-8.")
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > bytes_max:
        raise _body_too_large(bytes_max)


def status_of(body: GraphQLHTTPResponse, media_type: str) -> int:
    """By the code of the error that stopped the request; a request that ran is 200."""
    if "data" in body:
        return 200
    codes: list[RequestErrorCode] = [
        RequestErrorCode(error["extensions"]["code"]) for error in _errors(body)
    ]
    known = [HTTP_STATUS[code] for code in codes if code in HTTP_STATUS]
    return max(known, default=400 if media_type == GRAPHQL_JSON else 200)


def _errors(body: GraphQLHTTPResponse) -> list[Any]:
    return list(body.get("errors") or [])
