"""Files of jobs: an import's file is parsed while it is received, its refused rows are sent as CSV,
and an export's file in parts.

Anybody with the address may use it until it expires: it is signed, and only a caller with a token
can get it.
"""

import asyncio
import csv
import hashlib
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from api.edge.logging import log, name_of
from api.wording.catalogues import DEFAULT_LANGUAGE
from api.wording.messages import choose_language, problem_message
from domain.jobs import downloads, jobs, receiving, running
from domain.jobs.addresses import PATH, Address, Addresses, FileKind
from domain.jobs.columns import IGNORED, Row
from domain.jobs.files import BYTES_MAX, FileReader
from domain.jobs.jobs import Job
from domain.jobs.receiving import BATCH_ROWS, FileSent, Upload
from domain.kernel import database
from domain.kernel.cells import plain
from domain.kernel.database import Row as Found
from domain.kernel.refusals import ConcurrentRequest, InvalidInput, Quantity, Refusal, StateConflict

AT_ONCE_MAX = 4
"""Most files that a process receives at once: each keeps a piece and a thousand rows in memory."""

RETRY_SECONDS = 5
CHUNK_CHARACTERS = 65_536
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
ADDED = tuple(f"{IGNORED}{name}" for name in ("row", "code", "column", "because"))
"""Columns after a refused row's own columns."""


@dataclass(slots=True)
class JobFiles:
    """Takes and gives the files that addresses made under this key name; 404 for any other."""

    key: bytes
    taking: int = field(default=0, init=False)

    def route(self) -> BaseRoute:
        return Route(PATH + "{token}", self.answer, methods=["GET", "PUT"])

    async def answer(self, request: Request) -> Response:
        real_now = datetime.now(UTC)
        address = Addresses(self.key).read(request.path_params["token"], real_now)
        if address is None or (address.kind is FileKind.UPLOAD) != (request.method == "PUT"):
            return _said(404, "not found")
        try:
            if address.kind is FileKind.UPLOAD:
                return await self._take(request, address, real_now)
            return await _give(request, address, real_now)
        except Refusal as refusal:
            return _refused(request, refusal)
        except Exception as error:
            if not database.is_outage(error):
                raise
            log.warning("job_file_failed", cause=name_of(error))
            return _said(503, "database unavailable")

    async def _take(self, request: Request, address: Address, real_now: datetime) -> Response:
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > BYTES_MAX:
            most = Quantity.of(BYTES_MAX, "bytes")
            raise InvalidInput("file_too_long", path=("file",), allowed=(most,))
        if self.taking >= AT_ONCE_MAX:
            return _said(503, "too many files at once")
        self.taking += 1
        try:
            return await _received(request, address, real_now)
        finally:
            self.taking -= 1


async def _received(request: Request, address: Address, real_now: datetime) -> Response:
    """The answer to a received file; an incomplete one leaves nothing."""
    upload = await receiving.begin(address.job_id, real_now)
    if upload is None:
        return _said(404, "not found")
    try:
        async with asyncio.timeout((address.until - real_now).total_seconds()):
            sent = await _store(request, upload)
        await receiving.complete(upload, sent, datetime.now(UTC))
    except TimeoutError:
        await _abandon(upload)
        return _said(408, "not sent in time")
    except ClientDisconnect:
        await _abandon(upload)
        return _said(400, "broken off")
    except BaseException:
        await _abandon(upload)
        raise
    said = {"status": "received", "rows": upload.stored, "sha256": sent.sha256.hex()}
    return JSONResponse(said, headers=HEADERS)


async def _abandon(upload: Upload) -> None:
    """Leave nothing of it; where the database is away that is done when it is sent again."""
    try:
        await asyncio.shield(receiving.abandon(upload))
    except Exception as error:
        log.warning("upload_not_removed", cause=name_of(error))


async def _store(request: Request, upload: Upload) -> FileSent:
    """Store the rows of a file while it arrives."""
    reader, digest = FileReader(running.KINDS[upload.kind].columns), hashlib.sha256()
    waiting: list[Row] = []
    async for piece in request.stream():
        digest.update(piece)
        for arrived in reader.feed(piece):
            waiting = await _add(upload, waiting, arrived)
            await asyncio.sleep(0)  # requests have their turn, however much is packed in it
    waiting = await _add(upload, waiting, reader.end())
    if waiting:
        await receiving.store(upload, waiting)
    return FileSent(digest.digest(), reader.header)


async def _add(upload: Upload, waiting: list[Row], arrived: Iterable[Row]) -> list[Row]:
    """Store what makes whole batches; the rows that wait for more."""
    for row in arrived:
        waiting.append(row)
        if len(waiting) == BATCH_ROWS:
            await receiving.store(upload, waiting)
            waiting = []
    return waiting


async def _give(request: Request, address: Address, real_now: datetime) -> Response:
    job = await jobs.of_id(address.job_id)
    if job is None or job.forgotten_at is not None:
        return _said(404, "not found")
    actor = address.actor or job.created_by
    if address.kind is FileKind.PART:
        content = await downloads.part(job, address.number, actor, real_now)
        return _part(job, address.number, content)
    return StreamingResponse(
        _refused_rows(job, downloads.refused(job, actor, real_now), _language(request)),
        media_type="text/csv; charset=utf-8",
        headers={**HEADERS, "Content-Disposition": 'attachment; filename="refused.csv"'},
    )


def _part(job: Job, number: int, content: bytes | None) -> Response:
    if content is None:
        return _said(404, "not found")
    name = f"{job.kind.lower()}_{number}.csv.gz"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/gzip", headers={**HEADERS, **disposition})


async def _refused_rows(
    job: Job, refused: AsyncIterator[Sequence[Found]], language: str
) -> AsyncIterator[str]:
    """The refused rows of an import in the columns of its file, and why; it can be put right and
    sent again as it is.
    """
    header = job.header or []
    waiting = io.StringIO()
    writer = csv.writer(waiting, lineterminator="\n")
    writer.writerow([*map(plain, header), *ADDED])
    async for found in refused:
        for row in found:
            cells = [_cell(row["content"].get(name)) for name in header]
            told = (row["path"] or "", row["words"][language])
            writer.writerow([*cells, row["number"], row["code"], *map(plain, told)])
        if waiting.tell() >= CHUNK_CHARACTERS:
            yield waiting.getvalue()
            waiting.seek(0)
            waiting.truncate()
    yield waiting.getvalue()


def _cell(value: object) -> str:
    if value is None or isinstance(value, str):
        return plain(value or "")
    return orjson.dumps(value).decode()


def _said(status: int, said: str) -> Response:
    retry = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    return JSONResponse({"status": said}, status_code=status, headers={**HEADERS, **retry})


def _refused(request: Request, refusal: Refusal) -> Response:
    status = 422
    if isinstance(refusal, ConcurrentRequest | StateConflict):
        status = 409
    elif isinstance(refusal, InvalidInput) and refusal.reason == "file_too_long":
        status = 413
    message = problem_message(refusal, _language(request))
    said = {"status": "refused", "code": refusal.code, "message": message}
    return JSONResponse(said, status_code=status, headers=HEADERS)


def _language(request: Request) -> str:
    return choose_language(request.headers.get("accept-language")) or DEFAULT_LANGUAGE
