"""Reservations: what open quotes take from budgets, released when the quotes expire."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Sequence,
)
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import orjson

from domain.accounts import accounts, seals
from domain.earning import budgets
from domain.earning.budgets import NO_PERIOD, BudgetDraw
from domain.earning.purses import share
from domain.kernel import sealed_rows
from domain.kernel.database import Row, row, rows, transact
from domain.kernel.idempotency import FORGOTTEN_MAX, KEPT_DAYS, Outcome
from domain.kernel.pages import beyond
from domain.kernel.refusals import ConcurrentRequest
from domain.ledger.journal import Journal
from domain.partners import prepaid
from domain.programmes.programmes import Programme

RELEASED_MAX = 500
"""How many members' dead quotes are released at once."""

ATTEMPTS_MAX = 5
"""How often a write that lacks what dead quotes keep is run again."""

RESERVED = """
SELECT q.programme_id, q.member_id, q.booked_at, q.expires_at,
    r.award ->> 0 AS rule, (r.award ->> 1)::bigint AS points, r.award ->> 2 AS period
FROM quote q CROSS JOIN LATERAL jsonb_array_elements(q.awards) AS r (award)
WHERE q.status = 'OPEN'
"""
"""What quotes reserve that are open or dead: a row for each rule, whose `period` is that of its
budget, or null where it has none.
"""


class KeptByDeadQuotes(Exception):
    """A budget would have more if expired quotes were released."""

    def __init__(self, member_ids: Sequence[UUID]) -> None:
        self.member_ids = member_ids


async def draw(programme_id: UUID, draws: Sequence[BudgetDraw], now: datetime) -> dict[str, int]:
    """`budgets.draw`, except for what expired quotes keep.

    Raises: KeptByDeadQuotes where a draw would get more without them.
    """
    left = await budgets.draw(programme_id, draws, now)
    short = [draw for draw in draws if draw.points > left[draw.rule]]
    if short:
        rules = [draw.rule for draw in short if draw.period != NO_PERIOD]
        kept_in = [draw.purse for draw in short if draw.purse is not None]
        if members := await dead(programme_id, now, rules, kept_in):
            raise KeptByDeadQuotes(members)
    return left


async def left(programme_id: UUID, wanted: Iterable[BudgetDraw], now: datetime) -> dict[str, int]:
    """By rule, what its budget, and then its purse, leaves at `now`, without what expired quotes
    keep.

    For a quote only: nothing is locked or taken.
    """
    draws = list(wanted)
    if not draws:
        return {}
    within = {one.rule: max(0, one.points) for one in draws if one.period == NO_PERIOD}
    within |= await _left_of_budgets(
        programme_id, [one for one in draws if one.period != NO_PERIOD], now
    )
    named = {one.purse for one in draws if one.purse is not None}
    if not named:
        return within
    granted = {place: min(one.points, within[one.rule]) for place, one in enumerate(draws)}
    shares, _ = share(draws, granted, await left_of_purses(programme_id, named, now))
    return within | {
        one.rule: shares[place] for place, one in enumerate(draws) if shares[place] < granted[place]
    }


async def left_of_purses(
    programme_id: UUID, partner_ids: Collection[UUID], now: datetime
) -> dict[UUID, int]:
    """Prepaid points that are left of each of these partners at `now`, when dead quotes keep
    nothing any more; for a quote.
    """
    left = await prepaid.left(partner_ids)
    kept = await rows(
        "SELECT r.award ->> 3 AS purse, sum((r.award ->> 1)::bigint)::bigint AS points "
        "FROM quote q CROSS JOIN LATERAL jsonb_array_elements(q.awards) AS r (award) "
        "WHERE q.programme_id = $1 AND q.status = 'OPEN' AND q.expires_at <= $2 "
        "AND r.award ->> 3 = ANY($3::text[]) GROUP BY 1",
        programme_id,
        now,
        [str(partner_id) for partner_id in left],
    )
    for one in kept:
        left[UUID(one["purse"])] += one["points"]
    return left


async def _left_of_budgets(
    programme_id: UUID, draws: Sequence[BudgetDraw], now: datetime
) -> dict[str, int]:
    if not draws:
        return {}
    found = await rows(
        # added up by itself: the counter may be on another machine than the quotes
        "WITH dead AS MATERIALIZED (SELECT q.rule, q.period, sum(q.points)::bigint AS points "
        f"FROM ({RESERVED}) q WHERE q.programme_id = $1 AND q.expires_at <= $4 "
        "AND q.rule = ANY($2::text[]) GROUP BY 1, 2) "
        "SELECT b.rule, b.used - coalesce(d.points, 0) AS used FROM rule_budget b "
        "JOIN unnest($2::text[], $3::text[]) AS w (rule, period) "
        "ON w.rule = b.rule AND w.period = b.period "
        "LEFT JOIN dead d ON d.rule = b.rule AND d.period = b.period WHERE b.programme_id = $1",
        programme_id,
        [draw.rule for draw in draws],
        [draw.period for draw in draws],
        now,
    )
    used = {counter["rule"]: counter["used"] for counter in found}
    return {draw.rule: max(0, draw.total - used.get(draw.rule, 0)) for draw in draws}


