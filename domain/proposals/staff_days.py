"""Points that each person of staff gave without approval on a local day, for checking the limit."""

from datetime import date

from domain.kernel.callers import person_of
from domain.kernel.database import row, update
from domain.kernel.idempotency import Request


async def given(request: Request, day: date) -> int:
    """The points that the caller gave without approval on this day; locked, so another request of
    the same person waits until the transaction ends.
    """
    found = await row(
        "INSERT INTO staff_day (programme_id, person, day, points) VALUES ($1, $2, $3, 0) "
        "ON CONFLICT (programme_id, person, day) DO UPDATE SET points = staff_day.points "
        "RETURNING points",
        request.caller.programme_id,
        person_of(request.caller.actor),
        day,
    )
    return int(found["points"]) if found else 0


async def give(request: Request, day: date, points: int) -> None:
    """Count the points that the caller gives, after reading `given`, in the same transaction."""
    await update(
        "UPDATE staff_day SET points = points + $4 "
        "WHERE programme_id = $1 AND person = $2 AND day = $3",
        request.caller.programme_id,
        person_of(request.caller.actor),
        day,
        points,
    )
