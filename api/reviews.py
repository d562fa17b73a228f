"""Reviews of facts that look like fraud, as staff see and decide them, and the quality of the
rules.
"""

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.bookings import load_booking
from api.grants import load_activity, load_grants
from api.kit.connections import PAGE_DEFAULT, After, Connection, Edge, First, Listing, Start
from api.kit.context import Info
from api.kit.fields import field
from api.kit.inputs import SHOWN_CHARACTERS_MAX, KeyedInput, Sent, request, to_owned
from api.kit.loaders import Owned
from api.kit.mutations import mutation
from api.kit.permissions import ALLOWED
from api.kit.relay import Node, to_global_id
from api.kpis import Ratio, to_ratio
from api.members import Member, load_member
from api.payloads import FactPayload
from api.redemptions import load_redemption
from api.wording.words import ExplanationLine, explain, version_policy
from domain.earning.values import Reason
from domain.insight import ratios
from domain.kernel.callers import Caller
from domain.members import statuses
from domain.members.statuses import MemberStatus
from domain.programmes.risk_terms import KEPT_DAYS
from domain.reviews import deciding, measuring, receiving, reviews
from domain.reviews.deciding import ReviewKey
from domain.reviews.releasing import FACTS_MAX
from domain.risk import signals
from domain.risk.signals import LINKED_MAX

REVIEW_TYPE = "Review"


@strawberry.type(
    description="Something that a member did, or its enrolment, which rules against fraud have "
    "referred to staff; its points wait."
)
class Review(Node):
    on: str = strawberry.field(
        description="Kind of action that is reviewed: earn, redeem, transfer or enrol."
    )
    state: str = strawberry.field(
        description="State of the review: OPEN, APPROVED, REJECTED, or LAPSED when the held "
        "points were released, or the membership ended, before anybody decided."
    )
    created_at: datetime = strawberry.field(description="Instant at which the attempt began.")
    ends_at: datetime | None = strawberry.field(
        description="Instant at which held points are released if nobody decides; null when there "
        "is no such end and the points or the member wait for a decision."
    )
    decided_at: datetime | None = strawberry.field(
        description="Instant of the decision, or of the end of the membership; null while open."
    )
    decided_by: str | None = strawberry.field(
        description="Person who decided it, or who ended the membership; null while open."
    )
    reason: str | None = strawberry.field(
        description="Reason that this person gave; null while open."
    )
    row: strawberry.Private[reviews.Review]

    @property
    def key(self) -> Owned:
        return self.row.member_id, self.row.id

    @field("Member whose action or enrolment is reviewed.")
    async def member(self, info: Info) -> Member:
        found = await load_member(info, self.row.member_id)
        if found is None:
            raise LookupError(f"review {self.row.id} of nobody")
        return found

    @field("Rules that referred it to staff, each with its code and name.")
    async def reasons(self, info: Info) -> list[ExplanationLine]:
        found = await info.context.loaders.load(_fired, self.key)
        lines: list[ExplanationLine] = []
        for one in found:
            policy = version_policy(info.context.programme, one.policy_version_id)
            reason = Reason("risk", {"rule": f"risk.{one.rule}"})
            line = ExplanationLine(code=one.rule, points=None, reason=reason, policy=policy)
            lines.append(line)
        return lines

    @field(
        "Effects of approving it now; empty when it is not open any more, or when nothing waits "
        "for it."
    )
    async def if_approved(self, info: Info) -> list[ExplanationLine]:
        return await _outcome(info, self.row, approve=True)

    @field(
        "Effects of rejecting it now; empty when it is not open any more, or when nothing waits "
        "for it."
    )
    async def if_rejected(self, info: Info) -> list[ExplanationLine]:
        return await _outcome(info, self.row, approve=False)

    @field(
        "Booking, activity or redemption that it is about; for an enrolment, the bookings and "
        f"activities whose points wait, at most {FACTS_MAX}."
    )
    async def facts(self, info: Info) -> list[Node]:
        own = self.row.member_id
        if self.row.moment in ("redeem", "transfer"):
            held = await load_redemption(info, (own, self.row.fact_id))
            return [held] if held else []
        loaders = info.context.loaders
        if self.row.moment == "enrol":
            known = await loaders.of_member(reviews.waiting_facts, own, FACTS_MAX)
        else:
            known = await loaders.of_owned(reviews.kinds_of, (own, self.row.fact_id))
        loads = {"booking": load_booking, "activity": load_activity}
        found = await asyncio.gather(*(loads[fact.kind](info, (own, fact.id)) for fact in known))
        return [one for one in found if one is not None]

    @field(
        "Other members who used the same device, card or IP address within "
        f"{KEPT_DAYS} days, at most {LINKED_MAX}, those who share most first."
    )
    async def linked(self, info: Info) -> list[Member]:
        since, programme_id = signals.oldest(info.context.now), info.context.programme.id
        others = await info.context.loaders.of_member(
            signals.linked, self.row.member_id, programme_id, since
        )
        found = await asyncio.gather(*(load_member(info, one) for one in others))
        return [one for one in found if one is not None]


