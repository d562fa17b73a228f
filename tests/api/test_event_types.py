"""Types of events: what each says, as published, and that they only gain what may be absent."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from api import event_shapes
from domain.kernel import event_types
from domain.kernel.event_types import TYPES
from domain.kernel.outbox import Topic
from ops.commands import event_schema

COMMITTED = json.loads(event_schema.FILE.read_text(encoding="utf-8"))
PERSONAL = {"name", "email", "phone", "address", "note", "code", "birthday", "profile"}


def test_every_topic_has_a_model_and_every_model_a_topic() -> None:
    assert set(TYPES) == set(Topic)


def test_the_committed_schema_is_the_codes() -> None:
    assert event_shapes.schemas() == COMMITTED
    assert list(event_shapes.breaks(COMMITTED, event_shapes.schemas())) == []


def test_no_event_names_anything_personal() -> None:
    named = {(kind.type, field) for kind in TYPES.values() for field in kind.model_fields}
    # an announcement's code is in its address, and no coupon's
    assert {one for one in named if one[1] in PERSONAL} == {("announcement.sent", "code")}


def test_an_event_says_no_more_and_no_less_than_its_type() -> None:
    said = {"points": 5, "on": "2026-11-27"}
    assert event_types.checked("points.expired", said) == said
    for wrong in ({"points": 5}, {**said, "name": "Li"}, {**said, "points": -1}):
        with pytest.raises(ValidationError):
            event_types.checked("points.expired", wrong)


def _without_a_type(schema: dict[str, Any]) -> None:
    del schema["$defs"]["tier.changed"]


def _without_a_field(schema: dict[str, Any]) -> None:
    del schema["$defs"]["points.earned"]["properties"]["bookingId"]


def _of_another_kind(schema: dict[str, Any]) -> None:
    schema["$defs"]["points.earned"]["properties"]["points"] = {"type": "string"}


def _asking_for_more(schema: dict[str, Any]) -> None:
    kind = schema["$defs"]["points.earned"]
    kind["properties"]["lot"] = {"type": "string"}
    kind["required"].append("lot")


def _promising_less(schema: dict[str, Any]) -> None:
    schema["$defs"]["points.earned"]["required"].remove("pending")


def _of_another_envelope(schema: dict[str, Any]) -> None:
    schema["properties"]["sequence"] = {"type": "string"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without_a_type, "tier.changed: the type is gone"),
        (_without_a_field, "points.earned: the field bookingId is gone"),
        (_of_another_kind, "points.earned: the field points says something else"),
        (_asking_for_more, "points.earned: other fields are always there"),
        (_promising_less, "points.earned: other fields are always there"),
        (_of_another_envelope, "what every event says is otherwise"),
    ],
)
def test_what_would_break_those_who_follow_is_named(
    change: Callable[[dict[str, Any]], None], told: str
) -> None:
    changed = copy.deepcopy(COMMITTED)
    change(changed)
    assert list(event_shapes.breaks(COMMITTED, changed)) == [told]


def test_more_that_may_be_absent_breaks_nobody() -> None:
    changed = copy.deepcopy(COMMITTED)
    kind = changed["$defs"]["points.earned"]
    kind["properties"]["lot"] = {"type": "string"}
    kind["description"] = "Said otherwise."
    changed["$defs"]["points.earned.v2"] = kind
    assert list(event_shapes.breaks(COMMITTED, changed)) == []
