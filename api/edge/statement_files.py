"""Statements of partners as CSV: read from the ledger while they are sent, to who may read them.

The caller and its rate are those of the API: the same token, in the same header.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from api.edge.auth import unauthenticated
from api.edge.turnstile import Turnstile, Visit, address_of
from api.kit.request_errors import HTTP_STATUS, RequestError
from domain.kernel.callers import Caller
from domain.partners import partners
from domain.programmes import programmes
from domain.settlement import files, statements
from domain.settlement.reading import Month
from domain.settlement.statements import Statement

FOLDER = "/partner-statements"
WORTH = 50
"""A file is charged like so many requests: it reads a month of all members."""

CHUNK_CHARACTERS = 65_536


def path_of(statement_id: UUID) -> str:
    """Where the file of a statement is, at the address of the API."""
    return f"{FOLDER}/{statement_id}.csv"


@dataclass(frozen=True, slots=True)
class StatementFiles:
    """Answers with the file of a statement: 404 where the caller may see none of this id."""

    turnstile: Turnstile

    def route(self) -> BaseRoute:
        return Route(FOLDER + "/{statement:uuid}.csv", self.answer)

    async def answer(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-store", "Vary": "Authorization"}
        visit = Visit(self.turnstile, address_of(HTTPConnection(request.scope)), headers)
        try:
            caller = await self.turnstile.enter(visit, request.headers.get("authorization"))
            if caller is None:
                raise unauthenticated("This needs a token.", token_given=False)
            found = await _find(caller, request.path_params["statement"])
            if found is None:
                visit.end()
                return JSONResponse({"status": "not found"}, status_code=404, headers=headers)
            visit.charge(WORTH)
        except RequestError as error:
            visit.end()
            return JSONResponse(
                {"errors": [error.formatted]},
                status_code=HTTP_STATUS[error.code],
                headers={**headers, **error.headers},
            )
        return StreamingResponse(
            _chunks(visit, found),
            media_type="text/csv; charset=utf-8",
            headers={**headers, "X-Content-Type-Options": "nosniff"},
        )


async def _find(caller: Caller, statement_id: UUID) -> Month | None:
    found = await statements.find(caller.programme_id, statement_id)
    if found is None or not statements.is_there_for(caller, found.partner_id):
        return None
    return await _month(caller.programme, found)


async def _month(code: str, found: Statement) -> Month | None:
    programme, partner = await programmes.find(code), await partners.get(found.partner_id)
    if programme is None or partner is None:
        return None
    return Month(programme, found.partner_id, partner.code, found.month)


async def _chunks(visit: Visit, month: Month) -> AsyncIterator[str]:
    now, waiting = month.programme.now(datetime.now(UTC)), ""
    try:
        async for line in files.lines(month, now):
            waiting += line
            if len(waiting) >= CHUNK_CHARACTERS:
                yield waiting
                waiting = ""
        yield waiting
    finally:
        visit.end()
