"""`verify`: every invariant of the ledger over the whole database."""

import typer

from domain.proof import verification
from ops import progress
from ops.commands.administration import administer
from ops.console import console, counted, notes, read_settings


def verify() -> None:
    """Check all ledgers; prints each fault, and the exit code is 1 if there is any."""

    async def work() -> tuple[int, int, int]:
        members = entries = faults = 0
        with progress.bar("verifying", await verification.count()) as advance:
            async for batch in verification.batches():
                for fault in batch.faults:
                    console.print(str(fault), markup=False)
                members += batch.members
                entries += batch.entries
                faults += len(batch.faults)
                advance(batch.members)
        return members, entries, faults

    members, entries, faults = administer(read_settings(), work)
    checked = f"{counted(members, 'member')} with {counted(entries, 'entry', 'entries')}"
    if faults:
        notes.print(f"{counted(faults, 'fault')} in {checked}")
        raise typer.Exit(1)
    notes.print(f"no fault in {checked}")
