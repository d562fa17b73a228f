"""Answers to clients whose requests failed, for whatever reason."""

from cross_web import HTTPException

from api.edge.logging import log, name_of
from api.kit.request_errors import RequestError, RequestErrorCode, of_failure


def as_request_error(error: Exception, request_id: str | None) -> RequestError:
    """The failure of a request as a code that clients know; one without a code is a bug, and
    logged.
    """
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
    return RequestError(
        RequestErrorCode.INTERNAL,
        "Something went wrong here; tell us the request id.",
        requestId=request_id,
    )
