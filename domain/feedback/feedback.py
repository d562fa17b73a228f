"""Reading feedback, and its state, which follows from its answer and the time since."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.kernel.callers import Caller, CallerKind
from domain.kernel.database import row, rows, update
from domain.kernel.pages import AT_ID, beyond
from domain.kernel.queries import ask, of_each

CLOSES_DAYS = 14
"""Number of days after which an answer closes its feedback."""


class FeedbackStatus(StrEnum):
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Feedback:
    """Feedback of a member, about one of the three or none; instants are UTC."""

    member_id: UUID
    id: UUID
    programme_id: UUID
    booking_id: UUID | None
    redemption_id: UUID | None
    entry_id: UUID | None
    rating: int | None
    text: str
    given_at: datetime
    given_by: str
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None
    closed_at: datetime | None
    closed_by: str | None

    def status(self, now: datetime) -> FeedbackStatus:
        if self.closed_at is not None:
            return FeedbackStatus.CLOSED
        if self.answered_at is None:
            return FeedbackStatus.OPEN
        over = self.answered_at <= now - timedelta(days=CLOSES_DAYS)
        return FeedbackStatus.CLOSED if over else FeedbackStatus.ANSWERED


_COLUMNS = tuple(one.name for one in fields(Feedback))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM feedback"
_STATUS = (
    "CASE WHEN closed_at IS NOT NULL OR answered_at <= $2::timestamptz THEN 'CLOSED' "
    "WHEN answered_at IS NULL THEN 'OPEN' ELSE 'ANSWERED' END"
)
_CHOSEN = f"programme_id = $1 AND (cardinality($3::text[]) = 0 OR {_STATUS} = ANY($3))"


def shows_of(caller: Caller, member_id: UUID) -> bool:
    """Whether the caller sees it: members see their own, serving staff all, other callers none."""
    own = caller.kind is CallerKind.MEMBER and caller.is_itself(member_id)
    return own or caller.serves


def is_there_for(caller: Caller, found: Feedback) -> bool:
    """Whether it is one of the caller's programme, and shown to it."""
    return caller.programme_id == found.programme_id and shows_of(caller, found.member_id)


async def lock(member_id: UUID, feedback_id: UUID) -> Feedback | None:
    """Lock it until the transaction ends."""
    found = await row(
        f"{_SELECT} WHERE member_id = $1 AND id = $2 FOR UPDATE", member_id, feedback_id
    )
    return Feedback(**found) if found else None


async def by_ids(programme_id: UUID, keys: Sequence[tuple[UUID, UUID]]) -> dict[UUID, Feedback]:
    """Feedback of the programme, by (member id, id); one query for all of it."""
    found = await rows(
        f"{_SELECT} WHERE member_id = ANY($1::uuid[]) AND id = ANY($2::uuid[]) "
        "AND programme_id = $3",
        [member_id for member_id, _ in keys],
        [own for _, own in keys],
        programme_id,
    )
    wanted = set(keys)
    return {one["id"]: Feedback(**one) for one in found if (one["member_id"], one["id"]) in wanted}


@dataclass(frozen=True, slots=True)
class Listing:
    """Feedback of a programme that has one of these states at this instant; any, without one."""

    programme_id: UUID
    now: datetime
    states: tuple[FeedbackStatus, ...] = ()

    @property
    def values(self) -> tuple[UUID, datetime, list[str]]:
        before = self.now - timedelta(days=CLOSES_DAYS)
        return self.programme_id, before, [one.value for one in self.states]


async def page(wanted: Listing, *, limit: int, after: Sequence[Any] | None) -> list[Feedback]:
    """At most `limit` of a programme's, the oldest first, after the sort key `after`."""
    found = await rows(
        f"{_SELECT} WHERE {_CHOSEN} AND {beyond('given_at, id', 4, *AT_ID, descending=False)} "
        "ORDER BY given_at, id LIMIT $6",
        *wanted.values,
        *(after or (None, None)),
        limit,
    )
    return [Feedback(**one) for one in found]


async def count(wanted: Listing) -> int:
    found = await row(f"SELECT count(*) AS count FROM feedback WHERE {_CHOSEN}", *wanted.values)
    return int(found["count"]) if found else 0


async def pages(
    member_ids: Sequence[UUID], limit: int, after: tuple[datetime, UUID] | None
) -> dict[UUID, list[Feedback]]:
    """The same page of each member's feedback, the latest first; one query for all of them."""
    wanted = of_each(
        _COLUMNS,
        f"{_SELECT} WHERE member_id = $1 "
        f"AND {beyond('given_at, id', 2, *AT_ID, descending=True)} "
        "ORDER BY given_at DESC, id DESC LIMIT $4",
        member_ids,
        *(after or (None, None)),
        limit,
    )
    by_member: dict[UUID, list[Feedback]] = {member_id: [] for member_id in member_ids}
    for one in await ask(wanted):
        by_member[one["member_id"]].append(Feedback(**one))
    return by_member


async def counts(member_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Number of each member's; one query for all of them."""
    found = await rows(
        "SELECT member_id, count(*) AS count FROM feedback WHERE member_id = ANY($1::uuid[]) "
        "GROUP BY member_id",
        list(member_ids),
    )
    counted = {one["member_id"]: int(one["count"]) for one in found}
    return {member_id: counted.get(member_id, 0) for member_id in member_ids}


async def given_since(family: Sequence[UUID], since: datetime) -> int:
    """Number of feedback of a member, and those merged into it, from an instant on."""
    found = await row(
        "SELECT count(*) AS count FROM feedback WHERE member_id = ANY($1) AND given_at >= $2",
        list(family),
        since,
    )
    return int(found["count"]) if found else 0


async def erase(member_id: UUID) -> None:
    """Keep of a member's feedback only the ratings, and no text that anybody wrote."""
    await update(
        "UPDATE feedback SET text = '', answer = CASE WHEN answer IS NOT NULL THEN '' END "
        "WHERE member_id = $1",
        member_id,
    )
