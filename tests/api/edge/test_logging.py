"""What is written down has the request's id and the place of a bug, and nobody's data."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import asyncpg
import structlog

from api.edge.logging import describe

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import logging
from api.edge.logging import configure, log
configure()
log.info("request", status=200)
try:
    try:
        raise ValueError("alice@example.org")
    except ValueError as error:
        raise LookupError("13800000000") from error
except LookupError:
    log.exception("bug")
    logging.getLogger("uvicorn.error").exception("failed")
"""


def test_lines_are_json_without_an_exceptions_words() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )

    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["request", "bug", "failed"]
    for line in lines[1:]:
        assert line["exception"]["type"] == "builtins.LookupError"
        assert line["exception"]["cause"]["type"] == "builtins.ValueError"
        assert line["exception"]["frames"] == ["<string>:10 <module>"]
    assert "alice" not in run.stderr
    assert "13800000000" not in run.stderr


def test_at_a_terminal_lines_are_for_people() -> None:
    terminal, stderr = pty.openpty()
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, stderr=stderr, check=True)
    os.close(stderr)
    written = b""
    # the far end of a terminal that is closed is an error
    with suppress(OSError):
        while chunk := os.read(terminal, 2**16):
            written += chunk
    os.close(terminal)

    lines = re.sub(r"\x1b\[[0-9;]*m", "", written.decode()).splitlines()
    assert re.match(r"\d\d:\d\d:\d\d \[info +\] request +status=200$", lines[0])
    assert lines[2:6] == [
        "  <string>:10 <module>",
        "builtins.LookupError",
        "caused by",
        "  <string>:8 <module>",
    ]
    assert lines[6] == "builtins.ValueError"
    assert "alice" not in written.decode()


def test_a_database_error_tells_its_state_and_not_its_row() -> None:
    error = asyncpg.UniqueViolationError("Key (email)=(alice@example.org) already exists.")

    described = describe(error)

    assert described["sqlstate"] == "23505"
    assert "alice" not in json.dumps(described)


def test_the_request_id_is_on_every_line() -> None:
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        merged = structlog.contextvars.merge_contextvars(None, "info", {"event": "x"})

    assert merged["request_id"] == "abc"
