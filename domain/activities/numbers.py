"""The number by which an activity's points are computed, from its reported attributes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.kernel import money
from domain.kernel.inputs import to_number
from domain.kernel.refusals import InvalidInput
from domain.programmes.policy import Policy
from domain.programmes.rules import ActivityRule, FromAttribute


def check(policy: Policy, rule: ActivityRule, attributes: Mapping[str, Any]) -> dict[str, Decimal]:
    """The attribute by which the rule computes points, exact. Raises: InvalidInput."""
    if not isinstance(rule.points, FromAttribute):
        return {}
    name, path = rule.points.attribute, ("attributes", rule.points.attribute)
    if attributes.get(name) is None:
        raise InvalidInput("attribute_missing", name, ("decimal",), path=path)
    number = to_number(attributes[name], path, name)
    if rule.points.unit == "money":
        money.to_minor_units(number, policy.currency, path=path)
    return {name: number}
