"""How an admitted operation runs: what it reads is of one instant, what it reveals is recorded.

The instant begins with the operation's first statement, and after each mutation anew.
"""

from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension

from api.edge.gate import Gate
from api.kit.context import Context
from domain.kernel import database
from domain.redemptions import reveals


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
        async with database.snapshot():
            if self.gate.reads_once(run.schema._schema, run.query or ""):
                await database.leave_snapshot()
            yield
        context = run.context
        if isinstance(context, Context) and (seen := context.revealed - context.redeemed):
            await reveals.record(context.caller.actor, sorted(seen), context.now)
