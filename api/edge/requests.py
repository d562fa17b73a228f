"""Requests as they are read: one operation, by its text or its id, and its variables."""

from collections.abc import Mapping
from typing import Any

from cross_web import HTTPException
from starlette.requests import Request
from strawberry.http import GraphQLRequestData

from api.edge.documents import Documents
from api.edge.sent import check_values
from api.kit.request_errors import RequestError, RequestErrorCode

PARTS: Mapping[str, tuple[type, str]] = {
    "query": (str, "a string"),
    "variables": (dict, "an object"),
    "extensions": (dict, "an object"),
}
"""Parts of a request besides the operation's name: their class, and its name in messages."""


async def body(request: Request) -> bytes:
    """The body, which is a JSON object by its beginning.

    Raises: RequestError BAD_REQUEST, and as `transport.limited` says
    """
    found = await request.body()
    if not found.lstrip().startswith(b"{"):
        raise RequestError(RequestErrorCode.BAD_REQUEST, "Send one operation, as a JSON object.")
    return found


def read(said: Mapping[str, Any], documents: Documents) -> GraphQLRequestData:
    """The operation that a request names.

    Raises: HTTPException, RequestError BAD_REQUEST, BAD_USER_INPUT, TOO_COSTLY,
        PERSISTED_QUERY_NOT_FOUND
    """
    for part, (kind, words) in PARTS.items():
        if (found := said.get(part)) is not None and not isinstance(found, kind):
            raise HTTPException(
                400, f"The GraphQL operation's `{part}` must be {words} or null, if provided."
            )
    name, variables = said.get("operationName"), said.get("variables")
    if not isinstance(name, str | None):
        raise RequestError(RequestErrorCode.BAD_REQUEST, "`operationName` must be a string.")
    check_values(variables)
    query = documents.resolve(said.get("query"), said.get("extensions"))
    return GraphQLRequestData(query, variables, name or None, said.get("extensions"))
