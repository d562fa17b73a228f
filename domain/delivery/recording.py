"""Recording the result of an attempt at a delivery, and its effect on the target, by the lane's
holder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from domain.delivery import lanes, retrying
from domain.delivery.lanes import Delivery, Lane
from domain.delivery.retrying import AttemptOutcome
from domain.delivery.targets import Channel
from domain.kernel.database import row, rows, transact, update
from domain.kernel.ids import new_id
from domain.kernel.private_texts import ERASED
from domain.programmes.programmes import Programme
from domain.webhooks import endpoints, keeping
from domain.webhooks.endpoints import PAUSING_FAILURES

ANSWER_CHARACTERS_MAX = 500
"""Characters of an answer that are kept."""


@dataclass(frozen=True, slots=True)
class Result:
    """An attempt that began at a real instant: a status with the beginning of the answer, or the
    reason why there is none. Without either no message was sent, and nothing is recorded.
    """

    at: datetime
    milliseconds: int
    outcome: AttemptOutcome
    status: int | None = None
    error: str | None = None
    answer: str | None = None
    retry_after: timedelta | None = None


async def record(
    programme: Programme, lane: Lane, delivery: Delivery, result: Result, now: datetime
) -> bool:
    """Record an attempt and its effects; returns whether the lane continues with the next delivery.
    Does nothing if the lease has ended: the new holder sends the delivery again.
    """
    if result.outcome is AttemptOutcome.ACCEPTED:
        return await accept(lane, [Arrived(delivery, result, now)], now)
    return await transact(partial(_record, programme, lane, delivery, result, now))


_ACCEPT = """
WITH held AS (
    UPDATE delivery_lane SET leased_until = $4
    WHERE member_id = $1 AND target = $2 AND lease = $3 RETURNING member_id
), attempted AS (
    INSERT INTO delivery_attempt (member_id, id, delivery_id, at, status, milliseconds, answer)
    SELECT $1, n.id, n.delivery_id, n.at, n.status, n.milliseconds, n.answer FROM held,
        unnest($5::uuid[], $6::uuid[], $7::timestamptz[], $8::smallint[], $9::int[], $10::text[])
        AS n (delivery_id, id, at, status, milliseconds, answer) WHERE n.status IS NOT NULL
), ended AS (
    UPDATE delivery SET status = 'DELIVERED', attempts = attempts + 1, due_at = NULL,
        begun_at = NULL, ended_at = n.at
    FROM held, unnest($5::uuid[], $11::timestamptz[]) AS n (id, at)
    WHERE delivery.member_id = $1 AND delivery.id = n.id AND delivery.status = 'WAITING'
)
SELECT member_id FROM held
"""
"""The usual end of an attempt, in one statement, which locks the lane first, as the rest needs its
row.
"""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery whose message was accepted, and the real instant at which that was known."""

    delivery: Delivery
    result: Result
    at: datetime


async def accept(lane: Lane, arrived: Sequence[Arrived], now: datetime) -> bool:
    """Record together the deliveries that arrived; does nothing if the lease has ended: the new
    holder sends them again.
    """
    held = await _accept(lane, arrived, now)
    if held:
        await endpoints.succeeded(lane.target, now)
    return held


async def end_turn(lane: Lane, arrived: Sequence[Arrived], now: datetime) -> None:
    """The same, and end the lease."""

    async def work() -> bool:
        held = await (_accept(lane, arrived, now) if arrived else lanes.hold(lane, now))
        # a success ends every probe, but only after this, and its worker may die before
        if held and await lanes.release(lane):
            await lanes.end_probe(lane)
        return held

    if await transact(work) and arrived:
        await endpoints.succeeded(lane.target, now)


async def _accept(lane: Lane, arrived: Sequence[Arrived], now: datetime) -> bool:
    results = [one.result for one in arrived]
    held = await rows(
        _ACCEPT,
        lane.member_id,
        lane.target,
        lane.lease,
        now + lanes.LEASE,
        [one.delivery.id for one in arrived],
        [new_id() for _ in arrived],
        [result.at for result in results],
        [result.status for result in results],
        [result.milliseconds for result in results],
        [result.answer for result in results],
        [one.at for one in arrived],
    )
    return bool(held)


async def _record(
    programme: Programme, lane: Lane, delivery: Delivery, result: Result, now: datetime
) -> bool:
    if not await lanes.hold(lane, now):
        return False
    await _attempted(lane, delivery, result)
    attempts = delivery.attempts + 1
    again = retrying.next_at(now, attempts, result.outcome, result.retry_after)
    if again is None:
        unknown = result.outcome is AttemptOutcome.UNKNOWN
        await _end(lane, delivery, "UNKNOWN" if unknown else "DEAD", now)
    else:
        await update(
            "UPDATE delivery SET attempts = $3, due_at = $4, begun_at = NULL "
            "WHERE member_id = $1 AND id = $2",
            lane.member_id,
            delivery.id,
            attempts,
            again,
        )
    paused = await _failed(programme, lane, result, now, dead=again is None)
    return again is None and not paused


