"""Start other processes for tests of the command line and of the database."""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile

import httpx

from ops.postgres import binaries, cluster
from ops.postgres.cluster import Cluster
from ops.settings import ROOT

WAIT_SECONDS = 120
"""How long a test waits for what must happen, even on a busy machine."""

TRUSTED = httpx.create_ssl_context()
"""For clients that are opened often: otherwise each makes its own context, which takes 27 ms."""


def start(arguments: list[str], **variables: str) -> subprocess.Popen[str]:
    """Start Python in a new process group, as a terminal would."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command line of `python -m ops` to its end in a forked process."""
    with ExitStack() as stack:
        output, errors = (stack.enter_context(NamedTemporaryFile("r+")) for _ in range(2))
        files = {"output": output.name, "errors": errors.name}
        code = _ask(arguments, {**os.environ, **variables}, waits=True, **files)
        return subprocess.CompletedProcess(arguments, code, output.read(), errors.read())


class Forked:
    """A running command line of `python -m ops` with this environment, forked as those of `run`
    are; its output is appended to these files.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        *,
        output: str,
        errors: str,
        descriptors: int | None = None,
    ) -> None:
        self.returncode: int | None = None
        files = {"output": output, "errors": errors, "descriptors": descriptors}
        self.pid = _ask(arguments, environ, waits=False, **files)

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = _forks().ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float = WAIT_SECONDS) -> int:
        if not eventually(lambda: self.poll() is not None, timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Started(Forked):
    """Like `subprocess.Popen` of a command line in a new process group, except that its output is
    a file, which does not end when the last process that could write to it ends.
    """

    def __init__(self, *arguments: str, **variables: str) -> None:
        self.stdout, self.stderr = (
            NamedTemporaryFile("r+")  # noqa: SIM115 - for as long as the process
            for _ in range(2)
        )
        environ = {**os.environ, **variables}
        super().__init__(arguments, environ, output=self.stdout.name, errors=self.stderr.name)

    def communicate(self, timeout: float = WAIT_SECONDS) -> tuple[str, str]:
        self.wait(timeout)
        return self.stdout.read(), self.stderr.read()

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        self.stdout.close()
        self.stderr.close()


def _ask(
    arguments: Sequence[str], environ: Mapping[str, str], *, waits: bool, **asked: object
) -> int:
    """The exit code of a command if its end is awaited, otherwise its process id."""
    whole = {"arguments": arguments, "environ": {**environ}, "waits": waits, **asked}
    answer = _forks().ask(whole)
    assert answer is not None
    return answer


class _Forks:
    """The process from which commands are forked; it waits for one at a time, and ends with the
    process that started it.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forks"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self._turn = threading.Lock()
        atexit.register(self._end)

    def ask(self, asked: Mapping[str, object]) -> int | None:
        """The answer to one line, see `tests.support.forks.serve`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            print(json.dumps(asked), file=self._process.stdin, flush=True)
            answer: int | None = json.loads(self._process.stdout.readline())
            return answer

    def _end(self) -> None:
        with self._process:
            pass


@functools.cache
def _forks() -> _Forks:
    return _Forks()


def server_runs(place: Path) -> bool:
    """Whether the server of a home's `database` folder is running."""
    return cluster.is_running(Cluster(place, binaries.find(None), None))


def spawned_by(pid: int) -> set[int]:
    """The processes that multiprocessing has started for this one, and that live."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    children = {int(child) for thread in threads for child in _read(thread).split()}
    return set(filter(is_spawned, children))


def is_spawned(pid: int) -> bool:
    """Whether a process lives that multiprocessing has started."""
    return b"spawn_main" in _read(Path(f"/proc/{pid}/cmdline"))


def has_ended(pid: int) -> bool:
    """Whether a process no longer runs, though nobody may have waited for it yet."""
    state = _read(Path(f"/proc/{pid}/stat")).rpartition(b")")[2].split()
    return not state or state[0] == b"Z"


def _read(path: Path) -> bytes:
    """What the system says about a process; nothing of one that ends, at the latest meanwhile."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def eventually(condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    """A port for a server that is started later: nobody else is given it, however long that takes.

    A socket that does not listen keeps it. Linux lets a server listen there all the same, if both
    say that they use the address again.
    """
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    port: int = keeper.getsockname()[1]
    if sys.platform == "linux":
        atexit.register(keeper.close)
    else:
        keeper.close()
    return port


def answers(port: int) -> bool:
    """Whether a server on this port is ready, with its database."""
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/readyz", timeout=WAIT_SECONDS
        ) as response:
            return bool(response.status == 200)
    except OSError:
        return False
