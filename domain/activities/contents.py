"""The stored content of an activity: the attributes that its rule declares, and no others."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.kernel import canonical
from domain.programmes.rules import ActivityRule, FromAttribute


@dataclass(frozen=True, slots=True)
class ActivitySent:
    """An activity as reported, defaults not filled in."""

    type: str
    reference: str
    occurred_at: datetime | None = None
    attributes: Mapping[str, Any] | None = None

    def canonical(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "reference": self.reference,
            "occurred_at": self.occurred_at,
            "attributes": self.attributes,
        }


def declared(rule: ActivityRule) -> set[str]:
    """The attributes that the policy declares. All others may be personal."""
    paid_by = {rule.points.attribute} if isinstance(rule.points, FromAttribute) else set()
    return {*rule.attributes, *paid_by}


def of(rule: ActivityRule | None, attributes: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The attributes by which repeated reports are compared."""
    known = declared(rule) if rule else set()
    return attributes and {name: value for name, value in attributes.items() if name in known}


def digest(rule: ActivityRule | None, sent: ActivitySent) -> bytes:
    """Digest by which repeated reports are compared: everything except undeclared attributes."""
    return canonical.sha256(replace(sent, attributes=of(rule, sent.attributes)))
