"""Reviews of referrals by staff."""

import strawberry

from api.kit.context import Info
from api.kit.inputs import KeyedInput, Sent, request, to_owned
from api.kit.mutations import Payload, mutation
from api.members import Referral, load_referral
from api.referrals import REFERRAL_TYPE
from domain.activities import referral_reviews
from domain.activities.referral_reviews import ReviewSent


@strawberry.input(description="Decision about a referral.")
class ReviewReferralInput(KeyedInput):
    referral: strawberry.ID = strawberry.field(description="Global id of the referral.")
    approve: bool = strawberry.field(
        description="True accepts a flagged friend; false rejects any friend, for good."
    )
    reason: str = strawberry.field(
        description="Reason, kept for ever; it must not contain personal data."
    )


@strawberry.type(description="Result of reviewing a referral.")
class ReviewReferralPayload(Payload):
    referral: Referral | None = strawberry.field(
        default=None, description="Referral after the review; null when refused."
    )


@strawberry.type
class ReferralReviewsMutation:
    @mutation(
        "Approve a flagged referral, or reject any referral; rejecting takes back what was paid "
        "for it."
    )
    async def review_referral(
        self, info: Info, input: Sent[ReviewReferralInput]
    ) -> ReviewReferralPayload | None:
        key = to_owned(input.referral, REFERRAL_TYPE, what="referral", path=("referral",))
        outcome = await referral_reviews.review(
            request(info, input),
            info.context.programme,
            key,
            ReviewSent(input.approve, input.reason),
        )
        return ReviewReferralPayload(
            referral=await load_referral(info, key), replayed=outcome.replayed
        )
