"""Awards: what each rule granted for a fact, credited together as one lot and told outside."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain import journal as journals
from domain import lots
from domain.database import rows
from domain.earning import Award, Reason
from domain.ids import new_id
from domain.journal import Cause, Journal
from domain.lots import Lot
from domain.outbox import Event, Topic
from domain.programmes import Version
from domain.tiers import NewChange
from models import Award as AwardTable

PROGRAMME_FUNDER = "programme"
"""Who pays for points that no partner pays for."""


def credit(
    journal: Journal, version: Version, points: int, cause: Cause, *, funder: str = PROGRAMME_FUNDER
) -> None:
    """One lot of available points with the policy's expiry, counted from posting."""
    if points == 0:
        return
    policy, now = version.policy, journal.now
    lot = Lot(
        id=journal.new_id(),
        points=points,
        remaining=points,
        earned_at=now,
        available_at=now,
        expires_at=lots.expires_at(policy.points.expiry, now, policy.zone),
        policy_version_id=version.id,
        funder=funder,
        booking_id=cause.booking_id,
    )
    journals.earn(journal, lot, cause)


def credit_pending(
    journal: Journal,
    version: Version,
    line_points: Mapping[int, int],
    overdue_at: Mapping[int, datetime],
    cause: Cause,
) -> None:
    """A lot of pending points for each line that has some.

    Where the policy lets overdue points mature, each does so by itself at `overdue_at`.
    """
    policy, now = version.policy, journal.now
    by_itself = policy.completion.then == "mature"
    for number, points in line_points.items():
        if points == 0:
            continue
        matures_at = max(overdue_at[number], now) if by_itself else None
        lot = Lot(
            id=journal.new_id(),
            points=points,
            remaining=points,
            earned_at=now,
            available_at=None,
            expires_at=None,
            policy_version_id=version.id,
            funder=PROGRAMME_FUNDER,
            booking_id=cause.booking_id,
            line_number=number,
            matures_at=matures_at,
            matured_expires_at=matures_at
            and lots.expires_at(policy.points.expiry, matures_at, policy.zone),
        )
        journals.earn_pending(journal, lot, cause)


def to_rows(
    member_id: UUID,
    awards: Iterable[Award],
    occurred_at: datetime,
    *,
    booking_id: UUID | None = None,
    activity_id: UUID | None = None,
    refund_id: UUID | None = None,
) -> list[AwardTable]:
    return [
        AwardTable(
            member_id=member_id,
            id=new_id(),
            rule=award.rule,
            points=award.points,
            occurred_at=occurred_at,
            booking_id=booking_id,
            activity_id=activity_id,
            refund_id=refund_id,
        )
        for award in awards
    ]


def events(member_id: UUID, cause: Cause, points: int, change: NewChange | None) -> list[Event]:
    """Points that came, and a tier that changed."""
    told = []
    if points:
        ids = {"booking_id": cause.booking_id, "activity_id": cause.activity_id}
        of = {name: str(value) for name, value in ids.items() if value}
        told.append(Event(Topic.POINTS_EARNED, member_id, {"points": points, **of}))
    return told + moved([change] if change else [])


def moved(changes: Iterable[NewChange]) -> list[Event]:
    """Each tier that a member came to, up or down; a decision that keeps one is not told."""
    return [
        Event(
            Topic.TIER_CHANGED, change.member_id, {"from": change.from_tier, "to": change.to_tier}
        )
        for change in changes
        if change.from_tier != change.to_tier
    ]


def to_json(explanation: Iterable[Reason]) -> list[dict[str, Any]]:
    return [
        {"code": reason.code, "params": dict(reason.params), "points": reason.points}
        for reason in explanation
    ]


def from_json(text: str) -> tuple[Reason, ...]:
    return tuple(Reason(**reason) for reason in orjson.loads(text))


async def of_bookings(ids: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[Award]]:
    """Awards by booking id, for bookings named by (member id, id); one statement for all."""
    return await _of("booking_id", list(ids))


async def of_activities(ids: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[Award]]:
    """Awards by activity id, for activities named by (member id, id); one statement for all."""
    return await _of("activity_id", list(ids))


async def _of(column: str, ids: list[tuple[UUID, UUID]]) -> dict[UUID, list[Award]]:
    found = await rows(
        f"SELECT {column} AS fact_id, rule, points FROM award "
        f"WHERE member_id = ANY($1::uuid[]) AND {column} = ANY($2::uuid[]) "
        "AND refund_id IS NULL ORDER BY id",
        [member_id for member_id, _ in ids],
        [fact_id for _, fact_id in ids],
    )
    by_fact: dict[UUID, list[Award]] = {fact_id: [] for _, fact_id in ids}
    for award in found:
        by_fact[award["fact_id"]].append(Award(award["rule"], award["points"]))
    return by_fact
