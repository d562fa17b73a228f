"""Running an admitted operation: all its reads are of one instant, and everything that it reveals
is recorded.

The instant begins with the operation's first statement, and again after each mutation.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.edge.admission import Admitted, Operation
from api.edge.gate import Gate
from api.kit.context import Context
from domain.kernel import database
from domain.members import looks
from domain.members.looks import Look
from domain.redemptions import reveals

LISTS = frozenset(
    f"Query.{name}"
    for name in (
        "programme",
        "tiers",
        "rewards",
        "reward",
        "members",
        "overdueLines",
        "claims",
        "feedback",
        "ordersToFulfil",
        "partnerKeys",
        "events",
        "eventTypes",
        "backtest",
        "backtests",
        "proposals",
        "webhooks",
    )
)
OF_A_MEMBER = frozenset({"Query.me", "Query.member"})
"""Queries that need no immediate answer, or take long: a standby that is up to date may answer
them. Queries of a member are among them only if they print a statement.
"""


@asynccontextmanager
async def of_one_instant(gate: Gate, run: Operation, admitted: Admitted) -> AsyncIterator[None]:
    """Surrounds the resolvers of an operation.

    Raises: Unavailable where a reveal or a look could not be recorded: then there is no answer.
    """
    context = run.context
    known = context if isinstance(context, Context) else None
    replica = known is not None and not known.at_home and _may_be_elsewhere(admitted)
    async with database.snapshot(replica=replica) as read:
        if gate.reads_once(run.schema, run.text):
            await database.leave_snapshot()
        yield
    if known is None:
        return
    known.failed_elsewhere = read.failed
    if read.failed:
        return
    if seen := known.revealed - known.redeemed:
        await reveals.record(known.caller.actor, sorted(seen), known.now)
    await looks.record(Look(known.caller.actor, known.request_id, known.now), known.shown)


def _may_be_elsewhere(admitted: Admitted) -> bool:
    """Whether a standby may answer: all fields are of `LISTS`, or members and a statement."""
    prepared = admitted.prepared
    roots = prepared.roots[admitted.name]
    return roots <= LISTS or (prepared.counted.has_statement and roots <= LISTS | OF_A_MEMBER)
