"""`verify`: every invariant of the ledger over the whole database."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from domain.kernel import secrecy
from domain.proof import audit_checks, figure_checks, root_checks, verification
from domain.proof.evidence import Fault
from domain.proof.figure_checks import Sums, Through
from domain.proof.verification import Batch, Part
from domain.upkeep import records
from domain.upkeep.records import VerificationCounts
from ops import crew, progress
from ops.collecting import collect_rarely
from ops.commands.administration import administered, run
from ops.console import console, counted, notes, read_settings
from ops.errors import OperationError
from ops.postgres import database
from ops.seal_keys import ROOT_PUBLIC_KEYS, SEAL_KEYS
from ops.secret_keys import keys
from ops.settings import load

PART_MEMBERS = 2000
"""Members that a process checks before it reports; this many need no second process."""

PROCESSES_MAX = 64

UNCHECKED = 3
"""The exit code where nothing is wrong, and seals could not be checked."""


def verify(
    processes: Annotated[
        int | None,
        typer.Option(
            min=1, max=PROCESSES_MAX, help="Processes that check at once; one per core by default."
        ),
    ] = None,
    published: Annotated[
        list[Path] | None,
        typer.Option("--roots", help="File of published roots; may be given several times."),
    ] = None,
) -> None:
    """Check all ledgers; prints each fault, and the exit code is 1 if there is any.

    Without the keys of seals it is 3 at best, because rows changed and sealed again are not found.
    """
    with database.available(read_settings()) as urls:
        lines = [line for path in published or [] for line in _lines(path)]
        work = partial(_verify, urls.serving, processes, lines)
        seen, unchecked = run(administered(urls, work))
    entries = counted(seen.entries, "entry", "entries")
    checked = f"{counted(seen.members, 'member')} with {entries}"
    if seen.faults:
        notes.print(f"{counted(seen.faults, 'fault')} in {checked}")
        raise typer.Exit(1)
    if unchecked:
        keys = ", ".join(sorted(unchecked))
        notes.print(
            f"UNCHECKED: {SEAL_KEYS} or {ROOT_PUBLIC_KEYS} lacks the keys that signed: {keys}"
        )
        raise typer.Exit(UNCHECKED)
    notes.print(f"no fault in {checked}")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        raise OperationError(f"cannot read {path}") from None


async def _verify(
    url: str, processes: int | None, published: Sequence[str]
) -> tuple[VerificationCounts, set[str]]:
    """Returns the numbers of checked rows and of faults, recorded once it has ended, and the names
    of the keys needed to check everything.
    """
    began_at = datetime.now(UTC)
    collect_rarely()
    accounts = await verification.count()
    if processes is None:
        processes = 1 if accounts <= PART_MEMBERS else min(os.cpu_count() or 1, PROCESSES_MAX)
    members = entries = faults = 0
    unchecked: set[str] = set()
    through, figures = await figure_checks.settled_through(), Sums()
    with progress.bar("verifying", accounts) as advance:
        if processes == 1:
            found = verification.batches()
        else:
            even = -(-accounts // processes)
            parts = await verification.parts(max(1, min(PART_MEMBERS, even)))
            found = crew.each(partial(_check, url, through), parts, processes)
        async for batch in found:
            faults += _print(batch.faults)
            members += batch.members
            entries += batch.entries
            figures.update(batch.figures)
            unchecked |= batch.unchecked
            advance(batch.members)
    if processes > 1:
        faults += _print(await verification.compare(figures, through))
    unchecked |= await audit_checks.unchecked() | await root_checks.unchecked()
    try:
        faults += _print(await root_checks.published(published))
    except ValueError as error:
        raise OperationError(str(error)) from None
    seen = VerificationCounts(members, entries, faults)
    if unchecked:
        return seen, unchecked
    if await records.is_recorded_here():
        await records.record_verification(began_at, datetime.now(UTC), seen)
    else:
        notes.print("this database is a standby: the verification is not recorded")
    return seen, unchecked


def _print(faults: Sequence[Fault]) -> int:
    for fault in faults:
        console.print(str(fault), markup=False)
    return len(faults)


def _check(url: str, through: Through, part: Part) -> Batch:
    """One part, in a process of its own."""
    collect_rarely()
    secrecy.keep_under(partial(keys, load()))
    return asyncio.run(_check_on(url, through, part))


async def _check_on(url: str, through: Through, part: Part) -> Batch:
    async with database.connected(url, pool_max=1, statement_seconds=None):
        found = [batch async for batch in verification.batches(part, through)]
    return Batch(
        sum(batch.members for batch in found),
        sum(batch.entries for batch in found),
        tuple(fault for batch in found for fault in batch.faults),
        found[-1].figures,
        frozenset().union(*(batch.unchecked for batch in found)),
    )
