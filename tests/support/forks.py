"""Runs commands of `python -m ops` in forks of one process that has imported them already.

A fork has an environment, standard streams, an event loop and an exit code of its own, like a
command that was started from a shell, but saves the second that its imports would take.
"""

import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import orjson

from ops import __main__ as entrance
from ops import command_line
from ops.postgres import pool
from ops.settings import ROOT
from ops.worker import queue  # noqa: F401 - commands that migrate import it late
from tests.support.servers import RUN_HOME
from tests.support.sharded import Collecting

COMMAND_SECONDS_MAX = 300
"""A command whose end a test awaits is killed after this, so that one that hangs fails its test."""


def serve() -> None:
    """Answer each line of standard input by one line; returns in each fork.

    `{"arguments": [...], "environ": {...}, "output": path, "errors": path, "waits": true}` runs a
    command to its end and answers its exit code. With `"waits": false` the answer is its process
    id; `{"ended": id}` then answers its exit code, null while it runs. `descriptors` limits the
    files that it may open.
    """
    for name in command_line.COMMANDS:
        command_line.load(name)
    home = os.environ.get(RUN_HOME)
    gc.freeze()
    while line := sys.stdin.readline():
        asked = json.loads(line)
        if "ended" in asked:
            answer = _code(asked["ended"], os.WNOHANG)
        else:
            waits = asked.pop("waits")
            child = os.fork()
            if child == 0:
                signal.alarm(COMMAND_SECONDS_MAX if waits else 0)
                _become(**asked)
                with handed_over(Path(home)) if home else nullcontext():
                    entrance.main()
                return
            answer = _code(child, 0) if waits else child
        print(json.dumps(answer), flush=True)


@contextmanager
def handed_over(home: Path) -> Iterator[None]:
    """Collect what this process of the product sends, and leave it in the folder of the run, once
    the command has ended and nobody may interrupt it any more.
    """
    pool.Client.connection_class = Collecting
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        whole = home / f"sent-{os.getpid()}.new"
        whole.write_bytes(orjson.dumps(Collecting.sent))
        whole.rename(whole.with_suffix(".json"))


def _code(child: int, options: int) -> int | None:
    ended, status = os.waitpid(child, options)
    return os.waitstatus_to_exitcode(status) if ended else None


def _become(
    arguments: list[str],
    environ: dict[str, str],
    output: str,
    errors: str,
    descriptors: int | None = None,
) -> None:
    os.setpgid(0, 0)
    if descriptors is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, output, os.O_WRONLY | os.O_APPEND),
        (2, errors, os.O_WRONLY | os.O_APPEND),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["ops", *arguments]


if __name__ == "__main__":
    serve()
