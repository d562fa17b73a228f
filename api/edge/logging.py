"""The log of every request: lines that share its id, without personal data.

No variables, no tokens, no query strings, and of an exception only its type and place: the message
of a database error quotes the row concerned.
"""

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Callable
from time import perf_counter
from typing import Any

import orjson
import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, Processor

from domain.kernel.ids import new_id

REQUEST_ID_HEADER = "X-Request-Id"
REQUEST_ID = re.compile(r"[0-9A-Za-z._-]{8,64}")
QUIET_PATHS = frozenset({"/healthz", "/readyz"})
HTTP_ERROR_MIN = 400
FRAMES_MAX = 30

Count = Callable[[str, str, float], None]
"""Counts a request: its operation, the code of its answer, and the seconds until that began."""

NOT_KNOWN, SEVERAL = "none", "several"
"""The operation of a request that was refused unread, and of one with several root fields."""

OK, LEFT = "OK", "CLIENT_LEFT"
"""The codes of an answer without a problem, and of a missing answer, because the client had
left.
"""

log: structlog.stdlib.BoundLogger = structlog.get_logger("milepost")


def configure(*, exception_words: bool = False) -> None:
    """Every log of this process on standard error, Python's own included.

    JSON lines, or readable lines at a terminal. `exception_words` adds the messages of exceptions,
    for a developer's machine only.
    """
    for_people = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper("%H:%M:%S" if for_people else "iso", utc=not for_people),
        _Exceptions(words=exception_words),
    ]
    structlog.configure(
        # not by way of the standard library's log, which takes as long again
        processors=[*shared, *(FOR_PEOPLE if for_people else FOR_PROGRAMS)],
        logger_factory=Lines,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *(FOR_PEOPLE if for_people else FOR_PROGRAMS),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.INFO)


def _frames_as_text(_: Any, __: str, event: EventDict) -> EventDict:
    """An exception as `describe` gives it, as lines below the event."""
    described, lines = event.pop("exception", None), []
    while described:
        lines += [f"  {frame}" for frame in described["frames"]]
        lines.append(" ".join(filter(None, [described["type"], described.get("sqlstate")])))
        described = described.get("cause")
        lines += ["caused by"] if described else []
    if lines:
        event["exception"] = "\n".join([*lines, *filter(None, [event.pop("exception_words", "")])])
    return event


class Lines:
    """Writes each line to standard error as that is then, whatever the log is called."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = msg


def _json(event: EventDict, **terms: Any) -> str:
    try:
        return orjson.dumps(event, default=terms["default"]).decode()
    except (TypeError, ValueError):  # a number or a text that is none of JSON's
        return json.dumps(event, **terms)


FOR_PROGRAMS: tuple[Processor, ...] = (structlog.processors.JSONRenderer(_json),)
FOR_PEOPLE: tuple[Processor, ...] = (
    _frames_as_text,
    structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ),
)


class _Exceptions:
    """Replaces `exc_info` by the exception's types and frames."""

    def __init__(self, *, words: bool) -> None:
        self.words = words

    def __call__(self, _: Any, __: str, event: EventDict) -> EventDict:
        given = event.pop("exc_info", None)
        error = sys.exc_info()[1] if given is True else given
        if isinstance(error, tuple):
            error = error[1]
        if isinstance(error, BaseException):
            event["exception"] = describe(error)
            if self.words:
                event["exception_words"] = str(error)
        return event


def describe(error: BaseException) -> dict[str, Any]:
    """Type, SQLSTATE if it has one, innermost frames and cause, without any of its words."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    described: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if sqlstate := getattr(error, "sqlstate", None):
        described["sqlstate"] = sqlstate
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        described["cause"] = describe(cause)
    return described


def name_of(error: BaseException) -> str:
    """The type of the first exception, and its SQLSTATE if it has one."""
    cause = error.__cause__ or error
    sqlstate = getattr(cause, "sqlstate", None)
    return f"{type(cause).__name__} {sqlstate}" if sqlstate else type(cause).__name__


_count: Count | None = None


def count_by(count: Count | None) -> None:
    """Have each request of this process counted from now on where its line is logged, or not."""
    global _count  # noqa: PLW0603 - it is the state of the process
    _count = count


def log_requests(app: ASGIApp) -> ASGIApp:
    """Gives every request an id, sends it back as `X-Request-Id`, and logs one line at its end."""

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request_id = _given_id(scope) or new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status: int | None = None
        began = 0.0

        async def answer(message: Message) -> None:
            nonlocal status, began
            if message["type"] == "http.response.start":
                status, began = message["status"], perf_counter()
                MutableHeaders(scope=message).append(REQUEST_ID_HEADER, request_id)
            await send(message)

        started = perf_counter()
        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await app(scope, receive, answer)
        except BaseException:
            status = status or 500
            raise
        finally:
            if scope["path"] not in QUIET_PATHS:
                ended = perf_counter()
                line = _line(scope, status, ended - started)
                log.info("request", **line)
                if _count:
                    _count(operation_of(line), code_of(line), (began or ended) - started)
            structlog.contextvars.reset_contextvars(**bound)

    return logged


def operation_of(line: dict[str, Any]) -> str:
    """The requested root field, or the route of a request without one."""
    fields = line.get("fields")
    if fields:
        return str(fields[0]).partition(".")[2] if len(fields) == 1 else SEVERAL
    route = line["route"]
    return NOT_KNOWN if route in (None, "/graphql") else str(route)


def code_of(line: dict[str, Any]) -> str:
    """The code of the first problem, or the status of an answer that has no other."""
    if code := line.get("code"):
        return str(code)
    status = line["status"]
    if status is None:
        return LEFT
    return OK if status < HTTP_ERROR_MIN else f"HTTP_{status}"


def _line(scope: Scope, status: int | None, seconds: float) -> dict[str, Any]:
    """`told` has the operation's caller kind, its root fields, and the code of its first problem.
    Without a status the client had left before the answer.
    """
    told: dict[str, Any] = scope["state"].get("told", {})
    route = scope.get("route")
    path = getattr(route, "path", None)
    return {"method": scope["method"], "route": path, "status": status} | {
        "milliseconds": round(seconds * 1000, 1),
        **told,
    }


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            return text if REQUEST_ID.fullmatch(text) else None
    return None
