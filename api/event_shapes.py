"""Events as receivers see them, and the JSON Schema of that form."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api.kit.relay import to_global_id
from domain.delivery.events import NumberedEvent
from domain.kernel.event_types import TYPES, Of

SCHEMA = "https://json-schema.org/draft/2020-12/schema"

_OF_ENVELOPE: Mapping[str, Any] = {
    "id": {
        "type": "string",
        "description": "Global id of the event, the same each time it is sent or read.",
    },
    "type": {"type": "string"},
    "programme": {"type": "string", "description": "Code of the programme."},
    "occurredAt": {
        "type": "string",
        "format": "date-time",
        "description": "Instant of the change by the programme's clock.",
    },
    "sequence": {
        "type": ["integer", "null"],
        "description": "Number of the member's last ledger entry after the change.",
    },
    "member": {
        "type": ["object", "null"],
        "description": "The member that the event is about; null when there is none.",
        "properties": {
            "id": {"type": "string", "description": "Global id: Member."},
            "reference": {
                "type": ["string", "null"],
                "description": "Reference under which the member was enrolled; null once erased.",
            },
        },
        "required": ["id", "reference"],
    },
}


def id_of(event: NumberedEvent) -> str:
    """Global id of the event."""
    return to_global_id("Event", event.id, member_id=event.member_id)


def member_of(event: NumberedEvent, references: Mapping[UUID, str]) -> dict[str, str | None] | None:
    """The member that the event is about, with its reference unless it is erased."""
    if event.of_no_member:
        return None
    reference = references.get(event.member_id)
    return {"id": to_global_id("Member", event.member_id), "reference": reference}


def data_of(event: NumberedEvent) -> dict[str, Any]:
    """The event's data: every field of its type, null for those that it does not have."""
    kind, shown = TYPES[event.topic], dict[str, Any]()
    whose = None if event.of_no_member else event.member_id
    for name, field in kind.model_fields.items():
        value = event.payload.get(name.rstrip("_"))
        marks = [mark for mark in field.metadata if isinstance(mark, Of)]
        if marks and value is not None:
            value = to_global_id(marks[0].type_name, UUID(value), member_id=whose)
        shown[field.alias or name] = value
    return shown


def envelope(
    event: NumberedEvent, programme: str, references: Mapping[UUID, str]
) -> dict[str, Any]:
    """The whole event as it is sent: `programme` is the code, `references` are the members'."""
    return {
        "id": id_of(event),
        "type": event.topic,
        "programme": programme,
        "occurredAt": instant(event.recorded_at),
        "sequence": event.sequence,
        "member": member_of(event, references),
        "data": data_of(event),
    }


def instant(at: datetime) -> str:
    """An instant as this API writes it: `2026-11-27T04:00:00+00:00`."""
    return at.astimezone(UTC).isoformat()


def schema_of(type_name: str) -> dict[str, Any]:
    """The JSON Schema of the data of events of a type.

    Further fields are allowed: a type may gain some.
    """
    made = TYPES[type_name].model_json_schema(by_alias=True, mode="serialization")
    plain: dict[str, Any] = _plain(
        {**made, "title": type_name, "description": " ".join(made["description"].split())}
    )
    return plain


def schemas() -> dict[str, Any]:
    """The JSON Schema of any event, by its type."""
    data = {name: _inlined(schema_of(name)) for name in sorted(TYPES)}
    return {
        "$schema": SCHEMA,
        "title": "An event of Milepost",
        "type": "object",
        "properties": dict(_OF_ENVELOPE),
        "required": [*_OF_ENVELOPE, "data"],
        "oneOf": [
            {"properties": {"type": {"const": name}, "data": {"$ref": f"#/$defs/{name}"}}}
            for name in data
        ],
        "$defs": data,
    }


def _plain(node: Any) -> Any:
    """The schema without keys that do not help a reader: titles made from names, and the ban of
    further fields.
    """
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key != "additionalProperties"}
    if kept.get("default", ...) is None:
        del kept["default"]
    return {
        key: {name: _untitled(_plain(of)) for name, of in value.items()}
        if key in ("properties", "$defs")
        else _plain(value)
        for key, value in kept.items()
    }


def _untitled(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "title"}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its references replaced by their definitions."""
    named = schema.pop("$defs", {})

    def put(node: Any) -> Any:
        if isinstance(node, list):
            return [put(one) for one in node]
        if not isinstance(node, dict):
            return node
        if (reference := node.get("$ref")) is not None:
            return put(named[reference.rpartition("/")[2]])
        return {key: put(value) for key, value in node.items()}

    put_in: dict[str, Any] = put(schema)
    return put_in


def breaks(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Changes that a receiver with the schema `before` would not understand."""
    for name, old in before["$defs"].items():
        new = now["$defs"].get(name)
        if new is None:
            yield f"{name}: the type is gone"
            continue
        if sorted(old.get("required", ())) != sorted(new.get("required", ())):
            yield f"{name}: other fields are always there"
        for field, said in old["properties"].items():
            if field not in new["properties"]:
                yield f"{name}: the field {field} is gone"
            elif _bare(said) != _bare(new["properties"][field]):
                yield f"{name}: the field {field} says something else"
    of_all = ("properties", "required", "type")
    if any(_bare(before[part]) != _bare(now[part]) for part in of_all):
        yield "what every event says is otherwise"


def _bare(node: Any) -> Any:
    """Without descriptions."""
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key != "description"}
    return [_bare(one) for one in node] if isinstance(node, list) else node
