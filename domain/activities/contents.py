"""What an activity says that stays: the attributes that its rule declares, and no others."""

from collections.abc import Mapping
from typing import Any

from domain.programmes.rules import ActivityRule, FromAttribute


def declared(rule: ActivityRule) -> set[str]:
    """The attributes that the policy asks for. All others may be personal."""
    paid_by = {rule.points.attribute} if isinstance(rule.points, FromAttribute) else set()
    return {*rule.attributes, *paid_by}


def of(rule: ActivityRule | None, attributes: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What a report is compared by of its attributes."""
    known = declared(rule) if rule else set()
    return attributes and {name: value for name, value in attributes.items() if name in known}
