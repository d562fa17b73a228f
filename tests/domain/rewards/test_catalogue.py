"""The catalogue: what is on offer to whom, in which order, and what it costs."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import models
from domain.kernel.ids import new_id
from domain.kernel.refusals import InvalidInput, NotFound
from domain.programmes import reader
from domain.programmes.programmes import Programme
from domain.rewards import catalogue
from domain.rewards.catalogue import PageAsked, Price, Reward, RewardFilter, RewardKind
from tests.conftest import Database
from tests.support import factories as make

DAY = timedelta(days=1)
OTA = reader.validate(make.shipped_document())

LOUNGE = Reward(
    id=UUID(int=1),
    programme_id=UUID(int=2),
    code="lounge",
    kind=RewardKind.SERVICE,
    names={},
    descriptions={},
    list_points=4000,
    open_value=False,
    worth_minor=None,
    image_url=None,
    valid_from=None,
    valid_until=None,
    minimum_tier=None,
    per_member_limit=None,
    pooled_codes=False,
    low_water=None,
    partner_id=None,
    partner_units=None,
    unit_names=None,
    theme=None,
    cost_minor=None,
    minimum_spend_minor=None,
    products=None,
    valid_days=None,
    transferable=True,
    requires=None,
    active=True,
    remaining=None,
)
COUPON = replace(LOUNGE, code="open", kind=RewardKind.COUPON, list_points=1, open_value=True)


def test_a_price_is_list_by_rate_rounded_up_times_the_number() -> None:
    priced = replace(LOUNGE, list_points=333, worth_minor=1000)
    for rate, quantity, expected in (
        (Fraction(1), 1, Price(333, 1000)),
        (Fraction(2), 1, Price(167, 1000)),
        (Fraction(2), 3, Price(501, 3000)),
        (Fraction("1.5"), 2, Price(444, 2000)),
    ):
        found = catalogue.price(OTA, priced, rate, quantity=quantity, points=None)
        assert found == expected
    assert catalogue.unit_points(LOUNGE.list_points, Fraction(2)) == 2000


@given(
    st.integers(1, 10**7),
    st.integers(1, 10**6),
    st.decimals(1, 1000, places=3),
    st.integers(1, 10**9),
)
def test_an_open_value_takes_exactly_what_it_buys(
    points_worth: int, money: int, factor: Any, points: int
) -> None:
    document = make.shipped_document()
    document["points"]["worth"] = {"points": points_worth, "money": money}
    by = reader.validate(document)
    rate = Fraction(factor)
    each = Fraction(money * 100, points_worth) * rate
    least = -(-each.denominator // each.numerator)
    if points < least:
        with pytest.raises(InvalidInput) as refused:
            catalogue.price(by, COUPON, rate, quantity=1, points=points)
        assert (refused.value.reason, refused.value.allowed) == ("worth_nothing", (str(least),))
        return
    found = catalogue.price(by, COUPON, rate, quantity=1, points=points)
    assert found.worth_minor == points * each // 1
    assert 1 <= found.points <= points
    # one point fewer would buy less, and not one that is taken buys nothing
    assert (found.points - 1) * each // 1 < found.worth_minor
    assert found.points * each // 1 == found.worth_minor


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.decimals(1, 10, places=3))
def test_what_is_affordable_is_what_can_be_paid(listed: int, available: int, factor: Any) -> None:
    rate = Fraction(factor)
    reward = replace(LOUNGE, list_points=listed)
    affordable = listed <= catalogue.points_max(available, rate)
    assert affordable == (catalogue.unit_points(reward.list_points, rate) <= available)


@given(st.integers(1, 10**6), st.decimals(1, 10, places=3), st.decimals(1, 10, places=3))
def test_a_better_rate_never_costs_more(listed: int, one: Any, other: Any) -> None:
    assume(one <= other)
    reward = replace(LOUNGE, list_points=listed)
    assert catalogue.unit_points(reward.list_points, Fraction(other)) <= catalogue.unit_points(
        reward.list_points, Fraction(one)
    )


def test_of_the_rates_that_apply_the_best_one_counts() -> None:
    document = make.shipped_document()
    document["redemption_rates"] += [
        {"code": "gold_rate", "name": make.WORDS, "factor": 3, "tiers": ["gold"]}
    ]
    by = reader.validate(document)
    in_season = datetime.combine(date(2025, 12, 1), make.NOW.timetz())
    for tier, now, rate in (
        ("silver", make.NOW, 1),
        ("silver", in_season, 2),
        ("gold", make.NOW, 3),
        ("gold", in_season, 3),
    ):
        assert catalogue.redemption_rate(by, tier, now) == rate


async def shelf(programme: Programme) -> None:
    rewards: dict[str, dict[str, Any]] = {
        "a_coupon": {
            "kind": "COUPON",
            "list_points": 1000,
            "names": {"zh-CN": "十元券", "en": "Ten off"},
        },
        "b_lounge": {"list_points": 4000, "minimum_tier": "gold"},
        "c_book": {
            "kind": "PRODUCT",
            "list_points": 1000,
            "names": {"zh-CN": "电子书", "en": "E-book 100%"},
            "descriptions": {"zh-CN": "一本", "en": "About_Travel"},
        },
        "d_miles": {"kind": "PARTNER", "list_points": 9000, "minimum_tier": "silver"},
        "e_gone": {"list_points": 5, "active": False},
        "f_over": {"list_points": 5, "valid_until": make.NOW},
        "g_later": {"list_points": 5, "valid_from": make.NOW + DAY},
    }
    for code, columns in rewards.items():
        await make.reward(programme, code=code, **columns)


async def codes(programme: Programme, wanted: RewardFilter, **more: Any) -> list[str]:
    now = more.pop("now", make.NOW)
    found = await catalogue.page(programme, PageAsked(wanted, 99, **more), now)
    assert await catalogue.count(programme, wanted, now) == len(found)
    return [reward.code for reward in found]


async def test_what_is_on_offer_is_shown_cheapest_first(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    await shelf(programme)
    await make.reward(other)
    assert await codes(programme, RewardFilter()) == ["a_coupon", "c_book", "b_lounge", "d_miles"]
    assert await codes(programme, RewardFilter(), dearest_first=True) == [
        "d_miles",
        "b_lounge",
        "c_book",
        "a_coupon",
    ]
    later = await codes(programme, RewardFilter(), now=make.NOW + DAY)
    assert later == ["g_later", "a_coupon", "c_book", "b_lounge", "d_miles"]
    earlier = await codes(programme, RewardFilter(), now=make.NOW - timedelta(microseconds=1))
    assert earlier[0] == "f_over"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (RewardFilter(kinds=(RewardKind.COUPON,)), ["a_coupon"]),
        (RewardFilter(kinds=(RewardKind.PARTNER, RewardKind.PRODUCT)), ["c_book", "d_miles"]),
        (RewardFilter(kinds=()), []),
        (RewardFilter(tier="silver"), ["a_coupon", "c_book", "d_miles"]),
        (RewardFilter(tier="gold"), ["a_coupon", "c_book", "b_lounge", "d_miles"]),
        (RewardFilter(points_max=999), []),
        (RewardFilter(points_max=1000), ["a_coupon", "c_book"]),
        (RewardFilter(points_max=4000, tier="silver"), ["a_coupon", "c_book"]),
        (RewardFilter(text="BOOK"), ["c_book"]),
        (RewardFilter(text="十元"), ["a_coupon"]),
        (RewardFilter(text="100%"), ["c_book"]),
        (RewardFilter(text="t_T"), ["c_book"]),
        (RewardFilter(text="%"), ["c_book"]),
        (RewardFilter(text="\\"), []),
        (RewardFilter(text="lounge\x00"), ["b_lounge", "d_miles"]),
        (RewardFilter(text='"'), []),
        (RewardFilter(text="zh-CN"), []),
        (RewardFilter(text=": "), []),
        (
            RewardFilter(text="travel", kinds=(RewardKind.PRODUCT,), points_max=1000),
            ["c_book"],
        ),
    ],
    ids=range(19),
)
async def test_the_catalogue_is_filtered(
    database: Database, wanted: RewardFilter, expected: list[str]
) -> None:
    programme = await make.establish()
    await shelf(programme)
    assert await codes(programme, wanted) == expected


@pytest.mark.parametrize("dearest_first", [False, True])
async def test_the_catalogue_is_paged(
    database: Database, statements: list[str], dearest_first: bool
) -> None:
    programme = await make.establish()
    await shelf(programme)
    whole = await codes(programme, RewardFilter(), dearest_first=dearest_first)
    seen: list[str] = []
    after = None
    while found := await catalogue.page(
        programme, PageAsked(RewardFilter(), 1, after, dearest_first), make.NOW
    ):
        seen += [reward.code for reward in found]
        after = (found[-1].list_points, found[-1].code)
    assert seen == whole
    # a cursor means the same on a server that sorts otherwise
    pages = [sql for sql in statements if "ORDER BY w.list_points" in sql]
    assert {sql.count('w.code COLLATE "C"') for sql in pages} == {2}


async def test_what_is_left_is_stock_or_the_pool(database: Database) -> None:
    programme = await make.establish()
    plenty = await make.reward(programme)
    counted = await make.reward(programme, stock=7)
    pooled = await make.reward(programme, kind="COUPON", pooled_codes=True)
    await make.pool(pooled, "A", "B")
    await models.CouponCode.create(
        id=new_id(),
        programme_id=programme.id,
        reward_id=pooled.id,
        code="C",
        status="VOID",
        member_id=new_id(),
        redemption_id=new_id(),
        imported_at=make.NOW,
    )
    found = await catalogue.many(programme.id, [plenty.id, counted.id, pooled.id], make.NOW)
    assert {reward_id: reward.remaining for reward_id, reward in found.items()} == {
        plenty.id: None,
        counted.id: 7,
        pooled.id: 2,
    }


async def test_a_reward_is_found_by_its_code_in_its_programme(database: Database) -> None:
    programme, other = await make.establish(), await make.establish()
    made = await make.reward(programme, code="lounge", names={"zh-CN": "贵宾厅", "en": "Lounge"})
    found = await catalogue.get(programme.id, "lounge", make.NOW)
    assert (found.id, found.names, found.kind) == (
        made.id,
        {"zh-CN": "贵宾厅", "en": "Lounge"},
        RewardKind.SERVICE,
    )
    for programme_id, code in (
        (other.id, "lounge"),
        (programme.id, "LOUNGE"),
        (programme.id, "lounge\x00"),
    ):
        assert await catalogue.find(programme_id, code, make.NOW) is None
        with pytest.raises(NotFound) as refused:
            await catalogue.get(programme_id, code, make.NOW)
        assert refused.value.path == ("reward",)
    assert await catalogue.many(other.id, [made.id], make.NOW) == {}
