"""Programmes whose tiers last for a period, and the changes of a member's tier."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from domain.accounts import tier_sweeps
from domain.kernel.database import rows
from domain.kernel.idempotency import Outcome
from domain.members import members, tier_assignments
from domain.members.identity import MemberKey
from domain.members.tier_assignments import AssignmentSent
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.tiers import qualification, tiers
from domain.tiers.values import Holding
from tests.support import factories as make


def levels(*steps: tuple[str, int, str]) -> list[dict[str, Any]]:
    """Code, threshold and multiplier of each level."""
    return [
        {"code": code, "name": make.WORDS, "threshold": threshold, "multiplier": multiplier}
        for code, threshold, multiplier in steps
    ]


def ctrip(**changes: Any) -> dict[str, Any]:
    """Cash spend in 24 months, one step down after 30 days' grace, points on completion."""
    document = make.shipped_document()
    document["points"] |= {
        "available": "on_completion",
        "expiry": {"months": 24, "through": "month"},
    }
    document["refunds"] = {"claw_back": "unlimited", "tier": "at_period_end"}
    document["tiers"] = {
        "basis": "spend",
        "window": {"months": 24},
        "downgrade": {"to": "one_step", "grace_days": 30},
        "levels": levels(
            ("member", 0, "1.0"),
            ("silver", 3_000, "1.1"),
            ("gold", 10_000, "1.2"),
            ("platinum", 30_000, "1.5"),
            ("diamond", 80_000, "2.0"),
        ),
    }
    document["tiers"].update(changes)
    return document


def genius() -> dict[str, Any]:
    """Completed bookings within 24 months, held for life; discounts and no points."""
    return make.shipped_document("genius")


THRESHOLDS = (
    {"spend": 0, "completed_bookings": 0},
    {"spend": 5000, "completed_bookings": 5},
    {"spend": 20000, "completed_bookings": 15},
)


def either() -> dict[str, Any]:
    """Silver, gold and platinum by spend or by completed bookings, whichever gives more."""
    document = make.shipped_document()
    levels = document["tiers"]["levels"][: len(THRESHOLDS)]
    for level, threshold in zip(levels, THRESHOLDS, strict=True):
        level["threshold"] = dict(threshold)
    document["tiers"] |= {"basis": {"any": ["spend", "completed_bookings"]}, "levels": levels}
    return document


def by_one(measure: str) -> dict[str, Any]:
    """The tiers of `either` by one of the two measures alone."""
    tiers: dict[str, Any] = either()["tiers"] | {"basis": measure}
    for level in tiers["levels"]:
        level["threshold"] = level["threshold"][measure]
    return tiers


def calendar(**changes: Any) -> dict[str, Any]:
    """The shipped levels by the spend of a calendar year; a downgrade is to the qualified level."""
    document = make.shipped_document()
    document["tiers"] |= {"window": "calendar_year", "downgrade": {"to": "qualified"}, **changes}
    return document


async def sweep(programme: Programme, now: datetime) -> list[UUID]:
    """Review the tiers that are due; the members reviewed."""
    return [reviewed.member_id async for reviewed in tier_sweeps.sweep(programme, now)]


async def sweep_on_time(programme: Programme, until: datetime) -> None:
    """Review each tier at the instant at which it is due, as a job that runs all the time."""
    while True:
        found = await rows(
            "SELECT min(tier_review_due_at) AS due FROM account WHERE programme_id = $1",
            programme.id,
        )
        due = found[0]["due"]
        if due is None or due > until:
            return
        await sweep(programme, due)


async def holding(member_id: UUID) -> Holding:
    return (await members.many([member_id]))[member_id].holding


async def decisions(member_id: UUID) -> list[tuple[str, str, str]]:
    """Reason, old and new tier of each decision, in their order."""
    return [(d["reason"], d["from_tier"], d["to_tier"]) for d in await recorded(member_id)]


async def recorded(member_id: UUID) -> list[dict[str, Any]]:
    """The row of each decision about the member's tier, with its inputs parsed."""
    found = await rows(
        "SELECT * FROM tier_change WHERE member_id = $1 ORDER BY recorded_at, id", member_id
    )
    return [{**change, "inputs": orjson.loads(change["inputs"])} for change in found]


async def notified(member_id: UUID) -> list[tuple[str, str]]:
    """Old and new tier of each change for which there is an event, in their order."""
    found = await make.payloads("tier.changed", member_id=member_id)
    return [(payload["from"], payload["to"]) for payload in found]


async def assign(
    programme: Programme,
    member_id: UUID,
    tier: str | None,
    *,
    until: datetime | None = None,
    now: datetime = make.NOW,
) -> Outcome:
    return await tier_assignments.assign(
        make.request(make.staff(programme), now=now),
        programme,
        MemberKey.of_id(member_id),
        AssignmentSent(tier, "status match", until),
    )


async def amount(member_id: UUID, policy: Policy, at: datetime) -> Decimal:
    """The qualifying amount at an instant, in the window that clients see."""
    counted = (await tiers.sums(member_id, policy, at))[0].qualifying
    return qualification.amount(policy, policy.tiers.measures[0], counted)
