"""Claims: points that members took from budgets, written in batches, and clipped in the order of
recording.

Claims are clipped budget by budget, one for each rule and period, so that one number says how much
is used; a batch of claims is read, clipped and written together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.backtests.purse import BacktestClaim, ClaimKind
from domain.kernel.database import Row, row, rows, update

CLAIMS_MAX = 5000
"""Number of claims that are clipped, or removed, together."""

_PLACED = "(c.side, c.rule, c.period, c.recorded_at, c.fact_id, c.member_id, c.number)"


@dataclass(frozen=True, slots=True)
class Clipping:
    """Progress of clipping a round's claims: the place of the last one among all, the used part of
    its budget, and the number of claims that got more or less than they took.
    """

    after: tuple[Any, ...] = ()
    used: int = 0
    unlike: int = 0

    def to_json(self) -> list[Any]:
        after = [part if isinstance(part, str | int) else _text(part) for part in self.after]
        return [after, self.used, self.unlike]

    @classmethod
    def from_json(cls, found: Sequence[Any]) -> "Clipping":
        after, used, unlike = found
        if not after:
            return cls((), used, unlike)
        side, rule, period, recorded_at, fact_id, member_id, number = after
        at = datetime.fromisoformat(recorded_at)
        return cls((side, rule, period, at, UUID(fact_id), UUID(member_id), number), used, unlike)


def _text(part: datetime | UUID) -> str:
    return part.isoformat() if isinstance(part, datetime) else str(part)


@dataclass(frozen=True, slots=True)
class Clipped:
    """Result of a claim: the budget `left` before it, the points that it got, and the rule's points
    for its fact after it.
    """

    left: int
    granted: int
    net: int

    @property
    def allowed(self) -> int:
        """Points that the rule may grant the fact after this claim, before any further one."""
        return self.net - self.granted + self.left


async def left(backtest_id: UUID, member_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, int]]:
    """The budget's remainder for each claim of the previous round, by member."""
    found = await rows(
        "SELECT member_id, id, left_points FROM backtest_claim "
        "WHERE backtest_id = $1 AND member_id = ANY($2::uuid[]) AND left_points IS NOT NULL",
        backtest_id,
        list(member_ids),
    )
    by_member: dict[UUID, dict[UUID, int]] = {}
    for one in found:
        by_member.setdefault(one["member_id"], {})[one["id"]] = one["left_points"]
    return by_member


async def replace(
    backtest_id: UUID,
    member_ids: Sequence[UUID],
    made: Iterable[tuple[UUID, int, Sequence[BacktestClaim]]],
) -> None:
    """Write the claims of these members, by member and side, in place of those of the previous
    round.
    """
    await update(
        "DELETE FROM backtest_claim WHERE backtest_id = $1 AND member_id = ANY($2::uuid[])",
        backtest_id,
        list(member_ids),
    )
    values = [(member_id, side, claim) for member_id, side, claims in made for claim in claims]
    for start in range(0, len(values), CLAIMS_MAX):
        await _insert(backtest_id, values[start : start + CLAIMS_MAX])


async def _insert(backtest_id: UUID, made: Sequence[tuple[UUID, int, BacktestClaim]]) -> None:
    claims = [claim for _, _, claim in made]
    await update(
        "INSERT INTO backtest_claim (backtest_id, member_id, side, id, before_id, recorded_at, "
        "fact_id, number, rule, period, kind, total, points, taken) SELECT $1, w.* FROM unnest("
        "$2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::timestamptz[], $7::uuid[], $8::int[], "
        "$9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[]) AS w",
        backtest_id,
        [member_id for member_id, _, _ in made],
        [side for _, side, _ in made],
        *(
            [getattr(claim, name) for claim in claims]
            for name in (
                *("id", "before", "recorded_at", "fact_id", "number"),
                *("rule", "period", "kind", "total", "points", "taken"),
            )
        ),
    )


async def clip(backtest_id: UUID, before: Clipping) -> Clipping | None:
    """Clip the next claims; None if none is left.

    The caller stores the progress in the same transaction.
    """
    found = await _next(backtest_id, before.after)
    if not found:
        return None
    known = await _earlier(backtest_id, found)
    clipped, used, unlike, counter = [], before.used, before.unlike, before.after[:3]
    for claim in found:
        mine = (claim["side"], claim["rule"], claim["period"])
        if mine != counter:
            counter, used = mine, 0
        got = _clipped(claim, used, known.get((claim["member_id"], claim["before_id"])))
        known[claim["member_id"], claim["id"]] = got
        clipped.append(got)
        used += got.granted
        unlike += got.granted != claim["taken"]
    await _write(backtest_id, found, clipped)
    last = found[-1]
    after = (last["recorded_at"], last["fact_id"], last["member_id"], last["number"])
    return Clipping((*counter, *after), used, unlike)


