"""`jobs`: repeating failed jobs of a worker, and running a job now rather than by its schedule."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from ops.commands.administration import run
from ops.console import console, counted, notes, read_settings
from ops.errors import OperationError
from ops.postgres import database

if TYPE_CHECKING:
    # only a command of this module waits for the queue, and no other
    from pgqueuer import Queries

    from ops.worker.queue import FailedJob

app = typer.Typer(name="jobs", help="List, retry and start background jobs.")

Result = TypeVar("Result")


@app.command(name="list")
def show() -> None:
    """List jobs that failed for good."""
    from ops.worker import queue  # noqa: PLC0415

    async def work(asked: "Queries") -> "list[FailedJob]":
        return await queue.failed(asked)

    failed = _ask(work)
    if failed:
        jobs = [(str(j.id), j.name, f"{j.failed_at:%Y-%m-%d %H:%M:%S}", j.error) for j in failed]
        console.print(_table(("id", "job", "failed at (UTC)", "error"), jobs))
    notes.print(counted(len(failed), "failed job"))


@app.command()
def retry(
    ids: Annotated[
        list[int] | None, typer.Argument(help="Ids of the jobs, as `list` shows them.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All failed jobs.")] = False,
) -> None:
    """Queue failed jobs again, with their full number of tries."""
    from ops.worker import queue  # noqa: PLC0415

    if bool(ids) == everything:
        raise OperationError("say which jobs to retry: their ids, or --all")

    async def work(asked: "Queries") -> list[int]:
        return await queue.retry(asked, None if everything else ids)

    done = _ask(work)
    notes.print(f"{counted(len(done), 'job')} queued again")
    if unknown := sorted(set(ids or []) - set(done)):
        raise OperationError(f"no failed job has the id {', '.join(map(str, unknown))}")


@app.command(name="run")
def run_now(
    name: Annotated[str, typer.Argument(help="Name of the job, such as sweep or remind.")],
) -> None:
    """Queue a job now, for a running worker."""
    from ops.worker import queue  # noqa: PLC0415
    from ops.worker.jobs import JOBS  # noqa: PLC0415

    if name not in JOBS:
        raise OperationError(f"there is no job {name!r}: choose one of {', '.join(JOBS)}")

    async def work(asked: "Queries") -> bool:
        return await queue.put(asked, name)

    queued = _ask(work)
    notes.print(f"{name} is queued" if queued else f"{name} is queued or running already")


def _ask(work: "Callable[[Queries], Awaitable[Result]]") -> Result:
    """Run `work` with the queue of the settings' database.

    Raises: OperationError
    """
    from ops.worker import queue  # noqa: PLC0415

    async def asked(url: str) -> Result:
        async with queue.opened(url) as opened, database.connected(url, pool_max=2):
            return await work(opened)

    with database.available(read_settings()) as urls:
        return run(asked(urls.serving))


def _table(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    table = Table(box=None)
    for column in columns:
        table.add_column(column, no_wrap=column == "id")
    for row in rows:
        table.add_row(*row)
    return table
