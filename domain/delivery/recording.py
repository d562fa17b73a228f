"""What becomes of a delivery and its target after an attempt, by who has the lane."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from domain.delivery import lanes, retrying
from domain.delivery.lanes import Delivery, Lane
from domain.kernel.database import row, rows, transact, update
from domain.kernel.ids import new_id
from domain.programmes.programmes import Programme
from domain.webhooks import endpoints, keeping
from domain.webhooks.endpoints import PAUSING_FAILURES


@dataclass(frozen=True, slots=True)
class Result:
    """An attempt that began at a real instant: a status with the beginning of the answer, or why
    there is none.
    """

    at: datetime
    milliseconds: int
    status: int | None
    error: str | None
    answer: str | None
    accepted: bool
    retry_after: timedelta | None


async def record(
    programme: Programme, lane: Lane, delivery: Delivery, result: Result, now: datetime
) -> bool:
    """Write down an attempt and what follows from it; whether the lane goes on with the next
    delivery. Nothing where the lease has ended: whoever has the lane sends it again.
    """
    return await transact(partial(_record, programme, lane, delivery, result, now))


async def _record(
    programme: Programme, lane: Lane, delivery: Delivery, result: Result, now: datetime
) -> bool:
    if not await lanes.hold(lane, now):
        return False
    await _attempted(lane, delivery, result)
    if result.accepted:
        await _end(lane, delivery, "DELIVERED", now)
        await _succeeded(lane.target, now)
        return True
    attempts = delivery.attempts + 1
    again = retrying.next_at(now, attempts, result.status, result.retry_after)
    if again is None:
        await _end(lane, delivery, "DEAD", now)
    else:
        await update(
            "UPDATE delivery SET attempts = $3, due_at = $4 WHERE member_id = $1 AND id = $2",
            lane.member_id,
            delivery.id,
            attempts,
            again,
        )
    if not retrying.blames_the_event(result.status):
        paused = await _failed(programme, lane, result, now, dead=again is None)
        return again is None and not paused
    return again is None


async def _attempted(lane: Lane, delivery: Delivery, result: Result) -> None:
    await rows(
        "INSERT INTO delivery_attempt "
        "(member_id, id, delivery_id, at, status, error, milliseconds, answer) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        lane.member_id,
        new_id(),
        delivery.id,
        result.at,
        result.status,
        result.error,
        result.milliseconds,
        result.answer,
    )


async def _end(lane: Lane, delivery: Delivery, status: str, now: datetime) -> None:
    await update(
        "UPDATE delivery SET status = $3, attempts = attempts + $5::smallint, due_at = NULL, "
        "ended_at = $4 WHERE member_id = $1 AND id = $2 AND status = 'WAITING'",
        lane.member_id,
        delivery.id,
        status,
        now,
        0 if status == "CANCELLED" else 1,
    )


async def cancel(lane: Lane, delivery: Delivery, now: datetime) -> bool:
    """Nobody is to hear of it any more; False where the lease has ended."""

    async def work() -> bool:
        held = await lanes.hold(lane, now)
        if held:
            await _end(lane, delivery, "CANCELLED", now)
        return held

    return await transact(work)


async def _succeeded(target: UUID, now: datetime) -> None:
    await update(
        "UPDATE delivery_target SET failures = 0, failing_since = NULL, probe = NULL, "
        "last_success_at = greatest(last_success_at, $2) WHERE target = $1",
        target,
        now,
    )


async def _failed(
    programme: Programme, lane: Lane, result: Result, now: datetime, *, dead: bool
) -> bool:
    """Count a failure of the endpoint, and turn it off where that is enough; whether it is paused
    or off. Of one that is paused this lane alone is tried until its delivery is `dead`.
    """
    # its row is locked before the counter's, as by whoever keeps endpoints
    off = result.status == retrying.GONE
    await row("SELECT id FROM webhook WHERE id = $1 FOR UPDATE", lane.target)
    counted = await row(
        "UPDATE delivery_target SET failures = failures + 1, "
        "failing_since = coalesce(failing_since, $2), "
        "probe = CASE WHEN failures + 1 >= $3 AND NOT $5 THEN coalesce(probe, $4) END "
        "WHERE target = $1 RETURNING failures, failing_since",
        lane.target,
        now,
        PAUSING_FAILURES,
        lane.member_id,
        dead,
    )
    if counted is None:
        return True
    if off or retrying.is_given_up(now, counted["failures"], counted["failing_since"]):
        webhook = await endpoints.find(lane.target)
        if webhook is not None:
            await keeping.turn_off(webhook, programme.now(now), now)
        return True
    return bool(counted["failures"] >= PAUSING_FAILURES)
