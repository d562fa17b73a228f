"""Closing a period: from then on a month's journal never changes."""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256

import orjson

from domain.books import books
from domain.books.books import Books
from domain.finance import keeping
from domain.finance.accounts import JournalKey, Moved
from domain.kernel import audit, dates
from domain.kernel.database import row, rows
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.refusals import InvalidInput, StateConflict
from domain.partners import terms
from domain.programmes.programmes import Programme


async def close(request: Request, programme: Programme, month: str) -> Outcome:
    """Close a month of the journal; figures: `sha256`. A closed month returns the same answer.

    Months are closed in order, from the first with a movement or a settled day.

    Raises: InvalidInput, also where another month is the next, StateConflict where a day of the
        month is not settled, IdempotencyKeyReused, ConcurrentRequest.
    """
    first = terms.to_month(month, ("month",))

    async def work() -> Figures | Replayed:
        found = await books.lock(programme.id)
        if (known := await _closed(programme, first)) is not None:
            return Replayed({"sha256": known})
        _check(found, first, await keeping.first_day(programme.id))
        span = first, dates.month_end(first)
        made = digest(await keeping.lines(programme.id, span))
        await rows(
            "INSERT INTO closed_period (programme_id, month, sha256, closed_at, closed_by) "
            "VALUES ($1, $2, $3, $4, $5)",
            programme.id,
            first,
            made,
            request.now,
            request.caller.actor,
        )
        await books.close_through(programme.id, span[1])
        audit.about(f"period:{month}")
        return {"sha256": made.hex()}

    return await once(request, "closePeriod", [month], work)


def _check(found: Books | None, first: date, began: date | None) -> None:
    """Raises: StateConflict, InvalidInput."""
    if found is None:
        raise StateConflict("books", "CLOSED", ("OPEN",), path=("month",))
    if found.settled_through is None or found.settled_through < dates.month_end(first):
        raise StateConflict("month", "OPEN", ("SETTLED",), path=("month",))
    begin = min(found.opened_on, began or found.opened_on).replace(day=1)
    if first < begin:
        said = f"{first:%Y-%m}", (f"{begin:%Y-%m}",)
        raise InvalidInput("before_books", *said, path=("month",))
    following = dates.add_days(found.closed_through, 1) if found.closed_through else begin
    if first != following:
        said = f"{first:%Y-%m}", (f"{following:%Y-%m}",)
        raise InvalidInput("not_next_month", *said, path=("month",))


async def _closed(programme: Programme, first: date) -> str | None:
    """The SHA-256 of a closed month."""
    found = await row(
        "SELECT sha256 FROM closed_period WHERE programme_id = $1 AND month = $2",
        programme.id,
        first,
    )
    return bytes(found["sha256"]).hex() if found else None


def digest(lines: Iterable[tuple[JournalKey, Moved]]) -> bytes:
    """SHA-256 of rows of the journal in order, each a line of JSON: day, account, funder,
    cohort, debit and credit in minor units, points.
    """
    hashed = sha256()
    for of, moved in lines:
        hashed.update(orjson.dumps([*of, moved.debit, moved.credit, moved.points]) + b"\n")
    return hashed.digest()
