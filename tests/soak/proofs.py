"""Proofs consist of numbered units, each of which is the same under the same seed."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from urllib.parse import urlsplit

import pytest

from ops.postgres.connections import connection
from ops.postgres.database import connected
from tests.support.servers import Database

Tell = Callable[[int], None]
"""Reports that this many more units are proved."""

Run = Callable[[Database, range, int, Tell], Awaitable[Counter[str]]]


@dataclass(frozen=True, slots=True)
class Proof:
    """`count` units in all, of which one process proves `part` at a time on one database.

    It is proved `alone`, with nothing beside it, if it measures how quickly something is answered.
    """

    name: str
    what: str
    count: int
    part: int
    run: Run
    alone: bool = False


class UnitFailed(Exception):
    """One unit of a proof failed; its cause is the error."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def unit(number: int) -> Iterator[None]:
    """Errors in this block are raised as this unit's failure."""
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        # pytest's own exception cannot be sent to another process
        raise UnitFailed(number) from error


def draw(seed: int, number: int) -> Random:
    """The unit's own random numbers."""
    return Random(f"{seed}:{number}")


async def write_behind(database: Database) -> None:
    """Let commits not wait for the disk, in proofs that are not about crashes of PostgreSQL."""
    name = urlsplit(database.owner).path.strip("/")
    async with connection(database.owner) as owner:
        await owner.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")


def silent(_: int) -> None:
    """A `Tell` for tests, which reports nothing."""


async def play_each(
    database: Database, numbers: range, tell: Tell, play: Callable[[int], Awaitable[Counter[str]]]
) -> Counter[str]:
    """Play each of these numbers on the database, one after the other; the sum of what they did."""
    done: Counter[str] = Counter()
    await write_behind(database)
    async with connected(database.serving, everywhere=False):
        for number in numbers:
            with unit(number):
                done += await play(number)
            tell(1)
    return done
