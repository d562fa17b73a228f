"""Growth: what a larger database, a longer ledger, a later page, more lots and more bookings cost,
by what a small one does.

Milepost alone is asked, and CPU time is compared, of the server and PostgreSQL together. The long
ledger is written by statements, in turn 10 points added and the same taken away: its hashes are
not real, which no read looks at. Both members have as many lots with points left; a third has
never spent any of its own, and has made a booking for each. The policy counts bookings, of another
kind.
"""

import asyncio
import itertools
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from api.kit.relay import to_cursor
from benchmarks import building, histories, load, operations, place, processes, rounds, samples
from benchmarks.building import Bar
from benchmarks.operations import BY_NAME, Operation
from benchmarks.place import HOME, Place
from benchmarks.rounds import Contender, Ring
from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.members import enrolment
from domain.members.enrolment import EnrolSent
from domain.programmes import programmes
from ops.commands import keys
from ops.postgres.connections import connection
from ops.postgres.database import connected
from ops.settings import load as load_settings

SHORT, LIVE = 100, 40
"""Entries of the short ledger, and lots with points left of both."""
SAVED = 5_000
"""Entries of who never spends, each of a booking, and each of which has left a lot."""

SMALL_MEMBERS = 5_000
PAGE = 1_000
TOKENS = 1_000

ENTRIES = """
INSERT INTO ledger_entry (member_id, id, sequence, kind, from_bucket, to_bucket, points,
    effective_at, recorded_at, pending_after, available_after, held_after, owed_after, actor,
    reason, hash)
SELECT $1, gen_random_uuid(), n, 'ADJUST', CASE WHEN up THEN 'adjusted' ELSE 'available' END,
    CASE WHEN up THEN 'available' ELSE 'adjusted' END, 10, at, at, 0, available, 0, 0,
    'staff:benchmarks', 'growth', decode(md5(n::text) || md5(n::text), 'hex')
FROM (SELECT n, n > $2::bigint - $5::bigint OR n % 2 = 1 AS up,
    $3::timestamptz + n * ($4::timestamptz - $3) / ($2 + 1) AS at,
    10 * CASE WHEN n > $2::bigint - $5::bigint THEN n - ($2::bigint - $5::bigint) ELSE n % 2 END
        AS available
    FROM generate_series(1, $2::bigint) AS g (n)) AS e
"""
LOTS = """
INSERT INTO lot (member_id, id, points, remaining, earned_at, available_at, expires_at,
    policy_version_id, funder)
SELECT e.member_id, e.id, 10, CASE WHEN e.sequence > $2::bigint - $3::bigint THEN 10 ELSE 0 END,
    e.effective_at, e.effective_at, e.effective_at + interval '10 years', v.id, 'programme'
FROM ledger_entry e CROSS JOIN (SELECT id FROM policy_version LIMIT 1) v
WHERE e.member_id = $1 AND e.to_bucket = 'available'
"""
BOOKINGS = """
WITH made AS (
    INSERT INTO booking (member_id, id, programme_id, reference, reporter, booked_at, recorded_at,
        currency, total_minor, cash_minor, points, policy_version_id, snapshot, explanation,
        content_hash)
    SELECT m.member_id, e.id, m.programme_id, 'grown-' || e.sequence, 'benchmarks', e.effective_at,
        e.effective_at, 'CNY', 1000, 1000, 10, v.id, '{"status": "ENROLLED"}', '[]',
        sha256(e.id::text::bytea)
    FROM member m JOIN ledger_entry e ON e.member_id = m.member_id
        CROSS JOIN (SELECT id FROM policy_version LIMIT 1) v
    WHERE m.member_id = $1 AND e.to_bucket = 'available'
    RETURNING member_id, id)
INSERT INTO booking_line (member_id, id, booking_id, number, product, amount_minor, cash_minor,
    attributes, points)
SELECT member_id, id, id, 1, 'hotel', 1000, 1000, '{}', 10 FROM made
"""
ALLOCATIONS = """
INSERT INTO allocation (member_id, id, entry_id, lot_id, points)
SELECT e.member_id, gen_random_uuid(), e.id, CASE WHEN e.to_bucket = 'available' THEN e.id
    ELSE lag(e.id) OVER (ORDER BY e.sequence) END,
    CASE WHEN e.to_bucket = 'available' THEN 10 ELSE -10 END
FROM ledger_entry e WHERE e.member_id = $1
"""
ACCOUNT = """
UPDATE account SET available = 10 * $3::bigint, sequence = $2, last_recorded_at = e.at,
    last_effective_at = e.at, next_due_at = l.at
FROM (SELECT max(effective_at) AS at FROM ledger_entry WHERE member_id = $1) e,
    (SELECT min(expires_at) AS at FROM lot WHERE member_id = $1 AND remaining > 0) l
WHERE member_id = $1
"""


