"""All nodes and fields of a policy document, found in its model, so that tests miss none."""

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

from api.wording.policy_words import Field, absence_id, choice_id, choices, label_id, phrase_id
from domain.programmes.nodes import Node
from domain.programmes.policy import Policy


def kinds(root: type[Node] = Policy) -> list[type[Node]]:
    """Every kind of node that a document may have, the document first."""
    found, waiting = [], [root]
    while waiting:
        kind = waiting.pop(0)
        if kind in found:
            continue
        found.append(kind)
        for hint in get_type_hints(kind, include_extras=True).values():
            waiting += [
                part for part in _parts(hint) if isinstance(part, type) and issubclass(part, Node)
            ]
    return found


def fields() -> Iterator[Field]:
    """Every field of every kind of node, by its key in a document."""
    for kind in kinds():
        for name, info in kind.model_fields.items():
            yield Field(kind, info.alias or name)


def message_ids() -> set[str]:
    """The ids of all texts that are needed: of each field and word, and of what explains it.

    Raises: KeyError for a field or word that has none.
    """
    found = set()
    for field in fields():
        words = choices(field) | choices(field, of_keys=True)
        found |= {label_id(field), *(choice_id(field, word) for word in words)}
        found |= {one for one in (absence_id(field), phrase_id(field.of)) if one is not None}
    return found


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for one in get_args(hint):
        yield from _parts(one)
