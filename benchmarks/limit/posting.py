"""What the limit's writes share: the key, the account's lock, an entry with its hash, what seals
it, and an event.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from benchmarks.limit import seals
from benchmarks.limit import statements as sql
from benchmarks.limit.programme import EPOCH, MICROSECOND, Programme
from domain.kernel.ids import new_id
from domain.kernel.sealing import SealedRow

KEPT = timedelta(days=30)

Touch = tuple[UUID, int]
"""A lot's id, and what is added to it."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Whose request it is: the partner, a connection with a transaction open, its instant, and what
    the seal will name of what it has written.
    """

    programme: Programme
    connection: asyncpg.Connection
    partner_id: UUID
    now: datetime
    sealed: list[SealedRow] = field(default_factory=list)

    @property
    def actor(self) -> str:
        return f"partner:{self.partner_id}"

    def seal(self, table: str, row: dict[str, Any]) -> None:
        self.sealed.append(seals.of(table, row))


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry that is to be: what it moves, what it is about, and what it does to lots."""

    kind: str
    buckets: tuple[str, str]
    points: int
    touches: Sequence[Touch]
    booking_id: UUID | None = None
    redemption_id: UUID | None = None
    refund_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewLot:
    """What a booking credits; `amount` is its part of the booking's cash, in minor units."""

    id: UUID
    points: int
    amount: int
    expires_at: datetime
    booking_id: UUID


async def claim(writer: Writer, operation: str, sent: dict[str, Any]) -> None:
    """Take the key; in a benchmark each is new."""
    now = writer.now
    text = json.dumps([operation, sent], sort_keys=True, separators=(",", ":"))
    digest = sha256(text.encode()).digest()
    key = writer.programme.id, writer.actor, sent["idempotencyKey"]
    taken = await writer.connection.fetchrow(sql.CLAIM, *key, operation, digest, now, now - KEPT)
    assert taken is not None


async def keep(writer: Writer, sent: dict[str, Any], figures: dict[str, Any]) -> None:
    key = writer.programme.id, writer.actor, sent["idempotencyKey"]
    await writer.connection.execute(sql.KEEP, *key, orjson.dumps(figures).decode())


async def find_member(writer: Writer, reference: str) -> UUID:
    found = await writer.connection.fetchrow(sql.FIND, writer.programme.id, "reference", reference)
    member_id: UUID = found["member_id"]
    return member_id


def check(account: Any, now: datetime) -> None:
    """What the limit does not do is not asked of it."""
    assert account["status"] == "ENROLLED"
    assert account["birthday"] is None
    assert account["held"] == account["owed"] == account["pending"] == 0
    assert account["next_due_at"] is None or now < account["next_due_at"]


async def award(
    writer: Writer,
    member_id: UUID,
    granted: Sequence[tuple[str, int]],
    at: datetime,
    about: dict[str, UUID],
) -> None:
    """`about` are a booking and perhaps its refund."""
    ids = [new_id() for _ in granted]
    await writer.connection.execute(
        sql.AWARD,
        member_id,
        at,
        about["booking_id"],
        about.get("refund_id"),
        ids,
        [rule for rule, _ in granted],
        [points for _, points in granted],
    )
    same = {"member_id": member_id, "occurred_at": at, **about}
    for own, (rule, points) in zip(ids, granted, strict=True):
        writer.seal("award", {"id": own, "rule": rule, "points": points, **same})


async def count(
    writer: Writer, booking: tuple[UUID, UUID, datetime], sign: int, numbers: tuple[int, int]
) -> None:
    """What a booking of a member counts toward the tier, or no more: `numbers` are its cash, in
    minor units, and its points.
    """
    member_id, booking_id, at = booking
    row = {
        "member_id": member_id,
        "id": new_id(),
        "booking_id": booking_id,
        "occurred_at": at,
        "recorded_at": writer.now,
        "spend_minor": sign * numbers[0],
        "bookings": sign,
        "points": sign * numbers[1],
    }
    await writer.connection.execute(sql.COUNT, *row.values())
    writer.seal("tier_credit", {**row, "nights": 0, "completed_bookings": 0})


def draw(lots: Iterable[Any], points: int) -> list[Touch]:
    """Points out of lots in their order."""
    touches = []
    for lot in lots:
        if not points:
            break
        taken = min(points, lot["remaining"])
        touches.append((lot["id"], -taken))
        points -= taken
    assert not points
    return touches


