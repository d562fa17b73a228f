"""The catalogue as callers see it: rewards with their price for the reader."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache, partial
from typing import Annotated
from uuid import UUID

import strawberry

from api.balances import balance_now, is_due, load_row, read_together
from api.kit.connections import (
    PAGE_DEFAULT,
    After,
    Connection,
    Edge,
    First,
    Listing,
    Start,
    limit_of,
)
from api.kit.context import Info
from api.kit.enums import describe
from api.kit.fields import field
from api.kit.inputs import MemberBy, visible_member
from api.kit.relay import Node, to_global_id
from api.kit.request_errors import RequestError, RequestErrorCode
from api.kit.scalars import INT_MAX, Money, Points, money
from api.tiers import Tier, to_tier
from api.wording.words import InLocale, current_policy, language
from domain.experiments import exposures, trials
from domain.kernel import database
from domain.kernel.callers import Caller, CallerKind
from domain.kernel.inputs import listed
from domain.kernel.refusals import NotFound
from domain.members.statuses import UNPAID
from domain.programmes.programmes import Version
from domain.redemptions.redemptions import may_spend
from domain.rewards import catalogue
from domain.rewards.catalogue import PageAsked, Requirement, RewardFilter, RewardKind

describe(
    RewardKind,
    "Kind of reward.",
    {
        RewardKind.COUPON: "A code that reduces the price of a booking, issued at once.",
        RewardKind.SERVICE: "A service delivered later, such as a lounge visit.",
        RewardKind.PRODUCT: "Goods that are shipped.",
        RewardKind.PARTNER: "A partner's units, such as airline miles, credited to the member's "
        "account with the partner.",
    },
)


describe(
    Requirement,
    "Details that are needed to deliver a reward.",
    {
        Requirement.ADDRESS: "Recipient, phone number and address.",
        Requirement.APPOINTMENT: "Recipient, phone number, and time of the appointment.",
    },
)


class RewardOrder(StrEnum):
    POINTS_ASC = "points_asc"
    POINTS_DESC = "points_desc"


describe(
    RewardOrder,
    "Order of rewards in a list.",
    {
        RewardOrder.POINTS_ASC: "Lowest list price first.",
        RewardOrder.POINTS_DESC: "Highest list price first.",
    },
)


@dataclass(frozen=True, slots=True)
class Shopper:
    """The member whose prices are shown: a rate, and the spendable points if known. `version` is
    that of the member, whose variants may have other prices.
    """

    rate: Fraction
    available: int | None
    version: Version
    member_id: UUID | None = None

    def priced(self, row: catalogue.Reward, now: datetime) -> catalogue.Reward:
        """The reward at the price that the member is shown, by which it may meet a variant."""
        if self.member_id is not None:
            met = trials.of_list_price(self.version, row)
            exposures.note(exposures.of(self.member_id, met, now))
        return catalogue.priced(row, self.version.policy)


@strawberry.type(description="A reward that points can be spent on.")
class Reward(Node):
    id: strawberry.ID = strawberry.field(description="Global id; opaque and stable.")
    code: str = strawberry.field(description="Stable code of the reward.")
    kind: RewardKind = strawberry.field(description="Kind of reward.")
    list_points: Points = strawberry.field(
        description="List price of one unit; for a reward of open value, the lowest number of "
        "points; 0 for one that only the programme itself gives, and nobody can redeem."
    )
    points: Points = strawberry.field(
        description="Current price of one unit for the member whose prices are shown, or at the "
        "entry tier."
    )
    open_value: bool = strawberry.field(
        description="Whether the member chooses the number of points."
    )
    worth: Money | None = strawberry.field(description="Value of one unit; null when none is set.")
    image_url: str | None = strawberry.field(
        description="URL of a picture; null when there is none."
    )
    remaining: int | None = strawberry.field(
        description="Units left in stock; null when the stock is unlimited."
    )
    valid_until: datetime | None = strawberry.field(
        description="Instant at which the offer ends; null when it has no end."
    )
    minimum_tier: Tier | None = strawberry.field(
        description="Lowest tier that may redeem the reward; null when every tier may."
    )
    per_member_limit: int | None = strawberry.field(
        description="Largest number of units per member; null when unlimited."
    )
    partner_units: int | None = strawberry.field(
        description="Partner's units, such as miles, in one unit of the reward; null unless the "
        "kind is PARTNER."
    )
    theme: str | None = strawberry.field(
        description="Code of the theme under which the reward is shown; null when there is none."
    )
    minimum_spend: Money | None = strawberry.field(
        description="Smallest total price of the booking lines that the coupon applies to; null "
        "when there is no minimum."
    )
    products: list[str] | None = strawberry.field(
        description="Codes of the products that the coupon applies to; null for all."
    )
    valid_days: int | None = strawberry.field(
        description="Number of days after its issue for which a coupon is valid, when its code "
        "has no end of its own; null for no end."
    )
    transferable: bool = strawberry.field(description="Whether another member may use the coupon.")
    requires: Requirement | None = strawberry.field(
        description="Details that are needed to deliver the reward; null for none."
    )
    affordable: bool | None = strawberry.field(
        description="Whether the available points cover one unit; false for a reward that nobody "
        "can redeem, and for a member who may not spend now, such as a suspended one; null when "
        "prices are not shown for a member."
    )
    row: strawberry.Private[catalogue.Reward]

    @field("Name of the reward.")
    def name(self, info: Info, locale: InLocale = None) -> str:
        return self.row.names[language(info, locale)]

    @field("Name of the partner's units, such as miles; null unless the kind is PARTNER.")
    def unit_name(self, info: Info, locale: InLocale = None) -> str | None:
        return (self.row.unit_names or {}).get(language(info, locale))

    @field(
        "Amount that its partner is paid for delivering one unit; null when none is set, and for "
        "every caller except staff."
    )
    def cost(self, info: Info) -> Money | None:
        if info.context.caller.kind is not CallerKind.STAFF:
            return None
        return _money(self.row.cost_minor, current_policy(info).currency)

    @field("Description in a sentence or two; null when there is none.")
    def description(self, info: Info, locale: InLocale = None) -> str | None:
        return self.row.descriptions.get(language(info, locale))


@strawberry.type(description="One row of the catalogue.")
class RewardEdge(Edge[Reward]):
    pass


@strawberry.type(description="One page of the catalogue.")
class RewardConnection(Connection[RewardEdge]):
    pass


LISTINGS: dict[RewardOrder, Listing[catalogue.Reward, RewardConnection]] = {
    order: Listing(
        f"rewards-{order}",
        RewardConnection,
        RewardEdge,
        (int, str),
        lambda row: (row.list_points, row.code),
    )
    for order in RewardOrder
}


@strawberry.input(
    name="RewardFilter", description="Conditions on rewards; all that are given apply."
)
class RewardFilterInput:
    kinds: list[RewardKind] | None = strawberry.field(
        default=None, description="Kinds to include; null means all."
    )
    text: str | None = strawberry.field(
        default=None, description="Part of a code, name or description."
    )
    affordable: bool | None = strawberry.field(
        default=False,
        description="Whether to include only rewards of which the available points cover one "
        "unit, which is none for a member who may not spend now.",
    )
    tier: str | None = strawberry.field(
        default=None,
        description="Code of a tier; only rewards that its members may redeem are included.",
    )


def to_reward(info: Info, row: catalogue.Reward, shopper: Shopper) -> Reward:
    policy, row = current_policy(info), shopper.priced(row, info.context.now)
    points = catalogue.unit_points(row.list_points, shopper.rate)
    return Reward(
        id=_id_of(row.id),
        code=row.code,
        kind=row.kind,
        list_points=Points(row.list_points),
        points=Points(points),
        open_value=row.open_value,
        worth=_money(row.worth_minor, policy.currency),
        image_url=row.image_url,
        remaining=None if row.remaining is None else min(row.remaining, INT_MAX),
        valid_until=row.valid_until,
        minimum_tier=to_tier(policy, row.minimum_tier) if row.minimum_tier else None,
        per_member_limit=row.per_member_limit,
        partner_units=row.partner_units,
        theme=row.theme,
        minimum_spend=_money(row.minimum_spend_minor, policy.currency),
        products=row.products,
        valid_days=row.valid_days,
        transferable=row.transferable,
        requires=row.requires,
        affordable=None if shopper.available is None else 0 < points <= shopper.available,
        row=row,
    )


@lru_cache(catalogue.REWARDS_KEPT)
def _id_of(reward_id: UUID) -> strawberry.ID:
    return to_global_id("Reward", reward_id)


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else money(minor, currency)


async def load_reward(info: Info, reward_id: UUID) -> Reward | None:
    row = await info.context.loaders.load(_rewards, (reward_id, info.context.now))
    return to_reward(info, row, await shopper_of(info, None)) if row else None


async def shopper_of(info: Info, by: MemberBy | None) -> Shopper:
    """The shopper whose prices are shown: the named member, the caller, or anybody at the entry
    tier.

    Raises: NotFound
    """
    programme, now = info.context.programme, info.context.now
    member_id = await visible_member(info, by, name="for")
    member = await load_row(info, member_id) if member_id else None
    if member is None:
        version = programme.as_of(now)
        entry = version.policy.tiers.levels[0].code
        return Shopper(catalogue.redemption_rate(version.policy, entry, now), None, version)
    balance = await balance_now(info, member)
    version = programme.of_member(member.member_id, now).as_of(now)
    rate = catalogue.redemption_rate(version.policy, member.tier, now)
    known = None if member.status in UNPAID else member.member_id
    available = balance.available if may_spend(member.status, balance.owed) else 0
    return Shopper(rate, available, version, known)


async def _rewards(
    caller: Caller, keys: list[tuple[UUID, datetime]]
) -> list[catalogue.Reward | None]:
    """Keys are (reward id, the operation's instant)."""
    found = await catalogue.many(caller.programme_id, [own for own, _ in keys], keys[0][1])
    return [found.get(own) for own, _ in keys]


ForMember = Annotated[
    MemberBy | None,
    strawberry.argument(
        name="for",
        description="Member whose prices are shown; defaults to the calling member, or to the "
        "entry tier for other callers.",
    ),
]


@strawberry.type
class CatalogueQuery:
    @field("Rewards on offer, ordered by list price.")
    async def rewards(
        self,
        info: Info,
        first: First = PAGE_DEFAULT,
        after: After = None,
        for_: ForMember = None,
        filter: Annotated[
            RewardFilterInput | None,
            strawberry.argument(description="Conditions on rewards; null means all."),
        ] = None,
        order_by: Annotated[
            RewardOrder | None,
            strawberry.argument(description="Order of the list; null means POINTS_ASC."),
        ] = RewardOrder.POINTS_ASC,
    ) -> RewardConnection:
        programme, now = info.context.programme, info.context.now
        order, asked = order_by or RewardOrder.POINTS_ASC, filter or RewardFilterInput()
        listing = LISTINGS[order]

        def page(wanted: RewardFilter, limit: int, start: Start) -> PageAsked:
            return PageAsked(wanted, limit, start, order is RewardOrder.POINTS_DESC)

        if for_ is None and not asked.affordable:
            wanted = _to_filter(info, asked, None)
            await _know_shopper(info, page(wanted, limit_of(first), listing.start(after)))
        else:
            database.return_to_snapshot()
        try:
            shopper = await shopper_of(info, for_)
        except NotFound:
            raise RequestError(RequestErrorCode.BAD_USER_INPUT, "`for` names no member.") from None
        wanted = _to_filter(info, asked, shopper)
        return await listing.page(
            first,
            after,
            rows=lambda limit, start: catalogue.page(programme, page(wanted, limit, start), now),
            node=lambda row: to_reward(info, row, shopper),
            count=lambda: catalogue.count(programme, wanted, now),
        )

    @field("Reward with this code, also when it is not on offer; null when there is none.")
    async def reward(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="Code of the reward.")],
        for_: ForMember = None,
    ) -> Reward | None:
        context = info.context
        row = await catalogue.find(context.caller.programme_id, code, context.now)
        try:
            return to_reward(info, row, await shopper_of(info, for_)) if row else None
        except NotFound:
            return None


