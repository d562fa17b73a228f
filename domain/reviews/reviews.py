"""Reading reviews: those that wait for a decision, their reasons, and their objects."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel import private_texts
from domain.kernel.database import Row, row, rows
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.queries import ask, of_each


class ReviewState(StrEnum):
    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    LAPSED = "LAPSED"


@dataclass(frozen=True, slots=True)
class Review:
    """A review; instants are UTC. It LAPSED if its hold has ended, or its membership; its decision
    then has the actor and the reason.
    """

    member_id: UUID
    id: UUID
    programme_id: UUID
    moment: str
    fact_id: UUID
    points: int
    counterpart_id: UUID | None
    note: str | None
    opened_at: datetime
    ends_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    state: ReviewState


@dataclass(frozen=True, slots=True)
class Fired:
    """A live rule that led to a review, and its version."""

    rule: str
    decision: str
    policy_version_id: UUID


_PLAIN = ", ".join(
    f"v.{one.name}" for one in fields(Review) if one.name not in ("state", "note", "reason")
)
_HELD = (
    "(v.ends_at IS NULL OR (v.ends_at > {now} AND EXISTS (SELECT FROM redemption r "
    "WHERE r.member_id = v.member_id {whose} AND r.id = v.fact_id AND r.status = 'HELD')))"
)
"""Whether the object of a review still waits; `now` is the name of a parameter."""


def _select(now: str, whose: str = "") -> str:
    held = _HELD.format(now=now, whose=whose and f"AND r.member_id {whose}")
    state = f"CASE WHEN v.state = 'OPEN' AND NOT {held} THEN 'LAPSED' ELSE v.state END AS state"
    said = ", ".join(
        f"{private_texts.selected(f'v.{name}', whose or None)} AS {name}"
        for name in ("note", "reason")
    )
    return f"SELECT {_PLAIN}, {said}, {state} FROM review v"


async def page(
    programme_id: UUID,
    now: datetime,
    limit: int,
    after: tuple[datetime, UUID] | None,
    *,
    open_only: bool,
) -> list[Review]:
    """A page of a programme's reviews: open ones with the oldest first, or all with the newest
    first.
    """
    order = "" if open_only else " DESC"
    after_it = beyond("v.opened_at, v.id", 2, *AT_ID, descending=not open_only)
    wanted = f"v.state = 'OPEN' AND {_HELD.format(now='$4', whose='')}" if open_only else "true"
    found = await rows(
        f"{_select('$4')} WHERE v.programme_id = $1 AND {wanted} AND {after_it} "
        f"ORDER BY v.opened_at{order}, v.id{order} LIMIT $5",
        programme_id,
        *(after or (None, None)),
        now,
        limit,
    )
    return [_read(one) for one in found]


async def count(programme_id: UUID, now: datetime, *, open_only: bool) -> int:
    wanted = (
        f"v.state = 'OPEN' AND {_HELD.format(now='$2', whose='')}"
        if open_only
        else ("$2::timestamptz IS NOT NULL")
    )
    found = await row(
        f"SELECT count(*) AS count FROM review v WHERE v.programme_id = $1 AND {wanted}",
        programme_id,
        now,
    )
    return int(found["count"]) if found else 0


async def by_ids(
    programme_id: UUID, ids: Sequence[tuple[UUID, UUID]], now: datetime
) -> dict[UUID, Review]:
    """Those of these (member id, id) that exist, by id; one query for all."""
    found = await rows(
        f"{_select('$4', '= ANY($1::uuid[])')} WHERE v.member_id = ANY($1::uuid[]) "
        "AND v.id = ANY($2::uuid[]) AND v.programme_id = $3",
        [member_id for member_id, _ in ids],
        [review_id for _, review_id in ids],
        programme_id,
        now,
    )
    wanted = set(ids)
    read = [_read(one) for one in found]
    return {one.id: one for one in read if (one.member_id, one.id) in wanted}


async def fired(ids: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[Fired]]:
    """By review, the live rules that led to it; one query for all."""
    found = await rows(
        "SELECT review_id, rule, decision, policy_version_id FROM risk_decision "
        "WHERE member_id = ANY($1::uuid[]) AND review_id = ANY($2::uuid[]) ORDER BY id",
        [member_id for member_id, _ in ids],
        [review_id for _, review_id in ids],
    )
    by_review: dict[UUID, list[Fired]] = {review_id: [] for _, review_id in ids}
    for one in found:
        by_review[one.pop("review_id")].append(Fired(**one))
    return by_review


@dataclass(frozen=True, slots=True)
class ReviewedFact:
    """A booking or an activity (its `kind`), and the sequence of its first earning entry."""

    id: UUID
    kind: str
    sequence: int = 0


async def kinds_of(facts: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[ReviewedFact]]:
    """By id, the reviewed fact of each of these (member id, fact id): a booking, the booking of an
    amendment, or an activity; other facts are left out. One query for all.
    """
    asked = [member_id for member_id, _ in facts], [fact_id for _, fact_id in facts]
    found = await rows(
        "SELECT b.id AS named, b.id, 'booking' AS kind FROM booking b "
        "WHERE b.member_id = ANY($1::uuid[]) AND b.id = ANY($2::uuid[]) UNION ALL "
        "SELECT m.id, m.booking_id, 'booking' FROM amendment m "
        "WHERE m.member_id = ANY($1::uuid[]) AND m.id = ANY($2::uuid[]) UNION ALL "
        "SELECT a.id, a.id, 'activity' FROM activity a "
        "WHERE a.member_id = ANY($1::uuid[]) AND a.id = ANY($2::uuid[])",
        *asked,
    )
    known = {one.pop("named"): [ReviewedFact(**one)] for one in found}
    return {fact_id: known.get(fact_id, []) for _, fact_id in facts}


async def waiting_facts(
    member_ids: Sequence[UUID], most: int, after: int = 0
) -> dict[UUID, list[ReviewedFact]]:
    """By member, bookings and activities with pending points, at most a number of them, the oldest
    first, after a sequence.
    """
    asked = of_each(_WAITING_COLUMNS, _WAITING, member_ids, most, after)
    by_member: dict[UUID, list[ReviewedFact]] = {one: [] for one in member_ids}
    for one in await ask(asked):
        by_member[one.pop("member_id")].append(ReviewedFact(**one))
    return by_member


async def waiting_points(facts: Sequence[tuple[UUID, UUID]]) -> dict[UUID, int]:
    """By id of each of these (member id, id of a booking or an activity), the number of its points
    that are still pending. One query for all.
    """
    found = await rows(
        "SELECT fact_id, sum(remaining)::bigint AS points FROM ("
        "SELECT DISTINCT coalesce(e.booking_id, e.activity_id) AS fact_id, l.id, l.remaining "
        "FROM ledger_entry e JOIN allocation a ON a.member_id = e.member_id AND a.entry_id = e.id "
        "JOIN lot l ON l.member_id = e.member_id AND l.id = a.lot_id "
        "WHERE e.member_id = ANY($1::uuid[]) AND e.kind = 'EARN' "
        "AND (e.booking_id = ANY($2::uuid[]) OR e.activity_id = ANY($2::uuid[])) "
        "AND a.member_id = ANY($1::uuid[]) AND l.member_id = ANY($1::uuid[]) "
        "AND l.available_at IS NULL AND l.remaining > 0) waiting GROUP BY fact_id",
        [member_id for member_id, _ in facts],
        [fact_id for _, fact_id in facts],
    )
    known = {one["fact_id"]: int(one["points"]) for one in found}
    return {fact_id: known.get(fact_id, 0) for _, fact_id in facts}


async def earned_points(facts: Sequence[tuple[UUID, UUID]]) -> dict[UUID, int]:
    """By id of each of these (member id, id of a booking or an activity), its granted points that
    were not taken back. One query for all.
    """
    found = await rows(
        "SELECT coalesce(w.booking_id, w.activity_id) AS fact_id, sum(w.points)::bigint AS points "
        "FROM award w WHERE w.member_id = ANY($1::uuid[]) "
        "AND (w.booking_id = ANY($2::uuid[]) OR w.activity_id = ANY($2::uuid[])) GROUP BY 1",
        [member_id for member_id, _ in facts],
        [fact_id for _, fact_id in facts],
    )
    known = {one["fact_id"]: int(one["points"]) for one in found}
    return {fact_id: known.get(fact_id, 0) for _, fact_id in facts}


_WAITING_COLUMNS = ("member_id", "id", "kind", "sequence")
_WAITING = (
    "SELECT e.member_id, coalesce(e.booking_id, e.activity_id) AS id, "
    "CASE WHEN e.booking_id IS NULL THEN 'activity' ELSE 'booking' END AS kind, "
    "min(e.sequence) AS sequence "
    "FROM lot l JOIN allocation a ON a.member_id = $1 AND a.lot_id = l.id "
    "JOIN ledger_entry e ON e.member_id = $1 AND e.id = a.entry_id AND e.kind = 'EARN' "
    "WHERE l.member_id = $1 AND l.available_at IS NULL AND l.remaining > 0 "
    "GROUP BY 1, 2, 3 HAVING min(e.sequence) > $3 ORDER BY 4 LIMIT $2"
)


def _read(found: Row) -> Review:
    said = {name: private_texts.shown(found[name]) for name in ("note", "reason")}
    read: dict[str, Any] = {**found, **said, "state": ReviewState(found["state"])}
    return Review(**read)
