"""`contacts prove`: a file of members' contacts whose correctness the agency confirms.

The header names `member`, the reference, and `email`, `phone` or both. A contact that is proved
already stays so, so a second run of the same file finishes what the first one left.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.cells import plain
from domain.kernel.idempotency import Request
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.refusals import Refusal
from domain.members import proving
from domain.members.contacts import ContactKind, VouchSent
from domain.members.identity import MemberKey
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from ops import progress, written
from ops.commands.administration import administer, worded
from ops.commands.code_files import readable
from ops.console import console, read_settings
from ops.errors import OperationError

VOUCHER = "contacts"
"""Person of staff who confirms the contacts of a file."""

REFUSED_EXIT = 3
MEMBER, REASON = "member", "reason"
COLUMNS = tuple(kind.column for kind in ContactKind)

app = typer.Typer(name="contacts", help="E-mail addresses and phone numbers of members.")


@app.callback()
def options() -> None:
    """Keeps `prove` a command of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contact of a file, and the reason why it is not proved, if it is not."""

    member: str
    kind: ContactKind
    value: str
    reason: str = ""


@app.command()
def prove(
    file: Annotated[Path, typer.Argument(help="CSV with a header: member, email, phone.")],
    programme: Annotated[str, typer.Option(help="Code of the programme.")],
) -> None:
    """Mark contacts as proved; refused ones go to FILE.refused.csv, and the exit code is then 3."""
    rows = read(file)
    refused: list[Row] = []
    report = file.with_name(f"{file.name}.refused.csv")
    written.check(report)

    async def work() -> None:
        found = await programmes.get(programme)
        try:
            with progress.bar("proving", len(rows)) as advance:
                for row in rows:
                    if reason := await _prove(found, row):
                        refused.append(Row(row.member, row.kind, row.value, reason))
                    advance(1)
        finally:
            _write(report, refused)

    administer(read_settings(), work)
    console.print(f"{len(rows) - len(refused)} proved, {len(refused)} refused")
    if refused:
        console.print(f"refused contacts and their reasons: {report}")
        raise typer.Exit(REFUSED_EXIT)


async def _prove(programme: Programme, row: Row) -> str:
    """Why the contact is not proved; nothing if it is."""
    caller = Caller(CallerKind.STAFF, programme.id, programme.code, VOUCHER, roles=EVERY_ROLE)
    request = Request(caller, str(new_id()), programme.now(datetime.now(UTC)))
    member = MemberKey(LookupScope.REFERENCE, row.member)
    try:
        await proving.prove(request, programme, member, VouchSent(row.kind, row.value))
    except Refusal as error:
        if error.path in (("value",), ("kind",)):
            error.path = (row.kind.column,)
        return worded(error)
    return ""


def read(path: Path) -> list[Row]:
    """Every contact that a file with a good header names.

    Raises: OperationError
    """
    with readable(path) as lines:
        columns = _checked_header(path, next(lines, []))
        cells = [
            dict(zip(columns, (cell.strip() for cell in line), strict=False)) for line in lines
        ]
    return [
        Row(row.get(MEMBER, ""), kind, value)
        for row in cells
        for kind in ContactKind
        if (value := row.get(kind.column, ""))
    ]


def _checked_header(path: Path, header: Sequence[str]) -> list[str]:
    columns = [name.strip().lower() for name in header]
    known = {MEMBER, *COLUMNS, REASON}
    once = len(set(columns)) == len(columns)
    if not (once and MEMBER in columns and set(columns) & set(COLUMNS) and known >= set(columns)):
        raise OperationError(f"{path}: its header is {MEMBER} and {' or '.join(COLUMNS)}, or both")
    return columns


def _write(path: Path, refused: Sequence[Row]) -> None:
    """The refused contacts, to be put right and tried again; without any, no file."""
    with written.told(path):
        if not refused:
            path.unlink(missing_ok=True)
            return
        with path.open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow([MEMBER, *COLUMNS, REASON])
            for row in refused:
                said = [row.value if row.kind.column == column else "" for column in COLUMNS]
                writer.writerow(map(plain, (row.member, *said, row.reason)))
