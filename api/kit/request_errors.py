"""A request error is a top-level GraphQL error: the request itself is wrong, not its business case.

Request errors are few, have a stable `extensions.code` and are never used for an action that a
business rule does not allow now: that is a problem, which is data (see `api.kit.problems`).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from graphql import GraphQLError, Node

from domain.kernel.database import Unavailable

RETRY_SECONDS = 1
"""Seconds after which to retry when the database was not reachable."""


class RequestErrorCode(StrEnum):
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_CURSOR = "BAD_CURSOR"
    PAGE_TOO_LARGE = "PAGE_TOO_LARGE"
    TOO_DEEP = "TOO_DEEP"
    TOO_COSTLY = "TOO_COSTLY"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"
    BAD_REQUEST = "BAD_REQUEST"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"


HTTP_STATUS: Mapping[RequestErrorCode, int] = {
    RequestErrorCode.BAD_REQUEST: 400,
    RequestErrorCode.UNAUTHENTICATED: 401,
    RequestErrorCode.FORBIDDEN: 403,
    RequestErrorCode.METHOD_NOT_ALLOWED: 405,
    RequestErrorCode.NOT_ACCEPTABLE: 406,
    RequestErrorCode.BODY_TOO_LARGE: 413,
    RequestErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    RequestErrorCode.RATE_LIMITED: 429,
    RequestErrorCode.INTERNAL: 500,
    RequestErrorCode.UNAVAILABLE: 503,
    RequestErrorCode.TIMEOUT: 504,
}
"""The status of a request refused with this code, for any requested media type.

A code that is missing here belongs to GraphQL proper: such a request was well-formed HTTP, so
it answers 200 as `application/json` and 400 as `application/graphql-response+json`.
"""


class RequestError(GraphQLError):
    """A top-level error with its code, facts for the client, and HTTP headers.

    `node` is the faulty part of the document, whose line and column the error has.
    """

    def __init__(
        self,
        code: RequestErrorCode,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        node: Node | None = None,
        **facts: object,
    ) -> None:
        super().__init__(message, node, extensions={"code": code.value, **facts})
        self.code = code
        self.headers = dict(headers or {})


def in_variable(name: str, path: Sequence[str | int]) -> dict[str, object]:
    """The fact that says where in the variables a fault is: `["input", "lines", "0", "amount"]`."""
    return {"variablePath": [name, *map(str, path)]}


def of_failure(error: BaseException) -> RequestError | None:
    """Answer for a caller stopped by neither its request nor a bug of ours; else none."""
    again = "A mutation may have been done: send it again with the same key."
    if isinstance(error, Unavailable):
        return RequestError(
            RequestErrorCode.UNAVAILABLE,
            f"The database cannot be reached now. {again}",
            headers={"Retry-After": str(RETRY_SECONDS)},
            retryAfterSeconds=RETRY_SECONDS,
        )
    if isinstance(error, TimeoutError):
        return RequestError(RequestErrorCode.TIMEOUT, f"This took too long. {again}")
    return None
