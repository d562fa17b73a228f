"""Limits on what one person of staff may give alone; a call above them waits for a second person.

What a call gives is known only after it is judged. So it is carried out, and if that is too much,
rolled back completely before it is proposed: nothing has moved.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel import dates
from domain.kernel.idempotency import Done, Figures, Outcome, Replayed, Request, once
from domain.programmes import programmes
from domain.programmes.programmes import Programme
from domain.proposals import proposals, staff_days

Result = Figures | Replayed | Done

POINTS = "points_awarded"
"""The figure with the points that a call gave."""


class _TooMuch(Exception):
    """Raised in the transaction of a call that gives more than one person may."""


@dataclass(frozen=True, slots=True)
class Call:
    """A mutation, the value by which it is compared, and what is proposed if it gives too much."""

    operation: str
    compared: Any
    proposed: Callable[[], Awaitable[Mapping[str, Any]]]


async def once_or_proposed(
    request: Request,
    programme: Programme,
    call: Call,
    perform: Callable[[], Awaitable[Result]],
) -> Outcome:
    """As `idempotency.once`; where a person of staff would give more than it may alone, by this
    call or on the day in total, it is only proposed; figures: `proposal_id`.

    Raises: InvalidInput when too many proposals are open, and as `once`.
    """
    if not request.by_hand:
        return await once(request, call.operation, call.compared, perform)

    async def give() -> Result:
        # the lock of the person's day comes before any account
        day = dates.local_date(request.now, programme.as_of(request.now).policy.zone)
        before = await staff_days.given(request, day)
        result = await perform()
        points = 0 if isinstance(result, Replayed) else _figures(result)[POINTS]
        if not _fits(programme, request, before, points):
            raise _TooMuch
        if points > 0:
            await staff_days.give(request, day, points)
        return result

    try:
        return await once(request, call.operation, call.compared, give)
    except _TooMuch:
        return await proposed(request, programme, call)


async def proposed(request: Request, programme: Programme, call: Call) -> Outcome:
    """Propose a call, whatever amount it would give; figures: `proposal_id`.

    Raises: InvalidInput when too many are open, IdempotencyKeyReused, ConcurrentRequest.
    """

    async def propose() -> Figures:
        sent = await call.proposed()
        await programmes.lock(programme.id)
        return await proposals.propose(request, call.operation, sent)

    return await once(request, call.operation, call.compared, propose)


async def gives(request: Request, programme: Programme, points: int) -> bool:
    """Whether the caller may give this without another person; if so, it is counted in the
    transaction that gives it.
    """
    if points > programme.as_of(request.now).policy.staff.adjust_limit:
        return False
    day = dates.local_date(request.now, programme.as_of(request.now).policy.zone)
    if not _fits(programme, request, await staff_days.given(request, day), points):
        return False
    await staff_days.give(request, day, points)
    return True


def _fits(programme: Programme, request: Request, before: int, points: int) -> bool:
    staff = programme.as_of(request.now).policy.staff
    if points <= 0:
        return True
    return points <= staff.adjust_limit and before + points <= staff.adjust_daily


def _figures(result: Figures | Done) -> Figures:
    return result.figures if isinstance(result, Done) else result
