"""Prepaid points: points that a partner has bought in advance, and those granted by its rules.

Each partner has one counter, shared by all of its rules. It is locked after the counters of
budgets, in the order of partners, and before any stock. Reservations of open quotes are taken from
it, too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.kernel import audit, outbox
from domain.kernel.database import row, rows, update
from domain.kernel.idempotency import Figures, Outcome, Replayed, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_identifier
from domain.kernel.outbox import Event, Topic
from domain.kernel.refusals import InvalidInput, ReferenceConflict
from domain.partners import partners, terms
from domain.programmes.programmes import Programme

PURCHASE_POINTS_MAX = 10**12
LOW_PERCENT = 20
"""Percent of a purchase: when this much is left, the partner is notified once."""


@dataclass(frozen=True, slots=True)
class PurchaseSent:
    """Points that the partner of a code buys, under a reference that it uses only once."""

    partner: str
    points: int
    reference: str

    def canonical(self) -> dict[str, Any]:
        return {"partner": self.partner, "points": self.points, "reference": self.reference}


async def buy(request: Request, programme: Programme, sent: PurchaseSent) -> Outcome:
    """Add points to a partner's prepaid points; figures: `partner`. A repetition of the same
    purchase under its reference changes nothing.

    Raises: InvalidInput, NotFound, ReferenceConflict, IdempotencyKeyReused, ConcurrentRequest.
    """
    check_identifier(sent.reference, ("reference",))
    if sent.points <= 0:
        raise InvalidInput("not_positive", str(sent.points), path=("points",))
    if sent.points > PURCHASE_POINTS_MAX:
        most = (str(PURCHASE_POINTS_MAX),)
        raise InvalidInput("amount_too_large", str(sent.points), most, path=("points",))

    async def work() -> Figures | Replayed:
        owner = await partners.find_id(programme, sent.partner, ("partner",))
        figures = {"partner": str(owner)}
        await lock(programme.id, [owner])
        known = await row(
            "SELECT points FROM partner_purchase WHERE partner_id = $1 AND reference = $2",
            owner,
            sent.reference,
        )
        if known is not None:
            if known["points"] != sent.points:
                raise ReferenceConflict(sent.reference, path=("reference",))
            return Replayed(figures)
        await _add(request, owner, sent)
        return figures

    return await once(request, "buyPoints", sent, work)


async def _add(request: Request, owner: UUID, sent: PurchaseSent) -> None:
    await rows(
        "INSERT INTO partner_purchase (id, programme_id, partner_id, points, reference, bought_at, "
        "bought_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        audit.adds("partner_purchase", new_id()),
        request.caller.programme_id,
        owner,
        sent.points,
        sent.reference,
        request.now,
        request.caller.actor,
    )
    await update(
        "UPDATE partner_points SET bought = bought + $2, low_mark = $3 WHERE partner_id = $1",
        owner,
        sent.points,
        sent.points * LOW_PERCENT // 100,
    )


async def of_codes(programme_id: UUID, codes: Collection[str], month: date) -> dict[str, UUID]:
    """Those of these partners whose points are prepaid in the month that begins with this day."""
    found = await terms.of_codes(programme_id, codes, month)
    return {code: held.partner_id for code, held in found.items() if held.prepaid}


async def lock(programme_id: UUID, partner_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Make missing counters and lock all, by id; returns the remainder of each, which is below zero
    if more was given than bought.
    """
    found = await rows(
        "INSERT INTO partner_points (partner_id, programme_id, bought, used) "
        "SELECT w.id, $1::uuid, 0, 0 FROM unnest($2::uuid[]) AS w (id) ORDER BY w.id "
        "ON CONFLICT (partner_id) DO UPDATE SET used = partner_points.used "
        "RETURNING partner_id, bought - used AS left",
        programme_id,
        sorted(partner_ids),
    )
    return {counter["partner_id"]: counter["left"] for counter in found}


async def take(programme_id: UUID, taken: Mapping[UUID, int], now: datetime) -> None:
    """Take this many points of each counter, which this transaction has locked; below zero they are
    returned. When little of the last purchase is left, the partner is notified once.
    """
    for partner_id, points in sorted(taken.items()):
        if not points:
            continue
        low = await row(
            "WITH before AS (SELECT partner_id, low_mark FROM partner_points "
            "WHERE partner_id = $1), taken AS (UPDATE partner_points p SET used = used + $2, "
            "low_mark = CASE WHEN bought - used - $2 > p.low_mark THEN p.low_mark END "
            "WHERE partner_id = $1 RETURNING bought - used AS left, low_mark) "
            "SELECT t.left, c.code FROM taken t, before b, partner c "
            "WHERE c.id = $1 AND b.low_mark IS NOT NULL AND t.low_mark IS NULL",
            partner_id,
            points,
        )
        if low is not None:
            said = {"partner": low["code"], "left": max(0, low["left"])}
            event = Event(Topic.PARTNER_POINTS_LOW, programme_id, said, partner_id)
            await outbox.announce(programme_id, now, [event])


async def left(partner_ids: Collection[UUID]) -> dict[UUID, int]:
    """The remainder of each, without a lock; none without any purchase."""
    found = await rows(
        "SELECT partner_id, bought - used AS left FROM partner_points "
        "WHERE partner_id = ANY($1::uuid[])",
        sorted(partner_ids),
    )
    known = {counter["partner_id"]: counter["left"] for counter in found}
    return {partner_id: known.get(partner_id, 0) for partner_id in partner_ids}
