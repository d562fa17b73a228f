"""Jobs by name, each with its schedule, and the loops over programmes that they share.

A schedule only queues its job, unless one of that name waits or runs already. So of several
workers one does it, and after an outage it is done once, however often it was missed.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from api.edge.logging import log
from domain.kernel.database import is_outage
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops.worker.turns import One, Stopped, Turn, summary

Work = Callable[[Turn], Awaitable[None]]
Step = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its name, its schedule (cron, UTC; a sixth field is seconds), and its function."""

    name: str
    cron: str
    says: str
    work: Work


JOBS: dict[str, Job] = {}


def job(cron: str, says: str) -> Callable[[Work], Work]:
    """Register a function as a job under its own name."""

    def register(work: Work) -> Work:
        JOBS[work.__name__] = Job(work.__name__, cron, says, work)
        return work

    return register


async def each_found(
    turn: Turn,
    what: str,
    find: Callable[[Programme, datetime], AsyncGenerator[One, None]],
    act: Callable[[Programme, One, datetime], Awaitable[int]],
) -> None:
    """Act on each that is found in each programme, at the instant of its clock.

    Raises: Stopped, and the first failure in the end.
    """

    async def work(programme: Programme, now: datetime) -> None:
        async def one(found: One) -> int:
            return await act(programme, found, now)

        await turn.each(f"{what} of {programme.code}", find(programme, now), one)

    await each_programme(turn, work)


async def each_programme(
    turn: Turn, work: Callable[[Programme, datetime], Awaitable[None]]
) -> None:
    """Work for every programme at the instant of its clock; a failing one does not stop others.

    Raises: Stopped, the exceptions of a database that is not reachable, and the first failure at
    the end.
    """

    async def one(code: str) -> None:
        programme = await programmes.get(code)
        await work(programme, programme.now(turn.now()))

    await all_of(turn, {code: partial(one, code) for code in await programmes.codes()})


async def all_of(turn: Turn, steps: Mapping[str, Step]) -> None:
    """Take every step, each with its name; a failing one does not stop later ones.

    Raises: Stopped, the exceptions of a database that is not reachable, and the first failure at
    the end.
    """
    failures = []
    for of, step in steps.items():
        turn.check()
        try:
            await step()
        except Stopped:
            raise
        except Exception as error:
            if is_outage(error):
                raise
            log.warning("job_part_failed", job=turn.job, of=of, error=summary(error))
            failures.append(error)
    if failures:
        raise failures[0]


async def step_by_step(turn: Turn, step: Callable[[Programme, datetime], Awaitable[bool]]) -> None:
    """Take steps for each programme, each at the instant of its clock, until there are none."""

    async def work(programme: Programme, _: datetime) -> None:
        while await step(programme, programme.now(turn.now())):
            turn.check()

    await each_programme(turn, work)


async def batches(remove: Callable[[], Awaitable[int]]) -> AsyncGenerator[int, None]:
    """Yields the number removed by each batch, until nothing is left."""
    while count := await remove():
        yield count


async def counted(count: int) -> int:
    return count