async def begin(lane: Lane, delivery: Delivery, now: datetime) -> bool:
    """Record that an attempt begins, before it does, for deliveries that must not be sent twice.
    Returns False if the lease has ended: the attempt must not begin.
    """

    async def work() -> bool:
        held = await lanes.hold(lane, now)
        if held:
            await update(
                "UPDATE delivery SET begun_at = $3 WHERE member_id = $1 AND id = $2",
                lane.member_id,
                delivery.id,
                now,
            )
        return held

    return await transact(work)


async def postpone(lane: Lane, delivery: Delivery, until: datetime, now: datetime) -> bool:
    """Postpone a delivery until a real instant, without an attempt; the following ones are not
    postponed, and if this lane is the target's probe, another one is chosen. Returns False if the
    lease has ended.
    """

    async def work() -> bool:
        held = await lanes.hold(lane, now)
        if held:
            await update(
                "UPDATE delivery SET due_at = $3 WHERE member_id = $1 AND id = $2",
                lane.member_id,
                delivery.id,
                until,
            )
            await lanes.end_probe(lane)
        return held

    return await transact(work)


async def lose(lane: Lane, delivery: Delivery, begun_at: datetime, now: datetime) -> bool:
    """Record that the result of a begun attempt is unknown, because its worker died: that is no
    failure of the target. Returns False if the lease has ended.
    """

    async def work() -> bool:
        held = await lanes.hold(lane, now)
        if held:
            said = "nobody wrote down how it ended"
            await _attempted(
                lane, delivery, Result(begun_at, 0, AttemptOutcome.UNKNOWN, error=said)
            )
            await _end(lane, delivery, "UNKNOWN", now)
        return held

    return await transact(work)


async def _attempted(lane: Lane, delivery: Delivery, result: Result) -> None:
    if result.status is None and result.error is None:
        return
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


async def _end(
    lane: Lane, delivery: Delivery, status: str, now: datetime, reason: str | None = None
) -> None:
    await update(
        "UPDATE delivery SET status = $3, attempts = attempts + $5::smallint, due_at = NULL, "
        "begun_at = NULL, ended_at = $4, reason = $6 "
        "WHERE member_id = $1 AND id = $2 AND status = 'WAITING'",
        lane.member_id,
        delivery.id,
        status,
        now,
        0 if status == "CANCELLED" else 1,
        reason,
    )


async def cancel(lane: Lane, delivery: Delivery, now: datetime, reason: str | None = None) -> bool:
    """Cancel a delivery, perhaps with a reason; returns False if the lease has ended."""

    async def work() -> bool:
        held = await lanes.hold(lane, now)
        if held:
            await _end(lane, delivery, "CANCELLED", now, reason)
        return held

    return await transact(work)


async def _failed(
    programme: Programme, lane: Lane, result: Result, now: datetime, *, dead: bool
) -> bool:
    """Count an attempt without success, and turn an endpoint off after enough of them; returns
    whether it is paused or off. Refusals of events do not pause it. While it is paused, only this
    lane is tried, until its delivery is `dead`.
    """
    if lane.channel is Channel.WEBHOOK:
        # its row is locked before the counter's, as when an endpoint is changed
        await row("SELECT id FROM webhook WHERE id = $1 FOR UPDATE", lane.target)
    refused = result.outcome is AttemptOutcome.REFUSED
    counted = await row(
        "UPDATE delivery_target SET failures = failures + $6::int, refused = refused + $7::int, "
        "failing_since = coalesce(failing_since, $2), "
        "probe = CASE WHEN failures + $6::int >= $3 AND NOT $5 THEN coalesce(probe, $4) END "
        "WHERE target = $1 RETURNING failures, refused, failing_since",
        lane.target,
        now,
        PAUSING_FAILURES,
        lane.member_id,
        dead,
        0 if refused else 1,
        1 if refused else 0,
    )
    if counted is None:
        return True
    attempts = counted["failures"] + counted["refused"]
    over = retrying.is_given_up(now, attempts, counted["failing_since"])
    if lane.channel is Channel.WEBHOOK and (over or result.outcome is AttemptOutcome.GONE):
        webhook = await endpoints.find(lane.target)
        if webhook is not None:
            await keeping.turn_off(webhook, programme.now(now), now)
        return True
    return bool(counted["failures"] >= PAUSING_FAILURES)


async def erase(member_id: UUID) -> None:
    """Keep of attempts about a member only the instants and results: answers may repeat an
    address.
    """
    await update(
        "UPDATE delivery_attempt SET answer = CASE WHEN answer IS NOT NULL THEN $2 END, "
        "error = CASE WHEN error IS NOT NULL THEN $2 END WHERE member_id = $1",
        member_id,
        ERASED,
    )
