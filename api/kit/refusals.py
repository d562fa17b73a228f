"""A refusal is a top-level GraphQL error: the request itself was at fault, not its business.

Refusals are few, carry a stable `extensions.code` and are never used for what a member or a
partner may simply not do now: that is a problem, which is data (see `api.kit.problems`).
"""

from collections.abc import Mapping
from enum import StrEnum

from graphql import GraphQLError

from domain.kernel.database import Unavailable

RETRY_SECONDS = 1
"""When to come back after the database was away."""


class RefusalCode(StrEnum):
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


HTTP_STATUS: Mapping[RefusalCode, int] = {
    RefusalCode.BAD_REQUEST: 400,
    RefusalCode.UNAUTHENTICATED: 401,
    RefusalCode.FORBIDDEN: 403,
    RefusalCode.METHOD_NOT_ALLOWED: 405,
    RefusalCode.NOT_ACCEPTABLE: 406,
    RefusalCode.BODY_TOO_LARGE: 413,
    RefusalCode.UNSUPPORTED_MEDIA_TYPE: 415,
    RefusalCode.RATE_LIMITED: 429,
    RefusalCode.INTERNAL: 500,
    RefusalCode.UNAVAILABLE: 503,
    RefusalCode.TIMEOUT: 504,
}
"""The status of a request refused with this code, whichever media type was asked for.

A code that is missing here belongs to GraphQL proper: such a request was well-formed HTTP, so
it answers 200 as `application/json` and 400 as `application/graphql-response+json`.
"""


class Refusal(GraphQLError):
    """A top-level error with its code, the facts a client may act on, and HTTP headers."""

    def __init__(
        self,
        code: RefusalCode,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(message, extensions={"code": code.value, **facts})
        self.code = code
        self.headers = dict(headers or {})


def of_failure(error: BaseException) -> Refusal | None:
    """What to tell a caller whom neither its request nor a bug of ours has stopped; else none."""
    again = "A mutation may have been done: send it again with the same key."
    if isinstance(error, Unavailable):
        return Refusal(
            RefusalCode.UNAVAILABLE,
            f"The database cannot be reached now. {again}",
            headers={"Retry-After": str(RETRY_SECONDS)},
            retryAfterSeconds=RETRY_SECONDS,
        )
    if isinstance(error, TimeoutError):
        return Refusal(RefusalCode.TIMEOUT, f"This took too long. {again}")
    return None
