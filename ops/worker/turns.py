"""One run of a job by a worker: its clock, its loop over many items, and stopping half-way.

A run that is stopped ends between two members, and the next one continues there.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TypeVar

import pgqueuer

from api.edge.logging import log
from domain.kernel.database import is_outage

PROGRESS_SECONDS = 10.0
"""Seconds between a run's reports of its progress."""

FAULTS_SHOWN_MAX = 5
FAULTS_LOGGED_MAX = 100
"""Most failures of one run that its error names, and most that are logged."""

One = TypeVar("One")


class Stopped(Exception):
    """The worker was stopped before this run had ended."""


class PartlyFailed(Exception):
    """A run that failed for some of its items."""

    def __init__(self, what: str, failures: int, shown: list[str]) -> None:
        more = f" and {failures - len(shown)} more" if failures > len(shown) else ""
        super().__init__(f"{what}: failed for {failures}: {'; '.join(shown)}{more}")


@dataclass(slots=True)
class _Run:
    """Progress of a run over many items."""

    done: int = 0
    failures: int = 0
    shown: list[str] = field(default_factory=list)
    spoken_at: float = field(default_factory=monotonic)


@dataclass(frozen=True, slots=True)
class Turn:
    """Arguments of a job: its name, the queue, whether the worker is stopping, and the file of
    erased members, if there is one.
    """

    job: str
    queue: pgqueuer.Queries
    stopping: asyncio.Event
    erasures: Path | None = None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def check(self) -> None:
        """Raises: Stopped when the worker is to stop."""
        if self.stopping.is_set():
            raise Stopped

    async def each(
        self, what: str, found: AsyncGenerator[One, None], act: Callable[[One], Awaitable[int]]
    ) -> int:
        """Act on each one found, and sum the results; a failing one does not stop others, and an
        unreachable database ends the run.

        Raises: Stopped, PartlyFailed, and the exceptions of a database that is not reachable.
        """
        run = _Run()
        async with aclosing(found) as ones:
            async for one in ones:
                self.check()
                try:
                    run.done += await act(one)
                except Exception as error:
                    if is_outage(error):
                        raise
                    self._fault(one, error, run)
                self._speak(what, run)
        if run.failures:
            raise PartlyFailed(what, run.failures, run.shown)
        if run.done:
            log.info("job_did", job=self.job, what=what, count=run.done)
        return run.done

    def _fault(self, one: object, error: Exception, run: _Run) -> None:
        run.failures += 1
        if run.failures <= FAULTS_LOGGED_MAX:
            log.warning("job_part_failed", job=self.job, of=str(one), exc_info=error)
        if run.failures <= FAULTS_SHOWN_MAX:
            run.shown.append(f"{one} {summary(error)}")

    def _speak(self, what: str, run: _Run) -> None:
        if monotonic() - run.spoken_at >= PROGRESS_SECONDS:
            run.spoken_at = monotonic()
            log.info("job_progress", job=self.job, what=what, so_far=run.done)


def summary(error: BaseException) -> str:
    """An error's type, SQLSTATE and place, without its message, which may quote a row."""
    if isinstance(error, PartlyFailed):
        return str(error)
    trace, place = error.__traceback__, ""
    while trace is not None:
        frame = trace.tb_frame
        place = f" in {frame.f_globals['__name__']}.{frame.f_code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    sqlstate = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
    state = f" (SQLSTATE {sqlstate})" if sqlstate else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{state}{place}"
