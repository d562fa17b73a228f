"""The application that a server process runs, built from that process's settings."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from functools import partial

from starlette.applications import Starlette

from api.app import create_app
from api.edge.browsers import LOCALHOST, Origins
from api.edge.front import Pages
from api.edge.limits import Limits
from api.edge.logging import count_by, log, name_of
from api.kit.watching import CHANNELS
from domain.experiments import exposures
from domain.kernel import cache, sealing, secrecy
from domain.partners import key_uses
from ops import manifest, seal_keys
from ops.collecting import collect_rarely
from ops.commands.keys import signers
from ops.errors import SettingsError
from ops.outgoing import outgoing
from ops.postgres.database import Pooler, Standby, connected
from ops.secret_keys import keys
from ops.server import hear_interrupts
from ops.settings import METRICS_FOLDER, Environment, Settings, load

USES_SECONDS = 1.0
"""How often a process records which keys were used."""


def application() -> Starlette:
    """The whole API on the database of MILEPOST_DATABASE_URL; `serve` names it here.

    Raises: SettingsError, KeyFileError
    """
    _end_with_parent()
    hear_interrupts()
    settings = load()
    secrecy.keep_under(partial(keys, settings))
    sealing.use(seal_keys.of(settings))
    _count()
    if settings.database_url is None:
        raise SettingsError("MILEPOST_DATABASE_URL", "not set; `python -m ops serve` sets it")
    made = create_app(
        connect=partial(serving, settings.database_url, settings),
        signers=signers(settings),
        limits=limits(settings),
        environment=settings.environment.value,
        pages=pages(settings),
        persisted=manifest.persisted(settings.documents, only=settings.documents_only),
        outgoing=outgoing(settings),
    )
    collect_rarely()
    return made


def _count() -> None:
    """Count requests, if this process was started by a server of the page of metrics."""
    if METRICS_FOLDER not in os.environ:
        return
    # imported here, so that other commands need not wait for it
    from ops import metrics  # noqa: PLC0415

    metrics.begin()
    count_by(metrics.requests())


@asynccontextmanager
async def serving(url: str, settings: Settings, *, everywhere: bool = True) -> AsyncIterator[None]:
    """The database for a server's life, and the ear for changes of the catalogue; `everywhere` as
    `connected` has it.
    """
    # `serve` has checked already: a worker restarted while the database is not reachable must wait
    # for it, because the first worker that fails to start ends the whole server
    database = connected(
        settings.pooler_url or url,
        pool_max=settings.pool_size,
        statement_seconds=settings.statement_seconds_max,
        everywhere=everywhere,
        reachable=False,
        pooler=Pooler(settings.pooler_prepares) if settings.pooler_url else None,
        standby=(
            Standby(settings.replica_database_url, settings.replica_lag_seconds_max)
            if settings.replica_database_url
            else None
        ),
    )
    async with database, cache.listening(url, CHANNELS), recording_uses():
        yield


@asynccontextmanager
async def recording_uses() -> AsyncIterator[None]:
    """Records every second, and at the end, used keys and exposures to experiments; nothing waits
    for it.
    """
    task = asyncio.create_task(_record_uses())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await _record_once()


async def _record_uses() -> None:
    while True:
        await asyncio.sleep(USES_SECONDS)
        await _record_once()


async def _record_once() -> None:
    for what, record in {"key_uses": key_uses.record, "exposures": exposures.record}.items():
        try:
            await record()
        except Exception as error:  # it is tried again, and no reason to stop serving
            log.warning(f"{what}_not_recorded", cause=name_of(error))


def pages(settings: Settings) -> Pages:
    return Pages(settings.serves_graphiql, settings.serves_demo, origins(settings))


def origins(settings: Settings) -> Origins:
    """The configured origins; in development without any, every page of this machine."""
    if settings.origins is None and settings.environment is Environment.DEVELOPMENT:
        return LOCALHOST
    return Origins(names=settings.allowed_origins())


def limits(settings: Settings) -> Limits:
    """The API's limits, each the setting of the same name."""
    return Limits(**{field.name: getattr(settings, field.name) for field in fields(Limits)})


def _end_with_parent() -> None:
    """Lets one worker of several end when their supervisor was killed, and free its address."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
