"""`segment import` and `segment size`: the lists of members that staff keep, and the size of any
segment.

The header of a file names `member`, the reference. Members already on the list stay, and a second
run of the same file finishes what the first one left.
"""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from domain.earning import segments
from domain.kernel.cells import plain
from domain.members import segment_lists
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops import progress, written
from ops.commands.administration import administer
from ops.commands.booking_files import ROWS_MAX
from ops.commands.code_files import readable
from ops.console import console, read_settings
from ops.errors import OperationError
from ops.progress import Advance

KEEPER = "staff:segments"
"""Person of staff who changes a list from a file."""

REFUSED_EXIT = 3
MEMBER, REASON = "member", "reason"
UNKNOWN = "there is no such member"

app = typer.Typer(name="segment", help="Groups of members that rules use.")

Code = Annotated[str, typer.Argument(help="Code of the segment.")]
Of = Annotated[str, typer.Option(help="Code of the programme.")]


@app.command()
def size(segment: Code, programme: Of) -> None:
    """Count the enrolled members in a segment now."""

    async def work() -> int:
        found = await programmes.get(programme)
        return await segments.size(found, segment, found.now(datetime.now(UTC)))

    console.print(administer(read_settings(), work))


@app.command(name="import")
def import_list(
    file: Annotated[Path, typer.Argument(help="CSV with a header: member.")],
    segment: Annotated[str, typer.Option(help="Code of a segment that is a list.")],
    programme: Of,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove members who are not in the file.")
    ] = False,
) -> None:
    """Add members to a list; unknown ones go to FILE.refused.csv, and the exit code is then 3."""
    references = read(file)
    report = file.with_name(f"{file.name}.refused.csv")
    written.check(report)

    async def work() -> tuple[list[str], int]:
        found = await programmes.get(programme)
        with progress.bar("importing", len(references)) as advance:
            return await run(found, segment, references, advance, replace=replace)

    unknown, removed = administer(read_settings(), work)
    _write(report, unknown)
    told = f", {removed} taken off" if replace else ""
    console.print(f"{len(references) - len(unknown)} on the list{told}, {len(unknown)} refused")
    if unknown:
        console.print(f"refused members and their reasons: {report}")
        raise typer.Exit(REFUSED_EXIT)


async def run(
    programme: Programme,
    segment: str,
    references: Sequence[str],
    advance: Advance,
    *,
    replace: bool,
) -> tuple[list[str], int]:
    """Returns the unknown references, and the number of members removed from the list.

    Raises: NotFound, OperationError.
    """
    now = programme.now(datetime.now(UTC))
    segments.check_known(programme, segment, now)
    if not any(one.code == segment and one.listed for one in programme.as_of(now).policy.segments):
        raise OperationError(f"{segment} is not a list: its selector says who is in it")
    kept: set[UUID] = set()
    unknown = []
    for start in range(0, len(references), segment_lists.IMPORT_BATCH):
        batch = references[start : start + segment_lists.IMPORT_BATCH]
        added = await segment_lists.add(programme, segment, batch, now, by=KEEPER)
        unknown += [reference for reference in batch if reference not in added]
        kept |= set(added.values())
        advance(len(batch))
    if not replace:
        return unknown, 0
    return unknown, await segment_lists.keep_only(programme, segment, kept, now, by=KEEPER)


def read(path: Path) -> list[str]:
    """Every reference that a file with a good header names, once.

    Raises: OperationError
    """
    with readable(path) as lines:
        header = [name.strip().lower() for name in next(lines, [])]
        if header not in ([MEMBER], [MEMBER, REASON]):
            raise OperationError(f"{path}: its header is {MEMBER}")
        found = list(dict.fromkeys(line[0].strip() for line in lines if line and line[0].strip()))
    if len(found) > ROWS_MAX:
        raise OperationError(f"{path} has more than {ROWS_MAX} rows: split it")
    return found


def _write(path: Path, unknown: Sequence[str]) -> None:
    """The refused members, to be put right and tried again; without any, no file."""
    with written.told(path):
        if not unknown:
            path.unlink(missing_ok=True)
            return
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow([MEMBER, REASON])
            writer.writerows([plain(reference), UNKNOWN] for reference in unknown)
