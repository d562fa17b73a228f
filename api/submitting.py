"""The list of feedback to answer, and the mutations that submit and answer it."""

from typing import Annotated
from uuid import UUID

import strawberry

from api.bookings import load_booking
from api.feedback import (
    FEEDBACK,
    FEEDBACK_TYPE,
    Feedback,
    FeedbackConnection,
    load_feedback,
    to_feedback,
)
from api.kit import family
from api.kit.connections import PAGE_DEFAULT, After, First
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import (
    SHOWN_CHARACTERS_MAX,
    KeyedInput,
    MemberBy,
    Sent,
    request,
    subject,
    to_owned,
)
from api.kit.mutations import Payload, mutation
from api.kit.relay import from_global_id
from api.ledger import load_entry
from api.redemptions import load_redemption
from domain.feedback import feedback, submitting
from domain.feedback.feedback import FeedbackStatus, Listing
from domain.feedback.submitting import DAILY_MAX, AnswerSent, FeedbackKey, FeedbackSent
from domain.kernel.callers import CallerKind
from domain.kernel.idempotency import Outcome
from domain.kernel.refusals import NotFound
from domain.ledger import ledger
from domain.members import identity
from domain.members.identity import MemberKey


@strawberry.type
class FeedbackQuery:
    @field("Feedback of all members, oldest first.")
    async def feedback(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        status: Annotated[
            list[FeedbackStatus] | None,
            strawberry.argument(description="Statuses to include; null means all."),
        ] = None,
    ) -> FeedbackConnection:
        context = info.context
        wanted = Listing(context.caller.programme_id, context.now, tuple(status or ()))
        return await FEEDBACK.page(
            first,
            after,
            rows=lambda limit, start: feedback.page(wanted, limit=limit, after=start),
            node=lambda row: to_feedback(info, row),
            count=lambda: feedback.count(wanted),
        )


@strawberry.input(description="Feedback to submit.")
class SubmitFeedbackInput(KeyedInput):
    member: MemberBy | None = strawberry.field(
        default=None, description="Member who gives the feedback; defaults to the calling member."
    )
    about: strawberry.ID | None = strawberry.field(
        default=None,
        description="Global id of the member's booking, redemption or ledger entry that the "
        "feedback is about.",
    )
    rating: int | None = strawberry.field(default=None, description="Rating from 1 to 5.")
    text: str = strawberry.field(description="Text of the feedback, at most 2000 characters.")


@strawberry.type(description="Result of submitting feedback.")
class SubmitFeedbackPayload(Payload):
    feedback: Feedback | None = strawberry.field(
        default=None, description="Feedback as it stands; null when refused."
    )


@strawberry.input(description="Answer to feedback, the closing of it, or both.")
class AnswerFeedbackInput(KeyedInput):
    feedback: strawberry.ID = strawberry.field(description="Global id of the feedback.")
    text: str | None = strawberry.field(
        default=None, description="Answer, shown to the member; at most 2000 characters."
    )
    close: bool = strawberry.field(default=False, description="Whether to close the feedback now.")


@strawberry.type(description="Result of answering feedback.")
class AnswerFeedbackPayload(Payload):
    feedback: Feedback | None = strawberry.field(
        default=None, description="Feedback as it stands; null when refused."
    )


_ABOUT = {
    "Booking": ("booking_id", load_booking),
    "Redemption": ("redemption_id", load_redemption),
    "LedgerEntry": ("entry_id", load_entry),
}
"""Objects of feedback: the column, and the function that finds the object for this caller."""


@strawberry.type
class FeedbackMutation:
    @mutation(f"Submit feedback of a member, at most {DAILY_MAX} times a day.")
    async def submit_feedback(
        self, info: Info, input: Sent[SubmitFeedbackInput]
    ) -> SubmitFeedbackPayload | None:
        member = await subject(info, input.member)
        about: dict[str, UUID] = {}
        owner_id: UUID | None = None
        if input.about is not None:
            about, owner_id = await _about(info, member, str(input.about))
        sent = FeedbackSent(input.text, input.rating, **about)
        outcome = await submitting.submit(
            request(info, input), info.context.programme, member, sent, owner_id
        )
        return SubmitFeedbackPayload(
            feedback=await _after(info, outcome), replayed=outcome.replayed
        )

    @mutation("Answer feedback that is open, close it, or both; an answer cannot be changed.")
    async def answer_feedback(
        self, info: Info, input: Sent[AnswerFeedbackInput]
    ) -> AnswerFeedbackPayload | None:
        named = to_owned(input.feedback, FEEDBACK_TYPE, what="feedback", path=("feedback",))
        shown = input.feedback[:SHOWN_CHARACTERS_MAX]
        outcome = await submitting.answer(
            request(info, input),
            info.context.programme,
            FeedbackKey(*named, shown),
            AnswerSent(input.text, input.close),
        )
        return AnswerFeedbackPayload(
            feedback=await _after(info, outcome), replayed=outcome.replayed
        )


async def _about(info: Info, member: MemberKey, named: str) -> tuple[dict[str, UUID], UUID]:
    """The column and id of its object, and the object's member. Raises: NotFound unless it belongs
    to the member, or one merged into it.
    """
    found = from_global_id(named)
    place = _ABOUT.get(found.type_name) if found else None
    if found is not None and place is not None and found.member_id is not None:
        column, load = place
        key = found.member_id, found.id
        is_own = await _is_of(info, member, found.member_id)
        if is_own and await load(info, key) is not None:
            return {column: found.id}, found.member_id
    raise NotFound("object", named[:SHOWN_CHARACTERS_MAX], path=("about",))


async def _is_of(info: Info, member: MemberKey, owner_id: UUID) -> bool:
    """Whether the owner is this member: the calling member itself, or one merged into it."""
    if info.context.caller.kind is CallerKind.MEMBER:
        await family.know(info, owner_id)
        return info.context.caller.is_itself(owner_id)
    found = await identity.find(info.context.caller.programme_id, member)
    return found is not None and await ledger.became(owner_id) == found


async def _after(info: Info, outcome: Outcome) -> Feedback | None:
    return await load_feedback(info, outcome.owned("feedback_id"))
