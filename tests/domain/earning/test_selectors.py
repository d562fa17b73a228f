"""When a rule applies: each selector at its edges, and what cannot be asked for."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.checkout.booking_lines import LineSent
from domain.earning import earning
from domain.earning.values import Evaluation, Line, MemberFacts
from domain.kernel.refusals import InvalidInput
from domain.programmes import reader
from domain.programmes.policy import Policy
from domain.programmes.refusals import PolicyInvalid
from tests.conftest import Database
from tests.support import factories as make
from tests.support import travel

BOOKED = date(2026, 9, 30)
"""A Wednesday."""
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 4)
SEASONS = [
    {
        "code": "holidays",
        "name": make.WORDS,
        "spans": [{"from": "2026-10-01", "through": "2026-10-07"}],
    }
]


def paying(when: dict[str, Any], **parts: Any) -> Policy:
    """A programme whose one rule pays 7 points where this holds."""
    bonus = make.rule("bonus", "seven", points=7, when=when, **parts)
    document = make.variant(
        bonus,
        seasons=SEASONS,
        redemption_rates=[],
        attributes={"business": "boolean", "city": "text", "rooms": "number"},
    )
    return reader.parse(json.dumps(document))


def judged(policy: Policy, *lines: Line, day: date = BOOKED, **facts: Any) -> Evaluation:
    return earning.evaluate(policy, lines, MemberFacts("silver", **facts), day=day)


def stay(minor: int = 100_00, first: date | None = FIRST, **attributes: Any) -> Line:
    last = first and LAST
    return Line(1, "hotel", minor, attributes, travel_from=first, travel_to=last)


@pytest.mark.parametrize(
    ("when", "line", "points"),
    [
        ({"attributes": {"rooms": 1}}, stay(rooms=True), 0),
        ({"attributes": {"business": True}}, stay(business=1), 0),
        ({"travel_seasons": ["holidays"]}, stay(), 7),
        ({"travel_seasons": ["holidays"]}, stay(first=date(2026, 9, 30)), 0),
        ({"travel_seasons": ["holidays"]}, stay(first=None), 0),
        ({"travel_weekdays": ["thu", "sat"]}, stay(), 7),
        ({"travel_weekdays": ["fri"]}, stay(), 0),
        ({"travel_weekdays": ["thu"]}, stay(first=None), 0),
        ({"lead_days": {"min": 1, "max": 1}}, stay(), 7),
        ({"lead_days": {"min": 2}}, stay(), 0),
        ({"lead_days": {"max": 0}}, stay(), 0),
        ({"lead_days": {"max": 90}}, stay(first=None), 0),
        ({"nights": {"min": 3, "max": 3}}, stay(), 7),
        ({"nights": {"min": 4}}, stay(), 0),
        ({"nights": {"max": 9}}, stay(first=None), 0),
        ({"min_amount": 100, "max_amount": 100}, stay(), 7),
        ({"max_amount": "99.99"}, stay(), 0),
        ({"min_amount": "100.01"}, stay(), 0),
        ({"weekdays": ["wed"]}, stay(), 7),
        ({"weekdays": ["thu"]}, stay(), 0),
        ({"attributes": {"rooms": 2}}, stay(rooms=2), 7),
        ({"attributes": {"rooms": 2}}, stay(rooms=3), 0),
        ({"attributes": {"rooms": {"min": 2}}}, stay(rooms=2), 7),
        ({"attributes": {"rooms": {"min": 2, "max": 4}}}, stay(rooms=5), 0),
        ({"attributes": {"rooms": {"max": 4}}}, stay(), 0),
        ({"attributes": {"business": False}}, stay(), 0),
        ({"attributes": {"business": False}}, stay(business=False), 7),
    ],
)
def test_a_rule_applies_where_all_that_it_asks_for_is_so(
    when: dict[str, Any], line: Line, points: int
) -> None:
    assert judged(paying(when), line).points == points


@pytest.mark.parametrize(("days", "points"), [(29, 0), (30, 7), (60, 7), (61, 0), (None, 0)])
def test_a_member_has_joined_so_many_days_ago(days: int | None, points: int) -> None:
    policy = paying({"member": {"joined_days": {"min": 30, "max": 60}}})
    assert judged(policy, stay(), joined_days=days).points == points


@pytest.mark.parametrize(("days", "points"), [(-1, 0), (0, 7), (30, 7), (31, 0)])
def test_what_was_before_joining_is_no_day_since(days: int, points: int) -> None:
    policy = paying({"member": {"joined_days": {"max": 30}}})
    assert judged(policy, stay(), joined_days=days).points == points


@pytest.mark.parametrize(
    ("day", "points"),
    [("2026-09-29", 0), ("2026-09-30", 7), ("2026-10-02", 7), ("2026-10-03", 0)],
)
def test_a_rule_is_valid_on_local_days_both_included(day: str, points: int) -> None:
    policy = paying({}, valid={"from": "2026-09-30", "through": "2026-10-02"})
    assert judged(policy, stay(), day=date.fromisoformat(day)).points == points


@pytest.mark.parametrize(
    ("valid", "first", "last"),
    [({"from": "2026-09-30"}, 0, 7), ({"through": "2026-09-30"}, 7, 0)],
)
def test_either_end_of_its_days_may_be_open(valid: dict[str, str], first: int, last: int) -> None:
    policy = paying({}, valid=valid)
    assert judged(policy, stay(), day=date(2026, 9, 29)).points == first
    assert judged(policy, stay(), day=date(2026, 10, 1)).points == last


def test_a_line_that_is_too_dear_misses_nothing_narrowly() -> None:
    """What is missing to a threshold is told; what is above one is not."""
    found = judged(paying({"max_amount": 50}), stay())
    assert [reason.code for reason in found.explanation] == ["nothing_earned"]


@pytest.mark.parametrize(
    ("when", "path", "code"),
    [
        ({"travel_seasons": ["dusk"]}, "travel_seasons.0", "undefined"),
        ({"travel_weekdays": ["someday"]}, "travel_weekdays.0", "choice"),
        ({"lead_days": {}}, "lead_days", "range_empty"),
        ({"nights": {"min": 3, "max": 2}}, "nights.min", "backwards"),
        ({"nights": {"min": "3"}}, "nights.min", "whole"),
        ({"min_amount": 10, "max_amount": 9}, "min_amount", "backwards"),
        ({"attributes": {"rooms": True}}, "attributes.rooms", "value_type"),
        ({"attributes": {"city": {"min": 1}}}, "attributes.city", "value_type"),
        ({"attributes": {"rooms": 1.5}}, "attributes.rooms", "attribute_value"),
    ],
)
def test_what_cannot_be_asked_for(when: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        paying(when)
    [fault] = refused.value.faults
    assert fault.path == f"earning.0.when.{path}"
    assert fault.code == code


def sent(
    amount: str = "100", *, travel_from: date | None = None, travel_to: date | None = None
) -> LineSent:
    return LineSent("hotel", Decimal(amount), travel_from, travel_to)


async def test_nights_and_days_ahead_are_those_of_the_programme(database: Database) -> None:
    """Booked on 30 September at 23:50 in Shanghai for 1 to 4 October: 3 nights, one day ahead."""
    nights = make.rule("bonus", "nights", points=300, when={"nights": {"min": 3, "max": 3}})
    ahead = make.rule("bonus", "ahead", points=10, when={"lead_days": {"min": 1, "max": 1}})
    programme = await make.establish(make.variant(nights, ahead))
    now = datetime(2026, 9, 30, 15, 50, tzinfo=UTC)
    member_id = await make.enrol(programme, now=now - timedelta(days=1))
    dated = sent(travel_from=FIRST, travel_to=LAST)
    made = await travel.pay(programme, member_id, "B1", dated, now=now)
    assert made.figures["points_awarded"] == 310
    undated = await travel.pay(programme, member_id, "B2", sent(), now=now)
    assert undated.figures["points_awarded"] == 0

    # moved by a day it is two days ahead, and a refund judges what is left by the new dates
    day = timedelta(days=1)
    moved = sent(travel_from=FIRST + day, travel_to=LAST + day)
    await travel.amend(programme, "B1", "A", moved, now=now)
    assert await make.available(member_id) == 300
    await travel.refund(programme, "B1", "R1", (1, "40"), now=now)
    assert await make.available(member_id) == 300
    await travel.refund(programme, "B1", "R2", now=now)
    assert await make.available(member_id) == 0
    assert await make.faults(member_id) == []


async def test_what_was_known_when_booked_decides_a_refund(database: Database) -> None:
    """A newcomer's bonus is judged by how long ago the member had joined at the booking."""
    newcomer = {"member": {"joined_days": {"max": 30}}, "min_amount": 50}
    bonus = make.rule("bonus", "newcomer", points=500, when=newcomer)
    programme = await make.establish(make.variant(bonus))
    member_id = await make.enrol(programme)
    booked = make.NOW + timedelta(days=30)
    made = await travel.pay(programme, member_id, "B", sent("100"), now=booked)
    assert made.figures["points_awarded"] == 500
    later = make.NOW + timedelta(days=60)
    await travel.refund(programme, "B", "R1", (1, "50"), now=later)
    assert await make.available(member_id) == 500
    await travel.refund(programme, "B", "R2", (1, "0.01"), now=later)
    assert await make.available(member_id) == 0
    late = await travel.pay(programme, member_id, "C", sent("100"), now=later)
    assert late.figures["points_awarded"] == 0
    assert await make.faults(member_id) == []


async def test_a_number_is_a_whole_number(database: Database) -> None:
    document = make.shipped_document(attributes={"rooms": "number"}, earning=[])
    programme = await make.establish(document)
    member_id = await make.enrol(programme)
    for value in ("2", True, 1.5):
        facts = {"reason": "attribute_type", "value": "rooms", "allowed": ("number",)}
        path = ("lines", "0", "attributes", "rooms")
        async with make.refused(programme, InvalidInput, *path, **facts):
            await travel.pay(programme, member_id, "B", make.line_of("hotel", "1", rooms=value))
    await travel.pay(programme, member_id, "B", make.line_of("hotel", "1", rooms=2))
