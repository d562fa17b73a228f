"""`books`: the day from which a programme's days are settled, and the last settled one."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from domain.books import books
from domain.books.books import Books
from domain.programmes import programmes
from ops.commands.administration import administer
from ops.console import console, notes, read_settings
from ops.errors import OperationError

app = typer.Typer(name="books", help="Settled days, in which nothing is recorded any more.")

Of = Annotated[str, typer.Option("--programme", help="Code of the programme.")]


@app.command(name="open")
def open_books(
    programme: Of,
    begins: Annotated[
        str, typer.Option("--from", help="First day to settle, today at the latest.")
    ],
) -> None:
    """Settle days from a given one on: the worker settles each day that has ended, and nothing is
    recorded in it, or before it, any more. It cannot be undone.
    """
    day = _day(begins)

    async def work() -> bool:
        found = await programmes.get(programme)
        return await books.open_from(found, day, found.now(datetime.now(UTC)))

    if not administer(read_settings(), work):
        raise OperationError(f"the books of {programme} are open already")
    notes.print(f"days of {programme} are settled from {day} on")


@app.command()
def show(programme: Of) -> None:
    """Print the last settled day."""

    async def work() -> Books | None:
        return await books.get((await programmes.get(programme)).id)

    found = administer(read_settings(), work)
    if found is None:
        raise OperationError(f"the books of {programme} were never opened")
    console.print(found.settled_through or "none")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OperationError(f"{text!r} is not a day such as 2026-12-01") from None
