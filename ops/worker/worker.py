"""`worker`: numbers events, writes due changes, cleans up; any number of them may run.

Jobs and schedules are in the database, so several workers share them, a killed worker loses
nothing, and one that is stopped finishes its job or puts it back.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pgqueuer
from pgqueuer.executors import EntrypointExecutor
from pgqueuer.models import Context, Schedule
from pgqueuer.models import Job as QueuedJob

from api.edge import logging
from api.edge.logging import log
from domain.delivery.targets import Channel
from domain.kernel import cache
from domain.members.consents import Channel as Sent
from domain.notices.unsubscribing import Unsubscribing
from ops import erasures
from ops.collecting import collect_rarely
from ops.console import console, counted
from ops.errors import OperationError
from ops.outgoing import outgoing
from ops.postgres import database
from ops.settings import METRICS_FOLDER, Environment, Settings
from ops.worker import pulse, queue, root_files, texts
from ops.worker.carriers import Carrier
from ops.worker.deciding import Notices
from ops.worker.endpoints import Endpoints
from ops.worker.jobs import JOBS
from ops.worker.mail import Mail
from ops.worker.pushes import Pushes
from ops.worker.schedule import Job
from ops.worker.senders import Sender
from ops.worker.texts import Texts
from ops.worker.turns import Stopped, Turn, summary

CONNECTIONS = 8
STOP_SECONDS = 20.0
"""Seconds that a running job may still take when the worker stops; then it is put back."""

POLL_SECONDS = 2
"""Most seconds that a worker sleeps: the queue wakes it for a new job, not for one put back."""

RESTART_SECONDS = 5
"""Seconds that a worker without its database waits before it tries again."""

RETRY_SECONDS_MAX = 600


Failed = Callable[[str], None]
"""Counts a run of this job that failed."""


class JobFailed(Exception):
    """A job failed as often as it may; the message quotes no row."""


async def run(settings: Settings, url: str, *, beside: bool) -> None:
    """Work until stopped; `beside` a server until that ends, which holds our input open.

    Raises: OperationError
    """
    if pending := await database.pending_migrations(url):
        raise OperationError(
            f"the database lacks {counted(len(pending), 'migration')}, the first {pending[0]}: run "
            "`python -m ops migrate` as its owner"
        )
    await erasures.check(settings.erasures, url)
    root_files.use(settings.roots)
    collect_rarely()
    stopping = _stopping(beside=beside)
    async with queue.opened(url):
        pass
    connected = database.connected(
        url, pool_max=CONNECTIONS, statement_seconds=settings.statement_seconds_max
    )
    async with connected, cache.listening(url):
        says = "; ".join(
            [
                "numbers events four times a second, sends them to endpoints, and notifies members",
                *(job.says for job in JOBS.values()),
            ]
        )
        console.print(f"Milepost works ({settings.environment}): {says}")
        logging.configure(exception_words=settings.environment is Environment.DEVELOPMENT)
        log.info("worker_started", pid=os.getpid(), jobs=list(JOBS))
        tasks = [
            asyncio.create_task(pulse.beat(stopping)),
            asyncio.create_task(Sender(_carriers(settings), stopping).run()),
        ]
        failed: Failed | None = None
        if METRICS_FOLDER in os.environ:
            # imported here, so that other commands need not wait for it
            from ops import metrics  # noqa: PLC0415
            from ops.worker import gauges  # noqa: PLC0415

            metrics.begin("worker")
            failed = metrics.job_failures()
            tasks.append(asyncio.create_task(gauges.keep(stopping)))
        try:
            await pgqueuer.run(
                partial(_manager, settings, url, stopping, failed),
                dequeue_timeout=timedelta(seconds=POLL_SECONDS),
                heartbeat_timeout=timedelta(seconds=settings.job_lost_seconds),
                shutdown_on_listener_failure=True,
                restart_on_failure=True,
                restart_delay=timedelta(seconds=RESTART_SECONDS),
                shutdown=stopping,
            )
        finally:
            stopping.set()
            await asyncio.gather(*tasks)
        log.info("worker_stopped")


def _carriers(settings: Settings) -> dict[Channel, Carrier]:
    """The carriers of this worker, for each channel in the settings."""
    sent_by = outgoing(settings)
    carriers: dict[Channel, Carrier] = {
        Channel.WEBHOOK: Endpoints(sent_by),
        Channel.NOTICES: Notices(frozenset(Sent(one) for one in sent_by.told_by)),
    }
    if server := settings.mail_server():
        carriers[Channel.EMAIL] = Mail(server, Unsubscribing(sent_by.key), sent_by.key)
    if provider := settings.sms_provider():
        carriers[Channel.SMS] = Texts(texts.api_of(provider), sent_by.key)
    if Sent.PUSH in sent_by.told_by:
        carriers[Channel.PUSH] = Pushes(*settings.push_providers())
    return carriers


def _stopping(*, beside: bool) -> asyncio.Event:
    """Set by SIGTERM, SIGINT or SIGHUP, and with a server by the server's end."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # nohup asks for a hang-up to be ignored
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stopping.set)

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            loop.remove_reader(sys.stdin)
            stopping.set()

    if beside:
        loop.add_reader(sys.stdin, read)
    return stopping


