"""Guaranteed quotes: a promise of what a booking earns, and what is reserved for it meanwhile.

A quote reserves budgets and the member's limits until it expires. Its limits come back with the
instant, as everything due does; its budget with the sweep, or when somebody meets its end.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from uuid import UUID

import orjson

from domain.checkout.promises import Promise, PromisedLine, QuoteStatus
from domain.earning import awards, budgets
from domain.earning.budgets import Claim
from domain.earning.values import Award, Evaluation
from domain.kernel.database import Row, row, rows, transact, update
from domain.kernel.errors import (
    ConcurrentRequest,
    LimitReached,
    NotFound,
    QuoteExpired,
    QuoteMismatch,
)
from domain.kernel.idempotency import Outcome
from domain.programmes.programmes import Programme
from models import Quote as QuoteTable

OPEN_MAX = 20
"""How many quotes one member may have open: they keep a budget from everybody else."""

RELEASED_MAX = 500
"""How many members' dead quotes are released at once."""

ATTEMPTS_MAX = 5
"""How often a write that lacks what dead quotes keep is run again."""


class KeptByDeadQuotes(Exception):
    """A budget would have more, were quotes released whose time is over."""

    def __init__(self, member_ids: Sequence[UUID]) -> None:
        self.member_ids = member_ids


async def cited(programme_id: UUID, member_id: UUID, named: tuple[UUID, UUID]) -> Promise:
    """The member's own quote of this (member id, id). Raises: NotFound."""
    owner, quote_id = named
    found = await many(programme_id, [named]) if owner == member_id else {}
    if quote_id not in found:
        raise NotFound("quote", str(quote_id), path=("quoteId",))
    return found[quote_id]


async def take_up(promise: Promise, reference: str, now: datetime) -> None:
    """The booking of this reference has the quote from now on, and all that it reserves.

    Under the account's lock. What saw the quote expired before was given what it reserved, so
    that the member's time, of which later quotes tell too, never runs back.

    Raises: QuoteExpired, QuoteMismatch.
    """
    taken = await update(
        "UPDATE quote SET status = 'USED' WHERE member_id = $1 AND id = $2 AND status = 'OPEN' "
        "AND expires_at > $3 AND NOT EXISTS (SELECT FROM quote later "
        "WHERE later.member_id = $1 AND later.created_at >= quote.expires_at)",
        promise.member_id,
        promise.id,
        now,
    )
    if taken == 1:
        return
    first = await row(
        "SELECT reference FROM booking WHERE member_id = $1 AND quote_id = $2",
        promise.member_id,
        promise.id,
    )
    if first is not None:
        raise QuoteMismatch("reference", first["reference"], reference, path=("quoteId",))
    raise QuoteExpired(promise.expires_at, path=("quoteId",))


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


async def write(quote: QuoteTable, evaluation: Evaluation, lines: Sequence[PromisedLine]) -> None:
    """Keep what was quoted; its budgets were taken before."""
    periods = quote.snapshot.get("budget_periods", {})
    quote.points, quote.status = evaluation.points, QuoteStatus.OPEN
    quote.lines = [asdict(line) for line in lines]
    quote.awards = [
        (award.rule, award.points, periods.get(award.rule)) for award in evaluation.awards
    ]
    quote.explanation = awards.to_json(evaluation.explanation)
    await QuoteTable.bulk_create([quote])


async def settle(programme_id: UUID, claims: Sequence[Claim], now: datetime) -> dict[str, int]:
    """`budgets.settle`, but for what dead quotes keep.

    Raises: KeptByDeadQuotes where a claim would get more without them.
    """
    left = await budgets.settle(programme_id, claims)
    short = [claim.rule for claim in claims if claim.points > left[claim.rule]]
    if short and (members := await dead(programme_id, now, short)):
        raise KeptByDeadQuotes(members)
    return left