async def retried(
    programme: Programme, now: datetime, attempt: Callable[[], Awaitable[Outcome]]
) -> Outcome:
    """Run a write; where it lacks what expired quotes keep, release them and run it once more.

    Raises: ConcurrentRequest, and what `attempt` raises.
    """
    for _ in range(ATTEMPTS_MAX):
        try:
            return await attempt()
        except KeptByDeadQuotes as kept:
            for member_id in kept.member_ids:
                await release_now(programme, member_id, now)
    raise ConcurrentRequest


async def release(programme: Programme, member_id: UUID, now: datetime) -> None:
    """Return the budgets of the member's expired quotes, in a transaction."""
    async with accounts.opened(programme, member_id, now) as account:
        reserved = await _expire(account.journal, now)
        back = [
            BudgetDraw(rule, period, 0, -points, purse)
            for (rule, period, purse), points in reserved.items()
        ]
        await budgets.draw(programme.id, back, now)


async def _expire(journal: Journal, now: datetime) -> dict[tuple[str, str, UUID | None], int]:
    """Mark the member's dead quotes; what they kept, by rule, period of its budget, and purse."""
    found = await rows(
        "UPDATE quote SET status = 'EXPIRED', released_at = $2 "
        "WHERE member_id = $1 AND status = 'OPEN' AND expires_at <= $2 "
        f"RETURNING {sealed_rows.columns('quote')}",
        journal.member_id,
        now,
    )
    journal.changed += sealed_rows.of_all("quote", found)
    reserved: dict[tuple[str, str, UUID | None], int] = {}
    for quote in found:
        for rule, points, period, *kept_in in orjson.loads(quote["awards"]):
            purse = UUID(kept_in[0]) if kept_in else None
            if period is not None or purse is not None:
                key = (rule, period or NO_PERIOD, purse)
                reserved[key] = reserved.get(key, 0) + points
    return reserved


async def due(programme: Programme, now: datetime) -> AsyncGenerator[UUID, None]:
    """Members with dead quotes, each met once, read a batch at a time."""
    after: UUID | None = None
    while batch := await dead(programme.id, now, after=after):
        for member_id in batch:
            yield member_id
            after = member_id


async def sweep(programme: Programme, now: datetime) -> AsyncIterator[UUID]:
    """Release expired quotes, one short transaction per member; it can be stopped and run again."""
    async for member_id in due(programme, now):
        await release_now(programme, member_id, now)
        yield member_id


async def release_now(programme: Programme, member_id: UUID, now: datetime) -> None:
    """`release`, in a transaction of its own. Raises: ConcurrentRequest."""
    await transact(partial(release, programme, member_id, now))


async def forget(programme_id: UUID, now: datetime) -> int:
    """Remove a batch of quotes that expired so long ago that no request for them is answered
    from its key any more; how many, none at the end. Those that a booking cites stay.
    """
    old = await rows(
        "SELECT member_id, id FROM quote WHERE programme_id = $1 AND status = 'EXPIRED' "
        "AND released_at < $2 ORDER BY released_at LIMIT $3",
        programme_id,
        now - timedelta(days=KEPT_DAYS + 1),
        FORGOTTEN_MAX,
    )
    return await transact(partial(_remove, old, now)) if old else 0


async def _remove(old: Sequence[Row], now: datetime) -> int:
    locked = await seals.lock({quote["member_id"] for quote in old}, now)
    gone = await rows(
        "DELETE FROM quote WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND status = 'EXPIRED' RETURNING member_id, id",
        list(locked),
        [quote["id"] for quote in old],
    )
    await seals.write(locked, gone, partial(sealed_rows.removed, "quote"))
    return len(gone)


async def dead(
    programme_id: UUID,
    now: datetime,
    rules: Sequence[str] | None = None,
    purses: Sequence[UUID] = (),
    *,
    after: UUID | None = None,
) -> list[UUID]:
    """Members after `after` with quotes whose time is over and not yet written; those that keep
    something of the budgets of `rules` or of `purses`, if they are given.
    """
    found = await rows(
        "SELECT DISTINCT q.member_id FROM quote q WHERE q.programme_id = $1 "
        "AND q.status = 'OPEN' AND q.expires_at <= $2 AND ($3::text[] IS NULL OR EXISTS "
        "(SELECT FROM jsonb_array_elements(q.awards) AS r (award) "
        "WHERE r.award ->> 0 = ANY($3::text[]) AND r.award ->> 2 IS NOT NULL "
        "OR r.award ->> 3 = ANY($6::text[]))) "
        f"AND {beyond('q.member_id', 5, 'uuid', descending=False)} "
        "ORDER BY q.member_id LIMIT $4",
        programme_id,
        now,
        None if rules is None else list(rules),
        RELEASED_MAX,
        after,
        [str(purse) for purse in purses],
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
