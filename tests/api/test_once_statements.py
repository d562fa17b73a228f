"""What a rule with a limit for life costs PostgreSQL, exactly: not one statement more than a rule
with a limit for a year, though whoever was erased and is back is told apart.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from domain.kernel import cache, secrecy
from domain.kernel.database import rows
from domain.tiers import tiers
from ops.postgres.database import connected
from tests.api.test_hot_statements import Cost
from tests.conftest import Database
from tests.support import factories as make
from tests.support import wire
from tests.support.callers import Client, Stage, fresh_key, open_stage
from tests.support.granted import faults
from tests.support.imported import begin, check, put, work
from tests.support.servers import SECRET_KEY
from tests.support.wire import Count

NEW_KEY = bytes(reversed(range(32)))
NAMES = ("li", "ma", "wang")
"""Three members whose addresses are proved; of whom the first was erased, and is back."""

BATCH = """mutation($bookings: [EarnForBookingInput!]!) {
    earnForBookings(input: {bookings: $bookings}) {
        results { pointsAwarded errors { code } } errors { code } } }"""
QUOTE = """query($lines: [BookingLineInput!]!) {
    quoteEarning(input: {lines: $lines}) { points errors { code } } }"""
LINES = [{"product": "hotel", "amount": "100"}]
PAID = {"li": 100, "ma": 100 + 200, "wang": 100 + 200}
"""By member, the points of its first booking, of which 200 are given once for life."""

CALLS = 5


@dataclass(frozen=True)
class Counted:
    """The members' programme, who reports for them, and the line that is counted."""

    stage: Stage
    partner: Client
    line: Count
    paid: dict[str, int]

    async def cost(self, call: Callable[[int], Awaitable[object]]) -> Cost:
        """Of each of three calls, after two that everything is remembered from."""
        costs = []
        for number in range(CALLS):
            self.line.clear()
            await call(number)
            line = self.line
            costs.append(Cost(line.statements, line.bounds, line.round_trips))
        same = set(costs[2:])
        assert len(same) == 1, costs
        return same.pop()


@pytest.fixture(params=["member", "year"])
async def counted(
    database: Database, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Counted]:
    """With a rule that is limited for life, and with one that is limited for a year."""
    # one write in 64, by its random id, sums up what counts toward the tier
    monkeypatch.setattr(tiers, "SUMMED_EVERY", 2**128)
    async with (
        wire.counted(database.serving) as line,
        connected(line.url, everywhere=False),
        cache.listening(database.serving),
    ):
        once = {"times": 1, "per": request.param}
        base, welcome = make.rule("rate", "base", points=1), make.rule("bonus", "welcome")
        stage = await open_stage(make.variant(base, {**welcome, "points": 200, "limit": once}))
        staff, partner = stage.staff(), await stage.partner()
        again = {"reference": "li", "email": "li@example.com"}
        await staff.done("enrolMember", **again)
        await staff.done("eraseMember", member={"reference": "li"}, confirm=0)
        for name in NAMES:
            await staff.done("enrolMember", reference=name, email=f"{name}@example.com")
        known = request.param == "member"
        yield Counted(stage, partner, line, PAID if known else dict.fromkeys(NAMES, 300))


async def earned(stage: Stage) -> dict[str, int]:
    """By member, the points of its first booking."""
    found = await rows(
        "SELECT DISTINCT ON (m.reference) m.reference, b.points FROM booking b "
        "JOIN member m ON m.member_id = b.member_id WHERE m.programme_id = $1 "
        "ORDER BY m.reference, b.booked_at, b.id",
        stage.programme.id,
    )
    for name in NAMES:
        assert await faults(await stage.member_id(name)) == []
    return {one["reference"]: one["points"] for one in found}


def booking(name: str, number: int) -> dict[str, Any]:
    member, reference = {"reference": name}, f"{name}-{number}"
    return {"member": member, "reference": reference, "lines": LINES}


async def test_a_booking(counted: Counted) -> None:
    async def book(number: int) -> None:
        await counted.partner.done("earnForBooking", **booking("li", number))

    assert await counted.cost(book) == Cost(7, 2, 9)
    assert await earned(counted.stage) == {"li": counted.paid["li"]}


async def test_a_quote(counted: Counted) -> None:
    # the token is newer than the erasure of whoever had the reference before
    li = counted.stage.signed("li", iat=int(time.time()) + 2)

    async def ask(_: int) -> None:
        found = (await li.read(QUOTE, lines=LINES))["quoteEarning"]
        assert found == {"points": counted.paid["li"], "errors": []}

    assert await counted.cost(ask) == Cost(1, 0, 1)


async def book_together(counted: Counted, number: int) -> None:
    sent = [{**booking(name, number), "idempotencyKey": fresh_key()} for name in NAMES]
    found = (await counted.partner.read(BATCH, bookings=sent))["earnForBookings"]
    assert [one["errors"] for one in (found, *found["results"])] == [[]] * 4


async def test_bookings_of_several_members(counted: Counted) -> None:
    async def book(number: int) -> None:
        await book_together(counted, number)

    assert await counted.cost(book) == Cost(13, 2, 11)
    assert await earned(counted.stage) == counted.paid


async def bring(counted: Counted, number: int, day: str, **terms: Any) -> None:
    """An import of a booking of each member, of which what its worker writes is counted."""
    lines = [f"{name},{name}-{number},{day}T09:0{number},hotel,100" for name in NAMES]
    file = "\n".join(("member,reference,booked_at,product,amount", *lines)).encode()
    stage = counted.stage
    _, url, proposal = await begin(stage.staff(), "BOOKINGS", **terms)
    assert (await put(url, file)).status_code == 200
    await check(stage)
    await stage.staff("lee").done("approveProposal", proposal=proposal)
    counted.line.clear()
    await work(stage)


@pytest.mark.parametrize("history", [False, True])
async def test_an_import(counted: Counted, history: bool) -> None:
    day = "2125-06-01" if history else "2126-03-14"

    async def one(number: int) -> None:
        await bring(counted, number, day, history=history)

    expected = Cost(43, 8, 51) if history else Cost(29, 8, 33)
    assert await counted.cost(one) == expected
    assert await earned(counted.stage) == counted.paid


async def test_while_two_keys_are_set(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    staff, wang = counted.stage.staff(), {"reference": "wang"}
    await staff.done("eraseMember", member=wang, confirm=0)
    monkeypatch.setattr(secrecy, "_said", lambda: [NEW_KEY, SECRET_KEY])
    # who was erased is kept under the key before, who is back under the new one
    await staff.done("enrolMember", **wang, email="wang@example.com")
    paid = counted.paid if counted.paid["li"] == 300 else {**counted.paid, "wang": 100}

    async def book(number: int) -> None:
        await counted.partner.done("earnForBooking", **booking("ma", number))

    async def book_all(number: int) -> None:
        await book_together(counted, CALLS + number)

    more = int(paid["li"] == 100)
    assert await counted.cost(book) == Cost(7 + more, 2, 9 + more)
    assert await counted.cost(book_all) == Cost(13 + 3 * more, 2, 11 + more)
    assert await earned(counted.stage) == paid