def due_after(lots: Iterable[Any], touches: Sequence[Touch]) -> datetime | None:
    """When the next of these lots expires that has points left."""
    taken = dict(touches)
    return min(
        (lot["expires_at"] for lot in lots if lot["remaining"] + taken.get(lot["id"], 0)),
        default=None,
    )


async def post(
    writer: Writer,
    account: Any,
    movement: Movement,
    due: datetime | None,
    *,
    lot: NewLot | None = None,
) -> int:
    """Write the entry with its lot or what it draws, the seal of all that was written before it,
    and the account; the available balance.
    """
    send, member_id, now = writer.connection.execute, account["member_id"], writer.now
    source, target = movement.buckets
    change = movement.points * ((target == "available") - (source == "available"))
    available: int = account["available"] + change
    sequence, entry_id = account["sequence"] + 1, new_id()
    content = _content(writer, movement, member_id, (entry_id, sequence, available), lot)
    said = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    digest = sha256(account["last_hash"] + said.encode()).digest()
    about = movement.booking_id, movement.redemption_id, movement.refund_id, writer.actor
    moved = movement.kind, source, target, movement.points
    await send(sql.ENTRY, member_id, entry_id, sequence, *moved, now, available, *about, digest)
    touches = movement.touches
    if lot is not None:
        await _add_lot(writer, member_id, lot)
    else:
        await send(sql.DRAW, member_id, [one for one, _ in touches], [n for _, n in touches])
    await send(
        sql.ALLOCATE,
        member_id,
        entry_id,
        [new_id() for _ in touches],
        [lot_id for lot_id, _ in touches],
        [points for _, points in touches],
    )
    entry = now, sequence, digest
    seal = await seals.write(writer.connection, account, entry, writer.sealed)
    standing = sequence - 1, available, sequence, digest, now, due
    done = await send(sql.ACCOUNT, member_id, *standing, *seal)
    assert done == "UPDATE 1"
    return available


async def _add_lot(writer: Writer, member_id: UUID, lot: NewLot) -> None:
    """The lot, and what was deferred for it."""
    terms = lot.expires_at, writer.programme.version_id, lot.booking_id
    await writer.connection.execute(sql.LOT, member_id, lot.id, lot.points, writer.now, *terms)
    value = {"member_id": member_id, "lot_id": lot.id, "amount": lot.amount}
    await writer.connection.execute(sql.LOT_VALUE, *value.values())
    writer.seal("lot_value", value)


def _content(
    writer: Writer,
    movement: Movement,
    member_id: UUID,
    entry: tuple[UUID, int, int],
    lot: NewLot | None,
) -> list[Any]:
    """What the entry's hash is made of."""
    entry_id, sequence, available = entry
    moved_at, terms = _microseconds(writer.now), []
    if lot is not None:
        instants = moved_at, moved_at, _microseconds(lot.expires_at)
        version = str(writer.programme.version_id)
        named = ["booking_id", str(lot.booking_id)]
        terms.append([str(lot.id), lot.points, *instants, version, "programme", named])
    later = [["refund_id", str(movement.refund_id)]] if movement.refund_id else []
    return [
        2,
        str(member_id),
        str(entry_id),
        sequence,
        movement.kind,
        *movement.buckets,
        movement.points,
        moved_at,
        moved_at,
        [0, available, 0, 0],
        [_text(movement.booking_id), None, _text(movement.redemption_id)],
        [writer.actor, None],
        sorted([str(lot_id), points] for lot_id, points in movement.touches),
        terms,
        *later,
    ]


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


async def notify(
    writer: Writer,
    account: Any,
    topic: str,
    payload: dict[str, Any],
    *,
    partner_id: UUID | None = None,
) -> None:
    """An event; `partner_id` is whose booking it is about."""
    said, member_id = orjson.dumps(payload).decode(), account["member_id"]
    named = member_id, new_id(), writer.programme.id
    place = member_id.int % 16, account["sequence"] + 1
    await writer.connection.execute(sql.EVENT, *named, topic, said, writer.now, *place, partner_id)


def balance(available: int) -> dict[str, int]:
    return {"available": available, "pending": 0, "held": 0, "owed": 0}