async def _fired(_: Caller, keys: list[Owned]) -> list[list[reviews.Fired]]:
    found = await reviews.fired(keys)
    return [found[review_id] for _, review_id in keys]


async def _outcome(info: Info, row: reviews.Review, *, approve: bool) -> list[ExplanationLine]:
    if row.state is not reviews.ReviewState.OPEN:
        return []
    points, loaders = row.points, info.context.loaders
    if row.moment == "earn":
        [fact] = await loaders.of_owned(reviews.kinds_of, (row.member_id, row.fact_id))
        counted = reviews.waiting_points if approve else reviews.earned_points
        points = await loaders.of_owned(counted, (row.member_id, fact.id))
        if not points:
            return []
    policy = info.context.programme.as_of(info.context.now).policy
    obstacle = await _obstacle(info, row) if approve else None
    return explain(policy, [obstacle or effect_of(row.moment, points, approve=approve)])


async def _obstacle(info: Info, row: reviews.Review) -> Reason | None:
    """The reason why it cannot be approved at present."""
    if row.moment == "earn":
        return None
    loaders = info.context.loaders
    status = await loaders.of_member(statuses.of_many, row.member_id)
    if row.moment == "enrol":
        suspended = status is MemberStatus.SUSPENDED
        return Reason("review_member_not_reinstated", {}) if suspended else None
    if status is not MemberStatus.ENROLLED:
        return Reason("review_member_not_enrolled", {})
    if row.counterpart_id is None:
        return None
    receiver = await loaders.of_member(receiving.statuses_of, row.counterpart_id)
    enrolled = receiver is MemberStatus.ENROLLED
    return None if enrolled else Reason("review_receiver_not_enrolled", {})


def effect_of(moment: str, points: int, *, approve: bool) -> Reason:
    """Effect of a decision on this many points, or on a member."""
    return _approved(moment, points) if approve else _rejected(moment, points)


def _approved(moment: str, points: int) -> Reason:
    told = {"points": points}
    if moment == "enrol":
        return Reason("review_member_enrolled", {})
    if moment == "earn":
        return Reason("review_points_released", told, points)
    if moment == "transfer":
        return Reason("review_points_given", told, points)
    return Reason("review_points_spent", told, points)


def _rejected(moment: str, points: int) -> Reason:
    told = {"points": points}
    if moment == "enrol":
        return Reason("review_member_suspended", {})
    if moment == "earn":
        return Reason("review_points_taken", told, points)
    return Reason("review_points_returned", told, points)


@strawberry.type(description="One row of the list of reviews.")
class ReviewEdge(Edge[Review]):
    pass


@strawberry.type(description="One page of reviews.")
class ReviewConnection(Connection[ReviewEdge]):
    pass


LISTING: Listing[reviews.Review, ReviewConnection] = Listing(
    "reviews",
    ReviewConnection,
    ReviewEdge,
    (datetime, UUID),
    lambda row: (row.opened_at, row.id),
)


