"""Evaluate booking lines by a policy, and read the awards and reasons."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domain.earning import earning
from domain.earning.values import Allowance, Evaluation, Line, MemberFacts, Reason
from domain.programmes import reader
from domain.programmes.policy import Policy
from tests.support import factories as make

DAY = date(2026, 3, 15)


def lines_of(*lines: tuple[str, str] | tuple[str, str, Mapping[str, Any]]) -> list[Line]:
    """Lines from `("flight", "1500")`, optionally with attributes as a third value."""
    return [
        Line(number, line[0], int(Decimal(line[1]) * 100), line[2] if len(line) > 2 else {})
        for number, line in enumerate(lines, 1)
    ]


def earned(
    by: Policy,
    *lines: tuple[str, str] | tuple[str, str, Mapping[str, Any]],
    tier: str = "silver",
    birthday: bool = False,
    profile: Mapping[str, Any] | None = None,
    payment_method: str | None = None,
    day: date = DAY,
    allowances: Mapping[str, Allowance] | None = None,
) -> Evaluation:
    found = earning.evaluate(
        by,
        lines_of(*lines),
        MemberFacts(tier, birthday, profile or {}),
        day=day,
        payment_method=payment_method,
        allowances=allowances,
    )
    assert sum(award.points for award in found.awards) == found.points
    assert sum(found.line_points.values()) == found.points
    return found


def awards(found: Evaluation) -> dict[str, int]:
    assert len({award.rule for award in found.awards}) == len(found.awards)
    return {award.rule: award.points for award in found.awards}


def reason(found: Evaluation, code: str) -> Reason:
    (only,) = [one for one in found.explanation if one.code == code]
    return only


def variant(*rules: dict[str, Any], **changes: Any) -> Policy:
    return reader.validate(make.variant(*rules, **changes))


BASE = make.rule("rate", "base", points=1)
