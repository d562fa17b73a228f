"""A snapshot: the inputs of an evaluation besides the policy version, so that it can be run again.

It contains no personal data: of the profile only the values that a rule uses, of the birth date
only whether the month matched.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from domain.earning.values import Allowance, MemberFacts

Snapshot = Mapping[str, Any]
"""JSON values, as they are stored with a booking or a quote."""


def make(
    status: str,
    facts: MemberFacts,
    allowances: Mapping[str, Allowance],
    *,
    budget_periods: Mapping[str, str],
    judged_at: datetime | None = None,
    trials: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """`judged_at` is named where it is not when the booking was made: when it was quoted."""
    made: dict[str, Any] = {
        "status": status,
        "tier": facts.tier,
        "in_birthday_month": facts.in_birthday_month,
        "profile": dict(facts.profile),
        "allowances": said(allowances),
    }
    if facts.joined_days is not None:
        made["joined_days"] = facts.joined_days
    if facts.counts:
        made["counts"] = dict(facts.counts)
    if facts.segments:
        made["segments"] = dict(facts.segments)
    if budget_periods:
        made["budget_periods"] = dict(budget_periods)
    if judged_at is not None:
        made["judged_at"] = judged_at.astimezone(UTC).isoformat()
    if trials:
        made["experiments"] = {code: dict(one) for code, one in trials.items()}
    return made


@lru_cache(maxsize=1024)
def read(text: str) -> Snapshot:
    """A snapshot as it is stored; many bookings have the same."""
    snapshot: Snapshot = orjson.loads(text)
    return snapshot


def said(allowances: Mapping[str, Allowance]) -> dict[str, dict[str, Any]]:
    """What limits and budgets leave, as a snapshot says it."""
    return {
        rule: {"times": left.times, "points": left.points, "budget": left.budget}
        | ({"paid_before": True} if left.paid_before else {})
        for rule, left in allowances.items()
    }


def trials(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """By experiment that decided about it, the variant and what the control would have given."""
    return dict(snapshot.get("experiments", {}))


def choices(snapshot: Snapshot) -> list[tuple[str, str]]:
    """The variants that applied, by experiment."""
    return [(code, one["variant"]) for code, one in trials(snapshot).items()]


def facts(snapshot: Snapshot, hour: int = 0) -> MemberFacts:
    """What was known of the member; `hour` is that of the local day, which is not in it."""
    return MemberFacts(
        snapshot["tier"],
        snapshot["in_birthday_month"],
        snapshot["profile"],
        snapshot.get("joined_days"),
        snapshot.get("counts", {}),
        hour,
        snapshot.get("segments", {}),
    )


def allowances(snapshot: Snapshot) -> dict[str, Allowance]:
    """What limits and budgets left."""
    return {
        rule: Allowance(
            left["times"], left["points"], left.get("budget"), left.get("paid_before", False)
        )
        for rule, left in snapshot["allowances"].items()
    }


def budget_periods(snapshot: Snapshot) -> dict[str, str]:
    """By rule, the period of the budget that its points count in, where they count."""
    return dict(snapshot.get("budget_periods", {}))


def judged_at(snapshot: Snapshot, booked_at: datetime) -> datetime:
    """When it was judged: when it was booked, or quoted before."""
    quoted = snapshot.get("judged_at")
    return datetime.fromisoformat(quoted) if quoted else booked_at
