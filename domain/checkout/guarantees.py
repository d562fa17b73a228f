"""Guaranteed quotes: a promise of a booking's points, with reservations meanwhile.

A quote reserves budgets and the member's limits until it expires. Its limits are free again at that
instant, as with everything due; its budget after the sweep, or after the first request that finds
it expired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

import models
from domain.checkout.promises import Promise, PromisedLine, QuoteStatus
from domain.earning import awards, snapshots
from domain.earning.purses import NONE
from domain.earning.values import Award
from domain.kernel import sealed_rows
from domain.kernel.callers import Caller
from domain.kernel.database import Row, row, rows
from domain.kernel.refusals import NotFound
from domain.ledger.journal import Journal
from domain.members.refusals import LimitReached

OPEN_MAX = 20
"""Most open quotes of one member: they reserve budgets that others need."""


async def cited(caller: Caller, member_id: UUID, named: tuple[UUID, UUID]) -> Promise:
    """The member's own quote of this (member id, id), which was given to the caller.

    Raises: NotFound.
    """
    owner, quote_id = named
    found = await many(caller.programme_id, [named]) if owner == member_id else {}
    if quote_id not in found or not caller.owns(found[quote_id].actor):
        raise NotFound("quote", str(quote_id), path=("quoteId",))
    return found[quote_id]


async def take_up(journal: Journal, promise: Promise) -> bool:
    """Give the quote and all its reservations to a booking; returns False if another has it or it
    expired.

    A request that found the quote expired may have used its reservations, so the member's time,
    which later quotes record too, never runs back.
    """
    taken = await rows(
        "UPDATE quote SET status = 'USED' WHERE member_id = $1 AND id = $2 AND status = 'OPEN' "
        "AND expires_at > $3 AND NOT EXISTS (SELECT FROM quote later "
        "WHERE later.member_id = $1 AND later.created_at >= quote.expires_at) "
        f"RETURNING {sealed_rows.columns('quote')}",
        promise.member_id,
        promise.id,
        journal.now,
    )
    journal.changed += sealed_rows.of_all("quote", taken)
    return len(taken) == 1


async def check_open(member_id: UUID, now: datetime) -> datetime:
    """The member's instant to quote at: no earlier than any quote before. Raises: LimitReached."""
    found = await row("SELECT max(created_at) AS last FROM quote WHERE member_id = $1", member_id)
    instant = max(now, found["last"]) if found and found["last"] else now
    opened = await row(
        "SELECT count(*) AS count, min(expires_at) AS first FROM quote "
        "WHERE member_id = $1 AND status = 'OPEN' AND expires_at > $2",
        member_id,
        instant,
    )
    if opened and opened["count"] >= OPEN_MAX:
        raise LimitReached(OPEN_MAX, opened["first"], path=("member",))
    return instant


def to_row(
    promise: Promise, programme_id: UUID, now: datetime, paid_by: Mapping[str, UUID] = NONE
) -> models.Quote:
    """The row of a quote given now; its budgets were taken before, and prepaid points of the
    partners that its rules are `paid_by`.
    """
    periods = snapshots.budget_periods(promise.snapshot)
    return models.Quote(
        member_id=promise.member_id,
        id=promise.id,
        programme_id=programme_id,
        status=promise.status,
        points=promise.points,
        booked_at=promise.booked_at,
        payment_method=promise.payment_method,
        policy_version_id=promise.policy_version_id,
        lines=[_line(line) for line in promise.lines],
        awards=[
            (award.rule, award.points, periods.get(award.rule), *_purse(paid_by, award.rule))
            for award in promise.awards
        ],
        snapshot=dict(promise.snapshot),
        explanation=awards.to_json(promise.explanation),
        actor=promise.actor,
        created_at=now,
        expires_at=promise.expires_at,
        coupon_id=promise.coupon_id,
    )


def _purse(paid_by: Mapping[str, UUID], rule: str) -> tuple[str, ...]:
    """The partner of a rule's prepaid points, if any; older quotes have none."""
    return (str(paid_by[rule]),) if rule in paid_by else ()


def _line(line: PromisedLine) -> dict[str, Any]:
    """A line; `own` and `coupon_minor` are missing in older quotes."""
    said = asdict(line)
    for name in ("own", "coupon_minor"):
        if not said[name]:
            del said[name]
    return said


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Promise]:
    """Quotes by id, named by (member id, id); one query for all of them."""
    found = await rows(
        "SELECT member_id, id, status, points, booked_at, payment_method, policy_version_id, "
        "lines, awards, snapshot, explanation, actor, expires_at, "
        "coupon_id FROM quote "
        "WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) AND programme_id = $3",
        [member_id for member_id, _ in ids],
        [quote_id for _, quote_id in ids],
        programme_id,
    )
    return {quote["id"]: _promise(quote) for quote in found}


def _promise(found: Row) -> Promise:
    return Promise(
        **{
            **found,
            "status": QuoteStatus(found["status"]),
            "lines": tuple(PromisedLine(**line) for line in orjson.loads(found["lines"])),
            "awards": tuple(
                Award(rule, points) for rule, points, *_ in orjson.loads(found["awards"])
            ),
            "snapshot": orjson.loads(found["snapshot"]),
            "explanation": awards.from_json(found["explanation"]),
        }
    )
