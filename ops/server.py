"""The process that answers HTTP: one address, one or several workers, a graceful end."""

import errno
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any, cast

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from ops.errors import ServeError
from ops.listener import BACKLOG_MAX, Connections, Room, Socket, raise_descriptors, room
from ops.postgres.embedded import Urls
from ops.settings import Settings

APPLICATION = "ops.asgi:application"
GRACE_SECONDS = 30
HEALTH_SECONDS = 30
"""Seconds without an answer after which one of several workers is taken for dead; one that is still
imported, on a machine that is busy, does not answer either.
"""


@dataclass(frozen=True, slots=True)
class Address:
    """The address to listen on, and the way to set another host or port."""

    host: str
    port: int
    host_option: str
    port_option: str


def api_address(settings: Settings) -> Address:
    return Address(
        settings.host, settings.port, "--host or MILEPOST_HOST", "--port or MILEPOST_PORT"
    )


def listen(address: Address) -> socket.socket:
    """The listening socket of an address, taken before anything else is started.

    Raises: ServeError
    """
    host, port = address.host, address.port
    try:
        family, kind, protocol, _, found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise ServeError(
            f"cannot listen on {host}: {error.strerror}; choose another by {address.host_option}"
        ) from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(found)
        listening.listen(BACKLOG_MAX)
    except OSError as error:
        listening.close()
        of_host = error.errno == errno.EADDRNOTAVAIL
        raise ServeError(
            f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0).lower()}; "
            f"choose another by {address.host_option if of_host else address.port_option}"
        ) from None
    return listening


@contextmanager
def measured(settings: Settings) -> Iterator[None]:
    """The page of metrics is served inside this block, where there is to be one.

    Raises: ServeError
    """
    if settings.metrics_port is None:
        yield
        return
    # imported here, so that other commands need not wait for it
    from ops import metrics  # noqa: PLC0415

    host, port = settings.metrics_host, settings.metrics_port
    address = Address(host, port, "MILEPOST_METRICS_HOST", "MILEPOST_METRICS_PORT")
    with listen(address) as listening, metrics.served(listening):
        yield


def run(settings: Settings, urls: Urls, listening: socket.socket) -> None:
    """Serves until asked to stop, and then finishes the requests in flight."""
    # workers are processes of their own, and never need the owner's password
    os.environ["MILEPOST_DATABASE_URL"] = urls.serving
    os.environ.pop("MILEPOST_OWNER_DATABASE_URL", None)
    pools = 1 if settings.replica_database_url is None else 2
    free = room(settings.connections_max, pools * settings.pool_size, raise_descriptors())
    if not _finished(configured(settings, free), listening):
        raise ServeError("the application did not start")


def configured(settings: Settings, free: Room) -> uvicorn.Config:
    """The server: with uvloop and httptools, if these are installed."""
    return uvicorn.Config(
        APPLICATION,
        http=cast(Any, Connections(free.connections, free.sockets)),
        ws=Socket,
        ws_max_size=settings.body_bytes_max,
        ws_per_message_deflate=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        factory=True,
        workers=settings.workers,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=free.backlog,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=HEALTH_SECONDS,
    )


class Server(uvicorn.Server):
    """uvicorn's, for which more connections may wait than are accepted at once. asyncio accepts in
    one turn as many as may wait, and each needs a descriptor.

    If the queue is full, the client's kernel tries again after one second, then after three.
    Several workers are uvicorn's own servers, with the shorter queue.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(BACKLOG_MAX)


class Workers(Multiprocess):
    """uvicorn's, whose processes are not interrupted by Ctrl-C while they start: SIGINT is blocked
    at first, and handled once they serve (`hear_interrupts`). Otherwise Python prints a long trace
    of the interrupted start.
    """

    def run(self) -> None:
        # which lets SIGINT through again, once it has started
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        super().run()
        hear_interrupts()

    def handle_signals(self) -> None:
        """Handle signals received meanwhile; called twice a second."""
        hear_interrupts()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        super().handle_signals()


def hear_interrupts() -> None:
    """From here on this thread hears of Ctrl-C, also of one that came before."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _finished(config: uvicorn.Config, listening: socket.socket) -> bool:
    """Runs until an operator stops it; returns False if it ended itself, at the start."""
    if config.workers > 1:
        supervisor = Workers(config, sockets=[listening])
        supervisor.run()
        return all(worker.exitcode != STARTUP_FAILURE for worker in supervisor.processes)
    try:
        Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        return True
    except SystemExit as end:
        return end.code != STARTUP_FAILURE
    return True


def address(settings: Settings) -> str:
    """The API's address as a browser on this machine would call it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{host}:{settings.port}/graphql"
