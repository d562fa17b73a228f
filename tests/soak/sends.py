"""Senders, and the server that writers report to, are killed while they work; real receivers also
fail at times.

Each unit starts a worker that numbers and sends, and kills the one before it by SIGKILL at a random
moment: before, while or after a message is sent. Or it kills the server, and writers repeat what
was not answered to the next one. Leases end by a clock that runs faster here. At the end each
booking is stored once, every event has reached every endpoint, and the first arrivals of a member's
events are in the order of the feed. Each member has one notice of every kind, in its language, and
no push was accepted twice.
"""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import uvicorn

from api.app import create_app
from api.edge.limits import Limits
from api.kit.relay import from_global_id
from domain.delivery.targets import Channel
from domain.kernel.callers import OWN_SCOPES
from domain.kernel.database import row, rows
from domain.members.consents import Channel as Sent
from domain.notices.kinds import Kind
from domain.partners import partner_keys, partners
from domain.programmes.programmes import Programme
from domain.proof import delivery_checks, feed_checks
from domain.webhooks.guard import Rules
from domain.webhooks.outgoing import Outgoing
from ops.postgres.database import connected
from ops.providers import Plain
from ops.worker import pulse
from ops.worker.carriers import Carrier
from ops.worker.deciding import Notices
from ops.worker.endpoints import Endpoints
from ops.worker.pushes import Pushes
from ops.worker.senders import Sender, real
from tests.soak import proofs, struck
from tests.soak.proofs import Proof, Tell
from tests.soak.struck import Struck
from tests.support import factories as make
from tests.support import tidings
from tests.support.hooked import Endpoint, Got, endpoint
from tests.support.processes import WAIT_SECONDS, free_port
from tests.support.servers import Database

WRITERS = 20
TOLD = set(Kind) - {Kind.CONTACT_CODE}
"""Kinds that appear in the inbox: a code only goes to its contact."""

ENDPOINTS = 3
SECRET = "whsec_" + "A" * 43 + "="
CONNECTIONS = 8
FASTER = 30
"""How many times faster the senders' clock runs, by which leases end and failures are retried."""

AGAIN = {"UNAVAILABLE", "TIMEOUT", "CONCURRENT_REQUEST"}
TAKES_SECONDS = 0.03
"""How long a receiver takes at most, so that messages are in flight whenever a sender is killed."""

FAILING = 0.02
"""The share of messages that a receiver gets but does not accept."""

ARRIVALS_MAX = 20
"""A sender is killed after at most this many messages."""

REST_SECONDS = 2
"""How long a writer rests at most."""

WAITING_MAX = 500
"""Writers rest for longer if more than this waits, so that the backlog stays small."""

STUCK_SECONDS = 60
"""How long nothing may happen while something waits; far longer than a lease."""

SERVERS = 0.4
"""The share of units in which the server is killed instead of a worker."""

LOCALES = ("zh-CN", "en")
BOOK = """mutation($input: EarnForBookingInput!) { earnForBooking(input: $input) {
    booking { reference } errors { code } } }"""

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)


def _work(url: str, key: bytes, began: datetime, pushed_to: str) -> None:
    """Number and send, by a clock that runs faster from the instant `began`."""

    async def work() -> None:
        async with connected(url, pool_max=CONNECTIONS, everywhere=False):
            carriers: dict[Channel, Carrier] = {
                Channel.WEBHOOK: Endpoints(Outgoing(Rules(development=True), key)),
                Channel.NOTICES: Notices(frozenset({Sent.PUSH})),
                Channel.PUSH: Pushes(Plain(pushed_to, SECRET)),
            }
            stopping = asyncio.Event()
            sender = Sender(carriers, stopping, lambda: began + (real() - began) * FASTER)
            struck.say_started()
            await asyncio.gather(pulse.beat(stopping), sender.run())

    asyncio.run(work())


