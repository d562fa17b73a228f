"""One run of a job by a worker: its clock, its loop over many items, and stopping half-way.

A run that is asked to stop leaves between two members, and the next one goes on from there.
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
"""After how long a run says how far it has come, and then again."""

FAULTS_SHOWN_MAX = 5
FAULTS_LOGGED_MAX = 100
"""How many of those that failed in one run its error names, and how many are logged."""

One = TypeVar("One")


class Stopped(Exception):
    """The worker was asked to stop before this run had ended."""


class PartlyFailed(Exception):
    """A run that did what it could, and could not for some."""

    def __init__(self, what: str, failures: int, shown: list[str]) -> None:
        more = f" and {failures - len(shown)} more" if failures > len(shown) else ""
        super().__init__(f"{what}: failed for {failures}: {'; '.join(shown)}{more}")


@dataclass(slots=True)
class _Run:
    """How far a run over many has come."""

    done: int = 0
    failures: int = 0
    shown: list[str] = field(default_factory=list)
    spoken_at: float = field(default_factory=monotonic)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a job gets: its name, the queue, whether the worker is to stop, and the file of who was
    erased, where there is one.
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
        """Act on each one found, and add up what that did; one that fails holds up no other, and
        a database that is away ends the run.

        Raises: Stopped, PartlyFailed, and what says that the database is away.
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