@asynccontextmanager
async def _manager(
    settings: Settings, url: str, stopping: asyncio.Event, failed: Failed | None
) -> AsyncIterator[pgqueuer.PgQueuer]:
    """The library's manager with all jobs, on a connection that is its own."""
    async with queue.opened(url) as asked:
        manager = pgqueuer.PgQueuer(asked.driver, queue.NAMES.channel, queries=asked)
        for job in JOBS.values():
            attempt = partial(_Attempt, settings=settings, stopping=stopping, failed=failed)
            turn = partial(Turn, job.name, asked, stopping, settings.erasures)
            manager.entrypoint(job.name, on_failure="hold", executor_factory=attempt)(
                _entrypoint(job, turn)
            )
            manager.schedule(job.name, job.cron)(_schedule(job, turn))
        yield manager


def _entrypoint(job: Job, turn: Callable[[], Turn]) -> Callable[[QueuedJob], Awaitable[None]]:
    async def work(_: QueuedJob) -> None:
        await job.work(turn())

    return work


def _schedule(job: Job, turn: Callable[[], Turn]) -> Callable[[Schedule], Awaitable[None]]:
    # only queues: the library does not try a failed schedule again
    async def tick(_: Schedule) -> None:
        this = turn()
        await queue.put(this.queue, job.name)

    return tick


@dataclass
class _Attempt(EntrypointExecutor):
    """Runs a job, tries a failed one again later, and holds one that has failed too often."""

    settings: Settings
    stopping: asyncio.Event
    failed: Failed | None = None

    async def execute(self, job: QueuedJob, context: Context) -> None:
        try:
            await self._bounded(job, context)
        except Stopped:
            raise pgqueuer.RetryRequested(timedelta(0), "the worker was stopped") from None
        except Exception as error:
            tries, said = job.attempts + 1, summary(error)
            if self.failed:
                self.failed(job.entrypoint)
            log.warning("job_failed", job=job.entrypoint, id=job.id, tries=tries, error=said)
            if tries >= self.settings.job_tries_max:
                raise JobFailed(f"after {tries} tries: {said}") from None
            delay = min(self.settings.job_retry_seconds * 2**job.attempts, RETRY_SECONDS_MAX)
            raise pgqueuer.RetryRequested(timedelta(seconds=delay), said) from None

    async def _bounded(self, job: QueuedJob, context: Context) -> None:
        """Let the job finish, but only for a limited time once the worker stops."""
        work = asyncio.ensure_future(super().execute(job, context))
        stop = asyncio.ensure_future(self.stopping.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await asyncio.wait({work}, timeout=STOP_SECONDS)
            if not work.done():
                work.cancel()
                with suppress(asyncio.CancelledError):
                    await work
                raise Stopped
            work.result()
        finally:
            stop.cancel()
            work.cancel()
