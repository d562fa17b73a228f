"""Removal of each programme's expired data, step by step."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from domain.bookings import booking_keys
from domain.earning import reservations
from domain.jobs import forgetting as forgetting_of_jobs
from domain.kernel import idempotency, revocations
from domain.members import looks, returning
from domain.privacy import keeping
from domain.programmes.programmes import Programme
from domain.redemptions import delivery_details
from domain.risk import signals
from ops.worker.schedule import Step, all_of, batches, counted
from ops.worker.turns import Turn


async def clean_up(turn: Turn, programme: Programme, now: datetime) -> None:
    """Remove a programme's expired data: each kind is a separate step.

    Raises: Stopped, and the first failure at the end.
    """
    days = programme.as_of(now).policy.facts.oldest_days

    async def drop(reference: str) -> int:
        return await booking_keys.forget_parked(programme.id, reference, days, now)

    async def forget_details(member_id: UUID) -> int:
        return await delivery_details.forget(programme, member_id, now)

    async def forget_contacts(member_id: UUID) -> int:
        return await keeping.forget_contacts(programme, member_id, now)

    code, real = programme.code, programme.real(now)
    removed = removals(
        turn,
        {
            f"idempotency keys of {code}": partial(idempotency.forget, programme.id, now),
            f"expired quotes of {code}": partial(reservations.forget, programme.id, now),
            f"signals of {code}": partial(signals.forget_old, programme.id, now),
            f"contacts of the erased of {code}": partial(returning.forget_old, programme.id, now),
            f"ended sessions of {code}": partial(revocations.forget_old, programme.id, real),
            f"looks of {code}": partial(looks.forget_old, programme.id, now),
            f"rows of jobs of {code}": partial(forgetting_of_jobs.forget, programme.id, now),
        },
    )
    parked, over = f"parked facts of {code}", f"delivery details of {code}"
    guests = f"contacts of guests of {code}"
    outlived = booking_keys.outlived(programme.id, days, now)
    details = delivery_details.outlived(programme, now)
    steps: dict[str, Step] = {
        **removed,
        parked: partial(turn.each, parked, outlived, drop),
        over: partial(turn.each, over, details, forget_details),
        guests: partial(turn.each, guests, keeping.outlived(programme, now), forget_contacts),
    }
    await all_of(turn, steps)


def removals(
    turn: Turn, found: Mapping[str, Callable[[], Awaitable[int]]]
) -> dict[str, Callable[[], Awaitable[int]]]:
    """Steps that remove batch by batch, each with the name of its data."""
    return {
        what: partial(turn.each, what, batches(remove), counted) for what, remove in found.items()
    }
