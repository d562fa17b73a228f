"""Statements of partners as CSV, read from the ledger while they are sent.

The caller and its rate are those of the API: the same token, in the same header.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from api.edge.auth import unauthenticated
from api.edge.failures import as_request_error
from api.edge.turnstile import Turnstile, Visit
from api.kit.request_errors import HTTP_STATUS
from domain.kernel.callers import Caller
from domain.partners import partners
from domain.programmes import programmes
from domain.settlement import files, statements
from domain.settlement.reading import Month
from domain.settlement.statements import PartnerStatement

FOLDER = "/partner-statements"
WORTH = 50
"""Requests that a file counts as: it reads a month of all members."""

CHUNK_CHARACTERS = 65_536


def path_of(statement_id: UUID) -> str:
    """The path of a statement's file, below the address of the API."""
    return f"{FOLDER}/{statement_id}.csv"


class BrokenOff(Exception):
    """A file that has begun cannot be ended: its connection is closed before it is whole."""


@dataclass(frozen=True, slots=True)
class StatementFiles:
    """Answers with the file of a statement, or 404 if the caller may not see it.

    A failure before the file has begun is answered as by the API; after that the file is cut off,
    so that nobody takes it for a complete one.
    """

    turnstile: Turnstile

    def route(self) -> BaseRoute:
        return Route(FOLDER + "/{statement:uuid}.csv", self, methods=["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request is in flight until the file has been sent."""
        headers = {"Cache-Control": "no-store", "Vary": "Authorization"}
        with self.turnstile.visit(HTTPConnection(scope), headers) as visit:
            response = await self._answer(Request(scope), visit)
            response.headers.update(headers)
            await response(scope, receive, send)

    async def _answer(self, request: Request, visit: Visit) -> Response:
        try:
            async with self._in_time():
                month = await self._asked(request, visit)
                if month is None:
                    return JSONResponse({"status": "not found"}, status_code=404)
                visit.charge(WORTH)
                pieces = files.pieces(month, month.programme.now(datetime.now(UTC)))
                begun = await anext(pieces) + await anext(pieces, "")
        except Exception as error:  # whatever happens, the client gets an error of the API
            return _refused(request, visit, error)
        return StreamingResponse(
            self._chunks(begun, pieces),
            media_type="text/csv; charset=utf-8",
            headers={"X-Content-Type-Options": "nosniff"},
        )

    async def _asked(self, request: Request, visit: Visit) -> Month | None:
        """
        Raises: RequestError UNAUTHENTICATED, RATE_LIMITED
        """
        caller = await self.turnstile.enter(visit, request.headers.get("authorization"))
        if caller is None:
            raise unauthenticated("This needs a token.", token_given=False)
        return await _find(caller, request.path_params["statement"])

    async def _chunks(self, begun: str, pieces: AsyncIterator[str]) -> AsyncIterator[str]:
        """The pieces already read, and the rest, each with the time limit of a request; several
        small pieces are sent as one.
        """
        waiting = begun
        while True:
            if len(waiting) >= CHUNK_CHARACTERS:
                yield waiting
                waiting = ""
            try:
                async with self._in_time():
                    piece = await anext(pieces, None)
            except Exception as error:
                raise BrokenOff from error  # a late database is not a client that left
            if piece is None:
                break
            waiting += piece
        yield waiting

    def _in_time(self) -> asyncio.Timeout:
        return asyncio.timeout(self.turnstile.limits.request_seconds_max)


def _refused(request: Request, visit: Visit, error: Exception) -> Response:
    refused = as_request_error(error, getattr(request.state, "request_id", None))
    visit.headers.update(refused.headers)
    request.scope["state"].setdefault("told", {})["code"] = refused.code.value
    return JSONResponse({"errors": [refused.formatted]}, status_code=HTTP_STATUS[refused.code])


async def _find(caller: Caller, statement_id: UUID) -> Month | None:
    found = await statements.find(caller.programme_id, statement_id)
    if found is None or not statements.is_there_for(caller, found.partner_id):
        return None
    return await _month(caller.programme, found)


async def _month(code: str, found: PartnerStatement) -> Month | None:
    programme, partner = await programmes.find(code), await partners.get(found.partner_id)
    if programme is None or partner is None:
        return None
    return Month(programme, found.partner_id, partner.code, found.month)