async def _know_shopper(info: Info, asked: PageAsked) -> None:
    """The calling member, if it is one, is read with the page that it is shown."""
    context = info.context
    if context.caller.member_id is not None:
        page = catalogue.query_of_page(context.programme, asked, context.now)
        due = partial(is_due, now=context.now)
        await read_together(info, context.caller.member_id, [page], due)


def _to_filter(info: Info, wanted: RewardFilterInput, shopper: Shopper | None) -> RewardFilter:
    """The filter; without a shopper, no reward needs to be affordable.

    Raises: RequestError BAD_USER_INPUT
    """
    tiers = [level.code for level in current_policy(info).tiers.levels]
    if wanted.tier is not None and wanted.tier not in tiers:
        known = f"this programme has {listed(tiers)}."
        raise RequestError(
            RequestErrorCode.BAD_USER_INPUT, f"Unknown tier {wanted.tier[:64]!r}; {known}"
        )
    points_max, prices = None, current_policy(info).prices
    if wanted.affordable and shopper:
        points_max = catalogue.points_max(shopper.available or 0, shopper.rate)
        prices = shopper.version.policy.prices
    kinds = None if wanted.kinds is None else tuple(wanted.kinds)
    return RewardFilter(kinds, wanted.text, wanted.tier, points_max, prices)