def _serve(url: str, port: int) -> None:
    """Serve writers; the line that each request logs is discarded, since nobody reads it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    async def serve() -> None:
        app = create_app(
            connect=partial(connected, url, pool_max=CONNECTIONS),
            signers=[],
            limits=Limits(),
            environment="development",
        )
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, ws="none")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for this
            await asyncio.sleep(0.01)
        struck.say_started()
        await serving

    asyncio.run(serve())


@dataclass(slots=True)
class Scene:
    """What a part works with; each endpoint has its messages in the order of arrival."""

    programme: Programme
    workers: Struck
    servers: Struck
    client: httpx.AsyncClient
    members: list[UUID]
    endpoints: list[Endpoint]
    phones: Endpoint
    written: Counter[str] = field(default_factory=Counter)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def arrived(self) -> int:
        return sum(len(one.got) for one in self.endpoints)


async def run(database: Database, numbers: range, seed: int, tell: Tell) -> Counter[str]:
    done: Counter[str] = Counter()
    await proofs.write_behind(database)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="milepost-soak-"))
        await stack.enter_async_context(
            connected(database.serving, pool_max=CONNECTIONS, everywhere=False)
        )
        chance = proofs.draw(seed, -1)
        receivers = [
            await stack.enter_async_context(_receiver(chance)) for _ in range(ENDPOINTS + 1)
        ]
        scene = await _furnish(database, Path(folder), receivers)
        stack.callback(scene.workers.kill_all)
        stack.callback(scene.servers.kill_all)
        await stack.enter_async_context(scene.client)
        await scene.servers.start()
        writers = [asyncio.create_task(one) for one in _writers(scene, seed)]
        stack.callback(scene.stopping.set)
        await scene.workers.start()
        for number in numbers:
            with proofs.unit(number):
                done += await _strike(scene, proofs.draw(seed, number))
            tell(1)
        scene.stopping.set()
        await asyncio.gather(*writers)
        await _await_the_rest()
        return done + scene.written + await _check(scene)


PROOF = Proof("sends", "senders killed while they send", count=200, part=100, run=run)


@asynccontextmanager
async def _receiver(chance: Random) -> AsyncIterator[Endpoint]:
    def answer(_: Got) -> int:
        return 503 if chance.random() < FAILING else 204

    async with endpoint() as made:
        made.answer, made.takes = answer, lambda: chance.random() * TAKES_SECONDS
        yield made


async def _furnish(database: Database, folder: Path, receivers: list[Endpoint]) -> Scene:
    *endpoints, phones = receivers
    programme = await make.establish(tidings.document())
    now = datetime.now(UTC)
    for one in endpoints:
        await make.webhook(programme, url=one.url, now=now)
    members = [
        await make.enrol(programme, reference=f"S-{n}", locale=LOCALES[n % 2])
        for n in range(WRITERS)
    ]
    for member_id in members:
        await make.device(programme, member_id, str(member_id), now=now)
        await tidings.write(programme, member_id, now)
    told = (database.serving, make.OUTGOING.key, now, phones.url)
    workers = Struck(_work, told, folder / "workers.log")
    servers = Struck(_serve, (database.serving, port := free_port()), folder / "servers.log")
    partner_id = await partners.create(programme, "engine", "Booking engine", now)
    key = await partner_keys.issue(
        programme, partner_id, OWN_SCOPES, now, environment="development"
    )
    client = httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}
    )
    return Scene(programme, workers, servers, client, members, endpoints, phones)


def _writers(scene: Scene, seed: int) -> Iterator[Coroutine[Any, Any, None]]:
    for number in range(len(scene.members)):
        yield _write(scene, number, proofs.draw(seed, -2 - number))


async def _write(scene: Scene, number: int, chance: Random) -> None:
    """Report bookings of a member, each repeated until it is answered, so that all are recorded."""
    for booking in count():
        if scene.stopping.is_set():
            return
        named = f"B-{number}-{booking}"
        line = {"product": "hotel", "amount": str(chance.randint(1, 99))}
        sent = {
            "idempotencyKey": named,
            "member": {"reference": f"S-{number}"},
            "reference": named,
            "lines": [line],
        }
        while not await _is_answered(scene.client, sent):
            scene.written["sent again"] += 1
            await asyncio.sleep(TAKES_SECONDS)
        scene.written["written"] += 1
        await asyncio.sleep(chance.random() * REST_SECONDS)
        while await _left() > WAITING_MAX and not scene.stopping.is_set():  # noqa: ASYNC110
            await asyncio.sleep(REST_SECONDS)


async def _is_answered(client: httpx.AsyncClient, sent: dict[str, Any]) -> bool:
    """Whether a server answered that the booking is recorded; the only refusals are for a server
    that is not available, or a killed one whose transaction is still open.
    """
    try:
        answer = await client.post("/graphql", json={"query": BOOK, "variables": {"input": sent}})
    except httpx.TransportError:
        return False
    said = answer.json()
    if codes := [error["extensions"]["code"] for error in said.get("errors", ())]:
        assert set(codes) <= AGAIN, codes
        return False
    payload = said["data"]["earnForBooking"]
    if codes := [problem["code"] for problem in payload["errors"]]:
        assert set(codes) <= AGAIN, codes
        return False
    return bool(payload["booking"]["reference"] == sent["reference"])


async def _strike(scene: Scene, chance: Random) -> Counter[str]:
    """Start another worker, and kill the one before it with its messages in flight once some more
    have arrived; or kill the server, and start another.
    """
    if chance.random() < SERVERS:
        await asyncio.sleep(chance.random() * REST_SECONDS / 4)
        await scene.servers.kill()
        await scene.servers.start()
        return Counter({"killed": 1, "servers killed": 1})
    await scene.workers.start()
    enough = scene.arrived + chance.randint(1, ARRIVALS_MAX)
    async with asyncio.timeout(WAIT_SECONDS):
        while scene.arrived < enough:  # noqa: ASYNC110
            await asyncio.sleep(TAKES_SECONDS / 10)
    await asyncio.sleep(chance.random() * TAKES_SECONDS)
    await scene.workers.kill()
    return Counter({"killed": 1})


async def _await_the_rest() -> None:
    """Wait until the last worker has sent what killed ones left, however slow the machine is; fail
    if nothing happens for `STUCK_SECONDS`.
    """
    left, since = await _left(), monotonic()
    while left:
        await asyncio.sleep(0.1)
        if (now := await _left()) != left:
            left, since = now, monotonic()
        assert monotonic() - since < STUCK_SECONDS, f"{left} are not sent"


async def _left() -> int:
    found = await row(
        "SELECT (SELECT count(*) FROM outbox_event WHERE numbered_at IS NULL) "
        "+ (SELECT count(*) FROM delivery WHERE status = 'WAITING') AS count"
    )
    return int(found["count"]) if found else 0


async def _check(scene: Scene) -> Counter[str]:
    recorded = await row("SELECT count(*) AS count FROM booking")
    assert recorded == {"count": scene.written["written"]}
    entries = await rows("SELECT member_id, event_id FROM feed_entry ORDER BY part, position")
    told: dict[UUID, list[UUID]] = {}
    for entry in entries:
        told.setdefault(entry["member_id"], []).append(entry["event_id"])
    done = Counter({"events": len(entries)})
    for one in scene.endpoints:
        arrived = [_event(got) for got in one.got]
        first: dict[UUID, list[UUID]] = {}
        for member_id, event_id in dict.fromkeys(arrived):
            first.setdefault(member_id, []).append(event_id)
        assert first == told
        done += Counter({"arrived": len(arrived), "came again": len(arrived) - len(entries)})
    done["came again after a death"] = done["came again"] - await _refused()
    ended = await rows(
        "SELECT d.status, t.channel, count(*) AS count FROM delivery d "
        "JOIN delivery_target t ON t.target = d.target WHERE t.channel IS DISTINCT FROM 'push' "
        "GROUP BY 1, 2 ORDER BY 2 NULLS LAST"
    )
    told_once = await rows("SELECT DISTINCT member_id, kind, key FROM notice")
    done += await _check_pushes(scene)
    assert ended == [
        {"status": "DELIVERED", "channel": "notices", "count": len(told_once)},
        {"status": "DELIVERED", "channel": None, "count": ENDPOINTS * len(entries)},
    ]
    assert await feed_checks.positions() == []
    assert await delivery_checks.of_members(_FIRST, _LAST) == []
    assert await make.faults(*scene.members) == []
    return done


async def _check_pushes(scene: Scene) -> Counter[str]:
    """Assert that each member has every kind of notice, and one push of each service, which was
    either delivered or left to staff.
    """
    kinds = await rows("SELECT member_id, array_agg(DISTINCT kind) AS kinds FROM notice GROUP BY 1")
    assert {one["member_id"]: set(one["kinds"]) for one in kinds} == dict.fromkeys(
        scene.members, TOLD
    )
    ended = await rows(
        "SELECT d.id, d.status FROM delivery d JOIN delivery_target t ON t.target = d.target "
        "WHERE t.channel = 'push'"
    )
    states = {str(one["id"]): one["status"] for one in ended}
    assert set(states.values()) <= {"DELIVERED", "UNKNOWN"}
    assert len(states) == len(scene.members) * len(tidings.SERVICES)
    refused = await rows(
        "SELECT a.delivery_id AS id, count(*) AS count FROM delivery_attempt a "
        "WHERE a.status = 503 GROUP BY 1"
    )
    more = {str(one["id"]): one["count"] for one in refused}
    arrived = Counter(got.headers["webhook-id"] for got in scene.phones.got)
    places = {str(own): LOCALES[n % 2] for n, own in enumerate(scene.members)}
    for got in scene.phones.got:
        said, [to] = got.said, got.said["to"]
        in_both = dict(zip(LOCALES, tidings.WORDS[said["kind"]], strict=True))
        assert (said["title"], said["text"]) == in_both[places[to]]
    # only what was refused is sent again
    assert all(times - more.get(own, 0) <= 1 for own, times in arrived.items())
    assert all(own in arrived for own, status in states.items() if status == "DELIVERED")
    left = sum(status == "UNKNOWN" for status in states.values())
    return Counter({"pushes": len(states), "left to staff": left})


async def _refused() -> int:
    """How many refused attempts senders recorded."""
    found = await row(
        "SELECT count(*) AS count FROM delivery_attempt a JOIN delivery d "
        "ON d.member_id = a.member_id AND d.id = a.delivery_id JOIN webhook w ON w.id = d.target "
        "WHERE a.status = 503"
    )
    return int(found["count"]) if found else 0


def _event(got: Got) -> tuple[UUID, UUID]:
    """The ids of the member, or of the programme if there is none, and of a message's event."""
    found = from_global_id(got.headers["webhook-id"])
    assert found is not None
    assert found.member_id is not None
    return found.member_id, found.id
