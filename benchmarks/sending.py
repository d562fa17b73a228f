"""What a worker does for others: events that wait are numbered, and sent to three endpoints.

The endpoints are in a process of their own, whose time is not counted: they are somebody else's.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, redirect_stderr
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from api.edge import logging
from domain.delivery import numbering
from domain.delivery.targets import Channel
from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.database import row, update
from domain.kernel.idempotency import Request
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.webhooks import keeping
from domain.webhooks.guard import Rules
from domain.webhooks.keeping import Change, WebhookSent
from domain.webhooks.outgoing import Outgoing
from ops.worker import pulse
from ops.worker.endpoints import Endpoints
from ops.worker.senders import Sender
from tests.support.hooked import endpoint

ENDPOINTS = 3
MEMBERS, EVENTS_A_MEMBER = 500, 4


@contextmanager
def listening() -> Iterator[list[str]]:
    """The addresses of endpoints that accept everything."""
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_listen, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _listen(pipe: Connection) -> None:
    async def listen() -> None:
        async with AsyncExitStack() as stack:
            made = [await stack.enter_async_context(endpoint()) for _ in range(ENDPOINTS)]
            pipe.send([one.url for one in made])
            await asyncio.Event().wait()

    asyncio.run(listen())


@contextmanager
def unread() -> Iterator[None]:
    """What a worker logs is written as lines, and thrown away."""
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        logging.configure()
        yield


async def furnish(programme_code: str, urls: Sequence[str]) -> Outgoing:
    """Number what waits from before, for nobody; then let endpoints listen, and events wait."""
    while await pulse.number_all(asyncio.Event()):
        pass
    programme, outgoing = await programmes.get(programme_code), Outgoing(Rules(development=True))
    now = datetime.now(UTC)
    staff = Caller(CallerKind.STAFF, programme.id, programme.code, "benchmarks", roles=EVERY_ROLE)
    for url in urls:
        change = Change(Request(staff, url, now), None, None, now - timedelta(seconds=1))
        await keeping.save(change, programme, WebhookSent(url), outgoing)
    await _add_events(programme, now)
    return outgoing


async def _add_events(programme: Programme, now: datetime) -> None:
    await update(
        "INSERT INTO outbox_event (member_id, id, programme_id, part, topic, payload, sequence, "
        "recorded_at, relay_failures) SELECT m.member_id, gen_random_uuid(), $1, "
        "get_byte(uuid_send(m.member_id), 15) & 15, 'points.adjusted', '{\"points\": 5}', n, $2, 0 "
        "FROM (SELECT member_id FROM member WHERE programme_id = $1 ORDER BY member_id LIMIT $3) m "
        "CROSS JOIN generate_series(1, $4::int) AS n",
        programme.id,
        now,
        MEMBERS,
        EVENTS_A_MEMBER,
    )


async def send(outgoing: Outgoing) -> int:
    """Number and send until nothing waits, as one worker does; how many events.

    Raises: RuntimeError where something did not arrive.
    """
    sender = Sender({Channel.WEBHOOK: Endpoints(outgoing)}, asyncio.Event())
    sending = asyncio.create_task(sender.run())
    while await pulse.number_all(asyncio.Event()):
        pass
    while await _waits():  # noqa: ASYNC110 - asks the database
        await asyncio.sleep(0.05)
    sender.stopping.set()
    await sending
    found = await row("SELECT count(*) AS count FROM delivery WHERE status = 'DELIVERED'")
    events = MEMBERS * EVENTS_A_MEMBER
    if found is None or found["count"] != ENDPOINTS * events:
        raise RuntimeError(f"{found} deliveries, not {ENDPOINTS * events}")
    return events


async def _waits() -> bool:
    """Whether any event waits for an endpoint; what waits for other channels nobody here takes."""
    found = await row(
        "SELECT EXISTS (SELECT FROM delivery_lane l JOIN delivery_target t ON t.target = l.target "
        "WHERE l.due_at IS NOT NULL AND t.channel IS NULL) AS waits"
    )
    return bool(found and found["waits"]) or bool(await numbering.waiting())
