"""Booking, redemption and refund, each in one transaction made by hand.

The key is claimed first, then the account is locked, then everything is decided in memory and
written, a statement a table. Members are those whom the benchmark chooses: nothing is due to them,
they owe and hold nothing, what they do moves no tier, and what is refunded was not spent.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from benchmarks.limit import programme as rules
from benchmarks.limit import statements as sql
from benchmarks.limit.posting import (
    Movement,
    NewLot,
    Writer,
    award,
    balance,
    check,
    claim,
    draw,
    due_after,
    find_member,
    keep,
    notify,
    post,
)
from benchmarks.limit.programme import Earned, Line
from benchmarks.limit.reads import YEAR
from domain.kernel.ids import new_code, new_id

DONE: dict[str, Any] = {"replayed": False, "errors": []}


async def earn(writer: Writer, sent: dict[str, Any]) -> Any:
    programme = writer.programme
    now = programme.now()
    await claim(writer, "earnForBooking", sent, now)
    member_id = await find_member(writer, sent["member"]["reference"])
    booking_id, reference = new_id(), sent["reference"]
    taken = await writer.connection.fetchrow(
        sql.TAKE, programme.id, reference, member_id, booking_id
    )
    assert taken is not None
    account = await writer.connection.fetchrow(sql.LOCK, member_id, now - YEAR)
    check(account, now)
    lines = rules.to_lines(sent["lines"])
    earned = rules.evaluate(programme, lines, account["tier"])
    await _record_booking(writer, account, booking_id, sent, (lines, earned, now))
    lot = NewLot(new_id(), earned.points, rules.expires_at(now), booking_id)
    touches = [(lot.id, earned.points)]
    moved = ("issued", "available")
    movement = Movement("EARN", moved, earned.points, touches, booking_id=booking_id)
    due = min(account["next_due_at"] or lot.expires_at, lot.expires_at)
    available = await post(writer, account, movement, now, due, lot=lot)
    event = {"points": earned.points, "booking_id": str(booking_id)}
    await notify(writer, member_id, "booking.recorded", {**event, "reference": reference}, now)
    by = {"pending": 0, "rules": sorted(rule for rule, points in earned.awards if points)}
    await notify(writer, member_id, "points.earned", {**event, **by}, now)
    ids = {"member_id": str(member_id), "booking_id": str(booking_id)}
    await keep(writer, sent, {**ids, "points_awarded": earned.points, "grants": []})
    return {
        "earnForBooking": {
            "pointsAwarded": earned.points,
            "booking": {"reference": reference, "status": "PAID", "netPoints": earned.points},
            "awards": [{"rule": rule, "points": points} for rule, points in earned.awards],
            "balance": balance(available),
            **DONE,
        }
    }


async def _record_booking(
    writer: Writer,
    account: Any,
    booking_id: UUID,
    sent: dict[str, Any],
    judged: tuple[list[Line], Earned, datetime],
) -> None:
    """The booking, its lines and awards, and what it counts toward the tier."""
    programme, send, member_id = writer.programme, writer.connection.execute, account["member_id"]
    lines, earned, now = judged
    total, above = sum(line.minor for line in lines), programme.above(account["tier"])
    assert above is None or account["spend"] + total < above.threshold
    said = [sent["reference"], writer.actor, now, total, earned.points, programme.version_id]
    snapshot = orjson.dumps(_snapshot(account)).decode()
    why = orjson.dumps(earned.explanation).decode()
    judged_by = snapshot, why, _digest(sent)
    await send(sql.BOOK, member_id, booking_id, programme.id, *said, *judged_by)
    await send(sql.BOOK_LINES, member_id, booking_id, *_columns(lines, earned))
    await award(writer, member_id, earned.awards, now, (booking_id, None))
    await send(sql.COUNT, member_id, new_id(), booking_id, now, now, total, 1, earned.points)


async def redeem(writer: Writer, sent: dict[str, Any]) -> Any:
    programme = writer.programme
    now = programme.now()
    await claim(writer, "redeemReward", sent, now)
    member_id = await find_member(writer, sent["member"]["reference"])
    account = await writer.connection.fetchrow(sql.LOCK, member_id, now - YEAR)
    check(account, now)
    lots = await writer.connection.fetch(sql.LOTS, member_id)
    reward = await writer.connection.fetchrow(sql.REWARD, programme.id, sent["reward"])
    points, redemption_id = reward["list_points"], new_id()
    assert account["available"] >= points
    code = await _record_redemption(writer, member_id, redemption_id, reward, now)
    touches = draw(lots, points)
    moved = ("available", "redeemed")
    movement = Movement("REDEEM", moved, points, touches, redemption_id=redemption_id)
    available = await post(writer, account, movement, now, due_after(lots, touches))
    told = {"reward": sent["reward"], "quantity": 1, "points": points}
    event = {"redemption_id": str(redemption_id), **told}
    await notify(writer, member_id, "reward.redeemed", event, now)
    ids = {"member_id": str(member_id), "redemption_id": str(redemption_id)}
    await keep(writer, sent, {**ids, "grants": []})
    return {
        "redeemReward": {
            "redemption": {"status": "FULFILLED", "points": points, "codes": [code]},
            "balance": balance(available),
            **DONE,
        }
    }


async def _record_redemption(
    writer: Writer, member_id: UUID, redemption_id: UUID, reward: Any, now: datetime
) -> str:
    """The redemption, its coupon and that the partner saw it; the code."""
    programme, send, code = writer.programme, writer.connection.execute, new_code(12)
    price = reward["list_points"], reward["worth_minor"], orjson.dumps([code]).decode()
    by = writer.actor, programme.version_id, now
    await send(sql.REDEEM, member_id, redemption_id, programme.id, reward["id"], *price, *by)
    owner = member_id, redemption_id, now
    await send(sql.COUPON, new_id(), programme.id, reward["id"], code, *owner)
    await send(sql.REVEAL, member_id, new_id(), redemption_id, writer.actor, now)
    return code


async def refund(writer: Writer, sent: dict[str, Any]) -> Any:
    """Of all of a booking that was never refunded before, nothing of which was spent."""
    programme = writer.programme
    now = programme.now()
    await claim(writer, "refundBooking", sent, now)
    found = await writer.connection.fetchrow(sql.FIND, programme.id, "booking", sent["booking"])
    member_id, booking_id = found["member_id"], found["row_id"]
    account = await writer.connection.fetchrow(sql.LOCK, member_id, now - YEAR)
    check(account, now)
    lots = await writer.connection.fetch(sql.LOTS, member_id)
    booked = await writer.connection.fetchrow(sql.BOOKED, member_id, booking_id)
    assert booked["reporter"] == writer.actor
    assert not booked["before"]
    cash, points, refund_id = booked["cash_minor"], booked["points"], new_id()
    assert account["spend"] - cash >= programme.level(account["tier"]).threshold
    await _record_refund(writer, (member_id, booking_id, refund_id), booked, sent, now)
    touches = draw([lot for lot in lots if lot["booking_id"] == booking_id], points)
    about = {"booking_id": booking_id, "refund_id": refund_id}
    movement = Movement("CLAW_BACK", ("available", "clawed_back"), points, touches, **about)
    available = await post(writer, account, movement, now, due_after(lots, touches))
    event = {"booking_id": str(booking_id), "points": points}
    await notify(writer, member_id, "points.clawed_back", event, now)
    figures = {"points_clawed_back": points, "cash_minor": cash, "parked": False, "grants": []}
    nothing = dict.fromkeys(("points_owed", "points_forgiven", "points_reinstated"), 0)
    ids = {"member_id": str(member_id), "booking_id": str(booking_id)}
    await keep(writer, sent, {**ids, **figures, **nothing})
    return {
        "refundBooking": {
            "pointsClawedBack": points,
            "pointsOwed": 0,
            "cashRefund": rules.money(cash),
            "balance": balance(available),
            **DONE,
        }
    }


async def _record_refund(
    writer: Writer,
    ids: tuple[UUID, UUID, UUID],
    booked: Any,
    sent: dict[str, Any],
    now: datetime,
) -> None:
    """The refund with its lines, awards taken back, and what counts toward the tier no more."""
    member_id, booking_id, refund_id = ids
    send, cash, points = writer.connection.execute, booked["cash_minor"], booked["points"]
    by = sent["reference"], writer.actor, now
    await send(sql.REFUND, member_id, refund_id, booking_id, *by, points, cash, _digest(sent))
    lines = orjson.loads(booked["lines"])
    await send(
        sql.REFUND_LINES,
        member_id,
        refund_id,
        booking_id,
        [new_id() for _ in lines],
        [number for number, _, _ in lines],
        [minor for _, _, minor in lines],
    )
    booked_at = booked["booked_at"]
    lost = [(rule, -granted) for rule, granted in orjson.loads(booked["awards"])]
    await award(writer, member_id, lost, booked_at, (booking_id, refund_id))
    await send(sql.COUNT, member_id, new_id(), booking_id, booked_at, now, -cash, -1, -points)


def _digest(sent: dict[str, Any]) -> bytes:
    return sha256(json.dumps(sent, sort_keys=True, separators=(",", ":")).encode()).digest()


def _snapshot(account: Any) -> dict[str, Any]:
    business = account["business"]
    return {
        "status": account["status"],
        "tier": account["tier"],
        "in_birthday_month": False,
        "profile": {},
        "allowances": {},
        "counts": {rules.COUNT: business},
        "segments": {rules.SEGMENT: business >= rules.COUNT_LEAST},
    }


def _columns(lines: list[Line], earned: Earned) -> list[list[Any]]:
    return [
        [new_id() for _ in lines],
        [line.number for line in lines],
        [line.product for line in lines],
        [line.minor for line in lines],
        [earned.by_line[line.number] for line in lines],
    ]
