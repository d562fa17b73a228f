"""Placing offers: validated whole, compared field by field, written in one transaction or not."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

import models
from domain.kernel.database import rows
from domain.partners import partners
from domain.programmes import writing
from domain.programmes.programmes import Programme
from domain.programmes.refusals import PolicyInvalid
from domain.rewards import catalogue, offers, placing
from domain.rewards.offers import Offers
from domain.rewards.placing import How, Placement, PlacementOutcome
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("database")

WORDS = {"name": make.WORDS, "description": make.WORDS}
COUPON: dict[str, Any] = {"code": "coupon", "kind": "coupon", "points": 100, "worth": 1, **WORDS}
MILES: dict[str, Any] = {
    "code": "miles",
    "kind": "partner",
    "points": 2000,
    "units": 1000,
    "unit": {"zh-CN": "里程", "en": "miles"},
    "partner": "airline",
    **WORDS,
}
LOUNGE: dict[str, Any] = {
    "code": "lounge",
    "kind": "service",
    "points": 4000,
    "worth": 150,
    "stock": 10,
    "minimum_tier": "gold",
    "per_member_limit": 2,
    "valid_from": "2026-03-15",
    "valid_until": "2026-03-31",
    "image_url": "https://example.com/lounge.jpg",
    **WORDS,
}
FILE = (COUPON, MILES, LOUNGE)


async def opened() -> Programme:
    """A programme with an airline."""
    programme = await make.establish()
    await partners.create(programme, "airline", "Airline", make.NOW)
    return programme


def offered(programme: Programme, *rewards: dict[str, Any]) -> Offers:
    return offers.parse(json.dumps({"programme": programme.code, "rewards": list(rewards)}))


async def place(programme: Programme, *rewards: dict[str, Any], **how: bool) -> list[Placement]:
    return await placing.place(programme, offered(programme, *rewards), make.NOW, How(**how))


async def catalogue_of(programme: Programme) -> list[str]:
    """Every row of the programme's catalogue, as text."""
    found = await rows(
        "SELECT w::text || coalesce(s::text, '') AS text FROM reward w "
        "LEFT JOIN reward_stock s ON s.reward_id = w.id WHERE w.programme_id = $1 ORDER BY 1",
        programme.id,
    )
    return [row["text"] for row in found]


async def test_a_file_is_placed_once() -> None:
    programme = await opened()
    assert await place(programme, *FILE, dry_run=True) == [
        Placement(code, PlacementOutcome.NEW) for code in ("coupon", "miles", "lounge")
    ]
    assert await catalogue_of(programme) == []
    assert {placed.outcome for placed in await place(programme, *FILE)} == {PlacementOutcome.NEW}
    before = await catalogue_of(programme)
    for how in ({}, {"stock": True}, {"missing_only": True}):
        placed = await place(programme, *FILE, **how)
        assert {one.outcome for one in placed} <= {PlacementOutcome.UNCHANGED}
    assert await catalogue_of(programme) == before

    lounge = await catalogue.get(programme.id, "lounge", make.NOW)
    assert (lounge.list_points, lounge.worth_minor, lounge.remaining) == (4000, 15_000, 10)
    assert (lounge.minimum_tier, lounge.per_member_limit) == ("gold", 2)
    # 15 March 00:00 through 31 March, in Shanghai
    assert lounge.valid_from == datetime(2026, 3, 14, 16, tzinfo=UTC)
    assert lounge.valid_until == datetime(2026, 3, 31, 16, tzinfo=UTC)
    miles = await catalogue.get(programme.id, "miles", make.NOW)
    airline = await models.Partner.get(programme_id=programme.id, code="airline")
    assert (miles.partner_id, miles.partner_units) == (airline.id, 1000)
    assert miles.unit_names == {"zh-CN": "里程", "en": "miles"}


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "price": (COUPON, {"points": 120}),
    "words": (COUPON, {"name": {"zh-CN": "券", "en": "A coupon"}}),
    "worth": (COUPON, {"worth": "1.50"}),
    "activity": (COUPON, {"active": False}),
    "partner": (COUPON, {"partner": "airline"}),
    "units": (MILES, {"units": 900}),
    "unit": (MILES, {"unit": {"zh-CN": "点", "en": "points"}}),
    "first day": (LOUNGE, {"valid_from": "2026-03-16"}),
    "last day": (LOUNGE, {"valid_until": None}),
    "limit": (LOUNGE, {"per_member_limit": 3}),
    "tier": (LOUNGE, {"minimum_tier": None}),
    "picture": (LOUNGE, {"image_url": None}),
}


