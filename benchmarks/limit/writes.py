"""Booking, redemption and refund, each in one transaction made by hand.

The key is claimed first, then the account is locked, then everything is decided in memory and
written, a statement a table. Members are those whom the benchmark chooses: nothing is due to them,
they owe and hold nothing, what they do moves no tier, and what is refunded was not spent.
"""

import json
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
    count,
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
    programme, now = writer.programme, writer.now
    await claim(writer, "earnForBooking", sent)
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
    cash = await _record_booking(writer, account, booking_id, sent, (lines, earned))
    # a point is worth one minor unit
    amount = cash * earned.points // (cash + earned.points)
    lot = NewLot(new_id(), earned.points, amount, rules.expires_at(now), booking_id)
    touches = [(lot.id, earned.points)]
    moved = ("issued", "available")
    movement = Movement("EARN", moved, earned.points, touches, booking_id=booking_id)
    due = min(account["next_due_at"] or lot.expires_at, lot.expires_at)
    available = await post(writer, account, movement, due, lot=lot)
    event = {"points": earned.points, "booking_id": str(booking_id)}
    told = {**event, "reference": reference}
    by = writer.partner_id
    await notify(writer, account, "booking.recorded", told, partner_id=by)
    granted = {"pending": 0, "rules": sorted(rule for rule, points in earned.awards if points)}
    await notify(writer, account, "points.earned", {**event, **granted}, partner_id=by)
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
    judged: tuple[list[Line], Earned],
) -> int:
    """The booking, its lines and awards, and what it counts toward the tier; its minor units."""
    programme, send, member_id = writer.programme, writer.connection.execute, account["member_id"]
    lines, earned = judged
    total, above = sum(line.minor for line in lines), programme.above(account["tier"])
    assert above is None or account["spend"] + total < above.threshold
    now, snapshot, content = writer.now, _snapshot(account), _digest(sent)
    said = [sent["reference"], writer.actor, now, total, earned.points, programme.version_id]
    judged_by = orjson.dumps(snapshot).decode(), orjson.dumps(earned.explanation).decode(), content
    await send(sql.BOOK, member_id, booking_id, programme.id, *said, *judged_by)
    names = ("reference", "reporter", "booked_at", "total_minor", "points", "policy_version_id")
    booking = {
        "member_id": member_id,
        "id": booking_id,
        "programme_id": programme.id,
        **dict(zip(names, said, strict=True)),
        "recorded_at": now,
        "currency": rules.CURRENCY,
        "cash_minor": total,
        "snapshot": snapshot,
        "explanation": earned.explanation,
        "content_hash": content,
        "coupon_minor": 0,
    }
    writer.seal("booking", booking)
    await _record_lines(writer, (member_id, booking_id), lines, earned)
    await award(writer, member_id, earned.awards, now, {"booking_id": booking_id})
    await count(writer, (member_id, booking_id, now), 1, (total, earned.points))
    return total


async def _record_lines(
    writer: Writer, whose: tuple[UUID, UUID], lines: list[Line], earned: Earned
) -> None:
    member_id, booking_id = whose
    columns = _columns(lines, earned)
    await writer.connection.execute(sql.BOOK_LINES, member_id, booking_id, *columns)
    for own, number, product, minor, points in zip(*columns, strict=True):
        line = {
            "member_id": member_id,
            "id": own,
            "booking_id": booking_id,
            "number": number,
            "product": product,
            "amount_minor": minor,
            "cash_minor": minor,
            "attributes": {},
            "points": points,
            "coupon_minor": 0,
        }
        writer.seal("booking_line", line)


async def redeem(writer: Writer, sent: dict[str, Any]) -> Any:
    programme, now = writer.programme, writer.now
    await claim(writer, "redeemReward", sent)
    member_id = await find_member(writer, sent["member"]["reference"])
    account = await writer.connection.fetchrow(sql.LOCK, member_id, now - YEAR)
    check(account, now)
    lots = await writer.connection.fetch(sql.LOTS, member_id)
    reward = await writer.connection.fetchrow(sql.REWARD, programme.id, sent["reward"])
    points, redemption_id = reward["list_points"], new_id()
    assert account["available"] >= points
    code = await _record_redemption(writer, member_id, redemption_id, reward)
    touches = draw(lots, points)
    moved = ("available", "redeemed")
    movement = Movement("REDEEM", moved, points, touches, redemption_id=redemption_id)
    available = await post(writer, account, movement, due_after(lots, touches))
    told = {"reward": sent["reward"], "quantity": 1, "points": points}
    event = {"redemption_id": str(redemption_id), **told}
    await notify(writer, account, "reward.redeemed", event)
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
    writer: Writer, member_id: UUID, redemption_id: UUID, reward: Any
) -> str:
    """The redemption, its coupon and that the partner saw it; the code."""
    programme, send, code = writer.programme, writer.connection.execute, new_code(12)
    now, by = writer.now, writer.actor
    price = reward["list_points"], reward["worth_minor"], orjson.dumps([code]).decode()
    at = by, programme.version_id, now
    await send(sql.REDEEM, member_id, redemption_id, programme.id, reward["id"], *price, *at)
    of_programme = {"member_id": member_id, "programme_id": programme.id, "reward_id": reward["id"]}
    redemption = {
        **of_programme,
        "id": redemption_id,
        "status": "FULFILLED",
        "points": reward["list_points"],
        "quantity": 1,
        "worth_minor": reward["worth_minor"],
        "currency": rules.CURRENCY,
        "codes": [code],
        "actor": by,
        "policy_version_id": programme.version_id,
        "created_at": now,
        "fulfilled_at": now,
        "stock_taken": False,
    }
    writer.seal("redemption", redemption)
    coupon_id, owner = new_id(), (member_id, redemption_id, now)
    await send(sql.COUPON, coupon_id, programme.id, reward["id"], code, *owner)
    coupon = {
        **of_programme,
        "id": coupon_id,
        "code": code,
        "code_key": code,
        "status": "ISSUED",
        "redemption_id": redemption_id,
        "imported_at": now,
        "issued_at": now,
    }
    writer.seal("coupon_code", coupon)
    seen = {"member_id": member_id, "id": new_id(), "redemption_id": redemption_id}
    reveal = {**seen, "actor": by, "revealed_at": now}
    await send(sql.REVEAL, *reveal.values())
    writer.seal("code_reveal", reveal)
    return code