@dataclass(frozen=True, slots=True)
class Side:
    """Who is asked for what, by requests without an end."""

    contender: Contender
    ring: Ring
    requests: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Case:
    """A comparison: CPU milliseconds of what has grown, and of what has not."""

    title: str
    most: float
    small: Side
    large: Side


@dataclass(frozen=True, slots=True)
class Grown:
    title: str
    most: float
    small_ms: float
    large_ms: float

    @property
    def ratio(self) -> float:
        return self.large_ms / self.small_ms


Tell = Callable[[str], None]


def run(where: Place, members: int, entries: int, bar: Bar, plan: tuple[int, float]) -> list[Grown]:
    """Compare databases of `SMALL_MEMBERS` and `members`, ledgers of `SHORT` and `entries`.

    `plan` is the number of rounds, and the seconds of each.
    """
    small = asyncio.run(building.template(where, SMALL_MEMBERS, bar))
    large = asyncio.run(building.template(where, members, bar))
    number, seconds = plan
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(served(where, template, f"bench_growth_{size}", seconds))
            for size, template in (("small", small), ("large", large))
        )
        with bar(f"a ledger of {entries:,} entries", 2) as advance:
            long = asyncio.run(lengthen(where.serving(one[1].database), where, one[1], entries))
            advance(2)
        partner = asyncio.run(samples.partner_key(where.serving(one[1].database)))
        ledgers = _of_ledgers(one, long, entries)
        cases = [*_of_sizes(where, one, other), *ledgers, _of_lots(one, partner)]
        with bar("comparing", len(cases) * number) as advance:
            return [_compare(case, number, advance) for case in cases]


@contextmanager
def served(
    where: Place, template: str, name: str, seconds: float
) -> Iterator[tuple[Contender, Ring]]:
    """Milepost on a copy of a template."""
    with place.copied(where, template, name) as database:
        serving, port = where.serving(database), processes.free_port()
        asyncio.run(samples.set_clock(serving))
        arguments = ["ops", "serve", "--port", str(port), "--no-migrate", "--no-worker"]
        variables = {"MILEPOST_DATABASE_URL": serving}
        with processes.served(arguments, port, HOME, variables) as ready:
            message = samples.to_milepost(port)
            ring = Ring(where.postmaster, database, 4, seconds)
            yield Contender(name, ready.pid, port, message), ring


async def lengthen(serving: str, where: Place, ring: Ring, entries: int) -> UUID:
    """Three new members, `short`, `long` and `saver`; the id of `long`."""
    joined = histories.NOW - timedelta(days=600)
    async with connected(serving, pool_max=2, everywhere=False):
        programme = await programmes.get(histories.PROGRAMME)
        staff = Caller(
            CallerKind.STAFF, programme.id, programme.code, "benchmarks", roles=EVERY_ROLE
        )
        ids = {}
        for name in ("short", "long", "saver"):
            sent = EnrolSent(reference=name, name=name, locale="en")
            outcome = await enrolment.enrol(Request(staff, name, joined), programme, sent)
            ids[name] = UUID(outcome.figures["member_id"])
    until = histories.NOW - timedelta(days=1)
    async with connection(where.administrator(ring.database)) as owner:
        await owner.execute("SET work_mem = '256MB'")
        sizes = {"short": (SHORT, LIVE), "long": (entries, LIVE), "saver": (SAVED, SAVED)}
        for name, (count, live) in sizes.items():
            own = ids[name]
            await owner.execute(ENTRIES, own, count, joined, until, live, timeout=None)
            await owner.execute(LOTS, own, count, live)
            await owner.execute(ALLOCATIONS, own)
            await owner.execute(ACCOUNT, own, count, live)
            if name != "long":
                await owner.execute(BOOKINGS, own)
        await owner.execute("VACUUM ANALYZE")
    return ids["long"]


