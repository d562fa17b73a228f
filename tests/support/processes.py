"""Other processes, as the tests of the command line and of the database start them."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ops.postgres import binaries, cluster
from ops.postgres.cluster import Cluster
from ops.settings import ROOT

STOP_SECONDS = 10


def start(arguments: list[str], **variables: str) -> subprocess.Popen[str]:
    """Starts Python in a process group of its own, as a terminal would."""
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
    """Runs a command line of `python -m ops` to its end."""
    with start(["-m", "ops", *arguments], **variables) as process:
        output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)


def server_runs(place: Path) -> bool:
    """Whether the server of a home's `database` folder lives."""
    return cluster.is_running(Cluster(place, binaries.find(None), None))


def eventually(condition: Callable[[], bool], seconds: float = STOP_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether a server on this port has its database."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