async def test_each_changed_field_is_told_and_written() -> None:
    programme = await opened()
    await place(programme, *FILE)
    others = {offer["code"]: offer for offer in FILE}
    for name, (offer, change) in CHANGES.items():
        before = await catalogue_of(programme)
        wanted = [
            {**others[code], **change} if code == offer["code"] else others[code] for code in others
        ]
        expected = [
            Placement(code, PlacementOutcome.CHANGED, tuple(change))
            if code == offer["code"]
            else Placement(code, PlacementOutcome.UNCHANGED)
            for code in others
        ]
        assert await place(programme, *wanted, dry_run=True) == expected, name
        assert await catalogue_of(programme) == before
        assert await place(programme, *wanted) == expected
        after = await catalogue_of(programme)
        assert len(set(after) - set(before)) == 1
        assert {one.outcome for one in await place(programme, *wanted)} == {
            PlacementOutcome.UNCHANGED
        }
        await place(programme, *FILE)
        assert await catalogue_of(programme) == before


async def test_stock_changes_only_where_it_is_asked_for() -> None:
    programme = await opened()
    await place(programme, LOUNGE)
    [lounge] = await models.Reward.filter(programme_id=programme.id)
    await make.set_stock(lounge, 7)
    more = {**LOUNGE, "stock": 50}
    assert await place(programme, more) == [Placement("lounge", PlacementOutcome.UNCHANGED)]
    assert await make.stock(lounge) == 7
    assert await place(programme, {**more, "points": 4500}) == [
        Placement("lounge", PlacementOutcome.CHANGED, ("points",))
    ]
    assert await make.stock(lounge) == 7
    assert await place(programme, LOUNGE, stock=True) == [
        Placement("lounge", PlacementOutcome.CHANGED, ("points", "stock"))
    ]
    assert await make.stock(lounge) == 10
    for stock in (None, 5):
        await place(programme, {**LOUNGE, "stock": stock}, stock=True)
        assert await make.stock(lounge) == stock


async def test_what_is_missing_is_added_and_nothing_else_touched() -> None:
    programme = await opened()
    await place(programme, COUPON)
    other = {**COUPON, "points": 999, "kind": "product"}
    assert await place(programme, other, LOUNGE, missing_only=True) == [
        Placement("lounge", PlacementOutcome.NEW)
    ]
    assert (await catalogue.get(programme.id, "coupon", make.NOW)).list_points == 100
    # what a file does not name stays
    assert await place(programme, COUPON) == [Placement("coupon", PlacementOutcome.UNCHANGED)]
    assert len(await catalogue_of(programme)) == 2


