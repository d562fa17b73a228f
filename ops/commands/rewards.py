"""`rewards`: rewards for members' points, placed in the catalogue from a file."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from api.wording.fault_words import nothing_placed
from domain.programmes import programmes, reader
from domain.programmes.refusals import PolicyInvalid
from domain.programmes.writing import to_yaml
from domain.proof import stock_checks
from domain.rewards import offers, placing, pools
from domain.rewards.offers import Offers
from domain.rewards.placing import How, Placement, PlacementOutcome
from ops.commands import documents, options
from ops.commands.administration import administer
from ops.console import console, counted, read_settings, reader_language
from ops.errors import OperationError

app = typer.Typer(name="rewards", help="Place and show the rewards of a programme.")


@app.command()
def place(
    file: Annotated[Path, typer.Argument(help="The rewards, YAML or JSON.")],
    programme: Annotated[
        str | None, typer.Option(help="Place only if the file is of this programme.")
    ] = None,
    stock: Annotated[
        bool, typer.Option("--stock", help="Also set the stock of rewards that exist already.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print what would be done.")
    ] = False,
    language: options.Language = None,
) -> None:
    """Place the rewards of a file in the catalogue; other rewards stay unchanged."""
    speaking = reader_language(language)
    text = documents.read_text(file)
    read = _read(file, text, speaking)
    if programme is not None and programme != read.programme:
        raise OperationError(f"{file} is of programme {read.programme!r}, not {programme!r}")

    async def work() -> list[Placement]:
        found = await programmes.get(read.programme)
        how = How(stock=stock, dry_run=dry_run)
        try:
            return await placing.place(found, read, found.now(datetime.now(UTC)), how)
        except PolicyInvalid as error:
            raise _refusal(file, reader.located(error.faults, text), speaking) from None

    _tell(read.programme, administer(read_settings(), work, language=speaking), dry_run=dry_run)


def _read(file: Path, text: str, language: str) -> Offers:
    try:
        return offers.parse(text)
    except PolicyInvalid as error:
        raise _refusal(file, error, language) from None


def _refusal(file: Path, error: PolicyInvalid, language: str) -> OperationError:
    """Print every fault on its own line; returns the error to stop with."""
    documents.print_faults(error, language)
    return OperationError(nothing_placed(str(file), error, language))


def _tell(programme: str, placed: list[Placement], *, dry_run: bool) -> None:
    for one in placed:
        changes = f": {', '.join(one.changes)}" if one.changes else ""
        console.print(f"{one.code} {one.outcome}{changes}", markup=False)
    counts = Counter(one.outcome for one in placed)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in PlacementOutcome)
    console.print(f"rewards of {programme}: {told}{'; nothing was written' if dry_run else ''}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a file of rewards, for an editor that checks while you write."""
    print(documents.json_schema(Offers))


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Code of the programme.")],
    document: Annotated[
        bool, typer.Option("--document", help="Print a file for `place` and nothing else.")
    ] = False,
) -> None:
    """Show every reward of a programme, with its stock, also those not on offer."""

    async def work() -> dict[str, Any]:
        found = await programmes.get(code)
        return await placing.document(found, found.now(datetime.now(UTC)))

    tree = administer(read_settings(), work)
    if document:
        print(to_yaml(tree), end="")
        return
    table = Table("reward", "kind", "points", "stock", "partner", "on offer", box=None)
    for reward in tree["rewards"]:
        points = "any" if reward.get("open_value") else str(reward["points"])
        stock = "codes" if reward.get("pooled") else str(reward.get("stock", "endless"))
        row = (reward["code"], reward["kind"], points, stock, reward.get("partner", ""))
        table.add_row(*row, _offered(reward))
    console.print(table)


@app.command()
def count(
    again: Annotated[
        bool, typer.Option("--again", help="Also count pools that were counted before.")
    ] = False,
) -> None:
    """Count the codes left in each pool that was not counted yet, of all programmes.

    Run again after an interruption, it continues with the next pool. `--again` counts all pools:
    use it after an upgrade, and if `verify` found a wrong count. It also accepts the present stock
    of rewards without codes where that differs from its record, and notes this in the audit.
    """

    async def work() -> tuple[int, int]:
        wanted = [*await pools.uncounted(), *(await pools.counted() if again else [])]
        for reward_id, code in wanted:
            await pools.recount(reward_id)
            console.print(f"{code} counted", markup=False)
        return len(wanted), await _take_over() if again else 0

    pools_counted, stocks = administer(read_settings(), work)
    console.print(f"{counted(pools_counted, 'pool')} counted")
    if stocks:
        console.print(f"accepted {counted(stocks, 'stock')} as found")


async def _take_over() -> int:
    """Returns the number of stocks that differed from their records."""
    taken = 0
    for code in await programmes.codes():
        found = await programmes.get(code)
        now = found.now(datetime.now(UTC))
        taken += await stock_checks.take_over(found.id, now, again=True)
    return taken


def _offered(reward: dict[str, Any]) -> str:
    if not reward.get("active", True):
        return "no"
    bounds = (("from", reward.get("valid_from")), ("until", reward.get("valid_until")))
    return " ".join(f"{word} {day}" for word, day in bounds if day is not None) or "always"
