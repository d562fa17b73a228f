"""Taking back: reversing a grant, or any activity, and restoring a grant that stands again."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.earning import awards, budgets
from domain.earning.budgets import BudgetDraw
from domain.earning.purses import NONE
from domain.earning.values import Award
from domain.grants.values import Changes, Gifts, GrantRecord
from domain.kernel.ids import new_id
from domain.kernel.outbox import Topic
from domain.ledger import clawbacks, ledger
from domain.ledger import journal as journals
from domain.ledger.clawbacks import Clawback
from domain.ledger.journal import Journal
from domain.ledger.ledger import Earned
from domain.ledger.lots import Lot
from domain.ledger.values import SYSTEM, Cause
from domain.programmes.programmes import Version
from domain.tiers.values import Credit, Qualifying
from domain.transfers import transfers


@dataclass(frozen=True, slots=True)
class Ending:
    """The cause that ends or restores a grant: staff with a reason, or a fact."""

    actor: str = SYSTEM.actor
    reason: str | None = None
    brought_by: UUID | None = None


def draw_of(
    version: Version, given: GrantRecord, points: int, paid_by: Mapping[str, UUID] = NONE
) -> BudgetDraw | None:
    """These points out of, or back to, the budget that the grant was given from, and the prepaid
    points of the partner that pays for it, by code.
    """
    budget = version.policy.budgets.get(given.rule)
    purse = paid_by.get(version.policy.terms(given.rule)[1])
    if not points or (budget is None and purse is None):
        return None
    if budget is None:
        return BudgetDraw(given.rule, budgets.NO_PERIOD, 0, points, purse)
    period = budgets.period(budget, given.occurred_at, version.policy)
    return BudgetDraw(given.rule, period, budget.points, points, purse)


@dataclass(frozen=True, slots=True)
class Traces:
    """Data of several grants before any of them is changed: the lots of each, and the grants whose
    perk was used; and the functions that give and take rewards.
    """

    gifts: Gifts
    earned: Mapping[UUID, Earned]
    used: Set[UUID]


async def trace(account: Account, changes: Changes, gifts: Gifts) -> Traces:
    """Read the traces of all that are reversed or restored; one query for the lots and one for the
    perks.
    """
    perks = [one.id for one in changes.ended if one.benefit is not None]
    paid = [one.id for one in (*changes.ended, *changes.again) if one.points]
    return Traces(
        gifts,
        await ledger.load_earned(account.journal, paid),
        await gifts.used(account.member_id, perks),
    )


async def reverse(
    account: Account, given: GrantRecord, net: int, ending: Ending, traces: Traces
) -> Clawback | None:
    """Take back `net` points, or the reward or perk; None if that was used, so that it is kept.

    The caller gives `net` back to the budget.
    """
    version = account.programme.version(given.policy_version_id)
    reversal_id = new_id()
    cause = Cause(
        ending.actor,
        activity_id=given.id,
        activity_reversal_id=reversal_id,
        reason=ending.reason,
    )
    if given.id in traces.used:
        return None
    if given.reward is not None:
        of_reward = replace(cause, activity_reversal_id=None, activity_id=None)
        if not await traces.gifts.take_back(account, given.id, of_reward):
            return None
    earned = traces.earned.get(given.id, Earned())
    row = _row(account, given, reversal_id, ending)
    account.record(row)
    lots, terms = earned.lots(account.journal), version.policy.refunds.claw_back
    expired = earned.expired - given.found_expired
    if account.successor is not None:
        own = clawbacks.of_lots(account.journal, lots, net)
        short = clawbacks.missing(account.journal, own, net, expired=expired, terms=terms)
        await transfers.bring_back(account, short)
    taken = clawbacks.take(account.journal, lots, net, expired=expired, terms=terms, cause=cause)
    row.kind, row.points = "REVERSED", net
    row.points_clawed_back, row.points_owed = taken.clawed_back, taken.owed
    row.points_forgiven, row.points_expired = taken.forgiven, taken.expired
    _record_award(account, given, reversal_id, version, -net)
    awards.notify_clawback(account, taken, None, activity_id=given.id)
    if given.granted:
        account.notify(
            Topic.GRANT_REVERSED, activity_id=given.id, rule=given.rule, points=taken.clawed_back
        )
    return taken


async def restore(
    account: Account, given: GrantRecord, points: int, ending: Ending, traces: Traces
) -> None:
    """Give again what was recovered: a new reward or perk, or `points` with their first expiry.

    Points that have expired by now are credited and expire at once.
    """
    version = account.programme.version(given.policy_version_id)
    reversal_id = new_id()
    row = _row(account, given, reversal_id, ending)
    row.kind, row.points = "RESTORED", points
    account.record(row)
    topic = Topic.GRANT_RESTORED
    if points:
        _credit_again(account, given, points, reversal_id, traces)
        _record_award(account, given, reversal_id, version, points)
        again = [Award(given.rule, points)]
        awards.notify(account, again, SYSTEM.actor, points, activity_id=given.id)
    if given.reward is not None and not await traces.gifts.give(account, given.id, given.reward):
        topic = Topic.GRANT_WAITING
    account.notify(topic, activity_id=given.id, rule=given.rule, points=points)


def uncounted(account: Account, given: GrantRecord, version: Version, points: int) -> Credit | None:
    """The change, toward a tier, by its reversal, or with `points` above zero by its
    restoration.
    """
    if version.policy.refunds.keeps_counting or not points:
        return None
    return Credit(
        account.member_id,
        given.occurred_at,
        account.now,
        Qualifying(points=points),
        activity_id=given.id,
    )


def _credit_again(
    account: Account, given: GrantRecord, points: int, reversal_id: UUID, traces: Traces
) -> None:
    first = traces.earned[given.id].lots(account.journal)[0]
    cause = Cause(SYSTEM.actor, activity_id=given.id, activity_reversal_id=reversal_id)
    credit_again(account.journal, first, points, cause)


def credit_again(journal: Journal, first: Lot, points: int, cause: Cause) -> None:
    """One lot on the terms of the first; past its expiry it expires at once, by a second entry."""
    past = first.expires_at is not None and first.expires_at <= journal.now
    lot = replace(
        first,
        id=journal.new_id(),
        points=points,
        remaining=points,
        earned_at=journal.now,
        available_at=first.available_at if past else journal.now,
    )
    journals.earn(journal, lot, cause)
    if past:
        journals.advance(journal, journal.now)


def _record_award(
    account: Account, given: GrantRecord, reversal_id: UUID, version: Version, points: int
) -> None:
    if not points:
        return
    draw = draw_of(version, given, points)
    account.record(
        *awards.to_rows(
            account.member_id,
            [Award(given.rule, points)],
            given.occurred_at,
            activity_id=given.id,
            activity_reversal_id=reversal_id,
            budget_periods={given.rule: draw.period} if draw else None,
        )
    )


def _row(
    account: Account, given: GrantRecord, reversal_id: UUID, ending: Ending
) -> models.ActivityReversal:
    return models.ActivityReversal(
        member_id=account.member_id,
        id=reversal_id,
        activity_id=given.id,
        number=given.number + 1,
        points_clawed_back=0,
        points_owed=0,
        points_forgiven=0,
        points_expired=0,
        recorded_at=account.now,
        actor=ending.actor,
        reason=ending.reason,
        brought_by=ending.brought_by,
    )
