"""The books of a programme: opened once, then settled day after day."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.kernel import dates
from domain.kernel.database import Row, row, rows, transact, update
from domain.kernel.inputs import check_day
from domain.kernel.queries import Query, ask_one, query
from domain.kernel.refusals import InvalidInput
from domain.programmes.programmes import Programme

_COLUMNS = "opened_on, settled_until, settled_through, closed_through"


@dataclass(frozen=True, slots=True)
class Books:
    """Nothing is recorded before `settled_until`; for days through `settled_through` changes by the
    passage of time are written, too. Totals of days through `closed_through` never change.
    """

    opened_on: date
    settled_until: datetime
    settled_through: date | None
    closed_through: date | None = None

    @property
    def next_day(self) -> date:
        """The oldest day that is not settled."""
        if self.settled_through is None:
            return self.opened_on
        return dates.add_days(self.settled_through, 1)


async def open_from(programme: Programme, day: date, now: datetime) -> bool:
    """Open the books: settle days from this one on, which has begun; returns whether they were not
    open before. Everything before it counts as settled at once.

    Raises: InvalidInput.
    """
    check_day(day, ("from",))
    zone = programme.as_of(now).policy.zone
    if day > (today := dates.local_date(now, zone)):
        # everything would be recorded at its beginning until then
        raise InvalidInput("in_future", str(day), (str(today),), path=("from",))
    until = dates.start_of_day(day, zone)

    async def work() -> bool:
        made = await row(
            "INSERT INTO books (programme_id, opened_on, settled_until) VALUES ($1, $2, $3) "
            "ON CONFLICT (programme_id) DO NOTHING RETURNING programme_id",
            programme.id,
            day,
            until,
        )
        return made is not None

    return await transact(work)


def query_settled(programme_id: UUID) -> Query:
    """The query of `settled_until`, to be read with the other first queries of a write."""
    return query(
        ("settled_until",),
        "SELECT settled_until FROM books WHERE programme_id = $1",
        programme_id,
    )


async def settled_until(programme_id: UUID) -> datetime | None:
    """The instant before which nothing is recorded; None where the books were never opened.

    A write reads it after it has locked or inserted a row: from then on `passed` waits for it.
    """
    found = await ask_one(query_settled(programme_id))
    return found["settled_until"] if found else None


async def not_before(programme_id: UUID, now: datetime) -> datetime:
    """This instant, or the end of the settled days if that is later."""
    settled = await settled_until(programme_id)
    return now if settled is None else max(now, settled)


async def get(programme_id: UUID) -> Books | None:
    found: Row | None = await row(
        f"SELECT {_COLUMNS} FROM books WHERE programme_id = $1",
        programme_id,
    )
    return Books(**found) if found else None


async def opened() -> dict[UUID, Books]:
    """All books that are open, by programme."""
    found = await rows(f"SELECT programme_id, {_COLUMNS} FROM books")
    return {one.pop("programme_id"): Books(**one) for one in found}


async def settle_until(programme_id: UUID, instant: datetime) -> None:
    """Record nothing before this instant from now on; it never goes back."""

    async def work() -> None:
        await update(
            "UPDATE books SET settled_until = $2 WHERE programme_id = $1 AND settled_until < $2",
            programme_id,
            instant,
        )

    await transact(work)


async def settle_through(programme_id: UUID, day: date) -> None:
    """Mark everything of this day as written; this never goes back."""

    async def work() -> None:
        await update(
            "UPDATE books SET settled_through = $2 WHERE programme_id = $1 "
            "AND (settled_through IS NULL OR settled_through < $2)",
            programme_id,
            day,
        )

    await transact(work)


async def lock(programme_id: UUID) -> Books | None:
    """The books, locked so that their days do not change until the transaction ends; writers
    continue.
    """
    await rows("SELECT 1 FROM books WHERE programme_id = $1 FOR NO KEY UPDATE", programme_id)
    return await get(programme_id)


async def close_through(programme_id: UUID, day: date) -> None:
    """Close the days through this one: their totals never change; under the books' lock."""
    await update(
        "UPDATE books SET closed_through = $2 WHERE programme_id = $1 "
        "AND (closed_through IS NULL OR closed_through < $2)",
        programme_id,
        day,
    )


async def mark() -> int:
    """The id of a transaction that begins now: earlier ones may have read the previous state."""

    async def work() -> int:
        found = await row("SELECT pg_current_xact_id()::text AS id")
        return int(found["id"]) if found else 0

    return await transact(work)


async def passed(mark_id: int) -> bool:
    """Whether every transaction that had written something before the mark has ended.

    This is about one node of PostgreSQL: a sharded database must be asked on each node with
    members' rows.
    """
    found = await row("SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS oldest")
    return found is not None and int(found["oldest"]) >= mark_id
