"""What a worker does without being asked. Another job is one more function under `@job`.

A schedule only queues its job, unless one of that name waits or runs already. So of several
workers one does it, and after an outage it is done once, however often it was missed.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from domain import idempotency, outbox, programmes, reminders, sweeps
from domain.programmes import Programme
from domain.reminders import Expiring
from ops import queue
from ops.deliveries import deliver
from ops.turns import Turn

Work = Callable[[Turn], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """A job by its name, when it runs (cron, UTC; a sixth field is seconds), and what it does.

    `wanted` says beforehand, cheaply, whether there is anything to do.
    """

    name: str
    cron: str
    says: str
    work: Work
    wanted: Callable[[datetime], Awaitable[bool]] | None = None


JOBS: dict[str, Job] = {}


def job(
    cron: str, says: str, wanted: Callable[[datetime], Awaitable[bool]] | None = None
) -> Callable[[Work], Work]:
    """Register a function as a job under its own name."""

    def register(work: Work) -> Work:
        JOBS[work.__name__] = Job(work.__name__, cron, says, work, wanted)
        return work

    return register


@job("* * * * * */5", "relays events every five seconds", outbox.any_waiting)
async def relay(turn: Turn) -> None:
    """Deliver what waits in the outbox."""
    now = turn.now()

    async def act(member_id: UUID) -> int:
        return (await outbox.relay(member_id, now, deliver)).events

    await turn.each("events", outbox.waiting(now), act)


@job("* * * * *", "writes down every minute what fell due")
async def sweep(turn: Turn) -> None:
    """Write what time alone has changed, each programme by its own clock."""
    for programme, now in await _programmes(turn):
        due = sweeps.due(programme, now)
        await turn.each(f"due entries of {programme.code}", due, partial(sweeps.post, now=now))


@job("*/10 * * * *", "reminds every ten minutes of points that expire")
async def remind(turn: Turn) -> None:
    """Tell of points that are about to expire, each programme by its own clock."""
    for programme, now in await _programmes(turn):
        found = reminders.candidates(programme, now)
        act = partial(_remind, programme, now)
        await turn.each(f"reminders of {programme.code}", found, act)


async def _remind(programme: Programme, now: datetime, expiring: Expiring) -> int:
    return await reminders.remind(programme, expiring, now)


@job("17 3 * * *", "removes once a day what nobody needs any more")
async def clean_up(turn: Turn) -> None:
    """Remove relayed events, free idempotency keys, and the queue's log, each past its age."""
    now = turn.now()
    await turn.each("relayed events", _batches(lambda: outbox.forget(now)), _counted)
    for programme, local in await _programmes(turn):
        forget = partial(idempotency.forget, programme.id, local)
        await turn.each(f"idempotency keys of {programme.code}", _batches(forget), _counted)
    await queue.forget(turn.queue, now)


async def _programmes(turn: Turn) -> list[tuple[Programme, datetime]]:
    """Every programme, and the instant that its clock shows."""
    found = [await programmes.get(code) for code in await programmes.codes()]
    return [(programme, programme.now(turn.now())) for programme in found]


async def _batches(remove: Callable[[], Awaitable[int]]) -> AsyncGenerator[int, None]:
    """How many each batch removed, until there is nothing left."""
    while count := await remove():
        yield count


async def _counted(count: int) -> int:
    return count
