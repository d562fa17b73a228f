"""What an event of each type says: one model a type, in the modules `events_of_…`.

A type only gains fields that may be absent, or else there is another type beside it: those who
follow events were written for what there was. Ids, codes, days, numbers and money only: never a
name, an address, a note or a coupon's code.
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
"""Whose import makes the models known."""


def checked(type_name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of an event that says this; what is absent is left out.

    Raises: ValidationError where that is not what events of the type say.
    """
    found = TYPES[type_name].model_validate(said).model_dump(mode="json", exclude_none=True)
    return {name.rstrip("_"): value for name, value in found.items()}
