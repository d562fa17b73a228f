"""Data of each type of event: one model per type, in the modules `events_of_…`.

A type only gains optional fields; any other change needs a new type, as receivers were written for
the old one. Data are ids, codes, days, numbers and money only: never a name, an address, a note or
a coupon's code.
"""

from collections.abc import Mapping
from typing import Any

from domain.kernel import (
    events_of_bookings,
    events_of_members,
    events_of_programmes,
    events_of_rewards,
)
from domain.kernel.event_models import TYPES, EventData, Of

__all__ = ["MODULES", "TYPES", "EventData", "Of", "checked"]

MODULES = (events_of_members, events_of_bookings, events_of_rewards, events_of_programmes)
"""Modules whose import registers the models."""


def checked(type_name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The stored form of an event with these data; absent fields are left out.

    Raises: ValidationError where the data do not fit the type.
    """
    found = TYPES[type_name].model_validate(said).model_dump(mode="json", exclude_none=True)
    return {name.rstrip("_"): value for name, value in found.items()}
