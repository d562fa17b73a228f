"""Feedback that is submitted, answered and closed."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import models
from domain.accounts import accounts
from domain.feedback import feedback
from domain.feedback.feedback import Feedback, FeedbackStatus
from domain.kernel import dates, sealed_rows
from domain.kernel.database import Row, rows
from domain.kernel.idempotency import Figures, Outcome, Request, once
from domain.kernel.ids import new_id
from domain.kernel.inputs import check_text
from domain.kernel.outbox import Topic
from domain.kernel.refusals import InvalidInput, NotFound, StateConflict
from domain.members import endings, members
from domain.members.identity import MemberKey, find_or_refuse
from domain.members.refusals import LimitReached
from domain.members.statuses import check_there
from domain.programmes.programmes import Programme

TEXT_CHARACTERS_MAX = 2000
DAILY_MAX = 10
"""Most feedback of a member on one local day."""
RATINGS = range(1, 6)


@dataclass(frozen=True, slots=True)
class FeedbackSent:
    """Feedback about one of these rows of the member or none, with 1 to 5 stars or none."""

    text: str
    rating: int | None = None
    booking_id: UUID | None = None
    redemption_id: UUID | None = None
    entry_id: UUID | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "rating": self.rating,
            "booking": self.booking_id,
            "redemption": self.redemption_id,
            "entry": self.entry_id,
        }


async def submit(
    request: Request,
    programme: Programme,
    member: MemberKey,
    sent: FeedbackSent,
    owner_id: UUID | None = None,
) -> Outcome:
    """Record a member's feedback; figures: `member_id`, `feedback_id`. Its object may be a row of a
    member merged into this one.

    Raises: NotFound, InvalidInput, MemberSuspended for an ended membership, LimitReached,
        IdempotencyKeyReused, ConcurrentRequest.
    """
    check_text(sent.text, TEXT_CHARACTERS_MAX, ("text",))
    if sent.rating is not None and sent.rating not in RATINGS:
        raise InvalidInput("rating", str(sent.rating), ("1", "5"), path=("rating",))
    perform = partial(_submit, request, programme, member, sent, owner_id)
    return await once(request, "submitFeedback", {"member": member, "feedback": sent}, perform)


async def _submit(
    request: Request,
    programme: Programme,
    member: MemberKey,
    sent: FeedbackSent,
    owner_id: UUID | None,
) -> Figures:
    member_id, own = await find_or_refuse(programme.id, member), new_id()
    opened = accounts.opened_with(programme, member_id, owner_id, request.now)
    async with opened as (account, owner):
        found = await members.under_lock(account, request.now)
        check_there(found.status)
        zone = account.version.policy.zone
        begins, ends = dates.period_bounds(account.now, "day", zone)
        family = await endings.family_of(account)
        if await feedback.given_since(family, begins) >= DAILY_MAX:
            raise LimitReached(DAILY_MAX, ends, path=("member",))
        owner.record(
            models.Feedback(
                member_id=owner.member_id,
                id=own,
                programme_id=programme.id,
                booking_id=sent.booking_id,
                redemption_id=sent.redemption_id,
                entry_id=sent.entry_id,
                rating=sent.rating,
                text=sent.text,
                given_at=owner.now,
                given_by=request.caller.actor,
            )
        )
        owner.notify(Topic.FEEDBACK_RECEIVED, feedback_id=own)
    return {"member_id": str(owner.member_id), "feedback_id": str(own)}


@dataclass(frozen=True, slots=True)
class FeedbackKey:
    """The feedback of a member, with the id `named` that the caller uses."""

    member_id: UUID
    id: UUID
    named: str


@dataclass(frozen=True, slots=True)
class AnswerSent:
    """An answer, or the end of the feedback, or both."""

    text: str | None = None
    close: bool = False

    def canonical(self) -> dict[str, Any]:
        return {"text": self.text, "close": self.close}


async def answer(
    request: Request, programme: Programme, key: FeedbackKey, sent: AnswerSent
) -> Outcome:
    """Answer open feedback, close feedback that is not closed yet, or both; figures: `member_id`,
    `feedback_id`.

    Raises: NotFound, InvalidInput, StateConflict, IdempotencyKeyReused, ConcurrentRequest.
    """
    if sent.text is None and not sent.close:
        raise InvalidInput("answer_or_close", path=("text",))
    if sent.text is not None:
        check_text(sent.text, TEXT_CHARACTERS_MAX, ("text",))
    perform = partial(_answer, request, programme, key, sent)
    named = {"feedback": key.id, "answer": sent}
    return await once(request, "answerFeedback", named, perform)


async def _answer(
    request: Request, programme: Programme, key: FeedbackKey, sent: AnswerSent
) -> Figures:
    found = await feedback.lock(key.member_id, key.id)
    if found is None or not feedback.is_there_for(request.caller, found):
        raise NotFound("feedback", key.named, path=("feedback",))
    async with accounts.opened(programme, found.member_id, request.now) as account:
        _check_state(found, sent, account.now)
        answered = await _record(found, sent, account.now, request.caller.actor)
        account.journal.changed += sealed_rows.of_all("feedback", answered)
        if sent.text is not None:
            account.notify(Topic.FEEDBACK_ANSWERED, feedback_id=found.id)
    return {"member_id": str(found.member_id), "feedback_id": str(found.id)}


async def _record(found: Feedback, sent: AnswerSent, at: datetime, by: str) -> list[Row]:
    return await rows(
        "UPDATE feedback SET answer = coalesce($3, answer), "
        "answered_at = CASE WHEN $3 IS NULL THEN answered_at ELSE $5 END, "
        "answered_by = CASE WHEN $3 IS NULL THEN answered_by ELSE $6 END, "
        "closed_at = CASE WHEN $4::bool THEN $5 END, closed_by = CASE WHEN $4 THEN $6 END "
        "WHERE member_id = $1 AND id = $2 AND closed_at IS NULL "
        f"RETURNING {sealed_rows.columns('feedback')}",
        found.member_id,
        found.id,
        sent.text,
        sent.close,
        at,
        by,
    )


def _check_state(found: Feedback, sent: AnswerSent, now: datetime) -> None:
    """Raises: StateConflict."""
    allowed = [FeedbackStatus.OPEN]
    if sent.text is None:
        allowed.append(FeedbackStatus.ANSWERED)
    status = found.status(now)
    if status not in allowed:
        named = tuple(one.value for one in allowed)
        raise StateConflict("feedback", status.value, named, path=("feedback",))
