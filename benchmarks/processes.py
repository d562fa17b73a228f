"""Processes that are measured: servers as they are started, and the CPU time that they took."""

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen, TimeoutExpired
from urllib.error import URLError
from urllib.request import urlopen

from ops.settings import ROOT

START_SECONDS = 60
STOP_SECONDS = 20
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
USER, SYSTEM, ENDED_USER, ENDED_SYSTEM, PARENT = 11, 12, 13, 14, 1
"""Places in /proc/PID/stat behind the name."""

UNLIMITED = {
    f"MILEPOST_{caller}_{limit}": "1000000"
    for caller in ("MEMBER", "PARTNER")
    for limit in ("RATE_PER_SECOND", "RATE_BURST", "IN_FLIGHT_MAX")
}


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is ready: its process, its port, and how long it took to be ready."""

    pid: int
    port: int
    seconds: float


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far; 0 for one that is gone."""
    parts = _stat(pid)
    return (int(parts[USER]) + int(parts[SYSTEM])) / TICKS if parts else 0.0


def family_seconds(pid: int) -> float:
    """The same of a process and those that it has started."""
    return cpu_seconds(pid) + sum(map(cpu_seconds, _children(pid)))


def family_bytes(pid: int) -> int:
    """Resident memory of a process and of those that it has started."""
    return sum(map(_resident_bytes, [pid, *_children(pid)]))


def _resident_bytes(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * PAGE_BYTES


def _children(pid: int) -> list[int]:
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit()
        and (parts := _stat(int(folder.name)))
        and int(parts[PARENT]) == pid
    ]


def ended_seconds(pid: int) -> float:
    """What the children of a process took that have ended."""
    parts = _stat(pid)
    return (int(parts[ENDED_USER]) + int(parts[ENDED_SYSTEM])) / TICKS if parts else 0.0


def await_endings(pid: int) -> None:
    """Until no child of a process is ending: it is only told their time once they have."""
    while any(
        (parts := _stat(int(folder.name))) and int(parts[PARENT]) == pid and not _title(folder)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit()
    ):
        time.sleep(0.01)


def backends(postmaster: int, database: str) -> dict[int, float]:
    """CPU seconds of each backend of this database, by its process."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        parts = _stat(int(folder.name))
        if parts and int(parts[PARENT]) == postmaster and database in _title(folder):
            found[int(folder.name)] = (int(parts[USER]) + int(parts[SYSTEM])) / TICKS
    return found


def taken(before: Mapping[int, float], after: Mapping[int, float]) -> float:
    """Seconds that backends took between two looks; one that is new counts whole."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _title(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(
    arguments: list[str], port: int, home: Path, variables: Mapping[str, str]
) -> Iterator[Served]:
    """`python -m` these arguments, ready when `/readyz` says so; ended with the block.

    Raises: RuntimeError with what it said, if it does not get ready.
    """
    log = home / f"{arguments[0]}-{port}.log"
    environment = {
        **{name: value for name, value in os.environ.items() if name[:9] != "MILEPOST_"},
        "PYTHONPATH": str(ROOT),
        "MILEPOST_HOME": str(home),
        **UNLIMITED,
        **variables,
    }
    started = time.monotonic()
    with log.open("wb") as said:
        process = Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        while not _is_ready(port):
            if process.poll() is not None or time.monotonic() - started > START_SECONDS:
                raise RuntimeError(log.read_text(errors="replace")[-4000:])
            time.sleep(0.01)
        yield Served(process.pid, port, time.monotonic() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except TimeoutExpired:
            process.kill()
            process.wait()


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
