"""Releasing: releasing points that nothing withholds any more, or taking back rejected ones.

A decision does it for its own facts. Points that were held while their journey was completed, and
the remaining facts of a member with very many, are found by a job.
"""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from domain.accounts import accounts
from domain.accounts.accounts import Account
from domain.activities import reversals as activity_reversals
from domain.bookings import booking_state, rejections
from domain.bookings.booking_state import BookingState
from domain.bookings.overdue import overdue_at
from domain.earning import awards
from domain.experiments import trials
from domain.grants.taking import Ending
from domain.kernel import private_texts
from domain.kernel.callers import partner_of
from domain.kernel.commitments import Committed
from domain.kernel.database import row, rows, transact
from domain.kernel.outbox import Topic
from domain.ledger import ledger
from domain.ledger.lots import Lot
from domain.ledger.values import Cause
from domain.programmes.programmes import Programme, Version
from domain.reviews import reviews
from domain.reviews.reviews import ReviewedFact
from domain.risk import reviewed

FACTS_MAX = 100
"""Most facts of a member that one transaction releases or rejects."""
BATCH = 500
LOOKED_BACK_DAYS = 1000
"""Days that a fact is searched: longer than any journey is booked ahead."""
JUST_ENDED = timedelta(hours=2)
"""Span of the search every minute, longer than the time between two full searches."""


async def members(
    programme: Programme, now: datetime, held_within: timedelta | None = None
) -> AsyncGenerator[UUID, None]:
    """Members with points that may have waited long enough, read a batch at a time: for a hold or a
    review, or only for a hold that ended within this time.
    """
    looked_back = held_within or timedelta(days=LOOKED_BACK_DAYS)
    after = UUID(int=0)
    by_itself = any(one.policy.completion.then == "mature" for one in programme.versions)
    while True:
        found = await rows(
            "SELECT DISTINCT d.member_id FROM ("
            "SELECT d.member_id, false AS kept_out FROM risk_decision d "
            "WHERE d.programme_id = $1 AND d.until <= $2 AND d.until > $3 UNION ALL "
            "SELECT v.member_id, v.moment = 'enrol' AND v.state = 'REJECTED' FROM review v "
            "WHERE $7 AND v.programme_id = $1 AND v.state <> 'OPEN' "
            "AND v.moment IN ('earn', 'enrol') AND v.decided_at > $3) d "
            "WHERE d.member_id > $4 AND EXISTS (SELECT FROM lot l WHERE l.member_id = d.member_id "
            "AND l.available_at IS NULL AND l.remaining > 0 "
            "AND (l.line_number IS NULL OR $6 OR d.kept_out "
            "OR EXISTS (SELECT FROM completion c WHERE c.member_id = l.member_id "
            "AND c.booking_id = l.booking_id AND c.line_number = l.line_number))) "
            "ORDER BY d.member_id LIMIT $5",
            programme.id,
            now,
            now - looked_back,
            after,
            BATCH,
            by_itself,
            held_within is None,
        )
        if not found:
            return
        for one in found:
            after = one["member_id"]
            yield after


async def release_due(programme: Programme, member_id: UUID, now: datetime) -> int:
    """Release a member's points that nothing withholds any more, `FACTS_MAX` facts per transaction;
    returns the number of points. Facts that continue to wait do not block others.

    Raises: ConcurrentRequest.
    """
    moved, after = 0, 0
    while True:
        facts, points = await transact(partial(_release_due, programme, member_id, now, after))
        moved += points
        if len(facts) < FACTS_MAX:
            return moved
        after = facts[-1].sequence


async def _release_due(
    programme: Programme, member_id: UUID, now: datetime, after: int
) -> tuple[list[ReviewedFact], int]:
    """Release some facts; returns the facts read, and the number of their points moved."""
    moved = 0
    async with accounts.opened(programme, member_id, now) as account:
        facts = (await reviews.waiting_facts([member_id], FACTS_MAX, after))[member_id]
        for fact in facts:
            moved += (await release_or_reject(account, fact))[0]
        if not moved:
            account.abandon()
    return facts, moved