async def test_every_fault_is_told_and_nothing_placed() -> None:
    programme = await opened()
    await place(programme, COUPON, {**COUPON, "code": "open", "open_value": True, "worth": None})
    before = await catalogue_of(programme)
    wrong = [
        {**COUPON, "kind": "product"},
        {**COUPON, "code": "open", "pooled": True},
        {**LOUNGE, "minimum_tier": "iron", "partner": "nobody", "worth": "0.001"},
        MILES,
    ]
    with pytest.raises(PolicyInvalid) as refused:
        await place(programme, *wrong)
    told = [(fault.path, fault.code, fault.known) for fault in refused.value.faults]
    assert told == [
        ("rewards.0.kind", "placed_otherwise", ()),
        ("rewards.1.open_value", "placed_otherwise", ()),
        ("rewards.1.pooled", "placed_otherwise", ()),
        ("rewards.2.worth", "decimals", ()),
        ("rewards.2.minimum_tier", "undefined", ("silver", "gold", "platinum", "diamond")),
        ("rewards.2.partner", "undefined", ("airline",)),
    ]
    assert await catalogue_of(programme) == before

    other = await make.establish()
    with pytest.raises(PolicyInvalid) as refused:
        await placing.place(other, offered(programme, COUPON), make.NOW)
    assert refused.value.faults[0].code == "other_programme"
    assert await catalogue_of(other) == []


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({**COUPON, "units": 5}, "units", "units_of_partner"),
    ({**MILES, "unit": None}, "unit", "units_missing"),
    ({**MILES, "units": 0}, "units", "above"),
    ({**MILES, "units": offers.UNITS_MAX + 1}, "units", "most"),
    ({**LOUNGE, "pooled": True, "stock": None}, "pooled", "coupon_only"),
    ({**LOUNGE, "low_water": 5}, "low_water", "low_water"),
    ({**COUPON, "code": "c", "pooled": True, "stock": 5}, "stock", "pool_stock"),
    ({**COUPON, "code": "c", "open_value": True}, "worth", "open_worth"),
    ({**COUPON, "code": "c", "worth": 0}, "worth", "above"),
    ({**COUPON, "code": "c", "products": ["hotel", "hotel"]}, "products.1", "repeated"),
    ({**COUPON, "code": "c", "pooled": "yes"}, "pooled", "flag"),
    ({**LOUNGE, "valid_until": "2026-03-14"}, "valid_from", "backwards"),
    ({**LOUNGE, "valid_until": 20260314}, "valid_until", "day"),
    ({**LOUNGE, "image_url": "javascript:alert(1)"}, "image_url", "url"),
    ({**LOUNGE, "image_url": f"https://{'x' * 2000}"}, "image_url", "text_long"),
    ({**LOUNGE, "partner": "x" * 65}, "partner", "text_long"),
    ({**LOUNGE, "per_member_limit": 2**31}, "per_member_limit", "most"),
    ({**LOUNGE, "stock": 2**53 + 1}, "stock", "most"),
    ({**LOUNGE, "prize": 1}, "prize", "unknown_key"),
]


@pytest.mark.parametrize(("reward", "path", "code"), BAD)
def test_a_file_that_contradicts_itself(reward: dict[str, Any], path: str, code: str) -> None:
    first = {**COUPON, "code": "first"}
    with pytest.raises(PolicyInvalid) as refused:
        offers.parse(json.dumps({"programme": "ota", "rewards": [first, reward]}))
    found = [(fault.path, fault.code, fault.rule) for fault in refused.value.faults]
    assert found == [(f"rewards.1.{path}", code, reward["code"])]


def test_a_file_that_is_none() -> None:
    twice = json.dumps({"programme": "ota", "rewards": [COUPON, COUPON]})
    for text, code in (("[", "unclosed"), ("a: 1\na: 2", "repeated_key"), (twice, "repeated")):
        with pytest.raises(PolicyInvalid) as refused:
            offers.parse(text)
        assert code in [fault.code for fault in refused.value.faults]


async def test_the_catalogue_is_printed_as_a_file_that_changes_nothing() -> None:
    programme = await opened()
    pooled = {**COUPON, "code": "pooled", "pooled": True, "low_water": 3, "active": False}
    await place(programme, *FILE, pooled, {**LOUNGE, "code": "later", "valid_until": None})
    shipped = offers.shipped("ota")
    assert shipped is not None
    own = shipped.model_copy(
        update={"rewards": tuple(o for o in shipped.rewards if o.code != "lounge")}
    )
    own = own.model_copy(update={"programme": programme.code})
    await placing.place(programme, own, make.NOW)

    tree = await placing.document(programme, make.NOW)
    printed = offers.parse(writing.to_yaml(tree))
    assert len(printed.rewards) == 14
    placed = await placing.place(programme, printed, make.NOW, How(stock=True))
    assert {one.outcome for one in placed} == {PlacementOutcome.UNCHANGED}


async def test_two_that_place_at_once_do_it_one_after_the_other() -> None:
    programme = await opened()
    found = await asyncio.gather(*(place(programme, *FILE) for _ in range(6)))
    outcomes = sorted(str(placed[0].outcome) for placed in found)
    assert outcomes == ["new"] + ["unchanged"] * 5
