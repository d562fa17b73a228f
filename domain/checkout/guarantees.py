"""Guaranteed quotes: a promise of what a booking earns, and what is reserved for it meanwhile.

A quote reserves budgets and the member's limits until it expires. Its limits come back with the
instant, as everything due does; its budget with the sweep, or when somebody meets its end.
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
"""How many quotes one member may have open: they keep a budget from everybody else."""


async def cited(caller: Caller, member_id: UUID, named: tuple[UUID, UUID]) -> Promise:
    """The member's own quote of this (member id, id), which the caller was given.

    Raises: NotFound.
    """
    owner, quote_id = named
    found = await many(caller.programme_id, [named]) if owner == member_id else {}
    if quote_id not in found or not caller.owns(found[quote_id].actor):
        raise NotFound("quote", str(quote_id), path=("quoteId",))
    return found[quote_id]


async def take_up(journal: Journal, promise: Promise) -> bool:
    """Whether a booking has the quote from now on, with all that it reserves: not where another
    has it or it expired.

    What saw the quote expired before was given what it reserved, so
    that the member's time, which later quotes record too, never runs back.
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
    """The quote as it was given now; its budgets were taken before, and prepaid points of the
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
    """Whose prepaid points a rule's are, if anybody's; that came later."""
    return (str(paid_by[rule]),) if rule in paid_by else ()


def _line(line: PromisedLine) -> dict[str, Any]:
    """`own` and `coupon_minor` came later."""
    said = asdict(line)
    for name in ("own", "coupon_minor"):
        if not said[name]:
            del said[name]
    return said


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Promise]:
    """Quotes by id, named by (member id, id); one statement for all of them."""
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
