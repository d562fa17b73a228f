"""Metrics: counters of a server's processes and its worker, on a page of their own.

Each process counts in files of its own, in one folder; the page adds them up, so that it is the
same whichever process answered, and counts of ended processes stay. No label has a member's name. A
process without the page does not import this: it takes a quarter of a second.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import ThreadingHTTPServer
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.exposition import MetricsHandler
from prometheus_client.multiprocess import MultiProcessCollector

from api.edge.logging import Count, log
from ops.settings import METRICS_FOLDER

PATH = "/metrics"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SCRAPE_SECONDS = 10
"""Seconds in which a request for the page must be complete."""


def begin(name: str | None = None) -> None:
    """Have this process count in the folder of the page, from its next metric on. With a name it
    continues the files of the previous process with that name, so that files do not accumulate.
    """
    identifier = os.getpid if name is None else lambda: name
    values.ValueClass = values.MultiProcessValue(identifier)  # type: ignore[no-untyped-call]


def requests() -> Count:
    """Counts requests by operation and code, and their durations by operation."""
    total = Counter(
        "milepost_requests",
        "Requests that ended, by root field and by the code of their first problem.",
        ("operation", "code"),
        registry=None,
    )
    seconds = Histogram(
        "milepost_request_seconds",
        "Seconds until an answer began, by root field.",
        ("operation",),
        buckets=SECONDS,
        registry=None,
    )
    # the library's own look-up takes as long as counting
    known: dict[tuple[str, str], tuple[Counter, Histogram]] = {}

    def count(operation: str, code: str, taken: float) -> None:
        found = known.get((operation, code))
        if found is None:
            found = total.labels(operation, code), seconds.labels(operation)
            known[operation, code] = found
        found[0].inc()
        found[1].observe(taken)

    return count


def job_failures() -> Callable[[str], None]:
    """Counts runs of jobs that failed, those that are tried again too."""
    total = Counter(
        "milepost_job_failures",
        "Runs of background jobs that failed, whether or not they are tried again.",
        ("job",),
        registry=None,
    )
    return lambda job: total.labels(job).inc()


@cache
def gauge(name: str, says: str, *labels: str) -> Gauge:
    """Made with its first value, for one without labels says 0 until then; of several processes
    that set it, the last one's value is shown.
    """
    return Gauge(name, says, labels, registry=None, multiprocess_mode="mostrecent")


@contextmanager
def served(listening: socket) -> Iterator[None]:
    """The page is answered inside this block, from counts that begin with it."""
    registry = CollectorRegistry()
    page = _Page(("", 0), _Handler.factory(registry), bind_and_activate=False)
    page.socket.close()
    page.socket = listening
    thread = threading.Thread(target=page.serve_forever, args=(0.1,), name="metrics", daemon=True)
    with TemporaryDirectory(prefix="milepost-metrics-", ignore_cleanup_errors=True) as folder:
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
        os.environ[METRICS_FOLDER] = folder
        thread.start()
        try:
            yield
        finally:
            page.shutdown()
            del os.environ[METRICS_FOLDER]


class _Page(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line in the log, where the standard library prints an address and a traceback."""
        log.warning("metrics_not_answered", exc_info=True)


class _Handler(MetricsHandler):
    timeout = SCRAPE_SECONDS
    server_version, sys_version = "Milepost", ""

    def do_GET(self) -> None:  # noqa: N802
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        super().do_GET()