async def refund(writer: Writer, sent: dict[str, Any]) -> Any:
    """Of all of a booking that was never refunded before, nothing of which was spent."""
    programme, now = writer.programme, writer.now
    await claim(writer, "refundBooking", sent)
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
    await _record_refund(writer, (member_id, booking_id, refund_id), booked, sent)
    touches = draw([lot for lot in lots if lot["booking_id"] == booking_id], points)
    about = {"booking_id": booking_id, "refund_id": refund_id}
    movement = Movement("CLAW_BACK", ("available", "clawed_back"), points, touches, **about)
    available = await post(writer, account, movement, due_after(lots, touches))
    event, by, money = {"booking_id": str(booking_id)}, writer.partner_id, rules.money(cash)
    told = {**event, "reference": sent["reference"], "gross": money, "cash": money, "points": 0}
    await notify(writer, account, "booking.refunded", told, partner_id=by)
    taken = {**event, "points": points, "owed": 0, "forgiven": 0}
    await notify(writer, account, "points.clawed_back", taken, partner_id=by)
    figures = {"points_clawed_back": points, "cash_minor": cash, "parked": False, "grants": []}
    nothing = dict.fromkeys(("points_owed", "points_forgiven", "points_reinstated"), 0)
    ids = {"member_id": str(member_id), "booking_id": str(booking_id)}
    await keep(writer, sent, {**ids, **figures, **nothing})
    return {
        "refundBooking": {
            "pointsClawedBack": points,
            "pointsOwed": 0,
            "cashRefund": money,
            "balance": balance(available),
            **DONE,
        }
    }


async def _record_refund(
    writer: Writer, ids: tuple[UUID, UUID, UUID], booked: Any, sent: dict[str, Any]
) -> None:
    """The refund with its lines, awards taken back, and what counts toward the tier no more."""
    member_id, booking_id, refund_id = ids
    send, cash, points = writer.connection.execute, booked["cash_minor"], booked["points"]
    now, content = writer.now, _digest(sent)
    by = sent["reference"], writer.actor, now
    await send(sql.REFUND, member_id, refund_id, booking_id, *by, points, cash, content)
    nothing = ("owed", "forgiven", "expired", "reinstated")
    row = {
        "member_id": member_id,
        "id": refund_id,
        "booking_id": booking_id,
        "reference": sent["reference"],
        "reporter": writer.actor,
        "refunded_at": now,
        "recorded_at": now,
        "supplier_cancelled": False,
        "points_clawed_back": points,
        **{f"points_{name}": 0 for name in nothing},
        "cash_minor": cash,
        "content_hash": content,
        "counted_out": True,
    }
    writer.seal("refund", row)
    await _record_refund_lines(writer, ids, orjson.loads(booked["lines"]))
    booked_at = booked["booked_at"]
    lost = [(rule, -granted) for rule, granted in orjson.loads(booked["awards"])]
    about = {"booking_id": booking_id, "refund_id": refund_id}
    await award(writer, member_id, lost, booked_at, about)
    await count(writer, (member_id, booking_id, booked_at), -1, (cash, points))


async def _record_refund_lines(
    writer: Writer, ids: tuple[UUID, UUID, UUID], lines: list[tuple[int, str, int]]
) -> None:
    member_id, booking_id, refund_id = ids
    columns = (
        [new_id() for _ in lines],
        [number for number, _, _ in lines],
        [minor for _, _, minor in lines],
    )
    await writer.connection.execute(sql.REFUND_LINES, member_id, refund_id, booking_id, *columns)
    of_refund = {"member_id": member_id, "refund_id": refund_id, "booking_id": booking_id}
    for own, number, minor in zip(*columns, strict=True):
        amounts = {"gross_minor": minor, "cash_minor": minor, "points": 0, "coupon_minor": 0}
        line = {**of_refund, "id": own, "line_number": number, **amounts}
        writer.seal("refund_line", line)


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