def _of_sizes(
    where: Place, small: tuple[Contender, Ring], large: tuple[Contender, Ring]
) -> list[Case]:
    sides = []
    for contender, ring in (small, large):
        references = asyncio.run(_references(where.serving(ring.database)))
        sides.append((contender, ring, [_token(one) for one in references]))
    return [
        Case(
            f"{BY_NAME[name].title}, of a larger database",
            1.2,
            *(
                Side(contender, ring, _again(contender, BY_NAME[name], tokens))
                for contender, ring, tokens in sides
            ),
        )
        for name in ("dashboard", "ledger")
    ]


async def _references(serving: str) -> list[str]:
    async with connection(serving) as reader:
        found = await reader.fetch(
            "SELECT m.reference FROM member m JOIN account a ON a.member_id = m.member_id "
            "WHERE a.sequence BETWEEN 15 AND 25 ORDER BY md5(m.reference) LIMIT $1",
            TOKENS,
        )
    return [row["reference"] for row in found]


def _of_ledgers(served_by: tuple[Contender, Ring], long_id: UUID, entries: int) -> list[Case]:
    contender, ring = served_by
    short, long = [_token("short")], [_token("long")]
    side = partial(Side, contender, ring)
    ask = partial(_again, contender)
    cases = [
        Case(
            f"{BY_NAME[name].title}, of {entries:,} entries by {SHORT}",
            1.3,
            side(ask(BY_NAME[name], short)),
            side(ask(BY_NAME[name], long)),
        )
        for name in ("dashboard", "ledger")
    ]
    page = min(PAGE, entries // operations.LEDGER_PAGE - 1)
    behind = entries - (page - 1) * operations.LEDGER_PAGE + 1
    cursor = to_cursor(f"ledger {long_id}", behind)
    ledger = BY_NAME["ledger"]
    later = side(ask(ledger, long, after=cursor))
    cases.append(
        Case(f"page {page:,} of a ledger by the first", 1.1, side(ask(ledger, long)), later)
    )
    return cases


def _of_lots(served_by: tuple[Contender, Ring], partner: str) -> Case:
    """Bookings of who has spent and of who has not, each under a reference of its own."""
    contender, ring = served_by
    earn, numbers = BY_NAME["earn"], itertools.count()

    def book(member: str) -> Iterator[bytes]:
        while True:
            sent = operations.earning(earn, f"growth-{next(numbers)}", member, 10_000)
            yield contender.message(earn, partner, sent)

    sides = (Side(contender, ring, partial(book, member)) for member in ("short", "saver"))
    return Case(f"{earn.title}, of {SAVED:,} lots and bookings by {LIVE} lots", 1.3, *sides)


def _token(reference: str) -> str:
    now = datetime.now(UTC)
    return keys.member_token(load_settings(home=HOME), histories.PROGRAMME, reference, now)


def _again(
    contender: Contender, operation: Operation, tokens: Sequence[str], **more: Any
) -> Callable[[], Iterator[bytes]]:
    """The same requests again and again, from any of them on."""
    variables = {**operations.reading(operation, 10_000), **more}
    messages = [contender.message(operation, token, variables) for token in tokens]

    def requests() -> Iterator[bytes]:
        start = Random(len(messages)).randrange(len(messages))
        return itertools.islice(itertools.cycle(messages), start, None)

    return requests


def _compare(case: Case, number: int, advance: Callable[[int], None]) -> Grown:
    for side in (case.small, case.large):
        answer = load.run(side.contender.port, itertools.islice(side.requests(), 1), 1, 0).last
        assert b'"errors":[{' not in load.body(answer)
        load.run(side.contender.port, side.requests(), side.ring.connections, 1.0)
    found: dict[str, list[float]] = {"small": [], "large": []}
    for _ in range(number):
        for name, side in (("small", case.small), ("large", case.large)):
            one = rounds.measure(side.requests(), side.contender, side.ring)
            found[name].append(one.server_ms + one.postgres_ms)
        advance(1)
    small, large = (statistics.median(found[name]) for name in ("small", "large"))
    return Grown(case.title, case.most, small, large)
