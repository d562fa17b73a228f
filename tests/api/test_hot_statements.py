"""What each hot operation costs PostgreSQL, exactly: counted on the line to it, over HTTP.

A change that saves statements lowers its row here; one that raises a row needs a reason.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from benchmarks import operations
from benchmarks.operations import BY_NAME, Operation
from domain.kernel import cache
from domain.tiers import tiers
from ops.postgres.database import connected
from tests.conftest import Database
from tests.support import factories as make
from tests.support import wire
from tests.support.callers import TODAY, Client, Stage, open_stage
from tests.support.wire import Count


@dataclass(frozen=True, order=True)
class Cost:
    """Statements, what begins and ends transactions beside them, and waits for the database."""

    statements: int
    bounds: int
    round_trips: int


COSTS = {
    "dashboard": Cost(1, 0, 1),
    "dashboard-plain": Cost(1, 0, 1),
    "ledger": Cost(1, 0, 1),
    "catalogue": Cost(1, 0, 1),
    "quote": Cost(1, 0, 1),
    "quote-5": Cost(1, 0, 1),
    "earn": Cost(7, 2, 9),
    "earn-5": Cost(7, 2, 9),
    "redeem": Cost(7, 2, 9),
    "refund": Cost(7, 2, 9),
}
"""By operation of `benchmarks/operations.py`, of a member to whom nothing is due."""

EXPIRY = Operation(
    "expiry",
    "dashboard with what expires next",
    """{ me { standing { tier { code } } balance { available nextExpiry { points on } }
        ledger(first: 20) { edges { node { kind points } } } } }""",
    "/me",
    "member",
    operations.READ,
)
COSTS_OF_EXPIRY = {"busy": Cost(1, 0, 1), "sleeper": Cost(6, 2, 8)}
"""Of a member to whom nothing is due, and of one whose points have expired unrecorded."""

CALLS = 5
JOINED = TODAY - timedelta(days=60)
LONG_AGO = TODAY - timedelta(days=400)


@dataclass(frozen=True)
class Callers:
    """A member with a history, the partner, and the line that is counted."""

    stage: Stage
    partner: Client
    member: Client
    line: Count


@pytest.fixture(scope="module")
def _unsummed() -> Iterator[None]:
    """No write sums up what counts toward the tier, as one in 64 does by its random id."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "SUMMED_EVERY", 2**128)
        yield


@pytest.fixture(scope="module")
async def callers(database: Database, _unsummed: None) -> AsyncIterator[Callers]:
    async with (
        wire.counted(database.serving) as line,
        connected(line.url, everywhere=False),
        cache.listening(database.serving),
    ):
        stage = await open_stage(make.whole_document("ota"))
        member_id = await make.enrol(stage.programme, now=JOINED, reference="busy", name="Li")
        for number in range(30):
            at = JOINED + timedelta(days=number)
            sent = make.booking(("flight", "310.50"), reference=f"b{number}")
            await make.report(
                stage.programme, member_id, sent, now=at, caller=make.staff(stage.programme)
            )
        await make.act(stage.programme, member_id, "review", "r1", now=TODAY)
        await make.reward(
            stage.programme,
            code=operations.COUPON,
            kind="COUPON",
            list_points=1000,
            worth_minor=1000,
        )
        for number in range(25):
            await make.reward(stage.programme, list_points=100 + number, stock=10)
        yield Callers(stage, await stage.partner(), stage.member("busy"), line)


def variables(operation: Operation, number: int) -> dict[str, Any]:
    """Of the call of this number; a refund is of a booking made here before."""
    key = f"{operation.name}-{number}"
    match operation.path:
        case "/earnForBooking":
            return operations.earning(operation, key, "busy", 20_000)
        case "/redeemReward":
            return operations.redeeming(key, "busy")
        case "/refundBooking":
            return operations.refunding(key, f"to-refund-{number}")
        case _:
            return operations.reading(operation, 20_000)


async def cost(client: Client, line: Count, operation: Operation) -> Cost:
    """Of each of three calls, after two that everything is remembered from."""
    costs = []
    for number in range(CALLS):
        line.clear()
        answer = await client.ask(operation.document, **variables(operation, number))
        assert "errors" not in answer, answer
        said = answer["data"].get(operation.key) or {}
        assert said.get("errors", []) == []
        costs.append(Cost(line.statements, line.bounds, line.round_trips))
    same = set(costs[2:])
    assert len(same) == 1, costs
    return same.pop()


@pytest.mark.parametrize("name", COSTS)
async def test_a_hot_operation_takes_exactly_these_statements(callers: Callers, name: str) -> None:
    operation = BY_NAME[name]
    client = callers.partner if operation.by == "partner" else callers.member
    if operation.name == "refund":
        for number in range(CALLS):
            await callers.partner.done(
                "earnForBooking",
                member={"reference": "busy"},
                reference=f"to-refund-{number}",
                lines=[{"product": "hotel", "amount": "80.00"}],
            )

    assert await cost(client, callers.line, operation) == COSTS[name]


async def test_what_expires_next_takes_exactly_these_statements(callers: Callers) -> None:
    programme = callers.stage.programme
    member_id = await make.enrol(programme, now=LONG_AGO, reference="sleeper")
    await make.give(programme, member_id, 700, now=LONG_AGO)

    for name, expected in COSTS_OF_EXPIRY.items():
        member = callers.stage.member(name)
        assert await cost(member, callers.line, EXPIRY) == expected, name
        balance = (await member.read(EXPIRY.document))["me"]["balance"]
        assert (balance["nextExpiry"] is None) is (name == "sleeper")


def test_every_hot_operation_has_its_cost() -> None:
    assert COSTS.keys() == BY_NAME.keys()
