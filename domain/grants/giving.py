"""Giving: recording one grant as an activity, with its points, reward or perk."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import models
from domain.accounts.accounts import Account
from domain.earning import awards, budgets
from domain.earning.budgets import BudgetDraw
from domain.earning.purses import NONE
from domain.earning.values import Award, Reason
from domain.grants.values import Gained, Gifts, Occasion
from domain.kernel import canonical, lookups
from domain.kernel.ids import new_id
from domain.kernel.lookups import LookupScope
from domain.kernel.outbox import Topic
from domain.ledger.values import SYSTEM, Cause
from domain.programmes.grants import AT_ONCE_MAX, Perk
from domain.tiers.values import Credit, Qualifying

GIVEN = ("grant", "grant_reward", "grant_perk")
"""The beginning of the explanation of a grant that was given."""


def reference(occurrence: str, member_id: UUID) -> str:
    """The natural key of a grant, unique beside its rule."""
    return f"{occurrence}:{member_id}"


def draw_of(
    occasion: Occasion, points: int, paid_by: Mapping[str, UUID] = NONE
) -> BudgetDraw | None:
    """The points to claim from its budget, and from the prepaid points of the partner that pays, by
    code; None where it has neither.
    """
    grant, policy = occasion.grant, occasion.version.policy
    budget, purse = grant.budget, paid_by.get(grant.funder)
    if not points or (budget is None and purse is None):
        return None
    if budget is None:
        return BudgetDraw(grant.code, budgets.NO_PERIOD, 0, points, purse)
    period = budgets.period(budget, occasion.occurred_at, policy)
    return BudgetDraw(grant.code, period, budget.points, points, purse)


async def give(account: Account, occasion: Occasion, gained: Gained, gifts: Gifts) -> UUID:
    """Record the grant, with the points gained by it; returns its id. It was not given before.

    The caller takes its natural key, by `take_names`.
    """
    grant, points = occasion.grant, gained.points
    activity_id = _record(account, occasion, points, _reasons(occasion, gained))
    if points:
        _credit(account, occasion, activity_id, points)
    told: dict[str, Any] = {"activity_id": activity_id, "rule": grant.code}
    topic = Topic.GRANT_MADE
    if grant.gives.reward is not None:
        told["reward"] = grant.gives.reward
        if not await gifts.give(account, activity_id, grant.gives.reward):
            topic = Topic.GRANT_WAITING
    elif grant.gives.perk is not None:
        told["benefit"] = grant.gives.perk.benefit
    account.notify(topic, **told, points=points)
    return activity_id


async def record_unpaid(account: Account, occasion: Occasion, reason: Reason) -> UUID:
    """Record that it gives nothing, and why, so that this is not judged again; returns its id."""
    activity_id = _record(account, occasion, 0, [reason])
    await take_names(account, [(occasion, activity_id)])
    return activity_id


async def take_names(account: Account, given: Sequence[tuple[Occasion, UUID]]) -> None:
    """Take the natural keys of these grants, which no other fact has; one statement for all."""
    if not given:
        return
    named = {
        _key(account, occasion): (account.member_id, activity_id) for occasion, activity_id in given
    }
    taken = await lookups.insert_many(account.programme.id, LookupScope.ACTIVITY, named)
    if taken != named.keys():
        missing = ", ".join(sorted(named.keys() - taken))
        raise RuntimeError(f"given outside the lock of their account: {missing}")


def _key(account: Account, occasion: Occasion) -> str:
    named = reference(occasion.occurrence, account.member_id)
    return f"{SYSTEM.actor}:{occasion.grant.code}:{named}"


def _record(account: Account, occasion: Occasion, points: int, reasons: list[Reason]) -> UUID:
    activity_id = new_id()
    row = _row(account, occasion, activity_id, points)
    row.explanation = awards.to_json(reasons)
    if reasons[0].code not in GIVEN:
        row.within_limit, row.reward, row.benefit = False, None, None
    account.record(row)
    return activity_id


def counted(account: Account, occasion: Occasion, activity_id: UUID, points: int) -> Credit:
    """The points that it counts toward a tier that rests on points."""
    return Credit(
        account.member_id,
        occasion.occurred_at,
        account.now,
        Qualifying(points=points),
        activity_id=activity_id,
    )


def _credit(account: Account, occasion: Occasion, activity_id: UUID, points: int) -> None:
    grant, draw = occasion.grant, draw_of(occasion, points)
    # not by the variants of who brings it about: jobs give by the document as it is
    version = account.programme.version(occasion.version.id)
    awards.credit(
        account.journal,
        version,
        points,
        Cause(SYSTEM.actor, activity_id=activity_id),
        rule=version.policy.own_terms(grant.code),
        counted_from=occasion.counted_from,
    )
    granted = awards.to_rows(
        account.member_id,
        [Award(grant.code, points)],
        occasion.occurred_at,
        activity_id=activity_id,
        budget_periods={grant.code: draw.period} if draw else None,
    )
    account.record(*granted)
    earned = [Award(grant.code, points)]
    awards.notify(account, earned, SYSTEM.actor, points, activity_id=activity_id)


def _row(account: Account, occasion: Occasion, activity_id: UUID, points: int) -> models.Activity:
    grant = occasion.grant
    named = reference(occasion.occurrence, account.member_id)
    perk = grant.gives.perk
    return models.Activity(
        member_id=account.member_id,
        id=activity_id,
        programme_id=account.programme.id,
        type=grant.code,
        reference=named,
        reporter=SYSTEM.actor,
        occurred_at=occasion.occurred_at,
        recorded_at=account.now,
        attributes={},
        within_limit=True,
        points=points,
        policy_version_id=occasion.version.id,
        content_hash=content_hash(occasion, named),
        reward=grant.gives.reward,
        benefit=perk.benefit if perk else None,
        brought_by=occasion.brought_by,
    )


def content_hash(occasion: Occasion, named: str) -> bytes:
    """Hash of a grant's content, as of a reported activity."""
    said = {
        "type": occasion.grant.code,
        "reference": named,
        "occurred_at": occasion.occurred_at,
        "attributes": None,
    }
    return canonical.sha256(said)


def _reasons(occasion: Occasion, gained: Gained) -> list[Reason]:
    rule = {"rule": occasion.grant.code}
    reasons = [_given(occasion, gained)]
    if gained.capped < occasion.points:
        reasons.append(Reason("cap", {**rule, "lost": occasion.points - gained.capped}))
    if gained.points < gained.capped:
        reasons.append(Reason("budget", {**rule, "lost": gained.capped - gained.points}))
    if occasion.beyond:
        beyond = {"most": AT_ONCE_MAX, "beyond": occasion.beyond}
        reasons.append(Reason("at_once", {**rule, **beyond}, 0))
    return reasons


def _given(occasion: Occasion, gained: Gained) -> Reason:
    """The points, reward or perk that it gives; a reward or a perk has no points to lose."""
    rule, gives = {"rule": occasion.grant.code}, occasion.grant.gives
    if gives.reward is not None:
        return Reason("grant_reward", {**rule, "reward": gives.reward}, 0)
    if gives.perk is not None:
        return Reason("grant_perk", {**rule, **_perk(gives.perk)}, 0)
    return Reason("grant", rule, gained.points)


def _perk(perk: Perk) -> dict[str, str | int]:
    return {"benefit": perk.benefit, "uses": perk.uses, "days": perk.days}