async def retried(
    programme_id: UUID, now: datetime, attempt: Callable[[], Awaitable[Outcome]]
) -> Outcome:
    """Run a write; where it lacks what dead quotes keep, release them and run it once more.

    Raises: ConcurrentRequest, and what `attempt` raises.
    """
    for _ in range(ATTEMPTS_MAX):
        try:
            return await attempt()
        except KeptByDeadQuotes as kept:
            for member_id in kept.member_ids:
                await release_now(programme_id, member_id, now)
    raise ConcurrentRequest


async def release(programme_id: UUID, member_id: UUID, now: datetime) -> None:
    """Give back the budgets of the member's dead quotes, in a transaction."""
    await row("SELECT sequence FROM account WHERE member_id = $1 FOR UPDATE", member_id)
    found = await rows(
        "UPDATE quote SET status = 'EXPIRED', released_at = $2 "
        "WHERE member_id = $1 AND status = 'OPEN' AND expires_at <= $2 RETURNING awards",
        member_id,
        now,
    )
    reserved: dict[tuple[str, str], int] = {}
    for quote in found:
        for rule, points, period in orjson.loads(quote["awards"]):
            if period is not None:
                reserved[rule, period] = reserved.get((rule, period), 0) + points
    back = [Claim(rule, period, 0, -points) for (rule, period), points in reserved.items()]
    await budgets.settle(programme_id, back)


async def due(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Members with dead quotes, each met once, read a batch at a time."""
    after: UUID | None = None
    while batch := await dead(programme.id, now, after=after):
        for member_id in batch:
            yield member_id
            after = member_id


async def sweep(programme: Programme, now: datetime) -> AsyncIterator[UUID]:
    """Release dead quotes, one short transaction a member; stopped and run again it goes on."""
    async for member_id in due(programme, now):
        await release_now(programme.id, member_id, now)
        yield member_id


async def release_now(programme_id: UUID, member_id: UUID, now: datetime) -> None:
    """`release`, in a transaction of its own. Raises: ConcurrentRequest."""
    await transact(partial(release, programme_id, member_id, now))


async def dead(
    programme_id: UUID,
    now: datetime,
    rules: Sequence[str] | None = None,
    *,
    after: UUID | None = None,
) -> list[UUID]:
    """Members behind `after` with quotes whose time is over and not yet written; those that keep
    something of the budgets of `rules`, if they are given.
    """
    found = await rows(
        "SELECT DISTINCT q.member_id FROM quote q WHERE q.programme_id = $1 "
        "AND q.status = 'OPEN' AND q.expires_at <= $2 AND ($3::text[] IS NULL OR EXISTS "
        "(SELECT FROM jsonb_array_elements(q.awards) AS r (award) "
        "WHERE r.award ->> 0 = ANY($3::text[]) AND r.award ->> 2 IS NOT NULL)) "
        "AND ($5::uuid IS NULL OR q.member_id > $5) ORDER BY q.member_id LIMIT $4",
        programme_id,
        now,
        None if rules is None else list(rules),
        RELEASED_MAX,
        after,
    )
    return [quote["member_id"] for quote in found]


async def count_dead(programme_id: UUID, now: datetime) -> int:
    """How many members have quotes whose time is over and not yet written."""
    found = await row(
        "SELECT count(DISTINCT member_id) AS count FROM quote "
        "WHERE programme_id = $1 AND status = 'OPEN' AND expires_at <= $2",
        programme_id,
        now,
    )
    return int(found["count"]) if found else 0


async def many(programme_id: UUID, ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Promise]:
    """Quotes by id, named by (member id, id); one statement for all of them."""
    found = await rows(
        "SELECT member_id, id, status, points, booked_at, payment_method, policy_version_id, "
        "lines, awards, snapshot, explanation, expires_at FROM quote "
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
                Award(rule, points) for rule, points, _ in orjson.loads(found["awards"])
            ),
            "snapshot": orjson.loads(found["snapshot"]),
            "explanation": awards.from_json(found["explanation"]),
        }
    )
