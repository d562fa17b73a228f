"""Changes from one policy to another, a sentence for each change."""

from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from api.wording.catalogues import sentence
from api.wording.policy_words import Field, Reader, key_text, label, value_text
from domain.programmes.changes import Change, Step, changes
from domain.programmes.nodes import Node
from domain.programmes.policy import Policy

PLACES = " \u2013 "
"""Between the parts of a place in a sentence."""


def change_text(change: Change, before: Policy, after: Policy, language: str) -> str:
    """The change in a sentence: its place, and the values before and after it."""
    older, newer = Reader(before, language), Reader(after, language)
    field = _field(change)
    facts = {"place": PLACES.join(_labels(change.at, newer))}
    for name, reader, value in (("before", older, change.before), ("after", newer, change.after)):
        if value is not None:
            facts[name] = _shown(reader, field, value, change)
    kind = "removed" if change.after is None else "added" if change.before is None else "changed"
    return sentence(f"change.{'moved' if change.moved else kind}", language, **facts)


def all_changes(before: Policy, after: Policy, language: str) -> list[str]:
    """Every change from one document to another, in sentences."""
    return [change_text(one, before, after, language) for one in changes(before, after)]


def written(value: Any) -> str | None:
    """A value as the document writes it, or as JSON where it has parts; None for none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return orjson.dumps(value, default=_dumped).decode()


def _dumped(value: object) -> object:
    if isinstance(value, Node):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _field(change: Change) -> Field:
    """The innermost field that the value is of."""
    for place in range(len(change.at) - 1, -1, -1):
        step = change.at[place]
        if step.of is not None:
            below = change.at[place + 1 :]
            keyed = [one.key for one in below if one.thing is None and not one.key.isdigit()]
            within = change.at[place - 1].thing if place else None
            return Field(step.of, ".".join([step.key, *keyed]), within)
    raise ValueError(f"{change.path} is no field of a document")


def _labels(at: tuple[Step, ...], reader: Reader) -> list[str]:
    said: list[str] = []
    within: Field | None = None
    for step in at:
        if step.of is not None:
            within = Field(step.of, step.key)
            said.append(label(within, reader.language))
        elif step.thing is not None:
            name = getattr(step.thing, "name", None)
            said.append(name.in_locale(reader.language) if name else step.key)
        elif step.key.isdigit():
            said.append(str(int(step.key) + 1))
        else:
            said.append(key_text(reader, within, step.key) if within else step.key)
    return said


def _shown(reader: Reader, field: Field, value: Any, change: Change) -> str:
    if not change.moved:
        return value_text(reader, field, value)
    return ", ".join(value)