def to_review(row: reviews.Review) -> Review:
    return Review(
        id=to_global_id(REVIEW_TYPE, row.id, member_id=row.member_id),
        on=row.moment,
        state=row.state.value,
        created_at=row.opened_at,
        ends_at=row.ends_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        row=row,
    )


async def load_review(info: Info, key: Owned) -> Review | None:
    """The review with this (member id, id); None for a caller that may not read the list."""
    if not ALLOWED["Query.reviews"].allows(info.context.caller):
        return None
    found = await reviews.by_ids(info.context.programme.id, [key], info.context.now)
    return to_review(found[key[1]]) if key[1] in found else None


@strawberry.type(
    description="Figures of a rule against fraud: how often it fired, and how often it was right."
)
class RiskRuleFigures:
    code: str = strawberry.field(description="Code of the rule.")
    fired: int = strawberry.field(
        description="Number of facts for which it fired, including while it only recorded."
    )
    reviewed: int = strawberry.field(
        description="Number of reviews caused by it that staff have decided."
    )
    upheld: int = strawberry.field(description="Number of these that staff rejected.")
    precision: Ratio = strawberry.field(description="`upheld` divided by `reviewed`.")


@strawberry.type
class ReviewsQuery:
    @field(
        "Reviews of the programme: those that wait for a decision, oldest first, or all, newest "
        "first."
    )
    async def reviews(
        self,
        info: Info,
        open: Annotated[
            bool,
            strawberry.argument(
                description="Whether to list only reviews that wait for a decision."
            ),
        ] = True,
        first: First = PAGE_DEFAULT,
        after: After = None,
    ) -> ReviewConnection:
        programme_id, now = info.context.programme.id, info.context.now

        async def read(limit: int, start: Start) -> list[reviews.Review]:
            return await reviews.page(programme_id, now, limit, start, open_only=open)

        async def count() -> int:
            return await reviews.count(programme_id, now, open_only=open)

        return await LISTING.page(first, after, rows=read, node=to_review, count=count)

    @field(
        "Rules against fraud of the policy in force, in its order, then those of earlier "
        "versions, each with figures of how often it was right."
    )
    async def risk_rules(self, info: Info) -> list[RiskRuleFigures]:
        programme = info.context.programme
        policy = programme.as_of(info.context.now).policy
        return [
            RiskRuleFigures(
                code=one.code,
                fired=one.fired,
                reviewed=one.reviewed,
                upheld=one.upheld,
                precision=to_ratio(ratios.of(one.upheld, one.reviewed)),
            )
            for one in await measuring.of_rules(programme.id, policy)
        ]


@strawberry.input(description="Decision about an open review.")
class DecideReviewInput(KeyedInput):
    review: strawberry.ID = strawberry.field(description="Global id of the review.")
    approve: bool = strawberry.field(
        description="Whether to approve it; false takes its points back, or suspends the member."
    )
    reason: str = strawberry.field(
        description="Reason, kept for ever; it must not contain personal data."
    )


@strawberry.type(description="Result of deciding a review.")
class DecideReviewPayload(FactPayload):
    review: Review | None = strawberry.field(
        default=None, description="Review as it stands; null when refused."
    )


@strawberry.type
class ReviewsMutation:
    @mutation(
        "Decide an open review. Approving makes points spendable, spends or transfers held "
        "points, or accepts a new member. Rejecting takes back what was earned, with its use of "
        "limits and budgets, releases what is held, or suspends the member."
    )
    async def decide_review(
        self, info: Info, input: Sent[DecideReviewInput]
    ) -> DecideReviewPayload | None:
        named = input.review
        own = to_owned(named, REVIEW_TYPE, what="review", path=("review",))
        key = ReviewKey(*own, named[:SHOWN_CHARACTERS_MAX])
        outcome = await deciding.decide(
            request(info, input), info.context.programme, key, input.approve, input.reason
        )
        return DecideReviewPayload(
            review=await load_review(info, own),
            member=await load_member(info, outcome.member_id),
            grants=await load_grants(info, outcome),
            replayed=outcome.replayed,
        )
