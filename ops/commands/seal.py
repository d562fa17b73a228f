"""`seal`: the first seals of members, first rows of audits and first records of stock, from before
there were any.
"""

from datetime import UTC, datetime

from domain.kernel.audit import AuditIncomplete
from domain.programmes import programmes
from domain.proof import first_seals
from ops.commands.administration import administer
from ops.console import counted, notes, read_settings
from ops.errors import OperationError


def seal() -> None:
    """Seal unsealed members, once no server of a release without seals is left.

    Each gets a seal of all its rows, and a programme without an audit gets its first row, which
    names the rows that the audit proves. The remainder of stock without an opening record is
    recorded. Run again after an interruption, it continues. A programme whose audit has lost rows
    stays unchanged.
    """
    left: list[str] = []

    async def work() -> int:
        members = 0
        for code in await programmes.codes():
            found = await programmes.get(code)
            now = found.now(datetime.now(UTC))
            try:
                async for number in first_seals.seal(found.id, now):
                    members += number
            except AuditIncomplete:
                left.append(code)
        return members

    notes.print(f"sealed {counted(administer(read_settings(), work), 'member')}")
    if left:
        raise OperationError(
            f"nothing was sealed of {', '.join(left)}: rows of the audit are missing, see `verify`"
        )
