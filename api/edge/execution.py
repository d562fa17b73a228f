"""How an admitted operation runs: what it reads is of one instant, what it reveals is recorded.

The instant begins with the operation's first statement, and after each mutation anew.
"""

from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from api.edge.gate import Gate
from api.kit.context import Context
from domain.kernel import database
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
"""Queries that nobody waits for with a finger on the glass, or that are long: a standby that has
all that the primary has may answer them. With those of a member it does where they print a
statement.
"""


class Execution(SchemaExtension):
    """Surrounds what the resolvers do; strawberry makes one per operation."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    async def on_execute(self) -> AsyncIterator[None]:
        """
        Raises: Unavailable where a reveal could not be recorded: the codes are not answered.
        """
        run = self.execution_context
        context = run.context
        known = context if isinstance(context, Context) else None
        replica = known is not None and not known.at_home and self._may_be_elsewhere(run)
        async with database.snapshot(replica=replica) as read:
            if not replica and self.gate.reads_once(run.schema._schema, run.query or ""):
                await database.leave_snapshot()
            yield
        if known is None:
            return
        known.failed_elsewhere = read.failed
        if not read.failed and (seen := known.revealed - known.redeemed):
            await reveals.record(known.caller.actor, sorted(seen), known.now)

    def _may_be_elsewhere(self, run: ExecutionContext) -> bool:
        """Whether a standby may answer: lists, the catalogue, figures, and statements."""
        prepared = self.gate.prepare(run.query or "")
        roots = prepared.roots[run.operation_name]
        return roots <= LISTS or (prepared.counted.has_statement and roots <= LISTS | OF_A_MEMBER)
