"""The end of a tier's period: the tier is renewed, kept for a grace period, or lost.

Pure, and decided only by the due instant: a late decision is the same as a timely one, one for each
passed end, in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme, Version
from domain.tiers import qualification, tier_windows
from domain.tiers.values import RENEWED, Holding, NewChange, Sum

OPENED = "opened"
PERIOD_END = "period_end"
ASSIGNED = "assigned"
LIFTED = "lifted"
ASSIGNMENT_ENDED = "assignment_ended"


What = Literal["no period", "assignment", "period"]


@dataclass(frozen=True, slots=True)
class DueReview:
    """An instant at which a decision is due, and the version that decides."""

    what: What
    version: Version
    at: datetime


def next_due(programme: Programme, holding: Holding, now: datetime) -> DueReview | None:
    """The next decision about periods that have ended by now, or None.

    A tier that can be lost but has no period was reached under other rules: its period opens when
    the present rules took effect, or when it was reached.
    """
    if holding.until is None:
        version = programme.as_of(now)
        if tier_windows.can_fall(version.policy, holding.earned):
            return DueReview("no period", version, max(holding.since, version.effective_from))
    at = holding.due_at
    if at is None or at > now:
        return None
    what: What = "assignment" if at == holding.assigned_until else "period"
    return DueReview(what, programme.as_of(at), at)


def decide(
    due: DueReview, holding: Holding, now: datetime, sums: Sequence[Sum]
) -> NewChange | Holding:
    """The decision, recorded now, or the holding with its grace begun.

    `sums` are those in the windows of the due instant, by then.
    """
    match due.what:
        case "no period":
            return _open(due, holding, now, sums)
        case "assignment":
            return _end_assignment(due, holding, now, sums)
        case "period":
            return _end_period(due, holding, now, sums)


def _open(due: DueReview, holding: Holding, now: datetime, sums: Sequence[Sum]) -> NewChange:
    policy, at = due.version.policy, holding.instant(now)
    level, judged = qualification.best(policy, sums)
    by = judged.window if level.code == policy.tier_code(holding.earned) else None
    until = tier_windows.period_end(policy, holding.earned, due.at, by)
    after = holding.moved(policy, at, until=until, grace_until=None)
    return NewChange(holding.tier, after, at, due.at, due.version.id, judged, OPENED)


def _end_assignment(
    due: DueReview, holding: Holding, now: datetime, sums: Sequence[Sum]
) -> NewChange:
    policy, at = due.version.policy, holding.instant(now)
    after = holding.moved(policy, at, assigned=None, assigned_until=None)
    _, judged = qualification.best(policy, sums)
    return NewChange(holding.tier, after, at, due.at, due.version.id, judged, ASSIGNMENT_ENDED)


def _end_period(
    due: DueReview, holding: Holding, now: datetime, sums: Sequence[Sum]
) -> NewChange | Holding:
    """End a period, or the grace after it."""
    policy, at = due.version.policy, holding.instant(now)
    level, judged = qualification.best(policy, sums)
    if not tier_windows.can_fall(policy, holding.earned):
        earned, by, reason = holding.earned, None, RENEWED
    elif policy.rank(level.code) >= policy.rank(holding.earned):
        earned, by, reason = level.code, judged.window, RENEWED
    elif holding.grace_until is None and (grace := _grace(policy, due.at)) is not None:
        return replace(holding, grace_until=grace)
    else:
        earned, reason = _below(policy, holding.earned, level.code), PERIOD_END
        by = judged.window if earned == level.code else None
    until = tier_windows.period_end(policy, earned, due.at, by)
    after = holding.moved(policy, at, earned=earned, until=until, grace_until=None)
    return NewChange(holding.tier, after, at, due.at, due.version.id, judged, reason)


def _grace(policy: Policy, until: datetime) -> datetime | None:
    grace = tier_windows.grace_end(policy, until)
    return grace if grace > until else None


def _below(policy: Policy, code: str, qualified: str) -> str:
    """The level after a loss: one step down, or the one for which the member qualifies, but not
    below the floor.
    """
    terms = policy.tiers.terms
    if terms is None:
        return code
    target = policy.rank(code) - 1 if terms.to == "one_step" else policy.rank(qualified)
    return policy.tiers.levels[max(target, tier_windows.floor_rank(policy, terms))].code
