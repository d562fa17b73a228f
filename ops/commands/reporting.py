"""`report`: the figures of a period as a page, and as files for spreadsheets."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api import report_page, report_tables
from api.report_tables import Words
from domain.finance import keeping
from domain.finance.accounts import NONE, JournalKey, Moved
from domain.insight import reports
from domain.insight.kpis import NothingSettled, PeriodInvalid, TooManyRows
from domain.insight.reports import Report
from domain.kernel import cells, money
from domain.programmes import programmes
from ops import written
from ops.commands.administration import administer
from ops.console import counted, notes, read_settings, reader_language
from ops.errors import OperationError

Lines = Sequence[tuple[JournalKey, Moved]]

Day = Annotated[str | None, typer.Option(help="Last day; the last settled one by default.")]


def report(
    of: Annotated[str, typer.Option("--programme", help="Code of the programme.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write the page to.")
    ] = None,
    files: Annotated[
        Path | None, typer.Option("--csv", help="Folder for the tables, one file each.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="First day; by default the 1st of the month 11 months before the last day.",
        ),
    ] = None,
    through: Day = None,
    language: Annotated[
        str | None,
        typer.Option("--lang", help="zh-CN or en; the language of the terminal by default."),
    ] = None,
) -> None:
    """Write the figures of a period of settled days, as one page or as tables."""
    reader = reader_language(language)
    if output is None and files is None:
        raise OperationError("give a file with -o, a folder with --csv, or both")
    if output is not None:
        written.check(output)
    if files is not None:
        written.check_folder(files)
    first, last = _day(since), _day(through)

    async def work() -> tuple[Report, Lines]:
        found = await programmes.get(of)
        made = await reports.of_period(found, first, last, found.now(datetime.now(UTC)))
        return made, await keeping.lines(found.id, (made.period.first, made.period.last))

    try:
        made, journal = administer(read_settings(), work, language=reader)
    except NothingSettled:
        raise OperationError(f"no day of {of} is settled: see `books open`") from None
    except (PeriodInvalid, TooManyRows):
        raise OperationError("the period ends before it begins, or is too long") from None
    if output is not None:
        with written.told(output):
            output.write_text(report_page.render(made, reader), encoding="utf-8")
        notes.print(f"report: {output}", markup=False)
    if files is not None:
        words = Words.of(made, reader)
        with written.told(files):
            number = write(made, words, files) + write_journal(journal, words, files)
        notes.print(f"{counted(number, 'file')} in {files}", markup=False)


def write(made: Report, words: Words, folder: Path) -> int:
    """Write one file per table, for spreadsheets: UTF-8 with its mark, and no formulas. Returns
    their number.

    Raises: OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = report_tables.tables(made, words)
    for table in tables:
        path = folder / f"{table.name}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as text:
            writer = csv.writer(text)
            writer.writerows([plain(cell) for cell in row] for row in report_page.cells(table))
    return len(tables)


def write_journal(lines: Lines, words: Words, folder: Path) -> int:
    """Write the rows of the journal, with the codes of the API. Returns the number of files.

    Raises: OSError.
    """
    with (folder / "journal.csv").open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(report_tables.of_journal(words))
        for of, moved in lines:
            sides = (moved.debit, moved.credit)
            amounts = (money.to_amount(minor, words.currency) for minor in sides)
            cohort = None if of.cohort == NONE else of.cohort
            told = (of.day, of.account, of.funder, cohort)
            writer.writerow([*map(plain, told), *amounts, moved.points])
    return 1


def plain(cell: Any) -> Any:
    """A cell that no spreadsheet computes; None as an empty one."""
    if isinstance(cell, str):
        return cells.plain(cell)
    return "" if cell is None else cell


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise OperationError(f"{text!r} is not a day such as 2026-12-01") from None
