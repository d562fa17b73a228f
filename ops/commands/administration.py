"""Common parts of administering commands: their database, and their messages."""

import asyncio
import difflib
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar

from api.wording.catalogues import DEFAULT_LANGUAGE
from api.wording.messages import problem_message
from domain.kernel import audit
from domain.kernel.database import Unavailable
from domain.kernel.refusals import NotFound, Refusal
from domain.members import clear_contacts
from domain.programmes import programmes
from ops.commands import operator
from ops.console import counted
from ops.errors import OperationError
from ops.postgres import database
from ops.postgres.connections import role
from ops.postgres.embedded import Urls
from ops.settings import Settings

Result = TypeVar("Result")
Work = Callable[[], Awaitable[Result]]


def administer(
    settings: Settings,
    work: Work[Result],
    *,
    connections: int = 2,
    language: str = DEFAULT_LANGUAGE,
    of: str = "",
) -> Result:
    """Run `work` on the settings' database, whose schema is up to date.

    Refusals of the domain are worded in `language`, with times of the programme with this code; in
    UTC without one.

    Raises: OperationError, also for what the domain refused.
    """
    with database.available(settings) as urls:
        told = {"language": language, "of": of}
        return run(administered(urls, work, connections=connections, **told))


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` in a loop of its own; SIGTERM and SIGHUP cancel it as Ctrl-C does.

    An exception out of a signal handler could be lost in a callback, and with it the signal.
    """
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    received: list[int] = []

    async def main() -> Result:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(number: int) -> None:
            received.append(number)
            if task is not None:
                task.cancel()

        for number, handler in handlers.items():
            if handler is not signal.SIG_IGN:
                loop.add_signal_handler(number, stop, number)
        return await work

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        sys.exit(128 + received[0] if received else 1)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


async def administered(
    urls: Urls,
    work: Work[Result],
    *,
    connections: int = 2,
    language: str = DEFAULT_LANGUAGE,
    of: str = "",
) -> Result:
    """Run `work` on a database that is up to date.

    Raises: OperationError, also for refusals of the domain.
    """
    if pending := await database.pending_migrations(urls.serving):
        raise OperationError(
            f"the database lacks {counted(len(pending), 'migration')}, the first {pending[0]}: run "
            "`python -m ops migrate`"
        )
    async with database.connected(urls.serving, pool_max=connections, statement_seconds=None):
        try:
            with audit.done_by(operator.name()):
                return await work()
        except NotFound as error:
            raise OperationError(await _not_found(error)) from None
        except Refusal as error:
            raise OperationError(problem_message(error, language, await _zone(of))) from None
        except Unavailable as error:
            lost = type(error.__cause__ or error).__name__
            raise OperationError(
                f"the database was lost ({lost}): committed work is kept, run this again"
            ) from None


async def _zone(code: str) -> tzinfo:
    found = await programmes.find(code) if code else None
    return found.versions[-1].policy.zone if found else UTC


async def _not_found(error: NotFound) -> str:
    """The message for a missing object, with the probably intended one."""
    told = f"there is no {error.what} {error.value!r}"
    known = await programmes.codes() if error.what == "programme" else error.known
    near = difflib.get_close_matches(error.value or "", known, n=1)
    return f"{told}: did you mean {near[0]}?" if near else told


async def upgrade(settings: Settings, urls: Urls, *, starting: bool = False) -> list[str]:
    """Upgrade the database for this release; returns the names of the steps applied. A server that
    is `starting` checks less.
    """
    # imported here, because no other command should wait for the queue
    from ops import upgrade as upgrades  # noqa: PLC0415

    applied = await upgrades.migrate(urls.owner, role(urls.serving), starting=starting)
    # a worker, which has the key, moves texts that must be encrypted
    if settings.embedded or settings.secret_key is not None:
        async with database.connected(urls.serving, pool_max=2, statement_seconds=None):
            applied += await _move_contacts()
    return applied


async def _move_contacts() -> list[str]:
    """Keep contacts encrypted that the release before kept in clear."""
    moved = 0
    for code in await programmes.codes():
        found = await programmes.get(code)
        async for member_ids in clear_contacts.left(found):
            moved += await clear_contacts.move(found, member_ids, found.now(datetime.now(UTC)))
    return [f"contacts of {counted(moved, 'member')}"] if moved else []


def worded(refusal: Refusal, zone: tzinfo = UTC) -> str:
    """The refusal in English, after the field that it is about, by the clocks of a zone."""
    message = problem_message(refusal, DEFAULT_LANGUAGE, zone)
    return f"{'.'.join(refusal.path)}: {message}" if refusal.path else message
