"""`backtest`: the results of a document for members' real facts."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from api.backtest_page import cells, render, to_notes
from api.wording.catalogues import sentence
from domain.backtests import backtests, runs, tally
from domain.backtests.backtests import Backtest, BacktestSent, BacktestStatus
from domain.backtests.tally import Dimension
from domain.kernel.callers import EVERY_ROLE, Caller, CallerKind
from domain.kernel.idempotency import Request
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.programmes.sources import OfVersion, Source
from ops import progress, written
from ops.collecting import collect_rarely
from ops.commands import instants, linting, options
from ops.commands.administration import administer
from ops.console import console, read_settings, reader_language
from ops.errors import OperationError


def backtest(
    file: Annotated[Path, typer.Argument(help="The policy document to try.")],
    baseline: Annotated[
        str | None,
        typer.Option(
            help="Number of the version, or file of the document, to compare with; the versions in "
            "force by default."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", help="Begin, a day or instant; 365 days before the end by default."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="End, a day or instant; now by default.")
    ] = None,
    cutoff: Annotated[
        str | None, typer.Option(help="Count facts recorded before this; --until by default.")
    ] = None,
    segment: Annotated[
        str | None, typer.Option(help="Segment whose members are counted; all members by default.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="File to write the report to, as a page.")
    ] = None,
    language: options.Language = None,
) -> None:
    """Replay members' facts under a document and under the versions in force, and compare."""
    speaking = reader_language(language)
    if html is not None:
        written.check(html)
    text, policy = linting.read(file, speaking)
    from_, before, recorded = (
        instants.parse(one, policy.zone) if one else None for one in (since, until, cutoff)
    )
    compared = None if baseline is None else _baseline(baseline, speaking)
    sent = BacktestSent(text, compared, from_, before, recorded, segment)

    collect_rarely()

    async def work() -> tuple[Programme, Backtest]:
        programme = await programmes.get(policy.programme)
        caller = Caller(CallerKind.STAFF, programme.id, programme.code, "ops", roles=EVERY_ROLE)
        now = programme.now(datetime.now(UTC))
        request = Request(caller, secrets.token_hex(16), now)
        outcome = await backtests.start(request, programme, sent)
        return programme, await _play(programme, UUID(outcome.figures["backtest_id"]), now)

    programme, found = administer(read_settings(), work, language=speaking, of=policy.programme)
    if found.status is not BacktestStatus.DONE:
        raise OperationError(f"the back-test is {found.status}: {found.failure or 'by staff'}")
    _print(programme, found, speaking)
    if html is not None:
        with written.told(html):
            html.write_text(render(programme, found, speaking), encoding="utf-8")
        console.print(f"report: {html}", markup=False)


def _baseline(named: str, language: str) -> Source:
    """A version's number, or the text of a file."""
    return OfVersion(int(named)) if named.isdecimal() else linting.read(Path(named), language)[0]


async def _play(programme: Programme, wanted: UUID, now: datetime) -> Backtest:
    """Play the queue until the one that is wanted is over."""
    found = await backtests.get(programme.id, wanted)
    with progress.bar(f"members of {programme.code}", found.members) as advance:
        while not found.finished:
            before = found.played
            waiting = await runs.next_of(programme.id)
            if waiting is not None:
                await runs.step(programme, waiting, now)
            found = await backtests.get(programme.id, wanted)
            advance(found.played - before)
    return found


def _print_weeks(found: Backtest, heads: list[str], language: str) -> None:
    """Print the points of rules with a budget in each week."""
    rows = tally.rows(found.sums, Dimension.BUDGET_WEEK)
    if not rows:
        return
    title = sentence(f"backtest.{Dimension.BUDGET_WEEK}", language)
    table = Table(sentence("backtest.key", language), *heads[1:], title=title, box=None)
    for row in sorted(rows, key=lambda row: row.key):
        table.add_row(row.key, *cells(row, None, language))
    console.print(table)


def _print(programme: Programme, found: Backtest, language: str) -> None:
    columns = ("of_baseline", "of_candidate", "change")
    heads = [sentence(f"backtest.{name}", language) for name in ("figure", *columns)]
    table = Table(*heads, box=None)
    currency = programme.versions[-1].policy.currency
    for row in backtests.figures(programme, found):
        name = sentence(f"backtest.figure.{row.key}", language, currency=currency)
        table.add_row(name, *cells(row, currency, language))
    console.print(table)
    _print_weeks(found, heads, language)
    for note in to_notes(found, language):
        console.print(note, markup=False)
    if found.hash is not None:
        console.print(f"sha256 {found.hash.hex()}", markup=False)
