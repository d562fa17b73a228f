"""Offers are judged in memory: their order, how many, and what leaves nothing to gain."""

from datetime import date
from typing import Any

import pytest

from domain.earning.values import Allowance, MemberFacts
from domain.offers import values
from domain.programmes import reader
from domain.programmes.policy import Policy
from tests.support import factories as make

TODAY = date(2026, 3, 15)


def policy(*offered: tuple[str, str | None]) -> Policy:
    """With an offer of each code through its last day, if it has one."""
    rules = [
        make.rule("bonus", code, points=10, offer=True, valid={"through": last} if last else {})
        for code, last in offered
    ]
    return reader.validate(make.variant(make.rule("rate", "base", points=1), *rules))


def codes(found: Policy, **left: Allowance) -> list[str]:
    return [one.rule.code for one in values.shown(found, MemberFacts("silver"), left, TODAY)]


def test_what_ends_first_comes_first_and_else_what_stands_first() -> None:
    found = policy(
        ("late", "2026-12-31"),
        ("open", None),
        ("today", "2026-03-15"),
        ("over", "2026-03-14"),
        ("also_open", None),
        ("also_late", "2026-12-31"),
    )
    assert codes(found) == ["today", "late", "also_late", "open", "also_open"]


def test_at_most_so_many_are_shown() -> None:
    many = [(f"offer_{number}", None) for number in range(values.OFFERS_MAX)]
    assert len(codes(policy(*many, ("soon", "2026-04-01")))) == values.OFFERS_MAX
    assert codes(policy(*many, ("soon", "2026-04-01")))[0] == "soon"


@pytest.mark.parametrize(
    ("left", "most"),
    [
        (Allowance(), 10),
        (Allowance(times=1), 10),
        (Allowance(points=4), 4),
        (Allowance(points=40), 10),
        (Allowance(points=7, budget=3), 3),
        (Allowance(times=0), None),
        (Allowance(points=0), None),
        (Allowance(budget=0), None),
    ],
)
def test_no_more_is_promised_than_is_left(left: Allowance, most: int | None) -> None:
    found: list[Any] = values.shown(
        policy(("bonus", None)), MemberFacts("silver"), {"bonus": left}, TODAY
    )
    assert [one.most_points for one in found] == ([] if most is None else [most])