def _clipped(claim: Row, used: int, before: Clipped | None) -> Clipped:
    net = before.net if before else 0
    free = max(0, claim["total"] - used)
    match ClaimKind(claim["kind"]):
        case ClaimKind.ADD:
            after = net + min(claim["points"], free)
        case ClaimKind.MAKE:
            after = min(claim["points"], net + free)
        case ClaimKind.KEEP:
            free = before.allowed - net if before else 0
            after = min(claim["points"], net + free)
    return Clipped(free, after - net, after)


async def _next(backtest_id: UUID, after: tuple[Any, ...]) -> list[Row]:
    beyond, values = "", after
    if after:
        beyond = (
            f"AND {_PLACED} > ($2::smallint, $3::text, $4::text, $5::timestamptz, $6::uuid, "
            "$7::uuid, $8::int) "
        )
    return await rows(
        "SELECT c.member_id, c.id, c.before_id, c.side, c.rule, c.period, c.recorded_at, "
        "c.fact_id, c.number, c.kind, c.total, c.points, c.taken FROM backtest_claim c "
        f"WHERE c.backtest_id = $1 {beyond}"
        "ORDER BY c.side, c.rule, c.period, c.recorded_at, c.fact_id, c.member_id, c.number "
        f"LIMIT {CLAIMS_MAX}",
        backtest_id,
        *values,
    )


async def _earlier(
    backtest_id: UUID, found: Sequence[Row]
) -> dict[tuple[UUID, UUID | None], Clipped]:
    """Results of the claims that precede these ones and were clipped in an earlier batch."""
    here = {(claim["member_id"], claim["id"]) for claim in found}
    wanted = [
        (claim["member_id"], claim["before_id"])
        for claim in found
        if claim["before_id"] and (claim["member_id"], claim["before_id"]) not in here
    ]
    if not wanted:
        return {}
    known = await rows(
        "SELECT c.member_id, c.id, c.left_points, c.granted, c.net FROM backtest_claim c "
        "JOIN unnest($2::uuid[], $3::uuid[]) AS w (member_id, id) "
        "ON w.member_id = c.member_id AND w.id = c.id WHERE c.backtest_id = $1 "
        "AND c.member_id = ANY($2::uuid[])",
        backtest_id,
        [member_id for member_id, _ in wanted],
        [claim_id for _, claim_id in wanted],
    )
    return {
        (one["member_id"], one["id"]): Clipped(one["left_points"], one["granted"], one["net"])
        for one in known
    }


async def _write(backtest_id: UUID, found: Sequence[Row], clipped: Sequence[Clipped]) -> None:
    await update(
        "UPDATE backtest_claim c SET left_points = w.left_points, granted = w.granted, "
        "net = w.net FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], "
        "$6::bigint[]) AS w (member_id, id, left_points, granted, net) "
        "WHERE c.backtest_id = $1 AND c.member_id = w.member_id AND c.id = w.id "
        "AND c.member_id = ANY($2::uuid[])",
        backtest_id,
        [claim["member_id"] for claim in found],
        [claim["id"] for claim in found],
        [one.left for one in clipped],
        [one.granted for one in clipped],
        [one.net for one in clipped],
    )


async def forget(programme_id: UUID) -> int:
    """Remove claims of finished back-tests, `CLAIMS_MAX` at most; returns how many."""
    over = await row(
        "SELECT b.id FROM backtest b WHERE b.programme_id = $1 AND b.finished_at IS NOT NULL "
        "AND EXISTS (SELECT FROM backtest_claim c WHERE c.backtest_id = b.id) LIMIT 1",
        programme_id,
    )
    if over is None:
        return 0
    return await update(
        "DELETE FROM backtest_claim WHERE backtest_id = $1 AND (member_id, id) IN "
        "(SELECT member_id, id FROM backtest_claim WHERE backtest_id = $1 LIMIT $2)",
        over["id"],
        CLAIMS_MAX,
    )


Left = Mapping[UUID, Mapping[UUID, int]]
"""By member, the remainders of budgets for its claims in the previous round."""
