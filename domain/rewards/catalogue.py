"""The catalogue: rewards, what they cost a member now, and who may have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from domain.kernel import dates
from domain.kernel.database import Row, row, rows
from domain.kernel.inputs import check_identifier
from domain.kernel.pages import beyond
from domain.kernel.queries import Query, ask_one, found_of, query
from domain.kernel.refusals import InvalidInput, NotFound
from domain.programmes import points as points_terms
from domain.programmes.policy import Policy
from domain.programmes.programmes import Programme
from domain.rewards import pools
from domain.rewards.refusals import RewardInactive, TierRequired

QUANTITY_MAX = 100
ACCOUNT_CHARACTERS_MAX = 64
CODES_LISTED_MAX = 50

REWARDS_KEPT = 2000
"""Rows of rewards, each with its stock then, whose rewards a process keeps."""


class RewardKind(StrEnum):
    COUPON = "COUPON"
    SERVICE = "SERVICE"
    PRODUCT = "PRODUCT"
    PARTNER = "PARTNER"


class Requirement(StrEnum):
    """Details of the recipient that are needed to deliver a reward."""

    ADDRESS = "ADDRESS"
    APPOINTMENT = "APPOINTMENT"


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward as offered. `remaining` is null for one that cannot run out.

    `list_points` is the price of one, and of an open value the least that buys something;
    `worth_minor` what one is worth in minor units of the programme's currency. One of a partner's
    reward gives `partner_units` of its own, as miles. One with a list price of 0 is only given
    by grants. `cost_minor` is what its partner is paid for one. A coupon is for bookings whose
    lines of its `products` (all where null) cost `minimum_spend_minor` or more.
    """

    id: UUID
    programme_id: UUID
    code: str
    kind: RewardKind
    names: dict[str, str]
    descriptions: dict[str, str]
    list_points: int
    open_value: bool
    worth_minor: int | None
    image_url: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    minimum_tier: str | None
    per_member_limit: int | None
    pooled_codes: bool
    low_water: int | None
    partner_id: UUID | None
    partner_units: int | None
    unit_names: dict[str, str] | None
    theme: str | None
    cost_minor: int | None
    minimum_spend_minor: int | None
    products: list[str] | None
    valid_days: int | None
    transferable: bool
    requires: Requirement | None
    active: bool
    remaining: int | None

    @property
    def only_given(self) -> bool:
        """Whether no points buy it."""
        return self.list_points == 0

    def on_offer(self, now: datetime) -> bool:
        return (
            self.active
            and (self.valid_from is None or self.valid_from <= now)
            and (self.valid_until is None or now < self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class Price:
    """Price of a redemption and its worth, in points and minor units."""

    points: int
    worth_minor: int | None


@dataclass(frozen=True, slots=True)
class RewardFilter:
    """`affordable_points` and `tier` are those of the member that the catalogue is shown to, and so
    are list `prices` by code that are not those of the catalogue.
    """

    kinds: tuple[RewardKind, ...] | None = None
    text: str | None = None
    tier: str | None = None
    points_max: int | None = None
    prices: Mapping[str, int] = field(default_factory=dict)


def priced(reward: Reward, policy: Policy) -> Reward:
    """The reward at the list price that the document says, where it says one; what no points buy
    has none.
    """
    wanted = policy.prices.get(reward.code, reward.list_points)
    if reward.only_given or wanted == reward.list_points:
        return reward
    return replace(reward, list_points=wanted)


def redemption_rate(policy: Policy, tier: str, now: datetime) -> Fraction:
    """Factor by which a point's worth is multiplied now: the best of the rates that apply."""
    return redemption_rate_on(policy, tier, dates.local_date(now, policy.zone))


def redemption_rate_on(policy: Policy, tier: str, day: date | None) -> Fraction:
    """The same on a local day; where the day is not known no season applies."""
    code = policy.tier_code(tier)
    factors = [
        Fraction(rate.factor)
        for rate in policy.redemption_rates
        if (rate.tiers is None or code in rate.tiers)
        and (rate.seasons is None or (day is not None and policy.in_season(rate.seasons, day)))
    ]
    return max(factors, default=Fraction(1))


def unit_points(list_points: int, rate: Fraction) -> int:
    """List price ÷ rate, rounded up."""
    return -(-list_points * rate.denominator // rate.numerator)


def price(
    policy: Policy, reward: Reward, rate: Fraction, *, quantity: int, points: int | None
) -> Price:
    """Price of `quantity` units; for an open value, what `points` buy.

    An open value never takes a point that buys nothing.

    Raises: InvalidInput.
    """
    if not reward.open_value:
        if points is not None:
            raise InvalidInput("points_not_open", path=("points",))
        worth = None if reward.worth_minor is None else reward.worth_minor * quantity
        return Price(unit_points(reward.list_points, rate) * quantity, worth)
    points_terms.check(policy)
    if quantity != 1:
        raise InvalidInput("quantity_not_open", path=("quantity",))
    if points is None:
        raise InvalidInput("points_required", path=("points",))
    if points < 1:
        raise InvalidInput("not_positive", str(points), path=("points",))
    worth_each = policy.minor_per_point * rate
    worth_minor = _floor(points * worth_each)
    if worth_minor == 0:
        least = str(_ceiling(1 / worth_each))
        raise InvalidInput("worth_nothing", str(points), (least,), path=("points",))
    return Price(_ceiling(worth_minor / worth_each), worth_minor)


def check_offer(policy: Policy, reward: Reward, tier: str, now: datetime) -> None:
    """Raises: RewardInactive, TierRequired."""
    if reward.only_given or not reward.on_offer(now):
        raise RewardInactive(reward.code, path=("reward",))
    wanted = reward.minimum_tier
    if wanted is not None and policy.rank(tier) < policy.rank(wanted):
        known = policy.tier_code(wanted), policy.tier_code(tier)
        raise TierRequired(*known, path=("reward",))


def check_account(reward: Reward, account: str | None) -> None:
    """A partner's units go to an account with the partner, and nothing else does.

    Raises: InvalidInput.
    """
    if account is not None:
        check_identifier(account, ("partnerAccount",), ACCOUNT_CHARACTERS_MAX)
    if (reward.kind is RewardKind.PARTNER) != (account is not None):
        reason = "account_required" if account is None else "account_not_taken"
        raise InvalidInput(reason, reward.code, path=("partnerAccount",))


def check_quantity(quantity: int) -> None:
    """Raises: InvalidInput."""
    if quantity < 1:
        raise InvalidInput("not_positive", str(quantity), path=("quantity",))
    if quantity > QUANTITY_MAX:
        limit = str(QUANTITY_MAX)
        raise InvalidInput("quantity_too_large", str(quantity), (limit,), path=("quantity",))


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator


def _ceiling(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


# Reads.

_SELECT = f"""
SELECT w.id, w.programme_id, w.code, w.kind, w.names, w.descriptions, w.list_points,
    w.open_value, w.worth_minor, w.image_url, w.valid_from, w.valid_until, w.minimum_tier,
    w.per_member_limit, w.pooled_codes, w.low_water, w.partner_id, w.partner_units, w.unit_names,
    w.theme, w.cost_minor, w.minimum_spend_minor, w.products, w.valid_days, w.transferable,
    w.requires, w.active,
    CASE WHEN w.pooled_codes
        THEN {pools.LEFT}
        ELSE (SELECT s.remaining FROM reward_stock s WHERE s.reward_id = w.id)
    END AS remaining
FROM reward w
"""
"""$2 is the instant: codes past their validity are not left of a pool."""

_COLUMNS = tuple(column.name for column in fields(Reward))

_FILTER = """
WHERE w.programme_id = $1 AND w.active
    AND (w.valid_from IS NULL OR w.valid_from <= $2)
    AND (w.valid_until IS NULL OR w.valid_until > $2)
    AND ($3::text[] IS NULL OR w.kind = ANY($3::text[]))
    AND ($4::text IS NULL OR w.code ILIKE $4
        OR EXISTS (SELECT FROM jsonb_each_text(w.names) AS t WHERE t.value ILIKE $4)
        OR EXISTS (SELECT FROM jsonb_each_text(w.descriptions) AS t WHERE t.value ILIKE $4))
    AND ($5::text[] IS NULL OR w.minimum_tier IS NULL OR w.minimum_tier = ANY($5::text[]))
    AND ($6::bigint IS NULL OR (w.list_points > 0
        AND coalesce(($7::jsonb ->> w.code)::bigint, w.list_points) <= $6))
"""


def query_of(programme_id: UUID, code: str, now: datetime) -> Query:
    """A reward by its code; none has one with a null character."""
    sql = f"{_SELECT} WHERE w.programme_id = $1 AND w.code = $3"
    return query(_COLUMNS, sql, programme_id, now, code.replace("\x00", " "))


async def find(programme_id: UUID, code: str, now: datetime) -> Reward | None:
    if "\x00" in code:
        return None
    found = await ask_one(query_of(programme_id, code, now))
    return _reward(found) if found else None


async def get(programme_id: UUID, code: str, now: datetime) -> Reward:
    """Raises: NotFound, which lists the codes on offer."""
    reward = await find(programme_id, code, now)
    if reward is None:
        known = await rows(
            "SELECT code FROM reward WHERE programme_id = $1 AND active ORDER BY code LIMIT $2",
            programme_id,
            CODES_LISTED_MAX,
        )
        codes = tuple(found["code"] for found in known)
        raise NotFound("reward", code[:64], codes, path=("reward",))
    return reward


async def codes(programme_id: UUID) -> frozenset[str]:
    """The codes of all active rewards of the programme."""
    found = await rows("SELECT code FROM reward WHERE programme_id = $1 AND active", programme_id)
    return frozenset(reward["code"] for reward in found)


async def many(programme_id: UUID, ids: Sequence[UUID], now: datetime) -> dict[UUID, Reward]:
    """Rewards by id, whether or not they are on offer; one statement for all of them."""
    found = await rows(
        f"{_SELECT} WHERE w.programme_id = $1 AND w.id = ANY($3::uuid[])",
        programme_id,
        now,
        list(ids),
    )
    return {reward["id"]: _reward(reward) for reward in found}


@dataclass(frozen=True, slots=True)
class PageAsked:
    """At most `limit` rewards on offer by list price then code, after `after`.

    `wanted.points_max` bounds the list price: divide by the rate before asking. What is only
    given is then not among them.
    """

    wanted: RewardFilter
    limit: int
    after: tuple[int, str] | None = None
    dearest_first: bool = False


_KEY = 'w.list_points, w.code COLLATE "C"'


def query_of_page(programme: Programme, asked: PageAsked, now: datetime) -> Query:
    """What `page` asks."""
    order = "DESC" if asked.dearest_first else "ASC"
    return query(
        _COLUMNS,
        f"{_SELECT} {_FILTER} "
        f"AND {beyond(_KEY, 8, 'bigint', 'text', descending=asked.dearest_first)} "
        f'ORDER BY w.list_points {order}, w.code COLLATE "C" {order} LIMIT $10',
        *_filter_values(programme, asked.wanted, now),
        *(asked.after or (None, None)),
        asked.limit,
    )


async def page(programme: Programme, asked: PageAsked, now: datetime) -> list[Reward]:
    return [_made(tuple(found)) for found in await found_of(query_of_page(programme, asked, now))]


async def count(programme: Programme, wanted: RewardFilter, now: datetime) -> int:
    found = await row(
        f"SELECT count(*) AS count FROM reward w {_FILTER}",
        *_filter_values(programme, wanted, now),
    )
    return int(found["count"]) if found else 0


def _filter_values(programme: Programme, wanted: RewardFilter, now: datetime) -> tuple[Any, ...]:
    policy = programme.as_of(now).policy
    kinds = None if wanted.kinds is None else [str(kind) for kind in wanted.kinds]
    text = None
    if wanted.text:
        escaped = wanted.text.replace("\x00", "").replace("\\", r"\\")
        text = "%" + escaped.replace("%", r"\%").replace("_", r"\_") + "%"
    reached = None
    if wanted.tier is not None:
        levels = policy.tiers.levels[: policy.rank(wanted.tier) + 1]
        reached = policy.tier_codes(level.code for level in levels)
    prices = orjson.dumps(dict(wanted.prices)).decode()
    return programme.id, now, kinds, text, reached, wanted.points_max, prices


def points_max(available: int, rate: Fraction) -> int:
    """The dearest list price that `available` points pay: ceil(list ÷ rate) ≤ available."""
    return _floor(available * rate)


def _reward(found: Row) -> Reward:
    return _made(tuple(found.values()))


@lru_cache(REWARDS_KEPT)
def _made(row: tuple[Any, ...]) -> Reward:
    """The reward of a row, whose columns are `_COLUMNS`; made once, as rows seldom change."""
    found = dict(zip(_COLUMNS, row, strict=True))
    return Reward(
        **{
            **found,
            "kind": RewardKind(found["kind"]),
            "names": orjson.loads(found["names"]),
            "descriptions": orjson.loads(found["descriptions"]),
            "unit_names": orjson.loads(found["unit_names"] or "null"),
            "products": orjson.loads(found["products"] or "null"),
            "requires": found["requires"] and Requirement(found["requires"]),
        }
    )