async def release_or_reject(account: Account, fact: ReviewedFact) -> tuple[int, list[str]]:
    """Release or reject a fact's points, according to its reviews; returns the number of points,
    and the grants changed by it.
    """
    if fact.kind == "booking":
        return await _release_or_reject_booking(account, fact.id)
    return await _release_or_reject_activity(account, fact.id)


async def _release_or_reject_booking(account: Account, booking_id: UUID) -> tuple[int, list[str]]:
    state = await booking_state.load(account.programme, account.member_id, booking_id)
    if state.rejected:
        by = await _rejected_by(account.member_id, booking_id)
        before = len(account.journal.entries)
        grants = await rejections.reject(account, state, *by)
        taken = account.journal.entries[before:]
        return sum(one.points for one in taken if one.cause.booking_id == booking_id), grants
    if state.withheld(account.now) is not None:
        return 0, []
    lots = [
        lot
        for lot in account.journal.lots.values()
        if lot.booking_id == booking_id and _is_over(account, state, lot)
    ]
    return _mature(account, state.version, lots, state.reporter, booking_id=booking_id), []


def _is_over(account: Account, state: BookingState, lot: Lot) -> bool:
    """Whether the lot's other condition, besides a decision, is fulfilled, too."""
    if not (lot.pending and lot.remaining):
        return False
    line = next((one for one in state.lines if one.number == lot.line_number), None)
    if line is None or line.completed_at is not None:
        return True
    policy = state.version.policy
    overdue = overdue_at(policy, state.booked_at, line.travel_from, line.travel_to)
    return policy.completion.then == "mature" and overdue <= account.now


async def _release_or_reject_activity(account: Account, activity_id: UUID) -> tuple[int, list[str]]:
    found = await row(
        "SELECT a.reporter, a.policy_version_id, "
        "coalesce(bool_or(v.state = 'OPEN'), false) AS open, "
        "coalesce(bool_or(v.state = 'REJECTED'), false) AS rejected FROM activity a "
        f"LEFT JOIN review v ON {reviewed.about('$2', 'a.recorded_at')} "
        "WHERE a.member_id = $1 AND a.id = $2 GROUP BY a.reporter, a.policy_version_id",
        account.member_id,
        activity_id,
    )
    if found is None or found["open"]:
        return 0, []
    if found["rejected"]:
        _, actor, reason = await _rejected_by(account.member_id, activity_id)
        taken, grants = await activity_reversals.take_back(
            account, activity_id, Ending(actor, reason)
        )
        return taken.clawed_back, grants
    earned = (await ledger.load_earned(account.journal, [activity_id]))[activity_id]
    lots = [lot for lot in earned.lots(account.journal) if lot.pending and lot.remaining]
    waiting = [lot for lot in lots if lot.matures_at is None or lot.matures_at <= account.now]
    choices = await trials.of_activity(account.member_id, activity_id) if waiting else []
    version = account.programme.version(found["policy_version_id"]).under(choices)
    return _mature(account, version, waiting, found["reporter"]), []


async def _rejected_by(member_id: UUID, fact_id: UUID) -> tuple[UUID, str, Committed]:
    """The review that rejected it, with the actor and the reason."""
    found = await rows(
        f"SELECT v.id, v.decided_by, {_REASON} AS reason FROM review v WHERE v.member_id = $1 "
        f"AND ({reviewed.own('v.fact_id')} OR v.fact_id = $1) "
        "AND v.state = 'REJECTED' ORDER BY v.decided_at LIMIT 1",
        member_id,
        fact_id,
    )
    reason = private_texts.shown(found[0]["reason"]) or ""
    return found[0]["id"], found[0]["decided_by"], Committed.to(reason)


_REASON = private_texts.selected("v.reason", "= $1")


def _mature(
    account: Account, version: Version, waiting: list[Lot], reporter: str, **fact: UUID
) -> int:
    """Make these spendable from now on; returns the number of points."""
    cause = Cause("system:review", booking_id=fact.get("booking_id"))
    total = awards.mature(account.journal, version, waiting, cause)
    if total:
        account.notify(Topic.POINTS_MATURED, partner_id=partner_of(reporter), points=total, **fact)
    return total
